//! `_contextvars`: variables whose values belong to a context, and the context that each thread runs in.
//!
//! A context refers to a dict of its variables that never changes: setting a variable replaces it by a changed copy. So a
//! copy of a context is a reference, and a token's old value cannot change under it. Contexts hold few variables.
//!
//! ```text
//!  thread ──▶ Context { vars } ──▶ dict: ContextVar ──▶ value
//! ```
//!
//! A thread has no context until something asks for it.

use crate::error::{PyResult, raise};
use crate::module::support::{id_of, slot_payload};
use crate::object::args::{Args, Signature};
use crate::object::define::{ModuleDef, Native, TypeDef, getter, member, method};
use crate::object::dict::{self, PyDict};
use crate::object::exception::{self, class};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slot::Slot;
use crate::object::slots::{Comparison, Slots};
use crate::object::type_::{PyType, type_object};
use crate::object::{generic_alias, ids, protocol, str_};
use crate::vm::thread::py;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// `_contextvars`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_contextvars",
    functions: &[method(
        "copy_context",
        Native::FN(0, 0, |ctx, _| {
            let current = current(ctx)?;
            copy(ctx, &current)
        }),
    )],
    types: &[&CONTEXT, &CONTEXT_VAR, &TOKEN, &MISSING_TYPE],
    populate,
    doc: "Context Variables",
};

fn populate(ctx: &mut Ctx, module: &Obj) -> PyResult<()> {
    let token = type_object(ctx, ids::CONTEXT_TOKEN);
    let name = str_::intern(ctx, "MISSING");
    let space = token.expect::<PyType>().dict.clone();
    space.expect::<PyDict>().set_name(ctx, &name, MISSING)?;
    // The type of the value has no name of its own.
    let space = crate::module::namespace(ctx, module)?;
    space.expect::<PyDict>().remove_name(ctx, &name);
    Ok(())
}

// --- Contexts ------------------------------------------------------------------------------------

/// A context.
pub struct Context {
    /// A dict that nobody changes.
    vars: Slot,
    /// Whether a thread runs in it.
    entered: AtomicBool,
}

slot_payload!(Context, ids::CONTEXT, "_contextvars.Context", vars);

fn make(ctx: &mut Ctx, vars: Obj) -> PyResult {
    payload::new(
        ctx,
        Context {
            vars: Slot::new(vars),
            entered: AtomicBool::new(false),
        },
    )
}

/// The context that the thread runs in.
fn current(ctx: &mut Ctx) -> PyResult {
    if let Some(context) = &py(ctx).context {
        return Ok(context.clone());
    }
    let vars = dict::new(ctx)?;
    let context = make(ctx, vars)?;
    context.expect::<Context>().entered.store(true, Relaxed);
    py(ctx).context = Some(context.clone());
    Ok(context)
}

fn vars(ctx: &mut Ctx, context: &Obj) -> PyResult {
    let body = context.expect::<Context>();
    match body.vars.get(ctx, &body.header) {
        Some(vars) => Ok(vars),
        None => dict::new(ctx),
    }
}

fn copy(ctx: &mut Ctx, context: &Obj) -> PyResult {
    let vars = vars(ctx, context)?;
    make(ctx, vars)
}

fn context_new(ctx: &mut Ctx, _: &Obj, args: Args<'_>) -> PyResult {
    if !args.pos.is_empty() || !args.names.is_empty() {
        return Err(raise!(
            ctx,
            TypeError,
            "Context() does not accept any arguments"
        ));
    }
    let vars = dict::new(ctx)?;
    make(ctx, vars)
}

fn run(ctx: &mut Ctx, context: &Obj, args: Args<'_>) -> PyResult {
    let Some((function, pos)) = args.pos.split_first() else {
        return Err(raise!(
            ctx,
            TypeError,
            "run() missing 1 required positional argument"
        ));
    };
    run_in(ctx, context, |ctx| {
        protocol::call_with(ctx, function, Args { pos, ..args })
    })
}

