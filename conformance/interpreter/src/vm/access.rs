//! Attributes, methods and items, with their inline caches.
//!
//! | cache unit | LOAD_ATTR, LOAD_METHOD                              | STORE_ATTR                          |
//! |------------|-----------------------------------------------------|-------------------------------------|
//! | 2          | kind, 0 when empty; misses << 8                     | the same                            |
//! | 3          | version of the class                                | version of the class                |
//! | 4          | byte offset of the value, or index in a dict        | byte offset of the value            |
//! | 5          | byte offset of the instance's dict slot, 0: none    | the same, later inline values << 16 |
//! | 6, 7       | the value found in the class                        |                                     |
//!
//! LOAD_METHOD on a module caches as LOAD_ATTR does.
//!
//! A class's version changes with its namespace, with those of its bases, and when its instances
//! get an inline value of a new name. So a version that still matches means that the lookup would
//! find the same thing.

use super::execute::Called;
use super::frame::{self, Base};
use super::implicit;
use super::sites::Sites;
use super::slow::{borrow, consume, consume_two, is_temporary, store, take_operand};
use super::thread::{Specialize, py, rt};
use crate::error::{PyResult, raise};
use crate::object::attribute;
use crate::object::descriptor::PyMember;
use crate::object::dict::PyDict;
use crate::object::instance::{self, Place};
use crate::object::list::PyList;
use crate::object::module::PyModule;
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::payload::Body;
use crate::object::property::PyProperty;
use crate::object::slot::Slot;
use crate::object::slot_wrapper::generic;
use crate::object::str_::PyStr;
use crate::object::tuple::PyTuple;
use crate::object::type_::{PyType, type_by_id, type_id_of, type_of};
use crate::object::{ids, protocol, str_, super_};
use core::ptr;
use kit_core::frame::layout::HEADER;
use kit_core::object::{Header, Word};
use kit_core::refcount::stack_ref::{Fresh, StackRef};
use kit_core::thread::Ctx;

const VALUE: u32 = 1;
const CLASS: u32 = 2;
const MODULE: u32 = 3;
const TYPE: u32 = 4;
/// A property; the value is that.
const PROPERTY: u32 = 5;

/// What a slot holds, as a register takes it; null when it is empty.
#[inline(always)]
fn read_slot<'c>(ctx: &'c Ctx, slot: &Slot, owner: &Header) -> Fresh<'c> {
    match slot.try_get(ctx) {
        Some(found) => found,
        // SAFETY: a reference the caller of `get` owns, or null.
        None => unsafe { Fresh::from_steal(ctx, read_slot_slow(ctx, slot, owner)) },
    }
}

#[cold]
#[inline(never)]
fn read_slot_slow(ctx: &Ctx, slot: &Slot, owner: &Header) -> Word {
    slot.get(ctx, owner).map_or(Word::NULL, Obj::into_word)
}

/// A cached value of a class, as a register takes it; null when the class is changing.
#[inline(always)]
unsafe fn cached_value<'c>(ctx: &'c Ctx, pc: *const u32, type_id: u32, version: u32) -> Fresh<'c> {
    // SAFETY: the units were written together by the functions below.
    unsafe {
        let word = Word::from_bits(*pc.add(6) as u64 | (*pc.add(7) as u64) << 32);
        cached_word(ctx, word, type_id, version)
    }
}

/// A value that a class had when it had `version`, as a register takes it; null when the class is changing.
///
/// # Safety
/// - The class has been seen to have the version since the last safepoint, and `type_id` is its id.
#[inline(always)]
pub unsafe fn cached_word<'c>(ctx: &'c Ctx, word: Word, type_id: u32, version: u32) -> Fresh<'c> {
    const CHANGING: Fresh<'static> = Fresh::immediate(Word::NULL);
    if !word.is_object() {
        return Fresh::immediate(word);
    }
    // SAFETY: the class had the version a moment ago, and with it the value, whose block stays
    // readable until the next safepoint.
    unsafe {
        let header = &*word.as_object();
        if header.is_deferred() {
            // The version again: another object may have come to be in the block.
            let same = ctx.solo() || ctx.type_entry(type_id).version() == version;
            return if same {
                Fresh::from_steal(ctx, word.deferred())
            } else {
                CHANGING
            };
        }
        if header.try_retain(ctx.counter()) {
            if ctx.type_entry(type_id).version() == version {
                return Fresh::from_steal(ctx, word);
            }
            ctx.thread().release_later(word);
        }
    }
    CHANGING
}

unsafe fn cache(pc: *mut u32, kind: u32, version: u32, offset: u32, dict: u32, value: Word) {
    // SAFETY: the units belong to this thread's copy of the instruction.
    unsafe {
        pc.add(2).write(kind);
        pc.add(3).write(version);
        pc.add(4).write(offset);
        pc.add(5).write(dict);
        pc.add(6).write(value.bits() as u32);
        pc.add(7).write((value.bits() >> 32) as u32);
    }
}

