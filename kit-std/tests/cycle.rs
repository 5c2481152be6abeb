//! The cycle collector on the paged heap: against a reference tracer, with finalizers, with threads.

use kit_alloc::paged::Heap;
use kit_core::code::{CodeOptions, CodeSpace};
use kit_core::platform::pages::PageSource;
use kit_core::{
    backend::{
        collector::{Cause, Collected, Collector, CycleHost, Helpers, NotCollected, WeakPhase},
        events::{Events, FINALIZES},
        heap::{HeapKind, PREFIX, SharedHeap},
        retire::{RetireLimits, RetireQueue},
        world::{Stopped, World},
    },
    object::{Bits, Header, Kind, Tracer, TypeEntry, TypeTable, Word},
    refcount::{
        per_thread::CountIds,
        stack_ref::{Fresh, StackRef},
    },
    thread::{Ctx, Services, Thread, breaker, core::ThreadCore, merge::MergeTable},
};
use kit_gc::{
    cycle::CycleCollector,
    qsbr::Qsbr,
    stop::StopTheWorld,
    trigger::{Configuration, Due},
};
use kit_std::platform::{pages::OsPages, threads::STD_THREADS};
use std::{
    alloc::System,
    cell::Cell,
    ptr::NonNull,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    thread,
};

/// A node: a header, three counted references, an uncounted one, a number.
#[repr(C)]
struct Node {
    header: Header,
    edges: [Cell<Word>; 3],
    uncounted: Cell<Word>,
    id: Cell<usize>,
}

const NODE: u32 = 1;
const FINAL: u32 = 2;
/// A node that must be taken apart by itself.
const STIFF: u32 = 3;
/// A node that goes to a free list.
const LISTED: u32 = 4;

/// What happened to the nodes of one runtime.
#[derive(Default)]
struct Record {
    alive: Mutex<Vec<bool>>,
    finalized: AtomicUsize,
    dropped: AtomicUsize,
    weak_cleared: AtomicUsize,
    /// The next finalized node is kept here.
    keep: AtomicBool,
    kept: Mutex<Vec<usize>>,
    /// The next finalizer waits until somebody wants to stop the world.
    wait: AtomicBool,
}

struct Runtime {
    world: StopTheWorld,
    grace: &'static Qsbr,
    heap: Heap,
    record: Record,
    services: Option<Services>,
    collector: Option<CycleCollector>,
}

struct Host(&'static Record);

// SAFETY: it only counts; weak references there are none.
unsafe impl CycleHost for Host {
    unsafe fn clear_weak(
        &self,
        object: *mut Header,
        _phase: WeakPhase,
        garbage: &dyn Fn(*mut Header) -> bool,
    ) -> bool {
        assert!(garbage(object));
        self.0.weak_cleared.fetch_add(1, SeqCst);
        false
    }

    unsafe fn finalize(&self, ctx: &mut Ctx, object: *mut Header) {
        finalize(self.0, ctx, object);
    }
}

fn finalize(record: &Record, ctx: &mut Ctx, object: *mut Header) {
    record.finalized.fetch_add(1, SeqCst);
    if record.wait.swap(false, SeqCst) {
        while runtime(ctx).world.waited().is_none() {
            thread::yield_now();
        }
    }
    if record.keep.swap(false, SeqCst) {
        // SAFETY: the caller's reference keeps the object.
        unsafe { ctx.retain(Word::object(object)) };
        record.kept.lock().unwrap().push(object as usize);
    }
}

fn runtime(ctx: &Ctx) -> &'static Runtime {
    // SAFETY: stored by `run`.
    unsafe { &*ctx.host().cast::<Runtime>() }
}

unsafe fn trace(object: *const Header, tracer: &mut Tracer<'_>) {
    // SAFETY: all objects here are nodes.
    let node = unsafe { &*object.cast::<Node>() };
    for edge in &node.edges {
        tracer.word(edge.get());
    }
    tracer.word(node.uncounted.get());
}

unsafe fn clear(object: *const Header, ctx: &mut Ctx) {
    // SAFETY: all objects here are nodes.
    let node = unsafe { &*object.cast::<Node>() };
    for edge in &node.edges {
        // SAFETY: the edge owned its reference.
        unsafe { ctx.release(edge.replace(Word::NULL)) };
    }
    node.uncounted.set(Word::NULL);
}

unsafe fn drop_node(object: *mut Header, ctx: &mut Ctx) {
    // SAFETY: all objects here are nodes.
    let node = unsafe { &*object.cast::<Node>() };
    for edge in &node.edges {
        // SAFETY: the edge owned its reference.
        unsafe { ctx.thread().release_later(edge.replace(Word::NULL)) };
    }
    node.uncounted.set(Word::NULL);
    note_death(node, ctx.thread());
}

unsafe fn discard(object: *mut Header, thread: &Thread) {
    // SAFETY: all objects here are nodes.
    note_death(unsafe { &*object.cast::<Node>() }, thread);
}

fn note_death(node: &Node, thread: &Thread) {
    // SAFETY: stored by `run`.
    let record = unsafe { &(*thread.host.get().cast::<Runtime>()).record };
    record.dropped.fetch_add(1, SeqCst);
    if let Some(alive) = record.alive.lock().unwrap().get_mut(node.id.get()) {
        assert!(*alive, "dropped twice");
        *alive = false;
    }
}

