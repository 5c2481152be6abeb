//! The views of a dict: `keys()`, `values()` and `items()`.

use super::super::args::Args;
use super::super::define::{GetSet, Method, Native, TypeDef, flag, getter, method};
use super::super::obj::Obj;
use super::super::payload::{self, Body, Payload};
use super::super::set::{self, Operation, PySet};
use super::super::slots::{Comparison, Slots};
use super::super::tuple::{self, PyTuple, repr_items};
use super::super::type_::{layout_of, type_id_of};
use super::super::{ids, mapping_proxy, protocol, repr_guard, str_};
use super::PyDict;
use super::iterate::{self, Items, Keys, ReverseItems, ReverseKeys, ReverseValues, Values};
use crate::error::PyResult;
use crate::prelude::*;
use crate::text::wtf8::Wtf8Buf;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

/// A view of a dict; `ID` is the id of its type.
pub struct DictView<const ID: u32> {
    /// The dict.
    pub dict: Obj,
}

// SAFETY: `trace` reports the dict; each type has an id of its own.
unsafe impl<const ID: u32> Payload for DictView<ID> {
    const ID: u32 = ID;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "dict view";
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.word(self.dict.word());
    }
}

const KEYS: u32 = ids::DICT_KEYS;
const VALUES: u32 = ids::DICT_VALUES;
const ITEMS: u32 = ids::DICT_ITEMS;

/// `dict.keys()`.
pub(super) fn keys(ctx: &mut Ctx, dict: &Obj) -> PyResult {
    let dict = dict.clone();
    payload::new(ctx, DictView::<KEYS> { dict })
}

/// `dict.values()`.
pub(super) fn values(ctx: &mut Ctx, dict: &Obj) -> PyResult {
    let dict = dict.clone();
    payload::new(ctx, DictView::<VALUES> { dict })
}

/// `dict.items()`.
pub(super) fn items(ctx: &mut Ctx, dict: &Obj) -> PyResult {
    let dict = dict.clone();
    payload::new(ctx, DictView::<ITEMS> { dict })
}

/// Which view it is: that of an `OrderedDict` is of a type of its own.
fn which(value: &Obj) -> u32 {
    layout_of(type_id_of(value))
}

/// The dict of any view.
fn dict_of(view: &Obj) -> Option<&Obj> {
    if let Some(view) = view.downcast::<DictView<KEYS>>() {
        Some(&view.dict)
    } else if let Some(view) = view.downcast::<DictView<ITEMS>>() {
        Some(&view.dict)
    } else {
        view.downcast::<DictView<VALUES>>().map(|view| &view.dict)
    }
}

/// The body of the dict of a view.
fn body(view: &Obj) -> &Body<PyDict> {
    match dict_of(view) {
        Some(dict) => dict.expect::<PyDict>(),
        None => view.expect::<PyDict>(),
    }
}

/// What a view shows at one moment; `None` for anything that is not a view.
pub fn snapshot(ctx: &mut Ctx, view: &Obj) -> Option<PyResult<Vec<Obj>>> {
    if let Some(view) = view.downcast_exact::<DictView<KEYS>>() {
        return Some(Ok(view.dict.expect::<PyDict>().keys(ctx)));
    }
    if let Some(view) = view.downcast_exact::<DictView<VALUES>>() {
        return Some(Ok(view.dict.expect::<PyDict>().values(ctx)));
    }
    let view = view.downcast_exact::<DictView<ITEMS>>()?;
    let items = view.dict.expect::<PyDict>().items(ctx);
    let pairs = items
        .into_iter()
        .map(|(key, value)| tuple::from_vec(ctx, vec![key, value]));
    Some(pairs.collect())
}

fn len(ctx: &mut Ctx, view: &Obj) -> PyResult<usize> {
    Ok(body(view).len(ctx))
}

pub(super) fn iter(ctx: &mut Ctx, view: &Obj) -> PyResult {
    let id = which(view);
    match (dict_of(view), id) {
        (Some(dict), KEYS) => iterate::new::<Keys>(ctx, dict),
        (Some(dict), VALUES) => iterate::new::<Values>(ctx, dict),
        (Some(dict), _) => iterate::new::<Items>(ctx, dict),
        (None, _) => iterate::new::<Keys>(ctx, view),
    }
}

