//! What a thread does at a safepoint when its breaker word is set.

use super::monitor::instrument;
use super::thread::rt;
use crate::error::PyResult;
#[cfg(feature = "std")]
use crate::module::{
    gc::{stop_report, zeal},
    signal,
};
use crate::object::exception;
use core::sync::atomic::{AtomicU64, Ordering::*};
use kit_core::thread::{Ctx, breaker};

/// The signals that have arrived and were not dealt with, a bit each. Process-wide, as signals are.
static ARRIVED: AtomicU64 = AtomicU64::new(0);

/// Notes a signal. Called by signal handlers.
pub fn note_signal(thread: &kit_core::thread::core::ThreadCore, number: i32) {
    // Release: whoever finds the bit sees what the handler has written.
    ARRIVED.fetch_or(1 << (number & 63), Release);
    thread.breaker.raise(breaker::SIGNAL);
}

/// Whether a signal waits to be dealt with.
pub fn is_noted() -> bool {
    ARRIVED.load(Acquire) != 0
}

/// Takes the signals that have arrived.
pub fn take_signals() -> u64 {
    ARRIVED.swap(0, AcqRel)
}

/// Puts signals back that were not dealt with.
pub fn put_back(ctx: &Ctx, signals: u64) {
    if signals != 0 {
        ARRIVED.fetch_or(signals, Release);
        ctx.thread().core.breaker.raise(breaker::SIGNAL);
    }
}

/// The handler of [`kit_core::backend::events::Events::interrupt`]: true when an exception is
/// stored that the running code must raise.
///
/// # Safety
/// - `ctx` is the running thread's, at a safepoint.
pub unsafe fn interrupt(ctx: &mut Ctx) -> bool {
    let runtime = rt(ctx);
    #[cfg(feature = "std")]
    if ctx.thread().core.breaker.peek() & stop_report::BIT != 0 {
        stop_report::safepoint(ctx);
    }
    let requests = runtime.kit.interrupt(ctx);
    if requests & instrument::BIT != 0 {
        instrument::safepoint(ctx);
    }
    if requests & breaker::SIGNAL != 0 && check(ctx).is_err() {
        return true;
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
    if requests & super::fuel::BIT != 0 {
        #[cfg(feature = "std")]
        zeal::safepoint(ctx);
        if super::fuel::safepoint(ctx) {
            return true;
        }
    }
    false
}

/// Runs the handlers of signals that have arrived, and nothing else that waits for a safepoint: who asks may be in the
/// midst of an operation on a stream, which a collection's finalizers may want to use.
pub fn check(ctx: &mut Ctx) -> PyResult<()> {
    if ctx.thread().core.breaker.peek() & breaker::SIGNAL == 0 {
        return Ok(());
    }
    ctx.thread().core.breaker.take(breaker::SIGNAL);
    #[cfg(feature = "std")]
    signal::run_handlers(ctx)?;
    Ok(())
}
