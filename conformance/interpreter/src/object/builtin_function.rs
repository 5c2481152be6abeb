//! Functions written in Rust: `len`, `[].append`, `dict.fromkeys`, `object.__new__`.

use super::args::Args;
use super::define::{GetSet, Method, Native, TypeDef, flag, getter, member};
use super::obj::Obj;
use super::payload::{self, Body, Payload};
use super::slots::{Comparison, Slots};
use super::str_::{self, PyStr};
use super::type_::{PyType, type_by_id, type_object, type_of};
use super::{docs, ids, protocol};
use crate::error::{PyResult, raise};
use crate::prelude::*;
use core::sync::atomic::Ordering::Relaxed;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

/// A function written in Rust, with what it is bound to.
pub struct PyBuiltin {
    /// The function.
    pub method: &'static Method,
    /// Its first argument: an instance, a class, or the module.
    pub receiver: Option<Obj>,
    /// `__module__`.
    pub module: Option<Obj>,
    /// The class it is a method of; 0 for the function of a module.
    pub owner: u32,
}

// SAFETY: `trace` reports both references.
unsafe impl Payload for PyBuiltin {
    const ID: u32 = ids::BUILTIN_FUNCTION;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "builtin_function_or_method";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        for value in [&self.receiver, &self.module].into_iter().flatten() {
            tracer.word(value.word());
        }
    }
}

/// A function of a module.
pub fn function(ctx: &mut Ctx, method: &'static Method, module: &Obj, name: &Obj) -> PyResult {
    let function = PyBuiltin {
        method,
        receiver: Some(module.clone()),
        module: Some(name.clone()),
        owner: 0,
    };
    let function = payload::new(ctx, function)?;
    if let Some(header) = function.header() {
        // All threads call it; none should count its calls.
        // SAFETY: new, and this thread's alone.
        unsafe { header.enable_deferred(ctx.counter(), 1) };
    }
    Ok(function)
}

/// The method of the class `owner`, bound to `receiver`.
pub fn bind(ctx: &mut Ctx, method: &'static Method, owner: u32, receiver: Option<Obj>) -> PyResult {
    let function = PyBuiltin {
        method,
        receiver,
        module: None,
        owner,
    };
    payload::new(ctx, function)
}

/// How messages name a native function: `list.append`, `math.sqrt`, `len`.
fn full_name(ctx: &Ctx, method: &Method, owner: u32, module: Option<&Obj>) -> String {
    if owner != 0 {
        let class = protocol::class_name(ctx, type_by_id(ctx, owner));
        return format!("{class}.{}", method.name);
    }
    match module.and_then(|m| m.downcast::<PyStr>()) {
        Some(module) if module.as_str_lossy() != "builtins" => {
            format!("{}.{}", module.as_str_lossy(), method.name)
        }
        _ => method.name.to_owned(),
    }
}

/// How messages name a function with what it is bound to: a method by the class of its receiver, wherever it is inherited
/// from.
#[cold]
fn bound_name(ctx: &Ctx, function: &PyBuiltin) -> String {
    let owner = match &function.receiver {
        Some(receiver) if function.owner != 0 => match receiver.downcast::<PyType>() {
            Some(class) => class.id,
            None => type_of(ctx, receiver).id,
        },
        _ => function.owner,
    };
    full_name(ctx, function.method, owner, function.module.as_ref())
}

/// Calls a native function that is bound.
#[inline]
pub fn call_bound(ctx: &mut Ctx, function: &PyBuiltin, args: Args<'_>) -> PyResult {
    let this = function.receiver.as_ref().unwrap_or(Obj::none());
    call_named(
        ctx,
        function.method,
        |ctx| bound_name(ctx, function),
        this,
        args,
    )
}

/// Calls a native method of the class `owner` with its first argument `this`.
#[inline]
pub fn call_native(
    ctx: &mut Ctx,
    method: &'static Method,
    owner: u32,
    this: &Obj,
    args: Args<'_>,
) -> PyResult {
    call_named(
        ctx,
        method,
        |ctx| full_name(ctx, method, owner, None),
        this,
        args,
    )
}

