//! Type parameters among the arguments of generic aliases and unions, and replacing them: `dict[K, list[V]][str, int]`.

use super::list::PyList;
use super::obj::Obj;
use super::tuple::{self, PyTuple};
use super::type_::{PyType, type_of};
use super::{list, protocol, str_};
use crate::error::{PyResult, raise};
use crate::prelude::*;
use kit_core::thread::Ctx;

fn add(found: &mut Vec<Obj>, parameter: Obj) {
    if !found.iter().any(|known| known.is(&parameter)) {
        found.push(parameter);
    }
}

fn find(ctx: &mut Ctx, x: &Obj, name: &'static str) -> PyResult<Option<Obj>> {
    let name = str_::intern(ctx, name);
    protocol::find_attr(ctx, x, &name)
}

/// The items of a tuple or a list.
fn items_of(ctx: &Ctx, x: &Obj) -> Option<Vec<Obj>> {
    match x.downcast::<PyTuple>() {
        Some(items) => Some(items.items().to_vec()),
        None => x.downcast::<PyList>().map(|items| items.to_vec(ctx)),
    }
}

/// The type parameters among the arguments, each once; a tuple.
pub fn parameters_of(ctx: &mut Ctx, args: &Obj) -> PyResult {
    let mut found = Vec::new();
    collect(ctx, args, &mut found)?;
    tuple::from_vec(ctx, found)
}

fn collect(ctx: &mut Ctx, args: &Obj, found: &mut Vec<Obj>) -> PyResult<()> {
    for x in items_of(ctx, args).unwrap_or_default() {
        if x.downcast::<PyType>().is_some() {
            continue;
        }
        if items_of(ctx, &x).is_some() {
            protocol::recursive(ctx, " while collecting type parameters", |ctx| {
                collect(ctx, &x, found)
            })?;
        } else if find(ctx, &x, "__typing_subst__")?.is_some() {
            add(found, x);
        } else if let Some(inner) = find(ctx, &x, "__parameters__")?
            && let Some(inner) = inner.downcast::<PyTuple>()
        {
            for parameter in inner.items() {
                add(found, parameter.clone());
            }
        }
    }
    Ok(())
}

/// The arguments given, `*tuple[int, str]` being two.
fn unpacked(ctx: &mut Ctx, item: &Obj) -> PyResult<Vec<Obj>> {
    let items = match item.downcast::<PyTuple>() {
        Some(items) => items.items().to_vec(),
        None => vec![item.clone()],
    };
    let mut all = Vec::with_capacity(items.len());
    for x in items {
        if x.downcast::<PyType>().is_none()
            && let Some(inner) = find(ctx, &x, "__typing_unpacked_tuple_args__")?
            && let Some(inner) = inner.downcast::<PyTuple>()
            && !inner
                .items()
                .last()
                .is_some_and(|last| last.is(&Obj::ELLIPSIS))
        {
            all.extend_from_slice(inner.items());
            continue;
        }
        all.push(x);
    }
    Ok(all)
}

/// The arguments `args` of `alias` with its `parameters` replaced by what `item` has for them; a tuple.
pub fn substitute(
    ctx: &mut Ctx,
    alias: &Obj,
    args: &Obj,
    parameters: &Obj,
    item: &Obj,
) -> PyResult {
    let parameters = parameters.expect::<PyTuple>().items();
    if parameters.is_empty() {
        let text = protocol::repr_string(ctx, alias)?;
        return Err(raise!(ctx, TypeError, "{text} is not a generic class"));
    }
    let given = unpacked(ctx, item)?;
    let mut given = tuple::from_vec(ctx, given)?;
    for parameter in parameters {
        if let Some(prepare) = find(ctx, parameter, "__typing_prepare_subst__")? {
            let prepared = protocol::call(ctx, &prepare, &[alias.clone(), given])?;
            given = match prepared.downcast::<PyTuple>() {
                Some(_) => prepared,
                None => tuple::from_vec(ctx, vec![prepared])?,
            };
        }
    }
    let values = given.expect::<PyTuple>().items();
    if values.len() != parameters.len() {
        let text = protocol::repr_string(ctx, alias)?;
        let how = if values.len() > parameters.len() {
            "many"
        } else {
            "few"
        };
        return Err(raise!(
            ctx,
            TypeError,
            "Too {how} arguments for {text}; actual {}, expected {}",
            values.len(),
            parameters.len()
        ));
    }
    let chosen = replaced(ctx, args, parameters, values)?;
    tuple::from_vec(ctx, chosen)
}

fn replaced(ctx: &mut Ctx, args: &Obj, parameters: &[Obj], values: &[Obj]) -> PyResult<Vec<Obj>> {
    let mut all = Vec::new();
    for arg in items_of(ctx, args).unwrap_or_default() {
        if arg.downcast::<PyType>().is_some() {
            all.push(arg);
            continue;
        }
        if items_of(ctx, &arg).is_some() {
            let inner = protocol::recursive(ctx, " while substituting type parameters", |ctx| {
                replaced(ctx, &arg, parameters, values)
            })?;
            all.push(if arg.downcast::<PyTuple>().is_some() {
                tuple::from_vec(ctx, inner)?
            } else {
                list::from_vec(ctx, inner)?
            });
            continue;
        }
        let unpack = match find(ctx, &arg, "__typing_is_unpacked_typevartuple__")? {
            Some(flag) => protocol::truth(ctx, &flag)?,
            None => false,
        };
        let index = parameters.iter().position(|parameter| parameter.is(&arg));
        let value = match (find(ctx, &arg, "__typing_subst__")?, index) {
            (Some(substitute), Some(index)) => {
                protocol::call(ctx, &substitute, &[values[index].clone()])?
            }
            _ => inside(ctx, &arg, parameters, values)?,
        };
        if !unpack {
            all.push(value);
            continue;
        }
        match value.downcast::<PyTuple>() {
            Some(items) => all.extend_from_slice(items.items()),
            None => {
                let class = protocol::type_name(ctx, &value);
                return Err(raise!(
                    ctx,
                    TypeError,
                    "expected __typing_subst__ of {class} objects to return a tuple, not {class}"
                ));
            }
        }
    }
    Ok(all)
}

/// An argument that has parameters itself, with these replaced.
fn inside(ctx: &mut Ctx, arg: &Obj, parameters: &[Obj], values: &[Obj]) -> PyResult {
    let Some(inner) = find(ctx, arg, "__parameters__")? else {
        return Ok(arg.clone());
    };
    let Some(inner) = inner.downcast::<PyTuple>() else {
        return Ok(arg.clone());
    };
    if inner.items().is_empty() {
        return Ok(arg.clone());
    }
    let mut chosen = Vec::new();
    for parameter in inner.items() {
        let Some(index) = parameters.iter().position(|p| p.is(parameter)) else {
            chosen.push(parameter.clone());
            continue;
        };
        // What stands for several has several values.
        let several = type_of(ctx, parameter).slots(ctx).iter.is_some();
        match values[index].downcast::<PyTuple>().filter(|_| several) {
            Some(items) => chosen.extend_from_slice(items.items()),
            None => chosen.push(values[index].clone()),
        }
    }
    let key = tuple::from_vec(ctx, chosen)?;
    protocol::getitem(ctx, arg, &key)
}
