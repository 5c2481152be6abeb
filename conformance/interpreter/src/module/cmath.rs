//! `cmath`: the functions of [`crate::number::complex_math`], for values.

use super::support;
use crate::error::{OrRaise, PyResult, raise};
use crate::number::complex_math::{self as functions, Outcome};
use crate::number::complex_text::Complex;
use crate::object::args::{Args, Signature};
use crate::object::define::{ModuleDef, Native, method};
use crate::object::obj::Obj;
use crate::object::{complex, float, protocol, tuple};
use kit_core::thread::Ctx;

fn number(ctx: &mut Ctx, x: &Obj) -> PyResult<Complex> {
    match complex::convert(ctx, x)? {
        Some(value) => Ok(value),
        None => {
            let class = protocol::type_name(ctx, x);
            Err(raise!(ctx, TypeError, "must be real number, not {class}"))
        }
    }
}

macro_rules! plain {
    ($($name:ident = $f:expr;)*) => {$(
        fn $name(ctx: &mut Ctx, x: &Obj) -> PyResult {
            let f: fn(Complex) -> Outcome = $f;
            let x = number(ctx, x)?;
            let result = f(x).or_raise(ctx)?;
            complex::new(ctx, result)
        }
    )*};
}

plain! {
    acos = |z| Ok(functions::acos(z));
    acosh = |z| Ok(functions::acosh(z));
    asin = |z| Ok(functions::asin(z));
    asinh = |z| Ok(functions::asinh(z));
    atan = functions::atan;
    atanh = functions::atanh;
    cos = functions::cos;
    cosh = functions::cosh;
    exp = functions::exp;
    log10 = functions::log10;
    sin = functions::sin;
    sinh = functions::sinh;
    sqrt = |z| Ok(functions::sqrt(z));
    tan = functions::tan;
    tanh = functions::tanh;
}

macro_rules! tests {
    ($($name:ident = $f:expr;)*) => {$(
        fn $name(ctx: &mut Ctx, x: &Obj) -> PyResult {
            let f: fn(f64, f64) -> bool = $f;
            let x = number(ctx, x)?;
            Ok(Obj::bool(f(x.re, x.im)))
        }
    )*};
}

tests! {
    isfinite = |x, y| x.is_finite() && y.is_finite();
    isinf = |x, y| x.is_infinite() || y.is_infinite();
    isnan = |x, y| x.is_nan() || y.is_nan();
}

fn log(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let x = number(ctx, &args[0])?;
    let base = match args.get(1) {
        Some(base) => Some(number(ctx, base)?),
        None => None,
    };
    let mut result = functions::log(x).or_raise(ctx)?;
    if let Some(base) = base {
        let base = functions::log(base).or_raise(ctx)?;
        match result.div(base) {
            Ok(quotient) => result = quotient,
            Err(_) => return Err(raise!(ctx, ValueError, "math domain error")),
        }
    }
    complex::new(ctx, result)
}

fn phase(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let x = number(ctx, x)?;
    float::new(ctx, x.im.atan2(x.re))
}

fn polar(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let x = number(ctx, x)?;
    let Ok(size) = x.abs() else {
        return Err(raise!(ctx, OverflowError, "math range error"));
    };
    let (size, angle) = (float::new(ctx, size)?, float::new(ctx, x.im.atan2(x.re))?);
    tuple::from_vec(ctx, vec![size, angle])
}

fn rect(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let r = float::expect_real(ctx, &args[0])?;
    let phi = float::expect_real(ctx, &args[1])?;
    let result = functions::rect(r, phi).or_raise(ctx)?;
    complex::new(ctx, result)
}

fn isclose(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "isclose",
        params: &["a", "b", "rel_tol", "abs_tol"],
        posonly: 0,
        positional: 2,
        required: 2,
    };
    let [a, b, relative, absolute] = args.bind(ctx, &SIGNATURE)?;
    let a = number(ctx, a.unwrap_or(Obj::none()))?;
    let b = number(ctx, b.unwrap_or(Obj::none()))?;
    let mut tolerance = |x: Option<&Obj>, default| match x {
        Some(x) => float::expect_real(ctx, x),
        None => Ok(default),
    };
    let (relative, absolute) = (tolerance(relative, 1e-9)?, tolerance(absolute, 0.0)?);
    if relative < 0.0 || absolute < 0.0 {
        return Err(raise!(ctx, ValueError, "tolerances must be non-negative"));
    }
    if a.re == b.re && a.im == b.im {
        return Ok(Obj::TRUE);
    }
    if [a.re, a.im, b.re, b.im].iter().any(|x| x.is_infinite()) {
        return Ok(Obj::FALSE);
    }
    let difference = (a.re - b.re).hypot(a.im - b.im);
    let (size_a, size_b) = (a.re.hypot(a.im), b.re.hypot(b.im));
    Ok(Obj::bool(
        difference <= relative * size_b
            || difference <= relative * size_a
            || difference <= absolute,
    ))
}

fn populate(ctx: &mut Ctx, module: &Obj) -> PyResult<()> {
    super::math::add_constants(ctx, module)?;
    for (name, value) in [("infj", f64::INFINITY), ("nanj", f64::NAN)] {
        let value = complex::new(ctx, Complex::new(0.0, value))?;
        support::add(ctx, module, name, value)?;
    }
    Ok(())
}

/// `cmath`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "cmath",
    functions: &[
        method("acos", Native::F1(acos)),
        method("acosh", Native::F1(acosh)),
        method("asin", Native::F1(asin)),
        method("asinh", Native::F1(asinh)),
        method("atan", Native::F1(atan)),
        method("atanh", Native::F1(atanh)),
        method("cos", Native::F1(cos)),
        method("cosh", Native::F1(cosh)),
        method("exp", Native::F1(exp)),
        method("isclose", Native::F(isclose)),
        method("isfinite", Native::F1(isfinite)),
        method("isinf", Native::F1(isinf)),
        method("isnan", Native::F1(isnan)),
        method("log", Native::FN(1, 2, log)),
        method("log10", Native::F1(log10)),
        method("phase", Native::F1(phase)),
        method("polar", Native::F1(polar)),
        method("rect", Native::FN(2, 2, rect)),
        method("sin", Native::F1(sin)),
        method("sinh", Native::F1(sinh)),
        method("sqrt", Native::F1(sqrt)),
        method("tan", Native::F1(tan)),
        method("tanh", Native::F1(tanh)),
    ],
    types: &[],
    populate,
    doc: "Mathematical functions of complex numbers.",
};