/// An attribute by its cache; `None` when the cache does not hold.
///
/// # Safety
/// - `pc` is at a LOAD_ATTR of this thread's copy, and `word` its operand, alive.
#[inline(always)]
pub unsafe fn quick_attr<'c>(ctx: &'c Ctx, word: Word, pc: *const u32) -> Option<Fresh<'c>> {
    // SAFETY: the caches were written by `load_attr`, for objects whose class has the version.
    unsafe {
        let kind = *pc.add(2) & 0xff;
        if kind == 0 || !word.is_object() {
            return None;
        }
        let header = &*word.as_object();
        let version = *pc.add(3);
        let type_id = header.type_id();
        if kind == VALUE {
            if ctx.type_entry(type_id).version() != version {
                return None;
            }
            let slot = instance::value_at(header, *pc.add(4) as usize);
            let found = read_slot(ctx, slot, header);
            return (!found.is_null()).then_some(found);
        }
        quick_attr_elsewhere(ctx, header, pc)
    }
}

/// As [`quick_attr`], for what is not in the object itself.
#[inline(never)]
unsafe fn quick_attr_elsewhere<'c>(
    ctx: &'c Ctx,
    header: &Header,
    pc: *const u32,
) -> Option<Fresh<'c>> {
    // SAFETY: as the caller says.
    unsafe {
        let version = *pc.add(3);
        let type_id = header.type_id();
        let found = match *pc.add(2) & 0xff {
            CLASS if ctx.type_entry(type_id).version() == version => {
                let dict = *pc.add(5) as usize;
                if dict != 0 && !instance::value_at(header, dict).peek().is_null() {
                    return None;
                }
                cached_value(ctx, pc, type_id, version)
            }
            MODULE if type_id == ids::MODULE => {
                let dict = (*ptr::from_ref(header).cast::<Body<PyModule>>())
                    .payload
                    .dict
                    .peek();
                let dict = &*dict.as_object().cast::<Body<PyDict>>();
                Fresh::from_steal(ctx, dict.peek_value_at(ctx, version, *pc.add(4)))
            }
            TYPE if type_id == ids::TYPE => {
                let class = (*ptr::from_ref(header).cast::<Body<PyType>>()).payload.id;
                if ctx.type_entry(class).version() != version {
                    return None;
                }
                cached_value(ctx, pc, class, version)
            }
            _ => return None,
        };
        (!found.is_null()).then_some(found)
    }
}

/// Whether a miss should fill the cache again. A site that sees objects of several classes would
/// spend its time refilling; it does so only every sixteenth time, unless the program is to be specialised
/// at all costs.
unsafe fn should_fill(ctx: &mut Ctx, pc: *mut u32) -> bool {
    // SAFETY: the unit belongs to this thread's copy of the instruction.
    unsafe {
        match rt(ctx).specialize {
            Specialize::Adaptive => {}
            Specialize::Always => return true,
            Specialize::Never => return false,
        }
        let unit = *pc.add(2);
        let misses = unit >> 8;
        pc.add(2).write(unit & 0xff | misses.wrapping_add(1) << 8);
        misses & 15 == 0
    }
}

fn specializes(ctx: &Ctx) -> bool {
    rt(ctx).specialize != Specialize::Never
}

fn is_generic(class: &Body<PyType>, ctx: &Ctx) -> bool {
    let generic: fn(&mut Ctx, &Obj, &Obj) -> PyResult = attribute::generic_get;
    class
        .slots(ctx)
        .getattr
        .is_none_or(|f| ptr::fn_addr_eq(f, generic))
}

/// `LOAD_ATTR`, filling the cache.
///
/// # Safety
/// - `base` is the running frame's, `pc` at its instruction.
#[inline(never)]
pub unsafe fn load_attr(
    ctx: &mut Ctx,
    base: Base,
    a: usize,
    b: usize,
    pc: *mut u32,
) -> PyResult<Called> {
    // SAFETY: by the contract; sites have the units of a cache.
    unsafe {
        if *pc.add(2) & 0xff == PROPERTY
            && let Some(called) = enter_getter(ctx, base, a, b, pc)
        {
            return Ok(called);
        }
        let name = frame::code(base).name_at(*pc.add(1) as usize);
        let object = borrow(base, b);
        if let Some(header) = object.header() {
            let version = ctx.type_entry(header.type_id()).version();
            let site = py(ctx).sites.attribute(version, name);
            if Sites::is_for(site, name) {
                if let Some(value) = quick_attr(ctx, object.word(), site) {
                    recall(base, site, pc);
                    let operand = take_operand(base, b);
                    let old = value.put(&mut *base.add(a));
                    operand.close(ctx);
                    old.close(ctx);
                    ctx.drain();
                    return Ok(Called::Done);
                }
                if *site.add(2) & 0xff == PROPERTY
                    && let Some(called) = enter_getter(ctx, base, a, b, site)
                {
                    recall(base, site, pc);
                    return Ok(called);
                }
            }
            Sites::claim(site, name);
            if should_fill(ctx, site) {
                fill(ctx, &object, name, site);
                recall(base, site, pc);
            }
        }
        let value = protocol::getattr(ctx, &object, name)?;
        consume(ctx, base, b);
        store(ctx, base, a, value);
    }
    Ok(Called::Done)
}

