//! Whatever request to the heap fails, the program gets MemoryError or does without: nothing panics or hangs.

use std::process::{Command, Output};

fn run(program: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kit-python"))
        .args(["-X", "heap=failing", "-c", program])
        .output()
        .expect("the interpreter starts")
}

#[test]
fn no_request_that_fails_ends_the_process() {
    let output = run(include_str!("data/failing_requests.py"));
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && stdout == "done\n",
        "{}\n{stdout}\n{stderr}",
        output.status
    );
    // A panic of one thread would not end the process.
    assert!(!stderr.contains("panicked"), "{stderr}");
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
        let output = run(&program);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{allowed}: {stderr}");
        assert_eq!(
            stderr.lines().last(),
            Some("MemoryError"),
            "{allowed}: {stderr}"
        );
    }
}
