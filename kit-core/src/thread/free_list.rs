//! Free lists: dead objects of one type that a thread keeps, to make the next ones of.
//!
//! A heap finds a free block of the right size in a few instructions; a list saves most of these, and the
//! way to another thread's page for a block that came from there. A block on a list is in use as far as the heap
//! knows.
//!
//! | state    | `head`            | `room`               | then                  |
//! |----------|-------------------|----------------------|-----------------------|
//! | open     | newest block      | what may still come  | closed                |
//! | full     | newest block      | 0                    | open, by a pop        |
//! | closed   | null              | 0                    | -                     |
//!
//! The link is the first word *behind* the header. A reader that comes too late looks at the header only: it is
//! what the object's death has left, `local` 0 and `shared` 0 or merged, so no reference can be
//! taken, until the block is an object again, of the same type; that the reader notices when it looks again
//! where it found it. Only the list's thread touches it, or whoever has stopped the world. It is emptied by
//! every collection, and closed when the thread leaves. What a collector looks at is listed only if its page is
//! [fresh](crate::backend::page::PageHead::is_fresh), as the page of a new object must be.
//!
//! Storage that readers look at without a reference is never recycled this way: it must wait for its grace
//! period ([`Ctx::retire_buffer`](super::Ctx::retire_buffer)).

use crate::backend::heap::LocalHeap;
use crate::object::Header;
#[cfg(feature = "freelists")]
use ::core::cell::Cell;
use ::core::ptr::NonNull;

/// How many lists a thread has; list 0 takes nothing.
pub const LISTS: usize = 8;

/// The most objects on each.
pub const LIMIT: u32 = 80;

/// Up to `LIMIT` dead objects of one type. Without the feature `freelists`, none.
#[derive(Debug)]
pub struct FreeList<const LIMIT: u32> {
    #[cfg(feature = "freelists")]
    head: Cell<*mut Header>,
    #[cfg(feature = "freelists")]
    room: Cell<u32>,
}

#[cfg(feature = "freelists")]
impl<const LIMIT: u32> FreeList<LIMIT> {
    /// An empty list.
    pub const fn new() -> FreeList<LIMIT> {
        FreeList {
            head: Cell::new(::core::ptr::null_mut()),
            room: Cell::new(LIMIT),
        }
    }

    /// Lists a dead object; false when there is no room.
    ///
    /// # Safety
    /// - `object` is dead and taken apart, untracked, and nobody's to free but the caller's.
    /// - Its block has room for a pointer behind the header, and is of the one size and kind of this list.
    #[inline(always)]
    pub unsafe fn push(&self, object: *mut Header) -> bool {
        let room = self.room.get();
        if room == 0 {
            return false;
        }
        // SAFETY: nothing of a dead object but its header is looked at.
        unsafe { object.add(1).cast::<*mut Header>().write(self.head.get()) };
        self.head.set(object);
        self.room.set(room - 1);
        true
    }

    /// Takes the object listed last; its header is to be initialised again.
    #[inline(always)]
    pub fn pop(&self) -> Option<NonNull<Header>> {
        let object = NonNull::new(self.head.get())?;
        // SAFETY: a listed object's link.
        self.head
            .set(unsafe { object.as_ptr().add(1).cast::<*mut Header>().read() });
        self.room.set(self.room.get() + 1);
        Some(object)
    }

    /// Frees what is listed.
    ///
    /// # Safety
    /// - `heap` is that of the list's thread, which runs here or is stopped.
    pub unsafe fn clear(&self, heap: &LocalHeap) {
        while let Some(object) = self.pop() {
            // SAFETY: the list's, and dead: its header is as the heap demands.
            unsafe { heap.free(object.cast()) };
        }
    }

    /// Frees what is listed, and takes nothing any more.
    ///
    /// # Safety
    /// - As for [`clear`](Self::clear).
    pub unsafe fn close(&self, heap: &LocalHeap) {
        // SAFETY: as the caller says.
        unsafe { self.clear(heap) };
        self.room.set(0);
    }

    const fn closed() -> FreeList<LIMIT> {
        FreeList {
            head: Cell::new(::core::ptr::null_mut()),
            room: Cell::new(0),
        }
    }
}

#[cfg(not(feature = "freelists"))]
impl<const LIMIT: u32> FreeList<LIMIT> {
    /// An empty list.
    pub const fn new() -> FreeList<LIMIT> {
        FreeList {}
    }

    /// False: there is no list.
    ///
    /// # Safety
    /// - None.
    #[inline(always)]
    pub unsafe fn push(&self, _: *mut Header) -> bool {
        false
    }

    /// None.
    #[inline(always)]
    pub fn pop(&self) -> Option<NonNull<Header>> {
        None
    }

    /// Nothing is listed.
    ///
    /// # Safety
    /// - None.
    pub unsafe fn clear(&self, _: &LocalHeap) {}

    /// Nothing is listed.
    ///
    /// # Safety
    /// - None.
    pub unsafe fn close(&self, _: &LocalHeap) {}

    const fn closed() -> FreeList<LIMIT> {
        FreeList {}
    }
}

impl<const LIMIT: u32> Default for FreeList<LIMIT> {
    fn default() -> Self {
        Self::new()
    }
}

/// A thread's free lists.
#[derive(Debug)]
pub struct FreeLists([FreeList<LIMIT>; LISTS]);

impl FreeLists {
    pub(super) const fn new() -> FreeLists {
        let mut lists = [const { FreeList::new() }; LISTS];
        lists[0] = FreeList::closed();
        FreeLists(lists)
    }

