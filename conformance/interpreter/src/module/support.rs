//! What the native modules share: bodies made of slots, and the definitions of iterator types.

use crate::error::{PyResult, raise};
use crate::object::args::Args;
use crate::object::define::{Method, TypeDef, flag};
use crate::object::descriptor::new_method;
use crate::object::dict::{self, PyDict};
use crate::object::obj::Obj;
use crate::object::payload::Body;
use crate::object::slots::Slots;
use crate::object::str_::{self, PyStr};
use crate::object::type_::{PyType, type_object};
use crate::object::{ids, protocol, tuple};
use crate::prelude::*;
use kit_core::object::Kind;
use kit_core::thread::Ctx;

/// Implements `Payload` for a body whose references are all in the named slots.
#[cfg(feature = "std")]
macro_rules! slot_payload {
    ($body:ident, $id:expr, $name:literal, $($slot:ident),+) => {
        // SAFETY: all references are in the slots, and each is reported once.
        unsafe impl $crate::object::payload::Payload for $body {
            const ID: u32 = $id;
            const HEAP: kit_core::backend::heap::HeapKind = kit_core::backend::heap::HeapKind::Collected;
            const NAME: &'static str = $name;
            fn trace(&self, tracer: &mut kit_core::object::Tracer<'_>) {
                $(self.$slot.trace(tracer);)+
            }
            fn clear(&self, ctx: &mut kit_core::thread::Ctx) {
                // The collector has the only way to the object.
                $(drop(self.$slot.replace_locked(ctx, None));)+
            }
        }
    };
}
#[cfg(feature = "std")]
pub(crate) use slot_payload;

/// The [`Payload`](crate::object::payload::Payload) of a body whose references are in one array of slots.
#[cfg(feature = "std")]
macro_rules! slots_payload {
    ($body:ident, $id:expr, $name:literal, $slots:ident) => {
        // SAFETY: all references are in the slots, and each is reported once.
        unsafe impl $crate::object::payload::Payload for $body {
            const ID: u32 = $id;
            const HEAP: kit_core::backend::heap::HeapKind =
                kit_core::backend::heap::HeapKind::Collected;
            const NAME: &'static str = $name;
            fn trace(&self, tracer: &mut kit_core::object::Tracer<'_>) {
                $crate::object::slot::Slot::trace_all(&self.$slots, tracer);
            }
            fn clear(&self, ctx: &mut kit_core::thread::Ctx) {
                for slot in &self.$slots {
                    // The collector has the only way to the object.
                    drop(slot.replace_locked(ctx, None));
                }
            }
        }
    };
}
#[cfg(feature = "std")]
pub(crate) use slots_payload;