/// A frame for the getter of the property in a cache, if that holds, and the getter is a function of Python.
///
/// # Safety
/// - As [`load_attr`]; `cache` has the units of one, of kind `PROPERTY`.
unsafe fn enter_getter(
    ctx: &mut Ctx,
    base: Base,
    a: usize,
    b: usize,
    cache: *const u32,
) -> Option<Called> {
    // SAFETY: by the contract. While the class has the version it has the property, which keeps its getter; what died a moment ago can be
    // read until the next safepoint, and is found out by looking at the version again.
    unsafe {
        let object = (*base.add(b)).word();
        if !object.is_object() {
            return None;
        }
        let header = &*object.as_object();
        let (type_id, version) = (header.type_id(), *cache.add(3));
        if ctx.type_entry(type_id).version() != version {
            return None;
        }
        let word = Word::from_bits(*cache.add(6) as u64 | (*cache.add(7) as u64) << 32);
        let property = &*word.as_object().cast::<Body<PyProperty>>();
        let getter = property.payload.getter.try_get(ctx)?.into_ref();
        let same = ctx.type_entry(type_id).version() == version;
        let function = getter.word();
        match implicit::room(ctx, base, function, 1) {
            Some(callee) if same => {
                let object = implicit::argument(ctx, base, b);
                let called = implicit::enter(ctx, base, callee, getter, [object], (8, a));
                Some(called)
            }
            _ => {
                getter.close(ctx);
                None
            }
        }
    }
}

/// Copies what a site of the second level knows into an instruction's own cache: the class seen last is
/// the likeliest to come next.
#[inline(always)]
unsafe fn recall(base: Base, site: *const u32, pc: *mut u32) {
    // SAFETY: both have the units of a cache, and belong to this thread.
    unsafe {
        if frame::code(base).may_specialize(pc) {
            ptr::copy_nonoverlapping(site.add(2), pc.add(2), 6);
        }
    }
}

/// Finds out what a LOAD_ATTR of `name` on objects like this one can rely on.
unsafe fn fill(ctx: &mut Ctx, object: &Obj, name: &Obj, pc: *mut u32) {
    let type_id = type_id_of(object);
    if let Some(module) = object.downcast_exact::<PyModule>() {
        if let Some(dict) = module.dict.get(ctx, &module.header)
            && let Some((version, index)) = dict.expect::<PyDict>().cache_name(ctx, name)
        {
            // SAFETY: as the caller says.
            unsafe { cache(pc, MODULE, version, index, 0, Word::NULL) };
        }
        return;
    }
    if let Some(class) = object.downcast_exact::<PyType>() {
        // SAFETY: the id of a class that is alive.
        let version = unsafe { ctx.type_entry(class.id) }.version_to_cache();
        if version == 0 || attribute::lookup(ctx, ids::TYPE, name).is_some() {
            return;
        }
        if let Some(value) = attribute::lookup(ctx, class.id, name)
            && type_of(ctx, &value).slots(ctx).descr_get.is_none()
        {
            // SAFETY: as the caller says.
            unsafe { cache(pc, TYPE, version, 0, 0, value.word().plain()) };
        }
        return;
    }
    // SAFETY: the id of a live object's class.
    let version = unsafe { ctx.type_entry(type_id) }.version_to_cache();
    if version == 0 || object.header().is_none() || !is_generic(type_by_id(ctx, type_id), ctx) {
        return;
    }
    let found = attribute::lookup(ctx, type_id, name);
    let (data, binds) = match &found {
        Some(found) => {
            let slots = type_of(ctx, found).slots(ctx);
            (slots.descr_set.is_some(), slots.descr_get.is_some())
        }
        None => (false, false),
    };
    let place = instance::place(ctx, object, name);
    let class = type_by_id(ctx, type_id);
    if data {
        if let Some(found) = &found
            && let Some(property) = found.downcast_exact::<PyProperty>()
            && property
                .getter
                .get(ctx, &property.header)
                .is_some_and(|getter| type_id_of(&getter) == ids::FUNCTION)
        {
            // SAFETY: as the caller says.
            unsafe { cache(pc, PROPERTY, version, 0, 0, found.word().plain()) };
            return;
        }
        if let Some(member) = found.as_ref().and_then(|f| f.downcast_exact::<PyMember>())
            && let Some(offset) = member.offset_in(ctx, class)
        {
            // SAFETY: as the caller says.
            unsafe { cache(pc, VALUE, version, offset, 0, Word::NULL) };
        }
        return;
    }
    match place {
        Place::Inline(index) => {
            if let Some(offset) = instance::value_offset(class, index) {
                // SAFETY: as the caller says.
                unsafe { cache(pc, VALUE, version, offset, 0, Word::NULL) };
            }
        }
        Place::Dict => {
            if let (Some(found), false) = (found, binds)
                && let Some(dict) = instance::dict_offset(class)
            {
                // SAFETY: as the caller says.
                unsafe { cache(pc, CLASS, version, 0, dict, found.word().plain()) };
            }
        }
    }
}

