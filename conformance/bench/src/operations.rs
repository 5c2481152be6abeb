//! Single operations of the language beside CPython: `bench operations [NAME]...`.
//!
//! `operations.py` runs each of them many times in a loop and prints its processor time a round.

use crate::columns::{self, Column, Row};
use crate::machine::Machine;
use crate::options;
use crate::stats::geometric_mean;
use std::fmt::Write;

/// What `--help` prints.
pub const HELP: &str = "\
Measures single operations: calls, attributes, items, iteration.

Usage: bench operations [--kit PATH] [--cpython PATH] [--alone] [--runs N] [--markdown FILE] [NAME]...

NAMEs are functions of conformance/bench/operations.py; all, if none is given.
";

/// How many of the operations, the first ones, have a goal: at least as fast each, 1.3 times as fast in the mean.
const WITH_GOAL: usize = 12;

/// Measures and prints.
///
/// # Errors
/// The command line cannot be understood, or a run failed; says which.
pub fn run(arguments: &[String]) -> Result<(), String> {
    let Some(options) = options::parse(arguments.iter().cloned())? else {
        print!("{HELP}");
        return Ok(());
    };
    let mut interpreters = vec![Column::new(&options.kit)];
    interpreters.extend(options.cpython.as_deref().map(Column::new));
    let rows = columns::measure(&options, "operations.py", &interpreters)?;
    let machine = Machine::look(options.cpython.as_deref());
    let all = options.names.is_empty();
    columns::publish(&options, &report(&machine, &rows, all))
}

fn report(machine: &Machine, rows: &[Row], all: bool) -> String {
    let mut text = format!(
        "{}\n\n| operation | kit-python, ns | spread | CPython, ns | spread | times as fast |\n\
         |---|--:|--:|--:|--:|--:|\n",
        machine.line()
    );
    for row in rows {
        let _ = write!(text, "| {} |", row.name.replace('_', " "));
        for series in &row.series {
            let (median, spread) = (series.median(), series.spread() * 100.0);
            let _ = write!(text, " {median:.1} | {spread:.0} % |");
        }
        let _ = match row.times(1, 0) {
            Some(ratio) => writeln!(text, " {ratio:.2} |"),
            None => writeln!(text, " | | |"),
        };
    }
    let mean = |rows: &[Row]| geometric_mean(rows.iter().filter_map(|row| row.times(1, 0)));
    if all
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
