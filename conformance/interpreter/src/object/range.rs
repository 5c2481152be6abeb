//! `range`: an arithmetic progression, and its iterators. One whose numbers are small integers counts
//! in machine words; any other in big ones.

use super::args::Args;
use super::define::{Native, TypeDef, flag, member, method};
use super::index;
use super::obj::Obj;
use super::payload::{self, Body, Payload};
use super::slice::PySlice;
use super::slot::Locked;
use super::slots::{Comparison, Slots};
use super::{ids, int, iterator, iterator_state, key, protocol, str_, tuple};
use crate::error::{PyResult, raise};
use crate::number;
use core::sync::atomic::{AtomicI64, Ordering::Relaxed};
use kit_core::backend::heap::HeapKind;
use kit_core::object::{Tracer, Word};
use kit_core::thread::Ctx;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};

/// The body of a range.
pub struct PyRange {
    /// The first number.
    pub start: Obj,
    /// Where it stops.
    pub stop: Obj,
    /// The distance between numbers.
    pub step: Obj,
    /// The same in machine words, if every number in it (and one step beyond) is a small integer.
    small: Option<Small>,
}

/// A range in machine words.
#[derive(Clone, Copy)]
struct Small {
    start: i64,
    step: i64,
    len: i64,
}

/// A range in numbers of any size.
struct Big {
    start: BigInt,
    step: BigInt,
    len: BigInt,
}

// SAFETY: `trace` reports all three.
unsafe impl Payload for PyRange {
    const ID: u32 = ids::RANGE;
    const HEAP: HeapKind = HeapKind::Plain;
    const NAME: &'static str = "range";
    fn trace(&self, tracer: &mut Tracer<'_>) {
        for part in [&self.start, &self.stop, &self.step] {
            tracer.word(part.word());
        }
    }
}

fn small(start: &Obj, stop: &Obj, step: &Obj) -> Option<Small> {
    let (start, stop, step) = (
        start.as_small_int()?,
        stop.as_small_int()?,
        step.as_small_int()?,
    );
    let len = if step > 0 && start < stop {
        (stop - start - 1) / step + 1
    } else if step < 0 && start > stop {
        (start - stop - 1) / -step + 1
    } else {
        0
    };
    // The number after the last is computed too.
    Word::int(start.checked_add(len.checked_mul(step)?)?)?;
    Some(Small { start, step, len })
}

fn big_len(start: &BigInt, stop: &BigInt, step: &BigInt) -> BigInt {
    if step.is_positive() && start < stop {
        (stop - start - 1) / step + 1
    } else if step.is_negative() && start > stop {
        (start - stop - 1) / -step + 1
    } else {
        BigInt::zero()
    }
}

fn big(value: &Obj) -> BigInt {
    int::to_big(value).unwrap_or_default()
}

/// A range from ints; `step` is not zero.
pub fn new(ctx: &mut Ctx, start: Obj, stop: Obj, step: Obj) -> PyResult {
    let small = small(&start, &stop, &step);
    payload::new(
        ctx,
        PyRange {
            start,
            stop,
            step,
            small,
        },
    )
}

fn from_big(ctx: &mut Ctx, start: BigInt, stop: BigInt, step: BigInt) -> PyResult {
    let start = int::from_big(ctx, start)?;
    let stop = int::from_big(ctx, stop)?;
    let step = int::from_big(ctx, step)?;
    new(ctx, start, stop, step)
}

impl PyRange {
    fn big(&self) -> Big {
        let (start, stop, step) = (big(&self.start), big(&self.stop), big(&self.step));
        let len = big_len(&start, &stop, &step);
        Big { start, step, len }
    }

    /// The numbers, if they are small integers.
    pub fn small_ints(&self) -> Option<impl ExactSizeIterator<Item = Obj> + use<>> {
        let Small { start, step, len } = self.small?;
        let len = u32::try_from(len).ok()?;
        Some((0..len).map(move |n| Obj::small_int(start + i64::from(n) * step)))
    }

