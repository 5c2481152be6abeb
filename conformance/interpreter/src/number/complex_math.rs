//! Elementary functions of complex numbers, after Kahan ("Branch Cuts for Complex Elementary Functions"), with the
//! special values of C99's Annex G.

use super::complex_text::Complex;
use super::math;
use crate::text::fault::Fault;
use core::f64::consts::{E, FRAC_PI_2, LN_2, LN_10};
#[cfg(not(feature = "std"))]
use num_traits::Float as _;

/// What a function of complex numbers returns.
pub type Outcome = Result<Complex, Fault>;

const INF: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;
/// Squares of what is larger may overflow.
const LARGE: f64 = f64::MAX / 4.0;
/// Hyperbolic functions of what is larger may overflow.
const LARGE_LOG: f64 = 708.396_418_532_264_1;

fn c(re: f64, im: f64) -> Complex {
    Complex::new(re, im)
}

fn domain() -> Fault {
    Fault::value("math domain error")
}

fn finite(z: Complex) -> bool {
    z.re.is_finite() && z.im.is_finite()
}

/// Finite arguments give finite results, or the result is too large.
fn checked(z: Complex) -> Outcome {
    if z.re.is_infinite() || z.im.is_infinite() {
        return Err(Fault::overflow("math range error"));
    }
    Ok(z)
}

/// The square root.
pub fn sqrt(z: Complex) -> Complex {
    let Complex { re, im } = z;
    if im.is_infinite() {
        return c(INF, im);
    }
    if re.is_infinite() {
        let nan = im.is_nan();
        return if re > 0.0 {
            c(INF, if nan { NAN } else { 0.0f64.copysign(im) })
        } else {
            c(if nan { NAN } else { 0.0 }, INF.copysign(im))
        };
    }
    if re.is_nan() || im.is_nan() {
        return c(NAN, NAN);
    }
    if re == 0.0 && im == 0.0 {
        return c(0.0, im);
    }
    let (mut x, y) = (re.abs(), im.abs());
    let s = if x < f64::MIN_POSITIVE && y < f64::MIN_POSITIVE && (x > 0.0 || y > 0.0) {
        // Too small for the sum below.
        let (up, down) = ((2.0f64).powi(53), (2.0f64).powi(-27));
        x *= up;
        (x + x.hypot(y * up)).sqrt() * down
    } else {
        x /= 8.0;
        2.0 * (x + x.hypot(y / 8.0)).sqrt()
    };
    let d = y / (2.0 * s);
    if re >= 0.0 {
        c(s, d.copysign(im))
    } else {
        c(d, s.copysign(im))
    }
}

/// The exponential function.
pub fn exp(z: Complex) -> Outcome {
    let Complex { re, im } = z;
    if !finite(z) {
        if im.is_infinite() && (re.is_finite() || re == INF) {
            return Err(domain());
        }
        return Ok(if re.is_infinite() && im.is_finite() {
            let size = if re > 0.0 { INF } else { 0.0 };
            if im == 0.0 {
                c(size, im)
            } else {
                c(size.copysign(im.cos()), size.copysign(im.sin()))
            }
        } else if re == INF {
            c(INF, NAN)
        } else if re == -INF {
            c(0.0, 0.0)
        } else {
            c(NAN, if im == 0.0 { im } else { NAN })
        });
    }
    if re > LARGE_LOG {
        let size = (re - 1.0).exp();
        return checked(c(size * im.cos() * E, size * im.sin() * E));
    }
    let size = re.exp();
    checked(c(size * im.cos(), size * im.sin()))
}

/// The hyperbolic cosine.
pub fn cosh(z: Complex) -> Outcome {
    let Complex { re, im } = z;
    if !finite(z) {
        if im.is_infinite() && !re.is_nan() {
            return Err(domain());
        }
        return Ok(if re.is_infinite() && im.is_finite() {
            if im == 0.0 {
                c(INF, if re > 0.0 { im } else { -im })
            } else {
                let sign = 1.0f64.copysign(re);
                c(INF.copysign(im.cos()), INF.copysign(im.sin()) * sign)
            }
        } else if re.is_infinite() {
            c(INF, NAN)
        } else if re == 0.0 {
            c(NAN, 0.0)
        } else {
            c(NAN, if im == 0.0 { 0.0 } else { NAN })
        });
    }
    if re.abs() > LARGE_LOG {
        let less = re - 1.0f64.copysign(re);
        return checked(c(im.cos() * less.cosh() * E, im.sin() * less.sinh() * E));
    }
    checked(c(im.cos() * re.cosh(), im.sin() * re.sinh()))
}

