//! `partial` and `partialmethod`: callables with some of their arguments given in advance.

use crate::error::{PyResult, raise};
use crate::module::support::{class_getitem, id_of};
use crate::object::args::Args;
use crate::object::define::{GetSet, Method, Native, TypeDef, flag, getter, member, method};
use crate::object::dict::{self, PyDict};
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::object_::PyObject;
use crate::object::own_dict::{self, OwnDict};
use crate::object::payload::{self, Body, Payload};
use crate::object::slot::Slot;
use crate::object::slots::Slots;
use crate::object::str_::{self, PyStr};
use crate::object::type_::type_of;
use crate::object::{bound_method, ids, protocol, repr_guard, tuple, type_};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

// --- Placeholder ---------------------------------------------------------------------------------

/// `Placeholder`: stands for a positional argument that comes with the call.
pub const PLACEHOLDER_VALUE: Obj = Obj::constant(5);

fn is_placeholder(value: &Obj) -> bool {
    value.is(&PLACEHOLDER_VALUE)
}

fn placeholder_new(ctx: &mut Ctx, _: &Obj, args: Args<'_>) -> PyResult {
    if !args.pos.is_empty() || !args.names.is_empty() {
        return Err(raise!(ctx, TypeError, "PlaceholderType takes no arguments"));
    }
    Ok(PLACEHOLDER_VALUE)
}

fn placeholder_repr(ctx: &mut Ctx, _: &Obj) -> PyResult {
    str_::new(ctx, "Placeholder")
}

/// The type of `Placeholder`.
pub static PLACEHOLDER: TypeDef = TypeDef {
    id: ids::PLACEHOLDER,
    name: "functools._PlaceholderType",
    base: ids::OBJECT,
    layout: ids::PLACEHOLDER,
    kind: &Body::<PyObject>::KIND,
    flags: 0,
    slots: Slots {
        new: Some(placeholder_new),
        repr: Some(placeholder_repr),
        ..Slots::NONE
    },
    methods: &[],
    getset: &[],
    doc: "The type of the Placeholder singleton.",
};

// --- partial -------------------------------------------------------------------------------------

/// The body of a `partial`, and of a `partialmethod`.
pub struct Partial {
    function: Obj,
    args: Box<[Obj]>,
    /// How many of `args` are placeholders.
    holes: usize,
    names: Box<[Obj]>,
    values: Box<[Obj]>,
    /// Attributes.
    dict: Slot,
}

impl Partial {
    fn trace_all(&self, tracer: &mut Tracer<'_>) {
        tracer.word(self.function.word());
        for value in self.args.iter().chain(&self.names).chain(&self.values) {
            tracer.word(value.word());
        }
        self.dict.trace(tracer);
    }
}

// SAFETY: `trace` reports all references.
unsafe impl Payload for Partial {
    const ID: u32 = ids::PARTIAL;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "partial";
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.trace_all(tracer);
    }
    fn clear(&self, ctx: &mut Ctx) {
        drop(self.dict.replace_locked(ctx, None));
    }
}

/// What `class(function, *args, **names=values)` has.
fn body(
    ctx: &mut Ctx,
    function: &Obj,
    args: &[Obj],
    names: &[Obj],
    values: &[Obj],
) -> PyResult<Partial> {
    if args.last().is_some_and(is_placeholder) {
        return Err(raise!(
            ctx,
            TypeError,
            "trailing Placeholders are not allowed"
        ));
    }
    if values.iter().any(is_placeholder) {
        return Err(raise!(
            ctx,
            TypeError,
            "Placeholder cannot be passed as a keyword argument"
        ));
    }
    // A partial of a partial is one, unless the inner one has attributes.
    let inner = function
        .downcast::<Partial>()
        .filter(|inner| inner.dict.peek().is_null());
    let (function, args, names, values) = match inner {
        Some(inner) => {
            let args = filled(inner, args);
            let (names, values) = merged(inner, names, values);
            (inner.function.clone(), args, names, values)
        }
        None => (
            function.clone(),
            args.to_vec(),
            names.to_vec(),
            values.to_vec(),
        ),
    };
    Ok(Partial {
        function,
        holes: args.iter().filter(|arg| is_placeholder(arg)).count(),
        args: args.into(),
        names: names.into(),
        values: values.into(),
        dict: Slot::empty(),
    })
}

/// The arguments of a partial, its holes filled from the front of `given`, and the rest of `given`.
fn filled(partial: &Partial, given: &[Obj]) -> Vec<Obj> {
    let mut given = given.iter();
    let mut args = Vec::with_capacity(partial.args.len() + given.len());
    for arg in &partial.args {
        let arg = if partial.holes > 0 && is_placeholder(arg) {
            given.next().unwrap_or(arg)
        } else {
            arg
        };
        args.push(arg.clone());
    }
    args.extend(given.cloned());
    args
}

