//! `partial`: callables with some of their arguments given in advance.

use crate::error::{PyResult, raise};
use crate::module::support::{class_getitem, id_of};
use crate::object::args::Args;
use crate::object::define::{GetSet, Method, Native, TypeDef, flag, member, method};
use crate::object::dict::{self, PyDict};
use crate::object::obj::Obj;
use crate::object::object_::PyObject;
use crate::object::own_dict::{self, OwnDict};
use crate::object::payload::{self, Body, Payload};
use crate::object::slot::Slot;
use crate::object::slots::Slots;
use crate::object::str_::{self, PyStr};
use crate::object::tuple::{self, PyTuple};
use crate::object::type_::{type_id_of, type_of};
use crate::object::{bound_method, ids, protocol, repr_guard, type_};
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

/// The body of a `partial`.
pub struct Partial {
    function: Obj,
    /// A tuple.
    args: Obj,
    /// How many of `args` are placeholders.
    holes: usize,
    /// A dict, which the program may change.
    keywords: Obj,
    /// What `__setstate__` gave: a `partial` that is called instead.
    state: Slot,
    /// Attributes.
    dict: Slot,
}

// SAFETY: `trace` reports all references.
unsafe impl Payload for Partial {
    const ID: u32 = ids::PARTIAL;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "partial";
    fn trace(&self, tracer: &mut Tracer<'_>) {
        for value in [&self.function, &self.args, &self.keywords] {
            tracer.word(value.word());
        }
        self.state.trace(tracer);
        self.dict.trace(tracer);
    }
    fn clear(&self, ctx: &mut Ctx) {
        drop(self.state.replace_locked(ctx, None));
        drop(self.dict.replace_locked(ctx, None));
    }
}

impl Partial {
    /// One with these, which are what their fields want.
    fn of(function: Obj, args: Obj, keywords: Obj) -> Partial {
        let items = args.expect::<PyTuple>().items();
        Partial {
            holes: items.iter().filter(|arg| is_placeholder(arg)).count(),
            function,
            args,
            keywords,
            state: Slot::empty(),
            dict: Slot::empty(),
        }
    }

    fn args(&self) -> &[Obj] {
        self.args.expect::<PyTuple>().items()
    }

