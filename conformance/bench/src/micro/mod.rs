//! The kit's parts beside the crates one would use instead: `bench micro [GROUP]...`.
//!
//! Every sample is a process of its own, which this program starts from itself with `--sample`; the subjects
//! of a case take turns, and their medians are compared. The kit's own subject comes first in each case.
//!
//! | file | group |
//! |---|---|
//! | `locks` | locks of objects against `std` and `parking_lot` |
//!
//! A new group is a file with a [`Group`], listed in [`GROUPS`].

mod locks;

use crate::stats::Series;
use std::fmt::Write;
use std::process::Command;
use std::{env, fs};

/// What one can measure.
const GROUPS: &[Group] = &[locks::GROUP];

/// Cases about one thing.
pub struct Group {
    /// What the command line calls it.
    pub name: &'static str,
    /// What is measured.
    pub cases: &'static [Case],
}

/// One thing to do, and who can do it.
pub struct Case {
    /// What is done.
    pub name: &'static str,
    /// The kit, then its rivals.
    pub subjects: &'static [Subject],
}

/// One way to do it.
pub struct Subject {
    /// Whose.
    pub name: &'static str,
    /// Takes a sample: nanoseconds for doing it once.
    pub sample: fn() -> f64,
}

/// What `bench micro --help` prints.
const HELP: &str = "\
Measures parts of the kit beside the crates one would use instead.

Usage: bench micro [OPTIONS] [GROUP]...

  --runs N          samples of each  [9]
  --markdown FILE   write the report there too
  --help            this text
";

/// Runs the subcommand.
///
/// # Errors
/// The command line cannot be understood, or a sample failed; says why.
pub fn run(arguments: &[String]) -> Result<(), String> {
    if let [flag, group, case, subject] = arguments
        && flag == "--sample"
    {
        return sample_here(group, case, subject);
    }
    let (mut runs, mut file, mut groups) = (9, None, Vec::new());
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--help" => {
                print!("{HELP}");
                return Ok(());
            }
            "--runs" => {
                runs = arguments
                    .next()
                    .and_then(|value| value.parse().ok())
                    .filter(|runs| *runs > 0)
                    .ok_or("--runs needs a number")?;
            }
            "--markdown" => file = Some(arguments.next().ok_or("--markdown needs a value")?),
            name => groups.push(
                GROUPS
                    .iter()
                    .find(|group| group.name == name)
                    .ok_or_else(|| format!("there is no group {name}"))?,
            ),
        }
    }
    if groups.is_empty() {
        groups.extend(GROUPS);
    }
    let mut report = String::new();
    for group in groups {
        measure(group, runs, &mut report)?;
    }
    print!("{report}");
    match file {
        Some(file) => fs::write(file, &report).map_err(|error| format!("{file}: {error}")),
        None => Ok(()),
    }
}

/// Takes one sample in this process and prints it.
fn sample_here(group: &str, case: &str, subject: &str) -> Result<(), String> {
    let found = GROUPS
        .iter()
        .filter(|g| g.name == group)
        .flat_map(|g| g.cases)
        .filter(|c| c.name == case)
        .flat_map(|c| c.subjects)
        .find(|s| s.name == subject)
        .ok_or("there is no such subject")?;
    println!("{}", (found.sample)());
    Ok(())
}

fn measure(group: &Group, runs: usize, report: &mut String) -> Result<(), String> {
    let _ = writeln!(report, "## {}\n", group.name);
    for case in group.cases {
        let mut series = vec![Series::default(); case.subjects.len()];
        for _ in 0..runs {
            for (subject, series) in case.subjects.iter().zip(&mut series) {
                series.push(sample_apart(group, case, subject)?);
            }
        }
        let kit = series[0].median();
        let _ = writeln!(report, "| {} | ns | spread | kit against it |", case.name);
        let _ = writeln!(report, "|---|---:|---:|---:|");
        for (subject, series) in case.subjects.iter().zip(&series) {
            let median = series.median();
            let _ = writeln!(
                report,
                "| {} | {median:.1} | {:.0} % | {:.2} |",
                subject.name,
                series.spread() * 100.0,
                kit / median,
            );
        }
        report.push('\n');
    }
    Ok(())
}

/// Takes one sample in a process of its own.
fn sample_apart(group: &Group, case: &Case, subject: &Subject) -> Result<f64, String> {
    let which = [group.name, case.name, subject.name];
    let failed = |why: &str| format!("{}: {why}", which.join(", "));
    let program = env::current_exe().map_err(|error| failed(&error.to_string()))?;
    let output = Command::new(program)
        .args(["micro", "--sample"])
        .args(which)
        .output()
        .map_err(|error| failed(&error.to_string()))?;
    String::from_utf8_lossy(&output.stdout)
        .trim()
        .parse()
        .map_err(|_| failed(&String::from_utf8_lossy(&output.stderr)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_every_case_has_a_rival() {
        for group in GROUPS {
            assert_eq!(GROUPS.iter().filter(|g| g.name == group.name).count(), 1);
            for case in group.cases {
                assert!(case.subjects.len() > 1, "{}", case.name);
                let named = |name| case.subjects.iter().filter(|s| s.name == name).count();
                assert!(case.subjects.iter().all(|s| named(s.name) == 1));
            }
        }
    }
}
