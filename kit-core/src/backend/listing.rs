//! Listings: how the objects of a heap without segments are found.
//!
//! ```text
//! listing   | PageHead | entry | entry | ...                       aligned to LISTING, that many bytes
//!                          |
//!                          v block
//! Plain     | front | front | header, fields ...
//! Prefixed  | front | prefix        | header, fields ...
//! Buffer            | front | bytes ...
//! ```
//!
//! A listing is a page whose blocks lie anywhere: it has an [`Entry`] for each. Blocks are single allocations, with a
//! [`Front`] right before the block, which leads to the entry and says the size and the kind. The collector starts from
//! a header and not from a block, so there is one [`FRONT`] bytes before the header as well. In a prefixed object both are
//! the same; in others the one before the block is there for what frees it, which does not know the kind.
//!
//! A new listing is [`LISTING`] bytes of zeros, aligned to as many, in whose descriptor are the
//! [`kind`](PageHead::kind) of its objects, [`SLICES_OF_LISTING`] as [`slices`](PageHead::slices), and [`LISTED`] as
//! [`capacity`](PageHead::capacity). Whoever puts a block into it says that it is [fresh](PageHead::make_fresh). How the
//! heap finds its listings, and free entries in them, is its own affair.
//!
//! A block that was freed is marked dead in its front, and the walk leaves it out. Its entry is used again after it is
//! released.

use core::{cell::Cell, ptr::NonNull};

use super::{
    heap::{HeapKind, PREFIX},
    page::PageHead,
};

/// Bytes per listing, and its alignment.
pub const LISTING: usize = 1024;
/// Entries per listing.
pub const LISTED: usize = (LISTING - size_of::<PageHead>()) / size_of::<Entry>();
/// From the front of an object to its header.
pub const FRONT: usize = PREFIX + size_of::<Front>();
/// What [`PageHead::slices`] is in a listing.
pub const SLICES_OF_LISTING: u16 = u16::MAX;

/// Where a listing says where a block is. Without one: null, or an odd address that is the heap's own affair.
#[derive(Debug)]
#[repr(transparent)]
pub struct Entry(pub Cell<*mut u8>);

/// What lies in front of a block.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(16))]
pub struct Front {
    entry: *const Entry,
    /// The bytes that the block has room for, a multiple of 16; [`DEAD`]; the kind.
    tag: usize,
}

const _: () = assert!(size_of::<Front>() == 16 && size_of::<Entry>() == size_of::<usize>());

/// The bit of a tag that says that the block was freed.
const DEAD: usize = 4;
const KIND: usize = 3;

impl Front {
    /// The front of a live block with an entry; `size` is a multiple of 16. A buffer has none: null.
    #[inline]
    pub const fn new(entry: *const Entry, kind: HeapKind, size: usize) -> Self {
        debug_assert!(size.is_multiple_of(16));
        Self {
            entry,
            tag: size | kind as usize,
        }
    }

    /// The entry.
    #[inline]
    pub fn entry(self) -> *const Entry {
        self.entry
    }

    /// The bytes that the block has room for.
    #[inline]
    pub fn size(self) -> usize {
        self.tag & !15
    }

    /// What the block is for.
    #[inline]
    pub fn kind(self) -> HeapKind {
        HeapKind::from_index((self.tag & KIND) as u8)
    }

    /// Whether the block was freed.
    #[inline]
    pub fn is_dead(self) -> bool {
        self.tag & DEAD != 0
    }

    /// The same, of a block that was freed.
    #[inline]
    #[must_use]
    pub fn dead(self) -> Self {
        Self {
            tag: self.tag | DEAD,
            ..self
        }
    }

    /// Where the front of `block` is.
    ///
    /// # Safety
    ///
    /// - `block` is the start of a block of a heap without segments.
    #[inline(always)]
    pub unsafe fn of(block: NonNull<u8>) -> NonNull<Front> {
        // SAFETY: as the caller says.
        unsafe { block.cast::<Front>().sub(1) }
    }
}

/// Writes the fronts of a block: the first [`FRONT`] bytes before an object's header, those before a buffer.
///
/// # Safety
///
/// - The memory in front of the block is the caller's.
#[inline]
pub unsafe fn write_fronts(block: NonNull<u8>, front: Front) {
    // SAFETY: as the caller says.
    unsafe {
        Front::of(block).write(front);
        if matches!(front.kind(), HeapKind::Plain | HeapKind::Collected) {
            Front::of(block).sub(1).write(front);
        }
    }
}

/// The entry of an object.
///
/// # Safety
///
/// - `object` is the header of an object of a heap without segments, which was not released.
#[inline(always)]
pub unsafe fn entry_of(object: NonNull<u8>) -> NonNull<Entry> {
    // SAFETY: as the caller says; an object has an entry.
    unsafe { NonNull::new_unchecked(object.sub(FRONT).cast::<Front>().read().entry.cast_mut()) }
}

/// The listing that an entry lies in.
///
/// # Safety
///
/// - The entry lies in a listing.
#[inline(always)]
pub unsafe fn listing_of(entry: NonNull<Entry>) -> NonNull<PageHead> {
    let listing = entry.as_ptr().map_addr(|addr| addr & !(LISTING - 1));
    // SAFETY: listings are aligned to their size, and not at address 0.
    unsafe { NonNull::new_unchecked(listing.cast()) }
}

/// The listing of an object.
///
/// # Safety
///
/// - `object` is the header of an object of a heap without segments, which was not released.
#[inline(always)]
pub unsafe fn page_of(object: NonNull<u8>) -> NonNull<PageHead> {
    // SAFETY: as the caller says.
    unsafe { listing_of(entry_of(object)) }
}

/// The number of an entry in its listing.
#[inline(always)]
pub fn index_of(entry: NonNull<Entry>) -> usize {
    ((entry.as_ptr().addr() & (LISTING - 1)) - size_of::<PageHead>()) / size_of::<Entry>()
}

/// The entries of a listing.
///
/// # Safety
///
/// - `this` is a listing, in use for as long as the result is.
#[inline]
pub unsafe fn entries<'a>(this: NonNull<PageHead>) -> &'a [Entry] {
    // SAFETY: they follow the descriptor.
    unsafe { core::slice::from_raw_parts(this.add(1).cast().as_ptr(), LISTED) }
}

/// Calls `f` with each live block of a listing.
///
/// # Safety
///
/// - `this` is a listing in use, and the world is stopped.
pub(super) unsafe fn for_each_live(this: NonNull<PageHead>, mut f: impl FnMut(usize, NonNull<u8>)) {
    // SAFETY: as the caller says.
    for (number, entry) in unsafe { entries(this) }.iter().enumerate() {
        let block = entry.0.get();
        if block.addr() & 1 == 0
            && let Some(block) = NonNull::new(block)
            // SAFETY: what is listed is not released.
            && !unsafe { Front::of(block).read() }.is_dead()
        {
            f(number, block);
        }
    }
}
