//! `defaultdict`: a class whose instances have the body of a dict and one member slot, the factory.

use crate::error::{PyResult, raise};
use crate::module::support::{class_getitem, make_class, plain_name};
use crate::object::args::Args;
use crate::object::define::{Method, Native, method};
use crate::object::dict::PyDict;
use crate::object::exception::{self, class};
use crate::object::obj::Obj;
use crate::object::type_::{type_by_id, type_of};
use crate::object::{descriptor, ids, instance, protocol, repr_guard, str_, tuple};
use kit_core::thread::Ctx;

const FACTORY: &str = "default_factory";

/// The factory of a defaultdict; `None` stands for none.
fn factory(ctx: &Ctx, x: &Obj) -> Obj {
    instance::member(ctx, x, 0)
        .and_then(|(slot, header)| slot.get(ctx, header))
        .unwrap_or(Obj::NONE)
}

fn init(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    let (factory, rest) = match args.pos.split_first() {
        Some((factory, rest)) => (factory.clone(), rest),
        None => (Obj::NONE, args.pos),
    };
    if !factory.is_none() && !protocol::is_callable(ctx, &factory) {
        return Err(raise!(
            ctx,
            TypeError,
            "first argument must be callable or None"
        ));
    }
    if let Some((slot, header)) = instance::member(ctx, x, 0) {
        slot.set(ctx, header, Some(factory));
    }
    if let Some(init) = type_by_id(ctx, ids::DICT).slots(ctx).init {
        init(ctx, x, Args { pos: rest, ..args })?;
    }
    Ok(Obj::NONE)
}

fn missing(ctx: &mut Ctx, x: &Obj, key: &Obj) -> PyResult {
    let factory = factory(ctx, x);
    if factory.is_none() {
        return Err(exception::raise_args(
            ctx,
            class::KeyError,
            vec![key.clone()],
        ));
    }
    let value = protocol::call(ctx, &factory, &[])?;
    let plain = type_by_id(ctx, ids::DICT)
        .slots(ctx)
        .setitem
        .map(|f| f as usize);
    if type_of(ctx, x).slots(ctx).setitem.map(|f| f as usize) == plain {
        // Threads that miss the same key agree on one value.
        return x.expect::<PyDict>().set_default(ctx, key, value);
    }
    protocol::setitem(ctx, x, key, Some(&value))?;
    Ok(value)
}

fn repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let factory = factory(ctx, x);
    let factory = match repr_guard::enter(&factory) {
        Some(_guard) => protocol::repr_string(ctx, &factory)?,
        None => "...".to_owned(),
    };
    let class = plain_name(ctx, type_of(ctx, x));
    let Some(repr) = type_by_id(ctx, ids::DICT).slots(ctx).repr else {
        return protocol::default_repr(ctx, x);
    };
    let items = repr(ctx, x)?;
    let items = protocol::str_string(ctx, &items)?;
    str_::new(ctx, &format!("{class}({factory}, {items})"))
}

fn copy(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let class = type_of(ctx, x).to_obj();
    let factory = factory(ctx, x);
    protocol::call(ctx, &class, &[factory, x.clone()])
}

fn or(ctx: &mut Ctx, x: &Obj, other: &Obj) -> PyResult {
    if other.downcast::<PyDict>().is_none() {
        return Ok(Obj::NOT_IMPLEMENTED);
    }
    let sum = copy(ctx, x)?;
    update(ctx, &sum, other)?;
    Ok(sum)
}

fn ror(ctx: &mut Ctx, x: &Obj, other: &Obj) -> PyResult {
    if other.downcast::<PyDict>().is_none() {
        return Ok(Obj::NOT_IMPLEMENTED);
    }
    let class = type_of(ctx, x).to_obj();
    let factory = factory(ctx, x);
    let sum = protocol::call(ctx, &class, &[factory, other.clone()])?;
    update(ctx, &sum, x)?;
    Ok(sum)
}

fn update(ctx: &mut Ctx, x: &Obj, other: &Obj) -> PyResult<()> {
    let name = str_::intern(ctx, "update");
    protocol::call_method(ctx, x, &name, std::slice::from_ref(other))?;
    Ok(())
}

fn reduce(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let class = type_of(ctx, x).to_obj();
    let factory = factory(ctx, x);
    let args = if factory.is_none() {
        Vec::new()
    } else {
        vec![factory]
    };
    let args = tuple::from_vec(ctx, args)?;
    let name = str_::intern(ctx, "items");
    let items = protocol::call_method(ctx, x, &name, &[])?;
    let items = protocol::iter(ctx, &items)?;
    tuple::from_vec(ctx, vec![class, args, Obj::NONE, Obj::NONE, items])
}

static METHODS: &[Method] = &[
    method("__init__", Native::MA(init)),
    method("__missing__", Native::M1(missing)),
    method("__repr__", Native::M0(repr)),
    method("copy", Native::M0(copy)),
    method("__copy__", Native::M0(copy)),
    method("__or__", Native::M1(or)),
    method("__ror__", Native::M1(ror)),
    method("__reduce__", Native::M0(reduce)),
    method("__class_getitem__", Native::C1(class_getitem)),
];

/// Makes the class.
pub fn class(ctx: &mut Ctx) -> PyResult {
    let class = make_class(
        ctx,
        "collections",
        "defaultdict",
        ids::DICT,
        &[FACTORY],
        METHODS,
        "A dict that calls its default_factory for keys it does not have.",
    )?;
    // Deleting the factory leaves None.
    let name = str_::intern(ctx, FACTORY);
    let member = protocol::getattr(ctx, &class, &name)?;
    let member = descriptor::member_or_none(ctx, &member)?;
    protocol::setattr(ctx, &class, &name, Some(&member))?;
    Ok(class)
}
