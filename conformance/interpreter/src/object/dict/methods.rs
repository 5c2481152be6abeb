//! The type `dict`: its operations and methods.

use super::super::args::Args;
use super::super::define::{Native, TypeDef, flag, method};
use super::super::exception::{self, class};
use super::super::names::names;
use super::super::obj::Obj;
use super::super::payload::{self, Body};
use super::super::set::PySet;
use super::super::slot::critical2;
use super::super::slots::{Comparison, Slots};
use super::super::type_::{PyType, type_id_of, type_of};
use super::super::{attribute, ids, protocol, repr_guard, tuple};
use super::iterate::{self, Keys, ReverseKeys};
use super::{PyDict, hash_key, new, views};
use crate::error::{PyResult, Raised, raise};
use crate::module::support::class_getitem;
use crate::prelude::*;
use crate::text::wtf8::Wtf8Buf;
use kit_core::thread::Ctx;

#[inline(always)]
fn body(dict: &Obj) -> &Body<PyDict> {
    dict.expect::<PyDict>()
}

/// Stores KeyError with the key as its argument.
#[cold]
pub fn key_error(ctx: &mut Ctx, key: &Obj) -> Raised {
    exception::raise_args(ctx, class::KeyError, vec![key.clone()])
}

// --- Making and merging ----------------------------------------------------------------------------

fn dict_new(ctx: &mut Ctx, class: &Obj, _: Args<'_>) -> PyResult {
    let id = class.expect::<PyType>().id;
    payload::allocate(ctx, id, PyDict::empty())
}

fn dict_init(ctx: &mut Ctx, dict: &Obj, args: Args<'_>) -> PyResult<()> {
    fill(ctx, dict, args, "dict")
}

/// What `dict(...)` and `update(...)` do with their arguments.
fn fill(ctx: &mut Ctx, dict: &Obj, args: Args<'_>, name: &str) -> PyResult<()> {
    Args::positional(args.pos).check(ctx, name, 0, 1)?;
    if let Some(source) = args.pos.first() {
        update_from(ctx, dict, source)?;
    }
    for (key, value) in args.names.iter().zip(args.values) {
        body(dict).set(ctx, key, value.clone())?;
    }
    Ok(())
}

/// Sets the items of a mapping, or of an iterable of pairs.
pub fn update_from(ctx: &mut Ctx, dict: &Obj, source: &Obj) -> PyResult<()> {
    if is_plain(ctx, source) {
        return body(dict).update(ctx, body(source));
    }
    let keys = names(ctx).keys.clone();
    let method = protocol::find_attr(ctx, source, &keys)?;
    critical2(ctx, dict, source, |ctx| match method {
        Some(method) => merge_mapping(ctx, dict, source, &method),
        None => update_from_pairs(ctx, dict, source),
    })
}

/// Whether the items of a dict can be read without asking its methods.
/// Whether the value is a dict, of which no derived class changes how it is iterated.
pub fn is_plain(ctx: &mut Ctx, source: &Obj) -> bool {
    if type_id_of(source) == ids::DICT {
        return true;
    }
    if source.downcast::<PyDict>().is_none() {
        return false;
    }
    // A subclass counts as long as it iterates as dicts do.
    let iter = type_of(ctx, source).slots(ctx).iter;
    iter.is_some_and(|f| core::ptr::fn_addr_eq(f, iter_keys as fn(&mut Ctx, &Obj) -> PyResult))
}

fn merge_mapping(ctx: &mut Ctx, dict: &Obj, source: &Obj, method: &Obj) -> PyResult<()> {
    let keys = protocol::call(ctx, method, &[])?;
    let slots = type_of(ctx, &keys).slots(ctx);
    if slots.iter.is_none() && slots.getitem.is_none() {
        let (class, given) = (
            protocol::type_name(ctx, source),
            protocol::type_name(ctx, &keys),
        );
        return Err(raise!(
            ctx,
            TypeError,
            "{class}.keys() returned a non-iterable (type {given})"
        ));
    }
    // All of them first: a mapping may change as its items are asked for.
    for key in protocol::collect(ctx, &keys)? {
        let value = protocol::getitem(ctx, source, &key)?;
        body(dict).set(ctx, &key, value)?;
    }
    Ok(())
}

fn update_from_pairs(ctx: &mut Ctx, dict: &Obj, pairs: &Obj) -> PyResult<()> {
    let iterator = protocol::iter(ctx, pairs)?;
    let mut number = 0;
    while let Some(pair) = protocol::next(ctx, &iterator)? {
        let parts = match protocol::collect_or(ctx, &pair, "object is not iterable") {
            Err(raised) if exception::matches(ctx, &raised, class::TypeError) => {
                let note = format!(
                    "Cannot convert dictionary update sequence element #{number} to a sequence"
                );
                return Err(exception::base::with_note(ctx, raised, &note));
            }
            parts => parts?,
        };
        let [key, value] = &parts[..] else {
            let len = parts.len();
            return Err(raise!(
                ctx,
                ValueError,
                "dictionary update sequence element #{number} has length {len}; 2 is required"
            ));
        };
        body(dict).set(ctx, key, value.clone())?;
        number += 1;
    }
    Ok(())
}

