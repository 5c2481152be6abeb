//! Segments: where pages come from, without a lock.
//!
//! A segment is [`SLICES`] slices, one bit each in a word; the first holds the descriptors. Taking a run of
//! slices is one compare-and-swap. Segments belong to no thread; pages do.
//!
//! The directory of segments is a chain of *nodes*, one in the header of the first segment it lists, with
//! a word that says which of its segments may have free slices. A huge block is a segment of its own, with
//! an entry but never open. Ordinary segments stay until [`trim`](Segments::trim) or the end, so that
//! looking through the directory needs no protection.

use core::{
    mem::offset_of,
    ptr::{self, NonNull},
};
use kit_core::sync::native::{AtomicPtr, AtomicUsize, Ordering::Relaxed};

use kit_core::{
    backend::{
        marks::SegmentHead,
        page::{PageHead, SEGMENT, SLICE, SLICES},
    },
    platform::pages::PageSource,
};

use super::directory::{self, End};
use crate::{account::Account, bitmap::mask};

/// The header of a segment. All zeros is valid.
#[repr(C)]
pub(super) struct Segment {
    /// The descriptors and marks, first: [`PageHead::of`] and the collector rely on it.
    head: SegmentHead,
    /// Slices in use.
    used: AtomicUsize,
    /// Slices that were ever used: the others read as zeros.
    touched: AtomicUsize,
    /// Slices that are free but hold memory.
    resident: AtomicUsize,
    /// Bytes reserved.
    size: AtomicUsize,
    /// The node that lists this segment.
    node: AtomicPtr<Node>,
    /// Where in the node.
    index: AtomicUsize,
    /// A node of the directory, if this segment was its first.
    own: Node,
}

const _: () = assert!(size_of::<Segment>() <= SLICE && offset_of!(Segment, head) == 0);

/// A part of the directory.
#[repr(C)]
struct Node {
    entries: [AtomicPtr<Segment>; SLICES],
    /// Which entries may have free slices.
    open: AtomicUsize,
    next: AtomicPtr<Node>,
}

/// A run of slices, or a huge block's segment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    /// The descriptor of its first slice.
    pub(super) head: NonNull<PageHead>,
    /// Whether all of it reads as zeros.
    pub(super) zero: bool,
}

/// All segments of a heap.
pub(super) struct Segments {
    source: NonNull<dyn PageSource>,
    first: AtomicPtr<Node>,
    /// Bytes in slices in use, headers and huge blocks.
    pub(super) account: Account,
    /// Bytes reserved from the source.
    held: AtomicUsize,
    /// Bytes that are free but hold memory.
    resident: AtomicUsize,
}

// SAFETY: the source is Sync, and everything else is atomic or handed out span by span.
unsafe impl Sync for Segments {}
// SAFETY: as above.
unsafe impl Send for Segments {}

impl Segments {
    pub(super) const fn new(source: NonNull<dyn PageSource>) -> Self {
        Self {
            source,
            first: AtomicPtr::new(ptr::null_mut()),
            account: Account::new(),
            held: AtomicUsize::new(0),
            resident: AtomicUsize::new(0),
        }
    }

    pub(super) fn source(&self) -> &dyn PageSource {
        // SAFETY: valid as long as the heap, as `Heap::from_raw` demands.
        unsafe { self.source.as_ref() }
    }

    pub(super) fn held(&self) -> usize {
        self.held.load(Relaxed)
    }

    /// Bytes that are free but hold memory.
    pub(super) fn free(&self) -> usize {
        self.resident.load(Relaxed)
    }

    /// A run of `slices` from the segments there are.
    pub(super) fn claim(&self, slices: usize, end: End) -> Option<Span> {
        if !self.account.charge(slices * SLICE) {
            return None;
        }
        for node in self.nodes() {
            let mut open = directory::opened(&node.open);
            while open != 0 {
                let index = open.trailing_zeros() as usize;
                open &= open - 1;
                let Some(segment) = directory::segment(&node.entries[index]) else {
                    continue;
                };
                // SAFETY: open entries are ordinary segments, which stay.
                let header = unsafe { segment.as_ref() };
                if let Some(first) = directory::take(&header.used, slices, end) {
                    // SAFETY: the slices are ours.
                    return Some(unsafe { self.span(segment, first, slices) });
                }
                directory::close_if_full(&header.used, &node.open, 1 << index);
            }
        }
        self.account.uncharge(slices * SLICE);
        None
    }

