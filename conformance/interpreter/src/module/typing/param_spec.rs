//! `ParamSpec`: a parameter that stands for the parameters of a callable; `P.args` and `P.kwargs`.

use super::lazily::Lazy;
use super::parameter::{self, TypeParam};
use crate::error::PyResult;
use crate::object::args::{Args, Signature};
use crate::object::define::{Native, TypeDef, flag, getter, member, method};
use crate::object::ids::{self, tailed};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slots::{Comparison, Slots};
use crate::object::type_::type_id_of;
use crate::object::{protocol, str_};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

static SIGNATURE: Signature = Signature {
    name: "paramspec",
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
    let [name, bound, default, covariant, contravariant, infer] =
        args.bind::<6>(ctx, &SIGNATURE)?;
    let name = parameter::name_argument(ctx, "paramspec", name)?;
    let variance = parameter::variance_argument(ctx, [covariant, contravariant, infer])?;
    let bound = parameter::bound_argument(ctx, bound)?;
    let body = TypeParam {
        name,
        bound: Lazy::known(bound),
        constraints: Lazy::empty(),
        default: parameter::default_argument(default),
        variance,
    };
    let made = parameter::make(ctx, tailed::PARAM_SPEC, body)?;
    parameter::set_module(ctx, &made)?;
    Ok(made)
}

fn substitute(ctx: &mut Ctx, x: &Obj, value: &Obj) -> PyResult {
    parameter::delegate(ctx, "_paramspec_subst", &[x, value])
}

fn prepare(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let function = "_paramspec_prepare_subst";
    parameter::delegate(ctx, function, &[x, &args[0], &args[1]])
}

fn args(ctx: &mut Ctx, x: &Obj) -> PyResult {
    payload::allocate(ctx, ids::PARAM_SPEC_ARGS, Part { origin: x.clone() })
}

fn kwargs(ctx: &mut Ctx, x: &Obj) -> PyResult {
    payload::allocate(ctx, ids::PARAM_SPEC_KWARGS, Part { origin: x.clone() })
}

/// `typing.ParamSpec`.
pub static PARAM_SPEC: TypeDef = TypeDef {
    id: tailed::PARAM_SPEC,
    name: "typing.ParamSpec",
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
    methods: &[
        method("__mro_entries__", Native::M1(parameter::mro_entries)),
        method("__reduce__", Native::M0(parameter::reduce)),
        method("__typing_subst__", Native::M1(substitute)),
        method("__typing_prepare_subst__", Native::MN(2, 2, prepare)),
        method("has_default", Native::M0(parameter::has_default)),
    ],
    getset: &[
        member("__name__", parameter::name),
        member("__bound__", parameter::bound),
        getter("__default__", parameter::default),
        getter("evaluate_default", parameter::evaluate_default),
        member("__covariant__", parameter::covariant),
        member("__contravariant__", parameter::contravariant),
        member("__infer_variance__", parameter::infer_variance),
        getter("args", args),
        getter("kwargs", kwargs),
    ],
    doc: "A parameter that stands for the parameters of a callable.",
};

// --- P.args, P.kwargs ----------------------------------------------------------------------------

/// The body of `P.args` and `P.kwargs`.
pub struct Part {
    origin: Obj,
}

// SAFETY: `trace` reports the parameter.
unsafe impl Payload for Part {
    const ID: u32 = ids::PARAM_SPEC_ARGS;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "ParamSpecArgs";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.word(self.origin.word());
    }
}

fn new_part(ctx: &mut Ctx, name: &'static str, id: u32, args: Args<'_>) -> PyResult {
    let signature = Signature {
        name,
        params: &["origin"],
        posonly: 0,
        positional: 1,
        required: 1,
    };
    let [origin] = args.bind::<1>(ctx, &signature)?;
    let origin = origin.cloned().unwrap_or(Obj::NONE);
    payload::allocate(ctx, id, Part { origin })
}

fn new_args(ctx: &mut Ctx, _: &Obj, args: Args<'_>) -> PyResult {
    new_part(ctx, "paramspecargs", ids::PARAM_SPEC_ARGS, args)
}

fn new_kwargs(ctx: &mut Ctx, _: &Obj, args: Args<'_>) -> PyResult {
    new_part(ctx, "paramspeckwargs", ids::PARAM_SPEC_KWARGS, args)
}

fn origin(_: &mut Ctx, x: &Obj) -> PyResult {
    Ok(x.expect::<Part>().origin.clone())
}

fn repr_part(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let origin = x.expect::<Part>().origin.clone();
    let name = match origin.downcast::<TypeParam>() {
        Some(body) => protocol::str_string(ctx, &body.name)?,
        None => protocol::repr_string(ctx, &origin)?,
    };
    let part = if type_id_of(x) == ids::PARAM_SPEC_ARGS {
        "args"
    } else {
        "kwargs"
    };
    str_::new(ctx, &format!("{name}.{part}"))
}

fn compare(ctx: &mut Ctx, a: &Obj, b: &Obj, op: Comparison) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<Part>(), b.downcast::<Part>()) else {
        return Ok(Obj::NOT_IMPLEMENTED);
    };
    if type_id_of(a) != type_id_of(b) || !matches!(op, Comparison::Eq | Comparison::Ne) {
        return Ok(Obj::NOT_IMPLEMENTED);
    }
    protocol::compare(ctx, &x.origin, &y.origin, op)
}

const PART_SLOTS: Slots = Slots {
    repr: Some(repr_part),
    compare: Some(compare),
    hash: Some(protocol::unhashable),
    ..Slots::NONE
};

/// `typing.ParamSpecArgs`.
pub static PARAM_SPEC_ARGS: TypeDef = TypeDef {
    id: ids::PARAM_SPEC_ARGS,
    name: "typing.ParamSpecArgs",
    base: ids::OBJECT,
    layout: ids::PARAM_SPEC_ARGS,
    kind: &Body::<Part>::KIND,
    flags: flag::WEAKREF | flag::IMMUTABLE,
    slots: Slots {
        new: Some(new_args),
        ..PART_SLOTS
    },
    methods: &[method(
        "__mro_entries__",
        Native::M1(parameter::mro_entries),
    )],
    getset: &[member("__origin__", origin)],
    doc: "The positional parameters that a ParamSpec stands for.",
};

/// `typing.ParamSpecKwargs`.
pub static PARAM_SPEC_KWARGS: TypeDef = TypeDef {
    id: ids::PARAM_SPEC_KWARGS,
    name: "typing.ParamSpecKwargs",
    base: ids::OBJECT,
    layout: ids::PARAM_SPEC_ARGS,
    kind: &Body::<Part>::KIND,
    flags: flag::WEAKREF | flag::IMMUTABLE,
    slots: Slots {
        new: Some(new_kwargs),
        ..PART_SLOTS
    },
    methods: &[method(
        "__mro_entries__",
        Native::M1(parameter::mro_entries),
    )],
    getset: &[member("__origin__", origin)],
    doc: "The keyword parameters that a ParamSpec stands for.",
};