// --- Operations ------------------------------------------------------------------------------------

fn repr(ctx: &mut Ctx, dict: &Obj) -> PyResult {
    protocol::repr_by(ctx, dict, repr_onto)
}

/// Writes `repr(dict)` behind `text`.
pub fn repr_onto(ctx: &mut Ctx, dict: &Obj, text: &mut Wtf8Buf) -> PyResult<()> {
    let Some(_guard) = repr_guard::enter(dict) else {
        text.push_str("{...}");
        return Ok(());
    };
    text.push_str("{");
    // As the dict is at one moment, as long as no `__repr__` has to wait.
    let body = body(dict);
    ctx.critical(&body.header, |ctx| {
        let (mut position, mut first) = (0, true);
        while let Some((key, value)) = body.next_entry(ctx, &mut position) {
            if !first {
                text.push_str(", ");
            }
            first = false;
            protocol::repr_onto(ctx, &key, text)?;
            text.push_str(": ");
            protocol::repr_onto(ctx, &value, text)?;
        }
        Ok(())
    })?;
    text.push_str("}");
    Ok(())
}

fn compare(ctx: &mut Ctx, a: &Obj, b: &Obj, op: Comparison) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<PyDict>(), b.downcast::<PyDict>()) else {
        return Ok(Obj::NOT_IMPLEMENTED);
    };
    match op {
        Comparison::Eq => equal(ctx, x, y).map(Obj::bool),
        Comparison::Ne => equal(ctx, x, y).map(|same| Obj::bool(!same)),
        _ => Ok(Obj::NOT_IMPLEMENTED),
    }
}

fn equal(ctx: &mut Ctx, x: &Body<PyDict>, y: &Body<PyDict>) -> PyResult<bool> {
    if x.len(ctx) != y.len(ctx) {
        return Ok(false);
    }
    // As both are at one moment, as long as the comparisons of values need not wait.
    ctx.critical2(&x.header, &y.header, |ctx| equal_inside(ctx, x, y))
}

fn equal_inside(ctx: &mut Ctx, x: &Body<PyDict>, y: &Body<PyDict>) -> PyResult<bool> {
    let mut position = 0;
    while let Some((hash, key, value)) = x.next_hashed(ctx, &mut position) {
        match y.get_hashed(ctx, hash, &key)? {
            Some(other) if protocol::equals(ctx, &value, &other)? => {}
            _ => return Ok(false),
        }
    }
    Ok(true)
}

fn len(ctx: &mut Ctx, dict: &Obj) -> PyResult<usize> {
    Ok(body(dict).len(ctx))
}

fn getitem(ctx: &mut Ctx, dict: &Obj, key: &Obj) -> PyResult {
    match body(dict).get(ctx, key)? {
        Some(value) => Ok(value),
        None => missing(ctx, dict, key),
    }
}

/// What `dict[key]` is when there is no such key: what `__missing__` of a subclass says, or KeyError.
#[cold]
pub fn missing(ctx: &mut Ctx, dict: &Obj, key: &Obj) -> PyResult {
    if type_id_of(dict) != ids::DICT {
        let name = names(ctx).missing.clone();
        if let Some(method) = attribute::bound_special(ctx, dict, &name)? {
            return protocol::call(ctx, &method, core::slice::from_ref(key));
        }
    }
    Err(key_error(ctx, key))
}

fn setitem(ctx: &mut Ctx, dict: &Obj, key: &Obj, value: Option<&Obj>) -> PyResult<()> {
    match value {
        Some(value) => body(dict).set(ctx, key, value.clone()),
        None => match body(dict).remove(ctx, key)? {
            Some(_) => Ok(()),
            None => Err(key_error(ctx, key)),
        },
    }
}

fn contains_method(ctx: &mut Ctx, dict: &Obj, key: &Obj) -> PyResult {
    contains(ctx, dict, key).map(Obj::bool)
}

fn contains(ctx: &mut Ctx, dict: &Obj, key: &Obj) -> PyResult<bool> {
    body(dict).contains(ctx, key)
}

fn iter_keys(ctx: &mut Ctx, dict: &Obj) -> PyResult {
    iterate::new::<Keys>(ctx, dict)
}

fn or(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    let (Some(x), Some(_)) = (a.downcast::<PyDict>(), b.downcast::<PyDict>()) else {
        return Ok(Obj::NOT_IMPLEMENTED);
    };
    let result = x.copy(ctx)?;
    update_from(ctx, &result, b)?;
    Ok(result)
}

fn ior(ctx: &mut Ctx, dict: &Obj, other: &Obj) -> PyResult {
    update_from(ctx, dict, other)?;
    Ok(dict.clone())
}

// --- Methods ---------------------------------------------------------------------------------------

