//! Every sample program does what it should while the heap is verified all the time, and ends with nothing alive.
//!
//! `.ci/zeal` runs this; `KIT_PROGRAMS` picks programs, and `KIT_EVERY` says at every how many safepoints.

#![cfg(feature = "stats")]
// The parts that the other tests use.
#[allow(dead_code)]
mod support;

use std::time::{Duration, Instant};

const LIMIT: Duration = Duration::from_secs(600);
/// Safepoints from one verification to the next.
const EVERY: u32 = 200;

#[test]
fn programs_do_the_same_under_zeal() {
    let every = match std::env::var("KIT_EVERY") {
        Ok(every) => every.parse().expect("KIT_EVERY is a number"),
        Err(_) => EVERY,
    };
    let programs = support::programs();
    let gaps = support::gaps();
    assert!(!programs.is_empty(), "no program matches KIT_PROGRAMS");
    let results = support::two_at_a_time(&programs, |program| {
        let begun = Instant::now();
        let result = program.check_zealously(every, LIMIT);
        let took = begun.elapsed();
        if took > Duration::from_secs(10) {
            eprintln!("{}: {took:.1?}", program.name);
        }
        result
    });
    let failures: Vec<String> = programs
        .iter()
        .zip(results)
        .filter(|(program, _)| !gaps.contains_key(&program.name))
        .filter_map(|(program, result)| Some(format!("{}: {}", program.name, result.err()?)))
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}
