//! What all exceptions have: arguments, text, traceback, cause and context, notes.

use super::{ExceptionDef, PyException, class};
use crate::error::{PyResult, Raised, raise};
use crate::object::args::Args;
use crate::object::define::{GetSet, Native, method, open_member};
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::payload::Body;
use crate::object::slots::Slots;
use crate::object::str_::PyStr;
use crate::object::tuple::{self, PyTuple};
use crate::object::type_::{PyType, type_of};
use crate::object::{attribute, ids, instance, list, protocol, str_};
use crate::prelude::*;
use crate::vm::thread::empty_tuple;
use core::ptr;
use core::sync::atomic::Ordering::Relaxed;
use kit_core::thread::Ctx;

type New = fn(&mut Ctx, &Obj, Args<'_>) -> PyResult;
type Init = fn(&mut Ctx, &Obj, Args<'_>) -> PyResult<()>;

/// `BaseException`.
pub static BASE_EXCEPTION: ExceptionDef = ExceptionDef {
    id: class::BaseException,
    slots: Slots {
        new: Some(new),
        init: Some(init),
        repr: Some(repr),
        str: Some(str),
        ..Slots::NONE
    },
    methods: &[
        method("add_note", Native::M1(add_note)),
        method("with_traceback", Native::M1(with_traceback)),
        method("__reduce__", Native::M0(reduce)),
        method("__setstate__", Native::M1(set_state)),
    ],
    getset: &[
        GetSet {
            name: "__dict__",
            get: |ctx, e| Ok(instance::dict(ctx, e)?.unwrap_or(Obj::NONE)),
            set: Some(set_dict),
            member: false,
        },
        GetSet {
            name: "args",
            get: |ctx, e| Ok(body(e).arguments(ctx)),
            set: Some(set_args),
            member: false,
        },
        GetSet {
            name: "__traceback__",
            get: |ctx, e| {
                Ok(body(e)
                    .traceback
                    .get(ctx, &body(e).header)
                    .unwrap_or(Obj::NONE))
            },
            set: Some(set_traceback),
            member: false,
        },
        GetSet {
            name: "__cause__",
            get: |ctx, e| Ok(body(e).cause.get(ctx, &body(e).header).unwrap_or(Obj::NONE)),
            set: Some(set_cause),
            member: false,
        },
        GetSet {
            name: "__context__",
            get: |ctx, e| {
                Ok(body(e)
                    .context
                    .get(ctx, &body(e).header)
                    .unwrap_or(Obj::NONE))
            },
            set: Some(set_context),
            member: false,
        },
        GetSet {
            name: "__suppress_context__",
            get: |_, e| Ok(Obj::bool(body(e).suppress_context.load(Relaxed))),
            set: Some(set_suppress_context),
            member: true,
        },
    ],
};

/// The body of an exception.
pub(super) fn body(exception: &Obj) -> &Body<PyException> {
    exception.expect::<PyException>()
}

/// A getter of the attribute with index `I` that a class adds; None when it is not set.
pub(super) fn get_field<const I: usize>(ctx: &mut Ctx, exception: &Obj) -> PyResult {
    Ok(body(exception).field(ctx, I).unwrap_or(Obj::NONE))
}

/// A setter of the attribute with index `I` that a class adds.
pub(super) fn set_field<const I: usize>(
    ctx: &mut Ctx,
    exception: &Obj,
    value: Option<&Obj>,
) -> PyResult<()> {
    body(exception).set_field(ctx, I, value.cloned());
    Ok(())
}

/// The attribute `name` that a class keeps at index `I`.
pub(super) const fn field<const I: usize>(name: &'static str) -> GetSet {
    open_member(name, get_field::<I>, set_field::<I>)
}

/// `BaseException.__new__`.
pub(super) fn new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    let tuple = if args.pos.is_empty() {
        empty_tuple(ctx)
    } else {
        tuple::from_slice(ctx, args.pos)?
    };
    super::with_args(ctx, class.expect::<PyType>().id, tuple)
}

/// The exception that calling `class` without arguments makes, where nobody has changed how: with no more than
/// BaseException's `__new__` and `__init__`. `None` for other classes.
pub fn new_plain(ctx: &mut Ctx, class: &Obj) -> Option<PyResult> {
    let body = class.downcast_exact::<PyType>()?;
    let slots = body.slots(ctx);
    let (plain_new, plain_init): (New, Init) = (new, init);
    let plain = slots.new.is_some_and(|f| ptr::fn_addr_eq(f, plain_new))
        && slots.init.is_some_and(|f| ptr::fn_addr_eq(f, plain_init));
    plain.then(|| {
        let args = empty_tuple(ctx);
        super::with_args(ctx, body.id, args)
    })
}

/// `BaseException.__init__`.
pub(super) fn init(ctx: &mut Ctx, exception: &Obj, args: Args<'_>) -> PyResult<()> {
    if !args.names.is_empty() {
        let name = protocol::type_name(ctx, exception);
        args.no_keywords(ctx, &name)?;
    }
    set_arguments(ctx, exception, args.pos)
}

/// Replaces the arguments, unless they are the same already.
pub(super) fn set_arguments(ctx: &mut Ctx, exception: &Obj, args: &[Obj]) -> PyResult<()> {
    let body = body(exception);
    let old = body.arguments(ctx);
    let items = old.expect::<PyTuple>().items();
    if items.len() == args.len() && items.iter().zip(args).all(|(a, b)| a.is(b)) {
        return Ok(());
    }
    let tuple = tuple::from_slice(ctx, args)?;
    body.args.set(ctx, &body.header, Some(tuple));
    Ok(())
}

/// `BaseException.__str__`.
pub(super) fn str(ctx: &mut Ctx, exception: &Obj) -> PyResult {
    let args = body(exception).arguments(ctx);
    match args.expect::<PyTuple>().items() {
        [] => Ok(crate::vm::thread::rt(ctx).short_string(b"")),
        [only] => protocol::str(ctx, only),
        _ => protocol::repr(ctx, &args),
    }
}

fn repr(ctx: &mut Ctx, exception: &Obj) -> PyResult {
    let args = body(exception).arguments(ctx);
    let name = protocol::type_name(ctx, exception);
    let name = name.rsplit('.').next().unwrap_or("");
    let mut text = crate::text::wtf8::Wtf8Buf::from(name);
    match args.expect::<PyTuple>().items() {
        [only] => {
            let inner = protocol::repr(ctx, only)?;
            text.push_str("(");
            text.push_wtf8(inner.expect::<PyStr>().text());
            text.push_str(")");
        }
        _ => {
            let inner = protocol::repr(ctx, &args)?;
            text.push_wtf8(inner.expect::<PyStr>().text());
        }
    }
    str_::from_buf(ctx, text)
}

/// The exception with a note added, as far as there is memory for it.
pub fn with_note(ctx: &mut Ctx, raised: Raised, note: &str) -> Raised {
    let error = super::take(ctx, raised);
    let added = str_::new(ctx, note).and_then(|note| add_note(ctx, &error, &note));
    match added {
        Ok(_) => super::raise(ctx, error),
        Err(raised) => raised,
    }
}

fn add_note(ctx: &mut Ctx, exception: &Obj, note: &Obj) -> PyResult {
    if note.downcast::<PyStr>().is_none() {
        let class = str_::argument_type(ctx, note);
        return Err(raise!(
            ctx,
            TypeError,
            "add_note() argument must be str, not {class}"
        ));
    }
    let name = &names(ctx).notes;
    let notes = match protocol::find_attr(ctx, exception, name)? {
        Some(notes) => notes,
        None => {
            let notes = list::from_vec(ctx, Vec::new())?;
            protocol::setattr(ctx, exception, name, Some(&notes))?;
            notes
        }
    };
    let Some(notes) = notes.downcast::<list::PyList>() else {
        return Err(raise!(
            ctx,
            TypeError,
            "Cannot add note: __notes__ is not a list"
        ));
    };
    notes.push(ctx, note.clone())?;
    Ok(Obj::NONE)
}

fn with_traceback(ctx: &mut Ctx, exception: &Obj, traceback: &Obj) -> PyResult {
    set_traceback(ctx, exception, Some(traceback))?;
    Ok(exception.clone())
}

/// `(class, args)`, and the instance's attributes if it has any.
pub(super) fn reduce(ctx: &mut Ctx, exception: &Obj) -> PyResult {
    let class = type_of(ctx, exception).to_obj();
    let args = body(exception).arguments(ctx);
    reduce_with(ctx, exception, class, args, Vec::new())
}

/// `(class, args, state)` with the instance's attributes and `extra` ones as the state.
pub(super) fn reduce_with(
    ctx: &mut Ctx,
    exception: &Obj,
    class: Obj,
    args: Obj,
    extra: Vec<(&'static str, Obj)>,
) -> PyResult {
    let state = crate::object::dict::new(ctx)?;
    let mut any = !extra.is_empty();
    if let Some(dict) = instance::dict(ctx, exception)? {
        for (key, value) in dict.expect::<crate::object::dict::PyDict>().items(ctx) {
            any = true;
            state
                .expect::<crate::object::dict::PyDict>()
                .set(ctx, &key, value)?;
        }
    }
    for (name, value) in extra {
        let name = str_::intern(ctx, name);
        state
            .expect::<crate::object::dict::PyDict>()
            .set(ctx, &name, value)?;
    }
    let parts = if any {
        vec![class, args, state]
    } else {
        vec![class, args]
    };
    tuple::from_vec(ctx, parts)
}

fn set_state(ctx: &mut Ctx, exception: &Obj, state: &Obj) -> PyResult {
    if state.is_none() {
        return Ok(Obj::NONE);
    }
    let Some(dict) = state.downcast::<crate::object::dict::PyDict>() else {
        return Err(raise!(ctx, TypeError, "state is not a dictionary"));
    };
    for (key, value) in dict.items(ctx) {
        if key.downcast::<PyStr>().is_some() {
            let key = str_::intern_obj(ctx, &key)?;
            protocol::setattr(ctx, exception, &key, Some(&value))?;
        }
    }
    Ok(Obj::NONE)
}

fn set_args(ctx: &mut Ctx, exception: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let Some(value) = value else {
        return Err(raise!(ctx, TypeError, "args may not be deleted"));
    };
    let items = protocol::collect(ctx, value)?;
    let tuple = tuple::from_vec(ctx, items)?;
    let body = body(exception);
    body.args.set(ctx, &body.header, Some(tuple));
    Ok(())
}

fn set_dict(ctx: &mut Ctx, exception: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let Some(value) = value else {
        return Err(raise!(ctx, TypeError, "cannot delete __dict__"));
    };
    if value.downcast::<crate::object::dict::PyDict>().is_none() {
        let class = protocol::type_name(ctx, value);
        return Err(raise!(
            ctx,
            TypeError,
            "__dict__ must be set to a dictionary, not a '{class}'"
        ));
    }
    instance::replace_dict(ctx, exception, value.clone()).map(drop)
}

fn set_traceback(ctx: &mut Ctx, exception: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let Some(value) = value else {
        return Err(raise!(ctx, TypeError, "__traceback__ may not be deleted"));
    };
    if !value.is_none() && crate::object::type_::type_id_of(value) != ids::TRACEBACK {
        return Err(raise!(
            ctx,
            TypeError,
            "__traceback__ must be a traceback or None"
        ));
    }
    let body = body(exception);
    let value = (!value.is_none()).then(|| value.clone());
    body.traceback.set(ctx, &body.header, value);
    Ok(())
}

/// The value of `__cause__` or `__context__`, checked.
fn linked(ctx: &mut Ctx, value: Option<&Obj>, what: &str) -> PyResult<Option<Obj>> {
    let Some(value) = value else {
        return Err(raise!(ctx, TypeError, "__{what}__ may not be deleted"));
    };
    if value.is_none() {
        return Ok(None);
    }
    if value.downcast::<PyException>().is_none() {
        return Err(raise!(
            ctx,
            TypeError,
            "exception {what} must be None or derive from BaseException"
        ));
    }
    Ok(Some(value.clone()))
}

fn set_cause(ctx: &mut Ctx, exception: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let value = linked(ctx, value, "cause")?;
    set_cause_of(ctx, exception, value);
    Ok(())
}

/// Sets the cause, which hides the context: `raise … from`.
pub fn set_cause_of(ctx: &Ctx, exception: &Obj, cause: Option<Obj>) {
    let body = body(exception);
    body.cause.set(ctx, &body.header, cause);
    // Relaxed: a flag, read for printing.
    body.suppress_context.store(true, Relaxed);
}

fn set_context(ctx: &mut Ctx, exception: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let value = linked(ctx, value, "context")?;
    let body = body(exception);
    body.context.set(ctx, &body.header, value);
    Ok(())
}

fn set_suppress_context(ctx: &mut Ctx, exception: &Obj, value: Option<&Obj>) -> PyResult<()> {
    match value {
        Some(value) if value.is_true() || value.is_false() => {
            // Relaxed: a flag, read for printing.
            body(exception)
                .suppress_context
                .store(value.is_true(), Relaxed);
            Ok(())
        }
        Some(_) => Err(raise!(ctx, TypeError, "attribute value type must be bool")),
        None => Err(raise!(
            ctx,
            TypeError,
            "can't delete numeric/char attribute"
        )),
    }
}

/// The notes of an exception, if `__notes__` is there.
pub fn notes(ctx: &mut Ctx, exception: &Obj) -> PyResult<Option<Obj>> {
    attribute::generic_find(ctx, exception, &names(ctx).notes)
}
