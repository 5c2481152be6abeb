//! Counts in a runtime: objects dropped by other threads than made them, threads that leave theirs behind, memory
//! that runs out, and objects in memory that cannot be written.
//!
//! `KIT_STRESS=10 cargo test -p kit-std --test counts` does ten times as much.

use kit_core::{
    backend::{
        collector::{Collector, PlainHost},
        events::{Events, FINALIZES},
        heap::HeapKind,
    },
    object::{Bits, Header, Kind, Tracer, Word},
    refcount::{
        biased::Released,
        counter::{Counter, Tally},
    },
    thread::{Ctx, Object},
    weak::{Weak, WeakTable},
};
use kit_std::port::Port;
use kit_std::runtime::{Options, Runtime};
use kit_std::thread::current;
use std::{
    cell::Cell,
    ptr,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicIsize, AtomicUsize, Ordering::SeqCst},
        mpsc,
    },
    thread,
};

/// A header, a mark of life, a counted reference.
#[repr(C)]
struct Node {
    header: Header,
    canary: Cell<usize>,
    edge: Cell<Word>,
}

// SAFETY: it begins with a header.
unsafe impl Object for Node {}

const NODE: u32 = 1;
/// Rises from its ashes, as often as its edge says.
const PHOENIX: u32 = 2;
const CANARY: usize = 0x0ddba11;

struct World {
    runtime: &'static Runtime,
    weak: WeakTable,
    live: AtomicIsize,
    /// Where a phoenix leaves a reference to itself.
    ashes: Mutex<Vec<u64>>,
}

fn world(ctx: &Ctx) -> &'static World {
    // SAFETY: stored by `run`.
    unsafe { &*ctx.host().cast::<World>() }
}

unsafe fn trace(object: *const Header, tracer: &mut Tracer<'_>) {
    // SAFETY: of this kind.
    tracer.word(unsafe { &*object.cast::<Node>() }.edge.get());
}

unsafe fn clear(object: *const Header, ctx: &mut Ctx) {
    // SAFETY: of this kind; the edge owned its reference.
    unsafe { ctx.release((*object.cast::<Node>()).edge.replace(Word::NULL)) };
}

unsafe fn drop_node(object: *mut Header, ctx: &mut Ctx) {
    // SAFETY: of this kind; the edge owned its reference.
    unsafe {
        let node = &*object.cast::<Node>();
        assert_eq!(
            node.canary.replace(0),
            CANARY,
            "dropped twice, or not an object"
        );
        ctx.thread().release_later(node.edge.replace(Word::NULL));
    }
    world(ctx).live.fetch_sub(1, SeqCst);
}

unsafe fn size(_: *const Header) -> usize {
    size_of::<Node>()
}

static KIND: Kind = Kind {
    name: "node",
    trace,
    clear,
    drop: drop_node,
    discard: None,
    size,
};

unsafe fn dying(ctx: &mut Ctx, object: *mut Header) -> bool {
    // SAFETY: dead, and ours; a reference goes to the ashes before it is given up.
    unsafe {
        let (world, header) = (world(ctx), &*object);
        world.weak.clear(ctx, header, &mut |_, _| ());
        if header.type_id() != PHOENIX {
            return true;
        }
        let edge = &(*object.cast::<Node>()).edge;
        if edge.get() == Word::int_unchecked(0) {
            return true;
        }
        edge.set(Word::int_unchecked(edge.get().as_int() - 1));
        header.resurrect(ctx.counter());
        header.retain(ctx.counter());
        world.ashes().push(Word::object(object).bits());
        header.end_resurrection(ctx.counter()) == Released::Dead
    }
}

unsafe fn interrupt(ctx: &mut Ctx) -> bool {
    world(ctx).runtime.interrupt(ctx);
    false
}