/// The keyword arguments of a partial with those given, which win.
fn merged(partial: &Partial, names: &[Obj], values: &[Obj]) -> (Vec<Obj>, Vec<Obj>) {
    let mut all_names = partial.names.to_vec();
    let mut all_values = partial.values.to_vec();
    for (name, value) in names.iter().zip(values) {
        let text = name.expect::<PyStr>().bytes();
        let known = all_names
            .iter()
            .position(|known| known.expect::<PyStr>().bytes() == text);
        match known {
            Some(index) => all_values[index] = value.clone(),
            None => {
                all_names.push(name.clone());
                all_values.push(value.clone());
            }
        }
    }
    (all_names, all_values)
}

/// `partial(function, *args, **names=values)`.
pub fn make(
    ctx: &mut Ctx,
    function: &Obj,
    args: &[Obj],
    names: &[Obj],
    values: &[Obj],
) -> PyResult {
    let body = body(ctx, function, args, names, values)?;
    payload::new(ctx, body)
}

fn new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    let Some((function, rest)) = args.pos.split_first() else {
        return Err(raise!(
            ctx,
            TypeError,
            "type 'partial' takes at least one argument"
        ));
    };
    if !protocol::is_callable(ctx, function) {
        return Err(raise!(
            ctx,
            TypeError,
            "the first argument must be callable"
        ));
    }
    let body = body(ctx, function, rest, args.names, args.values)?;
    payload::allocate(ctx, id_of(class), body)
}

fn call(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    let partial = x.expect::<Partial>();
    let given = args.pos.len();
    if given < partial.holes {
        let holes = partial.holes;
        return Err(raise!(
            ctx,
            TypeError,
            "missing positional arguments in 'partial' call; expected at least {holes}, got {given}"
        ));
    }
    let pos = filled(partial, args.pos);
    if partial.names.is_empty() {
        return protocol::call_with(ctx, &partial.function, Args { pos: &pos, ..args });
    }
    let (names, values) = merged(partial, args.names, args.values);
    let args = Args {
        pos: &pos,
        names: &names,
        values: &values,
    };
    protocol::call_with(ctx, &partial.function, args)
}

fn repr_of(ctx: &mut Ctx, partial: &Partial, class: &str) -> PyResult {
    let mut parts = vec![protocol::repr_string(ctx, &partial.function)?];
    for arg in &partial.args {
        parts.push(protocol::repr_string(ctx, arg)?);
    }
    for (name, value) in partial.names.iter().zip(&partial.values) {
        let name = protocol::str_string(ctx, name)?;
        let value = protocol::repr_string(ctx, value)?;
        parts.push(format!("{name}={value}"));
    }
    str_::new(ctx, &format!("{class}({})", parts.join(", ")))
}

fn repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let Some(_guard) = repr_guard::enter(x) else {
        return str_::new(ctx, "...");
    };
    let class = type_of(ctx, x).to_obj();
    let class = type_::full_name(ctx, &class)?;
    repr_of(ctx, x.expect::<Partial>(), &class)
}

fn get(ctx: &mut Ctx, x: &Obj, receiver: Option<&Obj>, _: &Obj) -> PyResult {
    match receiver.filter(|receiver| !receiver.is_none()) {
        Some(receiver) => bound_method::new(ctx, x, receiver),
        None => Ok(x.clone()),
    }
}

fn function(_: &mut Ctx, x: &Obj) -> PyResult {
    Ok(x.expect::<Partial>().function.clone())
}

fn args_tuple(ctx: &mut Ctx, x: &Obj) -> PyResult {
    tuple::from_slice(ctx, &x.expect::<Partial>().args)
}

fn keywords(ctx: &mut Ctx, x: &Obj) -> PyResult {
    keywords_of(ctx, x.expect::<Partial>())
}

fn keywords_of(ctx: &mut Ctx, partial: &Partial) -> PyResult {
    let result = dict::new(ctx)?;
    for (name, value) in partial.names.iter().zip(&partial.values) {
        result.expect::<PyDict>().set(ctx, name, value.clone())?;
    }
    Ok(result)
}

impl OwnDict for Partial {
    fn dict(&self) -> &Slot {
        &self.dict
    }
}

static METHODS: &[Method] = &[method("__class_getitem__", Native::C(class_getitem))];

static GETSET: &[GetSet] = &[
    member("func", function),
    member("args", args_tuple),
    member("keywords", keywords),
    getter("__dict__", own_dict::attributes::<Partial>),
];

