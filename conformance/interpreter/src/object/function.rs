//! `function`: code with the namespace it was made in.

use super::annotate as computed;
use super::args::{Args, Signature};
use super::code::PyCode;
use super::counted::Counted;
use super::define::{GetSet, TypeDef, flag, member};
use super::dict::PyDict;
use super::exception::class;
use super::obj::Obj;
use super::own_dict::{self, OwnDict};
use super::payload::{self, Body, Payload};
use super::slot::Slot;
use super::slots::Slots;
use super::str_::{self, PyStr};
use super::tuple::PyTuple;
use super::type_::type_id_of;
use super::{ids, names::names, protocol};
use crate::code::flags;
use crate::error::{PyResult, raise};
use crate::module::{sys::audit, warnings};
use crate::prelude::*;
use crate::vm::exec;
use kit_core::backend::heap::HeapKind;
use kit_core::object::{Tracer, Word};
use kit_core::thread::Ctx;

/// The body of a function.
pub struct PyFunction {
    /// `__code__`.
    pub code: Slot,
    /// `__globals__`, a dict.
    pub globals: Counted,
    /// The dict of the builtins module it sees.
    pub builtins: Counted,
    /// `__closure__`: a tuple of cells, or empty.
    pub closure: Option<Obj>,
    /// `__defaults__`: a tuple, or empty.
    pub defaults: Slot,
    /// `__kwdefaults__`: a dict, or empty.
    pub kwdefaults: Slot,
    /// `__name__`.
    pub name: Slot,
    /// `__qualname__`.
    pub qualname: Slot,
    /// `__doc__`.
    pub doc: Slot,
    /// `__module__`.
    pub module: Slot,
    /// `__dict__`, made when it is needed.
    pub dict: Slot,
    /// `__annotate__`: a function, or empty.
    pub annotate: Slot,
    /// `__annotations__`: a dict, once computed.
    pub annotations: Slot,
    /// `__type_params__`: a tuple, or empty.
    pub type_params: Slot,
}

// SAFETY: `trace` reports everything the body owns.
unsafe impl Payload for PyFunction {
    const ID: u32 = ids::FUNCTION;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "function";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        for slot in self.slots() {
            slot.trace(tracer);
        }
        tracer.word(self.globals.word());
        tracer.word(self.builtins.word());
        if let Some(closure) = &self.closure {
            tracer.word(closure.word());
        }
    }

    fn clear(&self, ctx: &mut Ctx) {
        // The namespaces and cells it refers to are cleared themselves.
        let [
            _code,
            defaults,
            kwdefaults,
            _name,
            _qualname,
            doc,
            module,
            rest @ ..,
        ] = self.slots();
        for slot in [defaults, kwdefaults, doc, module].into_iter().chain(rest) {
            drop(slot.replace_locked(ctx, None));
        }
    }
}