impl World {
    fn new() -> &'static World {
        let runtime = Runtime::new(Options {
            port: Port::SYSTEM,
            types: 8,
            reserved_types: 4,
            heap: kit_std::runtime::HeapChoice::Paged,
            memory_limit: usize::MAX,
            events: Events { dying, interrupt },
            cycles: &PlainHost,
            code: Default::default(),
        })
        .unwrap();
        runtime.types().define(NODE, &KIND);
        runtime.types().define(PHOENIX, &KIND);
        runtime.types().entry(PHOENIX).set_flags(FINALIZES);
        Box::leak(Box::new(World {
            runtime,
            weak: WeakTable::new(|_| false),
            live: AtomicIsize::new(0),
            ashes: Mutex::default(),
        }))
    }

    /// Runs `body` on the calling thread, attached.
    fn run<R>(&'static self, body: impl FnOnce(&mut Ctx) -> R) -> R {
        self.runtime
            .attach(|ctx| {
                ctx.thread().host.set(ptr::from_ref(self).cast_mut().cast());
                body(ctx)
            })
            .unwrap()
    }

    fn node(&self, ctx: &Ctx, kind: HeapKind) -> Word {
        let mut object = ctx.uninit::<Node>(NODE, kind, size_of::<Node>()).unwrap();
        let node = object.as_ptr();
        self.live.fetch_add(1, SeqCst);
        // SAFETY: a fresh block of a node's size; there are no other fields.
        unsafe {
            (&raw mut (*node).canary).write(Cell::new(CANARY));
            (&raw mut (*node).edge).write(Cell::new(Word::NULL));
            Word::object(object.publish().as_ptr())
        }
    }

    fn ashes(&self) -> MutexGuard<'_, Vec<u64>> {
        self.ashes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn live(&self) -> isize {
        self.live.load(SeqCst)
    }
}

fn header(word: Word) -> &'static Header {
    // SAFETY: the tests ask while they have a reference.
    unsafe { &*word.as_object() }
}

/// How much to do.
fn times(usual: usize) -> usize {
    let factor = std::env::var("KIT_STRESS").map_or(1, |text| text.parse().expect("a number"));
    usual * factor
}

/// A generator of small numbers.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end
    }
}

/// What is begun and given up was never there: its memory makes the next object, and no collection hears of it.
#[test]
fn an_object_that_does_not_come_to_be_leaves_nothing() {
    let world = World::new();
    world.run(|ctx| {
        for kind in [HeapKind::Plain, HeapKind::Collected] {
            let begun = |ctx: &Ctx| {
                let mut object = ctx.uninit::<Node>(NODE, kind, size_of::<Node>()).unwrap();
                object.as_ptr().addr()
            };
            let allocated = ctx.thread().allocated.get();
            let first = begun(ctx);
            assert!((0..100).any(|_| begun(ctx) == first));
            assert_eq!(ctx.thread().allocated.get(), allocated);
            let whole = world.node(ctx, kind);
            let tracked = header(whole).bits().contains(Bits::TRACKED);
            assert_eq!(tracked, kind != HeapKind::Plain);
            assert_eq!(header(whole).references(), 1);
            // SAFETY: the only reference.
            unsafe { ctx.release(whole) };
            ctx.drain();
        }
        let report = world.runtime.collector().collect(ctx).unwrap();
        assert_eq!((report.examined, world.live()), (0, 0));
    });
}

/// A thread that never comes in drops references, to objects that somebody owns and to others; so does one that is outside
/// for a while. Those inside find what dies of it.
#[test]
fn what_is_dropped_outside_is_not_lost() {
    const OBJECTS: usize = 500;
    let drop_all = |words: Vec<u64>| {
        for bits in words {
            current::release(Word::from_bits(bits));
        }
    };
    let world = World::new();
    let make = |ctx: &Ctx| -> Vec<u64> {
        let node = |_| world.node(ctx, HeapKind::Plain).bits();
        (0..OBJECTS).map(node).collect()
    };
    world.run(|ctx| {
        world.runtime.expect_company(ctx);
        let nobodys = thread::scope(|scope| {
            let made = || scope.spawn(|| world.run(|ctx| make(ctx))).join().unwrap();
            world.runtime.detached(ctx, made)
        });
        let (own, others) = (make(ctx), make(ctx));
        world.runtime.detached(ctx, || {
            thread::scope(|scope| {
                scope.spawn(|| drop_all(others));
                scope.spawn(|| drop_all(nobodys));
            });
            drop_all(own);
        });
        assert!(world.live() > 0);
        let _ = ctx.poll();
        assert_eq!(world.live(), 0);
    });
}

