//! Percentiles, medians, and how numbers are written.

/// A percentile of values, by nearest rank; 0 if there are none.
pub(crate) fn percentile(values: &[f64], percent: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    // p99.9 of a thousand values is the last but one.
    let ranks = (1..=sorted.len()).map(number);
    let below = ranks
        .take_while(|rank| *rank < number(values.len()) * percent / 100.0)
        .count();
    sorted
        .get(below)
        .or(sorted.last())
        .copied()
        .unwrap_or_default()
}

/// The median.
pub(crate) fn median(values: &[f64]) -> f64 {
    percentile(values, 50.0)
}

/// A count as a number.
#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
pub(crate) fn number(count: usize) -> f64 {
    count as f64
}

/// Nanoseconds as milliseconds.
#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
pub(crate) fn milliseconds(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1e6
}

/// A number with its significant digits.
pub(crate) fn written(value: f64) -> String {
    match value {
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value if value >= 1.0 => format!("{value:.2}"),
        value => format!("{value:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let values: Vec<f64> = (1..=1000).rev().map(number).collect();
        let found = [50.0, 90.0, 99.9].map(|percent| written(percentile(&values, percent)));
        assert_eq!(found, ["500", "900", "999"]);
        assert_eq!(written(median(&[3.0, 1.0, 2.0])), "2.00");
        assert_eq!(written(percentile(&[], 50.0)), "0.000");
    }
}
