//! Exceptions in running code: raising, matching, handling, and leaving frames without a handler.
//!
//! The exception on its way is in the thread ([`super::thread::PyThread::raised`]). A handler takes
//! it into the first register above those that stay alive. The exception being *handled*, which
//! becomes the context of new ones, is the thread's as well; `PUSH_EXC` and `POP_EXC` nest it.

use super::execute::Called;
use super::frame::{self, Base, ENTRY, GENERATOR, OBSERVED};
use super::slow::consume;
use super::thread::py;
use super::{generate, implicit, observe};
use crate::code::Handler;
use crate::error::{PyResult, Raised, raise};
use crate::object::args::Args;
use crate::object::exception::{self, PyException, base as base_exception, class, group};
use crate::object::list::PyList;
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::tuple::PyTuple;
use crate::object::type_::{PyType, type_by_id, type_id_of, type_of};
use crate::object::{attribute, ids, protocol, traceback};
use crate::prelude::*;
use kit_core::object::Word;
use kit_core::refcount::stack_ref::StackRef;
use kit_core::thread::Ctx;

/// Whether the value is a class of exceptions.
pub fn is_exception_class(ctx: &Ctx, value: &Obj) -> bool {
    value
        .downcast::<PyType>()
        .is_some_and(|class| class.is_subtype(ctx, type_by_id(ctx, class::BaseException)))
}

/// The exception that calling the class makes.
pub fn instantiate(ctx: &mut Ctx, class: &Obj, args: &[Obj]) -> PyResult {
    let made = protocol::call(ctx, class, args)?;
    if made.downcast::<PyException>().is_some() {
        return Ok(made);
    }
    let name = protocol::repr_string(ctx, class)?;
    let got = type_of(ctx, &made).to_obj();
    let got = protocol::repr_string(ctx, &got)?;
    Err(raise!(
        ctx,
        TypeError,
        "calling {name} should have returned an instance of BaseException, not {got}"
    ))
}

/// An exception from what `raise` was given; `None` when it is neither an exception nor a class.
fn exception_of(ctx: &mut Ctx, value: Obj) -> PyResult<Option<Obj>> {
    if let Some(made) = base_exception::new_plain(ctx, &value) {
        made.map(Some)
    } else if value.downcast::<PyException>().is_some() {
        Ok(Some(value))
    } else if is_exception_class(ctx, &value) {
        instantiate(ctx, &value, &[]).map(Some)
    } else {
        Ok(None)
    }
}

fn raised_value(ctx: &mut Ctx, value: Obj) -> PyResult {
    match exception_of(ctx, value)? {
        Some(exception) => Ok(exception),
        None => Err(raise!(
            ctx,
            TypeError,
            "exceptions must derive from BaseException"
        )),
    }
}

/// `RAISE`: `raise r[a]`.
///
/// # Safety
/// - `base` is the running frame's; the register holds a value.
#[cold]
pub unsafe fn raise(ctx: &mut Ctx, base: Base, a: usize) -> Raised {
    // SAFETY: as the caller says.
    let value = unsafe { frame::take_or_copy(ctx, base, a) };
    match raised_value(ctx, value) {
        Ok(exception) => exception::raise(ctx, exception),
        Err(raised) => raised,
    }
}

/// `RAISE_FROM`: `raise r[a] from r[b]`.
///
/// # Safety
/// - `base` is the running frame's; the registers hold values.
#[cold]
pub unsafe fn raise_from(ctx: &mut Ctx, base: Base, a: usize, b: usize) -> Raised {
    // SAFETY: as the caller says.
    let (value, cause) = unsafe {
        (
            frame::take_or_copy(ctx, base, a),
            frame::take_or_copy(ctx, base, b),
        )
    };
    let made = raised_value(ctx, value).and_then(|exception| {
        let cause = if cause.is_none() {
            None
        } else {
            match exception_of(ctx, cause)? {
                Some(cause) => Some(cause),
                None => {
                    return Err(raise!(
                        ctx,
                        TypeError,
                        "exception causes must derive from BaseException"
                    ));
                }
            }
        };
        base_exception::set_cause_of(ctx, &exception, cause);
        Ok(exception)
    });
    match made {
        Ok(exception) => exception::raise(ctx, exception),
        Err(raised) => raised,
    }
}

/// `RAISE_ACTIVE`: `raise` alone.
#[cold]
pub fn raise_active(ctx: &mut Ctx) -> Raised {
    match py(ctx).handled.clone() {
        Some(exception) => exception::raise_again(ctx, exception),
        None => raise!(ctx, RuntimeError, "No active exception to reraise"),
    }
}

