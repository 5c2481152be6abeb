//! Frame objects: where the frame of one is, and how it becomes the object's own.
//!
//! A frame is a window of a stack, and gone when its function returns. A program that looks at one gets an object
//! of the embedder's; the [`Place`] inside says where the registers are. A frame has at most one such object, and
//! most have none: making it is what the first look costs, and leaving the frame is what the look costs later.
//!
//! | place    | the registers are                                  | who may touch them                             |
//! |----------|----------------------------------------------------|------------------------------------------------|
//! | (absent) | on a stack; there is no object                     | the thread                                     |
//! | `Stack`  | on a stack                                         | the thread; others while it is stopped         |
//! | `Holder` | kept by another object (a generator), or on a stack while that runs | who has the holder; others while that is stopped |
//! | `Owned`  | in the frame object, moved there when the frame was left | anybody, under the object's lock         |
//!
//! ```text
//!  (absent) ──▶ Stack ────────────── left ──────────────▶ Owned
//!           └─▶ Holder ──▶ enter ──▶ suspend ──▶ … left ──▶
//! ```
//!
//! The object goes from `Stack` or `Holder` to `Owned` once, by the one who has the registers: their words are written
//! first, and the state last ([`Place::own`]). So whoever finds `Owned` finds the words. Nobody ever follows a pointer to
//! the stack of a thread that runs: [`Place::base_of`] gives it to that thread alone, and [`Place::base`] wants it stopped.
//!
//! Two threads never make the object of one frame at once: a frame on a stack belongs to the stack's thread, or to who
//! has stopped it; one that a holder keeps, to who has the holder.

use crate::object::{Header, Word};
use crate::refcount::stack_ref::StackRef;
use crate::sync::atomic::{
    AtomicPtr, AtomicU8, AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};
use crate::thread::Ctx;
use core::ptr;

/// Whose the registers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum State {
    /// A stack's.
    Stack,
    /// A holder's, or a stack's while that runs.
    Holder,
    /// The frame object's.
    Owned,
}

/// Where the frame of a frame object is.
#[derive(Debug)]
pub struct Place {
    state: AtomicU8,
    /// The slot of the thread on whose stack the frame is, or [`NOBODY`].
    slot: AtomicU32,
    base: AtomicPtr<StackRef>,
    holder: AtomicPtr<Header>,
}

const NOBODY: u32 = u32::MAX;

impl Place {
    fn new(state: State, slot: u32, base: *mut StackRef, holder: *const Header) -> Place {
        Place {
            state: AtomicU8::new(state as u8),
            slot: AtomicU32::new(slot),
            base: AtomicPtr::new(base),
            holder: AtomicPtr::new(holder.cast_mut()),
        }
    }

    /// Of the frame at `base` on the stack of the thread in `slot`.
    pub fn stack(base: *mut StackRef, slot: u16) -> Place {
        Place::new(State::Stack, slot.into(), base, ptr::null())
    }

    /// Of the frame that `holder` keeps.
    pub fn holder_of(holder: *const Header) -> Place {
        Place::new(State::Holder, NOBODY, ptr::null_mut(), holder)
    }

    /// The state. After `Owned`, which is the last one, the words are there.
    pub fn state(&self) -> State {
        // Acquire, paired with `own`.
        match self.state.load(Acquire) {
            0 => State::Stack,
            1 => State::Holder,
            _ => State::Owned,
        }
    }

    /// The frame's base, for the thread on whose stack it is: the caller, whose slot this is.
    pub fn base_of(&self, slot: u16) -> Option<*mut StackRef> {
        // Relaxed: only the thread itself, or one that has stopped it, writes its slot here and takes it away.
        (self.slot.load(Relaxed) == u32::from(slot)).then(|| self.base.load(Relaxed))
    }

    /// The frame's base and the slot of the thread on whose stack it is, for one who has stopped that thread.
    pub fn base(&self) -> Option<(*mut StackRef, u16)> {
        // Relaxed: stopping the thread has ordered what it wrote.
        let slot = u16::try_from(self.slot.load(Relaxed)).ok()?;
        Some((self.base.load(Relaxed), slot))
    }

    /// The holder, or null when it keeps the frame no more. It may be dying, and its memory is only readable until the next
    /// safepoint unless the caller takes a reference that fails then; or while the world is stopped.
    pub fn holder(&self) -> *mut Header {
        // Relaxed: a second look comes after taking a reference, and that acquires.
        self.holder.load(Relaxed)
    }

    /// The holder runs: its frame is at `base` on the stack of the calling thread, in `slot`.
    pub fn enter(&self, base: *mut StackRef, slot: u16) {
        // Relaxed: for this thread, or one that stops it.
        self.base.store(base, Relaxed);
        self.slot.store(slot.into(), Relaxed);
    }