    /// The list with this number, from 0 to [`LISTS`]; higher ones wrap around.
    #[inline(always)]
    pub fn list(&self, number: usize) -> &FreeList<LIMIT> {
        &self.0[number % LISTS]
    }

    /// Frees what is listed.
    ///
    /// # Safety
    /// - `heap` is that of the lists' thread, which runs here or is stopped.
    pub unsafe fn clear(&self, heap: &LocalHeap) {
        for list in &self.0 {
            // SAFETY: as the caller says.
            unsafe { list.clear(heap) };
        }
    }

    /// Frees what is listed, for good.
    ///
    /// # Safety
    /// - As for [`clear`](Self::clear).
    pub unsafe fn close(&self, heap: &LocalHeap) {
        for list in &self.0 {
            // SAFETY: as the caller says.
            unsafe { list.close(heap) };
        }
    }
}

#[cfg(all(test, loom, feature = "freelists"))]
mod model;
#[cfg(all(test, not(loom), feature = "freelists"))]
mod tests {
    use super::*;
    use crate::backend::heap::{HeapKind, HeapOps};
    use crate::object::Bits;
    use crate::refcount::biased::Released;
    use crate::refcount::counter::{Counter, Tally};
    use ::core::mem::MaybeUninit;
    use std::vec::Vec;

    /// A block with room behind its header.
    #[repr(C)]
    struct Block {
        header: MaybeUninit<Header>,
        body: [u64; 4],
    }

    /// A heap that counts what it is given back.
    static COUNTING: HeapOps = HeapOps {
        alloc: |_, _: HeapKind, _, _| None,
        free: |heap, _| {
            // SAFETY: the state is the test's counter.
            let freed = unsafe { &*heap.state().cast::<Cell<usize>>() };
            freed.set(freed.get() + 1);
        },
        emptied: |_, _| (),
        usable_size: |_, _| size_of::<Block>(),
        collect: |_, _| (),
        send: |_| (),
        exit: |_| (),
    };

    fn heap(freed: &Cell<usize>) -> LocalHeap {
        // SAFETY: not paged; the counter outlives the heap in every test.
        unsafe { LocalHeap::from_parts(1, false, &COUNTING, (&raw const *freed).cast_mut().cast()) }
    }

    fn dead(count: usize) -> Vec<Block> {
        let tally = Tally::new();
        let by = Counter::new(1, &tally);
        let fresh = || Block {
            header: MaybeUninit::zeroed(),
            body: [0; 4],
        };
        let mut blocks: Vec<Block> = (0..count).map(|_| fresh()).collect();
        for block in &mut blocks {
            let header = block.header.as_mut_ptr();
            // SAFETY: the block is ours, and large and aligned enough; its only reference is dropped.
            unsafe {
                Header::init(header, 5, by, Bits::empty());
                assert_eq!((*header).release(by), Released::Dead);
            }
        }
        blocks
    }

    #[test]
    fn the_newest_comes_first_and_room_is_limited() {
        let mut blocks = dead(3);
        let list = FreeList::<2>::new();
        let at: Vec<*mut Header> = blocks.iter_mut().map(|b| b.header.as_mut_ptr()).collect();
        // SAFETY: dead, of one size.
        unsafe {
            assert!(list.push(at[0]) && list.push(at[1]) && !list.push(at[2]));
        }
        assert_eq!(list.pop().map(NonNull::as_ptr), Some(at[1]));
        // SAFETY: as above.
        assert!(unsafe { list.push(at[2]) });
        assert_eq!(list.pop().map(NonNull::as_ptr), Some(at[2]));
        assert_eq!(list.pop().map(NonNull::as_ptr), Some(at[0]));
        assert_eq!(list.pop(), None);
    }

    #[test]
    fn a_listed_header_refuses_late_readers() {
        let mut blocks = dead(2);
        let list = FreeList::<2>::new();
        let tally = Tally::new();
        for block in &mut blocks {
            let at = block.header.as_mut_ptr();
            // SAFETY: dead, of one size; a reader may look at a header at any time.
            unsafe {
                assert!(list.push(at));
                assert!(
                    !(*at).try_retain(Counter::new(1, &tally)),
                    "its former owner"
                );
                assert!(!(*at).try_retain(Counter::new(2, &tally)), "another thread");
                assert_eq!((*at).type_id(), 5, "the link lies behind the header");
            }
        }
    }

    #[test]
    fn what_is_listed_is_freed_and_a_closed_list_takes_nothing() {
        let freed = Cell::new(0);
        let heap = heap(&freed);
        let mut blocks = dead(4);
        let lists = FreeLists::new();
        let at: Vec<*mut Header> = blocks.iter_mut().map(|b| b.header.as_mut_ptr()).collect();
        // SAFETY: dead, of one size, and their heap's as far as that can tell.
        unsafe {
            assert!(!lists.list(0).push(at[0]), "list 0 takes nothing");
            assert!(lists.list(1).push(at[0]) && lists.list(2).push(at[1]));
            lists.clear(&heap);
            assert_eq!(freed.get(), 2);
            assert!(lists.list(1).push(at[2]), "open again");
            lists.close(&heap);
            assert_eq!(freed.get(), 3);
            assert!(!lists.list(1).push(at[3]), "closed: freed instead");
            lists.clear(&heap);
            assert!(!lists.list(1).push(at[3]), "for good");
        }
    }
}
