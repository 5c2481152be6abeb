//! Keys of hash tables: their hashes, and comparing one with what a table holds.

use super::exception::{self, class};
use super::obj::Obj;
use super::slot::Slot;
use super::str_::PyStr;
use super::type_::type_id_of;
use super::{protocol, type_};
use crate::error::{PyResult, Raised, raise};
use crate::number;
use crate::vm::thread::py;
use kit_core::object::Word;
use kit_core::thread::Ctx;

/// What comparing a key with a candidate of the same hash has come to.
pub(super) enum Verdict {
    /// They are equal.
    Same,
    /// They are not.
    Different,
    /// Only the key's own `__eq__` can tell: the candidate.
    Ask(Obj),
    /// A writer is at work: look again under the lock.
    Unclear,
}

/// The hash of a value: [`protocol::hash`] with the usual keys first.
#[inline(always)]
pub fn hash_value(ctx: &mut Ctx, value: &Obj) -> PyResult<i64> {
    if let Some(text) = value.downcast_exact::<PyStr>() {
        return Ok(text.hash(ctx));
    }
    if let Some(value) = value.as_small_int() {
        return Ok(number::hash::small_int(value));
    }
    protocol::hash(ctx, value)
}

/// Says of a key that cannot be hashed what it cannot be: `what` is "a dict key".
#[cold]
pub fn explain_unhashable(ctx: &mut Ctx, raised: Raised, key: &Obj, what: &str) -> Raised {
    let exact = py(ctx)
        .raised
        .as_ref()
        .is_some_and(|exception| type_id_of(exception) == class::TypeError);
    if !exact {
        return raised;
    }
    let reason = exception::take(ctx, raised);
    match protocol::str_string(ctx, &reason) {
        Ok(reason) => {
            let class = type_::type_of(ctx, key).to_obj();
            let name = match type_::full_name(ctx, &class) {
                Ok(name) => name,
                Err(raised) => return raised,
            };
            let name = name.strip_prefix("__main__.").unwrap_or(&name);
            raise!(ctx, TypeError, "cannot use '{name}' as {what} ({reason})")
        }
        Err(raised) => raised,
    }
}

/// Compares `key` with the `candidate` found in `slot`; their hashes are equal, they are not identical,
/// and the candidate is not null. With `LOCKED`, the lock of the slot's object is held.
#[inline]
pub(super) fn compare<const LOCKED: bool>(
    ctx: &Ctx,
    slot: &Slot,
    candidate: Word,
    key: &Obj,
) -> Verdict {
    if !candidate.is_object() {
        let wanted = key.word();
        if (candidate.is_int() && wanted.is_int()) || key.downcast_exact::<PyStr>().is_some() {
            return Verdict::Different;
        }
        // SAFETY: an immediate owns nothing.
        return Verdict::Ask(unsafe { Obj::from_word(candidate) });
    }
    if LOCKED || ctx.solo() {
        // SAFETY: the slot's own reference keeps the object while the lock is held, or while there is
        // no other thread; nothing below runs code.
        let borrowed = unsafe { Obj::borrow_word(&candidate) };
        if !ctx.solo()
            && let Some(header) = borrowed.header()
        {
            // Readers without the lock shall succeed from now on.
            header.publish();
        }
        return match same_str(borrowed, key) {
            Some(true) => Verdict::Same,
            Some(false) => Verdict::Different,
            None => Verdict::Ask(borrowed.clone()),
        };
    }
    // SAFETY: an object found in a slot stays readable until the next safepoint.
    if !unsafe { (*candidate.as_object()).try_retain(ctx.counter()) } {
        return Verdict::Unclear;
    }
    // SAFETY: the reference taken just now.
    let retained = unsafe { Obj::from_word(candidate) };
    if slot.peek() != candidate {
        return Verdict::Unclear;
    }
    match same_str(&retained, key) {
        Some(true) => Verdict::Same,
        Some(false) => Verdict::Different,
        None => Verdict::Ask(retained),
    }
}

/// Whether two strings are equal; `None` unless both are exactly strings.
#[inline(always)]
fn same_str(a: &Obj, b: &Obj) -> Option<bool> {
    let (a, b) = (a.downcast_exact::<PyStr>()?, b.downcast_exact::<PyStr>()?);
    Some(a.bytes() == b.bytes())
}
