//! `_typing`: type parameters, type aliases and `Generic`, which the language's own syntax makes.
//!
//! Here are the objects; what may be done with them (checks, substitution of one parameter by another's arguments) is Python,
//! in the library's `typing`, and imported when it is first needed.
//!
//! | file         | what                                              |
//! |--------------|---------------------------------------------------|
//! | `parameter`  | what all type parameters are                      |
//! | `type_var`   | `TypeVar`, `TypeVarTuple`                         |
//! | `param_spec` | `ParamSpec`, its `args` and `kwargs`              |
//! | `alias`      | `TypeAliasType`                                   |
//! | `lazily`     | bounds, defaults and values, computed when wanted |

pub mod alias;
pub mod lazily;
pub mod param_spec;
pub mod parameter;
pub mod type_var;

use crate::error::{PyResult, raise};
use crate::object::args::Args;
use crate::object::define::{ModuleDef, Native, TypeDef, flag, method};
use crate::object::ids::{self, tailed};
use crate::object::obj::Obj;
use crate::object::object_::PyObject;
use crate::object::payload::Body;
use crate::object::slots::Slots;
use crate::object::tuple::PyTuple;
use crate::object::type_::{PyType, type_id_of, type_object};
use crate::object::{module, protocol, str_, tuple};
use crate::op::{Intrinsic1, Intrinsic2};
use kit_core::thread::Ctx;

// --- typing, in Python ---------------------------------------------------------------------------

/// A name of the module `typing`.
fn typing(ctx: &mut Ctx, name: &str) -> PyResult {
    let module = super::import::load(ctx, "typing")?;
    protocol::getattr_str(ctx, &module, name)
}

/// Calls a function of `typing`.
pub fn call_typing(ctx: &mut Ctx, name: &str, args: &[Obj]) -> PyResult {
    let function = typing(ctx, name)?;
    protocol::call(ctx, &function, args)
}

/// What stands for `x` among type arguments; TypeError with `message` if it cannot.
pub fn type_check(ctx: &mut Ctx, x: &Obj, message: &str) -> PyResult {
    let id = type_id_of(x);
    if x.is_none() {
        return Ok(type_object(ctx, ids::NONE_TYPE));
    }
    let plain = match x.downcast::<PyType>() {
        Some(class) => class.id < ids::FIRST_DYNAMIC && class.id != ids::GENERIC,
        None => matches!(
            id,
            tailed::TYPE_VAR
                | tailed::PARAM_SPEC
                | ids::UNION
                | ids::GENERIC_ALIAS
                | ids::TYPE_ALIAS
        ),
    };
    if plain {
        return Ok(x.clone());
    }
    let message = str_::new(ctx, message)?;
    call_typing(ctx, "_type_check", &[x.clone(), message])
}

/// `typing.Unpack[x]`.
pub fn unpack(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let unpack = typing(ctx, "Unpack")?;
    protocol::getitem(ctx, &unpack, x)
}

/// The iterator behind `*x` among type arguments.
pub fn unpack_iter(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let unpacked = unpack(ctx, x)?;
    let single = tuple::from_vec(ctx, vec![unpacked])?;
    protocol::iter(ctx, &single)
}

// --- NoDefault -----------------------------------------------------------------------------------

/// `typing.NoDefault`.
pub const NO_DEFAULT_VALUE: Obj = Obj::constant(7);

fn no_default_new(ctx: &mut Ctx, _: &Obj, args: Args<'_>) -> PyResult {
    if !args.pos.is_empty() || !args.names.is_empty() {
        return Err(raise!(ctx, TypeError, "NoDefaultType takes no arguments"));
    }
    Ok(NO_DEFAULT_VALUE)
}

fn no_default_repr(ctx: &mut Ctx, _: &Obj) -> PyResult {
    str_::new(ctx, "typing.NoDefault")
}

fn no_default_reduce(ctx: &mut Ctx, _: &Obj) -> PyResult {
    str_::new(ctx, "NoDefault")
}

/// The type of `NoDefault`.
pub static NO_DEFAULT: TypeDef = TypeDef {
    id: ids::NO_DEFAULT,
    name: "NoDefaultType",
    base: ids::OBJECT,
    layout: ids::NO_DEFAULT,
    kind: &Body::<PyObject>::KIND,
    flags: flag::IMMUTABLE,
    slots: Slots {
        new: Some(no_default_new),
        repr: Some(no_default_repr),
        ..Slots::NONE
    },
    methods: &[method("__reduce__", Native::M0(no_default_reduce))],
    getset: &[],
    doc: "The type of NoDefault.",
};

// --- Generic -------------------------------------------------------------------------------------

/// Calls a function of `typing` with a class before the arguments.
fn with_class(ctx: &mut Ctx, name: &str, class: &Obj, args: Args<'_>) -> PyResult {
    let function = typing(ctx, name)?;
    let mut all = vec![class.clone()];
    all.extend_from_slice(args.pos);
    protocol::call_with(ctx, &function, Args { pos: &all, ..args })
}

