//! Choosing among the items of sequences.

use super::source::draw;
use crate::error::{PyResult, raise};
use crate::number::random::Draw;
use crate::object::args::{Args, Signature};
use crate::object::define::flag;
use crate::object::list::{self, PyList};
use crate::object::obj::Obj;
use crate::object::protocol::{self, operator};
use crate::object::type_::type_of;
use crate::object::{float, ids, int};
use crate::vm::outside;
use kit_core::thread::Ctx;
use std::sync::atomic::Ordering::Relaxed;

pub(super) fn choice(ctx: &mut Ctx, this: &Obj, items: &Obj) -> PyResult {
    let len = protocol::len(ctx, items)?;
    if len == 0 {
        return Err(raise!(
            ctx,
            IndexError,
            "Cannot choose from an empty sequence"
        ));
    }
    let index = draw(ctx, this, |twister, _| twister.below(len as u64))?;
    item(ctx, items, index as usize)
}

fn item(ctx: &mut Ctx, items: &Obj, index: usize) -> PyResult {
    let index = int::from_usize(ctx, index)?;
    protocol::getitem(ctx, items, &index)
}

pub(super) fn shuffle(ctx: &mut Ctx, this: &Obj, items: &Obj) -> PyResult {
    let len = protocol::len(ctx, items)?;
    let mut swaps = Vec::with_capacity(len);
    draw(ctx, this, |twister, _| {
        twister.shuffle(len, |i, j| swaps.push((i, j)));
    })?;
    for (i, j) in swaps {
        if let Some(list) = items.downcast_exact::<PyList>()
            && let (Some(a), Some(b)) = (list.get(ctx, i), list.get(ctx, j))
        {
            list.set(ctx, i, b);
            list.set(ctx, j, a);
            continue;
        }
        let (a, b) = (item(ctx, items, i)?, item(ctx, items, j)?);
        let (i, j) = (int::from_usize(ctx, i)?, int::from_usize(ctx, j)?);
        protocol::setitem(ctx, items, &i, Some(&b))?;
        protocol::setitem(ctx, items, &j, Some(&a))?;
    }
    Ok(Obj::NONE)
}

fn is_sequence(ctx: &Ctx, value: &Obj) -> bool {
    let texts = [ids::STR, ids::BYTES, ids::BYTEARRAY, ids::RANGE];
    type_of(ctx, value).flags.load(Relaxed) & flag::SEQUENCE != 0
        || texts
            .iter()
            .any(|id| protocol::is_instance_of(ctx, value, *id))
}

static SAMPLE: Signature = Signature {
    name: "sample",
    params: &["population", "k", "counts"],
    posonly: 0,
    positional: 2,
    required: 2,
};

pub(super) fn sample(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    let [population, k, counts] = args.bind(ctx, &SAMPLE)?;
    let Some(population) = population else {
        return Ok(Obj::NONE);
    };
    if !is_sequence(ctx, population) {
        return Err(raise!(
            ctx,
            TypeError,
            "Population must be a sequence.  For dicts or sets, use sorted(d)."
        ));
    }
    let count = protocol::index_i64(ctx, k.unwrap_or(&Obj::NONE), None)?;
    let len = protocol::len(ctx, population)?;
    let sums = match counts.filter(|counts| !counts.is_none()) {
        None => None,
        Some(counts) => Some(running_counts(ctx, counts, len)?),
    };
    let total = sums
        .as_ref()
        .map_or(len, |sums: &Vec<usize>| sums.last().copied().unwrap_or(0));
    let Some(count) = usize::try_from(count).ok().filter(|count| *count <= total) else {
        return Err(raise!(
            ctx,
            ValueError,
            "Sample larger than population or is negative"
        ));
    };
    // What was chosen, what shows that it was, the items and the list of them.
    outside::room_for(ctx, count.saturating_mul(8))?;
    let chosen = draw(ctx, this, |twister, _| twister.sample(total, count))?;
    let mut result = Vec::with_capacity(count);
    for index in chosen {
        let index = match &sums {
            Some(sums) => sums.partition_point(|sum| *sum <= index),
            None => index,
        };
        result.push(item(ctx, population, index)?);
    }
    list::from_vec(ctx, result)
}

