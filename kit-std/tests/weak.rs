//! Weak references in a runtime: threads that race, a collector with finalizers, callbacks that panic, many referents.

use kit_core::{
    backend::{
        collector::{Collector, CycleHost, WeakPhase},
        events::{Events, FINALIZES, REFERS_WEAKLY},
        heap::HeapKind,
    },
    object::{Bits, Header, Kind, Tracer, Word},
    thread::Ctx,
    weak::{Weak, WeakNode, WeakTable},
};
use kit_std::{
    port::Port,
    runtime::{Options, Runtime},
    thread::current,
};
use std::{
    cell::Cell,
    mem::offset_of,
    panic::{AssertUnwindSafe, catch_unwind},
    ptr::NonNull,
    sync::{
        Barrier, Mutex,
        atomic::{
            AtomicBool, AtomicUsize,
            Ordering::{Relaxed, SeqCst},
        },
    },
    thread,
};

/// What is referred to.
#[repr(C)]
struct Node {
    header: Header,
    canary: AtomicUsize,
    edge: Cell<Word>,
}

/// What refers.
#[repr(C)]
struct Reference {
    header: Header,
    node: WeakNode,
    edge: Cell<Word>,
}

const NODE: u32 = 1;
const FINAL: u32 = 2;
const REFERENCE: u32 = 3;
const CANARY: usize = 0x0ddba11;

/// One runtime and what happened in it.
struct World {
    runtime: &'static Runtime,
    table: WeakTable,
    live: AtomicUsize,
    called: AtomicUsize,
    panics: AtomicBool,
    /// What a finalizer sees through these: whether each lives.
    watched: Mutex<Vec<Word>>,
    seen: Mutex<Vec<bool>>,
}

// SAFETY: words are addresses of objects that the tests keep.
unsafe impl Sync for World {}

fn world(ctx: &Ctx) -> &'static World {
    // SAFETY: stored by `run`.
    unsafe { &*ctx.host().cast::<World>() }
}

/// The world of the only runtime of this test's thread, for the collector.
fn current_world() -> &'static World {
    // SAFETY: attached threads have one.
    unsafe { &*(*current::thread()).host.get().cast::<World>() }
}

unsafe fn trace_node(object: *const Header, tracer: &mut Tracer<'_>) {
    // SAFETY: of this kind.
    tracer.word(unsafe { &*object.cast::<Node>() }.edge.get());
}

unsafe fn clear_node(object: *const Header, ctx: &mut Ctx) {
    // SAFETY: of this kind; the edge owned its reference.
    unsafe { ctx.release((*object.cast::<Node>()).edge.replace(Word::NULL)) };
}

unsafe fn drop_node(object: *mut Header, ctx: &mut Ctx) {
    // SAFETY: of this kind; the edge owned its reference.
    unsafe {
        let node = &*object.cast::<Node>();
        assert_eq!(node.canary.swap(0, Relaxed), CANARY);
        ctx.thread().release_later(node.edge.replace(Word::NULL));
    }
    world(ctx).live.fetch_sub(1, SeqCst);
}

unsafe fn trace_reference(object: *const Header, tracer: &mut Tracer<'_>) {
    // SAFETY: of this kind.
    tracer.word(unsafe { &*object.cast::<Reference>() }.edge.get());
}

unsafe fn clear_reference(object: *const Header, ctx: &mut Ctx) {
    // SAFETY: of this kind; the edge owned its reference.
    unsafe { ctx.release((*object.cast::<Reference>()).edge.replace(Word::NULL)) };
}

unsafe fn drop_reference(object: *mut Header, ctx: &mut Ctx) {
    let world = world(ctx);
    // SAFETY: of this kind; the edge owned its reference.
    unsafe {
        let reference = &*object.cast::<Reference>();
        world.table.unlink(ctx, &reference.node);
        ctx.thread()
            .release_later(reference.edge.replace(Word::NULL));
    }
    world.live.fetch_sub(1, SeqCst);
}

unsafe fn size_of_node(_: *const Header) -> usize {
    size_of::<Node>()
}

unsafe fn size_of_reference(_: *const Header) -> usize {
    size_of::<Reference>()
}

static NODES: Kind = Kind {
    name: "node",
    trace: trace_node,
    clear: clear_node,
    drop: drop_node,
    discard: None,
    size: size_of_node,
};

static REFERENCES: Kind = Kind {
    name: "reference",
    trace: trace_reference,
    clear: clear_reference,
    drop: drop_reference,
    discard: None,
    size: size_of_reference,
};

