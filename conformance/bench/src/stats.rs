//! Medians and means.

/// The times of one thing, in seconds.
#[derive(Clone, Default)]
pub struct Series(Vec<f64>);

impl Series {
    /// Adds a sample.
    pub fn push(&mut self, seconds: f64) {
        self.0.push(seconds);
        self.0.sort_by(f64::total_cmp);
    }

    /// Whether there are no samples.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The median; NaN without samples.
    pub fn median(&self) -> f64 {
        let (count, middle) = (self.0.len(), self.0.len() / 2);
        match count {
            0 => f64::NAN,
            _ if count % 2 == 1 => self.0[middle],
            _ => (self.0[middle - 1] + self.0[middle]) / 2.0,
        }
    }

    /// How far the middle half of the samples spreads, relative to the median.
    pub fn spread(&self) -> f64 {
        let last = self.0.len().saturating_sub(1);
        match self.0.get(last - last / 4) {
            Some(high) => (high - self.0[last / 4]) / self.median(),
            None => f64::NAN,
        }
    }
}

/// The geometric mean; `None` of nothing.
pub fn geometric_mean(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0);
    for value in values {
        sum += value.ln();
        count += 1;
    }
    (count > 0).then(|| (sum / f64::from(count)).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        let mut series = Series::default();
        assert!(series.median().is_nan());
        for value in [4.0, 1.0, 3.0] {
            series.push(value);
        }
        assert_eq!(series.median(), 3.0);
        series.push(2.0);
        assert_eq!(series.median(), 2.5);
        assert_eq!(series.spread(), (4.0 - 1.0) / 2.5);
    }

    #[test]
    fn twice_and_half_are_as_fast() {
        assert!((geometric_mean([2.0, 0.5]).unwrap() - 1.0).abs() < 1e-12);
        assert_eq!(geometric_mean([]), None);
    }
}