/// `RERAISE`: the exception goes on its way.
#[cold]
pub fn reraise(ctx: &mut Ctx, exception: Obj) -> Raised {
    if exception.downcast::<PyException>().is_some() {
        return exception::raise_again(ctx, exception);
    }
    // The compiler writes no such code.
    raise!(ctx, TypeError, "exceptions must derive from BaseException")
}

/// `RAISE_ASSERTION`: AssertionError, with the message `r[a]` when `c` is 1.
///
/// # Safety
/// - `base` is the running frame's; with `c` = 1 the register holds a value.
#[cold]
pub unsafe fn raise_assertion(ctx: &mut Ctx, base: Base, a: usize, c: usize) -> Raised {
    let args = if c == 0 {
        Vec::new()
    } else {
        // SAFETY: as the caller says.
        vec![unsafe { frame::take_or_copy(ctx, base, a) }]
    };
    exception::raise_args(ctx, class::AssertionError, args)
}

/// `PUSH_EXC`: saves the handled exception in `r[a]`; the one in `r[b]` becomes the handled one.
///
/// A generator's first saves nothing but Null: what is below it is its resumer's, and may be another
/// one when the generator gets back to it.
///
/// # Safety
/// - `base` is the running frame's; `r[b]` holds an exception.
pub unsafe fn push(ctx: &mut Ctx, base: Base, a: usize, b: usize) {
    // SAFETY: as the caller says.
    unsafe {
        let exception = Obj::copy_word((*base.add(b)).word());
        let saved = py(ctx).handled.replace(exception);
        if frame::flags(base) & GENERATOR != 0 && generate::begin_handling(base) {
            drop(saved);
            StackRef::clear(base.add(a), ctx);
        } else {
            frame::put(ctx, base, a, saved.unwrap_or(Obj::NONE));
        }
    }
}

/// `POP_EXC`: restores what [`push`] saved in `r[a]`.
///
/// # Safety
/// - `base` is the running frame's; the register is what `push` left.
pub unsafe fn pop(ctx: &mut Ctx, base: Base, a: usize) {
    // SAFETY: as the caller says; the register's reference moves out.
    unsafe {
        let saved = Obj::from_nullable_ref((*base.add(a)).take());
        let restored = match saved {
            None if frame::flags(base) & GENERATOR != 0 => generate::end_handling(base),
            None => None,
            Some(saved) if saved.is_none() => None,
            Some(saved) => Some(saved),
        };
        if let Some(old) = core::mem::replace(&mut py(ctx).handled, restored) {
            old.release(ctx);
        }
    }
}

/// Raises TypeError unless `classes` is an exception class or a tuple of them.
fn check_classes(ctx: &mut Ctx, classes: &Obj) -> PyResult<()> {
    let valid = match classes.downcast::<PyTuple>() {
        Some(tuple) => tuple
            .items()
            .iter()
            .all(|class| is_exception_class(ctx, class)),
        None => is_exception_class(ctx, classes),
    };
    if valid {
        return Ok(());
    }
    Err(raise!(
        ctx,
        TypeError,
        "catching classes that do not inherit from BaseException is not allowed"
    ))
}

/// `EXC_MATCH`, `JUMP_NOT_EXC`: whether the exception `r[exception]`, which stays, matches `r[classes]`.
///
/// # Safety
/// - `base` is the running frame's; both registers hold values.
pub unsafe fn matches(
    ctx: &mut Ctx,
    base: Base,
    exception: usize,
    classes: usize,
) -> PyResult<bool> {
    // SAFETY: as the caller says; the exception stays in its register while it is looked at.
    let (classes, exception) = unsafe {
        let exception = Obj::borrow_word((*base.add(exception)).as_word());
        let exact = Word::object(&raw const type_of(ctx, exception).header);
        if Word::same(exact, (*base.add(classes)).word())
            && exception.downcast::<PyException>().is_some()
        {
            consume(ctx, base, classes);
            return Ok(true);
        }
        (frame::take_or_copy(ctx, base, classes), exception)
    };
    check_classes(ctx, &classes)?;
    Ok(group::is_instance_of_any(ctx, exception, &classes))
}