impl PyFunction {
    /// What it holds at this moment, by name, as [`trace`](Payload::trace) reports it.
    pub fn fields(&self) -> [(&'static str, Word); 14] {
        let slots = self.slots().map(Slot::peek);
        let [
            code,
            defaults,
            kwdefaults,
            name,
            qualname,
            doc,
            module,
            dict,
            ..,
        ] = slots;
        let [.., annotate, annotations, type_params] = slots;
        let closure = self.closure.as_ref().map_or(Word::NULL, Obj::word);
        [
            ("__code__", code),
            ("__defaults__", defaults),
            ("__kwdefaults__", kwdefaults),
            ("__name__", name),
            ("__qualname__", qualname),
            ("__doc__", doc),
            ("__module__", module),
            ("__dict__", dict),
            ("__annotate__", annotate),
            ("__annotations__", annotations),
            ("__type_params__", type_params),
            ("__globals__", self.globals.word()),
            ("__builtins__", self.builtins.word()),
            ("__closure__", closure),
        ]
    }

    fn slots(&self) -> [&Slot; 11] {
        [
            &self.code,
            &self.defaults,
            &self.kwdefaults,
            &self.name,
            &self.qualname,
            &self.doc,
            &self.module,
            &self.dict,
            &self.annotate,
            &self.annotations,
            &self.type_params,
        ]
    }
}

impl Drop for PyFunction {
    fn drop(&mut self) {
        drop(self.code.take().map(Counted::adopt));
    }
}

/// What `MAKE_FUNCTION` gives a function beside its code.
#[derive(Default)]
pub struct Parts {
    /// `__defaults__`.
    pub defaults: Option<Obj>,
    /// `__kwdefaults__`.
    pub kwdefaults: Option<Obj>,
    /// `__annotate__`.
    pub annotate: Option<Obj>,
    /// `__closure__`.
    pub closure: Option<Obj>,
}

/// A function of `code` in the namespace `globals`.
pub fn new(ctx: &mut Ctx, code: &Obj, globals: &Obj, builtins: &Obj, parts: Parts) -> PyResult {
    let body = code.expect::<PyCode>();
    let module = globals.expect::<PyDict>().get_name(ctx, &names(ctx).name);
    // The flag may have been set by a program.
    let has_doc = body.code.flags & flags::HAS_DOCSTRING != 0 && !body.code.consts.is_empty();
    let doc = if has_doc {
        // SAFETY: the code keeps its constants; a docstring is the first.
        unsafe { Obj::copy_word(body.constant(0)) }
    } else {
        Obj::NONE
    };
    // Functions at module level and methods are shared by all threads; those that a call makes are not, nor is the body of a
    // class, which is called once.
    let flags = body.code.flags;
    let shared =
        flags & flags::OPTIMIZED != 0 && (flags & flags::NESTED == 0 || flags & flags::METHOD != 0);
    let function = PyFunction {
        code: Slot::new(Counted::new(ctx, code).into_obj()),
        globals: Counted::new(ctx, globals),
        builtins: Counted::new(ctx, builtins),
        closure: parts.closure,
        defaults: Slot::from_option(parts.defaults),
        kwdefaults: Slot::from_option(parts.kwdefaults),
        name: Slot::new(body.name.clone()),
        qualname: Slot::new(body.qualname.clone()),
        doc: Slot::new(doc),
        module: Slot::from_option(module),
        dict: Slot::empty(),
        annotate: Slot::from_option(parts.annotate),
        annotations: Slot::empty(),
        type_params: Slot::empty(),
    };
    let function = payload::new(ctx, function)?;
    if shared && let Some(header) = function.header() {
        // SAFETY: new, and this thread's alone.
        unsafe { header.enable_deferred(ctx.counter(), 1) };
    }
    Ok(function)
}

/// Whether `parts` are what a function of `code` may have: code finds its cells without looking, but parameters that the compiler adds may be given
/// anything, and constants be replaced.
pub fn check(ctx: &mut Ctx, code: &Obj, parts: &Parts) -> PyResult<()> {
    check_defaults(ctx, parts.defaults.as_ref(), parts.kwdefaults.as_ref())?;
    let cells = match &parts.closure {
        None => &[][..],
        Some(closure) => match closure.downcast::<PyTuple>() {
            Some(cells) => cells.items(),
            None => return Err(raise!(ctx, TypeError, "arg 5 (closure) must be tuple")),
        },
    };
    check_closure(ctx, code.expect::<PyCode>(), cells)
}

/// Code reads its cells without looking.
fn check_closure(ctx: &mut Ctx, code: &Body<PyCode>, cells: &[Obj]) -> PyResult<()> {
    let (free, cells_given) = (code.code.nfree as usize, cells.len());
    if cells_given == free {
        return match cells.iter().find(|cell| type_id_of(cell) != ids::CELL) {
            None => Ok(()),
            Some(other) => {
                let class = protocol::type_name(ctx, other);
                let message = "arg 5 (closure) expected cell, found";
                Err(raise!(ctx, TypeError, "{message} {class}"))
            }
        };
    }
    let name = protocol::str_string(ctx, &code.name)?;
    Err(raise!(
        ctx,
        ValueError,
        "{name} requires closure of length {free}, not {cells_given}"
    ))
}

fn check_defaults(ctx: &mut Ctx, defaults: Option<&Obj>, kwdefaults: Option<&Obj>) -> PyResult<()> {
    if defaults.is_some_and(|all| all.downcast::<PyTuple>().is_none()) {
        let message = "arg 4 (defaults) must be None or tuple";
        return Err(raise!(ctx, TypeError, "{message}"));
    }
    if kwdefaults.is_some_and(|all| all.downcast::<PyDict>().is_none()) {
        let message = "arg 6 (kwdefaults) must be None or dict";
        return Err(raise!(ctx, TypeError, "{message}"));
    }
    Ok(())
}

static SIGNATURE: Signature = Signature {
    name: "function",
    params: &[
        "code",
        "globals",
        "name",
        "argdefs",
        "closure",
        "kwdefaults",
    ],
    posonly: 0,
    positional: 6,
    required: 2,
};

/// `types.FunctionType(code, globals, name, argdefs, closure, kwdefaults)`.
fn construct(ctx: &mut Ctx, _: &Obj, args: Args<'_>) -> PyResult {
    let [code, globals, name, defaults, closure, kwdefaults] = args.bind::<6>(ctx, &SIGNATURE)?;
    let (Some(code), Some(globals)) = (code, globals) else {
        return Ok(Obj::NONE);
    };
    for (given, which, right, wanted) in [
        (code, "code", code.downcast::<PyCode>().is_some(), "code"),
        (
            globals,
            "globals",
            globals.downcast::<PyDict>().is_some(),
            "dict",
        ),
    ] {
        if !right {
            let class = str_::argument_type(ctx, given);
            return Err(raise!(
                ctx,
                TypeError,
                "function() argument '{which}' must be {wanted}, not {class}"
            ));
        }
    }
    let given = |x: Option<&Obj>| x.filter(|x| !x.is_none()).cloned();
    let (name, defaults, kwdefaults) = (given(name), given(defaults), given(kwdefaults));
    if name
        .as_ref()
        .is_some_and(|name| name.downcast::<PyStr>().is_none())
    {
        return Err(raise!(
            ctx,
            TypeError,
            "arg 3 (name) must be None or string"
        ));
    }
    check_defaults(ctx, defaults.as_ref(), kwdefaults.as_ref())?;
    let body = code.expect::<PyCode>();
    let free = body.code.nfree as usize;
    let closure = closure.filter(|closure| !closure.is_none());
    let cells = match closure.map(|closure| closure.downcast_exact::<PyTuple>()) {
        None if free == 0 => None,
        None => return Err(raise!(ctx, TypeError, "arg 5 (closure) must be tuple")),
        Some(None) => {
            let text = if free == 0 {
                "arg 5 (closure) must be None or tuple"
            } else {
                "arg 5 (closure) must be tuple"
            };
            return Err(raise!(ctx, TypeError, "{text}"));
        }
        Some(Some(cells)) => Some(cells),
    };
    let cells = cells.map_or(&[][..], |cells| cells.items());
    check_closure(ctx, body, cells)?;
    let builtins = exec::builtins_of(ctx, globals)?;
    let parts = Parts {
        defaults,
        kwdefaults,
        closure: if free == 0 { None } else { closure.cloned() },
        ..Parts::default()
    };
    let made = new(ctx, code, globals, &builtins, parts)?;
    if let Some(name) = name {
        let body = made.expect::<PyFunction>();
        body.name.set(ctx, &body.header, Some(name));
    }
    Ok(made)
}

impl Body<PyFunction> {
    /// The code now. It lives at least until the next safepoint.
    #[inline(always)]
    pub fn code<'a>(&'a self, _: &'a Ctx) -> &'a Body<PyCode> {
        // SAFETY: the slot always holds a code object; code is deferred, so it is freed only by a
        // collection, at a safepoint.
        unsafe { &*self.payload.code.peek().as_object().cast::<Body<PyCode>>() }
    }
}

/// Calls a function from Rust.
pub fn call(ctx: &mut Ctx, function: &Obj, args: Args<'_>) -> PyResult {
    crate::vm::call::function(ctx, function, args)
}

impl OwnDict for PyFunction {
    fn dict(&self) -> &Slot {
        &self.dict
    }
}

fn get(ctx: &mut Ctx, function: &Obj, instance: Option<&Obj>, _: &Obj) -> PyResult {
    match instance {
        Some(instance) => super::bound_method::new(ctx, function, instance),
        None => Ok(function.clone()),
    }
}

fn repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let body = x.expect::<PyFunction>();
    let name = body.qualname.get(ctx, &body.header);
    let name = name.map_or(String::new(), |n| {
        n.expect::<PyStr>().as_str_lossy().into_owned()
    });
    let address = protocol::address(x);
    str_::new(ctx, &format!("<function {name} at {address:#x}>"))
}

