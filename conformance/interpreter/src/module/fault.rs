//! `_faulthandler`: what the process says when it crashes. The rest of `faulthandler` is Python, `python/faulthandler.py`.
//!
//! A signal that means a crash finds the thread anywhere. The handler takes the signal's handler out first, so that whatever
//! goes wrong in it ends the process; it allocates nothing, locks nothing, and reads the frames of its own thread as they are.

use crate::error::PyResult;
use crate::object::define::{ModuleDef, Native, method};
use crate::object::obj::Obj;
use crate::object::protocol;
use crate::vm::observe;
use kit_core::thread::Ctx;
use std::fmt::{self, Write as _};
use std::sync::atomic::{AtomicI32, Ordering::Relaxed};

/// Signals that mean a crash, and what they are called.
const FATAL: [(libc::c_int, &str); 5] = [
    (libc::SIGBUS, "Bus error"),
    (libc::SIGILL, "Illegal instruction"),
    (libc::SIGFPE, "Floating-point exception"),
    (libc::SIGABRT, "Aborted"),
    (libc::SIGSEGV, "Segmentation fault"),
];

/// How many frames are shown.
const DEEPEST: usize = 100;

/// Where to write.
static DESCRIPTOR: AtomicI32 = AtomicI32::new(2);

/// Writes at once, without a buffer.
struct Raw(libc::c_int);

impl fmt::Write for Raw {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // SAFETY: the text's bytes; who crashes does not care whether they arrive.
        unsafe { libc::write(self.0, text.as_ptr().cast(), text.len()) };
        Ok(())
    }
}

extern "C" fn crashed(number: libc::c_int) {
    // SAFETY: both may be called in a handler of signals.
    unsafe { libc::signal(number, libc::SIG_DFL) };
    let mut out = Raw(DESCRIPTOR.load(Relaxed));
    let name = FATAL.iter().find(|(fatal, _)| *fatal == number);
    let name = name.map_or("", |(_, name)| name);
    let _ = write!(
        out,
        "Fatal Python error: {name}\n\n<Cannot show all threads while the GIL is disabled>\n\
         Stack (most recent call first):\n"
    );
    // SAFETY: the frames of the thread that runs this, and which goes no further.
    unsafe {
        observe::for_each_of_this_thread(DEEPEST, |filename, line, name| {
            // What has made the crash on purpose is not worth a word.
            if filename != "<frozen faulthandler>" {
                let _ = writeln!(out, "  File \"{filename}\", line {line} in {name}");
            }
        });
    }
    let _ = out.write_str(
        "\nCurrent thread's C stack trace (most recent call first):\n  <cannot get C stack on this system>\n",
    );
    // SAFETY: as above.
    unsafe { libc::raise(number) };
}

fn set_all(handler: libc::sighandler_t) {
    for (number, _) in FATAL {
        // SAFETY: a zeroed action with a handler and flags is valid; `crashed` is a function of the right type.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = handler;
            action.sa_flags = libc::SA_NODEFER | libc::SA_ONSTACK;
            libc::sigaction(number, &raw const action, std::ptr::null_mut());
        }
    }
}

/// Says from now on where a thread is that crashes, on this descriptor.
pub fn install(descriptor: i32) {
    DESCRIPTOR.store(descriptor, Relaxed);
    set_all(crashed as *const () as libc::sighandler_t);
}

fn crash(ctx: &mut Ctx, number: &Obj) -> PyResult {
    let number = protocol::index_i64(ctx, number, None)?;
    // SAFETY: a signal for the calling thread.
    unsafe { libc::raise(number as libc::c_int) };
    Ok(Obj::NONE)
}

/// `_faulthandler`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_faulthandler",
    functions: &[
        method(
            "install",
            Native::F1(|ctx, descriptor| {
                let descriptor = protocol::index_i64(ctx, descriptor, None)?;
                install(descriptor as i32);
                Ok(Obj::NONE)
            }),
        ),
        method(
            "remove",
            Native::FN(0, 0, |_, _| {
                set_all(libc::SIG_DFL);
                Ok(Obj::NONE)
            }),
        ),
        method("crash", Native::F1(crash)),
    ],
    types: &[],
    populate: |_, _| Ok(()),
    doc: "",
};
