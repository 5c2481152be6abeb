//! The gamma function, and sums of floats without rounding on the way.

use crate::prelude::*;
use core::f64::consts::PI;
#[cfg(not(feature = "std"))]
use num_traits::Float as _;

use crate::text::fault::Fault;

use super::math::range;

// ---- gamma -----------------------------------------------------------------------------------

/// `math.gamma`, by Lanczos's approximation (g ≈ 6.02, 13 terms, coefficients after Pugh).
pub fn gamma(x: f64) -> Result<f64, Fault> {
    if x.is_nan() || x == f64::INFINITY {
        return Ok(x);
    }
    if x == f64::NEG_INFINITY || x <= 0.0 && x == x.floor() {
        return Err(pole(x));
    }
    if x == x.floor() && x <= 23.0 {
        // Up to 22! the odd part fits a float, so no step rounds.
        return Ok((2..x as u32).map(f64::from).product());
    }
    let size = x.abs();
    if size < 1e-20 {
        let result = 1.0 / x;
        return if result.is_infinite() {
            Err(range())
        } else {
            Ok(result)
        };
    }
    if size > 200.0 {
        return if x < 0.0 {
            Ok(0.0 / sin_pi(x))
        } else {
            Err(range())
        };
    }
    let y = size + G_LESS_HALF;
    // What rounding `y` lost, to correct for in the end.
    let lost = if size > G_LESS_HALF {
        (y - size) - G_LESS_HALF
    } else {
        (y - G_LESS_HALF) - size
    };
    let correction = lost * G / y;
    let mut result = if x < 0.0 {
        let result = -PI / sin_pi(size) / size * y.exp() / lanczos_sum(size);
        result - correction * result
    } else {
        let result = lanczos_sum(size) / y.exp();
        result + correction * result
    };
    // The power overflows before the result does: apply it in halves.
    let powers = if size < 140.0 {
        [y.powf(size - 0.5), 1.0]
    } else {
        [y.powf(size / 2.0 - 0.25); 2]
    };
    for power in powers {
        result = if x < 0.0 {
            result / power
        } else {
            result * power
        };
    }
    if result.is_infinite() {
        Err(range())
    } else {
        Ok(result)
    }
}

/// `math.lgamma`.
pub fn lgamma(x: f64) -> Result<f64, Fault> {
    if x.is_nan() {
        return Ok(x);
    }
    if x.is_infinite() {
        return Ok(f64::INFINITY);
    }
    if x == x.floor() && x <= 2.0 {
        return if x <= 0.0 { Err(pole(x)) } else { Ok(0.0) };
    }
    let size = x.abs();
    if size < 1e-20 {
        return Ok(-size.ln());
    }
    let mut result = lanczos_sum(size).ln() - G;
    result += (size - 0.5) * ((size + G - 0.5).ln() - 1.0);
    if x < 0.0 {
        result = PI.ln() - sin_pi(size).abs().ln() - size.ln() - result;
    }
    if result.is_infinite() {
        Err(range())
    } else {
        Ok(result)
    }
}

#[cold]
fn pole(x: f64) -> Fault {
    Fault::value(format!(
        "expected a noninteger or positive integer, got {}",
        super::float_text::repr(x)
    ))
}

fn lanczos_sum(x: f64) -> f64 {
    let (mut numerator, mut denominator) = (0.0, 0.0);
    if x < 5.0 {
        for i in (0..NUMERATOR.len()).rev() {
            numerator = numerator * x + NUMERATOR[i];
            denominator = denominator * x + DENOMINATOR[i];
        }
    } else {
        // In powers of 1/x, so that nothing grows.
        for i in 0..NUMERATOR.len() {
            numerator = numerator / x + NUMERATOR[i];
            denominator = denominator / x + DENOMINATOR[i];
        }
    }
    numerator / denominator
}

fn sin_pi(x: f64) -> f64 {
    let y = x.abs() % 2.0;
    let sine = match (2.0 * y).round() as u8 {
        0 => (PI * y).sin(),
        1 => (PI * (y - 0.5)).cos(),
        2 => (PI * (1.0 - y)).sin(),
        3 => -(PI * (y - 1.5)).cos(),
        _ => (PI * (y - 2.0)).sin(),
    };
    1f64.copysign(x) * sine
}

