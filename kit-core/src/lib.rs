//! Headers, reference counts, words, thread contexts and contracts of a free-threaded runtime.
//!
//! A language's threads run in parallel on shared objects. Each object carries a [header](object::Header) of
//! sixteen bytes with a [count split in two](refcount::biased): its owner counts with plain adds, everyone else
//! atomically. Every place that holds a value is one [`Word`](object::Word), which is a reference or a number. Each
//! thread has a [record](thread::Thread) and a [context](thread::Ctx) it passes along, and comes to a *safepoint*
//! now and then, where it reports that it holds no unprotected pointer and does what others ask of it.
//!
//! This crate uses neither `std` nor `alloc`. What it needs of a host are the small traits of [`platform`], given as
//! values when a runtime is built; what it needs of an allocator and a collector are the contracts of [`backend`].
//!
//! | where | what |
//! |---|---|
//! | [`platform`] | what a host provides: sleeping, time, spans of memory |
//! | [`sync`] | atomics, and locks that get out of the way of a stopped world |
//! | [`refcount`] | who counts a reference, and how |
//! | [`object`] | the header, words, kinds of objects, the type table |
//! | [`thread`] | one thread: status, breaker, context, registry, the queue of counts to merge |
//! | [`frame`] | activations on a thread's stack of words |
//! | [`code`] | the copies of code that threads specialise |
//! | [`weak`] | references that keep nothing alive |
//! | [`backend`] | what an allocator and a collector supply |
//!
//! # Example
//!
//! A thread enters a runtime, and another asks something of it:
//!
//! ```
//! use kit_core::platform::{memory::NoMemory, thread::SpinPlatform};
//! use kit_core::sync::parking::ParkingLot;
//! use kit_core::thread::{breaker, core::ThreadCore, registry::Registry};
//!
//! static PLATFORM: SpinPlatform = SpinPlatform::new();
//! let lot = ParkingLot::new(&PLATFORM);
//! let registry = Registry::new(&NoMemory);
//!
//! // SAFETY: without a grace slot there is nothing that must outlive the thread.
//! let thread = unsafe { ThreadCore::new(None) };
//! // SAFETY: it stays where it is until it is unregistered below, and is registered nowhere else.
//! let slot = unsafe { registry.register(&thread, &lot) }.expect("a slot");
//! assert_eq!(slot, 1);
//!
//! // SAFETY: the calling thread's own, which attaches, polls and detaches in turn.
//! unsafe {
//!     thread.attach(&lot).expect("nobody shuts threads out");
//!     assert_eq!(thread.poll(), 0);
//!     thread.breaker.raise(breaker::EMBEDDER); // from any thread
//!     assert_eq!(thread.poll(), breaker::EMBEDDER); // the safepoint
//!     thread.breaker.take(breaker::EMBEDDER);
//!     thread.detach();
//! }
//!
//! // SAFETY: detached, and not used by the registry's other users from here on.
//! unsafe { registry.unregister(&thread, &lot) };
//! ```
//!
//! Words hold small integers and nearly all doubles themselves:
//!
//! ```
//! use kit_core::object::Word;
//!
//! let (a, b) = (Word::int(40).unwrap(), Word::int(2).unwrap());
//! assert!(Word::both_ints(a, b));
//! assert_eq!(Word::int_add(a, b).unwrap().as_int(), 42);
//! assert!(Word::float(0.1).is_some());
//! assert!(Word::float(f64::INFINITY).is_none()); // an object
//! ```
#![no_std]

#[cfg(test)]
extern crate std;

pub mod backend;
pub mod code;
pub mod frame;
pub mod monitor;
pub mod object;
pub mod platform;
pub mod refcount;
pub mod sync;
pub mod thread;
pub mod weak;

#[cfg(test)]
extern crate self as kit_core;
#[cfg(test)]
mod testing;
