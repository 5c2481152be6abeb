//! What ends a program from outside. Ctrl-C in programs with threads: it is delivered once, to the main thread, while a `try`
//! around what it waits in can catch it. And readers that have seen enough.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ChildStdout, Command, Stdio};

struct Running {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Running {
    fn start(program: &str) -> Running {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kit-python"));
        command
            .args(["-c", program])
            .env_remove("PYTHONUNBUFFERED")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        // A shell has what it starts in the background ignore Ctrl-C, these tests perhaps.
        // SAFETY: the call may be made between fork and exec.
        unsafe {
            command.pre_exec(|| {
                libc::signal(libc::SIGINT, libc::SIG_DFL);
                Ok(())
            });
        }
        let mut child = command.spawn().expect("the interpreter starts");
        let output = BufReader::new(child.stdout.take().expect("a pipe"));
        Running { child, output }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("UTF-8");
        line.trim_end().to_owned()
    }

    /// Sends the signal of Ctrl-C to one thread of the program.
    fn interrupt(&self, thread: libc::pid_t) {
        let process = self.child.id() as libc::pid_t;
        // SAFETY: sends a signal to a child that was not waited for.
        let sent = unsafe { libc::syscall(libc::SYS_tgkill, process, thread, libc::SIGINT) };
        assert_eq!(sent, 0, "the thread runs");
    }

    fn end(mut self) -> (std::process::ExitStatus, String) {
        let mut errors = String::new();
        let mut pipe = self.child.stderr.take().expect("a pipe");
        pipe.read_to_string(&mut errors).expect("UTF-8");
        (self.child.wait().expect("a status"), errors)
    }
}

/// A loop over an iterator without an end that runs no code of the program: it is stopped by Ctrl-C, and does not hold up a
/// collection that another thread asks for.
#[test]
fn native_loops_without_an_end_stop_for_signals_and_collections() {
    for call in [
        "sum(itertools.repeat(0))",
        "any(itertools.repeat(0))",
        "1 in itertools.repeat(0)",
        "sum(range(10 ** 12))",
        "next(filter(None, itertools.repeat(0)))",
        "dict.fromkeys(itertools.repeat(0))",
        "collections.deque(itertools.repeat(0), 0)",
        "next(itertools.islice(itertools.repeat(0), 10 ** 12, None))",
        "math.factorial(10 ** 9)",
        "pow(3, (1 << 90_000) + 1, (1 << 90_000) - 1)",
    ] {
        let mut running = Running::start(&format!(
            "
import _thread, collections, gc, itertools, math
print(_thread.get_native_id(), flush=True)
def collect():
    for _ in range(20): gc.collect()
    print('collected', flush=True)
try:
    # No `Thread`, whose end runs code in this thread that would swallow the interrupt.
    _thread.start_new_thread(collect, ())
    {call}
except KeyboardInterrupt:
    print('interrupted', flush=True)
"
        ));
        let thread = running.line().parse().expect("a number");
        assert_eq!(running.line(), "collected", "{call}");
        running.interrupt(thread);
        assert_eq!(running.line(), "interrupted", "{call}");
        let (status, errors) = running.end();
        assert!(status.success(), "{call}: {errors}");
    }
}

/// The signal is passed on by the thread it arrives at. Noted in both, it was raised a second time, outside of
/// the `try`.
#[test]
fn a_signal_that_arrives_at_another_thread_is_raised_once() {
    const ROUNDS: usize = 200;
    let mut running = Running::start(&format!(
        "
import threading, queue, time
stop = False
running = threading.Event()
def work():
    print(threading.get_native_id(), flush=True)
    running.set()
    while not stop: pass
worker = threading.Thread(target=work)
worker.start()
# Its number is the first line.
running.wait()
# What waits natively: an interrupt inside of the library's own `with` may leave its lock taken, as in CPython.
box, lock = queue.SimpleQueue(), threading.Lock()
lock.acquire()
waits = [worker.join, box.get, lock.acquire, lambda: time.sleep(600)]
for number in range({ROUNDS}):
    try:
        print('waiting', flush=True)
        waits[number % len(waits)]()
    except KeyboardInterrupt:
        print('caught', flush=True)
    # Whatever else was delivered would be raised here.
    for _ in range(1000): pass
stop = True
worker.join()
"
    ));
    let worker: libc::pid_t = running.line().parse().expect("the worker's number");
    for _ in 0..ROUNDS {
        assert_eq!(running.line(), "waiting");
        running.interrupt(worker);
        assert_eq!(running.line(), "caught");
    }
    let (status, errors) = running.end();
    assert_eq!((status.code(), errors.as_str()), (Some(0), ""));
}

/// The interpreter ends as Ctrl-C ends a program, which a shell calls 130, and waits for no daemon.
#[test]
fn an_interrupt_that_nobody_catches_ends_the_program() {
    let mut running = Running::start(
        "
import threading, time
threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
print(threading.get_native_id(), flush=True)
time.sleep(600)
",
    );
    let main = running.line().parse().expect("the thread's number");
    running.interrupt(main);
    let (status, errors) = running.end();
    assert_eq!(status.signal(), Some(libc::SIGINT));
    assert!(errors.ends_with("\nKeyboardInterrupt\n"), "{errors}");
}

/// What is computed without a safepoint asks for signals itself.
#[test]
fn a_huge_number_can_be_given_up() {
    let mut running = Running::start(
        "
import threading
try:
    # Inside: the signal may come as soon as this is read.
    print(threading.get_native_id(), flush=True)
    7 ** 10 ** 9
except KeyboardInterrupt:
    print('given up')
",
    );
    let main = running.line().parse().expect("the thread's number");
    running.interrupt(main);
    assert_eq!(running.line(), "given up");
    assert_eq!(running.end().0.code(), Some(0));
}

#[test]
fn a_program_whose_output_nobody_reads_ends_without_a_word() {
    for (program, status) in [
        ("while True: print('line')", 1),
        (
            "import time\nprint('line', flush=True)\ninput()\nprint('more')",
            120,
        ),
        (
            "import threading\nprint('line', flush=True)\ninput()\nprint('much ' * 100_000)",
            1,
        ),
    ] {
        let mut running = Running::start(program);
        assert_eq!(running.line(), "line");
        let Running { mut child, output } = running;
        drop(output);
        drop(child.stdin.take().expect("a pipe").write_all(b"on\n"));
        let ended = child.wait_with_output().expect("a status");
        assert_eq!(String::from_utf8_lossy(&ended.stderr), "", "{program}");
        assert_eq!(ended.status.code(), Some(status), "{program}");
    }
}