/// Does work in a context.
///
/// # Errors
/// It is entered already, or is no context; or the work has failed.
pub fn run_in(ctx: &mut Ctx, context: &Obj, work: impl FnOnce(&mut Ctx) -> PyResult) -> PyResult {
    let Some(body) = context.downcast::<Context>() else {
        let class = protocol::type_name(ctx, context);
        return Err(raise!(ctx, TypeError, "expected a Context, not '{class}'"));
    };
    // Relaxed: what it protects, `vars`, is read and replaced under the object's own lock.
    if body.entered.swap(true, Relaxed) {
        let text = protocol::repr_string(ctx, context)?;
        return Err(raise!(
            ctx,
            RuntimeError,
            "cannot enter context: {text} is already entered"
        ));
    }
    let before = py(ctx).context.replace(context.clone());
    let result = work(ctx);
    py(ctx).context = before;
    body.entered.store(false, Relaxed);
    result
}

fn expect_var(ctx: &mut Ctx, key: &Obj) -> PyResult<()> {
    if key.downcast::<ContextVar>().is_some() {
        return Ok(());
    }
    let text = protocol::repr_string(ctx, key)?;
    Err(raise!(
        ctx,
        TypeError,
        "a ContextVar key was expected, got {text}"
    ))
}

fn look_up(ctx: &mut Ctx, context: &Obj, var: &Obj) -> PyResult<Option<Obj>> {
    let vars = vars(ctx, context)?;
    vars.expect::<PyDict>().get(ctx, var)
}

fn context_getitem(ctx: &mut Ctx, context: &Obj, key: &Obj) -> PyResult {
    expect_var(ctx, key)?;
    match look_up(ctx, context, key)? {
        Some(value) => Ok(value),
        None => Err(dict::key_error(ctx, key)),
    }
}

fn context_contains(ctx: &mut Ctx, context: &Obj, key: &Obj) -> PyResult<bool> {
    expect_var(ctx, key)?;
    Ok(look_up(ctx, context, key)?.is_some())
}

fn context_get(ctx: &mut Ctx, context: &Obj, args: &[Obj]) -> PyResult {
    expect_var(ctx, &args[0])?;
    let found = look_up(ctx, context, &args[0])?;
    Ok(found.unwrap_or_else(|| args.get(1).cloned().unwrap_or(Obj::NONE)))
}

fn context_len(ctx: &mut Ctx, context: &Obj) -> PyResult<usize> {
    let vars = vars(ctx, context)?;
    Ok(vars.expect::<PyDict>().len(ctx))
}

fn context_iter(ctx: &mut Ctx, context: &Obj) -> PyResult {
    let vars = vars(ctx, context)?;
    protocol::iter(ctx, &vars)
}

/// An iterator over what a method of the dict gives.
fn view(ctx: &mut Ctx, context: &Obj, method: &'static str) -> PyResult {
    let vars = vars(ctx, context)?;
    let name = str_::intern(ctx, method);
    let view = protocol::call_method(ctx, &vars, &name, &[])?;
    protocol::iter(ctx, &view)
}

fn context_compare(ctx: &mut Ctx, a: &Obj, b: &Obj, op: Comparison) -> PyResult {
    if b.downcast::<Context>().is_none() || !matches!(op, Comparison::Eq | Comparison::Ne) {
        return Ok(Obj::NOT_IMPLEMENTED);
    }
    let (x, y) = (vars(ctx, a)?, vars(ctx, b)?);
    let same = protocol::equals(ctx, &x, &y)?;
    Ok(Obj::bool(same == (op == Comparison::Eq)))
}

/// `contextvars.Context`.
pub static CONTEXT: TypeDef = TypeDef {
    id: ids::CONTEXT,
    name: "_contextvars.Context",
    base: ids::OBJECT,
    layout: ids::CONTEXT,
    kind: &Body::<Context>::KIND,
    flags: 0,
    slots: Slots {
        new: Some(context_new),
        compare: Some(context_compare),
        iter: Some(context_iter),
        len: Some(context_len),
        getitem: Some(context_getitem),
        contains: Some(context_contains),
        ..Slots::NONE
    },
    methods: &[
        method("run", Native::MA(run)),
        method("copy", Native::M0(copy)),
        method("get", Native::MN(1, 2, context_get)),
        method("keys", Native::M0(|ctx, x| view(ctx, x, "keys"))),
        method("values", Native::M0(|ctx, x| view(ctx, x, "values"))),
        method("items", Native::M0(|ctx, x| view(ctx, x, "items"))),
    ],
    getset: &[],
    doc: "",
};