unsafe fn size(_: *const Header) -> usize {
    size_of::<Node>()
}

static KIND: Kind = Kind {
    name: "node",
    trace,
    clear,
    drop: drop_node,
    discard: Some(discard),
    size,
};

static STIFF_KIND: Kind = Kind {
    discard: None,
    ..KIND
};

unsafe fn dying(ctx: &mut Ctx, object: *mut Header) -> bool {
    // SAFETY: dead, and given to us.
    unsafe {
        let header = &*object;
        if header.type_id() != FINAL || header.set_bits(Bits::FINALIZED).contains(Bits::FINALIZED) {
            return true;
        }
        header.resurrect(ctx.counter());
        finalize(&runtime(ctx).record, ctx, object);
        header.end_resurrection(ctx.counter()) == kit_core::refcount::biased::Released::Dead
    }
}

unsafe fn interrupt(ctx: &mut Ctx) -> bool {
    let (runtime, core) = (runtime(ctx), &ctx.thread().core);
    let bits = core.breaker.take(breaker::MERGE);
    if core.breaker.peek() & breaker::STOP != 0 {
        // SAFETY: our own, attached, at a safepoint.
        unsafe { runtime.world.pause(core) }.unwrap();
    }
    if bits & breaker::MERGE != 0 {
        // SAFETY: our own record.
        unsafe { ctx.thread().services().merge.process(ctx.thread()) };
        ctx.drain();
    }
    false
}

/// The operating system's pages, until there are none for a thread that asked for that.
struct Scarce;

static SCARCE: Scarce = Scarce;

thread_local! {
    /// How many spans this thread still gets.
    static LEFT: Cell<usize> = const { Cell::new(usize::MAX) };
}

// SAFETY: it passes on what `OsPages` does.
unsafe impl PageSource for Scarce {
    fn reserve(&self, size: usize, align: usize) -> Option<NonNull<u8>> {
        let left = LEFT.get();
        LEFT.set(left.checked_sub(1)?);
        OsPages.reserve(size, align)
    }

    unsafe fn release(&self, span: NonNull<u8>, size: usize, align: usize) {
        // SAFETY: as the caller says.
        unsafe { OsPages.release(span, size, align) }
    }

    fn page_size(&self) -> usize {
        OsPages.page_size()
    }
}

/// Helpers that are there for one collection each.
struct Scoped(usize);

// SAFETY: each number is given out once, and the scope waits.
unsafe impl Helpers for Scoped {
    fn workers(&self) -> usize {
        self.0
    }

    unsafe fn run(&self, work: &(dyn Fn(usize) + Sync)) {
        thread::scope(|scope| {
            for number in 1..self.0 {
                scope.spawn(move || work(number));
            }
            work(0);
        });
    }
}

/// The threads that a collection has stopped.
struct Guests(&'static StopTheWorld);

// SAFETY: as `run_together` promises.
unsafe impl Helpers for Guests {
    fn workers(&self) -> usize {
        4
    }

    unsafe fn run(&self, work: &(dyn Fn(usize) + Sync)) {
        // SAFETY: as the caller says.
        unsafe { self.0.run_together(4, work) };
    }
}

fn new_runtime() -> &'static Runtime {
    new_runtime_with(1)
}

/// One in which so many threads mark together.
fn new_runtime_with(workers: usize) -> &'static Runtime {
    new_runtime_helped_by(|_| Box::leak(Box::new(Scoped(workers))))
}

fn new_runtime_helped_by(
    helpers: impl FnOnce(&'static StopTheWorld) -> &'static dyn Helpers,
) -> &'static Runtime {
    let grace: &'static Qsbr = Box::leak(Box::new(Qsbr::new(&System)));
    let runtime = Box::leak(Box::new(Runtime {
        world: StopTheWorld::new(&STD_THREADS, &System),
        grace,
        heap: Heap::new(&SCARCE, grace),
        record: Record::default(),
        services: None,
        collector: None,
    }));
    let runtime: *mut Runtime = runtime;
    // SAFETY: leaked, zeroed and ours, all of it.
    unsafe {
        let layout = std::alloc::Layout::array::<TypeEntry>(8).unwrap();
        let entries = std::alloc::alloc_zeroed(layout).cast::<TypeEntry>();
        let types = TypeTable::new(entries, 8, 5);
        types.define(NODE, &KIND);
        types.define(FINAL, &KIND);
        types.define(STIFF, &STIFF_KIND);
        types.define(LISTED, &KIND);
        types.entry(LISTED).set_free_list(1);
        types.entry(FINAL).set_flags(FINALIZES);
        let world: &'static StopTheWorld = &(*runtime).world;
        (*runtime).services = Some(Services {
            types,
            grace,
            events: Events { dying, interrupt },
            merge: MergeTable::new(world.registry(), world.lot()),
            count_ids: CountIds::new(&System, world.registry(), world.lot()),
            code: CodeSpace::new(
                &System,
                world.lot(),
                &(*runtime).heap,
                CodeOptions::default(),
            ),
        });
        let host: &'static Host = Box::leak(Box::new(Host(&(*runtime).record)));
        let collector = CycleCollector::new(world, &(*runtime).heap, host);
        (*runtime).collector = Some(collector.with_helpers(helpers(world), 0));
        &*runtime
    }
}

