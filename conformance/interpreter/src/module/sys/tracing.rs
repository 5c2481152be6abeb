//! `settrace`, `setprofile` and their kind.

use crate::error::{PyResult, raise};
use crate::object::args::Args;
use crate::object::obj::Obj;
use crate::vm::monitor::{PROFILE, TRACE, trace};
use kit_core::thread::Ctx;

fn given(value: &Obj) -> Option<Obj> {
    (!value.is_none()).then(|| value.clone())
}

fn one<'a>(ctx: &mut Ctx, args: Args<'a>, name: &str) -> PyResult<&'a Obj> {
    args.no_keywords(ctx, name)?;
    match args.pos {
        [value] => Ok(value),
        _ => Err(raise!(
            ctx,
            TypeError,
            "sys.{name}() takes exactly one argument ({} given)",
            args.pos.len()
        )),
    }
}

pub(super) fn settrace(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let function = one(ctx, args, "settrace")?;
    super::audit::event(ctx, "sys.settrace", |_| Ok(Vec::new()))?;
    trace::set(ctx, TRACE, given(function));
    Ok(Obj::NONE)
}

pub(super) fn gettrace(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    Ok(trace::function(ctx, TRACE).unwrap_or(Obj::NONE))
}

pub(super) fn setprofile(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let function = one(ctx, args, "setprofile")?;
    super::audit::event(ctx, "sys.setprofile", |_| Ok(Vec::new()))?;
    trace::set(ctx, PROFILE, given(function));
    Ok(Obj::NONE)
}

pub(super) fn getprofile(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    Ok(trace::function(ctx, PROFILE).unwrap_or(Obj::NONE))
}

pub(super) fn set_trace_all(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let function = one(ctx, args, "_settraceallthreads")?;
    trace::set_all(ctx, TRACE, given(function));
    Ok(Obj::NONE)
}

pub(super) fn set_profile_all(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let function = one(ctx, args, "_setprofileallthreads")?;
    trace::set_all(ctx, PROFILE, given(function));
    Ok(Obj::NONE)
}
