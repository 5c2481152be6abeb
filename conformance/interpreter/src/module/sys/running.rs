//! The program that runs: its exceptions, frames and limits; leaving it.

use crate::error::{PyResult, raise};
use crate::object::args::Args;
use crate::object::dict::{self, PyDict};
use crate::object::exception::PyException;
use crate::object::obj::Obj;
use crate::object::type_::type_of;
use crate::object::{int, protocol, tuple};
use crate::vm::frame;
use crate::vm::observe::{self, Running};
use crate::vm::thread::{py, rt};
use kit_core::thread::Ctx;
use std::sync::atomic::Ordering::Relaxed;

pub(super) fn exc_info(ctx: &mut Ctx, _: Args<'_>) -> PyResult {
    let Some(exception) = py(ctx).handled.clone() else {
        return tuple::from_vec(ctx, vec![Obj::NONE, Obj::NONE, Obj::NONE]);
    };
    let class = type_of(ctx, &exception).to_obj();
    let body = exception.expect::<PyException>();
    let traceback = body.traceback.get(ctx, &body.header);
    let parts = vec![class, exception.clone(), traceback.unwrap_or(Obj::NONE)];
    tuple::from_vec(ctx, parts)
}

pub(super) fn current_exception(ctx: &mut Ctx, _: Args<'_>) -> PyResult {
    Ok(py(ctx).handled.clone().unwrap_or(Obj::NONE))
}

pub(super) fn set_recursion_limit(ctx: &mut Ctx, limit: &Obj) -> PyResult {
    let limit = protocol::c_int(ctx, limit)?;
    if limit < 1 {
        return Err(raise!(
            ctx,
            ValueError,
            "recursion limit must be greater or equal than 1"
        ));
    }
    let limit = u32::try_from(limit).unwrap_or(u32::MAX);
    let depth = py(ctx).depth;
    if depth >= limit {
        return Err(raise!(
            ctx,
            RecursionError,
            "cannot set the recursion limit to {limit} at the recursion depth {depth}: the limit is too low"
        ));
    }
    // Relaxed: threads take note when they next look.
    rt(ctx).recursion_limit.store(limit, Relaxed);
    py(ctx).depth_limit = limit;
    Ok(Obj::NONE)
}

pub(super) fn getframe(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "_getframe", 0, 1)?;
    let depth = match args.pos.first() {
        Some(depth) => protocol::index_i64(ctx, depth, None)?.max(0) as usize,
        None => 0,
    };
    match observe::running(ctx, depth)? {
        Some(frame) => {
            super::audit::event(ctx, "sys._getframe", |_| Ok(vec![frame.clone()]))?;
            Ok(frame)
        }
        None => Err(raise!(ctx, ValueError, "call stack is not deep enough")),
    }
}

pub(super) fn getframemodulename(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let depth = match args.pos.first() {
        Some(depth) => protocol::index_i64(ctx, depth, None)?.max(0) as usize,
        None => 0,
    };
    super::audit::event(ctx, "sys._getframemodulename", |_| {
        Ok(vec![Obj::small_int(depth as i64)])
    })?;
    let Some(base) = observe::nth(ctx, depth) else {
        return Ok(Obj::NONE);
    };
    // SAFETY: a frame of this thread, which keeps its function.
    let function = unsafe { frame::function(base) };
    Ok(function
        .module
        .get(ctx, &function.header)
        .unwrap_or(Obj::NONE))
}

fn by_thread(ctx: &mut Ctx, value: fn(Running) -> Obj) -> PyResult {
    let found = observe::all_threads(ctx)?;
    let result = dict::new(ctx)?;
    for running in found {
        let ident = int::from_i64(ctx, running.ident as i64)?;
        let value = value(running);
        result.expect::<PyDict>().set(ctx, &ident, value)?;
    }
    Ok(result)
}

/// `sys._current_frames()`: what every thread runs, at one moment.
pub(super) fn current_frames(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "_current_frames", 0, 0)?;
    super::audit::event(ctx, "sys._current_frames", |_| Ok(Vec::new()))?;
    by_thread(ctx, |running| running.frame)
}

/// `sys._current_exceptions()`: what every thread handles, at one moment.
pub(super) fn current_exceptions(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "_current_exceptions", 0, 0)?;
    super::audit::event(ctx, "sys._current_exceptions", |_| Ok(Vec::new()))?;
    by_thread(ctx, |running| running.handled.unwrap_or(Obj::NONE))
}

pub(super) fn set_max_str_digits(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let signature = crate::object::args::Signature {
        name: "set_int_max_str_digits",
        params: &["maxdigits"],
        posonly: 0,
        positional: 1,
        required: 1,
    };
    let [digits] = args.bind::<1>(ctx, &signature)?;
    let digits = digits.cloned().unwrap_or(Obj::NONE);
    let digits = protocol::c_int(ctx, &digits)?;
    match u32::try_from(digits) {
        Ok(digits) if digits == 0 || digits >= 640 => {
            // Relaxed: a setting.
            rt(ctx).max_str_digits.store(digits, Relaxed);
            Ok(Obj::NONE)
        }
        _ => Err(raise!(
            ctx,
            ValueError,
            "maxdigits must be >= 640 or 0 for unlimited"
        )),
    }
}