// SAFETY: the parts are made for sharing; the record's cells are locked or atomic.
unsafe impl Sync for Runtime {}

impl Runtime {
    /// Runs `body` on the calling thread, attached.
    fn run<R>(&'static self, body: impl FnOnce(&mut Ctx) -> R) -> R {
        let (registry, lot) = (self.world.registry(), self.world.lot());
        // SAFETY: the clock and the slot live for ever; the record stays in its box while registered.
        unsafe {
            let core = ThreadCore::new(self.grace.reserve_raw());
            let slot = registry.reserve(lot).unwrap();
            let heap = self.heap.local(slot).unwrap();
            let retired = RetireQueue::new(&System, RetireLimits::default());
            let services = self.services.as_ref().unwrap();
            let record = Box::into_raw(Box::<Thread>::new_uninit()).cast::<Thread>();
            (&raw mut (*record).core).write(core);
            Thread::complete(record, heap, retired, services);
            (*record)
                .heap
                .set_breaker(NonNull::from(&(*record).core.breaker));
            registry.register_at(slot, &(*record).core, lot);
            (*record)
                .host
                .set(std::ptr::from_ref(self).cast_mut().cast());
            (*record).core.attach(lot).unwrap();
            let mut ctx = Ctx::new(NonNull::new_unchecked(record));
            let result = body(&mut ctx);
            while {
                ctx.drain();
                !(*record).services().merge.close(&*record)
            } {
                (*record).services().merge.process(&*record);
            }
            (*record).retire();
            let grace = (*record).core.grace_slot().unwrap();
            registry.unregister(&(*record).core, lot);
            drop(Box::from_raw(record));
            self.grace.release(grace.as_ref());
            result
        }
    }

    fn collect(&self, ctx: &mut Ctx) -> Collected {
        self.collector.as_ref().unwrap().collect(ctx).unwrap()
    }

    fn collect_young(&self, ctx: &mut Ctx, cause: Cause) -> Collected {
        let collector = self.collector.as_ref().unwrap();
        collector.collect_for(ctx, cause).unwrap()
    }
}

fn node(ctx: &Ctx, type_id: u32, kind: HeapKind, id: usize) -> *mut Node {
    let size = size_of::<Node>() + kind.header_offset();
    let thread = ctx.thread();
    let block = thread.heap.alloc(kind, size).unwrap();
    // SAFETY: fresh, and large enough.
    unsafe {
        let node = block.add(kind.header_offset()).cast::<Node>().as_ptr();
        let bits = if kind.header_offset() == PREFIX {
            Bits::USER
        } else {
            Bits::empty()
        };
        Header::init(&raw mut (*node).header, type_id, ctx.counter(), bits);
        (*node).edges = [const { Cell::new(Word::NULL) }; 3];
        (*node).uncounted = Cell::new(Word::NULL);
        (*node).id = Cell::new(id);
        (*node).header.set_bits(Bits::TRACKED);
        thread.allocated.set(thread.allocated.get() + 1);
        node
    }
}

/// A node that may be made of a dead one.
fn listed(ctx: &Ctx) -> *mut Node {
    let size = size_of::<Node>();
    // SAFETY: the list is this type's, whose nodes have one size; fresh, and large enough.
    unsafe {
        let object = ctx.allocate_listed(1, LISTED, HeapKind::Collected, size);
        let node = object.unwrap().cast::<Node>().as_ptr();
        (&raw mut (*node).edges).write([const { Cell::new(Word::NULL) }; 3]);
        (&raw mut (*node).uncounted).write(Cell::new(Word::NULL));
        (&raw mut (*node).id).write(Cell::new(usize::MAX));
        (*node).header.set_bits(Bits::TRACKED);
        node
    }
}

fn word(node: *mut Node) -> Word {
    Word::object(node.cast())
}

struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 20) as usize % limit
    }
}

/// Gives nodes references to each other at random, counted ones and, to those that are deferred, uncounted ones. Returns whom
/// each refers to.
///
/// # Safety
///
/// - The nodes live, and are the caller's alone.
unsafe fn entangle(
    ctx: &Ctx,
    nodes: &[*mut Node],
    deferred: &[bool],
    random: &mut Random,
) -> Vec<Vec<usize>> {
    let count = nodes.len();
    let mut edges = vec![Vec::new(); count];
    for from in 0..count {
        // SAFETY: as the caller says.
        let node = unsafe { &*nodes[from] };
        for slot in &node.edges {
            if random.below(2) == 0 {
                let to = random.below(count);
                // SAFETY: as the caller says.
                unsafe { ctx.retain(word(nodes[to])) };
                slot.set(word(nodes[to]));
                edges[from].push(to);
            }
        }
        let to = random.below(count);
        if deferred[to] && random.below(2) == 0 {
            node.uncounted.set(word(nodes[to]).deferred());
            edges[from].push(to);
        }
    }
    edges
}

/// Random graphs, with roots that are counted, and with deferred objects, some held by a stack.
#[test]
fn the_collected_set_is_what_a_reference_tracer_says() {
    compare_with_a_reference_tracer(new_runtime());
}

