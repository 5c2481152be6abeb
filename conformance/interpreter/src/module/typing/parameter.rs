//! Type parameters: the body that `TypeVar`, `ParamSpec` and `TypeVarTuple` share, and what they do alike.

use super::lazily::Lazy;
use super::{NO_DEFAULT_VALUE, call_typing};
use crate::error::{PyResult, Raised, raise};
use crate::object::ids::{self, tailed};
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::payload::{self, Payload};
use crate::object::str_::PyStr;
use crate::object::type_::type_id_of;
use crate::object::{instance, protocol, str_, tuple, union_};
use crate::prelude::*;
use crate::vm::{frame, observe};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

/// `covariant=True`.
pub const COVARIANT: u8 = 1;
/// `contravariant=True`.
pub const CONTRAVARIANT: u8 = 2;
/// `infer_variance=True`.
pub const INFER: u8 = 4;

/// The body of a type parameter.
pub struct TypeParam {
    /// Its name.
    pub name: Obj,
    /// Its bound.
    pub bound: Lazy,
    /// Its constraints, a tuple.
    pub constraints: Lazy,
    /// Its default.
    pub default: Lazy,
    /// [`COVARIANT`], [`CONTRAVARIANT`], [`INFER`].
    pub variance: u8,
}

// SAFETY: `trace` reports all references.
unsafe impl Payload for TypeParam {
    const ID: u32 = ids::TYPE_VAR;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "type parameter";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.word(self.name.word());
        for lazy in [&self.bound, &self.constraints, &self.default] {
            lazy.trace(tracer);
        }
    }

    fn clear(&self, ctx: &mut Ctx) {
        for lazy in [&self.bound, &self.constraints, &self.default] {
            lazy.clear(ctx);
        }
    }
}

impl TypeParam {
    /// A parameter with nothing but a name.
    pub fn named(name: Obj, variance: u8) -> TypeParam {
        TypeParam {
            name,
            bound: Lazy::empty(),
            constraints: Lazy::empty(),
            default: Lazy::empty(),
            variance,
        }
    }
}

/// A type parameter of the class `id`.
pub fn make(ctx: &mut Ctx, id: u32, body: TypeParam) -> PyResult {
    payload::allocate(ctx, id, body)
}

/// Tells a type parameter made by a call in which module that was.
pub fn set_module(ctx: &mut Ctx, x: &Obj) -> PyResult<()> {
    let module = caller(ctx).unwrap_or(Obj::NONE);
    let name = &names(ctx).module;
    instance::set(ctx, x, name, Some(module))?;
    Ok(())
}

/// The name of the module of the function that runs.
pub fn caller(ctx: &mut Ctx) -> Option<Obj> {
    let base = observe::nth(ctx, 0)?;
    // SAFETY: the frame keeps its function.
    let function = unsafe { frame::function(base) };
    function.module.get(ctx, &function.header)
}

/// The `name` argument, which must be a string.
pub fn name_argument(ctx: &mut Ctx, function: &str, given: Option<&Obj>) -> PyResult {
    let given = given.cloned().unwrap_or(Obj::NONE);
    if given.downcast::<PyStr>().is_none() {
        let class = str_::argument_type(ctx, &given);
        return Err(raise!(
            ctx,
            TypeError,
            "{function}() argument 'name' must be str, not {class}"
        ));
    }
    Ok(given)
}

/// The `default` argument.
pub fn default_argument(given: Option<&Obj>) -> Lazy {
    let given = given.filter(|given| !given.is(&NO_DEFAULT_VALUE));
    Lazy::known(given.cloned())
}

/// The `bound` argument, checked.
pub fn bound_argument(ctx: &mut Ctx, given: Option<&Obj>) -> PyResult<Option<Obj>> {
    match given.filter(|given| !given.is_none()) {
        Some(bound) => super::type_check(ctx, bound, "Bound must be a type.").map(Some),
        None => Ok(None),
    }
}