fn none(value: Option<Obj>) -> PyResult {
    Ok(value.unwrap_or(Obj::NONE))
}

macro_rules! field {
    ($read:ident, $write:ident, $field:ident, $check:expr, $message:literal) => {
        fn $read(ctx: &mut Ctx, x: &Obj) -> PyResult {
            let body = x.expect::<PyFunction>();
            none(body.$field.get(ctx, &body.header))
        }

        fn $write(ctx: &mut Ctx, x: &Obj, value: Option<&Obj>) -> PyResult<()> {
            let check: fn(&Obj) -> bool = $check;
            let value = match value {
                Some(value) if check(value) => Some(value.clone()).filter(|v| !v.is_none()),
                None if check(&Obj::NONE) => None,
                _ => return Err(raise!(ctx, TypeError, $message)),
            };
            let body = x.expect::<PyFunction>();
            body.$field.set(ctx, &body.header, value);
            Ok(())
        }
    };
}

fn code(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let body = x.expect::<PyFunction>();
    none(body.code.get(ctx, &body.header))
}

/// The number of cells cannot change: code reads as many as it has free variables without looking.
fn set_code(ctx: &mut Ctx, x: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let body = x.expect::<PyFunction>();
    let Some(code) = value.and_then(|value| value.downcast::<PyCode>()) else {
        return Err(raise!(
            ctx,
            TypeError,
            "__code__ must be set to a code object"
        ));
    };
    audit_set(ctx, x, "__code__", value)?;
    let cells = body
        .closure
        .as_ref()
        .map_or(0, |closure| closure.expect::<PyTuple>().items().len());
    let free = code.code.nfree as usize;
    if cells != free {
        let name = body.name.get(ctx, &body.header);
        let name = name.as_ref().map_or_else(String::new, |name| {
            name.expect::<PyStr>().as_str_lossy().into_owned()
        });
        return Err(raise!(
            ctx,
            ValueError,
            "{name}() requires a code object with {cells} free vars, not {free}"
        ));
    }
    let kinds = flags::GENERATOR | flags::COROUTINE | flags::ASYNC_GENERATOR;
    let old = body.code.get(ctx, &body.header);
    let old = old.map_or(0, |old| old.expect::<PyCode>().code.flags);
    if (old ^ code.code.flags) & kinds != 0 {
        let message = "Assigning a code object of non-matching type is deprecated (e.g., from a generator to a plain function)";
        warnings::warn(ctx, class::DeprecationWarning, message)?;
    }
    body.code.set(ctx, &body.header, value.cloned());
    Ok(())
}