#[test]
fn threads_that_mark_together_find_the_same() {
    compare_with_a_reference_tracer(new_runtime_with(3));
}

fn compare_with_a_reference_tracer(runtime: &'static Runtime) {
    runtime.run(|ctx| {
        let mut random = Random(0x9E37_79B9_7F4A_7C15);
        let stack = {
            let heap = std::ptr::from_ref(&ctx.thread().heap);
            // SAFETY: the thread's own heap.
            ctx.stack().enter(unsafe { &*heap }, 16).unwrap()
        };
        for round in 0..300 {
            let count = 1 + random.below(60);
            let final_share = if round % 3 == 0 { 5 } else { usize::MAX };
            let stiff_share = [1, 6, 30, usize::MAX][round % 4];
            let nodes: Vec<*mut Node> = (0..count)
                .map(|id| {
                    let kind = if random.below(2) == 0 {
                        HeapKind::Collected
                    } else {
                        HeapKind::Prefixed
                    };
                    let type_id = if random.below(final_share) == 0 {
                        FINAL
                    } else if random.below(stiff_share) == 0 {
                        STIFF
                    } else {
                        NODE
                    };
                    node(ctx, type_id, kind, id)
                })
                .collect();
            *runtime.record.alive.lock().unwrap() = vec![true; count];
            // SAFETY: the nodes are ours until we give our references up below; afterwards only those are
            // touched that the tracer below says are alive.
            unsafe {
                let deferred: Vec<bool> = nodes
                    .iter()
                    .map(|&node| {
                        random.below(4) == 0 && (*node).header.enable_deferred(ctx.counter(), 1)
                    })
                    .collect();
                let edges = entangle(ctx, &nodes, &deferred, &mut random);
                let roots: Vec<bool> = (0..count).map(|_| random.below(20) == 0).collect();
                let mut reached = vec![false; count];
                let mut work: Vec<usize> = (0..count).filter(|&id| roots[id]).collect();
                let held = (0..count).find(|&id| deferred[id] && random.below(3) == 0);
                if let Some(held) = held {
                    stack.write(Fresh::from_new(ctx, word(nodes[held])).into_ref());
                    work.push(held);
                }
                while let Some(id) = work.pop() {
                    if !std::mem::replace(&mut reached[id], true) {
                        work.extend(&edges[id]);
                    }
                }
                for id in 0..count {
                    if !roots[id] {
                        ctx.release(word(nodes[id]));
                    }
                }
                let report = runtime.collect(ctx);
                assert_eq!(report.resurrected, 0);
                assert_eq!(
                    *runtime.record.alive.lock().unwrap(),
                    reached,
                    "round {round}"
                );
                // A second one finds nothing.
                let again = runtime.collect(ctx);
                assert_eq!(
                    (again.unreachable, again.examined),
                    (0, reached.iter().filter(|r| **r).count())
                );
                for id in 0..count {
                    if roots[id] {
                        ctx.release(word(nodes[id]));
                    }
                }
                StackRef::clear(stack, ctx);
            }
            runtime.collect(ctx);
            assert!(
                runtime
                    .record
                    .alive
                    .lock()
                    .unwrap()
                    .iter()
                    .all(|alive| !alive)
            );
        }
        assert!(runtime.record.finalized.load(SeqCst) > 0);
        runtime.record.alive.lock().unwrap().clear();
        let heap = std::ptr::from_ref(&ctx.thread().heap);
        // SAFETY: the chunk is empty again; the heap is the thread's own.
        unsafe { ctx.stack().leave(&*heap) };
    });
}

#[test]
fn a_finalizer_brings_back_what_it_reaches_and_nothing_else() {
    for deferred in [false, true] {
        let runtime = new_runtime();
        runtime.run(|ctx| {
            // SAFETY: the nodes are touched while something refers to them.
            unsafe {
                // Two cycles; the finalizer that runs first keeps its own.
                let nodes: Vec<*mut Node> = (0..4)
                    .map(|id| node(ctx, FINAL, HeapKind::Collected, id))
                    .collect();
                *runtime.record.alive.lock().unwrap() = vec![true; 4];
                for &node in &nodes {
                    let done = deferred && (*node).header.enable_deferred(ctx.counter(), 1);
                    assert_eq!(done, deferred);
                }
                for (from, to) in [(0, 1), (1, 0), (2, 3), (3, 2)] {
                    ctx.retain(word(nodes[to]));
                    (*nodes[from]).edges[0].set(word(nodes[to]));
                    (*nodes[from]).header.set_bits(Bits::WEAKLY_REFERENCED);
                }
                for &node in &nodes {
                    ctx.release(word(node));
                }
                runtime.record.keep.store(true, SeqCst);
                let report = runtime.collect(ctx);
                assert_eq!((report.unreachable, report.resurrected), (4, 2));
                assert_eq!(runtime.record.finalized.load(SeqCst), 4);
                assert_eq!(runtime.record.dropped.load(SeqCst), 2);
                assert_eq!(runtime.record.weak_cleared.load(SeqCst), 4 + 2);
                // Dropped again, it dies without another finalizer.
                let kept = runtime.record.kept.lock().unwrap().pop().unwrap() as *mut Node;
                let alive = runtime.record.alive.lock().unwrap().clone();
                assert!(alive[(*kept).id.get()]);
                ctx.release(word(kept));
                let report = runtime.collect(ctx);
                assert_eq!((report.unreachable, report.resurrected), (2, 0));
                assert_eq!(runtime.record.finalized.load(SeqCst), 4);
                assert_eq!(runtime.record.dropped.load(SeqCst), 4);
            }
        });
    }
}

