//! Programs with little memory, on the paged heap: what does not fit raises MemoryError, which a program can
//! catch and go on after.

use std::process::{Command, Output};

/// The ways to give a program little memory.
const SMALL: &[&[&str]] = &[
    &["-X", "max-memory=32M"],
    &["-X", "heap=arena:32M"],
    &["-X", "heap=arena:64M", "-X", "max-memory=24M"],
];

fn run(options: &[&str], program: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kit-python"))
        .args(options)
        .args(["-c", program])
        .output()
        .expect("the interpreter starts")
}

/// Runs a program with each kind of little memory and checks what it prints.
#[track_caller]
fn prints(program: &str, expected: &str) {
    for options in SMALL {
        let output = run(options, program);
        let stdout = String::from_utf8_lossy(&output.stdout);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success() && stdout == expected && stderr.is_empty(),
            "{options:?}: {}\n{stdout}\n{stderr}",
            output.status
        );
    }
}

#[test]
fn a_program_that_allocates_without_end_catches_memory_error_and_goes_on() {
    prints(
        "
for make in (lambda n: [n], lambda n: {'key': n}, lambda n: 'text' * 100 + str(n), lambda n: (n, n), lambda n: lambda: n):
    for attempt in range(2):
        kept = []
        try:
            n = 0
            while True:
                kept.append(make(n))
                n += 1
        except MemoryError:
            count = len(kept)
            del kept
            assert count > 100, count
print('went on')
",
        "went on\n",
    );
}

#[test]
fn one_request_too_large_is_refused_alone() {
    prints(
        "
for make in (lambda: [0] * (1 << 26),
             lambda: 'x' * (1 << 27), lambda: (None,) * (1 << 26), lambda: list(range(1 << 26))):
    try:
        make()
    except MemoryError:
        pass
    else:
        print('it fits')
print(len([0] * 100000))
",
        "100000\n",
    );
}

#[test]
fn garbage_in_cycles_is_collected_before_memory_runs_out() {
    prints(
        "
import gc
gc.set_threshold(1000000)
class Node: pass
for n in range(3000):
    node = Node()
    node.me = node
    node.payload = [None] * 12500
print('all fitted')
",
        "all fitted\n",
    );
}

#[test]
fn threads_run_out_of_memory_one_by_one() {
    prints(
        "
import threading
failed = []
def work():
    for attempt in range(2):
        kept = []
        try:
            while True:
                kept.append([None] * 50)
        except MemoryError:
            del kept
            failed.append(1)
threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(len(failed))
",
        "8\n",
    );
}

#[test]
fn an_uncaught_memory_error_is_reported() {
    let output = run(SMALL[0], "kept = []\nwhile True: kept.append([1, 2, 3])");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.trim_end().ends_with("MemoryError"), "{stderr}");
}

#[test]
fn options_are_checked_and_shown() {
    let output = run(
        &["-X", "heap=arena:32M", "-Xmax-memory=20M", "-X", "dev"],
        "import sys; print(sys._xoptions)",
    );
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "{'heap': 'arena:32M', 'max-memory': '20M', 'dev': True}\n"
    );
    for bad in ["max-memory=1Q", "max-memory=1M", "heap=tape", "heap=arena"] {
        let output = run(&["-X", bad], "print('ran')");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{bad}");
        assert!(
            output.stdout.is_empty() && stderr.starts_with("-X "),
            "{stderr}"
        );
    }
}
