//! Bits, bytes and integers of a range.

use super::source::{big, draw, with};
use crate::error::{PyResult, raise};
use crate::number::random::Draw;
use crate::object::args::{Args, Signature};
use crate::object::obj::Obj;
use crate::object::protocol;
use crate::object::{bytes, float, int};
use crate::vm::outside;
use kit_core::thread::Ctx;
use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive};

pub(super) fn random(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let value = with(ctx, this, |twister, _| twister.random());
    float::new(ctx, value)
}

pub(super) fn getrandbits(ctx: &mut Ctx, this: &Obj, bits: &Obj) -> PyResult {
    let bits = protocol::index_i64(ctx, bits, None)?;
    let Ok(bits) = u64::try_from(bits) else {
        return Err(raise!(ctx, ValueError, "Cannot convert negative int"));
    };
    if bits <= 60 {
        let value = with(ctx, this, |twister, _| twister.bits64(bits as u32));
        return int::from_i64(ctx, value as i64);
    }
    outside::room(ctx, usize::try_from(bits / 4).unwrap_or(usize::MAX))?;
    let value = with(ctx, this, |twister, _| twister.bits(bits));
    int::from_big(ctx, value)
}

pub(super) fn randbytes(ctx: &mut Ctx, this: &Obj, count: &Obj) -> PyResult {
    let count = protocol::index_i64(ctx, count, None)?;
    let Ok(count) = usize::try_from(count) else {
        return Err(raise!(ctx, ValueError, "Cannot convert negative int"));
    };
    outside::room(ctx, count.saturating_mul(4))?;
    let value = draw(ctx, this, |twister, _| twister.bytes(count))?;
    bytes::new(ctx, &value)
}

/// A number below `limit`, which is positive.
pub(super) fn below(ctx: &mut Ctx, this: &Obj, limit: &BigInt) -> PyResult<BigInt> {
    match limit.to_u64() {
        Some(limit) => draw(ctx, this, |source, _| source.below(limit)).map(BigInt::from),
        None => draw(ctx, this, |source, _| source.below_big(limit)),
    }
}

static RANDRANGE: Signature = Signature {
    name: "randrange",
    params: &["start", "stop", "step"],
    posonly: 0,
    positional: 3,
    required: 1,
};

pub(super) fn randrange(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    let [start, stop, step] = args.bind(ctx, &RANDRANGE)?;
    let start = big(ctx, start.unwrap_or(&Obj::NONE))?;
    let Some(stop) = stop.filter(|stop| !stop.is_none()) else {
        if step.is_some() {
            return Err(raise!(ctx, TypeError, "Missing a non-None stop argument"));
        }
        if !start.is_positive() {
            return Err(raise!(ctx, ValueError, "empty range for randrange()"));
        }
        let value = below(ctx, this, &start)?;
        return int::from_big(ctx, value);
    };
    let stop = big(ctx, stop)?;
    let step = match step {
        Some(step) => big(ctx, step)?,
        None => 1.into(),
    };
    let width = &stop - &start;
    let one = BigInt::from(1);
    let count = if step == one {
        width
    } else if step.is_positive() {
        (width + &step - &one) / &step
    } else if step.is_negative() {
        (width + &step + &one) / &step
    } else {
        return Err(raise!(ctx, ValueError, "zero step for randrange()"));
    };
    if !count.is_positive() {
        let step = if step == one {
            String::new()
        } else {
            format!(", {step}")
        };
        return Err(raise!(
            ctx,
            ValueError,
            "empty range in randrange({start}, {stop}{step})"
        ));
    }
    let value = start + step * below(ctx, this, &count)?;
    int::from_big(ctx, value)
}

static RANDINT: Signature = Signature {
    name: "randint",
    params: &["a", "b"],
    posonly: 0,
    positional: 2,
    required: 2,
};

pub(super) fn randint(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    let [a, b] = args.bind(ctx, &RANDINT)?;
    let (a, b) = (
        big(ctx, a.unwrap_or(&Obj::NONE))?,
        big(ctx, b.unwrap_or(&Obj::NONE))?,
    );
    let count: BigInt = &b - &a + 1;
    if !count.is_positive() {
        return Err(raise!(ctx, ValueError, "empty range in randint({a}, {b})"));
    }
    let value = a + below(ctx, this, &count)?;
    int::from_big(ctx, value)
}
