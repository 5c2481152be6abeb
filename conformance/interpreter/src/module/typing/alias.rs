//! `TypeAliasType`: what `type X = ...` makes.

use super::lazily::Lazy;
use super::parameter::{self, TypeParam};
use crate::error::{PyResult, raise};
use crate::object::args::{Args, Signature};
use crate::object::define::{Native, TypeDef, flag, getter, member, method};
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slots::Slots;
use crate::object::tuple::{self, PyTuple};
use crate::object::{generic_alias, ids, protocol, str_, union_};
use crate::prelude::*;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

/// The body of a type alias.
pub struct TypeAlias {
    name: Obj,
    /// Its type parameters, a tuple.
    parameters: Obj,
    /// The module that made it by a call, or `None`.
    module: Obj,
    value: Lazy,
}

// SAFETY: `trace` reports all references.
unsafe impl Payload for TypeAlias {
    const ID: u32 = ids::TYPE_ALIAS;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "type alias";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        for value in [&self.name, &self.parameters, &self.module] {
            tracer.word(value.word());
        }
        self.value.trace(tracer);
    }

    fn clear(&self, ctx: &mut Ctx) {
        self.value.clear(ctx);
    }
}

/// The alias of a `type` statement.
pub fn declared(ctx: &mut Ctx, name: Obj, parameters: Obj, evaluate: Obj) -> PyResult {
    let parameters = if parameters.is_none() {
        tuple::from_vec(ctx, Vec::new())?
    } else {
        parameters
    };
    let value = Lazy::computed(evaluate);
    let alias = TypeAlias {
        name,
        parameters,
        module: Obj::NONE,
        value,
    };
    payload::new(ctx, alias)
}

static SIGNATURE: Signature = Signature {
    name: "typealias",
    params: &["name", "value", "type_params"],
    posonly: 0,
    positional: 2,
    required: 2,
};

fn new(ctx: &mut Ctx, _: &Obj, args: Args<'_>) -> PyResult {
    let [name, value, parameters] = args.bind::<3>(ctx, &SIGNATURE)?;
    let name = parameter::name_argument(ctx, "typealias", name)?;
    let parameters = match parameters {
        None => tuple::from_vec(ctx, Vec::new())?,
        Some(given) if given.downcast::<PyTuple>().is_some() => given.clone(),
        Some(_) => return Err(raise!(ctx, TypeError, "type_params must be a tuple")),
    };
    let mut defaults = false;
    for item in parameters.expect::<PyTuple>().items() {
        let Some(body) = item.downcast::<TypeParam>() else {
            let item = protocol::repr_string(ctx, item)?;
            return Err(raise!(ctx, TypeError, "Expected a type param, got {item}"));
        };
        let optional = !body.default.is_empty();
        if defaults && !optional {
            let item = protocol::repr_string(ctx, item)?;
            return Err(raise!(
                ctx,
                TypeError,
                "non-default type parameter '{item}' follows default type parameter"
            ));
        }
        defaults |= optional;
    }
    let alias = TypeAlias {
        name,
        parameters,
        module: parameter::caller(ctx).unwrap_or(Obj::NONE),
        value: Lazy::known(value.cloned()),
    };
    payload::new(ctx, alias)
}

fn name(_: &mut Ctx, x: &Obj) -> PyResult {
    Ok(x.expect::<TypeAlias>().name.clone())
}

fn repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let name = name(ctx, x)?;
    let name = protocol::str_string(ctx, &name)?;
    str_::new(ctx, &name)
}

fn value(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let body = x.expect::<TypeAlias>();
    let value = body.value.get(ctx, &body.header)?;
    Ok(value.unwrap_or(Obj::NONE))
}

fn evaluate_value(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let body = x.expect::<TypeAlias>();
    body.value.evaluator(ctx, &body.header)
}

fn type_params(_: &mut Ctx, x: &Obj) -> PyResult {
    Ok(x.expect::<TypeAlias>().parameters.clone())
}

fn parameters(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let parameters = x.expect::<TypeAlias>().parameters.clone();
    parameter::unpacked(ctx, parameters.expect::<PyTuple>().items())
}

fn module(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let body = x.expect::<TypeAlias>();
    if !body.module.is_none() {
        return Ok(body.module.clone());
    }
    match body.value.function(ctx, &body.header) {
        Some(function) => protocol::getattr(ctx, &function, &names(ctx).module),
        None => Ok(Obj::NONE),
    }
}

fn getitem(ctx: &mut Ctx, x: &Obj, item: &Obj) -> PyResult {
    let body = x.expect::<TypeAlias>();
    if body.parameters.expect::<PyTuple>().items().is_empty() {
        return Err(raise!(
            ctx,
            TypeError,
            "Only generic type aliases are subscriptable"
        ));
    }
    generic_alias::new(ctx, x, item)
}

fn iter(ctx: &mut Ctx, x: &Obj) -> PyResult {
    super::unpack_iter(ctx, x)
}

/// `typing.TypeAliasType`.
pub static TYPE_ALIAS: TypeDef = TypeDef {
    id: ids::TYPE_ALIAS,
    name: "typing.TypeAliasType",
    base: ids::OBJECT,
    layout: ids::TYPE_ALIAS,
    kind: &Body::<TypeAlias>::KIND,
    flags: flag::WEAKREF | flag::IMMUTABLE,
    slots: Slots {
        new: Some(new),
        repr: Some(repr),
        getitem: Some(getitem),
        iter: Some(iter),
        or: Some(union_::or),
        ..Slots::NONE
    },
    methods: &[method("__reduce__", Native::M0(name))],
    getset: &[
        member("__name__", name),
        getter("__value__", value),
        getter("evaluate_value", evaluate_value),
        getter("__type_params__", type_params),
        getter("__parameters__", parameters),
        getter("__module__", module),
    ],
    doc: "A name for a type, made by a type statement.",
};
