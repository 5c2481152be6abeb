//! Programs with little memory, on each heap: what does not fit raises MemoryError, which a program can catch
//! and go on after.

use std::process::{Command, Output};

/// The ways to give a program little memory.
const SMALL: &[&[&str]] = &[
    &["-X", "max-memory=32M"],
    &["-X", "heap=arena:32M"],
    &["-X", "heap=arena:64M", "-X", "max-memory=24M"],
    &["-X", "heap=system", "-X", "max-memory=32M"],
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
fn memory_outside_of_the_heap_is_counted() {
    prints(
        "
import io, itertools, collections, queue
def array():
    x = bytearray()
    while True: x.extend(b'x' * 1000)
def appended():
    x = bytearray()
    while True: x.append(1)
def added():
    x = bytearray(b'ab')
    while True: x += x
def text():
    s = 'ab'
    while True: s += s
def shifted():
    n = 1
    while True: n <<= 1000000
def power(): 3 ** 10 ** 9
def product():
    n = 1 << 1000000
    while True: n = n * n
def numbers(): x = [n << 4000 for n in range(10 ** 6)]
def joined(): ''.join('x' * 1000 for n in range(10 ** 6))
def joined_bytes(): b''.join(b'x' * 1000 for n in range(10 ** 6))
def padded(): 'x'.ljust(10 ** 10)
def formatted(): f'{1:>{10 ** 9}}'
def percent(): '%*d' % (10 ** 9, 1)
def deque():
    d = collections.deque()
    while True: d.append(None)
def queued():
    q = queue.Queue()
    while True: q.put(None)
def cycled():
    for x in itertools.cycle(itertools.repeat(1)): pass
def file():
    f = io.BytesIO()
    while True: f.write(b'x' * 1000)
def text_file():
    f = io.StringIO()
    while True: f.write('x' * 1000)
def table():
    d = {}
    n = 0
    while True: d[n] = n; n += 1
def members():
    s = set()
    n = 0
    while True: s.add(n); n += 1
for make in (array, appended, added, text, shifted, power, product, numbers, joined, joined_bytes, padded, formatted, percent,
             deque, queued, cycled, file, text_file, table, members, lambda: bytes(10 ** 9), lambda: bytearray(10 ** 9),
             lambda: [0] * 10 ** 8, lambda: b'x' * 10 ** 9, lambda: list(range(10 ** 8)), lambda: (1,) * 10 ** 8):
    for attempt in range(2):
        try:
            make()
        except MemoryError:
            pass
        else:
            print(make.__name__, 'fits')
    kept = [str(n) for n in range(1000)]
print('went on')
",
        "went on\n",
    );
}

#[test]
fn what_was_outside_of_the_heap_is_given_back() {
    prints(
        "
import collections, io
for n in range(200):
    a = bytearray(3000000)
    b = 1 << 8 * 2000000
    c = collections.deque([None] * 100000)
    d = io.BytesIO(b'x' * 1000000)
    e = [1 << 800 for n in range(1000)]
print('all fitted')
",
        "all fitted\n",
    );
}

#[test]
fn garbage_is_collected_before_a_large_request_fails() {
    prints(
        "
import gc
gc.set_threshold(1000000)
for n in range(20):
    node = [bytearray(9000000)]
    node.append(node)
print('all fitted')
",
        "all fitted\n",
    );
}

#[test]
fn an_uncaught_memory_error_is_reported() {
    for options in SMALL {
        let output = run(options, "kept = []\nwhile True: kept.append([1, 2, 3])");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{options:?} {stderr}");
        assert_eq!(
            stderr.lines().last(),
            Some("MemoryError"),
            "{options:?} {stderr}"
        );
    }
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