#[test]
fn frozen_and_untracked_objects_stay_and_keep_what_they_hold() {
    let runtime = new_runtime();
    runtime.run(|ctx| {
        // SAFETY: the nodes are touched while something refers to them.
        unsafe {
            let [a, b, c] = [0, 1, 2].map(|id| node(ctx, NODE, HeapKind::Collected, id));
            // a is its own only reference, and holds b by count and c without.
            for (slot, to) in [(0, a), (1, b)] {
                ctx.retain(word(to));
                (*a).edges[slot].set(word(to));
            }
            assert!((*c).header.enable_deferred(ctx.counter(), 1));
            (*a).uncounted.set(word(c).deferred());
            for node in [a, b, c] {
                ctx.release(word(node));
            }
            (*a).header.set_bits(Bits::FROZEN);
            assert_eq!(runtime.collect(ctx).unreachable, 0);
            (*a).header.clear_bits(Bits::FROZEN.union(Bits::TRACKED));
            (*c).edges[0].set(word(b));
            ctx.retain(word(b));
            // Untracked, a is not traced: c, which it holds without a count, is not seen.
            assert_eq!(runtime.collect(ctx).unreachable, 1);
            (*a).header.set_bits(Bits::TRACKED);
            (*a).uncounted.set(Word::NULL);
            assert_eq!(runtime.collect(ctx).unreachable, 2);
            assert_eq!(runtime.record.dropped.load(SeqCst), 3);
        }
    });
}

#[test]
fn the_audit_finds_a_reference_that_was_not_counted() {
    let runtime = new_runtime();
    runtime.run(|ctx| {
        // SAFETY: the nodes are ours, and the wrong edge is taken back.
        unsafe {
            let [a, b] = [0, 1].map(|id| node(ctx, NODE, HeapKind::Collected, id));
            (*a).edges[0].set(word(b));
            (*a).edges[1].set(word(b));
            let audit = runtime.collector.as_ref().unwrap().audit(ctx).unwrap();
            assert_eq!((audit.examined, audit.missing), (2, 1));
            let example = audit.example.expect("a reference without a count");
            assert_eq!(
                (example.target, example.target_type),
                (b.cast(), Some(NODE))
            );
            assert_eq!((example.counted, example.held), (1, 2));
            assert_eq!((example.holder, example.edge), (Some((a.cast(), NODE)), 1));
            (*a).edges[1].set(Word::NULL);
            let audit = runtime.collector.as_ref().unwrap().audit(ctx).unwrap();
            assert_eq!((audit.missing, audit.example), (0, None));
            ctx.release(word(a));
            assert_eq!(runtime.record.dropped.load(SeqCst), 2);
        }
    });
}

#[test]
fn threads_build_cycles_while_others_collect() {
    build_cycles_while_others_collect(new_runtime());
}

#[test]
fn threads_that_are_stopped_help_to_collect() {
    build_cycles_while_others_collect(new_runtime_helped_by(|world| {
        Box::leak(Box::new(Guests(world)))
    }));
}

/// Threads build cycles that reach into each other's objects, and collect; threads come and go. Each
/// object is finalized once and dropped once.
fn build_cycles_while_others_collect(runtime: &'static Runtime) {
    const ROUNDS: usize = 1500;
    let shared: &'static Mutex<Vec<usize>> = Box::leak(Box::new(Mutex::new(Vec::new())));
    let made: &'static AtomicUsize = Box::leak(Box::default());
    let worker = move |seed: u64| {
        runtime.run(|ctx| {
            let mut random = Random(seed);
            for round in 0..ROUNDS {
                let ring: Vec<*mut Node> = (0..1 + random.below(6))
                    .map(|_| node(ctx, FINAL, HeapKind::Collected, usize::MAX))
                    .collect();
                made.fetch_add(ring.len(), SeqCst);
                // SAFETY: we hold a reference to each node until it is given up.
                unsafe {
                    for index in 0..ring.len() {
                        let next = ring[(index + 1) % ring.len()];
                        ctx.retain(word(next));
                        (*ring[index]).edges[0].set(word(next));
                    }
                    // Hang something of another thread on the ring, and offer the ring to others.
                    if random.below(2) == 0 {
                        let mut shared = shared.lock().unwrap();
                        if let Some(other) = shared.pop() {
                            (*ring[0]).edges[1].set(word(other as *mut Node));
                        }
                        ctx.retain(word(ring[0]));
                        shared.push(ring[0] as usize);
                    }
                    for &node in &ring {
                        ctx.release(word(node));
                    }
                }
                let _ = ctx.poll();
                if round % 100 == 99 {
                    match runtime.collector.as_ref().unwrap().collect(ctx) {
                        Ok(_) | Err(NotCollected::Busy) => {}
                        Err(other) => panic!("{other}"),
                    }
                }
            }
        })
    };
    thread::scope(|scope| {
        for seed in 1..=3 {
            scope.spawn(move || worker(seed * 7919));
        }
        scope.spawn(move || {
            for seed in 1..=3 {
                // One thread after another.
                worker(seed * 104_729);
            }
        });
    });
    runtime.run(|ctx| {
        for other in shared.lock().unwrap().drain(..) {
            // SAFETY: the list held a reference.
            unsafe { ctx.release(word(other as *mut Node)) };
        }
        let _ = ctx.poll();
        runtime.collect(ctx);
        runtime.collect(ctx);
    });
    assert_eq!(runtime.record.finalized.load(SeqCst), made.load(SeqCst));
    assert_eq!(runtime.record.dropped.load(SeqCst), made.load(SeqCst));
}

