//! Weak references: which objects are referred to without being kept alive, and by what.
//!
//! ```text
//! referent ─address→ stripe ─→ bucket ─→ [ node, node, … ]      the table finds nodes
//!                                            │
//!      ▲────────────────address──────────────┘                  a node finds its referent
//! ```
//!
//! Neither side counts the other. The lists are changed under the *stripe's lock*, chosen by the referent's address:
//! an object that dies takes it to clear the nodes that refer to it, what a node lies in takes it to unlink the node
//! before it goes. Who follows a node takes no lock: the header of an object that was freed stays readable until the
//! next safepoint, so a reference is taken that fails if the object is dying, and the node is looked at again.
//!
//! | event | under the stripe's lock | after it |
//! |---|---|---|
//! | [`link`](WeakTable::link) | the node joins the list; the referent is marked and published | |
//! | [`clear`](WeakTable::clear), by who destroys the referent | node by node: unlinked, forgets the referent; its object is retained | callbacks |
//! | [`unlink`](WeakTable::unlink), by who destroys the node | it leaves the list; an empty list ends the marking | |
//! | [`clear_garbage`](WeakTable::clear_garbage), by the collector | no lock: the world is stopped; as `clear` | [`run_pending`](WeakTable::run_pending) |
//! | [`unlink_garbage`](WeakTable::unlink_garbage), by the collector | the same; as `unlink` | |
//!
//! [Upgrading](WeakNode::upgrade) races with the last drop. It is decided on the referent's shared count, as for any
//! try-retain: the drop makes it MERGED with nothing left, or the upgrade adds to it first. It races with the block's
//! next life, too: a count that was taken of another object is noticed, because the node was cleared before the block
//! was free, and is dropped again.
//!
//! Nothing of the embedder's runs under a lock, nothing is allocated but buckets, and locks are held for moments
//! without a safepoint. So a callback that panics finds, and leaves, the table in order.
//!
//! After CPython's free-threaded weak references (3.13); the callbacks' order in a collection as of its issue 135552.

mod handle;
mod map;
mod node;
#[cfg(not(loom))]
mod stripe;
#[cfg(loom)]
#[path = "stripe_loom.rs"]
mod stripe;
mod table;

#[cfg(all(loom, test))]
mod model;
#[cfg(all(not(loom), test))]
mod tests;

pub use handle::Weak;
pub use node::WeakNode;
pub use table::WeakTable;

use crate::backend::heap::LocalHeap;
use crate::refcount::counter::Counter;
use crate::sync::parking::ParkingLot;
use crate::thread::Ctx;

/// What the table needs of the thread that uses it.
#[cfg_attr(
    all(loom, test),
    allow(dead_code, reason = "models lock with loom's mutex")
)]
struct Access<'a> {
    by: Counter,
    /// Where it waits for a stripe.
    lot: &'a ParkingLot,
    /// There is no other thread.
    solo: bool,
    /// Where buckets come from; without one there are few.
    heap: Option<&'a LocalHeap>,
}

impl<'a> Access<'a> {
    #[inline(always)]
    fn of(ctx: &'a Ctx) -> Self {
        let thread = ctx.thread();
        Self {
            by: ctx.counter(),
            lot: ctx.lot(),
            solo: thread.solo.get(),
            heap: Some(&thread.heap),
        }
    }
}
