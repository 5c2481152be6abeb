//! Attributes of classes: lookup along the resolution order, and changes, which give the class and
//! all that derive from it new versions and, where a special method is concerned, new operations.

use super::super::attribute;
use super::super::define::flag;
use super::super::dict::PyDict;
use super::super::names::names;
use super::super::obj::Obj;
use super::super::payload::Body;
use super::super::slots::Slots;
use super::super::str_::PyStr;
use super::super::{protocol, slot_wrapper};
use super::{PyType, type_id_of, type_of};
use crate::error::{PyResult, Raised, no_memory, raise};
use crate::vm::thread::rt;
use core::ptr::NonNull;
use core::sync::atomic::Ordering::*;
use kit_core::backend::events::FINALIZES;
use kit_core::backend::heap::HeapKind;
use kit_core::thread::Ctx;

/// `type.__getattribute__`, with `None` for an attribute that does not exist.
pub fn find(ctx: &mut Ctx, class: &Obj, name: &Obj) -> PyResult<Option<Obj>> {
    let of_meta = attribute::lookup(ctx, type_id_of(class), name);
    let mut meta_get = None;
    if let Some(descriptor) = &of_meta {
        let slots = type_of(ctx, descriptor).slots(ctx);
        meta_get = slots.descr_get;
        if let (Some(get), true) = (meta_get, slots.descr_set.is_some()) {
            let meta = type_of(ctx, class).to_obj();
            return get(ctx, descriptor, Some(class), &meta).map(Some);
        }
    }
    let id = class.expect::<PyType>().id;
    if let Some(found) = attribute::lookup(ctx, id, name) {
        return match type_of(ctx, &found).slots(ctx).descr_get {
            Some(get) => get(ctx, &found, None, class).map(Some),
            None => Ok(Some(found)),
        };
    }
    match (of_meta, meta_get) {
        (Some(descriptor), Some(get)) => {
            let meta = type_of(ctx, class).to_obj();
            get(ctx, &descriptor, Some(class), &meta).map(Some)
        }
        (found, _) => Ok(found),
    }
}

/// `type.__getattribute__`.
pub fn getattr(ctx: &mut Ctx, class: &Obj, name: &Obj) -> PyResult {
    match find(ctx, class, name)? {
        Some(value) => Ok(value),
        None => Err(no_attribute(ctx, class, name)),
    }
}

#[cold]
fn no_attribute(ctx: &mut Ctx, class: &Obj, name: &Obj) -> Raised {
    let class_name = protocol::defined_name(ctx, class.expect::<PyType>());
    let text = name.expect::<PyStr>().as_str_lossy();
    let raised = raise!(
        ctx,
        AttributeError,
        "type object '{class_name}' has no attribute '{text}'"
    );
    super::super::exception::set_attribute_info(ctx, class, name);
    raised
}

/// `type.__setattr__` and `type.__delattr__`.
pub fn setattr(ctx: &mut Ctx, class: &Obj, name: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let body = class.expect::<PyType>();
    if body.flags.load(Relaxed) & flag::IMMUTABLE != 0 {
        let class_name = protocol::defined_name(ctx, body);
        let text = name.expect::<PyStr>().as_str_lossy();
        return Err(raise!(
            ctx,
            TypeError,
            "cannot set '{text}' attribute of immutable type '{class_name}'"
        ));
    }
    if let Some(descriptor) = attribute::lookup(ctx, type_id_of(class), name)
        && let Some(set) = type_of(ctx, &descriptor).slots(ctx).descr_set
    {
        return set(ctx, &descriptor, class, value);
    }
    match store(ctx, class, name, value.cloned())? {
        true => Ok(()),
        false => Err(no_attribute(ctx, class, name)),
    }
}

/// Changes the class's namespace; false when deleting what is not there.
pub fn store(ctx: &mut Ctx, class: &Obj, name: &Obj, value: Option<Obj>) -> PyResult<bool> {
    let special = is_special(name);
    let body = class.expect::<PyType>();
    let namespace = body.dict.expect::<PyDict>();
    // What is replaced is dropped after the lock is given back.
    let mut done = true;
    let mut enough = true;
    let old;
    {
        let _changing = ctx.lock_outer(&rt(ctx).changing);
        // Before the change: who has seen the new value is not told the old one by a cache.
        withdraw(ctx, body);
        old = namespace.get_name(ctx, name);
        match value {
            Some(value) => enough = namespace.try_set_name(ctx, name, value),
            None => done = namespace.remove_name(ctx, name).is_some(),
        }
        enough &= refresh(ctx, body, special);
    }
    drop(old);
    if enough {
        Ok(done)
    } else {
        Err(no_memory(ctx))
    }
}

