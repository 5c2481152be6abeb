//! `object.__reduce_ex__` and `object.__getstate__`: what `copy` and `pickle` make a value like another of.
//!
//! From protocol 2 on a value is `copyreg.__newobj__(class, *arguments)`, a state, and the items of lists and dicts.
//! The arguments come from `__getnewargs_ex__` or `__getnewargs__`. A value with data in its body that neither gives
//! arguments nor is a list or dict cannot be made again.

use super::args::Args;
use super::define::flag;
use super::dict::{self, PyDict};
use super::list::PyList;
use super::names::names;
use super::obj::Obj;
use super::tuple::{self, PyTuple};
use super::type_::{PyType, type_id_of, type_of};
use super::{attribute, ids, instance, int, protocol, str_};
use crate::error::{PyResult, Raised, raise};
use crate::module::import;
use crate::object::type_::access;
use crate::prelude::*;
use core::sync::atomic::Ordering::Relaxed;
use kit_core::thread::Ctx;

/// `(getattr, (object, name))`: what methods are made of.
pub fn attribute_of(ctx: &mut Ctx, object: &Obj, name: &str) -> PyResult {
    let getattr = super::iterator_state::builtin(ctx, "getattr")?;
    let name = str_::intern_text(ctx, name)?;
    super::iterator_state::reduced(ctx, getattr, vec![object.clone(), name], None)
}

/// `object.__reduce__`.
pub fn reduce(ctx: &mut Ctx, x: &Obj) -> PyResult {
    by_protocol(ctx, x, 0)
}

/// `object.__reduce_ex__`: what the class's own `__reduce__` says, if it has one.
pub fn reduce_ex(ctx: &mut Ctx, x: &Obj, protocol: &Obj) -> PyResult {
    let protocol: i64 = protocol::c_int(ctx, protocol)?.into();
    if is_own(ctx, x, "__reduce__") {
        let reduce = protocol::getattr(ctx, x, &names(ctx).reduce)?;
        return protocol::call(ctx, &reduce, &[]);
    }
    by_protocol(ctx, x, protocol)
}

/// Whether the class has another method of this name than `object`.
fn is_own(ctx: &mut Ctx, x: &Obj, name: &'static str) -> bool {
    let name = str_::intern(ctx, name);
    let common = attribute::lookup(ctx, ids::OBJECT, &name);
    match (attribute::lookup(ctx, type_id_of(x), &name), common) {
        (Some(own), Some(common)) => !own.is(&common),
        _ => false,
    }
}

fn by_protocol(ctx: &mut Ctx, x: &Obj, protocol: i64) -> PyResult {
    if protocol >= 2 {
        return new_object(ctx, x);
    }
    let copyreg = import::load(ctx, "copyreg")?;
    let reduce = protocol::getattr_str(ctx, &copyreg, "_reduce_ex")?;
    let protocol = int::from_i64(ctx, protocol)?;
    protocol::call(ctx, &reduce, &[x.clone(), protocol])
}

#[cold]
fn refuse(ctx: &mut Ctx, x: &Obj) -> Raised {
    let name = protocol::type_name(ctx, x);
    raise!(ctx, TypeError, "cannot pickle '{name}' object")
}

/// `(copyreg.__newobj__, (class, *arguments), state, items of a list, items of a dict)`.
fn new_object(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let body = type_of(ctx, x);
    let class = body.to_obj();
    if body.flags.load(Relaxed) & flag::NO_NEW != 0 {
        return Err(refuse(ctx, x));
    }
    let arguments = arguments(ctx, x)?;
    let has_arguments = arguments.is_some();
    let (positional, keywords) = arguments.unwrap_or((None, None));
    let copyreg = import::load(ctx, "copyreg")?;
    let (maker, arguments) = match keywords {
        Some(keywords) if keywords.expect::<PyDict>().len(ctx) > 0 => {
            let maker = protocol::getattr_str(ctx, &copyreg, "__newobj_ex__")?;
            let positional = match positional {
                Some(positional) => positional,
                None => tuple::from_vec(ctx, Vec::new())?,
            };
            (maker, vec![class, positional, keywords])
        }
        _ => {
            let maker = protocol::getattr_str(ctx, &copyreg, "__newobj__")?;
            let mut arguments = vec![class];
            if let Some(positional) = &positional {
                arguments.extend_from_slice(positional.expect::<PyTuple>().items());
            }
            (maker, arguments)
        }
    };
    let arguments = tuple::from_vec(ctx, arguments)?;
    let (is_list, is_dict) = (
        x.downcast::<PyList>().is_some(),
        x.downcast::<PyDict>().is_some(),
    );
    let complete = has_arguments || is_list || is_dict;
    let state = if is_own(ctx, x, "__getstate__") || in_instance(ctx, x, "__getstate__") {
        let method = protocol::getattr_str(ctx, x, "__getstate__")?;
        protocol::call(ctx, &method, &[])?
    } else {
        state(ctx, x, !complete)?
    };
    let items = if is_list {
        protocol::iter(ctx, x)?
    } else {
        Obj::NONE
    };
    let pairs = if is_dict {
        let name = names(ctx).items.clone();
        let pairs = protocol::call_method(ctx, x, &name, &[])?;
        protocol::iter(ctx, &pairs)?
    } else {
        Obj::NONE
    };
    tuple::from_vec(ctx, vec![maker, arguments, state, items, pairs])
}

