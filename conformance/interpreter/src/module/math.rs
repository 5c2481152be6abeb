//! `math`: the functions of [`crate::number::math`], for values.

use super::support;
use crate::error::{OrRaise, PyResult, Raised, raise};
use crate::number::{int_math, math, math_special};
use crate::object::args::{Args, Signature};
use crate::object::define::{ModuleDef, Native, method};
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::protocol::{self, operator};
use crate::object::type_::{type_id_of, type_of};
use crate::object::{float, ids, int, tuple};
use crate::text::fault::Fault;
use kit_core::thread::Ctx;
use num_bigint::BigInt;
use num_traits::{One, Zero};

fn real(ctx: &mut Ctx, value: &Obj) -> PyResult<f64> {
    float::expect_real(ctx, value)
}

macro_rules! plain {
    ($($name:ident = $f:expr;)*) => {$(
        fn $name(ctx: &mut Ctx, x: &Obj) -> PyResult {
            let f: fn(f64) -> f64 = $f;
            let x = real(ctx, x)?;
            float::new(ctx, f(x))
        }
    )*};
}

plain! {
    asinh = math::asinh;
    atan = f64::atan;
    cbrt = f64::cbrt;
    degrees = math::degrees;
    erf = math::erf;
    erfc = math::erfc;
    fabs = f64::abs;
    radians = math::radians;
    tanh = f64::tanh;
    ulp = math::ulp;
}

macro_rules! faulty {
    ($($name:ident = $f:path;)*) => {$(
        fn $name(ctx: &mut Ctx, x: &Obj) -> PyResult {
            let x = real(ctx, x)?;
            let result = $f(x).or_raise(ctx)?;
            float::new(ctx, result)
        }
    )*};
}

faulty! {
    acos = math::acos;
    acosh = math::acosh;
    asin = math::asin;
    atanh = math::atanh;
    cos = math::cos;
    cosh = math::cosh;
    exp = math::exp;
    exp2 = math::exp2;
    expm1 = math::expm1;
    gamma = math_special::gamma;
    lgamma = math_special::lgamma;
    log1p = math::log1p;
    sin = math::sin;
    sinh = math::sinh;
    sqrt = math::sqrt;
    tan = math::tan;
}

macro_rules! binary {
    ($($name:ident = $f:expr;)*) => {$(
        fn $name(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
            let f: fn(f64, f64) -> Result<f64, Fault> = $f;
            let (x, y) = (real(ctx, &args[0])?, real(ctx, &args[1])?);
            let result = f(x, y).or_raise(ctx)?;
            float::new(ctx, result)
        }
    )*};
}

binary! {
    atan2 = |x, y| Ok(x.atan2(y));
    copysign = |x, y| Ok(x.copysign(y));
    fmod = math::fmod;
    pow = math::pow;
    remainder = math::remainder;
}

macro_rules! tests {
    ($($name:ident = $f:expr;)*) => {$(
        fn $name(ctx: &mut Ctx, x: &Obj) -> PyResult {
            let f: fn(f64) -> bool = $f;
            let x = real(ctx, x)?;
            Ok(Obj::bool(f(x)))
        }
    )*};
}

tests! {
    isfinite = f64::is_finite;
    isinf = f64::is_infinite;
    isnan = f64::is_nan;
}

/// A logarithm of any number: integers have their own way, since they may be too large for a float.
fn logarithm(
    ctx: &mut Ctx,
    x: &Obj,
    of_float: fn(f64) -> Result<f64, Fault>,
    of_int: fn(&BigInt) -> Result<f64, Fault>,
) -> PyResult<f64> {
    if let Some(value) = float::to_f64(x) {
        return of_float(value).or_raise(ctx);
    }
    if let Some(value) = int::to_big(x) {
        return of_int(&value).or_raise(ctx);
    }
    let slots = type_of(ctx, x).slots(ctx);
    if slots.float.is_none() && slots.index.is_some() {
        let index = protocol::index(ctx, x)?;
        let value = int::to_big(&index).unwrap_or_default();
        return of_int(&value).or_raise(ctx);
    }
    let value = real(ctx, x)?;
    of_float(value).or_raise(ctx)
}

