//! Runs every sample program and compares its output, errors and status with CPython's.
//!
//! `conformance/programs/README.md` describes the programs and the variables that choose among them.

// The parts that other tests use.
#[allow(dead_code)]
mod support;

use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(300);

/// Where objects lie makes no difference that a program can see.
#[test]
fn programs_do_the_same_on_an_arena() {
    // The records of references come on top: those of a hundred thousand frames have no room in 64 MiB.
    let arena = if cfg!(feature = "debug-refs") {
        "heap=arena:80M"
    } else {
        "heap=arena:64M"
    };
    do_the_same(&["-X", arena]);
}

#[test]
fn programs_do_the_same_on_the_delegating_heap() {
    do_the_same(&["-X", "heap=system"]);
}

/// Neither does when instructions are specialised.
#[test]
fn programs_do_the_same_specialised_at_once() {
    do_the_same(&["-X", "specialize=always"]);
}

#[test]
fn programs_do_the_same_unspecialised() {
    do_the_same(&["-X", "specialize=never"]);
}

fn do_the_same(options: &[&str]) {
    let programs = support::programs();
    let gaps = support::gaps();
    let results = support::two_at_a_time(&programs, |program| program.check_with(options, LIMIT));
    let failures: Vec<String> = programs
        .iter()
        .zip(results)
        .filter(|(program, _)| !gaps.contains_key(&program.name))
        .filter_map(|(program, result)| Some(format!("{}: {}", program.name, result.err()?)))
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

#[test]
fn programs_do_what_cpython_does() {
    let programs = support::programs();
    assert!(!programs.is_empty(), "no program matches KIT_PROGRAMS");
    let gaps = support::gaps();
    let results = support::two_at_a_time(&programs, |program| {
        let result = program.check(LIMIT);
        if result
            .as_ref()
            .is_err_and(|problem| problem.starts_with("hung"))
        {
            eprintln!("{}: hung", program.name);
        }
        result
    });

    let mut failures = Vec::new();
    let mut passed = 0;
    for (program, result) in programs.iter().zip(results) {
        match (result, gaps.get(&program.name)) {
            (Ok(()), None) => passed += 1,
            (Err(_), Some(reason)) => eprintln!("{}: known gap: {reason}", program.name),
            (Ok(()), Some(_)) => failures.push(format!(
                "{}: passes now: remove its entry from gaps.toml",
                program.name
            )),
            (Err(problem), None) => failures.push(format!("{}: {problem}", program.name)),
        }
    }
    for name in gaps.keys() {
        let path = support::folder().join(format!("{name}.py"));
        if !path.exists() {
            failures.push(format!("gaps.toml names {name}, which does not exist"));
        }
    }
    eprintln!("{passed} of {} programs pass", programs.len());
    assert!(
        failures.is_empty(),
        "{} failures\n\n{}\n",
        failures.len(),
        failures.join("\n\n")
    );
}
