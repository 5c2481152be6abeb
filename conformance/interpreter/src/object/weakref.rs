//! `weakref.ref`: the type of weak references, and what its proxies share with it.
//!
//! Which references an object has, and how they are followed and cleared, is the kit's affair
//! ([`kit_core::weak`]). Here a reference is an object with a node in it:
//!
//! | rank | who | shared by all who ask for one |
//! |---|---|---|
//! | 0 | `weakref.ref` itself without a callback | yes |
//! | 1 | a proxy without a callback | yes |
//! | 2 | with a callback, or of a derived class | no |

pub mod proxy;

use super::args::Args;
use super::define::{GetSet, Method, Native, TypeDef, flag, member};
use super::dict::PyDict;
use super::obj::Obj;
use super::payload::{self, Body, Payload};
use super::slot::Slot;
use super::slots::{Comparison, Slots};
use super::str_::PyStr;
use super::type_::{PyType, full_name, layout_of, type_of};
use super::{ids, int, protocol, str_};
use crate::error::{PyResult, raise};
use crate::module::support::class_getitem;
use crate::object::{attribute, exception, names::names};
use crate::prelude::*;
use crate::vm::report;
use crate::vm::thread::{py, rt};
use core::mem::offset_of;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicI64, Ordering::*};
use kit_core::backend::collector::WeakPhase;
use kit_core::backend::events::REFERS_WEAKLY;
use kit_core::backend::heap::HeapKind;
use kit_core::object::{Bits, Header, Tracer, Word};
use kit_core::thread::Ctx;
use kit_core::weak::WeakNode;
use kit_std::thread::current;

type Cell = Body<PyWeakref>;

/// The weak references of an interpreter.
pub struct WeakTable(kit_core::weak::WeakTable);

impl Default for WeakTable {
    fn default() -> Self {
        WeakTable(kit_core::weak::WeakTable::new(|header| {
            // A reference is found by its referent's death, a class by its bases.
            matches!(layout_of(header.type_id()), ids::WEAKREF | ids::TYPE)
        }))
    }
}

impl WeakTable {
    /// Clears the weak references to a dying object, then calls their callbacks.
    ///
    /// # Safety
    /// - The object is complete, and dying on this thread.
    pub unsafe fn clear(&self, ctx: &mut Ctx, object: *const Header) {
        // SAFETY: as the caller says; the table hands a reference over.
        unsafe {
            self.0.clear(ctx, object, &mut |ctx, reference| {
                call_back(ctx, &Obj::from_word(reference), "while calling");
            });
        }
    }

    /// Clears the weak references to garbage, for the collector, all of them before finalizers run, as Python 3.14
    /// does: an object that its finalizer brings back is not seen through them.
    ///
    /// # Safety
    /// - The world is stopped by this thread, and the object is complete.
    pub unsafe fn clear_garbage(
        &self,
        object: *mut Header,
        garbage: &dyn Fn(*mut Header) -> bool,
    ) -> bool {
        let by = current::counter();
        // SAFETY: as the caller says.
        let header = unsafe { &*object };
        if layout_of(header.type_id()) == ids::WEAKREF {
            // SAFETY: the layout says that this is its body; as the caller says.
            unsafe {
                self.0
                    .unlink_garbage(&(*object.cast::<Cell>()).payload.node)
            };
        }
        if !header.bits().contains(Bits::WEAKLY_REFERENCED) {
            return false;
        }
        // SAFETY: as the caller says.
        unsafe {
            self.0
                .clear_garbage(by, object, WeakPhase::AfterFinalizers, garbage)
        }
    }

    /// Runs the callbacks that [`WeakTable::clear_garbage`] noted.
    pub fn run_pending(&self, ctx: &mut Ctx) {
        self.0.run_pending(ctx, &mut |ctx, reference| {
            // SAFETY: the table hands a reference over.
            call_back(ctx, &unsafe { Obj::from_word(reference) }, "on calling");
        });
    }

