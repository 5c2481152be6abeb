//! Descriptors of built-in types: methods, class methods, computed attributes; and the members that
//! `__slots__` makes.

use super::args::Args;
use super::builtin_function::{bind, call_native, doc_of, signature_of};
use super::define::{GetSet, Method, Native, TypeDef, flag, getter, member, method};
use super::obj::Obj;
use super::payload::{self, Body, Payload};
use super::slots::Slots;
use super::str_::{self, PyStr};
use super::tuple::PyTuple;
use super::type_::{PyType, type_by_id, type_id_of, type_object, type_of};
use super::{attribute, docs, ids, instance, protocol};
use crate::error::{PyResult, Raised, raise};
use crate::prelude::*;
use crate::vm::thread::rt;
use core::ptr;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

/// A method of a built-in type.
pub struct PyMethodDescriptor {
    /// The method.
    pub method: &'static Method,
    /// The class that has it.
    pub owner: u32,
}

// SAFETY: it owns no references.
unsafe impl Payload for PyMethodDescriptor {
    const ID: u32 = ids::METHOD_DESCRIPTOR;
    const HEAP: HeapKind = HeapKind::Plain;
    const NAME: &'static str = "method_descriptor";
    fn trace(&self, _: &mut Tracer<'_>) {}
}

/// A class method of a built-in type.
pub struct PyClassMethodDescriptor {
    /// The method.
    pub method: &'static Method,
    /// The class that has it.
    pub owner: u32,
}

// SAFETY: it owns no references.
unsafe impl Payload for PyClassMethodDescriptor {
    const ID: u32 = ids::CLASSMETHOD_DESCRIPTOR;
    const HEAP: HeapKind = HeapKind::Plain;
    const NAME: &'static str = "classmethod_descriptor";
    fn trace(&self, _: &mut Tracer<'_>) {}
}

/// A computed attribute of a built-in type.
pub struct PyGetSet {
    /// The attribute.
    pub def: &'static GetSet,
    /// The class that has it.
    pub owner: Obj,
}

// SAFETY: `trace` reports the class.
unsafe impl Payload for PyGetSet {
    const ID: u32 = ids::GETSET;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "getset_descriptor";
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.word(self.owner.word());
    }
}

impl PyGetSet {
    /// The id of the class, which the descriptor keeps alive.
    fn owner_id(&self) -> u32 {
        self.owner.expect::<PyType>().id
    }
}

/// A field of the instances of a class: a name in `__slots__`, or what a built-in type shows of its own.
pub struct PyMember {
    /// The name, an interned string.
    pub name: Obj,
    /// The class that has it.
    pub owner: Obj,
    /// Where its value is.
    pub place: Place,
}

/// Where the value of a member is.
pub enum Place {
    /// In a member slot of the instances ([`instance::member`]).
    Slot {
        /// The slot's index.
        index: u16,
        /// Whether it reads as None where the slot is empty.
        or_none: bool,
    },
    /// In the body of a built-in type, which reads and writes it itself.
    Body(&'static GetSet),
    /// The item of a tuple with this index, or, from the tuple's end on, a member slot. It is for reading only.
    Item(usize),
}

// SAFETY: `trace` reports both references.
unsafe impl Payload for PyMember {
    const ID: u32 = ids::MEMBER;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "member_descriptor";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.word(self.name.word());
        tracer.word(self.owner.word());
    }
}

/// Whether `value` is an instance of the class `owner`.
#[inline]
fn applies(ctx: &Ctx, owner: u32, value: &Obj) -> bool {
    type_id_of(value) == owner || type_of(ctx, value).is_subtype(ctx, type_by_id(ctx, owner))
}

#[cold]
fn does_not_apply(ctx: &mut Ctx, name: &str, owner: u32, value: &Obj) -> Raised {
    let class = protocol::defined_name(ctx, type_by_id(ctx, owner));
    let given = protocol::type_name(ctx, value);
    raise!(
        ctx,
        TypeError,
        "descriptor '{name}' for '{class}' objects doesn't apply to a '{given}' object"
    )
}

// --- Methods -------------------------------------------------------------------------------------

fn method_get(ctx: &mut Ctx, x: &Obj, instance: Option<&Obj>, _: &Obj) -> PyResult {
    let Some(instance) = instance else {
        return Ok(x.clone());
    };
    let descriptor = x.expect::<PyMethodDescriptor>();
    if !applies(ctx, descriptor.owner, instance) {
        return Err(does_not_apply(
            ctx,
            descriptor.method.name,
            descriptor.owner,
            instance,
        ));
    }
    bind(
        ctx,
        descriptor.method,
        descriptor.owner,
        Some(instance.clone()),
    )
}

fn method_call(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    let descriptor = x.expect::<PyMethodDescriptor>();
    let (method, owner) = (descriptor.method, descriptor.owner);
    let Some((this, rest)) = args.pos.split_first() else {
        let class = protocol::class_name(ctx, type_by_id(ctx, owner));
        return Err(raise!(
            ctx,
            TypeError,
            "unbound method {class}.{}() needs an argument",
            method.name
        ));
    };
    if !applies(ctx, owner, this) {
        return Err(does_not_apply(ctx, method.name, owner, this));
    }
    call_native(ctx, method, owner, this, Args { pos: rest, ..args })
}

fn class_method_get(ctx: &mut Ctx, x: &Obj, instance: Option<&Obj>, owner: &Obj) -> PyResult {
    let descriptor = x.expect::<PyClassMethodDescriptor>();
    let class = match (instance, owner.is_none()) {
        (Some(instance), true) => type_of(ctx, instance).to_obj(),
        _ => owner.clone(),
    };
    let name = descriptor.method.name;
    let owner_name = protocol::defined_name(ctx, type_by_id(ctx, descriptor.owner));
    let Some(body) = class.downcast::<PyType>() else {
        let given = protocol::type_name(ctx, &class);
        return Err(raise!(
            ctx,
            TypeError,
            "descriptor '{name}' for type '{owner_name}' needs a type, not a '{given}' as arg 2"
        ));
    };
    if !body.is_subtype(ctx, type_by_id(ctx, descriptor.owner)) {
        let given = protocol::class_name(ctx, body);
        return Err(raise!(
            ctx,
            TypeError,
            "descriptor '{name}' requires a subtype of '{owner_name}' but received '{given}'"
        ));
    }
    bind(ctx, descriptor.method, descriptor.owner, Some(class))
}

fn class_method_call(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    let descriptor = x.expect::<PyClassMethodDescriptor>();
    let method = descriptor.method;
    let Some((this, rest)) = args.pos.split_first() else {
        let class = protocol::defined_name(ctx, type_by_id(ctx, descriptor.owner));
        return Err(raise!(
            ctx,
            TypeError,
            "descriptor '{}' of '{class}' object needs an argument",
            method.name
        ));
    };
    let bound = class_method_get(ctx, x, None, this)?;
    protocol::call_with(ctx, &bound, Args { pos: rest, ..args })
}

// --- Computed attributes -------------------------------------------------------------------------

fn getset_get(ctx: &mut Ctx, x: &Obj, instance: Option<&Obj>, _: &Obj) -> PyResult {
    let Some(instance) = instance else {
        return Ok(x.clone());
    };
    let descriptor = x.expect::<PyGetSet>();
    if !applies(ctx, descriptor.owner_id(), instance) {
        let name = descriptor.def.name;
        return Err(does_not_apply(ctx, name, descriptor.owner_id(), instance));
    }
    (descriptor.def.get)(ctx, instance)
}

fn getset_set(ctx: &mut Ctx, x: &Obj, instance: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let descriptor = x.expect::<PyGetSet>();
    let name = descriptor.def.name;
    if !applies(ctx, descriptor.owner_id(), instance) {
        return Err(does_not_apply(ctx, name, descriptor.owner_id(), instance));
    }
    set_getset(ctx, descriptor.def, instance, value)
}

fn set_getset(ctx: &mut Ctx, def: &GetSet, instance: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let name = def.name;
    match def.set {
        Some(set) => set(ctx, instance, value),
        None => {
            let class = protocol::type_name(ctx, instance);
            Err(raise!(
                ctx,
                AttributeError,
                "attribute '{name}' of '{class}' objects is not writable"
            ))
        }
    }
}

/// Reads the attribute of an instance by a descriptor of this kind that was found in the class `type_id`, which was
/// the instance's a moment ago: another thread may have given it another one since. `None` when it is another
/// kind of descriptor, or one that belongs to another class.
pub fn get_found(ctx: &mut Ctx, x: &Obj, instance: &Obj, type_id: u32) -> Option<PyResult> {
    if let Some(descriptor) = x.downcast::<PyGetSet>() {
        return belongs(ctx, type_id, &descriptor.owner)
            .then(|| (descriptor.def.get)(ctx, instance));
    }
    let member = x.downcast::<PyMember>()?;
    belongs(ctx, type_id, &member.owner).then(|| read_member(ctx, member, instance))
}

/// As [`get_found`], assigning or deleting.
pub fn set_found(
    ctx: &mut Ctx,
    x: &Obj,
    instance: &Obj,
    value: Option<&Obj>,
    type_id: u32,
) -> Option<PyResult<()>> {
    if let Some(descriptor) = x.downcast::<PyGetSet>() {
        return belongs(ctx, type_id, &descriptor.owner)
            .then(|| set_getset(ctx, descriptor.def, instance, value));
    }
    let member = x.downcast::<PyMember>()?;
    belongs(ctx, type_id, &member.owner).then(|| write_member(ctx, member, instance, value))
}

/// Whether the class `type_id` is `owner` or derived from it.
fn belongs(ctx: &Ctx, type_id: u32, owner: &Obj) -> bool {
    let owner = owner.expect::<PyType>();
    type_id == owner.id || type_by_id(ctx, type_id).is_subtype(ctx, owner)
}

// --- Members -------------------------------------------------------------------------------------

impl PyMember {
    /// The index of the member slot in instances that it names.
    pub fn slot(&self) -> Option<usize> {
        match self.place {
            Place::Slot { index, .. } => Some(index.into()),
            Place::Body(_) | Place::Item(_) => None,
        }
    }

