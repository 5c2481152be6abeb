//! The pieces joined into a runtime, and how a thread enters it and leaves: what `kit-std` does for a process.

use crate::arena::{self, ARENA};
use crate::host::PLATFORM;
use crate::pair::{self, PAIR};
use core::ptr::NonNull;
use kit_core::backend::collector::PlainHost;
use kit_core::backend::events::Events;
use kit_core::backend::heap::SharedHeap;
use kit_core::backend::retire::{OrphanQueue, RetireLimits, RetireQueue};
use kit_core::backend::world::{Stopped, World};
use kit_core::code::{CodeOptions, CodeSpace};
use kit_core::object::{Header, TypeEntry, TypeTable};
use kit_core::platform::pages::PageSource;
use kit_core::refcount::per_thread::CountIds;
use kit_core::thread::core::ThreadCore;
use kit_core::thread::merge::MergeTable;
use kit_core::thread::{Ctx, Services, Thread, breaker};
use kit_gc::cycle::CycleCollector;
use kit_gc::qsbr::Qsbr;
use kit_gc::stop::StopTheWorld;

static HOST: PlainHost = PlainHost;

/// Threads of this program: their records are in the arena for ever.
const LIMITS: fn() -> RetireLimits = RetireLimits::default;

/// A heap, grace periods, the stopping of the world, a collector.
pub struct Runtime {
    /// Stopping threads, and which there are.
    pub stop: &'static StopTheWorld,
    /// When memory may be used again.
    pub grace: &'static Qsbr,
    /// Finds cycles.
    pub collector: CycleCollector,
    heap: &'static dyn SharedHeap,
    services: &'static Services,
    orphans: OrphanQueue,
}

/// No object of this program has a finalizer.
unsafe fn dying(_: &mut Ctx, _: *mut Header) -> bool {
    true
}

/// What the kit asks of a thread at a safepoint; then the embedder's own request.
unsafe fn interrupt(ctx: &mut Ctx) -> bool {
    // SAFETY: stored by `enter`.
    let runtime: &'static Runtime = unsafe { &*ctx.host().cast() };
    let requests = ctx.thread().core.breaker.read();
    // SAFETY: the context's own, attached, at a safepoint.
    let pause = || unsafe { runtime.stop.pause(&ctx.thread().core) };
    if requests & breaker::STOP != 0 && pause().is_err() {
        crate::host::exit(104);
    }
    if requests & breaker::MERGE != 0 {
        runtime.merge(ctx);
    }
    if requests & breaker::QSBR != 0 {
        ctx.thread().core.breaker.take(breaker::QSBR);
        // SAFETY: the context's own record, at a safepoint.
        unsafe {
            ctx.thread().process_retired();
            while let Some(batch) = runtime.orphans.take_due(runtime.grace, &PLATFORM) {
                batch.release_with(|item| ctx.thread().release_retired(item));
            }
            ctx.thread().relieve_retired(&PLATFORM);
        }
    }
    ctx.thread().core.breaker.take(breaker::EMBEDDER) != 0
}

