//! Complex numbers: text and back, and the arithmetic that is more than two floats.

use crate::prelude::*;
use crate::text::fault::Fault;
use crate::text::format_number::{Layout, Point, format_float};
use crate::text::str_repr::repr_string;
use crate::text::unicode;
use crate::text::wtf8::Wtf8;
#[cfg(not(feature = "std"))]
use num_traits::Float as _;

use super::float_text::{parse_number, to_ascii_number};

/// A complex number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Complex {
    /// The real part.
    pub re: f64,
    /// The imaginary part.
    pub im: f64,
}

/// `repr(complex)`.
pub fn repr(re: f64, im: f64) -> String {
    let part = |x: f64| format_float(x, Layout::Shortest, Point::Drop);
    if re == 0.0 && re.is_sign_positive() {
        return format!("{}j", part(im));
    }
    let im = part(im);
    let plus = if im.starts_with('-') { "" } else { "+" };
    format!("({}{plus}{im}j)", part(re))
}

/// `complex(str)`.
pub fn parse(text: &Wtf8) -> Result<Complex, Fault> {
    to_ascii_number(text)
        .and_then(|text| parse_ascii(&text))
        .ok_or_else(|| match has_stray_underscore(text) {
            true => Fault::value(format!(
                "could not convert string to complex: {}",
                repr_string(text)
            )),
            false => Fault::value("complex() arg is a malformed string"),
        })
}

/// Whether an underscore is not between two digits, or stands in what a null character ends.
fn has_stray_underscore(text: &Wtf8) -> bool {
    let digit = |point: u32| unicode::decimal_value(point).is_some();
    let (mut previous, mut found, mut stray) = (0, false, false);
    for point in text.code_points() {
        let underscore = point == u32::from(b'_');
        found |= underscore;
        stray |= point == 0;
        stray |= underscore && !digit(previous);
        stray |= previous == u32::from(b'_') && !digit(point);
        previous = point;
    }
    found && (stray || previous == u32::from(b'_'))
}

fn parse_ascii(text: &str) -> Option<Complex> {
    let text = match text.strip_prefix('(') {
        Some(inner) => inner.strip_suffix(')')?.trim(),
        None => text,
    };
    let Some(body) = text.strip_suffix(['j', 'J']) else {
        return Some(Complex {
            re: parse_number(text)?,
            im: 0.0,
        });
    };
    // The sign between the parts: the last one that does not belong to an exponent.
    let bytes = body.as_bytes();
    let split = (1..bytes.len())
        .rev()
        .find(|&at| matches!(bytes[at], b'+' | b'-') && !matches!(bytes[at - 1], b'e' | b'E'))
        .unwrap_or(0);
    let (re, im) = body.split_at(split);
    let re = if re.is_empty() {
        0.0
    } else {
        parse_number(re)?
    };
    let im = match im {
        "" | "+" => 1.0,
        "-" => -1.0,
        _ => parse_number(im)?,
    };
    Some(Complex { re, im })
}

impl Complex {
    /// A complex number.
    pub const fn new(re: f64, im: f64) -> Complex {
        Complex { re, im }
    }

    /// `abs(complex)`.
    pub fn abs(self) -> Result<f64, Fault> {
        if self.re.is_infinite() || self.im.is_infinite() {
            return Ok(f64::INFINITY);
        }
        let length = self.re.hypot(self.im);
        if length.is_infinite() && self.re.is_finite() && self.im.is_finite() {
            return Err(Fault::overflow("absolute value too large"));
        }
        Ok(length)
    }

    /// `a * b`, with the infinities C99 recovers where the plain formula makes only NaNs.
    #[allow(clippy::should_implement_trait)] // Stands beside `div`, which can fail.
    pub fn mul(self, other: Complex) -> Complex {
        let (a, b, c, d) = (self.re, self.im, other.re, other.im);
        let plain = Complex::new(a * c - b * d, a * d + b * c);
        if !(plain.re.is_nan() && plain.im.is_nan()) {
            return plain;
        }
        let unit = |x: f64| f64::from(u8::from(x.is_infinite())).copysign(x);
        let quiet = |x: f64| if x.is_nan() { 0.0f64.copysign(x) } else { x };
        let (mut a, mut b, mut c, mut d) = (a, b, c, d);
        let mut recover = false;
        if a.is_infinite() || b.is_infinite() {
            (a, b, c, d) = (unit(a), unit(b), quiet(c), quiet(d));
            recover = true;
        }
        if c.is_infinite() || d.is_infinite() {
            (c, d, a, b) = (unit(c), unit(d), quiet(a), quiet(b));
            recover = true;
        }
        let products = [
            self.re * other.re,
            self.im * other.im,
            self.re * other.im,
            self.im * other.re,
        ];
        if !recover && products.iter().any(|x| x.is_infinite()) {
            (a, b, c, d) = (quiet(a), quiet(b), quiet(c), quiet(d));
            recover = true;
        }
        if !recover {
            return plain;
        }
        Complex::new(
            f64::INFINITY * (a * c - b * d),
            f64::INFINITY * (a * d + b * c),
        )
    }