/// Two threads make objects and give them away; two others drop them. Some references are counted by the maker, some
/// by the one who drops, some objects have references on both sides.
#[test]
fn a_million_objects_are_dropped_by_other_threads() {
    const BATCH: usize = 500;
    let world = World::new();
    let batches = times(1_000_000) / BATCH / 2;
    thread::scope(|scope| {
        for seed in 1..=2_u64 {
            let (give, take) = mpsc::sync_channel::<Vec<u64>>(8);
            scope.spawn(move || {
                world.run(|ctx| {
                    let mut random = Random(seed);
                    for _ in 0..batches {
                        let mut batch = Vec::with_capacity(BATCH);
                        let mut kept = Vec::new();
                        for _ in 0..BATCH {
                            let word = world.node(ctx, HeapKind::Plain);
                            match random.below(8) {
                                // The maker keeps a reference for a while.
                                0 => {
                                    // SAFETY: alive.
                                    unsafe { ctx.retain(word) };
                                    kept.push(word);
                                }
                                1 => header(word).publish(),
                                // It goes away twice, both times counted here.
                                2 => {
                                    // SAFETY: alive.
                                    unsafe { ctx.retain(word) };
                                    batch.push(word.bits());
                                }
                                _ => {}
                            }
                            batch.push(word.bits());
                        }
                        world.runtime.detached(ctx, || give.send(batch).unwrap());
                        for word in kept {
                            // SAFETY: kept above.
                            unsafe { ctx.release(word) };
                        }
                        let _ = ctx.poll();
                    }
                });
            });
            scope.spawn(move || {
                world.run(|ctx| {
                    let mut random = Random(seed + 2);
                    let receive = |ctx: &mut Ctx| world.runtime.detached(ctx, || take.recv());
                    while let Ok(batch) = receive(ctx) {
                        for bits in batch {
                            let word = Word::from_bits(bits);
                            // SAFETY: the batch owns a reference; one more is dropped again.
                            unsafe {
                                if random.below(3) == 0 {
                                    ctx.retain(word);
                                    ctx.thread().release_later(word);
                                }
                                ctx.release(word);
                            }
                        }
                        let _ = ctx.poll();
                    }
                });
            });
        }
    });
    assert_eq!(world.live(), 0);
}

/// Finalizers that let their objects escape, again and again, to whichever thread comes by and drops them.
#[test]
fn who_rises_again_and_again_dies_in_the_end() {
    const LIVES: i64 = 7;
    const THREADS: usize = 4;
    let world = World::new();
    let deaths = AtomicUsize::new(0);
    let bury = |ctx: &mut Ctx| {
        let found = world.ashes().pop();
        if let Some(bits) = found {
            deaths.fetch_add(1, SeqCst);
            // SAFETY: the ashes owned it.
            unsafe { ctx.release(Word::from_bits(bits)) };
        }
        let _ = ctx.poll();
        ctx.drain();
        found.is_some()
    };
    let each = times(2_000) / THREADS;
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                world.run(|ctx| {
                    for _ in 0..each {
                        let word = world.node(ctx, HeapKind::Plain);
                        header(word).type_id.store(PHOENIX, SeqCst);
                        // SAFETY: a node of ours, whose edge owns nothing.
                        unsafe {
                            let node = &*word.as_object().cast::<Node>();
                            node.edge.set(Word::int_unchecked(LIVES));
                            ctx.release(word);
                        }
                        for _ in 0..4 {
                            bury(ctx);
                        }
                    }
                });
            });
        }
    });
    world.run(|ctx| while bury(ctx) {});
    assert_eq!(deaths.load(SeqCst), THREADS * each * LIVES as usize);
    assert_eq!(world.live(), 0);
}

