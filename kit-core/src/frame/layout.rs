//! The header words of a frame, just below its registers.

use crate::object::Word;

/// Words in a frame's header.
pub const HEADER: usize = 6;
/// Offset of the callable from the frame's base; the result replaces it.
pub const FUNC: isize = -6;
/// Offset of the code that runs: a deferred reference, as a rule.
pub const CODE: isize = -5;
/// Offset of the saved instruction pointer ([`pack_pointer`]).
pub const PC: isize = -4;
/// Offset of the caller's base ([`pack_pointer`]); zero where a native caller waits.
pub const PREV: isize = -3;
/// Offset of a strong reference the embedder gives meaning to (a locals mapping, a generator).
pub const AUX: isize = -2;
/// Offset of the flags and sizes , packed by the embedder.
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
