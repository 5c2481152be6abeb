//! The table: what links, follows, lists and clears weak references.

use super::map::{self, Map};
use super::node::{self, Called, WeakNode};
use super::stripe::Stripe;
use super::{Access, node::retain_owner};
use crate::backend::collector::WeakPhase;
use crate::object::{Bits, Header, Word};
use crate::refcount::counter::Counter;
use crate::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use crate::thread::Ctx;
use core::fmt;
use core::ptr::{self, NonNull};

/// The weak references of one runtime. Lives as long as the runtime's heap, in which its buckets lie.
pub struct WeakTable {
    stripes: [Stripe<Map>; STRIPES],
    /// References that a collection cleared and whose callbacks have not run.
    pending: Stripe<Called>,
    is_registered: fn(&Header) -> bool,
}

const STRIPES: usize = if cfg!(loom) { 1 } else { 128 };

impl fmt::Debug for WeakTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakTable").finish_non_exhaustive()
    }
}

impl WeakTable {
    /// An empty table. `is_registered` tells of an object whether something other than this table, and other than
    /// containers that publish what they find under their lock, makes references out of its address: it then stays
    /// published when its last weak reference goes. It is called under a lock, and looks at the header only.
    pub fn new(is_registered: fn(&Header) -> bool) -> Self {
        Self {
            stripes: core::array::from_fn(|_| Stripe::new(Map::new())),
            pending: Stripe::new(Called::EMPTY),
            is_registered,
        }
    }

    fn stripe(&self, referent: *const Header) -> &Stripe<Map> {
        &self.stripes[(map::hash(referent) >> 57) as usize % STRIPES]
    }

    /// Makes `node` refer to `referent`. An object around the node can from now on be found without a reference to it.
    ///
    /// # Safety
    /// - The node is unlinked and stays where it is until it is [unlinked](Self::unlink) or cleared; it is unlinked
    ///   before what it lies in is freed. An object around it is complete.
    /// - `node` was derived from a pointer to all of what it lies in.
    /// - `referent` cannot die during the call.
    pub unsafe fn link(&self, ctx: &Ctx, node: NonNull<WeakNode>, referent: &Header) {
        // SAFETY: as the caller says.
        let found = unsafe { self.link_at(&Access::of(ctx), node, referent, false) };
        debug_assert!(found.is_none());
    }

    /// As [`link`](Self::link), unless the referent has a node of the same rank whose object lives: then nothing is
    /// linked, and this is a reference to that object.
    ///
    /// # Safety
    /// - As for [`link`](Self::link).
    pub unsafe fn find_or_link(
        &self,
        ctx: &Ctx,
        node: NonNull<WeakNode>,
        referent: &Header,
    ) -> Option<Word> {
        // SAFETY: as the caller says.
        unsafe { self.link_at(&Access::of(ctx), node, referent, true) }
    }

    /// # Safety
    /// - As for [`link`](Self::link).
    pub(super) unsafe fn link_at(
        &self,
        access: &Access<'_>,
        node: NonNull<WeakNode>,
        referent: &Header,
        reuse: bool,
    ) -> Option<Word> {
        // SAFETY: the node is ours until it is linked; others are linked, under the lock.
        unsafe {
            let owner = node::owner(node);
            if !owner.is_null() {
                // Found in the table, it is retained by other threads.
                (*owner).publish();
            }
            let rank = (*node.as_ref().links()).rank;
            self.stripe(referent).with(access, |map| {
                if reuse && let Some(found) = find(map, access.by, referent, rank) {
                    return Some(found);
                }
                // Under the lock, so that the end of marking by `unlink` comes before or after both.
                referent.set_bits(Bits::WEAKLY_REFERENCED);
                referent.publish();
                // Relaxed: who follows it holds the lock; its own thread sees it anyway.
                node.as_ref()
                    .referent
                    .store(ptr::from_ref(referent).cast_mut(), Relaxed);
                map.insert(node, access.heap);
                None
            })
        }
    }

    /// A reference to the object around a node of this rank that refers to `referent`, which the caller holds a
    /// reference to.
    pub fn find(&self, ctx: &Ctx, referent: &Header, rank: u8) -> Option<Word> {
        if !referent.bits().contains(Bits::WEAKLY_REFERENCED) {
            return None;
        }
        let access = Access::of(ctx);
        self.stripe(referent)
            .with(&access, |map| find(map, access.by, referent, rank))
    }