field!(
    name,
    set_name,
    name,
    |v| v.downcast::<PyStr>().is_some(),
    "__name__ must be set to a string object"
);
field!(
    qualname,
    set_qualname,
    qualname,
    |v| v.downcast::<PyStr>().is_some(),
    "__qualname__ must be set to a string object"
);
field!(
    defaults,
    set_defaults,
    defaults,
    |v| v.is_none() || v.downcast::<PyTuple>().is_some(),
    "__defaults__ must be set to a tuple object"
);
field!(
    kwdefaults,
    set_kwdefaults,
    kwdefaults,
    |v| v.is_none() || v.downcast::<PyDict>().is_some(),
    "__kwdefaults__ must be set to a dict object"
);
field!(doc, set_doc, doc, |_| true, "");
field!(module, set_module, module, |_| true, "");

fn annotate(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let body = x.expect::<PyFunction>();
    none(body.annotate.get(ctx, &body.header))
}

fn set_annotate(ctx: &mut Ctx, x: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let Some(value) = value else {
        return Err(raise!(ctx, TypeError, "__annotate__ cannot be deleted"));
    };
    computed::check(ctx, value)?;
    let body = x.expect::<PyFunction>();
    let function = Some(value.clone()).filter(|v| !v.is_none());
    // What was computed stays when nothing takes the function's place.
    if function.is_some() {
        body.annotations.set(ctx, &body.header, None);
    }
    body.annotate.set(ctx, &body.header, function);
    Ok(())
}

fn annotations(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let body = x.expect::<PyFunction>();
    if let Some(annotations) = body.annotations.get(ctx, &body.header) {
        return Ok(annotations);
    }
    let annotations = match body.annotate.get(ctx, &body.header) {
        Some(function) => computed::values(ctx, &function)?,
        None => super::dict::new(ctx)?,
    };
    let body = x.expect::<PyFunction>();
    body.annotations
        .set(ctx, &body.header, Some(annotations.clone()));
    Ok(annotations)
}