    /// A run of `slices` from a fresh segment.
    pub(super) fn claim_fresh(&self, slices: usize, end: End) -> Option<Span> {
        let segment = self.create((slices + 1) * SLICE, SEGMENT)?;
        let first = end.find(1, slices)?;
        // SAFETY: fresh, and nobody else's.
        unsafe { segment.as_ref() }
            .used
            .store(1 | mask(first, slices), Relaxed);
        self.publish(segment, true);
        // SAFETY: the slices are ours.
        Some(unsafe { self.span(segment, first, slices) })
    }

    /// A segment for a block of `size` bytes of its own.
    pub(super) fn claim_huge(&self, size: usize) -> Option<Span> {
        let total = size
            .checked_add(SLICE)?
            .checked_next_multiple_of(self.source().page_size().max(SLICE))?;
        if total > isize::MAX as usize {
            return None;
        }
        let segment = self.create(total, total)?;
        // All of it is in use, so that `trim` leaves it alone.
        // SAFETY: fresh, and nobody else's.
        unsafe { segment.as_ref() }.used.store(usize::MAX, Relaxed);
        if !self.publish(segment, false) {
            // The directory is full: an ordinary segment brings a node, and is of use anyway.
            let more = self.create(SLICE, SEGMENT);
            if let Some(more) = more {
                // SAFETY: fresh, and nobody else's.
                unsafe { more.as_ref() }.used.store(1, Relaxed);
                self.publish(more, true);
            }
            if more.is_none() || !self.publish(segment, false) {
                // SAFETY: nobody was told of it.
                unsafe { self.destroy(segment, total) };
                return None;
            }
        }
        // SAFETY: the segment has SLICES descriptors.
        let head = unsafe { segment.cast::<PageHead>().add(1) };
        Some(Span { head, zero: true })
    }

    /// Gives a run of slices back. Their descriptors say that they are not in use.
    ///
    /// # Safety
    ///
    /// - `head` describes `slices` claimed slices that nobody uses any more.
    pub(super) unsafe fn release(&self, head: NonNull<PageHead>, slices: usize) {
        let segment = segment_of(head);
        // SAFETY: ordinary segments stay.
        let header = unsafe { segment.as_ref() };
        let first = slice_of(head);
        let run = mask(first, slices);
        let bytes = slices * SLICE;
        if bytes > RUN_MAX
            || self.resident.load(Relaxed) >= RESIDENT_MAX.max(self.account.bytes() / 8)
        {
            // SAFETY: whole slices of a reserved segment, still ours.
            unsafe { self.purge_part(segment, first, bytes) };
        } else {
            header.resident.fetch_or(run, Relaxed);
            self.resident.fetch_add(bytes, Relaxed);
        }
        self.account.uncharge(bytes);
        self.reopen(header, run);
    }

    /// Gives a huge block's segment back to the source.
    ///
    /// # Safety
    ///
    /// - `head` describes a huge block that nobody uses any more.
    pub(super) unsafe fn release_huge(&self, head: NonNull<PageHead>) {
        let segment = segment_of(head);
        // SAFETY: the caller's segment; its node stays.
        unsafe {
            let header = segment.as_ref();
            let node = &*header.node.load(Relaxed);
            directory::leave(&node.entries[header.index.load(Relaxed)]);
            let size = header.size.load(Relaxed);
            self.destroy(segment, size);
        }
    }

    /// Lets the host take back the memory of free slices.
    pub(super) fn purge(&self) {
        for node in self.nodes() {
            for (index, entry) in node.entries.iter().enumerate() {
                // Huge segments may vanish while we look, but they are never open.
                if directory::opened(&node.open) >> index & 1 == 0 {
                    continue;
                }
                let Some(segment) = directory::segment(entry) else {
                    continue;
                };
                // SAFETY: an open entry is an ordinary segment, which stays.
                let header = unsafe { segment.as_ref() };
                let mut resident = header.resident.load(Relaxed);
                while resident != 0 {
                    let slice = resident.trailing_zeros() as usize;
                    let bit = 1 << slice;
                    resident &= !bit;
                    if directory::take_one(&header.used, bit) {
                        if header.resident.fetch_and(!bit, Relaxed) & bit != 0 {
                            self.resident.fetch_sub(SLICE, Relaxed);
                        }
                        // SAFETY: a slice of the segment, which nobody uses.
                        unsafe { self.purge_part(segment, slice, SLICE) };
                        self.reopen(header, bit);
                    }
                }
            }
        }
    }

