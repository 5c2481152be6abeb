//! `-X leak-report` finds what was counted and never dropped, and nothing else.

// The parts that compare a program's output are for the test that does.
#[allow(dead_code)]
mod support;

use std::process::Command;
use std::time::Duration;

fn report(program: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_kit-python"))
        .args(["-X", "leak-report", "-c", program])
        .output()
        .expect("the interpreter starts");
    assert!(output.status.success() && output.stdout.is_empty());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_reference_that_was_forgotten_is_found() {
    let report = report(
        "
import _kit, gc
class Holder:
    pass
class Other:
    pass
holder = Holder()
holder.items = [Other(), Other(), {}]
holder.items.append(holder.items)
_kit.leak(holder.items)
_kit.leak(holder.items)
del holder
gc.collect()
",
    );
    let lines: Vec<&str> = report.lines().collect();
    assert_eq!(
        lines[0],
        "kit-python: leak report: 1 objects have references that nobody is known to hold"
    );
    assert!(lines[1].starts_with("  <list at 0x") && lines[1].ends_with(">: 2 references"));
    assert!(
        lines[2].starts_with("    also [3] of <list at 0x"),
        "{report}"
    );
    let kept = lines[3].strip_prefix("  alive because of them:").unwrap();
    assert!(
        kept.contains(" Other 2") && kept.contains(" list 1"),
        "{report}"
    );
    assert!(!kept.contains(" Holder "), "{report}");
}

#[test]
fn a_string_may_leak_too() {
    let report = report("import _kit; _kit.leak('spam' * len('eggs'))");
    assert!(
        report.contains("  <str \"spamspamspamspam\" at 0x"),
        "{report}"
    );
}

/// All sample programs, whatever they do, leave nothing that is held by nobody.
#[test]
fn programs_leak_nothing() {
    let programs = support::programs();
    let reports = support::two_at_a_time(&programs, |program| {
        program.last_words(&["-X", "leak-report"], Duration::from_secs(300))
    });
    let failures: Vec<String> = programs
        .iter()
        .zip(reports)
        .filter_map(|(program, report)| {
            let clean = report.as_ref().is_ok_and(|last| {
                last.contains("leak report: 0 objects") || last.contains("did not end, and may")
            });
            (!clean).then(|| format!("{}: {report:?}", program.name))
        })
        .collect();
    assert!(failures.is_empty(), "\n{}\n", failures.join("\n"));
}