/// Threads come and go, many more than there are at a time, so that each slot has many owners one after the other. Each
/// leaves objects behind that the next ones drop, share or leave in turn.
#[test]
fn two_thousand_threads_leave_their_objects_behind() {
    const AT_A_TIME: usize = 8;
    let world = World::new();
    let left = Mutex::new(Vec::<u64>::new());
    let seeds = AtomicUsize::new(1);
    let life = |ctx: &mut Ctx| {
        let mut random = Random(seeds.fetch_add(1, SeqCst) as u64);
        for _ in 0..20 {
            let word = world.node(ctx, HeapKind::Plain);
            header(word).publish();
            let mut left = left.lock().unwrap_or_else(PoisonError::into_inner);
            for _ in 0..random.below(3) {
                // SAFETY: alive.
                unsafe { ctx.retain(word) };
                left.push(word.bits());
            }
            left.push(word.bits());
            for _ in 0..random.below(4) {
                if left.is_empty() {
                    break;
                }
                let index = random.below(left.len());
                let other = Word::from_bits(left.swap_remove(index));
                // SAFETY: the list owned it; what is taken again is put back.
                unsafe {
                    if random.below(4) == 0 {
                        ctx.retain(other);
                        left.push(other.bits());
                    }
                    ctx.thread().release_later(other);
                }
            }
            drop(left);
            let _ = ctx.poll();
            ctx.drain();
        }
    };
    thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                for _ in 0..times(2_000) / AT_A_TIME {
                    thread::scope(|one| one.spawn(|| world.run(life)).join().unwrap());
                }
            });
        }
    });
    assert_ne!(world.live(), 0, "some were left");
    world.run(|ctx| {
        for bits in left.into_inner().unwrap() {
            // SAFETY: the list owned it.
            unsafe { ctx.release(Word::from_bits(bits)) };
        }
    });
    assert_eq!(world.live(), 0);
    assert_eq!(world.runtime.thread_count(), 0);
}

/// A thread that waits outside keeps nothing from being freed, whoever drops it.
#[test]
fn what_a_waiting_thread_owns_dies_at_once() {
    let world = World::new();
    let (give, take) = mpsc::channel::<u64>();
    let (done, wait) = mpsc::channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            world.run(|ctx| {
                for _ in 0..10 {
                    give.send(world.node(ctx, HeapKind::Plain).bits()).unwrap();
                }
                drop(give);
                // Queued now or merged later on this thread's behalf: it waits for that with nothing done.
                world.runtime.detached(ctx, || wait.recv().unwrap());
            });
        });
        world.run(|ctx| {
            let words: Vec<u64> = world.runtime.detached(ctx, || take.iter().collect());
            for bits in words {
                // SAFETY: given away above.
                unsafe { ctx.release(Word::from_bits(bits)) };
            }
            // What was queued before the owner went outside is found by a collection.
            world.runtime.collector().collect(ctx).unwrap();
            assert_eq!(world.live(), 0);
        });
        done.send(()).unwrap();
    });
}

/// Neither the merge queue nor the list of the dying gets memory: the objects wait in their headers, and are found when
/// there is memory again, by the next safepoint or the next collection.
#[test]
fn without_memory_nothing_is_lost() {
    for by_collection in [false, true] {
        let world = World::new();
        const OBJECTS: usize = 2_000;
        let (give, take) = mpsc::channel::<Vec<u64>>();
        let [ready, dropped, finished] = [const { AtomicBool::new(false) }; 3];
        thread::scope(|scope| {
            scope.spawn(|| {
                let take = take;
                let _end = Raise([&dropped, &finished]);
                world.run(|ctx| {
                    ready.store(true, SeqCst);
                    let words = world.runtime.detached(ctx, || take.recv().unwrap());
                    let heap = &ctx.thread().heap;
                    // Not a byte more than there is; what is left of all sizes is used up.
                    world.runtime.heap().set_limit(world.runtime.heap().bytes());
                    let mut hoard = Vec::new();
                    for size in (1..=256).rev().map(|n| n * 16) {
                        hoard.extend(std::iter::from_fn(|| heap.alloc(HeapKind::Buffer, size)));
                    }
                    for bits in words {
                        // SAFETY: given to us.
                        unsafe { ctx.thread().release_later(Word::from_bits(bits)) };
                    }
                    assert!(ctx.thread().services().merge.has_lost());
                    dropped.store(true, SeqCst);
                    // Found, but there is no memory to list what is found.
                    let _ = ctx.poll();
                    assert!(world.live() > 0 && ctx.thread().services().merge.has_lost());
                    world.runtime.heap().set_limit(usize::MAX);
                    for block in hoard {
                        // SAFETY: allocated above.
                        unsafe { ctx.thread().heap.free(block) };
                    }
                    if by_collection {
                        world.runtime.collector().collect(ctx).unwrap();
                    } else {
                        // As another loss would.
                        ctx.thread()
                            .core
                            .breaker
                            .raise(kit_core::thread::breaker::MERGE);
                        let _ = ctx.poll();
                    }
                    assert_eq!(world.live(), 0);
                    assert!(!ctx.thread().services().merge.has_lost());
                });
            });
            world.run(|ctx| {
                let words = (0..OBJECTS).map(|_| world.node(ctx, HeapKind::Plain).bits());
                let words = words.collect();
                // A thread that comes in stops the one that was alone.
                while !ready.load(SeqCst) {
                    let _ = ctx.poll();
                    thread::yield_now();
                }
                give.send(words).unwrap();
                // Attached, and at no safepoint, so that everything has to be queued for it.
                while !dropped.load(SeqCst) {
                    thread::yield_now();
                }
                while !finished.load(SeqCst) {
                    let _ = ctx.poll();
                    thread::yield_now();
                }
            });
        });
        assert_eq!(world.live(), 0);
    }
}