/// Every span the collector asks for is refused once; a later collection finds everything.
#[test]
fn a_collection_without_memory_does_no_harm() {
    let runtime = new_runtime();
    runtime.run(|ctx| {
        // Wide enough for worklists and lists of more than one chunk.
        const RING: usize = 10_000;
        for spans in 0..9 {
            // SAFETY: the nodes are ours until the references are given up.
            unsafe {
                let hub = node(ctx, FINAL, HeapKind::Collected, usize::MAX);
                let kept = node(ctx, NODE, HeapKind::Collected, usize::MAX);
                let mut last = hub;
                for index in 0..RING {
                    let next = node(ctx, NODE, HeapKind::Collected, usize::MAX);
                    // A tree, so that the worklist grows; its leaves lead back to the hub.
                    (*last).edges[index % 2].set(word(next));
                    if index % 2 == 1 {
                        last = (*last).edges[0].get().as_object().cast();
                    }
                    ctx.retain(word(hub));
                    (*next).edges[2].set(word(hub));
                }
                ctx.retain(word(hub));
                (*kept).edges[0].set(word(hub));
                ctx.release(word(hub));
                LEFT.set(spans);
                let alive = runtime.collector.as_ref().unwrap().collect(ctx);
                LEFT.set(usize::MAX);
                match alive {
                    Ok(report) => assert_eq!(report.unreachable, 0),
                    Err(failed) => assert_eq!(failed, NotCollected::OutOfMemory),
                }
                assert_eq!(runtime.record.dropped.load(SeqCst), spans * (RING + 2));
                ctx.release((*kept).edges[0].replace(Word::NULL));
                LEFT.set(spans);
                let first = runtime.collector.as_ref().unwrap().collect(ctx);
                LEFT.set(usize::MAX);
                let rest = runtime.collect(ctx).unreachable;
                match first {
                    Ok(report) => assert_eq!((report.unreachable, rest), (RING + 1, 0)),
                    Err(failed) => {
                        assert_eq!((failed, rest), (NotCollected::OutOfMemory, RING + 1))
                    }
                }
                ctx.release(word(kept));
                assert_eq!(
                    runtime.record.dropped.load(SeqCst),
                    (spans + 1) * (RING + 2)
                );
                assert_eq!(runtime.record.finalized.load(SeqCst), spans + 1);
            }
        }
    });
}

#[test]
fn a_large_graph_lives_and_dies_as_one() {
    make_a_large_graph(new_runtime());
}

#[test]
fn threads_share_a_large_graph() {
    make_a_large_graph(new_runtime_with(4));
}

fn make_a_large_graph(runtime: &'static Runtime) {
    runtime.run(|ctx| {
        const COUNT: usize = 50_000;
        // SAFETY: the nodes are ours.
        unsafe {
            let mut random = Random(42);
            let nodes: Vec<*mut Node> = (0..COUNT)
                .map(|_| node(ctx, NODE, HeapKind::Collected, usize::MAX))
                .collect();
            for index in 0..COUNT {
                for (slot, to) in [
                    (index * 7 + 1) % COUNT,
                    (index + 1) % COUNT,
                    random.below(COUNT),
                ]
                .into_iter()
                .enumerate()
                {
                    ctx.retain(word(nodes[to]));
                    (*nodes[index]).edges[slot].set(word(nodes[to]));
                }
            }
            for &node in &nodes[1..] {
                ctx.release(word(node));
            }
            for _ in 0..2 {
                let report = runtime.collect(ctx);
                assert!(report.examined >= COUNT, "{report:?}");
                assert_eq!(report.unreachable, 0);
            }
            ctx.release(word(nodes[0]));
            assert_eq!(runtime.collect(ctx).unreachable, COUNT);
        }
    });
}