/// The hyperbolic sine.
pub fn sinh(z: Complex) -> Outcome {
    let Complex { re, im } = z;
    if !finite(z) {
        if im.is_infinite() && !re.is_nan() {
            return Err(domain());
        }
        return Ok(if re.is_infinite() && im.is_finite() {
            if im == 0.0 {
                c(re, im)
            } else {
                c(re * 1.0f64.copysign(im.cos()), INF.copysign(im.sin()))
            }
        } else if re.is_infinite() || re == 0.0 {
            c(re.abs(), NAN)
        } else {
            c(NAN, if im == 0.0 { im } else { NAN })
        });
    }
    if re.abs() > LARGE_LOG {
        let less = re - 1.0f64.copysign(re);
        return checked(c(im.cos() * less.sinh() * E, im.sin() * less.cosh() * E));
    }
    checked(c(im.cos() * re.sinh(), im.sin() * re.cosh()))
}

/// The hyperbolic tangent.
pub fn tanh(z: Complex) -> Outcome {
    let Complex { re, im } = z;
    if !finite(z) {
        if im.is_infinite() && re.is_finite() {
            return Err(domain());
        }
        return Ok(if re.is_infinite() {
            let small = if !im.is_finite() {
                0.0
            } else if im == 0.0 {
                im
            } else {
                0.0f64.copysign(2.0 * im.sin() * im.cos())
            };
            c(1.0f64.copysign(re), small)
        } else if re == 0.0 {
            c(re, NAN)
        } else {
            c(NAN, if im == 0.0 { im } else { NAN })
        });
    }
    if re.abs() > LARGE_LOG {
        let small = 4.0 * im.sin() * im.cos() * (-2.0 * re.abs()).exp();
        return Ok(c(1.0f64.copysign(re), small));
    }
    let (tx, ty) = (re.tanh(), im.tan());
    let cx = 1.0 / re.cosh();
    let product = tx * ty;
    let below = 1.0 + product * product;
    Ok(c(tx * (1.0 + ty * ty) / below, ((ty / below) * cx) * cx))
}

/// The logarithm of the absolute value.
fn log_abs(z: Complex) -> Result<f64, Fault> {
    let (x, y) = (z.re.abs(), z.im.abs());
    if x.is_infinite() || y.is_infinite() {
        return Ok(INF);
    }
    if x.is_nan() || y.is_nan() {
        return Ok(NAN);
    }
    if x > LARGE || y > LARGE {
        return Ok((x / 2.0).hypot(y / 2.0).ln() + LN_2);
    }
    if x < f64::MIN_POSITIVE && y < f64::MIN_POSITIVE {
        if x == 0.0 && y == 0.0 {
            return Err(domain());
        }
        let up = (2.0f64).powi(53);
        return Ok((x * up).hypot(y * up).ln() - 53.0 * LN_2);
    }
    let size = x.hypot(y);
    if (0.71..=1.73).contains(&size) {
        let (more, less) = (x.max(y), x.min(y));
        return Ok(((more - 1.0) * (more + 1.0) + less * less).ln_1p() / 2.0);
    }
    Ok(size.ln())
}

/// The natural logarithm.
pub fn log(z: Complex) -> Outcome {
    Ok(c(log_abs(z)?, z.im.atan2(z.re)))
}

/// The logarithm to base 10.
pub fn log10(z: Complex) -> Outcome {
    let Complex { re, im } = log(z)?;
    Ok(c(re / LN_10, im / LN_10))
}

/// Half of twice the logarithm of something large.
fn log_large(z: Complex) -> f64 {
    (z.re / 2.0).hypot(z.im / 2.0).ln() + 2.0 * LN_2
}

fn large(z: Complex) -> bool {
    z.re.abs() > LARGE || z.im.abs() > LARGE
}

/// The inverse cosine.
pub fn acos(z: Complex) -> Complex {
    let Complex { re, im } = z;
    if re.is_nan() || im.is_nan() {
        return if re.is_infinite() {
            c(NAN, INF)
        } else if im.is_infinite() {
            c(NAN, -im)
        } else if re == 0.0 {
            c(FRAC_PI_2, NAN)
        } else {
            c(NAN, NAN)
        };
    }
    if large(z) {
        let size = log_large(z);
        let im_sign = if re < 0.0 {
            -size.copysign(im)
        } else {
            size.copysign(-im)
        };
        return c(im.abs().atan2(re), im_sign);
    }
    let (s1, s2) = (sqrt(c(1.0 - re, -im)), sqrt(c(1.0 + re, im)));
    c(
        2.0 * s1.re.atan2(s2.re),
        math::asinh(s2.re * s1.im - s2.im * s1.re),
    )
}

