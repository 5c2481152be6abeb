//! What collecting costs beside CPython: `bench pauses [NAME]...`.
//!
//! `pauses.py` makes a million objects of each sort and prints how long a collection keeps the program waiting, by the
//! clock. `kit-python` takes part twice: with one thread that marks, and with two.

use crate::columns::{self, Column, Row};
use crate::machine::Machine;
use crate::options;
use std::fmt::Write;

/// What `--help` prints.
pub const HELP: &str = "\
Measures how long collections stop a program, and what they cost one that grows.

Usage: bench pauses [--kit PATH] [--cpython PATH] [--alone] [--runs N] [--markdown FILE] [NAME]...

NAMEs are functions of conformance/bench/pauses.py; all, if none is given.
";

/// The columns.
const ONE: usize = 0;
const TWO: usize = 1;
const CPYTHON: usize = 2;

/// What is wanted of a row, by how its name begins.
const GOALS: &[(&str, &str)] = &[
    ("alive", "5 times less; 1.8 with two"),
    ("freed", "3 times less"),
    ("young", "below 1 ms"),
    ("growing", "1.3 times the next row"),
];

/// Measures and prints.
///
/// # Errors
/// The command line cannot be understood, or a run failed; says which.
pub fn run(arguments: &[String]) -> Result<(), String> {
    let Some(options) = options::parse(arguments.iter().cloned())? else {
        print!("{HELP}");
        return Ok(());
    };
    let with_threads = |threads: &str| Column {
        options: vec!["-X".into(), format!("gc-threads={threads}").into()],
        ..Column::new(&options.kit)
    };
    let mut interpreters = vec![with_threads("1"), with_threads("2")];
    interpreters.extend(options.cpython.as_deref().map(Column::new));
    let rows = columns::measure(&options, "pauses.py", &interpreters)?;
    let machine = Machine::look(options.cpython.as_deref());
    columns::publish(&options, &report(&machine, &rows))
}

fn report(machine: &Machine, rows: &[Row]) -> String {
    let mut text = format!(
        "{}\n\n| milliseconds | one thread marks | spread | two threads mark | spread | CPython | spread | times less | with two times less | goal |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|--:|---|\n",
        machine.line()
    );
    for row in rows {
        let _ = write!(text, "| {} |", row.name.replace('_', " "));
        for column in ONE..=CPYTHON {
            let _ = match row.series.get(column) {
                Some(series) => {
                    let (median, spread) = (series.median(), series.spread() * 100.0);
                    write!(text, " {median:.2} | {spread:.0} % |")
                }
                None => write!(text, " | |"),
            };
        }
        for ratio in [row.times(CPYTHON, ONE), row.times(ONE, TWO)] {
            let _ = match ratio {
                Some(ratio) => write!(text, " {ratio:.2} |"),
                None => write!(text, " |"),
            };
        }
        let goal = GOALS.iter().find(|(start, _)| row.name.starts_with(start));
        let _ = writeln!(text, " {} |", goal.map_or("", |(_, goal)| goal));
    }
    text
}
