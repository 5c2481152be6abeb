//! A runtime for the laws: the heap and the collector under test, in the kit's world, with objects of the suite's own.

use std::{
    alloc::System,
    mem::MaybeUninit,
    ops::Deref,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    ptr::NonNull,
    sync::{Arc, Mutex, MutexGuard},
};

use kit_core::code::{CodeOptions, CodeSpace};
use kit_core::{
    backend::{
        collector::{Cause, Collected, Collector, NotCollected},
        events::Events,
        heap::SharedHeap,
        retire::{RetireLimits, RetireQueue},
        world::{Stopped, World},
    },
    object::{TypeEntry, TypeTable},
    refcount::per_thread::CountIds,
    thread::{Ctx, Services, Thread, breaker, core::ThreadCore, merge::MergeTable},
    weak::WeakTable,
};
use kit_gc::{qsbr::Qsbr, stop::StopTheWorld};
use kit_std::platform::threads::STD_THREADS;

use super::{
    Parts, Setup,
    nodes::{self, Fate, Host, Node, REFERENCE, TYPES},
};
use crate::{
    lab::{Lab, forever},
    law::Law,
};

/// A runtime, and what happened in it.
pub(super) struct Machine {
    // In this order they are dropped: each may use those below it.
    collector: Option<Box<dyn Collector>>,
    state: Kept<State>,
    services: Kept<Services>,
    _types: Kept<[MaybeUninit<TypeEntry>]>,
    heap: Kept<dyn SharedHeap>,
    world: Kept<StopTheWorld>,
    grace: &'static Qsbr,
    pub(super) lab: Lab,
}

// SAFETY: the parts are made for sharing; the lab is used by the law's own thread.
unsafe impl Sync for Machine {}

/// What the objects and the collector's host know of.
pub(super) struct State {
    world: &'static StopTheWorld,
    heap: &'static dyn SharedHeap,
    pub(super) weak: WeakTable,
    pub(super) fates: Mutex<Vec<Fate>>,
    /// What went wrong where nobody may panic.
    pub(super) damage: Mutex<Vec<String>>,
    /// What finalizers brought back; a reference to each.
    pub(super) kept: Mutex<Vec<Node>>,
    /// References without a count, which the host reports.
    pub(super) roots: Mutex<Vec<Node>>,
    /// What the program holds for certain, which the host reports.
    pub(super) certain: Mutex<Vec<Node>>,
    /// Called by every finalizer.
    pub(super) on_finalize: Mutex<Hook>,
    /// Called by every callback of a weak reference, with the reference.
    pub(super) on_callback: Mutex<Hook>,
}

impl State {
    /// Runs `body` on the heap, with the world stopped.
    pub(super) fn stopped<R>(&self, ctx: &Ctx, body: impl FnOnce(&dyn SharedHeap) -> R) -> R {
        let _stopped = Stopped::stop(self.world, ctx).expect("nobody shuts this world down");
        body(self.heap)
    }
}

/// What a law adds to an event.
pub(super) type Hook = Arc<dyn Fn(&mut Ctx, Node) + Send + Sync>;

/// A lock that a broken law may have left.
pub(super) fn locked<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|error| error.into_inner())
}

/// A box at an address that references may outlive moves of; freed at the end.
struct Kept<T: ?Sized>(NonNull<T>);

impl<T: ?Sized> Kept<T> {
    fn new(value: Box<T>) -> Self {
        Kept(NonNull::from(Box::leak(value)))
    }

    /// The value, for parts of the machine that want it for ever.
    ///
    /// # Safety
    ///
    /// - The reference is not used once this is dropped.
    unsafe fn forever(&self) -> &'static T {
        // SAFETY: as the caller says.
        unsafe { self.0.as_ref() }
    }
}

impl<T: ?Sized> Deref for Kept<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: valid until this is dropped, and only shared.
        unsafe { self.0.as_ref() }
    }
}

