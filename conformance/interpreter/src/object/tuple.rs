//! `tuple`: an immutable array of values, stored behind the header.

use super::args::Args;
use super::by_index::{self, ByIndex, Sequence};
use super::define::{Native, TypeDef, flag, method};
use super::index::{self, Key};
use super::iterator_state::{self, Before, Empty};
use super::obj::Obj;
use super::payload::{self, Body, Payload};
use super::repr_guard;
use super::slots::{Comparison, Slots};
use super::type_::{PyType, type_id_of};
use super::{ids, int, protocol};
use crate::error::{PyResult, no_memory, raise};
use crate::module::support::class_getitem;
use crate::number;
use crate::prelude::*;
use crate::text::wtf8::Wtf8Buf;
use crate::vm::outside;
use crate::vm::thread::empty_tuple;
use core::ptr;
use kit_core::backend::heap::HeapKind;
use kit_core::object::{Bits, Header, Tracer, Word};
use kit_core::thread::{Ctx, Thread};

/// The body of a tuple; `len` items follow it.
#[repr(C)]
pub struct PyTuple {
    len: usize,
    items: [Obj; 0],
}

// SAFETY: `trace` reports every item, and nothing else is owned.
unsafe impl Payload for PyTuple {
    const ID: u32 = ids::TUPLE;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "tuple";
    const DISCARD: Option<fn(&mut Self, &Thread)> = Some(payload::only_references);

    fn trace(&self, tracer: &mut Tracer<'_>) {
        let items = self.items();
        if items.len() <= LONG {
            Obj::trace_all(items, tracer);
        } else {
            // SAFETY: an object's items stay while the world is stopped.
            unsafe { tracer.rows(items.as_ptr().cast(), items.len(), 1, 0) };
        }
    }
}

/// With more items than that, they are traced as if they lay elsewhere: in pieces.
const LONG: usize = 64;

impl PyTuple {
    /// The items.
    #[inline(always)]
    pub fn items(&self) -> &[Obj] {
        let first = ptr::with_exposed_provenance::<Obj>(self.items.as_ptr().addr());
        // SAFETY: the object was allocated with `len` initialised items behind the body.
        unsafe { core::slice::from_raw_parts(first, self.len) }
    }
}

/// Offset of the items from the start of the object.
pub const ITEMS: usize = size_of::<Header>() + core::mem::offset_of!(PyTuple, items);

impl Drop for PyTuple {
    fn drop(&mut self) {
        let first = ptr::with_exposed_provenance_mut::<Obj>(self.items.as_ptr().addr());
        // SAFETY: as in `items`; dropped once.
        unsafe { ptr::drop_in_place(ptr::slice_from_raw_parts_mut(first, self.len)) };
    }
}

/// The heap for a tuple of such items. One whose items the collector does not track cannot be part of a cycle, now or later,
/// since it never changes: the collector need not know of it at all.
///
/// # Safety
/// - The items are alive.
#[inline(always)]
pub unsafe fn heap_for(mut items: impl Iterator<Item = Word>) -> HeapKind {
    let is_tracked = |item: Word| {
        // SAFETY: as the caller says.
        item.is_object() && unsafe { (*item.as_object()).bits().contains(Bits::TRACKED) }
    };
    if items.any(is_tracked) {
        PyTuple::HEAP
    } else {
        HeapKind::Plain
    }
}

/// A tuple of class `type_id` from values, which are moved.
pub fn with_type(
    ctx: &mut Ctx,
    type_id: u32,
    values: impl ExactSizeIterator<Item = Obj>,
) -> PyResult {
    in_heap(ctx, type_id, PyTuple::HEAP, values)
}

/// The same, in the heap that [`heap_for`] gave for the values. An instance of a class that was made at run time is tracked
/// whatever it holds, because of its class.
pub fn in_heap(
    ctx: &mut Ctx,
    type_id: u32,
    heap: HeapKind,
    values: impl ExactSizeIterator<Item = Obj>,
) -> PyResult {
    debug_assert!(type_id < ids::FIRST_DYNAMIC || heap == PyTuple::HEAP);
    let len = values.len();
    let tail = super::instance::tail_size(ctx, type_id);
    let offset = ITEMS;
    let Some(size) = len
        .checked_mul(8)
        .and_then(|n| n.checked_add(offset + tail))
    else {
        return Err(no_memory(ctx));
    };
    let Some(mut object) = ctx.uninit::<Body<PyTuple>>(type_id, heap, size) else {
        return Err(no_memory(ctx));
    };
    // SAFETY: the block has room for the body, the items and the tail; it is published when complete.
    unsafe {
        let body = object.as_ptr();
        (&raw mut (*body).payload.len).write(len);
        let first = body.cast::<u8>().add(offset).cast::<Obj>();
        let mut written = 0;
        for value in values.take(len) {
            first.add(written).write(value);
            written += 1;
        }
        (&raw mut (*body).payload.len).write(written);
        super::instance::init_tail(ctx, body.cast(), offset + written * 8);
        Ok(Obj::from_header(object.publish()))
    }
}

