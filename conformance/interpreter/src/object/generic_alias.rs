//! `types.GenericAlias`: a class with type arguments, `list[int]`.

use super::args::Args;
use super::attribute;
use super::define::{GetSet, Method, Native, TypeDef, flag, getter, member, method};
use super::obj::Obj;
use super::payload::{self, Body, Payload};
use super::slot::Slot;
use super::slots::{Comparison, Slots};
use super::str_::{self, PyStr};
use super::substitute::{parameters_of, substitute};
use super::tuple::{self, PyTuple};
use super::type_::{PyType, type_id_of};
use super::union_;
use super::{ids, iterator, iterator_state, list, protocol};
use crate::builtins::attributes::names_of;
use crate::error::{PyResult, raise};
use crate::module::support::id_of;
use crate::object::exception::{self, class};
use crate::prelude::*;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

/// The body of a generic alias.
pub struct PyGenericAlias {
    /// The class.
    pub origin: Obj,
    /// Its arguments, a tuple.
    pub args: Obj,
    /// The type variables among them, a tuple.
    pub parameters: Obj,
    /// Whether it was written with a star.
    pub starred: bool,
}

// SAFETY: `trace` reports all references.
unsafe impl Payload for PyGenericAlias {
    const ID: u32 = ids::GENERIC_ALIAS;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "types.GenericAlias";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        for value in [&self.origin, &self.args, &self.parameters] {
            tracer.word(value.word());
        }
    }
}

fn make(ctx: &mut Ctx, origin: &Obj, args: Obj, starred: bool) -> PyResult {
    make_as(ctx, ids::GENERIC_ALIAS, origin, args, starred)
}

fn make_as(ctx: &mut Ctx, class: u32, origin: &Obj, args: Obj, starred: bool) -> PyResult {
    let parameters = parameters_of(ctx, &args)?;
    let alias = PyGenericAlias {
        origin: origin.clone(),
        args,
        parameters,
        starred,
    };
    payload::allocate(ctx, class, alias)
}

/// `item` itself if it is a tuple, or a tuple of it.
fn as_tuple(ctx: &mut Ctx, item: &Obj) -> PyResult {
    match type_id_of(item) {
        ids::TUPLE => Ok(item.clone()),
        _ => tuple::from_vec(ctx, vec![item.clone()]),
    }
}

/// `origin[item]`.
pub fn new(ctx: &mut Ctx, origin: &Obj, item: &Obj) -> PyResult {
    let args = as_tuple(ctx, item)?;
    make(ctx, origin, args, false)
}

/// `__class_getitem__` of generic built-in classes: `Native::C1(generic_alias::class_getitem)`.
pub fn class_getitem(ctx: &mut Ctx, class: &Obj, item: &Obj) -> PyResult {
    new(ctx, class, item)
}

fn construct(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    args.check(ctx, "GenericAlias", 2, 2)?;
    let items = as_tuple(ctx, &args.pos[1])?;
    make_as(ctx, id_of(class), &args.pos[0], items, false)
}

fn body(x: &Obj) -> &Body<PyGenericAlias> {
    x.expect::<PyGenericAlias>()
}

fn argument_text(ctx: &mut Ctx, x: &Obj) -> PyResult<String> {
    if let Some(items) = x.downcast::<list::PyList>() {
        // A parameter list, as in `Callable[[int], str]`.
        let mut texts = Vec::new();
        for item in items.to_vec(ctx) {
            texts.push(union_::item_text(ctx, &item)?);
        }
        return Ok(format!("[{}]", texts.join(", ")));
    }
    union_::item_text(ctx, x)
}

fn repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let alias = body(x);
    let origin = union_::item_text(ctx, &alias.origin)?;
    let items = alias.args.expect::<PyTuple>().items();
    let mut texts = Vec::new();
    for item in items {
        texts.push(argument_text(ctx, item)?);
    }
    let args = if texts.is_empty() {
        "()".to_owned()
    } else {
        texts.join(", ")
    };
    let star = if alias.starred { "*" } else { "" };
    str_::new(ctx, &format!("{star}{origin}[{args}]"))
}

