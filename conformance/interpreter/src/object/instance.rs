//! What instances of classes have beyond the body of their built-in base: member slots, a dict,
//! and attribute values inline.
//!
//! ```text
//! | header | body of the base | member slots (__slots__) | dict | inline values ... |
//! ```
//!
//! Attribute values sit inline, at an index that the class assigns to each name the first time an
//! instance gets it; so a cache that knows the class knows the index. The order of an instance's
//! attributes is the order of the indices: an instance that would break it (or needs more values
//! than its class has room for, or is asked for its `__dict__`) moves its values to a real dict,
//! once and for all, and its inline values stay empty.
//!
//! An instance counts its class, per thread as long as the class is deferred, as classes are
//! ([`kit_core::refcount::per_thread`]).

use super::bytes::PyBytes;
use super::define::flag;
use super::dict::{self, PyDict};
use super::ids;
use super::obj::Obj;
use super::payload::Body;
use super::slot::Slot;
use super::str_::PyStr;
use super::tuple::PyTuple;
use super::type_::{PyType, entry_of, type_by_id};
use crate::error::{PyResult, no_memory};
use crate::prelude::*;
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering::*};
use kit_core::object::{Header, Tracer, Word};
use kit_core::thread::{Ctx, Thread};

/// The layout of a class's instances beyond the body.
pub struct Shape {
    /// Where the tail begins, for bodies of a fixed size.
    pub offset: u32,
    /// Member slots, inherited ones first.
    pub members: u16,
    /// Whether there is a dict.
    pub has_dict: bool,
    /// How many inline values there are, and [`FIXED`].
    inline: AtomicU32,
    /// Names of the inline values, by index; interned strings, a reference each.
    names: Box<[AtomicU64]>,
    /// How many names are assigned.
    named: AtomicU32,
}

/// The bit of a count of inline values that an instance has, or had: it does not change any more.
const FIXED: u32 = 1 << 31;

impl Shape {
    /// A layout.
    pub fn new(offset: u32, members: u16, has_dict: bool, inline: u16) -> Shape {
        let inline = if has_dict { inline } else { 0 };
        let names = (0..inline).map(|_| AtomicU64::new(0)).collect();
        Shape {
            offset,
            members,
            has_dict,
            inline: AtomicU32::new(inline.into()),
            names,
            named: AtomicU32::new(0),
        }
    }

    /// Inline values.
    #[inline(always)]
    pub fn inline(&self) -> usize {
        // Relaxed: whoever has an instance comes after the count was fixed.
        (self.inline.load(Relaxed) & !FIXED) as usize
    }

    /// Bytes of the tail.
    #[inline(always)]
    fn tail_size(&self) -> usize {
        (self.members as usize + self.has_dict as usize + self.inline()) * 8
    }

    /// Bytes of the tail of a new instance, from which on every instance has as many.
    #[inline(always)]
    fn fixed_tail_size(&self) -> usize {
        if self.inline.load(Relaxed) & FIXED == 0 {
            // Relaxed: the bit and the count are one word, which is changed once.
            self.inline.fetch_or(FIXED, Relaxed);
        }
        self.tail_size()
    }

    /// Whether an object with this many inline values, all of them empty, can become an instance. A class that has had no instance
    /// yet makes do with fewer than it wanted.
    fn adopts(&self, inline: usize) -> bool {
        let fewer = |state: u32| {
            let count = (state & !FIXED).min(inline as u32);
            (state & FIXED == 0).then_some(count | FIXED)
        };
        // Relaxed: as above.
        let _ = self.inline.fetch_update(Relaxed, Relaxed, fewer);
        self.inline() <= inline
    }

    /// The index of the inline value of `name`, an interned string.
    pub fn index_of(&self, name: &Obj) -> Option<usize> {
        let named = self.named.load(Acquire) as usize;
        let bits = name.word().plain().bits();
        self.names[..named]
            .iter()
            .position(|n| n.load(Relaxed) == bits)
    }

    /// The index of `name`, assigned now if there is room. The class's lock is held.
    fn assign(&self, name: &Obj) -> Option<usize> {
        if let Some(index) = self.index_of(name) {
            return Some(index);
        }
        let named = self.named.load(Relaxed) as usize;
        let free = self.names[..self.inline()].get(named)?;
        free.store(name.clone().into_word().bits(), Relaxed);
        // Release, paired with `index_of`: the name is there.
        self.named.store(named as u32 + 1, Release);
        Some(named)
    }