/// A tuple from values, which are moved.
pub fn from_vec(ctx: &mut Ctx, values: Vec<Obj>) -> PyResult {
    outside::room_for(ctx, values.len())?;
    // SAFETY: the values keep the items.
    let heap = unsafe { heap_for(values.iter().map(Obj::word)) };
    in_heap(ctx, ids::TUPLE, heap, values.into_iter())
}

/// A tuple from an array or a small vector of values, which are moved.
#[inline]
pub fn from_few<T>(ctx: &mut Ctx, values: T) -> PyResult
where
    T: AsRef<[Obj]> + IntoIterator<Item = Obj, IntoIter: ExactSizeIterator>,
{
    // SAFETY: the values keep the items.
    let heap = unsafe { heap_for(values.as_ref().iter().map(Obj::word)) };
    in_heap(ctx, ids::TUPLE, heap, values.into_iter())
}

/// A tuple from values, which are copied.
pub fn from_slice(ctx: &mut Ctx, values: &[Obj]) -> PyResult {
    // SAFETY: the values keep the items.
    let heap = unsafe { heap_for(values.iter().map(Obj::word)) };
    in_heap(ctx, ids::TUPLE, heap, values.iter().cloned())
}

// --- Comparing, hashing, text ----------------------------------------------------------------------

/// Compares two runs of values as tuples and lists compare: by the first that differ.
pub fn compare_items(ctx: &mut Ctx, a: &[Obj], b: &[Obj], op: Comparison) -> PyResult {
    for (x, y) in a.iter().zip(b) {
        if !protocol::equals(ctx, x, y)? {
            return match op {
                Comparison::Eq => Ok(Obj::FALSE),
                Comparison::Ne => Ok(Obj::TRUE),
                _ => protocol::compare(ctx, x, y, op),
            };
        }
    }
    Ok(Obj::bool(op.holds(a.len().cmp(&b.len()))))
}

fn compare(ctx: &mut Ctx, a: &Obj, b: &Obj, op: Comparison) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<PyTuple>(), b.downcast::<PyTuple>()) else {
        return Ok(Obj::NOT_IMPLEMENTED);
    };
    compare_items(ctx, x.items(), y.items(), op)
}

fn hash(ctx: &mut Ctx, tuple: &Obj) -> PyResult<i64> {
    let items = tuple.expect::<PyTuple>().items();
    let mut hashes = smallvec::SmallVec::<[i64; 8]>::with_capacity(items.len());
    for item in items {
        hashes.push(super::key::hash_value(ctx, item)?);
    }
    Ok(number::hash::tuple(hashes))
}

/// Writes the representations of values, separated by commas.
pub fn repr_items(ctx: &mut Ctx, text: &mut Wtf8Buf, items: &[Obj]) -> PyResult<()> {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            text.push_str(", ");
        }
        protocol::repr_onto(ctx, item, text)?;
    }
    Ok(())
}

fn repr(ctx: &mut Ctx, tuple: &Obj) -> PyResult {
    protocol::repr_by(ctx, tuple, repr_onto)
}

/// Writes `repr(tuple)` behind `text`.
pub fn repr_onto(ctx: &mut Ctx, tuple: &Obj, text: &mut Wtf8Buf) -> PyResult<()> {
    let items = tuple.expect::<PyTuple>().items();
    let Some(_guard) = repr_guard::enter(tuple) else {
        text.push_str("(...)");
        return Ok(());
    };
    text.push_str("(");
    repr_items(ctx, text, items)?;
    text.push_str(if items.len() == 1 { ",)" } else { ")" });
    Ok(())
}

// --- Operations ------------------------------------------------------------------------------------

/// The items of a tuple.
#[inline(always)]
pub fn items(tuple: &Obj) -> &[Obj] {
    tuple.expect::<PyTuple>().items()
}

fn is_exact(value: &Obj) -> bool {
    type_id_of(value) == ids::TUPLE
}

fn tuple_new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    let id = class.expect::<PyType>().id;
    args.no_keywords_but_for_init(ctx, "tuple", class, ids::TUPLE)?;
    args.without_keywords().check(ctx, "tuple", 0, 1)?;
    let Some(iterable) = args.pos.first() else {
        return if id == ids::TUPLE {
            Ok(empty_tuple(ctx))
        } else {
            with_type(ctx, id, core::iter::empty::<Obj>())
        };
    };
    if id == ids::TUPLE {
        return from_iterable(ctx, iterable);
    }
    let items = protocol::collect(ctx, iterable)?;
    with_type(ctx, id, items.into_iter())
}

/// `tuple(iterable)`.
pub fn from_iterable(ctx: &mut Ctx, iterable: &Obj) -> PyResult {
    if is_exact(iterable) {
        return Ok(iterable.clone());
    }
    let items = protocol::collect(ctx, iterable)?;
    from_items(ctx, items)
}

/// A tuple from values, which are moved; `()` itself for none.
pub fn from_items(ctx: &mut Ctx, items: Vec<Obj>) -> PyResult {
    if items.is_empty() {
        Ok(empty_tuple(ctx))
    } else {
        from_vec(ctx, items)
    }
}

