//! One weak reference, as the table sees it.

use crate::object::{Header, Word};
use crate::refcount::counter::Counter;
use crate::sync::{
    atomic::{AtomicPtr, Ordering::Relaxed},
    cell::UnsafeCell,
};
use crate::thread::Ctx;
use core::ptr::{self, NonNull};

/// A weak reference: where its referent is, and its place in the [`WeakTable`](super::WeakTable).
///
/// It needs no memory of its own: it is a field of whatever refers weakly. That is an object
/// ([`in_object`](Self::in_object)), which can be told of the referent's death and found by others; or anything else
/// ([`alone`](Self::alone)).
///
/// | `referent` | state    | left by                                                              |
/// |------------|----------|----------------------------------------------------------------------|
/// | null       | unlinked | [`link`](super::WeakTable::link)                                     |
/// | an address | linked   | its own [`unlink`](super::WeakTable::unlink), or the referent's death |
/// | null       | cleared  | nothing: it does not come back                                       |
pub struct WeakNode {
    /// Written under the stripe's lock, or with the world stopped.
    pub(super) referent: AtomicPtr<Header>,
    links: UnsafeCell<Links>,
}

/// What is used under the stripe's lock only; or by who cleared the node and keeps what it lies in.
pub(super) struct Links {
    /// The next node of the same referent; once cleared, the next whose callback is to run.
    pub(super) next: *const WeakNode,
    /// For the first node of its referent, the first of another one in the same bucket; for any other, the one before.
    pub(super) prev: *const WeakNode,
    /// From the header of the object around it; 0 for none.
    offset: u16,
    /// Its place among the nodes of a referent: small ones first.
    pub(super) rank: u8,
    /// What it lies in wants to know of the referent's death.
    pub(super) calls: bool,
    /// Whether it is the first of its referent.
    pub(super) first: bool,
}

#[cfg(all(not(loom), target_pointer_width = "64"))]
const _: () = assert!(size_of::<WeakNode>() == 32);

// SAFETY: the links are used by one thread at a time, as said there.
unsafe impl Send for WeakNode {}
// SAFETY: as above; `referent` is atomic.
unsafe impl Sync for WeakNode {}

impl WeakNode {
    /// An unlinked node that lies `offset` bytes behind an object's header.
    ///
    /// Nodes of one referent are listed by `rank`, those of the same rank newest first. With `calls`, the object is
    /// handed to the embedder when the referent dies before it does.
    pub fn in_object(offset: u16, rank: u8, calls: bool) -> Self {
        Self {
            referent: AtomicPtr::new(ptr::null_mut()),
            links: UnsafeCell::new(Links {
                next: ptr::null(),
                prev: ptr::null(),
                offset,
                rank,
                calls,
                first: false,
            }),
        }
    }

    /// An unlinked node that lies in no object. It is listed last, and nobody finds it.
    pub fn alone() -> Self {
        Self::in_object(0, u8::MAX, false)
    }

    /// Whether it refers to nothing: never linked, or cleared.
    pub fn is_dead(&self) -> bool {
        // Relaxed: it says nothing of what happened before.
        self.referent.load(Relaxed).is_null()
    }

    /// A new reference to what the node refers to; `None` once that is dying.
    #[inline]
    pub fn upgrade(&self, ctx: &Ctx) -> Option<Word> {
        // SAFETY: the context is the running thread's, and lets no safepoint pass.
        match unsafe { self.follow(ctx.counter()) } {
            Ok(word) => Some(word),
            Err(other) => {
                // SAFETY: null, or the reference is ours to give up.
                unsafe { ctx.thread().release_later(other) };
                None
            }
        }
    }

    /// [`upgrade`](Self::upgrade); an error is null, or a reference to another object, which the caller drops.
    ///
    /// # Safety
    /// - `by` is the running thread's, which comes to no safepoint meanwhile.
    #[inline(always)]
    pub(super) unsafe fn follow(&self, by: Counter) -> Result<Word, Word> {
        // Relaxed: whoever made this node known to us linked it before; what is read here is confirmed below.
        let referent = self.referent.load(Relaxed);
        if referent.is_null() {
            return Err(Word::NULL);
        }
        // SAFETY: a linked object is alive, and the header of one that was freed since stays readable until our next
        // safepoint.
        if !unsafe { (*referent).try_retain(by) } {
            return Err(Word::NULL);
        }
        let word = Word::object(referent);
        // Relaxed: `try_retain` acquires. Should the block be another object by now, then whoever freed it had cleared
        // the node before, and who counts in the new object sees that.
        if self.referent.load(Relaxed) == referent {
            Ok(word)
        } else {
            Err(word)
        }
    }

    /// The links.
    #[inline(always)]
    pub(super) fn links(&self) -> *mut Links {
        self.links.with_mut(|links| links)
    }
}

/// The object around a node; null for none.
///
/// # Safety
/// - The node's links may be used, and `node` was derived from a pointer to all of what it lies in.
#[inline]
pub(super) unsafe fn owner(node: NonNull<WeakNode>) -> *mut Header {
    // SAFETY: as the caller says.
    unsafe {
        match (*node.as_ref().links()).offset {
            0 => ptr::null_mut(),
            offset => node.as_ptr().byte_sub(offset as usize).cast(),
        }
    }
}

/// Takes a reference to the object around a node. False: there is none, or it is dying.
///
/// # Safety
/// - As [`owner`]; the node is linked, and the caller is the thread that `by` stands for.
pub(super) unsafe fn retain_owner(node: NonNull<WeakNode>, by: Counter) -> bool {
    // SAFETY: a linked node is unlinked before what it lies in is freed; so the header is readable.
    unsafe {
        let owner = owner(node);
        !owner.is_null() && (*owner).try_retain(by)
    }
}

/// Cleared nodes whose callbacks are to run, first in, first out. Each owns a reference to its object, which
/// keeps the node.
pub(super) struct Called {
    head: *const WeakNode,
    tail: *const WeakNode,
}

// SAFETY: the nodes are the list's alone.
unsafe impl Send for Called {}

impl Called {
    pub(super) const EMPTY: Called = Called {
        head: ptr::null(),
        tail: ptr::null(),
    };

    /// # Safety
    /// - The node is unlinked; a reference to its object is given to the list.
    pub(super) unsafe fn push(&mut self, node: NonNull<WeakNode>) {
        // SAFETY: nodes on the list live, and are the list's.
        unsafe {
            (*node.as_ref().links()).next = ptr::null();
            match self.tail.as_ref() {
                Some(tail) => (*tail.links()).next = node.as_ptr(),
                None => self.head = node.as_ptr(),
            }
        }
        self.tail = node.as_ptr();
    }

    /// The object that waited longest; its reference is the caller's.
    pub(super) fn pop(&mut self) -> Option<NonNull<Header>> {
        let node = NonNull::new(self.head.cast_mut())?;
        // SAFETY: nodes on the list live, and are the list's; each lies in an object.
        unsafe {
            self.head = (*node.as_ref().links()).next;
            if self.head.is_null() {
                self.tail = ptr::null();
            }
            Some(NonNull::new_unchecked(owner(node)))
        }
    }
}
