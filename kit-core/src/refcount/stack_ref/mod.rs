//! References in the slots of a frame: one tagged word each, with the ownership written on it.
//!
//! | word      | owns      | who keeps the object                                       |
//! |-----------|-----------|------------------------------------------------------------|
//! | strong    | one count | the word                                                   |
//! | deferred  | nothing   | the collector: it scans the slots for objects that defer   |
//! | borrowed  | nothing   | an owner that outlives the word; tagged as deferred        |
//! | immediate | nothing   | there is no object                                         |
//! | null      | nothing   | there is no object                                         |
//!
//! Three types say where such a word is:
//!
//! - [`StackRef`] is in a slot that the collector scans, or is on its way from one slot to another. It is not
//!   `Copy`: it is closed once, by [`StackRef::close`] or by moving what it owns elsewhere. It has no destructor,
//!   for closing takes the context and frames are plain memory; what is not closed leaks.
//! - [`Fresh`] has just been made and is in no slot yet. It borrows the context, so nothing that may come to a
//!   safepoint compiles before it has been [put](Fresh::put) where the collector finds it.
//! - [`Borrowed`] looks at what a slot holds. It borrows the slot, so overwriting that does not compile meanwhile.
//!
//! | operation                      | strong       | deferred, borrowed                | immediate, null |
//! |--------------------------------|--------------|-----------------------------------|-----------------|
//! | [`Fresh::from_new`]            | incref       | the object defers: no count       | copy            |
//! | [`StackRef::from_steal`]       | takes over   | copy                              | copy            |
//! | [`Fresh::from_borrow`]         | tag          | copy                              | copy            |
//! | [`StackRef::dup`]              | incref       | copy                              | copy            |
//! | [`StackRef::borrow`]           | lends        | lends                             | lends           |
//! | [`StackRef::close`]            | decref       | nothing                           | nothing         |
//! | [`StackRef::clear`], [`StackRef::set`] | write the slot, then close what was there | as left | as left |
//! | [`StackRef::into_word`]        | gives the count away | nothing to give           | copy            |
//! | [`StackRef::into_strong`]      | gives the count away | incref                    | copy            |
//! | [`StackRef::is_heap_safe`]     | yes          | if the object defers              | yes             |
//! | [`StackRef::make_heap_safe`]   | nothing      | incref, unless the object defers  | nothing         |
//! | [`Fresh::try_get`]             | incref, unless it is dying or gone from the source | no count, if still there | copy |
//!
//! An object has two encodings, so identity is compared by [`StackRef::is`].
//!
//! With the feature `debug-refs` a slot holds the number of an entry in a table instead of the object. The entry knows
//! where the reference was made, and each leak, second close and use after the close is reported (`checked`).

#[cfg(feature = "debug-refs")]
pub mod checked;
#[cfg(not(feature = "debug-refs"))]
mod plain;
pub(crate) mod slot;

#[cfg(feature = "debug-refs")]
use checked as repr;
#[cfg(not(feature = "debug-refs"))]
use plain as repr;
use slot::Taken;

use crate::object::{Header, Word};
use crate::sync::atomic::AtomicU64;
use crate::thread::Ctx;
use core::marker::PhantomData;

/// What a slot of a frame holds. See the [module](self) for who owns what.
#[must_use = "a stack reference that is not closed leaks"]
#[repr(transparent)]
pub struct StackRef {
    /// The word, or the handle of one.
    word: Word,
    /// References in slots stay on their thread.
    not_send: PhantomData<*mut ()>,
}

/// A reference that is in no slot yet, and so is not seen by the collector.
#[must_use = "a stack reference that is not closed leaks"]
#[repr(transparent)]
pub struct Fresh<'ctx> {
    reference: StackRef,
    context: PhantomData<&'ctx Ctx>,
}

/// What a slot holds, looked at: the proof that somebody else keeps the object for `'frame`.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Borrowed<'frame> {
    word: Word,
    owner: PhantomData<&'frame StackRef>,
}

impl StackRef {
    /// An empty slot.
    pub const NULL: StackRef = StackRef::raw(Word::NULL);

    const fn raw(word: Word) -> StackRef {
        StackRef {
            word,
            not_send: PhantomData,
        }
    }

    /// A number or a constant, or null.
    #[inline(always)]
    pub const fn immediate(word: Word) -> StackRef {
        debug_assert!(!word.is_object());
        StackRef::raw(word)
    }

