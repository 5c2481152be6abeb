//! The type table: what a header's `type_id` leads to.
//!
//! One contiguous array per runtime, of a capacity fixed when the runtime is built, in memory the
//! builder reserves (an operating system commits it as it is touched). So a guard on a type is one
//! load of the id, one indexed load of its version, one compare.

use super::{Kind, Word};
use crate::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering::*};

#[cfg(all(test, loom))]
mod model;

/// One type of a runtime.
#[repr(C, align(32))]
pub struct TypeEntry {
    kind: AtomicPtr<Kind>,
    object: AtomicU64,
    version: AtomicU32,
    flags: AtomicU32,
    next_free: AtomicU32,
    free_list: AtomicU32,
}

const _: () = assert!(cfg!(loom) || size_of::<TypeEntry>() == 32);

impl TypeEntry {
    /// The kind of the type's instances.
    #[inline(always)]
    pub fn kind(&self) -> &'static Kind {
        // SAFETY: an entry is reachable by an id only after `TypeTable::define`, which stores a
        // `&'static Kind`. Acquire, paired with the Release there.
        unsafe { &*self.kind.load(Acquire) }
    }

    /// The object that describes the type to the embedder; an uncounted reference.
    #[inline(always)]
    pub fn object(&self) -> Word {
        // Acquire, paired with `set_object`: the object's contents are visible.
        Word::from_bits(self.object.load(Acquire))
    }

    /// Stores the object that describes the type.
    pub fn set_object(&self, object: Word) {
        // Release, paired with `object`.
        self.object.store(object.bits(), Release);
    }

    /// The version inline caches compare: changed whenever the type changes, never reused; 0 when
    /// no cache may trust the type.
    #[inline(always)]
    pub fn version(&self) -> u32 {
        // Relaxed: a guard may pass just before a change; what it then uses is old but alive.
        self.version.load(Relaxed)
    }

    /// The version, for who is about to look up what to cache with it: what it finds is as new as the version.
    ///
    /// Who changes a type sets the version to 0, makes the change visible with Release, and then sets a version that no type has had. So nobody
    /// who has seen the change is told the old state by a cache, and no cache holds the old state for the new version.
    #[inline]
    pub fn version_to_cache(&self) -> u32 {
        // Acquire, from `set_version`: whoever sees the version sees the change that it was made for.
        self.version.load(Acquire)
    }

    /// Stores a version.
    pub fn set_version(&self, version: u32) {
        // Release, to `version_to_cache`.
        self.version.store(version, Release);
    }

    /// Flags the embedder gives meaning to.
    #[inline(always)]
    pub fn flags(&self) -> u32 {
        self.flags.load(Relaxed)
    }

    /// Which of a thread's free lists dead instances go to; 0 for none.
    #[inline(always)]
    pub fn free_list(&self) -> usize {
        self.free_list.load(Relaxed) as usize
    }

    /// Says which free list dead instances go to: one that no other type uses.
    ///
    /// # Safety
    /// - `list` is below [`LISTS`](crate::thread::free_list::LISTS), and no other type's.
    /// - The type's instances have all one size, with room for a pointer behind the header, are of one kind of
    ///   block, and have no prefix.
    pub unsafe fn set_free_list(&self, list: usize) {
        self.free_list.store(list as u32, Relaxed);
    }

    /// Stores the embedder's flags.
    pub fn set_flags(&self, flags: u32) {
        // Relaxed: flags stand for themselves.
        self.flags.store(flags, Relaxed);
    }
}

/// The types of one runtime.
pub struct TypeTable {
    entries: *mut TypeEntry,
    capacity: u32,
    /// Ids below this are in use or on the free list. Id 0 is never a type.
    issued: AtomicU32,
    /// Head of the list of freed ids, with a generation in the upper half against reuse races.
    free: AtomicU64,
    next_version: AtomicU32,
}

