//! A runtime: the host, the heap, grace periods, the stopping of the world, joined.
//!
//! ```text
//! Runtime (one per language instance, lives as long as the process)
//!   ├─ StopTheWorld   threads by slot, where they sleep, whose turn it is to stop them
//!   ├─ Qsbr           when memory that readers may look at can be reused
//!   ├─ Heap           objects and buffers
//!   └─ Services       type table, the embedder's events, merge table
//! thread: Runtime::attach(|ctx| …)   record ─ slot ─ heap ─ context
//! ```

#[cfg(feature = "gc")]
use crate::helpers::Pool;
use crate::port::Port;
use crate::sync::guarded::Guarded;
use crate::thread::current;
use crate::unwind;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use core::iter;
use core::ptr::{self, NonNull};
use core::time::Duration;
use kit_alloc::delegating::DelegatingHeap;
use kit_alloc::paged::Heap;
use kit_alloc::statistics::Statistics;
use kit_core::backend::collector::CycleHost;
use kit_core::backend::events::Events;
use kit_core::backend::grace::Grace;
use kit_core::backend::heap::SharedHeap;
use kit_core::backend::retire::{OrphanQueue, RetireLimits, RetireQueue};
use kit_core::backend::world::{Stopped, World};
use kit_core::code::{CodeOptions, CodeSpace};
use kit_core::object::{TypeEntry, TypeTable};
use kit_core::platform::memory::Memory;
use kit_core::platform::pages::PageSource;
use kit_core::platform::thread::Platform;
use kit_core::refcount::per_thread::CountIds;
#[cfg(feature = "gc")]
use kit_core::sync::native::AtomicU16;
use kit_core::sync::native::{
    AtomicPtr,
    Ordering::{Acquire, Relaxed, Release},
};
use kit_core::sync::parking::ParkingLot;
use kit_core::thread::core::ThreadCore;
use kit_core::thread::merge::MergeTable;
use kit_core::thread::{Ctx, Services, Thread, breaker};
#[cfg(feature = "gc")]
use kit_gc::cycle::CycleCollector;
use kit_gc::qsbr::Qsbr;
use kit_gc::stop::{StopStatistics, StopTheWorld, StopWatch};

/// Nobody is woken to help with a smaller heap: its collection takes a millisecond or two.
#[cfg(feature = "gc")]
const HELPED_PAGES: usize = 256;

/// How to build a runtime.
pub struct Options {
    /// What the runtime stands on.
    pub port: Port,
    /// How many types there can be at a time.
    pub types: u32,
    /// Type ids below this are defined by number.
    pub reserved_types: u32,
    /// Where objects and buffers lie.
    pub heap: HeapChoice,
    /// The most bytes the heap may use. When a quarter of that is left, the threads that allocate
    /// collect; beyond it, allocations fail.
    pub memory_limit: usize,
    /// What the embedder does when objects die and threads are interrupted.
    pub events: Events,
    /// The embedder's part in a collection; nobody asks it without the feature `gc`.
    pub cycles: &'static dyn CycleHost,
    /// How threads copy code, to specialise it.
    pub code: CodeOptions,
}

/// The heaps there are to choose from.
#[derive(Clone, Copy, Default)]
pub enum HeapChoice {
    /// The paged heap, on the port's pages.
    #[default]
    Paged,
    /// The paged heap, on pages from elsewhere: an array, another allocator.
    PagedOn(&'static dyn PageSource),
    /// The delegating heap: one call per block to an allocator.
    Delegating(&'static Memory),
    /// Somebody's own: makes it, for ever, with the grace periods that it waits for.
    Own(fn(&'static dyn Grace) -> &'static dyn SharedHeap),
}

/// Why a runtime or a thread could not start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartError {
    /// No memory.
    NoMemory,
    /// All thread slots are taken.
    TooManyThreads,
    /// The runtime is shutting down.
    Finalizing,
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            StartError::NoMemory => "no memory for the runtime's tables",
            StartError::TooManyThreads => "no slot for another thread",
            StartError::Finalizing => "the runtime is finalizing",
        })
    }
}

impl core::error::Error for StartError {}

/// Who is inside, to know when a thread is alone.
#[derive(Default)]
pub(crate) struct Population {
    pub(crate) count: usize,
    /// The only thread, while it may believe that it is.
    pub(crate) solo: Option<NonNull<Thread>>,
}