/// Stores into an inline value by a cache, and returns what was there; `None` when the cache does not hold, the
/// instance has a dict, or its attributes would get out of order.
///
/// # Safety
/// - `pc` has the units of a cache of STORE_ATTR; the object is alive, and the value in `r[b]`.
#[inline(always)]
pub unsafe fn quick_store(
    ctx: &Ctx,
    base: Base,
    b: usize,
    word: Word,
    pc: *const u32,
) -> Option<StackRef> {
    // SAFETY: by the contract; a cache that holds was filled for objects of this class.
    unsafe {
        if *pc.add(2) & 0xff != VALUE || !word.is_object() {
            return None;
        }
        let header = &*word.as_object();
        if ctx.type_entry(header.type_id()).version() != *pc.add(3) {
            return None;
        }
        let slot = instance::value_at(header, *pc.add(4) as usize);
        let (dict, later) = (*pc.add(5) as usize & 0xffff, *pc.add(5) as usize >> 16);
        if !ctx.solo() {
            let value = (base, b);
            return store_shared(ctx, value, header, slot, dict, later);
        }
        // Alone, the thread needs no lock, and has nobody to publish to.
        if dict != 0 && !instance::value_at(header, dict).peek().is_null() {
            return None;
        }
        let old = slot.peek();
        if old.is_null() && later != 0 && has_values(slot, later) {
            return None;
        }
        slot.put_alone(frame::take_or_copy(ctx, base, b));
        Some(StackRef::from_steal(ctx, old))
    }
}

/// The same under the object's lock, for an object that other threads may know.
#[inline(never)]
unsafe fn store_shared(
    ctx: &Ctx,
    (base, b): (Base, usize),
    header: &Header,
    slot: &Slot,
    dict: usize,
    later: usize,
) -> Option<StackRef> {
    // SAFETY: as the caller says.
    unsafe {
        let _lock = ctx.lock(header);
        if dict != 0 && !instance::value_at(header, dict).peek().is_null() {
            return None;
        }
        if slot.peek().is_null() && has_values(slot, later) {
            return None;
        }
        let value = frame::take_or_copy(ctx, base, b);
        let old = slot.replace_locked(ctx, Some(value));
        let old = old.map_or(Word::NULL, Obj::into_word);
        Some(StackRef::from_steal(ctx, old))
    }
}

/// Whether one of the `later` inline values behind this one is there.
#[cold]
#[inline(never)]
unsafe fn has_values(slot: &Slot, later: usize) -> bool {
    // SAFETY: a cache that holds says how many values there are.
    unsafe {
        let next = ptr::from_ref(slot).add(1);
        (0..later).any(|index| !(*next.add(index)).peek().is_null())
    }
}

/// `STORE_ATTR` where [`quick_store`] does not do, filling the cache.
///
/// # Safety
/// - `base` is the running frame's, `pc` at its instruction.
#[inline(never)]
pub unsafe fn store_attr(
    ctx: &mut Ctx,
    base: Base,
    a: usize,
    b: usize,
    pc: *mut u32,
) -> PyResult<()> {
    // SAFETY: as `store_attr`.
    unsafe {
        let name = frame::code(base).name_at(*pc.add(1) as usize);
        let object = borrow(base, a);
        if let Some(header) = object.header() {
            let version = ctx.type_entry(header.type_id()).version();
            let site = py(ctx).sites.store(version, name);
            if Sites::is_for(site, name)
                && let Some(old) = quick_store(ctx, base, b, object.word(), site)
            {
                if frame::code(base).may_specialize(pc) {
                    ptr::copy_nonoverlapping(site.add(2), pc.add(2), 4);
                }
                old.close(ctx);
                consume(ctx, base, a);
                ctx.drain();
                return Ok(());
            }
        }
        protocol::setattr(ctx, &object, name, Some(&borrow(base, b)))?;
        if let Some(header) = object.header() {
            // Storing may have changed the version.
            let version = ctx.type_entry(header.type_id()).version();
            let site = py(ctx).sites.store(version, name);
            Sites::claim(site, name);
            if should_fill(ctx, site) {
                fill_store(ctx, &object, name, site);
            }
        }
        consume_two(ctx, base, a, b);
        ctx.drain();
    }
    Ok(())
}

