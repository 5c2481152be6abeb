//! Union, intersection, difference and symmetric difference of sets and iterables.

use super::super::dict::PyDict;
use super::super::obj::Obj;
use super::super::payload::Body;
use super::super::slot::critical2;
use super::super::slots::Comparison;
use super::super::type_::type_id_of;
use super::super::{ids, protocol};
use super::methods::{body, from_iterable, update};
use super::{PySet, hash_element, new};
use crate::error::PyResult;
use kit_core::thread::Ctx;

/// A way to combine two sets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operation {
    /// What is in either.
    Union,
    /// What is in both.
    Intersection,
    /// What is in the first only.
    Difference,
    /// What is in one of them only.
    SymmetricDifference,
}

/// The id of `set` or `frozenset`, whichever the value is an instance of.
pub(super) fn base_id(ctx: &Ctx, set: &Obj) -> u32 {
    if protocol::is_instance_of(ctx, set, ids::FROZENSET) {
        ids::FROZENSET
    } else {
        ids::SET
    }
}

/// A new set (frozenset if `set` is one) from the values of `set` and those of an iterable.
///
/// One step for other threads, as long as this one need not wait; so are the others here.
pub(super) fn combine(ctx: &mut Ctx, set: &Obj, other: &Obj, operation: Operation) -> PyResult {
    critical2(ctx, set, other, |ctx| match operation {
        Operation::Union => {
            let result = copy(ctx, set)?;
            if !set.is(other) {
                update(ctx, &result, other)?;
            }
            Ok(result)
        }
        Operation::Intersection => intersection(ctx, set, other),
        Operation::Difference => difference(ctx, set, other),
        Operation::SymmetricDifference => {
            let id = base_id(ctx, set);
            let result = from_iterable(ctx, id, other)?;
            toggle(ctx, &result, set)?;
            Ok(result)
        }
    })
}

/// Combines into `set` itself.
pub fn combine_in_place(
    ctx: &mut Ctx,
    set: &Obj,
    other: &Obj,
    operation: Operation,
) -> PyResult<()> {
    critical2(ctx, set, other, |ctx| match operation {
        Operation::Union => update(ctx, set, other),
        Operation::Intersection => {
            let result = intersection(ctx, set, other)?;
            body(set).take_from(ctx, body(&result));
            Ok(())
        }
        Operation::Difference => subtract(ctx, set, other),
        Operation::SymmetricDifference => toggle(ctx, set, other),
    })
}

/// A set with the same values, of the plain type.
pub(super) fn copy(ctx: &mut Ctx, set: &Obj) -> PyResult {
    let id = base_id(ctx, set);
    let result = new(ctx, id)?;
    body(&result).merge(ctx, body(set))?;
    Ok(result)
}

fn intersection(ctx: &mut Ctx, set: &Obj, other: &Obj) -> PyResult {
    if set.is(other) {
        return copy(ctx, set);
    }
    let id = base_id(ctx, set);
    let result = new(ctx, id)?;
    if let Some(second) = other.downcast::<PySet>() {
        let first = body(set);
        let (large, small) = if second.len() > first.len() {
            (second, first)
        } else {
            (first, second)
        };
        for (hash, value) in small.to_vec(ctx) {
            if large.contains_hashed(ctx, hash, &value)? {
                body(&result).add_hashed(ctx, hash, &value)?;
            }
        }
        return Ok(result);
    }
    protocol::for_each(ctx, other, |ctx, value| {
        // Nothing says here that it would be for a set.
        let hash = protocol::hash(ctx, &value)?;
        if body(set).contains_hashed(ctx, hash, &value)? {
            body(&result).add_hashed(ctx, hash, &value)?;
        }
        Ok(())
    })?;
    Ok(result)
}

fn difference(ctx: &mut Ctx, set: &Obj, other: &Obj) -> PyResult {
    let size = match (other.downcast::<PySet>(), other.downcast_exact::<PyDict>()) {
        (Some(other), _) => Some(other.len()),
        (_, Some(dict)) => Some(dict.len(ctx)),
        _ => None,
    };
    if size.is_none_or(|size| body(set).len() >> 2 > size) {
        let result = copy(ctx, set)?;
        subtract(ctx, &result, other)?;
        return Ok(result);
    }
    let id = base_id(ctx, set);
    let result = new(ctx, id)?;
    for (hash, value) in body(set).to_vec(ctx) {
        let there = match (other.downcast::<PySet>(), other.downcast::<PyDict>()) {
            (Some(other), _) => other.contains_hashed(ctx, hash, &value)?,
            (_, Some(dict)) => dict.contains_hashed(ctx, hash, &value)?,
            _ => false,
        };
        if !there {
            body(&result).add_hashed(ctx, hash, &value)?;
        }
    }
    Ok(result)
}