/// Calls a native function with its first argument `this` (ignored by those that take none); messages call it `full`.
#[inline]
fn call_named(
    ctx: &mut Ctx,
    method: &'static Method,
    full: impl Fn(&Ctx) -> String,
    this: &Obj,
    args: Args<'_>,
) -> PyResult {
    match method.native {
        Native::MA(f) | Native::C(f) => return f(ctx, this, args),
        Native::F(f) => return f(ctx, args),
        _ if !args.names.is_empty() => {
            let name = full(ctx);
            return Err(raise!(
                ctx,
                TypeError,
                "{name}() takes no keyword arguments"
            ));
        }
        Native::M0(f) if args.pos.is_empty() => return f(ctx, this),
        Native::M1(f) | Native::C1(f) if args.pos.len() == 1 => {
            return f(ctx, this, &args.pos[0]);
        }
        Native::F1(f) if args.pos.len() == 1 => return f(ctx, &args.pos[0]),
        Native::MN(min, max, f) if (min..=max).contains(&args.pos.len()) => {
            return f(ctx, this, args.pos);
        }
        Native::FN(min, max, f) if (min..=max).contains(&args.pos.len()) => {
            return f(ctx, args.pos);
        }
        _ => {}
    }
    let given = args.pos.len();
    let wanted = match method.native {
        Native::M0(_) | Native::FN(0, 0, _) => "no arguments",
        // What takes more than one says its bare name.
        Native::MN(min, max, _) | Native::FN(min, max, _) if max != 1 || min != 1 => {
            args.check(ctx, method.name, min, max)?;
            return Ok(Obj::NONE);
        }
        _ => "exactly one argument",
    };
    let name = full(ctx);
    Err(raise!(
        ctx,
        TypeError,
        "{name}() takes {wanted} ({given} given)"
    ))
}

fn call(ctx: &mut Ctx, callable: &Obj, args: Args<'_>) -> PyResult {
    call_bound(ctx, callable.expect::<PyBuiltin>(), args)
}

fn is_method(function: &PyBuiltin) -> bool {
    function.owner != 0 && function.receiver.is_some()
}

fn repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let function = x.expect::<PyBuiltin>();
    let name = function.method.name;
    let text = match &function.receiver {
        Some(receiver) if is_method(function) => {
            let class = protocol::type_name(ctx, receiver);
            let address = protocol::address(receiver);
            format!("<built-in method {name} of {class} object at {address:#x}>")
        }
        _ => format!("<built-in function {name}>"),
    };
    str_::new(ctx, &text)
}

fn compare(ctx: &mut Ctx, a: &Obj, b: &Obj, op: Comparison) -> PyResult {
    let _ = ctx;
    if !matches!(op, Comparison::Eq | Comparison::Ne) {
        return Ok(Obj::NOT_IMPLEMENTED);
    }
    let a = a.expect::<PyBuiltin>();
    let Some(b) = b.downcast::<PyBuiltin>() else {
        return Ok(Obj::NOT_IMPLEMENTED);
    };
    let receivers = match (&a.receiver, &b.receiver) {
        (Some(x), Some(y)) => x.is(y),
        (None, None) => true,
        _ => false,
    };
    let equal = receivers && core::ptr::eq(a.method, b.method);
    Ok(Obj::bool(equal == (op == Comparison::Eq)))
}

fn hash(_: &mut Ctx, x: &Obj) -> PyResult<i64> {
    let function = x.expect::<PyBuiltin>();
    let receiver = function.receiver.as_ref().map_or(0, protocol::address) >> 4;
    let code = function.method as *const Method as usize as u64 >> 3;
    Ok(((receiver ^ code.rotate_left(20)) >> 1) as i64)
}

fn name(ctx: &mut Ctx, x: &Obj) -> PyResult {
    Ok(str_::intern(ctx, x.expect::<PyBuiltin>().method.name))
}

fn qualname(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let function = x.expect::<PyBuiltin>();
    // Of the class that it is bound to, or of its receiver's.
    let text = match &function.receiver {
        Some(receiver) if function.owner != 0 => {
            let class = match receiver.downcast::<PyType>() {
                Some(class) => class,
                None => type_of(ctx, receiver),
            };
            let class = class.qualname.get(ctx, &class.header);
            let class = class.unwrap_or(Obj::NONE);
            format!(
                "{}.{}",
                protocol::str_string(ctx, &class)?,
                function.method.name
            )
        }
        _ => full_name(ctx, function.method, function.owner, None),
    };
    str_::intern_text(ctx, &text)
}

fn module(_: &mut Ctx, x: &Obj) -> PyResult {
    Ok(x.expect::<PyBuiltin>().module.clone().unwrap_or(Obj::NONE))
}

fn receiver(_: &mut Ctx, x: &Obj) -> PyResult {
    let function = x.expect::<PyBuiltin>();
    Ok(function.receiver.clone().unwrap_or(Obj::NONE))
}

/// The docstring of a native function without its text signature.
pub fn doc_of(ctx: &mut Ctx, text: &str) -> PyResult {
    let text = text.split_once("\n--\n\n").map_or(text, |(_, rest)| rest);
    if text.is_empty() {
        Ok(Obj::NONE)
    } else {
        str_::new(ctx, text)
    }
}

/// The text signature in front of the docstring of a native function: `($self, x, /)`.
pub fn signature_of(ctx: &mut Ctx, text: &str) -> PyResult {
    let signature = text
        .split_once("\n--\n\n")
        .and_then(|(first, _)| first.find('(').map(|at| &first[at..]));
    match signature {
        Some(signature) => str_::new(ctx, signature),
        None => Ok(Obj::NONE),
    }
}