fn call(ctx: &mut Ctx, reference: Word) {
    let world = world(ctx);
    world.called.fetch_add(1, SeqCst);
    assert!(upgrade(ctx, reference).is_none());
    // SAFETY: the table's reference was handed over.
    unsafe { ctx.release(reference) };
    assert!(!world.panics.load(SeqCst), "a callback");
}

unsafe fn dying(ctx: &mut Ctx, object: *mut Header) -> bool {
    // SAFETY: dead, and given to us.
    unsafe {
        if (*object).bits().contains(Bits::WEAKLY_REFERENCED) {
            world(ctx).table.clear(ctx, object, &mut call);
        }
    }
    true
}

unsafe fn interrupt(ctx: &mut Ctx) -> bool {
    let world = world(ctx);
    world.runtime.interrupt(ctx);
    false
}

struct Host;

// SAFETY: weak references are all in the table; it reports no roots.
unsafe impl CycleHost for Host {
    unsafe fn clear_weak(
        &self,
        object: *mut Header,
        phase: WeakPhase,
        garbage: &dyn Fn(*mut Header) -> bool,
    ) -> bool {
        // SAFETY: as the caller says; this thread stopped the world.
        unsafe {
            let table = &current_world().table;
            if (*object).type_id() == REFERENCE {
                table.unlink_garbage(&(*object.cast::<Reference>()).node);
            }
            table.clear_garbage(current::counter(), object, phase, garbage)
        }
    }

    fn run_callbacks(&self, ctx: &mut Ctx) {
        world(ctx).table.run_pending(ctx, &mut call);
    }

    unsafe fn finalize(&self, ctx: &mut Ctx, object: *mut Header) {
        let world = world(ctx);
        let watched = world.watched.lock().unwrap().clone();
        for reference in watched {
            let found = upgrade(ctx, reference);
            world.seen.lock().unwrap().push(found.is_some());
            if let Some(found) = found {
                // SAFETY: upgraded.
                unsafe { ctx.release(found) };
            }
        }
        // One more, made while the object is garbage.
        // SAFETY: the collector keeps the object.
        let late = reference(ctx, unsafe { &*object }, true);
        world.watched.lock().unwrap().push(late);
    }
}

fn new_world() -> &'static World {
    let runtime = Runtime::new(Options {
        port: Port::SYSTEM,
        types: 8,
        reserved_types: 4,
        heap: kit_std::runtime::HeapChoice::Paged,
        memory_limit: usize::MAX,
        events: Events { dying, interrupt },
        cycles: &Host,
        code: Default::default(),
    })
    .expect("memory");
    let types = runtime.types();
    types.define(NODE, &NODES);
    types.define(FINAL, &NODES);
    types.entry(FINAL).set_flags(FINALIZES);
    types.define(REFERENCE, &REFERENCES);
    types.entry(REFERENCE).set_flags(REFERS_WEAKLY);
    Box::leak(Box::new(World {
        runtime,
        table: WeakTable::new(|header| header.type_id() == REFERENCE),
        live: AtomicUsize::new(0),
        called: AtomicUsize::new(0),
        panics: AtomicBool::new(false),
        watched: Mutex::default(),
        seen: Mutex::default(),
    }))
}

impl World {
    fn run<R>(&'static self, body: impl FnOnce(&mut Ctx) -> R) -> R {
        self.runtime
            .attach(|ctx| {
                ctx.thread()
                    .host
                    .set(std::ptr::from_ref(self).cast_mut().cast());
                body(ctx)
            })
            .expect("a thread")
    }
}

fn node(ctx: &Ctx, type_id: u32) -> Word {
    let object = ctx
        .allocate(type_id, HeapKind::Collected, size_of::<Node>())
        .expect("memory");
    // SAFETY: fresh, and large enough.
    unsafe {
        let node = object.cast::<Node>().as_ptr();
        (&raw mut (*node).canary).write(AtomicUsize::new(CANARY));
        (&raw mut (*node).edge).write(Cell::new(Word::NULL));
        (*node).header.set_bits(Bits::TRACKED);
    }
    world(ctx).live.fetch_add(1, SeqCst);
    Word::object(object.as_ptr())
}

