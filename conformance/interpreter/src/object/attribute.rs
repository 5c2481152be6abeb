//! Attribute access: lookup in classes, the descriptor protocol, the generic rules.

use super::descriptor;
use super::exception;
use super::instance;
use super::obj::Obj;
use super::payload::Body;
use super::protocol;
use super::str_::PyStr;
use super::tuple::PyTuple;
use super::type_::{PyType, type_id_of, type_of};
use crate::error::{PyResult, Raised};
use crate::prelude::*;
use crate::text::wtf8::Wtf8Buf;
use crate::vm::thread::py;
use kit_core::object::{Header, Word};
use kit_core::thread::Ctx;

const ENTRIES: usize = 1024;

#[derive(Clone, Copy)]
struct Cached {
    /// The class's version; 0 in an empty entry.
    version: u32,
    name: Word,
    /// What the lookup found, or null; kept alive by the class as long as the version is its.
    value: Word,
}

/// Results of recent lookups, by class version and name.
pub struct LookupCache(Box<[Cached; ENTRIES]>);

impl Default for LookupCache {
    fn default() -> Self {
        LookupCache(Box::new(
            [Cached {
                version: 0,
                name: Word::NULL,
                value: Word::NULL,
            }; ENTRIES],
        ))
    }
}

/// What `name` (an interned string) means in the class with id `type_id` and its bases.
#[inline]
pub fn lookup(ctx: &mut Ctx, type_id: u32, name: &Obj) -> Option<Obj> {
    // SAFETY: the id belongs to a live object or class.
    let version = unsafe { ctx.type_entry(type_id) }.version_to_cache();
    let word = name.word().plain();
    let index = (version as usize ^ (word.bits() >> 4) as usize) % ENTRIES;
    let cached = py(ctx).lookups.0[index];
    if cached.version == version && version != 0 && cached.name == word {
        if !cached.value.is_object() {
            // SAFETY: an immediate, or null.
            return unsafe { Obj::from_nullable(cached.value) };
        }
        // SAFETY: the value was reachable from the class when its version was what it is now or
        // was a moment ago, so its block is readable until the next safepoint.
        unsafe {
            if (*cached.value.as_object()).try_retain(ctx.counter()) {
                if ctx.type_entry(type_id).version() == version {
                    return Some(Obj::from_word(cached.value));
                }
                ctx.thread().release_later(cached.value);
            }
        }
    }
    lookup_slow(ctx, type_id, name, version, index)
}

/// As [`lookup`], for the stack: an object that is deferred comes with the deferred tag and without
/// a count, others are counted; null when there is nothing.
#[inline]
pub fn lookup_word(ctx: &mut Ctx, type_id: u32, name: &Obj) -> Word {
    // SAFETY: the id belongs to a live object or class.
    let version = unsafe { ctx.type_entry(type_id) }.version();
    let word = name.word().plain();
    let index = (version as usize ^ (word.bits() >> 4) as usize) % ENTRIES;
    let cached = py(ctx).lookups.0[index];
    if cached.version == version && version != 0 && cached.name == word && cached.value.is_object()
    {
        // SAFETY: as in `lookup`; a deferred object dies at a safepoint at the earliest.
        // The version again: another object may have come to be in the block.
        if unsafe { (*cached.value.as_object()).is_deferred() }
            // SAFETY: the id belongs to a live object or class.
            && (ctx.solo() || unsafe { ctx.type_entry(type_id) }.version() == version)
        {
            return cached.value.deferred();
        }
    }
    lookup(ctx, type_id, name).map_or(Word::NULL, Obj::into_word)
}

#[cold]
fn lookup_slow(ctx: &mut Ctx, type_id: u32, name: &Obj, version: u32, index: usize) -> Option<Obj> {
    let class = super::type_::type_by_id(ctx, type_id);
    let found = lookup_in_mro(ctx, class, name);
    let value = found.as_ref().map_or(Word::NULL, |v| v.word().plain());
    if version != 0 {
        if let Some(header) = found.as_ref().and_then(Obj::header) {
            header.publish();
        }
        // The entry does not keep the name, and another may come to be in its place.
        if !name.header().is_some_and(Header::is_immortal) {
            return found;
        }
        py(ctx).lookups.0[index] = Cached {
            version,
            name: name.word().plain(),
            value,
        };
    }
    found
}

/// The first value of `name` in the namespaces of the class and its bases.
pub fn lookup_in_mro(ctx: &Ctx, class: &Body<PyType>, name: &Obj) -> Option<Obj> {
    let mro = class.mro.get(ctx, &class.header)?;
    mro.expect::<PyTuple>().items().iter().find_map(|base| {
        let base = base.downcast::<PyType>()?;
        base.dict
            .expect::<super::dict::PyDict>()
            .get_name(ctx, name)
    })
}

