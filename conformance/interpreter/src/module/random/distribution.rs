//! Numbers of a distribution.

use super::source::{Source, draw};
use crate::error::{PyResult, raise};
use crate::number::math_special;
use crate::number::random::Draw;
use crate::object::args::{Args, Signature};
use crate::object::obj::Obj;
use crate::object::protocol;
use crate::object::{float, int};
use kit_core::thread::Ctx;

/// Arguments that are floats, with defaults.
fn floats<const N: usize>(
    ctx: &mut Ctx,
    args: Args<'_>,
    signature: &Signature,
    defaults: [f64; N],
) -> PyResult<[f64; N]> {
    let bound: [Option<&Obj>; N] = args.bind(ctx, signature)?;
    let mut values = defaults;
    for (value, given) in values.iter_mut().zip(bound) {
        if let Some(given) = given {
            *value = float::expect_real(ctx, given)?;
        }
    }
    Ok(values)
}

macro_rules! distributions {
    ($($name:ident($($param:ident = $default:expr),*), $required:literal: |$twister:ident, $spare:ident| $body:expr;)*) => {$(
        pub(super) fn $name(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
            static SIGNATURE: Signature = Signature {
                name: stringify!($name),
                params: &[$(stringify!($param)),*],
                posonly: 0,
                positional: [$(stringify!($param)),*].len(),
                required: $required,
            };
            let [$($param),*] = floats(ctx, args, &SIGNATURE, [$($default),*])?;
            let value: f64 = draw(ctx, this, |$twister, $spare| { let _ = &$spare; $body })?;
            float::new(ctx, value)
        }
    )*};
}

distributions! {
    uniform(a = 0.0, b = 1.0), 2: |t, s| t.uniform(a, b);
    gauss(mu = 0.0, sigma = 1.0), 0: |t, s| t.gauss(mu, sigma, s);
    normalvariate(mu = 0.0, sigma = 1.0), 0: |t, s| t.normal(mu, sigma);
    lognormvariate(mu = 0.0, sigma = 1.0), 0: |t, s| t.lognormal(mu, sigma);
    vonmisesvariate(mu = 0.0, kappa = 1.0), 2: |t, s| t.von_mises(mu, kappa);
    positive_gamma(alpha = 1.0, beta = 1.0), 2: |t, s| t.gamma(alpha, beta);
    betavariate(alpha = 1.0, beta = 1.0), 2: |t, s| t.beta(alpha, beta);
    paretovariate(alpha = 1.0), 1: |t, s| t.pareto(alpha);
    weibullvariate(alpha = 1.0, beta = 1.0), 2: |t, s| t.weibull(alpha, beta);
}

static GAMMA: Signature = Signature {
    name: "gammavariate",
    params: &["alpha", "beta"],
    posonly: 0,
    positional: 2,
    required: 2,
};

pub(super) fn gammavariate(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    let [alpha, beta] = floats(ctx, args, &GAMMA, [1.0, 1.0])?;
    if alpha <= 0.0 || beta <= 0.0 {
        return Err(raise!(
            ctx,
            ValueError,
            "gammavariate: alpha and beta must be > 0.0"
        ));
    }
    positive_gamma(ctx, this, args)
}

static EXPO: Signature = Signature {
    name: "expovariate",
    params: &["lambd"],
    posonly: 0,
    positional: 1,
    required: 0,
};

pub(super) fn expovariate(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    let [lambda] = floats(ctx, args, &EXPO, [1.0])?;
    let value = draw(ctx, this, |twister, _| twister.exponential(lambda))?;
    if lambda == 0.0 {
        return Err(raise!(ctx, ZeroDivisionError, "division by zero"));
    }
    float::new(ctx, value)
}

static TRIANGULAR: Signature = Signature {
    name: "triangular",
    params: &["low", "high", "mode"],
    posonly: 0,
    positional: 3,
    required: 0,
};

pub(super) fn triangular(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    let [low, high, mode] = args.bind(ctx, &TRIANGULAR)?;
    let low = low.map_or(Ok(0.0), |x| float::expect_real(ctx, x))?;
    let high = high.map_or(Ok(1.0), |x| float::expect_real(ctx, x))?;
    let mode = match mode.filter(|mode| !mode.is_none()) {
        Some(mode) => Some(float::expect_real(ctx, mode)?),
        None => None,
    };
    let value = draw(ctx, this, |twister, _| twister.triangular(low, high, mode))?;
    float::new(ctx, value)
}

static BINOMIAL: Signature = Signature {
    name: "binomialvariate",
    params: &["n", "p"],
    posonly: 0,
    positional: 2,
    required: 0,
};

pub(super) fn binomialvariate(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    let [n, p] = args.bind(ctx, &BINOMIAL)?;
    let n = n.map_or(Ok(1), |n| protocol::index_i64(ctx, n, None))?;
    let p = p.map_or(Ok(0.5), |p| float::expect_real(ctx, p))?;
    if n < 0 {
        return Err(raise!(ctx, ValueError, "n must be non-negative"));
    }
    if !(0.0..=1.0).contains(&p) {
        return Err(raise!(
            ctx,
            ValueError,
            "p must be in the range 0.0 <= p <= 1.0"
        ));
    }
    let value = draw(ctx, this, |twister, _| binomial(twister, n, p))?;
    int::from_i64(ctx, value)
}

/// Successes among `n` trials of probability `p`: counted by geometric gaps when few are expected, else by
/// Hörmann's transformed rejection with squeeze (BTRS, 1993).
fn binomial(twister: &mut Source<'_>, n: i64, p: f64) -> i64 {
    if p == 0.0 {
        return 0;
    }
    if p == 1.0 {
        return n;
    }
    if n == 1 {
        return (twister.random() < p).into();
    }
    if p > 0.5 {
        return n - binomial(twister, n, 1.0 - p);
    }
    let count = n as f64;
    if count * p < 10.0 {
        let scale = (1.0 - p).log2();
        if scale == 0.0 {
            return 0;
        }
        let (mut found, mut at) = (0, 0.0);
        loop {
            at += (twister.random().log2() / scale).floor() + 1.0;
            if at > count {
                return found;
            }
            found += 1;
        }
    }
    let log_gamma = |x: f64| math_special::lgamma(x).unwrap_or(f64::INFINITY);
    let deviation = (count * p * (1.0 - p)).sqrt();
    let b = 1.15 + 2.53 * deviation;
    let a = -0.0873 + 0.0248 * b + 0.01 * p;
    let c = count * p + 0.5;
    let squeeze = 0.92 - 4.2 / b;
    let alpha = (2.83 + 5.1 / b) * deviation;
    let odds = (p / (1.0 - p)).ln();
    let mode = ((count + 1.0) * p).floor();
    let height = log_gamma(mode + 1.0) + log_gamma(count - mode + 1.0);
    loop {
        let u = twister.random() - 0.5;
        let us = 0.5 - u.abs();
        let k = ((2.0 * a / us + b) * u + c).floor();
        if k < 0.0 || k > count {
            continue;
        }
        let mut v = twister.random();
        if us >= 0.07 && v <= squeeze {
            return k as i64;
        }
        v *= alpha / (a / (us * us) + b);
        let bound = height - log_gamma(k + 1.0) - log_gamma(count - k + 1.0) + (k - mode) * odds;
        if v.ln() <= bound {
            return k as i64;
        }
    }
}
