//! What is on the heap, and who refers to whom: `gc.get_objects`, `gc.get_referrers`, `gc.get_referents`,
//! and setting objects aside with `gc.freeze`.
//!
//! All walks happen with the world stopped. They collect addresses into memory that is not the heap's and
//! count each object that is to be returned before the world goes on; lists are made after that.

use crate::error::{PyResult, raise};
use crate::object::args::{Args, Signature};
use crate::object::dict::PyDict;
use crate::object::list::PyList;
use crate::object::obj::Obj;
use crate::object::slice::PySlice;
use crate::object::str_::PyStr;
use crate::object::tuple::{self, PyTuple};
use crate::object::type_::PyType;
use crate::object::{cell::PyCell, exception, ids, index, instance, int, list, protocol};
use crate::vm::thread::rt;
use kit_core::backend::heap::Kinds;
use kit_core::object::{Bits, Header, Word};
use kit_core::thread::Ctx;
use std::collections::HashSet;
use std::ptr;

/// Calls `visit` with every tracked object that has references, with the world stopped; what a collection under way is about to
/// take apart is left out.
///
/// `visit` may not allocate in the heap, free there, lock, or run language code.
fn walk(ctx: &Ctx, mut visit: impl FnMut(&'static Header)) {
    let kit = &rt(ctx).kit;
    let _stopped = kit.stop_others(ctx);
    // SAFETY: the world is stopped until the end of the function, and the visitor does as it is told. Live
    // blocks of these kinds hold an object at the page's offset, which is not freed meanwhile.
    unsafe {
        let hidden: HashSet<*mut Header> = kit.collector().hidden().iter().copied().collect();
        kit.heap().for_each_block(Kinds::COLLECTED, |block, page| {
            let offset = page.as_ref().heap_kind().header_offset();
            let header: &'static Header = block.add(offset).cast().as_ref();
            let bits = header.bits();
            let counted = header.references() > 0 || bits.contains(Bits::DEFERRED);
            let collected = counted && bits.contains(Bits::TRACKED) && !bits.contains(Bits::STATIC);
            if collected && !hidden.contains(&ptr::from_ref(header).cast_mut()) {
                visit(header);
            }
        });
    }
}

/// A new reference to an object met in a walk or in the references of another.
fn counted(ctx: &Ctx, header: &Header) -> Obj {
    // SAFETY: the object has references, and stays while the world is stopped or its owner is held.
    unsafe {
        header.retain_published(ctx.counter());
        Obj::from_word(Word::object(header))
    }
}

/// Calls `visit` with all that `header` refers to, immediate values left out.
///
/// # Safety
/// - The object is alive and tracked, and the world is stopped.
unsafe fn references(ctx: &Ctx, header: &Header, visit: &mut dyn FnMut(Word)) {
    let types = &ctx.thread().services().types;
    let kind = types.entry(header.type_id()).kind();
    // SAFETY: the caller vouches for the object.
    unsafe { kind.references(header, |word, _| visit(word)) };
}

static GET_OBJECTS: Signature = Signature {
    name: "get_objects",
    params: &["generation"],
    posonly: 0,
    positional: 1,
    required: 0,
};

/// All objects the collector looks at. They are not kept apart by age: each generation has them all.
pub(super) fn get_objects(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let [generation] = args.bind(ctx, &GET_OBJECTS)?;
    crate::module::sys::audit::event(ctx, "gc.get_objects", |_| {
        let all = Obj::small_int(-1);
        let given = generation.filter(|generation| !generation.is_none());
        Ok(vec![given.cloned().unwrap_or(all)])
    })?;
    if let Some(generation) = generation.filter(|generation| !generation.is_none()) {
        if !index::is_index(ctx, generation) {
            let class = protocol::type_name(ctx, generation);
            return Err(raise!(
                ctx,
                TypeError,
                "argument should be integer or None, not '{class}'"
            ));
        }
        let generation =
            protocol::index_i64(ctx, generation, Some(exception::class::OverflowError))?;
        if generation >= 3 {
            return Err(raise!(
                ctx,
                ValueError,
                "generation parameter must be less than the number of available generations (3)"
            ));
        }
        if generation < -1 {
            return Err(raise!(
                ctx,
                ValueError,
                "generation parameter cannot be negative"
            ));
        }
    }
    let mut found = Vec::new();
    walk(ctx, |header| {
        if !header.bits().contains(Bits::FROZEN) {
            found.push(counted(ctx, header));
        }
    });
    list::from_vec(ctx, found)
}

pub(super) fn get_referrers(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.no_keywords(ctx, "gc.get_referrers")?;
    crate::module::sys::audit::event(ctx, "gc.get_referrers", |ctx| {
        Ok(vec![tuple::from_slice(ctx, args.pos)?])
    })?;
    let wanted: Vec<Word> = args
        .pos
        .iter()
        .map(|object| object.word().plain())
        .collect();
    // The arguments' own tuple is none of the program's.
    let mut found = Vec::new();
    walk(ctx, |header| {
        if header.bits().contains(Bits::FROZEN) {
            return;
        }
        let mut refers = false;
        // SAFETY: met in the walk.
        unsafe {
            references(ctx, header, &mut |word| refers |= wanted.contains(&word));
        }
        if refers {
            found.push(counted(ctx, header));
        }
    });
    list::from_vec(ctx, found)
}

pub(super) fn get_referents(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.no_keywords(ctx, "gc.get_referents")?;
    crate::module::sys::audit::event(ctx, "gc.get_referents", |ctx| {
        Ok(vec![tuple::from_slice(ctx, args.pos)?])
    })?;
    let mut found = Vec::new();
    for object in args.pos {
        // Containers hold immediate values too, of which the collector is not told.
        if let Some(body) = object.downcast::<PyList>() {
            found.extend(body.to_vec(ctx).into_iter().rev());
        } else if object.downcast::<PyTuple>().is_some() {
            found.extend(tuple::items(object).iter().rev().cloned());
        } else if let Some(body) = object.downcast::<PyDict>() {
            let items = body.items(ctx);
            let names = items
                .iter()
                .all(|(key, _)| key.downcast::<PyStr>().is_some());
            for (key, value) in items {
                found.push(value);
                if !names {
                    found.push(key);
                }
            }
        } else if let Some(header) = object.header() {
            // A slice that holds no objects is one too.
            if let Some(body) = object.downcast::<PySlice>() {
                found.extend([&body.start, &body.stop, &body.step].map(Obj::clone));
                continue;
            }
            let bits = header.bits();
            if !bits.contains(Bits::TRACKED) {
                continue;
            }
            // What a class is called is none of its references.
            let is_class = object.downcast::<PyType>().is_some();
            let _stopped = rt(ctx).kit.stop_others(ctx);
            // SAFETY: tracked, held by the arguments, and the world is stopped; what it refers to is alive.
            unsafe {
                let mut value = |word: Word| {
                    if word.is_object() {
                        let header = &*word.as_object();
                        if !(is_class && header.type_id() == ids::STR) {
                            found.push(counted(ctx, header));
                        }
                    } else if !word.is_null() {
                        found.push(Obj::from_word(word));
                    }
                };
                references(ctx, header, &mut value);
                if let Some(body) = object.downcast::<PyCell>() {
                    let word = body.value.peek();
                    if !word.is_object() {
                        value(word);
                    }
                }
                instance::each_in_tail(header, &mut |_, word| {
                    if !word.is_object() {
                        value(word);
                    }
                });
            }
        }
    }
    list::from_vec(ctx, found)
}

/// Sets all objects there are aside: collections take them for alive from now on.
pub(super) fn freeze(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    walk(ctx, |header| {
        header.set_bits(Bits::FROZEN);
    });
    Ok(Obj::NONE)
}

pub(super) fn unfreeze(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    walk(ctx, |header| {
        header.clear_bits(Bits::FROZEN);
    });
    Ok(Obj::NONE)
}

pub(super) fn get_freeze_count(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    let count = count_frozen(ctx);
    int::from_usize(ctx, count)
}

/// How many objects are set aside.
pub(super) fn count_frozen(ctx: &Ctx) -> usize {
    let mut count = 0;
    walk(ctx, |header| {
        count += usize::from(header.bits().contains(Bits::FROZEN));
    });
    count
}