/// What garbage held outside of itself is let go in the order in which the garbage held it, after the garbage.
#[test]
fn garbage_lets_go_of_what_lives() {
    for stiff in [false, true] {
        let runtime = new_runtime();
        runtime.run(|ctx| {
            // SAFETY: the nodes are ours until we give our references up.
            unsafe {
                let kept = node(ctx, NODE, HeapKind::Collected, usize::MAX);
                for round in 1..=3 {
                    let kind = if stiff { STIFF } else { NODE };
                    let one = node(ctx, kind, HeapKind::Prefixed, usize::MAX);
                    let two = node(ctx, NODE, HeapKind::Collected, usize::MAX);
                    // Nobody but the garbage has this one.
                    let hung = node(ctx, FINAL, HeapKind::Plain, usize::MAX);
                    (*hung).header.clear_bits(Bits::TRACKED);
                    for (from, slot, to) in [
                        (one, 0, two),
                        (two, 0, one),
                        (two, 1, two),
                        (one, 1, kept),
                        (two, 2, kept),
                    ] {
                        ctx.retain(word(to));
                        (*from).edges[slot].set(word(to));
                    }
                    (*one).edges[2].set(word(hung));
                    for node in [one, two] {
                        ctx.release(word(node));
                    }
                    let report = runtime.collect(ctx);
                    assert_eq!((report.unreachable, report.resurrected), (2, 0));
                    assert_eq!(runtime.record.dropped.load(SeqCst), round * 3);
                    assert_eq!(runtime.record.finalized.load(SeqCst), round);
                    assert_eq!((*kept).header.references(), 1);
                    assert_eq!(
                        runtime
                            .collector
                            .as_ref()
                            .unwrap()
                            .audit(ctx)
                            .unwrap()
                            .missing,
                        0
                    );
                }
                ctx.release(word(kept));
            }
        });
    }
}

/// Of random graphs that were partly there before, a young collection frees nothing that is reached; and it frees what is new, not
/// deferred, and reached neither from a root nor from anything that is old or deferred.
#[test]
fn young_collections_are_sound_and_find_what_is_new() {
    let runtime = new_runtime();
    runtime.run(|ctx| {
        let mut random = Random(0x0DDB_1A5E_5BAD_5EED);
        for round in 0..300 {
            let (old, count) = {
                let old = random.below(40);
                (old, old + 1 + random.below(40))
            };
            let stiff_share = [1, 6, usize::MAX][round % 3];
            let final_share = if round % 4 == 0 { 6 } else { usize::MAX };
            let mut nodes: Vec<*mut Node> = Vec::new();
            let mut fill: Vec<*mut Node> = Vec::new();
            let mut deferred = Vec::new();
            *runtime.record.alive.lock().unwrap() = vec![true; count];
            // SAFETY: the nodes are ours until we give our references up below; afterwards only those are
            // touched that are alive.
            unsafe {
                for id in 0..count {
                    if id == old {
                        // The pages of what is old are full.
                        fill.extend(
                            (0..1500).map(|_| node(ctx, NODE, HeapKind::Collected, usize::MAX)),
                        );
                        assert_eq!(runtime.collect(ctx).unreachable, 0);
                    }
                    let type_id = match () {
                        () if random.below(stiff_share) == 0 => STIFF,
                        () if random.below(final_share) == 0 => FINAL,
                        () => NODE,
                    };
                    let new = node(ctx, type_id, HeapKind::Collected, id);
                    deferred.push(
                        random.below(8) == 0 && (*new).header.enable_deferred(ctx.counter(), 1),
                    );
                    nodes.push(new);
                }
                let edges = entangle(ctx, &nodes, &deferred, &mut random);
                let roots: Vec<bool> = (0..count).map(|_| random.below(20) == 0).collect();
                let closure = |start: &dyn Fn(usize) -> bool| {
                    let mut reached = vec![false; count];
                    let mut work: Vec<usize> = (0..count).filter(|&id| start(id)).collect();
                    while let Some(id) = work.pop() {
                        if !std::mem::replace(&mut reached[id], true) {
                            work.extend(&edges[id]);
                        }
                    }
                    reached
                };
                let reached = closure(&|id| roots[id]);
                let kept = closure(&|id| roots[id] || id < old || deferred[id]);
                for id in 0..count {
                    if !roots[id] {
                        ctx.release(word(nodes[id]));
                    }
                }
                let report = runtime.collect_young(ctx, Cause::Asked(0));
                assert_eq!(report.resurrected, 0);
                let alive = runtime.record.alive.lock().unwrap().clone();
                for id in 0..count {
                    assert!(alive[id] || !reached[id], "round {round}: {id} was freed");
                    assert!(!alive[id] || kept[id], "round {round}: {id} was not freed");
                }
                let audit = runtime.collector.as_ref().unwrap().audit(ctx).unwrap();
                assert_eq!(audit.missing, 0, "{audit:?}");
                runtime.collect(ctx);
                assert_eq!(*runtime.record.alive.lock().unwrap(), reached);
                for id in 0..count {
                    if roots[id] {
                        ctx.release(word(nodes[id]));
                    }
                }
                for node in fill {
                    ctx.release(word(node));
                }
            }
            runtime.collect(ctx);
        }
        runtime.record.alive.lock().unwrap().clear();
    });
}