    /// The name with this index.
    pub fn name(&self, index: usize) -> Option<Obj> {
        if index >= self.named.load(Acquire) as usize {
            return None;
        }
        // SAFETY: the shape keeps the names it has assigned.
        unsafe {
            Some(Obj::copy_word(Word::from_bits(
                self.names[index].load(Relaxed),
            )))
        }
    }

    /// Reports the names.
    pub fn trace(&self, _tracer: &mut Tracer<'_>) {
        // Names are strings, which the collector does not examine.
    }
}

impl Drop for Shape {
    fn drop(&mut self) {
        for name in &mut self.names {
            // SAFETY: the shape's reference, if the name was assigned, given up once.
            drop(unsafe { Obj::from_nullable(Word::from_bits(*name.get_mut())) });
        }
    }
}

/// The tail of an object whose class was made at run time.
struct Tail<'a> {
    shape: &'a Shape,
    first: *const Slot,
}

impl<'a> Tail<'a> {
    /// # Safety
    /// - `object` is alive (or being taken apart), and `class` is its class.
    #[inline(always)]
    unsafe fn of(object: *const Header, class: &'a Body<PyType>) -> Tail<'a> {
        let shape = &class.shape;
        let offset = match class.layout {
            ids::TUPLE => {
                // SAFETY: the layout names the body.
                let len = unsafe { (*object.cast::<Body<PyTuple>>()).items().len() };
                super::tuple::ITEMS + len * 8
            }
            // SAFETY: as above.
            ids::STR => unsafe { (*object.cast::<Body<PyStr>>()).body_size() },
            // SAFETY: as above.
            ids::BYTES => unsafe { (*object.cast::<Body<PyBytes>>()).body_size() },
            _ => shape.offset as usize,
        };
        // SAFETY: the tail lies inside the object's block.
        let first = unsafe { object.cast::<u8>().add(offset).cast() };
        Tail { shape, first }
    }

    #[inline(always)]
    fn member(&self, index: usize) -> &'a Slot {
        debug_assert!(index < self.shape.members as usize);
        // SAFETY: inside the tail, initialised when the object was made.
        unsafe { &*self.first.add(index) }
    }

    #[inline(always)]
    fn dict(&self) -> Option<&'a Slot> {
        // SAFETY: inside the tail, initialised when the object was made.
        self.shape
            .has_dict
            .then(|| unsafe { &*self.first.add(self.shape.members as usize) })
    }

    #[inline(always)]
    fn value(&self, index: usize) -> &'a Slot {
        debug_assert!(index < self.shape.inline());
        // SAFETY: inside the tail, initialised when the object was made.
        unsafe { &*self.first.add(self.shape.members as usize + 1 + index) }
    }

    /// All that can hold anything: no inline value does that has no name.
    fn named(&self) -> &'a [Slot] {
        let shape = self.shape;
        // Relaxed: the world is stopped.
        let named = shape.named.load(Relaxed) as usize;
        debug_assert!(named <= shape.inline());
        let len = usize::from(shape.members) + usize::from(shape.has_dict) + named;
        // SAFETY: the first ones of the tail, initialised when the object was made.
        unsafe { core::slice::from_raw_parts(self.first, len) }
    }

    fn all(&self) -> &'a [Slot] {
        // SAFETY: the whole tail, initialised when the object was made.
        unsafe { core::slice::from_raw_parts(self.first, self.shape.tail_size() / 8) }
    }
}

/// Bytes behind the body of a new instance of the class `type_id`.
pub fn tail_size(ctx: &Ctx, type_id: u32) -> usize {
    if type_id < ids::FIRST_DYNAMIC {
        0
    } else {
        type_by_id(ctx, type_id).shape.fixed_tail_size()
    }
}

/// Initialises the tail of a new object: everything empty; counts the class.
///
/// # Safety
/// - The object was allocated with [`tail_size`] bytes behind its body, which ends at `body_size`.
pub unsafe fn init_tail(ctx: &Ctx, object: *mut Header, body_size: usize) {
    // SAFETY: the header is initialised, by the contract.
    let type_id = unsafe { (*object).type_id() };
    if type_id < ids::FIRST_DYNAMIC {
        return;
    }
    let class = type_by_id(ctx, type_id);
    let words = class.shape.tail_size() / 8;
    // SAFETY: the tail lies behind the body.
    unsafe {
        let first = object.cast::<u8>().add(body_size).cast::<u64>();
        for index in 0..words {
            // One by one: there are few, and a call would cost more.
            first.add(index).write_volatile(0);
        }
    }
    // SAFETY: the class is alive; the new instance's reference to it.
    unsafe { ctx.thread().retain_per_thread(class) };
}

