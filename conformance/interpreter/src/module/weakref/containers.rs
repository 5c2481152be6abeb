//! `WeakKeyDictionary` and `WeakValueDictionary`, and what `WeakSet` shares with them.
//!
//! All three are a dict with weak references in it: as keys, as values, as keys of nothing. A reference
//! that dies takes its entry out, by a callback that knows the container weakly.

use super::method::{self as weak_method, PyWeakMethod};
use crate::error::{PyResult, raise};
use crate::object::args::Args;
use crate::object::define::{Method, Native, TypeDef, flag, method};
use crate::object::dict::{self, PyDict};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slots::{Comparison, Slots};
use crate::object::type_::{PyType, type_of};
use crate::object::{exception, ids, list, protocol, str_, tuple, weakref};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;
use std::sync::atomic::Ordering::Relaxed;

/// The body of a container.
pub struct PyWeakMap {
    entries: Obj,
}

// SAFETY: `trace` reports the dict.
unsafe impl Payload for PyWeakMap {
    const ID: u32 = ids::WEAK_KEY_DICT;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "WeakKeyDictionary";
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.word(self.entries.word());
    }
}

/// The callback of a reference in a container: the container, weakly, and the key of a weak value.
pub struct PyRemover {
    container: Obj,
    key: Option<Obj>,
}

// SAFETY: `trace` reports both references.
unsafe impl Payload for PyRemover {
    const ID: u32 = ids::WEAK_REMOVER;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "weak remover";
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.word(self.container.word());
        if let Some(key) = &self.key {
            tracer.word(key.word());
        }
    }
}

fn remover_call(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    args.check(ctx, "remove", 1, 1)?;
    let remover = this.expect::<PyRemover>();
    if let Some(container) = weakref::upgrade(ctx, &remover.container) {
        if container.downcast::<PyWeakMethod>().is_some() {
            return weak_method::died(ctx, &container).map(|()| Obj::NONE);
        }
        let entries = entries(&container);
        match &remover.key {
            None => drop(entries.remove(ctx, &args.pos[0])?),
            Some(key) => {
                let same = entries.get(ctx, key)?;
                if same.is_some_and(|found| found.is(&args.pos[0])) {
                    drop(entries.remove(ctx, key)?);
                }
            }
        }
    }
    Ok(Obj::NONE)
}

/// The type of callbacks.
pub static WEAK_REMOVER: TypeDef = TypeDef {
    id: ids::WEAK_REMOVER,
    name: "_remover",
    base: ids::OBJECT,
    layout: ids::WEAK_REMOVER,
    kind: &Body::<PyRemover>::KIND,
    flags: flag::NO_NEW,
    slots: Slots {
        call: Some(remover_call),
        ..Slots::NONE
    },
    methods: &[],
    getset: &[],
    doc: "",
};

pub(super) fn entries(this: &Obj) -> &Body<PyDict> {
    this.expect::<PyWeakMap>()
        .payload
        .entries
        .expect::<PyDict>()
}

fn has_weak_values(ctx: &Ctx, this: &Obj) -> bool {
    protocol::is_instance_of(ctx, this, ids::WEAK_VALUE_DICT)
}

pub(super) fn new(ctx: &mut Ctx, class: &Obj, _: Args<'_>) -> PyResult {
    let entries = dict::new(ctx)?;
    let id = class.expect::<PyType>().id;
    payload::allocate(ctx, id, PyWeakMap { entries })
}

/// A callback that tells a weak method that a part of it died.
pub(super) fn watcher(ctx: &mut Ctx, weak_method: &Obj) -> PyResult {
    let container = weakref::create(ctx, ids::WEAKREF, weak_method, None)?;
    payload::new(
        ctx,
        PyRemover {
            container,
            key: None,
        },
    )
}

fn watched(ctx: &mut Ctx, this: &Obj, object: &Obj, key: Option<Obj>) -> PyResult {
    let container = weakref::create(ctx, ids::WEAKREF, this, None)?;
    let remover = payload::new(ctx, PyRemover { container, key })?;
    weakref::create(ctx, ids::WEAKREF, object, Some(remover))
}

/// What stands for `key` in the dict, for looking it up.
fn probe(ctx: &mut Ctx, this: &Obj, key: &Obj) -> PyResult {
    if has_weak_values(ctx, this) {
        Ok(key.clone())
    } else {
        weakref::create(ctx, ids::WEAKREF, key, None)
    }
}

fn find(ctx: &mut Ctx, this: &Obj, key: &Obj) -> PyResult<Option<Obj>> {
    let probe = probe(ctx, this, key)?;
    let found = entries(this).get(ctx, &probe)?;
    if has_weak_values(ctx, this) {
        return Ok(found.and_then(|value| weakref::upgrade(ctx, &value)));
    }
    Ok(found)
}

