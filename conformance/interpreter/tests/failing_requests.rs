//! Whatever request to the heap fails, the program gets MemoryError or does without: nothing panics or hangs, and nothing that
//! was begun and given up is left.

use std::process::{Command, Output};

fn run(program: &str, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kit-python"))
        .args(["-X", "heap=failing", "-X", "leak-report", "-c", program])
        .args(arguments)
        .output()
        .expect("the interpreter starts")
}

/// Runs the sweep; the report of leaks.
#[track_caller]
fn sweep(arguments: &[&str]) -> String {
    let output = run(include_str!("data/failing_requests.py"), arguments);
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success() && stdout == "done\n",
        "{}\n{stdout}\n{stderr}",
        output.status
    );
    // A panic of one thread would not end the process.
    assert!(!stderr.contains("panicked"), "{stderr}");
    stderr
}

#[test]
fn no_request_that_fails_ends_the_process_or_leaves_anything_behind() {
    let report = sweep(&[]);
    assert!(report.contains("leak report: 0 objects"), "{report}");
}

#[test]
fn no_request_that_fails_ends_a_process_with_threads() {
    let report = sweep(&["threads"]);
    assert!(report.contains("leak report: 0 objects"), "{report}");
}

#[test]
fn a_memory_error_is_reported_without_memory() {
    for allowed in (0..120).step_by(6) {
        let program = format!(
            "
def nested(n):
    return [str(n)] + nested(n + 1)
import _kit
_kit.fail_after({allowed})
nested(0)
"
        );
        let output = run(&program, &[]);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{allowed}: {stderr}");
        let lines: Vec<&str> = stderr.lines().collect();
        let [.., error, report] = lines[..] else {
            panic!("{allowed}: {stderr}");
        };
        // The last of what is reported is the program's, or that nothing could be flushed: which has a colon and no message behind it.
        assert!(
            matches!(error, "MemoryError" | "MemoryError: ")
                && report.contains("leak report: 0 objects"),
            "{allowed}: {stderr}"
        );
    }
}
