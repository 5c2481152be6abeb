//! `TypeVar`: a parameter that stands for a type.

use super::lazily::Lazy;
use super::parameter::{self, TypeParam};
use crate::error::{PyResult, raise};
use crate::object::args::{Args, Signature};
use crate::object::define::{GetSet, Method, Native, TypeDef, flag, getter, member, method};
use crate::object::ids::{self, tailed};
use crate::object::obj::Obj;
use crate::object::payload::Body;
use crate::object::slots::Slots;
use crate::object::{protocol, str_, tuple};
use crate::prelude::*;
use kit_core::thread::Ctx;

static SIGNATURE: Signature = Signature {
    name: "typevar",
    params: &[
        "name",
        "bound",
        "default",
        "covariant",
        "contravariant",
        "infer_variance",
    ],
    posonly: 0,
    positional: 1,
    required: 1,
};

fn new(ctx: &mut Ctx, _: &Obj, args: Args<'_>) -> PyResult {
    let (first, constraints) = args.pos.split_at(args.pos.len().min(1));
    let plain = Args { pos: first, ..args };
    let [name, bound, default, covariant, contravariant, infer] =
        plain.bind::<6>(ctx, &SIGNATURE)?;
    let name = parameter::name_argument(ctx, "typevar", name)?;
    let variance = parameter::variance_argument(ctx, [covariant, contravariant, infer])?;
    let bound = parameter::bound_argument(ctx, bound)?;
    let constraints = match constraints {
        [] => None,
        [_] => {
            return Err(raise!(ctx, TypeError, "A single constraint is not allowed"));
        }
        _ if bound.is_some() => {
            return Err(raise!(
                ctx,
                TypeError,
                "Constraints cannot be combined with bound=..."
            ));
        }
        several => Some(tuple::from_slice(ctx, several)?),
    };
    let body = TypeParam {
        name,
        bound: Lazy::known(bound),
        constraints: Lazy::known(constraints),
        default: parameter::default_argument(default),
        variance,
    };
    let made = parameter::make(ctx, tailed::TYPE_VAR, body)?;
    parameter::set_module(ctx, &made)?;
    Ok(made)
}

fn constraints(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let body = x.expect::<TypeParam>();
    match body.constraints.get(ctx, &body.header)? {
        Some(constraints) => Ok(constraints),
        None => tuple::from_vec(ctx, Vec::new()),
    }
}

fn evaluate_bound(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let body = x.expect::<TypeParam>();
    body.bound.evaluator(ctx, &body.header)
}

fn evaluate_constraints(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let body = x.expect::<TypeParam>();
    body.constraints.evaluator(ctx, &body.header)
}

fn substitute(ctx: &mut Ctx, x: &Obj, value: &Obj) -> PyResult {
    parameter::delegate(ctx, "_typevar_subst", &[x, value])
}

/// The arguments of `alias[...]`, with the parameter's default if it is the next one that is missing.
fn prepare(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let [alias, args] = args else {
        return Ok(Obj::NONE);
    };
    let parameters = protocol::getattr_str(ctx, alias, "__parameters__")?;
    let parameters = protocol::collect(ctx, &parameters)?;
    let given = protocol::len(ctx, args)?;
    let index = parameters.iter().position(|p| p.is(x));
    let index = index.unwrap_or(parameters.len());
    if index < given {
        return Ok(args.clone());
    }
    let body = x.expect::<TypeParam>();
    if index == given
        && let Some(default) = body.default.get(ctx, &body.header)?
    {
        let mut all = protocol::collect(ctx, args)?;
        all.push(default);
        return tuple::from_vec(ctx, all);
    }
    let alias = protocol::str_string(ctx, alias)?;
    Err(raise!(
        ctx,
        TypeError,
        "Too few arguments for {alias}; actual {given}, expected at least {}",
        index + 1
    ))
}

static METHODS: &[Method] = &[
    method("__mro_entries__", Native::M1(parameter::mro_entries)),
    method("__reduce__", Native::M0(parameter::reduce)),
    method("__typing_subst__", Native::M1(substitute)),
    method("__typing_prepare_subst__", Native::MN(2, 2, prepare)),
    method("has_default", Native::M0(parameter::has_default)),
];

