//! `ChainMap`: several mappings looked through one after the other; changes go to the first.

use crate::error::{PyResult, Raised, raise};
use crate::module::support::{class_getitem, id_of, plain_name};
use crate::object::args::Args;
use crate::object::define::{GetSet, Method, Native, TypeDef, flag, getter, method};
use crate::object::dict::{self, PyDict};
use crate::object::exception::{self, class};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body};
use crate::object::protocol;
use crate::object::slot::Slot;
use crate::object::slots::{Comparison, Slots};
use crate::object::type_::type_of;
use crate::object::{attribute, ids, list, repr_guard, str_};
use kit_core::thread::Ctx;

/// The body: a list of mappings.
pub struct ChainMap {
    maps: Slot,
}

crate::module::support::slot_payload!(ChainMap, ids::CHAIN_MAP, "ChainMap", maps);

fn new(ctx: &mut Ctx, class: &Obj, _: Args<'_>) -> PyResult {
    let maps = list::from_vec(ctx, Vec::new())?;
    let body = ChainMap {
        maps: Slot::new(maps),
    };
    payload::allocate(ctx, id_of(class), body)
}

fn init(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult<()> {
    args.no_keywords(ctx, "ChainMap.__init__")?;
    let maps = if args.pos.is_empty() {
        vec![dict::new(ctx)?]
    } else {
        args.pos.to_vec()
    };
    let maps = list::from_vec(ctx, maps)?;
    let body = x.expect::<ChainMap>();
    body.maps.set(ctx, &body.header, Some(maps));
    Ok(())
}

fn maps_of(ctx: &mut Ctx, x: &Obj) -> PyResult<Vec<Obj>> {
    let maps = maps(ctx, x)?;
    protocol::collect(ctx, &maps)
}

fn first(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let maps = maps(ctx, x)?;
    protocol::getitem(ctx, &maps, &Obj::small_int(0))
}

fn maps(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let body = x.expect::<ChainMap>();
    Ok(body.maps.get(ctx, &body.header).unwrap_or(Obj::NONE))
}

fn set_maps(ctx: &mut Ctx, x: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let body = x.expect::<ChainMap>();
    body.maps.set(ctx, &body.header, value.cloned());
    Ok(())
}

/// What the first mapping with the key has; KeyErrors are passed over.
fn find(ctx: &mut Ctx, x: &Obj, key: &Obj) -> PyResult<Option<Obj>> {
    for map in maps_of(ctx, x)? {
        match protocol::getitem(ctx, &map, key) {
            Ok(value) => return Ok(Some(value)),
            Err(raised) if exception::matches(ctx, &raised, class::KeyError) => {
                exception::take(ctx, raised);
            }
            Err(raised) => return Err(raised),
        }
    }
    Ok(None)
}

fn getitem(ctx: &mut Ctx, x: &Obj, key: &Obj) -> PyResult {
    if let Some(value) = find(ctx, x, key)? {
        return Ok(value);
    }
    let name = str_::intern(ctx, "__missing__");
    match attribute::bound_special(ctx, x, &name)? {
        Some(method) => protocol::call(ctx, &method, std::slice::from_ref(key)),
        None => missing(ctx, x, key),
    }
}

fn missing(ctx: &mut Ctx, _: &Obj, key: &Obj) -> PyResult {
    Err(exception::raise_args(
        ctx,
        class::KeyError,
        vec![key.clone()],
    ))
}

fn contains(ctx: &mut Ctx, x: &Obj, key: &Obj) -> PyResult<bool> {
    for map in maps_of(ctx, x)? {
        if protocol::contains(ctx, &map, key)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A dict with the keys of all mappings, those of the last first, and `None` as values.
fn keys_of(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let keys = dict::new(ctx)?;
    for map in maps_of(ctx, x)?.iter().rev() {
        for key in protocol::collect(ctx, map)? {
            keys.expect::<PyDict>().set(ctx, &key, Obj::NONE)?;
        }
    }
    Ok(keys)
}

/// A dict with the items as they are seen.
fn flat(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let keys = keys_of(ctx, x)?;
    for key in keys.expect::<PyDict>().keys(ctx) {
        let value = protocol::getitem(ctx, x, &key)?;
        keys.expect::<PyDict>().set(ctx, &key, value)?;
    }
    Ok(keys)
}

fn iter(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let keys = keys_of(ctx, x)?;
    protocol::iter(ctx, &keys)
}

fn len(ctx: &mut Ctx, x: &Obj) -> PyResult<usize> {
    let keys = keys_of(ctx, x)?;
    protocol::len(ctx, &keys)
}

fn truth(ctx: &mut Ctx, x: &Obj) -> PyResult<bool> {
    for map in maps_of(ctx, x)? {
        if protocol::truth(ctx, &map)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let Some(_guard) = repr_guard::enter(x) else {
        return str_::new(ctx, "...");
    };
    let mut parts = Vec::new();
    for map in maps_of(ctx, x)? {
        parts.push(protocol::repr_string(ctx, &map)?);
    }
    let class = plain_name(ctx, type_of(ctx, x));
    str_::new(ctx, &format!("{class}({})", parts.join(", ")))
}

fn not_found(ctx: &mut Ctx, key: &Obj) -> Raised {
    match protocol::repr_string(ctx, key) {
        Ok(key) => raise!(ctx, KeyError, "Key not found in the first mapping: {key}"),
        Err(raised) => raised,
    }
}

/// In a result, KeyError becomes the one that names the first mapping.
fn in_first(ctx: &mut Ctx, result: PyResult, key: &Obj) -> PyResult {
    match result {
        Err(raised) if exception::matches(ctx, &raised, class::KeyError) => {
            exception::take(ctx, raised);
            Err(not_found(ctx, key))
        }
        other => other,
    }
}

fn setitem(ctx: &mut Ctx, x: &Obj, key: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let map = first(ctx, x)?;
    let result = protocol::setitem(ctx, &map, key, value).map(|()| Obj::NONE);
    if value.is_some() {
        return result.map(drop);
    }
    in_first(ctx, result, key).map(drop)
}

fn get(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    if contains(ctx, x, &args[0])? {
        return protocol::getitem(ctx, x, &args[0]);
    }
    Ok(args.get(1).cloned().unwrap_or(Obj::NONE))
}

fn setdefault(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    if contains(ctx, x, &args[0])? {
        return protocol::getitem(ctx, x, &args[0]);
    }
    let default = args.get(1).cloned().unwrap_or(Obj::NONE);
    protocol::setitem(ctx, x, &args[0], Some(&default))?;
    Ok(default)
}

fn call_first(ctx: &mut Ctx, x: &Obj, name: &'static str, args: &[Obj]) -> PyResult {
    let map = first(ctx, x)?;
    let name = str_::intern(ctx, name);
    protocol::call_method(ctx, &map, &name, args)
}

fn pop(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let result = call_first(ctx, x, "pop", args);
    in_first(ctx, result, &args[0])
}

fn popitem(ctx: &mut Ctx, x: &Obj) -> PyResult {
    match call_first(ctx, x, "popitem", &[]) {
        Err(raised) if exception::matches(ctx, &raised, class::KeyError) => {
            exception::take(ctx, raised);
            Err(raise!(ctx, KeyError, "No keys found in the first mapping."))
        }
        other => other,
    }
}

fn clear(ctx: &mut Ctx, x: &Obj) -> PyResult {
    call_first(ctx, x, "clear", &[])
}

fn update(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    let map = first(ctx, x)?;
    let name = str_::intern(ctx, "update");
    let method = protocol::getattr(ctx, &map, &name)?;
    protocol::call_with(ctx, &method, args)
}

fn view(ctx: &mut Ctx, x: &Obj, name: &'static str) -> PyResult {
    let items = flat(ctx, x)?;
    let name = str_::intern(ctx, name);
    protocol::call_method(ctx, &items, &name, &[])
}

fn keys(ctx: &mut Ctx, x: &Obj) -> PyResult {
    view(ctx, x, "keys")
}

fn values(ctx: &mut Ctx, x: &Obj) -> PyResult {
    view(ctx, x, "values")
}

fn items(ctx: &mut Ctx, x: &Obj) -> PyResult {
    view(ctx, x, "items")
}

/// A chain of the same class with these mappings.
fn with_maps(ctx: &mut Ctx, x: &Obj, maps: &[Obj]) -> PyResult {
    let class = type_of(ctx, x).to_obj();
    protocol::call(ctx, &class, maps)
}

fn copy(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let copy = call_first(ctx, x, "copy", &[])?;
    let mut maps = maps_of(ctx, x)?;
    if let Some(first) = maps.first_mut() {
        *first = copy;
    }
    with_maps(ctx, x, &maps)
}

fn new_child(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    Args::positional(args.pos).check(ctx, "new_child", 0, 1)?;
    let mut child = args.pos.first().filter(|m| !m.is_none()).cloned();
    let fresh = dict::new(ctx)?;
    for (name, value) in args.names.iter().zip(args.values) {
        if name.expect::<str_::PyStr>().bytes() == b"m" && child.is_none() {
            child = Some(value.clone());
        } else {
            fresh.expect::<PyDict>().set(ctx, name, value.clone())?;
        }
    }
    let child = match child {
        Some(child) => {
            if !fresh.expect::<PyDict>().is_empty(ctx) {
                let name = str_::intern(ctx, "update");
                protocol::call_method(ctx, &child, &name, &[fresh])?;
            }
            child
        }
        None => fresh,
    };
    let mut maps = vec![child];
    maps.extend(maps_of(ctx, x)?);
    with_maps(ctx, x, &maps)
}

fn parents(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let maps = maps_of(ctx, x)?;
    with_maps(ctx, x, maps.get(1..).unwrap_or(&[]))
}

fn compare(ctx: &mut Ctx, a: &Obj, b: &Obj, op: Comparison) -> PyResult {
    if !matches!(op, Comparison::Eq | Comparison::Ne) {
        return Ok(Obj::NOT_IMPLEMENTED);
    }
    let mut sides = Vec::new();
    for x in [a, b] {
        if x.downcast::<ChainMap>().is_some() {
            sides.push(flat(ctx, x)?);
        } else if x.downcast::<PyDict>().is_some() {
            sides.push(x.clone());
        } else {
            return Ok(Obj::NOT_IMPLEMENTED);
        }
    }
    protocol::compare(ctx, &sides[0], &sides[1], op)
}

fn is_mapping(x: &Obj) -> bool {
    x.downcast::<PyDict>().is_some() || x.downcast::<ChainMap>().is_some()
}

fn or(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    if !is_mapping(a) || !is_mapping(b) {
        return Ok(Obj::NOT_IMPLEMENTED);
    }
    if a.downcast::<ChainMap>().is_some() {
        let sum = copy(ctx, a)?;
        return ior(ctx, &sum, b);
    }
    let sum = dict::new(ctx)?;
    for x in [a, b] {
        dict::update_from(ctx, &sum, x)?;
    }
    with_maps(ctx, b, &[sum])
}

fn ior(ctx: &mut Ctx, x: &Obj, other: &Obj) -> PyResult {
    update(ctx, x, Args::positional(std::slice::from_ref(other)))?;
    Ok(x.clone())
}

static METHODS: &[Method] = &[
    method("__missing__", Native::M1(missing)),
    method("get", Native::MN(1, 2, get)),
    method("setdefault", Native::MN(1, 2, setdefault)),
    method("pop", Native::MN(1, 2, pop)),
    method("popitem", Native::M0(popitem)),
    method("clear", Native::M0(clear)),
    method("update", Native::MA(update)),
    method("keys", Native::M0(keys)),
    method("values", Native::M0(values)),
    method("items", Native::M0(items)),
    method("copy", Native::M0(copy)),
    method("__copy__", Native::M0(copy)),
    method("new_child", Native::MA(new_child)),
    method("__class_getitem__", Native::C(class_getitem)),
];

static GETSET: &[GetSet] = &[
    GetSet {
        name: "maps",
        get: maps,
        set: Some(set_maps),
    },
    getter("parents", parents),
];

/// `collections.ChainMap`.
pub static CHAIN_MAP: TypeDef = TypeDef {
    id: ids::CHAIN_MAP,
    name: "ChainMap",
    base: ids::OBJECT,
    layout: ids::CHAIN_MAP,
    kind: &Body::<ChainMap>::KIND,
    flags: flag::BASE | flag::MAPPING,
    slots: Slots {
        new: Some(new),
        init: Some(init),
        repr: Some(repr),
        hash: Some(protocol::unhashable),
        compare: Some(compare),
        iter: Some(iter),
        len: Some(len),
        bool: Some(truth),
        getitem: Some(getitem),
        setitem: Some(setitem),
        contains: Some(contains),
        or: Some(or),
        ior: Some(ior),
        ..Slots::NONE
    },
    methods: METHODS,
    getset: GETSET,
    doc: "Several mappings seen as one.",
};
