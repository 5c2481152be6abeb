//! `list.sort`: a stable merge sort whose comparisons may run code and fail.
//!
//! What is sorted are numbers of items, so that a comparison that raises leaves every item in place.
//! Runs that are in order already are found and kept, short ones extended by insertion, and runs of
//! similar length are merged (after Peters' *timsort*). Keys that are all small integers, all floats
//! or all strings compare without any code, and go to the standard library.

use super::super::obj::Obj;
use super::super::protocol;
use super::super::slots::Comparison;
use super::super::str_::PyStr;
use super::super::tuple::PyTuple;
use super::super::type_::type_id_of;
use super::super::{float, ids};
use crate::error::PyResult;
use crate::prelude::*;
use core::cmp::Ordering;
use core::mem::ManuallyDrop;
use kit_core::thread::Ctx;

/// Runs shorter than this are extended by insertion.
const MIN_RUN: usize = 24;

/// Sorts values; with `keys`, by their keys. `reverse` turns the order around, but not that of equals.
/// On an exception the values come back in the order they had.
pub fn sort(
    ctx: &mut Ctx,
    values: Vec<Obj>,
    keys: Option<&[Obj]>,
    reverse: bool,
) -> (Vec<Obj>, PyResult<()>) {
    match order(ctx, keys.unwrap_or(&values), reverse) {
        Err(raised) => (values, Err(raised)),
        Ok(order) => {
            let mut values: Vec<Option<Obj>> = values.into_iter().map(Some).collect();
            let sorted = order.into_iter().filter_map(|n| values[n].take());
            (sorted.collect(), Ok(()))
        }
    }
}

/// Sorts values that are all small integers or all strings; false if they are not.
pub fn sort_plain(values: &mut [ManuallyDrop<Obj>], reverse: bool) -> bool {
    let turn = |order: Ordering| if reverse { order.reverse() } else { order };
    if values.iter().all(|value| value.as_small_int().is_some()) {
        // Equal ones are the same: stability does not matter.
        values.sort_unstable_by(|a, b| turn(a.word().as_int().cmp(&b.word().as_int())));
        true
    } else if values.iter().all(|value| type_id_of(value) == ids::STR) {
        values.sort_by(|a, b| turn(text(a).cmp(text(b))));
        true
    } else {
        false
    }
}

/// The numbers of the keys in sorted order.
fn order(ctx: &mut Ctx, keys: &[Obj], reverse: bool) -> PyResult<Vec<usize>> {
    let mut order: Vec<usize> = (0..keys.len()).collect();
    if reverse {
        // Sorted from back to front and turned around in the end, equal ones keep their order.
        order.reverse();
    }
    if keys.iter().all(|key| key.as_small_int().is_some()) {
        order.sort_by_key(|n| keys[*n].word().as_int());
    } else if keys.iter().all(|key| key.as_immediate_float().is_some()) {
        order.sort_by(|a, b| {
            let (a, b) = (keys[*a].word().as_float(), keys[*b].word().as_float());
            a.partial_cmp(&b).unwrap_or(Ordering::Equal)
        });
    } else if keys.iter().all(|key| type_id_of(key) == ids::STR) {
        order.sort_by(|a, b| text(&keys[*a]).cmp(text(&keys[*b])));
    } else {
        merge_sort(ctx, &mut order, &mut |ctx, a, b| {
            less(ctx, &keys[a], &keys[b])
        })?;
    }
    if reverse {
        order.reverse();
    }
    Ok(order)
}

fn text(key: &Obj) -> &[u8] {
    key.expect::<PyStr>().bytes()
}

