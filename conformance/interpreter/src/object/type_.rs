//! `type`: classes, their method resolution order, their tables of operations.

pub mod access;
pub mod check;
pub mod create;
pub mod methods;
pub mod mro;
pub mod statement;
#[cfg(test)]
mod tests;

use super::define::{TypeDef, flag};
use super::ids;
use super::obj::Obj;
use super::payload::{Body, Payload};
use super::slot::Slot;
use super::slots::Slots;
use super::{dict::PyDict, names::names, protocol, str_::PyStr};
use crate::error::PyResult;
use crate::prelude::*;
use core::sync::atomic::{AtomicPtr, AtomicU32, Ordering::*};
use kit_core::backend::heap::HeapKind;
use kit_core::object::{Header, Tracer, TypeEntry, Word};
use kit_core::refcount::per_thread::CountId;
use kit_core::thread::Ctx;
use kit_std::thread::current;

/// A class.
pub struct PyType {
    /// Its index in the type table.
    pub id: u32,
    /// The id of the built-in type whose body its instances have.
    pub layout: u32,
    /// See [`super::define::flag`].
    pub flags: AtomicU32,
    /// `__name__`, a str.
    pub name: Slot,
    /// `__qualname__`, a str.
    pub qualname: Slot,
    /// The class its instances' layout extends; empty for `object`.
    pub base: Slot,
    /// `__bases__`, a tuple.
    pub bases: Slot,
    /// `__mro__`, a tuple.
    pub mro: Slot,
    /// The namespace, a dict; never handed out (`__dict__` is a proxy).
    pub dict: Obj,
    /// The operations.
    pub slots: AtomicPtr<Slots>,
    /// Layout of instances beyond the body, see [`super::instance`].
    pub shape: super::instance::Shape,
    /// Weak references to the direct subclasses: a list of type ids.
    pub subclasses: super::slot::Locked<Vec<u32>>,
    /// The id of its per-thread counts, if it was made at run time.
    pub count_id: CountId,
    /// The definition, for a built-in type.
    pub def: Option<&'static TypeDef>,
}

// SAFETY: `trace` reports the slots, the dict and what the shape owns.
unsafe impl Payload for PyType {
    const ID: u32 = ids::TYPE;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "type";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        for slot in [
            &self.name,
            &self.qualname,
            &self.base,
            &self.bases,
            &self.mro,
        ] {
            slot.trace(tracer);
        }
        tracer.word(self.dict.word());
        self.shape.trace(tracer);
    }
}

/// The id of a value's type.
#[inline(always)]
pub fn type_id_of(value: &Obj) -> u32 {
    let word = value.word();
    if word.is_pointer() {
        // SAFETY: an `Obj` is never null and keeps its object alive.
        unsafe { (*word.as_object()).type_id() }
    } else if word.is_int() {
        ids::INT
    } else if word.is_float() {
        ids::FLOAT
    } else {
        CONSTANT_TYPES[word.as_constant() as usize & 7]
    }
}

/// Types of the constants, by index.
const CONSTANT_TYPES: [u32; 8] = [
    ids::BOOL,
    ids::BOOL,
    ids::NONE_TYPE,
    ids::ELLIPSIS,
    ids::NOT_IMPLEMENTED,
    ids::PLACEHOLDER,
    ids::CONTEXT_MISSING,
    ids::NO_DEFAULT,
];

/// The class of a value. It lives at least until the next safepoint.
#[inline(always)]
pub fn type_of<'a>(ctx: &'a Ctx, value: &Obj) -> &'a Body<PyType> {
    type_by_id(ctx, type_id_of(value))
}

/// The class with this id, which must be in use.
#[inline(always)]
pub fn type_by_id(ctx: &Ctx, id: u32) -> &Body<PyType> {
    // SAFETY: the entry of an id in use refers to a type object, which is freed only by a
    // collection, at a safepoint; `ctx` is borrowed until then.
    unsafe {
        &*ctx
            .type_entry(id)
            .object()
            .as_object()
            .cast::<Body<PyType>>()
    }
}

/// The class with this id, as a new reference.
pub fn type_object(ctx: &Ctx, id: u32) -> Obj {
    // SAFETY: as `type_by_id`; the entry's word is not null for an id in use.
    unsafe { Obj::copy_word(ctx.type_entry(id).object()) }
}

/// The id of the built-in type whose body instances of type `id` have.
#[cfg_attr(feature = "small", inline(never))]
#[cfg_attr(not(feature = "small"), inline(always))]
pub fn layout_of(id: u32) -> u32 {
    // SAFETY: the id comes from a live object of this thread's runtime.
    unsafe { (*current::types().add(id as usize)).flags() >> 16 }
}

/// The table entry of a type id in use on this thread's runtime.
#[inline(always)]
pub fn entry_of<'a>(id: u32) -> &'a TypeEntry {
    // SAFETY: the id comes from a live object of this thread's runtime, whose table outlives it.
    unsafe { &*current::types().add(id as usize) }
}

