//! Special methods and the operations table, joined: one table of names, used in both directions.
//!
//! - A built-in type's operations appear in its namespace as [`PySlotWrapper`] objects, so that
//!   `int.__add__(1, 2)` works ([`wrap`]).
//!   A special method that no operation stands behind, like `__await__`, is one of them too ([`special`]).
//! - A class that defines `__add__` in Python gets, as its operation, a native function that looks
//!   the method up and calls it ([`generic`]).
//!
//! [`resolve`] decides which: an operation whose names all lead to wrappers of one native function
//! is that function; any other method makes it the generic one.

pub(crate) mod generic;
mod wrap;

use super::args::Args;
use super::builtin_function::new_owner;
use super::define::{GetSet, Method, Native, TypeDef, flag, getter, member, method};
use super::descriptor::PyMethodDescriptor;
use super::names::{Names, names};
use super::obj::Obj;
use super::payload::{self, Body, Payload};
use super::slots::{Comparison, Slots};
use super::str_;
use super::type_::{PyType, type_by_id, type_id_of, type_object, type_of};
use super::{attribute, docs, ids, protocol};
use crate::error::{PyResult, raise};
use crate::prelude::*;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

/// A special method of a built-in type: one name of one operation.
pub struct SlotDef {
    /// Its name among the interned ones.
    pub name: fn(&Names) -> &Obj,
    /// Index of its operation in [`FIELDS`].
    field: usize,
    /// Calls the operation in `slots`.
    call: fn(&mut Ctx, &Slots, &'static SlotDef, &Obj, Args<'_>) -> PyResult,
}

/// One operation of [`Slots`].
struct Field {
    /// Whether `slots` has it.
    has: fn(&Slots) -> bool,
    /// Whether both tables have the same function.
    same: fn(&Slots, &Slots) -> bool,
    /// Copies it.
    copy: fn(&mut Slots, &Slots),
    /// Makes it the function that calls the special methods; empties it if there is none.
    generic: fn(&mut Slots),
    /// Its special methods.
    methods: &'static [SlotDef],
}

macro_rules! field_table {
    ($($field:ident = $generic:expr => { $($name:ident: $wrap:expr),* })*) => {
        #[allow(non_camel_case_types, clippy::enum_variant_names)]
        #[derive(Clone, Copy)]
        enum Index { $($field,)* }
        /// Every operation with its special methods.
        static FIELDS: &[Field] = &[$(Field {
            has: |slots| slots.$field.is_some(),
            same: |a, b| a.$field.map(|f| f as usize) == b.$field.map(|f| f as usize),
            copy: |to, from| to.$field = from.$field,
            generic: |slots| slots.$field = $generic,
            methods: &[$(SlotDef {
                name: |names| &names.$name,
                field: Index::$field as usize,
                call: |ctx, slots, def, this, args| match slots.$field {
                    Some(f) => $wrap(ctx, f, def, this, args),
                    None => Ok(Obj::NOT_IMPLEMENTED),
                },
            },)*],
        },)*];
    };
}