    /// How many numbers there are.
    fn len(&self) -> BigInt {
        match self.small {
            Some(small) => BigInt::from(small.len),
            None => self.big().len,
        }
    }
}

fn body(range: &Obj) -> &Body<PyRange> {
    range.expect::<PyRange>()
}

fn range_new(ctx: &mut Ctx, _class: &Obj, args: Args<'_>) -> PyResult {
    args.no_keywords(ctx, "range")?;
    args.check(ctx, "range", 1, 3)?;
    let zero = Obj::small_int(0);
    let one = Obj::small_int(1);
    let (start, stop, step) = match args.pos {
        [stop] => (&zero, stop, &one),
        [start, stop] => (start, stop, &one),
        [start, stop, step, ..] => (start, stop, step),
        [] => (&zero, &zero, &one),
    };
    let start = protocol::index(ctx, start)?;
    let stop = protocol::index(ctx, stop)?;
    let step = protocol::index(ctx, step)?;
    if int::to_i64(&step) == Some(0) {
        return Err(raise!(ctx, ValueError, "range() arg 3 must not be zero"));
    }
    new(ctx, start, stop, step)
}

fn repr(ctx: &mut Ctx, range: &Obj) -> PyResult {
    let range = body(range);
    let start = protocol::repr_string(ctx, &range.start)?;
    let stop = protocol::repr_string(ctx, &range.stop)?;
    let text = if range.step.as_small_int() == Some(1) {
        format!("range({start}, {stop})")
    } else {
        let step = protocol::repr_string(ctx, &range.step)?;
        format!("range({start}, {stop}, {step})")
    };
    str_::new(ctx, &text)
}

/// What tells ranges apart: length, first number, step; None where it does not matter.
fn identity(ctx: &mut Ctx, range: &Obj) -> PyResult<[Obj; 3]> {
    let range = body(range);
    let len = range.len();
    let (none, one) = (len.is_zero(), len.is_one());
    let len = int::from_big(ctx, len)?;
    let start = if none { Obj::NONE } else { range.start.clone() };
    let step = if none || one {
        Obj::NONE
    } else {
        range.step.clone()
    };
    Ok([len, start, step])
}

fn hash(ctx: &mut Ctx, range: &Obj) -> PyResult<i64> {
    let mut hashes = [0; 3];
    for (hash, part) in hashes.iter_mut().zip(identity(ctx, range)?) {
        *hash = key::hash_value(ctx, &part)?;
    }
    Ok(number::hash::tuple(hashes))
}

fn compare(ctx: &mut Ctx, a: &Obj, b: &Obj, op: Comparison) -> PyResult {
    let both = a.downcast::<PyRange>().is_some() && b.downcast::<PyRange>().is_some();
    if !both || !matches!(op, Comparison::Eq | Comparison::Ne) {
        return Ok(Obj::NOT_IMPLEMENTED);
    }
    let (left, right) = (identity(ctx, a)?, identity(ctx, b)?);
    tuple::compare_items(ctx, &left, &right, op)
}

fn len(ctx: &mut Ctx, range: &Obj) -> PyResult<usize> {
    match body(range).len().to_isize() {
        Some(len) => Ok(len as usize),
        None => Err(protocol::too_large(ctx, "ssize_t")),
    }
}

fn truth(_: &mut Ctx, range: &Obj) -> PyResult<bool> {
    Ok(!body(range).len().is_zero())
}

