//! `slice`: three values, of any kind.

use super::args::Args;
use super::define::{GetSet, Native, member};
use super::define::{TypeDef, method};
use super::index::Bounds;
use super::obj::Obj;
use super::payload::{self, Body, Payload};
use super::slots::{Comparison, Slots};
use super::type_::type_object;
use super::{ids, index, int, protocol, str_, tuple};
use crate::error::{PyResult, raise};
use crate::number;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::{Ctx, Thread};
use num_bigint::BigInt;
use num_traits::{Signed, Zero};

/// The body of a slice.
pub struct PySlice {
    /// Where it starts, or None.
    pub start: Obj,
    /// Where it stops, or None.
    pub stop: Obj,
    /// The distance between items, or None.
    pub step: Obj,
}

// SAFETY: `trace` reports all three.
unsafe impl Payload for PySlice {
    const ID: u32 = ids::SLICE;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "slice";
    const DISCARD: Option<fn(&mut Self, &Thread)> = Some(payload::only_references);
    fn trace(&self, tracer: &mut Tracer<'_>) {
        for part in [&self.start, &self.stop, &self.step] {
            tracer.word(part.word());
        }
    }
}

/// A slice.
pub fn new(ctx: &mut Ctx, start: Obj, stop: Obj, step: Obj) -> PyResult {
    payload::new(ctx, PySlice { start, stop, step })
}

impl PySlice {
    /// Whether finding the bounds runs no code.
    pub fn is_simple(&self) -> bool {
        let simple = |part: &Obj| part.is_none() || part.as_small_int().is_some();
        simple(&self.start) && simple(&self.stop) && simple(&self.step)
    }

    /// The bounds as machine integers, saturated.
    pub fn bounds(&self, ctx: &mut Ctx) -> PyResult<Bounds> {
        let step = if self.step.is_none() {
            1
        } else {
            index::bound(ctx, &self.step)?.max(-i64::MAX)
        };
        if step == 0 {
            return Err(zero_step(ctx));
        }
        let (first, last) = if step < 0 {
            (i64::MAX, i64::MIN)
        } else {
            (0, i64::MAX)
        };
        let start = if self.start.is_none() {
            first
        } else {
            index::bound(ctx, &self.start)?
        };
        let stop = if self.stop.is_none() {
            last
        } else {
            index::bound(ctx, &self.stop)?
        };
        Ok(Bounds { start, stop, step })
    }

    /// The bounds of a sequence of `len` items, as integers of any size: start, stop, step.
    pub fn indices_big(&self, ctx: &mut Ctx, len: &BigInt) -> PyResult<[BigInt; 3]> {
        let step = match part(ctx, &self.step)? {
            None => BigInt::from(1),
            Some(step) => step,
        };
        if step.is_zero() {
            return Err(zero_step(ctx));
        }
        let backward = step.is_negative();
        let (low, high) = if backward {
            (BigInt::from(-1), len - 1)
        } else {
            (BigInt::zero(), len.clone())
        };
        let mut clamp = |value: &Obj, default: &BigInt| -> PyResult<BigInt> {
            Ok(match part(ctx, value)? {
                None => default.clone(),
                Some(at) if at.is_negative() => (at + len).max(low.clone()),
                Some(at) => at.min(high.clone()),
            })
        };
        let (first, last) = if backward {
            (&high, &low)
        } else {
            (&low, &high)
        };
        let start = clamp(&self.start, first)?;
        let stop = clamp(&self.stop, last)?;
        Ok([start, stop, step])
    }
}

fn zero_step(ctx: &mut Ctx) -> crate::error::Raised {
    raise!(ctx, ValueError, "slice step cannot be zero")
}

fn part(ctx: &mut Ctx, value: &Obj) -> PyResult<Option<BigInt>> {
    if value.is_none() {
        return Ok(None);
    }
    if !index::is_index(ctx, value) {
        return Err(raise!(
            ctx,
            TypeError,
            "slice indices must be integers or None or have an __index__ method"
        ));
    }
    let value = protocol::index(ctx, value)?;
    Ok(int::to_big(&value))
}

fn body(slice: &Obj) -> &Body<PySlice> {
    slice.expect::<PySlice>()
}