unsafe fn fill_store(ctx: &mut Ctx, object: &Obj, name: &Obj, pc: *mut u32) {
    let type_id = type_id_of(object);
    // SAFETY: the id of a live object's class.
    let version = unsafe { ctx.type_entry(type_id) }.version_to_cache();
    if version == 0 || type_id < ids::FIRST_DYNAMIC {
        return;
    }
    let generic: fn(&mut Ctx, &Obj, &Obj, Option<&Obj>) -> PyResult<()> = attribute::generic_set;
    let class = type_by_id(ctx, type_id);
    if !class
        .slots(ctx)
        .setattr
        .is_none_or(|f| ptr::fn_addr_eq(f, generic))
    {
        return;
    }
    let found = attribute::lookup(ctx, type_id, name);
    let class = type_by_id(ctx, type_id);
    let (offset, dict, later) = match &found {
        Some(found) if type_of(ctx, found).slots(ctx).descr_set.is_some() => {
            match found.downcast_exact::<PyMember>() {
                Some(member) => (member.offset_in(ctx, class), Some(0), 0),
                None => return,
            }
        }
        _ => match instance::place(ctx, object, name) {
            Place::Inline(index) => {
                let later = class.shape.inline() as u32 - index as u32 - 1;
                (
                    instance::value_offset(class, index),
                    instance::dict_offset(class),
                    later,
                )
            }
            Place::Dict => return,
        },
    };
    if let (Some(offset), Some(dict)) = (offset, dict)
        && dict <= 0xffff
    {
        // SAFETY: the units belong to this thread's copy of the instruction.
        unsafe {
            pc.add(2).write(VALUE);
            pc.add(3).write(version);
            pc.add(4).write(offset);
            pc.add(5).write(dict | later << 16);
        }
    }
}

/// `DELETE_ATTR`.
///
/// # Safety
/// - `base` is the running frame's.
#[inline(never)]
pub unsafe fn delete_attr(ctx: &mut Ctx, base: Base, a: usize, index: usize) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        let name = frame::code(base).name_at(index);
        protocol::setattr(ctx, &borrow(base, a), name, None)?;
        consume(ctx, base, a);
        ctx.drain();
    }
    Ok(())
}

/// `LOAD_METHOD`.
///
/// # Safety
/// - `base` is the running frame's, `pc` at its instruction.
#[inline]
pub unsafe fn load_method(
    ctx: &mut Ctx,
    base: Base,
    a: usize,
    b: usize,
    lend: bool,
    pc: *mut u32,
) -> PyResult<()> {
    // SAFETY: by the contract; a cache that holds was filled for objects of this class.
    unsafe {
        let word = (*base.add(b)).word();
        let type_id = type_id_of(Obj::borrow_word(&word));
        if let Some(method) = quick_method(ctx, word, type_id, pc) {
            put_method(ctx, base, a, b, lend, method);
            return Ok(());
        }
        load_method_slow(ctx, base, a, b, lend, pc)
    }
}

/// A method by its cache; `None` when the cache does not hold.
///
/// # Safety
/// - `pc` has the units of a cache of LOAD_METHOD, and `word` is a value of the type, alive.
#[inline(always)]
unsafe fn quick_method<'c>(
    ctx: &'c Ctx,
    word: Word,
    type_id: u32,
    pc: *const u32,
) -> Option<Fresh<'c>> {
    // SAFETY: a cache that holds was filled for objects of this class.
    unsafe {
        if *pc.add(2) & 0xff != CLASS {
            return None;
        }
        let version = *pc.add(3);
        if ctx.type_entry(type_id).version() != version {
            return None;
        }
        let dict = *pc.add(5) as usize;
        if dict != 0 && !instance::value_at(word.as_object(), dict).peek().is_null() {
            return None;
        }
        let method = cached_value(ctx, pc, type_id, version);
        (!method.is_null()).then_some(method)
    }
}

/// Opens the window at `a`: the method, and the receiver from register `b`, without a count if it is a local that
/// keeps it.
#[inline(always)]
unsafe fn put_method(ctx: &Ctx, base: Base, a: usize, b: usize, lend: bool, method: Fresh<'_>) {
    // SAFETY: the window's registers are free temporaries, but for `b`, which may be one of them. A local that
    // lends is not assigned before the call is over.
    unsafe {
        let receiver = if is_temporary(base, b) {
            (*base.add(b)).take()
        } else if lend {
            Fresh::from_borrow(ctx, (*base.add(b)).borrow()).into_ref()
        } else {
            (*base.add(b)).dup(ctx).into_ref()
        };
        *base.add(a) = method.into_ref();
        *base.add(a + HEADER) = receiver;
    }
}