// --- Variables -----------------------------------------------------------------------------------

/// A variable.
pub struct ContextVar {
    name: Obj,
    default: Option<Obj>,
}

// SAFETY: `trace` reports all references.
unsafe impl Payload for ContextVar {
    const ID: u32 = ids::CONTEXT_VAR;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "_contextvars.ContextVar";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.word(self.name.word());
        if let Some(default) = &self.default {
            tracer.word(default.word());
        }
    }
}

fn var_new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "ContextVar",
        params: &["", "default"],
        posonly: 1,
        positional: 1,
        required: 1,
    };
    let [name, default] = args.bind(ctx, &SIGNATURE)?;
    let name = name.cloned().unwrap_or(Obj::NONE);
    if name.downcast::<str_::PyStr>().is_none() {
        return Err(raise!(
            ctx,
            TypeError,
            "context variable name must be a str"
        ));
    }
    let body = ContextVar {
        name,
        default: default.cloned(),
    };
    payload::allocate(ctx, id_of(class), body)
}

fn var_get(ctx: &mut Ctx, var: &Obj, args: &[Obj]) -> PyResult {
    if let Some(context) = py(ctx).context.clone()
        && let Some(value) = look_up(ctx, &context, var)?
    {
        return Ok(value);
    }
    let default = args.first().or(var.expect::<ContextVar>().default.as_ref());
    match default {
        Some(default) => Ok(default.clone()),
        None => Err(exception::raise_args(
            ctx,
            class::LookupError,
            vec![var.clone()],
        )),
    }
}

/// Gives the variable a value in the context, or none.
fn put(ctx: &mut Ctx, context: &Obj, var: &Obj, value: Option<Obj>) -> PyResult<()> {
    let before = vars(ctx, context)?;
    let after = before.expect::<PyDict>().copy(ctx)?;
    let changed = after.expect::<PyDict>();
    match value {
        Some(value) => changed.set(ctx, var, value)?,
        None => drop(changed.remove(ctx, var)?),
    }
    let body = context.expect::<Context>();
    body.vars.set(ctx, &body.header, Some(after));
    Ok(())
}

fn var_set(ctx: &mut Ctx, var: &Obj, value: &Obj) -> PyResult {
    let context = current(ctx)?;
    let old = look_up(ctx, &context, var)?;
    put(ctx, &context, var, Some(value.clone()))?;
    payload::new(
        ctx,
        Token {
            context,
            var: var.clone(),
            old,
            used: AtomicBool::new(false),
        },
    )
}

fn var_reset(ctx: &mut Ctx, var: &Obj, token: &Obj) -> PyResult {
    let Some(body) = token.downcast::<Token>() else {
        let text = protocol::repr_string(ctx, token)?;
        return Err(raise!(
            ctx,
            TypeError,
            "expected an instance of Token, got {text}"
        ));
    };
    let text = |ctx: &mut Ctx| protocol::repr_string(ctx, token);
    if body.used.load(Relaxed) {
        let text = text(ctx)?;
        return Err(raise!(
            ctx,
            RuntimeError,
            "{text} has already been used once"
        ));
    }
    if !body.var.is(var) {
        let text = text(ctx)?;
        return Err(raise!(
            ctx,
            ValueError,
            "{text} was created by a different ContextVar"
        ));
    }
    let context = current(ctx)?;
    if !body.context.is(&context) {
        let text = text(ctx)?;
        return Err(raise!(
            ctx,
            ValueError,
            "{text} was created in a different Context"
        ));
    }
    body.used.store(true, Relaxed);
    put(ctx, &context, var, body.old.clone())?;
    Ok(Obj::NONE)
}

fn var_repr(ctx: &mut Ctx, var: &Obj) -> PyResult {
    let body = var.expect::<ContextVar>();
    let name = protocol::repr_string(ctx, &body.name)?;
    let default = match &body.default {
        Some(default) => format!(" default={}", protocol::repr_string(ctx, default)?),
        None => String::new(),
    };
    let at = protocol::address(var);
    str_::new(
        ctx,
        &format!("<ContextVar name={name}{default} at {at:#x}>"),
    )
}

