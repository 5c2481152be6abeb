//! Exception groups: several exceptions raised together, and how `except*` takes them apart.

use super::base::{self, body};
use super::{ExceptionDef, PyException, class};
use crate::error::{PyResult, raise};
use crate::object::args::Args;
use crate::object::define::{Native, member, method};
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::slots::Slots;
use crate::object::str_::{self, PyStr};
use crate::object::tuple::{self, PyTuple};
use crate::object::type_::{PyType, type_by_id, type_object, type_of};
use crate::object::{list, protocol};
use crate::prelude::*;
use kit_core::thread::Ctx;

const MESSAGE: usize = 0;
const EXCEPTIONS: usize = 1;
/// What `repr` shows of a sequence that is neither a list nor a tuple.
const SHOWN: usize = 2;

/// `BaseExceptionGroup`.
pub static BASE_EXCEPTION_GROUP: ExceptionDef = ExceptionDef {
    id: class::BaseExceptionGroup,
    slots: Slots {
        new: Some(new),
        str: Some(str),
        repr: Some(repr),
        ..Slots::NONE
    },
    methods: &[
        method("derive", Native::M1(derive)),
        method("split", Native::M1(split)),
        method("subgroup", Native::M1(subgroup)),
        method(
            "__class_getitem__",
            Native::C1(crate::object::generic_alias::class_getitem),
        ),
    ],
    getset: &[
        member("message", base::get_field::<MESSAGE>),
        member("exceptions", base::get_field::<EXCEPTIONS>),
    ],
};

/// Whether the exception is a group.
pub fn is_group(ctx: &Ctx, exception: &Obj) -> bool {
    super::is_instance(ctx, exception, class::BaseExceptionGroup)
}

/// The exceptions in a group, as a tuple.
pub fn exceptions(ctx: &Ctx, group: &Obj) -> Obj {
    let found = body(group).field(ctx, EXCEPTIONS);
    found.unwrap_or_else(|| crate::vm::thread::empty_tuple(ctx))
}

fn members(ctx: &mut Ctx, sequence: &Obj) -> PyResult<Vec<Obj>> {
    let is_sequence = type_of(ctx, sequence).slots(ctx).getitem.is_some()
        && sequence.downcast::<crate::object::dict::PyDict>().is_none();
    if !is_sequence {
        return Err(raise!(
            ctx,
            TypeError,
            "second argument (exceptions) must be a sequence"
        ));
    }
    let items = protocol::collect(ctx, sequence)?;
    if items.is_empty() {
        return Err(raise!(
            ctx,
            ValueError,
            "second argument (exceptions) must be a non-empty sequence"
        ));
    }
    for (index, item) in items.iter().enumerate() {
        if item.downcast::<PyException>().is_none() {
            return Err(raise!(
                ctx,
                ValueError,
                "Item {index} of second argument (exceptions) is not an exception"
            ));
        }
    }
    Ok(items)
}

fn new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    let name = protocol::class_name(ctx, class.expect::<PyType>());
    args.no_keywords(ctx, &name)?;
    let [message, sequence] = args.pos else {
        let given = args.pos.len();
        return Err(raise!(
            ctx,
            TypeError,
            "BaseExceptionGroup.__new__() takes exactly 2 arguments ({given} given)"
        ));
    };
    if message.downcast::<PyStr>().is_none() {
        let class = str_::argument_type(ctx, message);
        return Err(raise!(
            ctx,
            TypeError,
            "BaseExceptionGroup.__new__() argument 1 must be str, not {class}"
        ));
    }
    let items = members(ctx, sequence)?;
    let plain = items
        .iter()
        .all(|item| super::is_instance(ctx, item, class::Exception));
    let mut id = class.expect::<PyType>().id;
    if id == class::BaseExceptionGroup && plain {
        id = class::ExceptionGroup;
    } else if id == class::ExceptionGroup && !plain {
        return Err(raise!(
            ctx,
            TypeError,
            "Cannot nest BaseExceptions in an ExceptionGroup"
        ));
    } else if !plain
        && class
            .expect::<PyType>()
            .is_subtype(ctx, type_by_id(ctx, class::Exception))
    {
        return Err(raise!(
            ctx,
            TypeError,
            "Cannot nest BaseExceptions in '{name}'"
        ));
    }
    let arguments = tuple::from_slice(ctx, args.pos)?;
    let group = super::with_args(ctx, id, arguments)?;
    let items = tuple::from_vec(ctx, items)?;
    body(&group).set_field(ctx, MESSAGE, Some(message.clone()));
    body(&group).set_field(ctx, EXCEPTIONS, Some(items));
    if sequence.downcast::<list::PyList>().is_none() && sequence.downcast::<PyTuple>().is_none() {
        let shown = protocol::repr(ctx, sequence)?;
        body(&group).set_field(ctx, SHOWN, Some(shown));
    }
    Ok(group)
}

