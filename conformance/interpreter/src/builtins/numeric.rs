//! Functions about numbers and order.

use crate::error::{PyResult, raise};
use crate::number::complex_text::Complex;
use crate::object::args::{Args, Signature, unexpected_keyword};
use crate::object::list::PyList;
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::protocol::{self, operator};
use crate::object::slots::Comparison;
use crate::object::str_::PyStr;
use crate::object::type_::type_id_of;
use crate::object::{complex, float, ids, int};
use crate::prelude::*;
use kit_core::thread::Ctx;
use num_bigint::BigInt;

/// `abs(x)`.
pub fn abs(ctx: &mut Ctx, x: &Obj) -> PyResult {
    if let Some(value) = x.as_small_int() {
        return int::from_i64(ctx, value.abs());
    }
    protocol::unary(ctx, x, |s| s.abs, "abs()")
}

/// `divmod(x, y)`.
pub fn divmod(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "divmod", 2, 2)?;
    protocol::binary(ctx, &args.pos[0], &args.pos[1], operator::DIVMOD)
}

/// `pow(base, exp, mod)`.
pub fn pow(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let signature = Signature {
        name: "pow",
        params: &["base", "exp", "mod"],
        posonly: 0,
        positional: 3,
        required: 2,
    };
    let [base, exponent, modulus] = args.bind::<3>(ctx, &signature)?;
    let none = &Obj::NONE;
    protocol::power(
        ctx,
        base.unwrap_or(none),
        exponent.unwrap_or(none),
        modulus.unwrap_or(none),
    )
}

/// `round(number, ndigits)`.
pub fn round(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let signature = Signature {
        name: "round",
        params: &["number", "ndigits"],
        posonly: 0,
        positional: 2,
        required: 1,
    };
    let [number, digits] = args.bind::<2>(ctx, &signature)?;
    let number = number.cloned().unwrap_or(Obj::NONE);
    let digits: Vec<Obj> = digits
        .filter(|d| !d.is_none())
        .cloned()
        .into_iter()
        .collect();
    match protocol::call_special(ctx, &number, &names(ctx).round, &digits)? {
        Some(rounded) => Ok(rounded),
        None => {
            let class = protocol::type_name(ctx, &number);
            Err(raise!(
                ctx,
                TypeError,
                "type {class} doesn't define __round__ method"
            ))
        }
    }
}

/// `hash(object)`.
pub fn hash(ctx: &mut Ctx, value: &Obj) -> PyResult {
    let hash = protocol::hash(ctx, value)?;
    int::from_i64(ctx, hash)
}

/// `id(object)`.
pub fn id(ctx: &mut Ctx, value: &Obj) -> PyResult {
    let id = int::from_big(ctx, BigInt::from(protocol::address(value)))?;
    crate::module::sys::audit::event(ctx, "builtins.id", |_| Ok(vec![id.clone()]))?;
    Ok(id)
}

/// `max(…)`.
pub fn max(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    extreme(ctx, args, "max", Comparison::Gt)
}

/// `min(…)`.
pub fn min(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    extreme(ctx, args, "min", Comparison::Lt)
}

fn extreme(ctx: &mut Ctx, args: Args<'_>, name: &str, better: Comparison) -> PyResult {
    let (mut key, mut default) = (None, None);
    for (keyword, value) in args.names.iter().zip(args.values) {
        let keyword = keyword.expect::<PyStr>().as_str_lossy();
        match keyword.as_ref() {
            "key" => key = (!value.is_none()).then_some(value),
            "default" => default = Some(value),
            _ => {
                let parameters = ["key", "default"];
                return Err(unexpected_keyword(ctx, name, &keyword, &parameters));
            }
        }
    }
    let mut best: Option<(Obj, Obj)> = None;
    let mut consider = |ctx: &mut Ctx, item: Obj| -> PyResult<()> {
        let value = match key {
            Some(key) => protocol::call(ctx, key, core::slice::from_ref(&item))?,
            None => item.clone(),
        };
        let replace = match &best {
            None => true,
            Some((_, known)) => match (value.as_small_int(), known.as_small_int()) {
                (Some(x), Some(y)) => better.holds(x.cmp(&y)),
                _ => protocol::compare_truth(ctx, &value, known, better)?,
            },
        };
        if replace {
            best = Some((item, value));
        }
        Ok(())
    };
    match args.pos {
        [] => {
            return Err(raise!(
                ctx,
                TypeError,
                "{name} expected at least 1 argument, got 0"
            ));
        }
        [iterable] => protocol::for_each(ctx, iterable, consider)?,
        items => {
            if default.is_some() {
                return Err(raise!(
                    ctx,
                    TypeError,
                    "Cannot specify a default for {name}() with multiple positional arguments"
                ));
            }
            for item in items {
                consider(ctx, item.clone())?;
            }
        }
    }
    match (best, default) {
        (Some((item, _)), _) => Ok(item),
        (None, Some(default)) => Ok(default.clone()),
        (None, None) => Err(raise!(
            ctx,
            ValueError,
            "{name}() iterable argument is empty"
        )),
    }
}

/// The sum so far.
enum Total {
    Int(i64),
    Float(Summed),
    /// A complex number, summed as two floats are.
    Complex(Summed, Summed),
    Any(Obj),
}

/// Floats added up, with what rounding has cost so far (Neumaier's summation).
#[derive(Clone, Copy, Default)]
struct Summed {
    sum: f64,
    lost: f64,
}