    /// The weak references to an object: the shared ones, then the others, the newest first.
    pub fn references(&self, ctx: &Ctx, object: &Obj) -> Vec<Obj> {
        let Some(header) = object.header() else {
            return Vec::new();
        };
        let mut words = Vec::new();
        loop {
            let count = self.0.list(ctx, header, &mut words);
            // SAFETY: as many as there was room for were stored, each with a reference.
            let found = words
                .drain(..count.min(words.len()))
                .map(|word| unsafe { Obj::from_word(word) })
                .collect::<Vec<_>>();
            if found.len() == count {
                return found;
            }
            // More, should some be made meanwhile.
            words.resize(count + count / 8, Word::NULL);
        }
    }

    /// How many weak references there are to an object.
    pub fn count(&self, ctx: &Ctx, object: &Obj) -> usize {
        object
            .header()
            .map_or(0, |header| self.0.list(ctx, header, &mut []))
    }

    /// The first of the weak references to an object.
    pub fn first(&self, ctx: &Ctx, object: &Obj) -> Option<Obj> {
        let mut word = [Word::NULL];
        self.0.list(ctx, object.header()?, &mut word);
        // SAFETY: stored with a reference, or still null.
        unsafe { Obj::from_nullable(word[0]) }
    }
}

/// Calls the callback of a cleared weak reference. `when` is what is said first, should it fail.
fn call_back(ctx: &mut Ctx, reference: &Obj, when: &str) {
    let cell = reference.expect::<PyWeakref>();
    let Some(callback) = cell.callback.replace(ctx, &cell.header, None) else {
        return;
    };
    let raised = py(ctx).raised.take();
    if let Err(error) = protocol::call(ctx, &callback, core::slice::from_ref(reference)) {
        let error = exception::take(ctx, error);
        let shown = protocol::repr_string(ctx, &callback).unwrap_or_else(|raised| {
            exception::take(ctx, raised);
            "<object repr() failed>".to_owned()
        });
        let message = format!("{when} weakref callback {shown}");
        report::report_unraisable(ctx, &error, &message, None);
    }
    py(ctx).raised = raised;
}

/// The body of a weak reference, and of a proxy.
pub struct PyWeakref {
    node: WeakNode,
    callback: Slot,
    /// The referent's hash; −1 before it was asked for.
    hash: AtomicI64,
}

// SAFETY: `trace` reports the callback, the only counted reference.
unsafe impl Payload for PyWeakref {
    const ID: u32 = ids::WEAKREF;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "weakref";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.callback.trace(tracer);
    }

    fn clear(&self, ctx: &mut Ctx) {
        rt(ctx).library.weak.0.unlink(ctx, &self.node);
        // The collector has the only way to the object.
        drop(self.callback.replace_locked(ctx, None));
    }

    fn leave(&self, ctx: &Ctx) {
        rt(ctx).library.weak.0.unlink(ctx, &self.node);
    }
}

/// The kit's flag of types whose instances are laid out as weak references.
pub const fn refers(layout: u32) -> u32 {
    if layout == ids::WEAKREF {
        REFERS_WEAKLY
    } else {
        0
    }
}

/// Whether instances of this built-in type can be referred to weakly.
pub fn is_weakable(id: u32) -> bool {
    WEAKABLE.contains(&id)
}

const WEAKABLE: &[u32] = &[
    ids::TYPE,
    ids::SET,
    ids::FROZENSET,
    ids::MEMORYVIEW,
    ids::FUNCTION,
    ids::CODE,
    ids::BUILTIN_FUNCTION,
    ids::BOUND_METHOD,
    ids::ARRAY,
    ids::MODULE,
    ids::GENERATOR,
    ids::COROUTINE,
    ids::ASYNC_GENERATOR,
    ids::UNION,
    ids::GENERIC_ALIAS,
    ids::FILE,
    ids::BUFFERED_FILE,
    ids::STRING_IO,
    ids::BYTES_IO,
    ids::tailed::TYPE_VAR,
    ids::tailed::TYPE_VAR_TUPLE,
    ids::tailed::PARAM_SPEC,
    ids::IT_TEE,
    ids::SRE_PATTERN,
    ids::PARTIAL,
    ids::LRU_CACHE,
    ids::DEQUE,
    ids::tailed::ORDERED_DICT,
    ids::LOCK,
    ids::RLOCK,
    ids::THREAD_LOCAL,
    ids::SIMPLE_QUEUE,
    ids::RANDOM,
];