#[allow(clippy::excessive_precision)] // The constants as they are published.
const G: f64 = 6.024_680_040_776_729_583_740_234_375;
#[allow(clippy::excessive_precision)] // The constants as they are published.
const G_LESS_HALF: f64 = 5.524_680_040_776_729_583_740_234_375;
#[allow(clippy::excessive_precision)] // The constants as they are published.
const NUMERATOR: [f64; 13] = [
    23531376880.410759688572007674451636754734846804940,
    42919803642.649098768957899047001988850926355848959,
    35711959237.355668049440185451547166705960488635843,
    17921034426.037209699919755754458931112671403265390,
    6039542586.3520280050642916443072979210699388420708,
    1439720407.3117216736632230727949123939715485786372,
    248874557.86205415651146038641322942321632125127801,
    31426415.585400194380614231628318205362874684987640,
    2876370.6289353724412254090516208496135991145378768,
    186056.26539522349504029498971604569928220784236328,
    8071.6720023658162106380029022722506138218516325024,
    210.82427775157934587250973392071336271166969580291,
    2.5066282746310002701649081771338373386264310793408,
];
const DENOMINATOR: [f64; 13] = [
    0.0,
    39916800.0,
    120543840.0,
    150917976.0,
    105258076.0,
    45995730.0,
    13339535.0,
    2637558.0,
    357423.0,
    32670.0,
    1925.0,
    66.0,
    1.0,
];

// ---- exact sums ------------------------------------------------------------------------------

/// A running sum that never rounds: Shewchuk's non-overlapping partial sums, smallest first.
#[derive(Clone, Debug, Default)]
pub struct ExactSum {
    partials: Vec<f64>,
    special: f64,
    infinities: f64,
}

impl ExactSum {
    /// Adds one number.
    pub fn add(&mut self, x: f64) -> Result<(), Fault> {
        let mut high = x;
        let mut kept = 0;
        for index in 0..self.partials.len() {
            let (sum, error) = two_sum(high, self.partials[index]);
            if error != 0.0 {
                self.partials[kept] = error;
                kept += 1;
            }
            high = sum;
        }
        self.partials.truncate(kept);
        if high == 0.0 {
            return Ok(());
        }
        if high.is_finite() {
            self.partials.push(high);
            return Ok(());
        }
        if x.is_finite() {
            return Err(Fault::overflow("intermediate overflow in fsum"));
        }
        if x.is_infinite() {
            self.infinities += x;
        }
        self.special += x;
        self.partials.clear();
        Ok(())
    }

    /// The sum, rounded once.
    pub fn finish(mut self) -> Result<f64, Fault> {
        if self.special != 0.0 {
            return if self.infinities.is_nan() {
                Err(Fault::value("-inf + inf in fsum"))
            } else {
                Ok(self.special)
            };
        }
        let Some(mut high) = self.partials.pop() else {
            return Ok(0.0);
        };
        let mut low = 0.0;
        while let Some(next) = self.partials.pop() {
            (high, low) = two_sum(high, next);
            if low != 0.0 {
                break;
            }
        }
        // A tie that a smaller partial breaks.
        if let Some(&next) = self.partials.last()
            && (low < 0.0 && next < 0.0 || low > 0.0 && next > 0.0)
        {
            let twice = low * 2.0;
            let moved = high + twice;
            if twice == moved - high {
                high = moved;
            }
        }
        Ok(high)
    }
}

/// `math.fsum`.
pub fn fsum(items: impl IntoIterator<Item = f64>) -> Result<f64, Fault> {
    let mut sum = ExactSum::default();
    for item in items {
        sum.add(item)?;
    }
    sum.finish()
}

/// `math.sumprod` of floats: each product kept whole.
pub fn sumprod(pairs: impl IntoIterator<Item = (f64, f64)> + Clone) -> f64 {
    let mut sum = ExactSum::default();
    for (a, b) in pairs.clone() {
        let product = a * b;
        let error = a.mul_add(b, -product);
        if !product.is_finite() || sum.add(product).and_then(|()| sum.add(error)).is_err() {
            return pairs.into_iter().map(|(a, b)| a * b).sum();
        }
    }
    sum.finish().unwrap_or(f64::NAN)
}

