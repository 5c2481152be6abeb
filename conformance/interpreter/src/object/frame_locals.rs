//! `FrameLocalsProxy`: what `frame.f_locals` is for a function: its variables as a mapping that writes through.
//!
//! Each access looks the variable up in the frame, wherever that is by then. Names that the code does not have are kept in a dict
//! of the frame object; variables can be assigned and not deleted. A variable of an inlined comprehension has
//! a register of its own, which counts while it is bound.

use super::args::Args;
use super::cell::{self, PyCell};
use super::define::{Method, Native, TypeDef, flag, method};
use super::dict::{self, PyDict, methods::key_error};
use super::frame::PyFrame;
use super::obj::Obj;
use super::payload::{self, Body, Payload};
use super::slots::{Comparison, Slots};
use super::str_::PyStr;
use super::type_::type_id_of;
use super::{exception, ids, list, protocol, repr_guard, str_};
use crate::code::{Code, local};
use crate::error::{PyResult, raise};
use crate::prelude::*;
use crate::vm::observe;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

/// The body of a proxy.
pub struct PyFrameLocals {
    frame: Obj,
}

// SAFETY: `trace` reports the frame object.
unsafe impl Payload for PyFrameLocals {
    const ID: u32 = ids::FRAME_LOCALS;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "FrameLocalsProxy";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.word(self.frame.word());
    }
}

/// A proxy for the variables of a frame object.
pub fn of(ctx: &mut Ctx, frame: Obj) -> PyResult {
    payload::new(ctx, PyFrameLocals { frame })
}

fn frame_of(proxy: &Obj) -> &Obj {
    &proxy.expect::<PyFrameLocals>().frame
}

// --- Variables -------------------------------------------------------------------------------------------------

/// Where the code keeps a variable.
struct Variable {
    index: usize,
    /// Whether it is one of the function itself, and not of a comprehension inside.
    own: bool,
    value: Option<Obj>,
}

/// What a register holds, as a variable: the contents of a cell.
fn contents(ctx: &Ctx, kind: u8, value: Option<Obj>) -> Option<Obj> {
    match value {
        Some(value)
            if kind & (local::CELL | local::FREE) != 0
                && value.downcast_exact::<PyCell>().is_some() =>
        {
            cell::get(ctx, &value)
        }
        value => value,
    }
}

/// The variables of the code and what they are at this moment.
fn variables(ctx: &mut Ctx, frame: &Obj) -> Vec<Variable> {
    let code = &frame.expect::<PyFrame>().code().code;
    let registers = observe::visit(ctx, frame, |_, view| {
        (0..code.local_kinds.len())
            .map(|index| view.local(index))
            .collect()
    });
    arrange(ctx, code, registers.unwrap_or_default())
}

/// Whether a comprehension is running that the code has inlined.
pub fn has_hidden(ctx: &mut Ctx, frame: &Obj) -> bool {
    let kinds = &frame.expect::<PyFrame>().code().code.local_kinds;
    kinds.iter().any(|kind| kind & local::HIDDEN != 0)
        && variables(ctx, frame)
            .iter()
            .any(|variable| !variable.own && variable.value.is_some())
}

/// What local registers hold, as variables; those of comprehensions only if they are bound, and then in the place of the
/// one they hide.
fn arrange(ctx: &Ctx, code: &Code, registers: Vec<Option<Obj>>) -> Vec<Variable> {
    let mut found: Vec<Variable> = Vec::with_capacity(registers.len());
    for (index, value) in registers.into_iter().enumerate() {
        let kind = code.local_kinds[index];
        let value = contents(ctx, kind, value);
        let own = kind & local::HIDDEN == 0;
        if own {
            found.push(Variable { index, own, value });
        } else if value.is_some() {
            let name = &code.local_names[index];
            let hidden = found
                .iter_mut()
                .find(|variable| code.local_names[variable.index] == *name);
            let variable = Variable { index, own, value };
            match hidden {
                Some(hidden) => *hidden = variable,
                None => found.push(variable),
            }
        }
    }
    found
}

/// `locals()` of a function: a new dict of the variables in its registers, and of what was assigned to other names
/// through its frame object, if it has one.
pub fn snapshot(
    ctx: &mut Ctx,
    code: &Code,
    registers: Vec<Option<Obj>>,
    frame: Option<&Obj>,
) -> PyResult {
    let result = dict::new(ctx)?;
    let dict = result.expect::<PyDict>();
    for variable in arrange(ctx, code, registers) {
        if let Some(value) = variable.value {
            let name = str_::intern_text(ctx, &code.local_names[variable.index])?;
            dict.set_name(ctx, &name, value)?;
        }
    }
    if let Some(others) = frame.and_then(|frame| extra(ctx, frame)) {
        for (key, value) in others.expect::<PyDict>().items(ctx) {
            dict.set(ctx, &key, value)?;
        }
    }
    Ok(result)
}