fn get(ctx: &mut Ctx, dict: &Obj, args: &[Obj]) -> PyResult {
    Ok(match body(dict).get(ctx, &args[0])? {
        Some(value) => value,
        None => args.get(1).cloned().unwrap_or(Obj::NONE),
    })
}

fn setdefault(ctx: &mut Ctx, dict: &Obj, args: &[Obj]) -> PyResult {
    let default = args.get(1).cloned().unwrap_or(Obj::NONE);
    body(dict).set_default(ctx, &args[0], default)
}

fn pop(ctx: &mut Ctx, dict: &Obj, args: &[Obj]) -> PyResult {
    // Nothing is hashed where nothing can be found.
    let found = match body(dict).len(ctx) {
        0 => None,
        _ => body(dict).remove(ctx, &args[0])?,
    };
    match (found, args.get(1)) {
        (Some(value), _) => Ok(value),
        (None, Some(default)) => Ok(default.clone()),
        (None, None) => Err(key_error(ctx, &args[0])),
    }
}

fn popitem(ctx: &mut Ctx, dict: &Obj) -> PyResult {
    match body(dict).popitem(ctx) {
        Some((key, value)) => tuple::from_vec(ctx, vec![key, value]),
        None => Err(raise!(ctx, KeyError, "popitem(): dictionary is empty")),
    }
}

fn clear(ctx: &mut Ctx, dict: &Obj) -> PyResult {
    body(dict).clear_all(ctx);
    Ok(Obj::NONE)
}

fn copy(ctx: &mut Ctx, dict: &Obj) -> PyResult {
    body(dict).copy(ctx)
}

fn update(ctx: &mut Ctx, dict: &Obj, args: Args<'_>) -> PyResult {
    fill(ctx, dict, args, "update")?;
    Ok(Obj::NONE)
}

fn reversed(ctx: &mut Ctx, dict: &Obj) -> PyResult {
    iterate::new::<ReverseKeys>(ctx, dict)
}

/// `dict.fromkeys(iterable, value=None, /)`.
pub fn fromkeys(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    if !args.names.is_empty() {
        let name = protocol::class_name(ctx, class.expect::<PyType>());
        args.no_keywords(ctx, &format!("{name}.fromkeys"))?;
    }
    args.check(ctx, "fromkeys", 1, 2)?;
    let value = args.pos.get(1).cloned().unwrap_or(Obj::NONE);
    let plain = class.expect::<PyType>().id == ids::DICT;
    let dict = if plain {
        new(ctx)?
    } else {
        protocol::call(ctx, class, &[])?
    };
    let exact = type_id_of(&dict) == ids::DICT;
    if exact {
        let keys = &args.pos[0];
        let mut known = Vec::new();
        if let Some(set) = keys.downcast_exact::<PySet>() {
            known = set.to_vec(ctx);
        } else if let Some(other) = keys.downcast_exact::<PyDict>() {
            known = other.hashed_keys(ctx);
        }
        for (hash, key) in &known {
            body(&dict).set_hashed(ctx, *hash, key, value.clone())?;
        }
        if !known.is_empty() {
            return Ok(dict);
        }
    }
    protocol::for_each(ctx, &args.pos[0], |ctx, key| {
        if exact {
            let hash = hash_key(ctx, &key)?;
            body(&dict).set_hashed(ctx, hash, &key, value.clone())
        } else {
            protocol::setitem(ctx, &dict, &key, Some(&value))
        }
    })?;
    Ok(dict)
}

/// The type `dict`.
pub static DICT: TypeDef = TypeDef {
    id: ids::DICT,
    name: "dict",
    base: ids::OBJECT,
    layout: ids::DICT,
    kind: &Body::<PyDict>::KIND,
    flags: flag::BASE | flag::MAPPING | flag::MATCH_SELF | flag::IMMUTABLE,
    slots: Slots {
        new: Some(dict_new),
        init: Some(dict_init),
        repr: Some(repr),
        hash: Some(protocol::unhashable),
        compare: Some(compare),
        iter: Some(iter_keys),
        len: Some(len),
        getitem: Some(getitem),
        setitem: Some(setitem),
        contains: Some(contains),
        or: Some(or),
        ior: Some(ior),
        ..Slots::NONE
    },
    methods: &[
        method("__contains__", Native::M1(contains_method)),
        method("__getitem__", Native::M1(getitem)),
        method("get", Native::MN(1, 2, get)),
        method("setdefault", Native::MN(1, 2, setdefault)),
        method("pop", Native::MN(1, 2, pop)),
        method("popitem", Native::M0(popitem)),
        method("keys", Native::M0(views::keys)),
        method("items", Native::M0(views::items)),
        method("values", Native::M0(views::values)),
        method("update", Native::MA(update)),
        method("fromkeys", Native::C(fromkeys)),
        method("clear", Native::M0(clear)),
        method("copy", Native::M0(copy)),
        method("__class_getitem__", Native::C1(class_getitem)),
        method("__reversed__", Native::M0(reversed)),
    ],
    getset: &[],
    doc: "dict(mapping_or_pairs=(), **items)\n\nA mapping that remembers the order of insertion.",
};