fn compare(ctx: &mut Ctx, a: &Obj, b: &Obj, op: Comparison) -> PyResult {
    let (Some(y), Comparison::Eq | Comparison::Ne) = (b.downcast::<PyGenericAlias>(), op) else {
        return Ok(Obj::NOT_IMPLEMENTED);
    };
    let x = body(a);
    let equal = x.starred == y.starred
        && protocol::equals(ctx, &x.origin, &y.origin)?
        && protocol::equals(ctx, &x.args, &y.args)?;
    Ok(Obj::bool(equal == (op == Comparison::Eq)))
}

fn hash(ctx: &mut Ctx, x: &Obj) -> PyResult<i64> {
    let alias = body(x);
    let hash = protocol::hash(ctx, &alias.origin)? ^ protocol::hash(ctx, &alias.args)?;
    Ok(if hash == -1 { -2 } else { hash })
}

fn call(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    let made = protocol::call_with(ctx, &body(x).origin, args)?;
    let name = str_::intern(ctx, "__orig_class__");
    // Only instances that take any attribute remember how they were made.
    if let Err(raised) = protocol::setattr(ctx, &made, &name, Some(x)) {
        let ignorable = exception::matches(ctx, &raised, class::AttributeError)
            || exception::matches(ctx, &raised, class::TypeError);
        if !ignorable {
            return Err(raised);
        }
        exception::take(ctx, raised);
    }
    Ok(made)
}

/// Attributes that are the alias's own; all others are the class's.
const OWN: &[&str] = &[
    "__class__",
    "__origin__",
    "__args__",
    "__unpacked__",
    "__parameters__",
    "__typing_unpacked_tuple_args__",
    "__mro_entries__",
    "__reduce_ex__",
    "__reduce__",
];

/// Attributes that a class may have, and its alias has not.
const REFUSED: &[&str] = &["__bases__", "__copy__", "__deepcopy__"];

fn getattr(ctx: &mut Ctx, x: &Obj, name: &Obj) -> PyResult {
    let text = name.expect::<PyStr>().as_str_lossy();
    if REFUSED.contains(&&*text) || OWN.contains(&&*text) {
        return attribute::generic_get(ctx, x, name);
    }
    protocol::getattr(ctx, &body(x).origin, name)
}

fn getitem(ctx: &mut Ctx, x: &Obj, item: &Obj) -> PyResult {
    let alias = body(x);
    let args = substitute(ctx, x, &alias.args, &alias.parameters, item)?;
    make(ctx, &alias.origin, args, alias.starred)
}

fn iter(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let alias = Slot::new(x.clone());
    payload::new(ctx, AliasIterator { alias })
}

fn dir(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let mut known = names_of(ctx, &body(x).origin)?;
    known.retain(|name| {
        name.downcast::<PyStr>()
            .is_none_or(|name| !REFUSED.contains(&&*name.as_str_lossy()))
    });
    let all = list::from_vec(ctx, known.clone())?;
    for own in OWN {
        let own = str_::intern(ctx, own);
        if !known.iter().any(|known| known.is(&own)) {
            all.expect::<list::PyList>().push(ctx, own)?;
        }
    }
    Ok(all)
}

fn mro_entries(ctx: &mut Ctx, x: &Obj, _: &Obj) -> PyResult {
    tuple::from_vec(ctx, vec![body(x).origin.clone()])
}

fn instance_check(ctx: &mut Ctx, _: &Obj, _: &Obj) -> PyResult {
    Err(raise!(
        ctx,
        TypeError,
        "isinstance() argument 2 cannot be a parameterized generic"
    ))
}

fn subclass_check(ctx: &mut Ctx, _: &Obj, _: &Obj) -> PyResult {
    Err(raise!(
        ctx,
        TypeError,
        "issubclass() argument 2 cannot be a parameterized generic"
    ))
}

fn reduce(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let alias = body(x);
    if alias.starred {
        // It is what iterating over the one without a star gives.
        let plain = make(ctx, &alias.origin, alias.args.clone(), false)?;
        let iterator = iter(ctx, &plain)?;
        let next = iterator_state::builtin(ctx, "next")?;
        let args = tuple::from_vec(ctx, vec![iterator])?;
        return tuple::from_vec(ctx, vec![next, args]);
    }
    let class = super::type_::type_of(ctx, x).to_obj();
    let args = tuple::from_vec(ctx, vec![alias.origin.clone(), alias.args.clone()])?;
    tuple::from_vec(ctx, vec![class, args])
}

