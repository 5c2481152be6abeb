//! With `debug-refs`: a program's registers are checked, and it ends without a leak.

#![cfg(feature = "debug-refs")]

use std::process::Command;

const PROGRAM: &str = r#"
import threading

class Point:
    def __init__(self, x, *rest, scale=2, **more):
        self.x = x
        self.rest = rest

    def total(self):
        return sum(self.rest, self.x)

def numbers(n):
    for i in range(n):
        try:
            yield [i, str(i)]
        finally:
            pass

def work(results):
    count = 0
    for number, text in numbers(200):
        point = Point(number, 1, 2, scale=3, name=text)
        try:
            count += point.total() + len(point.missing)
        except AttributeError:
            count += 1
        half = numbers(2)
        next(half)
    results.append((lambda: count)())

results = []
threads = [threading.Thread(target=work, args=(results,)) for _ in range(2)]
for thread in threads: thread.start()
for thread in threads: thread.join()
work(results)
print(results)
"#;

#[test]
fn a_program_ends_with_every_reference_closed() {
    let output = Command::new(env!("CARGO_BIN_EXE_kit-python"))
        .args(["-c", PROGRAM])
        .env("KIT_REFS", "1")
        .output()
        .expect("it runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    assert_eq!(output.stdout, b"[200, 200, 200]\n");
    let totals = errors
        .strip_prefix("references in registers: ")
        .expect("nothing but totals");
    let (made, leaked) = totals.split_once(" made, ").expect("totals");
    assert!(made.parse::<u64>().expect("a number") > 1000, "{errors}");
    assert_eq!(leaked, "0 leaked\n");
}
