//! A census: every object on the heap and every reference between them, taken with the world stopped.

use super::names::{self, Name, Names};
use crate::object::ids;
use crate::object::payload::Body;
use crate::object::str_::PyStr;
use crate::object::type_::{PyType, layout_of};
use crate::vm::thread::rt;
use kit_core::backend::heap::Kinds;
use kit_core::object::{Bits, Header, Word};
use kit_core::thread::{Ctx, Thread};
use std::collections::HashMap;

/// An object.
pub struct Node {
    /// Where it lies.
    pub address: usize,
    /// Its type.
    pub type_id: u32,
    /// Bytes of its block and of the buffer that belongs to it; 0 for one that lies in no heap.
    pub bytes: usize,
    /// What it is called: the beginning of what it says, for a str; its name, for a function or a class.
    pub name: Option<String>,
    /// References to it that no object holds; 0 for an immortal one, which does not count.
    pub outside: i64,
    /// Whether it stays for ever.
    pub immortal: bool,
}

/// A reference.
pub struct Reference {
    /// Who holds it: an index into [`Census::nodes`].
    pub from: u32,
    /// What it is called.
    pub name: ReferenceName,
    /// What it refers to: an index too.
    pub to: u32,
}

/// What a reference is called: a number, or a text in [`Census::texts`].
#[derive(Clone, Copy)]
pub enum ReferenceName {
    /// An item's number.
    Index(u32),
    /// A name of the program's.
    Attribute(u32),
    /// A name of the language's.
    Internal(u32),
}

/// Texts, each once.
#[derive(Default)]
pub struct Texts {
    /// All of them.
    pub all: Vec<String>,
    places: HashMap<String, u32>,
}

impl Texts {
    /// The index of a text.
    pub fn index(&mut self, text: &str) -> u32 {
        if let Some(&at) = self.places.get(text) {
            return at;
        }
        let at = self.all.len() as u32;
        self.all.push(text.to_owned());
        self.places.insert(text.to_owned(), at);
        at
    }
}

/// What was there.
#[derive(Default)]
pub struct Census {
    /// All objects.
    pub nodes: Vec<Node>,
    /// The references that they hold, by holder.
    pub references: Vec<Reference>,
    /// Those on data stacks: indices into `nodes`.
    pub stacks: Vec<u32>,
    /// Those the interpreter itself holds.
    pub roots: Vec<u32>,
    /// The names of their types.
    pub classes: HashMap<u32, String>,
    /// The names of references.
    pub texts: Texts,
    names: Names,
    places: HashMap<usize, u32>,
}

/// Characters of a str that are shown.
const SHOWN: usize = 80;

/// The name of the class with this type id.
///
/// # Safety
/// - The class stays: an instance is kept, or the world is stopped.
pub unsafe fn class_name(thread: &Thread, id: u32) -> String {
    let entry = thread.services().types.entry(id);
    let class = entry.object();
    if !class.is_object() {
        return entry.kind().name.to_owned();
    }
    // SAFETY: the object of a type is its class; the name, a str, is replaced by assignment alone, and freed after a
    // safepoint at the earliest.
    unsafe {
        let class = &*class.as_object().cast::<Body<PyType>>();
        let name = class.name.peek();
        if name.is_object() {
            text_of(&*name.as_object())
        } else {
            entry.kind().name.to_owned()
        }
    }
}

/// The beginning of a text.
///
/// # Safety
/// - `text` is a str.
pub unsafe fn text_of(text: &Header) -> String {
    // SAFETY: as the caller says.
    let body = unsafe { &*std::ptr::from_ref(text).cast::<Body<PyStr>>() };
    let shown = String::from_utf8_lossy(body.bytes());
    shown.chars().take(SHOWN).collect()
}

