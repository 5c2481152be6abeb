//! All built-in types, and how they come to life when the runtime starts.
//!
//! A type object needs `type` and `object`, strings, tuples and dicts to exist, and those are types
//! too. So the type table gets every kind of object first, which is all that allocating needs; then
//! the type objects are made, bases before derived types; then their namespaces are filled.

use super::define::{GetSet, Method, TypeDef, flag};
use super::exception::{self, PyException};
use super::instance::Shape;
use super::names::names;
use super::obj::Obj;
use super::payload::{self, Body, body_size};
use super::slot::{Locked, Slot};
use super::slots::Slots;
use super::static_method::PyStaticMethod;
use super::type_::{PyType, type_by_id, type_object};
use super::{builtin_function, descriptor};
use super::{dict, ids, slot_wrapper, str_, tuple};
use crate::error::PyResult;
use crate::module::MODULES;
use crate::prelude::*;
use core::sync::atomic::{AtomicPtr, AtomicU32};
use dict::PyDict;
use kit_core::object::Header;
use kit_core::refcount::per_thread::CountId;
use kit_core::thread::Ctx;

/// The built-in types. A base stands before what derives from it.
pub static TYPES: &[&TypeDef] = &[
    &super::object_::OBJECT,
    &super::function::FUNCTION,
    &super::code::CODE,
    &super::type_::TYPE,
    &super::int::INT,
    &super::bool_::BOOL,
    &super::float::FLOAT,
    &super::complex::COMPLEX,
    &super::str_::STR,
    &super::str_::STR_ITER,
    &super::str_::STR_ASCII_ITER,
    &super::bytes::BYTES,
    &super::bytes::BYTES_ITER,
    &super::bytearray::BYTEARRAY,
    &super::bytearray::BYTEARRAY_ITER,
    &super::memoryview::MEMORYVIEW,
    &super::list::LIST,
    &super::list::LIST_ITER,
    &super::list::LIST_REVERSE_ITER,
    &super::tuple::TUPLE,
    &super::tuple::TUPLE_ITER,
    &super::slice::SLICE,
    &super::set::SET,
    &super::set::FROZENSET,
    &super::set::SET_ITER,
    &super::dict::DICT,
    &super::dict::DICT_KEYS,
    &super::dict::DICT_VALUES,
    &super::dict::DICT_ITEMS,
    &super::dict::DICT_KEY_ITER,
    &super::dict::DICT_VALUE_ITER,
    &super::dict::DICT_ITEM_ITER,
    &super::dict::DICT_REVERSE_KEY_ITER,
    &super::dict::DICT_REVERSE_VALUE_ITER,
    &super::dict::DICT_REVERSE_ITEM_ITER,
    &super::dict::ODICT_KEYS,
    &super::dict::ODICT_VALUES,
    &super::dict::ODICT_ITEMS,
    &super::dict::ODICT_ITER,
    &super::range::RANGE,
    &super::range::RANGE_ITER,
    &super::range::LONG_RANGE_ITER,
    &super::iterator::SEQ_ITER,
    &super::iterator::MEMORY_ITER,
    &super::iterator::CALL_ITER,
    &super::functional::ENUMERATE,
    &super::functional::REVERSED,
    &super::functional::ZIP,
    &super::functional::MAP,
    &super::functional::FILTER,
    &super::traceback::TRACEBACK,
    &super::frame::FRAME,
    &super::frame_locals::FRAME_LOCALS,
    &super::generator::GENERATOR,
    &super::coroutine::COROUTINE,
    &super::coroutine::COROUTINE_WRAPPER,
    &super::async_generator::ASYNC_GENERATOR,
    &super::async_generator::ASEND,
    &super::async_generator::ATHROW,
    &super::anext_awaitable::ANEXT_AWAITABLE,
    &super::builtin_function::BUILTIN_FUNCTION,
    &super::descriptor::METHOD_DESCRIPTOR,
    &super::descriptor::CLASSMETHOD_DESCRIPTOR,
    &super::descriptor::GETSET_DESCRIPTOR,
    &super::descriptor::MEMBER_DESCRIPTOR,
    &super::slot_wrapper::SLOT_WRAPPER,
    &super::slot_wrapper::METHOD_WRAPPER,
    &super::bound_method::BOUND_METHOD,
    &super::class_method::CLASSMETHOD,
    &super::static_method::STATICMETHOD,
    &super::cell::CELL,
    &super::mapping_proxy::MAPPING_PROXY,
    &super::union_::UNION,
    &super::template::TEMPLATE,
    &super::template::INTERPOLATION,
    &super::template::TEMPLATE_ITER,
    &crate::module::typing::NO_DEFAULT,
    &crate::module::typing::lazily::CONST_EVALUATOR,
    &super::generic_alias::GENERIC_ALIAS,
    &super::generic_alias::GENERIC_ALIAS_ITER,
    &super::module::MODULE,
    &super::namespace::SIMPLE_NAMESPACE,
    &crate::builtins::site::QUITTER,
    &crate::builtins::site::PRINTER,
    &crate::builtins::site::HELPER,
    &crate::module::types::CAPSULE,
    &super::property::PROPERTY,
    &super::singletons::NONE_TYPE,
    &super::singletons::ELLIPSIS,
    &super::singletons::NOT_IMPLEMENTED,
    &super::super_::SUPER,
];