impl Summed {
    fn of(sum: f64) -> Summed {
        Summed { sum, lost: 0.0 }
    }

    fn plus(self, x: f64) -> Summed {
        let total = self.sum + x;
        let error = if self.sum.abs() >= x.abs() {
            (self.sum - total) + x
        } else {
            (x - total) + self.sum
        };
        Summed {
            sum: total,
            lost: self.lost + error,
        }
    }

    /// The sum. One that is not finite has nothing to make up for.
    fn total(self) -> f64 {
        if self.lost != 0.0 && self.lost.is_finite() {
            self.sum + self.lost
        } else {
            self.sum
        }
    }
}

/// A float, or an int that is added to one.
fn real_term(item: &Obj) -> Option<f64> {
    match type_id_of(item) {
        ids::FLOAT => float::to_f64(item),
        ids::INT | ids::BOOL => match int::view(item)? {
            int::View::Small(x) => Some(x as f64),
            int::View::Big(x) => crate::number::int_text::to_float(x).ok(),
        },
        _ => None,
    }
}

impl Total {
    fn complex(value: &Obj) -> Total {
        match complex::to_complex(value) {
            Some(value) => Total::Complex(Summed::of(value.re), Summed::of(value.im)),
            None => Total::Any(value.clone()),
        }
    }

    fn of(value: &Obj) -> Total {
        match (value.as_small_int(), value.as_immediate_float()) {
            (Some(value), _) => Total::Int(value),
            (_, Some(value)) => Total::Float(Summed::of(value)),
            _ => Total::Any(value.clone()),
        }
    }

    fn into_obj(self, ctx: &mut Ctx) -> PyResult {
        match self {
            Total::Int(value) => int::from_i64(ctx, value),
            Total::Float(sum) => float::new(ctx, sum.total()),
            Total::Complex(re, im) => {
                let (re, im) = (re.total(), im.total());
                complex::new(ctx, Complex { re, im })
            }
            Total::Any(value) => Ok(value),
        }
    }

    fn add(self, ctx: &mut Ctx, item: &Obj) -> PyResult<Total> {
        let is_int = type_id_of(item) == ids::INT || type_id_of(item) == ids::BOOL;
        match self {
            Total::Int(total) => {
                if is_int
                    && let Some(item) = int::to_i64(item)
                    && let Some(total) = total.checked_add(item)
                {
                    return Ok(Total::Int(total));
                }
                let total = int::from_i64(ctx, total)?;
                let sum = protocol::binary(ctx, &total, item, operator::ADD)?;
                Ok(match type_id_of(&sum) {
                    ids::FLOAT => Total::Float(Summed::of(float::to_f64(&sum).unwrap_or(0.0))),
                    ids::COMPLEX => Total::complex(&sum),
                    _ => Total::Any(sum),
                })
            }
            Total::Float(sum) => {
                if let Some(x) = real_term(item) {
                    return Ok(Total::Float(sum.plus(x)));
                }
                let total = self.into_obj(ctx)?;
                let sum = protocol::binary(ctx, &total, item, operator::ADD)?;
                Ok(match type_id_of(&sum) {
                    ids::COMPLEX => Total::complex(&sum),
                    _ => Total::Any(sum),
                })
            }
            Total::Complex(re, im) => {
                if let Some(x) = real_term(item) {
                    return Ok(Total::Complex(re.plus(x), im));
                }
                if type_id_of(item) == ids::COMPLEX
                    && let Some(term) = complex::to_complex(item)
                {
                    return Ok(Total::Complex(re.plus(term.re), im.plus(term.im)));
                }
                let total = self.into_obj(ctx)?;
                protocol::binary(ctx, &total, item, operator::ADD).map(Total::Any)
            }
            Total::Any(total) => protocol::binary(ctx, &total, item, operator::ADD).map(Total::Any),
        }
    }
}

/// `sum(iterable, start)`.
pub fn sum(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let signature = Signature {
        name: "sum",
        params: &["iterable", "start"],
        posonly: 1,
        positional: 2,
        required: 1,
    };
    let [iterable, start] = args.bind::<2>(ctx, &signature)?;
    let iterable = iterable.cloned().unwrap_or(Obj::NONE);
    let iterator = match iterable.downcast_exact::<PyList>() {
        Some(_) => Obj::NONE,
        None => protocol::iter(ctx, &iterable)?,
    };
    let mut total = Total::Int(0);
    if let Some(start) = start {
        let what = match type_id_of(start) {
            ids::STR => Some(("strings", "''")),
            ids::BYTES => Some(("bytes", "b''")),
            ids::BYTEARRAY => Some(("bytearray", "b''")),
            _ => None,
        };
        if let Some((what, empty)) = what {
            return Err(raise!(
                ctx,
                TypeError,
                "sum() can't sum {what} [use {empty}.join(seq) instead]"
            ));
        }
        total = Total::of(start);
    }
    if let Some(list) = iterable.downcast_exact::<PyList>() {
        let mut index = 0;
        while let Some(item) = list.get(ctx, index) {
            total = total.add(ctx, &item)?;
            index += 1;
        }
        return total.into_obj(ctx);
    }
    while let Some(item) = protocol::next(ctx, &iterator)? {
        total = total.add(ctx, &item)?;
    }
    total.into_obj(ctx)
}