/// Removes the values of an iterable.
fn subtract(ctx: &mut Ctx, set: &Obj, other: &Obj) -> PyResult<()> {
    let body: &Body<PySet> = body(set);
    if set.is(other) {
        body.clear_all(ctx);
        return Ok(());
    }
    if let Some(other) = other.downcast::<PySet>() {
        for (hash, value) in other.to_vec(ctx) {
            body.discard_hashed(ctx, hash, &value)?;
        }
    } else if let Some(dict) = other.downcast_exact::<PyDict>() {
        for (hash, key) in dict.hashed_keys(ctx) {
            body.discard_hashed(ctx, hash, &key)?;
        }
    } else {
        protocol::for_each(ctx, other, |ctx, value| {
            let hash = hash_element(ctx, &value)?;
            body.discard_hashed(ctx, hash, &value)?;
            Ok(())
        })?;
    }
    body.tidy(ctx)
}

/// Removes those values of an iterable that are there, and adds the others.
fn toggle(ctx: &mut Ctx, set: &Obj, other: &Obj) -> PyResult<()> {
    if set.is(other) {
        body(set).clear_all(ctx);
        return Ok(());
    }
    let values = if let Some(other) = other.downcast::<PySet>() {
        other.to_vec(ctx)
    } else if let Some(dict) = other.downcast_exact::<PyDict>() {
        dict.hashed_keys(ctx)
    } else {
        let made = from_iterable(ctx, ids::SET, other)?;
        body(&made).to_vec(ctx)
    };
    for (hash, value) in values {
        if !body(set).discard_hashed(ctx, hash, &value)? {
            body(set).add_hashed(ctx, hash, &value)?;
        }
    }
    Ok(())
}

/// Whether every value of `small` is in `large`.
pub(super) fn is_subset(ctx: &mut Ctx, small: &Body<PySet>, large: &Body<PySet>) -> PyResult<bool> {
    if small.len() > large.len() {
        return Ok(false);
    }
    for (hash, value) in small.to_vec(ctx) {
        if !large.contains_hashed(ctx, hash, &value)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether a set and an iterable have no value in common.
pub(super) fn is_disjoint(ctx: &mut Ctx, set: &Obj, other: &Obj) -> PyResult<bool> {
    critical2(ctx, set, other, |ctx| is_disjoint_inside(ctx, set, other))
}

fn is_disjoint_inside(ctx: &mut Ctx, set: &Obj, other: &Obj) -> PyResult<bool> {
    if matches!(type_id_of(other), ids::SET | ids::FROZENSET)
        && let Some(second) = other.downcast::<PySet>()
    {
        let first = body(set);
        let (large, small) = if second.len() > first.len() {
            (second, first)
        } else {
            (first, second)
        };
        for (hash, value) in small.to_vec(ctx) {
            if large.contains_hashed(ctx, hash, &value)? {
                return Ok(false);
            }
        }
        return Ok(true);
    }
    all_are(ctx, set, other, false)
}

/// Whether all values of an iterable are in `set`, or none is. What follows the first that is otherwise is not looked at.
fn all_are(ctx: &mut Ctx, set: &Obj, iterable: &Obj, inside: bool) -> PyResult<bool> {
    let iterator = protocol::iter(ctx, iterable)?;
    while let Some(value) = protocol::next(ctx, &iterator)? {
        let hash = hash_element(ctx, &value)?;
        if body(set).contains_hashed(ctx, hash, &value)? != inside {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether all values of a set or an iterable are in `set`.
pub(super) fn has_all(ctx: &mut Ctx, set: &Obj, other: &Obj) -> PyResult<bool> {
    critical2(ctx, set, other, |ctx| {
        if let Some(other) = other.downcast::<PySet>() {
            return is_subset(ctx, other, body(set));
        }
        all_are(ctx, set, other, true)
    })
}

/// Comparison of sets: by inclusion.
pub(super) fn compare(ctx: &mut Ctx, a: &Obj, b: &Obj, op: Comparison) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<PySet>(), b.downcast::<PySet>()) else {
        return Ok(Obj::NOT_IMPLEMENTED);
    };
    let result = critical2(ctx, a, b, |ctx| -> PyResult<bool> {
        Ok(match op {
            Comparison::Eq => x.len() == y.len() && is_subset(ctx, x, y)?,
            Comparison::Ne => x.len() != y.len() || !is_subset(ctx, x, y)?,
            Comparison::Lt => x.len() < y.len() && is_subset(ctx, x, y)?,
            Comparison::Le => is_subset(ctx, x, y)?,
            Comparison::Gt => y.len() < x.len() && is_subset(ctx, y, x)?,
            Comparison::Ge => is_subset(ctx, y, x)?,
        })
    })?;
    Ok(Obj::bool(result))
}
