//! Signals: their handler in the process, and the end of a program that Ctrl-C has ended. What the program does about them
//! is in [`crate::module::signal`].

use crate::vm::interrupt::{is_noted, note_signal};
use kit_core::thread::Ctx;
use kit_core::thread::core::ThreadCore;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::sync::atomic::{AtomicI32, AtomicPtr, AtomicU64, Ordering::*};

/// The thread that is interrupted: the main thread, as long as it runs.
static MAIN: AtomicPtr<ThreadCore> = AtomicPtr::new(std::ptr::null_mut());

/// The native thread it runs on, whose system calls are to be interrupted.
static NATIVE: AtomicU64 = AtomicU64::new(0);

/// The descriptor that is written to when a signal arrives; −1 for none.
static WAKE: AtomicI32 = AtomicI32::new(-1);

/// Changes the descriptor that is written to when a signal arrives; the one before.
pub fn set_wake(fd: i32) -> i32 {
    WAKE.swap(fd, AcqRel)
}

/// A signal for the process arrives at any of its threads. Others only pass it on: were it noted here and
/// again where it is passed to, a program that has handled one interrupt would see a second.
extern "C" fn handle(number: libc::c_int) {
    // Acquire, paired with `install`.
    let main = MAIN.load(Acquire);
    if main.is_null() {
        return;
    }
    // SAFETY: asks who runs, and sends a signal to a thread that has not ended; both may be done in a
    // handler.
    unsafe {
        let native = NATIVE.load(Acquire) as libc::pthread_t;
        if libc::pthread_equal(native, libc::pthread_self()) == 0 {
            libc::pthread_kill(native, number);
            return;
        }
        let wake = WAKE.load(Acquire);
        if wake >= 0 {
            // The number of the signal; what does not fit is lost, as the reader is awake then.
            let error = *libc::__errno_location();
            libc::write(wake, (&raw const number).cast(), 1);
            *libc::__errno_location() = error;
        }
    }
    // SAFETY: `uninstall` comes before the record goes. Noting stores to atomics only, which a signal
    // handler may do.
    note_signal(unsafe { &*main }, number);
}

fn set_action(action: libc::sighandler_t) {
    // SIGINT can be handled.
    let _ = set_action_of(libc::SIGINT, action, 0);
}

fn set_action_of(number: i32, action: libc::sighandler_t, flags: i32) -> io::Result<()> {
    // SAFETY: an empty set of flags is a valid `sigaction`: system calls are interrupted. The handler
    // does only what handlers may do.
    unsafe {
        let mut new: libc::sigaction = std::mem::zeroed();
        new.sa_sigaction = action;
        new.sa_flags = flags;
        libc::sigemptyset(&mut new.sa_mask);
        if libc::sigaction(number, &new, std::ptr::null_mut()) != 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}

/// What happens when a signal arrives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Response {
    /// What the system does.
    Default,
    /// Nothing.
    Ignored,
    /// It is noted, and the program's handler runs at a safepoint of the main thread.
    Noted,
    /// Something that others have installed.
    Foreign,
}

/// Says what is to happen when a signal arrives.
///
/// # Errors
/// There is no such signal, or it cannot be handled.
pub fn respond(number: i32, response: Response) -> io::Result<()> {
    let action = match response {
        Response::Default => libc::SIG_DFL,
        Response::Ignored => libc::SIG_IGN,
        Response::Noted => handle as *const () as libc::sighandler_t,
        Response::Foreign => return Ok(()),
    };
    set_action_of(number, action, 0)
}

/// Says whether system calls go on after a signal instead of being interrupted.
///
/// # Errors
/// There is no such signal.
pub fn restarts(number: i32, on: bool) -> io::Result<()> {
    let now = action_of(number)?;
    let flags = if on { libc::SA_RESTART } else { 0 };
    set_action_of(number, now.sa_sigaction, flags)
}

/// What happens now when a signal arrives.
///
/// # Errors
/// There is no such signal.
pub fn response(number: i32) -> io::Result<Response> {
    let action = action_of(number)?.sa_sigaction;
    Ok(if action == libc::SIG_DFL {
        Response::Default
    } else if action == libc::SIG_IGN {
        Response::Ignored
    } else if action == handle as *const () as libc::sighandler_t {
        Response::Noted
    } else {
        Response::Foreign
    })
}

fn action_of(number: i32) -> io::Result<libc::sigaction> {
    // SAFETY: only asks for the present action, which it writes.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        if libc::sigaction(number, std::ptr::null(), &mut action) != 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(action)
    }
}

/// On the main thread: waits until a signal arrives, unless one has.
pub fn pause() {
    // SAFETY: as in `await_input`.
    unsafe {
        let mut blocked: libc::sigset_t = std::mem::zeroed();
        let mut before: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&mut blocked);
        libc::pthread_sigmask(libc::SIG_BLOCK, &blocked, &mut before);
        if !is_noted() {
            libc::sigsuspend(&before);
        }
        libc::pthread_sigmask(libc::SIG_SETMASK, &before, std::ptr::null_mut());
    }
}

