//! `property`: an attribute computed by functions.

use super::args::{Args, Signature};
use super::define::{GetSet, Method, Native, TypeDef, flag, getter, member, method};
use super::names::names;
use super::obj::Obj;
use super::payload::{self, Body, Payload};
use super::slot::Slot;
use super::slots::Slots;
use super::type_::{PyType, type_of};
use super::{exception, ids, protocol, str_};
use crate::error::{PyResult, Raised, raise};
use crate::prelude::*;
use core::sync::atomic::{AtomicBool, Ordering::Relaxed};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

/// The body of a property.
pub struct PyProperty {
    /// Reads the attribute.
    pub getter: Slot,
    /// Assigns it.
    pub setter: Slot,
    /// Deletes it.
    pub deleter: Slot,
    doc: Slot,
    name: Slot,
    /// Whether the docstring is the getter's.
    doc_of_getter: AtomicBool,
}

// SAFETY: `trace` reports all slots.
unsafe impl Payload for PyProperty {
    const ID: u32 = ids::PROPERTY;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "property";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        for slot in self.slots() {
            slot.trace(tracer);
        }
    }

    fn clear(&self, ctx: &mut Ctx) {
        for slot in self.slots() {
            drop(slot.replace_locked(ctx, None));
        }
    }
}

impl PyProperty {
    fn slots(&self) -> [&Slot; 5] {
        [
            &self.getter,
            &self.setter,
            &self.deleter,
            &self.doc,
            &self.name,
        ]
    }
}

static SIGNATURE: Signature = Signature {
    name: "property",
    params: &["fget", "fset", "fdel", "doc"],
    posonly: 0,
    positional: 4,
    required: 0,
};

fn new(ctx: &mut Ctx, class: &Obj, _: Args<'_>) -> PyResult {
    let id = class.expect::<PyType>().id;
    let body = PyProperty {
        getter: Slot::empty(),
        setter: Slot::empty(),
        deleter: Slot::empty(),
        doc: Slot::empty(),
        name: Slot::empty(),
        doc_of_getter: AtomicBool::new(false),
    };
    payload::allocate(ctx, id, body)
}