fn str(ctx: &mut Ctx, group: &Obj) -> PyResult {
    let message = body(group).field(ctx, MESSAGE).unwrap_or(Obj::NONE);
    let message = protocol::str(ctx, &message)?;
    let count = exceptions(ctx, group).expect::<PyTuple>().items().len();
    let plural = if count == 1 { "" } else { "s" };
    let mut shown = message.expect::<PyStr>().text().to_owned();
    shown.push_str(&format!(" ({count} sub-exception{plural})"));
    str_::from_wtf8(ctx, &shown)
}

fn repr(ctx: &mut Ctx, group: &Obj) -> PyResult {
    let name = protocol::type_name(ctx, group);
    let message = body(group).field(ctx, MESSAGE).unwrap_or(Obj::NONE);
    let message = protocol::repr_string(ctx, &message)?;
    if let Some(shown) = body(group).field(ctx, SHOWN) {
        let shown = protocol::str_string(ctx, &shown)?;
        return str_::new(ctx, &format!("{name}({message}, {shown})"));
    }
    let args = body(group).arguments(ctx);
    let items = exceptions(ctx, group);
    // Shown as the sequence that was given: a list as a list.
    let is_list = match args.expect::<PyTuple>().items() {
        [_, given] => given.downcast::<list::PyList>().is_some(),
        _ => false,
    };
    let shown = if is_list {
        let items = items.expect::<PyTuple>().items().to_vec();
        list::from_vec(ctx, items)?
    } else {
        items
    };
    let shown = protocol::repr_string(ctx, &shown)?;
    str_::new(ctx, &format!("{name}({message}, {shown})"))
}

fn derive(ctx: &mut Ctx, group: &Obj, items: &Obj) -> PyResult {
    let message = body(group).field(ctx, MESSAGE).unwrap_or(Obj::NONE);
    let class = type_object(ctx, class::BaseExceptionGroup);
    new(ctx, &class, Args::positional(&[message, items.clone()]))
}

/// A group like `group` with other members: traceback, cause, context and notes are kept.
fn derive_like(ctx: &mut Ctx, group: &Obj, items: Vec<Obj>) -> PyResult {
    let items = list::from_vec(ctx, items)?;
    let derive = str_::intern(ctx, "derive");
    let made = protocol::call_method(ctx, group, &derive, &[items])?;
    if !is_group(ctx, &made) {
        return Err(raise!(
            ctx,
            TypeError,
            "derive must return an instance of BaseExceptionGroup"
        ));
    }
    let (from, to) = (body(group), body(&made));
    let traceback = from.traceback.get(ctx, &from.header);
    to.traceback.set(ctx, &to.header, traceback);
    let context = from.context.get(ctx, &from.header);
    to.context.set(ctx, &to.header, context);
    let cause = from.cause.get(ctx, &from.header);
    base::set_cause_of(ctx, &made, cause);
    if let Some(notes) = base::notes(ctx, group)?
        && let Some(notes) = notes.downcast::<list::PyList>()
    {
        let copy = list::from_vec(ctx, notes.to_vec(ctx))?;
        protocol::setattr(ctx, &made, &names(ctx).notes, Some(&copy))?;
    }
    Ok(made)
}