fn reference(ctx: &Ctx, referent: &Header, calls: bool) -> Word {
    let object = ctx
        .allocate(REFERENCE, HeapKind::Collected, size_of::<Reference>())
        .expect("memory");
    world(ctx).live.fetch_add(1, SeqCst);
    // SAFETY: fresh, and large enough; the kind's `drop` unlinks the node.
    unsafe {
        let this = object.cast::<Reference>().as_ptr();
        let offset = offset_of!(Reference, node) as u16;
        let place = &raw mut (*this).node;
        place.write(WeakNode::in_object(offset, 2, calls));
        (&raw mut (*this).edge).write(Cell::new(Word::NULL));
        (*this).header.set_bits(Bits::TRACKED);
        world(ctx)
            .table
            .link(ctx, NonNull::new_unchecked(place), referent);
    }
    Word::object(object.as_ptr())
}

/// Gives a node's edge the reference in `to`.
fn set_edge(node: Word, to: Word) {
    // SAFETY: of this kind, and alive.
    unsafe { &*node.as_object().cast::<Node>() }.edge.set(to);
}

fn refer(ctx: &Ctx, referent: Word, calls: bool) -> Word {
    // SAFETY: the tests hold a reference.
    reference(ctx, unsafe { &*referent.as_object() }, calls)
}

fn upgrade(ctx: &Ctx, reference: Word) -> Option<Word> {
    // SAFETY: the tests hold a reference.
    let node = unsafe { &(*reference.as_object().cast::<Reference>()).node };
    node.upgrade(ctx)
}

fn canary(referent: Word) -> usize {
    // SAFETY: the tests hold a reference.
    unsafe { &*referent.as_object().cast::<Node>() }
        .canary
        .load(Relaxed)
}

fn release(ctx: &mut Ctx, word: Word) {
    // SAFETY: the tests give up a reference of theirs.
    unsafe { ctx.release(word) };
}

/// Threads make objects and weak references to them, leave the references where others find them, and follow what they
/// find there. Nothing is left, and every reference that outlived its referent was told.
#[test]
fn upgrades_race_with_deaths_on_every_thread() {
    const THREADS: usize = 4;
    const ROUNDS: usize = 4000;
    let world = new_world();
    let places: &'static [Mutex<Word>] =
        Box::leak((0..8).map(|_| Mutex::new(Word::NULL)).collect());
    let barrier = Barrier::new(THREADS);
    let upgraded = AtomicUsize::new(0);
    thread::scope(|scope| {
        for seed in 1..=THREADS {
            let (barrier, upgraded) = (&barrier, &upgraded);
            scope.spawn(move || {
                barrier.wait();
                world.run(|ctx| {
                    let mut random = seed;
                    let mut kept = [Word::NULL; 4];
                    for round in 0..ROUNDS {
                        random = random.wrapping_mul(6364136223846793005).wrapping_add(1);
                        let place = &places[random >> 20 & 7];
                        let object = node(ctx, NODE);
                        let made = refer(ctx, object, true);
                        let old = std::mem::replace(&mut kept[round & 3], object);
                        release(ctx, old);
                        let old = std::mem::replace(&mut *place.lock().unwrap(), made);
                        release(ctx, old);
                        let found = {
                            let place = places[random >> 30 & 7].lock().unwrap();
                            // SAFETY: the place's reference, under its lock.
                            unsafe { ctx.retain(*place) };
                            *place
                        };
                        if !found.is_null() {
                            if let Some(object) = upgrade(ctx, found) {
                                upgraded.fetch_add(1, Relaxed);
                                assert_eq!(canary(object), CANARY);
                                release(ctx, object);
                            }
                            release(ctx, found);
                        }
                        let _ = ctx.poll();
                    }
                    for object in kept {
                        release(ctx, object);
                    }
                });
            });
        }
    });
    world.run(|ctx| {
        for place in places {
            let reference = std::mem::replace(&mut *place.lock().unwrap(), Word::NULL);
            assert!(reference.is_null() || upgrade(ctx, reference).is_none());
            release(ctx, reference);
        }
        let _ = ctx.poll();
        ctx.drain();
    });
    assert!(upgraded.load(Relaxed) > 0);
    assert_eq!(world.live.load(SeqCst), 0);
}

/// Before finalizers run, only references with callbacks are cleared; after them all are, with those that they made.
#[test]
fn a_collection_clears_in_two_phases_when_there_are_finalizers() {
    let world = new_world();
    world.run(|ctx| {
        let object = node(ctx, FINAL);
        let silent = refer(ctx, object, false);
        let told = refer(ctx, object, true);
        world.watched.lock().unwrap().extend([silent, told]);
        set_edge(object, object);
        world.runtime.collector().collect(ctx).expect("idle");
        assert_eq!(*world.seen.lock().unwrap(), [true, false]);
        let late = world.watched.lock().unwrap()[2];
        for reference in [silent, told, late] {
            assert!(upgrade(ctx, reference).is_none());
            release(ctx, reference);
        }
        assert_eq!(world.called.load(SeqCst), 2);
        assert_eq!(world.live.load(SeqCst), 0);
    });
}