/// Raises flags when it is dropped, so that a failing thread does not leave another waiting.
struct Raise<'a>([&'a AtomicBool; 2]);

impl Drop for Raise<'_> {
    fn drop(&mut self) {
        for flag in self.0 {
            flag.store(true, SeqCst);
        }
    }
}

/// The references overflow, on several threads at a time: the object stays, and so does what it holds.
#[test]
fn an_object_with_too_many_references_stays() {
    let world = World::new();
    let object = world.run(|ctx| {
        let word = world.node(ctx, HeapKind::Collected);
        // SAFETY: alive, and ours; its edge owns the reference that is put there.
        unsafe {
            let node = &*word.as_object().cast::<Node>();
            node.edge.set(world.node(ctx, HeapKind::Collected));
            // As many as a loop of hours would take: merged, the halves hold what this thread counted.
            for _ in 0..3 {
                ctx.retain(word);
            }
        }
        word
    });
    // The thread is gone, so others may merge; they add more than fits.
    for _ in 0..4 {
        // SAFETY: nobody owns the object; the references are never dropped.
        let _ = unsafe { header(object).merge(1 << 27, Counter::new(0, &Tally::default())) };
    }
    assert!(header(object).is_pinned());
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                world.run(|ctx| {
                    for _ in 0..times(100_000) {
                        // SAFETY: pinned, so it does not die.
                        unsafe {
                            ctx.retain(object);
                            ctx.release(object);
                            ctx.release(object);
                        }
                    }
                });
            });
        }
    });
    world.run(|ctx| {
        world.runtime.collector().collect(ctx).unwrap();
        assert_eq!(world.live(), 2);
        assert_eq!(header(object).references(), i64::from(u32::MAX));
    });
}

/// Immortality is asked for by threads that do not own the object: while the owner holds on to it, and while
/// it drops it.
#[test]
fn immortality_is_refused_or_final() {
    let world = World::new();
    for round in 0..times(200) {
        let owner_holds_on = round % 2 == 0;
        let (give, take) = mpsc::channel::<u64>();
        let (answer, answered) = mpsc::channel::<()>();
        let immortal = thread::scope(|scope| {
            let other = scope.spawn(move || {
                world.run(|ctx| {
                    let bits = world.runtime.detached(ctx, || take.recv().unwrap());
                    let word = Word::from_bits(bits);
                    // SAFETY: a reference was given to us; it is dropped when that was refused.
                    unsafe {
                        let immortal = header(word).make_immortal(ctx.counter());
                        answer.send(()).unwrap();
                        ctx.release(word);
                        immortal
                    }
                })
            });
            world.run(|ctx| {
                let word = world.node(ctx, HeapKind::Plain);
                // SAFETY: alive; one reference is given away.
                unsafe {
                    ctx.retain(word);
                    give.send(word.bits()).unwrap();
                    if owner_holds_on {
                        world.runtime.detached(ctx, || answered.recv().unwrap());
                    }
                    ctx.release(word);
                }
                let _ = ctx.poll();
            });
            other.join().unwrap()
        });
        assert!(
            !(immortal && owner_holds_on),
            "an owner that holds a reference is in the way"
        );
        if immortal {
            world.live.fetch_sub(1, SeqCst);
        }
        assert_eq!(world.live(), 0);
    }
}