fn slice_new(ctx: &mut Ctx, _class: &Obj, args: Args<'_>) -> PyResult {
    args.no_keywords(ctx, "slice")?;
    args.check(ctx, "slice", 1, 3)?;
    let (start, stop, step) = match args.pos {
        [stop] => (Obj::NONE, stop.clone(), Obj::NONE),
        [start, stop] => (start.clone(), stop.clone(), Obj::NONE),
        [start, stop, step] => (start.clone(), stop.clone(), step.clone()),
        _ => (Obj::NONE, Obj::NONE, Obj::NONE),
    };
    new(ctx, start, stop, step)
}

fn repr(ctx: &mut Ctx, slice: &Obj) -> PyResult {
    let slice = body(slice);
    let start = protocol::repr_string(ctx, &slice.start)?;
    let stop = protocol::repr_string(ctx, &slice.stop)?;
    let step = protocol::repr_string(ctx, &slice.step)?;
    str_::new(ctx, &format!("slice({start}, {stop}, {step})"))
}

fn hash(ctx: &mut Ctx, slice: &Obj) -> PyResult<i64> {
    let slice = body(slice);
    let mut hashes = [0; 3];
    for (hash, part) in hashes
        .iter_mut()
        .zip([&slice.start, &slice.stop, &slice.step])
    {
        *hash = protocol::hash(ctx, part)?;
    }
    // A slice hashes as a tuple does but for the length, which is not mixed in.
    Ok(number::hash::slice(hashes))
}

fn compare(ctx: &mut Ctx, a: &Obj, b: &Obj, op: Comparison) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<PySlice>(), b.downcast::<PySlice>()) else {
        return Ok(Obj::NOT_IMPLEMENTED);
    };
    if a.is(b) {
        return Ok(Obj::bool(matches!(
            op,
            Comparison::Eq | Comparison::Le | Comparison::Ge
        )));
    }
    let left = [x.start.clone(), x.stop.clone(), x.step.clone()];
    let right = [y.start.clone(), y.stop.clone(), y.step.clone()];
    tuple::compare_items(ctx, &left, &right, op)
}

fn indices(ctx: &mut Ctx, slice: &Obj, len: &Obj) -> PyResult {
    let len = protocol::index(ctx, len)?;
    let Some(len) = int::to_big(&len) else {
        return Ok(Obj::NONE);
    };
    if len.is_negative() {
        return Err(raise!(ctx, ValueError, "length should not be negative"));
    }
    let [start, stop, step] = body(slice).indices_big(ctx, &len)?;
    let parts = vec![
        int::from_big(ctx, start)?,
        int::from_big(ctx, stop)?,
        int::from_big(ctx, step)?,
    ];
    tuple::from_vec(ctx, parts)
}

const GETSET: &[GetSet] = &[
    member("start", |_, slice| Ok(body(slice).start.clone())),
    member("stop", |_, slice| Ok(body(slice).stop.clone())),
    member("step", |_, slice| Ok(body(slice).step.clone())),
];

fn reduce(ctx: &mut Ctx, slice: &Obj) -> PyResult {
    let parts = body(slice);
    let parts = vec![parts.start.clone(), parts.stop.clone(), parts.step.clone()];
    let parts = tuple::from_vec(ctx, parts)?;
    tuple::from_vec(ctx, vec![type_object(ctx, ids::SLICE), parts])
}

/// The type `slice`.
pub static SLICE: TypeDef = TypeDef {
    id: ids::SLICE,
    name: "slice",
    base: ids::OBJECT,
    layout: ids::SLICE,
    kind: &Body::<PySlice>::KIND,
    flags: super::define::flag::IMMUTABLE,
    slots: Slots {
        new: Some(slice_new),
        repr: Some(repr),
        hash: Some(hash),
        compare: Some(compare),
        ..Slots::NONE
    },
    methods: &[
        method("indices", Native::M1(indices)),
        method("__reduce__", Native::M0(reduce)),
    ],
    getset: GETSET,
    doc: "slice(stop)\nslice(start, stop[, step])\n\nA slice object, as it stands between brackets.",
};