    /// The byte offset of the member slot in instances of `class`, for caches; `None` when the member
    /// is not theirs, or the offset varies.
    pub fn offset_in(&self, ctx: &Ctx, class: &Body<PyType>) -> Option<u32> {
        let Place::Slot { index, .. } = self.place else {
            return None;
        };
        let theirs =
            index < class.shape.members && class.is_subtype(ctx, self.owner.expect::<PyType>());
        if theirs {
            instance::member_offset(class, index)
        } else {
            None
        }
    }
}

#[inline]
fn member_applies(ctx: &Ctx, member: &PyMember, instance: &Obj) -> bool {
    let owner = member.owner.expect::<PyType>();
    type_id_of(instance) == owner.id || type_of(ctx, instance).is_subtype(ctx, owner)
}

fn member_get(ctx: &mut Ctx, x: &Obj, instance: Option<&Obj>, _: &Obj) -> PyResult {
    let Some(instance) = instance else {
        return Ok(x.clone());
    };
    let member = x.expect::<PyMember>();
    if !member_applies(ctx, member, instance) {
        return Err(member_error(ctx, member, instance));
    }
    read_member(ctx, member, instance)
}

fn read_member(ctx: &mut Ctx, member: &PyMember, instance: &Obj) -> PyResult {
    let (index, or_none) = match member.place {
        Place::Slot { index, or_none } => (index, or_none),
        Place::Body(def) => return (def.get)(ctx, instance),
        Place::Item(index) => return Ok(read_item(ctx, instance, index)),
    };
    let value = instance::member(ctx, instance, index as usize)
        .and_then(|(slot, header)| slot.get(ctx, header));
    match value {
        Some(value) => Ok(value),
        None if or_none => Ok(Obj::NONE),
        None => Err(no_value(ctx, member, instance)),
    }
}

/// The item of an instance of a class with [`Place::Item`].
fn read_item(ctx: &Ctx, instance: &Obj, index: usize) -> Obj {
    let items = instance.expect::<PyTuple>().items();
    let value = match index.checked_sub(items.len()) {
        None => Some(items[index].clone()),
        Some(beyond) => {
            instance::member(ctx, instance, beyond).and_then(|(slot, header)| slot.get(ctx, header))
        }
    };
    value.unwrap_or(Obj::NONE)
}

/// The AttributeError of a slot without a value, which names the class in full.
#[cold]
fn no_value(ctx: &mut Ctx, member: &PyMember, instance: &Obj) -> Raised {
    let class = type_of(ctx, instance).to_obj();
    let class = match super::type_::full_name(ctx, &class) {
        Ok(class) => class,
        Err(raised) => return raised,
    };
    let class = class.strip_prefix("__main__.").unwrap_or(&class);
    let name = member.name.expect::<PyStr>().as_str_lossy().into_owned();
    raise!(
        ctx,
        AttributeError,
        "'{class}' object has no attribute '{name}'"
    )
}

fn member_set(ctx: &mut Ctx, x: &Obj, instance: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let member = x.expect::<PyMember>();
    if !member_applies(ctx, member, instance) {
        return Err(member_error(ctx, member, instance));
    }
    write_member(ctx, member, instance, value)
}

fn write_member(
    ctx: &mut Ctx,
    member: &PyMember,
    instance: &Obj,
    value: Option<&Obj>,
) -> PyResult<()> {
    let (index, or_none) = match member.place {
        Place::Slot { index, or_none } => (index, or_none),
        Place::Body(def) => return set_getset(ctx, def, instance, value),
        Place::Item(_) => return Err(raise!(ctx, AttributeError, "readonly attribute")),
    };
    let Some((slot, header)) = instance::member(ctx, instance, index as usize) else {
        return Err(attribute::no_attribute(ctx, instance, &member.name));
    };
    let old = slot.replace(ctx, header, value.cloned());
    if value.is_none() && old.is_none() && !or_none {
        let name = member.name.expect::<PyStr>().as_str_lossy();
        return Err(raise!(ctx, AttributeError, "{name}"));
    }
    Ok(())
}

/// `__dict__` of the instances of a built-in class, for its list of attributes.
pub const OWN_INSTANCE_DICT: GetSet = GetSet {
    name: "__dict__",
    get: instance_dict,
    set: Some(set_instance_dict),
    member: false,
};

/// `__dict__` of the instances of a class.
pub static INSTANCE_DICT: GetSet = OWN_INSTANCE_DICT;

/// `__weakref__` of the instances of a class.
pub static INSTANCE_WEAKREF: GetSet = getter("__weakref__", |ctx, instance| {
    let first = rt(ctx).library.weak.first(ctx, instance);
    Ok(first.unwrap_or(Obj::NONE))
});

fn is_instance_dict(def: &GetSet) -> bool {
    ptr::fn_addr_eq(def.get, instance_dict as fn(&mut Ctx, &Obj) -> PyResult)
}

fn instance_dict(ctx: &mut Ctx, instance: &Obj) -> PyResult {
    if let Some(dict) = instance::dict(ctx, instance)? {
        return Ok(dict);
    }
    // A built-in base that has a dict of its own knows it.
    let class = type_of(ctx, instance).to_obj();
    let native = super::type_::native_base(ctx, &class);
    let name = str_::intern(ctx, INSTANCE_DICT.name);
    let found = attribute::lookup(ctx, native.expect::<PyType>().id, &name);
    match found
        .as_ref()
        .and_then(|found| found.downcast::<PyGetSet>())
    {
        Some(theirs) if !is_instance_dict(theirs.def) => (theirs.def.get)(ctx, instance),
        _ => Err(no_dict(ctx, instance)),
    }
}

fn set_instance_dict(ctx: &mut Ctx, instance: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let value = match value {
        Some(value) => super::own_dict::check_dict(ctx, Some(value))?,
        None => super::dict::new(ctx)?,
    };
    if instance::replace_dict(ctx, instance, value)? {
        Ok(())
    } else {
        Err(no_dict(ctx, instance))
    }
}

#[cold]
fn no_dict(ctx: &mut Ctx, instance: &Obj) -> Raised {
    let name = str_::intern(ctx, INSTANCE_DICT.name);
    attribute::no_attribute(ctx, instance, &name)
}

/// The descriptor of an attribute that a class gives its instances.
pub fn new_getset(ctx: &mut Ctx, def: &'static GetSet, owner: &Obj) -> PyResult {
    let owner = owner.clone();
    if def.member {
        let name = str_::intern(ctx, def.name);
        let place = Place::Body(def);
        return payload::new(ctx, PyMember { name, owner, place });
    }
    payload::new(ctx, PyGetSet { def, owner })
}

/// The descriptor of a method of the built-in type `owner`.
pub fn new_method(ctx: &mut Ctx, method: &'static Method, owner: u32) -> PyResult {
    match method.native {
        Native::C(_) | Native::C1(_) => {
            payload::new(ctx, PyClassMethodDescriptor { method, owner })
        }
        Native::F(_) | Native::FN(..) | Native::F1(_) => {
            let class = type_object(ctx, owner);
            let function = bind(ctx, method, owner, Some(class))?;
            super::static_method::PyStaticMethod::of(ctx, function)
        }
        Native::S0(_) | Native::S1(_) => super::slot_wrapper::special(ctx, method, owner),
        _ => payload::new(ctx, PyMethodDescriptor { method, owner }),
    }
}

#[cold]
fn member_error(ctx: &mut Ctx, member: &PyMember, instance: &Obj) -> Raised {
    let name = member.name.expect::<PyStr>().as_str_lossy().into_owned();
    let class = protocol::defined_name(ctx, member.owner.expect::<PyType>());
    let given = protocol::type_name(ctx, instance);
    raise!(
        ctx,
        TypeError,
        "descriptor '{name}' for '{class}' objects doesn't apply to a '{given}' object"
    )
}

/// The descriptor of a name in `__slots__`.
pub fn new_member(ctx: &mut Ctx, name: &Obj, owner: &Obj, index: u16) -> PyResult {
    let member = PyMember {
        name: name.clone(),
        owner: owner.clone(),
        place: Place::Slot {
            index,
            or_none: false,
        },
    };
    payload::new(ctx, member)
}

/// The descriptor of the item with this index of instances of a class of tuples ([`Place::Item`]).
pub fn new_item(ctx: &mut Ctx, name: &Obj, owner: &Obj, index: usize) -> PyResult {
    let (name, owner) = (name.clone(), owner.clone());
    let place = Place::Item(index);
    payload::new(ctx, PyMember { name, owner, place })
}

/// A member descriptor as `member` is one, which reads as None where the slot is empty.
pub fn member_or_none(ctx: &mut Ctx, member: &Obj) -> PyResult {
    let found = member.expect::<PyMember>();
    let Place::Slot { index, .. } = found.place else {
        return Ok(member.clone());
    };
    let member = PyMember {
        name: found.name.clone(),
        owner: found.owner.clone(),
        place: Place::Slot {
            index,
            or_none: true,
        },
    };
    payload::new(ctx, member)
}

// --- What they all have --------------------------------------------------------------------------

/// Name and class of a descriptor, and its docstring.
fn facts(ctx: &Ctx, x: &Obj) -> (String, Obj, &'static str) {
    if let Some(d) = x.downcast::<PyMethodDescriptor>() {
        (
            d.method.name.to_owned(),
            type_object(ctx, d.owner),
            d.method.doc,
        )
    } else if let Some(d) = x.downcast::<PyClassMethodDescriptor>() {
        (
            d.method.name.to_owned(),
            type_object(ctx, d.owner),
            d.method.doc,
        )
    } else if let Some(d) = x.downcast::<PyGetSet>() {
        let doc = if ptr::eq(d.def, &INSTANCE_DICT) {
            "dictionary for instance variables"
        } else if ptr::eq(d.def, &INSTANCE_WEAKREF) {
            "list of weak references to the object"
        } else {
            ""
        };
        (d.def.name.to_owned(), d.owner.clone(), doc)
    } else {
        let member = x.expect::<PyMember>();
        let name = member.name.expect::<PyStr>().as_str_lossy().into_owned();
        (name, member.owner.clone(), "")
    }
}

fn describe(ctx: &mut Ctx, x: &Obj, what: &str) -> PyResult {
    let (name, owner, _) = facts(ctx, x);
    let class = protocol::defined_name(ctx, owner.expect::<PyType>());
    str_::new(ctx, &format!("<{what} '{name}' of '{class}' objects>"))
}

fn method_repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    describe(ctx, x, "method")
}