/// `EXC_GROUP_MATCH`: splits `r[b]` by `r[c]` into `r[a]` and `r[a+1]`.
///
/// # Safety
/// - `base` is the running frame's; the operands hold values.
pub unsafe fn match_group(ctx: &mut Ctx, base: Base, a: usize, b: usize, c: usize) -> PyResult<()> {
    // SAFETY: as the caller says.
    let (exception, classes) = unsafe {
        (
            frame::take_or_copy(ctx, base, b),
            frame::take_or_copy(ctx, base, c),
        )
    };
    check_classes(ctx, &classes)?;
    let is_group = |class: &Obj| {
        let groups = type_by_id(ctx, class::BaseExceptionGroup);
        class
            .downcast::<PyType>()
            .is_some_and(|class| class.is_subtype(ctx, groups))
    };
    let groups = match classes.downcast::<PyTuple>() {
        Some(tuple) => tuple.items().iter().any(is_group),
        None => is_group(&classes),
    };
    if groups {
        return Err(raise!(
            ctx,
            TypeError,
            "catching ExceptionGroup with except* is not allowed. Use except instead."
        ));
    }
    let (matching, rest) = group::match_group(ctx, &exception, &classes)?;
    if !matching.is_none() && !exception.is_none() && !group::is_group(ctx, &exception) {
        // The group around the lone exception was made here.
        // SAFETY: as the caller says; the instruction pointer is saved before anything is called.
        unsafe { record_in(ctx, base, &matching) };
    }
    if !matching.is_none() {
        py(ctx).handled = Some(matching.clone());
    }
    // SAFETY: as the caller says.
    unsafe {
        frame::put(ctx, base, a, matching);
        frame::put(ctx, base, a + 1, rest);
    }
    Ok(())
}

/// `PREP_RERAISE_STAR`: what an `except*` statement raises at its end, or None.
///
/// # Safety
/// - `base` is the running frame's; the operands hold values, `r[c]` a list.
pub unsafe fn prepare_reraise(
    ctx: &mut Ctx,
    base: Base,
    a: usize,
    b: usize,
    c: usize,
) -> PyResult<()> {
    // SAFETY: as the caller says.
    let (original, raised) = unsafe {
        (
            frame::take_or_copy(ctx, base, b),
            frame::take_or_copy(ctx, base, c),
        )
    };
    let raised = raised.expect::<PyList>().to_vec(ctx);
    let is_exception = |one: &Obj| one.is_none() || one.downcast::<PyException>().is_some();
    if !raised.iter().all(is_exception) {
        return Err(raise!(
            ctx,
            TypeError,
            "exceptions must derive from BaseException"
        ));
    }
    let left = group::prepare_reraise(ctx, &original, &raised)?;
    // SAFETY: as the caller says.
    unsafe { frame::put(ctx, base, a, left) };
    Ok(())
}

/// The TypeError for what is no context manager: it has no method `missing`.
#[cold]
pub fn no_manager(ctx: &mut Ctx, manager: &Obj, missing: &str) -> Raised {
    let class = protocol::type_name(ctx, manager);
    let names = names(ctx);
    let has = |ctx: &mut Ctx, name| attribute::lookup_special(ctx, manager, name).is_some();
    let is_async = missing.starts_with("__a");
    let (kind, hint) = if is_async {
        let other = has(ctx, &names.enter) && has(ctx, &names.exit);
        let hint = " but it supports the context manager protocol. Did you mean to use 'with'?";
        ("asynchronous context manager", other.then_some(hint))
    } else {
        let other = has(ctx, &names.aenter) && has(ctx, &names.aexit);
        let hint = " but it supports the asynchronous context manager protocol. Did you mean to use 'async with'?";
        ("context manager", other.then_some(hint))
    };
    let hint = hint.unwrap_or_default();
    raise!(
        ctx,
        TypeError,
        "'{class}' object does not support the {kind} protocol (missed {missing} method){hint}"
    )
}

/// `WITH_ENTER`: enters the manager `r[b]`; `r[a]` = its bound `__exit__`, `r[a+1]` = what `__enter__` returned.
///
/// # Safety
/// - `base` is the running frame's; the operand holds a value.
pub unsafe fn with_enter(ctx: &mut Ctx, base: Base, a: usize, b: usize) -> PyResult<Called> {
    // SAFETY: as the caller says.
    let manager = unsafe { frame::take_or_copy(ctx, base, b) };
    let names = names(ctx);
    let Some(exit) = attribute::bound_special(ctx, &manager, &names.exit)? else {
        return Err(no_manager(ctx, &manager, "__exit__"));
    };
    let Some(enter) = attribute::lookup_special(ctx, &manager, &names.enter) else {
        return Err(no_manager(ctx, &manager, "__enter__"));
    };
    // SAFETY: as the caller says; a value that is alive, and for a frame, registers above that are free.
    unsafe {
        if let Some(callee) = implicit::room(ctx, base, enter.word(), 1) {
            frame::put(ctx, base, a, exit);
            let (function, manager) = (enter.into_ref(ctx), manager.into_ref(ctx));
            let back = (1, a + 1);
            return Ok(implicit::enter(
                ctx,
                base,
                callee,
                function,
                [manager],
                back,
            ));
        }
    }
    // What binding it would come to.
    let entered = if type_id_of(&enter) == ids::FUNCTION {
        protocol::call(ctx, &enter, core::slice::from_ref(&manager))?
    } else {
        match attribute::bound_special(ctx, &manager, &names.enter)? {
            Some(enter) => protocol::call_with(ctx, &enter, Args::NONE)?,
            None => return Err(no_manager(ctx, &manager, "__enter__")),
        }
    };
    // SAFETY: as the caller says.
    unsafe {
        frame::put(ctx, base, a, exit);
        frame::put(ctx, base, a + 1, entered);
    }
    Ok(Called::Done)
}