/// `functools.partial`.
pub static PARTIAL: TypeDef = TypeDef {
    id: ids::PARTIAL,
    name: "functools.partial",
    base: ids::OBJECT,
    layout: ids::PARTIAL,
    kind: &Body::<Partial>::KIND,
    flags: flag::BASE | flag::DICT,
    slots: Slots {
        new: Some(new),
        call: Some(call),
        repr: Some(repr),
        getattr: Some(own_dict::getattr_of::<Partial>),
        setattr: Some(own_dict::setattr_of::<Partial>),
        descr_get: Some(get),
        ..Slots::NONE
    },
    methods: METHODS,
    getset: GETSET,
    doc: "Create a new function with partial application of the given arguments and keywords.",
};

// --- partialmethod -------------------------------------------------------------------------------

/// The body of a `partialmethod`.
pub struct PartialMethod(Partial);

// SAFETY: `trace` reports all references.
unsafe impl Payload for PartialMethod {
    const ID: u32 = ids::PARTIAL_METHOD;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "partialmethod";
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.0.trace_all(tracer);
    }
}

fn method_new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    let Some((function, rest)) = args.pos.split_first() else {
        return Err(raise!(
            ctx,
            TypeError,
            "_partial_new() missing 1 required positional argument: 'func'"
        ));
    };
    let callable = protocol::is_callable(ctx, function);
    if !callable && type_of(ctx, function).slots(ctx).descr_get.is_none() {
        let function = protocol::repr_string(ctx, function)?;
        return Err(raise!(
            ctx,
            TypeError,
            "the first argument {function} must be a callable or a descriptor"
        ));
    }
    let inner = function.downcast::<PartialMethod>();
    let body = match inner {
        Some(inner) => {
            let args_ = filled(&inner.0, rest);
            let (names, values) = merged(&inner.0, args.names, args.values);
            body(ctx, &inner.0.function, &args_, &names, &values)?
        }
        None => body(ctx, function, rest, args.names, args.values)?,
    };
    payload::allocate(ctx, id_of(class), PartialMethod(body))
}

fn method_get(ctx: &mut Ctx, x: &Obj, receiver: Option<&Obj>, owner: &Obj) -> PyResult {
    let partial = &x.expect::<PartialMethod>().0;
    let function = &partial.function;
    if let Some(get) = type_of(ctx, function).slots(ctx).descr_get {
        let bound = get(ctx, function, receiver, owner)?;
        if !bound.is(function) {
            let result = make(ctx, &bound, &partial.args, &partial.names, &partial.values)?;
            let name = names(ctx).self_.clone();
            if let Some(target) = protocol::find_attr(ctx, &bound, &name)? {
                protocol::setattr(ctx, &result, &name, Some(&target))?;
            }
            return Ok(result);
        }
    }
    // The function is called with the instance first.
    let first = receiver.cloned().unwrap_or(PLACEHOLDER_VALUE);
    let mut args = vec![first];
    args.extend(partial.args.iter().cloned());
    if args.last().is_some_and(is_placeholder) {
        args.pop();
    }
    make(ctx, function, &args, &partial.names, &partial.values)
}

fn method_repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let class = type_of(ctx, x).to_obj();
    let class = type_::full_name(ctx, &class)?;
    repr_of(ctx, &x.expect::<PartialMethod>().0, &class)
}

fn method_function(_: &mut Ctx, x: &Obj) -> PyResult {
    Ok(x.expect::<PartialMethod>().0.function.clone())
}

fn method_args(ctx: &mut Ctx, x: &Obj) -> PyResult {
    tuple::from_slice(ctx, &x.expect::<PartialMethod>().0.args)
}

fn method_keywords(ctx: &mut Ctx, x: &Obj) -> PyResult {
    keywords_of(ctx, &x.expect::<PartialMethod>().0)
}

static METHOD_GETSET: &[GetSet] = &[
    member("func", method_function),
    member("args", method_args),
    member("keywords", method_keywords),
];

/// `functools.partialmethod`.
pub static PARTIAL_METHOD: TypeDef = TypeDef {
    id: ids::PARTIAL_METHOD,
    name: "partialmethod",
    base: ids::OBJECT,
    layout: ids::PARTIAL_METHOD,
    kind: &Body::<PartialMethod>::KIND,
    flags: flag::BASE,
    slots: Slots {
        new: Some(method_new),
        repr: Some(method_repr),
        descr_get: Some(method_get),
        ..Slots::NONE
    },
    methods: METHODS,
    getset: METHOD_GETSET,
    doc: "A method with some of its arguments given in advance.",
};
