//! The kit on a bare machine: one thread, static memory, no `std`, no `alloc`, no C library.
//!
//! What `kit-std` does for a process, this does by hand: it joins a heap over a static arena, grace periods,
//! the stopping of the world and the collector into a runtime, registers a thread, and lets objects live and
//! die. `.ci/no_std` links it so that any hidden use of `std` or `alloc` is an error, and runs it. Each
//! step that goes wrong ends the process with a status other than 0.
#![no_std]
#![no_main]

#[cfg(feature = "smuggle-alloc")]
extern crate alloc;
#[cfg(feature = "smuggle-std")]
extern crate std;

mod arena;
mod entry;
mod pair;

use arena::ARENA;
use core::ptr::NonNull;
use kit_alloc::paged::Heap;
use kit_core::backend::collector::{Collector, PlainHost};
use kit_core::backend::events::Events;
use kit_core::backend::heap::{HeapKind, SharedHeap};
use kit_core::backend::retire::{RetireLimits, RetireQueue};
use kit_core::backend::world::{Stopped, World};
use kit_core::code::{CodeOptions, CodeSpace};
use kit_core::object::{Bits, Header, TypeEntry, TypeTable, Word};
use kit_core::platform::pages::PageSource;
use kit_core::platform::thread::SpinPlatform;
use kit_core::refcount::per_thread::CountIds;
use kit_core::thread::core::ThreadCore;
use kit_core::thread::merge::MergeTable;
use kit_core::thread::status::Status;
use kit_core::thread::{Ctx, Services, Thread, breaker};
use kit_gc::cycle::CycleCollector;
use kit_gc::qsbr::Qsbr;
use kit_gc::stop::StopTheWorld;
use pair::{PAIR, Pair};

static PLATFORM: SpinPlatform = SpinPlatform::new();
static HOST: PlainHost = PlainHost;

/// Ends the process with `status` unless `fact` holds.
fn check(fact: bool, status: i32) {
    if !fact {
        entry::exit(status);
    }
}

/// No object of this program has a finalizer.
unsafe fn dying(_: &mut Ctx, _: *mut Header) -> bool {
    true
}

/// Takes note of the embedder's own request.
unsafe fn interrupt(ctx: &mut Ctx) -> bool {
    ctx.thread().core.breaker.take(breaker::EMBEDDER) != 0
}

/// `None` when memory runs out.
pub(crate) fn run() -> Option<()> {
    #[cfg(feature = "smuggle-alloc")]
    drop(alloc::boxed::Box::new(core::hint::black_box(1)));

    let stop = ARENA.keep(StopTheWorld::new(&PLATFORM, &ARENA))?;
    let grace = ARENA.keep(Qsbr::new(&ARENA))?;
    let heap = ARENA.keep(Heap::new(&ARENA, grace))?;
    let entries = ARENA.reserve(16 * size_of::<TypeEntry>(), 4096)?;
    // SAFETY: fresh zeros that stay.
    let types = unsafe { TypeTable::new(entries.as_ptr().cast(), 16, 2) };
    types.define(PAIR, &pair::KIND);
    let merge = MergeTable::new(stop.registry(), stop.lot());
    let services = ARENA.keep(Services {
        types,
        events: Events { dying, interrupt },
        grace,
        merge,
        count_ids: CountIds::new(&ARENA, stop.registry(), stop.lot()),
        code: CodeSpace::new(&ARENA, stop.lot(), heap, CodeOptions::default()),
    })?;
    // SAFETY: all objects come from `heap` and all threads have `services`; `trace` reports both fields.
    let collector = unsafe { CycleCollector::new(stop, heap, &HOST) };

    let readers = grace.reserve_raw()?;
    // SAFETY: clock and slot stay for ever.
    let core = unsafe { ThreadCore::new(Some(readers)) };
    let record = ARENA.reserve(size_of::<Thread>().next_multiple_of(4096), 4096)?;
    let record: NonNull<Thread> = record.cast();
    let slot = stop.registry().reserve(stop.lot()).ok()?;
    // SAFETY: the record is completed, at the address where it stays, before others can find it.
    let thread = unsafe {
        let at = record.as_ptr();
        (&raw mut (*at).core).write(core);
        let queue = RetireQueue::new(&ARENA, RetireLimits::default());
        Thread::complete(at, heap.local(slot)?, queue, services);
        stop.registry().register_at(slot, &(*at).core, stop.lot());
        &*at
    };
    check(thread.core.attach(stop.lot()).is_ok(), 2);
    // SAFETY: attached, by this thread, and the only context.
    let mut ctx = unsafe { Ctx::new(record) };

    counts(&mut ctx)?;
    requests(&mut ctx);
    grace_periods(&mut ctx, grace)?;
    stops(&ctx, stop);
    cycles(&mut ctx, &collector)?;

    thread.core.detach();
    // SAFETY: detached, and nobody looks for it.
    unsafe { stop.registry().unregister(&thread.core, stop.lot()) };
    check(stop.registry().is_empty(stop.lot()), 3);
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
    match Stopped::stop(stop, Some(&ctx.thread().core)) {
        Ok(stopped) => {
            check(outsider.status.get() == Status::Suspended, 41);
            drop(stopped);
        }
        Err(_) => entry::exit(42),
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
        Err(_) => entry::exit(52),
    }
    check(pair::live() == 0, 53);
    Some(())
}
