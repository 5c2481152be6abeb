//! The second thread: it is started when there is first something to do, and then waits for more.

use super::{PLATFORM, imp};
use core::ptr;
use kit_core::platform::thread::Platform;
use kit_core::sync::native::{AtomicPtr, AtomicUsize, Ordering::*};

/// What the thread is about.
static STATE: AtomicUsize = AtomicUsize::new(ABSENT);
/// What it is to do: a function, and what that gets.
static BODY: AtomicPtr<()> = AtomicPtr::new(ptr::null_mut());
static ARGUMENT: AtomicPtr<()> = AtomicPtr::new(ptr::null_mut());

const ABSENT: usize = 0;
const IDLE: usize = 1;
/// Somebody is telling it what to do.
const TAKEN: usize = 2;
const BUSY: usize = 3;

/// Has the second thread call `body` with `argument`. False: there is none, or it has something to do.
pub fn start(body: fn(*mut ()), argument: *mut ()) -> bool {
    let found = STATE.load(Relaxed);
    if found > IDLE
        || STATE
            .compare_exchange(found, TAKEN, Acquire, Relaxed)
            .is_err()
    {
        return false;
    }
    BODY.store(body as *mut (), Relaxed);
    ARGUMENT.store(argument, Relaxed);
    // Release, paired with `run`: what this thread has done.
    STATE.store(BUSY, Release);
    if found == ABSENT && !imp::begin_second() {
        STATE.store(ABSENT, Relaxed);
        return false;
    }
    true
}

/// What the second thread does.
#[cfg_attr(
    any(target_arch = "arm", target_arch = "aarch64"),
    expect(dead_code, reason = "there is none")
)]
pub(super) extern "C" fn run() -> ! {
    loop {
        // Acquire, from `start`.
        while STATE.load(Acquire) != BUSY {
            PLATFORM.yield_now();
        }
        // SAFETY: `start` has stored such a function.
        unsafe {
            core::mem::transmute::<*mut (), fn(*mut ())>(BODY.load(Relaxed))(ARGUMENT.load(Relaxed))
        };
        // Release, paired with the Acquire of the next `start`.
        STATE.store(IDLE, Release);
    }
}

/// Whether this is the second thread: it is on its own stack.
#[cfg(all(feature = "lisp", target_arch = "x86_64"))]
pub fn is_second() -> bool {
    let here: usize;
    // SAFETY: it only reads the stack's pointer.
    unsafe {
        core::arch::asm!("mov {}, rsp", out(reg) here, options(nomem, nostack, preserves_flags))
    };
    imp::second_stack().contains(&here)
}

/// Whether this is the second thread: there is none.
#[cfg(all(feature = "lisp", not(target_arch = "x86_64")))]
pub fn is_second() -> bool {
    false
}