/// One instance of a language. Never freed: threads of the process may hold on to it.
pub struct Runtime {
    pub(crate) port: Port,
    pub(crate) stop: &'static StopTheWorld,
    pub(crate) grace: &'static Qsbr,
    pub(crate) heap: &'static dyn SharedHeap,
    pub(crate) services: &'static Services,
    #[cfg(feature = "gc")]
    pub(crate) collector: CycleCollector,
    #[cfg(feature = "gc")]
    pub(crate) helpers: &'static Pool,
    pub(crate) orphans: OrphanQueue,
    /// The slot of the thread that frees memory near the limit, or 0.
    #[cfg(feature = "gc")]
    pub(crate) relieving: AtomicU16,
    pub(crate) population: Guarded<Population>,
    /// Held while a thread's record is made and registered.
    pub(crate) births: Guarded<()>,
    /// The one that was made before.
    older: AtomicPtr<Runtime>,
}

/// The runtime that was made last.
static NEWEST: AtomicPtr<Runtime> = AtomicPtr::new(ptr::null_mut());

// SAFETY: the parts are shared by design; the population's pointer is used under its lock only, while
// the thread it names is registered.
unsafe impl Send for Runtime {}
// SAFETY: as above.
unsafe impl Sync for Runtime {}

fn forever<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

