//! Runs the sample programs, several at a time, and writes a page that says by section which of them do what CPython does.
//!
//! | file      | what                                        |
//! |-----------|---------------------------------------------|
//! | `options` | the command line                            |
//! | `page`    | what came of it, as HTML                    |
//!
//! How one is run and compared is [`kit_suite::programs`].

mod options;
mod page;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use kit_suite::programs::{self, Interpreter, Program};
use options::{HELP, Options};
use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(message) => {
            eprintln!("report: {message}\nTry --help.");
            return ExitCode::from(2);
        }
    };
    match report(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("report: {message}");
            ExitCode::from(2)
        }
    }
}

/// What came of a program.
#[derive(Clone, PartialEq, Eq)]
enum Verdict {
    Passed,
    /// It fails, and `gaps.toml` says why.
    Gap(String),
    /// It passes, and `gaps.toml` says that it does not.
    Closed,
    Failed(String),
}

/// A program that was run.
struct Ran {
    name: String,
    verdict: Verdict,
    took: Duration,
}

/// Programs of a section.
#[derive(Clone, Copy, Default)]
struct Tally {
    passed: usize,
    gaps: usize,
    failed: usize,
}

impl Tally {
    fn add(&mut self, verdict: &Verdict) {
        match verdict {
            Verdict::Passed => self.passed += 1,
            Verdict::Gap(_) => self.gaps += 1,
            Verdict::Closed | Verdict::Failed(_) => self.failed += 1,
        }
    }

    fn all(self) -> usize {
        self.passed + self.gaps + self.failed
    }
}

/// The section that a program belongs to.
fn section(name: &str) -> &str {
    name.split('/').next().unwrap_or(name)
}

fn report(options: &Options) -> Result<bool, String> {
    let python = match &options.python {
        // Programs run in their own folder.
        Some(python) => std::path::absolute(python).map_err(|error| error.to_string())?,
        None => built()?,
    };
    check_works(&python)?;
    let mut all = programs::all(&Interpreter::new(&python));
    all.retain(|program| program.name.contains(&options.filter));
    if all.is_empty() {
        return Err(format!("no program has {:?} in its name", options.filter));
    }
    let began = Instant::now();
    let ran = run(&all, options);
    let mut sections: BTreeMap<&str, Tally> = BTreeMap::new();
    let mut total = Tally::default();
    for program in &ran {
        sections
            .entry(section(&program.name))
            .or_default()
            .add(&program.verdict);
        total.add(&program.verdict);
    }
    println!("{:<12} programs  pass  gaps  fail", "section");
    for (name, tally) in sections.iter().chain([(&"all", &total)]) {
        let Tally {
            passed,
            gaps,
            failed,
        } = tally;
        let all = tally.all();
        println!("{name:<12} {all:>8} {passed:>5} {gaps:>5} {failed:>5}");
    }
    for program in &ran {
        match &program.verdict {
            Verdict::Failed(problem) => println!("\n{}: {problem}", program.name),
            Verdict::Closed => println!(
                "\n{}: passes now: remove its entry from gaps.toml",
                program.name
            ),
            Verdict::Passed | Verdict::Gap(_) => {}
        }
    }
    let page = page::page(&ran, &sections, total, &python, began.elapsed());
    if let Some(folder) = options.out.parent() {
        std::fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    }
    std::fs::write(&options.out, page).map_err(|e| format!("{}: {e}", options.out.display()))?;
    println!("\n{}", options.out.display());
    Ok(total.failed == 0)
}

/// Builds `kit-python`, in the profile that this program was built in; where it is then.
fn built() -> Result<PathBuf, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(&cargo);
    command.args([
        "build",
        "--quiet",
        "--package",
        "kit-python",
        "--manifest-path",
    ]);
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.toml"));
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    eprintln!("building kit-python");
    let status = command
        .status()
        .map_err(|e| format!("cannot run {}: {e}", cargo.display()))?;
    if !status.success() {
        return Err("kit-python does not build; --python PATH names one that is built".into());
    }
    let here = std::env::current_exe().map_err(|e| e.to_string())?;
    Ok(here.with_file_name("kit-python"))
}

/// Whether it is an interpreter at all: else every program would fail, each with a reason that is none.
fn check_works(python: &Path) -> Result<(), String> {
    let shown = python.display();
    let output = Command::new(python)
        .args(["-c", "print(6 * 7)"])
        .output()
        .map_err(|e| format!("cannot run {shown}: {e}"))?;
    if output.status.success() && output.stdout == b"42\n" {
        return Ok(());
    }
    Err(format!(
        "{shown} is no working Python: `-c 'print(6 * 7)'` ends with {} and prints {:?}; {}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr).trim_end()
    ))
}

/// Runs the programs, in order of names in the end.
fn run(all: &[Program], options: &Options) -> Vec<Ran> {
    let gaps = programs::gaps();
    let terminal = std::io::stderr().is_terminal();
    let bar = ProgressBar::with_draw_target(Some(all.len() as u64), ProgressDrawTarget::stderr());
    match ProgressStyle::with_template("{bar:40} {pos}/{len} {msg}") {
        Ok(style) if terminal => bar.set_style(style),
        _ => bar.set_draw_target(ProgressDrawTarget::hidden()),
    }
    let (next, ended) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let ran = Mutex::new(Vec::with_capacity(all.len()));
    std::thread::scope(|scope| {
        for _ in 0..options.jobs {
            scope.spawn(|| {
                // The numbers alone are shared.
                while let Some(program) = all.get(next.fetch_add(1, Relaxed)) {
                    bar.set_message(program.name.clone());
                    let began = Instant::now();
                    let result = program.check(options.timeout);
                    let verdict = match (result, gaps.get(&program.name)) {
                        (Ok(()), None) => Verdict::Passed,
                        (Ok(()), Some(_)) => Verdict::Closed,
                        (Err(_), Some(reason)) => Verdict::Gap(reason.clone()),
                        (Err(problem), None) => Verdict::Failed(problem),
                    };
                    bar.inc(1);
                    let count = ended.fetch_add(1, Relaxed) + 1;
                    if !terminal && (count * 10 / all.len() > (count - 1) * 10 / all.len()) {
                        eprintln!("{count} of {} programs", all.len());
                    }
                    if let Ok(mut ran) = ran.lock() {
                        ran.push(Ran {
                            name: program.name.clone(),
                            verdict,
                            took: began.elapsed(),
                        });
                    }
                }
            });
        }
    });
    bar.finish_and_clear();
    let mut ran = ran.into_inner().unwrap_or_default();
    ran.sort_by(|a, b| a.name.cmp(&b.name));
    ran
}