/// `WITH_EXCEPT`: calls the exit function `r[b]` with the exception `r[c]`; both stay.
///
/// # Safety
/// - `base` is the running frame's; both registers hold values.
pub unsafe fn with_except(ctx: &mut Ctx, base: Base, a: usize, b: usize, c: usize) -> PyResult<()> {
    // SAFETY: as the caller says.
    let (exit, exception) = unsafe {
        (
            Obj::copy_word((*base.add(b)).word()),
            Obj::copy_word((*base.add(c)).word()),
        )
    };
    let class = type_of(ctx, &exception).to_obj();
    let traceback = match exception.downcast::<PyException>() {
        Some(body) => body.traceback.get(ctx, &body.header),
        None => None,
    };
    let answer = protocol::call(
        ctx,
        &exit,
        &[class, exception, traceback.unwrap_or(Obj::NONE)],
    )?;
    // SAFETY: as the caller says.
    unsafe { frame::put(ctx, base, a, answer) };
    Ok(())
}

/// Notes in the traceback of the exception on its way that it passes this frame.
///
/// # Safety
/// - `base` is the running frame's, and its saved instruction pointer is up to date.
#[cold]
pub unsafe fn record(ctx: &mut Ctx, base: Base) {
    // Adding it may fail, which stores nothing but takes what was stored.
    let Some(exception) = py(ctx).raised.take() else {
        return;
    };
    // SAFETY: as the caller says.
    unsafe { record_in(ctx, base, &exception) };
    py(ctx).raised = Some(exception);
}

/// Puts an entry for this frame in front of the traceback of `exception`.
///
/// # Safety
/// - As [`record`].
#[cold]
unsafe fn record_in(ctx: &mut Ctx, base: Base, exception: &Obj) {
    // SAFETY: as the caller says; the frame keeps its code, and the first register holds a word or null.
    let (frame, unit, first) = unsafe {
        let code = frame::code(base);
        let names = &code.code.local_names;
        let is_self = names.first().is_some_and(|name| &**name == "self") && !(*base).is_null();
        let first = is_self.then(|| Obj::copy_word((*base).word()));
        (observe::object_of(ctx, base), frame::unit(ctx, base), first)
    };
    match frame {
        Ok(frame) => traceback::add(ctx, exception, frame, unit, first.as_ref()),
        Err(raised) => drop(exception::take(ctx, raised)),
    }
}

/// The handler of the exception on its way, if this frame has one. Then the exception is
/// in its register, and the registers above are empty.
///
/// # Safety
/// - `base` is the running frame's, and its saved instruction pointer is up to date.
#[cold]
pub unsafe fn handle(ctx: &mut Ctx, base: Base) -> Option<Handler> {
    // SAFETY: as the caller says; a handler's depth is the number of a register.
    unsafe {
        let code = frame::code(base);
        let unit = frame::unit(ctx, base);
        let handler = *code.code.handler_at(unit)?;
        let exception = exception::take(ctx, crate::error::Raised::stored());
        for index in handler.depth as usize..code.nregs as usize {
            let register = base.add(index);
            if (*register).is_object() {
                StackRef::clear(register, ctx);
            }
        }
        *base.add(handler.depth as usize) = exception.into_ref(ctx);
        Some(handler)
    }
}

/// Leaves a frame that has no handler for the exception on its way.
///
/// # Safety
/// - `base` is the running frame's, `header` its flags and `previous` the base of the frame below.
#[cold]
pub unsafe fn leave(
    ctx: &mut Ctx,
    base: Base,
    header: u32,
    previous: Base,
    raised: Raised,
) -> Raised {
    // SAFETY: as the caller says; nothing uses the frame afterwards.
    unsafe {
        observe::hide(base);
        // Temporaries first, and before anybody takes the locals: they may have borrowed of them.
        let code = frame::code(base);
        for index in code.nlocals..code.nregs {
            StackRef::clear(base.add(index as usize), ctx);
        }
        let raised = if header & GENERATOR != 0 {
            generate::fail(ctx, base, raised)
        } else {
            if frame::flags(base) & OBSERVED != 0 {
                observe::leave(ctx, base, previous);
            }
            raised
        };
        frame::clear(ctx, base, frame::code(base).nlocals as usize, previous);
        if header & (ENTRY | GENERATOR) == 0 {
            py(ctx).depth -= 1;
        }
        raised
    }
}
