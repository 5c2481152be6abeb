//! The heap as its users see it: one [`LocalHeap`] per thread, one [`SharedHeap`] per runtime.
//!
//! Allocating is popping a free list and freeing is pushing one, both inlined; everything else is a
//! call through [`HeapOps`], a table of functions that the heap's crate supplies. A heap that has no
//! pages leaves the table of pages empty and clears `paged`: then every call goes to its functions.
//!
//! | | |
//! |---|---|
//! | `local` | a thread's: allocating and freeing |
//! | `shared` | the runtime's: limits, and the walk over all objects |
//!
//! # Blocks
//!
//! Blocks are aligned to 16 bytes; in a paged heap, a block of a power of two up to 64 KiB to its size. What is in one
//! depends on its kind:
//!
//! | kind      | block                               | the walk | reuse of an empty page for other things |
//! |-----------|-------------------------------------|----------|------------------------------------------|
//! | Buffer    | raw bytes                           | skips it | at once                                  |
//! | Plain     | header, fields                      | visits   | after a grace period                     |
//! | Collected | header, fields                      | visits   | after a grace period                     |
//! | Prefixed  | two words, then header and fields   | visits   | after a grace period                     |
//!
//! A reader without a reference may look at the header of an object that was freed, until it next reports
//! a quiescent state. For its sake the count words of a free object block are always valid (`local` is 0,
//! `shared` is 0 or 3), and the block's memory only ever becomes another block of the same size and kind
//! before a grace period has passed. The caller of [`LocalHeap::free`] leaves the count words so; the heap
//! never writes them, neither on free nor on allocation. It overwrites the first four bytes of a free
//! block: the type, or part of the prefix.

mod local;
mod shared;

pub use local::{HeapOps, LocalHeap, zero_block};
pub use shared::{NoHeap, SharedHeap, Totals};

/// What a block is for. Passed explicitly to every allocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum HeapKind {
    /// Raw bytes.
    Buffer = 0,
    /// Objects that cannot be part of a cycle.
    Plain = 1,
    /// Objects that the collector looks at.
    Collected = 2,
    /// The same, with [`PREFIX`] bytes in front of the header.
    Prefixed = 3,
}

/// How many kinds there are.
pub const KINDS: usize = 4;
/// Bytes in front of the header of a [`Prefixed`](HeapKind::Prefixed) object.
pub const PREFIX: usize = 16;
/// Size classes: multiples of 16 up to 256 bytes, then four per doubling up to [`CLASS_MAX`].
pub const CLASSES: usize = 48;
/// The largest block that shares its page with others.
pub const CLASS_MAX: usize = 64 * 1024;

impl HeapKind {
    /// All kinds.
    pub const ALL: [HeapKind; KINDS] = [
        HeapKind::Buffer,
        HeapKind::Plain,
        HeapKind::Collected,
        HeapKind::Prefixed,
    ];

    /// The kind whose number is `index & 3`.
    #[inline(always)]
    pub const fn from_index(index: u8) -> HeapKind {
        Self::ALL[(index & 3) as usize]
    }

    /// Whether the blocks are objects: start with a header, are walked, wait for a grace period.
    #[inline(always)]
    pub const fn is_object(self) -> bool {
        !matches!(self, HeapKind::Buffer)
    }

    /// From the start of a block to the object's header.
    #[inline(always)]
    pub const fn header_offset(self) -> usize {
        if matches!(self, HeapKind::Prefixed) {
            PREFIX
        } else {
            0
        }
    }
}

/// A set of kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kinds(u8);

impl Kinds {
    /// What the collector looks at.
    pub const COLLECTED: Kinds = Kinds::of(&[HeapKind::Collected, HeapKind::Prefixed]);
    /// Everything with a header.
    pub const OBJECTS: Kinds =
        Kinds::of(&[HeapKind::Plain, HeapKind::Collected, HeapKind::Prefixed]);
    /// Everything.
    pub const ALL: Kinds = Kinds::of(&HeapKind::ALL);

    /// The set of these kinds.
    pub const fn of(kinds: &[HeapKind]) -> Kinds {
        let (mut set, mut i) = (0, 0);
        while i < kinds.len() {
            set |= 1 << kinds[i] as u8;
            i += 1;
        }
        Kinds(set)
    }

    /// Whether `kind` is in the set.
    #[inline]
    pub const fn contains(self, kind: HeapKind) -> bool {
        self.0 >> kind as u8 & 1 != 0
    }
}

/// The size class of a block of `size` bytes, at most [`CLASS_MAX`].
#[inline(always)]
pub const fn class_of(size: usize) -> usize {
    if size <= 256 {
        size.saturating_sub(1) / 16
    } else {
        // 257..=320 is 16, 321..=384 is 17 and so on: the two bits below the highest of `size - 1`.
        let last = size - 1;
        let log = last.ilog2();
        16 + (log as usize - 8) * 4 + ((last >> (log - 2)) & 3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_ordered_and_complete() {
        assert_eq!(
            (
                class_of(0),
                class_of(1),
                class_of(16),
                class_of(17),
                class_of(256)
            ),
            (0, 0, 0, 1, 15)
        );
        assert_eq!(
            (
                class_of(257),
                class_of(320),
                class_of(321),
                class_of(512),
                class_of(513)
            ),
            (16, 16, 17, 19, 20)
        );
        assert_eq!(class_of(CLASS_MAX), CLASSES - 1);
        for size in 1..CLASS_MAX {
            let step = class_of(size + 1) - class_of(size);
            assert!(step <= 1, "{size}");
        }
    }
}