/// The variable that a key names.
fn find(ctx: &mut Ctx, frame: &Obj, key: &Obj) -> PyResult<Option<Variable>> {
    let code = frame.expect::<PyFrame>().code().code.clone();
    let exact = match type_id_of(key) {
        ids::STR => Some(key.expect::<PyStr>().text().as_bytes()),
        _ => None,
    };
    let hash = super::key::hash_value(ctx, key)?;
    for variable in variables(ctx, frame) {
        let name = &code.local_names[variable.index];
        let same = match exact {
            Some(exact) => exact == name.as_bytes(),
            None => {
                let name = str_::intern_text(ctx, name)?;
                super::key::hash_value(ctx, &name)? == hash && protocol::equals(ctx, key, &name)?
            }
        };
        if same {
            return Ok(Some(variable));
        }
    }
    Ok(None)
}

fn write(ctx: &mut Ctx, frame: &Obj, index: usize, value: Obj) {
    let kind = frame.expect::<PyFrame>().code().code.local_kinds[index];
    if kind & (local::CELL | local::FREE) != 0 {
        let holder = observe::visit(ctx, frame, |_, view| view.local(index)).flatten();
        if let Some(holder) = holder
            && let Some(cell) = holder.downcast_exact::<PyCell>()
        {
            cell.value.set(ctx, &cell.header, Some(value));
            return;
        }
    }
    observe::put(ctx, frame, index, value);
}

/// The dict of other names, if there is one.
fn extra(ctx: &Ctx, frame: &Obj) -> Option<Obj> {
    let body = frame.expect::<PyFrame>();
    body.extra.get(ctx, &body.header)
}

/// The value of a key; `None` when it has none.
fn lookup(ctx: &mut Ctx, proxy: &Obj, key: &Obj) -> PyResult<Option<Obj>> {
    let frame = frame_of(proxy);
    if let Some(variable) = find(ctx, frame, key)? {
        return Ok(variable.value);
    }
    match extra(ctx, frame) {
        Some(extra) => extra.expect::<PyDict>().get(ctx, key),
        None => Ok(None),
    }
}

/// All names and values.
fn entries(ctx: &mut Ctx, proxy: &Obj) -> PyResult<Vec<(Obj, Obj)>> {
    let frame = frame_of(proxy);
    let mut entries = Vec::new();
    for variable in variables(ctx, frame) {
        if let Some(value) = variable.value {
            let code = frame.expect::<PyFrame>().code();
            let name = str_::intern_text(ctx, &code.code.local_names[variable.index])?;
            entries.push((name, value));
        }
    }
    if let Some(extra) = extra(ctx, frame) {
        entries.extend(extra.expect::<PyDict>().items(ctx));
    }
    Ok(entries)
}

fn to_dict(ctx: &mut Ctx, proxy: &Obj) -> PyResult {
    let result = dict::new(ctx)?;
    for (key, value) in entries(ctx, proxy)? {
        result.expect::<PyDict>().set(ctx, &key, value)?;
    }
    Ok(result)
}

// --- Operations ------------------------------------------------------------------------------------------------

fn new(ctx: &mut Ctx, _: &Obj, args: Args<'_>) -> PyResult {
    if !args.names.is_empty() {
        return Err(raise!(
            ctx,
            TypeError,
            "FrameLocalsProxy takes no keyword arguments"
        ));
    }
    let [frame] = args.pos else {
        return Err(raise!(
            ctx,
            TypeError,
            "FrameLocalsProxy expected 1 argument, got {}",
            args.pos.len()
        ));
    };
    if frame.downcast::<PyFrame>().is_none() {
        let class = protocol::type_name(ctx, frame);
        return Err(raise!(ctx, TypeError, "expect frame, not {class}"));
    }
    of(ctx, frame.clone())
}

fn repr(ctx: &mut Ctx, proxy: &Obj) -> PyResult {
    // The frame is the same for all of its proxies.
    let Some(_guard) = repr_guard::enter(frame_of(proxy)) else {
        return str_::new(ctx, "{...}");
    };
    let copy = to_dict(ctx, proxy)?;
    protocol::repr(ctx, &copy)
}