pub(super) fn store(ctx: &mut Ctx, this: &Obj, key: &Obj, value: &Obj) -> PyResult<()> {
    if has_weak_values(ctx, this) {
        let value = watched(ctx, this, value, Some(key.clone()))?;
        return entries(this).set(ctx, key, value);
    }
    let probe = probe(ctx, this, key)?;
    if entries(this).contains(ctx, &probe)? {
        return entries(this).set(ctx, &probe, value.clone());
    }
    let key = watched(ctx, this, key, None)?;
    entries(this).set(ctx, &key, value.clone())
}

pub(super) fn remove(ctx: &mut Ctx, this: &Obj, key: &Obj) -> PyResult<Option<Obj>> {
    let probe = probe(ctx, this, key)?;
    let removed = entries(this).remove(ctx, &probe)?;
    if has_weak_values(ctx, this) {
        return Ok(removed.and_then(|value| weakref::upgrade(ctx, &value)));
    }
    Ok(removed)
}

/// The entries whose weak part is still there.
pub(super) fn live(ctx: &mut Ctx, this: &Obj) -> Vec<(Obj, Obj)> {
    let weak_values = has_weak_values(ctx, this);
    let all = entries(this).items(ctx);
    let live = all.into_iter().filter_map(|(key, value)| {
        if weak_values {
            Some((key, weakref::upgrade(ctx, &value)?))
        } else {
            Some((weakref::upgrade(ctx, &key)?, value))
        }
    });
    live.collect()
}

pub(super) fn key_error(ctx: &mut Ctx, key: &Obj) -> crate::error::Raised {
    exception::raise_args(ctx, exception::class::KeyError, vec![key.clone()])
}

fn getitem(ctx: &mut Ctx, this: &Obj, key: &Obj) -> PyResult {
    match find(ctx, this, key)? {
        Some(value) => Ok(value),
        None => Err(key_error(ctx, key)),
    }
}

fn setitem(ctx: &mut Ctx, this: &Obj, key: &Obj, value: Option<&Obj>) -> PyResult<()> {
    match value {
        Some(value) => store(ctx, this, key, value),
        None => match remove(ctx, this, key)? {
            Some(_) => Ok(()),
            None => Err(key_error(ctx, key)),
        },
    }
}

pub(super) fn contains(ctx: &mut Ctx, this: &Obj, key: &Obj) -> PyResult<bool> {
    match find(ctx, this, key) {
        Ok(found) => Ok(found.is_some()),
        // What cannot be referred to weakly is not in it.
        Err(raised) if exception::matches(ctx, &raised, exception::class::TypeError) => {
            drop(exception::take(ctx, raised));
            Ok(false)
        }
        Err(raised) => Err(raised),
    }
}

pub(super) fn len(ctx: &mut Ctx, this: &Obj) -> PyResult<usize> {
    Ok(live(ctx, this).len())
}

pub(super) fn keys(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let keys = live(ctx, this).into_iter().map(|(key, _)| key).collect();
    list::from_vec(ctx, keys)
}

fn values(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let values = live(ctx, this).into_iter().map(|(_, value)| value);
    let values = values.collect();
    list::from_vec(ctx, values)
}

fn items(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let mut items = Vec::new();
    for (key, value) in live(ctx, this) {
        items.push(tuple::from_vec(ctx, vec![key, value])?);
    }
    list::from_vec(ctx, items)
}

pub(super) fn iter(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let keys = keys(ctx, this)?;
    protocol::iter(ctx, &keys)
}

fn get(ctx: &mut Ctx, this: &Obj, args: &[Obj]) -> PyResult {
    let found = find(ctx, this, &args[0])?;
    Ok(found.unwrap_or_else(|| args.get(1).cloned().unwrap_or(Obj::NONE)))
}

fn pop(ctx: &mut Ctx, this: &Obj, args: &[Obj]) -> PyResult {
    match (remove(ctx, this, &args[0])?, args.get(1)) {
        (Some(value), _) => Ok(value),
        (None, Some(default)) => Ok(default.clone()),
        (None, None) => Err(key_error(ctx, &args[0])),
    }
}

fn setdefault(ctx: &mut Ctx, this: &Obj, args: &[Obj]) -> PyResult {
    if let Some(value) = find(ctx, this, &args[0])? {
        return Ok(value);
    }
    let value = args.get(1).cloned().unwrap_or(Obj::NONE);
    store(ctx, this, &args[0], &value)?;
    Ok(value)
}

fn fill(ctx: &mut Ctx, this: &Obj, source: &Obj) -> PyResult<()> {
    let class = crate::object::type_::type_object(ctx, ids::DICT);
    let pairs = match source.downcast::<PyWeakMap>() {
        Some(_) => live(ctx, source),
        None => {
            let copy = protocol::call(ctx, &class, std::slice::from_ref(source))?;
            copy.expect::<PyDict>().items(ctx)
        }
    };
    for (key, value) in pairs {
        store(ctx, this, &key, &value)?;
    }
    Ok(())
}