    /// The holder sleeps again: its frame is off the stack.
    pub fn suspend(&self) {
        // Relaxed: as `enter`.
        self.slot.store(NOBODY, Relaxed);
        self.base.store(ptr::null_mut(), Relaxed);
    }

    /// The frame is the object's own: what it holds has been moved there by the caller, to whom it belonged.
    pub fn own(&self) {
        self.suspend();
        self.holder.store(ptr::null_mut(), Relaxed);
        // Release, paired with `state`: the words come first.
        self.state.store(State::Owned as u8, Release);
    }
}

/// Moves the registers of a frame that is being left to where they outlive it, each as a word that owns a count or
/// defers: what was borrowed takes a count.
///
/// # Safety
/// - `base` is the base of a frame of the calling thread with `count` registers or more, and `into` has room for as
///   many words, which own nothing.
/// - No other register of the frame, nor a window on top of it, borrows of these.
pub unsafe fn move_registers(ctx: &Ctx, base: *mut StackRef, count: usize, into: *mut Word) {
    for index in 0..count {
        // SAFETY: inside of both, by the contract; the words were in scanned slots or are borrowed of a frame below.
        unsafe {
            let register = &mut *base.add(index);
            register.make_heap_safe(ctx);
            into.add(index).write(register.take().into_word());
        }
    }
}

/// Puts a reference into a slot of a thread that is stopped, and returns what was there. Where slots hold handles,
/// this one holds the word itself: handles belong to the thread that made them.
///
/// # Safety
/// - `slot` is a slot of a thread that the caller has stopped, or of its own.
/// - The count in `word` is given up; it is not deferred.
pub unsafe fn put_stopped(slot: *mut StackRef, word: Word) -> StackRef {
    debug_assert!(!word.is_deferred());
    // SAFETY: a slot is one word, and a word that is no handle stands for itself.
    unsafe { (*slot).replace(core::mem::transmute::<Word, StackRef>(word)) }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn only_its_thread_finds_a_frame_on_a_stack() {
        let mut slots = [StackRef::NULL];
        let base = slots.as_mut_ptr();
        let place = Place::stack(base, 3);
        assert_eq!(place.state(), State::Stack);
        assert_eq!(place.base_of(3), Some(base));
        assert_eq!(place.base_of(4), None);
        place.own();
        assert_eq!(place.state(), State::Owned);
        assert_eq!(place.base_of(3), None);
        assert_eq!(place.base(), None);
    }

    #[test]
    fn a_held_frame_comes_and_goes() {
        let mut slots = [StackRef::NULL];
        let base = slots.as_mut_ptr();
        let holder: *const Header = ptr::without_provenance(64);
        let place = Place::holder_of(holder);
        assert_eq!((place.base_of(1), place.base()), (None, None));
        place.enter(base, 1);
        assert_eq!(
            (place.base_of(1), place.base()),
            (Some(base), Some((base, 1)))
        );
        place.suspend();
        assert_eq!(place.base_of(1), None);
        assert_eq!(place.holder().cast_const(), holder);
        place.own();
        assert!(place.holder().is_null());
    }
}

/// The take-over under loom. The words are a tracked cell, written by the thread that leaves the frame and read by
/// another one that found the state.
#[cfg(all(test, loom))]
mod model {
    use super::*;
    use crate::sync::cell::UnsafeCell;
    use loom::thread;
    use std::sync::Arc;

    struct Object {
        place: Place,
        words: UnsafeCell<u32>,
    }

    // SAFETY: the words are written before the state says that they are there; loom checks.
    unsafe impl Sync for Object {}
    // SAFETY: as above.
    unsafe impl Send for Object {}

    /// Guards the Release of [`Place::own`] and the Acquire of [`Place::state`]; fails with either of them relaxed.
    #[test]
    fn who_finds_the_frame_owned_finds_its_words() {
        loom::model(|| {
            let object = Arc::new(Object {
                place: Place::stack(ptr::null_mut(), 1),
                words: UnsafeCell::new(0),
            });
            let leaver = object.clone();
            let thread = thread::spawn(move || {
                assert!(leaver.place.base_of(1).is_some());
                // SAFETY: the frame is this thread's until it is owned by the object.
                leaver.words.with_mut(|words| unsafe { *words = 7 });
                leaver.place.own();
            });
            assert!(object.place.base_of(2).is_none());
            if object.place.state() == State::Owned {
                // SAFETY: the object's, and nobody writes any more.
                let found = object.words.with(|words| unsafe { *words });
                assert_eq!(found, 7);
                assert!(object.place.holder().is_null());
            }
            thread.join().unwrap();
        });
    }
}
