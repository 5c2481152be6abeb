//! `deque`: a ring of items behind the object's lock.
//!
//! Every change of length gets a version number; an iterator, or a search that runs Python code
//! between two looks, compares it and raises when it is not what it was.

mod iterate;
mod methods;

pub use iterate::{DEQUE_ITERATOR, DEQUE_REVERSE_ITERATOR};

use crate::error::{PyResult, no_memory, raise};
use crate::module::support::{id_of, plain_name};
use crate::object::args::{Args, Signature};
use crate::object::define::{GetSet, TypeDef, flag, getter};
use crate::object::exception::class;
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::protocol::{self, equals};
use crate::object::slot::{Guard, Locked};
use crate::object::slots::{Comparison, Slots};
use crate::object::type_::type_of;
use crate::object::{ids, int, list, repr_guard, str_};
use crate::vm::outside::{self, Outside};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicI64, Ordering::*};

/// The items, and how often their number has changed.
#[derive(Default)]
pub struct Ring {
    items: Outside<VecDeque<Obj>>,
    version: u64,
}

/// The body of a deque.
pub struct PyDeque {
    ring: Locked<Ring>,
    /// −1: no limit.
    limit: AtomicI64,
}

// SAFETY: `trace` reports all items.
unsafe impl Payload for PyDeque {
    const ID: u32 = ids::DEQUE;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "deque";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        // SAFETY: the world is stopped.
        for item in unsafe { self.ring.get() }.items.iter() {
            tracer.word(item.word());
        }
    }

    fn clear(&self, _: &mut Ctx) {
        // SAFETY: the collector has the only way to the object.
        drop(std::mem::take(unsafe { self.ring.get_mut() }));
    }
}

/// Which end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The first items.
    Left,
    /// The last items.
    Right,
}

impl Body<PyDeque> {
    fn lock<'a>(&'a self, ctx: &'a Ctx) -> Guard<'a, Ring> {
        // SAFETY: the field is this object's, and no function here locks twice.
        unsafe { self.ring.lock(ctx, &self.header) }
    }

    /// Items.
    pub fn len(&self, ctx: &Ctx) -> usize {
        self.lock(ctx).items.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self, ctx: &Ctx) -> bool {
        self.len(ctx) == 0
    }

    fn limit(&self) -> Option<usize> {
        usize::try_from(self.limit.load(Relaxed)).ok()
    }

    /// Adds an item at one end; at the limit, one goes at the other.
    pub fn push(&self, ctx: &mut Ctx, item: Obj, end: End) -> PyResult<()> {
        let limit = self.limit();
        let wanted = {
            let ring = self.lock(ctx);
            let full = ring.items.len() == ring.items.capacity();
            if full { ring.items.len() * 2 } else { 0 }
        };
        outside::room_for(ctx, wanted)?;
        let pushed = {
            let mut ring = self.lock(ctx);
            let room = ring.items.try_reserve(1).is_ok();
            if room {
                ring.version += 1;
                match end {
                    End::Left => ring.items.push_front(item),
                    End::Right => ring.items.push_back(item),
                }
                if limit.is_some_and(|limit| ring.items.len() > limit) {
                    drop(match end {
                        End::Left => ring.items.pop_back(),
                        End::Right => ring.items.pop_front(),
                    });
                }
                ring.items.count();
            }
            room
        };
        if pushed { Ok(()) } else { Err(no_memory(ctx)) }
    }

    /// Removes and returns the item at one end.
    pub fn take(&self, ctx: &mut Ctx, end: End) -> PyResult {
        let item = {
            let mut ring = self.lock(ctx);
            ring.version += 1;
            match end {
                End::Left => ring.items.pop_front(),
                End::Right => ring.items.pop_back(),
            }
        };
        item.ok_or_else(|| raise!(ctx, IndexError, "pop from an empty deque"))
    }

    /// A copy of the items at one moment.
    pub fn to_vec(&self, ctx: &Ctx) -> Vec<Obj> {
        self.lock(ctx).items.iter().cloned().collect()
    }

    /// Adds the items of an iterable: one step for other threads, as long as this one need not wait.
    pub fn extend(&self, ctx: &mut Ctx, iterable: &Obj, end: End) -> PyResult<()> {
        ctx.critical(&self.header, |ctx| self.extend_inside(ctx, iterable, end))
    }

    fn extend_inside(&self, ctx: &mut Ctx, iterable: &Obj, end: End) -> PyResult<()> {
        let itself = iterable
            .header()
            .is_some_and(|h| std::ptr::eq(h, &self.header));
        if itself {
            for item in self.to_vec(ctx) {
                self.push(ctx, item, end)?;
            }
            return Ok(());
        }
        protocol::for_each(ctx, iterable, |ctx, item| self.push(ctx, item, end))
    }