    /// Gives ordinary segments without pages back to the source.
    ///
    /// # Safety
    ///
    /// - Nobody else uses the heap.
    pub(super) unsafe fn trim(&self) {
        for node in self.nodes() {
            // The first entry is the segment that holds the node.
            for (index, entry) in node.entries.iter().enumerate().skip(1) {
                let Some(segment) = directory::segment(entry) else {
                    continue;
                };
                // SAFETY: an entry is a segment.
                let header = unsafe { segment.as_ref() };
                if header.used.load(Relaxed) == 1 {
                    // Relaxed: nobody else uses the heap.
                    node.open.fetch_and(!(1 << index), Relaxed);
                    directory::leave(entry);
                    let resident = header.resident.load(Relaxed).count_ones() as usize * SLICE;
                    self.resident.fetch_sub(resident, Relaxed);
                    self.account.uncharge(SLICE);
                    // SAFETY: no page is in it and nobody looks for one.
                    unsafe { self.give_back(segment, SEGMENT) };
                }
            }
        }
        self.purge();
    }

    /// Whether an address lies in the first [`SEGMENT`] bytes of a segment, where blocks begin.
    #[cfg(feature = "checks")]
    pub(super) fn contains(&self, addr: usize) -> bool {
        let segment = addr & !(SEGMENT - 1);
        // Relaxed: whoever got a block from its allocator also got the entry, which was there before.
        self.nodes().any(|node| {
            (node.entries.iter()).any(|entry| segment != 0 && entry.load(Relaxed).addr() == segment)
        })
    }

    /// How many entries the directory has.
    pub(super) fn entries(&self) -> usize {
        self.nodes().count() * SLICES
    }

    /// Calls `f` with the descriptor of each page in one entry's segment.
    ///
    /// # Safety
    ///
    /// - Nobody else uses the heap but to read.
    pub(super) unsafe fn pages(&self, entry: usize, mut f: impl FnMut(NonNull<PageHead>)) {
        let Some(node) = self.nodes().nth(entry / SLICES) else {
            return;
        };
        let Some(segment) = directory::segment(&node.entries[entry % SLICES]) else {
            return;
        };
        let mut slice = 1;
        while slice < SLICES {
            // SAFETY: an entry is a segment, with SLICES descriptors.
            let head = unsafe { segment.cast::<PageHead>().add(slice) };
            // SAFETY: descriptors of a segment are readable, in use or not.
            let slices = unsafe { head.as_ref() }.slices.get() as usize;
            if slices != 0 {
                f(head);
            }
            slice += slices.max(1);
        }
    }

    fn nodes(&self) -> impl Iterator<Item = &Node> {
        let mut at = directory::follow(&self.first);
        core::iter::from_fn(move || {
            // SAFETY: a node of the chain, or its end.
            let node = unsafe { at.as_ref() }?;
            at = directory::follow(&node.next);
            Some(node)
        })
    }

    /// Reserves a segment, charged for `bytes`.
    fn create(&self, bytes: usize, size: usize) -> Option<NonNull<Segment>> {
        if !self.account.charge(bytes) {
            return None;
        }
        let Some(segment) = self.source().reserve(size, SEGMENT) else {
            self.account.uncharge(bytes);
            return None;
        };
        self.held.fetch_add(size, Relaxed);
        let segment = segment.cast::<Segment>();
        // SAFETY: fresh memory, large enough; all zeros is a valid header.
        let header = unsafe { segment.as_ref() };
        header.used.store(1, Relaxed);
        header.touched.store(1, Relaxed);
        header.size.store(size, Relaxed);
        Some(segment)
    }

    /// Undoes [`create`](Self::create) of a huge block's segment.
    unsafe fn destroy(&self, segment: NonNull<Segment>, size: usize) {
        self.account.uncharge(size);
        // SAFETY: as the caller says: nobody uses it.
        unsafe { self.give_back(segment, size) };
    }

    unsafe fn give_back(&self, segment: NonNull<Segment>, size: usize) {
        self.held.fetch_sub(size, Relaxed);
        self.account.give_back(size);
        // SAFETY: reserved in `create` with this size, and nobody uses it.
        unsafe { self.source().release(segment.cast(), size, SEGMENT) };
    }