/// What is old costs a young collection nothing, and with a budget it takes on only so much of what is new.
#[test]
fn a_young_collection_looks_at_little() {
    const OLD: usize = 50_000;
    let runtime = new_runtime();
    runtime.run(|ctx| {
        let trigger = runtime.collector.as_ref().unwrap().trigger();
        // SAFETY: the nodes are ours until we give our references up.
        unsafe {
            let mut last = node(ctx, NODE, HeapKind::Collected, usize::MAX);
            for _ in 1..OLD {
                let next = node(ctx, NODE, HeapKind::Collected, usize::MAX);
                (*next).edges[0].set(word(last));
                last = next;
            }
            assert!(runtime.collect_young(ctx, Cause::Asked(0)).examined >= OLD);
            for _ in 0..2 {
                // No block was handed out since.
                let report = runtime.collect_young(ctx, Cause::Young);
                assert_eq!(report.examined, 0, "{report:?}");
                assert_eq!(trigger.live(), runtime.collect(ctx).examined);
            }
            const RINGS: usize = 10_000;
            for _ in 0..RINGS {
                let ring = node(ctx, NODE, HeapKind::Collected, usize::MAX);
                (*ring).edges[0].set(word(ring));
            }
            trigger.configure(Configuration {
                pause: 1,
                ..Configuration::default()
            });
            let mut found = 0;
            let mut passes = 0;
            while found < RINGS {
                let report = runtime.collect_young(ctx, Cause::Young);
                assert!(report.examined < 2000, "{report:?}");
                found += report.unreachable;
                passes += 1;
                assert!(passes < 100, "{found} found");
            }
            assert!(passes > 2);
            trigger.configure(Configuration {
                young: false,
                ..Configuration::default()
            });
            let report = runtime.collect_young(ctx, Cause::Young);
            assert!(report.examined >= OLD, "{report:?}");
            ctx.release(word(last));
        }
    });
}

/// Objects that are made of recycled old ones are new all the same.
#[test]
fn a_young_collection_finds_what_was_made_of_recycled_objects() {
    const COUNT: usize = 200;
    let runtime = new_runtime();
    runtime.run(|ctx| {
        for _ in 0..3 {
            let old: Vec<*mut Node> = (0..COUNT).map(|_| listed(ctx)).collect();
            runtime.collect(ctx);
            for node in old {
                // SAFETY: ours until here.
                unsafe { ctx.release(word(node)) };
            }
            for _ in 0..COUNT {
                let ring = listed(ctx);
                // SAFETY: the only reference is its own from here on.
                unsafe { (*ring).edges[0].set(word(ring)) };
            }
            let report = runtime.collect_young(ctx, Cause::Asked(0));
            assert_eq!(report.unreachable, COUNT, "{report:?}");
        }
    });
}

/// Nobody looks for what a thread has allocated where it frees as much as it makes.
#[test]
fn a_loop_that_frees_one_and_makes_one_asks_for_nothing() {
    let runtime = new_runtime();
    runtime.run(|ctx| {
        let mut last = listed(ctx);
        runtime.collect(ctx);
        ctx.thread().core.breaker.take(breaker::GC);
        for _ in 0..1000 {
            // SAFETY: ours until here.
            unsafe { ctx.release(word(last)) };
            last = listed(ctx);
            assert_eq!(ctx.thread().core.breaker.peek() & breaker::GC, 0);
        }
        // SAFETY: as above.
        unsafe { ctx.release(word(last)) };
    });
}

/// Who stops the world between the finalizers and the stop that follows them is not to find the garbage.
#[test]
fn garbage_is_hidden_until_its_collector_has_stopped_the_world_again() {
    let runtime = new_runtime();
    let record = &runtime.record;
    record.wait.store(true, SeqCst);
    thread::scope(|scope| {
        let other = scope.spawn(|| {
            while record.finalized.load(SeqCst) == 0 {
                thread::yield_now();
            }
            runtime.run(|ctx| {
                let _stopped = Stopped::stop(&runtime.world, ctx).unwrap();
                // SAFETY: stopped.
                unsafe { runtime.collector.as_ref().unwrap().hidden() }.len()
            })
        });
        runtime.run(|ctx| {
            for _ in 0..3 {
                let ring = node(ctx, FINAL, HeapKind::Collected, usize::MAX);
                // SAFETY: the only reference is its own from here on.
                unsafe { (*ring).edges[0].set(word(ring)) };
            }
            let report = runtime.collect(ctx);
            assert_eq!((report.unreachable, report.resurrected), (3, 0));
        });
        assert_eq!(other.join().unwrap(), 3);
    });
}

/// A few objects that hold much make a collection due when they are made, not when many others were; and what it frees does not make the
/// next one later.
#[test]
fn bytes_make_a_collection_due() {
    let runtime = new_runtime();
    runtime.run(|ctx| {
        let collector = runtime.collector.as_ref().unwrap();
        for round in 0..4 {
            let mut held = Vec::new();
            while ctx.thread().core.breaker.take(breaker::GC) == 0 {
                let block = ctx.thread().heap.alloc(HeapKind::Buffer, 1 << 20).unwrap();
                held.push(block);
                assert!(held.len() < 100, "nobody asks for a collection");
            }
            assert!(held.len() > 60, "{} in round {round}", held.len());
            assert_eq!(
                collector.trigger().due(runtime.heap.bytes()),
                Some(Due::Full)
            );
            for block in held {
                // SAFETY: ours, and freed once.
                unsafe { ctx.thread().heap.free(block) };
            }
            collector.collect_for(ctx, Cause::Due).unwrap();
            assert_eq!(collector.trigger().due(runtime.heap.bytes()), None);
        }
    });
}
