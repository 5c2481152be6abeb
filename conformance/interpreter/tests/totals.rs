//! Nothing leaks: every sample program ends without a reference to a mortal object, and without one alive.
//!
//! `cargo test -p kit-python --features stats --test totals`

#![cfg(feature = "stats")]
// The parts that compare a program's output are for the test that does.
#[allow(dead_code)]
mod support;

use std::process::Command;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(300);

#[test]
fn programs_end_with_nothing() {
    let programs = support::programs();
    assert!(!programs.is_empty(), "no program matches KIT_PROGRAMS");
    let left = support::two_at_a_time(&programs, |program| {
        program.last_words(&["-X", "showrefcount"], LIMIT)
    });
    let failures: Vec<String> = programs
        .iter()
        .zip(left)
        .filter(|(_, left)| left.as_deref() != Ok("[0 refs, 0 blocks]"))
        .map(|(program, left)| format!("{}: {left:?}", program.name))
        .collect();
    assert!(failures.is_empty(), "\n{}\n", failures.join("\n"));
}

fn run(program: &str) -> (String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_kit-python"))
        .args(["-X", "showrefcount", "-c", program])
        .output()
        .expect("the interpreter starts");
    (
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

#[test]
fn what_a_daemon_holds_is_seen() {
    let program = "
import threading, time
ready = threading.Event()
def hold():
    kept = [object() for _ in range(1000)]
    ready.set()
    while True:
        time.sleep(0.001)
threading.Thread(target=hold, daemon=True).start()
ready.wait()
";
    let (_, left) = run(program);
    let numbers: Vec<u64> = left
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|number| number.parse().ok())
        .collect();
    assert!(
        numbers.len() == 2 && numbers[0] >= 1000 && numbers[1] >= 1000,
        "{left}"
    );
}

#[test]
fn the_total_follows_references_across_threads() {
    let program = "
import sys, threading
kept = []
def make(n):
    kept.append([object() for _ in range(n)])
def churn():
    threads = [threading.Thread(target=make, args=(100,)) for _ in range(8)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
churn()
kept.clear()
before = sys.gettotalrefcount()
churn()
print(800 <= sys.gettotalrefcount() - before <= 900)
kept.clear()
print(abs(sys.gettotalrefcount() - before) <= 20)
";
    assert_eq!(
        run(program),
        ("True\nTrue\n".into(), "[0 refs, 0 blocks]\n".into())
    );
}
