//! What the child of a fork does with what the parent's other threads were using. CPython has no answer to compare with: there
//! it may wait for ever.

use std::io::Write;
use std::process::{Command, Stdio};

/// Runs a program whose standard input stays open; what it prints.
fn run(program: &str) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_kit-python"))
        .args(["-W", "ignore", "-c", program])
        .env_remove("PYTHONUNBUFFERED")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the interpreter starts");
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(b"first\n").expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success());
    drop(input);
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// A thread waits for input, another writes, and a third collects what prints in its finalizers.
#[test]
fn streams_are_free() {
    let printed = run("
import gc, os, sys, threading
over, reading = threading.Event(), threading.Event()
sink = open('/dev/null', 'w', buffering=1)
class Loud:
    def __init__(self): self.me = self
    def __del__(self): print('gone', file=sink)
def read():
    sys.stdin.readline()
    reading.set()
    sys.stdin.readline()
def write():
    while not over.is_set(): print('a line', file=sink)
def collect():
    while not over.is_set():
        Loud()
        gc.collect()
threading.Thread(target=read, daemon=True).start()
threads = [threading.Thread(target=target) for target in (write, collect)]
for thread in threads: thread.start()
reading.wait()
for number in range(20):
    pid = os.fork()
    if pid == 0:
        print('in', sys.stdin.isatty(), file=sink)
        Loud()
        gc.collect()
        sink.close()
        os._exit(number)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == number
over.set()
for thread in threads: thread.join()
print('done', flush=True)
os._exit(0)
");
    assert_eq!(printed, "done\n");
}

/// A generator that a lost thread was running has no frame to show, unless somebody had looked.
#[test]
fn a_generator_that_was_running_stays_so() {
    let printed = run("
import os, threading
inside, over = threading.Event(), threading.Event()
def body():
    inside.set()
    over.wait()
    yield
generator = body()
thread = threading.Thread(target=list, args=(generator,))
thread.start()
inside.wait()
pid = os.fork()
if pid == 0:
    print(generator.gi_frame, generator.gi_running, flush=True)
    try: next(generator)
    except ValueError as error: print(error, flush=True)
    os._exit(0)
os.waitpid(pid, 0)
over.set()
thread.join()
print(generator.gi_frame)
");
    assert_eq!(printed, "None True\ngenerator already executing\nNone\n");
}
