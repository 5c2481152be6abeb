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
//! # Alone
//!
//! [`rcu`] makes of the first a safe interface for programs that want nothing else: values that are read without a lock
//! and replaced as a whole.
//!
//! ```
//! use kit_core::{backend::retire::RetireLimits, platform::thread::SpinPlatform};
//! use kit_gc::rcu::{Domain, Rcu};
//! use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
//!
//! static PLATFORM: SpinPlatform = SpinPlatform::new();
//! let domain = Domain::new(&std::alloc::System, &PLATFORM, RetireLimits::default());
//! let table = Rcu::new(&domain, [0u64; 8]).expect("memory");
//! let done = AtomicBool::new(false);
//!
//! std::thread::scope(|scope| {
//!     for _ in 0..2 {
//!         scope.spawn(|| {
//!             let mut participant = domain.register().expect("memory");
//!             let mut reader = participant.online();
//!             while !done.load(Relaxed) {
//!                 let seen = table.read(&reader); // one load
//!                 assert!(seen.iter().all(|&entry| entry == seen[0]));
//!                 reader.quiescent(); // one load, one store: `seen` is gone
//!             }
//!         });
//!     }
//!     let mut participant = domain.register().expect("memory");
//!     let mut reader = participant.online();
//!     for version in 1..20 {
//!         table.replace(&mut reader, [version; 8]).expect("memory");
//!     }
//!     done.store(true, Relaxed);
//! });
//! ```
//!
//! `examples/rcu_table.rs` is a hash table of such values.
#![no_std]

#[cfg(test)]
extern crate std;

#[cfg(any(all(not(loom), feature = "gc"), test))]
mod busy;
#[cfg(all(not(loom), feature = "gc"))]
pub mod cycle;
pub mod qsbr;
pub mod rcu;
#[cfg(any(all(not(loom), feature = "gc"), test))]
mod share;
pub mod stop;
#[cfg(all(not(loom), feature = "gc"))]
pub mod trigger;
#[cfg(all(not(loom), feature = "gc"))]
mod worklist;

#[cfg(test)]
#[path = "../../kit-core/src/testing/threads.rs"]
mod testing;
