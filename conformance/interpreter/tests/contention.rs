//! Repeats the threaded sample programs, two processes side by side.
//!
//! A race shows as a run that differs, crashes or hangs. `KIT_REPEAT` sets how often each runs.

// The parts that other tests use.
#[allow(dead_code)]
mod support;

use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(180);

#[test]
fn threaded_programs_never_differ() {
    let repeat =
        std::env::var("KIT_REPEAT").map_or(50, |n| n.parse().expect("KIT_REPEAT is a number"));
    let gaps = support::gaps();
    let mut programs = support::programs();
    programs.retain(|p| p.name.starts_with("threads/") && !gaps.contains_key(&p.name));

    let mut failures = Vec::new();
    for program in &programs {
        let runs: Vec<usize> = (1..=repeat).collect();
        let results = support::two_at_a_time(&runs, |_| program.check(LIMIT));
        let bad: Vec<_> = runs
            .iter()
            .zip(&results)
            .filter_map(|(run, r)| Some((run, r.as_ref().err()?)))
            .collect();
        if let Some((run, problem)) = bad.first() {
            let name = &program.name;
            failures.push(format!(
                "{name}: {} of {repeat} runs, first run {run}: {problem}",
                bad.len()
            ));
        }
    }
    eprintln!("{} programs, {repeat} runs each", programs.len());
    assert!(failures.is_empty(), "\n{}\n", failures.join("\n\n"));
}