pub(super) fn reversed(ctx: &mut Ctx, view: &Obj) -> PyResult {
    let id = which(view);
    match (dict_of(view), id) {
        (Some(dict), KEYS) => iterate::new::<ReverseKeys>(ctx, dict),
        (Some(dict), VALUES) => iterate::new::<ReverseValues>(ctx, dict),
        (Some(dict), _) => iterate::new::<ReverseItems>(ctx, dict),
        (None, _) => iterate::new::<ReverseKeys>(ctx, view),
    }
}

fn repr(ctx: &mut Ctx, view: &Obj) -> PyResult {
    let Some(_guard) = repr_guard::enter(view) else {
        return str_::new(ctx, "...");
    };
    let name = protocol::type_name(ctx, view);
    let mut text = Wtf8Buf::new();
    text.push_str(&name);
    text.push_str("([");
    let items = protocol::collect(ctx, view)?;
    repr_items(ctx, &mut text, &items)?;
    text.push_str("])");
    str_::from_buf(ctx, text)
}

fn contains(ctx: &mut Ctx, view: &Obj, value: &Obj) -> PyResult<bool> {
    if which(view) == KEYS {
        return body(view).contains(ctx, value);
    }
    let Some(pair) = value.downcast::<PyTuple>() else {
        return Ok(false);
    };
    let [key, wanted] = pair.items() else {
        return Ok(false);
    };
    match body(view).get(ctx, key)? {
        Some(found) => protocol::equals(ctx, &found, wanted),
        None => Ok(false),
    }
}

// --- As sets ---------------------------------------------------------------------------------------

fn is_view(value: &Obj) -> bool {
    matches!(which(value), KEYS | ITEMS)
}

fn operator(ctx: &mut Ctx, a: &Obj, b: &Obj, operation: Operation) -> PyResult {
    // Either operand may be the view; the other is any iterable.
    if !is_view(a) && !is_view(b) {
        return Ok(Obj::NOT_IMPLEMENTED);
    }
    if operation == Operation::Intersection {
        return intersection(ctx, a, b);
    }
    if operation == Operation::SymmetricDifference && [a, b].map(which) == [ITEMS; 2] {
        return items_in_one(ctx, a, b);
    }
    // The keys of a plain dict are what the dict is iterated for, with its size known.
    let dict = dict_of(a).filter(|dict| type_id_of(a) == KEYS && type_id_of(dict) == ids::DICT);
    let left = set::from_iterable(ctx, ids::SET, dict.unwrap_or(a))?;
    set::combine_in_place(ctx, &left, b, operation)?;
    Ok(left)
}

/// Looks in a view for what the other operand, any iterable, has: so only what is in both must be hashable.
fn intersection(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    let (mut view, mut other) = if is_view(a) { (a, b) } else { (b, a) };
    let sized = is_view(other) || other.downcast::<PySet>().is_some();
    if sized {
        let (own, others) = (protocol::len(ctx, view)?, protocol::len(ctx, other)?);
        if type_id_of(other) == ids::SET && own <= others {
            let name = str_::intern(ctx, "intersection");
            return protocol::call_method(ctx, other, &name, core::slice::from_ref(view));
        }
        if others > own {
            core::mem::swap(&mut view, &mut other);
        }
    }
    let result = set::new(ctx, ids::SET)?;
    let iterator = protocol::iter(ctx, other)?;
    while let Some(item) = protocol::next(ctx, &iterator)? {
        if protocol::contains(ctx, view, &item)? {
            result.expect::<PySet>().add(ctx, &item)?;
        }
    }
    Ok(result)
}

/// The items that only one of two dicts has: those need not be hashable that both have.
fn items_in_one(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    let result = set::new(ctx, ids::SET)?;
    for (view, other) in [(b, a), (a, b)] {
        for item in protocol::collect(ctx, view)? {
            if !contains(ctx, other, &item)? {
                result.expect::<PySet>().add(ctx, &item)?;
            }
        }
    }
    Ok(result)
}

fn or(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    operator(ctx, a, b, Operation::Union)
}

fn and(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    operator(ctx, a, b, Operation::Intersection)
}