fn init(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult<()> {
    let [fget, fset, fdel, doc] = args.bind::<4>(ctx, &SIGNATURE)?;
    let given = |x: Option<&Obj>| x.filter(|x| !x.is_none()).cloned();
    let body = x.expect::<PyProperty>();
    body.getter.set(ctx, &body.header, given(fget));
    body.setter.set(ctx, &body.header, given(fset));
    body.deleter.set(ctx, &body.header, given(fdel));
    body.name.set(ctx, &body.header, None);
    body.doc_of_getter.store(false, Relaxed);
    let mut doc = given(doc);
    if doc.is_none()
        && let Some(getter) = given(fget)
    {
        doc = protocol::find_attr(ctx, &getter, &names(ctx).doc)?.filter(|d| !d.is_none());
        body.doc_of_getter.store(doc.is_some(), Relaxed);
    }
    // Instances of derived classes keep the docstring among their attributes, before the class's.
    if type_of(ctx, x).id == ids::PROPERTY {
        body.doc.set(ctx, &body.header, doc);
        return Ok(());
    }
    let value = doc.unwrap_or(Obj::NONE);
    match protocol::setattr(ctx, x, &names(ctx).doc, Some(&value)) {
        // There may be no place for it, which matters only if it is the getter's.
        Err(raised)
            if !body.doc_of_getter.load(Relaxed)
                && exception::matches(ctx, &raised, exception::class::AttributeError) =>
        {
            exception::take(ctx, raised);
            Ok(())
        }
        other => other,
    }
}

/// The property's name: as its class gave it, or its getter's.
fn name_of(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<Obj>> {
    let body = x.expect::<PyProperty>();
    if let Some(name) = body.name.get(ctx, &body.header) {
        return Ok(Some(name));
    }
    match body.getter.get(ctx, &body.header) {
        Some(getter) => protocol::find_attr(ctx, &getter, &names(ctx).name),
        None => Ok(None),
    }
}

#[cold]
fn refuse(ctx: &mut Ctx, x: &Obj, instance: &Obj, what: &str) -> Raised {
    let name = match name_of(ctx, x) {
        Ok(name) => name,
        Err(raised) => return raised,
    };
    let class = type_of(ctx, instance);
    let class = class
        .qualname
        .get(ctx, &class.header)
        .map_or(String::new(), |q| super::own_dict::text(&q));
    let name = match name {
        Some(name) => match protocol::repr_string(ctx, &name) {
            Ok(name) => format!(" {name}"),
            Err(raised) => return raised,
        },
        None => String::new(),
    };
    raise!(
        ctx,
        AttributeError,
        "property{name} of '{class}' object has no {what}"
    )
}

fn get(ctx: &mut Ctx, x: &Obj, instance: Option<&Obj>, _: &Obj) -> PyResult {
    let Some(instance) = instance else {
        return Ok(x.clone());
    };
    let body = x.expect::<PyProperty>();
    match body.getter.get(ctx, &body.header) {
        Some(getter) => protocol::call(ctx, &getter, core::slice::from_ref(instance)),
        None => Err(refuse(ctx, x, instance, "getter")),
    }
}

fn set(ctx: &mut Ctx, x: &Obj, instance: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let body = x.expect::<PyProperty>();
    match value {
        Some(value) => match body.setter.get(ctx, &body.header) {
            Some(setter) => {
                protocol::call(ctx, &setter, &[instance.clone(), value.clone()]).map(drop)
            }
            None => Err(refuse(ctx, x, instance, "setter")),
        },
        None => match body.deleter.get(ctx, &body.header) {
            Some(deleter) => {
                protocol::call(ctx, &deleter, core::slice::from_ref(instance)).map(drop)
            }
            None => Err(refuse(ctx, x, instance, "deleter")),
        },
    }
}

/// A copy of the property with one of its functions replaced.
fn with(ctx: &mut Ctx, x: &Obj, index: usize, function: &Obj) -> PyResult {
    let body = x.expect::<PyProperty>();
    let mut functions = [&body.getter, &body.setter, &body.deleter]
        .map(|slot| slot.get(ctx, &body.header).unwrap_or(Obj::NONE));
    functions[index] = function.clone();
    let inherits_doc = body.doc_of_getter.load(Relaxed);
    let doc = if inherits_doc && !functions[0].is_none() {
        Obj::NONE
    } else {
        body.doc.get(ctx, &body.header).unwrap_or(Obj::NONE)
    };
    let class = type_of(ctx, x).to_obj();
    let [fget, fset, fdel] = functions;
    let copy = protocol::call(ctx, &class, &[fget, fset, fdel, doc])?;
    if let (Some(new), Some(name)) = (
        copy.downcast::<PyProperty>(),
        body.name.get(ctx, &body.header),
    ) {
        new.name.set(ctx, &new.header, Some(name));
    }
    Ok(copy)
}

fn with_getter(ctx: &mut Ctx, x: &Obj, function: &Obj) -> PyResult {
    with(ctx, x, 0, function)
}

fn with_setter(ctx: &mut Ctx, x: &Obj, function: &Obj) -> PyResult {
    with(ctx, x, 1, function)
}

fn with_deleter(ctx: &mut Ctx, x: &Obj, function: &Obj) -> PyResult {
    with(ctx, x, 2, function)
}

fn set_name(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let [_, name] = args else {
        let given = args.len();
        return Err(raise!(
            ctx,
            TypeError,
            "__set_name__() takes 2 positional arguments but {given} were given"
        ));
    };
    let body = x.expect::<PyProperty>();
    body.name.set(ctx, &body.header, Some(name.clone()));
    Ok(Obj::NONE)
}

fn function(ctx: &Ctx, x: &Obj, select: fn(&PyProperty) -> &Slot) -> Obj {
    let body = x.expect::<PyProperty>();
    select(body).get(ctx, &body.header).unwrap_or(Obj::NONE)
}

fn fget(ctx: &mut Ctx, x: &Obj) -> PyResult {
    Ok(function(ctx, x, |p| &p.getter))
}

fn fset(ctx: &mut Ctx, x: &Obj) -> PyResult {
    Ok(function(ctx, x, |p| &p.setter))
}

fn fdel(ctx: &mut Ctx, x: &Obj) -> PyResult {
    Ok(function(ctx, x, |p| &p.deleter))
}

fn doc(ctx: &mut Ctx, x: &Obj) -> PyResult {
    Ok(function(ctx, x, |p| &p.doc))
}

fn set_doc(ctx: &mut Ctx, x: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let body = x.expect::<PyProperty>();
    body.doc.set(ctx, &body.header, value.cloned());
    Ok(())
}

fn name(ctx: &mut Ctx, x: &Obj) -> PyResult {
    match name_of(ctx, x)? {
        Some(name) => Ok(name),
        None => {
            let name = &names(ctx).name;
            Err(super::attribute::no_attribute(ctx, x, name))
        }
    }
}

fn assign_name(ctx: &mut Ctx, x: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let body = x.expect::<PyProperty>();
    body.name.set(ctx, &body.header, value.cloned());
    Ok(())
}

fn is_abstract(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let attribute = str_::intern(ctx, "__isabstractmethod__");
    let all: [fn(&PyProperty) -> &Slot; 3] = [
        |p: &PyProperty| &p.getter,
        |p: &PyProperty| &p.setter,
        |p: &PyProperty| &p.deleter,
    ];
    for select in all {
        let function = function(ctx, x, select);
        if let Some(value) = protocol::find_attr(ctx, &function, &attribute)?
            && protocol::truth(ctx, &value)?
        {
            return Ok(Obj::TRUE);
        }
    }
    Ok(Obj::FALSE)
}

static METHODS: &[Method] = &[
    method("getter", Native::M1(with_getter)),
    method("setter", Native::M1(with_setter)),
    method("deleter", Native::M1(with_deleter)),
    method("__set_name__", Native::MN(0, usize::MAX, set_name)),
];

static GETSET: &[GetSet] = &[
    member("fget", fget),
    member("fset", fset),
    member("fdel", fdel),
    GetSet {
        name: "__doc__",
        get: doc,
        set: Some(set_doc),
        member: false,
    },
    GetSet {
        name: "__name__",
        get: name,
        set: Some(assign_name),
        member: false,
    },
    getter("__isabstractmethod__", is_abstract),
];

/// `property`.
pub static PROPERTY: TypeDef = TypeDef {
    id: ids::PROPERTY,
    name: "property",
    base: ids::OBJECT,
    layout: ids::PROPERTY,
    kind: &Body::<PyProperty>::KIND,
    flags: flag::BASE,
    slots: Slots {
        new: Some(new),
        init: Some(init),
        descr_get: Some(get),
        descr_set: Some(set),
        ..Slots::NONE
    },
    methods: METHODS,
    getset: GETSET,
    doc: "property(fget=None, fset=None, fdel=None, doc=None)\n--\n\nAn attribute computed by functions.",
};