/// # Safety
/// - As [`Tail::of`], and the world is stopped or the object is private.
unsafe fn tail_of_dynamic<'a>(object: *const Header) -> Option<(Tail<'a>, &'a Body<PyType>)> {
    // SAFETY: the header is readable.
    let type_id = unsafe { (*object).type_id() };
    if type_id < ids::FIRST_DYNAMIC {
        return None;
    }
    let class = entry_of(type_id)
        .object()
        .as_object()
        .cast::<Body<PyType>>();
    // SAFETY: a class outlives its instances, which count it.
    let class = unsafe { &*class };
    // SAFETY: by the contract.
    Some((unsafe { Tail::of(object, class) }, class))
}

/// Reports the references of an instance's tail, and its class.
///
/// # Safety
/// - `object` is alive and the world is stopped.
#[inline(always)]
pub unsafe fn trace_tail(object: *const Header, tracer: &mut Tracer<'_>) {
    // SAFETY: by the contract; so the header is readable.
    unsafe {
        if (*object).type_id() >= ids::FIRST_DYNAMIC {
            trace_dynamic(object, tracer);
        }
    }
}

/// # Safety
/// - As [`trace_tail`].
unsafe fn trace_dynamic(object: *const Header, tracer: &mut Tracer<'_>) {
    // SAFETY: by the contract.
    if let Some((tail, class)) = unsafe { tail_of_dynamic(object) } {
        Slot::trace_all(tail.named(), tracer);
        tracer.per_thread(&raw const class.header);
    }
}

/// Calls `visit` with the words of an instance's tail: members by their index, the dict, attributes by their name.
///
/// # Safety
/// - `object` is alive and the world is stopped.
pub unsafe fn each_in_tail(object: *const Header, visit: &mut dyn FnMut(Part, Word)) {
    // SAFETY: by the contract.
    if let Some((tail, _)) = unsafe { tail_of_dynamic(object) } {
        for index in 0..usize::from(tail.shape.members) {
            visit(Part::Member(index), tail.member(index).peek());
        }
        if let Some(dict) = tail.dict() {
            visit(Part::Dict, dict.peek());
        }
        for index in 0..tail.shape.inline() {
            let name = tail.shape.names[index].load(Relaxed);
            visit(
                Part::Attribute(Word::from_bits(name)),
                tail.value(index).peek(),
            );
        }
    }
}

/// What a reference in an instance's tail is.
#[derive(Clone, Copy)]
pub enum Part {
    /// The member slot with this index.
    Member(usize),
    /// The dict.
    Dict,
    /// The attribute with this name, a str; null before it has one.
    Attribute(Word),
}

/// Empties an instance's tail.
///
/// # Safety
/// - `object` is alive.
pub unsafe fn clear_tail(object: *const Header, ctx: &mut Ctx) {
    // SAFETY: by the contract.
    if let Some((tail, _)) = unsafe { tail_of_dynamic(object) } {
        for slot in tail.all() {
            // SAFETY: alive, so the header is.
            slot.set(ctx, unsafe { &*object }, None);
        }
    }
}

/// Gives up an instance's count of its class, all that its tail has beyond what the collector deals with.
///
/// # Safety
/// - `object` is garbage of which the rest is freed together, on this thread.
#[inline]
pub unsafe fn discard_tail(object: *const Header, thread: &Thread) {
    // SAFETY: by the contract.
    if let Some((_, class)) = unsafe { tail_of_dynamic(object) } {
        // SAFETY: the instance's count of its class.
        unsafe { thread.release_per_thread(class) };
    }
}

/// Drops an instance's tail, and its count of the class.
///
/// # Safety
/// - `object` is being taken apart.
pub unsafe fn drop_tail(object: *mut Header, ctx: &mut Ctx) {
    // SAFETY: by the contract.
    if let Some((tail, class)) = unsafe { tail_of_dynamic(object) } {
        for slot in tail.all() {
            // SAFETY: nobody else reaches the dead object; each slot is dropped once.
            unsafe { core::ptr::drop_in_place((slot as *const Slot).cast_mut()) };
        }
        // SAFETY: the instance's count of its class.
        unsafe { ctx.thread().release_per_thread(class) };
    }
}

/// Where an attribute of an instance was found or may be put, for inline caches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// In the inline value with this index.
    Inline(u16),
    /// In the instance's dict, or nowhere.
    Dict,
}

#[inline(always)]
fn tail<'a>(ctx: &'a Ctx, object: &'a Obj) -> Option<(Tail<'a>, &'a Header, &'a Body<PyType>)> {
    let header = object.header()?;
    let type_id = header.type_id();
    if type_id < ids::FIRST_DYNAMIC {
        return None;
    }
    let class = type_by_id(ctx, type_id);
    // SAFETY: the reference keeps the object alive.
    Some((unsafe { Tail::of(header, class) }, header, class))
}