impl Runtime {
    /// Builds a runtime.
    ///
    /// # Errors
    /// No memory for its tables.
    pub fn new(options: Options) -> Result<&'static Runtime, StartError> {
        let port = options.port;
        let stop = forever(StopTheWorld::new(port.platform, port.memory));
        let grace = forever(Qsbr::new(port.memory));
        let heap: &dyn SharedHeap = match options.heap {
            HeapChoice::Paged => forever(Heap::new(port.pages, grace)),
            HeapChoice::PagedOn(source) => forever(Heap::new(source, grace)),
            HeapChoice::Delegating(memory) => forever(DelegatingHeap::new(memory, grace)),
            HeapChoice::Own(make) => make(grace),
        };
        heap.set_limit(options.memory_limit);
        if options.memory_limit != usize::MAX {
            heap.set_soft_limit(options.memory_limit - options.memory_limit / 4);
        }
        let page = port.pages.page_size();
        let bytes = (options.types as usize * size_of::<TypeEntry>()).next_multiple_of(page);
        let entries = port
            .pages
            .reserve(bytes, page)
            .ok_or(StartError::NoMemory)?
            .as_ptr()
            .cast();
        // SAFETY: fresh zeroed pages that are never released.
        let types = unsafe { TypeTable::new(entries, options.types, options.reserved_types) };
        let merge = MergeTable::new(stop.registry(), stop.lot());
        let services = forever(Services {
            types,
            events: options.events,
            grace,
            merge,
            count_ids: CountIds::new(port.memory, stop.registry(), stop.lot()),
            code: CodeSpace::new(port.memory, stop.lot(), heap, options.code),
        });
        #[cfg(feature = "gc")]
        let helpers: &'static Pool = forever(Pool::new(port, stop, &services.types));
        let runtime = forever(Runtime {
            port,
            stop,
            grace,
            heap,
            services,
            // SAFETY: the heap is the only one; threads are registered as complete records
            // with these services, and give their heaps back while attached.
            #[cfg(feature = "gc")]
            collector: unsafe { CycleCollector::new(stop, heap, options.cycles) }
                .with_helpers(helpers, HELPED_PAGES),
            #[cfg(feature = "gc")]
            helpers,
            orphans: OrphanQueue::new(port.memory),
            #[cfg(feature = "gc")]
            relieving: AtomicU16::new(0),
            population: Guarded::default(),
            births: Guarded::default(),
            older: AtomicPtr::new(ptr::null_mut()),
        });
        let this = ptr::from_ref(runtime).cast_mut();
        // Release, paired with `each`: it is complete.
        let _ = NEWEST.update(Release, Relaxed, |newest| {
            runtime.older.store(newest, Relaxed);
            this
        });
        Ok(runtime)
    }

    /// Calls `look` with every runtime of the process.
    pub(crate) fn each(mut look: impl FnMut(&Runtime)) {
        // Acquire, paired with `new`; those before it are in its release sequence.
        let mut at = NEWEST.load(Acquire);
        // SAFETY: a runtime that was made, which stays for ever, or the end.
        while let Some(runtime) = unsafe { at.as_ref() } {
            look(runtime);
            at = runtime.older.load(Relaxed);
        }
    }

    /// What it stands on.
    pub fn port(&self) -> &Port {
        &self.port
    }

    pub(crate) fn platform(&self) -> &'static dyn Platform {
        self.port.platform
    }

    pub(crate) fn memory(&self) -> &'static Memory {
        self.port.memory
    }

    /// The types.
    pub fn types(&self) -> &'static TypeTable {
        &self.services.types
    }

    /// The images of code that threads run.
    pub fn code(&self) -> &'static CodeSpace {
        &self.services.code
    }

    /// Where this runtime's threads sleep.
    pub fn lot(&self) -> &'static ParkingLot {
        self.stop.lot()
    }

    /// Stopping this runtime's threads.
    pub fn world(&self) -> &'static dyn World {
        self.stop
    }

    /// What stopping this runtime's threads has cost so far.
    pub fn stop_statistics(&self) -> StopStatistics {
        self.stop.statistics()
    }

    /// Has `watch` told of stops that wait longer than `after` for threads that do not come to a safepoint.
    pub fn watch_stops(&self, after: Duration, watch: &'static dyn StopWatch) {
        let after = u64::try_from(after.as_nanos()).unwrap_or(u64::MAX);
        self.stop.watch(after, watch);
    }

    /// For how long the stop that is being made has waited; `None` while none is. A thread that comes to a safepoint may be
    /// the one that kept everybody waiting.
    pub fn stop_waits(&self) -> Option<Duration> {
        self.stop.waited().map(Duration::from_nanos)
    }

    /// The heap.
    pub fn heap(&self) -> &'static dyn SharedHeap {
        self.heap
    }

    /// Stops the other threads. A thread that is shut out while it waits for its turn does not come back.
    pub fn stop_others<'c>(&'c self, ctx: &'c Ctx) -> Stopped<'c> {
        match Stopped::stop(self.stop, ctx) {
            Ok(stopped) => stopped,
            Err(_) => sleep_for_ever(self.platform()),
        }
    }

    /// What the heap's memory is used for.
    pub fn heap_statistics(&self, ctx: &mut Ctx) -> Statistics {
        // What is on its way to its owner or its page is in use no more.
        ctx.thread().heap.collect(false);
        let _stopped = self.stop_others(ctx);
        // SAFETY: stopped.
        unsafe { Statistics::gather(self.heap) }
    }

    /// Gives back to where it came from what the heap has no use for, beyond what the calling thread may need
    /// at once; and what any thread has set aside until nobody reads it.
    pub fn trim(&self, ctx: &mut Ctx) {
        let thread = ctx.thread();
        let mut retired = Vec::new();
        {
            let stopped = self.stop_others(ctx);
            // Threads that sleep for long would not look at their queues themselves, nor take in what was freed for them.
            // SAFETY: a core is the first field of its thread's record, which is stopped, or ours at a safepoint: it is neither
            // in its heap nor at its queue.
            let record = |core: &ThreadCore| unsafe { &*ptr::from_ref(core).cast::<Thread>() };
            // What is empty begins to wait for its grace period.
            stopped.for_each_thread(|core| record(core).heap.collect(true));
            // The others are stopped, and this one holds nothing that it has not counted: the period is over.
            // SAFETY: the calling thread's own, at a safepoint.
            let _ = unsafe { thread.core.poll() };
            stopped.for_each_thread(|core| {
                let other = record(core);
                // SAFETY: as above. Nobody reads without counting.
                let queue = unsafe { &mut *other.retired.get() };
                // SAFETY: as above.
                retired.extend(iter::from_fn(|| unsafe { queue.take_any() }));
                other.heap.collect(true);
            });
            // SAFETY: as above.
            let left = || unsafe { self.orphans.take_any(self.platform()) };
            retired.extend(iter::from_fn(left));
            // SAFETY: stopped.
            unsafe { self.heap.trim() };
        }
        for batch in retired {
            batch.release_with(|item| thread.release_retired(item));
        }
    }

    /// The references there are, to objects that are not immortal: made less dropped. Exact while no other
    /// thread runs; always zero without the feature `stats`.
    pub fn references(&self) -> i64 {
        self.stop.registry().references(self.lot())
    }

    /// The objects that are alive and not immortal, once every thread has left; those of threads that were
    /// shut out are among them.
    #[cfg(feature = "stats")]
    pub fn mortal_objects(&self) -> usize {
        use kit_core::backend::heap::{HeapKind, Kinds, PREFIX};
        use kit_core::object::Header;
        let mut count = 0;
        let Ok(_stopped) = Stopped::stop_from_outside(self.stop) else {
            return count;
        };
        // SAFETY: stopped.
        unsafe {
            self.heap.for_each_block(Kinds::OBJECTS, |block, page| {
                let prefix = match page.as_ref().heap_kind() {
                    HeapKind::Prefixed => PREFIX,
                    _ => 0,
                };
                // SAFETY: a block of these kinds is an object behind its prefix.
                let object = &*block.as_ptr().add(prefix).cast::<Header>();
                count += usize::from(!object.is_immortal());
            });
        }
        count
    }

    /// Calls `look` with every thread, attached or not. It neither waits nor comes back here.
    pub fn each_thread(&self, look: &mut dyn FnMut(&ThreadCore)) {
        let registry = self.stop.registry();
        registry.with(self.lot(), |threads| threads.iter().for_each(look));
    }

    /// How many threads are registered.
    pub fn thread_count(&self) -> usize {
        // Not by the population, whose lock is held while the world is being stopped.
        self.stop.registry().len(self.lot())
    }

    /// Runs `body` on the calling thread as a thread of this runtime.
    ///
    /// # Errors
    /// There is no memory or no slot for the thread, or the runtime is finalizing.
    ///
    /// # Panics
    /// When the calling thread is attached already, be it detached for the time of a call; and with what `body` panics with, after the thread
    /// has left.
    pub fn attach<R>(&'static self, body: impl FnOnce(&mut Ctx) -> R) -> Result<R, StartError> {
        self.attach_with(body, |_| ())
    }

    /// As [`attach`](Self::attach), for an embedder with state per thread. Objects may die on the thread
    /// until the very end, and language code may run, which may store references in that state again; so
    /// `leaving`, which drops them, is called more than once. After its last call nothing runs any more.
    ///
    /// # Errors
    /// As [`attach`](Self::attach).
    ///
    /// # Panics
    /// As [`attach`](Self::attach).
    pub fn attach_with<R>(
        &'static self,
        body: impl FnOnce(&mut Ctx) -> R,
        leaving: impl FnMut(&mut Ctx),
    ) -> Result<R, StartError> {
        let result = self.come_in(body, leaving);
        if result.is_err() {
            // With `body` went what it held.
            current::stay_out(self);
        }
        result
    }

    fn come_in<R>(
        &'static self,
        body: impl FnOnce(&mut Ctx) -> R,
        mut leaving: impl FnMut(&mut Ctx),
    ) -> Result<R, StartError> {
        assert!(!current::is_inside(), "this thread is attached already");
        let birth = self.births.lock(self.lot());
        let grace = self.grace.reserve_raw().ok_or(StartError::NoMemory)?;
        // SAFETY: clock and slot live as long as the runtime; the slot is this thread's until it is released.
        let core = unsafe { ThreadCore::new(Some(grace)) };
        // Others find it while it is registered, so it is no box's meanwhile.
        let block = NonNull::from(Box::leak(Box::<Thread>::new_uninit()));
        let record: NonNull<Thread> = block.cast();
        let limits = RetireLimits::default();
        // SAFETY: the record is complete, at the address where it stays, before it is registered and others
        // find it; the heap is for its slot.
        unsafe {
            let at = record.as_ptr();
            (&raw mut (*at).core).write(core);
            let lot = self.lot();
            let Ok(slot) = self.stop.registry().reserve(lot) else {
                self.grace.release(grace.1.as_ref());
                drop(Box::from_raw(block.as_ptr()));
                return Err(StartError::TooManyThreads);
            };
            let Some(heap) = self.heap.local(slot) else {
                self.stop.registry().cancel(slot, lot);
                self.grace.release(grace.1.as_ref());
                drop(Box::from_raw(block.as_ptr()));
                return Err(StartError::NoMemory);
            };
            Thread::complete(
                at,
                heap,
                RetireQueue::new(self.memory(), limits),
                self.services,
            );
            self.stop.registry().register_at(slot, &(*at).core, lot);
        }
        drop(birth);
        self.enter(record);
        // SAFETY: the calling thread's own, registered and not yet attached.
        let result = if unsafe { record.as_ref().core.attach(self.lot()) }.is_ok() {
            // SAFETY: attached by this thread; the record lives until the end of this function.
            unsafe { current::set(record.as_ptr()) };
            let result = {
                // SAFETY: the record is registered and attached until `leave`, and this is its only context.
                let mut ctx = unsafe { Ctx::new(record) };
                // A panic must not skip the way out: the record is registered, and about to be freed.
                let result = unwind::catch(|| body(&mut ctx));
                self.leave_little(&mut ctx);
                self.wind_down(&mut ctx, &mut leaving);
                #[cfg(feature = "debug-refs")]
                let result = result.and_then(|value| {
                    let refs = &ctx.thread().refs;
                    unwind::catch(|| refs.report_leaks()).map(|_| value)
                });
                result
            };
            current::clear();
            // SAFETY: the queues are empty and closed, and nobody uses the heap from here on. What waits for the end of its grace
            // period goes to the orphans, while nobody can stop this thread and look at it.
            let left = unsafe {
                record.as_ref().retire();
                let queue = RetireQueue::new(self.memory(), limits);
                let queue = record.as_ref().take_retired(queue);
                self.orphans.adopt(queue, self.grace, self.platform())
            };
            // SAFETY: the calling thread's own; its queues are empty, and it touches no object any more.
            unsafe { record.as_ref().core.detach() };
            if let Some(left) = left {
                left.outlast(self.grace, self.platform());
            }
            Ok(result)
        } else {
            Err(StartError::Finalizing)
        };
        self.leave(record);
        // SAFETY: detached for good; the record is freed after it left the registry.
        unsafe {
            let core = &record.as_ref().core;
            self.stop.registry().unregister(core, self.lot());
            drop(Box::from_raw(record.as_ptr()));
            self.grace.release(grace.1.as_ref());
        }
        match result? {
            Ok(value) => Ok(value),
            Err(payload) => unwind::resume(payload),
        }
    }

    /// Waits, as a thread over its ceiling does, while what it would leave behind is with what others have left more than one
    /// thread may have: nobody else would wait for that.
    fn leave_little(&self, ctx: &mut Ctx) {
        let ceiling = RetireLimits::default().ceiling;
        loop {
            // SAFETY: only this thread uses its queue, and the borrow ends before anything runs.
            let mine = unsafe { &mut *ctx.thread().retired.get() };
            if mine.bytes() == 0 || mine.bytes() + self.orphans.bytes() <= ceiling {
                return;
            }
            mine.seal(self.grace);
            // SAFETY: the context's own, at a safepoint.
            let _ = unsafe { ctx.thread().core.poll() };
            ctx.thread().core.breaker.raise(breaker::QSBR);
            self.interrupt(ctx);
            self.platform().yield_now();
        }
    }

    /// What threads that have left still had to free, in bytes.
    pub fn orphaned(&self) -> usize {
        self.orphans.bytes()
    }

    /// Empties the thread's queues before it leaves.
    fn wind_down(&self, ctx: &mut Ctx, leaving: &mut dyn FnMut(&mut Ctx)) {
        if self.services.merge.has_lost() {
            self.merge(ctx);
        }
        loop {
            ctx.drain();
            leaving(ctx);
            if ctx.thread().dying.is_pending() {
                continue;
            }
            // SAFETY: the context's own thread, which is attached.
            unsafe { self.services.count_ids.close(&ctx.thread().counts) };
            if self.services.merge.close(ctx.thread()) {
                return;
            }
            // SAFETY: the context's own record.
            unsafe { self.services.merge.process(ctx.thread()) };
        }
    }

    /// Counts a thread in. The first is alone; a second ends that, with the first one stopped.
    fn enter(&self, thread: NonNull<Thread>) {
        let mut population = self.population.lock(self.lot());
        population.count += 1;
        if population.count == 1 {
            // SAFETY: the caller's own record.
            unsafe { thread.as_ref() }.solo.set(true);
            population.solo = Some(thread);
        } else if let Some(solo) = population.solo.take() {
            // The first thread never waits for the population's lock while attached, so it comes to a
            // safepoint.
            if let Ok(stopped) = Stopped::stop_from_outside(self.stop) {
                // SAFETY: registered while it is in the population, and stopped.
                unsafe { solo.as_ref() }.solo.set(false);
                drop(stopped);
            }
        }
    }

    fn leave(&self, thread: NonNull<Thread>) {
        let mut population = self.population.lock(self.lot());
        population.count -= 1;
        if population.solo == Some(thread) {
            population.solo = None;
        }
    }

    /// Tells a thread that is about to start another that it is no longer alone: cheaper than
    /// having the new thread stop it.
    pub fn expect_company(&self, ctx: &mut Ctx) {
        let Some(mut population) = self.population.try_lock(self.lot()) else {
            return;
        };
        let me = NonNull::from(ctx.thread());
        if population.solo == Some(me) {
            population.solo = None;
            ctx.thread().solo.set(false);
            drop(population);
            // Sections begun alone have reserved nothing yet.
            // SAFETY: the context's own, attached, at a safepoint.
            unsafe { ctx.thread().core.renew_sections() };
        }
    }

    /// Lets a thread that is the only one left know it.
    pub fn notice_solitude(&self, ctx: &mut Ctx) {
        let Some(mut population) = self.population.try_lock(self.lot()) else {
            return;
        };
        if population.count == 1 && population.solo.is_none() {
            population.solo = Some(NonNull::from(ctx.thread()));
            ctx.thread().solo.set(true);
        }
    }

    /// Handles the kit's own requests at a safepoint: stopping, merging, delayed frees. Returns the
    /// requests left to the embedder.
    pub fn interrupt(&self, ctx: &mut Ctx) -> u32 {
        let requests = ctx.thread().core.breaker.read();
        // SAFETY: the context's own, attached, at a safepoint.
        let pause = || unsafe { self.stop.pause(&ctx.thread().core) };
        if requests & breaker::STOP != 0 && pause().is_err() {
            sleep_for_ever(self.platform());
        }
        if requests & breaker::MERGE != 0 {
            self.merge(ctx);
        }
        if requests & breaker::QSBR != 0 {
            ctx.thread().core.breaker.take(breaker::QSBR);
            // SAFETY: the context's own record.
            unsafe { ctx.thread().process_retired() };
            while let Some(batch) = self.orphans.take_due(self.grace, self.platform()) {
                batch.release_with(|item| ctx.thread().release_retired(item));
            }
            // SAFETY: the same, at a safepoint.
            unsafe { ctx.thread().relieve_retired(self.platform()) };
        }
        requests & !(breaker::STOP | breaker::MERGE | breaker::QSBR)
    }

    /// Merges what other threads have queued for this one, and takes apart what turns out dead.
    fn merge(&self, ctx: &mut Ctx) {
        ctx.thread().core.breaker.take(breaker::MERGE);
        let merge = &self.services.merge;
        if merge.has_lost() {
            let stopped = self.stop_others(ctx);
            // SAFETY: stopped by this thread; all objects come from the heap, which nobody walks.
            unsafe { merge.process_stopped(&stopped, self.heap, ctx.thread()) };
        } else {
            // SAFETY: the context's own record.
            unsafe { merge.process(ctx.thread()) };
        }
        ctx.drain();
    }

    /// Runs `body` with the thread detached: it may block, and nobody waits for it. It must not
    /// touch objects; references it drops are settled when the thread is back.
    pub fn detached<R>(&self, ctx: &mut Ctx, body: impl FnOnce() -> R) -> R {
        struct Back<'a> {
            thread: &'a Thread,
            lot: &'a ParkingLot,
        }
        impl Drop for Back<'_> {
            fn drop(&mut self) {
                // SAFETY: the same thread, which detached below.
                if unsafe { self.thread.core.attach(self.lot) }.is_err() {
                    sleep_for_ever(self.lot.platform());
                }
                // SAFETY: attached again, by the same thread.
                unsafe { current::set(self.thread) };
                current::set_away(false);
            }
        }
        // Nobody else would look at what is queued for a while.
        if ctx.thread().core.breaker.peek() & breaker::MERGE != 0 {
            self.merge(ctx);
        }
        current::clear();
        current::set_away(true);
        // Nor would their owners hear of what was freed of theirs.
        ctx.thread().heap.send();
        // SAFETY: the context's own; `body` does not have the context, and so no objects.
        unsafe { ctx.thread().core.detach() };
        let _back = Back {
            thread: ctx.thread(),
            lot: self.lot(),
        };
        body()
    }
}

/// What becomes of a thread that the runtime has shut out: it cannot return into code that uses
/// objects, and unwinding it would run such code.
pub(crate) fn sleep_for_ever(platform: &dyn Platform) -> ! {
    loop {
        platform.park(None);
    }
}
