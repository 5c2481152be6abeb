//! Size classes: which block sizes share pages, and how large those pages are.
//!
//! | blocks              | classes                | page                          |
//! |---------------------|------------------------|-------------------------------|
//! | 16 B to 256 B       | every 16 bytes         | one slice (64 KiB)            |
//! | to 8 KiB            | four per doubling      | one slice                     |
//! | to 64 KiB           | four per doubling      | two to eight slices           |
//! | to half a segment   | whole slices           | one block ("large")           |
//! | more                | whole segments         | one block ("huge")            |
//!
//! At most a fifth of a block is lost to rounding, beyond 64 bytes. A page has room for eight blocks or more: larger
//! pages would break up segments, and what one leaves behind would lie idle beneath the next.

use kit_core::backend::{
    heap::{CLASSES, class_of},
    page::{SLICE, SLICES},
};

/// What the pages of a class look like.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Bytes per block.
    pub block: u32,
    /// Slices per page.
    pub slices: u16,
    /// Blocks per page.
    pub blocks: u16,
    /// For [`PageHead::index_of`](kit_core::backend::page::PageHead::index_of).
    pub reciprocal: u32,
}

/// The shape of each class.
pub static SHAPES: [Shape; CLASSES] = shapes();

/// The largest block of a class.
pub const fn block_size(class: usize) -> usize {
    if class < 16 {
        (class + 1) * 16
    } else {
        let (doubling, quarter) = ((class - 16) / 4, (class - 16) % 4);
        (256 + 64 * (quarter + 1)) << doubling
    }
}

/// The class number of pages with a single block.
pub const SINGLE: u8 = CLASSES as u8;
/// The class number of slices that hold the heap's own records.
pub const RECORDS: u8 = CLASSES as u8 + 1;
/// The most slices a block may have that lies in a segment with others.
pub const LARGE_SLICES: usize = SLICES / 2;

const fn shapes() -> [Shape; CLASSES] {
    let mut shapes = [Shape {
        block: 0,
        slices: 0,
        blocks: 0,
        reciprocal: 0,
    }; CLASSES];
    let mut class = 0;
    while class < CLASSES {
        let block = block_size(class);
        let slices = (PAGE_BLOCKS * block).div_ceil(SLICE);
        shapes[class] = Shape {
            block: block as u32,
            slices: slices as u16,
            blocks: (slices * SLICE / block) as u16,
            reciprocal: (1_u32 << 31).div_ceil(block as u32 / 16),
        };
        assert!(class_of(block) == class && class_of(block - 15) == class);
        class += 1;
    }
    shapes
}

/// Blocks per page, at least.
const PAGE_BLOCKS: usize = 8;