static GETSET: &[GetSet] = &[
    member("__name__", parameter::name),
    getter("__bound__", parameter::bound),
    getter("__constraints__", constraints),
    getter("__default__", parameter::default),
    getter("evaluate_bound", evaluate_bound),
    getter("evaluate_constraints", evaluate_constraints),
    getter("evaluate_default", parameter::evaluate_default),
    member("__covariant__", parameter::covariant),
    member("__contravariant__", parameter::contravariant),
    member("__infer_variance__", parameter::infer_variance),
];

/// `typing.TypeVar`.
pub static TYPE_VAR: TypeDef = TypeDef {
    id: tailed::TYPE_VAR,
    name: "typing.TypeVar",
    base: ids::OBJECT,
    layout: ids::TYPE_VAR,
    kind: &Body::<TypeParam>::KIND,
    flags: flag::DICT | flag::WEAKREF | flag::IMMUTABLE,
    slots: Slots {
        new: Some(new),
        repr: Some(parameter::repr),
        or: Some(parameter::or),
        ..Slots::NONE
    },
    methods: METHODS,
    getset: GETSET,
    doc: "A parameter that stands for a type.",
};

/// A `TypeVar` of a type parameter list; `constraints` says what `evaluate` computes.
pub fn declared(ctx: &mut Ctx, name: Obj, evaluate: Option<Obj>, constraints: bool) -> PyResult {
    let mut body = TypeParam::named(name, parameter::INFER);
    if let Some(evaluate) = evaluate {
        let lazy = Lazy::computed(evaluate);
        if constraints {
            body.constraints = lazy;
        } else {
            body.bound = lazy;
        }
    }
    parameter::make(ctx, tailed::TYPE_VAR, body)
}

/// `TypeVarTuple`.
mod tuple_of {
    use super::*;

    static SIGNATURE: Signature = Signature {
        name: "typevartuple",
        params: &["name", "default"],
        posonly: 0,
        positional: 1,
        required: 1,
    };

    pub(super) fn new(ctx: &mut Ctx, _: &Obj, args: Args<'_>) -> PyResult {
        let [name, default] = args.bind::<2>(ctx, &SIGNATURE)?;
        let mut body = TypeParam::named(parameter::name_argument(ctx, "typevartuple", name)?, 0);
        body.default = parameter::default_argument(default);
        let made = parameter::make(ctx, tailed::TYPE_VAR_TUPLE, body)?;
        parameter::set_module(ctx, &made)?;
        Ok(made)
    }

    pub(super) fn repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
        let name = x.expect::<TypeParam>().name.clone();
        let name = protocol::str_string(ctx, &name)?;
        str_::new(ctx, &name)
    }

    pub(super) fn iter(ctx: &mut Ctx, x: &Obj) -> PyResult {
        super::super::unpack_iter(ctx, x)
    }

    pub(super) fn substitute(ctx: &mut Ctx, _: &Obj, _: &Obj) -> PyResult {
        Err(raise!(
            ctx,
            TypeError,
            "Substitution of bare TypeVarTuple is not supported"
        ))
    }

    pub(super) fn prepare(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
        let function = "_typevartuple_prepare_subst";
        parameter::delegate(ctx, function, &[x, &args[0], &args[1]])
    }
}

/// `typing.TypeVarTuple`.
pub static TYPE_VAR_TUPLE: TypeDef = TypeDef {
    id: tailed::TYPE_VAR_TUPLE,
    name: "typing.TypeVarTuple",
    base: ids::OBJECT,
    layout: ids::TYPE_VAR,
    kind: &Body::<TypeParam>::KIND,
    flags: flag::DICT | flag::WEAKREF | flag::IMMUTABLE,
    slots: Slots {
        new: Some(tuple_of::new),
        repr: Some(tuple_of::repr),
        iter: Some(tuple_of::iter),
        ..Slots::NONE
    },
    methods: &[
        method("__mro_entries__", Native::M1(parameter::mro_entries)),
        method("__reduce__", Native::M0(parameter::reduce)),
        method("__typing_subst__", Native::M1(tuple_of::substitute)),
        method(
            "__typing_prepare_subst__",
            Native::MN(2, 2, tuple_of::prepare),
        ),
        method("has_default", Native::M0(parameter::has_default)),
    ],
    getset: &[
        member("__name__", parameter::name),
        getter("__default__", parameter::default),
        getter("evaluate_default", parameter::evaluate_default),
    ],
    doc: "A parameter that stands for any number of types.",
};