fn init(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult<()> {
    update(ctx, this, args).map(drop)
}

fn update(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    if !has_weak_values(ctx, this) {
        args.no_keywords(ctx, "update")?;
    }
    let source = Args::positional(args.pos);
    source.check(ctx, "update", 0, 1)?;
    if let Some(source) = args.pos.first().filter(|source| !source.is_none()) {
        fill(ctx, this, source)?;
    }
    for (name, value) in args.names.iter().zip(args.values) {
        store(ctx, this, name, value)?;
    }
    Ok(Obj::NONE)
}

pub(super) fn clear(ctx: &mut Ctx, this: &Obj) -> PyResult {
    entries(this).clear_all(ctx);
    Ok(Obj::NONE)
}

pub(super) fn copy(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let class = type_of(ctx, this).to_obj();
    protocol::call(ctx, &class, std::slice::from_ref(this))
}

fn repr(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let class = protocol::type_name(ctx, this);
    let address = protocol::address(this);
    str_::new(ctx, &format!("<{class} at {address:#x}>"))
}

fn popitem(ctx: &mut Ctx, this: &Obj) -> PyResult {
    while let Some((key, value)) = live(ctx, this).pop() {
        if remove(ctx, this, &key)?.is_some() {
            return tuple::from_vec(ctx, vec![key, value]);
        }
    }
    Err(raise!(ctx, KeyError, "popitem(): dictionary is empty"))
}

/// The weak references themselves.
fn references(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let weak_values = has_weak_values(ctx, this);
    let all = entries(this).items(ctx).into_iter();
    let all = all.map(|(key, value)| if weak_values { value } else { key });
    list::from_vec(ctx, all.collect())
}

fn is_mapping(ctx: &Ctx, value: &Obj) -> bool {
    type_of(ctx, value).flags.load(Relaxed) & flag::MAPPING != 0
}

/// `a | b`, one of which is a weak mapping: as many entries as both have, those of `b` later.
fn or(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    if !is_mapping(ctx, a) || !is_mapping(ctx, b) {
        return Ok(Obj::NOT_IMPLEMENTED);
    }
    let ours = if a.downcast::<PyWeakMap>().is_some() {
        a
    } else {
        b
    };
    let class = type_of(ctx, ours).to_obj();
    let union = protocol::call(ctx, &class, &[])?;
    fill(ctx, &union, a)?;
    fill(ctx, &union, b)?;
    Ok(union)
}

fn ior(ctx: &mut Ctx, this: &Obj, other: &Obj) -> PyResult {
    fill(ctx, this, other)?;
    Ok(this.clone())
}

fn plain(ctx: &mut Ctx, value: &Obj) -> PyResult {
    if value.downcast::<PyWeakMap>().is_none() {
        return Ok(value.clone());
    }
    let plain = dict::new(ctx)?;
    for (key, value) in live(ctx, value) {
        plain.expect::<PyDict>().set(ctx, &key, value)?;
    }
    Ok(plain)
}

fn compare(ctx: &mut Ctx, this: &Obj, other: &Obj, op: Comparison) -> PyResult {
    if !matches!(op, Comparison::Eq | Comparison::Ne) || !is_mapping(ctx, other) {
        return Ok(Obj::NOT_IMPLEMENTED);
    }
    let (this, other) = (plain(ctx, this)?, plain(ctx, other)?);
    protocol::compare(ctx, &this, &other, op)
}

macro_rules! map_methods {
    ($references:literal) => {
        &[
            method("keys", Native::M0(keys)),
            method("values", Native::M0(values)),
            method("items", Native::M0(items)),
            method("get", Native::MN(1, 2, get)),
            method("pop", Native::MN(1, 2, pop)),
            method("setdefault", Native::MN(1, 2, setdefault)),
            method("update", Native::MA(update)),
            method("popitem", Native::M0(popitem)),
            method("clear", Native::M0(clear)),
            method("copy", Native::M0(copy)),
            method($references, Native::M0(references)),
        ]
    };
}

const fn map(
    id: u32,
    name: &'static str,
    methods: &'static [Method],
    doc: &'static str,
) -> TypeDef {
    TypeDef {
        id,
        name,
        base: ids::OBJECT,
        layout: ids::WEAK_KEY_DICT,
        kind: &Body::<PyWeakMap>::KIND,
        flags: flag::BASE | flag::MAPPING,
        slots: Slots {
            new: Some(new),
            init: Some(init),
            repr: Some(repr),
            hash: Some(protocol::unhashable),
            compare: Some(compare),
            or: Some(or),
            ior: Some(ior),
            getitem: Some(getitem),
            setitem: Some(setitem),
            contains: Some(contains),
            len: Some(len),
            iter: Some(iter),
            ..Slots::NONE
        },
        methods,
        getset: &[],
        doc,
    }
}

/// `weakref.WeakKeyDictionary`.
pub static WEAK_KEY_DICT: TypeDef = map(
    ids::WEAK_KEY_DICT,
    "WeakKeyDictionary",
    map_methods!("keyrefs"),
    "A mapping that refers to its keys weakly.",
);
/// `weakref.WeakValueDictionary`.
pub static WEAK_VALUE_DICT: TypeDef = map(
    ids::WEAK_VALUE_DICT,
    "WeakValueDictionary",
    map_methods!("valuerefs"),
    "A mapping that refers to its values weakly.",
);
