//! Runs the workloads of `conformance/bench/programs` under `kit-python`, and under a CPython beside it.
//!
//! Every sample is a process of its own. The interpreters take turns, so what slows the machine down for a
//! while slows all of them, and medians are compared. Every run must print the same as every other.
//!
//! | file | what |
//! |---|---|
//! | `options` | the command line |
//! | `workload` | the programs and their arguments |
//! | `clock` | one run: how long, what it printed |
//! | `count` | instructions executed, by callgrind |
//! | `compare` | one interpreter against the other, in turns |
//! | `scaling` | threads against one thread, and against processes that share nothing |
//! | `stats` | medians and means |
//! | `machine` | what it ran on |
//! | `markdown`, `html`, `svg` | the report |
//! | `micro` | `bench micro`: parts of the kit beside the crates one would use instead |
//! | `heap` | `bench heap`: the heap beside other allocators |
//! | `operations` | `bench operations`: single operations of the language |
//! | `pauses` | `bench pauses`: how long collections stop a program |
//! | `columns` | programs that time themselves, for those two |

mod clock;
mod columns;
mod compare;
mod count;
mod heap;
mod html;
mod machine;
mod markdown;
mod micro;
mod operations;
mod options;
mod pauses;
mod scaling;
mod stats;
mod svg;
mod workload;

use options::Options;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

/// All that was measured.
pub struct Report {
    /// What it ran on.
    pub machine: machine::Machine,
    /// The command line.
    pub command: String,
    /// Samples of each.
    pub runs: usize,
    /// One thread: `kit-python` and CPython.
    pub rows: Vec<compare::Row>,
    /// Several threads.
    pub scaling: Vec<scaling::Row>,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [first, rest @ ..] = &arguments[..]
        && let Some(suite) = [micro::SUITE, heap::SUITE].iter().find(|s| s.name == first)
    {
        let done = match first.as_str() {
            "heap" => heap::run(rest),
            _ => micro::run(suite, rest),
        };
        return match done {
            Ok(()) => ExitCode::SUCCESS,
            Err(message) => {
                eprintln!("{message}\nTry {first} --help.");
                ExitCode::from(2)
            }
        };
    }
    if let [first, rest @ ..] = &arguments[..]
        && let Some(run) = match first.as_str() {
            "operations" => Some(operations::run as fn(&[String]) -> Result<(), String>),
            "pauses" => Some(pauses::run as _),
            _ => None,
        }
    {
        return match run(rest) {
            Ok(()) => ExitCode::SUCCESS,
            Err(message) => {
                eprintln!("{message}");
                ExitCode::FAILURE
            }
        };
    }
    let options = match options::parse(arguments) {
        Ok(Some(options)) => options,
        Ok(None) => {
            print!("{}", options::HELP);
            return ExitCode::SUCCESS;
        }
        Err(message) => {
            eprintln!("{message}\nTry --help.");
            return ExitCode::from(2);
        }
    };
    match run(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// Measures and reports. True when everything ran and printed what it should.
fn run(options: &Options) -> Result<bool, String> {
    let workloads = workload::load(options)?;
    let machine = machine::Machine::look(options.cpython.as_deref());
    let rows = compare::run(options, &workloads);
    let scaling = if options.threads.is_empty() {
        Vec::new()
    } else {
        scaling::run(options, &workloads)
    };
    let report = Report {
        machine,
        command: env::args().skip(1).collect::<Vec<_>>().join(" "),
        runs: options.runs,
        rows,
        scaling,
    };
    let text = markdown::write(&report);
    let shown = if io::stdout().is_terminal() && env::var_os("NO_COLOR").is_none() {
        markdown::colored(&text)
    } else {
        text.clone()
    };
    // A reader that has gone away is no failure of the measurement.
    let _ = io::stdout().write_all(shown.as_bytes());
    if let Some(path) = &options.markdown {
        save(path, &text)?;
    }
    if let Some(path) = &options.html {
        save(path, &html::write(&report))?;
    }
    let failed = |problem: &Option<String>| problem.is_some();
    Ok(!report.rows.iter().any(|row| failed(&row.problem))
        && !report.scaling.iter().any(|row| failed(&row.problem)))
}

fn save(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}