/// `math.hypot`, and `math.dist` of the differences.
pub fn hypot(items: &[f64]) -> f64 {
    let largest = items.iter().fold(0f64, |largest, x| largest.max(x.abs()));
    if largest.is_infinite() {
        return f64::INFINITY;
    }
    if items.iter().any(|x| x.is_nan()) {
        return f64::NAN;
    }
    if largest == 0.0 || items.len() == 1 {
        return largest;
    }
    // Scale by a power of two, in two steps since one may not exist as a float.
    let (_, exponent) = super::math::frexp(largest);
    let scale =
        |x: f64, exponent: i32| x * 2f64.powi(exponent / 2) * 2f64.powi(exponent - exponent / 2);
    let (mut high, mut low) = (0.0, 0.0);
    for &x in items {
        let x = scale(x, -exponent);
        let square = x * x;
        let (sum, error) = two_sum(high, square);
        high = sum;
        low += error + x.mul_add(x, -square);
    }
    // One step of Newton's method on the part the first root missed.
    let root = (high + low).sqrt();
    let square = root * root;
    let missed = (high - square) - root.mul_add(root, -square) + low;
    scale(root + missed / (2.0 * root), exponent)
}

#[inline]
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let part = sum - a;
    (sum, (a - (sum - part)) + (b - part))
}

#[cfg(test)]
#[allow(clippy::excessive_precision, clippy::approx_constant)] // Values as Python prints them.
mod tests {
    use super::*;

    #[test]
    fn gamma_values() {
        for (x, value) in [
            (0.5, 1.7724538509055159),
            (1.5, 0.886226925452758),
            (5.0, 24.0),
            (10.1, 454760.7514415857),
            (-0.5, -3.544907701811032),
            (-3.7, 0.25164399590242265),
            (170.5, 5.56209241456e+305),
            (-170.5, -3.312739521538607e-308),
            (1e-10, 9999999999.422785),
            (23.0, 1.1240007277776077e+21),
            (24.0, 2.585201673888497e+22),
            (50.5, 4.29046291235196e+63),
        ] {
            assert_eq!(gamma(x), Ok(value), "{x}");
        }
        for (x, value) in [
            (0.5, 0.5723649429247004),
            (1.5, -0.12078223763524543),
            (3.0, 0.693147180559945),
            (10.1, 13.027526738633238),
            (-0.5, 1.265512123484645),
            (-3.7, -1.3797399049658248),
            (170.5, 704.0044277342047),
            (1e300, 6.897755278982137e+302),
            (1e-10, 23.025850929882736),
            (1e-25, 57.564627324851145),
            (1000.5, 5908.674175848678),
        ] {
            assert_eq!(lgamma(x), Ok(value), "{x}");
        }
        assert_eq!(
            gamma(-1.0).unwrap_err().message,
            "expected a noninteger or positive integer, got -1.0"
        );
        assert!(gamma(1000.0).is_err() && lgamma(0.0).is_err());
    }

    #[test]
    fn sums() {
        assert_eq!(fsum([0.1; 10]), Ok(1.0));
        assert_eq!(fsum([1e16, 1.0, -1e16, 1e-16]), Ok(1.0));
        assert_eq!(
            fsum([1e308, 1e308]).unwrap_err().message,
            "intermediate overflow in fsum"
        );
        assert_eq!(
            fsum([f64::INFINITY, f64::NEG_INFINITY])
                .unwrap_err()
                .message,
            "-inf + inf in fsum"
        );
        assert_eq!(sumprod([0.1; 10].into_iter().zip([0.3; 10])), 0.3);
        assert_eq!(sumprod([1e16, 1.0, -1e16].into_iter().zip([1.0; 3])), 1.0);
        assert_eq!(hypot(&[3.0, 4.0]), 5.0);
        assert_eq!(hypot(&[1e200, 1e200]), 1.414213562373095e+200);
        assert_eq!(hypot(&[1.1, 2.2, 3.3]), 4.115823125451335);
        assert_eq!(hypot(&[5e-324, 5e-324]), 5e-324);
    }
}