fn attribute_repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    describe(ctx, x, "attribute")
}

fn member_repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    describe(ctx, x, "member")
}

fn name(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let (name, ..) = facts(ctx, x);
    str_::intern_text(ctx, &name)
}

fn qualname(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let (name, owner, _) = facts(ctx, x);
    let owner = owner.expect::<PyType>();
    let class = owner
        .qualname
        .get(ctx, &owner.header)
        .map_or(String::new(), |q| {
            q.expect::<PyStr>().as_str_lossy().into_owned()
        });
    str_::new(ctx, &format!("{class}.{name}"))
}

fn objclass(ctx: &mut Ctx, x: &Obj) -> PyResult {
    Ok(facts(ctx, x).1)
}

fn doc(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let (name, owner, doc) = facts(ctx, x);
    if doc.is_empty() {
        let class = protocol::class_name(ctx, owner.expect::<PyType>());
        return docs::doc(ctx, &class, &name);
    }
    doc_of(ctx, doc)
}

fn text_signature(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let (name, owner, doc) = facts(ctx, x);
    if doc.is_empty() {
        let class = protocol::class_name(ctx, owner.expect::<PyType>());
        return docs::signature(ctx, &class, &name);
    }
    signature_of(ctx, doc)
}

fn reduce(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let (name, owner, _) = facts(ctx, x);
    super::reduce::attribute_of(ctx, &owner, &name)
}