fn origin(_: &mut Ctx, x: &Obj) -> PyResult {
    Ok(body(x).origin.clone())
}

fn arguments(_: &mut Ctx, x: &Obj) -> PyResult {
    Ok(body(x).args.clone())
}

fn parameters(_: &mut Ctx, x: &Obj) -> PyResult {
    Ok(body(x).parameters.clone())
}

fn unpacked(_: &mut Ctx, x: &Obj) -> PyResult {
    Ok(Obj::bool(body(x).starred))
}

fn unpacked_args(_: &mut Ctx, x: &Obj) -> PyResult {
    let alias = body(x);
    let tuple = alias
        .origin
        .downcast::<PyType>()
        .is_some_and(|t| t.id == ids::TUPLE);
    Ok(if alias.starred && tuple {
        alias.args.clone()
    } else {
        Obj::NONE
    })
}

static METHODS: &[Method] = &[
    method("__mro_entries__", Native::M1(mro_entries)),
    method("__instancecheck__", Native::M1(instance_check)),
    method("__subclasscheck__", Native::M1(subclass_check)),
    method("__reduce__", Native::M0(reduce)),
    method("__dir__", Native::M0(dir)),
];

static GETSET: &[GetSet] = &[
    member("__origin__", origin),
    member("__args__", arguments),
    getter("__parameters__", parameters),
    member("__unpacked__", unpacked),
    getter("__typing_unpacked_tuple_args__", unpacked_args),
];

/// `types.GenericAlias`.
pub static GENERIC_ALIAS: TypeDef = TypeDef {
    id: ids::GENERIC_ALIAS,
    name: "types.GenericAlias",
    base: ids::OBJECT,
    layout: ids::GENERIC_ALIAS,
    kind: &Body::<PyGenericAlias>::KIND,
    flags: flag::BASE,
    slots: Slots {
        new: Some(construct),
        repr: Some(repr),
        compare: Some(compare),
        hash: Some(hash),
        call: Some(call),
        getattr: Some(getattr),
        getitem: Some(getitem),
        iter: Some(iter),
        or: Some(union_::or),
        ..Slots::NONE
    },
    methods: METHODS,
    getset: GETSET,
    doc: "A class with type arguments.",
};

/// The iterator behind `*tuple[int, str]` among type arguments: it gives the alias with its star, once.
pub struct AliasIterator {
    alias: Slot,
}

// SAFETY: `trace` reports the alias.
unsafe impl Payload for AliasIterator {
    const ID: u32 = ids::GENERIC_ALIAS_ITER;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "generic_alias_iterator";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.alias.trace(tracer);
    }
}

fn next(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<Obj>> {
    let iterator = x.expect::<AliasIterator>();
    let Some(plain) = iterator.alias.replace(ctx, &iterator.header, None) else {
        return Ok(None);
    };
    let alias = body(&plain);
    make(ctx, &alias.origin, alias.args.clone(), true).map(Some)
}

fn reduce_iterator(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let iterator = x.expect::<AliasIterator>();
    let source = match iterator.alias.get(ctx, &iterator.header) {
        Some(alias) => alias,
        None => tuple::from_vec(ctx, Vec::new())?,
    };
    let iter = iterator_state::builtin(ctx, "iter")?;
    let args = tuple::from_vec(ctx, vec![source])?;
    tuple::from_vec(ctx, vec![iter, args])
}

/// `generic_alias_iterator`.
pub static GENERIC_ALIAS_ITER: TypeDef = TypeDef {
    id: ids::GENERIC_ALIAS_ITER,
    name: "generic_alias_iterator",
    base: ids::OBJECT,
    layout: ids::GENERIC_ALIAS_ITER,
    kind: &Body::<AliasIterator>::KIND,
    flags: flag::NO_NEW,
    slots: Slots {
        iter: Some(iterator::itself),
        next: Some(next),
        ..Slots::NONE
    },
    methods: &[method("__reduce__", Native::M0(reduce_iterator))],
    getset: &[],
    doc: "",
};
