//! Horizontal bars as SVG, which is text.

use std::fmt::Write;

use crate::figures::{number, written};

const LABEL: f64 = 290.0;
const LENGTH: f64 = 420.0;
const STEP: f64 = 22.0;

/// A bar for each label. The longest fills the width.
pub(crate) fn bars(title: &str, unit: &str, bars: &[(String, f64)]) -> String {
    let most = bars
        .iter()
        .map(|(_, value)| *value)
        .fold(f64::MIN_POSITIVE, f64::max);
    let (width, height) = (LABEL + LENGTH + 100.0, STEP * (number(bars.len()) + 2.0));
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" \
         font-size=\"13\">\n<rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n\
         <text x=\"8\" y=\"20\" font-weight=\"bold\">{}</text>\n",
        escaped(title)
    );
    for (index, (label, value)) in bars.iter().enumerate() {
        let y = STEP * (number(index) + 1.5);
        let length = LENGTH * value / most;
        // Writing to a String cannot fail.
        let _ = writeln!(
            svg,
            "<text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"end\">{}</text>\
             <rect x=\"{LABEL}\" y=\"{y:.0}\" width=\"{length:.1}\" height=\"16\" fill=\"#3b6ea8\"/>\
             <text x=\"{:.1}\" y=\"{:.0}\">{} {unit}</text>",
            LABEL - 8.0,
            y + 13.0,
            escaped(label),
            LABEL + length + 6.0,
            y + 13.0,
            written(*value),
        );
    }
    svg + "</svg>\n"
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