/// Whether a name may be that of a special method.
fn is_special(name: &Obj) -> bool {
    let text = name.expect::<PyStr>().bytes();
    text.starts_with(b"__") && text.ends_with(b"__")
}

/// Tells the class and all that derive from it that what their names mean has changed; `special`
/// says that special methods may have. False without memory.
pub fn changed(ctx: &mut Ctx, class: &Obj, special: bool) -> PyResult<()> {
    let enough = {
        let _changing = ctx.lock_outer(&rt(ctx).changing);
        refresh(ctx, class.expect::<PyType>(), special)
    };
    if enough { Ok(()) } else { Err(no_memory(ctx)) }
}

/// Lets no cache trust the class and all that derive from it, until they are given new versions.
fn withdraw(ctx: &Ctx, class: &Body<PyType>) {
    super::entry_of(class.id).set_version(0);
    for derived in class.subclasses(ctx) {
        withdraw(ctx, derived.expect::<PyType>());
    }
}

fn refresh(ctx: &Ctx, class: &Body<PyType>, special: bool) -> bool {
    let mut enough = true;
    if special && class.flags.load(Relaxed) & flag::IMMUTABLE == 0 {
        enough = publish_slots(ctx, class);
    }
    // After the change: who looks up from here on and finds the new version finds the new value.
    let version = match class.flags.load(Relaxed) & flag::STRANGERS {
        0 => ctx.thread().services().types.fresh_version(),
        _ => 0,
    };
    super::entry_of(class.id).set_version(version);
    for derived in class.subclasses(ctx) {
        enough &= refresh(ctx, derived.expect::<PyType>(), special);
    }
    enough
}

/// Works out the operations of a class made at run time anew and publishes them. False without
/// memory.
pub fn publish_slots(ctx: &Ctx, class: &Body<PyType>) -> bool {
    let Some(base) = class.base.get(ctx, &class.header) else {
        return true;
    };
    let bases = class.bases.get(ctx, &class.header);
    let single = bases
        .is_some_and(|b| b.expect::<super::super::tuple::PyTuple>().items().len() == 1)
        && !class.has_own_order(ctx);
    let mut slots = *base.expect::<PyType>().slots(ctx);
    slot_wrapper::resolve(ctx, class, &mut slots, single);
    let Some(block) = ctx
        .thread()
        .heap
        .alloc(HeapKind::Buffer, size_of::<Slots>())
    else {
        return false;
    };
    let table = block.cast::<Slots>();
    // SAFETY: fresh and large enough.
    unsafe { table.write(slots) };
    // AcqRel, paired with `PyType::slots`: the table is complete.
    let old = class.slots.swap(table.as_ptr(), AcqRel);
    if let Some(old) = NonNull::new(old) {
        // SAFETY: a table published before by this function, unlinked just now.
        unsafe { ctx.retire_buffer(old.cast(), size_of::<Slots>()) };
    }
    let entry = super::entry_of(class.id);
    let finalizes = if slots.finalize.is_some() {
        FINALIZES
    } else {
        0
    };
    entry.set_flags(entry.flags() & !FINALIZES | finalizes);
    true
}

/// The mapping of the class's own namespace, read-only.
pub fn own(ctx: &Ctx, class: &Obj, name: &Obj) -> Option<Obj> {
    class
        .expect::<PyType>()
        .dict
        .expect::<PyDict>()
        .get_name(ctx, name)
}

/// Sets or clears [`flag::ABSTRACT`] by `__abstractmethods__`.
pub fn set_abstract(ctx: &mut Ctx, class: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let truth = match value {
        Some(value) => protocol::truth(ctx, value)?,
        None => false,
    };
    let name = &names(ctx).abstractmethods;
    if !store(ctx, class, name, value.cloned())? {
        return Err(no_attribute(ctx, class, name));
    }
    let flags = &class.expect::<PyType>().flags;
    if truth {
        flags.fetch_or(flag::ABSTRACT, Relaxed);
    } else {
        flags.fetch_and(!flag::ABSTRACT, Relaxed);
    }
    Ok(())
}