fn log(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let x = logarithm(ctx, &args[0], math::log, math::log_int)?;
    let Some(base) = args.get(1) else {
        return float::new(ctx, x);
    };
    let base = logarithm(ctx, base, math::log, math::log_int)?;
    if base == 0.0 {
        return Err(raise!(ctx, ZeroDivisionError, "division by zero"));
    }
    float::new(ctx, x / base)
}

fn log2(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let result = logarithm(ctx, x, math::log2, math::log2_int)?;
    float::new(ctx, result)
}

fn log10(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let result = logarithm(ctx, x, math::log10, math::log10_int)?;
    float::new(ctx, result)
}

/// `floor` and `ceil`: the special method, or the rounded float.
fn round_to(ctx: &mut Ctx, x: &Obj, name: &Obj, round: fn(f64) -> f64) -> PyResult {
    if type_id_of(x) != ids::FLOAT
        && let Some(result) = protocol::call_special(ctx, x, name, &[])?
    {
        return Ok(result);
    }
    let value = real(ctx, x)?;
    int::from_f64(ctx, round(value))
}

fn floor(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let name = &names(ctx).floor;
    round_to(ctx, x, name, f64::floor)
}

fn ceil(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let name = &names(ctx).ceil;
    round_to(ctx, x, name, f64::ceil)
}

fn trunc(ctx: &mut Ctx, x: &Obj) -> PyResult {
    if type_id_of(x) == ids::FLOAT
        && let Some(value) = float::to_f64(x)
    {
        return int::from_f64(ctx, value.trunc());
    }
    let name = &names(ctx).trunc;
    match protocol::call_special(ctx, x, name, &[])? {
        Some(result) => Ok(result),
        None => {
            let class = protocol::type_name(ctx, x);
            Err(raise!(
                ctx,
                TypeError,
                "type {class} doesn't define __trunc__ method"
            ))
        }
    }
}

fn big(ctx: &mut Ctx, x: &Obj) -> PyResult<BigInt> {
    let index = protocol::index(ctx, x)?;
    Ok(int::to_big(&index).unwrap_or_default())
}

fn factorial(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let n = big(ctx, x)?;
    let result = math::factorial(&n, &mut || !ctx.poll()).or_raise(ctx)?;
    unless_stopped(ctx, result)
}

/// A result that took long, unless what came meanwhile is to be raised.
fn unless_stopped(ctx: &mut Ctx, result: Option<BigInt>) -> PyResult {
    match result {
        Some(result) => int::from_big(ctx, result),
        None => Err(Raised::stored()),
    }
}

fn isqrt(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let n = big(ctx, x)?;
    let result = int_math::isqrt(&n).or_raise(ctx)?;
    int::from_big(ctx, result)
}

fn comb(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let (n, k) = (big(ctx, &args[0])?, big(ctx, &args[1])?);
    let result = math::comb(&n, &k, &mut || !ctx.poll()).or_raise(ctx)?;
    unless_stopped(ctx, result)
}

fn perm(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    match args.get(1) {
        Some(k) if !k.is_none() => {
            let (n, k) = (big(ctx, &args[0])?, big(ctx, k)?);
            let result = math::perm(&n, &k, &mut || !ctx.poll()).or_raise(ctx)?;
            unless_stopped(ctx, result)
        }
        _ => factorial(ctx, &args[0]),
    }
}

fn fold(ctx: &mut Ctx, args: &[Obj], first: BigInt, f: fn(&BigInt, &BigInt) -> BigInt) -> PyResult {
    let mut result = first;
    for value in args {
        let value = big(ctx, value)?;
        result = f(&result, &value);
    }
    int::from_big(ctx, result)
}

fn gcd(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    if let [a, b] = args
        && let (Some(a), Some(b)) = (a.as_small_int(), b.as_small_int())
    {
        // Small integers have 62 bits, so their divisor fits.
        return int::from_i64(ctx, int_math::small_gcd(a, b) as i64);
    }
    fold(ctx, args, BigInt::zero(), int_math::gcd)
}

fn lcm(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    fold(ctx, args, BigInt::one(), int_math::lcm)
}

fn reals(ctx: &mut Ctx, items: &[Obj]) -> PyResult<Vec<f64>> {
    items.iter().map(|item| real(ctx, item)).collect()
}

fn hypot(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let items = reals(ctx, args)?;
    float::new(ctx, math_special::hypot(&items))
}