/// Whose function it is, as [`docs`] calls it: that of a class, or of a module.
fn owner_name(ctx: &Ctx, function: &PyBuiltin) -> String {
    if function.owner != 0 {
        return protocol::class_name(ctx, type_by_id(ctx, function.owner));
    }
    let module = function.module.as_ref().and_then(|m| m.downcast::<PyStr>());
    module.map_or(String::new(), |m| m.as_str_lossy().into_owned())
}

fn doc(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let function = x.expect::<PyBuiltin>();
    let method = function.method;
    if method.doc.is_empty() {
        let owner = owner_name(ctx, function);
        return docs::doc(ctx, &owner, method.name);
    }
    doc_of(ctx, method.doc)
}

fn text_signature(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let function = x.expect::<PyBuiltin>();
    let method = function.method;
    if method.doc.is_empty() {
        let owner = owner_name(ctx, function);
        return docs::signature(ctx, &owner, method.name);
    }
    signature_of(ctx, method.doc)
}

/// The name, by which the module has it; a method of an object is asked of that again.
fn reduce(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let function = x.expect::<PyBuiltin>();
    match &function.receiver {
        Some(receiver) if function.owner != 0 => {
            super::reduce::attribute_of(ctx, receiver, function.method.name)
        }
        _ => qualname(ctx, x),
    }
}

static GETSET: &[GetSet] = &[
    getter("__name__", name),
    getter("__qualname__", qualname),
    member("__module__", module),
    getter("__self__", receiver),
    getter("__doc__", doc),
    getter("__text_signature__", text_signature),
];

/// `builtin_function_or_method`.
pub static BUILTIN_FUNCTION: TypeDef = TypeDef {
    id: ids::BUILTIN_FUNCTION,
    name: "builtin_function_or_method",
    base: ids::OBJECT,
    layout: ids::BUILTIN_FUNCTION,
    kind: &Body::<PyBuiltin>::KIND,
    flags: flag::NO_NEW,
    slots: Slots {
        call: Some(call),
        repr: Some(repr),
        compare: Some(compare),
        hash: Some(hash),
        ..Slots::NONE
    },
    methods: &[super::define::method("__reduce__", Native::M0(reduce))],
    getset: GETSET,
    doc: "",
};

// --- __new__ -------------------------------------------------------------------------------------

/// The function behind every native `__new__`; its receiver is the class that has it.
pub static NEW: Method = super::define::method("__new__", Native::C(call_new));

/// The native class whose `__new__` `value` is, if it is one.
pub fn new_owner(value: &Obj) -> Option<u32> {
    let function = value.downcast_exact::<PyBuiltin>()?;
    core::ptr::eq(function.method, &NEW).then_some(function.owner)
}

/// `Owner.__new__`.
pub fn new_function(ctx: &mut Ctx, owner: u32) -> PyResult {
    let class = type_object(ctx, owner);
    bind(ctx, &NEW, owner, Some(class))
}

/// `Owner.__new__(Class, ...)`.
fn call_new(ctx: &mut Ctx, owner: &Obj, args: Args<'_>) -> PyResult {
    let owner_body = owner.expect::<super::type_::PyType>();
    let owner_name = protocol::defined_name(ctx, owner_body);
    let Some((class, rest)) = args.pos.split_first() else {
        return Err(raise!(
            ctx,
            TypeError,
            "{owner_name}.__new__(): not enough arguments"
        ));
    };
    let Some(body) = class.downcast::<super::type_::PyType>() else {
        let given = protocol::type_name(ctx, class);
        return Err(raise!(
            ctx,
            TypeError,
            "{owner_name}.__new__(X): X is not a type object ({given})"
        ));
    };
    let name = protocol::defined_name(ctx, body);
    if !body.is_subtype(ctx, owner_body) {
        return Err(raise!(
            ctx,
            TypeError,
            "{owner_name}.__new__({name}): {name} is not a subtype of {owner_name}"
        ));
    }
    if body.id != owner_body.id {
        // The nearest native base must be made by this very function.
        let native = super::type_::native_base(ctx, class);
        let native_body = native.expect::<super::type_::PyType>();
        let wanted = native_body.slots(ctx).new.map(|f| f as usize);
        let makes_none = native_body.flags.load(Relaxed) & flag::NO_NEW != 0;
        if !makes_none && wanted != owner_body.slots(ctx).new.map(|f| f as usize) {
            let native = protocol::defined_name(ctx, native_body);
            return Err(raise!(
                ctx,
                TypeError,
                "{owner_name}.__new__({name}) is not safe, use {native}.__new__()"
            ));
        }
    }
    let Some(new) = owner_body.slots(ctx).new else {
        return Err(raise!(
            ctx,
            TypeError,
            "cannot create '{owner_name}' instances"
        ));
    };
    let args = Args { pos: rest, ..args };
    if owner_body.id == ids::STR {
        // Called as a class, str counts its arguments in other words.
        args.at_most(ctx, "str", 3)?;
    }
    new(ctx, class, args)
}