fn set_annotations(ctx: &mut Ctx, x: &Obj, value: Option<&Obj>) -> PyResult<()> {
    if value.is_some_and(|v| !v.is_none() && v.downcast::<super::dict::PyDict>().is_none()) {
        let message = "__annotations__ must be set to a dict object";
        return Err(raise!(ctx, TypeError, "{message}"));
    }
    let body = x.expect::<PyFunction>();
    body.annotations
        .set(ctx, &body.header, value.cloned().filter(|v| !v.is_none()));
    body.annotate.set(ctx, &body.header, None);
    Ok(())
}

fn closure(_: &mut Ctx, x: &Obj) -> PyResult {
    none(x.expect::<PyFunction>().closure.clone())
}

fn globals(_: &mut Ctx, x: &Obj) -> PyResult {
    Ok(x.expect::<PyFunction>().globals.to_obj())
}

fn builtins(_: &mut Ctx, x: &Obj) -> PyResult {
    Ok(x.expect::<PyFunction>().builtins.to_obj())
}

fn type_params(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let body = x.expect::<PyFunction>();
    Ok(body
        .type_params
        .get(ctx, &body.header)
        .unwrap_or_else(|| crate::vm::thread::empty_tuple(ctx)))
}

fn set_type_params(ctx: &mut Ctx, x: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let Some(value) = value.filter(|v| v.downcast::<PyTuple>().is_some()) else {
        return Err(raise!(
            ctx,
            TypeError,
            "__type_params__ must be set to a tuple"
        ));
    };
    let body = x.expect::<PyFunction>();
    body.type_params.set(ctx, &body.header, Some(value.clone()));
    Ok(())
}

fn set_namespace(ctx: &mut Ctx, x: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let dict = own_dict::check_dict(ctx, value)?;
    let body = x.expect::<PyFunction>();
    body.dict.set(ctx, &body.header, Some(dict));
    Ok(())
}

/// Tells who audits that an attribute of a function is set or deleted.
fn audit_set(ctx: &mut Ctx, x: &Obj, name: &'static str, value: Option<&Obj>) -> PyResult<()> {
    let what = match value {
        Some(_) => "object.__setattr__",
        None => "object.__delattr__",
    };
    audit::attribute(ctx, what, x, name, value)
}

const fn writable(
    name: &'static str,
    get: fn(&mut Ctx, &Obj) -> PyResult,
    set: fn(&mut Ctx, &Obj, Option<&Obj>) -> PyResult<()>,
) -> GetSet {
    GetSet {
        name,
        get,
        set: Some(set),
        member: false,
    }
}

/// The type `function`.
pub static FUNCTION: TypeDef = TypeDef {
    id: ids::FUNCTION,
    name: "function",
    base: ids::OBJECT,
    layout: ids::FUNCTION,
    kind: &Body::<PyFunction>::KIND,
    flags: flag::METHOD,
    slots: Slots {
        new: Some(construct),
        repr: Some(repr),
        call: Some(call),
        descr_get: Some(get),
        getattr: Some(own_dict::getattr_of::<PyFunction>),
        setattr: Some(own_dict::setattr_of::<PyFunction>),
        ..Slots::NONE
    },
    methods: &[],
    getset: &[
        writable("__code__", code, set_code),
        writable("__name__", name, set_name),
        writable("__qualname__", qualname, set_qualname),
        writable("__defaults__", defaults, |ctx, x, value| {
            audit_set(ctx, x, "__defaults__", value)?;
            set_defaults(ctx, x, value)
        }),
        writable("__kwdefaults__", kwdefaults, |ctx, x, value| {
            audit_set(ctx, x, "__kwdefaults__", value)?;
            set_kwdefaults(ctx, x, value)
        }),
        writable("__doc__", doc, set_doc),
        writable("__module__", module, set_module),
        writable("__annotate__", annotate, set_annotate),
        writable("__annotations__", annotations, set_annotations),
        writable(
            "__dict__",
            own_dict::attributes::<PyFunction>,
            set_namespace,
        ),
        member("__closure__", closure),
        member("__globals__", globals),
        member("__builtins__", builtins),
        writable("__type_params__", type_params, set_type_params),
    ],
    doc: "",
};
