//! `int | str`: a set of alternatives, for annotations and `isinstance`.

use super::define::{GetSet, Method, Native, TypeDef, flag, getter, member, method};
use super::exception;
use super::generic_alias::PyGenericAlias;
use super::names::names;
use super::obj::Obj;
use super::payload::{self, Body, Payload};
use super::slots::{Comparison, Slots};
use super::str_;
use super::substitute;
use super::tuple::{self, PyTuple};
use super::type_::{PyType, full_name, type_object};
use super::{ids, protocol};
use crate::error::{PyResult, raise};
use crate::module::typing;
use crate::prelude::*;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

/// The body of a union.
pub struct PyUnion {
    /// The alternatives, a tuple; each once.
    pub members: Obj,
}

// SAFETY: `trace` reports the tuple.
unsafe impl Payload for PyUnion {
    const ID: u32 = ids::UNION;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "typing.Union";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.word(self.members.word());
    }
}

/// The alternatives of a union, a tuple.
pub fn members(x: &Obj) -> Option<Obj> {
    x.downcast::<PyUnion>().map(|u| u.members.clone())
}

/// An alternative, and its hash, unless asking for that raises something.
type Found = (Option<i64>, Obj);

/// Adds an alternative that is not there: those that have a hash are looked for among those, and the others among the others.
fn add(ctx: &mut Ctx, found: &mut Vec<Found>, x: &Obj) -> PyResult<()> {
    if let Some(union) = x.downcast::<PyUnion>() {
        for member in union.members.expect::<PyTuple>().items() {
            add(ctx, found, member)?;
        }
        return Ok(());
    }
    // `None` stands for its class.
    let x = if x.is_none() {
        type_object(ctx, ids::NONE_TYPE)
    } else {
        x.clone()
    };
    let hash = match protocol::hash(ctx, &x) {
        Ok(hash) => Some(hash),
        Err(raised) => {
            exception::take(ctx, raised);
            None
        }
    };
    for (_, known) in found.iter().filter(|(known, _)| *known == hash) {
        if protocol::equals(ctx, known, &x)? {
            return Ok(());
        }
    }
    found.push((hash, x));
    Ok(())
}

/// The union of these alternatives; a single one is itself.
pub fn from_members(ctx: &mut Ctx, alternatives: &[Obj]) -> PyResult {
    let mut found = Vec::new();
    for x in alternatives {
        add(ctx, &mut found, x)?;
    }
    if let [(_, single)] = &found[..] {
        return Ok(single.clone());
    }
    let found = found.into_iter().map(|(_, x)| x).collect();
    let members = tuple::from_vec(ctx, found)?;
    payload::new(ctx, PyUnion { members })
}

/// The union of these, which may be anything that stands for a type, also the name of one.
pub fn from_any(ctx: &mut Ctx, alternatives: &[Obj]) -> PyResult {
    let mut checked = Vec::with_capacity(alternatives.len());
    for x in alternatives {
        checked.push(typing::type_check(
            ctx,
            x,
            "Union[arg, ...]: each arg must be a type.",
        )?);
    }
    from_members(ctx, &checked)
}

/// Whether a value may stand in a union with any other.
fn is_alternative(x: &Obj) -> bool {
    let id = super::type_::type_id_of(x);
    x.is_none()
        || x.downcast::<PyType>().is_some()
        || x.downcast::<PyGenericAlias>().is_some()
        || matches!(id, ids::UNION | ids::TYPE_ALIAS)
}

/// `a | b` of classes and the like.
pub fn or(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    let union = |x: &Obj| super::type_::type_id_of(x) == ids::UNION;
    if union(a) || union(b) {
        return from_any(ctx, &[a.clone(), b.clone()]);
    }
    if !is_alternative(a) || !is_alternative(b) {
        return Ok(Obj::NOT_IMPLEMENTED);
    }
    from_members(ctx, &[a.clone(), b.clone()])
}

/// How an alternative, or an argument of a generic alias, is written.
pub fn item_text(ctx: &mut Ctx, x: &Obj) -> PyResult<String> {
    let id = super::type_::type_id_of(x);
    if id == ids::NONE_TYPE
        || x.downcast::<PyType>()
            .is_some_and(|t| t.id == ids::NONE_TYPE)
    {
        return Ok("None".to_owned());
    }
    if id == ids::ELLIPSIS {
        return Ok("...".to_owned());
    }
    if x.downcast::<PyType>().is_some() {
        return full_name(ctx, x);
    }
    if id != ids::GENERIC_ALIAS
        && let Some(text) = named_text(ctx, x)?
    {
        return Ok(text);
    }
    protocol::repr_string(ctx, x)
}

