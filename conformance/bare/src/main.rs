//! The kit without an operating system's services: two threads, static memory, no `std`, no `alloc`, no C library.
//!
//! With the feature `lisp` the second language runs then, over `kit-std` and `alloc` ([`lisp`]), and with `python` a Python program after it ([`python`]). What `kit-std` does for a process, [`runtime`] does by hand: it joins a heap over a static arena, grace periods,
//! the stopping of the world and the collector, and registers threads. Objects live and die, first on one thread, then on two
//! at once. Each step that goes wrong ends the program with a status other than 0.
//!
//! As a process of Linux `.ci/no_std` links it so that any hidden use of `std` or `alloc` is an error, and runs it. With the
//! feature `machine` it is an image that boots, and uses two processors ([`host`]); `.ci/machine` boots it. With the feature `single` it is
//! for one processor without compare-and-swap, and less than a quarter of a megabyte of memory; `.ci/single` runs it.
#![no_std]
#![no_main]

#[cfg(any(feature = "smuggle-alloc", feature = "lisp"))]
extern crate alloc;
#[cfg(feature = "smuggle-std")]
extern crate std;

mod arena;
mod host;
#[cfg(feature = "lisp")]
mod lisp;
mod pair;
mod parallel;
#[cfg(feature = "lisp")]
mod port;
#[cfg(feature = "python")]
mod python;
mod runtime;

use host::say;
use kit_core::backend::collector::Collector;
use kit_core::backend::heap::HeapKind;
use kit_core::backend::world::{Stopped, World};
use kit_core::object::{Bits, Word};
use kit_core::thread::core::ThreadCore;
use kit_core::thread::status::Status;
use kit_core::thread::{Ctx, breaker};
use kit_gc::cycle::CycleCollector;
use kit_gc::qsbr::Qsbr;
use kit_gc::stop::StopTheWorld;
use pair::Pair;
use runtime::Runtime;

/// Ends the program with `status` unless `fact` holds.
fn check(fact: bool, status: i32) {
    if !fact {
        say("failed: ");
        host::say_number(status as u64);
        say("\n");
        host::exit(status);
    }
}

/// `None` when memory runs out.
pub(crate) fn run() -> Option<()> {
    #[cfg(feature = "smuggle-alloc")]
    drop(alloc::boxed::Box::new(core::hint::black_box(1)));

    let runtime = Runtime::new()?;
    runtime.enter(|ctx| {
        counts(ctx)?;
        requests(ctx);
        grace_periods(ctx, runtime.grace)?;
        stops(ctx, runtime.stop);
        cycles(ctx, &runtime.collector)
    })??;
    check(runtime.is_empty(), 3);
    say("one thread: counts, requests, grace periods, stops and cycles work\n");
    parallel::run(runtime)?;
    #[cfg(feature = "lisp")]
    {
        port::start_alloc()?;
        lisp::run();
    }
    #[cfg(feature = "python")]
    python::run();
    Some(())
}

/// An object dies with its last reference, and takes with it what only it held.
fn counts(ctx: &mut Ctx) -> Option<()> {
    let inner = Pair::make(ctx, Word::int_unchecked(1), Word::float(0.5)?)?;
    // SAFETY: `inner` lives until its last reference is released; each is given up once.
    unsafe {
        ctx.retain(inner);
        let outer = Pair::make(ctx, inner, Word::NULL)?;
        check(pair::live() == 2, 10);
        ctx.release(inner);
        check(pair::live() == 2, 11);
        ctx.release(outer);
    }
    check(pair::live() == 0, 12);
    Some(())
}

/// A request raised from anywhere reaches the thread at its next safepoint.
fn requests(ctx: &mut Ctx) {
    check(!ctx.poll(), 20);
    ctx.thread().core.breaker.raise(breaker::EMBEDDER);
    check(ctx.poll(), 21);
    check(!ctx.poll(), 22);
}

/// What was unlinked is free once the thread has come to a safepoint.
fn grace_periods(ctx: &mut Ctx, grace: &Qsbr) -> Option<()> {
    let goal = grace.advance();
    check(!grace.poll(goal), 30);
    check(!ctx.poll(), 31);
    check(grace.poll(goal), 32);

    let buffer = ctx.thread().heap.alloc(HeapKind::Buffer, 100)?;
    // SAFETY: ours, and nobody else has seen it.
    unsafe { ctx.retire_buffer(buffer, 100) };
    Some(())
}

/// A thread that is outside is kept there while the world is stopped.
fn stops(ctx: &Ctx, stop: &StopTheWorld) {
    // SAFETY: without a grace slot; it stays here until it is unregistered.
    let outsider = unsafe { ThreadCore::new(None) };
    // SAFETY: as above.
    check(
        unsafe { stop.registry().register(&outsider, stop.lot()) }.is_ok(),
        40,
    );
    match Stopped::stop(stop, ctx) {
        Ok(stopped) => {
            check(outsider.status.get() == Status::Suspended, 41);
            drop(stopped);
        }
        Err(_) => host::exit(42),
    }
    check(outsider.status.get() == Status::Detached, 43);
    // SAFETY: detached, and not used again.
    unsafe { stop.registry().unregister(&outsider, stop.lot()) };
}

/// Two objects that only hold each other outlive their last outside reference, until a collection.
fn cycles(ctx: &mut Ctx, collector: &CycleCollector) -> Option<()> {
    let one = Pair::make(ctx, Word::NULL, Word::NULL)?;
    let two = Pair::make(ctx, one, Word::NULL)?;
    // SAFETY: both are alive; the reference to `two` moves into `one`.
    unsafe {
        Pair::set_first(one, two);
        (*one.as_object()).set_bits(Bits::TRACKED);
        (*two.as_object()).set_bits(Bits::TRACKED);
    }
    check(pair::live() == 2, 50);
    match collector.collect(ctx) {
        Ok(collected) => check(collected.unreachable == 2, 51),
        Err(_) => host::exit(52),
    }
    check(pair::live() == 0, 53);
    Some(())
}
