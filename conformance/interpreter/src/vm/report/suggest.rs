//! `Did you mean: 'x'?`: the name nearest to one that was not found.
//!
//! The distance of two names counts insertions, deletions and replacements, changes of case at half
//! the price. A name is suggested if at most a third of the letters of both have to change.

use crate::object::exception::{self, PyException, simple};
use crate::object::obj::Obj;
use crate::object::str_;
use crate::object::traceback::{self, PyTraceback};
use crate::object::{dict::PyDict, protocol};
use crate::prelude::*;
use crate::vm::thread::rt;
use kit_core::thread::Ctx;

/// The price of an insertion, a deletion or a replacement.
const MOVE: usize = 2;
/// The price of a change of case.
const CASE: usize = 1;
/// Names longer than this are not compared.
const MAX_LENGTH: usize = 40;
/// Nothing is suggested when there are more candidates.
const MAX_CANDIDATES: usize = 750;

/// The suggestion for an attribute that an object does not have.
pub(super) fn for_attribute(ctx: &mut Ctx, exception: &Obj, wrong: &str) -> Option<String> {
    let body = exception.expect::<PyException>();
    let object = body.field(ctx, simple::OBJ)?;
    let mut candidates = attribute_names(ctx, &object)?;
    let hide = !wrong.starts_with('_') && !is_own_attribute(ctx, exception, &object);
    if hide {
        candidates.retain(|name| !name.starts_with('_'));
    }
    nearest(&candidates, wrong)
}

/// The suggestion for a name that a module does not have.
pub(super) fn for_import(ctx: &mut Ctx, exception: &Obj, wrong: &str) -> Option<String> {
    let body = exception.expect::<PyException>();
    let name = body.field(ctx, simple::NAME)?;
    let modules = rt(ctx).modules.get()?.clone();
    let module = take_error(ctx, |ctx| modules.expect::<PyDict>().get(ctx, &name))??;
    let mut candidates = attribute_names(ctx, &module)?;
    if !wrong.starts_with('_') {
        candidates.retain(|name| !name.starts_with('_'));
    }
    nearest(&candidates, wrong)
}

/// The suggestion for a variable that is not defined.
pub(super) fn for_name(ctx: &mut Ctx, exception: &Obj, wrong: &str) -> Option<String> {
    let entry = innermost(ctx, exception)?;
    let entry = entry.expect::<PyTraceback>();
    if let Some(receiver) = entry.receiver(ctx) {
        let name = take_error(ctx, |ctx| str_::intern_text(ctx, wrong))?;
        if let Some(Some(_)) = take_error(ctx, |ctx| protocol::find_attr(ctx, &receiver, &name)) {
            return Some(format!("self.{wrong}"));
        }
    }
    let mut candidates: Vec<String> = Vec::new();
    let locals = entry
        .code()
        .local_names
        .iter()
        .zip(&entry.code().local_kinds);
    for (name, kind) in locals {
        if kind & crate::code::local::HIDDEN == 0 {
            candidates.push(name.to_string());
        }
    }
    for space in [Some(entry.globals()), rt(ctx).builtins.get().cloned()]
        .into_iter()
        .flatten()
    {
        if let Some(dict) = space.downcast::<PyDict>() {
            let names = dict.items(ctx).into_iter();
            candidates.extend(names.filter_map(|(name, _)| super::text_of(&name)));
        }
    }
    nearest(&candidates, wrong)
}

/// The entry of the function where the exception was raised.
fn innermost(ctx: &Ctx, exception: &Obj) -> Option<Obj> {
    let body = exception.expect::<PyException>();
    let traceback = body.traceback.get(ctx, &body.header);
    traceback::entries(ctx, traceback).pop()
}

/// Whether the exception was raised in a method of the very object.
fn is_own_attribute(ctx: &Ctx, exception: &Obj, object: &Obj) -> bool {
    innermost(ctx, exception)
        .and_then(|entry| entry.expect::<PyTraceback>().receiver(ctx))
        .is_some_and(|receiver| receiver.is(object))
}

fn take_error<T>(
    ctx: &mut Ctx,
    body: impl FnOnce(&mut Ctx) -> crate::error::PyResult<T>,
) -> Option<T> {
    match body(ctx) {
        Ok(value) => Some(value),
        Err(raised) => {
            exception::take(ctx, raised);
            None
        }
    }
}

/// `sorted(dir(object))`.
fn attribute_names(ctx: &mut Ctx, object: &Obj) -> Option<Vec<String>> {
    let names = take_error(ctx, |ctx| {
        crate::builtins::attributes::names_of(ctx, object)
    })?;
    let mut names: Vec<String> = names.iter().filter_map(super::text_of).collect();
    names.sort_unstable();
    Some(names)
}

/// What the message about a keyword argument that a call does not take adds: `. Did you mean 'x'?` for
/// the parameter meant, or nothing.
pub fn for_keyword(parameters: &[&str], wrong: &str) -> String {
    let candidates: Vec<String> = parameters.iter().map(|&name| name.to_owned()).collect();
    match nearest(&candidates, wrong) {
        Some(name) => format!(". Did you mean '{name}'?"),
        None => String::new(),
    }
}

/// The candidate with the smallest distance that is small enough; the first of several.
pub fn nearest(candidates: &[String], wrong: &str) -> Option<String> {
    let wrong_chars: Vec<char> = wrong.chars().collect();
    if candidates.len() > MAX_CANDIDATES || wrong_chars.len() > MAX_LENGTH {
        return None;
    }
    let mut best: Option<(&String, usize)> = None;
    for candidate in candidates {
        if candidate == wrong {
            continue;
        }
        let chars: Vec<char> = candidate.chars().collect();
        let mut limit = (chars.len() + wrong_chars.len() + 3) * MOVE / 6;
        if let Some((_, distance)) = best {
            limit = limit.min(distance - 1);
        }
        if let Some(distance) = distance(&wrong_chars, &chars, limit) {
            best = Some((candidate, distance));
            if distance == 0 {
                break;
            }
        }
    }
    best.map(|(name, _)| name.clone())
}

/// The distance of two names if it is at most `limit`.
fn distance(a: &[char], b: &[char], limit: usize) -> Option<usize> {
    let prefix = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[prefix..], &b[prefix..]);
    let suffix = a.iter().rev().zip(b.iter().rev());
    let suffix = suffix.take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[..a.len() - suffix], &b[..b.len() - suffix]);
    if a.len() > MAX_LENGTH || b.len() > MAX_LENGTH {
        return None;
    }
    let mut row: Vec<usize> = (0..=b.len()).map(|index| index * MOVE).collect();
    for (i, &x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = (i + 1) * MOVE;
        for (j, &y) in b.iter().enumerate() {
            let replaced = diagonal + replacement(x, y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + MOVE).min(row[j] + MOVE);
        }
        if row.iter().all(|&cost| cost > limit) {
            return None;
        }
    }
    (row[b.len()] <= limit).then_some(row[b.len()])
}

fn replacement(x: char, y: char) -> usize {
    if x == y {
        0
    } else if x.eq_ignore_ascii_case(&y) {
        CASE
    } else {
        MOVE
    }
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_nearest_name_is_suggested_if_it_is_near_enough() {
        let names = ["append", "extend", "pop"].map(str::to_owned);
        assert_eq!(nearest(&names, "apend"), Some("append".to_owned()));
        assert_eq!(nearest(&names, "Pop"), Some("pop".to_owned()));
        assert_eq!(nearest(&names, "insert"), None);
    }
}