/// Inline attribute values of an exception, or a stream: enough for the `name` and `obj` of an AttributeError.
const INLINE_VALUES: u16 = 3;

/// All built-in types with the names of their modules: those of every program, then those of the
/// modules. A base stands before what derives from it.
fn all() -> impl Iterator<Item = (&'static str, &'static TypeDef)> {
    let of_modules = MODULES
        .iter()
        .flat_map(|module| module.types.iter().map(|def| (module.name, *def)))
        .filter(|(_, def)| !TYPES.iter().any(|known| known.id == def.id));
    TYPES.iter().map(|def| ("builtins", *def)).chain(of_modules)
}

/// Makes all built-in types and exception classes. Called once per runtime, after the interpreter's
/// names and the empty tuple were made and before anything else is.
pub fn start_types(ctx: &mut Ctx) -> PyResult<()> {
    let table = &ctx.thread().services().types;
    for (_, def) in all() {
        table.define(def.id, def.kind);
        if ids::is_bare_layout(def.layout) {
            table.define(def.layout, def.kind);
        }
        // SAFETY: defined just now.
        let entry = unsafe { ctx.type_entry(def.id) };
        let refers = super::weakref::refers(def.layout);
        entry.set_flags(def.layout << 16 | finalizes(&def.slots) | refers);
        // SAFETY: the list is the type's alone; all instances are made by `payload::uninit`.
        unsafe { entry.set_free_list(payload::free_list(def.id)) };
    }
    // No class has this id: it is the layout of all exceptions.
    table.define(ids::BASE_EXCEPTION, &Body::<PyException>::KIND);
    for index in 0..exception::COUNT {
        let id = ids::FIRST_DYNAMIC + index;
        table.define(id, &Body::<PyException>::KIND);
        // SAFETY: defined just now.
        unsafe { ctx.type_entry(id) }.set_flags(ids::BASE_EXCEPTION << 16);
    }
    for (module, def) in all() {
        make_type(ctx, module, def)?;
    }
    for (index, (name, base)) in exception::HIERARCHY.iter().enumerate() {
        make_exception(ctx, index as u32, name, *base)?;
    }
    for (_, def) in all() {
        fill_type(ctx, def)?;
    }
    for index in 0..exception::COUNT {
        let id = ids::FIRST_DYNAMIC + index;
        let (name, _) = exception::HIERARCHY[index as usize];
        let def = exception::DEFS.iter().find(|def| def.id == id);
        let own = def.map_or(Slots::NONE, |def| def.slots);
        let (methods, getset) = def.map_or((&[][..], &[][..]), |def| (def.methods, def.getset));
        fill(ctx, id, &own, methods, getset, exception::doc_of(name))?;
    }
    let built_in = all().map(|(_, def)| def.id).collect::<Vec<u32>>();
    let exceptions = (0..exception::COUNT).map(|index| ids::FIRST_DYNAMIC + index);
    for id in built_in.into_iter().chain(exceptions) {
        settle(ctx, id)?;
    }
    Ok(())
}