/// A reference in the same garbage is cleared, and not told; so is one to something that lives. Without finalizers one
/// stop is enough for all.
#[test]
fn a_reference_that_is_garbage_itself_is_not_told() {
    let world = new_world();
    world.run(|ctx| {
        let object = node(ctx, NODE);
        let garbage = refer(ctx, object, true);
        let silent = refer(ctx, object, false);
        let living = node(ctx, NODE);
        // The garbage, a cycle of three.
        let other = refer(ctx, living, true);
        set_edge(object, other);
        // SAFETY: of this kind, and alive; the edge owns what it is given.
        unsafe { (*other.as_object().cast::<Reference>()).edge.set(garbage) };
        // SAFETY: of this kind, and alive; the edge owns what it is given.
        unsafe { (*garbage.as_object().cast::<Reference>()).edge.set(object) };
        let report = world.runtime.collector().collect(ctx).expect("idle");
        assert_eq!((report.unreachable, report.resurrected), (3, 0));
        release(ctx, living);
        assert!(upgrade(ctx, silent).is_none());
        release(ctx, silent);
        assert_eq!(world.called.load(SeqCst), 0);
        assert_eq!(world.live.load(SeqCst), 0);
    });
}

/// The first of three callbacks panics: the other two are given up, everything is cleared, and the table goes on.
#[test]
fn a_callback_that_panics_leaves_the_table_in_order() {
    let world = new_world();
    world.run(|ctx| {
        let object = node(ctx, NODE);
        let references = [(); 3].map(|()| refer(ctx, object, true));
        world.panics.store(true, SeqCst);
        let result = catch_unwind(AssertUnwindSafe(|| {
            // SAFETY: to the table, it dies; it is released below.
            unsafe { world.table.clear(ctx, object.as_object(), &mut call) };
        }));
        assert!(result.is_err());
        world.panics.store(false, SeqCst);
        assert_eq!(world.called.load(SeqCst), 1);
        for reference in references {
            assert!(upgrade(ctx, reference).is_none());
            release(ctx, reference);
        }
        let again = refer(ctx, object, true);
        let found = upgrade(ctx, again).expect("alive");
        release(ctx, found);
        release(ctx, object);
        assert_eq!(world.called.load(SeqCst), 2);
        release(ctx, again);
        assert_eq!(world.live.load(SeqCst), 0);
    });
}

/// The buckets grow with the referents, and shrink for those that come after.
#[test]
fn many_referents_are_told_apart() {
    const MANY: usize = 50_000;
    let world = new_world();
    world.run(|ctx| {
        for _ in 0..2 {
            let pairs: Vec<(Word, Word)> = (0..MANY)
                .map(|index| {
                    let object = node(ctx, NODE);
                    (object, refer(ctx, object, index % 2 == 0))
                })
                .collect();
            for (object, reference) in &pairs {
                let found = upgrade(ctx, *reference).expect("alive");
                assert_eq!(found.as_object(), object.as_object());
                release(ctx, found);
            }
            for (index, (object, reference)) in pairs.into_iter().enumerate() {
                let (first, second) = if index % 3 == 0 {
                    (object, reference)
                } else {
                    (reference, object)
                };
                release(ctx, first);
                release(ctx, second);
            }
        }
        assert_eq!(world.live.load(SeqCst), 0);
    });
}

/// A handle in no object; when it is given back, its referent may be unique again.
#[test]
fn a_handle_follows_its_referent() {
    let world = new_world();
    world.run(|ctx| {
        let object = node(ctx, NODE);
        // SAFETY: alive until it is released.
        let header = unsafe { &*object.as_object() };
        let weak = Weak::new(ctx, &world.table, header).expect("memory");
        assert!(!header.is_unique(ctx.slot()));
        let found = weak.upgrade(ctx).expect("alive");
        release(ctx, found);
        weak.drop_in(ctx);
        assert!(header.is_unique(ctx.slot()));
        let weak = Weak::new(ctx, &world.table, header).expect("memory");
        release(ctx, object);
        assert!(weak.upgrade(ctx).is_none());
        weak.drop_in(ctx);
    });
    assert_eq!(world.live.load(SeqCst), 0);
}