fn running_counts(ctx: &mut Ctx, counts: &Obj, len: usize) -> PyResult<Vec<usize>> {
    let counts = protocol::collect(ctx, counts)?;
    if counts.len() != len {
        return Err(raise!(
            ctx,
            ValueError,
            "The number of counts does not match the population"
        ));
    }
    let mut sum = 0i64;
    let mut sums = Vec::with_capacity(len);
    for count in &counts {
        sum = sum.saturating_add(protocol::index_i64(ctx, count, None)?);
        if sum < 0 {
            return Err(raise!(ctx, ValueError, "Counts must be non-negative"));
        }
        sums.push(sum as usize);
    }
    if sum == 0 {
        return Err(raise!(
            ctx,
            ValueError,
            "Total of counts must be greater than zero"
        ));
    }
    Ok(sums)
}

static CHOICES: Signature = Signature {
    name: "choices",
    params: &["population", "weights", "cum_weights", "k"],
    posonly: 0,
    positional: 2,
    required: 1,
};

pub(super) fn choices(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    let [population, weights, sums, k] = args.bind(ctx, &CHOICES)?;
    let Some(population) = population else {
        return Ok(Obj::NONE);
    };
    let len = protocol::len(ctx, population)?;
    let count = match k {
        Some(k) => protocol::index_i64(ctx, k, None)?.max(0) as usize,
        None => 1,
    };
    let weights = weights.filter(|weights| !weights.is_none());
    let sums = sums.filter(|sums| !sums.is_none());
    outside::room_for(ctx, count.saturating_mul(2))?;
    let mut result = Vec::with_capacity(count);
    if weights.is_none() && sums.is_none() {
        for _ in 0..count {
            let index = draw(ctx, this, |twister, _| twister.choice_unweighted(len))?;
            result.push(item(ctx, population, index)?);
        }
        return list::from_vec(ctx, result);
    }
    let sums = weight_sums(ctx, weights, sums, len)?;
    for _ in 0..count {
        let index = draw(ctx, this, |twister, _| twister.choice_weighted(&sums))?;
        result.push(item(ctx, population, index)?);
    }
    list::from_vec(ctx, result)
}

fn weight_sums(
    ctx: &mut Ctx,
    weights: Option<&Obj>,
    sums: Option<&Obj>,
    len: usize,
) -> PyResult<Vec<f64>> {
    let sums = match (weights, sums) {
        (Some(weights), None) => {
            if let Some(count) = weights.as_small_int() {
                return Err(raise!(
                    ctx,
                    TypeError,
                    "The number of choices must be a keyword argument: k={count}"
                ));
            }
            let mut sum: Option<Obj> = None;
            let mut sums = Vec::new();
            for weight in protocol::collect(ctx, weights)? {
                let next = match &sum {
                    Some(sum) => protocol::binary(ctx, sum, &weight, operator::ADD)?,
                    None => weight,
                };
                sums.push(float::expect_real(ctx, &next)?);
                sum = Some(next);
            }
            sums
        }
        (None, Some(sums)) => {
            let sums = protocol::collect(ctx, sums)?;
            let mut numbers = Vec::with_capacity(sums.len());
            for sum in &sums {
                numbers.push(float::expect_real(ctx, sum)?);
            }
            numbers
        }
        _ => {
            return Err(raise!(
                ctx,
                TypeError,
                "Cannot specify both weights and cumulative weights"
            ));
        }
    };
    if sums.len() != len {
        return Err(raise!(
            ctx,
            ValueError,
            "The number of weights does not match the population"
        ));
    }
    let total = sums.last().copied().unwrap_or(0.0);
    if total <= 0.0 {
        return Err(raise!(
            ctx,
            ValueError,
            "Total of weights must be greater than zero"
        ));
    }
    if !total.is_finite() {
        return Err(raise!(ctx, ValueError, "Total of weights must be finite"));
    }
    Ok(sums)
}
