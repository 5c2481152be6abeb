//! The header words of a frame, just below its registers.

use crate::object::Word;
use crate::refcount::stack_ref::StackRef;

/// Words in a frame's header.
pub const HEADER: usize = 7;
/// Offset of the callable from the frame's base; the result replaces it.
pub const FUNC: isize = -7;
/// Offset of the code that runs: a deferred reference, as a rule.
pub const CODE: isize = -6;
/// Offset of the saved instruction pointer ([`pack_pointer`]).
pub const PC: isize = -5;
/// Offset of the caller's base ([`pack_pointer`]); zero where a native caller waits.
pub const PREV: isize = -4;
/// Offset of a strong reference the embedder gives meaning to (a locals mapping, a generator).
pub const AUX: isize = -3;
/// Offset of the address of the frame object ([`pack_pointer`]), where the embedder's flags say that there is one:
/// entering a frame does not write this word. Whoever writes it gives the frame one reference to the object.
pub const OBJECT: isize = -2;
/// Offset of the flags and sizes, packed by the embedder.
pub const META: isize = -1;

/// A raw pointer, at least four-byte aligned, as a word that the collector takes for an integer.
#[inline(always)]
pub fn pack_pointer<T>(pointer: *const T) -> Word {
    debug_assert!(pointer as usize & 3 == 0);
    Word::from_bits(pointer as usize as u64 | 2)
}

/// The pointer in a word made by [`pack_pointer`].
#[inline(always)]
pub fn unpack_pointer<T>(word: Word) -> *mut T {
    (word.bits() & !3) as usize as *mut T
}

/// The frame at `base`, the frame that called it, and so on; nothing for null.
///
/// # Safety
/// - `base` is null or the base of a complete frame of the calling thread, or of one that is stopped.
/// - No frame among those is left while the iterator is used.
pub unsafe fn callers(base: *mut StackRef) -> impl Iterator<Item = *mut StackRef> {
    let first = (!base.is_null()).then_some(base);
    core::iter::successors(first, |base| {
        // SAFETY: a complete frame has its caller's base in its header, or null.
        let caller: *mut StackRef = unpack_pointer(unsafe { (*base.offset(PREV)).word() });
        (!caller.is_null()).then_some(caller)
    })
}