#[inline(never)]
unsafe fn load_method_slow(
    ctx: &mut Ctx,
    base: Base,
    a: usize,
    b: usize,
    lend: bool,
    pc: *mut u32,
) -> PyResult<()> {
    // SAFETY: as `load_method`.
    unsafe {
        let name = frame::code(base).name_at(*pc.add(1) as usize);
        let object = borrow(base, b);
        let type_id = type_id_of(&object);
        if type_id == ids::MODULE {
            // What a module holds is not bound to it.
            if let Some(found) = quick_attr(ctx, object.word(), pc) {
                let module = take_operand(base, b);
                *base.add(a) = found.into_ref();
                *base.add(a + HEADER) = StackRef::NULL;
                module.close(ctx);
                ctx.drain();
                return Ok(());
            }
            if frame::code(base).may_specialize(pc) && should_fill(ctx, pc) {
                fill(ctx, &object, name, pc);
            }
        }
        let version = ctx.type_entry(type_id).version_to_cache();
        let class = type_by_id(ctx, type_id);
        let generic = is_generic(class, ctx);
        if generic {
            let site = py(ctx).sites.method(version, name);
            if Sites::is_for(site, name)
                && let Some(method) = quick_method(ctx, object.word(), type_id, site)
            {
                recall(base, site, pc);
                put_method(ctx, base, a, b, lend, method);
                return Ok(());
            }
            let found = attribute::lookup_word(ctx, type_id, name);
            if !found.is_null() {
                let usable = is_method(type_id_of(Obj::borrow_word(&found)))
                    && matches!(instance::place(ctx, &object, name), Place::Dict)
                    && instance::get(ctx, &object, name).is_none();
                if usable {
                    let dict = instance::dict_offset(type_by_id(ctx, type_id));
                    if let (Some(dict), true) = (dict, version != 0 && specializes(ctx)) {
                        let site = py(ctx).sites.method(version, name);
                        Sites::claim(site, name);
                        cache(site, CLASS, version, 0, dict, found.plain());
                        recall(base, site, pc);
                    }
                    // Nothing has come to a safepoint since the lookup.
                    put_method(ctx, base, a, b, lend, Fresh::from_steal(ctx, found));
                    return Ok(());
                }
                ctx.thread().release_later(found);
            }
        }
        // An error of a getter that is to be called at once is not told whose attribute was asked for.
        let value = match generic {
            true => attribute::generic_get(ctx, &object, name)?,
            false => protocol::getattr(ctx, &object, name)?,
        };
        consume(ctx, base, b);
        *base.add(a + HEADER) = StackRef::NULL;
        *base.add(a) = value.into_ref(ctx);
        ctx.drain();
    }
    Ok(())
}

/// Whether calling a value of this type through an instance passes the instance first and does
/// nothing else.
fn is_method(type_id: u32) -> bool {
    matches!(
        type_id,
        ids::FUNCTION | ids::METHOD_DESCRIPTOR | ids::SLOT_WRAPPER
    )
}

/// `LOAD_SUPER_ATTR`.
///
/// # Safety
/// - `base` is the running frame's.
#[inline(never)]
pub unsafe fn load_super_attr(
    ctx: &mut Ctx,
    base: Base,
    a: usize,
    b: usize,
    c: usize,
    index: usize,
) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        let value = super_attribute(ctx, base, a, b, index)?;
        for register in a + HEADER..a + HEADER + 3 {
            consume(ctx, base, register);
        }
        store(ctx, base, c, value);
    }
    Ok(())
}

/// `LOAD_SUPER_METHOD`. Its cache has the units of LOAD_METHOD's: the version is that of the class of the receiver, and
/// unit 4 the id of the class behind which the lookup starts.
///
/// # Safety
/// - `base` is the running frame's, `pc` at its instruction.
#[inline(never)]
pub unsafe fn load_super_method(
    ctx: &mut Ctx,
    base: Base,
    a: usize,
    b: usize,
    pc: *mut u32,
) -> PyResult<()> {
    // SAFETY: by the contract: the three temporaries of the window hold values.
    unsafe {
        let first = a + HEADER;
        let (callable, class, this) = (
            borrow(base, first),
            borrow(base, first + 1),
            borrow(base, first + 2),
        );
        let real = callable
            .downcast_exact::<PyType>()
            .is_some_and(|callable| callable.id == ids::SUPER);
        if let (true, Some(body)) = (real, class.downcast::<PyType>()) {
            let type_id = type_id_of(&this);
            let version = ctx.type_entry(type_id).version();
            if *pc.add(2) == CLASS && *pc.add(3) == version && *pc.add(4) == body.id {
                let method = cached_value(ctx, pc, type_id, version);
                if !method.is_null() {
                    let method = method.into_ref();
                    put_super_method(ctx, base, a, method);
                    return Ok(());
                }
            }
            let name = frame::code(base).name_at(*pc.add(1) as usize);
            if let Some(method) = super_::method_behind(ctx, &class, &this, name) {
                if version != 0
                    && frame::code(base).may_specialize(pc)
                    && let Some(header) = method.header()
                {
                    header.publish();
                    let value = method.word().plain();
                    cache(pc, CLASS, version, body.id, 0, value);
                }
                // Nothing comes to a safepoint before it is in its register.
                let method = StackRef::from_steal(ctx, method.into_word());
                put_super_method(ctx, base, a, method);
                return Ok(());
            }
        }
        let value = super_attribute(ctx, base, a, b, *pc.add(1) as usize)?;
        for register in first..first + 3 {
            consume(ctx, base, register);
        }
        *base.add(a) = value.into_ref(ctx);
        *base.add(first) = StackRef::NULL;
    }
    Ok(())
}