/// The member slot with this index of an instance of a class with `__slots__`.
pub fn member<'a>(ctx: &'a Ctx, object: &'a Obj, index: usize) -> Option<(&'a Slot, &'a Header)> {
    let (tail, header, _) = tail(ctx, object)?;
    (index < tail.shape.members as usize).then(|| (tail.member(index), header))
}

/// Whether instances of the object's class have a `__dict__` (built-in types with one included).
pub fn has_dict(ctx: &Ctx, object: &Obj) -> bool {
    tail(ctx, object).is_some_and(|(tail, ..)| tail.shape.has_dict)
}

/// The attribute `name` (an interned string) of the instance itself.
#[inline]
pub fn get(ctx: &Ctx, object: &Obj, name: &Obj) -> Option<Obj> {
    let (tail, header, _) = tail(ctx, object)?;
    let slot = tail.dict()?;
    if let Some(index) = tail.shape.index_of(name)
        && let Some(value) = tail.value(index).get(ctx, header)
    {
        return Some(value);
    }
    let dict = slot.get(ctx, header)?;
    dict.expect::<PyDict>().get_name(ctx, name)
}

/// The inline index of `name` in instances of the object's class, for caches.
pub fn place(ctx: &Ctx, object: &Obj, name: &Obj) -> Place {
    match tail(ctx, object) {
        Some((tail, ..)) => tail
            .shape
            .index_of(name)
            .map_or(Place::Dict, |i| Place::Inline(i as u16)),
        None => Place::Dict,
    }
}

/// The inline value with this index, if it is set. For caches that have checked the class.
///
/// # Safety
/// - The object's class has a layout of fixed-size bodies and at least this many inline values, and
///   `offset` is the byte offset of the value ([`value_offset`]).
#[inline(always)]
pub unsafe fn value_at<'a>(object: *const Header, offset: usize) -> &'a Slot {
    // SAFETY: by the contract.
    unsafe { &*object.cast::<u8>().add(offset).cast::<Slot>() }
}

/// The byte offset of an inline value, when it is the same for all instances of the class.
pub fn value_offset(class: &Body<PyType>, index: u16) -> Option<u32> {
    let fixed = !matches!(class.layout, ids::TUPLE | ids::STR | ids::BYTES);
    fixed.then(|| class.shape.offset + (class.shape.members as u32 + 1 + index as u32) * 8)
}

/// The byte offset of the dict slot of the class's instances: 0 when they have none, `None` when it is
/// not the same for all of them.
pub fn dict_offset(class: &Body<PyType>) -> Option<u32> {
    if !class.shape.has_dict {
        return Some(0);
    }
    let fixed = !matches!(class.layout, ids::TUPLE | ids::STR | ids::BYTES);
    fixed.then(|| class.shape.offset + class.shape.members as u32 * 8)
}

/// The byte offset of a member slot, when it is the same for all instances of the class.
pub fn member_offset(class: &Body<PyType>, index: u16) -> Option<u32> {
    let fixed = !matches!(class.layout, ids::TUPLE | ids::STR | ids::BYTES);
    fixed.then(|| class.shape.offset + index as u32 * 8)
}

/// Sets or deletes (`None`) the attribute `name` of the instance itself. False when deleting what
/// is not there, or when the instance has no dict.
pub fn set(ctx: &mut Ctx, object: &Obj, name: &Obj, value: Option<Obj>) -> PyResult<bool> {
    let stored = set_inline(ctx, object, name, value);
    match stored {
        Stored::Done => Ok(true),
        Stored::Missing => Ok(false),
        Stored::NeedsDict(value) => {
            let Some(dict) = dict(ctx, object)? else {
                return Ok(false);
            };
            match value {
                Some(value) => dict
                    .expect::<PyDict>()
                    .set_name(ctx, name, value)
                    .map(|()| true),
                None => Ok(dict.expect::<PyDict>().remove_name(ctx, name).is_some()),
            }
        }
    }
}

enum Stored {
    Done,
    Missing,
    NeedsDict(Option<Obj>),
}

