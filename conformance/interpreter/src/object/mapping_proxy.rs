//! `mappingproxy`: a mapping that cannot be changed through it; the `__dict__` of classes.

use super::args::{Args, Signature};
use super::define::{Method, Native, TypeDef, flag, method};
use super::dict::{self, PyDict};
use super::list::PyList;
use super::names::names;
use super::obj::Obj;
use super::payload::{self, Body, Payload};
use super::protocol::{self, operator};
use super::slots::{Comparison, Slots};
use super::tuple::PyTuple;
use super::{ids, str_};
use crate::error::{PyResult, raise};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

/// The body of a mapping proxy.
pub struct PyMappingProxy {
    /// The mapping.
    pub mapping: Obj,
}

// SAFETY: `trace` reports the mapping.
unsafe impl Payload for PyMappingProxy {
    const ID: u32 = ids::MAPPING_PROXY;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "mappingproxy";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.word(self.mapping.word());
    }
}

/// A proxy of `mapping`.
pub fn of(ctx: &mut Ctx, mapping: Obj) -> PyResult {
    payload::new(ctx, PyMappingProxy { mapping })
}

fn inner(x: &Obj) -> &Obj {
    &x.expect::<PyMappingProxy>().mapping
}

fn new(ctx: &mut Ctx, _: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "mappingproxy",
        params: &["mapping"],
        posonly: 0,
        positional: 1,
        required: 1,
    };
    let [mapping] = args.bind(ctx, &SIGNATURE)?;
    let mapping = mapping.unwrap_or(Obj::none());
    let subscriptable = super::type_::type_of(ctx, mapping)
        .slots(ctx)
        .getitem
        .is_some();
    let sequence =
        mapping.downcast::<PyList>().is_some() || mapping.downcast::<PyTuple>().is_some();
    if !subscriptable || sequence {
        let given = protocol::type_name(ctx, mapping);
        return Err(raise!(
            ctx,
            TypeError,
            "mappingproxy() argument must be a mapping, not {given}"
        ));
    }
    of(ctx, mapping.clone())
}

fn repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let text = protocol::repr_string(ctx, inner(x))?;
    str_::new(ctx, &format!("mappingproxy({text})"))
}

fn str(ctx: &mut Ctx, x: &Obj) -> PyResult {
    protocol::str(ctx, inner(x))
}

fn hash(ctx: &mut Ctx, x: &Obj) -> PyResult<i64> {
    protocol::hash(ctx, inner(x))
}

fn compare(ctx: &mut Ctx, a: &Obj, b: &Obj, op: Comparison) -> PyResult {
    let b = b.downcast::<PyMappingProxy>().map_or(b, |p| &p.mapping);
    protocol::compare(ctx, inner(a), b, op)
}

fn len(ctx: &mut Ctx, x: &Obj) -> PyResult<usize> {
    protocol::len(ctx, inner(x))
}

fn iter(ctx: &mut Ctx, x: &Obj) -> PyResult {
    protocol::iter(ctx, inner(x))
}

fn getitem(ctx: &mut Ctx, x: &Obj, key: &Obj) -> PyResult {
    protocol::getitem(ctx, inner(x), key)
}

fn contains(ctx: &mut Ctx, x: &Obj, key: &Obj) -> PyResult<bool> {
    match inner(x).downcast_exact::<PyDict>() {
        Some(dict) => Ok(dict.get(ctx, key)?.is_some()),
        None => protocol::contains(ctx, inner(x), key),
    }
}

fn or(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    let strip = |x: &Obj| {
        x.downcast::<PyMappingProxy>()
            .map_or(x.clone(), |p| p.mapping.clone())
    };
    protocol::binary(ctx, &strip(a), &strip(b), operator::OR)
}

fn ior(ctx: &mut Ctx, a: &Obj, _: &Obj) -> PyResult {
    let class = protocol::type_name(ctx, a);
    Err(raise!(
        ctx,
        TypeError,
        "'|=' is not supported by {class}; use '|' instead"
    ))
}

fn get(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let default = args.get(1).unwrap_or(Obj::none());
    match inner(x).downcast_exact::<PyDict>() {
        Some(dict) => Ok(dict.get(ctx, &args[0])?.unwrap_or_else(|| default.clone())),
        None => {
            let name = str_::intern(ctx, "get");
            protocol::call_method(ctx, inner(x), &name, &[args[0].clone(), default.clone()])
        }
    }
}

fn copy(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let Some(source) = inner(x).downcast_exact::<PyDict>() else {
        let name = str_::intern(ctx, "copy");
        return protocol::call_method(ctx, inner(x), &name, &[]);
    };
    let result = dict::new(ctx)?;
    for (key, value) in source.items(ctx) {
        result.expect::<PyDict>().set(ctx, &key, value)?;
    }
    Ok(result)
}

fn keys(ctx: &mut Ctx, x: &Obj) -> PyResult {
    protocol::call_method(ctx, inner(x), &names(ctx).keys, &[])
}

fn values(ctx: &mut Ctx, x: &Obj) -> PyResult {
    protocol::call_method(ctx, inner(x), &names(ctx).values, &[])
}

fn items(ctx: &mut Ctx, x: &Obj) -> PyResult {
    protocol::call_method(ctx, inner(x), &names(ctx).items, &[])
}

fn reversed(ctx: &mut Ctx, x: &Obj) -> PyResult {
    protocol::call_method(ctx, inner(x), &names(ctx).reversed, &[])
}

static METHODS: &[Method] = &[
    method("get", Native::MN(1, 2, get)),
    method("keys", Native::M0(keys)),
    method("values", Native::M0(values)),
    method("items", Native::M0(items)),
    method("copy", Native::M0(copy)),
    method("__reversed__", Native::M0(reversed)),
    method(
        "__class_getitem__",
        Native::C1(super::generic_alias::class_getitem),
    ),
];

/// `mappingproxy`.
pub static MAPPING_PROXY: TypeDef = TypeDef {
    id: ids::MAPPING_PROXY,
    name: "mappingproxy",
    base: ids::OBJECT,
    layout: ids::MAPPING_PROXY,
    kind: &Body::<PyMappingProxy>::KIND,
    flags: flag::MAPPING,
    slots: Slots {
        new: Some(new),
        repr: Some(repr),
        str: Some(str),
        hash: Some(hash),
        compare: Some(compare),
        len: Some(len),
        iter: Some(iter),
        getitem: Some(getitem),
        contains: Some(contains),
        or: Some(or),
        ior: Some(ior),
        ..Slots::NONE
    },
    methods: METHODS,
    getset: &[],
    doc: "A read-only view of a mapping.",
};