    /// `a / b`, by Smith's method: scaled by the larger part, so that squares cannot overflow.
    #[allow(clippy::should_implement_trait)] // Fails, as the operator's trait cannot.
    pub fn div(self, other: Complex) -> Result<Complex, Fault> {
        let (a, b, c, d) = (self.re, self.im, other.re, other.im);
        let mut quotient = if c.abs() >= d.abs() {
            if c == 0.0 {
                return Err(Fault::zero_division("division by zero"));
            }
            let ratio = d / c;
            let scale = c + d * ratio;
            Complex::new((a + b * ratio) / scale, (b - a * ratio) / scale)
        } else if d.abs() >= c.abs() {
            let ratio = c / d;
            let scale = c * ratio + d;
            Complex::new((a * ratio + b) / scale, (b * ratio - a) / scale)
        } else {
            Complex::new(f64::NAN, f64::NAN)
        };
        if quotient.re.is_nan() && quotient.im.is_nan() {
            let unit = |x: f64| f64::from(u8::from(x.is_infinite())).copysign(x);
            let finite = |x: f64, y: f64| x.is_finite() && y.is_finite();
            if (a.is_infinite() || b.is_infinite()) && finite(c, d) {
                let (x, y) = (unit(a), unit(b));
                quotient = Complex::new(
                    f64::INFINITY * (x * c + y * d),
                    f64::INFINITY * (y * c - x * d),
                );
            } else if (c.is_infinite() || d.is_infinite()) && finite(a, b) {
                let (x, y) = (unit(c), unit(d));
                quotient = Complex::new(0.0 * (a * x + b * y), 0.0 * (b * x - a * y));
            }
        }
        Ok(quotient)
    }

    /// `a ** b`.
    pub fn pow(self, exponent: Complex) -> Result<Complex, Fault> {
        let small =
            exponent.re.trunc() == exponent.re && exponent.im == 0.0 && exponent.re.abs() <= 100.0;
        let power = if small {
            self.powi(exponent.re as i32)?
        } else {
            self.pow_general(exponent)?
        };
        if !power.re.is_finite() || !power.im.is_finite() {
            let finite = [self.re, self.im, exponent.re, exponent.im]
                .iter()
                .all(|x| x.is_finite());
            if finite || power.re.is_infinite() || power.im.is_infinite() {
                return Err(Fault::overflow("complex exponentiation"));
            }
        }
        Ok(power)
    }

    fn powi(self, exponent: i32) -> Result<Complex, Fault> {
        let one = Complex::new(1.0, 0.0);
        let mut result = one;
        let (mut base, mut bits) = (self, exponent.unsigned_abs());
        while bits != 0 {
            if bits & 1 == 1 {
                result = result.mul(base);
            }
            bits >>= 1;
            if bits != 0 {
                base = base.mul(base);
            }
        }
        if exponent >= 0 {
            return Ok(result);
        }
        one.div(result).map_err(|_| zero_to_negative())
    }

    fn pow_general(self, exponent: Complex) -> Result<Complex, Fault> {
        if exponent.re == 0.0 && exponent.im == 0.0 {
            return Ok(Complex::new(1.0, 0.0));
        }
        if self.re == 0.0 && self.im == 0.0 {
            if exponent.im != 0.0 || exponent.re < 0.0 {
                return Err(zero_to_negative());
            }
            return Ok(Complex::new(0.0, 0.0));
        }
        let length = self.re.hypot(self.im);
        let angle = self.im.atan2(self.re);
        let mut scale = length.powf(exponent.re);
        let mut phase = angle * exponent.re;
        if exponent.im != 0.0 {
            scale *= (-angle * exponent.im).exp();
            phase += exponent.im * length.ln();
        }
        if phase.is_infinite() {
            // What has no angle is an error of the same kind for the C library.
            return Err(zero_to_negative());
        }
        Ok(Complex::new(scale * phase.cos(), scale * phase.sin()))
    }
}

fn zero_to_negative() -> Fault {
    Fault::zero_division("zero to a negative or complex power")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text() {
        let p = |text: &str| parse(Wtf8::from_str(text)).map(|c| repr(c.re, c.im));
        for (text, shown) in [
            (" ( 1+2j ) ", "(1+2j)"),
            ("-j", "-1j"),
            ("1e5+1e-5j", "(100000+1e-05j)"),
            ("nan+infj", "(nan+infj)"),
            ("1_0+2_0j", "(10+20j)"),
            ("inf", "(inf+0j)"),
            ("+1-j", "(1-1j)"),
        ] {
            assert_eq!(p(text).as_deref(), Ok(shown));
        }
        for bad in [
            "(1+2j", "1 + 2j", "--1j", "1+-2j", "1+2", "", "()", "j1", "1jj",
        ] {
            assert!(p(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn arithmetic() {
        let c = Complex::new;
        let z = c(1.0, 2.0);
        assert_eq!(z.pow(c(2.0, 0.0)), Ok(c(-3.0, 4.0)));
        assert_eq!(z.pow(c(-1.0, 0.0)), Ok(c(0.2, -0.4)));
        assert_eq!(
            z.pow(c(0.5, 0.0)),
            Ok(c(1.272019649514069, 0.7861513777574233))
        );
        assert_eq!(
            z.pow(c(101.0, 0.0)),
            Ok(c(5.783317924538885e+34, -1.8999570689734468e+35))
        );
        assert_eq!(
            z.div(c(2.0, 3.0)),
            Ok(c(0.6153846153846154, 0.07692307692307691))
        );
        assert_eq!(
            z.mul(c(f64::INFINITY, 0.0)),
            c(f64::INFINITY, f64::INFINITY)
        );
        assert!(
            c(1e200, 1e200).pow(c(2.0, 0.0)).is_err() && c(0.0, 0.0).pow(c(-1.0, 0.0)).is_err()
        );
        assert_eq!(c(3.0, -4.0).abs(), Ok(5.0));
    }
}