/// What `name` (an interned string) means in the value's class: for special methods.
#[inline]
pub fn lookup_special(ctx: &mut Ctx, value: &Obj, name: &Obj) -> Option<Obj> {
    lookup(ctx, type_id_of(value), name)
}

/// The special method `name`, bound to `value`; `None` when its class has none.
pub fn bound_special(ctx: &mut Ctx, value: &Obj, name: &Obj) -> PyResult<Option<Obj>> {
    let Some(found) = lookup_special(ctx, value, name) else {
        return Ok(None);
    };
    let Some(get) = type_of(ctx, &found).slots(ctx).descr_get else {
        return Ok(Some(found));
    };
    let class = type_of(ctx, value).to_obj();
    get(ctx, &found, Some(value), &class).map(Some)
}

/// `object.__getattribute__`, with `None` for an attribute that does not exist.
pub fn generic_find(ctx: &mut Ctx, object: &Obj, name: &Obj) -> PyResult<Option<Obj>> {
    let type_id = type_id_of(object);
    let found = lookup(ctx, type_id, name);
    let mut get = None;
    if let Some(descriptor) = &found {
        let slots = type_of(ctx, descriptor).slots(ctx);
        get = slots.descr_get;
        if let (Some(get), true) = (get, slots.descr_set.is_some()) {
            if let Some(result) = descriptor::get_found(ctx, descriptor, object, type_id) {
                return result.map(Some);
            }
            let class = type_of(ctx, object).to_obj();
            return get(ctx, descriptor, Some(object), &class).map(Some);
        }
    }
    if let Some(value) = instance::get(ctx, object, name) {
        return Ok(Some(value));
    }
    match (found, get) {
        (Some(descriptor), Some(get)) => {
            let class = type_of(ctx, object).to_obj();
            get(ctx, &descriptor, Some(object), &class).map(Some)
        }
        (found, _) => Ok(found),
    }
}

/// `object.__getattribute__`.
pub fn generic_get(ctx: &mut Ctx, object: &Obj, name: &Obj) -> PyResult {
    match generic_find(ctx, object, name)? {
        Some(value) => Ok(value),
        None => Err(no_attribute(ctx, object, name)),
    }
}

/// Stores the AttributeError of a value that has no attribute `name`.
#[cold]
pub fn no_attribute(ctx: &mut Ctx, object: &Obj, name: &Obj) -> Raised {
    let raised = refuse(ctx, object, "' object has no attribute '", name, "'");
    super::exception::set_attribute_info(ctx, object, name);
    raised
}

/// Stores an AttributeError that names the object's class and the attribute, whose name may be no Unicode.
#[cold]
fn refuse(ctx: &mut Ctx, object: &Obj, between: &str, name: &Obj, after: &str) -> Raised {
    let mut text = Wtf8Buf::new();
    text.push_str("'");
    text.push_str(&protocol::type_name(ctx, object));
    text.push_str(between);
    if let Some(name) = name.downcast::<PyStr>() {
        text.push_wtf8(name.text());
    }
    text.push_str(after);
    exception::raise_text(ctx, exception::class::AttributeError, &text)
}

type SetAttr = fn(&mut Ctx, &Obj, &Obj, Option<&Obj>) -> PyResult<()>;

/// `object.__setattr__` and `object.__delattr__`.
pub fn generic_set(ctx: &mut Ctx, object: &Obj, name: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let type_id = type_id_of(object);
    let found = lookup(ctx, type_id, name);
    if let Some(descriptor) = &found
        && let Some(set) = type_of(ctx, descriptor).slots(ctx).descr_set
    {
        return match descriptor::set_found(ctx, descriptor, object, value, type_id) {
            Some(result) => result,
            None => set(ctx, descriptor, object, value),
        };
    }
    if instance::set(ctx, object, name, value.cloned())? {
        return Ok(());
    }
    if found.is_some() && !(value.is_none() && instance::has_dict(ctx, object)) {
        return Err(refuse(
            ctx,
            object,
            "' object attribute '",
            name,
            "' is read-only",
        ));
    }
    if !instance::has_dict(ctx, object) {
        // A class that sets attributes itself may know of more places than a dict.
        let own = type_of(ctx, object).slots(ctx).setattr;
        let hint = match own.is_some_and(|f| core::ptr::fn_addr_eq(f, generic_set as SetAttr)) {
            true => "' and no __dict__ for setting new attributes",
            false => "'",
        };
        let raised = refuse(ctx, object, "' object has no attribute '", name, hint);
        super::exception::set_attribute_info(ctx, object, name);
        return Err(raised);
    }
    Err(no_attribute(ctx, object, name))
}