/// Opens the window at `a`: the method, and the receiver, which moves down from behind `super` and the class.
unsafe fn put_super_method(ctx: &mut Ctx, base: Base, a: usize, method: StackRef) {
    // SAFETY: the window's registers are temporaries.
    unsafe {
        let first = base.add(a + HEADER);
        let this = (*first.add(2)).take();
        let class = (*first.add(1)).take();
        let callable = (*first).replace(this);
        *base.add(a) = method;
        class.close(ctx);
        callable.close(ctx);
    }
}

unsafe fn super_attribute(ctx: &mut Ctx, base: Base, a: usize, b: usize, index: usize) -> PyResult {
    // SAFETY: the three temporaries of the window hold values.
    unsafe {
        let name = frame::code(base).name_at(index);
        let first = a + HEADER;
        let (callable, class, this) = (
            borrow(base, first),
            borrow(base, first + 1),
            borrow(base, first + 2),
        );
        let real = callable
            .downcast::<PyType>()
            .is_some_and(|t| t.id == ids::SUPER);
        let value = if real && class.downcast::<PyType>().is_some() {
            super_::find(ctx, &class, &this, name)?
        } else {
            let args = [class.clone(), this.clone()];
            let args = if b == 0 { &[] } else { &args[..] };
            let object = protocol::call(ctx, &callable, args)?;
            protocol::getattr(ctx, &object, name)?
        };
        Ok(value)
    }
}

// --- Items -----------------------------------------------------------------------------------------

/// `x[key]` where that takes no call.
///
/// # Safety
/// - Both words are values in registers.
#[inline(always)]
pub unsafe fn quick_item(ctx: &Ctx, x: Word, key: Word) -> Option<StackRef> {
    if !x.is_object() || !key.is_int() {
        return None;
    }
    // SAFETY: the registers keep the objects.
    unsafe {
        let header = &*x.as_object();
        let index = key.as_int();
        match header.type_id() {
            ids::LIST => {
                let list = &*x.as_object().cast::<Body<PyList>>();
                let index = if index < 0 {
                    index + list.payload.len() as i64
                } else {
                    index
                };
                list.get(ctx, usize::try_from(index).ok()?)
                    .map(|item| item.into_ref(ctx))
            }
            ids::TUPLE => {
                let items = (*x.as_object().cast::<Body<PyTuple>>()).payload.items();
                let index = if index < 0 {
                    index + items.len() as i64
                } else {
                    index
                };
                items
                    .get(usize::try_from(index).ok()?)
                    .map(|item| item.clone().into_ref(ctx))
            }
            _ => None,
        }
    }
}

/// `dict[key]` for a key that is the very string of an entry; null when that is not so.
///
/// # Safety
/// - Both words are values in registers, and `x` is an exact dict.
#[inline]
pub unsafe fn quick_dict_item(ctx: &Ctx, x: Word, key: Word) -> Word {
    if !key.is_object() {
        return Word::NULL;
    }
    // SAFETY: the registers keep the objects, of which each is what its type says.
    unsafe {
        if (*key.as_object()).type_id() != ids::STR {
            return Word::NULL;
        }
        let hash = (*key.as_object().cast::<Body<PyStr>>()).hash(ctx);
        let dict = &*x.as_object().cast::<Body<PyDict>>();
        dict.peek_known(ctx, key.plain(), hash)
    }
}

/// `SUBSCR`.
///
/// # Safety
/// - `base` is the running frame's.
#[inline(never)]
pub unsafe fn subscr(ctx: &mut Ctx, base: Base, a: usize, b: usize, c: usize) -> PyResult<Called> {
    // SAFETY: by the contract.
    unsafe {
        let (x, key) = (borrow(base, b), borrow(base, c));
        if type_id_of(&x) == ids::DICT {
            let found = quick_dict_item(ctx, x.word(), key.word());
            if !found.is_null() {
                let value = StackRef::from_steal(ctx, found);
                consume_two(ctx, base, b, c);
                StackRef::set(base.add(a), ctx, value);
                return Ok(Called::Done);
            }
        }
        if type_id_of(&x) >= ids::FIRST_DYNAMIC
            && let Some(called) = enter_getitem(ctx, base, a, b, c)
        {
            return Ok(called);
        }
        let value = item(ctx, &x, &key)?;
        consume_two(ctx, base, b, c);
        store(ctx, base, a, value);
    }
    Ok(Called::Done)
}

