//! `types.SimpleNamespace`: an object that is its attributes.

use super::args::Args;
use super::define::{GetSet, Method, Native, TypeDef, flag, method};
use super::dict::{self, PyDict};
use super::obj::Obj;
use super::payload::{self, Body, Payload};
use super::slot::Slot;
use super::slots::{Comparison, Slots};
use super::str_::{self, PyStr};
use super::tuple;
use super::type_::{self, PyType, type_of};
use super::{ids, own_dict, protocol};
use crate::error::{PyResult, raise};
use crate::prelude::*;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

/// The body of a namespace.
pub struct PyNamespace {
    dict: Slot,
}

// SAFETY: `trace` reports the dict.
unsafe impl Payload for PyNamespace {
    const ID: u32 = ids::SIMPLE_NAMESPACE;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "SimpleNamespace";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.dict.trace(tracer);
    }
}

/// A namespace with these attributes, a dict.
pub fn from_dict(ctx: &mut Ctx, attributes: Obj) -> PyResult {
    let dict = Slot::new(attributes);
    payload::new(ctx, PyNamespace { dict })
}

fn new(ctx: &mut Ctx, class: &Obj, _: Args<'_>) -> PyResult {
    let id = class.expect::<PyType>().id;
    let dict = Slot::new(dict::new(ctx)?);
    payload::allocate(ctx, id, PyNamespace { dict })
}

fn attributes(ctx: &Ctx, x: &Obj) -> Option<Obj> {
    let body = x.expect::<PyNamespace>();
    body.dict.get(ctx, &body.header)
}

/// The attributes, each name a str.
fn own(ctx: &mut Ctx, x: &Obj) -> PyResult {
    match attributes(ctx, x) {
        Some(dict) => Ok(dict),
        None => dict::new(ctx),
    }
}

fn init(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult<()> {
    if args.pos.len() > 1 {
        return Err(raise!(
            ctx,
            TypeError,
            "SimpleNamespace expected at most 1 argument, got {}",
            args.pos.len()
        ));
    }
    let mine = own(ctx, x)?;
    if let Some(source) = args.pos.first() {
        let given = dict::new(ctx)?;
        dict::methods::update_from(ctx, &given, source)?;
        let pairs = given.expect::<PyDict>().items(ctx);
        if pairs
            .iter()
            .any(|(key, _)| key.downcast::<PyStr>().is_none())
        {
            return Err(raise!(ctx, TypeError, "keywords must be strings"));
        }
        for (key, value) in pairs {
            let key = str_::intern_obj(ctx, &key)?;
            mine.expect::<PyDict>().set_name(ctx, &key, value)?;
        }
    }
    for (name, value) in args.names.iter().zip(args.values) {
        let name = str_::intern_obj(ctx, name)?;
        mine.expect::<PyDict>()
            .set_name(ctx, &name, value.clone())?;
    }
    Ok(())
}

fn repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let class = type_of(ctx, x);
    let name = if class.id == ids::SIMPLE_NAMESPACE {
        "namespace".to_owned()
    } else {
        protocol::class_name(ctx, class)
    };
    let Some(_guard) = super::repr_guard::enter(x) else {
        return str_::new(ctx, &format!("{name}(...)"));
    };
    let mine = own(ctx, x)?;
    let mut parts = Vec::new();
    for (key, value) in mine.expect::<PyDict>().items(ctx) {
        let value = protocol::repr_string(ctx, &value)?;
        parts.push(format!("{}={value}", own_dict::text(&key)));
    }
    str_::new(ctx, &format!("{name}({})", parts.join(", ")))
}

fn compare(ctx: &mut Ctx, a: &Obj, b: &Obj, op: Comparison) -> PyResult {
    if b.downcast::<PyNamespace>().is_none() {
        return Ok(Obj::NOT_IMPLEMENTED);
    }
    let (x, y) = (own(ctx, a)?, own(ctx, b)?);
    protocol::compare(ctx, &x, &y, op)
}

fn getattr(ctx: &mut Ctx, x: &Obj, name: &Obj) -> PyResult {
    own_dict::getattr(ctx, x, name, attributes)
}

fn setattr(ctx: &mut Ctx, x: &Obj, name: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let mine = own(ctx, x)?;
    own_dict::setattr(ctx, x, name, value, &mine)
}

fn set_dict(ctx: &mut Ctx, x: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let value = own_dict::check_dict(ctx, value)?;
    let body = x.expect::<PyNamespace>();
    body.dict.set(ctx, &body.header, Some(value));
    Ok(())
}

fn reduce(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let class = type_of(ctx, x).to_obj();
    let state = own(ctx, x)?;
    let args = crate::vm::thread::empty_tuple(ctx);
    tuple::from_vec(ctx, vec![class, args, state])
}

fn replace(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    if !args.pos.is_empty() {
        return Err(raise!(
            ctx,
            TypeError,
            "__replace__() takes no positional arguments"
        ));
    }
    let class = type_of(ctx, x).to_obj();
    let copy = protocol::call(ctx, &class, &[])?;
    if copy.downcast::<PyNamespace>().is_none() {
        let made = protocol::type_name(ctx, &copy);
        let class = type_::full_name(ctx, &class)?;
        return Err(raise!(
            ctx,
            TypeError,
            "expect types.SimpleNamespace type, but {class}() returned '{made}' object"
        ));
    }
    let (from, to) = (own(ctx, x)?, protocol::getattr_str(ctx, &copy, "__dict__")?);
    for (key, value) in from.expect::<PyDict>().items(ctx) {
        if let Some(to) = to.downcast::<PyDict>() {
            to.set(ctx, &key, value)?;
        }
    }
    for (name, value) in args.names.iter().zip(args.values) {
        let name = str_::intern_obj(ctx, name)?;
        protocol::setattr(ctx, &copy, &name, Some(value))?;
    }
    Ok(copy)
}

static METHODS: &[Method] = &[
    method("__reduce__", Native::M0(reduce)),
    method("__replace__", Native::MA(replace)),
];

static GETSET: &[GetSet] = &[GetSet {
    name: "__dict__",
    get: own,
    set: Some(set_dict),
    member: true,
}];

/// `types.SimpleNamespace`.
pub static SIMPLE_NAMESPACE: TypeDef = TypeDef {
    id: ids::SIMPLE_NAMESPACE,
    name: "types.SimpleNamespace",
    base: ids::OBJECT,
    layout: ids::SIMPLE_NAMESPACE,
    kind: &Body::<PyNamespace>::KIND,
    flags: flag::BASE | flag::DICT,
    slots: Slots {
        new: Some(new),
        init: Some(init),
        repr: Some(repr),
        compare: Some(compare),
        hash: Some(protocol::unhashable),
        getattr: Some(getattr),
        setattr: Some(setattr),
        ..Slots::NONE
    },
    methods: METHODS,
    getset: GETSET,
    doc: "SimpleNamespace(mapping_or_iterable=(), /, **kwargs): an object that is its attributes.",
};
