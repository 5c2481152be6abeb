//! The kit joined: runtime, threads, locks, safe object types; on an operating system, or on a port of your own.
//!
//! A [`Runtime`](runtime::Runtime) joins a heap of `kit-alloc`, the grace periods, the stopping of the world and the
//! collector of `kit-gc`, and a [`Port`](port::Port): the operating system's threads and pages, or yours. [`attach`](runtime::Runtime::attach) makes the calling thread one
//! of the runtime's and hands it its [context](kit_core::thread::Ctx), without which nothing can be done to
//! objects. Runtimes share nothing: one process may have several.
//!
//! | where | what |
//! |---|---|
//! | [`port`] | what it all stands on, as one value |
//! | [`runtime`] | the builder, attaching, detaching around blocking calls, safepoints |
//! | [`managed`] | object types, references and threads without `unsafe` code |
//! | [`fork`] | forking a process with threads (Unix) |
//! | [`thread`] | the calling thread's record, for owning handles |
//! | [`sync`] | locks, conditions, events and semaphores for a language's programs |
//! | [`platform`] | pages, sleeping and time by the operating system |
//!
//! Without the feature `std` there is no operating system: `alloc` is needed, a [`Port`](port::Port), and
//! [`this_thread!`]; and panics end the program.
//!
//! # Example
//!
//! A language with one kind of object, a box that holds another value:
//!
//! ```
//! use kit_core::backend::{collector::PlainHost, events::Events, heap::HeapKind};
//! use kit_core::object::{Header, Kind, Tracer, Word, kind};
//! use kit_core::thread::{Ctx, Object};
//! use kit_std::port::Port;
//! use kit_std::runtime::{HeapChoice, Options, Runtime};
//! use std::cell::Cell;
//!
//! /// The layout of a box: the kit's header, then fields.
//! #[repr(C)]
//! struct Boxed {
//!     header: Header,
//!     value: Cell<Word>,
//! }
//! // SAFETY: it begins with a header.
//! unsafe impl Object for Boxed {}
//! const BOXED: u32 = 1;
//! static KIND: Kind = Kind { name: "box", trace, clear: kind::clear_nothing, drop, discard: None, size };
//!
//! unsafe fn trace(object: *const Header, tracer: &mut Tracer<'_>) {
//!     // SAFETY: objects of this kind are boxes.
//!     tracer.word(unsafe { &*object.cast::<Boxed>() }.value.get());
//! }
//! unsafe fn drop(object: *mut Header, ctx: &mut Ctx) {
//!     // SAFETY: as above; the field gives its reference up.
//!     unsafe { ctx.thread().release_later((*object.cast::<Boxed>()).value.replace(Word::NULL)) };
//! }
//! unsafe fn size(_: *const Header) -> usize {
//!     size_of::<Boxed>()
//! }
//! fn boxed(ctx: &Ctx, value: Word) -> Option<Word> {
//!     let mut object = ctx.uninit::<Boxed>(BOXED, HeapKind::Plain, size_of::<Boxed>())?;
//!     // SAFETY: a fresh block of a box's size; with its value the box is complete.
//!     unsafe {
//!         (&raw mut (*object.as_ptr()).value).write(Cell::new(value));
//!         Some(Word::object(object.publish().as_ptr()))
//!     }
//! }
//!
//! // Nothing here has a finalizer. At a safepoint, do what the kit asks.
//! unsafe fn dying(_: &mut Ctx, _: *mut Header) -> bool {
//!     true
//! }
//! unsafe fn interrupt(ctx: &mut Ctx) -> bool {
//!     // SAFETY: `host` was set below.
//!     unsafe { &*ctx.host().cast::<&'static Runtime>() }.interrupt(ctx) != 0
//! }
//!
//! let events = Events { dying, interrupt };
//! let options = Options { port: Port::SYSTEM, types: 64, reserved_types: 2, heap: Default::default(), memory_limit: 64 << 20, events, cycles: &PlainHost, code: Default::default() };
//! let runtime: &'static Runtime = Runtime::new(options)?;
//! runtime.types().define(BOXED, &KIND);
//! std::thread::scope(|scope| {
//!     for _ in 0..2 {
//!         scope.spawn(|| {
//!             runtime.attach(|ctx| {
//!                 ctx.thread().host.set((&raw const runtime).cast_mut().cast());
//!                 for number in 0..1000 {
//!                     let inner = boxed(ctx, Word::int_unchecked(number)).expect("memory");
//!                     let outer = boxed(ctx, inner).expect("memory");
//!                     // SAFETY: the only reference is given up: both boxes die here.
//!                     unsafe { ctx.release(outer) };
//!                     let _stop_running = ctx.poll();
//!                 }
//!             })
//!         });
//!     }
//! });
//! # Ok::<(), kit_std::runtime::StartError>(())
//! ```

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "gc")]
mod collect;
#[cfg(not(feature = "gc"))]
mod collect_nothing;
#[cfg(all(unix, feature = "std"))]
pub mod fork;
#[cfg(feature = "gc")]
mod helpers;
pub mod managed;
#[cfg(feature = "std")]
pub mod platform;
pub mod port;
pub mod runtime;
pub mod sync;
pub mod thread;
mod unwind;

/// The README's example runs too.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