fn getitem(ctx: &mut Ctx, range: &Obj, key: &Obj) -> PyResult {
    let range = body(range);
    if let (Some(at), Some(small)) = (key.as_small_int(), range.small) {
        let at = if at < 0 { at + small.len } else { at };
        if at >= 0 && at < small.len {
            return int::from_i64(ctx, small.start + at * small.step);
        }
    }
    if let Some(slice) = key.downcast::<PySlice>() {
        let whole = range.big();
        let [start, stop, step] = slice.indices_big(ctx, &whole.len)?;
        let at = |index: BigInt| &whole.start + index * &whole.step;
        let step = step * &whole.step;
        return from_big(ctx, at(start), at(stop), step);
    }
    if !index::is_index(ctx, key) {
        let given = protocol::type_name(ctx, key);
        return Err(raise!(
            ctx,
            TypeError,
            "range indices must be integers or slices, not {given}"
        ));
    }
    let at = protocol::index(ctx, key)?;
    let whole = range.big();
    let mut at = big(&at);
    if at.is_negative() {
        at += &whole.len;
    }
    if at.is_negative() || at >= whole.len {
        return Err(raise!(ctx, IndexError, "range object index out of range"));
    }
    int::from_big(ctx, whole.start + at * whole.step)
}

/// The index of an int in the range.
fn position(range: &Body<PyRange>, value: &Obj) -> Option<BigInt> {
    if let (Some(value), Some(small)) = (value.as_small_int(), range.small) {
        let distance = value - small.start;
        let at = distance / small.step;
        let found = distance % small.step == 0 && at >= 0 && at < small.len;
        return found.then(|| BigInt::from(at));
    }
    let whole = range.big();
    let (at, rest) = (big(value) - whole.start).div_rem(&whole.step);
    (rest.is_zero() && !at.is_negative() && at < whole.len).then_some(at)
}

/// Whether the value is exactly an int or a bool, so that it can be found by arithmetic.
fn is_number(value: &Obj) -> bool {
    matches!(super::type_::type_id_of(value), ids::INT | ids::BOOL)
}