field_table! {
    repr = Some(generic::repr) => { repr: wrap::unary }
    str = Some(generic::str) => { str: wrap::unary }
    hash = Some(generic::hash) => { hash: wrap::hash }
    call = Some(generic::call) => { call: wrap::any }
    init = Some(generic::init) => { init: wrap::init }
    new = Some(generic::new) => {}
    finalize = Some(generic::finalize) => { del: wrap::finalize }
    compare = Some(generic::compare) => {
        lt: wrap::compare::<{ Comparison::Lt as u8 }>, le: wrap::compare::<{ Comparison::Le as u8 }>,
        eq: wrap::compare::<{ Comparison::Eq as u8 }>, ne: wrap::compare::<{ Comparison::Ne as u8 }>,
        gt: wrap::compare::<{ Comparison::Gt as u8 }>, ge: wrap::compare::<{ Comparison::Ge as u8 }>
    }
    getattr = Some(generic::getattr) => { getattribute: wrap::getattr, getattr: wrap::getattr }
    setattr = Some(generic::setattr) => { setattr: wrap::setattr, delattr: wrap::delattr }
    descr_get = Some(generic::descr_get) => { get: wrap::descr_get }
    descr_set = Some(generic::descr_set) => { set: wrap::set_pair, delete: wrap::delete_pair }
    iter = Some(generic::iter) => { iter: wrap::unary }
    next = Some(generic::next) => { next: wrap::next }
    len = Some(generic::len) => { len: wrap::len }
    getitem = Some(generic::getitem) => { getitem: wrap::left }
    setitem = Some(generic::setitem) => { setitem: wrap::set_pair, delitem: wrap::delete_pair }
    contains = Some(generic::contains) => { contains: wrap::contains }
    bool = Some(generic::bool) => { bool: wrap::bool }
    int = Some(generic::int) => { int: wrap::unary }
    float = Some(generic::float) => { float: wrap::unary }
    index = Some(generic::index) => { index: wrap::unary }
    neg = Some(generic::neg) => { neg: wrap::unary }
    pos = Some(generic::pos) => { pos: wrap::unary }
    abs = Some(generic::abs) => { abs: wrap::unary }
    invert = Some(generic::invert) => { invert: wrap::unary }
    add = Some(generic::add) => { add: wrap::left, radd: wrap::right }
    sub = Some(generic::sub) => { sub: wrap::left, rsub: wrap::right }
    mul = Some(generic::mul) => { mul: wrap::left, rmul: wrap::right }
    truediv = Some(generic::truediv) => { truediv: wrap::left, rtruediv: wrap::right }
    floordiv = Some(generic::floordiv) => { floordiv: wrap::left, rfloordiv: wrap::right }
    rem = Some(generic::rem) => { rem: wrap::left, rrem: wrap::right }
    divmod = Some(generic::divmod) => { divmod: wrap::left, rdivmod: wrap::right }
    pow = Some(generic::pow) => { pow: wrap::pow, rpow: wrap::rpow }
    lshift = Some(generic::lshift) => { lshift: wrap::left, rlshift: wrap::right }
    rshift = Some(generic::rshift) => { rshift: wrap::left, rrshift: wrap::right }
    and = Some(generic::and) => { and: wrap::left, rand: wrap::right }
    or = Some(generic::or) => { or: wrap::left, ror: wrap::right }
    xor = Some(generic::xor) => { xor: wrap::left, rxor: wrap::right }
    matmul = Some(generic::matmul) => { matmul: wrap::left, rmatmul: wrap::right }
    iadd = Some(generic::iadd) => { iadd: wrap::left }
    isub = Some(generic::isub) => { isub: wrap::left }
    imul = Some(generic::imul) => { imul: wrap::repeat }
    itruediv = Some(generic::itruediv) => { itruediv: wrap::left }
    ifloordiv = Some(generic::ifloordiv) => { ifloordiv: wrap::left }
    irem = Some(generic::irem) => { irem: wrap::left }
    ipow = Some(generic::ipow) => { ipow: wrap::left }
    ilshift = Some(generic::ilshift) => { ilshift: wrap::left }
    irshift = Some(generic::irshift) => { irshift: wrap::left }
    iand = Some(generic::iand) => { iand: wrap::left }
    ior = Some(generic::ior) => { ior: wrap::left }
    ixor = Some(generic::ixor) => { ixor: wrap::left }
    imatmul = Some(generic::imatmul) => { imatmul: wrap::left }
    concat = None => { add: wrap::left }
    repeat = None => { mul: wrap::repeat, rmul: wrap::repeat }
}