/// The inverse hyperbolic cosine.
pub fn acosh(z: Complex) -> Complex {
    let Complex { re, im } = z;
    if re.is_nan() || im.is_nan() {
        return if re.is_infinite() || im.is_infinite() {
            c(INF, NAN)
        } else if re == 0.0 {
            c(NAN, FRAC_PI_2)
        } else {
            c(NAN, NAN)
        };
    }
    if large(z) {
        return c(log_large(z), im.atan2(re));
    }
    let (s1, s2) = (sqrt(c(re - 1.0, im)), sqrt(c(re + 1.0, im)));
    c(
        math::asinh(s1.re * s2.re + s1.im * s2.im),
        2.0 * s1.im.atan2(s2.re),
    )
}

/// The inverse hyperbolic sine.
pub fn asinh(z: Complex) -> Complex {
    let Complex { re, im } = z;
    if re.is_nan() || im.is_nan() {
        return if re.is_infinite() {
            c(re, NAN)
        } else if im.is_infinite() {
            c(INF, NAN)
        } else {
            c(NAN, if im == 0.0 { im } else { NAN })
        };
    }
    if large(z) {
        return c(log_large(z).copysign(re), im.atan2(re.abs()));
    }
    let (s1, s2) = (sqrt(c(1.0 + im, -re)), sqrt(c(1.0 - im, re)));
    c(
        math::asinh(s1.re * s2.im - s2.re * s1.im),
        im.atan2(s1.re * s2.re - s1.im * s2.im),
    )
}

/// The inverse sine.
pub fn asin(z: Complex) -> Complex {
    let turned = asinh(c(-z.im, z.re));
    c(turned.im, -turned.re)
}

/// The inverse hyperbolic tangent.
pub fn atanh(z: Complex) -> Outcome {
    let Complex { re, im } = z;
    if !finite(z) {
        return Ok(if re.is_infinite() && im.is_nan() {
            c(0.0f64.copysign(re), NAN)
        } else if im.is_infinite() {
            let re = if re.is_nan() {
                0.0
            } else {
                0.0f64.copysign(re)
            };
            c(re, FRAC_PI_2.copysign(im))
        } else if re.is_infinite() {
            c(0.0f64.copysign(re), FRAC_PI_2.copysign(im))
        } else if re == 0.0 {
            c(re, NAN)
        } else {
            c(NAN, NAN)
        });
    }
    if re < 0.0 || (re == 0.0 && re.is_sign_negative()) {
        let Complex { re, im } = atanh(c(-re, -im))?;
        return Ok(c(-re, -im));
    }
    let y = im.abs();
    let root = LARGE.sqrt();
    if re > root || y > root {
        let size = (re / 2.0).hypot(y / 2.0);
        return Ok(c(re / 4.0 / size / size, -FRAC_PI_2.copysign(-im)));
    }
    if re == 1.0 && y < f64::MIN_POSITIVE.sqrt() {
        if y == 0.0 {
            return Err(domain());
        }
        return Ok(c(
            -(y.sqrt() / y.hypot(2.0).sqrt()).ln(),
            (2.0f64.atan2(-y) / 2.0).copysign(im),
        ));
    }
    Ok(c(
        (4.0 * re / ((1.0 - re) * (1.0 - re) + y * y)).ln_1p() / 4.0,
        -(-2.0 * im).atan2((1.0 - re) * (1.0 + re) - y * y) / 2.0,
    ))
}

/// The inverse tangent.
pub fn atan(z: Complex) -> Outcome {
    let turned = atanh(c(-z.im, z.re))?;
    Ok(c(turned.im, -turned.re))
}

/// The cosine.
pub fn cos(z: Complex) -> Outcome {
    cosh(c(-z.im, z.re))
}

/// The sine.
pub fn sin(z: Complex) -> Outcome {
    let turned = sinh(c(-z.im, z.re))?;
    Ok(c(turned.im, -turned.re))
}

/// The tangent.
pub fn tan(z: Complex) -> Outcome {
    let turned = tanh(c(-z.im, z.re))?;
    Ok(c(turned.im, -turned.re))
}

/// The number with this absolute value and angle.
pub fn rect(r: f64, phi: f64) -> Outcome {
    if phi.is_infinite() && !r.is_nan() && r != 0.0 {
        return Err(domain());
    }
    if !r.is_finite() || !phi.is_finite() {
        return Ok(if r.is_infinite() && phi.is_finite() {
            if phi == 0.0 {
                c(r, if r > 0.0 { phi } else { -phi })
            } else {
                let sign = 1.0f64.copysign(r);
                c(
                    INF.copysign(phi.cos()) * sign,
                    INF.copysign(phi.sin()) * sign,
                )
            }
        } else if r.is_infinite() {
            c(INF, NAN)
        } else if r == 0.0 {
            c(0.0, 0.0)
        } else {
            c(NAN, if phi == 0.0 { 0.0 } else { NAN })
        });
    }
    if phi == 0.0 {
        return Ok(c(r, r * phi));
    }
    Ok(c(r * phi.cos(), r * phi.sin()))
}
