//! The kit's parts beside the crates one would use instead: `bench micro [GROUP]...`.
//!
//! Every sample is a process of its own, which this program starts from itself with `--sample`; the subjects
//! of a case take turns, and their medians are compared. The kit's own subject comes first in each case.
//!
//! | file | what |
//! |---|---|
//! | `references` | group: counts, stack references and weak references against `Rc`, `Arc` and `triomphe` |
//! | `locks` | group: locks of objects and sections against `std` and `parking_lot` |
//! | `reclaim` | group: quiescent states and cells against `crossbeam-epoch` and `seize`; group `held`: what they hold back |
//! | `company` | the runtime they are measured in |
//! | `report` | the tables and pictures |
//!
//! A new group is a file with a [`Group`], listed in [`GROUPS`]. [`run`] also measures the groups of other
//! subcommands, which are a [`Suite`] each.

mod company;
mod locks;
mod reclaim;
mod references;
mod report;

use crate::compare::progress;
use crate::count::{self, Work};
use crate::machine::Machine;
use crate::stats::Series;
use indicatif::ProgressBar;
use rustix::time::{ClockId, clock_gettime};
use std::process::Command;
use std::time::Duration;
use std::{env, fs};

/// What one can measure.
const GROUPS: &[Group] = &[
    references::GROUP,
    locks::GROUP,
    reclaim::GROUP,
    reclaim::HELD,
];

/// A subcommand.
pub struct Suite {
    /// What the command line calls it.
    pub name: &'static str,
    /// What `--help` prints.
    pub help: &'static str,
    /// What one can measure.
    pub groups: &'static [Group],
}

/// `bench micro`.
pub const SUITE: Suite = Suite {
    name: "micro",
    help: HELP,
    groups: GROUPS,
};

/// Cases about one thing.
pub struct Group {
    /// What the command line calls it.
    pub name: &'static str,
    /// What samples are: nanoseconds, for most.
    pub unit: &'static str,
    /// What is measured.
    pub cases: &'static [Case],
}

/// One thing to do, and who can do it.
pub struct Case {
    /// What is done.
    pub name: &'static str,
    /// Whether a round is the same work each time, so that its instructions can be counted.
    pub exact: bool,
    /// The kit, then its rivals.
    pub subjects: &'static [Subject],
    /// How much the kit may take.
    pub limit: Option<f64>,
}

/// One way to do it.
pub struct Subject {
    /// Whose.
    pub name: &'static str,
    /// Takes a sample: does it so many times, unless time is the limit; what doing it once takes, in the group's unit.
    pub sample: fn(usize) -> f64,
    /// How many times as long the kit may take.
    pub goal: Option<f64>,
}

impl Subject {
    /// A way to do it.
    pub const fn new(name: &'static str, sample: fn(usize) -> f64) -> Subject {
        Subject {
            name,
            sample,
            goal: None,
        }
    }

    /// The kit may take so many times as long.
    pub const fn at_most(mut self, goal: f64) -> Subject {
        self.goal = Some(goal);
        self
    }
}

/// How often a subject does it for a sample.
const ROUNDS: usize = 5_000_000;
/// How often for a count: the difference of two counts is that many rounds.
const COUNTED: usize = 64_000;

/// Nanoseconds for doing `body` once, of `rounds` times: of this thread's processor time, so that it is the same on a
/// machine that has other things to do.
#[inline(always)]
pub fn each(rounds: usize, mut body: impl FnMut()) -> f64 {
    let mut start = Duration::ZERO;
    // Some to get warm first. The body stands here once, so that it is compiled into the loop.
    for rounds in [rounds / 8, rounds] {
        start = processor_time();
        for _ in 0..rounds {
            body();
        }
    }
    (processor_time() - start).as_nanos() as f64 / rounds as f64
}

