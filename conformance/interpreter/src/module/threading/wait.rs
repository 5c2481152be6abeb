//! Waiting: detached, so that nobody waits for a thread that sleeps; in slices on the main thread, so that
//! Ctrl-C is noticed.

use crate::error::{PyResult, Raised, raise};
use crate::object::obj::Obj;
use crate::object::type_::type_of;
use crate::object::{float, int, protocol};
use crate::vm::thread::{lot, rt};
use kit_core::sync::parking::ParkingLot;
use kit_core::thread::Ctx;
use num_traits::ToPrimitive;
use std::sync::atomic::Ordering::Relaxed;

/// How long the main thread sleeps before it looks for signals.
const SLICE: u64 = 50_000_000;

/// Nanoseconds in a second.
pub const SECOND: f64 = 1e9;

/// `threading.TIMEOUT_MAX`.
pub const TIMEOUT_MAX: f64 = 9_223_372_036.0;

/// The time of deadlines.
pub fn now(ctx: &Ctx) -> u64 {
    lot(ctx).platform().now()
}

/// The moment this many seconds from now.
pub fn deadline_in(ctx: &Ctx, seconds: f64) -> u64 {
    now(ctx).saturating_add((seconds.max(0.0) * SECOND).ceil() as u64)
}

/// Whether this is the thread that signals interrupt.
pub fn is_main(ctx: &Ctx) -> bool {
    // Relaxed: a thread recognises what it has written itself.
    std::ptr::eq(rt(ctx).main_thread.load(Relaxed), ctx.thread())
}

/// Waits until `attempt` says that it got what it wants. It is given a deadline for its sleep, and called
/// again until `deadline` has passed (false). Must not touch objects.
pub fn blocking(
    ctx: &mut Ctx,
    deadline: Option<u64>,
    mut attempt: impl FnMut(&ParkingLot, Option<u64>) -> bool,
) -> PyResult<bool> {
    let (runtime, lot) = (rt(ctx), lot(ctx));
    let main = is_main(ctx);
    loop {
        let slice = if main {
            let end = now(ctx).saturating_add(SLICE);
            Some(deadline.map_or(end, |deadline| deadline.min(end)))
        } else {
            deadline
        };
        if runtime.kit.detached(ctx, || attempt(lot, slice)) {
            return Ok(true);
        }
        if ctx.poll() {
            return Err(Raised::stored());
        }
        if deadline.is_some_and(|deadline| now(ctx) >= deadline) {
            return Ok(false);
        }
    }
}

/// Waits like [`blocking`] for something that must be had before anything else can be done: signals
/// wait too.
pub fn blocking_for_sure(ctx: &mut Ctx, attempt: impl FnOnce(&ParkingLot)) {
    let (runtime, lot) = (rt(ctx), lot(ctx));
    runtime.kit.detached(ctx, || attempt(lot));
}

/// A number of seconds, as functions that sleep take it.
pub fn seconds(ctx: &mut Ctx, value: &Obj) -> PyResult<f64> {
    let seconds = if let Some(seconds) = float::to_f64(value) {
        seconds
    } else if let Some(big) = int::to_big(value) {
        big.to_f64().unwrap_or(f64::INFINITY)
    } else if type_of(ctx, value).slots(ctx).index.is_some() {
        let index = protocol::index(ctx, value)?;
        int::to_big(&index)
            .and_then(|big| big.to_f64())
            .unwrap_or(f64::INFINITY)
    } else {
        let class = protocol::type_name(ctx, value);
        return Err(raise!(
            ctx,
            TypeError,
            "'{class}' object cannot be interpreted as an integer or float"
        ));
    };
    if seconds.is_nan() {
        return Err(raise!(ctx, ValueError, "Invalid value NaN (not a number)"));
    }
    if seconds.abs() >= TIMEOUT_MAX + 1.0 {
        return Err(raise!(
            ctx,
            OverflowError,
            "timestamp out of range for C PyTime_t"
        ));
    }
    Ok(seconds)
}

/// An optional timeout: `None` waits for ever, what is not positive does not wait.
pub fn timeout(ctx: &mut Ctx, value: Option<&Obj>) -> PyResult<Option<u64>> {
    match value {
        Some(value) if !value.is_none() => {
            let seconds = seconds(ctx, value)?;
            Ok(Some(deadline_in(ctx, seconds)))
        }
        _ => Ok(None),
    }
}

/// The arguments `blocking` and `timeout` of a lock's `acquire`.
pub enum Patience {
    /// Do not wait.
    None,
    /// Wait until then; for ever without a moment.
    Until(Option<u64>),
}

/// Reads the arguments of a lock's `acquire`.
pub fn patience(
    ctx: &mut Ctx,
    blocking: Option<&Obj>,
    timeout: Option<&Obj>,
) -> PyResult<Patience> {
    let blocking = match blocking {
        Some(value) => protocol::truth(ctx, value)?,
        None => true,
    };
    let limit = match timeout {
        Some(value) => seconds(ctx, value)?,
        None => -1.0,
    };
    if !blocking {
        if limit != -1.0 {
            return Err(raise!(
                ctx,
                ValueError,
                "can't specify a timeout for a non-blocking call"
            ));
        }
        return Ok(Patience::None);
    }
    if limit == -1.0 {
        return Ok(Patience::Until(None));
    }
    if limit < 0.0 {
        return Err(raise!(
            ctx,
            ValueError,
            "timeout value must be a non-negative number"
        ));
    }
    if limit > TIMEOUT_MAX {
        return Err(raise!(ctx, OverflowError, "timeout value is too large"));
    }
    Ok(Patience::Until(Some(deadline_in(ctx, limit))))
}