impl Runtime {
    /// Joins the pieces; `None` when memory runs out.
    pub fn new() -> Option<&'static Runtime> {
        let stop = ARENA.keep(StopTheWorld::new(&PLATFORM, &ARENA))?;
        let grace = ARENA.keep(Qsbr::new(&ARENA))?;
        let heap = arena::heap(grace)?;
        let entries = ARENA.reserve(16 * size_of::<TypeEntry>(), 4096)?;
        // SAFETY: fresh zeros that stay.
        let types = unsafe { TypeTable::new(entries.as_ptr().cast(), 16, 2) };
        types.define(PAIR, &pair::KIND);
        let services = ARENA.keep(Services {
            types,
            events: Events { dying, interrupt },
            grace,
            merge: MergeTable::new(stop.registry(), stop.lot()),
            count_ids: CountIds::new(&ARENA, stop.registry(), stop.lot()),
            code: CodeSpace::new(&ARENA, stop.lot(), heap, CodeOptions::default()),
        })?;
        ARENA.keep(Runtime {
            stop,
            grace,
            // SAFETY: all objects come from `heap` and all threads have `services`; `trace` reports both fields.
            collector: unsafe { CycleCollector::new(stop, heap, &HOST) },
            heap,
            services,
            orphans: OrphanQueue::new(&ARENA),
        })
    }

    /// Runs `body` on the calling thread as a thread of this runtime; `None` when memory runs out.
    pub fn enter<R>(&'static self, body: impl FnOnce(&mut Ctx) -> R) -> Option<R> {
        let lot = self.stop.lot();
        let readers = self.grace.reserve_raw()?;
        // SAFETY: clock and slot stay for ever; the slot is this thread's until it is released.
        let core = unsafe { ThreadCore::new(Some(readers)) };
        let record: NonNull<Thread> = ARENA
            .reserve(size_of::<Thread>().next_multiple_of(4096), 4096)?
            .cast();
        let slot = self.stop.registry().reserve(lot).ok()?;
        // SAFETY: the record is completed, at the address where it stays, before others can find it.
        let thread = unsafe {
            let at = record.as_ptr();
            (&raw mut (*at).core).write(core);
            let queue = RetireQueue::new(&ARENA, LIMITS());
            Thread::complete(at, self.heap.local(slot)?, queue, self.services);
            self.stop.registry().register_at(slot, &(*at).core, lot);
            &mut *at
        };
        thread.host.set(core::ptr::from_ref(self).cast_mut().cast());
        // SAFETY: the calling thread's own, registered and not yet attached.
        unsafe { thread.core.attach(lot) }.ok()?;
        let result = {
            // SAFETY: attached, by this thread, and the only context.
            let mut ctx = unsafe { Ctx::new(record) };
            let result = body(&mut ctx);
            self.wind_down(&mut ctx);
            result
        };
        // SAFETY: the queues are empty and closed, and nobody uses the heap from here on. What still waits for the end of its grace period
        // goes to the orphans, before others may stop this thread and look at it.
        let left = unsafe {
            thread.retire();
            let queue = thread.take_retired(RetireQueue::new(&ARENA, LIMITS()));
            self.orphans.adopt(queue, self.grace, &PLATFORM)
        };
        // SAFETY: the calling thread's own, which touches no object any more.
        unsafe { thread.core.detach() };
        if let Some(left) = left {
            left.outlast(self.grace, &PLATFORM);
        }
        // SAFETY: detached for good.
        unsafe {
            self.stop.registry().unregister(&thread.core, lot);
            self.grace.release(readers.1.as_ref());
        }
        Some(result)
    }

    /// Empties the thread's queues before it leaves.
    fn wind_down(&self, ctx: &mut Ctx) {
        loop {
            ctx.drain();
            if ctx.thread().dying.is_pending() {
                continue;
            }
            // SAFETY: the context's own record, which is attached.
            unsafe {
                self.services.count_ids.close(&ctx.thread().counts);
                if self.services.merge.close(ctx.thread()) {
                    return;
                }
                self.services.merge.process(ctx.thread());
            }
        }
    }

    /// Merges what other threads have queued for this one.
    fn merge(&self, ctx: &mut Ctx) {
        ctx.thread().core.breaker.take(breaker::MERGE);
        let merge = &self.services.merge;
        if merge.has_lost() {
            match Stopped::stop(self.stop, ctx) {
                // SAFETY: stopped by this thread; all objects come from the heap, which nobody walks.
                Ok(stopped) => unsafe {
                    merge.process_stopped(&stopped, self.heap, ctx.thread());
                },
                Err(_) => crate::host::exit(104),
            }
        } else {
            // SAFETY: the context's own record.
            unsafe { merge.process(ctx.thread()) };
        }
        ctx.drain();
    }

    /// Whether all threads have left.
    pub fn is_empty(&self) -> bool {
        self.stop.registry().is_empty(self.stop.lot())
    }
}
