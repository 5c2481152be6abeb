//! `addaudithook` and `audit`: functions that are told of events, and may refuse them (PEP 578).
//!
//! What native code tells of goes through [`event`], which looks at one pointer where nobody audits.

use crate::error::{PyResult, raise};
use crate::object::args::Args;
use crate::object::exception::{self, class};
use crate::object::list::{self, PyList};
use crate::object::obj::Obj;
use crate::object::str_::PyStr;
use crate::object::{protocol, str_, tuple};
use crate::vm::thread::rt;
use kit_core::thread::Ctx;

/// Tells of an event of this name, with these arguments, before it comes to it.
///
/// # Errors
/// What a hook raises: the event is not to happen.
#[inline]
pub fn event(
    ctx: &mut Ctx,
    name: &'static str,
    args: impl FnOnce(&mut Ctx) -> PyResult<Vec<Obj>>,
) -> PyResult<()> {
    if rt(ctx).library.natives.audit_hooks.get().is_none() {
        return Ok(());
    }
    let args = args(ctx)?;
    let name = str_::intern(ctx, name);
    tell(ctx, &name, &args)
}

/// As [`event`], of the attribute `name` that is read (`__getattr__`), set or deleted.
pub fn attribute(
    ctx: &mut Ctx,
    what: &'static str,
    x: &Obj,
    name: &'static str,
    value: Option<&Obj>,
) -> PyResult<()> {
    event(ctx, what, |ctx| {
        let name = str_::intern(ctx, name);
        Ok([x.clone(), name]
            .into_iter()
            .chain(value.cloned())
            .collect())
    })
}

#[cold]
fn tell(ctx: &mut Ctx, event: &Obj, args: &[Obj]) -> PyResult<()> {
    let Some(hooks) = rt(ctx).library.natives.audit_hooks.get() else {
        return Ok(());
    };
    let args = tuple::from_slice(ctx, args)?;
    for hook in hooks.expect::<PyList>().to_vec(ctx) {
        protocol::call(ctx, &hook, &[event.clone(), args.clone()])?;
    }
    Ok(())
}

/// `sys.audit(event, *args)`.
pub(super) fn audit(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.no_keywords(ctx, "audit")?;
    let Some((event, rest)) = args.pos.split_first() else {
        let message = "audit expected at least 1 argument, got 0";
        return Err(raise!(ctx, TypeError, "{message}"));
    };
    if event.downcast::<PyStr>().is_none() {
        let class = protocol::type_name(ctx, event);
        return Err(raise!(
            ctx,
            TypeError,
            "audit() argument 1 must be str, not {class}"
        ));
    }
    tell(ctx, event, rest).map(|()| Obj::NONE)
}

/// `sys.addaudithook(hook)`: no hook is ever removed, and those that are there may refuse a new one.
pub(super) fn add_hook(ctx: &mut Ctx, hook: &Obj) -> PyResult {
    let event = str_::intern(ctx, "sys.addaudithook");
    if let Err(raised) = tell(ctx, &event, &[]) {
        if exception::matches(ctx, &raised, class::RuntimeError) {
            drop(exception::take(ctx, raised));
            return Ok(Obj::NONE);
        }
        return Err(raised);
    }
    let place = &rt(ctx).library.natives.audit_hooks;
    if place.get().is_none() {
        let empty = list::from_vec(ctx, Vec::new())?;
        // Another thread may have been faster.
        drop(place.set(empty));
    }
    if let Some(hooks) = place.get() {
        hooks.expect::<PyList>().push(ctx, hook.clone())?;
    }
    Ok(Obj::NONE)
}
