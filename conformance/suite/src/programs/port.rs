//! All programs on a port: a test that is the interpreter itself, and starts itself for each program.

use std::{env, ffi::OsString, process::ExitCode, time::Duration};

use super::{Interpreter, Program, Ran, all, gaps, two_at_a_time};

/// For how long a program may run.
const LIMIT: Duration = Duration::from_secs(300);

/// What names the port to a process that is to run a program.
const PORT: &str = "KIT_SUITE_PORT";

/// An interpreter on a heap of somebody's own.
#[derive(Clone, Copy, Debug)]
pub struct Port {
    name: &'static str,
    run: fn(Vec<OsString>) -> i32,
    runs_out: bool,
}

impl Port {
    /// A port: its name, and how to run what a command line says, whose first word is the interpreter's name. The result
    /// is the exit status.
    pub const fn new(name: &'static str, run: fn(Vec<OsString>) -> i32) -> Self {
        Self {
            name,
            run,
            runs_out: false,
        }
    }

    /// A port that does not use again what is freed: programs may end with MemoryError that do not elsewhere. They are
    /// counted, and are no failures.
    #[must_use]
    pub const fn that_runs_out(self) -> Self {
        Self {
            runs_out: true,
            ..self
        }
    }
}

/// How a program went.
enum Outcome {
    AsExpected,
    KnownGap,
    RanOut,
    /// A file that it reads is not here.
    Missing,
    Differs(String),
}

/// The `main` function of a test without a harness: runs the programs on each port, or on those whose name contains one of
/// the test's arguments; `KIT_PROGRAMS` chooses programs. In a process that it has started itself, it runs one program.
///
/// # Panics
/// When the programs are not where they belong.
pub fn main(ports: &[Port]) -> ExitCode {
    if let Some(name) = env::var_os(PORT) {
        let port = ports.iter().find(|port| name == port.name);
        let port = port.expect("a port that this test has named");
        std::process::exit((port.run)(env::args_os().collect()));
    }
    // A harness would have options too.
    let wanted: Vec<String> = env::args()
        .skip(1)
        .filter(|it| !it.starts_with('-'))
        .collect();
    let is_wanted = |port: &&Port| {
        wanted.is_empty() || wanted.iter().any(|part| port.name.contains(part.as_str()))
    };
    let mut ok = true;
    for port in ports.iter().filter(is_wanted) {
        ok &= port.passes();
    }
    if ok {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

impl Port {
    /// Runs the programs and says how they went.
    fn passes(&self) -> bool {
        let path = env::current_exe().expect("a test is a file");
        let programs = all(&Interpreter::new(path).variable(PORT, self.name));
        let gaps = gaps();
        let outcomes = two_at_a_time(&programs, |program| {
            self.outcome(program, gaps.contains_key(&program.name))
        });
        let count = |is: fn(&Outcome) -> bool| outcomes.iter().filter(|it| is(it)).count();
        for (program, outcome) in programs.iter().zip(&outcomes) {
            if let Outcome::Differs(problem) = outcome {
                eprintln!("{}\n", self.broken(&program.name, problem));
            }
        }
        let differ = count(|it| matches!(it, Outcome::Differs(_)));
        println!(
            "port {}: {} programs, {} as expected, {differ} not, {} out of memory, {} known gaps, {} without their file",
            self.name,
            programs.len(),
            count(|it| matches!(it, Outcome::AsExpected)),
            count(|it| matches!(it, Outcome::RanOut)),
            count(|it| matches!(it, Outcome::KnownGap)),
            count(|it| matches!(it, Outcome::Missing)),
        );
        differ == 0 && !programs.is_empty()
    }

    fn outcome(&self, program: &Program, is_gap: bool) -> Outcome {
        if program.lacks().is_some() {
            return Outcome::Missing;
        }
        let ran = program.run(&[], LIMIT);
        let runs_out = self.runs_out && ran.as_ref().is_ok_and(Ran::lacked_memory);
        match ran.and_then(|ran| program.judge(&ran)) {
            Ok(()) => Outcome::AsExpected,
            Err(_) if is_gap => Outcome::KnownGap,
            Err(_) if runs_out => Outcome::RanOut,
            Err(problem) => Outcome::Differs(problem),
        }
    }

    fn broken(&self, program: &str, problem: &str) -> String {
        format!(
            "law `programs` is broken by {}: {program}: {problem}\n\
             what to do: run the laws of heaps and page sources first, `port_suite!`, which find the same with less around it; \
             then this program alone, KIT_PROGRAMS={program}; and see whether it fails on `kit-python` as well\n\
             where to read: `kit_suite::programs`, and docs/book/src/porting-suite.md",
            self.name
        )
    }
}