fn compare(ctx: &mut Ctx, a: &Obj, b: &Obj, op: Comparison) -> PyResult {
    if !matches!(op, Comparison::Eq | Comparison::Ne) {
        return Ok(Obj::NOT_IMPLEMENTED);
    }
    if b.downcast::<PyFrameLocals>().is_some() {
        let same = frame_of(a).is(frame_of(b));
        return Ok(Obj::bool(same == matches!(op, Comparison::Eq)));
    }
    if b.downcast::<PyDict>().is_none() {
        return Ok(Obj::NOT_IMPLEMENTED);
    }
    let copy = to_dict(ctx, a)?;
    protocol::compare(ctx, &copy, b, op)
}

fn len(ctx: &mut Ctx, proxy: &Obj) -> PyResult<usize> {
    Ok(entries(ctx, proxy)?.len())
}

fn contains(ctx: &mut Ctx, proxy: &Obj, key: &Obj) -> PyResult<bool> {
    Ok(lookup(ctx, proxy, key)?.is_some())
}

fn getitem(ctx: &mut Ctx, proxy: &Obj, key: &Obj) -> PyResult {
    match lookup(ctx, proxy, key)? {
        Some(value) => Ok(value),
        None => {
            let key = protocol::repr_string(ctx, key)?;
            let text = str_::new(ctx, &format!("local variable '{key}' is not defined"))?;
            Err(exception::raise_args(
                ctx,
                exception::class::KeyError,
                vec![text],
            ))
        }
    }
}

fn setitem(ctx: &mut Ctx, proxy: &Obj, key: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let frame = frame_of(proxy);
    match (find(ctx, frame, key)?, value) {
        (Some(variable), Some(value)) => write(ctx, frame, variable.index, value.clone()),
        (Some(variable), None) if variable.own => return Err(cannot_remove(ctx)),
        (_, Some(value)) => {
            let others = match extra(ctx, frame) {
                Some(others) => others,
                None => {
                    let made = dict::new(ctx)?;
                    let body = frame.expect::<PyFrame>();
                    body.extra.get_or_put(ctx, &body.header, made)
                }
            };
            others.expect::<PyDict>().set(ctx, key, value.clone())?;
        }
        (_, None) => {
            let removed = match extra(ctx, frame) {
                Some(others) => others.expect::<PyDict>().remove(ctx, key)?,
                None => None,
            };
            if removed.is_none() {
                return Err(key_error(ctx, key));
            }
        }
    }
    ctx.drain();
    Ok(())
}

fn cannot_remove(ctx: &mut Ctx) -> crate::error::Raised {
    raise!(
        ctx,
        ValueError,
        "cannot remove local variables from FrameLocalsProxy"
    )
}

fn is_mapping(value: &Obj) -> bool {
    value.downcast::<PyDict>().is_some() || value.downcast::<PyFrameLocals>().is_some()
}

/// The entries of a dict or another proxy.
fn entries_of(ctx: &mut Ctx, mapping: &Obj) -> PyResult<Vec<(Obj, Obj)>> {
    match mapping.downcast::<PyDict>() {
        Some(dict) => Ok(dict.items(ctx)),
        None => entries(ctx, mapping),
    }
}

fn or(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    if !is_mapping(a) || !is_mapping(b) {
        return Ok(Obj::NOT_IMPLEMENTED);
    }
    let result = dict::new(ctx)?;
    for mapping in [a, b] {
        for (key, value) in entries_of(ctx, mapping)? {
            result.expect::<PyDict>().set(ctx, &key, value)?;
        }
    }
    Ok(result)
}

fn ior(ctx: &mut Ctx, proxy: &Obj, other: &Obj) -> PyResult {
    if !is_mapping(other) {
        return Ok(Obj::NOT_IMPLEMENTED);
    }
    merge(ctx, proxy, other)?;
    Ok(proxy.clone())
}

fn merge(ctx: &mut Ctx, proxy: &Obj, other: &Obj) -> PyResult<()> {
    for (key, value) in entries_of(ctx, other)? {
        setitem(ctx, proxy, &key, Some(&value))?;
    }
    Ok(())
}

// --- Methods ---------------------------------------------------------------------------------------------------

/// The key and the default of `get` or `setdefault`.
fn key_and_default(ctx: &mut Ctx, args: Args<'_>, name: &str) -> PyResult<(Obj, Obj)> {
    if !args.names.is_empty() {
        return Err(raise!(
            ctx,
            TypeError,
            "FrameLocalsProxy.{name}() takes no keyword arguments"
        ));
    }
    match args.pos {
        [key] => Ok((key.clone(), Obj::NONE)),
        [key, default] => Ok((key.clone(), default.clone())),
        _ => Err(raise!(ctx, TypeError, "{name} expected 1 or 2 arguments")),
    }
}

