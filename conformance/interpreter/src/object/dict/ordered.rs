//! The views and the iterator of an `OrderedDict`: they do what those of a dict do, and are of types of their own.

use super::super::define::{Method, Native, TypeDef, flag, method};
use super::super::obj::Obj;
use super::super::payload::{self, Body, Payload};
use super::super::slots::Slots;
use super::super::{ids, iterator, protocol, str_};
use super::iterate::{self, Part};
use super::views::{self, DictView};
use crate::error::PyResult;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

/// An iterator over an `OrderedDict` or one of its views: a dict's, under another name.
pub struct OrderedIter {
    inner: Obj,
}

// SAFETY: `trace` reports the iterator within.
unsafe impl Payload for OrderedIter {
    const ID: u32 = ids::ODICT_ITER;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "odict_iterator";
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.word(self.inner.word());
    }
}

/// An iterator over an `OrderedDict`.
pub fn ordered_iter<P: Part>(ctx: &mut Ctx, dict: &Obj) -> PyResult {
    let inner = iterate::new::<P>(ctx, dict)?;
    payload::new(ctx, OrderedIter { inner })
}

/// `OrderedDict.keys()`.
pub fn ordered_keys(ctx: &mut Ctx, dict: &Obj) -> PyResult {
    let dict = dict.clone();
    payload::allocate(
        ctx,
        ids::ODICT_KEYS,
        DictView::<{ ids::DICT_KEYS }> { dict },
    )
}

/// `OrderedDict.values()`.
pub fn ordered_values(ctx: &mut Ctx, dict: &Obj) -> PyResult {
    let dict = dict.clone();
    payload::allocate(
        ctx,
        ids::ODICT_VALUES,
        DictView::<{ ids::DICT_VALUES }> { dict },
    )
}

/// `OrderedDict.items()`.
pub fn ordered_items(ctx: &mut Ctx, dict: &Obj) -> PyResult {
    let dict = dict.clone();
    payload::allocate(
        ctx,
        ids::ODICT_ITEMS,
        DictView::<{ ids::DICT_ITEMS }> { dict },
    )
}

fn iter(ctx: &mut Ctx, view: &Obj) -> PyResult {
    let inner = views::iter(ctx, view)?;
    payload::new(ctx, OrderedIter { inner })
}

fn reversed(ctx: &mut Ctx, view: &Obj) -> PyResult {
    let inner = views::reversed(ctx, view)?;
    payload::new(ctx, OrderedIter { inner })
}

fn next(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<Obj>> {
    protocol::next(ctx, &x.expect::<OrderedIter>().inner)
}

fn reduce(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let name = str_::intern(ctx, "__reduce__");
    protocol::call_method(ctx, &x.expect::<OrderedIter>().inner, &name, &[])
}

static VIEW_METHODS: &[Method] = &[method("__reversed__", Native::M0(reversed))];

const fn view(id: u32, name: &'static str, base: &TypeDef) -> TypeDef {
    TypeDef {
        id,
        name,
        base: base.id,
        layout: base.id,
        kind: base.kind,
        flags: flag::IMMUTABLE | flag::NO_NEW,
        slots: Slots {
            iter: Some(iter),
            ..Slots::NONE
        },
        methods: VIEW_METHODS,
        getset: &[],
        doc: "",
    }
}

/// The type of views of an `OrderedDict`'s keys.
pub static ODICT_KEYS: TypeDef = view(ids::ODICT_KEYS, "odict_keys", &views::DICT_KEYS);

/// The type of views of an `OrderedDict`'s values.
pub static ODICT_VALUES: TypeDef = view(ids::ODICT_VALUES, "odict_values", &views::DICT_VALUES);

/// The type of views of an `OrderedDict`'s items.
pub static ODICT_ITEMS: TypeDef = view(ids::ODICT_ITEMS, "odict_items", &views::DICT_ITEMS);

/// The type of iterators over an `OrderedDict` and its views.
pub static ODICT_ITER: TypeDef = TypeDef {
    id: ids::ODICT_ITER,
    name: "odict_iterator",
    base: ids::OBJECT,
    layout: ids::ODICT_ITER,
    kind: &Body::<OrderedIter>::KIND,
    flags: flag::IMMUTABLE | flag::NO_NEW,
    slots: Slots {
        iter: Some(iterator::itself),
        next: Some(next),
        ..Slots::NONE
    },
    methods: &[method("__reduce__", Native::M0(reduce))],
    getset: &[],
    doc: "",
};