/// A weak reference to `referent`, of the class `type_id`.
pub fn create(ctx: &mut Ctx, type_id: u32, referent: &Obj, callback: Option<Obj>) -> PyResult {
    if type_of(ctx, referent).flags.load(Relaxed) & flag::WEAKREF == 0 {
        let class = protocol::type_name(ctx, referent);
        return Err(raise!(
            ctx,
            TypeError,
            "cannot create weak reference to '{class}' object"
        ));
    }
    let Some(header) = referent.header() else {
        return Ok(Obj::NONE);
    };
    let table = &rt(ctx).library.weak.0;
    let rank = match type_id {
        ids::WEAKREF if callback.is_none() => 0,
        ids::WEAK_PROXY | ids::WEAK_CALLABLE_PROXY if callback.is_none() => 1,
        _ => 2,
    };
    if rank < 2
        && let Some(known) = table.find(ctx, header, rank)
    {
        // SAFETY: the table hands a reference over.
        return Ok(unsafe { Obj::from_word(known) });
    }
    let offset = offset_of!(Cell, payload) + offset_of!(PyWeakref, node);
    let body = PyWeakref {
        node: WeakNode::in_object(offset as u16, rank, callback.is_some()),
        callback: Slot::from_option(callback),
        hash: AtomicI64::new(-1),
    };
    let this = payload::allocate(ctx, type_id, body)?;
    // SAFETY: the node lies in the new object, at this offset, and leaves the table in `leave`; `referent` keeps what
    // it refers to.
    unsafe {
        let node = this.word().as_object().byte_add(offset).cast::<WeakNode>();
        let node = NonNull::new_unchecked(node);
        if rank < 2 {
            if let Some(known) = table.find_or_link(ctx, node, header) {
                // Another thread was faster.
                return Ok(Obj::from_word(known));
            }
        } else {
            table.link(ctx, node, header);
        }
    }
    Ok(this)
}

/// What a weak reference refers to, if it is still there.
#[inline]
pub fn upgrade(ctx: &Ctx, reference: &Obj) -> Option<Obj> {
    let cell = reference.expect::<PyWeakref>();
    let found = cell.node.upgrade(ctx)?;
    // SAFETY: the table hands a reference over.
    Some(unsafe { Obj::from_word(found) })
}

fn parse(ctx: &mut Ctx, args: Args<'_>, name: &str) -> PyResult<(Obj, Option<Obj>)> {
    args.check(ctx, name, 1, 2)?;
    let callback = args.pos.get(1).filter(|callback| !callback.is_none());
    Ok((args.pos[0].clone(), callback.cloned()))
}

fn new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    // A derived class may take more arguments in its `__init__`.
    let args = Args::positional(args.pos);
    let (referent, callback) = parse(ctx, args, "__new__")?;
    create(ctx, class.expect::<PyType>().id, &referent, callback)
}

fn init(ctx: &mut Ctx, _: &Obj, args: Args<'_>) -> PyResult<()> {
    args.no_keywords(ctx, "ref")?;
    parse(ctx, args, "__init__").map(drop)
}

fn call(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    args.no_keywords(ctx, "weakref")?;
    if !args.pos.is_empty() {
        let given = args.pos.len();
        return Err(raise!(
            ctx,
            TypeError,
            "weakref expected 0 arguments, got {given}"
        ));
    }
    Ok(upgrade(ctx, this).unwrap_or(Obj::NONE))
}