/// The full name of what has a name and a module, and is no class with arguments.
fn named_text(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<String>> {
    let all = names(ctx);
    let (qualname, module) = (all.qualname.clone(), all.module.clone());
    let origin = str_::intern(ctx, "__origin__");
    let arguments = str_::intern(ctx, "__args__");
    if protocol::find_attr(ctx, x, &origin)?.is_some()
        && protocol::find_attr(ctx, x, &arguments)?.is_some()
    {
        return Ok(None);
    }
    let Some(qualname) = protocol::find_attr(ctx, x, &qualname)? else {
        return Ok(None);
    };
    let module = protocol::find_attr(ctx, x, &module)?;
    let Some(module) = module.filter(|module| !module.is_none()) else {
        return Ok(None);
    };
    let qualname = protocol::str_string(ctx, &qualname)?;
    let module = protocol::str_string(ctx, &module)?;
    Ok(Some(match &*module {
        "builtins" => qualname,
        _ => format!("{module}.{qualname}"),
    }))
}

fn repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let members = &x.expect::<PyUnion>().members;
    let mut texts = Vec::new();
    for member in members.expect::<PyTuple>().items() {
        texts.push(item_text(ctx, member)?);
    }
    str_::new(ctx, &texts.join(" | "))
}

/// Whether every alternative of `a` is one of `b`.
fn within(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult<bool> {
    for x in a.expect::<PyTuple>().items() {
        let mut found = false;
        for y in b.expect::<PyTuple>().items() {
            found = found || protocol::equals(ctx, x, y)?;
        }
        if !found {
            return Ok(false);
        }
    }
    Ok(true)
}

fn compare(ctx: &mut Ctx, a: &Obj, b: &Obj, op: Comparison) -> PyResult {
    let (Some(x), Some(y), Comparison::Eq | Comparison::Ne) = (members(a), members(b), op) else {
        return Ok(Obj::NOT_IMPLEMENTED);
    };
    let equal = within(ctx, &x, &y)? && within(ctx, &y, &x)?;
    Ok(Obj::bool(equal == (op == Comparison::Eq)))
}

fn hash(ctx: &mut Ctx, x: &Obj) -> PyResult<i64> {
    let mut hash = 0;
    for member in x.expect::<PyUnion>().members.expect::<PyTuple>().items() {
        hash ^= protocol::hash(ctx, member)?;
    }
    Ok(if hash == -1 { -2 } else { hash })
}

fn instance_check(ctx: &mut Ctx, x: &Obj, value: &Obj) -> PyResult {
    let members = x.expect::<PyUnion>().members.clone();
    super::type_::check::is_instance(ctx, value, &members).map(Obj::bool)
}

fn subclass_check(ctx: &mut Ctx, x: &Obj, class: &Obj) -> PyResult {
    if class.downcast::<PyType>().is_none() {
        return Err(raise!(ctx, TypeError, "issubclass() arg 1 must be a class"));
    }
    let members = x.expect::<PyUnion>().members.clone();
    super::type_::check::is_subclass(ctx, class, &members).map(Obj::bool)
}

fn class_getitem(ctx: &mut Ctx, _: &Obj, x: &Obj) -> PyResult {
    match x.downcast::<PyTuple>() {
        Some(items) if items.items().is_empty() => {
            Err(raise!(ctx, TypeError, "Cannot take a Union of no types."))
        }
        Some(items) => from_any(ctx, items.items()),
        None => from_any(ctx, core::slice::from_ref(x)),
    }
}

fn arguments(_: &mut Ctx, x: &Obj) -> PyResult {
    Ok(x.expect::<PyUnion>().members.clone())
}

fn origin(ctx: &mut Ctx, _: &Obj) -> PyResult {
    Ok(type_object(ctx, ids::UNION))
}

fn name(ctx: &mut Ctx, _: &Obj) -> PyResult {
    Ok(str_::intern(ctx, "Union"))
}

fn parameters(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let members = x.expect::<PyUnion>().members.clone();
    substitute::parameters_of(ctx, &members)
}

fn getitem(ctx: &mut Ctx, x: &Obj, item: &Obj) -> PyResult {
    let members = x.expect::<PyUnion>().members.clone();
    let parameters = substitute::parameters_of(ctx, &members)?;
    let chosen = substitute::substitute(ctx, x, &members, &parameters, item)?;
    from_any(ctx, chosen.expect::<PyTuple>().items())
}

fn mro_entries(ctx: &mut Ctx, x: &Obj, _: &Obj) -> PyResult {
    let text = protocol::repr_string(ctx, x)?;
    Err(raise!(ctx, TypeError, "Cannot subclass {text}"))
}

static METHODS: &[Method] = &[
    method("__instancecheck__", Native::M1(instance_check)),
    method("__subclasscheck__", Native::M1(subclass_check)),
    method("__class_getitem__", Native::C1(class_getitem)),
    method("__mro_entries__", Native::M1(mro_entries)),
];

static GETSET: &[GetSet] = &[
    member("__args__", arguments),
    getter("__origin__", origin),
    getter("__name__", name),
    getter("__qualname__", name),
    getter("__parameters__", parameters),
];

/// `types.UnionType`, which is `typing.Union`.
pub static UNION: TypeDef = TypeDef {
    id: ids::UNION,
    name: "typing.Union",
    base: ids::OBJECT,
    layout: ids::UNION,
    kind: &Body::<PyUnion>::KIND,
    flags: flag::NO_NEW,
    slots: Slots {
        repr: Some(repr),
        compare: Some(compare),
        hash: Some(hash),
        or: Some(or),
        getitem: Some(getitem),
        ..Slots::NONE
    },
    methods: METHODS,
    getset: GETSET,
    doc: "Alternatives, written int | str.",
};