/// A thread's word that nothing is to be made immortal nests, and ends with a panic too.
#[test]
fn suppressed_immortality_nests_and_ends() {
    World::new().run(|ctx| {
        assert!(ctx.may_immortalize());
        ctx.suppress_immortal(|ctx| {
            ctx.suppress_immortal(|ctx| assert!(!ctx.may_immortalize()));
            assert!(!ctx.may_immortalize());
            let panicking = std::panic::AssertUnwindSafe(|| {
                ctx.suppress_immortal(|_| std::panic::resume_unwind(Box::new(())))
            });
            assert!(std::panic::catch_unwind(panicking).is_err());
            assert!(!ctx.may_immortalize());
        });
        assert!(ctx.may_immortalize());
    });
}

/// Every operation there is on an object in a page that is mapped read-only: a write would end the process.
#[test]
fn an_object_in_read_only_memory_is_never_written() {
    use rustix::mm::{MapFlags, MprotectFlags, ProtFlags, mmap_anonymous, mprotect, munmap};

    let world = World::new();
    let page = rustix::param::page_size();
    // SAFETY: a fresh page; written once, then never again, which the system sees to.
    let object = unsafe {
        let access = ProtFlags::READ | ProtFlags::WRITE;
        let at = mmap_anonymous(ptr::null_mut(), page, access, MapFlags::PRIVATE).unwrap();
        at.cast::<Node>().write(Node {
            header: Header::immortal(NODE),
            canary: Cell::new(CANARY),
            edge: Cell::new(Word::NULL),
        });
        mprotect(at, page, MprotectFlags::READ).unwrap();
        at.cast::<Header>()
    };
    let (word, bits) = (Word::object(object), header(Word::object(object)).bits());
    let tally = Tally::new();
    world.run(|ctx| {
        // The owner's name is in no header of such an object; 0 is, and one that is taken.
        for by in [ctx.counter(), Counter::new(7, &tally)] {
            let header = header(word);
            // SAFETY: the object cannot die.
            unsafe {
                header.retain(by);
                header.retain_published(by);
                assert!(header.try_retain(by));
                assert_eq!(header.release(by), Released::Alive);
                assert_eq!(header.merge(-1, by), Released::Alive);
                assert!(header.make_immortal(by));
                assert!(!header.enable_deferred(by, 1));
                header.disable_deferred();
            }
            header.publish();
            assert!(!header.unpublish(by.slot()) && !header.is_unique(by.slot()));
            assert!(header.is_immortal() && header.is_deferred() && !header.is_pinned());
            assert_eq!(header.references(), i64::from(u32::MAX));
            for flag in Bits::all() {
                assert_eq!(header.set_bits(flag), bits);
                assert_eq!(header.clear_bits(flag), bits);
            }
            assert!(header.byte_lock().is_none());
        }
        // SAFETY: the object cannot die; the node's edge owns a reference of no count.
        unsafe {
            ctx.retain(word);
            ctx.thread().release_later(word);
            ctx.release(word);
            ctx.drain();
            let holder = world.node(ctx, HeapKind::Collected);
            (*holder.as_object().cast::<Node>()).edge.set(word);
            world.runtime.collector().collect(ctx).unwrap();
            assert_eq!(world.runtime.collector().audit(ctx).unwrap().missing, 0);
            let weak = Weak::new(ctx, &world.weak, header(word)).unwrap();
            assert_eq!(weak.upgrade(ctx), Some(word));
            weak.drop_in(ctx);
            ctx.release(holder);
        }
    });
    // Other threads come upon it too.
    thread::scope(|scope| {
        scope.spawn(|| {
            world.run(|ctx| {
                // SAFETY: the object cannot die.
                unsafe {
                    assert!(header(word).try_retain(ctx.counter()));
                    ctx.release(word);
                }
            });
        });
    });
    assert_eq!(world.live(), 0);
    // SAFETY: nobody refers to it any more.
    unsafe { munmap(object.cast(), page).unwrap() };
}