    /// Takes over what `word` owns: its count, if it is counted.
    ///
    /// # Safety
    /// - The caller gives up the count in `word`, if it has one.
    /// - If the word is deferred, its object defers or has an owner that outlives the reference, and the reference
    ///   is in a scanned slot before the next safepoint.
    #[inline(always)]
    #[cfg_attr(feature = "debug-refs", track_caller)]
    pub unsafe fn from_steal(ctx: &Ctx, word: Word) -> StackRef {
        StackRef::raw(repr::open(ctx, word, Word::NULL))
    }

    /// The tagged word, without what it owns.
    #[inline(always)]
    #[cfg_attr(feature = "debug-refs", track_caller)]
    pub fn word(&self) -> Word {
        *self.as_word()
    }

    /// The tagged word in place, or in the table: as long as the slot is left alone, the same.
    #[inline(always)]
    #[cfg_attr(feature = "debug-refs", track_caller)]
    pub fn as_word(&self) -> &Word {
        repr::resolve(&self.word)
    }

    /// Whether the slot is empty.
    #[inline(always)]
    pub fn is_null(&self) -> bool {
        self.word.is_null()
    }

    /// Whether there is an object here; then, and only then, the slot has to be emptied when it dies.
    #[inline(always)]
    pub fn is_object(&self) -> bool {
        repr::is_object(self.word)
    }

    /// Whether closing this does anything.
    #[inline(always)]
    pub fn needs_close(&self) -> bool {
        repr::needs_close(self.word)
    }

    /// Whether both are the same value by identity.
    #[inline(always)]
    #[cfg_attr(feature = "debug-refs", track_caller)]
    pub fn is(&self, other: &StackRef) -> bool {
        Word::same(self.word(), other.word())
    }

    /// One more reference to the same. A deferred one is a copy: nothing is stored.
    #[inline(always)]
    #[cfg_attr(feature = "debug-refs", track_caller)]
    pub fn dup<'c>(&self, ctx: &'c Ctx) -> Fresh<'c> {
        let word = self.word();
        if word.is_counted() {
            // SAFETY: this reference's own count keeps the object.
            unsafe { ctx.retain(word) };
        }
        Fresh::raw(StackRef::raw(repr::open(ctx, word, Word::NULL)))
    }

    /// Lends what is here for as long as the slot stays as it is.
    ///
    /// Overwriting the slot meanwhile does not compile:
    ///
    /// ```compile_fail
    /// use kit_core::refcount::stack_ref::StackRef;
    /// let mut slot = StackRef::NULL;
    /// let lent = slot.borrow();
    /// let old = slot.take();
    /// lent.word();
    /// # old.into_word();
    /// ```
    #[inline(always)]
    #[cfg_attr(feature = "debug-refs", track_caller)]
    pub fn borrow(&self) -> Borrowed<'_> {
        repr::resolve(&self.word);
        Borrowed {
            word: self.word,
            owner: PhantomData,
        }
    }

    /// Drops what this owns. The object may die here and now, with all that hangs on it.
    #[inline(always)]
    #[cfg_attr(feature = "debug-refs", track_caller)]
    pub fn close(self, ctx: &mut Ctx) {
        let word = repr::close(self.word);
        // SAFETY: the count is this reference's, which is consumed.
        unsafe { ctx.release(word) };
    }

    /// Ends a reference that is known to own nothing, without a context.
    #[inline(always)]
    #[cfg_attr(feature = "debug-refs", track_caller)]
    pub fn close_uncounted(self) {
        let word = repr::close(self.word);
        debug_assert!(!word.is_counted());
    }

    /// The word with what it owns, which is the caller's from here on: a count, if it is counted.
    #[inline(always)]
    #[cfg_attr(feature = "debug-refs", track_caller)]
    pub fn into_word(self) -> Word {
        repr::close(self.word)
    }

    /// The plain word with one count, which is the caller's: what may go to the heap.
    ///
    /// # Safety
    /// - A deferred reference has been in a scanned slot at every safepoint since it was made, or has an owner.
    #[inline(always)]
    #[cfg_attr(feature = "debug-refs", track_caller)]
    pub unsafe fn into_strong(self, ctx: &Ctx) -> Word {
        let word = repr::close(self.word);
        if word.is_deferred() {
            // SAFETY: the collector or the owner has kept the object until now.
            unsafe { ctx.retain(word) };
            return word.plain();
        }
        word
    }

    /// Whether the word may leave the frame as it is: nothing but the collector is needed to keep the object.
    ///
    /// # Safety
    /// - As [`StackRef::into_strong`].
    #[inline]
    #[cfg_attr(feature = "debug-refs", track_caller)]
    pub unsafe fn is_heap_safe(&self) -> bool {
        let word = self.word();
        // SAFETY: the object is alive, by the contract.
        !word.is_deferred() || unsafe { (*word.as_object()).is_deferred() }
    }

    /// Makes the word one that may leave the frame: a borrowed one takes a count.
    ///
    /// # Safety
    /// - As [`StackRef::into_strong`].
    #[inline]
    #[cfg_attr(feature = "debug-refs", track_caller)]
    pub unsafe fn make_heap_safe(&mut self, ctx: &Ctx) {
        // SAFETY: as the caller says; the new reference owns the count that `into_strong` took.
        unsafe {
            if !self.is_heap_safe() {
                let strong = self.take().into_strong(ctx);
                *self = StackRef::from_steal(ctx, strong);
            }
        }
    }

    /// Moves the reference out and leaves the slot empty.
    #[inline(always)]
    pub fn take(&mut self) -> StackRef {
        self.replace(StackRef::NULL)
    }

    /// Moves another reference in and returns what was here.
    #[inline(always)]
    pub fn replace(&mut self, new: StackRef) -> StackRef {
        core::mem::replace(self, new)
    }

    /// Empties a slot, then closes what it held: whatever runs meanwhile finds the slot empty.
    ///
    /// # Safety
    /// - `slot` is a slot of the context's thread, valid until the call returns.
    #[inline(always)]
    #[cfg_attr(feature = "debug-refs", track_caller)]
    pub unsafe fn clear(slot: *mut StackRef, ctx: &mut Ctx) {
        // SAFETY: as the caller says; no borrow of the slot is left when `close` runs.
        let old = unsafe { (*slot).take() };
        old.close(ctx);
    }

    /// Writes a slot, then closes what it held.
    ///
    /// # Safety
    /// - As [`StackRef::clear`].
    #[inline(always)]
    #[cfg_attr(feature = "debug-refs", track_caller)]
    pub unsafe fn set(slot: *mut StackRef, ctx: &mut Ctx, new: StackRef) {
        // SAFETY: as the caller says; no borrow of the slot is left when `close` runs.
        let old = unsafe { (*slot).replace(new) };
        old.close(ctx);
    }

    /// The word in a scanned slot as the collector must see it: never a handle.
    #[inline(always)]
    pub(crate) fn scanned(word: Word) -> Word {
        repr::scanned(word)
    }
}

