//! The heap as a `.heapsnapshot` file: what the memory panel of Chrome's developer tools loads.
//!
//! The format is one JSON object of flat arrays: six numbers for a node, three for an edge, and texts by their index.
//! Whatever is called something has its name: objects, attributes, variables, keys ([`names`](super::names)).
//! The edges of a node follow those of the node before, and refer to nodes by the place of their first number. Some nodes
//! stand for who is no object: data stacks, the interpreter, whoever else has counted references, and what keeps immortal objects. The root refers to those by way of
//! `(GC roots)`, a name the tools know, and to the interpreter's objects directly: from these they count distances.

use super::census::{Census, Node, ReferenceName};
use crate::object::ids as types;
use std::collections::HashSet;
use std::io::{self, Write};

const META: &str = r#"{"node_fields":["type","name","id","self_size","edge_count","detachedness"],"node_types":[["hidden","array","string","object","code","closure","regexp","number","native","synthetic","concatenated string","sliced string","symbol","bigint","object shape"],"string","number","number","number","number"],"edge_fields":["type","name_or_index","to_node"],"edge_types":[["context","element","property","internal","hidden","shortcut","weak"],"string_or_number","node"],"trace_function_info_fields":["function_id","name","script_name","script_id","line","column"],"trace_node_fields":["id","function_info_index","count","size","children"],"sample_fields":["timestamp_us","last_assigned_id"],"location_fields":["object_index","script_id","line","column"]}"#;

/// Numbers of a node.
const FIELDS: usize = 6;

// Indices of `node_types[0]` and `edge_types[0]`.
const ARRAY: usize = 1;
const STRING: usize = 2;
const OBJECT: usize = 3;
const CODE: usize = 4;
const CLOSURE: usize = 5;
const NUMBER: usize = 7;
const SYNTHETIC: usize = 9;
const ELEMENT: usize = 1;
const PROPERTY: usize = 2;
const INTERNAL: usize = 3;

/// The nodes that are no objects: the root, its child, and the children of that.
const SYNTHETICS: [&str; 6] = [
    "",
    "(GC roots)",
    "(Stacks)",
    "(Interpreter)",
    "(Counted elsewhere)",
    "(Immortal)",
];

fn kind_of(node: &Node) -> usize {
    match node.type_id {
        types::STR | types::BYTES => STRING,
        types::LIST | types::TUPLE | types::DICT | types::SET | types::FROZENSET => ARRAY,
        types::FUNCTION => CLOSURE,
        types::CODE => CODE,
        types::INT | types::FLOAT | types::COMPLEX => NUMBER,
        _ => OBJECT,
    }
}

/// The ids of objects: odd, and of 32 bits, which is what the tools keep of them. As far as they fit they are made of
/// addresses, so that an object has the same one in the next snapshot.
#[derive(Default)]
struct Ids(HashSet<u32>);

impl Ids {
    fn id(&mut self, address: usize) -> u32 {
        // Objects lie at multiples of eight.
        let mut id = (address >> 2) as u32 | 1;
        while id < 2 * SYNTHETICS.len() as u32 || !self.0.insert(id) {
            id = id.wrapping_add(2);
        }
        id
    }
}

/// Writes the file.
///
/// # Errors
/// It could not be written.
pub fn write(census: &mut Census, out: &mut impl Write) -> io::Result<()> {
    let mut texts = std::mem::take(&mut census.texts);
    let all = |wanted: fn(&Node) -> bool| {
        let nodes = census.nodes.iter().enumerate();
        let found = nodes.filter(|(_, node)| wanted(node));
        found.map(|(at, _)| at as u32).collect::<Vec<_>>()
    };
    let place = |at: u32| (at as usize + SYNTHETICS.len()) * FIELDS;
    let places = |group: &[u32]| group.iter().map(|&at| place(at)).collect::<Vec<_>>();
    let synthetic = |range: std::ops::Range<usize>| range.map(|at| at * FIELDS);
    // What each synthetic node refers to.
    let held: [Vec<usize>; SYNTHETICS.len()] = [
        synthetic(1..2).chain(places(&census.roots)).collect(),
        synthetic(2..SYNTHETICS.len()).collect(),
        places(&census.stacks),
        places(&census.roots),
        places(&all(|node| node.outside > 0)),
        places(&all(|node| node.immortal)),
    ];
    let edges = held.iter().map(Vec::len).sum::<usize>() + census.references.len();
    write!(
        out,
        "{{\"snapshot\":{{\"meta\":{META},\"node_count\":{},\"edge_count\":{edges},\"trace_function_count\":0}},\n\"nodes\":[",
        census.nodes.len() + SYNTHETICS.len(),
    )?;
    for (at, name) in SYNTHETICS.iter().enumerate() {
        let comma = if at == 0 { "" } else { ",\n" };
        let count = held[at].len();
        // The ids of objects are odd, and larger.
        let (name, id) = (texts.index(name), at * 2 + 1);
        write!(out, "{comma}{SYNTHETIC},{name},{id},0,{count},0")?;
    }
    let mut ids = Ids::default();
    let mut counts = vec![0_u32; census.nodes.len()];
    for reference in &census.references {
        counts[reference.from as usize] += 1;
    }
    for (node, count) in census.nodes.iter().zip(counts) {
        let name = match &node.name {
            Some(name) => texts.index(name),
            None => texts.index(census.class_of(node)),
        };
        let (kind, id, bytes) = (kind_of(node), ids.id(node.address), node.bytes);
        write!(out, ",\n{kind},{name},{id},{bytes},{count},0")?;
    }
    write!(out, "],\n\"edges\":[")?;
    let mut comma = "";
    for targets in &held {
        for (index, to) in targets.iter().enumerate() {
            write!(out, "{comma}{ELEMENT},{index},{to}")?;
            comma = ",\n";
        }
    }
    for reference in &census.references {
        let (kind, name) = match reference.name {
            ReferenceName::Index(index) => (ELEMENT, index),
            ReferenceName::Attribute(text) => (PROPERTY, text),
            ReferenceName::Internal(text) => (INTERNAL, text),
        };
        let to = place(reference.to);
        write!(out, ",\n{kind},{name},{to}")?;
    }
    write!(
        out,
        "],\n\"trace_function_infos\":[],\"trace_tree\":[],\"samples\":[],\"locations\":[],\n\"strings\":["
    )?;
    for (at, text) in texts.all.iter().enumerate() {
        let comma = if at == 0 { "" } else { ",\n" };
        write!(out, "{comma}")?;
        quote(text, out)?;
    }
    write!(out, "]}}")
}

/// A text as JSON has it.
fn quote(text: &str, out: &mut impl Write) -> io::Result<()> {
    write!(out, "\"")?;
    for c in text.chars() {
        match c {
            '"' | '\\' => write!(out, "\\{c}")?,
            // What a terminal might take for something else goes too.
            c if c.is_control() => write!(out, "\\u{:04x}", c as u32)?,
            c => write!(out, "{c}")?,
        }
    }
    write!(out, "\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_quoted_as_json_wants() {
        let mut out = Vec::new();
        quote("a\"\\\n\u{7f}é", &mut out).expect("memory");
        assert_eq!(out, "\"a\\\"\\\\\\u000a\\u007fé\"".as_bytes());
    }
}
