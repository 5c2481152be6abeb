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
    prints_with(SMALL, program, expected);
}

#[track_caller]
fn prints_with(small: &[&[&str]], program: &str, expected: &str) {
    for options in small {
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
fn garbage_of_small_objects_never_runs_out_of_memory() {
    prints(
        "
import gc, threading
class Node: pass
def work(count):
    for n in range(count):
        node = Node()
        node.me = node
        node.list = [node, {n: node}]
gc.set_threshold(0)
work(100000)
gc.disable()
work(100000)
threads = [threading.Thread(target=work, args=(50000,)) for _ in range(3)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert not gc.isenabled()
print('all fitted')
",
        "all fitted\n",
    );
}

#[test]
fn the_least_memory_is_enough_to_go_on_after_running_out() {
    const LEAST: &[&[&str]] = &[
        &["-X", "max-memory=4M"],
        &["-X", "heap=arena:8M"],
        &["-X", "heap=system", "-X", "max-memory=4M"],
    ];
    prints_with(
        LEAST,
        "
import gc
gc.disable()
class Node: pass
for n in range(20000):
    node = Node()
    node.me = node
for attempt in range(2):
    kept = []
    try:
        while True: kept.append([None])
    except MemoryError:
        count = len(kept)
        del kept
        assert count > 1000, count
print([n for n in range(3)])
",
        "[0, 1, 2]\n",
    );
}

#[test]
fn threads_run_out_of_memory_one_by_one() {
    prints(
        "
import _thread
failed = [0] * 4
all_run = _thread.allocate_lock()
all_run.acquire()
def worker(n):
    # While the others have all memory, not even an empty list may be had: each is asked for where that is caught.
    def work():
        with all_run: pass
        for attempt in range(2):
            kept = None
            try:
                kept = []
                while True:
                    kept.append([None] * 50)
            except MemoryError:
                kept = None
                failed[n] += 1
    return work
threads = [_thread.start_joinable_thread(worker(n)) for n in range(4)]
all_run.release()
for thread in threads: thread.join()
print(failed)
",
        "[2, 2, 2, 2]\n",
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
    x = bytearray(10 ** 7)
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
             lambda: [0] * 10 ** 8, lambda: b'x' * 10 ** 9, lambda: list(range(10 ** 8)), lambda: (1,) * 10 ** 8,
             lambda: ('x' * 10 ** 6).replace('x', 'y' * 10 ** 6), lambda: (b'x' * 10 ** 6).replace(b'', b'y' * 10 ** 6),
             lambda: ('\\t' * 10 ** 6).expandtabs(10 ** 6), lambda: ('x' * 10 ** 6).translate({120: 'y' * 10 ** 6}),
             lambda: repr(['a' * 10 ** 6] * 10 ** 5), lambda: ('{:1000000}' * 1000).format(*range(1000)), lambda: '%1000000d' * 1000 % tuple(range(1000))):
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

/// What a program may do without end, or at once too much of.
#[cfg(target_os = "linux")]
const GROWS: &[(&str, &str)] = &[
    ("a file", "open(large, 'rb').read()"),
    ("so many bytes of it", "open(large, 'rb').read(10 ** 9)"),
    ("a text file", "open(large).read()"),
    ("a line", "open(large).readline()"),
    (
        "a line that ends in a return",
        "open(large, newline='\\r').readline()",
    ),
    ("a line of bytes", "for line in open(large, 'rb'): pass"),
    ("all lines", "open(lines).readlines()"),
    ("names", "compile('x\\n' * 10 ** 6, 'f', 'exec')"),
    (
        "an expression",
        "compile('x+' * 10 ** 6 + 'x', 'f', 'eval')",
    ),
    ("a display", "eval('[' + '1,' * 10 ** 6 + ']')"),
    ("functions", "exec('def f(a): return a + 1\\n' * 10 ** 5)"),
    ("an error", "compile('x\\n' * 10 ** 6 + '(', 'f', 'exec')"),
    (
        "code",
        "while True: kept.append(compile('def f(a, b):\\n return a + b\\n' * 20, 'f', 'exec'))",
    ),
    (
        "lambdas",
        "while True: kept.append(eval('lambda x: x + 1'))",
    ),
    (
        "a cache",
        "while True: cached(len(kept)); kept.append(None)",
    ),
    ("digits", "(1).to_bytes(10 ** 9, 'big')"),
    ("hexadecimal digits", "hex(1 << 200000000)"),
    ("binary digits", "format(1 << 100000000, 'b')"),
    ("bytes as they look", "repr(b'\\xff' * 25 * 10 ** 6)"),
    (
        "bytes that are no text",
        "(b'\\xff' * 2 * 10 ** 7).decode('utf-8', 'backslashreplace')",
    ),
    ("UTF-16", "('x' * 10 ** 7).encode('utf-16')"),
    (
        "batches",
        "next(itertools.batched(itertools.repeat(1), 10 ** 9))",
    ),
    (
        "wheels",
        "next(itertools.combinations_with_replacement(range(10), 10 ** 8))",
    ),
    ("words", "('x ' * 6000000).split()"),
    ("pieces", "(',' * 10 ** 7).split(',')"),
    ("lines", "('\\n' * 10 ** 7).splitlines()"),
    ("pieces of bytes", "(b',' * 10 ** 7).split(b',')"),
    ("words of bytes", "(b'x ' * 6000000).split()"),
    ("percent", "'%s' * 1000 % tuple(['x' * 10 ** 6] * 1000)"),
    (
        "percent in bytes",
        "b'%s' * 1000 % tuple([b'x' * 10 ** 6] * 1000)",
    ),
    ("a list of bytes", "memoryview(b'x' * 9000000).tolist()"),
    ("choices", "random.choices([1, 2], k=10 ** 8)"),
    ("random bytes", "random.randbytes(10 ** 9)"),
    ("random bits", "random.getrandbits(10 ** 10)"),
    ("a sample", "random.sample(range(10 ** 8), 10 ** 7)"),
    ("the rest", "first, *rest = range(10 ** 9)"),
    (
        "a tee",
        "a, b = itertools.tee(itertools.repeat(1))\n    for x in a: pass",
    ),
    ("sorting", "sorted(range(10 ** 8))"),
    ("keys", "sorted(range(10 ** 6), key=lambda n: (n, n))"),
    (
        "printing",
        "print(*['x' * 10 ** 6] * 1000, file=io.StringIO())",
    ),
    ("a deque", "collections.deque([1] * 1000) * 10 ** 6"),
    (
        "recursion",
        "sys.setrecursionlimit(10 ** 9); f = lambda n: f(n + 1); f(0)",
    ),
    ("generators", "while True: kept.append(n for n in kept)"),
    ("classes", "while True: kept.append(type('X', (), {}))"),
    (
        "queues",
        "q = queue.SimpleQueue()\n    while True: q.put(1)",
    ),
];

/// The most that a process may take, in KiB: the limit, as much again that passes, and the interpreter itself.
#[cfg(target_os = "linux")]
const PROCESS: usize = 112 << 10;

#[cfg(target_os = "linux")]
#[test]
fn whatever_grows_ends_in_memory_error_and_not_in_a_large_process() {
    let here = std::env::temp_dir().join(format!("kit-memory-{}", std::process::id()));
    std::fs::create_dir_all(&here).expect("a directory");
    let (large, lines) = (here.join("large"), here.join("lines"));
    let file = std::fs::File::create(&large).expect("a file");
    file.set_len(200 << 20).expect("a file with a hole");
    std::fs::write(&lines, "a line of the text\n".repeat(1_000_000)).expect("a file");
    for (what, grow) in GROWS {
        let program = format!(
            "
import collections, functools, io, itertools, queue, random, sys
large, lines, kept = {large:?}, {lines:?}, []
@functools.lru_cache(maxsize=10 ** 9)
def cached(n): return None
def grow():
    {grow}
try:
    grow()
    print('it fits')
except MemoryError:
    kept.clear()
    cached.cache_clear()
with open('/proc/self/status') as file:
    print(next(int(line.split()[1]) for line in file if line.startswith('VmHWM')))
"
        );
        let output = run(&["-X", "max-memory=32M"], &program);
        let stdout = String::from_utf8_lossy(&output.stdout);
        let stderr = String::from_utf8_lossy(&output.stderr);
        let peak = stdout.trim().parse::<usize>();
        assert!(
            peak.as_ref().is_ok_and(|&peak| peak < PROCESS),
            "{what}: {stdout}{stderr}"
        );
    }
    std::fs::remove_dir_all(&here).expect("it is there");
}

#[test]
fn finalizers_that_need_memory_do_not_wait_for_their_own_collection() {
    // With a wait for each page that they take it would be minutes.
    prints(
        "
import gc
gc.disable()
class Node:
    def __del__(self):
        try:
            self.kept = [[None] * 100 for n in range(2000)]
        except MemoryError:
            pass
nodes = []
for n in range(12):
    node = Node()
    node.me = node
filler = bytearray(12 << 20)
try:
    gc.collect()
except MemoryError:
    pass
del filler
gc.collect()
print('collected')
",
        "collected\n",
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
fn garbage_is_collected_before_a_copy_of_a_dict_fails() {
    prints(
        "
import gc
gc.set_threshold(1000000)
items = dict.fromkeys(range(50000))
for n in range(30):
    node = items.copy()
    node['me'] = node
for n in range(30):
    node = {}
    node.update(items)
    node['me'] = node
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

/// Every heap, without a limit.
const ROOMY: &[&[&str]] = &[&[], &["-X", "heap=arena:512M"], &["-X", "heap=system"]];

#[test]
fn memory_goes_back_after_a_peak() {
    let program = "
import _kit, gc
gc.collect()
before = _kit.heap_statistics()
kept = [[n, str(n)] for n in range(500000)]
large = [bytearray(1 << 20) for n in range(30)]
peak = _kit.heap_statistics()
assert peak['bytes'] - before['bytes'] > 80 << 20, peak
assert peak['outside'] - before['outside'] >= 30 << 20, peak
del kept, large
gc.collect()
after = _kit.heap_statistics()
assert after['bytes'] - before['bytes'] < 8 << 20, after
assert after['outside'] < 1 << 20, after
assert after['peak'] >= peak['bytes'] > after['bytes'], after
assert after['returned'] - before['returned'] > 40 << 20, after
assert after['held'] - before['held'] < 16 << 20, (before['held'], after['held'])
print('returned')
";
    for options in ROOMY {
        let output = run(options, program);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success() && output.stdout == b"returned\n",
            "{options:?}: {stderr}"
        );
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_process_shrinks_after_a_peak() {
    let program = "
import gc
def resident():
    with open('/proc/self/status') as file:
        return next(int(line.split()[1]) for line in file if line.startswith('VmRSS'))
before = resident()
kept = [[n, str(n)] for n in range(500000)]
peak = resident()
assert peak - before > 50000, (before, peak)
del kept
gc.collect()
after = resident()
assert after - before < (peak - before) / 4, (before, peak, after)
print('shrunk')
";
    let output = run(&[], program);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.stdout == b"shrunk\n", "{stderr}");
}

#[test]
fn statistics_count_every_object() {
    let program = "
import _kit
class Thing: pass
def plain(): return _kit.heap_statistics()['kinds']['plain']
def collected(): return _kit.heap_statistics()['kinds']['collected']
a, b = plain(), collected()
texts = [('%07d' % n) * 3 for n in range(1000)]
lists = [[n] for n in range(1000)]
c, d = plain(), collected()
assert 1000 <= c['blocks'] - a['blocks'] < 1100, (a['blocks'], c['blocks'])
assert 1000 <= d['blocks'] - b['blocks'] < 1200, (b['blocks'], d['blocks'])
size = _kit.block_size(texts[0])
assert c['classes'][size]['blocks'] - a['classes'][size]['blocks'] >= 1000
for kind in _kit.heap_statistics()['kinds'].values():
    for name in 'pages', 'page_bytes', 'blocks', 'bytes':
        assert kind[name] == sum(entry[name] for entry in kind['classes'].values())
    assert kind['bytes'] <= kind['page_bytes']
print('counted')
";
    for options in ROOMY {
        let output = run(options, program);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.stdout == b"counted\n", "{options:?}: {stderr}");
    }
}

#[test]
fn a_table_of_the_heap_is_shown_at_exit() {
    let output = run(&["-X", "heap-stats"], "print('ran')");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.stdout == b"ran\n" && stderr.starts_with("heap: "),
        "{stderr}"
    );
    assert!(
        stderr.lines().any(|line| line.starts_with("collected")),
        "{stderr}"
    );
}

#[test]
fn a_thread_without_memory_is_refused_and_leaves_nothing_behind() {
    prints(
        "
import os, threading
# A thread that has no memory may say so.
os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
for attempt in range(3):
    release = threading.Event()
    begun = []
    try:
        while True:
            thread = threading.Thread(target=release.wait)
            thread.start()
            begun.append(thread)
    except MemoryError:
        pass
    except RuntimeError as error:
        assert str(error) == \"can't start new thread\", error
    release.set()
    for thread in begun:
        thread.join()
    assert begun and not threading._limbo
    thread = None
answer = []
thread = threading.Thread(target=answer.append, args=['went on'])
thread.start()
thread.join()
print(*answer)
",
        "went on\n",
    );
}