/// What Ctrl-C does at some moment.
pub struct Action(libc::sigaction);

impl Action {
    /// What it does now.
    pub fn current() -> Action {
        // SAFETY: only asks for the present action, which it writes.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            libc::sigaction(libc::SIGINT, std::ptr::null(), &mut action);
            Action(action)
        }
    }

    /// Makes it do that again.
    pub fn restore(&self) {
        // SAFETY: the action was in force before.
        unsafe { libc::sigaction(libc::SIGINT, &self.0, std::ptr::null_mut()) };
    }
}

/// Makes Ctrl-C interrupt this thread, unless the program was started to ignore it.
pub fn install(ctx: &Ctx) {
    let core: *const ThreadCore = &ctx.thread().core;
    // SAFETY: asks who runs.
    NATIVE.store(unsafe { libc::pthread_self() } as u64, Release);
    // Release: the record is complete.
    MAIN.store(core.cast_mut(), Release);
    if Action::current().0.sa_sigaction != libc::SIG_IGN {
        set_action(handle as *const () as libc::sighandler_t);
    }
    // Who writes more to a file than a limit allows gets an error, and lives. Nothing is lost where it cannot be done.
    let _ = set_action_of(libc::SIGXFSZ, libc::SIG_IGN, 0);
}

/// In the child of a fork: this is the thread that Ctrl-C interrupts, if there was one.
pub fn move_here(ctx: &Ctx) {
    if MAIN.load(Relaxed).is_null() {
        return;
    }
    let core: *const ThreadCore = &ctx.thread().core;
    // SAFETY: asks who runs.
    NATIVE.store(unsafe { libc::pthread_self() } as u64, Release);
    // Release: as in `install`.
    MAIN.store(core.cast_mut(), Release);
}

/// Signals wait for as long as it is there.
pub struct Mask(libc::sigset_t);

impl Mask {
    /// Lets all signals to this thread wait.
    pub fn all() -> Mask {
        // SAFETY: signal sets are initialised before they are used.
        unsafe {
            let mut all: libc::sigset_t = std::mem::zeroed();
            let mut before: libc::sigset_t = std::mem::zeroed();
            libc::sigfillset(&mut all);
            libc::pthread_sigmask(libc::SIG_SETMASK, &all, &mut before);
            Mask(before)
        }
    }
}

impl Mask {
    /// The signals that wait otherwise.
    pub fn before(&self) -> *const libc::sigset_t {
        &self.0
    }
}

impl Drop for Mask {
    fn drop(&mut self) {
        // SAFETY: the thread's own, as it was.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &self.0, std::ptr::null_mut()) };
    }
}

/// On the thread that is interrupted: waits until a read from `file` need not wait, as [`io::ErrorKind::Interrupted`] if a
/// signal comes first. A plain read would miss one that arrives just before it.
pub fn await_input(file: BorrowedFd<'_>) -> io::Result<()> {
    // SAFETY: asks who runs.
    let here = unsafe { libc::pthread_self() } as u64;
    if MAIN.load(Acquire).is_null() || NATIVE.load(Acquire) != here {
        return Ok(());
    }
    // SAFETY: only asks.
    if unsafe { libc::fcntl(file.as_raw_fd(), libc::F_GETFL) } & libc::O_NONBLOCK != 0 {
        return Ok(());
    }
    let mut file = libc::pollfd {
        fd: file.as_raw_fd(),
        events: libc::POLLIN,
        revents: 0,
    };
    // SAFETY: signal sets are initialised before they are used, and the thread's own is put back. The signal is blocked
    // between the look for it and the wait, which unblocks it.
    unsafe {
        let mut blocked: libc::sigset_t = std::mem::zeroed();
        let mut before: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&mut blocked);
        libc::pthread_sigmask(libc::SIG_BLOCK, &blocked, &mut before);
        let result = if is_noted() {
            Err(io::ErrorKind::Interrupted.into())
        } else if libc::ppoll(&mut file, 1, std::ptr::null(), &before) < 0 {
            Err(io::Error::last_os_error())
        } else {
            Ok(())
        };
        libc::pthread_sigmask(libc::SIG_SETMASK, &before, std::ptr::null_mut());
        result
    }
}

/// Makes Ctrl-C end the process again.
pub fn uninstall() {
    set_action(libc::SIG_DFL);
    MAIN.store(std::ptr::null_mut(), Release);
}

/// Ends the process as Ctrl-C does, so that the shell knows; 130 where that is not possible.
pub fn end_by_interrupt() -> i32 {
    set_action(libc::SIG_DFL);
    // SAFETY: sends the calling process a signal.
    unsafe { libc::kill(libc::getpid(), libc::SIGINT) };
    130
}