static GETSET: &[GetSet] = &[
    member("__name__", name),
    getter("__qualname__", qualname),
    member("__objclass__", objclass),
    getter("__doc__", doc),
    getter("__text_signature__", text_signature),
];

/// `method_descriptor`.
pub static METHOD_DESCRIPTOR: TypeDef = TypeDef {
    id: ids::METHOD_DESCRIPTOR,
    name: "method_descriptor",
    base: ids::OBJECT,
    layout: ids::METHOD_DESCRIPTOR,
    kind: &Body::<PyMethodDescriptor>::KIND,
    flags: flag::NO_NEW | flag::METHOD,
    slots: Slots {
        repr: Some(method_repr),
        call: Some(method_call),
        descr_get: Some(method_get),
        ..Slots::NONE
    },
    methods: &[method("__reduce__", Native::M0(reduce))],
    getset: GETSET,
    doc: "",
};

/// `classmethod_descriptor`.
pub static CLASSMETHOD_DESCRIPTOR: TypeDef = TypeDef {
    id: ids::CLASSMETHOD_DESCRIPTOR,
    name: "classmethod_descriptor",
    base: ids::OBJECT,
    layout: ids::CLASSMETHOD_DESCRIPTOR,
    kind: &Body::<PyClassMethodDescriptor>::KIND,
    flags: flag::NO_NEW,
    slots: Slots {
        repr: Some(method_repr),
        call: Some(class_method_call),
        descr_get: Some(class_method_get),
        ..Slots::NONE
    },
    methods: &[method("__reduce__", Native::M0(reduce))],
    getset: GETSET,
    doc: "",
};

/// `getset_descriptor`.
pub static GETSET_DESCRIPTOR: TypeDef = TypeDef {
    id: ids::GETSET,
    name: "getset_descriptor",
    base: ids::OBJECT,
    layout: ids::GETSET,
    kind: &Body::<PyGetSet>::KIND,
    flags: flag::NO_NEW,
    slots: Slots {
        repr: Some(attribute_repr),
        descr_get: Some(getset_get),
        descr_set: Some(getset_set),
        ..Slots::NONE
    },
    methods: &[],
    getset: GETSET,
    doc: "",
};

/// `member_descriptor`.
pub static MEMBER_DESCRIPTOR: TypeDef = TypeDef {
    id: ids::MEMBER,
    name: "member_descriptor",
    base: ids::OBJECT,
    layout: ids::MEMBER,
    kind: &Body::<PyMember>::KIND,
    flags: flag::NO_NEW,
    slots: Slots {
        repr: Some(member_repr),
        descr_get: Some(member_get),
        descr_set: Some(member_set),
        ..Slots::NONE
    },
    methods: &[],
    getset: GETSET,
    doc: "",
};
