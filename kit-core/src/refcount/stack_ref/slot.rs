//! Taking a reference out of a slot that other threads change, without its lock.
//!
//! An object found there may die at any moment, and its block become another object. So: take a reference, which
//! fails if it is dying, then look whether the slot still holds it. `refcount/model.rs` models it.

use crate::object::Word;
use crate::refcount::counter::Counter;
use crate::sync::atomic::{AtomicU64, Ordering::Acquire};

/// What came of [`take`].
pub(crate) enum Taken {
    /// A reference that is counted, or needs no count.
    Got(Word),
    /// What was there is dying, was replaced, or was never published: look again under the lock.
    Nothing,
    /// The same, and this word has a count too many.
    Surplus(Word),
}

/// See [`StackRef::try_get`](super::StackRef::try_get).
///
/// # Safety
/// - `source` holds a plain word that owns its count; an object it held lately is readable for now.
#[inline(always)]
pub(crate) unsafe fn take(source: &AtomicU64, by: Counter, solo: impl Fn() -> bool) -> Taken {
    // Acquire, paired with the Release of whoever stored the word: the object's contents are visible.
    let word = Word::from_bits(source.load(Acquire));
    if !word.is_object() {
        return Taken::Got(word);
    }
    // SAFETY: readable, by the contract.
    let header = unsafe { &*word.as_object() };
    // Still there: the block did not become another object's between the two loads. Whatever comes between them
    // acquires, so this load is not done before. Acquire, as above: the block may have become another object that
    // was stored here, too.
    let still = || solo() || source.load(Acquire) == word.bits();
    // SAFETY: as above. Only this thread recycles what it owns, so it need not look again.
    if unsafe { header.try_retain_own(by) } {
        Taken::Got(word)
    } else if header.is_deferred() {
        if still() {
            Taken::Got(word.deferred())
        } else {
            Taken::Nothing
        }
    // SAFETY: as above.
    } else if !unsafe { header.try_retain(by) } {
        Taken::Nothing
    } else if still() {
        Taken::Got(word)
    } else {
        Taken::Surplus(word)
    }
}