/// `a < b`.
#[inline]
fn less(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult<bool> {
    if let (Some(a), Some(b)) = (a.as_small_int(), b.as_small_int()) {
        return Ok(a < b);
    }
    if let (Some(a), Some(b)) = (a.downcast_exact::<PyStr>(), b.downcast_exact::<PyStr>()) {
        return Ok(a.bytes() < b.bytes());
    }
    if type_id_of(a) == ids::FLOAT
        && type_id_of(b) == ids::FLOAT
        && let (Some(a), Some(b)) = (float::to_f64(a), float::to_f64(b))
    {
        return Ok(a < b);
    }
    if let (Some(a), Some(b)) = (a.downcast_exact::<PyTuple>(), b.downcast_exact::<PyTuple>())
        && let (Some(a), Some(b)) = (a.items().first(), b.items().first())
        && let Some(order @ (Ordering::Less | Ordering::Greater)) = plain_order(a, b)
    {
        return Ok(order.is_lt());
    }
    protocol::compare_truth(ctx, a, b, Comparison::Lt)
}

/// How two small integers or two strings compare.
fn plain_order(a: &Obj, b: &Obj) -> Option<Ordering> {
    if let (Some(a), Some(b)) = (a.as_small_int(), b.as_small_int()) {
        return Some(a.cmp(&b));
    }
    let (a, b) = (a.downcast_exact::<PyStr>()?, b.downcast_exact::<PyStr>()?);
    Some(a.bytes().cmp(b.bytes()))
}

type Less<'a> = dyn FnMut(&mut Ctx, usize, usize) -> PyResult<bool> + 'a;

fn merge_sort(ctx: &mut Ctx, order: &mut [usize], less: &mut Less<'_>) -> PyResult<()> {
    let mut spare = Vec::with_capacity(order.len() / 2);
    // Starts of the runs found so far; the last one ends at `end`.
    let mut runs: Vec<usize> = Vec::new();
    let mut end = 0;
    while end < order.len() {
        let start = end;
        end = run(ctx, order, start, less)?;
        runs.push(start);
        // Runs grow at least as the Fibonacci numbers towards the bottom of the stack.
        while runs.len() > 1 {
            let n = runs.len();
            let (last, middle) = (end - runs[n - 1], runs[n - 1] - runs[n - 2]);
            let below = if n > 2 {
                runs[n - 2] - runs[n - 3]
            } else {
                usize::MAX
            };
            if below <= middle + last && below < last {
                let (start, split, stop) = (runs[n - 3], runs[n - 2], runs[n - 1]);
                merge(ctx, order, (start, split, stop), &mut spare, less)?;
                runs.remove(n - 2);
            } else if below <= middle + last || middle <= last {
                merge(
                    ctx,
                    order,
                    (runs[n - 2], runs[n - 1], end),
                    &mut spare,
                    less,
                )?;
                runs.pop();
            } else {
                break;
            }
        }
    }
    while runs.len() > 1 {
        let n = runs.len();
        merge(
            ctx,
            order,
            (runs[n - 2], runs[n - 1], end),
            &mut spare,
            less,
        )?;
        runs.pop();
    }
    Ok(())
}

/// Makes a run that begins at `start`, and returns its end.
fn run(ctx: &mut Ctx, order: &mut [usize], start: usize, less: &mut Less<'_>) -> PyResult<usize> {
    let len = order.len();
    let mut end = ascending(ctx, order, start + 1, less)?;
    // What ends an ascending run after equal items begins a descending one with them.
    if end < len && (end == start + 1 || !less(ctx, order[start], order[end - 1])?) {
        order[start..end].reverse();
        end = descending(ctx, order, end + 1, less)?;
        order[start..end].reverse();
        end = ascending(ctx, order, end, less)?;
    }
    let wanted = (start + MIN_RUN).min(len);
    while end < wanted {
        let item = order[end];
        let (mut low, mut high) = (start, end);
        while low < high {
            let middle = (low + high) / 2;
            if less(ctx, item, order[middle])? {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        order[low..=end].rotate_right(1);
        end += 1;
    }
    Ok(end)
}

/// Goes on from `end` to where an item is less than the one before it.
fn ascending(
    ctx: &mut Ctx,
    order: &[usize],
    mut end: usize,
    less: &mut Less<'_>,
) -> PyResult<usize> {
    while end < order.len() && !less(ctx, order[end], order[end - 1])? {
        end += 1;
    }
    Ok(end)
}

/// Goes on from `end` to where an item is greater than the one before it. Equal ones are turned around, since the whole will be.
fn descending(
    ctx: &mut Ctx,
    order: &mut [usize],
    mut end: usize,
    less: &mut Less<'_>,
) -> PyResult<usize> {
    let mut equal = 0;
    while end < order.len() {
        if less(ctx, order[end], order[end - 1])? {
            order[end - 1 - equal..end].reverse();
            equal = 0;
        } else if less(ctx, order[end - 1], order[end])? {
            break;
        } else {
            equal += 1;
        }
        end += 1;
    }
    order[end - 1 - equal..end].reverse();
    Ok(end)
}

/// Merges two neighbouring runs.
fn merge(
    ctx: &mut Ctx,
    order: &mut [usize],
    (start, split, end): (usize, usize, usize),
    spare: &mut Vec<usize>,
    less: &mut Less<'_>,
) -> PyResult<()> {
    if !less(ctx, order[split], order[split - 1])? {
        return Ok(());
    }
    spare.clear();
    spare.extend_from_slice(&order[start..split]);
    let (mut left, mut right, mut to) = (0, split, start);
    while left < spare.len() && right < end {
        if less(ctx, order[right], spare[left])? {
            order[to] = order[right];
            right += 1;
        } else {
            order[to] = spare[left];
            left += 1;
        }
        to += 1;
    }
    order[to..to + spare.len() - left].copy_from_slice(&spare[left..]);
    Ok(())
}
