//! `object`: what every value has.

use super::args::Args;
use super::define::{GetSet, Method, Native, TypeDef, flag, method};
use super::dict::PyDict;
use super::list::PyList;
use super::names::names;
use super::obj::Obj;
use super::payload::{self, Body, Payload};
use super::slots::{Comparison, Slots};
use super::str_::PyStr;
use super::type_::{PyType, native_base, type_of};
use super::{attribute, ids, instance, int, protocol, reduce};
use crate::error::{PyResult, raise};
use crate::host::HashSet;
use crate::prelude::*;
use core::ptr::NonNull;
use core::sync::atomic::Ordering::Relaxed;
use kit_core::backend::heap::HeapKind;
use kit_core::object::{Header, Tracer};
use kit_core::thread::{Ctx, Thread};

/// The body of instances of `object` and of classes with no other built-in base: nothing.
pub struct PyObject;

// SAFETY: it owns no references.
unsafe impl Payload for PyObject {
    const ID: u32 = ids::OBJECT;
    const HEAP: HeapKind = HeapKind::Plain;
    const NAME: &'static str = "object";
    const DISCARD: Option<fn(&mut Self, &Thread)> = Some(payload::only_references);
    fn trace(&self, _: &mut Tracer<'_>) {}
}

fn has_arguments(args: &Args<'_>) -> bool {
    !args.pos.is_empty() || !args.values.is_empty()
}

fn overrides_new(ctx: &Ctx, class: &Body<PyType>) -> bool {
    let this = new as fn(&mut Ctx, &Obj, Args<'_>) -> PyResult;
    class
        .slots(ctx)
        .new
        .is_none_or(|f| !core::ptr::fn_addr_eq(f, this))
}

fn overrides_init(ctx: &Ctx, class: &Body<PyType>) -> bool {
    let this = init as fn(&mut Ctx, &Obj, Args<'_>) -> PyResult<()>;
    class
        .slots(ctx)
        .init
        .is_none_or(|f| !core::ptr::fn_addr_eq(f, this))
}

/// `object.__new__`.
pub fn new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    let body = class.expect::<PyType>();
    if has_arguments(&args) {
        if overrides_new(ctx, body) {
            return Err(raise!(
                ctx,
                TypeError,
                "object.__new__() takes exactly one argument (the type to instantiate)"
            ));
        }
        if !overrides_init(ctx, body) {
            let name = protocol::class_name(ctx, body);
            return Err(raise!(ctx, TypeError, "{name}() takes no arguments"));
        }
    }
    if body.flags.load(Relaxed) & flag::ABSTRACT != 0 {
        return Err(abstract_error(ctx, class));
    }
    if body.flags.load(Relaxed) & flag::NO_NEW != 0 {
        let module = protocol::getattr(ctx, class, &names(ctx).module)?;
        let module = protocol::str_string(ctx, &module)?;
        let name = protocol::class_name(ctx, body);
        let name = match module.as_str() {
            "builtins" => name,
            _ => format!("{module}.{name}"),
        };
        return Err(raise!(ctx, TypeError, "cannot create '{name}' instances"));
    }
    if body.layout != ids::OBJECT {
        let native = native_base(ctx, class);
        let (name, native) = (
            protocol::class_name(ctx, body),
            protocol::class_name(ctx, native.expect::<PyType>()),
        );
        return Err(raise!(
            ctx,
            TypeError,
            "object.__new__({name}) is not safe, use {native}.__new__()"
        ));
    }
    payload::allocate(ctx, body.id, PyObject)
}

/// Whether [`new_instance`] makes what calling `__new__` of the class would, whatever the arguments: `__init__` takes
/// them.
pub fn makes_instances(ctx: &Ctx, class: &Body<PyType>) -> bool {
    !overrides_new(ctx, class)
        && class.flags.load(Relaxed) & flag::ABSTRACT == 0
        && class.layout == ids::OBJECT
}

/// An instance of a class with the body of `object`.
pub fn new_instance(ctx: &mut Ctx, class: &Body<PyType>) -> PyResult {
    payload::allocate(ctx, class.id, PyObject)
}

#[cold]
fn abstract_error(ctx: &mut Ctx, class: &Obj) -> crate::error::Raised {
    let body = class.expect::<PyType>();
    let name = protocol::class_name(ctx, body);
    let methods = body
        .dict
        .expect::<PyDict>()
        .get_name(ctx, &names(ctx).abstractmethods);
    let methods = match methods.map(|m| protocol::collect(ctx, &m)) {
        Some(Ok(methods)) => methods,
        Some(Err(raised)) => return raised,
        None => Vec::new(),
    };
    let mut texts: Vec<String> = methods
        .iter()
        .filter_map(|m| m.downcast::<PyStr>())
        .map(|m| m.as_str_lossy().into_owned())
        .collect();
    texts.sort();
    let plural = if texts.len() == 1 { "" } else { "s" };
    let list = texts
        .iter()
        .map(|t| format!("'{t}'"))
        .collect::<Vec<_>>()
        .join(", ");
    raise!(
        ctx,
        TypeError,
        "Can't instantiate abstract class {name} without an implementation for abstract method{plural} {list}"
    )
}

/// `object.__init__`.
pub fn init(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult<()> {
    if !has_arguments(&args) {
        return Ok(());
    }
    let class = type_of(ctx, x);
    if overrides_init(ctx, class) {
        return Err(raise!(
            ctx,
            TypeError,
            "object.__init__() takes exactly one argument (the instance to initialize)"
        ));
    }
    if !overrides_new(ctx, class) {
        let name = protocol::class_name(ctx, class);
        return Err(raise!(
            ctx,
            TypeError,
            "{name}.__init__() takes exactly one argument (the instance to initialize)"
        ));
    }
    Ok(())
}

/// `object.__eq__` and its siblings.
pub fn compare(ctx: &mut Ctx, a: &Obj, b: &Obj, op: Comparison) -> PyResult {
    match op {
        Comparison::Eq if a.is(b) => Ok(Obj::TRUE),
        Comparison::Ne => {
            // The inverse of what equality says, whoever defines it.
            let Some(equal) = type_of(ctx, a).slots(ctx).compare else {
                return Ok(Obj::NOT_IMPLEMENTED);
            };
            let answer = equal(ctx, a, b, Comparison::Eq)?;
            if answer.is_not_implemented() {
                return Ok(answer);
            }
            Ok(Obj::bool(!protocol::truth(ctx, &answer)?))
        }
        _ => Ok(Obj::NOT_IMPLEMENTED),
    }
}

fn format(ctx: &mut Ctx, x: &Obj, spec: &Obj) -> PyResult {
    let Some(text) = spec.downcast::<PyStr>() else {
        let class = super::str_::argument_type(ctx, spec);
        return Err(raise!(
            ctx,
            TypeError,
            "__format__() argument must be str, not {class}"
        ));
    };
    if !text.bytes().is_empty() {
        let class = protocol::type_name(ctx, x);
        return Err(raise!(
            ctx,
            TypeError,
            "unsupported format string passed to {class}.__format__"
        ));
    }
    protocol::str(ctx, x)
}

/// The memory of an object: its block, and the buffer of a container.
fn sizeof(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let block = match x.header() {
        // SAFETY: an object starts its block, which is in use.
        Some(header) => unsafe { ctx.thread().heap.usable_size(NonNull::from(header).cast()) },
        // As large as the object that it stands for.
        None => size_of::<Header>() + size_of::<u64>(),
    };
    let buffer = if let Some(list) = x.downcast::<PyList>() {
        list.buffer_size()
    } else if let Some(dict) = x.downcast::<PyDict>() {
        dict.buffer_size(ctx)
    } else {
        0
    };
    int::from_usize(ctx, block + buffer)
}

fn dir(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let mut found = Vec::new();
    if let Some(dict) = protocol::find_attr(ctx, x, &names(ctx).dict)?
        && let Some(dict) = dict.downcast::<PyDict>()
    {
        found.extend(dict.items(ctx).into_iter().map(|(key, _)| key));
    }
    if let Some(class) = protocol::find_attr(ctx, x, &names(ctx).class)?
        && class.downcast::<PyType>().is_some()
    {
        super::type_::names_of(ctx, &class, &mut found)?;
    }
    unique(ctx, found)
}

/// A list of these names, each once.
pub fn unique(ctx: &mut Ctx, names: Vec<Obj>) -> PyResult {
    let mut seen: HashSet<_> = HashSet::default();
    let mut result = Vec::with_capacity(names.len());
    for name in names {
        let new = match name.downcast::<PyStr>() {
            Some(text) => seen.insert(text.bytes().to_vec()),
            None => true,
        };
        if new {
            result.push(name);
        }
    }
    super::list::from_vec(ctx, result)
}

fn init_subclass(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    if args.names.is_empty() && args.pos.is_empty() {
        return Ok(Obj::NONE);
    }
    // The class is asked for its name, as anybody would.
    let name = protocol::getattr(ctx, class, &names(ctx).qualname)?;
    if name.downcast::<PyStr>().is_none() {
        return Err(raise!(
            ctx,
            TypeError,
            "<method>.__class__.__qualname__ is not a unicode object"
        ));
    }
    let name = super::own_dict::text(&name);
    Err(if args.pos.is_empty() {
        raise!(
            ctx,
            TypeError,
            "{name}.__init_subclass__() takes no keyword arguments"
        )
    } else {
        raise!(
            ctx,
            TypeError,
            "{name}.__init_subclass__() takes no arguments ({} given)",
            args.pos.len()
        )
    })
}

fn subclass_hook(_: &mut Ctx, _: &Obj, _: &Obj) -> PyResult {
    Ok(Obj::NOT_IMPLEMENTED)
}

fn class(ctx: &mut Ctx, x: &Obj) -> PyResult {
    Ok(type_of(ctx, x).to_obj())
}

/// `x.__class__ = C`: both classes must lay out their instances alike.
fn set_class(ctx: &mut Ctx, x: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let Some(value) = value else {
        return Err(raise!(ctx, TypeError, "can't delete __class__ attribute"));
    };
    let Some(new) = value.downcast::<PyType>() else {
        let given = protocol::type_name(ctx, value);
        return Err(raise!(
            ctx,
            TypeError,
            "__class__ must be set to a class, not '{given}' object"
        ));
    };
    crate::module::sys::audit::attribute(ctx, "object.__setattr__", x, "__class__", Some(value))?;
    let old = type_of(ctx, x).to_obj();
    let old = old.expect::<PyType>();
    if old.id == new.id {
        return Ok(());
    }
    let mutable = |class: &Body<PyType>| class.flags.load(Relaxed) & flag::IMMUTABLE == 0;
    let module = super::type_::type_by_id(ctx, ids::MODULE);
    let modules = old.is_subtype(ctx, module) && new.is_subtype(ctx, module);
    if !modules && (!mutable(old) || !mutable(new)) {
        return Err(raise!(
            ctx,
            TypeError,
            "__class__ assignment only supported for mutable types or ModuleType subclasses"
        ));
    }
    if !same_layout(ctx, old, new) || !instance::reclass(ctx, x, new)? {
        let (new, old) = (
            protocol::class_name(ctx, new),
            protocol::class_name(ctx, old),
        );
        return Err(raise!(
            ctx,
            TypeError,
            "__class__ assignment: '{new}' object layout differs from '{old}'"
        ));
    }
    Ok(())
}

/// Whether instances of both classes have the same fields in the same places.
fn same_layout(ctx: &Ctx, a: &Body<PyType>, b: &Body<PyType>) -> bool {
    if a.layout != b.layout
        || a.shape.members != b.shape.members
        || a.shape.has_dict != b.shape.has_dict
        || (a.flags.load(Relaxed) ^ b.flags.load(Relaxed)) & flag::WEAKREF != 0
    {
        return false;
    }
    // Member slots must come from the same names.
    a.shape.members == 0 || super::type_::member_names(ctx, a) == super::type_::member_names(ctx, b)
}

static METHODS: &[Method] = &[
    method("__format__", Native::M1(format)),
    method("__sizeof__", Native::M0(sizeof)),
    method("__dir__", Native::M0(dir)),
    method("__reduce__", Native::M0(reduce::reduce)),
    method("__getstate__", Native::M0(reduce::getstate)),
    method("__reduce_ex__", Native::M1(reduce::reduce_ex)),
    method("__init_subclass__", Native::C(init_subclass)),
    method("__subclasshook__", Native::C1(subclass_hook)),
];

static GETSET: &[GetSet] = &[GetSet {
    name: "__class__",
    get: class,
    set: Some(set_class),
    member: false,
}];

/// `object`.
pub static OBJECT: TypeDef = TypeDef {
    id: ids::OBJECT,
    name: "object",
    base: ids::OBJECT,
    layout: ids::OBJECT,
    kind: &Body::<PyObject>::KIND,
    flags: flag::BASE,
    slots: Slots {
        new: Some(new),
        init: Some(init),
        repr: Some(protocol::default_repr),
        str: Some(protocol::unchecked_repr),
        hash: Some(protocol::identity_hash),
        compare: Some(compare),
        getattr: Some(attribute::generic_get),
        setattr: Some(attribute::generic_set),
        ..Slots::NONE
    },
    methods: METHODS,
    getset: GETSET,
    doc: "object()\n--\n\nWhat every class derives from; its instances have no attributes of their own.",
};