/// Makes what a finished built-in type consists of immortal: every thread uses it, none counts it.
fn settle(ctx: &mut Ctx, id: u32) -> PyResult<()> {
    let class = type_by_id(ctx, id);
    let parts = [
        &class.name,
        &class.qualname,
        &class.base,
        &class.bases,
        &class.mro,
    ];
    for part in parts
        .into_iter()
        .filter_map(|part| part.get(ctx, &class.header))
    {
        immortal(ctx, part);
    }
    let dict = class.dict.clone();
    for (_, value) in dict.expect::<super::dict::PyDict>().items(ctx) {
        if value.downcast_exact::<PyStaticMethod>().is_some() {
            let function = PyStaticMethod::function(ctx, &value)?;
            immortal(ctx, function);
        }
        immortal(ctx, value);
    }
    immortal(ctx, dict);
    Ok(())
}

fn finalizes(slots: &Slots) -> u32 {
    if slots.finalize.is_some() {
        kit_core::backend::events::FINALIZES
    } else {
        0
    }
}

fn immortal(ctx: &Ctx, value: Obj) -> Obj {
    if let Some(header) = value.header() {
        // SAFETY: made just now by this thread, which owns it.
        unsafe { header.make_immortal(ctx.counter()) };
    }
    value
}

fn make_type(ctx: &mut Ctx, module: &'static str, def: &'static TypeDef) -> PyResult<()> {
    let inherited = (def.id != ids::OBJECT).then(|| *type_by_id(ctx, def.base).slots(ctx));
    let mut slots = complete(&def.slots, inherited.as_ref());
    if def.slots.new.is_none()
        && (def.flags & flag::NO_NEW != 0 || def.base == ids::OBJECT && def.layout != ids::OBJECT)
    {
        // Its instances have a body that `object.__new__` does not know.
        slots.new = None;
    }
    let base = (def.id != ids::OBJECT).then_some(def.base);
    let (module, name) = match def.name.rsplit_once('.') {
        Some((module, name)) => (module, name),
        None => (module, def.name),
    };
    let mut flags = def.flags | flag::IMMUTABLE;
    if super::weakref::is_weakable(def.id) {
        flags |= flag::WEAKREF;
    }
    let shape = if def.id >= ids::tailed::FIRST {
        // SAFETY: the kinds of such layouts look at no more than the header.
        let body = unsafe { (def.kind.size)(&Header::immortal(def.layout)) };
        Shape::new(body as u32, 0, true, INLINE_VALUES)
    } else {
        Shape::new(0, 0, false, 0)
    };
    let bases: &[u32] = base.as_slice();
    make(
        ctx,
        Making {
            id: def.id,
            layout: def.layout,
            flags,
            name,
            module,
            bases,
            slots,
            shape,
            def: Some(def),
        },
    )
}

/// A type's own operations, and what it inherits. Equality and hash are inherited together or not
/// at all.
fn complete(own: &Slots, inherited: Option<&Slots>) -> Slots {
    let mut slots = *own;
    if let Some(inherited) = inherited {
        if own.compare.is_some() && own.hash.is_none() {
            slots.hash = Some(super::protocol::unhashable);
        }
        slots.inherit(inherited);
    }
    slots
}

fn make_exception(ctx: &mut Ctx, index: u32, name: &str, base: u32) -> PyResult<()> {
    let id = ids::FIRST_DYNAMIC + index;
    let own = exception::DEFS
        .iter()
        .find(|def| def.id == id)
        .map_or(Slots::NONE, |def| def.slots);
    let slots = complete(&own, Some(type_by_id(ctx, base).slots(ctx)));
    let mut bases = vec![base];
    bases.extend_from_slice(exception::further_bases(id));
    let bases = &bases[..];
    let shape = Shape::new(body_size::<PyException>() as u32, 0, true, INLINE_VALUES);
    let flags = flag::BASE | flag::IMMUTABLE | flag::DICT;
    make(
        ctx,
        Making {
            id,
            layout: ids::BASE_EXCEPTION,
            flags,
            name,
            module: "builtins",
            bases,
            slots,
            shape,
            def: None,
        },
    )
}

struct Making<'a> {
    id: u32,
    layout: u32,
    flags: u32,
    name: &'a str,
    module: &'a str,
    bases: &'a [u32],
    slots: Slots,
    shape: Shape,
    def: Option<&'static TypeDef>,
}

