//! Single operations of the language beside CPython: `bench operations [NAME]...`.
//!
//! Every sample is a process of its own, which runs each operation of `operations.py` many times in a loop and prints
//! its processor time a round; the interpreters take turns.

use crate::clock;
use crate::compare::progress;
use crate::machine::Machine;
use crate::options::{self, Options};
use crate::stats::{Series, geometric_mean};
use std::ffi::OsString;
use std::fmt::Write;
use std::path::Path;

/// What `--help` prints.
pub const HELP: &str = "\
Measures single operations: calls, attributes, items, iteration.

Usage: bench operations [--kit PATH] [--cpython PATH] [--alone] [--runs N] [--markdown FILE] [NAME]...

NAMEs are functions of conformance/bench/operations.py; all, if none is given.
";

/// How many of the operations, the first ones, have a goal: at least as fast each, 1.3 times as fast in the mean.
const WITH_GOAL: usize = 12;

struct Row {
    name: String,
    kit: Series,
    cpython: Series,
}

impl Row {
    fn ratio(&self) -> Option<f64> {
        (!self.cpython.is_empty()).then(|| self.cpython.median() / self.kit.median())
    }
}

/// Measures and prints.
///
/// # Errors
/// The command line cannot be understood, or a run failed; says which.
pub fn run(arguments: &[String]) -> Result<(), String> {
    let Some(options) = options::parse(arguments.iter().cloned())? else {
        print!("{HELP}");
        return Ok(());
    };
    let mut rows: Vec<Row> = Vec::new();
    let mut interpreters: Vec<(&Path, bool)> = vec![(&options.kit, true)];
    interpreters.extend(options.cpython.as_deref().map(|cpython| (cpython, false)));
    let bar = progress(options.runs * interpreters.len());
    for _ in 0..options.runs {
        for (interpreter, is_kit) in &interpreters {
            for (name, nanoseconds) in sample(&options, interpreter)? {
                let index = rows.iter().position(|row| row.name == name);
                let index = index.unwrap_or_else(|| {
                    rows.push(Row {
                        name,
                        kit: Series::default(),
                        cpython: Series::default(),
                    });
                    rows.len() - 1
                });
                let row = &mut rows[index];
                let series = if *is_kit {
                    &mut row.kit
                } else {
                    &mut row.cpython
                };
                series.push(nanoseconds);
            }
            bar.inc(1);
        }
        interpreters.reverse();
    }
    bar.finish_and_clear();
    let text = report(&options, &rows);
    print!("{text}");
    match &options.markdown {
        Some(path) => std::fs::write(path, &text).map_err(|e| format!("{}: {e}", path.display())),
        None => Ok(()),
    }
}

/// The operations and the nanoseconds each took, as one process says.
fn sample(options: &Options, interpreter: &Path) -> Result<Vec<(String, f64)>, String> {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("operations.py");
    let mut arguments: Vec<OsString> = vec![program.into()];
    arguments.extend(options.names.iter().map(OsString::from));
    let sample = clock::run(interpreter, &arguments, options.limit)?;
    let text = String::from_utf8_lossy(&sample.output);
    let parsed = text.lines().map(|line| {
        let (name, time) = line.split_once(' ')?;
        Some((name.to_owned(), time.parse().ok()?))
    });
    let found: Option<Vec<(String, f64)>> = parsed.collect();
    found
        .filter(|found| !found.is_empty())
        .ok_or_else(|| format!("{} printed: {text}", interpreter.display()))
}

fn report(options: &Options, rows: &[Row]) -> String {
    let machine = Machine::look(options.cpython.as_deref());
    let (processor, commit) = (&machine.processor, &machine.commit);
    let cpython = machine.cpython.as_deref().unwrap_or("none");
    let mut text = format!(
        "Commit {commit}, {processor}, CPython {cpython}.\n\n| operation | kit-python, ns | spread | CPython, ns | spread | times as fast |\n\
         |---|--:|--:|--:|--:|--:|\n"
    );
    let percent = |series: &Series| format!("{:.0} %", series.spread() * 100.0);
    for row in rows {
        let name = row.name.replace('_', " ");
        let (kit, spread) = (row.kit.median(), percent(&row.kit));
        let _ = write!(text, "| {name} | {kit:.1} | {spread} |");
        let _ = match row.ratio() {
            Some(ratio) => {
                let (cpython, spread) = (row.cpython.median(), percent(&row.cpython));
                writeln!(text, " {cpython:.1} | {spread} | {ratio:.2} |")
            }
            None => writeln!(text, " | | |"),
        };
    }
    let mean = |rows: &[Row]| geometric_mean(rows.iter().filter_map(Row::ratio));
    if options.names.is_empty()
        && rows.len() > WITH_GOAL
        && let (Some(first), Some(all)) = (mean(&rows[..WITH_GOAL]), mean(rows))
    {
        let _ = writeln!(
            text,
            "\nGeometric mean of the first {WITH_GOAL}: **{first:.2}** times as fast as CPython; of all: {all:.2}."
        );
    }
    text
}
