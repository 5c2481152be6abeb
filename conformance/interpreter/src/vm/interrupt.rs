//! What a thread does at a safepoint when its breaker word is set.

use super::monitor::instrument;
use super::thread::rt;
use crate::error::{PyResult, Raised};
use crate::module::gc::{stop_report, zeal};
use crate::object::exception::{self, class};
use kit_core::thread::{Ctx, breaker};
use std::sync::atomic::{AtomicBool, Ordering::*};

/// Ctrl-C was pressed. Process-wide, as signals are.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Notes a Ctrl-C. Called by a signal handler's thread.
pub fn note_interrupt(thread: &kit_core::thread::core::ThreadCore) {
    INTERRUPTED.store(true, Release);
    thread.breaker.raise(breaker::SIGNAL);
}

/// Whether a Ctrl-C waits to be raised.
pub fn is_noted() -> bool {
    INTERRUPTED.load(Acquire)
}

/// The handler of [`kit_core::backend::events::Events::interrupt`]: true when an exception is
/// stored that the running code must raise.
///
/// # Safety
/// - `ctx` is the running thread's, at a safepoint.
pub unsafe fn interrupt(ctx: &mut Ctx) -> bool {
    let runtime = rt(ctx);
    if ctx.thread().core.breaker.peek() & stop_report::BIT != 0 {
        stop_report::safepoint(ctx);
    }
    let requests = runtime.kit.interrupt(ctx);
    if requests & instrument::BIT != 0 {
        instrument::safepoint(ctx);
    }
    if requests & breaker::SIGNAL != 0 {
        ctx.thread().core.breaker.take(breaker::SIGNAL);
        if INTERRUPTED.swap(false, AcqRel) {
            let _ = exception::raise_args(ctx, class::KeyboardInterrupt, Vec::new());
            return true;
        }
    }
    if requests & breaker::GC != 0 {
        ctx.thread().core.breaker.take(breaker::GC);
        runtime.kit.collect_if_due(ctx);
        // What is outside of the heap grew before anyone was asked.
        if runtime.kit.heap().is_exceeded() {
            let _ = exception::raise_no_memory(ctx);
            return true;
        }
    }
    if requests & zeal::BIT != 0 {
        zeal::safepoint(ctx);
        if super::fuel::safepoint(ctx) {
            return true;
        }
    }
    false
}

/// Raises what a signal or another thread asks for, as a safepoint of running code does.
pub fn check(ctx: &mut Ctx) -> PyResult<()> {
    if ctx.poll() {
        return Err(Raised::stored());
    }
    Ok(())
}
