//! Pictures: bars with a line to compare them with.

use std::fmt::Write;

/// A bar.
pub struct Bar {
    /// What it is.
    pub label: String,
    /// How long.
    pub value: f64,
    /// Drawn paler: what the bar above it is compared with.
    pub reference: bool,
}

const ROW: f64 = 24.0;
const LEFT: f64 = 190.0;
const WIDTH: f64 = 720.0;
const RIGHT: f64 = 60.0;

/// Horizontal bars from zero, with a dashed line at `goal`.
pub fn bars(title: &str, bars: &[Bar], goal: f64) -> String {
    let longest = bars.iter().map(|bar| bar.value).fold(goal, f64::max) * 1.05;
    let scale = (WIDTH - LEFT - RIGHT) / longest;
    let height = ROW * bars.len() as f64 + 34.0;
    let title = escape(title);
    let mut svg = String::new();
    // Writing to a string does not fail.
    let _ = write!(
        svg,
        "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{title}\">\n<title>{title}</title>\n"
    );
    for (index, bar) in bars.iter().enumerate() {
        let y = ROW * index as f64 + 4.0;
        let text = y + ROW / 2.0 + 2.0;
        let class = if bar.reference { "reference" } else { "bar" };
        let length = (bar.value * scale).max(0.0);
        let _ = write!(
            svg,
            "<text x=\"{:.0}\" y=\"{text:.0}\" text-anchor=\"end\">{}</text>\n\
             <rect class=\"{class}\" x=\"{LEFT}\" y=\"{y:.0}\" width=\"{length:.1}\" height=\"{:.0}\" rx=\"2\"/>\n\
             <text x=\"{:.1}\" y=\"{text:.0}\">{:.2}</text>\n",
            LEFT - 8.0,
            escape(&bar.label),
            ROW - 7.0,
            LEFT + length + 6.0,
            bar.value
        );
    }
    let x = LEFT + goal * scale;
    let foot = height - 26.0;
    let _ = write!(
        svg,
        "<line class=\"goal\" x1=\"{x:.1}\" y1=\"0\" x2=\"{x:.1}\" y2=\"{foot:.0}\"/>\n\
         <text x=\"{x:.1}\" y=\"{:.0}\" text-anchor=\"middle\">{goal}</text>\n</svg>\n",
        foot + 18.0
    );
    svg
}

/// Text inside HTML.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