impl Body<PyType> {
    /// Whether the class is one of the built-in ones, whose attributes stay as they are.
    pub fn is_immutable(&self) -> bool {
        self.flags.load(Relaxed) & flag::IMMUTABLE != 0
    }

    /// Whether native code has made the class for its own instances ([`create::closed`]).
    pub fn is_closed(&self) -> bool {
        self.def.is_none() && self.flags.load(Relaxed) & flag::BASE == 0
    }

    /// The operations now.
    #[inline(always)]
    pub fn slots<'a>(&self, _: &'a Ctx) -> &'a Slots {
        // SAFETY: a table that is replaced is retired through a grace period, and no safepoint is
        // passed while the context is borrowed. Acquire, paired with the store that published it.
        unsafe { &*self.slots.load(Acquire) }
    }

    /// The ids of the resolution order.
    pub fn mro_ids(&self, ctx: &Ctx) -> Vec<u32> {
        let mro = self.mro.get(ctx, &self.header);
        mro.map_or(Vec::new(), |mro| {
            let items = mro.expect::<super::tuple::PyTuple>().items();
            items.iter().map(|c| c.expect::<PyType>().id).collect()
        })
    }

    /// Notes that the class `id` derives directly from this one.
    pub fn add_subclass(&self, ctx: &Ctx, id: u32) {
        // SAFETY: the field is this object's; the guard lives for one call.
        unsafe { self.subclasses.lock(ctx, &self.header) }.push(id);
    }

    /// Forgets the direct subclass `id`.
    pub fn remove_subclass(&self, ctx: &Ctx, id: u32) {
        // SAFETY: as above.
        unsafe { self.subclasses.lock(ctx, &self.header) }.retain(|other| *other != id);
    }

    /// The direct subclasses that are alive.
    pub fn subclasses(&self, ctx: &Ctx) -> Vec<Obj> {
        // SAFETY: as above.
        let ids = unsafe { self.subclasses.lock(ctx, &self.header) };
        ids.iter()
            .filter_map(|id| {
                let word = entry_of(*id).object();
                // SAFETY: a class takes its id out of its bases' lists, under their locks, before
                // its memory is freed; so the header is readable here.
                unsafe {
                    (*word.as_object())
                        .try_retain(ctx.counter())
                        .then(|| Obj::from_word(word))
                }
            })
            .collect()
    }

    /// Whether a metaclass's `mro` chose another order than the rules give: then operations cannot
    /// be taken over from the base.
    pub fn has_own_order(&self, ctx: &Ctx) -> bool {
        let base = self.base.get(ctx, &self.header);
        let of_base = base.map_or(0, |b| b.expect::<PyType>().mro_ids(ctx).len());
        self.mro_ids(ctx).len() != of_base + 1
    }

    /// The type as a value, a new reference.
    pub fn to_obj(&self) -> Obj {
        // SAFETY: `self` is alive.
        unsafe { Obj::copy_word(Word::object(&raw const self.header)) }
    }

    /// Whether this class is `other` or derives from it.
    pub fn is_subtype(&self, ctx: &Ctx, other: &Body<PyType>) -> bool {
        if core::ptr::eq(self, other) {
            return true;
        }
        let Some(mro) = self.mro.get(ctx, &self.header) else {
            return false;
        };
        let other = Word::object(&raw const other.header);
        mro.expect::<super::tuple::PyTuple>()
            .items()
            .iter()
            .any(|class| class.word() == other)
    }
}

/// `module.Qualified.Name` of a class, without the module for built-ins.
pub fn full_name(ctx: &mut Ctx, class: &Obj) -> PyResult<String> {
    let body = class.expect::<PyType>();
    let qualname = body.qualname.get(ctx, &body.header);
    let qualname = qualname.map_or(String::new(), |n| {
        n.expect::<PyStr>().as_str_lossy().into_owned()
    });
    if let Some(def) = body.def {
        // Under this name its namespace may have an attribute of the instances.
        let module = def.name.rsplit_once('.').map(|(module, _)| module);
        return Ok(match module.filter(|module| *module != "builtins") {
            Some(module) => format!("{module}.{qualname}"),
            None => own_module(ctx, body, qualname),
        });
    }
    Ok(own_module(ctx, body, qualname))
}

/// The name after the module that the class's namespace has.
fn own_module(ctx: &Ctx, body: &Body<PyType>, qualname: String) -> String {
    let module = body
        .dict
        .expect::<PyDict>()
        .get_name(ctx, &names(ctx).module);
    match module.as_ref().and_then(|m| m.downcast::<PyStr>()) {
        Some(module) if module.as_str_lossy() != "builtins" => {
            format!("{}.{qualname}", module.as_str_lossy())
        }
        _ => qualname,
    }
}

/// The nearest built-in class that `class` is or derives its layout from.
pub fn native_base(ctx: &Ctx, class: &Obj) -> Obj {
    let mut class = class.clone();
    loop {
        let body = class.expect::<PyType>();
        if body.flags.load(Relaxed) & flag::IMMUTABLE != 0 {
            return class;
        }
        match body.base.get(ctx, &body.header) {
            Some(base) => class = base,
            None => return class,
        }
    }
}