/// Makes the type object and enters it into the table.
fn make(ctx: &mut Ctx, making: Making<'_>) -> PyResult<()> {
    let name = str_::intern_text(ctx, making.name)?;
    let namespace = dict::new(ctx)?;
    let base = making.bases.first().map(|id| type_object(ctx, *id));
    let bases: Vec<Obj> = making
        .bases
        .iter()
        .map(|id| type_object(ctx, *id))
        .collect();
    let bases = tuple::from_vec(ctx, bases)?;
    let class = payload::new(
        ctx,
        PyType {
            id: making.id,
            layout: making.layout,
            flags: AtomicU32::new(making.flags),
            name: Slot::new(name.clone()),
            qualname: Slot::new(name),
            base: Slot::from_option(base),
            bases: Slot::new(bases),
            mro: Slot::empty(),
            dict: namespace,
            slots: AtomicPtr::new(Box::leak(Box::new(making.slots))),
            shape: making.shape,
            subclasses: Locked::new(Vec::new()),
            count_id: CountId::none(),
            def: making.def,
        },
    )?;
    // SAFETY: defined when the table was filled.
    let entry = unsafe { ctx.type_entry(making.id) };
    debug_assert!(
        entry.object().is_null(),
        "a class is made twice: {}",
        making.name
    );
    entry.set_object(class.word());
    let order = super::type_::mro::native(ctx, &class)?;
    let mro = tuple::from_vec(ctx, order)?;
    let body = class.expect::<PyType>();
    body.mro.set(ctx, &body.header, Some(mro));
    for base in making.bases {
        type_by_id(ctx, *base).add_subclass(ctx, making.id);
    }
    // What no module has made has none, and neither have its instances.
    if making.module != "builtins" {
        let module = str_::intern_text(ctx, making.module)?;
        let named = &names(ctx).module;
        body.dict.expect::<PyDict>().set_name(ctx, named, module)?;
    }
    // The table refers to it for ever.
    immortal(ctx, class);
    Ok(())
}

fn fill_type(ctx: &mut Ctx, def: &'static TypeDef) -> PyResult<()> {
    let mut own = def.slots;
    if own.compare.is_some() && own.hash.is_none() && def.id != ids::OBJECT {
        own.hash = Some(super::protocol::unhashable);
    }
    fill(ctx, def.id, &own, def.methods, def.getset, def.doc)
}

/// Fills the namespace of a built-in type.
fn fill(
    ctx: &mut Ctx,
    id: u32,
    own: &Slots,
    methods: &'static [Method],
    getset: &'static [GetSet],
    doc: &str,
) -> PyResult<()> {
    let class = type_object(ctx, id);
    let body = class.expect::<PyType>();
    let namespace = &body.dict;
    // SAFETY: the tables of built-in types are made once and live for ever.
    let slots: &'static Slots = unsafe { &*body.slots.load(core::sync::atomic::Ordering::Relaxed) };
    if own.new.is_some() || exception::has_new(id) {
        let new = builtin_function::new_function(ctx, id)?;
        let name = &names(ctx).new;
        namespace.expect::<PyDict>().set_name(ctx, name, new)?;
    }
    slot_wrapper::wrappers(ctx, id, own, slots, |ctx, name, wrapper| {
        namespace.expect::<PyDict>().set_name(ctx, name, wrapper)
    })?;
    for method in methods {
        let value = descriptor::new_method(ctx, method, id)?;
        let name = str_::intern(ctx, method.name);
        namespace.expect::<PyDict>().set_name(ctx, &name, value)?;
    }
    for def in getset {
        let value = descriptor::new_getset(ctx, def, &class)?;
        let name = str_::intern(ctx, def.name);
        namespace.expect::<PyDict>().set_name(ctx, &name, value)?;
    }
    let text = builtin_function::doc_of(ctx, doc)?;
    let name = &names(ctx).doc;
    if namespace.expect::<PyDict>().get_name(ctx, name).is_none() {
        namespace.expect::<PyDict>().set_name(ctx, name, text)?;
    }
    // Lookups from before are void.
    let version = ctx.thread().services().types.fresh_version();
    // SAFETY: the id is in use.
    unsafe { ctx.type_entry(id) }.set_version(version);
    Ok(())
}