fn len(_: &mut Ctx, tuple: &Obj) -> PyResult<usize> {
    Ok(items(tuple).len())
}

fn getitem(ctx: &mut Ctx, tuple: &Obj, key: &Obj) -> PyResult {
    let items = items(tuple);
    match index::key(ctx, key, "tuple indices")? {
        Key::At(at) => match index::place(at, items.len()) {
            Some(place) => Ok(items[place].clone()),
            None => Err(raise!(ctx, IndexError, "tuple index out of range")),
        },
        Key::Range(bounds) => {
            let span = bounds.span(items.len());
            if span.count == items.len() && span.step == 1 && is_exact(tuple) {
                return Ok(tuple.clone());
            }
            let selected = span.indices().map(|i| items[i].clone()).collect();
            from_items(ctx, selected)
        }
    }
}

fn contains(ctx: &mut Ctx, tuple: &Obj, value: &Obj) -> PyResult<bool> {
    for item in items(tuple) {
        if protocol::equals(ctx, item, value)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn concat(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    let Some(other) = b.downcast::<PyTuple>() else {
        let given = protocol::type_name(ctx, b);
        return Err(raise!(
            ctx,
            TypeError,
            "can only concatenate tuple (not \"{given}\") to tuple"
        ));
    };
    if other.items().is_empty() && is_exact(a) {
        return Ok(a.clone());
    }
    if items(a).is_empty() && is_exact(b) {
        return Ok(b.clone());
    }
    from_items(ctx, [items(a), other.items()].concat())
}

fn repeat(ctx: &mut Ctx, tuple: &Obj, factor: &Obj) -> PyResult {
    let count = index::repetitions(ctx, factor)?;
    if (count == 1 || items(tuple).is_empty()) && is_exact(tuple) {
        return Ok(tuple.clone());
    }
    match index::repeated(items(tuple), count) {
        Some(items) => from_items(ctx, items),
        None => Err(no_memory(ctx)),
    }
}

fn tuple_index(ctx: &mut Ctx, tuple: &Obj, args: &[Obj]) -> PyResult {
    let items = items(tuple);
    let mut bounds = [0, i64::MAX];
    for (bound, given) in bounds.iter_mut().zip(&args[1..]) {
        *bound = index::bound_not_none(ctx, given)?;
    }
    let [start, stop] = bounds.map(|at| index::clamp_bound(at, items.len()));
    for (at, item) in items.iter().enumerate().take(stop).skip(start) {
        if protocol::equals(ctx, item, &args[0])? {
            return int::from_usize(ctx, at);
        }
    }
    Err(raise!(ctx, ValueError, "tuple.index(x): x not in tuple"))
}

fn count(ctx: &mut Ctx, tuple: &Obj, value: &Obj) -> PyResult {
    let mut count = 0;
    for item in items(tuple) {
        count += usize::from(protocol::equals(ctx, item, value)?);
    }
    int::from_usize(ctx, count)
}

fn getnewargs(ctx: &mut Ctx, tuple: &Obj) -> PyResult {
    let copy = from_slice(ctx, items(tuple))?;
    from_vec(ctx, vec![copy])
}

// --- Iteration -------------------------------------------------------------------------------------

/// How iterators go over tuples.
pub enum InTuple {}

impl Sequence for InTuple {
    type Items = PyTuple;
    const ID: u32 = ids::TUPLE_ITER;
    const NAME: &'static str = "tuple_iterator";
    const BEFORE: Before = Before::First;
    const EMPTY: Empty = iterator_state::no_tuple;

    #[inline(always)]
    fn item(items: &Body<PyTuple>, _: &Ctx, index: usize) -> Option<Obj> {
        items.items().get(index).cloned()
    }

    fn len(items: &Body<PyTuple>, _: &Ctx) -> usize {
        items.items().len()
    }
}

/// The body of an iterator over a tuple.
pub type TupleIter = ByIndex<InTuple>;

/// The type `tuple`.
pub static TUPLE: TypeDef = TypeDef {
    id: ids::TUPLE,
    name: "tuple",
    base: ids::OBJECT,
    layout: ids::TUPLE,
    kind: &Body::<PyTuple>::KIND,
    flags: flag::BASE | flag::SEQUENCE | flag::MATCH_SELF | flag::IMMUTABLE,
    slots: Slots {
        new: Some(tuple_new),
        repr: Some(repr),
        hash: Some(hash),
        compare: Some(compare),
        iter: Some(by_index::iter::<InTuple>),
        len: Some(len),
        getitem: Some(getitem),
        contains: Some(contains),
        concat: Some(concat),
        repeat: Some(repeat),
        ..Slots::NONE
    },
    methods: &[
        method("index", Native::MN(1, 3, tuple_index)),
        method("count", Native::M1(count)),
        method("__getnewargs__", Native::M0(getnewargs)),
        method("__class_getitem__", Native::C1(class_getitem)),
    ],
    getset: &[],
    doc: "tuple(iterable=(), /)\n--\n\nAn immutable sequence.",
};

/// The type of iterators over tuples.
pub static TUPLE_ITER: TypeDef = TupleIter::TYPE;