    /// Calls `found` with each index and item from `start` up to `stop` until it says true; the index
    /// then. The error for a change meanwhile is `changed`: by `found`, or by another thread while this one
    /// waited, since callers are in a section over the deque.
    fn search(
        &self,
        ctx: &mut Ctx,
        start: usize,
        stop: usize,
        changed: u32,
        mut found: impl FnMut(&mut Ctx, &Obj) -> PyResult<bool>,
    ) -> PyResult<Option<usize>> {
        let version = self.lock(ctx).version;
        for index in start..stop {
            let Some(item) = self.lock(ctx).items.get(index).cloned() else {
                break;
            };
            let result = found(ctx, &item)?;
            if self.lock(ctx).version != version {
                return Err(crate::object::exception::raise_message(
                    ctx,
                    changed,
                    "deque mutated during iteration",
                ));
            }
            if result {
                return Ok(Some(index));
            }
        }
        Ok(None)
    }
}

fn new(ctx: &mut Ctx, class: &Obj, _: Args<'_>) -> PyResult {
    empty(ctx, id_of(class), -1)
}

fn empty(ctx: &mut Ctx, type_id: u32, limit: i64) -> PyResult {
    let body = PyDeque {
        ring: Locked::new(Ring::default()),
        limit: AtomicI64::new(limit),
    };
    payload::allocate(ctx, type_id, body)
}

fn init(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult<()> {
    static SIGNATURE: Signature = Signature {
        name: "deque",
        params: &["iterable", "maxlen"],
        posonly: 0,
        positional: 2,
        required: 0,
    };
    let [iterable, limit] = args.bind(ctx, &SIGNATURE)?;
    let limit = match limit.filter(|limit| !limit.is_none()) {
        None => -1,
        Some(limit) => {
            if !protocol::is_instance_of(ctx, limit, ids::INT) {
                return Err(raise!(ctx, TypeError, "an integer is required"));
            }
            let limit = protocol::c_ssize(ctx, limit)?;
            if limit < 0 {
                return Err(raise!(ctx, ValueError, "maxlen must be non-negative"));
            }
            limit
        }
    };
    let deque = x.expect::<PyDeque>();
    deque.limit.store(limit, Relaxed);
    methods::clear(ctx, x)?;
    match iterable {
        Some(iterable) => deque.extend(ctx, iterable, End::Right),
        None => Ok(()),
    }
}

fn repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let Some(_guard) = repr_guard::enter(x) else {
        return str_::new(ctx, "[...]");
    };
    let deque = x.expect::<PyDeque>();
    let items = deque.to_vec(ctx);
    let items = list::from_vec(ctx, items)?;
    let items = protocol::repr_string(ctx, &items)?;
    let class = plain_name(ctx, type_of(ctx, x));
    match deque.limit() {
        Some(limit) => str_::new(ctx, &format!("{class}({items}, maxlen={limit})")),
        None => str_::new(ctx, &format!("{class}({items})")),
    }
}

fn compare(ctx: &mut Ctx, a: &Obj, b: &Obj, op: Comparison) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<PyDeque>(), b.downcast::<PyDeque>()) else {
        return Ok(Obj::NOT_IMPLEMENTED);
    };
    if matches!(op, Comparison::Eq | Comparison::Ne) && x.len(ctx) != y.len(ctx) {
        return Ok(Obj::bool(op == Comparison::Ne));
    }
    let (x, y) = (x.to_vec(ctx), y.to_vec(ctx));
    for (left, right) in x.iter().zip(&y) {
        if !equals(ctx, left, right)? {
            return match op {
                Comparison::Eq => Ok(Obj::FALSE),
                Comparison::Ne => Ok(Obj::TRUE),
                _ => protocol::compare(ctx, left, right, op),
            };
        }
    }
    Ok(Obj::bool(op.holds(x.len().cmp(&y.len()))))
}

fn len(ctx: &mut Ctx, x: &Obj) -> PyResult<usize> {
    Ok(x.expect::<PyDeque>().len(ctx))
}

fn truth(ctx: &mut Ctx, x: &Obj) -> PyResult<bool> {
    Ok(!x.expect::<PyDeque>().is_empty(ctx))
}

/// The position that a subscript names.
fn position(ctx: &mut Ctx, x: &Obj, key: &Obj) -> PyResult<usize> {
    if key.as_small_int().is_none() && type_of(ctx, key).slots(ctx).index.is_none() {
        let class = protocol::type_name(ctx, key);
        return Err(raise!(
            ctx,
            TypeError,
            "sequence index must be integer, not '{class}'"
        ));
    }
    let index = protocol::index_i64(ctx, key, Some(class::IndexError))?;
    let len = x.expect::<PyDeque>().len(ctx) as i64;
    let index = if index < 0 { index + len } else { index };
    if index < 0 || index >= len {
        return Err(raise!(ctx, IndexError, "deque index out of range"));
    }
    Ok(index as usize)
}

