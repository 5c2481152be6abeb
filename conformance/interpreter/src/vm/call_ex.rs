//! `CALL_EX`: calls with `*` or `**`.
//!
//! What a function of Python is called with is spread over its window, from the tuple and the dict that the compiler has had made, and bound there
//! like the arguments of any other call. Everything else is called with copies of both.

use super::build;
use super::execute::Called;
use super::frame::Base;
use super::invoke::{drop_window, push};
use super::slow::{borrow, consume, store};
use super::thread::py;
use crate::error::{PyResult, raise};
use crate::object::args::Args;
use crate::object::bound_method::PyBoundMethod;
use crate::object::code::PyCode;
use crate::object::dict::{self, PyDict};
use crate::object::function::PyFunction;
use crate::object::obj::Obj;
use crate::object::payload::Body;
use crate::object::protocol;
use crate::object::str_::{self, PyStr};
use crate::object::tuple::PyTuple;
use crate::object::type_::type_of;
use crate::prelude::*;
use kit_core::frame::layout::HEADER;
use kit_core::object::Word;
use kit_core::thread::Ctx;

/// The keyword arguments in a dict.
#[derive(Default)]
struct Keywords {
    names: Vec<Obj>,
    values: Vec<Obj>,
}

impl Keywords {
    /// Of what is behind `**`.
    fn of(ctx: &mut Ctx, mapping: &Obj, callable: &Obj) -> PyResult<Keywords> {
        let dict = match mapping.downcast::<PyDict>() {
            Some(_) => mapping.clone(),
            None => {
                let fresh = dict::new(ctx)?;
                build::merge_mapping(ctx, &fresh, mapping, Some(callable))?;
                fresh
            }
        };
        let (mut names, values) = dict.expect::<PyDict>().columns(ctx);
        for name in &mut names {
            if name.downcast::<PyStr>().is_none() {
                if !protocol::is_callable(ctx, callable) {
                    return Err(protocol::not_callable(ctx, callable));
                }
                return Err(raise!(ctx, TypeError, "keywords must be strings"));
            }
            *name = str_::intern_obj(ctx, name)?;
        }
        Ok(Keywords { names, values })
    }
}

/// `CALL_EX`: the callable in `r[a]`, behind the header an iterable of arguments, and the mapping of those with names, or null.
///
/// # Safety
/// - `base` is the running frame's, its saved instruction pointer at the call; `meta` describes it, with the destination `dst`.
#[inline(never)]
pub unsafe fn call_ex(
    ctx: &mut Ctx,
    base: Base,
    a: usize,
    dst: usize,
    meta: Word,
) -> PyResult<Called> {
    // SAFETY: by the contract.
    unsafe {
        let (first, second) = (a + HEADER, a + HEADER + 1);
        // Whoever is told of the call hears of its end next.
        let is_told = core::mem::take(&mut py(ctx).monitor.plain_call);
        let callable = borrow(base, a);
        let star = borrow(base, first);
        let collected;
        let positional = match star.downcast_exact::<PyTuple>() {
            Some(tuple) => tuple.items(),
            None => {
                if type_of(ctx, &star).slots(ctx).iter.is_none()
                    && type_of(ctx, &star).slots(ctx).getitem.is_none()
                {
                    let class = protocol::type_name(ctx, &star);
                    let name = build::callable_name(ctx, &callable)?;
                    return Err(raise!(
                        ctx,
                        TypeError,
                        "{name} argument after * must be an iterable, not {class}"
                    ));
                }
                collected = protocol::collect(ctx, &star)?;
                &collected[..]
            }
        };
        let keywords = if (*base.add(second)).is_null() {
            Keywords::default()
        } else {
            let mapping = borrow(base, second);
            Keywords::of(ctx, &mapping, &callable)?
        };
        if !is_told && let Some(called) = enter(ctx, base, a, positional, &keywords, meta)? {
            return Ok(called);
        }
        let args = Args {
            pos: positional,
            names: &keywords.names,
            values: &keywords.values,
        };
        let result = protocol::call_with(ctx, &callable, args)?;
        drop(keywords);
        for register in [second, first, a] {
            consume(ctx, base, register);
        }
        store(ctx, base, dst, result);
    }
    Ok(Called::Done)
}

/// Spreads the arguments over the window and pushes a frame, if the callable is a function of Python, or the method of one, and the stack has
/// room. `None`, with nothing done, if not.
///
/// # Safety
/// - As [`call_ex`].
unsafe fn enter(
    ctx: &mut Ctx,
    base: Base,
    a: usize,
    positional: &[Obj],
    keywords: &Keywords,
    meta: Word,
) -> PyResult<Option<Called>> {
    // SAFETY: by the contract.
    unsafe {
        let callable = borrow(base, a);
        let method = callable.downcast_exact::<PyBoundMethod>();
        let function = method.map_or(&*callable, |method| &method.function);
        let Some(body) = function.downcast_exact::<PyFunction>() else {
            return Ok(None);
        };
        let count = usize::from(method.is_some()) + positional.len() + keywords.values.len();
        let window = base.add(a + HEADER);
        let code = &*body.code.peek().as_object().cast::<Body<PyCode>>();
        if !ctx.stack().fits(window, count.max(code.nregs as usize)) {
            return Ok(None);
        }
        // What is there now may run code when it goes: that is when the new frame is the running one, and above it.
        let old = [(*window).take(), (*window.add(1)).take()];
        let mut next = window;
        let receiver = method.map(|method| &method.receiver);
        for value in receiver
            .into_iter()
            .chain(positional)
            .chain(&keywords.values)
        {
            next.write(value.clone().into_ref(ctx));
            next = next.add(1);
        }
        let function = function.clone().into_ref(ctx);
        let callable = (*base.add(a)).replace(function);
        let pushed = push(ctx, base, a, count, &keywords.names, meta);
        match &pushed {
            Ok(Some(callee)) => py(ctx).base = *callee,
            _ => drop_window(ctx, base, a, count),
        }
        for old in old.into_iter().chain([callable]) {
            old.close(ctx);
        }
        Ok(pushed?.map(Called::Entered))
    }
}