fn contains(ctx: &mut Ctx, range: &Obj, value: &Obj) -> PyResult<bool> {
    if is_number(value) {
        return Ok(position(body(range), value).is_some());
    }
    let iterator = iter(ctx, range)?;
    while let Some(item) = protocol::next(ctx, &iterator)? {
        if protocol::equals(ctx, &item, value)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn range_index(ctx: &mut Ctx, range: &Obj, value: &Obj) -> PyResult {
    if is_number(value) {
        return match position(body(range), value) {
            Some(at) => int::from_big(ctx, at),
            None => Err(raise!(ctx, ValueError, "range.index(x): x not in range")),
        };
    }
    let iterator = iter(ctx, range)?;
    let mut at = 0;
    while let Some(item) = protocol::next(ctx, &iterator)? {
        if protocol::equals(ctx, &item, value)? {
            return int::from_usize(ctx, at);
        }
        at += 1;
    }
    Err(raise!(
        ctx,
        ValueError,
        "sequence.index(x): x not in sequence"
    ))
}

fn count(ctx: &mut Ctx, range: &Obj, value: &Obj) -> PyResult {
    if is_number(value) {
        let there = position(body(range), value).is_some();
        return Ok(Obj::small_int(there as i64));
    }
    let iterator = iter(ctx, range)?;
    let mut count = 0;
    while let Some(item) = protocol::next(ctx, &iterator)? {
        count += usize::from(protocol::equals(ctx, &item, value)?);
    }
    int::from_usize(ctx, count)
}

fn reduce(ctx: &mut Ctx, range: &Obj) -> PyResult {
    let class = super::type_::type_object(ctx, ids::RANGE);
    let range = body(range);
    let parts = vec![range.start.clone(), range.stop.clone(), range.step.clone()];
    let parts = tuple::from_vec(ctx, parts)?;
    tuple::from_vec(ctx, vec![class, parts])
}

// --- Iteration -------------------------------------------------------------------------------------

/// An iterator over a range of small integers. Threads that share one may get a number twice, but none from
/// outside the range: the numbers that remain say where it is.
pub struct RangeIter {
    /// How many numbers remain.
    remaining: AtomicI64,
    /// The number behind the last one: small, as all of them.
    end: i64,
    /// The distance between numbers.
    step: i64,
}

// SAFETY: it holds no references.
unsafe impl Payload for RangeIter {
    const ID: u32 = ids::RANGE_ITER;
    const HEAP: HeapKind = HeapKind::Plain;
    const NAME: &'static str = "range_iterator";
    fn trace(&self, _: &mut Tracer<'_>) {}
}

impl RangeIter {
    /// The next number: a small integer.
    #[inline(always)]
    pub fn next_int(&self) -> Option<i64> {
        let remaining = self.remaining.load(Relaxed);
        if remaining <= 0 {
            return None;
        }
        self.remaining.store(remaining - 1, Relaxed);
        Some(self.end - remaining * self.step)
    }

    /// The next number.
    #[inline(always)]
    pub fn next_fast(&self, _: &Ctx) -> Option<Obj> {
        self.next_int().map(Obj::small_int)
    }
}

/// An iterator over a range of any integers.
pub struct LongRangeIter {
    /// The next number, and how many remain.
    state: Locked<(BigInt, BigInt)>,
    step: BigInt,
}

// SAFETY: it holds no references.
unsafe impl Payload for LongRangeIter {
    const ID: u32 = ids::LONG_RANGE_ITER;
    const HEAP: HeapKind = HeapKind::Plain;
    const NAME: &'static str = "longrange_iterator";
    fn trace(&self, _: &mut Tracer<'_>) {}
}

fn small_iter(ctx: &mut Ctx, start: i64, step: i64, len: i64) -> PyResult {
    payload::new(
        ctx,
        RangeIter {
            remaining: AtomicI64::new(len),
            end: start + len * step,
            step,
        },
    )
}

fn long_iter(ctx: &mut Ctx, start: BigInt, step: BigInt, len: BigInt) -> PyResult {
    let state = Locked::new((start, len));
    payload::new(ctx, LongRangeIter { state, step })
}

fn iter(ctx: &mut Ctx, range: &Obj) -> PyResult {
    let range = body(range);
    match range.small {
        Some(small) => small_iter(ctx, small.start, small.step, small.len),
        None => {
            let whole = range.big();
            long_iter(ctx, whole.start, whole.step, whole.len)
        }
    }
}

fn reversed(ctx: &mut Ctx, range: &Obj) -> PyResult {
    let range = body(range);
    if let Some(small) = range.small {
        let last = small.start + (small.len - 1) * small.step;
        // The number before the first must be a small integer too.
        if Word::int(small.start.wrapping_sub(small.step)).is_some() {
            return small_iter(ctx, last, -small.step, small.len);
        }
    }
    let whole = range.big();
    let last = &whole.start + (&whole.len - 1) * &whole.step;
    long_iter(ctx, last, -whole.step, whole.len)
}

fn next(ctx: &mut Ctx, iterator: &Obj) -> PyResult<Option<Obj>> {
    Ok(iterator.expect::<RangeIter>().next_fast(ctx))
}

fn hint(ctx: &mut Ctx, iterator: &Obj) -> PyResult {
    let left = iterator.expect::<RangeIter>().remaining.load(Relaxed);
    int::from_i64(ctx, left.max(0))
}

fn long_next(ctx: &mut Ctx, iterator: &Obj) -> PyResult<Option<Obj>> {
    let body = iterator.expect::<LongRangeIter>();
    let value = {
        // SAFETY: the field is the iterator's own, and nothing else of it is locked.
        let mut state = unsafe { body.state.lock(ctx, &body.header) };
        if state.1.is_zero() {
            return Ok(None);
        }
        state.1 -= 1;
        let next = &state.0 + &body.step;
        core::mem::replace(&mut state.0, next)
    };
    int::from_big(ctx, value).map(Some)
}

fn long_hint(ctx: &mut Ctx, iterator: &Obj) -> PyResult {
    let body = iterator.expect::<LongRangeIter>();
    // SAFETY: as in `long_next`.
    let left = unsafe { body.state.lock(ctx, &body.header) }.1.clone();
    int::from_big(ctx, left)
}

fn iter_reduce(ctx: &mut Ctx, iterator: &Obj) -> PyResult {
    let body = iterator.expect::<RangeIter>();
    let left = body.remaining.load(Relaxed).max(0);
    let parts = [body.end - left * body.step, body.end, body.step];
    reduce_to(ctx, parts.map(BigInt::from))
}

fn iter_set_state(ctx: &mut Ctx, iterator: &Obj, place: &Obj) -> PyResult {
    let place = protocol::index(ctx, place)?;
    let place = iterator_state::place(ctx, &place)?;
    let body = iterator.expect::<RangeIter>();
    let left = body.remaining.load(Relaxed).max(0);
    body.remaining.store(left - place.clamp(0, left), Relaxed);
    Ok(Obj::NONE)
}

fn long_reduce(ctx: &mut Ctx, iterator: &Obj) -> PyResult {
    let body = iterator.expect::<LongRangeIter>();
    // SAFETY: as in `long_next`.
    let (next, left) = unsafe { body.state.lock(ctx, &body.header) }.clone();
    let end = &next + left * &body.step;
    reduce_to(ctx, [next, end, body.step.clone()])
}

fn long_set_state(ctx: &mut Ctx, iterator: &Obj, place: &Obj) -> PyResult {
    let Some(place) = int::to_big(place) else {
        let class = protocol::type_name(ctx, place);
        return Err(raise!(ctx, TypeError, "state must be an int, not {class}"));
    };
    let body = iterator.expect::<LongRangeIter>();
    // SAFETY: as in `long_next`.
    let mut state = unsafe { body.state.lock(ctx, &body.header) };
    let place = place.clamp(BigInt::ZERO, state.1.clone());
    let next = &state.0 + &place * &body.step;
    *state = (next, &state.1 - place);
    Ok(Obj::NONE)
}

/// `(iter, (range(start, stop, step),), None)`.
fn reduce_to(ctx: &mut Ctx, [start, stop, step]: [BigInt; 3]) -> PyResult {
    let start = int::from_big(ctx, start)?;
    let stop = int::from_big(ctx, stop)?;
    let step = int::from_big(ctx, step)?;
    let rest = new(ctx, start, stop, step)?;
    let iter = iterator_state::iter_function(ctx)?;
    iterator_state::reduced(ctx, iter, vec![rest], Some(Obj::NONE))
}

/// The type `range`.
pub static RANGE: TypeDef = TypeDef {
    id: ids::RANGE,
    name: "range",
    base: ids::OBJECT,
    layout: ids::RANGE,
    kind: &Body::<PyRange>::KIND,
    flags: flag::SEQUENCE | flag::IMMUTABLE,
    slots: Slots {
        new: Some(range_new),
        repr: Some(repr),
        hash: Some(hash),
        compare: Some(compare),
        iter: Some(iter),
        len: Some(len),
        bool: Some(truth),
        getitem: Some(getitem),
        contains: Some(contains),
        ..Slots::NONE
    },
    methods: &[
        method("count", Native::M1(count)),
        method("index", Native::M1(range_index)),
        method("__reversed__", Native::M0(reversed)),
        method("__reduce__", Native::M0(reduce)),
    ],
    getset: &[
        member("start", |_, range| Ok(body(range).start.clone())),
        member("stop", |_, range| Ok(body(range).stop.clone())),
        member("step", |_, range| Ok(body(range).step.clone())),
    ],
    doc: "range(stop)\nrange(start, stop[, step])\n\nThe integers from start up to stop, step apart.",
};

/// The type of iterators over ranges of small integers.
pub static RANGE_ITER: TypeDef = TypeDef {
    id: ids::RANGE_ITER,
    name: "range_iterator",
    base: ids::OBJECT,
    layout: ids::RANGE_ITER,
    kind: &Body::<RangeIter>::KIND,
    flags: flag::NO_NEW | flag::IMMUTABLE,
    slots: Slots {
        iter: Some(iterator::itself),
        next: Some(next),
        ..Slots::NONE
    },
    methods: &[
        method("__length_hint__", Native::M0(hint)),
        method("__reduce__", Native::M0(iter_reduce)),
        method("__setstate__", Native::M1(iter_set_state)),
    ],
    getset: &[],
    doc: "",
};

/// The type of iterators over other ranges.
pub static LONG_RANGE_ITER: TypeDef = TypeDef {
    id: ids::LONG_RANGE_ITER,
    name: "longrange_iterator",
    base: ids::OBJECT,
    layout: ids::LONG_RANGE_ITER,
    kind: &Body::<LongRangeIter>::KIND,
    flags: flag::NO_NEW | flag::IMMUTABLE,
    slots: Slots {
        iter: Some(iterator::itself),
        next: Some(long_next),
        ..Slots::NONE
    },
    methods: &[
        method("__length_hint__", Native::M0(long_hint)),
        method("__reduce__", Native::M0(long_reduce)),
        method("__setstate__", Native::M1(long_set_state)),
    ],
    getset: &[],
    doc: "",
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::slice;
    use crate::vm::start::with_interpreter;

    fn range(ctx: &mut Ctx, parts: [i128; 3]) -> Obj {
        let [start, stop, step] = parts.map(|n| int::from_big(ctx, BigInt::from(n)).unwrap());
        new(ctx, start, stop, step).unwrap()
    }

    fn text(ctx: &mut Ctx, value: &Obj) -> String {
        protocol::repr_string(ctx, value).unwrap()
    }

    #[test]
    fn small_and_large_ranges_agree() {
        with_interpreter(|ctx| {
            let far = 1i128 << 70;
            for (start, stop, step) in [(0, 10, 3), (10, 0, -4), (5, 5, 1), (-3, 4, 1)] {
                let small = range(ctx, [start, stop, step]);
                let large = range(ctx, [start + far, stop + far, step]);
                let far = int::from_big(ctx, BigInt::from(far)).unwrap();
                let expected = protocol::collect(ctx, &small).unwrap();
                let found = protocol::collect(ctx, &large).unwrap();
                assert_eq!(expected.len(), found.len());
                assert_eq!(protocol::len(ctx, &large).unwrap(), expected.len());
                for (a, b) in expected.iter().zip(&found) {
                    let shifted = protocol::binary(ctx, a, &far, protocol::operator::ADD).unwrap();
                    assert!(protocol::equals(ctx, &shifted, b).unwrap());
                    assert!(protocol::contains(ctx, &large, b).unwrap());
                    assert!(!protocol::contains(ctx, &large, a).unwrap());
                }
                for which in [&small, &large] {
                    let backward = reversed(ctx, which).unwrap();
                    let mut items = protocol::collect(ctx, &backward).unwrap();
                    items.reverse();
                    let forward = protocol::collect(ctx, which).unwrap();
                    assert_eq!(items.len(), forward.len());
                    for (a, b) in items.iter().zip(&forward) {
                        assert!(protocol::equals(ctx, a, b).unwrap());
                    }
                }
            }
        });
    }

    #[test]
    fn parts_and_equality() {
        with_interpreter(|ctx| {
            let whole = range(ctx, [0, 20, 3]);
            let key = slice::new(ctx, Obj::NONE, Obj::NONE, Obj::small_int(-2)).unwrap();
            let part = protocol::getitem(ctx, &whole, &key).unwrap();
            assert_eq!(text(ctx, &part), "range(18, -3, -6)");
            let (a, b) = (range(ctx, [0, 3, 2]), range(ctx, [0, 4, 2]));
            assert!(protocol::equals(ctx, &a, &b).unwrap());
            assert_eq!(
                protocol::hash(ctx, &a).unwrap(),
                protocol::hash(ctx, &b).unwrap()
            );
            let last = protocol::getitem(ctx, &whole, &Obj::small_int(-1)).unwrap();
            assert_eq!(last.as_small_int(), Some(18));
            assert!(protocol::getitem(ctx, &whole, &Obj::small_int(7)).is_err());
        });
    }
}