fn in_instance(ctx: &mut Ctx, x: &Obj, name: &'static str) -> bool {
    let name = str_::intern(ctx, name);
    instance::get(ctx, x, &name).is_some()
}

/// Positional arguments for `__new__`, and keyword arguments.
type Arguments = (Option<Obj>, Option<Obj>);

/// What `__getnewargs_ex__` or `__getnewargs__` say; `None` without either.
fn arguments(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<Arguments>> {
    let both = str_::intern(ctx, "__getnewargs_ex__");
    if let Some(given) = protocol::call_special(ctx, x, &both, &[])? {
        return both_arguments(ctx, &given).map(Some);
    }
    let positional = str_::intern(ctx, "__getnewargs__");
    let Some(given) = protocol::call_special(ctx, x, &positional, &[])? else {
        return Ok(None);
    };
    if given.downcast::<PyTuple>().is_none() {
        let class = protocol::type_name(ctx, &given);
        return Err(raise!(
            ctx,
            TypeError,
            "__getnewargs__ should return a tuple, not '{class}'"
        ));
    }
    Ok(Some((Some(given), None)))
}

fn both_arguments(ctx: &mut Ctx, given: &Obj) -> PyResult<Arguments> {
    let Some(pair) = given.downcast::<PyTuple>() else {
        let class = protocol::type_name(ctx, given);
        return Err(raise!(
            ctx,
            TypeError,
            "__getnewargs_ex__ should return a tuple, not '{class}'"
        ));
    };
    let [positional, keywords] = pair.items() else {
        let given = pair.items().len();
        return Err(raise!(
            ctx,
            ValueError,
            "__getnewargs_ex__ should return a tuple of length 2, not {given}"
        ));
    };
    if positional.downcast::<PyTuple>().is_none() {
        let class = protocol::type_name(ctx, positional);
        return Err(raise!(
            ctx,
            TypeError,
            "first item of the tuple returned by __getnewargs_ex__ must be a tuple, not '{class}'"
        ));
    }
    if keywords.downcast::<PyDict>().is_none() {
        let class = protocol::type_name(ctx, keywords);
        return Err(raise!(
            ctx,
            TypeError,
            "second item of the tuple returned by __getnewargs_ex__ must be a dict, not '{class}'"
        ));
    }
    Ok((Some(positional.clone()), Some(keywords.clone())))
}

/// What `__getstate__` of an instance gives.
pub fn state_of(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let name = str_::intern(ctx, "__getstate__");
    protocol::call_method(ctx, x, &name, &[])
}

/// `object.__getstate__`.
pub fn getstate(ctx: &mut Ctx, x: &Obj) -> PyResult {
    state(ctx, x, false)
}

/// The attributes of an instance: its dict, `None` without any, and with the values of its member slots a pair.
/// `whole` says that this is all there is of the instance, so that it must have nothing else.
fn state(ctx: &mut Ctx, x: &Obj, whole: bool) -> PyResult {
    if whole && type_of(ctx, x).layout == ids::MEMORYVIEW {
        return Err(raise!(ctx, TypeError, "cannot pickle memoryview objects"));
    }
    if whole && type_of(ctx, x).layout != ids::OBJECT {
        return Err(refuse(ctx, x));
    }
    if let Some(class) = x.downcast::<PyType>() {
        // A built-in one keeps its names to itself.
        return match class.def {
            Some(def) if !def.name.contains('.') => Ok(Obj::NONE),
            _ => class.dict.expect::<PyDict>().copy(ctx),
        };
    }
    let attributes = protocol::find_attr(ctx, x, &names(ctx).dict)?;
    let attributes = match attributes {
        Some(found) if found.downcast::<PyDict>().is_none_or(|d| d.len(ctx) > 0) => found,
        _ => Obj::NONE,
    };
    if type_id_of(x) < ids::FIRST_DYNAMIC {
        return Ok(attributes);
    }
    let members = dict::new(ctx)?;
    for name in member_names(ctx, x)? {
        if let Some(value) = protocol::find_attr(ctx, x, &name)? {
            members.expect::<PyDict>().set(ctx, &name, value)?;
        }
    }
    if members.expect::<PyDict>().len(ctx) == 0 {
        return Ok(attributes);
    }
    tuple::from_vec(ctx, vec![attributes, members])
}

/// The names of the class's member slots, as `copyreg` finds and keeps them.
fn member_names(ctx: &mut Ctx, x: &Obj) -> PyResult<Vec<Obj>> {
    let class = type_of(ctx, x).to_obj();
    let key = str_::intern(ctx, "__slotnames__");
    let known = match access::own(ctx, &class, &key) {
        Some(known) => known,
        None => {
            let copyreg = import::load(ctx, "copyreg")?;
            let find = protocol::getattr_str(ctx, &copyreg, "_slotnames")?;
            protocol::call_with(ctx, &find, Args::positional(core::slice::from_ref(&class)))?
        }
    };
    if known.is_none() {
        return Ok(Vec::new());
    }
    let Some(known) = known.downcast::<PyList>() else {
        let (name, given) = (
            protocol::type_name(ctx, x),
            protocol::type_name(ctx, &known),
        );
        return Err(raise!(
            ctx,
            TypeError,
            "{name}.__slotnames__ should be a list or None, not {given}"
        ));
    };
    let mut found = known.to_vec(ctx);
    for name in &mut found {
        *name = str_::intern_obj(ctx, name)?;
    }
    Ok(found)
}
