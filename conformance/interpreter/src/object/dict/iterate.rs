//! Iterators over dicts: keys, values or items, forwards and backwards.

use super::super::define::{Native, TypeDef, flag, method};
use super::super::obj::Obj;
use super::super::payload::{self, Body, Payload};
use super::super::slot::Slot;
use super::super::slots::Slots;
use super::super::{ids, int, iterator, iterator_state, protocol, tuple};
use super::PyDict;
use crate::error::{PyResult, Raised, raise};
use core::marker::PhantomData;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

/// What an iterator gives of each item.
pub trait Part: Send + Sync + 'static {
    /// What is read of an entry.
    type Item;
    /// The iterator's type id.
    const ID: u32;
    /// The iterator's name.
    const NAME: &'static str;
    /// Whether it starts in front.
    const FRONT: bool;
    /// Reads the next entry.
    fn read(ctx: &Ctx, dict: &Body<PyDict>, position: &mut usize) -> Option<Self::Item>;
    /// Makes a value of what was read.
    fn make(ctx: &mut Ctx, item: Self::Item) -> PyResult;
}

macro_rules! parts {
    ($($(#[$doc:meta])* $part:ident: $id:ident $name:literal $front:literal $item:ty, $read:expr, $make:expr;)*) => {
        $(
            $(#[$doc])*
            pub struct $part;
            impl Part for $part {
                type Item = $item;
                const ID: u32 = ids::$id;
                const NAME: &'static str = $name;
                const FRONT: bool = $front;
                #[inline(always)]
                fn read(ctx: &Ctx, dict: &Body<PyDict>, position: &mut usize) -> Option<$item> {
                    $read(dict, ctx, position)
                }
                #[inline(always)]
                fn make(ctx: &mut Ctx, item: $item) -> PyResult {
                    $make(ctx, item)
                }
            }
            $(#[$doc])*
            pub static $id: TypeDef = TypeDef {
                id: ids::$id,
                name: $name,
                base: ids::OBJECT,
                layout: ids::$id,
                kind: &Body::<DictIter<$part>>::KIND,
                flags: flag::NO_NEW | flag::IMMUTABLE,
                slots: Slots { iter: Some(iterator::itself), next: Some(next::<$part>), ..Slots::NONE },
                methods: &[
                    method("__length_hint__", Native::M0(hint::<$part>)),
                    method("__reduce__", Native::M0(reduce::<$part>)),
                ],
                getset: &[],
                doc: "",
            };
        )*
    };
}

parts! {
    /// The keys.
    Keys: DICT_KEY_ITER "dict_keyiterator" true Obj, Body::<PyDict>::next_key, one;
    /// The values.
    Values: DICT_VALUE_ITER "dict_valueiterator" true Obj, Body::<PyDict>::next_value, one;
    /// The items, as pairs.
    Items: DICT_ITEM_ITER "dict_itemiterator" true (Obj, Obj), Body::<PyDict>::next_entry, pair;
    /// The keys, last first.
    ReverseKeys: DICT_REVERSE_KEY_ITER "dict_reversekeyiterator" false (Obj, Obj), Body::<PyDict>::previous_entry, first;
    /// The values, last first.
    ReverseValues: DICT_REVERSE_VALUE_ITER "dict_reversevalueiterator" false (Obj, Obj), Body::<PyDict>::previous_entry, second;
    /// The items, as pairs, last first.
    ReverseItems: DICT_REVERSE_ITEM_ITER "dict_reverseitemiterator" false (Obj, Obj), Body::<PyDict>::previous_entry, pair;
}

fn one(_: &mut Ctx, item: Obj) -> PyResult {
    Ok(item)
}

fn first(_: &mut Ctx, item: (Obj, Obj)) -> PyResult {
    Ok(item.0)
}

fn second(_: &mut Ctx, item: (Obj, Obj)) -> PyResult {
    Ok(item.1)
}

fn pair(ctx: &mut Ctx, (key, value): (Obj, Obj)) -> PyResult {
    tuple::from_few(ctx, [key, value])
}

/// An iterator over a dict. Threads that share one may get an item twice or miss one.
pub struct DictIter<P> {
    /// The dict; empty at the end.
    dict: Slot,
    /// The size of the dict when iteration began.
    len: AtomicUsize,
    position: AtomicUsize,
    left: AtomicUsize,
    part: PhantomData<P>,
}

// SAFETY: `trace` reports the dict.
unsafe impl<P: Part> Payload for DictIter<P> {
    const ID: u32 = P::ID;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = P::NAME;
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.dict.trace(tracer);
    }
}

/// How a step of an iterator ended without an item.
enum End {
    Done,
    SizeChanged,
    KeysChanged,
}

impl<P: Part> Body<DictIter<P>> {
    /// The next item as it is read: for loops that unpack items, no pair is made. `None` when
    /// [`next_fast`](Self::next_fast) must be asked: at the end, or for an exception.
    #[inline(always)]
    pub fn quick_next(&self, ctx: &Ctx) -> Option<P::Item> {
        self.step(ctx).ok()
    }

    /// The next item as it is read.
    #[inline(always)]
    pub fn next_item(&self, ctx: &mut Ctx) -> PyResult<Option<P::Item>> {
        match self.step(ctx) {
            Ok(item) => Ok(Some(item)),
            Err(End::Done) => Ok(None),
            Err(end) => Err(self.changed(ctx, end)),
        }
    }

    /// The next item as a value.
    #[inline(always)]
    pub fn next_fast(&self, ctx: &mut Ctx) -> PyResult<Option<Obj>> {
        match self.next_item(ctx)? {
            Some(item) => P::make(ctx, item).map(Some),
            None => Ok(None),
        }
    }

    #[inline(always)]
    fn step(&self, ctx: &Ctx) -> Result<P::Item, End> {
        let word = self.dict.peek();
        if word.is_null() {
            return Err(End::Done);
        }
        let held;
        let dict: &Body<PyDict> = if ctx.solo() {
            // SAFETY: with one thread the slot's own reference keeps the dict, and nothing runs.
            unsafe { &*word.as_object().cast::<Body<PyDict>>() }
        } else {
            held = self.dict.get(ctx, &self.header).ok_or(End::Done)?;
            held.expect::<PyDict>()
        };
        if dict.len(ctx) != self.len.load(Relaxed) {
            return Err(End::SizeChanged);
        }
        let mut position = self.position.load(Relaxed);
        let Some(item) = P::read(ctx, dict, &mut position) else {
            self.dict.set(ctx, &self.header, None);
            return Err(End::Done);
        };
        let left = self.left.load(Relaxed);
        if left == 0 {
            return Err(End::KeysChanged);
        }
        self.left.store(left - 1, Relaxed);
        self.position.store(position, Relaxed);
        Ok(item)
    }

    #[cold]
    fn changed(&self, ctx: &mut Ctx, end: End) -> Raised {
        let dict = self.dict.get(ctx, &self.header);
        if dict.is_some_and(|d| protocol::is_instance_of(ctx, &d, ids::tailed::ORDERED_DICT)) {
            self.len.store(usize::MAX, Relaxed);
            return raise!(ctx, RuntimeError, "OrderedDict mutated during iteration");
        }
        if matches!(end, End::KeysChanged) {
            self.dict.set(ctx, &self.header, None);
            return raise!(
                ctx,
                RuntimeError,
                "dictionary keys changed during iteration"
            );
        }
        // Stays wrong for ever after.
        self.len.store(usize::MAX, Relaxed);
        raise!(
            ctx,
            RuntimeError,
            "dictionary changed size during iteration"
        )
    }
}

/// An iterator over a dict.
pub fn new<P: Part>(ctx: &mut Ctx, dict: &Obj) -> PyResult {
    let body = dict.expect::<PyDict>();
    let len = body.len(ctx);
    let position = if P::FRONT { 0 } else { body.end(ctx) };
    payload::new(
        ctx,
        DictIter::<P> {
            dict: Slot::new(dict.clone()),
            len: AtomicUsize::new(len),
            position: AtomicUsize::new(position),
            left: AtomicUsize::new(len),
            part: PhantomData,
        },
    )
}

fn next<P: Part>(ctx: &mut Ctx, iterator: &Obj) -> PyResult<Option<Obj>> {
    iterator.expect::<DictIter<P>>().next_fast(ctx)
}

fn hint<P: Part>(ctx: &mut Ctx, iterator: &Obj) -> PyResult {
    let body = iterator.expect::<DictIter<P>>();
    let left = match body.dict.get(ctx, &body.header) {
        Some(dict) if dict.expect::<PyDict>().len(ctx) == body.len.load(Relaxed) => {
            body.left.load(Relaxed)
        }
        _ => 0,
    };
    int::from_usize(ctx, left)
}

fn reduce<P: Part>(ctx: &mut Ctx, iterator: &Obj) -> PyResult {
    let body = iterator.expect::<DictIter<P>>();
    let copy = |field: &AtomicUsize| AtomicUsize::new(field.load(Relaxed));
    let copy = DictIter::<P> {
        dict: Slot::from_option(body.dict.get(ctx, &body.header)),
        len: copy(&body.len),
        position: copy(&body.position),
        left: copy(&body.left),
        part: PhantomData,
    };
    let copy = payload::new(ctx, copy)?;
    iterator_state::rest(ctx, &copy)
}
