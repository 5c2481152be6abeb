//! The files that `_kit.heap_snapshot` writes are what browsers' developer tools take for a heap snapshot.
//!
//! The tools read the file as a stream, keep nodes and edges as arrays of 32-bit numbers, and trust them. What they rely on
//! is checked here, by a reader that has nothing in common with the writer.

use std::collections::HashSet;
use std::process::Command;

/// A value of JSON, as far as snapshots have them.
#[derive(Debug)]
enum Json {
    Number(f64),
    Text(String),
    List(Vec<Json>),
    /// The members in the order of the file.
    Object(Vec<(String, Json)>),
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn skip(&mut self) {
        while let [b' ' | b'\n' | b'\r' | b'\t', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }

    /// Whether this comes next, and is then read.
    fn eat(&mut self, byte: u8) -> bool {
        self.skip();
        let found = self.rest.first() == Some(&byte);
        if found {
            self.rest = &self.rest[1..];
        }
        found
    }

    fn value(&mut self) -> Json {
        self.skip();
        match self.rest[0] {
            b'"' => Json::Text(self.text()),
            b'[' => {
                self.eat(b'[');
                let mut all = Vec::new();
                while !self.eat(b']') {
                    assert!(all.is_empty() || self.eat(b','));
                    all.push(self.value());
                }
                Json::List(all)
            }
            b'{' => {
                self.eat(b'{');
                let mut all = Vec::new();
                while !self.eat(b'}') {
                    assert!(all.is_empty() || self.eat(b','));
                    self.skip();
                    let name = self.text();
                    assert!(self.eat(b':'));
                    all.push((name, self.value()));
                }
                Json::Object(all)
            }
            _ => {
                let end = self
                    .rest
                    .iter()
                    .position(|byte| !b"-+.eE0123456789".contains(byte));
                let (digits, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
                self.rest = rest;
                Json::Number(std::str::from_utf8(digits).unwrap().parse().unwrap())
            }
        }
    }

    fn text(&mut self) -> String {
        assert!(self.eat(b'"'));
        let mut text = Vec::new();
        loop {
            let (&byte, rest) = self.rest.split_first().unwrap();
            self.rest = rest;
            match byte {
                b'"' => return String::from_utf8(text).unwrap(),
                b'\\' => {
                    let (&escaped, rest) = self.rest.split_first().unwrap();
                    self.rest = rest;
                    match escaped {
                        b'u' => {
                            let digits = std::str::from_utf8(&self.rest[..4]).unwrap();
                            let point = u32::from_str_radix(digits, 16).unwrap();
                            let point = char::from_u32(point).expect("no surrogate");
                            text.extend(point.to_string().bytes());
                            self.rest = &self.rest[4..];
                        }
                        b'"' | b'\\' | b'/' => text.push(escaped),
                        other => panic!("an escape that is not written: {other}"),
                    }
                }
                0..0x20 => panic!("a control character"),
                _ => text.push(byte),
            }
        }
    }
}

impl Json {
    fn list(&self) -> &[Json] {
        match self {
            Json::List(all) => all,
            other => panic!("no list: {other:?}"),
        }
    }

    fn member(&self, wanted: &str) -> &Json {
        let Json::Object(all) = self else {
            panic!("no object: {self:?}")
        };
        let found = all.iter().find(|(name, _)| name == wanted);
        &found.unwrap_or_else(|| panic!("no {wanted}")).1
    }

    fn text(&self) -> &str {
        match self {
            Json::Text(text) => text,
            other => panic!("no text: {other:?}"),
        }
    }

    fn texts(&self) -> Vec<&str> {
        self.list().iter().map(Json::text).collect()
    }

    /// A number that an array of 32-bit numbers keeps as it is.
    fn number(&self) -> usize {
        match self {
            Json::Number(number) if *number == f64::from(*number as u32) => *number as usize,
            other => panic!("no number of 32 bits: {other:?}"),
        }
    }

    fn numbers(&self) -> Vec<usize> {
        self.list().iter().map(Json::number).collect()
    }
}

/// A node with its edges: kind, name, and the target's number.
#[derive(Debug)]
struct Node {
    kind: String,
    name: String,
    id: usize,
    size: usize,
    edges: Vec<(String, String, usize)>,
}

/// Reads a snapshot the way the tools do, and checks all that they take for granted.
fn read(file: &[u8]) -> Vec<Node> {
    let mut reader = Reader { rest: file };
    let all = reader.value();
    reader.skip();
    assert!(reader.rest.is_empty());
    // The loader looks for the parts one after the other.
    let Json::Object(parts) = &all else {
        panic!("no object")
    };
    let order: Vec<&str> = parts.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        order,
        [
            "snapshot",
            "nodes",
            "edges",
            "trace_function_infos",
            "trace_tree",
            "samples",
            "locations",
            "strings"
        ]
    );
    for empty in ["trace_function_infos", "trace_tree", "samples", "locations"] {
        assert!(all.member(empty).list().is_empty());
    }
    let header = all.member("snapshot");
    assert_eq!(header.member("trace_function_count").number(), 0);
    let meta = header.member("meta");
    let fields = meta.member("node_fields").texts();
    assert_eq!(
        fields,
        [
            "type",
            "name",
            "id",
            "self_size",
            "edge_count",
            "detachedness"
        ]
    );
    let types = meta.member("node_types").list();
    assert_eq!(types.len(), fields.len());
    let kinds = types[0].texts();
    assert_eq!(types[1].text(), "string");
    assert!(types[2..].iter().all(|kind| kind.text() == "number"));
    for wanted in [
        "hidden",
        "object",
        "native",
        "code",
        "synthetic",
        "string",
        "array",
        "closure",
    ] {
        assert!(kinds.contains(&wanted), "statistics look for {wanted}");
    }
    let edge_fields = meta.member("edge_fields").texts();
    assert_eq!(edge_fields, ["type", "name_or_index", "to_node"]);
    let edge_types = meta.member("edge_types").list();
    assert_eq!(edge_types.len(), edge_fields.len());
    let edge_kinds = edge_types[0].texts();
    for wanted in [
        "element", "hidden", "internal", "shortcut", "weak", "property",
    ] {
        assert!(edge_kinds.contains(&wanted), "retainers look for {wanted}");
    }
    assert_eq!(edge_types[1].text(), "string_or_number");
    assert_eq!(edge_types[2].text(), "node");

    let strings = all.member("strings").texts();
    let numbers = all.member("nodes").numbers();
    let edges = all.member("edges").numbers();
    assert_eq!(
        numbers.len(),
        header.member("node_count").number() * fields.len()
    );
    assert_eq!(
        edges.len(),
        header.member("edge_count").number() * edge_fields.len()
    );
    let mut ids = HashSet::new();
    let mut edges = edges.chunks(edge_fields.len());
    let mut nodes = Vec::new();
    for node in numbers.chunks(fields.len()) {
        let &[kind, name, id, size, count, detached] = node else {
            panic!("a node has as many numbers as fields")
        };
        assert!(
            id % 2 == 1 && ids.insert(id),
            "ids are odd, and each is one node's"
        );
        assert!(detached <= 2);
        let mut held = Vec::new();
        for _ in 0..count {
            let &[kind, name, to] = edges.next().expect("edges follow their nodes' order") else {
                panic!("an edge has as many numbers as fields")
            };
            assert!(to % fields.len() == 0 && to < numbers.len());
            let name = match edge_kinds[kind] {
                "element" | "hidden" => name.to_string(),
                _ => strings[name].to_owned(),
            };
            held.push((edge_kinds[kind].to_owned(), name, to / fields.len()));
        }
        nodes.push(Node {
            kind: kinds[kind].to_owned(),
            name: strings[name].to_owned(),
            id,
            size,
            edges: held,
        });
    }
    assert!(edges.next().is_none(), "each edge is one node's");
    // Distances and dominators begin at the first node.
    assert_eq!((nodes[0].kind.as_str(), nodes[0].id), ("synthetic", 1));
    let mut seen = vec![false; nodes.len()];
    let mut todo = vec![0];
    while let Some(at) = todo.pop() {
        if !std::mem::replace(&mut seen[at], true) {
            todo.extend(nodes[at].edges.iter().map(|(.., to)| *to));
        }
    }
    assert!(
        seen.iter().all(|seen| *seen),
        "all is reached from the root"
    );
    nodes
}

const PROGRAM: &str = r#"
import _kit, gc, sys
class Holder:
    def method(self): return self
class Slotted(Holder):
    __slots__ = ("left", "right")
class Sub(list):
    pass
holder = Holder()
holder.items = ["a \"text\"\n", Holder()]
holder.table = {"key": (holder,), 7: holder.items, -1: holder.items, (1, 2): holder.items}
slotted = Slotted()
slotted.right = holder
sub = Sub([holder])
sub.more = holder
def outer():
    captured = holder
    def inner(): return captured
    return inner
inner = outer()
def numbers(first):
    second = first
    yield second
generator = numbers(holder)
next(generator)
bound = holder.method
big = ["x"] * 10_000
gc.collect()
_kit.heap_snapshot(sys.argv[1])
"#;

#[test]
fn a_snapshot_has_the_structure_that_the_tools_rely_on_and_names_what_holds_what() {
    let file = std::env::temp_dir().join(format!("kit-{}-names.heapsnapshot", std::process::id()));
    for options in [&[][..], &["-X", "heap=system"]] {
        let output = Command::new(env!("CARGO_BIN_EXE_kit-python"))
            .args(options)
            .args(["-c", PROGRAM])
            .arg(&file)
            .output()
            .expect("the interpreter starts");
        assert!(
            output.status.success() && output.stderr.is_empty(),
            "{output:?}"
        );
        let nodes = read(&std::fs::read(&file).expect("the snapshot"));
        std::fs::remove_file(&file).expect("it was there");
        let mut edges = HashSet::new();
        for node in &nodes {
            for (kind, name, to) in &node.edges {
                edges.insert([&node.name, kind, name, &nodes[*to].name].map(String::as_str));
            }
        }
        for wanted in [
            ["Holder", "property", "items", "list"],
            ["Holder", "property", "table", "dict"],
            ["Holder", "internal", "__class__", "class Holder"],
            ["list", "element", "0", "a \"text\"\n"],
            ["list", "element", "1", "Holder"],
            ["dict", "property", "key", "tuple"],
            ["dict", "element", "7", "list"],
            ["dict", "property", "-1", "list"],
            ["dict", "internal", "value", "list"],
            ["dict", "internal", "key", "tuple"],
            ["tuple", "element", "0", "Holder"],
            ["Slotted", "property", "right", "Holder"],
            ["Sub", "element", "0", "Holder"],
            ["Sub", "property", "more", "Holder"],
            [
                "function outer.<locals>.inner",
                "internal",
                "__closure__",
                "tuple",
            ],
            ["tuple", "element", "0", "cell"],
            ["cell", "property", "cell_contents", "Holder"],
            ["function outer", "internal", "__code__", "code outer"],
            ["generator numbers", "property", "second", "Holder"],
            [
                "generator numbers",
                "internal",
                "function",
                "function numbers",
            ],
            ["method", "internal", "__self__", "Holder"],
            ["method", "internal", "__func__", "function Holder.method"],
            ["class Slotted", "internal", "__base__", "class Holder"],
            ["dict", "property", "method", "function Holder.method"],
            ["module __main__", "internal", "__dict__", "dict"],
            ["dict", "property", "__main__", "module __main__"],
            ["dict", "property", "holder", "Holder"],
        ] {
            assert!(edges.contains(&wanted), "{wanted:?}");
        }
        let kinds: HashSet<(&str, &str)> = nodes
            .iter()
            .map(|node| (node.name.as_str(), node.kind.as_str()))
            .collect();
        for (name, kind) in [
            ("Holder", "object"),
            ("list", "array"),
            ("function outer", "closure"),
            ("code outer", "code"),
            ("a \"text\"\n", "string"),
        ] {
            assert!(kinds.contains(&(name, kind)), "{name}");
        }
        let largest = nodes.iter().filter(|node| node.name == "list");
        let largest = largest.map(|node| node.size).max();
        assert!(largest >= Some(80_000), "the items are the list's");
    }
}
