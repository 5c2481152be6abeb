//! The one kind of object of this program: two words.

use core::cell::Cell;
use kit_core::backend::heap::HeapKind;
use kit_core::object::{Header, Kind, Tracer, Word};
use kit_core::sync::native::{AtomicUsize, Ordering::Relaxed};
use kit_core::thread::{Ctx, Object};

/// The type's id.
pub const PAIR: u32 = 1;

static LIVE: AtomicUsize = AtomicUsize::new(0);

/// How many pairs there are.
pub fn live() -> usize {
    LIVE.load(Relaxed)
}

/// A header and two references.
#[repr(C)]
pub struct Pair {
    header: Header,
    fields: [Cell<Word>; 2],
}

// SAFETY: it begins with a header.
unsafe impl Object for Pair {}

/// What the kit knows of pairs.
pub static KIND: Kind = Kind {
    name: "pair",
    trace,
    clear,
    drop,
    discard: None,
    size,
};

impl Pair {
    /// A pair of two references that it takes over; `None` when memory has run out.
    pub fn make(ctx: &Ctx, first: Word, second: Word) -> Option<Word> {
        let mut pair = ctx.uninit::<Pair>(PAIR, HeapKind::Collected, size_of::<Pair>())?;
        // SAFETY: a fresh block of a pair's size; there are no other fields.
        let header = unsafe {
            (&raw mut (*pair.as_ptr()).fields).write([Cell::new(first), Cell::new(second)]);
            pair.publish()
        };
        LIVE.fetch_add(1, Relaxed);
        Some(Word::object(header.as_ptr()))
    }

    /// Stores a reference in the first field, which is null.
    ///
    /// # Safety
    /// - `pair` refers to a pair that is alive; the reference is given to it.
    pub unsafe fn set_first(pair: Word, first: Word) {
        // SAFETY: a pair, by the contract.
        unsafe { (*pair.as_object().cast::<Pair>()).fields[0].set(first) };
    }
}

unsafe fn trace(object: *const Header, tracer: &mut Tracer<'_>) {
    // SAFETY: called for pairs only.
    for field in unsafe { &(*object.cast::<Pair>()).fields } {
        tracer.word(field.get());
    }
}

unsafe fn clear(object: *const Header, ctx: &mut Ctx) {
    // SAFETY: called for pairs only; a field owns its reference.
    for field in unsafe { &(*object.cast::<Pair>()).fields } {
        // SAFETY: as above.
        unsafe { ctx.release(field.replace(Word::NULL)) };
    }
}

unsafe fn drop(object: *mut Header, ctx: &mut Ctx) {
    // SAFETY: called for pairs only; a field owns its reference.
    for field in unsafe { &(*object.cast::<Pair>()).fields } {
        // SAFETY: as above.
        unsafe { ctx.thread().release_later(field.replace(Word::NULL)) };
    }
    LIVE.fetch_sub(1, Relaxed);
}

unsafe fn size(_: *const Header) -> usize {
    size_of::<Pair>()
}