/// How long this thread has run.
pub fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// What was measured of a group.
pub(super) struct Measured {
    group: &'static Group,
    /// By case, by subject.
    results: Vec<(&'static Case, Vec<Taken>)>,
}

/// What was measured of a subject.
#[derive(Default)]
struct Taken {
    times: Series,
    /// Of one round.
    work: Option<[f64; 3]>,
}

/// What `bench micro --help` prints.
const HELP: &str = "\
Measures parts of the kit beside the crates one would use instead.

Usage: bench micro [OPTIONS] [GROUP]...

GROUPs are references, locks, reclaim and held. All, if none is given.

  --runs N          samples of each  [9]
  --only TEXT       cases with that in their names
  --count           count the instructions of a round too, and its reads and writes of memory (needs valgrind)
  --markdown FILE   write the report there too
  --html FILE       the same with pictures
  --help            this text
";

/// Runs the subcommand.
///
/// # Errors
/// The command line cannot be understood, or a sample failed; says why.
pub fn run(suite: &Suite, arguments: &[String]) -> Result<(), String> {
    if let [flag, group, case, subject, rounds] = arguments
        && flag == "--sample"
    {
        return sample_here(suite, group, case, subject, rounds);
    }
    let (mut runs, mut count) = (9, false);
    let (mut markdown, mut html) = (None, None);
    let mut only = "";
    let mut groups: Vec<&'static Group> = Vec::new();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut value = || {
            rest.next()
                .ok_or_else(|| format!("{argument} needs a value"))
        };
        match argument.as_str() {
            "--help" => {
                print!("{}", suite.help);
                return Ok(());
            }
            "--runs" => {
                runs = value()?
                    .parse()
                    .ok()
                    .filter(|runs| *runs > 0)
                    .ok_or("--runs needs a number")?;
            }
            "--count" => count = true,
            "--only" => only = value()?,
            "--markdown" => markdown = Some(value()?),
            "--html" => html = Some(value()?),
            name => groups.push(
                (suite.groups.iter())
                    .find(|group| group.name == name)
                    .ok_or_else(|| format!("there is no group {name}"))?,
            ),
        }
    }
    if groups.is_empty() {
        groups.extend(suite.groups);
    }
    let cases = |group: &'static Group| {
        let cases = group.cases.iter();
        cases.filter(|case| case.name.contains(only))
    };
    let subjects = groups.iter().flat_map(|group| cases(group));
    let bar = progress(subjects.map(|case| case.subjects.len()).sum());
    let mut measured = Vec::new();
    for group in groups {
        measured.push(Measured {
            group,
            results: cases(group)
                .map(|case| Ok((case, measure(suite, group, case, runs, count, &bar)?)))
                .collect::<Result<_, String>>()?,
        });
    }
    bar.finish_and_clear();
    let report = report::Report {
        machine: Machine::look(None),
        command: format!("{} {}", suite.name, arguments.join(" ")),
        runs,
        measured,
    };
    let text = report::markdown(&report);
    print!("{text}");
    let save = |file: Option<&String>, text: &str| match file {
        Some(file) => fs::write(file, text).map_err(|error| format!("{file}: {error}")),
        None => Ok(()),
    };
    save(markdown, &text)?;
    save(html, &report::html(&report))
}

/// Takes one sample in this process and prints it.
fn sample_here(
    suite: &Suite,
    group: &str,
    case: &str,
    subject: &str,
    rounds: &str,
) -> Result<(), String> {
    let rounds = rounds.parse().map_err(|_| "not a number of rounds")?;
    let found = (suite.groups.iter())
        .filter(|g| g.name == group)
        .flat_map(|g| g.cases)
        .filter(|c| c.name == case)
        .flat_map(|c| c.subjects)
        .find(|s| s.name == subject)
        .ok_or("there is no such subject")?;
    println!("{}", (found.sample)(rounds));
    Ok(())
}