/// What selects the members of a group.
enum Condition<'a> {
    /// Instances of a class, or of one in a tuple.
    Classes(&'a Obj),
    /// Those for which a function is true.
    Predicate(&'a Obj),
}

impl Condition<'_> {
    fn of<'a>(ctx: &mut Ctx, value: &'a Obj) -> PyResult<Condition<'a>> {
        let is_class = |ctx: &Ctx, value: &Obj| {
            value
                .downcast::<PyType>()
                .is_some_and(|c| c.is_subtype(ctx, type_by_id(ctx, class::BaseException)))
        };
        if is_class(ctx, value) {
            return Ok(Condition::Classes(value));
        }
        if let Some(tuple) = value.downcast::<PyTuple>() {
            if tuple.items().iter().all(|item| is_class(ctx, item)) {
                return Ok(Condition::Classes(value));
            }
        } else if value.downcast::<PyType>().is_none() && protocol::is_callable(ctx, value) {
            return Ok(Condition::Predicate(value));
        }
        Err(raise!(
            ctx,
            TypeError,
            "expected an exception type, a tuple of exception types, or a callable (other than a class)"
        ))
    }

    fn holds(&self, ctx: &mut Ctx, exception: &Obj) -> PyResult<bool> {
        match self {
            Condition::Classes(classes) => Ok(is_instance_of_any(ctx, exception, classes)),
            Condition::Predicate(function) => {
                let answer = protocol::call(ctx, function, core::slice::from_ref(exception))?;
                protocol::truth(ctx, &answer)
            }
        }
    }
}

/// Whether the exception is an instance of a class or of one in a tuple of classes (which may be
/// nested), by inheritance alone.
pub fn is_instance_of_any(ctx: &Ctx, exception: &Obj, classes: &Obj) -> bool {
    if let Some(class) = classes.downcast::<PyType>() {
        return type_of(ctx, exception).is_subtype(ctx, class);
    }
    classes.downcast::<PyTuple>().is_some_and(|tuple| {
        tuple
            .items()
            .iter()
            .any(|class| is_instance_of_any(ctx, exception, class))
    })
}

/// Splits into what fulfils the condition and the rest.
fn divide(
    ctx: &mut Ctx,
    exception: &Obj,
    condition: &Condition<'_>,
    rest_wanted: bool,
) -> PyResult<(Option<Obj>, Option<Obj>)> {
    if condition.holds(ctx, exception)? {
        return Ok((Some(exception.clone()), None));
    }
    if !is_group(ctx, exception) {
        return Ok((None, Some(exception.clone())));
    }
    let (mut matching, mut rest) = (Vec::new(), Vec::new());
    let items = exceptions(ctx, exception);
    for item in items.expect::<PyTuple>().items() {
        let (yes, no) = protocol::recursive(ctx, " in exceptiongroup_split_recursive", |ctx| {
            divide(ctx, item, condition, rest_wanted)
        })?;
        matching.extend(yes);
        rest.extend(no);
    }
    let wrap = |ctx: &mut Ctx, items: Vec<Obj>| {
        if items.is_empty() {
            Ok(None)
        } else {
            derive_like(ctx, exception, items).map(Some)
        }
    };
    let matching = wrap(ctx, matching)?;
    let rest = if rest_wanted { wrap(ctx, rest)? } else { None };
    Ok((matching, rest))
}

fn split(ctx: &mut Ctx, group: &Obj, condition: &Obj) -> PyResult {
    let condition = Condition::of(ctx, condition)?;
    let (matching, rest) = divide(ctx, group, &condition, true)?;
    let parts = [matching, rest].map(|part| part.unwrap_or(Obj::NONE));
    tuple::from_slice(ctx, &parts)
}

fn subgroup(ctx: &mut Ctx, group: &Obj, condition: &Obj) -> PyResult {
    let condition = Condition::of(ctx, condition)?;
    let (matching, _) = divide(ctx, group, &condition, false)?;
    Ok(matching.unwrap_or(Obj::NONE))
}