/// A frame for the `__getitem__` of the class of `r[b]`, if that is a function of Python.
///
/// # Safety
/// - As [`subscr`]; the class is of a program's making.
unsafe fn enter_getitem(ctx: &mut Ctx, base: Base, a: usize, b: usize, c: usize) -> Option<Called> {
    let python_getitem: fn(&mut Ctx, &Obj, &Obj) -> PyResult = generic::getitem;
    // SAFETY: by the contract.
    unsafe {
        let type_id = type_id_of(&borrow(base, b));
        let getitem = type_by_id(ctx, type_id).slots(ctx).getitem?;
        if !ptr::fn_addr_eq(getitem, python_getitem) {
            return None;
        }
        let function = attribute::lookup_word(ctx, type_id, &names(ctx).getitem);
        let function = StackRef::from_steal(ctx, function);
        let word = function.word();
        let Some(callee) = implicit::room(ctx, base, word, 2) else {
            function.close(ctx);
            return None;
        };
        let args = [
            implicit::argument(ctx, base, b),
            implicit::argument(ctx, base, c),
        ];
        Some(implicit::enter(ctx, base, callee, function, args, (3, a)))
    }
}

/// `SUBSCR_IMM`.
///
/// # Safety
/// - `base` is the running frame's.
#[inline(never)]
pub unsafe fn subscr_imm(ctx: &mut Ctx, base: Base, a: usize, b: usize, key: Word) -> PyResult<()> {
    // SAFETY: by the contract; the key is an immediate.
    unsafe {
        let value = item(ctx, &borrow(base, b), Obj::borrow_word(&key))?;
        consume(ctx, base, b);
        store(ctx, base, a, value);
    }
    Ok(())
}

fn item(ctx: &mut Ctx, x: &Obj, key: &Obj) -> PyResult {
    if let Some(dict) = x.downcast_exact::<PyDict>()
        && let Some(value) = dict.get(ctx, key)?
    {
        return Ok(value);
    }
    if let (Some(text), Some(index)) = (x.downcast_exact::<PyStr>(), key.as_small_int())
        && text.is_ascii()
    {
        let bytes = text.bytes();
        let index = if index < 0 {
            index + bytes.len() as i64
        } else {
            index
        };
        return match usize::try_from(index)
            .ok()
            .and_then(|index| bytes.get(index))
        {
            Some(byte) => Ok(crate::vm::thread::rt(ctx).short_string(core::slice::from_ref(byte))),
            None => Err(raise!(ctx, IndexError, "string index out of range")),
        };
    }
    let _ = str_::intern;
    protocol::getitem(ctx, x, key)
}

/// `STORE_SUBSCR`.
///
/// # Safety
/// - `base` is the running frame's.
#[inline(never)]
pub unsafe fn store_subscr(
    ctx: &mut Ctx,
    base: Base,
    a: usize,
    b: usize,
    c: usize,
) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        let (x, key) = (borrow(base, a), borrow(base, b));
        if let (Some(list), Some(index)) = (x.downcast_exact::<PyList>(), key.as_small_int()) {
            let place = |len: usize| {
                let index = if index < 0 { index + len as i64 } else { index };
                usize::try_from(index).ok()
            };
            if list.set_at(ctx, place, borrow(base, c).clone()) {
                consume_two(ctx, base, a, c);
                ctx.drain();
                return Ok(());
            }
        }
        if let (Some(dict), Some(text)) =
            (x.downcast_exact::<PyDict>(), key.downcast_exact::<PyStr>())
        {
            let (word, hash) = (key.word().plain(), text.hash(ctx));
            let value = frame::take_or_copy(ctx, base, c);
            match dict.replace_known(ctx, word, hash, value) {
                Ok(old) => {
                    consume_two(ctx, base, a, b);
                    if let Some(old) = old {
                        old.release(ctx);
                    }
                }
                Err(value) => {
                    dict.set(ctx, &key, value)?;
                    consume_two(ctx, base, a, b);
                }
            }
            ctx.drain();
            return Ok(());
        }
        store_subscr_slow(ctx, base, a, b, c)
    }
}

#[inline(never)]
unsafe fn store_subscr_slow(
    ctx: &mut Ctx,
    base: Base,
    a: usize,
    b: usize,
    c: usize,
) -> PyResult<()> {
    // SAFETY: as `store_subscr`.
    unsafe {
        let (x, key, value) = (borrow(base, a), borrow(base, b), borrow(base, c));
        match x.downcast_exact::<PyDict>() {
            Some(dict) => dict.set(ctx, &key, value.clone())?,
            None => protocol::setitem(ctx, &x, &key, Some(&value))?,
        }
        consume_two(ctx, base, a, b);
        consume(ctx, base, c);
        ctx.drain();
    }
    Ok(())
}

/// `DELETE_SUBSCR`.
///
/// # Safety
/// - `base` is the running frame's.
#[inline(never)]
pub unsafe fn delete_subscr(ctx: &mut Ctx, base: Base, a: usize, b: usize) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        protocol::setitem(ctx, &borrow(base, a), &borrow(base, b), None)?;
        consume_two(ctx, base, a, b);
        ctx.drain();
    }
    Ok(())
}