impl<T: ?Sized> Drop for Kept<T> {
    fn drop(&mut self) {
        // SAFETY: from a box, and nobody uses it any more.
        drop(unsafe { Box::from_raw(self.0.as_ptr()) });
    }
}

unsafe fn interrupt(ctx: &mut Ctx) -> bool {
    let state = nodes::state(ctx);
    let core = &ctx.thread().core;
    let bits = core
        .breaker
        .take(breaker::MERGE | breaker::GC | breaker::QSBR);
    if core.breaker.peek() & breaker::STOP != 0 {
        // SAFETY: the context's own, attached, at a safepoint.
        unsafe { state.world.pause(core) }.expect("nobody shuts this world down");
    }
    if bits & breaker::MERGE != 0 {
        // SAFETY: our own record.
        unsafe { ctx.thread().services().merge.process(ctx.thread()) };
        ctx.drain();
    }
    false
}

impl Machine {
    fn new(make: &impl Fn(&Lab) -> Setup) -> Self {
        let grace = forever(Qsbr::new(&System));
        let lab = Lab::with_clock(grace);
        let Setup { heap, collector } = make(&lab);
        let heap = Kept::new(heap);
        let world = Kept::new(Box::new(StopTheWorld::new(&STD_THREADS, &System)));
        let entries = Kept::new(Box::<[TypeEntry]>::new_zeroed_slice(TYPES as usize));
        // SAFETY: zeroed, and all of these are dropped after whoever uses them.
        let (world_ref, heap_ref, types) = unsafe {
            let at = entries.0.as_ptr().cast();
            (
                world.forever(),
                heap.forever(),
                TypeTable::new(at, TYPES, TYPES),
            )
        };
        nodes::define(&types);
        let services = Kept::new(Box::new(Services {
            types,
            grace,
            events: Events {
                dying: nodes::dying,
                interrupt,
            },
            merge: MergeTable::new(world_ref.registry(), world_ref.lot()),
            count_ids: CountIds::new(&System, world_ref.registry(), world_ref.lot()),
            code: CodeSpace::new(&System, world_ref.lot(), heap_ref, CodeOptions::default()),
        }));
        let state = Kept::new(Box::new(State {
            world: world_ref,
            heap: heap_ref,
            weak: WeakTable::new(|header| header.type_id() == REFERENCE),
            fates: Mutex::default(),
            damage: Mutex::default(),
            kept: Mutex::default(),
            roots: Mutex::default(),
            certain: Mutex::default(),
            on_finalize: Mutex::new(Arc::new(|_, _| ())),
            on_callback: Mutex::new(Arc::new(|_, _| ())),
        }));
        // SAFETY: the collector is dropped first.
        let host = forever(Host(unsafe { state.forever() }));
        let collector = collector.map(|make| {
            make(Parts {
                world: world_ref,
                heap: heap_ref,
                host,
            })
        });
        Machine {
            collector,
            state,
            services,
            _types: entries,
            heap,
            world,
            grace,
            lab,
        }
    }

    /// Runs `body` on the calling thread, attached.
    pub(super) fn attach<R>(&self, body: impl FnOnce(&mut Ctx) -> R) -> R {
        let (registry, lot) = (self.world.registry(), self.world.lot());
        // SAFETY: the clock and the slot live for ever; the record stays in its box while registered, and all it refers to
        // outlives it.
        unsafe {
            let core = ThreadCore::new(self.grace.reserve_raw());
            let slot = registry.reserve(lot).expect("a slot");
            let heap = self.heap.local(slot).expect("memory for a thread's heap");
            let retired = RetireQueue::new(&System, RetireLimits::default());
            let record = Box::into_raw(Box::<Thread>::new_uninit()).cast::<Thread>();
            (&raw mut (*record).core).write(core);
            Thread::complete(record, heap, retired, self.services.forever());
            registry.register_at(slot, &(*record).core, lot);
            (*record).host.set(self.state.0.as_ptr().cast());
            (*record)
                .core
                .attach(lot)
                .expect("nobody shuts this world down");
            let mut ctx = Ctx::new(NonNull::new_unchecked(record));
            nodes::enter(record);
            let result = catch_unwind(AssertUnwindSafe(|| body(&mut ctx)));
            while {
                ctx.drain();
                !(*record).services().merge.close(&*record)
            } {
                (*record).services().merge.process(&*record);
            }
            nodes::enter(std::ptr::null());
            (*record).retire();
            let grace = (*record).core.grace_slot().expect("it was reserved");
            registry.unregister(&(*record).core, lot);
            drop(Box::from_raw(record));
            self.grace.release(grace.as_ref());
            result.unwrap_or_else(|panic| resume_unwind(panic))
        }
    }

