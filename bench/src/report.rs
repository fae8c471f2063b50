//! Results: tables for people, JSON for programs, and plots for the documentation.

use std::fs;
use std::path::Path;

use anyhow::Result;

use serde_json::{Value, json};

use crate::plot;

/// The figures of one part.
pub(crate) struct BenchResults {
    /// The name of its files.
    pub(crate) name: &'static str,
    pub(crate) tables: Vec<Table>,
    /// An SVG image.
    pub(crate) plot: Option<String>,
}

impl BenchResults {
    /// The results of a part with one table.
    pub(crate) fn new(name: &'static str, plot: Option<String>, table: Table) -> Self {
        Self {
            name,
            tables: vec![table],
            plot,
        }
    }

    /// Prints the tables, and writes NAME.md, NAME.json and NAME.svg.
    pub(crate) fn publish(&self, directory: &Path) -> Result<()> {
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

/// A table. The first column is the subject of the row.
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

    /// The table with only the rows about these subjects.
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

    /// Bars of one column, labelled with the first `labels` columns.
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

    /// Markdown, with aligned columns so that the text is readable as well.
    pub(crate) fn markdown(&self) -> String {
        let widths: Vec<_> = (0..self.columns.len())
            .map(|index| self.width(index))
            .collect();
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

    /// The width of a column, in characters.
    fn width(&self, index: usize) -> usize {
        let rows = self.rows.iter().chain([&self.columns]);
        let cells = rows.filter_map(|row| row.get(index));
        cells
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or_default()
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