impl Census {
    /// Counts.
    pub fn take(ctx: &Ctx) -> Census {
        let runtime = rt(ctx);
        let thread = ctx.thread();
        let mut census = Census::default();
        let stopped = runtime.kit.stop_others(ctx);
        // SAFETY: the world is stopped until the end of the function; the census lies outside of the heap. Live
        // blocks of these kinds hold an object at the page's offset; those with references are complete.
        unsafe {
            runtime
                .kit
                .heap()
                .for_each_block(Kinds::OBJECTS, |block, page| {
                    let offset = page.as_ref().heap_kind().header_offset();
                    let header: &Header = block.add(offset).cast().as_ref();
                    if header.references() > 0 || header.bits().contains(Bits::DEFERRED) {
                        let bytes = thread.heap.usable_size(block);
                        census.add(header, bytes + names::buffer_bytes(thread, header));
                    }
                });
            let mut from = 0;
            // Objects in static memory are met on the way.
            while from < census.nodes.len() {
                census.trace(thread, from);
                from += 1;
            }
            stopped.for_each_thread(|core| {
                // A core is the first field of its thread's record.
                let other = &*std::ptr::from_ref(core).cast::<Thread>();
                (*other.stack.get()).scan(&mut |word| {
                    let at = census.refer(word);
                    census.stacks.push(at);
                });
            });
            crate::vm::collect::for_each_root(runtime, &mut |word| {
                if word.is_object() {
                    let at = census.refer(word);
                    census.roots.push(at);
                }
            });
            for at in 0..census.nodes.len() {
                let id = census.nodes[at].type_id;
                census
                    .classes
                    .entry(id)
                    .or_insert_with(|| class_name(thread, id));
            }
        }
        drop(stopped);
        census.stacks.sort_unstable();
        census.stacks.dedup();
        census
    }

    /// # Safety
    /// - `header` is alive, and the world is stopped.
    unsafe fn add(&mut self, header: &Header, bytes: usize) -> u32 {
        let at = self.nodes.len() as u32;
        let type_id = header.type_id();
        let immortal = header.is_immortal();
        self.nodes.push(Node {
            address: std::ptr::from_ref(header).expose_provenance(),
            type_id,
            bytes,
            // SAFETY: alive, and the world is stopped.
            name: unsafe { names::describe(header) },
            outside: if immortal { 0 } else { header.references() },
            immortal,
        });
        self.places.insert(std::ptr::from_ref(header).addr(), at);
        at
    }

    /// The index of what a word refers to.
    ///
    /// # Safety
    /// - The word refers to a live object, and the world is stopped.
    unsafe fn refer(&mut self, word: Word) -> u32 {
        let object = word.as_object();
        match self.places.get(&object.addr()) {
            Some(&at) => at,
            // SAFETY: alive; in static memory, or without references of its own.
            None => unsafe { self.add(&*object, 0) },
        }
    }

    /// # Safety
    /// - As for [`Census::take`]; `from` is the index of a live object.
    unsafe fn trace(&mut self, thread: &Thread, from: usize) {
        let object = std::ptr::with_exposed_provenance::<Header>(self.nodes[from].address);
        // SAFETY: alive; only tracked objects and tuples are traced, with the world stopped.
        unsafe {
            // A tuple of atoms is not tracked, but complete.
            let is_tuple = layout_of((*object).type_id()) == ids::TUPLE;
            if !is_tuple && !(*object).bits().contains(Bits::TRACKED) {
                return;
            }
            let kind = thread.services().types.entry((*object).type_id()).kind();
            let mut names = std::mem::take(&mut self.names);
            names.begin(object);
            let mut index = 0;
            kind.references(object, |word, edge| {
                let to = self.refer(word);
                if edge.is_counted() {
                    self.nodes[to as usize].outside -= 1;
                }
                let name = match names.next(index, word.as_object()) {
                    Name::Index(index) => ReferenceName::Index(index),
                    Name::Attribute(name) => ReferenceName::Attribute(self.texts.index(&name)),
                    Name::Internal(name) => ReferenceName::Internal(self.texts.index(&name)),
                };
                self.references.push(Reference {
                    from: from as u32,
                    name,
                    to,
                });
                index += 1;
            });
            self.names = names;
        }
    }

    /// The name of an object's class.
    pub fn class_of(&self, node: &Node) -> &str {
        self.classes.get(&node.type_id).map_or("?", String::as_str)
    }
}