fn get(ctx: &mut Ctx, proxy: &Obj, args: Args<'_>) -> PyResult {
    let (key, default) = key_and_default(ctx, args, "get")?;
    Ok(lookup(ctx, proxy, &key)?.unwrap_or(default))
}

fn setdefault(ctx: &mut Ctx, proxy: &Obj, args: Args<'_>) -> PyResult {
    let (key, default) = key_and_default(ctx, args, "setdefault")?;
    if let Some(value) = lookup(ctx, proxy, &key)? {
        return Ok(value);
    }
    setitem(ctx, proxy, &key, Some(&default))?;
    Ok(default)
}

fn pop(ctx: &mut Ctx, proxy: &Obj, args: &[Obj]) -> PyResult {
    let frame = frame_of(proxy);
    if let Some(variable) = find(ctx, frame, &args[0])?
        && variable.own
    {
        return Err(cannot_remove(ctx));
    }
    let removed = match extra(ctx, frame) {
        Some(others) => others.expect::<PyDict>().remove(ctx, &args[0])?,
        None => None,
    };
    match (removed, args.get(1)) {
        (Some(value), _) => Ok(value),
        (None, Some(default)) => Ok(default.clone()),
        (None, None) => Err(key_error(ctx, &args[0])),
    }
}

fn update(ctx: &mut Ctx, proxy: &Obj, other: &Obj) -> PyResult {
    if !is_mapping(other) {
        return Err(raise!(
            ctx,
            TypeError,
            "update() argument must be dict or another FrameLocalsProxy"
        ));
    }
    merge(ctx, proxy, other)?;
    Ok(Obj::NONE)
}

fn keys(ctx: &mut Ctx, proxy: &Obj) -> PyResult {
    let keys = entries(ctx, proxy)?.into_iter().map(|(key, _)| key);
    list::from_vec(ctx, keys.collect())
}

fn values(ctx: &mut Ctx, proxy: &Obj) -> PyResult {
    let values = entries(ctx, proxy)?.into_iter().map(|(_, value)| value);
    list::from_vec(ctx, values.collect())
}

fn items(ctx: &mut Ctx, proxy: &Obj) -> PyResult {
    let mut items = Vec::new();
    for (key, value) in entries(ctx, proxy)? {
        items.push(super::tuple::from_vec(ctx, vec![key, value])?);
    }
    list::from_vec(ctx, items)
}

fn iter(ctx: &mut Ctx, proxy: &Obj) -> PyResult {
    let keys = keys(ctx, proxy)?;
    protocol::iter(ctx, &keys)
}

fn reversed(ctx: &mut Ctx, proxy: &Obj) -> PyResult {
    let mut keys: Vec<Obj> = entries(ctx, proxy)?
        .into_iter()
        .map(|(key, _)| key)
        .collect();
    keys.reverse();
    list::from_vec(ctx, keys)
}

fn reduce(ctx: &mut Ctx, _: &Obj) -> PyResult {
    Err(raise!(
        ctx,
        TypeError,
        "cannot pickle 'FrameLocalsProxy' object"
    ))
}

static METHODS: &[Method] = &[
    method("get", Native::MA(get)),
    method("setdefault", Native::MA(setdefault)),
    method("pop", Native::MN(1, 2, pop)),
    method("update", Native::M1(update)),
    method("keys", Native::M0(keys)),
    method("values", Native::M0(values)),
    method("items", Native::M0(items)),
    method("copy", Native::M0(to_dict)),
    method("__reversed__", Native::M0(reversed)),
    method("__reduce__", Native::M0(reduce)),
];

/// `FrameLocalsProxy`.
pub static FRAME_LOCALS: TypeDef = TypeDef {
    id: ids::FRAME_LOCALS,
    name: "FrameLocalsProxy",
    base: ids::OBJECT,
    layout: ids::FRAME_LOCALS,
    kind: &Body::<PyFrameLocals>::KIND,
    flags: flag::MAPPING,
    slots: Slots {
        new: Some(new),
        repr: Some(repr),
        hash: Some(protocol::unhashable),
        compare: Some(compare),
        len: Some(len),
        iter: Some(iter),
        getitem: Some(getitem),
        setitem: Some(setitem),
        contains: Some(contains),
        or: Some(or),
        ior: Some(ior),
        ..Slots::NONE
    },
    methods: METHODS,
    getset: &[],
    doc: "",
};