fn var_hash(ctx: &mut Ctx, var: &Obj) -> PyResult<i64> {
    protocol::identity_hash(ctx, var)
}

/// `contextvars.ContextVar`.
pub static CONTEXT_VAR: TypeDef = TypeDef {
    id: ids::CONTEXT_VAR,
    name: "_contextvars.ContextVar",
    base: ids::OBJECT,
    layout: ids::CONTEXT_VAR,
    kind: &Body::<ContextVar>::KIND,
    flags: 0,
    slots: Slots {
        new: Some(var_new),
        repr: Some(var_repr),
        hash: Some(var_hash),
        ..Slots::NONE
    },
    methods: &[
        method("get", Native::MN(0, 1, var_get)),
        method("set", Native::M1(var_set)),
        method("reset", Native::M1(var_reset)),
        method(
            "__class_getitem__",
            Native::C1(generic_alias::class_getitem),
        ),
    ],
    getset: &[member("name", |_, x| {
        Ok(x.expect::<ContextVar>().name.clone())
    })],
    doc: "",
};

// --- Tokens --------------------------------------------------------------------------------------

/// What `set` returns: how to take it back.
pub struct Token {
    context: Obj,
    var: Obj,
    old: Option<Obj>,
    used: AtomicBool,
}

// SAFETY: `trace` reports all references.
unsafe impl Payload for Token {
    const ID: u32 = ids::CONTEXT_TOKEN;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "_contextvars.Token";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.word(self.context.word());
        tracer.word(self.var.word());
        if let Some(old) = &self.old {
            tracer.word(old.word());
        }
    }
}

fn token_new(ctx: &mut Ctx, _: &Obj, _: Args<'_>) -> PyResult {
    Err(raise!(
        ctx,
        RuntimeError,
        "Tokens can only be created by ContextVars"
    ))
}

fn token_repr(ctx: &mut Ctx, token: &Obj) -> PyResult {
    let body = token.expect::<Token>();
    let used = if body.used.load(Relaxed) { " used" } else { "" };
    let var = protocol::repr_string(ctx, &body.var)?;
    let at = protocol::address(token);
    str_::new(ctx, &format!("<Token{used} var={var} at {at:#x}>"))
}

/// `contextvars.Token`.
pub static TOKEN: TypeDef = TypeDef {
    id: ids::CONTEXT_TOKEN,
    name: "_contextvars.Token",
    base: ids::OBJECT,
    layout: ids::CONTEXT_TOKEN,
    kind: &Body::<Token>::KIND,
    flags: 0,
    slots: Slots {
        new: Some(token_new),
        repr: Some(token_repr),
        hash: Some(protocol::unhashable),
        ..Slots::NONE
    },
    methods: &[
        method(
            "__class_getitem__",
            Native::C1(generic_alias::class_getitem),
        ),
        method("__enter__", Native::M0(|_, x| Ok(x.clone()))),
        method(
            "__exit__",
            Native::MN(3, 3, |ctx, x, _| {
                let var = x.expect::<Token>().var.clone();
                var_reset(ctx, &var, x)
            }),
        ),
    ],
    getset: &[
        getter("var", |_, x| Ok(x.expect::<Token>().var.clone())),
        getter("old_value", |_, x| {
            Ok(x.expect::<Token>().old.clone().unwrap_or(MISSING))
        }),
    ],
    doc: "",
};

/// `Token.MISSING`: the variable had no value.
const MISSING: Obj = Obj::constant(6);

/// Its type.
pub static MISSING_TYPE: TypeDef = TypeDef {
    id: ids::CONTEXT_MISSING,
    name: "Token.MISSING",
    base: ids::OBJECT,
    layout: ids::CONTEXT_MISSING,
    kind: &Body::<crate::object::object_::PyObject>::KIND,
    flags: crate::object::define::flag::NO_NEW,
    slots: Slots {
        repr: Some(|ctx, _| str_::new(ctx, "<Token.MISSING>")),
        ..Slots::NONE
    },
    methods: &[],
    getset: &[],
    doc: "",
};