/// The subjects of a case, in turns.
fn measure(
    suite: &Suite,
    group: &Group,
    case: &Case,
    runs: usize,
    count: bool,
    bar: &ProgressBar,
) -> Result<Vec<Taken>, String> {
    bar.set_message(case.name);
    let mut taken: Vec<Taken> = case.subjects.iter().map(|_| Taken::default()).collect();
    for _ in 0..runs {
        for (subject, taken) in case.subjects.iter().zip(&mut taken) {
            taken.times.push(sample_apart(suite, group, case, subject)?);
        }
    }
    for (subject, taken) in case.subjects.iter().zip(&mut taken) {
        if count && case.exact {
            match count_apart(suite, group, case, subject) {
                Ok(work) => taken.work = Some(work),
                // Not every rival runs under valgrind.
                Err(why) => bar.println(format!("not counted: {why}")),
            }
        }
        bar.inc(1);
    }
    Ok(taken)
}

/// What this program is told to take a sample.
fn arguments(
    suite: &Suite,
    group: &Group,
    case: &Case,
    subject: &Subject,
    rounds: usize,
) -> [String; 6] {
    let which = [group.name, case.name, subject.name].map(str::to_owned);
    let [group, case, subject] = which;
    let command = [suite.name, "--sample"].map(str::to_owned);
    let [suite, sample] = command;
    [suite, sample, group, case, subject, rounds.to_string()]
}

/// Takes one sample in a process of its own.
fn sample_apart(
    suite: &Suite,
    group: &Group,
    case: &Case,
    subject: &Subject,
) -> Result<f64, String> {
    let failed = |why: &str| format!("{}, {}: {why}", case.name, subject.name);
    let program = env::current_exe().map_err(|error| failed(&error.to_string()))?;
    let output = Command::new(program)
        .args(arguments(suite, group, case, subject, ROUNDS))
        .output()
        .map_err(|error| failed(&error.to_string()))?;
    String::from_utf8_lossy(&output.stdout)
        .trim()
        .parse()
        .map_err(|_| failed(&String::from_utf8_lossy(&output.stderr)))
}

/// Counts the instructions, reads and writes of one round: the difference between few rounds and many, in
/// which starting and ending are left out.
fn count_apart(
    suite: &Suite,
    group: &Group,
    case: &Case,
    subject: &Subject,
) -> Result<[f64; 3], String> {
    let failed = |why: String| format!("{}, {}: {why}", case.name, subject.name);
    let program = env::current_exe().map_err(|error| failed(error.to_string()))?;
    let count = |rounds| {
        let arguments = arguments(suite, group, case, subject, rounds).map(Into::into);
        count::work(&program, &arguments, Duration::from_secs(10)).map_err(failed)
    };
    let (few, many) = (count(COUNTED)?, count(2 * COUNTED)?);
    // Warming up is an eighth more.
    let rounds = (COUNTED + COUNTED / 8) as f64;
    let part = |which: fn(&Work) -> u64| (which(&many) as f64 - which(&few) as f64) / rounds;
    Ok([
        part(|work| work.instructions),
        part(|work| work.reads),
        part(|work| work.writes),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heap;

    fn groups() -> impl Iterator<Item = &'static Group> {
        GROUPS.iter().chain(heap::SUITE.groups)
    }

    #[test]
    fn names_are_unique_and_every_case_has_a_rival() {
        for group in groups() {
            assert_eq!(groups().filter(|g| g.name == group.name).count(), 1);
            for case in group.cases {
                assert!(case.subjects.len() > 1, "{}", case.name);
                let cases = group.cases.iter().filter(|c| c.name == case.name);
                assert_eq!(cases.count(), 1, "{}", case.name);
                let named = |name| case.subjects.iter().filter(|s| s.name == name).count();
                assert!(case.subjects.iter().all(|s| named(s.name) == 1));
            }
        }
    }

    #[test]
    fn every_subject_gives_a_time() {
        for case in groups().flat_map(|group| group.cases) {
            for subject in case.subjects {
                let time = (subject.sample)(640);
                assert!(
                    time.is_finite() && time > 0.0,
                    "{}, {}",
                    case.name,
                    subject.name
                );
            }
        }
    }
}
