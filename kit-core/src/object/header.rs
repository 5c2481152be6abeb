//! The sixteen bytes in front of every object.
//!
//! | bytes  | field     | written by                                                      |
//! |--------|-----------|-----------------------------------------------------------------|
//! | 0..4   | `type_id` | the creator; re-assigned under the object's lock                |
//! | 4..6   | `owner`   | the creator; zeroed when the split count is merged              |
//! | 6      | `lock`    | whoever locks the object ([`crate::sync`])                      |
//! | 7      | `bits`    | any thread, by read-modify-write only                           |
//! | 8..12  | `local`   | the owner ([`crate::refcount::biased`])                         |
//! | 12..16 | `shared`  | any thread ([`crate::refcount::biased`])                        |
//!
//! The header of a freed block stays readable: `local` is zero and `shared` is zero or merged, so
//! that a reader that comes too late fails to take a reference. The allocator's free link overlays
//! `type_id`, which nobody reads before holding a reference.

use crate::refcount::biased::BiasedCount;
use crate::refcount::counter::Counter;
use crate::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, Ordering::*};
use crate::sync::mutex::ByteLock;

/// The header of an object.
#[repr(C, align(16))]
pub struct Header {
    /// Index into the runtime's type table.
    pub type_id: AtomicU32,
    /// Slot of the owning thread; 0 when nobody owns the object.
    pub owner: AtomicU16,
    /// The object's one-byte lock.
    pub lock: AtomicU8,
    /// Flags, see [`Bits`].
    bits: AtomicU8,
    /// The split reference count.
    pub count: BiasedCount,
}

#[cfg(not(loom))]
const _: () = assert!(size_of::<Header>() == 16 && align_of::<Header>() == 16);

bitflags::bitflags! {
    /// Flags of an object, changed by atomic read-modify-write only.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub struct Bits: u8 {
        /// The cycle collector may visit the object.
        const TRACKED = 1;
        /// The finalizer has run.
        const FINALIZED = 2;
        /// A free for the embedder.
        const USER = 4;
        /// Excluded from collections.
        const FROZEN = 8;
        /// Storage of the object is read by other threads without its lock: retire what it replaces.
        const SHARED = 16;
        /// Lives in the program's image, perhaps in memory that cannot be written: nothing of the header
        /// is ever changed, and the object is never freed.
        const STATIC = 32;
        /// References on stacks need no count ([`crate::refcount::deferred`]).
        const DEFERRED = 64;
        /// A weak reference to the object exists or existed.
        const WEAKLY_REFERENCED = 128;
    }
}

impl Header {
    /// Initialises the header of a block that no other thread can own: one reference, the running
    /// thread's.
    ///
    /// Late readers of the block's former life may still look, so every field is stored atomically.
    ///
    /// # Safety
    /// - `block` is a block of at least 16 bytes, 16-byte aligned, that the caller has just allocated.
    /// - `by` is the running thread's.
    #[inline(always)]
    pub unsafe fn init(block: *mut Header, type_id: u32, by: Counter, bits: Bits) {
        // SAFETY: as the caller says.
        unsafe { by.add(1) };
        // SAFETY: the caller gives a header-sized block; atomics may be written through a shared reference.
        let header = unsafe { &*block };
        // Relaxed: the object is published later, by whatever makes it reachable.
        header.type_id.store(type_id, Relaxed);
        header.owner.store(by.slot(), Relaxed);
        header.lock.store(0, Relaxed);
        header.bits.store(bits.bits(), Relaxed);
        header.count.init();
    }

    /// A header for an object in the program's image: immortal, owned by nobody, and never written, so
    /// that it may lie in memory that is mapped read-only; but for builds without the feature `threads`, which count
    /// without looking.
    ///
    /// It takes no flags and has no lock: what must be found again about such an object is kept elsewhere.
    #[cfg(not(loom))]
    pub const fn immortal(type_id: u32) -> Header {
        Header {
            type_id: AtomicU32::new(type_id),
            owner: AtomicU16::new(0),
            lock: AtomicU8::new(0),
            bits: AtomicU8::new(Bits::STATIC.union(Bits::DEFERRED).bits()),
            count: BiasedCount::immortal(),
        }
    }

    /// The header of a model's object, made of loom's atomics.
    #[cfg(loom)]
    pub fn model(type_id: u32, owner: u16, bits: Bits) -> Header {
        Header {
            type_id: AtomicU32::new(type_id),
            owner: AtomicU16::new(owner),
            lock: AtomicU8::new(0),
            bits: AtomicU8::new(bits.bits()),
            count: BiasedCount::one(),
        }
    }

    /// The object's type.
    #[inline(always)]
    pub fn type_id(&self) -> u32 {
        // Relaxed: the id is stable while a reference is held, but for an assignment that is a race
        // in the program itself; either value is then right.
        self.type_id.load(Relaxed)
    }

    /// The flags.
    #[inline(always)]
    pub fn bits(&self) -> Bits {
        // Relaxed: a flag carries no data; what it promises was published with the object.
        Bits::from_bits_retain(self.bits.load(Relaxed))
    }

    /// Sets flags on an object that no other thread can reach yet, with plain accesses.
    #[inline(always)]
    pub fn set_bits_private(&self, bits: Bits) {
        // Relaxed, and not a read-modify-write: the object is private until it is published.
        self.bits
            .store(self.bits.load(Relaxed) | bits.bits(), Relaxed);
    }

    /// Clears flags of an object that no other thread looks at, or with the world stopped, with plain accesses.
    #[inline(always)]
    pub fn clear_bits_private(&self, bits: Bits) {
        // Relaxed, and not a read-modify-write: nobody else is there.
        self.bits
            .store(self.bits.load(Relaxed) & !bits.bits(), Relaxed);
    }

    /// Sets flags; returns the flags before. A STATIC object keeps those it has.
    #[inline]
    pub fn set_bits(&self, bits: Bits) -> Bits {
        let seen = self.bits();
        if seen.contains(Bits::STATIC) {
            return seen;
        }
        if !cfg!(feature = "threads") {
            self.bits.store((seen | bits).bits(), Relaxed);
            return seen;
        }
        // AcqRel: whoever sees a flag also sees what its setter did before.
        Bits::from_bits_retain(self.bits.fetch_or(bits.bits(), AcqRel))
    }

    /// Clears flags; returns the flags before. A STATIC object keeps those it has.
    #[inline]
    pub fn clear_bits(&self, bits: Bits) -> Bits {
        let seen = self.bits();
        if seen.contains(Bits::STATIC) {
            return seen;
        }
        if !cfg!(feature = "threads") {
            self.bits.store((seen - bits).bits(), Relaxed);
            return seen;
        }
        // AcqRel: as `set_bits`.
        Bits::from_bits_retain(self.bits.fetch_and(!bits.bits(), AcqRel))
    }

    /// The object's lock; `None` for a STATIC object, of which nothing can change.
    #[inline(always)]
    pub fn byte_lock(&self) -> Option<&ByteLock> {
        if self.bits().contains(Bits::STATIC) {
            return None;
        }
        Some(ByteLock::from_atomic(&self.lock))
    }

    /// Whether references on stacks need no count: deferred or immortal objects.
    ///
    /// A reader without a lock may ask this of a block that was freed; then it looks again, by an acquire load,
    /// whether the object is still where it was found, as after [`Header::try_retain`].
    #[inline(always)]
    pub fn is_deferred(&self) -> bool {
        // Acquire, paired with `set_bits`: should this be another object, then the second look sees that.
        self.bits.load(Acquire) & Bits::DEFERRED.bits() != 0
    }
}