/// The names in the namespaces of a class and its bases: in those that the attributes `__dict__` and `__bases__` name, where the
/// metaclass has an idea of its own what they are.
pub fn names_of(ctx: &mut Ctx, class: &Obj, found: &mut Vec<Obj>) -> PyResult<()> {
    let plain = type_by_id(ctx, ids::TYPE).slots(ctx).getattr;
    let getattr = type_of(ctx, class).slots(ctx).getattr;
    if getattr.map(|f| f as usize) != plain.map(|f| f as usize) {
        if let Some(namespace) = protocol::find_attr(ctx, class, &names(ctx).dict)? {
            let keys = super::str_::intern(ctx, "keys");
            let keys = protocol::call_method(ctx, &namespace, &keys, &[])?;
            found.extend(protocol::collect(ctx, &keys)?);
        }
        if let Some(bases) = protocol::find_attr(ctx, class, &names(ctx).bases)? {
            for base in protocol::collect(ctx, &bases)? {
                if base.downcast::<PyType>().is_some() {
                    names_of(ctx, &base, found)?;
                }
            }
        }
        return Ok(());
    }
    let body = class.expect::<PyType>();
    let Some(mro) = body.mro.get(ctx, &body.header) else {
        return Ok(());
    };
    for class in mro.expect::<super::tuple::PyTuple>().items() {
        let namespace = class.expect::<PyType>().dict.expect::<PyDict>();
        found.extend(namespace.items(ctx).into_iter().map(|(name, _)| name));
    }
    Ok(())
}

/// The names of a class's member slots, by index.
pub fn member_names(ctx: &Ctx, class: &Body<PyType>) -> Vec<Option<String>> {
    let mut found = vec![None; class.shape.members as usize];
    let Some(mro) = class.mro.get(ctx, &class.header) else {
        return found;
    };
    for class in mro.expect::<super::tuple::PyTuple>().items() {
        let namespace = class.expect::<PyType>().dict.expect::<PyDict>();
        for (_, value) in namespace.items(ctx) {
            if let Some(member) = value.downcast::<super::descriptor::PyMember>()
                && let Some(name) = member.slot().and_then(|index| found.get_mut(index))
            {
                *name = Some(member.name.expect::<PyStr>().as_str_lossy().into_owned());
            }
        }
    }
    found
}

unsafe fn clear(object: *const Header, ctx: &mut Ctx) {
    // SAFETY: the object is alive, and a class.
    let class = unsafe { &*object.cast::<Body<PyType>>() };
    // The class is in its own order. Its namespace is cleared as an object of its own.
    class.mro.set(ctx, &class.header, None);
    // SAFETY: as the collector calls it.
    unsafe { (Body::<PyType>::KIND.clear)(object, ctx) };
}

unsafe fn drop_class(object: *mut Header, ctx: &mut Ctx) {
    // SAFETY: the object is dead, and a class, whose fields are still in place.
    let class = unsafe { &*object.cast::<Body<PyType>>() };
    if let Some(bases) = class.bases.get(ctx, &class.header) {
        for base in bases.expect::<super::tuple::PyTuple>().items() {
            base.expect::<PyType>().remove_subclass(ctx, class.id);
        }
    }
    if let Some(table) = core::ptr::NonNull::new(class.slots.load(Relaxed)) {
        // SAFETY: the table of a class made at run time is a buffer; nobody finds it any more.
        unsafe { ctx.retire_buffer(table.cast(), size_of::<Slots>()) };
    }
    let id = class.id;
    // SAFETY: dropped once, here.
    unsafe { (Body::<PyType>::KIND.drop)(object, ctx) };
    // Instances are gone: each holds its class.
    ctx.thread().services().types.release(id);
}

/// The functions of classes as objects.
pub static KIND: kit_core::object::Kind = kit_core::object::Kind {
    clear,
    drop: drop_class,
    ..Body::<PyType>::KIND
};

fn repr(ctx: &mut Ctx, class: &Obj) -> PyResult {
    let name = full_name(ctx, class)?;
    super::str_::new(ctx, &format!("<class '{name}'>"))
}

/// `type`.
pub static TYPE: TypeDef = TypeDef {
    id: ids::TYPE,
    name: "type",
    base: ids::OBJECT,
    layout: ids::TYPE,
    kind: &KIND,
    flags: flag::BASE | flag::DICT,
    slots: Slots {
        new: Some(create::new),
        init: Some(create::init),
        call: Some(create::call),
        repr: Some(repr),
        getattr: Some(access::getattr),
        setattr: Some(access::setattr),
        or: Some(super::union_::or),
        ..Slots::NONE
    },
    methods: methods::METHODS,
    getset: methods::GETSET,
    doc: "The class of classes: type(object) is the object's class, type(name, bases, namespace) a new one.",
};
