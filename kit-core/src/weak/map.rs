//! Which weak references a referent has: a hash table that needs no memory for its entries.
//!
//! ```text
//! buckets[hash(referent)] ─▶ first of A ──(prev)──▶ first of B ──▶ null      one bucket
//!                              │ next                │ next
//!                              ▼                     ▼
//!                            second of A            null                    one referent
//! ```
//!
//! Finding a referent's references walks over referents only, never over the references of another one. The
//! buckets are a buffer of the heap that grows with the number of referents; without memory the chains get longer
//! instead, so linking never fails.

use super::node::WeakNode;
use crate::backend::heap::{HeapKind, LocalHeap};
use crate::object::Header;
use crate::sync::atomic::Ordering::Relaxed;
use core::ptr::{self, NonNull};

/// The table of one stripe; used under its lock.
pub(super) struct Map {
    /// Null while there is but one bucket, `only`.
    buckets: *mut *const WeakNode,
    only: *const WeakNode,
    /// A power of two.
    len: usize,
    /// Referents in it.
    referents: usize,
}

// SAFETY: it leads to nodes, which may be used by whichever thread holds the lock.
unsafe impl Send for Map {}

/// The buckets of the first buffer.
const FIRST: usize = 16;

/// A number whose high bits depend on all of the address: seven for the stripe, those below for the bucket.
pub(super) fn hash(referent: *const Header) -> u64 {
    // Fibonacci hashing: the golden ratio times 2^64. Headers are aligned to 16 bytes.
    (referent.addr() as u64 >> 4).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// # Safety
/// - `node` is linked, under the lock that the caller holds.
unsafe fn referent_of(node: *const WeakNode) -> *mut Header {
    // Relaxed: under the lock it does not change.
    // SAFETY: a linked node is alive.
    unsafe { (*node).referent.load(Relaxed) }
}

impl Map {
    pub(super) const fn new() -> Map {
        Map {
            buckets: ptr::null_mut(),
            only: ptr::null(),
            len: 1,
            referents: 0,
        }
    }

    fn bucket(&mut self, referent: *const Header) -> *mut *const WeakNode {
        if self.buckets.is_null() {
            return &raw mut self.only;
        }
        // The bits below the stripe's, of which there are more than any table has use for.
        let index = (hash(referent) << 7 >> 32) as usize & (self.len - 1);
        // SAFETY: below `len`.
        unsafe { self.buckets.add(index) }
    }

    /// What leads to the first node of a referent: the bucket, or the `prev` of the first node of another. It holds
    /// null if the referent has none.
    fn place(&mut self, referent: *const Header) -> *mut *const WeakNode {
        let mut place = self.bucket(referent);
        // SAFETY: the chain consists of linked nodes.
        unsafe {
            while let Some(node) = (*place).as_ref() {
                if referent_of(node) == referent.cast_mut() {
                    break;
                }
                place = &raw mut (*node.links()).prev;
            }
        }
        place
    }

    /// The first node of a referent.
    pub(super) fn first(&mut self, referent: *const Header) -> Option<NonNull<WeakNode>> {
        // SAFETY: the place is valid while nothing is changed.
        unsafe { NonNull::new((*self.place(referent)).cast_mut()) }
    }

    /// The nodes of a referent. Each is looked at before the next one is found, so it may not be removed meanwhile.
    pub(super) fn of(
        &mut self,
        referent: *const Header,
    ) -> impl Iterator<Item = NonNull<WeakNode>> {
        core::iter::successors(self.first(referent), |node| {
            // SAFETY: linked, under the lock.
            unsafe { NonNull::new((*node.as_ref().links()).next.cast_mut()) }
        })
    }

    /// Puts a node in front of those of its rank.
    ///
    /// # Safety
    /// - The node's referent is stored, it is in no list, and stays where it is until it is removed.
    pub(super) unsafe fn insert(&mut self, node: NonNull<WeakNode>, heap: Option<&LocalHeap>) {
        // SAFETY: the node is the caller's; the others are linked.
        unsafe {
            let referent = referent_of(node.as_ptr());
            let links = node.as_ref().links();
            let place = self.place(referent);
            let first = *place;
            let mut before: *const WeakNode = ptr::null();
            let mut behind = first;
            while let Some(other) = behind.as_ref()
                && (*other.links()).rank < (*links).rank
            {
                before = behind;
                behind = (*other.links()).next;
            }
            (*links).next = behind;
            (*links).first = before.is_null();
            if let Some(before) = before.as_ref() {
                (*links).prev = before;
                (*before.links()).next = node.as_ptr();
                if let Some(behind) = behind.as_ref() {
                    (*behind.links()).prev = node.as_ptr();
                }
                return;
            }
            *place = node.as_ptr();
            match first.as_ref() {
                Some(first) => {
                    let theirs = first.links();
                    (*links).prev = (*theirs).prev;
                    (*theirs).prev = node.as_ptr();
                    (*theirs).first = false;
                }
                None => {
                    (*links).prev = ptr::null();
                    self.referents += 1;
                    self.fit(heap);
                }
            }
        }
    }

    /// Takes a node out. True if it was the last of its referent.
    ///
    /// # Safety
    /// - The node is in this map.
    pub(super) unsafe fn remove(&mut self, node: NonNull<WeakNode>) -> bool {
        // SAFETY: linked, and so are those around it.
        unsafe {
            let links = node.as_ref().links();
            let next = (*links).next;
            if !(*links).first {
                let before = (*links).prev;
                (*(*before).links()).next = next;
                if let Some(next) = next.as_ref() {
                    (*next.links()).prev = before;
                }
                return false;
            }
            let place = self.place(referent_of(node.as_ptr()));
            if let Some(next) = next.as_ref() {
                (*next.links()).prev = (*links).prev;
                (*next.links()).first = true;
                *place = next;
                return false;
            }
            *place = (*links).prev;
            self.referents -= 1;
            true
        }
    }

    /// Keeps between one referent in sixteen buckets and one a bucket.
    fn fit(&mut self, heap: Option<&LocalHeap>) {
        let Some(heap) = heap else { return };
        if self.referents > self.len {
            self.resize(heap, (self.len * 2).max(FIRST));
        } else if self.len > FIRST && self.referents < self.len / 16 {
            self.resize(heap, self.len / 4);
        }
    }

    #[cold]
    fn resize(&mut self, heap: &LocalHeap, len: usize) {
        let Some(bytes) = len.checked_mul(size_of::<*const WeakNode>()) else {
            return;
        };
        let Some(block) = heap.alloc(HeapKind::Buffer, bytes) else {
            return;
        };
        let old = core::mem::replace(&mut self.buckets, block.as_ptr().cast());
        let old_len = core::mem::replace(&mut self.len, len);
        // SAFETY: the new buffer has room for `len` pointers, the old one for `old_len`, and is freed once all chains
        // have moved; the chains consist of linked nodes.
        unsafe {
            for index in 0..len {
                self.buckets.add(index).write(ptr::null());
            }
            for index in 0..old_len {
                let mut node = if old.is_null() {
                    self.only
                } else {
                    *old.add(index)
                };
                while let Some(first) = node.as_ref() {
                    let links = first.links();
                    let place = self.bucket(referent_of(node));
                    let rest = core::mem::replace(&mut (*links).prev, *place);
                    *place = node;
                    node = rest;
                }
            }
            if let Some(old) = NonNull::new(old) {
                heap.free(old.cast());
            }
        }
        self.only = ptr::null();
    }
}