    fn keywords(&self) -> &Body<PyDict> {
        self.keywords.expect::<PyDict>()
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
        .filter(|inner| inner.dict.peek().is_null() && inner.state.peek().is_null());
    let (function, args, keywords) = match inner {
        Some(inner) => {
            let args = tuple::from_vec(ctx, filled(inner, args))?;
            let keywords = inner.keywords().copy(ctx)?;
            (inner.function.clone(), args, keywords)
        }
        None => (
            function.clone(),
            tuple::from_slice(ctx, args)?,
            dict::new(ctx)?,
        ),
    };
    for (name, value) in names.iter().zip(values) {
        let keywords = keywords.expect::<PyDict>();
        keywords.set(ctx, name, value.clone())?;
    }
    Ok(Partial::of(function, args, keywords))
}

/// The `partial` whose function and arguments count: `x`, unless `__setstate__` gave others.
fn current(ctx: &mut Ctx, x: &Obj) -> Obj {
    let partial = x.expect::<Partial>();
    if partial.state.peek().is_null() {
        return x.clone();
    }
    let given = partial.state.get(ctx, &partial.header);
    given.unwrap_or_else(|| x.clone())
}

/// The arguments of a partial, its holes filled from the front of `given`, and the rest of `given`.
fn filled(partial: &Partial, given: &[Obj]) -> Vec<Obj> {
    let mut given = given.iter();
    let mut args = Vec::with_capacity(partial.args().len() + given.len());
    for arg in partial.args() {
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
fn merged(
    ctx: &mut Ctx,
    partial: &Partial,
    names: &[Obj],
    values: &[Obj],
) -> PyResult<(Vec<Obj>, Vec<Obj>)> {
    let (mut all_names, mut all_values) = (Vec::new(), Vec::new());
    for (name, value) in partial.keywords().items(ctx) {
        if name.downcast::<PyStr>().is_none() {
            return Err(raise!(ctx, TypeError, "keywords must be strings"));
        }
        all_names.push(name);
        all_values.push(value);
    }
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
    Ok((all_names, all_values))
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
    let x = current(ctx, x);
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
    if partial.keywords().len(ctx) == 0 {
        return protocol::call_with(ctx, &partial.function, Args { pos: &pos, ..args });
    }
    let (names, values) = merged(ctx, partial, args.names, args.values)?;
    let args = Args {
        pos: &pos,
        names: &names,
        values: &values,
    };
    protocol::call_with(ctx, &partial.function, args)
}

fn repr_of(ctx: &mut Ctx, partial: &Partial, class: &str) -> PyResult {
    let mut parts = vec![protocol::repr_string(ctx, &partial.function)?];
    for arg in partial.args() {
        parts.push(protocol::repr_string(ctx, arg)?);
    }
    for (name, value) in partial.keywords().items(ctx) {
        let name = protocol::str_string(ctx, &name)?;
        let value = protocol::repr_string(ctx, &value)?;
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
    let x = current(ctx, x);
    repr_of(ctx, x.expect::<Partial>(), &class)
}

fn get(ctx: &mut Ctx, x: &Obj, receiver: Option<&Obj>, _: &Obj) -> PyResult {
    match receiver.filter(|receiver| !receiver.is_none()) {
        Some(receiver) => bound_method::new(ctx, x, receiver),
        None => Ok(x.clone()),
    }
}

fn function(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let x = current(ctx, x);
    Ok(x.expect::<Partial>().function.clone())
}

fn args_tuple(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let x = current(ctx, x);
    Ok(x.expect::<Partial>().args.clone())
}

fn keywords(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let x = current(ctx, x);
    Ok(x.expect::<Partial>().keywords.clone())
}

/// Made of its function alone; the rest is the state.
fn reduce(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let class = type_of(ctx, x).to_obj();
    let function = function(ctx, x)?;
    let args = args_tuple(ctx, x)?;
    let keywords = keywords(ctx, x)?;
    let body = x.expect::<Partial>();
    let dict = body.dict.get(ctx, &body.header).unwrap_or(Obj::NONE);
    let maker_args = tuple::from_vec(ctx, vec![function.clone()])?;
    let state = tuple::from_vec(ctx, vec![function, args, keywords, dict])?;
    tuple::from_vec(ctx, vec![class, maker_args, state])
}

/// `__setstate__((function, args, keywords, attributes))`.
fn setstate(ctx: &mut Ctx, x: &Obj, state: &Obj) -> PyResult {
    let parts = state.downcast::<PyTuple>().map(|state| state.items());
    let Some([function, args, keywords, attributes]) = parts else {
        return Err(raise!(ctx, TypeError, "invalid partial state"));
    };
    let (Some(given), true) = (
        args.downcast::<PyTuple>(),
        protocol::is_callable(ctx, function),
    ) else {
        return Err(raise!(ctx, TypeError, "invalid partial state"));
    };
    let keywords = match keywords.downcast::<PyDict>() {
        Some(_) if type_id_of(keywords) == ids::DICT => keywords.clone(),
        Some(derived) => derived.copy(ctx)?,
        None if keywords.is_none() => dict::new(ctx)?,
        None => return Err(raise!(ctx, TypeError, "invalid partial state")),
    };
    if !attributes.is_none() && attributes.downcast::<PyDict>().is_none() {
        return Err(raise!(ctx, TypeError, "invalid partial state"));
    }
    if given.items().last().is_some_and(is_placeholder) {
        return Err(raise!(
            ctx,
            TypeError,
            "trailing Placeholders are not allowed"
        ));
    }
    let args = match type_id_of(args) {
        ids::TUPLE => args.clone(),
        _ => tuple::from_slice(ctx, given.items())?,
    };
    let replaced = payload::new(ctx, Partial::of(function.clone(), args, keywords))?;
    let body = x.expect::<Partial>();
    body.state.set(ctx, &body.header, Some(replaced));
    let attributes = (!attributes.is_none()).then(|| attributes.clone());
    body.dict.set(ctx, &body.header, attributes);
    Ok(Obj::NONE)
}

impl OwnDict for Partial {
    fn dict(&self) -> &Slot {
        &self.dict
    }
}

static METHODS: &[Method] = &[
    method("__reduce__", Native::M0(reduce)),
    method("__setstate__", Native::M1(setstate)),
    method("__class_getitem__", Native::C1(class_getitem)),
];

static GETSET: &[GetSet] = &[
    member("func", function),
    member("args", args_tuple),
    member("keywords", keywords),
    GetSet {
        name: "__dict__",
        get: own_dict::attributes::<Partial>,
        set: Some(own_dict::set_attributes::<Partial>),
        member: false,
    },
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
    doc: "partial(func, /, *args, **keywords)\n--\n\nCreate a new function with partial application of the given arguments and keywords.",
};
