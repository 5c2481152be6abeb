//! One interpreter against the other: in turns, one program after the other, round by round.

use crate::options::Options;
use crate::stats::Series;
use crate::workload::Workload;
use crate::{clock, count};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::Path;

/// What one program took.
pub struct Row {
    /// The program.
    pub name: String,
    /// `kit-python`.
    pub kit: Series,
    /// CPython; empty when there is none.
    pub cpython: Series,
    /// Instructions of `kit-python`.
    pub instructions: Option<u64>,
    /// What went wrong.
    pub problem: Option<String>,
    /// What the first run printed.
    output: Option<Vec<u8>>,
}

impl Row {
    /// How many times as fast as CPython.
    pub fn ratio(&self) -> Option<f64> {
        let comparable = self.problem.is_none() && !self.kit.is_empty() && !self.cpython.is_empty();
        comparable.then(|| self.cpython.median() / self.kit.median())
    }
}

/// A bar for `steps` runs; nothing is shown where standard error is no terminal.
pub fn progress(steps: usize) -> ProgressBar {
    let bar = ProgressBar::new(steps as u64);
    if let Ok(style) = ProgressStyle::with_template("{pos}/{len} {wide_bar} {eta} left  {msg}") {
        bar.set_style(style);
    }
    bar
}

/// Measures all programs on one thread.
pub fn run(options: &Options, workloads: &[Workload]) -> Vec<Row> {
    let mut rows: Vec<Row> = workloads
        .iter()
        .map(|workload| Row {
            name: workload.name.clone(),
            kit: Series::default(),
            cpython: Series::default(),
            instructions: None,
            problem: None,
            output: None,
        })
        .collect();
    let counted = usize::from(options.instructions);
    let interpreters = 1 + usize::from(options.cpython.is_some());
    let bar = progress(workloads.len() * (options.runs * interpreters + counted));
    for round in 0..options.runs {
        for (workload, row) in workloads.iter().zip(&mut rows) {
            let mut order: Vec<(&Path, bool)> = vec![(&options.kit, true)];
            order.extend(options.cpython.as_deref().map(|cpython| (cpython, false)));
            if round % 2 == 1 {
                order.reverse();
            }
            for (interpreter, is_kit) in order {
                bar.set_message(workload.name.clone());
                if row.problem.is_none() {
                    sample(options, interpreter, workload, is_kit, row);
                }
                bar.inc(1);
            }
        }
    }
    if options.instructions {
        for (workload, row) in workloads.iter().zip(&mut rows) {
            bar.set_message(format!("{}, instructions", workload.name));
            if row.problem.is_none() {
                match count::instructions(&options.kit, &workload.arguments(1), options.limit) {
                    Ok(found) => row.instructions = Some(found),
                    Err(problem) => bar.suspend(|| eprintln!("{}: {problem}", workload.name)),
                }
            }
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    rows
}

fn sample(options: &Options, interpreter: &Path, workload: &Workload, is_kit: bool, row: &mut Row) {
    let who = if is_kit { "kit-python" } else { "CPython" };
    match clock::run(interpreter, &workload.arguments(1), options.limit) {
        Ok(sample) => {
            let series = if is_kit {
                &mut row.kit
            } else {
                &mut row.cpython
            };
            series.push(sample.seconds);
            if *row.output.get_or_insert_with(|| sample.output.clone()) != sample.output {
                row.problem = Some("the outputs differ".to_owned());
            }
        }
        Err(problem) => row.problem = Some(format!("{who}: {problem}")),
    }
}