    /// What the objects know of.
    pub(super) fn state(&self) -> &State {
        &self.state
    }

    /// Whether there is a collector; if not, the program runs on counts alone.
    pub(super) fn collects(&self) -> bool {
        self.collector.is_some()
    }

    /// Collects all there is, if there is a collector. Waits for another collection to be over.
    pub(super) fn collect(&self, ctx: &mut Ctx) -> Collected {
        self.collect_for(ctx, Cause::Asked(2))
    }

    /// [`collect`](Self::collect), as if a little had been allocated: the collector may look at part of the heap.
    pub(super) fn collect_young(&self, ctx: &mut Ctx) {
        self.collect_for(ctx, Cause::Young);
    }

    fn collect_for(&self, ctx: &mut Ctx, cause: Cause) -> Collected {
        loop {
            match self.try_collect(ctx, cause) {
                Ok(report) => return report,
                Err(NotCollected::Busy) => {
                    let _ = ctx.poll();
                    std::thread::yield_now();
                }
                Err(error) => panic!("a collection failed: {error}"),
            }
        }
    }

    /// One attempt.
    pub(super) fn try_collect(
        &self,
        ctx: &mut Ctx,
        cause: Cause,
    ) -> Result<Collected, NotCollected> {
        match &self.collector {
            Some(collector) => collector.collect_for(ctx, cause),
            None => Ok(Collected::default()),
        }
    }

    /// Lets go of everything and demands that each object that was made is gone, exactly once.
    fn end(&self, law: &Law, ctx: &mut Ctx) {
        *locked(&self.state.on_finalize) = Arc::new(|_, _| ());
        *locked(&self.state.on_callback) = Arc::new(|_, _| ());
        locked(&self.state.roots).clear();
        locked(&self.state.certain).clear();
        // What was finalized does not come back, but it may hold what comes back next.
        let rounds = locked(&self.state.fates).len() + 2;
        for _ in 0..rounds {
            let kept = std::mem::take(&mut *locked(&self.state.kept));
            for node in kept {
                node.release(ctx);
            }
            self.collect(ctx);
            if !self.collects() {
                nodes::demolish(&self.state, ctx);
            }
            if locked(&self.state.kept).is_empty() {
                break;
            }
        }
        law.demand(locked(&self.state.kept).is_empty(), || {
            "finalizers bring objects back again and again".into()
        });
        let damage = locked(&self.state.damage);
        law.demand(damage.is_empty(), || damage.join("; "));
        let fates = locked(&self.state.fates);
        for (number, fate) in fates.iter().enumerate() {
            law.demand(fate.dropped == 1, || {
                let Fate { dropped, finalized, .. } = fate;
                format!("at the end, with nothing held, object {number} was taken apart {dropped} times (finalized {finalized})")
            });
        }
    }
}

/// Makes a machine and runs a law in it, on a thread of it.
pub(super) fn with(
    law: &Law,
    make: &impl Fn(&Lab) -> Setup,
    body: impl FnOnce(&Machine, &mut Ctx),
) {
    let machine = Machine::new(make);
    machine.attach(|ctx| {
        body(&machine, ctx);
        machine.end(law, ctx);
    });
}
