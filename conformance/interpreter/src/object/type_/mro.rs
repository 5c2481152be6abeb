//! The method resolution order: C3 linearization, so that a class comes before its bases and bases
//! keep the order they are listed in.

use super::super::define::flag;
use super::super::obj::Obj;
use super::super::tuple::{self, PyTuple};
use super::super::{ids, protocol};
use super::PyType;
use crate::error::{PyResult, raise};
use crate::prelude::*;
use core::sync::atomic::Ordering::Relaxed;
use kit_core::thread::Ctx;

/// The resolution order of `class` with these bases, as a list that begins with `class`.
pub fn linearize(ctx: &mut Ctx, class: &Obj, bases: &[Obj]) -> PyResult<Vec<Obj>> {
    for (index, base) in bases.iter().enumerate() {
        if bases[..index].iter().any(|b| b.is(base)) {
            let name = protocol::class_name(ctx, base.expect::<PyType>());
            return Err(raise!(ctx, TypeError, "duplicate base class {name}"));
        }
    }
    let mut rows: Vec<Vec<Obj>> = Vec::with_capacity(bases.len() + 1);
    for base in bases {
        let body = base.expect::<PyType>();
        let row = body.mro.get(ctx, &body.header);
        let Some(row) = row else {
            let name = protocol::class_name(ctx, body);
            return Err(raise!(
                ctx,
                TypeError,
                "Cannot extend an incomplete type '{name}'"
            ));
        };
        rows.push(row.expect::<PyTuple>().items().to_vec());
    }
    let mut order = vec![class.clone()];
    if let [row] = &mut rows[..] {
        order.append(row);
        return Ok(order);
    }
    rows.push(bases.to_vec());
    let mut next = vec![0usize; rows.len()];
    loop {
        let heads = || rows.iter().zip(&next).filter_map(|(row, at)| row.get(*at));
        // A head that no row has further back.
        let good = heads().find(|head| {
            rows.iter().zip(&next).all(|(row, at)| {
                row.get(at + 1..)
                    .is_none_or(|tail| !tail.iter().any(|c| c.is(head)))
            })
        });
        let Some(good) = good.cloned() else {
            let mut left: Vec<Obj> = Vec::new();
            for head in heads() {
                if !left.iter().any(|c| c.is(head)) {
                    left.push(head.clone());
                }
            }
            if left.is_empty() {
                return Ok(order);
            }
            let names: Vec<String> = left
                .iter()
                .map(|c| protocol::class_name(ctx, c.expect::<PyType>()))
                .collect();
            let names = names.join(", ");
            return Err(raise!(
                ctx,
                TypeError,
                "Cannot create a consistent method resolution order (MRO) for bases {names}"
            ));
        };
        for (row, at) in rows.iter().zip(&mut next) {
            if row.get(*at).is_some_and(|c| c.is(&good)) {
                *at += 1;
            }
        }
        order.push(good);
    }
}

/// The order as `type.mro` gives it, or as the metaclass's override does; a tuple.
pub fn compute(ctx: &mut Ctx, class: &Obj) -> PyResult {
    let meta = super::type_id_of(class);
    if meta != ids::TYPE {
        let name = super::super::str_::intern(ctx, "mro");
        let found = super::super::attribute::lookup(ctx, meta, &name);
        let native = found.as_ref().is_some_and(|f| {
            f.downcast_exact::<super::super::descriptor::PyMethodDescriptor>()
                .is_some()
        });
        if !native {
            let order = custom(ctx, class, &name)?;
            if names_stranger(ctx, class, &order) {
                class
                    .expect::<PyType>()
                    .flags
                    .fetch_or(flag::STRANGERS, Relaxed);
            }
            return tuple::from_vec(ctx, order);
        }
    }
    let order = native(ctx, class)?;
    tuple::from_vec(ctx, order)
}

/// The order by the rules.
pub fn native(ctx: &mut Ctx, class: &Obj) -> PyResult<Vec<Obj>> {
    let body = class.expect::<PyType>();
    let bases = body.bases.get(ctx, &body.header);
    let bases = bases.map_or(Vec::new(), |b| b.expect::<PyTuple>().items().to_vec());
    for base in &bases {
        let theirs = base.expect::<PyType>().flags.load(Relaxed);
        // Relaxed: the flag is seen by whoever sees the version that is given out after the order.
        body.flags.fetch_or(theirs & flag::STRANGERS, Relaxed);
    }
    linearize(ctx, class, &bases)
}

/// Whether the order names a class that `class` does not derive from.
fn names_stranger(ctx: &Ctx, class: &Obj, order: &[Obj]) -> bool {
    let mut ancestors = vec![class.clone()];
    let mut done = 0;
    while let Some(here) = ancestors.get(done).cloned() {
        done += 1;
        let body = here.expect::<PyType>();
        let Some(bases) = body.bases.get(ctx, &body.header) else {
            continue;
        };
        for base in bases.expect::<PyTuple>().items() {
            if !ancestors.iter().any(|known| known.is(base)) {
                ancestors.push(base.clone());
            }
        }
    }
    let is_stranger = |entry: &Obj| !ancestors.iter().any(|known| known.is(entry));
    order.iter().any(is_stranger)
}

/// Whether a class is another or has it in its chain of bases: its order is not known yet.
fn descends(ctx: &Ctx, class: &Obj, other: &Obj) -> bool {
    let base = |class: &Obj| {
        let body = class.expect::<PyType>();
        body.base.get(ctx, &body.header)
    };
    core::iter::successors(Some(class.clone()), base).any(|class| class.is(other))
}

/// The order that a metaclass's `mro` method returned.
fn custom(ctx: &mut Ctx, class: &Obj, name: &Obj) -> PyResult<Vec<Obj>> {
    // The metaclass's own, whatever it answers for attributes of the class.
    let answer = protocol::call_special(ctx, class, name, &[])?;
    let answer = answer.unwrap_or(Obj::NONE);
    let order = protocol::collect(ctx, &answer)?;
    if order.is_empty() {
        return Err(raise!(ctx, TypeError, "type MRO must not be empty"));
    }
    let own = super::create::solid(ctx, class);
    for entry in &order {
        let Some(body) = entry.downcast::<PyType>() else {
            let given = protocol::type_name(ctx, entry);
            return Err(raise!(
                ctx,
                TypeError,
                "mro() returned a non-class ('{given}')"
            ));
        };
        let theirs = super::create::solid(ctx, entry);
        if !descends(ctx, &own, &theirs) {
            let name = protocol::class_name(ctx, body);
            return Err(raise!(
                ctx,
                TypeError,
                "mro() returned base with unsuitable layout ('{name}')"
            ));
        }
    }
    Ok(order)
}
