//! Images of code: who has one, what they take, and that programs do the same without.

use std::process::{Command, Output};

fn run(options: &[&str], program: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kit-python"))
        .env_remove("PYTHON_TLBC")
        .args(options)
        .args(["-c", program])
        .output()
        .expect("the interpreter starts")
}

#[track_caller]
fn prints(options: &[&str], program: &str, expected: &str) {
    let output = run(options, program);
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        (stdout.as_ref(), stderr.as_ref()),
        (expected, ""),
        "{options:?}"
    );
}

/// Threads that all run `work` at once, one after the other, or never.
const PROGRAM: &str = "
import _kit, gc, threading, time

def work(n):
    total = 0
    for i in range(n):
        total += len(str(i))
    return total

def run(count, body=lambda: None):
    barrier = threading.Barrier(count)
    def thread():
        assert work(20) == 30
        body()
        barrier.wait()
    threads = [threading.Thread(target=thread) for _ in range(count)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()

def reclaim():
    # A thread that was joined may still be on its way out.
    while any(_kit.code_copies(work.__code__)):
        gc.collect()
        time.sleep(0.001)
";

fn program(rest: &str) -> String {
    format!("{PROGRAM}{rest}")
}

#[test]
fn a_program_with_one_thread_has_no_copies() {
    let program = program(
        "work(10)
print(_kit.code_bytes()['copies'], _kit.code_copies(work.__code__), _kit.code_index())
print(_kit.code_bytes()['main'] > 0)",
    );
    prints(&[], &program, "0 [0] 0\nTrue\n");
}

#[test]
fn threads_have_copies_until_a_collection_after_their_end() {
    let program = program(
        "work(10)
run(3)
print(_kit.code_copies(work.__code__))
reclaim()
print(_kit.code_copies(work.__code__))
indices = []
run(2, lambda: indices.append(_kit.code_index()))
print(sorted(indices), _kit.code_copies(work.__code__))",
    );
    prints(&[], &program, "[0, 1, 2, 3]\n[0]\n[1, 2] [0, 1, 2]\n");
}

#[test]
fn more_threads_than_the_code_has_room_for() {
    let program = program(
        "run(20)
print(_kit.code_copies(work.__code__) == list(range(1, 21)))
reclaim()
print(_kit.code_copies(work.__code__))",
    );
    prints(&[], &program, "True\n[]\n");
}

#[test]
fn without_room_for_copies_threads_run_the_code_as_it_is() {
    let program = program(
        "work(10)
run(12)
print(_kit.code_copies(work.__code__), _kit.code_bytes()['copies'])",
    );
    prints(&["-X", "tlbc-limit=0"], &program, "[0] 0\n");
    let some = "
run(12)
print(0 < _kit.code_bytes()['copies'] <= 4096)";
    prints(
        &["-X", "tlbc-limit=4K"],
        &format!("{PROGRAM}{some}"),
        "True\n",
    );
}

#[test]
fn without_copies_nothing_is_specialised_and_nothing_changes() {
    let program = program(
        "work(10)
run(4)
bytes = _kit.code_bytes()
print(_kit.code_index(), _kit.code_copies(work.__code__), bytes['main'] + bytes['copies'])",
    );
    for options in [["-X", "tlbc=0"], ["-X", "specialize=never"]] {
        prints(&options, &program, "None [] 0\n");
    }
}

#[test]
fn the_environment_decides_unless_the_command_line_does() {
    let index = |value: &str, options: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_kit-python"))
            .env("PYTHON_TLBC", value)
            .args(options)
            .args(["-c", "import _kit; print(_kit.code_index())"])
            .output()
            .expect("the interpreter starts");
        let text = [output.stdout, output.stderr].concat();
        String::from_utf8_lossy(&text).into_owned()
    };
    assert_eq!(index("0", &[]), "None\n");
    assert_eq!(index("1", &[]), "0\n");
    assert_eq!(index("", &[]), "0\n");
    assert_eq!(index("0", &["-X", "tlbc=1"]), "0\n");
    assert_eq!(index("1", &["-X", "tlbc=0"]), "None\n");
    assert_eq!(index("0", &["-E"]), "0\n");
    assert!(index("2", &[]).contains("PYTHON_TLBC must be 0 or 1"));
}

#[test]
fn a_generator_outlives_the_copy_that_it_ran_in() {
    let program = program(
        "def count():
    for i in range(10):
        try:
            yield i
        except ValueError:
            yield 'thrown'
made = []
def make():
    generator = count()
    next(generator)
    made.append(generator)
for _ in range(3):
    run(2, make)
    reclaim()
print([next(generator) for generator in made], made[0].throw(ValueError), made[1].gi_frame.f_lineno - count.__code__.co_firstlineno)
print(sum(sum(generator) for generator in made))",
    );
    let expected = "[1, 1, 1, 1, 1, 1] thrown 3\n264\n";
    for options in [&[][..], &["-X", "tlbc-limit=0"], &["-X", "tlbc=0"]] {
        prints(options, &program, expected);
    }
}

#[test]
fn heap_statistics_say_what_images_take() {
    let output = run(&["-X", "heap-stats"], "print(1)");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        stderr.contains(" 0 of copies") && stderr.contains("copies took 0 at most"),
        "{stderr}"
    );
    // What threads had is gone with them, and counted.
    let output = run(
        &["-X", "heap-stats"],
        "import threading\ndef f():\n    for i in range(1000):\n        len('')\nfor _ in range(3):\n    t = threading.Thread(target=f)\n    t.start()\n    t.join()",
    );
    let stderr = String::from_utf8_lossy(&output.stderr);
    let most = stderr.split("copies took ").nth(1);
    let most = most.and_then(|rest| rest.split(' ').next()?.parse::<usize>().ok());
    assert!(most.is_some_and(|most| most > 0), "{stderr}");
}
