//! What `-X zeal`, `-X gc-report` and `_kit.heap_snapshot` do.

use std::path::PathBuf;
use std::process::{Command, Output};

fn run(options: &[&str], program: &str, argument: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kit-python"))
        .args(options)
        .args(["-c", program, argument])
        .output()
        .expect("the interpreter starts")
}

#[track_caller]
fn prints(options: &[&str], program: &str, argument: &str, expected: &str) {
    let output = run(options, program, argument);
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && stdout == expected && stderr.is_empty(),
        "{options:?}: {}\n{stdout}\n{stderr}",
        output.status
    );
}

/// A file that goes with the test.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Scratch {
        let name = format!("kit-{}-{name}", std::process::id());
        Scratch(std::env::temp_dir().join(name))
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("a plain name")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // There may be none.
        let _ = std::fs::remove_file(&self.0);
    }
}

const WORK: &str = "
import gc, threading, weakref
class Node:
    def __init__(self, n):
        self.n, self.me = n, self
    def __del__(self):
        dead.append(self.n)
dead = []
def work(start):
    for n in range(start, start + 50):
        node = Node(n)
        text = str(n) * 3
        table = {text: [node, (n, text)], n: lambda: node}
        assert table[text][0].n == n
        def numbers():
            yield table
        next(numbers())
threads = [threading.Thread(target=work, args=(start,)) for start in (0, 50)]
for thread in threads: thread.start()
for thread in threads: thread.join()
work(100)
gc.collect()
print(sorted(dead) == list(range(150)))
";

#[test]
fn a_zealous_run_does_what_any_run_does() {
    for options in [
        &["-X", "zeal=7"][..],
        &["-X", "zeal=7", "-X", "heap=system"],
    ] {
        prints(options, WORK, "", "True\n");
    }
}

#[test]
fn a_report_shows_collections_and_what_is_on_the_heap() {
    let file = Scratch::new("report.html");
    let option = format!("gc-report={}", file.path());
    let program = "
import gc
class Some_Class: pass
kept = [Some_Class() for n in range(1000)]
for n in range(3): gc.collect()
";
    prints(&["-X", &option], program, "", "");
    let page = std::fs::read_to_string(&file.0).expect("the report");
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>\n"));
    assert!(page.contains("<text x=\"0\" y=\"") && page.contains(">Some_Class</text>"));
    assert!(page.contains(" bytes, 1000 objects</text>"));
    assert_eq!(page.matches("<tr><td>asked for</td>").count(), 3);
    assert!(page.contains("aria-label=\"histogram of the longest stops\""));
    assert!(page.contains("aria-label=\"histogram of the time until all stopped\""));
    assert!(page.contains("aria-label=\"histogram of the time stopped\""));
    assert!(!page.contains("<script"));
}

#[test]
fn stops_are_counted() {
    let program = "
import _kit, gc
before = _kit.stop_statistics()
for n in range(10): gc.collect()
after = _kit.stop_statistics()
print(after['stops'] - before['stops'] >= 10, after['late'])
for name in ('latency', 'pause'):
    times = after[name]
    print(sum(times['bins'].values()) == after['stops'], 0 < times['longest'] <= times['total'])
    print(all(n == 0 or n & (n - 1) == 0 for n in times['bins']))
";
    prints(
        &[],
        program,
        "",
        "True 0\nTrue True\nTrue\nTrue True\nTrue\n",
    );
}

/// A thread that computes something for a while comes to no safepoint, and is named by those that wait for it, and by
/// itself.
#[test]
fn who_keeps_a_stop_waiting_is_named() {
    let program = "
import gc, threading, _kit
def busy_bee():
    number = 7 ** 400_000
    started.set()
    number = number * number // (number + 1)
    while not done: done.append(1)
done = []
started = threading.Event()
thread = threading.Thread(target=busy_bee)
thread.start()
started.wait()
while not done: gc.collect()
thread.join()
print(_kit.stop_statistics()['late'] > 0)
";
    let output = run(&["-X", "stop-report=1"], program, "");
    assert_eq!(output.stdout, b"True\n");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        stderr.contains("kit-python: a stop has waited for "),
        "{stderr}"
    );
    assert!(
        stderr.contains(", last seen in busy_bee, file '<string>', line "),
        "{stderr}"
    );
    assert!(stderr.contains(" kept a stop waiting, for "), "{stderr}");
}

#[test]
fn a_report_that_cannot_be_written_is_a_message() {
    let output = run(&["-X", "gc-report=/nowhere/report.html"], "print(1)", "");
    assert_eq!(output.stdout, b"1\n");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        stderr.starts_with(
            "kit-python: -X gc-report: can't write '/nowhere/report.html': No such file"
        )
    );
}

/// The file is JSON without `true`, `false` and `null`, which is an expression.
#[test]
fn a_snapshot_has_every_object_and_its_references() {
    let file = Scratch::new("heap.heapsnapshot");
    let program = r#"
import gc, sys, _kit
class Holder: pass
holder = Holder()
holder.items = ['a text to "find"\n', Holder()]
gc.collect()
count = _kit.heap_snapshot(sys.argv[1])
with open(sys.argv[1]) as file:
    snapshot = eval(file.read())
meta = snapshot['snapshot']['meta']
fields, strings = meta['node_fields'], snapshot['strings']
width = len(fields)
numbers = snapshot['nodes']
nodes = [dict(zip(fields, numbers[at:at + width])) for at in range(0, len(numbers), width)]
print(len(nodes) == snapshot['snapshot']['node_count'] == count + 6)
edges = [snapshot['edges'][at:at + 3] for at in range(0, len(snapshot['edges']), 3)]
print(len(edges) == snapshot['snapshot']['edge_count'] == sum(node['edge_count'] for node in nodes))
print(len({node['id'] for node in nodes}) == len(nodes), all(to % width == 0 and to // width < len(nodes) for _, _, to in edges))
begin, held = 0, {}
for at, node in enumerate(nodes):
    held[at] = [to // width for _, _, to in edges[begin:begin + node['edge_count']]]
    begin += node['edge_count']
name = lambda at: strings[nodes[at]['name']]
kind = lambda at: meta['node_types'][0][nodes[at]['type']]
print(name(held[0][0]), [name(at) for at in held[1]])
def find(wanted):
    return [at for at in range(len(nodes)) if name(at) == wanted]
print([kind(at) for at in find('a text to "find"\n')])
text, = [at for at in find('a text to "find"\n') if kind(at) == 'string'][:1]
lists = [at for at in find('list') if text in held[at]]
print([[name(to) for to in held[at]][-1] for at in lists if any(to in held[at] for to in find('Holder'))])
print(len([at for at in find('Holder') if kind(at) == 'object']))
# After a collection all is held by somebody.
seen, todo = {0}, [0]
while todo:
    for to in held[todo.pop()]:
        if to not in seen:
            seen.add(to)
            todo.append(to)
print(len(nodes) - len(seen))
"#;
    prints(
        &[],
        program,
        file.path(),
        "True\nTrue\nTrue True\n(GC roots) ['(Stacks)', '(Interpreter)', '(Counted elsewhere)', '(Immortal)']\n['string']\n['Holder']\n2\n0\n",
    );
}