fn hash(ctx: &mut Ctx, this: &Obj) -> PyResult<i64> {
    let cell = this.expect::<PyWeakref>();
    let known = cell.hash.load(Relaxed);
    if known != -1 {
        return Ok(known);
    }
    let Some(referent) = upgrade(ctx, this) else {
        return Err(raise!(ctx, TypeError, "weak object has gone away"));
    };
    let hash = protocol::hash(ctx, &referent)?;
    cell.hash.store(hash, Relaxed);
    Ok(hash)
}

fn compare(ctx: &mut Ctx, this: &Obj, other: &Obj, op: Comparison) -> PyResult {
    let equality = matches!(op, Comparison::Eq | Comparison::Ne);
    if !equality || other.downcast::<PyWeakref>().is_none() {
        return Ok(Obj::NOT_IMPLEMENTED);
    }
    match (upgrade(ctx, this), upgrade(ctx, other)) {
        (Some(a), Some(b)) => protocol::compare(ctx, &a, &b, op),
        _ => Ok(Obj::bool(this.is(other) == (op == Comparison::Eq))),
    }
}

fn repr(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let address = protocol::address(this);
    let Some(referent) = upgrade(ctx, this) else {
        return str_::new(ctx, &format!("<weakref at {address:#x}; dead>"));
    };
    let class = type_of(ctx, &referent).to_obj();
    let what = full_name(ctx, &class)?;
    let what = what.strip_prefix("__main__.").unwrap_or(&what);
    let at = protocol::address(&referent);
    let mut text = format!("<weakref at {address:#x}; to '{what}' at {at:#x}");
    let name = &names(ctx).name;
    // What the class says, as of a special method: the object is not asked.
    if let Some(name) = attribute::bound_special(ctx, &referent, name)?
        && let Some(name) = name.downcast::<PyStr>()
    {
        text.push_str(&format!(" ({})", name.as_str_lossy()));
    }
    text.push('>');
    str_::new(ctx, &text)
}

fn callback(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let cell = this.expect::<PyWeakref>();
    if cell.node.is_dead() {
        return Ok(Obj::NONE);
    }
    Ok(cell.callback.get(ctx, &cell.header).unwrap_or(Obj::NONE))
}

const CALLBACK: GetSet = member("__callback__", callback);

/// `weakref.ref`.
pub static WEAKREF: TypeDef = TypeDef {
    id: ids::WEAKREF,
    name: "weakref.ReferenceType",
    base: ids::OBJECT,
    layout: ids::WEAKREF,
    kind: &Body::<PyWeakref>::KIND,
    flags: flag::BASE,
    slots: Slots {
        new: Some(new),
        init: Some(init),
        call: Some(call),
        hash: Some(hash),
        compare: Some(compare),
        repr: Some(repr),
        ..Slots::NONE
    },
    methods: &[Method {
        name: "__class_getitem__",
        native: Native::C1(class_getitem),
        doc: "See PEP 585",
    }],
    getset: &[CALLBACK],
    doc: "A reference to an object that does not keep it alive.",
};

/// `weakref.getweakrefcount(object)`.
pub fn count(ctx: &mut Ctx, object: &Obj) -> PyResult {
    let count = rt(ctx).library.weak.count(ctx, object);
    int::from_usize(ctx, count)
}

/// `weakref.getweakrefs(object)`.
pub fn list(ctx: &mut Ctx, object: &Obj) -> PyResult {
    let references = rt(ctx).library.weak.references(ctx, object);
    super::list::from_vec(ctx, references)
}

/// `_weakref._remove_dead_weakref(dict, key)`: takes an entry out if its value is a dead weak reference.
pub fn remove_dead(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "_remove_dead_weakref", 2, 2)?;
    let Some(dict) = args.pos[0].downcast::<PyDict>() else {
        return Err(raise!(ctx, TypeError, "a dict was expected"));
    };
    let is_dead = |value: &Obj| {
        value
            .downcast::<PyWeakref>()
            .is_some_and(|cell| cell.node.is_dead())
    };
    dict.remove_if(ctx, &args.pos[1], is_dead)?;
    Ok(Obj::NONE)
}

#[cfg(test)]
mod tests;