fn dist(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let p = protocol::collect(ctx, &args[0])?;
    let q = protocol::collect(ctx, &args[1])?;
    if p.len() != q.len() {
        return Err(raise!(
            ctx,
            ValueError,
            "both points must have the same number of dimensions"
        ));
    }
    let (p, q) = (reals(ctx, &p)?, reals(ctx, &q)?);
    let differences: Vec<f64> = p.iter().zip(&q).map(|(p, q)| p - q).collect();
    float::new(ctx, math_special::hypot(&differences))
}

fn fsum(ctx: &mut Ctx, items: &Obj) -> PyResult {
    let items = protocol::collect(ctx, items)?;
    let items = reals(ctx, &items)?;
    let result = math_special::fsum(items).or_raise(ctx)?;
    float::new(ctx, result)
}

static PROD: Signature = Signature {
    name: "prod",
    params: &["iterable", "start"],
    posonly: 1,
    positional: 1,
    required: 1,
};

fn prod(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let [items, start] = args.bind(ctx, &PROD)?;
    let mut result = start.cloned().unwrap_or(Obj::small_int(1));
    protocol::for_each(ctx, items.unwrap_or(&Obj::NONE), |ctx, item| {
        let next = protocol::binary(ctx, &result, &item, operator::MUL)?;
        result = next;
        Ok(())
    })?;
    Ok(result)
}

fn sumprod(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let p = protocol::collect(ctx, &args[0])?;
    let q = protocol::collect(ctx, &args[1])?;
    let is_number = |x: &Obj| matches!(type_id_of(x), ids::FLOAT | ids::INT | ids::BOOL);
    let all = || p.iter().chain(&q);
    if p.len() == q.len() && all().all(is_number) && all().any(|x| float::to_f64(x).is_some()) {
        let (p, q) = (reals(ctx, &p)?, reals(ctx, &q)?);
        let pairs = p.iter().copied().zip(q.iter().copied());
        return float::new(ctx, math_special::sumprod(pairs));
    }
    let mut sum = Obj::small_int(0);
    for (p, q) in p.iter().zip(&q) {
        let product = protocol::binary(ctx, p, q, operator::MUL)?;
        sum = protocol::binary(ctx, &sum, &product, operator::ADD)?;
    }
    // What has a partner was computed first, and may have failed.
    if p.len() != q.len() {
        return Err(raise!(ctx, ValueError, "Inputs are not the same length"));
    }
    Ok(sum)
}

fn frexp(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let x = real(ctx, x)?;
    let (mantissa, exponent) = math::frexp(x);
    let mantissa = float::new(ctx, mantissa)?;
    tuple::from_vec(ctx, vec![mantissa, Obj::small_int(exponent.into())])
}

fn modf(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let x = real(ctx, x)?;
    let (fraction, whole) = math::modf(x);
    let (fraction, whole) = (float::new(ctx, fraction)?, float::new(ctx, whole)?);
    tuple::from_vec(ctx, vec![fraction, whole])
}

fn ldexp(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let x = real(ctx, &args[0])?;
    let Some(view) = int::view(&args[1]) else {
        return Err(raise!(
            ctx,
            TypeError,
            "Expected an int as second argument to ldexp."
        ));
    };
    let far = if view.is_negative() {
        i64::MIN
    } else {
        i64::MAX
    };
    let exponent = view.to_i64().unwrap_or(far);
    let result = math::ldexp(x, exponent).or_raise(ctx)?;
    float::new(ctx, result)
}

fn fma(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let values = reals(ctx, args)?;
    let result = math::fma(values[0], values[1], values[2]).or_raise(ctx)?;
    float::new(ctx, result)
}

static ISCLOSE: Signature = Signature {
    name: "isclose",
    params: &["a", "b", "rel_tol", "abs_tol"],
    posonly: 0,
    positional: 2,
    required: 2,
};

fn isclose(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let [a, b, relative, absolute] = args.bind(ctx, &ISCLOSE)?;
    let mut number = |x: Option<&Obj>, default| x.map_or(Ok(default), |x| real(ctx, x));
    let (a, b) = (number(a, 0.0)?, number(b, 0.0)?);
    let (relative, absolute) = (number(relative, 1e-9)?, number(absolute, 0.0)?);
    math::isclose(a, b, relative, absolute)
        .or_raise(ctx)
        .map(Obj::bool)
}

static NEXTAFTER: Signature = Signature {
    name: "nextafter",
    params: &["x", "y", "steps"],
    posonly: 2,
    positional: 2,
    required: 2,
};

