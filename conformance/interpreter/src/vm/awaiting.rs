//! The instructions of `async` code: finding what to await. Awaiting itself is `YIELD_FROM`
//! ([`generate::delegate`](super::generate::delegate)).

use super::except::{no_manager, reraise};
use super::frame::{self, Base};
use super::slow::borrow;
use crate::error::{PyResult, Raised, raise};
use crate::object::coroutine::iterator_of;
use crate::object::exception::{self, PyException, base as base_exception, class};
use crate::object::generator::PyGenerator;
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::type_::type_id_of;
use crate::object::{async_generator, attribute, ids, protocol};
use crate::vm::thread::py;
use kit_core::frame::coroutine::State;
use kit_core::thread::Ctx;

/// The TypeError for what cannot be awaited.
#[cold]
pub fn no_awaitable(ctx: &mut Ctx, value: &Obj) -> Raised {
    let class = protocol::type_name(ctx, value);
    raise!(ctx, TypeError, "'{class}' object can't be awaited")
}

/// `GET_AWAITABLE`: `r[a]` = what awaiting `r[b]` drives. `kind` says where the value comes from.
///
/// # Safety
/// - `base` is the running frame's; the operand holds a value.
#[inline(never)]
pub unsafe fn awaitable(
    ctx: &mut Ctx,
    base: Base,
    a: usize,
    b: usize,
    kind: usize,
) -> PyResult<()> {
    // SAFETY: as the caller says.
    unsafe {
        let value = frame::take_or_copy(ctx, base, b);
        if type_id_of(&value) == ids::COROUTINE {
            // Who awaits it already would have to share it.
            if value.expect::<PyGenerator>().coroutine.state() == State::Delegating {
                return Err(raise!(
                    ctx,
                    RuntimeError,
                    "coroutine is being awaited already"
                ));
            }
            frame::put(ctx, base, a, value);
            return Ok(());
        }
        let iterator = iterator_of(ctx, &value, |ctx, value| {
            let method = match kind {
                1 => "__aenter__",
                2 => "__aexit__",
                _ => return no_awaitable(ctx, value),
            };
            let class = protocol::type_name(ctx, value);
            raise!(
                ctx,
                TypeError,
                "'async with' received an object from {method} that does not implement __await__: {class}"
            )
        })?;
        frame::put(ctx, base, a, iterator);
    }
    Ok(())
}

/// `GET_AITER`: `r[a] = r[b].__aiter__()`.
///
/// # Safety
/// - As [`awaitable`].
#[inline(never)]
pub unsafe fn aiter(ctx: &mut Ctx, base: Base, a: usize, b: usize) -> PyResult<()> {
    // SAFETY: as the caller says.
    let value = unsafe { frame::take_or_copy(ctx, base, b) };
    let names = names(ctx);
    let Some(iterator) = protocol::call_special(ctx, &value, &names.aiter, &[])? else {
        let class = protocol::type_name(ctx, &value);
        return Err(raise!(
            ctx,
            TypeError,
            "'async for' requires an object with __aiter__ method, got {class}"
        ));
    };
    if attribute::lookup_special(ctx, &iterator, &names.anext).is_none() {
        let class = protocol::type_name(ctx, &iterator);
        return Err(raise!(
            ctx,
            TypeError,
            "'async for' received an object from __aiter__ that does not implement __anext__: {class}"
        ));
    }
    // SAFETY: as the caller says.
    unsafe { frame::put(ctx, base, a, iterator) };
    Ok(())
}

/// `GET_ANEXT`: `r[a]` = what awaiting `r[b].__anext__()` drives; `r[b]` stays.
///
/// # Safety
/// - As [`awaitable`].
#[inline(never)]
pub unsafe fn anext(ctx: &mut Ctx, base: Base, a: usize, b: usize) -> PyResult<()> {
    // SAFETY: as the caller says; the register keeps the iterator while its code runs.
    unsafe {
        let iterator = borrow(base, b);
        let driven = if type_id_of(&iterator) == ids::ASYNC_GENERATOR {
            async_generator::anext(ctx, &iterator)?
        } else {
            let anext = &names(ctx).anext;
            let Some(next) = protocol::call_special(ctx, &iterator, anext, &[])? else {
                let class = protocol::type_name(ctx, &iterator);
                return Err(raise!(
                    ctx,
                    TypeError,
                    "'async for' requires an iterator with __anext__ method, got {class}"
                ));
            };
            match iterator_of(ctx, &next, no_awaitable) {
                Ok(driven) => driven,
                Err(raised) => {
                    let cause = exception::take(ctx, raised);
                    return Err(invalid_next(ctx, &next, cause));
                }
            }
        };
        frame::put(ctx, base, a, driven);
    }
    Ok(())
}

#[cold]
fn invalid_next(ctx: &mut Ctx, next: &Obj, cause: Obj) -> Raised {
    let class = protocol::type_name(ctx, next);
    let raised = raise!(
        ctx,
        TypeError,
        "'async for' received an invalid object from __anext__: {class}"
    );
    if let Some(exception) = py(ctx).raised.clone()
        && let Some(body) = exception.downcast::<PyException>()
    {
        body.context.set(ctx, &body.header, Some(cause.clone()));
        base_exception::set_cause_of(ctx, &exception, Some(cause));
    }
    raised
}

/// `END_ASYNC_FOR`: ends the loop over `r[a]` for the StopAsyncIteration `r[b]`; any other exception goes on its way.
///
/// # Safety
/// - `base` is the running frame's; both registers hold values.
#[inline(never)]
pub unsafe fn end_async_for(ctx: &mut Ctx, base: Base, a: usize, b: usize) -> PyResult<()> {
    // SAFETY: as the caller says.
    let (iterator, exception) = unsafe { (frame::take(base, a), frame::take(base, b)) };
    if exception::is_instance(ctx, &exception, class::StopAsyncIteration) {
        exception.release(ctx);
        iterator.release(ctx);
        return Ok(());
    }
    iterator.release(ctx);
    Err(reraise(ctx, exception))
}

/// `ASYNC_WITH_ENTER`: `r[a]` = the bound `__aexit__` of the manager `r[b]`, `r[a+1]` = what `__aenter__` returned.
///
/// # Safety
/// - As [`awaitable`].
#[inline(never)]
pub unsafe fn with_enter(ctx: &mut Ctx, base: Base, a: usize, b: usize) -> PyResult<()> {
    // SAFETY: as the caller says.
    let manager = unsafe { frame::take_or_copy(ctx, base, b) };
    let names = names(ctx);
    let Some(exit) = attribute::bound_special(ctx, &manager, &names.aexit)? else {
        return Err(no_manager(ctx, &manager, "__aexit__"));
    };
    let Some(enter) = attribute::bound_special(ctx, &manager, &names.aenter)? else {
        return Err(no_manager(ctx, &manager, "__aenter__"));
    };
    let entered = protocol::call(ctx, &enter, &[])?;
    // SAFETY: as the caller says.
    unsafe {
        frame::put(ctx, base, a, exit);
        frame::put(ctx, base, a + 1, entered);
    }
    Ok(())
}