impl<'ctx> Fresh<'ctx> {
    const fn raw(reference: StackRef) -> Fresh<'ctx> {
        Fresh {
            reference,
            context: PhantomData,
        }
    }

    /// A number or a constant, or null.
    #[inline(always)]
    pub const fn immediate(word: Word) -> Fresh<'ctx> {
        Fresh::raw(StackRef::immediate(word))
    }

    /// A new reference to what `word` refers to: without a count if the object defers.
    ///
    /// # Safety
    /// - The object cannot die during the call.
    #[inline(always)]
    #[cfg_attr(feature = "debug-refs", track_caller)]
    pub unsafe fn from_new(ctx: &'ctx Ctx, word: Word) -> Fresh<'ctx> {
        let mut word = word.plain();
        if word.is_object() {
            // SAFETY: the object is alive, by the contract.
            unsafe {
                if (*word.as_object()).is_deferred() {
                    word = word.deferred();
                } else {
                    ctx.retain(word);
                }
            }
        }
        Fresh::raw(StackRef::raw(repr::open(ctx, word, Word::NULL)))
    }

    /// Takes over what `word` owns; a deferred word is taken as it is.
    ///
    /// # Safety
    /// - The caller gives up the count in `word`, if it has one.
    /// - If the word is deferred, its object is alive, and defers or has an owner that outlives the reference.
    #[inline(always)]
    #[cfg_attr(feature = "debug-refs", track_caller)]
    pub unsafe fn from_steal(ctx: &'ctx Ctx, word: Word) -> Fresh<'ctx> {
        // SAFETY: as the caller says; `put` comes before the next safepoint, which needs the context.
        Fresh::raw(unsafe { StackRef::from_steal(ctx, word) })
    }

    /// A reference without a count to what an owner keeps.
    ///
    /// # Safety
    /// - The reference is closed before the owner gives the object up: before the slot that lends it is overwritten.
    #[inline(always)]
    #[cfg_attr(feature = "debug-refs", track_caller)]
    pub unsafe fn from_borrow(ctx: &'ctx Ctx, lent: Borrowed<'_>) -> Fresh<'ctx> {
        let mut word = *repr::resolve(&lent.word);
        if word.is_object() {
            word = word.deferred();
        }
        Fresh::raw(StackRef::raw(repr::open(ctx, word, lent.word)))
    }

    /// A reference to what a shared slot holds now. `None` when that is dying, or was replaced meanwhile, or was never
    /// published to other threads: then the caller looks again under the lock of the slot's object.
    ///
    /// # Safety
    /// - `source` holds a plain word that owns its count; an object it held lately is readable until the next
    ///   safepoint.
    #[inline(always)]
    #[cfg_attr(feature = "debug-refs", track_caller)]
    pub unsafe fn try_get(ctx: &'ctx Ctx, source: &AtomicU64) -> Option<Fresh<'ctx>> {
        // SAFETY: the caller's promise, and no safepoint passes while `ctx` is borrowed.
        match unsafe { slot::take(source, ctx.counter(), || ctx.solo()) } {
            Taken::Got(word) => Some(Fresh::raw(StackRef::raw(repr::open(ctx, word, Word::NULL)))),
            Taken::Nothing => None,
            Taken::Surplus(word) => {
                // SAFETY: gives up the count just taken.
                unsafe { ctx.thread().release_later(word) };
                None
            }
        }
    }

    /// The tagged word, without what it owns.
    #[inline(always)]
    #[cfg_attr(feature = "debug-refs", track_caller)]
    pub fn word(&self) -> Word {
        self.reference.word()
    }

    /// Whether this is null.
    #[inline(always)]
    pub fn is_null(&self) -> bool {
        self.reference.is_null()
    }

    /// Moves the reference into a slot and returns what was there, for the caller to close.
    ///
    /// Only then may the thread come to a safepoint:
    ///
    /// ```compile_fail
    /// use kit_core::{object::Word, refcount::stack_ref::{Fresh, StackRef}, thread::Ctx};
    /// fn load(ctx: &mut Ctx, slot: &mut StackRef, word: Word) -> StackRef {
    ///     // SAFETY: an example.
    ///     let fresh = unsafe { Fresh::from_new(ctx, word) };
    ///     let _ = ctx.poll();
    ///     fresh.put(slot)
    /// }
    /// ```
    #[inline(always)]
    pub fn put(self, slot: &mut StackRef) -> StackRef {
        slot.replace(self.reference)
    }

    /// The reference without the borrow of the context.
    ///
    /// # Safety
    /// - It is in a scanned slot, or given up, before the next safepoint.
    #[inline(always)]
    pub unsafe fn into_ref(self) -> StackRef {
        self.reference
    }

    /// The plain word with one count, which is the caller's.
    #[inline(always)]
    #[cfg_attr(feature = "debug-refs", track_caller)]
    pub fn into_strong(self, ctx: &Ctx) -> Word {
        // SAFETY: made a moment ago; no safepoint has passed since.
        unsafe { self.reference.into_strong(ctx) }
    }
}

impl<'frame> Borrowed<'frame> {
    /// Something that an owner outside of the frame keeps.
    ///
    /// # Safety
    /// - The object `word` refers to, if any, stays alive for `'frame`.
    #[inline(always)]
    pub unsafe fn new(word: Word) -> Borrowed<'frame> {
        Borrowed {
            word: word.plain(),
            owner: PhantomData,
        }
    }

    /// An object that an owner outside of the frame keeps.
    #[inline(always)]
    pub fn to(object: &'frame Header) -> Borrowed<'frame> {
        let word = Word::object(object);
        // SAFETY: headers are aligned to sixteen bytes, and no reference is null.
        unsafe { core::hint::assert_unchecked(word.is_counted()) };
        Borrowed {
            word,
            owner: PhantomData,
        }
    }

    /// The plain word.
    #[inline(always)]
    #[cfg_attr(feature = "debug-refs", track_caller)]
    pub fn word(self) -> Word {
        repr::resolve(&self.word).plain()
    }
}

/// Whether `object` may be changed in place: nobody but a temporary of the running operation refers to it.
///
/// A count of one is not enough. A borrowed reference has no count, so the one count may be that of a local which the
/// program will read again. `operands` are the frame's operands, the topmost last; the topmost that refers to the object
/// decides, and must be strong.
#[inline]
#[cfg_attr(feature = "debug-refs", track_caller)]
pub fn is_unique_temporary(ctx: &Ctx, operands: &[StackRef], object: &Header) -> bool {
    let topmost = operands.iter().rev().map(StackRef::word).find(|word| {
        let plain = word.plain();
        plain.is_object() && core::ptr::eq(plain.as_object(), object)
    });
    topmost.is_some_and(Word::is_counted) && object.is_unique(ctx.slot())
}