/// Calls `add(name, wrapper)` for the special methods of the operations that a built-in type itself
/// has. `__getattr__` is never one: a native type has the whole of attribute access in one function.
pub fn wrappers(
    ctx: &mut Ctx,
    owner: u32,
    own: &Slots,
    slots: &'static Slots,
    mut add: impl FnMut(&mut Ctx, &Obj, Obj) -> PyResult<()>,
) -> PyResult<()> {
    for (index, field) in FIELDS.iter().enumerate() {
        if !(field.has)(own) {
            continue;
        }
        if index == Index::hash as usize
            && own.hash.map(|f| f as usize)
                == Some(protocol::unhashable as fn(&mut Ctx, &Obj) -> PyResult<i64> as usize)
        {
            add(ctx, &names(ctx).hash, Obj::NONE)?;
            continue;
        }
        for def in field.methods {
            let name = (def.name)(names(ctx));
            if name.is(&names(ctx).getattr) {
                continue;
            }
            let what = Special::Operation(def, slots);
            let wrapper = payload::new(ctx, PySlotWrapper { what, owner })?;
            add(ctx, name, wrapper)?;
        }
    }
    Ok(())
}

/// Where an operation of a class comes from.
#[derive(Clone, Copy)]
enum Source {
    Nothing,
    Native(&'static Slots),
    Generic,
}

/// Works out the operations of a class from its namespaces. With one base, `slots` holds the base's
/// operations and only names in `own` (the class's namespace) matter.
pub fn resolve(ctx: &Ctx, class: &Body<PyType>, slots: &mut Slots, single: bool) {
    let all = names(ctx);
    let own = class.dict.expect::<super::dict::PyDict>();
    for (index, field) in FIELDS.iter().enumerate() {
        if index == Index::new as usize {
            if !single || own.get_name(ctx, &all.new).is_some() {
                resolve_new(ctx, class, slots);
            }
            continue;
        }
        let touched = !single
            || field
                .methods
                .iter()
                .any(|def| own.get_name(ctx, (def.name)(all)).is_some());
        if !touched {
            continue;
        }
        let mut source = Source::Nothing;
        for def in field.methods {
            let Some(found) = attribute::lookup_in_mro(ctx, class, (def.name)(all)) else {
                continue;
            };
            if index == Index::hash as usize && found.is_none() {
                slots.hash = Some(protocol::unhashable);
                source = Source::Native(&UNHASHABLE);
                break;
            }
            source = match (native(ctx, class, &found, field, (def.name)(all)), source) {
                // The name belongs to another operation here: a sequence's `+`.
                (Some((operation, _)), source) if operation.is_some_and(|at| at != index) => source,
                (Some((_, theirs)), Source::Nothing) => Source::Native(theirs),
                (Some((_, theirs)), Source::Native(before)) if (field.same)(before, theirs) => {
                    source
                }
                _ => Source::Generic,
            };
        }
        match source {
            Source::Nothing => (field.copy)(slots, &Slots::NONE),
            Source::Native(from) => (field.copy)(slots, from),
            Source::Generic => (field.generic)(slots),
        }
    }
}

/// The operations of the built-in type that `found`, the special method `name` of a class, is one of; with the index of
/// its operation, unless the type has it as a method too, as `dict.__getitem__` is one.
fn native(
    ctx: &Ctx,
    class: &Body<PyType>,
    found: &Obj,
    field: &Field,
    name: &Obj,
) -> Option<(Option<usize>, &'static Slots)> {
    let (operation, owner, slots) =
        if let Some(method) = found.downcast_exact::<PyMethodDescriptor>() {
            let def = type_by_id(ctx, method.owner).def?;
            let own = |m: &Method| core::ptr::eq(m, method.method) && m.name == text(name);
            if !(field.has)(&def.slots) || !def.methods.iter().any(own) {
                return None;
            }
            (None, method.owner, &def.slots)
        } else {
            let wrapper = found.downcast_exact::<PySlotWrapper>()?;
            let (def, slots) = wrapper.operation()?;
            if !(def.name)(names(ctx)).is(name) {
                return None;
            }
            (Some(def.field), wrapper.owner, slots)
        };
    class
        .is_subtype(ctx, type_by_id(ctx, owner))
        .then_some((operation, slots))
}

static UNHASHABLE: Slots = Slots {
    hash: Some(protocol::unhashable),
    ..Slots::NONE
};

fn resolve_new(ctx: &Ctx, class: &Body<PyType>, slots: &mut Slots) {
    let found = attribute::lookup_in_mro(ctx, class, &names(ctx).new);
    slots.new = match found {
        None => None,
        Some(found) => match new_owner(&found) {
            // A native function makes bodies of its own class's layout only.
            Some(owner) if type_by_id(ctx, owner).layout == class.layout => {
                type_by_id(ctx, owner).slots(ctx).new
            }
            _ => Some(generic::new),
        },
    };
}

/// Whether a class's `__new__` is written in Python.
pub fn is_generic_new(slots: &Slots) -> bool {
    let generic = generic::new as fn(&mut Ctx, &Obj, Args<'_>) -> PyResult;
    slots.new.is_some_and(|f| core::ptr::fn_addr_eq(f, generic))
}

/// Whether a class's attribute access goes through methods written in Python.
pub fn is_generic_getattr(slots: &Slots) -> bool {
    let generic = generic::getattr as fn(&mut Ctx, &Obj, &Obj) -> PyResult;
    slots
        .getattr
        .is_some_and(|f| core::ptr::fn_addr_eq(f, generic))
}

// --- Wrapper objects -----------------------------------------------------------------------------

/// A special method of a built-in type.
pub struct PySlotWrapper {
    /// Which.
    pub what: Special,
    /// The type that has it.
    pub owner: u32,
}

/// What a special method does.
#[derive(Clone, Copy)]
pub enum Special {
    /// One name of one operation, and the operations of the type.
    Operation(&'static SlotDef, &'static Slots),
    /// What no operation stands behind: [`Native::S0`] or [`Native::S1`].
    Method(&'static Method),
}

impl Special {
    fn call(self, ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
        match self {
            Special::Operation(def, slots) => (def.call)(ctx, slots, def, this, args),
            Special::Method(method) => match method.native {
                Native::S0(f) => {
                    wrap::check(ctx, method.name, &args, 0, 0)?;
                    f(ctx, this)
                }
                Native::S1(f) => {
                    let given = args.pos.len();
                    if args.names.is_empty() && given != 1 {
                        let name = method.name;
                        return Err(raise!(
                            ctx,
                            TypeError,
                            "{name} expected 1 argument, got {given}"
                        ));
                    }
                    wrap::check(ctx, method.name, &args, 1, 1)?;
                    f(ctx, this, &args.pos[0])
                }
                _ => Ok(Obj::NOT_IMPLEMENTED),
            },
        }
    }
}

/// The descriptor of a special method of the built-in type `owner` which no operation stands behind.
pub fn special(ctx: &mut Ctx, method: &'static Method, owner: u32) -> PyResult {
    let what = Special::Method(method);
    payload::new(ctx, PySlotWrapper { what, owner })
}

// SAFETY: it owns no references.
unsafe impl Payload for PySlotWrapper {
    const ID: u32 = ids::SLOT_WRAPPER;
    const HEAP: HeapKind = HeapKind::Plain;
    const NAME: &'static str = "wrapper_descriptor";
    fn trace(&self, _: &mut Tracer<'_>) {}
}

/// A special method of a built-in type, bound to an instance.
pub struct PyMethodWrapper {
    /// The slot wrapper.
    pub wrapper: Obj,
    /// The instance.
    pub receiver: Obj,
}

// SAFETY: `trace` reports both references.
unsafe impl Payload for PyMethodWrapper {
    const ID: u32 = ids::METHOD_WRAPPER;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "method-wrapper";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.word(self.wrapper.word());
        tracer.word(self.receiver.word());
    }
}

impl PySlotWrapper {
    fn name(&self, ctx: &Ctx) -> String {
        match self.what {
            Special::Operation(def, _) => text((def.name)(names(ctx))),
            Special::Method(method) => method.name.to_owned(),
        }
    }

    /// The operation that it calls, and the operations of its type.
    fn operation(&self) -> Option<(&'static SlotDef, &'static Slots)> {
        match self.what {
            Special::Operation(def, slots) => Some((def, slots)),
            Special::Method(_) => None,
        }
    }

    #[inline]
    fn applies(&self, ctx: &Ctx, value: &Obj) -> bool {
        type_id_of(value) == self.owner
            || type_of(ctx, value).is_subtype(ctx, type_by_id(ctx, self.owner))
    }
}

fn text(name: &Obj) -> String {
    name.expect::<str_::PyStr>().as_str_lossy().into_owned()
}

fn get(ctx: &mut Ctx, x: &Obj, instance: Option<&Obj>, _: &Obj) -> PyResult {
    let Some(instance) = instance else {
        return Ok(x.clone());
    };
    let wrapper = x.expect::<PySlotWrapper>();
    if !wrapper.applies(ctx, instance) {
        let (name, class) = (
            wrapper.name(ctx),
            protocol::defined_name(ctx, type_by_id(ctx, wrapper.owner)),
        );
        let given = protocol::type_name(ctx, instance);
        return Err(raise!(
            ctx,
            TypeError,
            "descriptor '{name}' for '{class}' objects doesn't apply to a '{given}' object"
        ));
    }
    let bound = PyMethodWrapper {
        wrapper: x.clone(),
        receiver: instance.clone(),
    };
    payload::new(ctx, bound)
}

fn call(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    let wrapper = x.expect::<PySlotWrapper>();
    let Some((this, rest)) = args.pos.split_first() else {
        let (name, class) = (
            wrapper.name(ctx),
            protocol::defined_name(ctx, type_by_id(ctx, wrapper.owner)),
        );
        return Err(raise!(
            ctx,
            TypeError,
            "descriptor '{name}' of '{class}' object needs an argument"
        ));
    };
    if !wrapper.applies(ctx, this) {
        let (name, class) = (
            wrapper.name(ctx),
            protocol::defined_name(ctx, type_by_id(ctx, wrapper.owner)),
        );
        let given = protocol::type_name(ctx, this);
        return Err(raise!(
            ctx,
            TypeError,
            "descriptor '{name}' requires a '{class}' object but received a '{given}'"
        ));
    }
    let args = Args { pos: rest, ..args };
    wrapper.what.call(ctx, this, args)
}

/// Calls a slot wrapper on an instance it is known to apply to.
fn call_bound(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    let bound = x.expect::<PyMethodWrapper>();
    let wrapper = bound.wrapper.expect::<PySlotWrapper>();
    wrapper.what.call(ctx, &bound.receiver, args)
}

/// The slot wrapper of either kind of object.
fn wrapper_of(x: &Obj) -> &Body<PySlotWrapper> {
    match x.downcast::<PyMethodWrapper>() {
        Some(bound) => bound.wrapper.expect::<PySlotWrapper>(),
        None => x.expect::<PySlotWrapper>(),
    }
}

fn repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let wrapper = wrapper_of(x);
    let name = wrapper.name(ctx);
    let text = match x.downcast::<PyMethodWrapper>() {
        Some(bound) => {
            let class = protocol::type_name(ctx, &bound.receiver);
            let address = protocol::address(&bound.receiver);
            format!("<method-wrapper '{name}' of {class} object at {address:#x}>")
        }
        None => {
            let class = protocol::defined_name(ctx, type_by_id(ctx, wrapper.owner));
            format!("<slot wrapper '{name}' of '{class}' objects>")
        }
    };
    str_::new(ctx, &text)
}

fn bound_compare(ctx: &mut Ctx, a: &Obj, b: &Obj, op: Comparison) -> PyResult {
    let _ = ctx;
    let a = a.expect::<PyMethodWrapper>();
    match (b.downcast::<PyMethodWrapper>(), op) {
        (Some(b), Comparison::Eq | Comparison::Ne) => {
            let equal = a.wrapper.is(&b.wrapper) && a.receiver.is(&b.receiver);
            Ok(Obj::bool(equal == (op == Comparison::Eq)))
        }
        _ => Ok(Obj::NOT_IMPLEMENTED),
    }
}

fn bound_hash(_: &mut Ctx, x: &Obj) -> PyResult<i64> {
    let bound = x.expect::<PyMethodWrapper>();
    let (a, b) = (
        protocol::address(&bound.wrapper),
        protocol::address(&bound.receiver),
    );
    Ok(((a.rotate_left(13) ^ b) >> 4) as i64)
}

fn name(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let name = wrapper_of(x).name(ctx);
    str_::intern_text(ctx, &name)
}

fn qualname(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let wrapper = wrapper_of(x);
    let name = wrapper.name(ctx);
    let class = protocol::defined_name(ctx, type_by_id(ctx, wrapper.owner));
    str_::new(ctx, &format!("{class}.{name}"))
}

fn objclass(ctx: &mut Ctx, x: &Obj) -> PyResult {
    Ok(type_object(ctx, wrapper_of(x).owner))
}

fn receiver(_: &mut Ctx, x: &Obj) -> PyResult {
    Ok(x.expect::<PyMethodWrapper>().receiver.clone())
}

fn doc(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let wrapper = wrapper_of(x);
    let class = protocol::defined_name(ctx, type_by_id(ctx, wrapper.owner));
    let name = wrapper.name(ctx);
    docs::doc(ctx, &class, &name)
}

fn text_signature(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let wrapper = wrapper_of(x);
    let class = protocol::defined_name(ctx, type_by_id(ctx, wrapper.owner));
    let name = wrapper.name(ctx);
    docs::signature(ctx, &class, &name)
}

/// What a wrapper is an attribute of: the class, or the object that it is bound to.
fn reduce(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let name = wrapper_of(x).name(ctx);
    let holder = match x.downcast::<PyMethodWrapper>() {
        Some(bound) => bound.receiver.clone(),
        None => type_object(ctx, wrapper_of(x).owner),
    };
    super::reduce::attribute_of(ctx, &holder, &name)
}

static GETSET: &[GetSet] = &[
    member("__name__", name),
    getter("__qualname__", qualname),
    member("__objclass__", objclass),
    getter("__doc__", doc),
    getter("__text_signature__", text_signature),
];

static BOUND_GETSET: &[GetSet] = &[
    getter("__name__", name),
    getter("__qualname__", qualname),
    getter("__objclass__", objclass),
    member("__self__", receiver),
    getter("__doc__", doc),
    getter("__text_signature__", text_signature),
];

/// `wrapper_descriptor`.
pub static SLOT_WRAPPER: TypeDef = TypeDef {
    id: ids::SLOT_WRAPPER,
    name: "wrapper_descriptor",
    base: ids::OBJECT,
    layout: ids::SLOT_WRAPPER,
    kind: &Body::<PySlotWrapper>::KIND,
    flags: flag::NO_NEW | flag::METHOD,
    slots: Slots {
        repr: Some(repr),
        call: Some(call),
        descr_get: Some(get),
        ..Slots::NONE
    },
    methods: &[method("__reduce__", Native::M0(reduce))],
    getset: GETSET,
    doc: "",
};

/// `method-wrapper`.
pub static METHOD_WRAPPER: TypeDef = TypeDef {
    id: ids::METHOD_WRAPPER,
    name: "method-wrapper",
    base: ids::OBJECT,
    layout: ids::METHOD_WRAPPER,
    kind: &Body::<PyMethodWrapper>::KIND,
    flags: flag::NO_NEW,
    slots: Slots {
        repr: Some(repr),
        call: Some(call_bound),
        compare: Some(bound_compare),
        hash: Some(bound_hash),
        ..Slots::NONE
    },
    methods: &[method("__reduce__", Native::M0(reduce))],
    getset: BOUND_GETSET,
    doc: "",
};
