//! `threading.settrace` and `setprofile`: functions for threads that start, or for all of them.

use crate::error::PyResult;
use crate::object::args::Args;
use crate::object::obj::Obj;
use crate::vm::monitor::{PROFILE, TRACE, trace};
use crate::vm::thread::rt;
use kit_core::thread::Ctx;

/// A thread starts that runs Python code.
pub(super) fn begin(ctx: &mut Ctx) {
    for tool in [TRACE, PROFILE] {
        if let Some(function) = rt(ctx).library.threads.function(tool) {
            trace::set(ctx, tool, Some(function));
        }
    }
}

fn set(ctx: &mut Ctx, args: Args<'_>, name: &'static str, tool: usize) -> PyResult<Option<Obj>> {
    args.check(ctx, name, 1, 1)?;
    let function = (!args.pos[0].is_none()).then(|| args.pos[0].clone());
    let old = rt(ctx).library.threads.set_function(tool, function.clone());
    drop(old);
    Ok(function)
}

pub(super) fn settrace(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    set(ctx, args, "settrace", TRACE).map(|_| Obj::NONE)
}

pub(super) fn setprofile(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    set(ctx, args, "setprofile", PROFILE).map(|_| Obj::NONE)
}

pub(super) fn settrace_all_threads(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let function = set(ctx, args, "settrace_all_threads", TRACE)?;
    trace::set_all(ctx, TRACE, function);
    Ok(Obj::NONE)
}

pub(super) fn setprofile_all_threads(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let function = set(ctx, args, "setprofile_all_threads", PROFILE)?;
    trace::set_all(ctx, PROFILE, function);
    Ok(Obj::NONE)
}

fn get(ctx: &mut Ctx, args: Args<'_>, name: &'static str, tool: usize) -> PyResult {
    args.check(ctx, name, 0, 0)?;
    let function = rt(ctx).library.threads.function(tool);
    Ok(function.unwrap_or(Obj::NONE))
}

pub(super) fn gettrace(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    get(ctx, args, "gettrace", TRACE)
}

pub(super) fn getprofile(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    get(ctx, args, "getprofile", PROFILE)
}