fn getitem(ctx: &mut Ctx, x: &Obj, key: &Obj) -> PyResult {
    let index = position(ctx, x, key)?;
    let item = x.expect::<PyDeque>().lock(ctx).items.get(index).cloned();
    item.ok_or_else(|| raise!(ctx, IndexError, "deque index out of range"))
}

fn setitem(ctx: &mut Ctx, x: &Obj, key: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let index = position(ctx, x, key)?;
    let mut ring = x.expect::<PyDeque>().lock(ctx);
    match value {
        Some(value) => {
            if let Some(item) = ring.items.get_mut(index) {
                *item = value.clone();
            }
        }
        None => {
            ring.version += 1;
            drop(ring.items.remove(index));
        }
    }
    Ok(())
}

fn contains(ctx: &mut Ctx, x: &Obj, value: &Obj) -> PyResult<bool> {
    let deque = x.expect::<PyDeque>();
    let len = deque.len(ctx);
    let found = deque.search(ctx, 0, len, class::RuntimeError, |ctx, item| {
        equals(ctx, item, value)
    })?;
    Ok(found.is_some())
}

fn concat(ctx: &mut Ctx, x: &Obj, y: &Obj) -> PyResult {
    if y.downcast::<PyDeque>().is_none() {
        let class = protocol::type_name(ctx, y);
        return Err(raise!(
            ctx,
            TypeError,
            "can only concatenate deque (not \"{class}\") to deque"
        ));
    }
    let sum = methods::copy(ctx, x)?;
    sum.expect::<PyDeque>().extend(ctx, y, End::Right)?;
    Ok(sum)
}

fn iadd(ctx: &mut Ctx, x: &Obj, y: &Obj) -> PyResult {
    x.expect::<PyDeque>().extend(ctx, y, End::Right)?;
    Ok(x.clone())
}

fn repeat(ctx: &mut Ctx, x: &Obj, count: &Obj) -> PyResult {
    let product = methods::copy(ctx, x)?;
    imul(ctx, &product, count)
}

fn imul(ctx: &mut Ctx, x: &Obj, count: &Obj) -> PyResult {
    if type_of(ctx, count).slots(ctx).index.is_none() {
        let class = protocol::type_name(ctx, count);
        return Err(raise!(
            ctx,
            TypeError,
            "can't multiply sequence by non-int of type '{class}'"
        ));
    }
    let count = protocol::index_i64(ctx, count, Some(class::OverflowError))?;
    let deque = x.expect::<PyDeque>();
    if count <= 0 {
        methods::clear(ctx, x)?;
        return Ok(x.clone());
    }
    let items = deque.to_vec(ctx);
    if items.is_empty() {
        return Ok(x.clone());
    }
    // More rounds than fill the limit change nothing.
    let rounds = match deque.limit() {
        Some(limit) => (count - 1).min((limit / items.len() + 2) as i64),
        None => count - 1,
    };
    if items.len().checked_mul(rounds as usize + 1).is_none() {
        return Err(no_memory(ctx));
    }
    for _ in 0..rounds {
        for item in &items {
            deque.push(ctx, item.clone(), End::Right)?;
        }
    }
    Ok(x.clone())
}

fn maxlen(ctx: &mut Ctx, x: &Obj) -> PyResult {
    match x.expect::<PyDeque>().limit() {
        Some(limit) => int::from_usize(ctx, limit),
        None => Ok(Obj::NONE),
    }
}

static GETSET: &[GetSet] = &[getter("maxlen", maxlen)];

/// `collections.deque`.
pub static DEQUE: TypeDef = TypeDef {
    id: ids::DEQUE,
    name: "collections.deque",
    base: ids::OBJECT,
    layout: ids::DEQUE,
    kind: &Body::<PyDeque>::KIND,
    flags: flag::BASE | flag::SEQUENCE,
    slots: Slots {
        new: Some(new),
        init: Some(init),
        repr: Some(repr),
        hash: Some(protocol::unhashable),
        compare: Some(compare),
        iter: Some(iterate::iter),
        len: Some(len),
        bool: Some(truth),
        getitem: Some(getitem),
        setitem: Some(setitem),
        contains: Some(contains),
        concat: Some(concat),
        iadd: Some(iadd),
        repeat: Some(repeat),
        imul: Some(imul),
        ..Slots::NONE
    },
    methods: methods::METHODS,
    getset: GETSET,
    doc: "A list-like sequence optimized for data accesses near its endpoints.",
};