    /// Makes the node refer to nothing. When it was the last that referred to an object, the object dies without a visit
    /// to this table; and if this is its owner, it may be [unique](Header::is_unique) again.
    pub fn unlink(&self, ctx: &Ctx, node: &WeakNode) {
        self.unlink_at(&Access::of(ctx), node);
    }

    pub(super) fn unlink_at(&self, access: &Access<'_>, node: &WeakNode) {
        // Acquire, paired with the Release of who clears it: it is done with the node, which may be freed after this.
        let referent = node.referent.load(Acquire);
        if referent.is_null() {
            return;
        }
        self.stripe(referent).with(access, |map| {
            // Relaxed: under the lock it does not change.
            if node.referent.load(Relaxed) != referent {
                return;
            }
            // SAFETY: linked, in this stripe. The referent has not been cleared, so it is not freed.
            unsafe {
                if map.remove(NonNull::from(node)) && !(self.is_registered)(&*referent) {
                    // The owner may find it unique again. Others that come upon it in a container publish it anew.
                    (*referent).unpublish(access.by.slot());
                    // Last: without the flag, who destroys the object does not come for the lock any more, and frees it.
                    (*referent).clear_bits(Bits::WEAKLY_REFERENCED);
                }
            }
            node.referent.store(ptr::null_mut(), Relaxed);
        });
    }

    /// Clears the nodes that refer to a dying object. Then calls `call` for the objects around those that want it, each
    /// with a reference that is given to it; when `call` panics, the rest are dropped uncalled.
    ///
    /// # Safety
    /// - The object is dying on this thread, and its header stays valid during the call.
    pub unsafe fn clear(
        &self,
        ctx: &mut Ctx,
        referent: *const Header,
        call: &mut dyn FnMut(&mut Ctx, Word),
    ) {
        let mut calls = Calls {
            called: Called::EMPTY,
            ctx,
        };
        // SAFETY: as the caller says.
        unsafe { self.clear_at(&Access::of(calls.ctx), referent, &mut calls.called) };
        while let Some(object) = calls.called.pop() {
            call(calls.ctx, Word::object(object.as_ptr()));
        }
    }

    /// # Safety
    /// - As for [`clear`](Self::clear).
    pub(super) unsafe fn clear_at(
        &self,
        access: &Access<'_>,
        referent: *const Header,
        called: &mut Called,
    ) {
        let stripe = self.stripe(referent);
        // One at a time: others that wait for the stripe get their turn.
        while stripe.with(access, |map| {
            let Some(node) = map.first(referent) else {
                return false;
            };
            // SAFETY: linked, under the lock.
            unsafe { !clear_one(map, node, &|_| false, access.by, called) }
        }) {}
    }

    /// Clears nodes that refer to garbage. Before finalizers, only those whose objects want a call, which
    /// [`run_pending`](Self::run_pending) makes later for those that are not garbage themselves; after them, all. True
    /// if some are left.
    ///
    /// # Safety
    /// - The world is stopped, by the thread that `by` stands for, and the object is alive.
    pub unsafe fn clear_garbage(
        &self,
        by: Counter,
        object: *mut Header,
        phase: WeakPhase,
        garbage: &dyn Fn(*mut Header) -> bool,
    ) -> bool {
        // SAFETY: stopped, by the caller.
        unsafe {
            self.pending.stopped(|pending| {
                self.stripe(object).stopped(|map| {
                    let mut left = false;
                    let mut next = map.first(object);
                    while let Some(node) = next {
                        let links = node.as_ref().links();
                        next = NonNull::new((*links).next.cast_mut());
                        if phase == WeakPhase::AfterFinalizers || (*links).calls {
                            clear_one(map, node, garbage, by, pending);
                        } else {
                            left = true;
                        }
                    }
                    left
                })
            })
        }
    }

    /// Makes a node that lies in garbage refer to nothing, so that nothing is told of its referent's death.
    ///
    /// # Safety
    /// - The world is stopped, by the caller.
    pub unsafe fn unlink_garbage(&self, node: &WeakNode) {
        // Relaxed: the world is stopped.
        let referent = node.referent.load(Relaxed);
        if referent.is_null() {
            return;
        }
        // SAFETY: linked, in this stripe, and its referent not cleared; stopped, by the caller.
        unsafe {
            self.stripe(referent).stopped(|map| {
                if map.remove(NonNull::from(node)) {
                    (*referent).clear_bits(Bits::WEAKLY_REFERENCED);
                }
            });
        }
        node.referent.store(ptr::null_mut(), Relaxed);
    }

