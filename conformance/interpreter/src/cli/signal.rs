//! Ctrl-C: the signal's handler, and the end of a program that Ctrl-C has ended.

use crate::vm::interrupt::note_interrupt;
use kit_core::thread::Ctx;
use kit_core::thread::core::ThreadCore;
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering::*};

/// The thread that is interrupted: the main thread, as long as it runs.
static MAIN: AtomicPtr<ThreadCore> = AtomicPtr::new(std::ptr::null_mut());

/// The native thread it runs on, whose system calls are to be interrupted.
static NATIVE: AtomicU64 = AtomicU64::new(0);

/// A signal for the process arrives at any of its threads. Others only pass it on: were it noted here and
/// again where it is passed to, a program that has handled one interrupt would see a second.
extern "C" fn handle(_: libc::c_int) {
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
            libc::pthread_kill(native, libc::SIGINT);
            return;
        }
    }
    // SAFETY: `uninstall` comes before the record goes. Noting stores to atomics only, which a signal
    // handler may do.
    note_interrupt(unsafe { &*main });
}

fn set_action(action: libc::sighandler_t) {
    // SAFETY: an empty set of flags is a valid `sigaction`: system calls are interrupted. The handler
    // does only what handlers may do.
    unsafe {
        let mut new: libc::sigaction = std::mem::zeroed();
        new.sa_sigaction = action;
        libc::sigemptyset(&mut new.sa_mask);
        libc::sigaction(libc::SIGINT, &new, std::ptr::null_mut());
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
