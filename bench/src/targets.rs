//! The targets, and whether they are met.

use crate::figures::written;
use crate::report::Table;

/// The targets of the parts that were measured.
pub(crate) struct Targets(Table);

impl Targets {
    pub(crate) fn new() -> Self {
        Self(Table::new(
            "Targets",
            &["figure", "measured", "at most", "met"],
        ))
    }

    /// Adds a figure, and the most that it may be.
    pub(crate) fn at_most(&mut self, figure: &str, measured: f64, most: f64) {
        let met = if measured <= most { "yes" } else { "no" };
        self.0.row([
            figure.to_owned(),
            written(measured),
            written(most),
            met.to_owned(),
        ]);
    }

    /// The table; none if nothing with a target was measured.
    pub(crate) fn into_table(self) -> Option<Table> {
        (!self.0.is_empty()).then_some(self.0)
    }
}
