//! The layouts of a float that every formatting mini-language shares: `e`, `f`, `g` and `r`.

use crate::number::float_text::{self, Decimal};
use crate::prelude::*;

/// How to lay a float out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// `d.ddde±xx`, with this many digits after the point.
    Exponent(usize),
    /// `ddd.ddd`, with this many digits after the point.
    Fixed(usize),
    /// Whichever of the two is shorter, with this many significant digits.
    General(usize),
    /// As many digits as reading back needs.
    Shortest,
}

/// What to do about a point with nothing behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// Leave it out, and trailing zeros of [`Layout::General`] too.
    Drop,
    /// Keep it, and those zeros: the `#` flag.
    Keep,
    /// Write `.0` unless there is an exponent: what tells a float from an int.
    Zero,
    /// [`Point::Keep`] and [`Point::Zero`] together.
    KeepZero,
}

/// `x` in plain ASCII, lower case, with `-` if it is negative.
pub fn format_float(x: f64, layout: Layout, point: Point) -> String {
    if !x.is_finite() {
        return float_text::non_finite(x).into();
    }
    let mut out = String::new();
    if x.is_sign_negative() {
        out.push('-');
    }
    let keep = matches!(point, Point::Keep | Point::KeepZero);
    match layout {
        Layout::Fixed(precision) => {
            out.push_str(&float_text::fixed(x, precision));
            if keep && precision == 0 {
                out.push('.');
            }
        }
        Layout::Exponent(precision) => {
            push_exponential(
                &mut out,
                &float_text::significant(x, precision.saturating_add(1)),
                keep,
            );
        }
        Layout::General(precision) => {
            let precision = precision.max(1);
            let mut decimal = float_text::significant(x, precision);
            if !keep {
                let used = decimal.digits.trim_end_matches('0').len().max(1);
                decimal.digits.truncate(used);
            }
            // With `.0` to come, one place fewer fits before the exponent form is shorter.
            let most = precision.min(i32::MAX as usize) as i32
                - i32::from(matches!(point, Point::Zero | Point::KeepZero));
            push_shorter(&mut out, &decimal, most, point);
        }
        Layout::Shortest => push_shorter(&mut out, &float_text::shortest(x), 16, point),
    }
    out
}

fn push_shorter(out: &mut String, decimal: &Decimal, most: i32, point: Point) {
    if decimal.point > most || decimal.point <= -4 {
        push_exponential(out, decimal, matches!(point, Point::Keep | Point::KeepZero));
    } else {
        push_plain(out, decimal, point);
    }
}

fn push_plain(out: &mut String, decimal: &Decimal, point: Point) {
    let digits = &decimal.digits;
    if decimal.point <= 0 {
        out.push_str("0.");
        out.extend(core::iter::repeat_n(
            '0',
            decimal.point.unsigned_abs() as usize,
        ));
        out.push_str(digits);
        return;
    }
    let whole = decimal.point as usize;
    if digits.len() > whole {
        out.push_str(&digits[..whole]);
        out.push('.');
        out.push_str(&digits[whole..]);
        return;
    }
    out.push_str(digits);
    out.extend(core::iter::repeat_n('0', whole - digits.len()));
    match point {
        Point::Drop => {}
        Point::Keep => out.push('.'),
        Point::Zero | Point::KeepZero => out.push_str(".0"),
    }
}

fn push_exponential(out: &mut String, decimal: &Decimal, keep_point: bool) {
    let (first, rest) = decimal.digits.split_at(1);
    out.push_str(first);
    if keep_point || !rest.is_empty() {
        out.push('.');
    }
    out.push_str(rest);
    // Zero has its point after the digit as any other.
    let exponent = decimal.point - 1;
    let sign = if exponent < 0 { '-' } else { '+' };
    out.push_str(&format!("e{sign}{:02}", exponent.unsigned_abs()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layouts() {
        let f = format_float;
        assert_eq!(f(1234567.0, Layout::General(6), Point::Drop), "1.23457e+06");
        assert_eq!(f(100000.0, Layout::General(6), Point::Keep), "100000.");
        assert_eq!(f(0.0001, Layout::General(6), Point::Keep), "0.000100000");
        assert_eq!(f(0.0, Layout::General(6), Point::Drop), "0");
        assert_eq!(f(-0.0, Layout::Exponent(2), Point::Drop), "-0.00e+00");
        assert_eq!(f(123.0, Layout::General(3), Point::Zero), "1.23e+02");
        assert_eq!(f(12.0, Layout::General(3), Point::Zero), "12.0");
        assert_eq!(f(2.5, Layout::Fixed(0), Point::Keep), "2.");
        assert_eq!(f(1e22, Layout::Shortest, Point::Zero), "1e+22");
        assert_eq!(f(1.0, Layout::Shortest, Point::Drop), "1");
        assert_eq!(
            f(0.1, Layout::Fixed(25), Point::Drop),
            "0.1000000000000000055511151"
        );
        assert_eq!(f(5e-324, Layout::Exponent(1), Point::Drop), "4.9e-324");
        assert_eq!(f(f64::NAN, Layout::Fixed(2), Point::Keep), "nan");
    }
}