    /// Calls `call` for what [`clear_garbage`](Self::clear_garbage) kept, each with a reference that is given to it. When
    /// it panics, the rest wait for the next time.
    pub fn run_pending(&self, ctx: &mut Ctx, call: &mut dyn FnMut(&mut Ctx, Word)) {
        while let Some(object) = self.pending.with(&Access::of(ctx), Called::pop) {
            call(ctx, Word::object(object.as_ptr()));
        }
    }

    /// Fills `into` with references to the objects around the nodes that refer to `referent`, which the caller holds a
    /// reference to. Returns how many there are; only as many as there is room for are stored, and only those are
    /// retained.
    pub fn list(&self, ctx: &Ctx, referent: &Header, into: &mut [Word]) -> usize {
        if !referent.bits().contains(Bits::WEAKLY_REFERENCED) {
            return 0;
        }
        let access = Access::of(ctx);
        self.stripe(referent).with(&access, |map| {
            let mut count = 0;
            for node in map.of(referent) {
                // SAFETY: linked, under the lock.
                unsafe {
                    let owner = node::owner(node);
                    if owner.is_null() {
                        continue;
                    }
                    if let Some(place) = into.get_mut(count) {
                        if !retain_owner(node, access.by) {
                            continue;
                        }
                        *place = Word::object(owner);
                    }
                }
                count += 1;
            }
            count
        })
    }

    /// Looks at the nodes of an object, in order.
    #[cfg(all(test, not(loom)))]
    pub(super) fn for_each(
        &self,
        access: &Access<'_>,
        referent: NonNull<Header>,
        mut visit: impl FnMut(&node::Links),
    ) {
        self.stripe(referent.as_ptr()).with(access, |map| {
            for node in map.of(referent.as_ptr()) {
                // SAFETY: linked, under the lock.
                visit(unsafe { &*node.as_ref().links() });
            }
        });
    }

    /// Takes what waits for [`run_pending`](Self::run_pending).
    #[cfg(all(test, not(loom)))]
    pub(super) fn take_pending(&self, access: &Access<'_>) -> std::vec::Vec<NonNull<Header>> {
        core::iter::from_fn(|| self.pending.with(access, Called::pop)).collect()
    }
}

/// A reference to the object around a node of this rank.
fn find(map: &mut Map, by: Counter, referent: &Header, rank: u8) -> Option<Word> {
    for node in map.of(referent) {
        // SAFETY: linked, under the lock.
        unsafe {
            let theirs = (*node.as_ref().links()).rank;
            if theirs > rank {
                return None;
            }
            // One whose object is dying is about to leave the list.
            if theirs == rank && retain_owner(node, by) {
                return Some(Word::object(node::owner(node)));
            }
        }
    }
    None
}

/// Unlinks a node and makes it forget its referent. True if it was the last.
///
/// # Safety
/// - The node is in the map, and what guards the map is held.
/// - The caller is the thread that `by` stands for.
unsafe fn clear_one(
    map: &mut Map,
    node: NonNull<WeakNode>,
    garbage: &dyn Fn(*mut Header) -> bool,
    by: Counter,
    called: &mut Called,
) -> bool {
    // SAFETY: as the caller says; the list keeps the node.
    unsafe {
        let last = map.remove(node);
        if (*node.as_ref().links()).calls && !garbage(node::owner(node)) && retain_owner(node, by) {
            called.push(node);
        }
        // Release, and last, paired with the loads of `unlink`: what the node lies in may be freed from here on.
        node.as_ref().referent.store(ptr::null_mut(), Release);
        last
    }
}

/// Calls under way: those that are left when one panics are given up.
struct Calls<'a> {
    called: Called,
    ctx: &'a mut Ctx,
}

impl Drop for Calls<'_> {
    fn drop(&mut self) {
        while let Some(object) = self.called.pop() {
            // SAFETY: the list's reference, given up.
            unsafe {
                self.ctx
                    .thread()
                    .release_later(Word::object(object.as_ptr()))
            };
        }
    }
}