/// `type.__new__` of a native type.
pub type New = fn(&mut Ctx, &Obj, crate::object::args::Args<'_>) -> PyResult;
/// `next` of a native iterator.
pub type Next = fn(&mut Ctx, &Obj) -> PyResult<Option<Obj>>;

/// The definition of an iterator type that programs make instances of.
pub const fn iterator(
    id: u32,
    name: &'static str,
    kind: &'static Kind,
    new: New,
    next: Next,
    doc: &'static str,
) -> TypeDef {
    TypeDef {
        id,
        name,
        base: ids::OBJECT,
        layout: id,
        kind,
        flags: flag::BASE,
        slots: Slots {
            new: Some(new),
            iter: Some(itself),
            next: Some(next),
            ..Slots::NONE
        },
        methods: &[],
        getset: &[],
        doc,
    }
}

/// The definition of an iterator type whose instances come from elsewhere.
pub const fn inner_iterator(
    id: u32,
    name: &'static str,
    kind: &'static Kind,
    next: Next,
    methods: &'static [Method],
) -> TypeDef {
    TypeDef {
        id,
        name,
        base: ids::OBJECT,
        layout: id,
        kind,
        flags: flag::NO_NEW,
        slots: Slots {
            iter: Some(itself),
            next: Some(next),
            ..Slots::NONE
        },
        methods,
        getset: &[],
        doc: "",
    }
}

/// `iter` of an iterator.
pub fn itself(_: &mut Ctx, x: &Obj) -> PyResult {
    Ok(x.clone())
}

/// The type id of a class.
pub fn id_of(class: &Obj) -> u32 {
    class.expect::<PyType>().id
}

/// Checks that there are exactly `wanted` positional arguments and no others.
pub fn exactly(ctx: &mut Ctx, args: &Args<'_>, name: &str, wanted: usize) -> PyResult<()> {
    args.no_keywords(ctx, name)?;
    let given = args.pos.len();
    if given == wanted {
        return Ok(());
    }
    let plural = if wanted == 1 { "" } else { "s" };
    Err(raise!(
        ctx,
        TypeError,
        "{name} expected {wanted} argument{plural}, got {given}"
    ))
}

pub use crate::object::generic_alias::class_getitem;

/// The name of a class as it was defined, without its module.
pub fn plain_name(ctx: &Ctx, class: &Body<PyType>) -> String {
    class
        .name
        .get(ctx, &class.header)
        .map_or(String::new(), |n| {
            n.expect::<PyStr>().as_str_lossy().into_owned()
        })
}

/// Adds a name to a module.
pub fn add(ctx: &mut Ctx, module: &Obj, name: &str, value: Obj) -> PyResult<()> {
    let name = crate::object::str_::intern_text(ctx, name)?;
    crate::object::protocol::setattr(ctx, module, &name, Some(&value))
}

/// A new class, as a `class` statement with these bases would make it.
pub fn class(
    ctx: &mut Ctx,
    module: &str,
    name: &str,
    bases: Vec<Obj>,
    namespace: &[(&str, Obj)],
) -> PyResult {
    use crate::object::{dict, protocol, str_, tuple, type_};
    let name = str_::intern_text(ctx, name)?;
    let bases = tuple::from_vec(ctx, bases)?;
    let names = dict::new(ctx)?;
    let module = str_::intern_text(ctx, module)?;
    let key = crate::object::names::names(ctx).module.clone();
    let body = names.expect::<dict::PyDict>();
    body.set_name(ctx, &key, module)?;
    for (key, value) in namespace {
        let key = str_::intern_text(ctx, key)?;
        body.set_name(ctx, &key, value.clone())?;
    }
    let metaclass = type_::type_object(ctx, ids::TYPE);
    protocol::call(ctx, &metaclass, &[name, bases, names.clone()])
}

/// A new exception class.
pub fn exception_class(ctx: &mut Ctx, module: &str, name: &str, base: u32) -> PyResult {
    let base = crate::object::type_::type_object(ctx, base);
    class(ctx, module, name, vec![base], &[])
}

/// Makes a class as a `class` statement would, with native methods; for classes whose instances have
/// member slots besides the body of their base.
pub fn make_class(
    ctx: &mut Ctx,
    module: &str,
    name: &str,
    base: u32,
    slots: &[&'static str],
    methods: &'static [Method],
    doc: &str,
) -> PyResult {
    let members = slots.iter().map(|name| str_::intern(ctx, name)).collect();
    let namespace = dict::new(ctx)?;
    let fields = [
        ("__module__", str_::new(ctx, module)?),
        ("__doc__", str_::new(ctx, doc)?),
        ("__slots__", tuple::from_vec(ctx, members)?),
    ];
    for (field, value) in fields {
        let field = str_::intern(ctx, field);
        namespace.expect::<PyDict>().set_name(ctx, &field, value)?;
    }
    let base = type_object(ctx, base);
    let bases = tuple::from_vec(ctx, vec![base])?;
    let name = str_::new(ctx, name)?;
    let maker = type_object(ctx, ids::TYPE);
    let class = protocol::call(ctx, &maker, &[name, bases, namespace])?;
    for method in methods {
        let name = str_::intern(ctx, method.name);
        let descriptor = new_method(ctx, method, id_of(&class))?;
        protocol::setattr(ctx, &class, &name, Some(&descriptor))?;
    }
    Ok(class)
}