fn nextafter(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let [x, y, steps] = args.bind(ctx, &NEXTAFTER)?;
    let (x, y) = (
        real(ctx, x.unwrap_or(&Obj::NONE))?,
        real(ctx, y.unwrap_or(&Obj::NONE))?,
    );
    let steps = match steps {
        Some(steps) if !steps.is_none() => {
            let steps = big(ctx, steps)?;
            if steps < BigInt::zero() {
                return Err(raise!(
                    ctx,
                    ValueError,
                    "steps must be a non-negative integer"
                ));
            }
            u64::try_from(steps).unwrap_or(u64::MAX)
        }
        _ => 1,
    };
    float::new(ctx, math::nextafter(x, y, steps))
}

/// The constants of `math`, which are `cmath`'s too.
pub fn add_constants(ctx: &mut Ctx, module: &Obj) -> PyResult<()> {
    let constants = [
        ("pi", std::f64::consts::PI),
        ("e", std::f64::consts::E),
        ("tau", std::f64::consts::TAU),
        ("inf", f64::INFINITY),
        ("nan", f64::NAN),
    ];
    for (name, value) in constants {
        let value = float::new(ctx, value)?;
        support::add(ctx, module, name, value)?;
    }
    Ok(())
}

/// `math`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "math",
    functions: &[
        method("acos", Native::F1(acos)),
        method("acosh", Native::F1(acosh)),
        method("asin", Native::F1(asin)),
        method("asinh", Native::F1(asinh)),
        method("atan", Native::F1(atan)),
        method("atan2", Native::FN(2, 2, atan2)),
        method("atanh", Native::F1(atanh)),
        method("cbrt", Native::F1(cbrt)),
        method("ceil", Native::F1(ceil)),
        method("comb", Native::FN(2, 2, comb)),
        method("copysign", Native::FN(2, 2, copysign)),
        method("cos", Native::F1(cos)),
        method("cosh", Native::F1(cosh)),
        method("degrees", Native::F1(degrees)),
        method("dist", Native::FN(2, 2, dist)),
        method("erf", Native::F1(erf)),
        method("erfc", Native::F1(erfc)),
        method("exp", Native::F1(exp)),
        method("exp2", Native::F1(exp2)),
        method("expm1", Native::F1(expm1)),
        method("fabs", Native::F1(fabs)),
        method("factorial", Native::F1(factorial)),
        method("floor", Native::F1(floor)),
        method("fma", Native::FN(3, 3, fma)),
        method("fmod", Native::FN(2, 2, fmod)),
        method("frexp", Native::F1(frexp)),
        method("fsum", Native::F1(fsum)),
        method("gamma", Native::F1(gamma)),
        method("gcd", Native::FN(0, usize::MAX, gcd)),
        method("hypot", Native::FN(0, usize::MAX, hypot)),
        method("isclose", Native::F(isclose)),
        method("isfinite", Native::F1(isfinite)),
        method("isinf", Native::F1(isinf)),
        method("isnan", Native::F1(isnan)),
        method("isqrt", Native::F1(isqrt)),
        method("lcm", Native::FN(0, usize::MAX, lcm)),
        method("ldexp", Native::FN(2, 2, ldexp)),
        method("lgamma", Native::F1(lgamma)),
        method("log", Native::FN(1, 2, log)),
        method("log10", Native::F1(log10)),
        method("log1p", Native::F1(log1p)),
        method("log2", Native::F1(log2)),
        method("modf", Native::F1(modf)),
        method("nextafter", Native::F(nextafter)),
        method("perm", Native::FN(1, 2, perm)),
        method("pow", Native::FN(2, 2, pow)),
        method("prod", Native::F(prod)),
        method("radians", Native::F1(radians)),
        method("remainder", Native::FN(2, 2, remainder)),
        method("sin", Native::F1(sin)),
        method("sinh", Native::F1(sinh)),
        method("sqrt", Native::F1(sqrt)),
        method("sumprod", Native::FN(2, 2, sumprod)),
        method("tan", Native::F1(tan)),
        method("tanh", Native::F1(tanh)),
        method("trunc", Native::F1(trunc)),
        method("ulp", Native::F1(ulp)),
    ],
    types: &[],
    populate: add_constants,
    doc: "Mathematical functions of real numbers and integers.",
};
