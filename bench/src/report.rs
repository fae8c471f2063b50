//! What comes out: tables for people, JSON for programs, plots for the documentation.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::error::BenchError;
use crate::plot;

/// A part's figures.
pub(crate) struct Report {
    /// Names its files.
    pub(crate) name: &'static str,
    pub(crate) tables: Vec<Table>,
    /// An SVG image, if there is something to see.
    pub(crate) plot: Option<String>,
}

impl Report {
    /// Prints the tables, and writes NAME.md, NAME.json and NAME.svg.
    pub(crate) fn publish(&self, directory: &Path) -> Result<(), BenchError> {
        let tables: Vec<_> = self.tables.iter().map(Table::markdown).collect();
        let tables = tables.join("\n");
        println!("\n{tables}");
        fs::write(directory.join(self.name).with_extension("md"), tables)?;
        let json: Vec<_> = self.tables.iter().map(Table::json).collect();
        fs::write(
            directory.join(self.name).with_extension("json"),
            serde_json::to_vec_pretty(&json)?,
        )?;
        if let Some(plot) = &self.plot {
            fs::write(directory.join(self.name).with_extension("svg"), plot)?;
        }
        Ok(())
    }
}

/// A table whose first column says what its row is about.
pub(crate) struct Table {
    title: String,
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(title: &str, columns: &[&str]) -> Self {
        let columns = columns.iter().map(|&column| column.to_owned()).collect();
        Self {
            title: title.to_owned(),
            columns,
            rows: Vec::new(),
        }
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows about these alone.
    pub(crate) fn only(&self, subjects: &[&str]) -> Self {
        let is_meant = |row: &&Vec<String>| {
            row.first()
                .is_some_and(|subject| subjects.contains(&subject.as_str()))
        };
        let rows = self.rows.iter().filter(is_meant).cloned().collect();
        Self {
            title: self.title.clone(),
            columns: self.columns.clone(),
            rows,
        }
    }

    /// One column as bars; the first `labels` columns say what they are about.
    pub(crate) fn plot(&self, unit: &str, labels: usize, column: usize) -> String {
        let bars = self.rows.iter().filter_map(|row| {
            Some((
                row.get(..labels)?.join(" · "),
                row.get(column)?.parse().ok()?,
            ))
        });
        let title = format!("{}: {}", self.title, self.columns[column]);
        plot::bars(&title, unit, &bars.collect::<Vec<_>>())
    }

    /// As Markdown, its columns aligned for those who read it as it is.
    pub(crate) fn markdown(&self) -> String {
        let width = |index: usize| {
            let cells = self
                .rows
                .iter()
                .chain([&self.columns])
                .filter_map(|row| row.get(index));
            cells
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or_default()
        };
        let widths: Vec<_> = (0..self.columns.len()).map(width).collect();
        let line = |row: &Vec<String>| {
            let cells = row
                .iter()
                .zip(&widths)
                .enumerate()
                .map(|(index, (cell, &width))| match index {
                    0 => format!("{cell:<width$}"),
                    _ => format!("{cell:>width$}"),
                });
            format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
        };
        let rule = widths
            .iter()
            .enumerate()
            .map(|(index, &width)| match index {
                0 => "-".repeat(width),
                _ => format!("{}:", "-".repeat(width.max(2) - 1)),
            });
        let rule = format!("| {} |\n", rule.collect::<Vec<_>>().join(" | "));
        let rows: String = self.rows.iter().map(line).collect();
        format!("{}\n\n{}{rule}{rows}", self.title, line(&self.columns))
    }

    fn json(&self) -> Value {
        let rows = self.rows.iter().map(|row| {
            let cells = self.columns.iter().zip(row).map(|(column, cell)| {
                (
                    column.clone(),
                    cell.parse::<f64>()
                        .map_or_else(|_| json!(cell), |value| json!(value)),
                )
            });
            Value::Object(cells.collect())
        });
        json!({ "title": self.title, "rows": rows.collect::<Vec<_>>() })
    }
}
