//! The calling thread's record, for code that has no context at hand.
//!
//! Only owning handles need this: dropping one anywhere must find out whose count to change. Where the variables are, the
//! [next module](super::variables) says.

use super::variables::with;
use crate::runtime::Runtime;
use kit_core::backend::world::World;
#[cfg(feature = "gc")]
use kit_core::object::TypeTable;
use kit_core::object::{Header, TypeEntry, Word};
use kit_core::refcount::biased::Released;
use kit_core::refcount::counter::Counter;
use kit_core::thread::Thread;
use kit_core::thread::merge::MergeTable;

/// The slot of a thread that is not attached: no object has this owner.
pub const NOBODY: u16 = u16::MAX;

/// The slot of the calling thread, or [`NOBODY`] while it is not attached.
#[inline(always)]
pub fn slot() -> u16 {
    with(|current| current.slot.get())
}

/// Whether the calling thread is attached, or detached for the time of a call. Its references are its runtime's then.
pub fn is_inside() -> bool {
    with(|current| current.slot.get() != NOBODY || current.away.get())
}

/// Notes that the calling thread detaches for the time of a call, or that it is back.
pub(crate) fn set_away(away: bool) {
    with(|current| current.away.set(away));
}

/// One finalizer more, or less, runs on the calling thread; how many that are.
pub(crate) fn finalizers(change: i16) -> i16 {
    with(|current| {
        let running = current.finalizers.get() + change;
        current.finalizers.set(running);
        running
    })
}

/// The calling thread, for what changes counts.
#[inline(always)]
pub fn counter() -> Counter {
    with(|current| {
        let slot = current.slot.get();
        #[cfg(feature = "stats")]
        if slot != NOBODY {
            // SAFETY: attached, so the record exists.
            return unsafe { &*current.thread.get() }.counter();
        }
        // The place stays for as long as the thread runs.
        Counter::new(slot, &current.detached)
    })
}

/// The record of the calling thread; null before it first attaches.
#[inline(always)]
pub fn thread() -> *const Thread {
    with(|current| current.thread.get())
}

/// The type table of the runtime the calling thread is or was last attached to.
#[inline(always)]
pub fn types() -> *const TypeEntry {
    with(|current| current.types.get())
}

/// Lets the calling thread, which never attaches, look into the objects of a runtime with these types.
#[cfg(feature = "gc")]
pub(crate) fn look_into(types: &TypeTable) {
    with(|current| current.types.set(types.entries()));
}

/// Makes `thread` the calling thread's record: it has attached.
///
/// # Safety
/// - `thread` is attached, by the calling thread, and lives until [`clear`].
pub unsafe fn set(thread: *const Thread) {
    // SAFETY: the record is valid, by the contract.
    let record = unsafe { &*thread };
    with(|current| {
        current.slot.set(record.slot());
        current.detached.fold_into(&record.core.tally);
        current.thread.set(thread);
        current.types.set(record.services().types.entries());
    });
}

/// The calling thread did not come in: what it has counted is the runtime's.
pub(crate) fn stay_out(runtime: &Runtime) {
    with(|current| {
        runtime
            .stop
            .registry()
            .count_in(&current.detached, runtime.lot())
    });
}

/// Detaches or leaves: until the next [`set`] the thread owns no object.
pub fn clear() {
    with(|current| current.slot.set(NOBODY));
}

/// Drops the reference in `word`; nothing of the object runs now.
#[inline(always)]
pub fn release(word: Word) {
    debug_assert!(word.is_counted());
    let object = word.as_object();
    // SAFETY: the caller gives up a counted reference.
    match unsafe { (*object).release(counter()) } {
        Released::Alive => {}
        verdict => released(object, verdict),
    }
}

#[cold]
fn released(object: *mut Header, verdict: Released) {
    if slot() == NOBODY {
        // Whoever is inside finds it: this thread may never come in, and which runtime it is nobody says.
        // SAFETY: the verdict came from this object, just now.
        unsafe { MergeTable::leave(object, verdict, counter()) };
        Runtime::each(|runtime| runtime.services.merge.search());
    } else {
        // SAFETY: attached, so the record is this thread's; the verdict came from this object.
        unsafe { (*thread()).released(object, verdict) };
    }
}