/// The bits of the `covariant`, `contravariant` and `infer_variance` arguments.
pub fn variance_argument(ctx: &mut Ctx, given: [Option<&Obj>; 3]) -> PyResult<u8> {
    let mut variance = 0;
    for (given, bit) in given.into_iter().zip([COVARIANT, CONTRAVARIANT, INFER]) {
        if let Some(given) = given
            && protocol::truth(ctx, given)?
        {
            variance |= bit;
        }
    }
    if variance & COVARIANT != 0 && variance & CONTRAVARIANT != 0 {
        return Err(raise!(
            ctx,
            ValueError,
            "Bivariant types are not supported."
        ));
    }
    if variance & INFER != 0 && variance != INFER {
        return Err(raise!(
            ctx,
            ValueError,
            "Variance cannot be specified with infer_variance."
        ));
    }
    Ok(variance)
}

// --- Attributes ----------------------------------------------------------------------------------

/// `__name__`.
pub fn name(_: &mut Ctx, x: &Obj) -> PyResult {
    Ok(x.expect::<TypeParam>().name.clone())
}

/// `__bound__`.
pub fn bound(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let body = x.expect::<TypeParam>();
    let bound = body.bound.get(ctx, &body.header)?;
    Ok(bound.unwrap_or(Obj::NONE))
}

/// `__default__`.
pub fn default(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let body = x.expect::<TypeParam>();
    match body.default.get(ctx, &body.header)? {
        Some(default) => Ok(default),
        None => Ok(NO_DEFAULT_VALUE),
    }
}

/// `evaluate_default`.
pub fn evaluate_default(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let body = x.expect::<TypeParam>();
    body.default.evaluator(ctx, &body.header)
}

/// `has_default()`.
pub fn has_default(_: &mut Ctx, x: &Obj) -> PyResult {
    Ok(Obj::bool(!x.expect::<TypeParam>().default.is_empty()))
}

fn variance(x: &Obj, bit: u8) -> PyResult {
    Ok(Obj::bool(x.expect::<TypeParam>().variance & bit != 0))
}

/// `__covariant__`.
pub fn covariant(_: &mut Ctx, x: &Obj) -> PyResult {
    variance(x, COVARIANT)
}

/// `__contravariant__`.
pub fn contravariant(_: &mut Ctx, x: &Obj) -> PyResult {
    variance(x, CONTRAVARIANT)
}

/// `__infer_variance__`.
pub fn infer_variance(_: &mut Ctx, x: &Obj) -> PyResult {
    variance(x, INFER)
}

/// `repr(x)` of what has a variance.
pub fn repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let body = x.expect::<TypeParam>();
    let sign = match body.variance {
        INFER => "",
        COVARIANT => "+",
        CONTRAVARIANT => "-",
        _ => "~",
    };
    let name = body.name.clone();
    let name = protocol::str_string(ctx, &name)?;
    str_::new(ctx, &format!("{sign}{name}"))
}

/// `x | y` of what may stand in a union with anything.
pub fn or(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    union_::from_any(ctx, &[a.clone(), b.clone()])
}

/// `__reduce__`: it is found by its name.
pub fn reduce(ctx: &mut Ctx, x: &Obj) -> PyResult {
    name(ctx, x)
}

/// `__mro_entries__`: it is no class.
pub fn mro_entries(ctx: &mut Ctx, x: &Obj, _: &Obj) -> PyResult {
    Err(not_a_base(ctx, x))
}

fn not_a_base(ctx: &mut Ctx, x: &Obj) -> Raised {
    let class = protocol::type_name(ctx, x);
    let class = class.rsplit('.').next().unwrap_or_default().to_owned();
    raise!(ctx, TypeError, "Cannot subclass an instance of {class}")
}

/// Calls the function of `typing` that does the rest, with these arguments.
pub fn delegate(ctx: &mut Ctx, function: &str, args: &[&Obj]) -> PyResult {
    let args: Vec<Obj> = args.iter().copied().cloned().collect();
    call_typing(ctx, function, &args)
}

/// The type parameters with each `TypeVarTuple` unpacked.
pub fn unpacked(ctx: &mut Ctx, parameters: &[Obj]) -> PyResult {
    let mut all = Vec::with_capacity(parameters.len());
    for parameter in parameters {
        if type_id_of(parameter) == tailed::TYPE_VAR_TUPLE {
            all.push(super::unpack(ctx, parameter)?);
        } else {
            all.push(parameter.clone());
        }
    }
    tuple::from_vec(ctx, all)
}