// SAFETY: the entries consist of atomics, and the array is never moved or freed while the table lives.
unsafe impl Send for TypeTable {}
// SAFETY: as above.
unsafe impl Sync for TypeTable {}

impl TypeTable {
    /// A table over `capacity` entries at `entries`, the first `reserved` ids kept for types the
    /// embedder defines by number.
    ///
    /// # Safety
    /// - `entries` points to zeroed memory for `capacity` entries that outlives the table and that
    ///   nobody else uses.
    /// - `0 < reserved <= capacity`.
    pub unsafe fn new(entries: *mut TypeEntry, capacity: u32, reserved: u32) -> TypeTable {
        debug_assert!(reserved > 0 && reserved <= capacity);
        TypeTable {
            entries,
            capacity,
            issued: AtomicU32::new(reserved),
            free: AtomicU64::new(0),
            next_version: AtomicU32::new(1),
        }
    }

    /// The first entry, for code that indexes it with ids it knows to be valid.
    #[inline(always)]
    pub fn entries(&self) -> *const TypeEntry {
        self.entries
    }

    /// The entry of `id`.
    ///
    /// # Panics
    /// When `id` was never issued.
    #[inline(always)]
    pub fn entry(&self, id: u32) -> &TypeEntry {
        assert!(
            id < self.capacity,
            "type id {id} is beyond the table's {} entries",
            self.capacity
        );
        // SAFETY: the index is inside the array, whose memory is zeroed or initialised: a valid entry.
        unsafe { &*self.entries.add(id as usize) }
    }

    /// Makes `id` a type whose instances are of `kind`.
    pub fn define(&self, id: u32, kind: &'static Kind) {
        let entry = self.entry(id);
        entry.version.store(self.fresh_version(), Relaxed);
        entry.flags.store(0, Relaxed);
        entry.free_list.store(0, Relaxed);
        // Release, paired with `TypeEntry::kind`.
        entry.kind.store(kind as *const Kind as *mut Kind, Release);
    }

    /// A new type id for instances of `kind`, or `None` when the table is full.
    pub fn allocate(&self, kind: &'static Kind) -> Option<u32> {
        let id = self.pop_free().or_else(|| {
            // Relaxed: the id is private until the caller publishes it.
            self.issued
                .fetch_update(Relaxed, Relaxed, |n| (n < self.capacity).then_some(n + 1))
                .ok()
        })?;
        self.define(id, kind);
        Some(id)
    }

    fn pop_free(&self) -> Option<u32> {
        // Acquire, here and on failure, paired with `release`: the link is visible, and what `define` stores next comes
        // after what was stored there.
        let mut head = self.free.load(Acquire);
        loop {
            let id = head as u32;
            if id == 0 {
                return None;
            }
            let next = self.entry(id).next_free.load(Relaxed);
            let generation = (head >> 32).wrapping_add(1) << 32;
            match self
                .free
                // Relaxed on success: the release sequences of the ids further down go on.
                .compare_exchange_weak(head, generation | next as u64, Relaxed, Acquire)
            {
                Ok(_) => return Some(id),
                Err(now) => head = now,
            }
        }
    }

    /// Gives an id back. No object of the type may exist any more.
    pub fn release(&self, id: u32) {
        let entry = self.entry(id);
        entry.version.store(0, Relaxed);
        entry.object.store(0, Relaxed);
        let mut head = self.free.load(Relaxed);
        loop {
            entry.next_free.store(head as u32, Relaxed);
            let generation = (head >> 32).wrapping_add(1) << 32;
            // Release, paired with the Acquire of `pop_free`: the link is visible.
            match self
                .free
                .compare_exchange_weak(head, generation | id as u64, Release, Relaxed)
            {
                Ok(_) => return,
                Err(now) => head = now,
            }
        }
    }

    /// A version no type has had, or 0 when they have run out.
    pub fn fresh_version(&self) -> u32 {
        self.next_version
            .fetch_update(Relaxed, Relaxed, |v| v.checked_add(1))
            .unwrap_or(0)
    }
}