fn set_inline(ctx: &Ctx, object: &Obj, name: &Obj, value: Option<Obj>) -> Stored {
    let Some((tail, header, class)) = tail(ctx, object) else {
        return Stored::Missing;
    };
    let Some(dict) = tail.dict() else {
        return Stored::Missing;
    };
    let index = match tail.shape.index_of(name) {
        Some(index) => Some(index),
        None if value.is_some() => {
            let _lock = ctx.lock(&class.header);
            let index = tail.shape.assign(name);
            // Caches that found the name in the class, or nowhere, must look again.
            let types = &ctx.thread().services().types;
            types.entry(class.id).set_version(types.fresh_version());
            index
        }
        None => None,
    };
    let _lock = ctx.lock(header);
    if !dict.peek().is_null() {
        return Stored::NeedsDict(value);
    }
    let Some(index) = index else {
        return if value.is_some() {
            Stored::NeedsDict(value)
        } else {
            Stored::Missing
        };
    };
    let slot = tail.value(index);
    if slot.peek().is_null() {
        if value.is_none() {
            return Stored::Missing;
        }
        // A new attribute comes last: none with a higher index may be there already.
        if (index + 1..tail.shape.inline()).any(|later| !tail.value(later).peek().is_null()) {
            return Stored::NeedsDict(value);
        }
    }
    drop(slot.replace_locked(ctx, value));
    Stored::Done
}

/// The instance's `__dict__`, made now if it was not there; `None` when its class gives it none.
pub fn dict(ctx: &mut Ctx, object: &Obj) -> PyResult<Option<Obj>> {
    match tail(ctx, object) {
        Some((tail, header, _)) => match tail.dict() {
            Some(slot) => {
                if let Some(dict) = slot.get(ctx, header) {
                    // Whoever publishes the dict may still be emptying the inline values, which readers
                    // prefer: what the caller does to the dict must not seem undone.
                    drop(ctx.lock(header));
                    return Ok(Some(dict));
                }
            }
            None => return Ok(None),
        },
        None => return Ok(None),
    }
    let fresh = dict::new(ctx)?;
    let Some((tail, header, _)) = tail(ctx, object) else {
        return Ok(None);
    };
    let Some(slot) = tail.dict() else {
        return Ok(None);
    };
    let _lock = ctx.lock(header);
    if !slot.peek().is_null() {
        drop(_lock);
        return Ok(slot.get(ctx, header));
    }
    let mut stored = true;
    // The dict gets the values first, then it is published, then the inline values go: a reader
    // finds each value in at least one place.
    for index in 0..tail.shape.inline() {
        let word = tail.value(index).peek();
        if let (false, Some(name)) = (word.is_null(), tail.shape.name(index)) {
            // SAFETY: the lock is held, so the slot's own reference keeps the value.
            let value = unsafe { Obj::copy_word(word) };
            let fresh = fresh.expect::<PyDict>();
            stored &= fresh.try_set_name_locked(ctx, &name, value);
        }
    }
    if !stored {
        drop(_lock);
        return Err(no_memory(ctx));
    }
    drop(slot.replace_locked(ctx, Some(fresh.clone())));
    for index in 0..tail.shape.inline() {
        drop(tail.value(index).replace_locked(ctx, None));
    }
    Ok(Some(fresh))
}

/// Replaces the instance's `__dict__`.
pub fn replace_dict(ctx: &mut Ctx, object: &Obj, value: Obj) -> PyResult<bool> {
    if dict(ctx, object)?.is_none() {
        return Ok(false);
    }
    if let Some((tail, header, _)) = tail(ctx, object)
        && let Some(slot) = tail.dict()
    {
        slot.set(ctx, header, Some(value));
    }
    Ok(true)
}

/// Makes `object` an instance of `class`, whose instances have the same body, members and dict.
/// Its inline values move to its dict first, since the classes assign different indices. False when
/// that is impossible: instances of the class have more inline values than `object` has room for.
pub fn reclass(ctx: &mut Ctx, object: &Obj, class: &Body<PyType>) -> PyResult<bool> {
    if has_dict(ctx, object) {
        dict(ctx, object)?;
    }
    let Some(header) = object.header() else {
        return Ok(false);
    };
    let _lock = ctx.lock(header);
    // Looked up under the lock: another thread may have changed it meanwhile, and its count is given up once.
    let old = type_by_id(ctx, header.type_id());
    if !class.shape.adopts(old.shape.inline()) {
        return Ok(false);
    }
    // An instance of a built-in class without a tail counts no class.
    if class.id >= ids::FIRST_DYNAMIC {
        // SAFETY: the class is alive; the instance's reference to it.
        unsafe { ctx.thread().retain_per_thread(class) };
    }
    header.type_id.store(class.id, Release);
    if old.id >= ids::FIRST_DYNAMIC {
        // SAFETY: the instance's count of its former class.
        unsafe { ctx.thread().release_per_thread(old) };
    }
    Ok(true)
}

/// Whether a class with these flags gives its instances a dict.
pub fn wants_dict(flags: u32) -> bool {
    flags & flag::DICT != 0
}
