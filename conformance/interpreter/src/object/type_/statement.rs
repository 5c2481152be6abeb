//! The `class` statement: `__build_class__(body, name, *bases, metaclass=…, **keywords)`.

use super::super::args::Args;
use super::super::cell::{self, PyCell};
use super::super::dict::{self, PyDict};
use super::super::names::names;
use super::super::obj::Obj;
use super::super::str_::PyStr;
use super::super::tuple::{self, PyTuple};
use super::super::{ids, protocol};
use super::{PyType, create, type_object, type_of};
use crate::error::{PyResult, raise};
use crate::prelude::*;
use kit_core::thread::Ctx;

/// The bases with those that are no classes replaced by what their `__mro_entries__` say; `None`
/// when there is nothing to replace.
pub fn resolve_bases(ctx: &mut Ctx, bases: &Obj) -> PyResult<Option<Obj>> {
    let mut resolved = Vec::new();
    let mut changed = false;
    for base in bases.expect::<PyTuple>().items() {
        if base.downcast::<PyType>().is_none() {
            let name = &names(ctx).mro_entries;
            if let Some(entries) = protocol::find_attr(ctx, base, name)? {
                let entries = protocol::call(ctx, &entries, core::slice::from_ref(bases))?;
                let Some(entries) = entries.downcast::<PyTuple>() else {
                    return Err(raise!(
                        ctx,
                        TypeError,
                        "__mro_entries__ must return a tuple"
                    ));
                };
                resolved.extend_from_slice(entries.items());
                changed = true;
                continue;
            }
        }
        resolved.push(base.clone());
    }
    if !changed {
        return Ok(None);
    }
    tuple::from_vec(ctx, resolved).map(Some)
}

/// `__build_class__`.
pub fn build_class(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let [body, name, bases @ ..] = args.pos else {
        return Err(raise!(
            ctx,
            TypeError,
            "__build_class__: not enough arguments"
        ));
    };
    if super::type_id_of(body) != ids::FUNCTION {
        return Err(raise!(
            ctx,
            TypeError,
            "__build_class__: func must be a function"
        ));
    }
    if name.downcast::<PyStr>().is_none() {
        return Err(raise!(
            ctx,
            TypeError,
            "__build_class__: name is not a string"
        ));
    }
    let written = tuple::from_slice(ctx, bases)?;
    let resolved = resolve_bases(ctx, &written)?;
    let bases = resolved.clone().unwrap_or_else(|| written.clone());
    let items = bases.expect::<PyTuple>().items();

    let mut keywords: (Vec<Obj>, Vec<Obj>) = Default::default();
    let mut meta = None;
    for (key, value) in args.names.iter().zip(args.values) {
        if key.expect::<PyStr>().bytes() == b"metaclass" {
            meta = Some(value.clone());
        } else {
            keywords.0.push(key.clone());
            keywords.1.push(value.clone());
        }
    }
    let mut meta = match (meta, items.first()) {
        (Some(meta), _) => meta,
        (None, Some(base)) => type_of(ctx, base).to_obj(),
        (None, None) => type_object(ctx, ids::TYPE),
    };
    if meta.downcast::<PyType>().is_some() {
        meta = create::metaclass(ctx, &meta, items)?;
    }

    let namespace = prepare(ctx, &meta, name, &bases, &keywords)?;
    let answer = crate::vm::exec::run_class_body(ctx, body, &namespace)?;
    if resolved.is_some() {
        let key = names(ctx).orig_bases.clone();
        protocol::setitem(ctx, &namespace, &key, Some(&written))?;
    }
    let class = protocol::call_with(
        ctx,
        &meta,
        Args {
            pos: &[name.clone(), bases, namespace],
            names: &keywords.0,
            values: &keywords.1,
        },
    )?;
    if class.downcast::<PyType>().is_some() && answer.downcast::<PyCell>().is_some() {
        check_cell(ctx, &class, &answer, name)?;
    }
    Ok(class)
}

/// The namespace that the body fills.
fn prepare(
    ctx: &mut Ctx,
    meta: &Obj,
    name: &Obj,
    bases: &Obj,
    keywords: &(Vec<Obj>, Vec<Obj>),
) -> PyResult {
    if meta.downcast::<PyType>().is_some_and(|m| m.id == ids::TYPE) {
        return dict::new(ctx);
    }
    let hook = protocol::find_attr(ctx, meta, &names(ctx).prepare)?;
    let Some(hook) = hook else {
        return dict::new(ctx);
    };
    let namespace = protocol::call_with(
        ctx,
        &hook,
        Args {
            pos: &[name.clone(), bases.clone()],
            names: &keywords.0,
            values: &keywords.1,
        },
    )?;
    let mapping = namespace.downcast::<PyDict>().is_some()
        || type_of(ctx, &namespace).slots(ctx).getitem.is_some();
    if !mapping {
        let meta = match meta.downcast::<PyType>() {
            Some(meta) => protocol::class_name(ctx, meta),
            None => "<metaclass>".to_owned(),
        };
        let given = protocol::type_name(ctx, &namespace);
        return Err(raise!(
            ctx,
            TypeError,
            "{meta}.__prepare__() must return a mapping, not {given}"
        ));
    }
    Ok(namespace)
}

/// The methods' `__class__` must be the class that was made.
fn check_cell(ctx: &mut Ctx, class: &Obj, holder: &Obj, name: &Obj) -> PyResult<()> {
    match cell::get(ctx, holder) {
        Some(found) if found.is(class) => Ok(()),
        None => {
            let (name, class) = (
                protocol::repr_string(ctx, name)?,
                protocol::repr_string(ctx, class)?,
            );
            Err(raise!(
                ctx,
                RuntimeError,
                "__class__ not set defining {name} as {class}. Was __classcell__ propagated to type.__new__?"
            ))
        }
        Some(found) => {
            let found = protocol::repr_string(ctx, &found)?;
            let (name, class) = (
                protocol::repr_string(ctx, name)?,
                protocol::repr_string(ctx, class)?,
            );
            Err(raise!(
                ctx,
                TypeError,
                "__class__ set to {found} defining {name} as {class}"
            ))
        }
    }
}
