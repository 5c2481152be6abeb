//! Programs that time themselves: a row for each thing they measure, a column for each interpreter.
//!
//! Such a program prints a name and a number, a line each. Every sample is a process of its own, and the interpreters
//! take turns, first in one order and then in the other.

use crate::clock;
use crate::compare::progress;
use crate::options::Options;
use crate::stats::Series;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// An interpreter, and its options.
pub struct Column {
    /// The interpreter.
    pub program: PathBuf,
    /// What stands before the program's name on its command line.
    pub options: Vec<OsString>,
}

impl Column {
    /// An interpreter without options.
    pub fn new(program: &Path) -> Self {
        let (program, options) = (program.to_owned(), Vec::new());
        Self { program, options }
    }
}

/// One thing that was measured.
pub struct Row {
    /// What.
    pub name: String,
    /// A series for each column.
    pub series: Vec<Series>,
}

impl Row {
    /// How many times the median of one column is that of another; `None` where there is no such column.
    pub fn times(&self, column: usize, other: usize) -> Option<f64> {
        let [column, other] = [column, other].map(|index| self.series.get(index));
        Some(column?.median() / other?.median())
    }
}

/// Runs the program at `path`, beside this crate's manifest, `options.runs` times in each column.
///
/// # Errors
/// A run failed, or printed something else; says which.
pub fn measure(options: &Options, path: &str, columns: &[Column]) -> Result<Vec<Row>, String> {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let mut rows: Vec<Row> = Vec::new();
    let mut order: Vec<usize> = (0..columns.len()).collect();
    let bar = progress(options.runs * columns.len());
    for _ in 0..options.runs {
        for &column in &order {
            for (name, value) in sample(options, &columns[column], &program)? {
                let index = rows.iter().position(|row| row.name == name);
                let index = index.unwrap_or_else(|| {
                    let series = vec![Series::default(); columns.len()];
                    rows.push(Row { name, series });
                    rows.len() - 1
                });
                rows[index].series[column].push(value);
            }
            bar.inc(1);
        }
        order.reverse();
    }
    bar.finish_and_clear();
    Ok(rows)
}

/// What one process says.
fn sample(
    options: &Options,
    column: &Column,
    program: &Path,
) -> Result<Vec<(String, f64)>, String> {
    let mut arguments = column.options.clone();
    arguments.push(program.into());
    arguments.extend(options.names.iter().map(OsString::from));
    let sample = clock::run(&column.program, &arguments, options.limit)?;
    let text = String::from_utf8_lossy(&sample.output);
    let parsed = text.lines().map(|line| {
        let (name, value) = line.split_once(' ')?;
        Some((name.to_owned(), value.parse().ok()?))
    });
    let found: Option<Vec<(String, f64)>> = parsed.collect();
    found
        .filter(|found| !found.is_empty())
        .ok_or_else(|| format!("{} printed: {text}", column.program.display()))
}

/// Prints a report, and writes it where the options say.
///
/// # Errors
/// The file cannot be written.
pub fn publish(options: &Options, text: &str) -> Result<(), String> {
    print!("{text}");
    match &options.markdown {
        Some(path) => std::fs::write(path, text).map_err(|e| format!("{}: {e}", path.display())),
        None => Ok(()),
    }
}