/// `except* classes`: what of `exception` matches, as a group, and what remains. A match that is
/// no group is wrapped in one.
pub fn match_group(ctx: &mut Ctx, exception: &Obj, classes: &Obj) -> PyResult<(Obj, Obj)> {
    if exception.is_none() {
        return Ok((Obj::NONE, Obj::NONE));
    }
    if is_instance_of_any(ctx, exception, classes) {
        if is_group(ctx, exception) {
            return Ok((exception.clone(), Obj::NONE));
        }
        let message = str_::new(ctx, "")?;
        let items = tuple::from_slice(ctx, core::slice::from_ref(exception))?;
        let class = type_object(ctx, class::BaseExceptionGroup);
        let group = new(ctx, &class, Args::positional(&[message, items]))?;
        return Ok((group, Obj::NONE));
    }
    if !is_group(ctx, exception) {
        return Ok((Obj::NONE, exception.clone()));
    }
    // The whole condition is about classes, so `split` of a derived class is asked as well.
    let split = str_::intern(ctx, "split");
    let pair = protocol::call_method(ctx, exception, &split, core::slice::from_ref(classes))?;
    match pair.downcast::<PyTuple>().map(|p| p.items()) {
        // More items are let pass, as they once were.
        Some([matching, rest, ..]) => Ok((matching.clone(), rest.clone())),
        Some(items) => {
            let class = protocol::type_name(ctx, exception);
            let size = items.len();
            Err(raise!(
                ctx,
                TypeError,
                "{class}.split must return a 2-tuple, got tuple of size {size}"
            ))
        }
        None => {
            let class = protocol::type_name(ctx, exception);
            let got = protocol::type_name(ctx, &pair);
            Err(raise!(
                ctx,
                TypeError,
                "{class}.split must return a tuple, not {got}"
            ))
        }
    }
}

/// The exception that the `except*` clauses of one `try` leave: `original` with what is not handled
/// (`remaining`, in its structure) and what the clauses raised anew. None when nothing is left.
/// `raised` holds, per clause, the exception it raised, or None.
pub fn prepare_reraise(ctx: &mut Ctx, original: &Obj, raised: &[Obj]) -> PyResult {
    let raised: Vec<Obj> = raised.iter().filter(|e| !e.is_none()).cloned().collect();
    if raised.is_empty() {
        return Ok(Obj::NONE);
    }
    if !is_group(ctx, original) {
        // The only clause that ran has raised, or the exception itself goes on.
        return Ok(raised[0].clone());
    }
    // Exceptions that are parts of the original share its metadata; the others are new.
    let same = |ctx: &Ctx, e: &Obj| {
        let (a, b) = (body(e), body(original));
        let word = |slot: &crate::object::slot::Slot| slot.peek();
        let _ = ctx;
        is_group(ctx, e)
            && word(&a.traceback) == word(&b.traceback)
            && word(&a.cause) == word(&b.cause)
            && word(&a.context) == word(&b.context)
    };
    let (parts, mut anew): (Vec<Obj>, Vec<Obj>) = raised.into_iter().partition(|e| same(ctx, e));
    let rest = if parts.is_empty() {
        None
    } else {
        project(ctx, original, &parts)?
    };
    if anew.is_empty() {
        return Ok(rest.unwrap_or(Obj::NONE));
    }
    anew.extend(rest);
    if let [only] = anew.as_slice() {
        return Ok(only.clone());
    }
    let message = str_::new(ctx, "")?;
    let items = list::from_vec(ctx, anew)?;
    let class = type_object(ctx, class::BaseExceptionGroup);
    new(ctx, &class, Args::positional(&[message, items]))
}

/// The part of `original` whose leaves occur in `parts`.
fn project(ctx: &mut Ctx, original: &Obj, parts: &[Obj]) -> PyResult<Option<Obj>> {
    let mut leaves = Vec::new();
    for part in parts {
        collect_leaves(ctx, part, &mut leaves);
    }
    keep(ctx, original, &leaves)
}

fn collect_leaves(ctx: &Ctx, exception: &Obj, leaves: &mut Vec<Obj>) {
    if is_group(ctx, exception) {
        let items = exceptions(ctx, exception);
        for item in items.expect::<PyTuple>().items() {
            collect_leaves(ctx, item, leaves);
        }
    } else {
        leaves.push(exception.clone());
    }
}

fn keep(ctx: &mut Ctx, exception: &Obj, leaves: &[Obj]) -> PyResult<Option<Obj>> {
    if !is_group(ctx, exception) {
        return Ok(leaves
            .iter()
            .any(|leaf| leaf.is(exception))
            .then(|| exception.clone()));
    }
    let items = exceptions(ctx, exception);
    let mut kept = Vec::new();
    for item in items.expect::<PyTuple>().items() {
        kept.extend(keep(ctx, item, leaves)?);
    }
    if kept.is_empty() {
        Ok(None)
    } else {
        derive_like(ctx, exception, kept).map(Some)
    }
}