    /// Puts a segment into the directory. False if there is no room, for a huge one only.
    fn publish(&self, segment: NonNull<Segment>, ordinary: bool) -> bool {
        // SAFETY: the caller's segment.
        let header = unsafe { segment.as_ref() };
        for node in self.nodes() {
            for (index, entry) in node.entries.iter().enumerate() {
                // Another segment may take the entry before us: this only says what to try.
                if directory::segment(entry).is_some() {
                    continue;
                }
                header.node.store(ptr::from_ref(node).cast_mut(), Relaxed);
                header.index.store(index, Relaxed);
                if directory::enter(entry, segment) {
                    if ordinary {
                        directory::open(&node.open, 1 << index);
                    }
                    return true;
                }
            }
        }
        if !ordinary {
            return false;
        }
        let own = ptr::from_ref(&header.own).cast_mut();
        header.node.store(own, Relaxed);
        header.index.store(0, Relaxed);
        header.own.entries[0].store(segment.as_ptr(), Relaxed);
        header.own.open.store(1, Relaxed);
        // SAFETY: nodes stay.
        directory::append(&self.first, NonNull::from_ref(&header.own), |node| unsafe {
            &(*node.as_ptr()).next
        });
        true
    }

    /// A run of slices that were just claimed.
    ///
    /// # Safety
    ///
    /// - The slices are the caller's.
    unsafe fn span(&self, segment: NonNull<Segment>, first: usize, slices: usize) -> Span {
        // SAFETY: a segment with slices in use stays.
        let header = unsafe { segment.as_ref() };
        let run = mask(first, slices);
        // Relaxed: the slices are ours since `used` says so.
        let resident = header.resident.fetch_and(!run, Relaxed) & run;
        if resident != 0 {
            self.resident
                .fetch_sub(resident.count_ones() as usize * SLICE, Relaxed);
        }
        let zero = header.touched.fetch_or(run, Relaxed) & run == 0;
        // SAFETY: the segment has SLICES descriptors.
        let head = unsafe { segment.cast::<PageHead>().add(first) };
        Span { head, zero }
    }

    /// Says that the contents of some slices are not needed.
    ///
    /// # Safety
    ///
    /// - The slices are the caller's, and nobody uses them.
    unsafe fn purge_part(&self, segment: NonNull<Segment>, slice: usize, bytes: usize) {
        if self.source().page_size() <= SLICE {
            self.account.give_back(bytes);
            // SAFETY: whole slices, and so whole pages, of a reserved segment.
            unsafe {
                self.source()
                    .purge(segment.cast::<u8>().add(slice * SLICE), bytes)
            };
        }
    }

    fn reopen(&self, header: &Segment, run: usize) {
        // SAFETY: nodes stay.
        let node = unsafe { &*header.node.load(Relaxed) };
        let bit = 1 << header.index.load(Relaxed);
        directory::give(&header.used, run, &node.open, bit);
    }
}

impl Drop for Segments {
    fn drop(&mut self) {
        let mut at = *self.first.get_mut();
        while let Some(node) = NonNull::new(at) {
            // SAFETY: nobody uses the heap any more; the node lives in the segment of its first entry, which
            // goes last.
            unsafe {
                // Relaxed: nobody else has the heap any more.
                at = node.as_ref().next.load(Relaxed);
                let entries = &raw const (*node.as_ptr()).entries;
                for index in (0..SLICES).rev() {
                    if let Some(segment) = directory::segment(&(*entries)[index]) {
                        let size = segment.as_ref().size.load(Relaxed);
                        self.give_back(segment, size);
                    }
                }
            }
        }
    }
}

/// The segment that a descriptor lies in.
pub(super) fn segment_of(head: NonNull<PageHead>) -> NonNull<Segment> {
    let segment = head.as_ptr().map_addr(|addr| addr & !(SEGMENT - 1));
    // SAFETY: no segment is at address 0.
    unsafe { NonNull::new_unchecked(segment.cast()) }
}

/// The number of the slice that a descriptor is for.
pub(super) fn slice_of(head: NonNull<PageHead>) -> usize {
    (head.as_ptr().addr() & (SEGMENT - 1)) / size_of::<PageHead>()
}

/// Free memory kept from the host, at least.
const RESIDENT_MAX: usize = 64 << 20;

/// The longest run of free memory kept from the host: a longer one costs more to keep than to get back.
const RUN_MAX: usize = 256 << 10;