fn generic_getitem(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    with_class(ctx, "_generic_class_getitem", class, args)
}

fn generic_init_subclass(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    with_class(ctx, "_generic_init_subclass", class, args)
}

/// `typing.Generic`.
pub static GENERIC: TypeDef = TypeDef {
    id: ids::GENERIC,
    name: "typing.Generic",
    base: ids::OBJECT,
    layout: ids::OBJECT,
    kind: &Body::<PyObject>::KIND,
    flags: flag::BASE | flag::IMMUTABLE,
    slots: Slots::NONE,
    methods: &[
        method("__class_getitem__", Native::C(generic_getitem)),
        method("__init_subclass__", Native::C(generic_init_subclass)),
    ],
    getset: &[],
    doc: "The base of classes with type parameters.",
};

// --- What the syntax makes -----------------------------------------------------------------------

/// What an operation with one operand makes of it.
pub fn intrinsic_1(ctx: &mut Ctx, which: usize, operand: &Obj) -> PyResult {
    const TYPE_VAR: usize = Intrinsic1::TypeVar as usize;
    const PARAM_SPEC: usize = Intrinsic1::ParamSpec as usize;
    const TYPE_VAR_TUPLE: usize = Intrinsic1::TypeVarTuple as usize;
    const SUBSCRIPT_GENERIC: usize = Intrinsic1::SubscriptGeneric as usize;
    let name = || operand.clone();
    match which {
        TYPE_VAR => type_var::declared(ctx, name(), None, false),
        PARAM_SPEC => {
            let body = parameter::TypeParam::named(name(), parameter::INFER);
            parameter::make(ctx, tailed::PARAM_SPEC, body)
        }
        TYPE_VAR_TUPLE => {
            let body = parameter::TypeParam::named(name(), 0);
            parameter::make(ctx, tailed::TYPE_VAR_TUPLE, body)
        }
        SUBSCRIPT_GENERIC => {
            let parameters = parts_of(ctx, operand)?;
            let all = parameter::unpacked(ctx, parameters)?;
            let generic = type_object(ctx, ids::GENERIC);
            call_typing(ctx, "_GenericAlias", &[generic, all])
        }
        _ => {
            let [name, parameters, evaluate] = parts_of(ctx, operand)? else {
                return Ok(Obj::NONE);
            };
            if !parameters.is_none() {
                parts_of(ctx, parameters)?;
            }
            alias::declared(ctx, name.clone(), parameters.clone(), evaluate.clone())
        }
    }
}

/// The items of a tuple; the compiler writes no code that has something else where one is wanted.
fn parts_of<'a>(ctx: &mut Ctx, operand: &'a Obj) -> PyResult<&'a [Obj]> {
    match operand.downcast::<PyTuple>() {
        Some(tuple) => Ok(tuple.items()),
        None => {
            let class = protocol::type_name(ctx, operand);
            Err(raise!(ctx, TypeError, "expected tuple, got {class}"))
        }
    }
}

/// What an operation with two operands makes of them; `None` if it is none of typing.
pub fn intrinsic_2(ctx: &mut Ctx, which: usize, first: &Obj, second: Obj) -> PyResult {
    const BOUND: usize = Intrinsic2::TypeVarWithBound as usize;
    const CONSTRAINTS: usize = Intrinsic2::TypeVarWithConstraints as usize;
    match which {
        BOUND => type_var::declared(ctx, first.clone(), Some(second), false),
        CONSTRAINTS => type_var::declared(ctx, first.clone(), Some(second), true),
        _ => {
            let Some(body) = first.downcast::<parameter::TypeParam>() else {
                let class = protocol::type_name(ctx, first);
                return Err(raise!(ctx, TypeError, "{class} is no type parameter"));
            };
            body.default.compute_by(ctx, &body.header, second);
            Ok(first.clone())
        }
    }
}

fn idfunc(_: &mut Ctx, x: &Obj) -> PyResult {
    Ok(x.clone())
}

fn populate(ctx: &mut Ctx, this: &Obj) -> PyResult<()> {
    let union = type_object(ctx, ids::UNION);
    module::add(ctx, this, "Union", union)?;
    module::add(ctx, this, "NoDefault", NO_DEFAULT_VALUE)
}

/// `_typing`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_typing",
    functions: &[method("_idfunc", Native::F1(idfunc))],
    types: &[
        &type_var::TYPE_VAR,
        &type_var::TYPE_VAR_TUPLE,
        &param_spec::PARAM_SPEC,
        &param_spec::PARAM_SPEC_ARGS,
        &param_spec::PARAM_SPEC_KWARGS,
        &alias::TYPE_ALIAS,
        &GENERIC,
    ],
    populate,
    doc: "Primitives of typing.",
};
