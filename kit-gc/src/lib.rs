//! When memory may be reused: grace periods, delayed frees, stopping the world, and cycle collection.
//!
//! Three mechanisms, each of use without the others:
//!
//! - [`qsbr`] answers whether every reader has let go of what was unlinked. Readers take no lock and leave no
//!   trace; they report now and then that they hold nothing, which is one load and one store.
//! - [`stop`] makes one thread the only one that runs inside a runtime: the others wait at safepoints or outside.
//! - [`cycle`] finds objects that only each other keep alive, by subtracting from their counts the references
//!   that objects hold.
//!
//! [`trigger`] says when a collection is due. The queues of memory that waits for a grace period are in
//! [`kit_core::backend::retire`], and this crate knows the allocator only by the contracts of
//! [`kit_core::backend`].
//!
//! # Example
//!
//! A table that is read without a lock and replaced at will, with grace periods alone:
//!
//! ```
//! use kit_gc::qsbr::Qsbr;
//! use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering::{AcqRel, Acquire, Relaxed}};
//!
//! let grace = Qsbr::new(&std::alloc::System);
//! let table = AtomicPtr::new(Box::into_raw(Box::new([0u64; 8])));
//! let done = AtomicBool::new(false);
//!
//! std::thread::scope(|scope| {
//!     for _ in 0..2 {
//!         scope.spawn(|| {
//!             let slot = grace.reserve().expect("a slot");
//!             slot.online(grace.clock());
//!             while !done.load(Relaxed) {
//!                 // SAFETY: not freed before we report.
//!                 let seen = unsafe { &*table.load(Acquire) };
//!                 assert!(seen.iter().all(|&entry| entry == seen[0]));
//!                 slot.quiescent(grace.clock()); // holds nothing here
//!             }
//!             slot.offline();
//!             // SAFETY: reserved above, offline, and not used again.
//!             unsafe { grace.release(slot) };
//!         });
//!     }
//!     for version in 1..20 {
//!         let old = table.swap(Box::into_raw(Box::new([version; 8])), AcqRel);
//!         let goal = grace.advance();
//!         while !grace.poll(goal) {
//!             std::thread::yield_now();
//!         }
//!         // SAFETY: unlinked, and every reader has reported since.
//!         drop(unsafe { Box::from_raw(old) });
//!     }
//!     done.store(true, Relaxed);
//! });
//! // SAFETY: the readers are gone.
//! drop(unsafe { Box::from_raw(table.into_inner()) });
//! ```
#![no_std]

#[cfg(test)]
extern crate std;

#[cfg(any(not(loom), test))]
mod busy;
#[cfg(not(loom))]
pub mod cycle;
pub mod qsbr;
pub mod stop;
#[cfg(not(loom))]
pub mod trigger;
#[cfg(not(loom))]
mod worklist;

#[cfg(test)]
#[path = "../../kit-core/src/testing/threads.rs"]
mod testing;