fn sub(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    operator(ctx, a, b, Operation::Difference)
}

fn xor(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    operator(ctx, a, b, Operation::SymmetricDifference)
}

/// Whether all of `a` is in `b`.
fn all_in(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult<bool> {
    for item in protocol::collect(ctx, a)? {
        if !protocol::contains(ctx, b, &item)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn compare(ctx: &mut Ctx, a: &Obj, b: &Obj, op: Comparison) -> PyResult {
    if !is_view(b) && b.downcast::<PySet>().is_none() {
        return Ok(Obj::NOT_IMPLEMENTED);
    }
    let (left, right) = (protocol::len(ctx, a)?, protocol::len(ctx, b)?);
    let result = match op {
        Comparison::Eq => left == right && all_in(ctx, a, b)?,
        Comparison::Ne => !(left == right && all_in(ctx, a, b)?),
        Comparison::Lt => left < right && all_in(ctx, a, b)?,
        Comparison::Le => left <= right && all_in(ctx, a, b)?,
        Comparison::Gt => left > right && all_in(ctx, b, a)?,
        Comparison::Ge => left >= right && all_in(ctx, b, a)?,
    };
    Ok(Obj::bool(result))
}

fn isdisjoint(ctx: &mut Ctx, view: &Obj, other: &Obj) -> PyResult {
    let iterator = protocol::iter(ctx, other)?;
    while let Some(item) = protocol::next(ctx, &iterator)? {
        if contains(ctx, view, &item)? {
            return Ok(Obj::FALSE);
        }
    }
    Ok(Obj::TRUE)
}

fn refuse(ctx: &mut Ctx, class: &Obj, _: Args<'_>) -> PyResult {
    let name = protocol::class_name(ctx, class.expect::<super::super::type_::PyType>());
    Err(crate::error::raise!(
        ctx,
        TypeError,
        "cannot create '{name}' instances"
    ))
}

const SET_METHODS: &[Method] = &[
    method("isdisjoint", Native::M1(isdisjoint)),
    method("__reversed__", Native::M0(reversed)),
];

const SET_SLOTS: Slots = Slots {
    new: Some(refuse),
    repr: Some(repr),
    hash: Some(protocol::unhashable),
    compare: Some(compare),
    iter: Some(iter),
    len: Some(len),
    contains: Some(contains),
    or: Some(or),
    and: Some(and),
    sub: Some(sub),
    xor: Some(xor),
    ..Slots::NONE
};

fn mapping(ctx: &mut Ctx, view: &Obj) -> PyResult {
    let dict = dict_of(view).cloned().unwrap_or(Obj::NONE);
    mapping_proxy::of(ctx, dict)
}

const GETSET: &[GetSet] = &[getter("mapping", mapping)];

/// The type of views of keys.
pub static DICT_KEYS: TypeDef = TypeDef {
    id: KEYS,
    name: "dict_keys",
    base: ids::OBJECT,
    layout: KEYS,
    kind: &Body::<DictView<KEYS>>::KIND,
    flags: flag::IMMUTABLE | flag::NO_NEW,
    slots: SET_SLOTS,
    methods: SET_METHODS,
    getset: GETSET,
    doc: "",
};

/// The type of views of items.
pub static DICT_ITEMS: TypeDef = TypeDef {
    id: ITEMS,
    name: "dict_items",
    base: ids::OBJECT,
    layout: ITEMS,
    kind: &Body::<DictView<ITEMS>>::KIND,
    flags: flag::IMMUTABLE | flag::NO_NEW,
    slots: SET_SLOTS,
    methods: SET_METHODS,
    getset: GETSET,
    doc: "",
};

/// The type of views of values.
pub static DICT_VALUES: TypeDef = TypeDef {
    id: VALUES,
    name: "dict_values",
    base: ids::OBJECT,
    layout: VALUES,
    kind: &Body::<DictView<VALUES>>::KIND,
    flags: flag::IMMUTABLE | flag::NO_NEW,
    slots: Slots {
        new: Some(refuse),
        repr: Some(repr),
        iter: Some(iter),
        len: Some(len),
        ..Slots::NONE
    },
    methods: &[method("__reversed__", Native::M0(reversed))],
    getset: GETSET,
    doc: "",
};
