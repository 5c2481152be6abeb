//! The cycle collector under stress, in a runtime: the rows of `docs/stress.md` that need threads and language code.
//!
//! Each object notes how often its finalizer ran, and says so when it goes; at the end there is none left. Each test takes
//! about a second, or what `KIT_STRESS_SECONDS` says.

use kit_core::{
    backend::{
        collector::{Cause, CycleHost, NotCollected, WeakPhase},
        events::{Events, FINALIZES, REFERS_WEAKLY},
        heap::{HeapKind, Kinds},
    },
    object::{Bits, Header, Kind, Tracer, Word},
    refcount::biased::Released,
    thread::{Ctx, Thread, breaker},
    weak::{WeakNode, WeakTable},
};
use kit_std::{
    port::Port,
    runtime::{HeapChoice, Options, Runtime},
    thread::current,
};
use std::{
    cell::Cell,
    mem::{offset_of, take},
    ptr::NonNull,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{
            AtomicBool, AtomicUsize,
            Ordering::{Relaxed, SeqCst},
        },
    },
    thread,
    time::{Duration, Instant},
};

/// An object with a finalizer.
#[repr(C)]
struct Node {
    header: Header,
    canary: Cell<usize>,
    finalized: AtomicUsize,
    edges: [Cell<Word>; 2],
}

/// A weak reference.
#[repr(C)]
struct Reference {
    header: Header,
    weak: WeakNode,
}

const NODE: u32 = 1;
const REFERENCE: u32 = 2;
const CANARY: usize = 0x0DD0_BA11;

/// What finalizers and callbacks do beside noting that they ran.
#[derive(Clone, Copy, PartialEq)]
enum Plan {
    /// Nothing.
    Quiet,
    /// Finalizers bring objects back: into globals, other garbage, another thread's letters.
    Return,
    /// Callbacks allocate, collect and drop weak references; finalizers make some.
    Weak,
}

struct Stress {
    runtime: &'static Runtime,
    weak: WeakTable,
    plan: Plan,
    made: AtomicUsize,
    finalized: AtomicUsize,
    dropped: AtomicUsize,
    called: AtomicUsize,
    collections: AtomicUsize,
    /// References that whoever wants to may drop.
    globals: Mutex<Vec<Word>>,
    /// For each of some threads, references that it is to drop.
    letters: [Mutex<Vec<Word>>; 4],
    /// Weak references that finalizers made.
    late: Mutex<Vec<Word>>,
    over: AtomicBool,
}

// SAFETY: words are references that belong to who takes them out.
unsafe impl Sync for Stress {}
// SAFETY: as above.
unsafe impl Send for Stress {}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn stress(thread: &Thread) -> &'static Stress {
    // SAFETY: stored by `run`.
    unsafe { &*thread.host.get().cast::<Stress>() }
}

fn node<'a>(word: Word) -> &'a Node {
    // SAFETY: the tests say so of objects that live.
    unsafe { &*word.as_object().cast() }
}

unsafe fn trace(object: *const Header, tracer: &mut Tracer<'_>) {
    for edge in &node(Word::object(object)).edges {
        tracer.word(edge.get());
    }
}

unsafe fn clear(object: *const Header, ctx: &mut Ctx) {
    for edge in &node(Word::object(object)).edges {
        // SAFETY: the edge owned its reference.
        unsafe { ctx.release(edge.replace(Word::NULL)) };
    }
}

unsafe fn drop_node(object: *mut Header, ctx: &mut Ctx) {
    for edge in &node(Word::object(object)).edges {
        // SAFETY: the edge owned its reference.
        unsafe { ctx.thread().release_later(edge.replace(Word::NULL)) };
    }
    // SAFETY: as for this.
    unsafe { discard(object, ctx.thread()) };
}

unsafe fn discard(object: *mut Header, thread: &Thread) {
    let node = node(Word::object(object));
    assert_eq!(node.canary.replace(0), CANARY, "taken apart twice");
    assert_eq!(node.finalized.load(SeqCst), 1, "finalized once");
    stress(thread).dropped.fetch_add(1, SeqCst);
}

unsafe fn size(_: *const Header) -> usize {
    size_of::<Node>()
}

static NODES: Kind = Kind {
    name: "node",
    trace,
    clear,
    drop: drop_node,
    discard: Some(discard),
    size,
};

unsafe fn trace_reference(_: *const Header, _: &mut Tracer<'_>) {}

unsafe fn clear_reference(_: *const Header, _: &mut Ctx) {}

unsafe fn drop_reference(object: *mut Header, ctx: &mut Ctx) {
    let stress = stress(ctx.thread());
    // SAFETY: of this kind, and taken apart once.
    stress
        .weak
        .unlink(ctx, unsafe { &(*object.cast::<Reference>()).weak });
}

unsafe fn size_of_reference(_: *const Header) -> usize {
    size_of::<Reference>()
}

static REFERENCES: Kind = Kind {
    name: "weak reference",
    trace: trace_reference,
    clear: clear_reference,
    drop: drop_reference,
    discard: None,
    size: size_of_reference,
};

/// A new object, with one reference.
fn make(ctx: &Ctx) -> Word {
    let object = ctx
        .allocate(NODE, HeapKind::Collected, size_of::<Node>())
        .expect("memory");
    // SAFETY: fresh, and large enough.
    unsafe {
        let node = object.cast::<Node>().as_ptr();
        (&raw mut (*node).canary).write(Cell::new(CANARY));
        (&raw mut (*node).finalized).write(AtomicUsize::new(0));
        (&raw mut (*node).edges).write([const { Cell::new(Word::NULL) }; 2]);
        (*node).header.set_bits(Bits::TRACKED);
    }
    stress(ctx.thread()).made.fetch_add(1, SeqCst);
    Word::object(object.as_ptr())
}

/// A weak reference to an object, with a callback.
fn refer(ctx: &Ctx, to: Word) -> Word {
    let object = ctx
        .allocate(REFERENCE, HeapKind::Collected, size_of::<Reference>())
        .expect("memory");
    // SAFETY: fresh, and large enough; `drop` unlinks it; the caller keeps the referent.
    unsafe {
        let this = object.cast::<Reference>().as_ptr();
        let place = &raw mut (*this).weak;
        place.write(WeakNode::in_object(
            offset_of!(Reference, weak) as u16,
            2,
            true,
        ));
        (*this).header.set_bits(Bits::TRACKED);
        let table = &stress(ctx.thread()).weak;
        table.link(ctx, NonNull::new_unchecked(place), &*to.as_object());
    }
    Word::object(object.as_ptr())
}

fn upgrade(ctx: &Ctx, reference: Word) -> Option<Word> {
    // SAFETY: the tests have a reference to this weak reference.
    unsafe { &(*reference.as_object().cast::<Reference>()).weak }.upgrade(ctx)
}

fn retain(ctx: &Ctx, word: Word) -> Word {
    // SAFETY: it lives.
    unsafe { ctx.retain(word) };
    word
}

fn release(ctx: &mut Ctx, word: Word) {
    // SAFETY: the caller's own reference.
    unsafe { ctx.release(word) };
}

/// Makes a ring, and returns a reference to one of it.
fn ring(ctx: &mut Ctx, count: usize) -> Word {
    let nodes: Vec<Word> = (0..count).map(|_| make(ctx)).collect();
    for (index, &from) in nodes.iter().enumerate() {
        let to = retain(ctx, nodes[(index + 1) % count]);
        node(from).edges[0].set(to);
    }
    for &other in &nodes[1..] {
        release(ctx, other);
    }
    nodes[0]
}

fn finalize(ctx: &mut Ctx, object: Word) {
    let stress = stress(ctx.thread());
    let times = node(object).finalized.fetch_add(1, SeqCst);
    assert_eq!((node(object).canary.get(), times), (CANARY, 0));
    let number = stress.finalized.fetch_add(1, SeqCst);
    match stress.plan {
        Plan::Quiet => {}
        Plan::Return => match number % 5 {
            0 => locked(&stress.globals).push(retain(ctx, object)),
            1 => {
                // Into its neighbour, which may be garbage, or come back.
                let next = node(object).edges[0].get();
                if next.is_object() && node(next).edges[1].get().is_null() {
                    let back = retain(ctx, object);
                    node(next).edges[1].set(back);
                }
            }
            2 => locked(&stress.letters[number / 5 % 4]).push(retain(ctx, object)),
            _ => {}
        },
        Plan::Weak => {
            if number.is_multiple_of(3) {
                let late = refer(ctx, object);
                locked(&stress.late).push(late);
            }
        }
    }
}

/// A callback; the reference to the weak reference is ours.
fn call(ctx: &mut Ctx, reference: Word) {
    let stress = stress(ctx.thread());
    let number = stress.called.fetch_add(1, SeqCst);
    assert!(
        upgrade(ctx, reference).is_none(),
        "a callback found its object"
    );
    if !stress.over.load(SeqCst) {
        if number.is_multiple_of(4) {
            let garbage = ring(ctx, 2);
            release(ctx, garbage);
        }
        if number.is_multiple_of(16) {
            // Refused in the middle of one.
            stress.collect(ctx);
        }
    }
    // Whoever kept the weak reference drops it: one of these at a time.
    let other = locked(&stress.globals).pop();
    if let Some(other) = other {
        release(ctx, other);
    }
    release(ctx, reference);
}

unsafe fn dying(ctx: &mut Ctx, object: *mut Header) -> bool {
    // SAFETY: dead, and given to us.
    unsafe {
        let header = &*object;
        if header.type_id() == NODE && !header.set_bits(Bits::FINALIZED).contains(Bits::FINALIZED) {
            header.resurrect(ctx.counter());
            finalize(ctx, Word::object(object));
            if header.end_resurrection(ctx.counter()) != Released::Dead {
                return false;
            }
        }
        if header.bits().contains(Bits::WEAKLY_REFERENCED) {
            stress(ctx.thread()).weak.clear(ctx, object, &mut call);
        }
    }
    true
}

unsafe fn interrupt(ctx: &mut Ctx) -> bool {
    let runtime = stress(ctx.thread()).runtime;
    if runtime.interrupt(ctx) & breaker::GC != 0 {
        ctx.thread().core.breaker.take(breaker::GC);
        runtime.collect_if_due(ctx);
    }
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
        // SAFETY: as the caller says; this thread is attached, and stopped the world.
        unsafe {
            let stress = stress(&*current::thread());
            if (*object).type_id() == REFERENCE {
                stress
                    .weak
                    .unlink_garbage(&(*object.cast::<Reference>()).weak);
            }
            stress
                .weak
                .clear_garbage(current::counter(), object, phase, garbage)
        }
    }

    fn run_callbacks(&self, ctx: &mut Ctx) {
        stress(ctx.thread()).weak.run_pending(ctx, &mut call);
    }

    unsafe fn finalize(&self, ctx: &mut Ctx, object: *mut Header) {
        finalize(ctx, Word::object(object));
    }
}

impl Stress {
    fn new(plan: Plan) -> &'static Stress {
        let runtime = Runtime::new(Options {
            port: Port::SYSTEM,
            types: 8,
            reserved_types: 4,
            heap: HeapChoice::Paged,
            memory_limit: usize::MAX,
            events: Events { dying, interrupt },
            cycles: &Host,
            code: Default::default(),
        })
        .expect("memory");
        runtime.types().define(NODE, &NODES);
        runtime.types().entry(NODE).set_flags(FINALIZES);
        runtime.types().define(REFERENCE, &REFERENCES);
        runtime.types().entry(REFERENCE).set_flags(REFERS_WEAKLY);
        Box::leak(Box::new(Stress {
            runtime,
            weak: WeakTable::new(|header| header.type_id() == REFERENCE),
            plan,
            made: AtomicUsize::new(0),
            finalized: AtomicUsize::new(0),
            dropped: AtomicUsize::new(0),
            called: AtomicUsize::new(0),
            collections: AtomicUsize::new(0),
            globals: Mutex::default(),
            letters: [const { Mutex::new(Vec::new()) }; 4],
            late: Mutex::default(),
            over: AtomicBool::new(false),
        }))
    }

    fn run<R>(&'static self, body: impl FnOnce(&mut Ctx) -> R) -> R {
        let attached = self.runtime.attach(|ctx| {
            ctx.thread()
                .host
                .set(std::ptr::from_ref(self).cast_mut().cast());
            body(ctx)
        });
        attached.expect("a thread")
    }

    /// Collects, unless that goes on.
    fn collect(&self, ctx: &mut Ctx) {
        match self.runtime.collect_for(ctx, Cause::Asked(2)) {
            Ok(_) => {
                self.collections.fetch_add(1, SeqCst);
            }
            Err(NotCollected::Busy) => {}
            Err(error) => panic!("{error}"),
        }
    }

    /// Makes rings until time is up: hung on others', offered to others, let go.
    fn make_rings(&'static self, number: usize, at_most: usize) {
        self.run(|ctx| {
            let mut random = Random(number as u64 * 7919 + 1);
            for _ in 0..at_most {
                if self.over.load(SeqCst) {
                    break;
                }
                let count = 1 + random.below(6);
                let first = ring(ctx, count);
                if random.below(3) == 0 {
                    let taken = locked(&self.globals).pop();
                    match taken {
                        // Weak references are for callbacks to drop.
                        Some(other) if self.plan != Plan::Weak => node(first).edges[1].set(other),
                        Some(other) => release(ctx, other),
                        None => {}
                    }
                    let offered = match self.plan {
                        Plan::Weak => refer(ctx, first),
                        _ => retain(ctx, first),
                    };
                    locked(&self.globals).push(offered);
                }
                release(ctx, first);
                let letters = take(&mut *locked(&self.letters[number % 4]));
                for letter in letters {
                    release(ctx, letter);
                }
                let _ = ctx.poll();
                // Collections are to keep up, so that there are many.
                while self.made.load(SeqCst) > self.dropped.load(SeqCst) + 10_000
                    && !self.over.load(SeqCst)
                {
                    self.runtime.detached(ctx, thread::yield_now);
                    let _ = ctx.poll();
                    if number >= 4 {
                        break;
                    }
                }
            }
        });
    }

    /// Collects until time is up; looks in between that all references are counted.
    fn collect_all_the_time(&'static self) {
        self.run(|ctx| {
            let mut rounds = 0;
            while !self.over.load(SeqCst) {
                self.collect(ctx);
                rounds += 1;
                if rounds % 16 == 0
                    && let Ok(audit) = self.runtime.audit(ctx)
                {
                    assert_eq!(audit.missing, 0, "{:?}", audit.example);
                }
                let _ = ctx.poll();
                // Somebody else is to make garbage meanwhile.
                self.runtime.detached(ctx, thread::yield_now);
            }
        });
    }

    /// Lets everything go, and checks that each object was finalized and taken apart, once.
    fn end(&'static self) {
        self.over.store(true, SeqCst);
        self.run(|ctx| {
            loop {
                let mut left = take(&mut *locked(&self.globals));
                for letters in &self.letters {
                    left.append(&mut locked(letters));
                }
                let late = take(&mut *locked(&self.late));
                for word in left.iter().chain(&late) {
                    release(ctx, *word);
                }
                let before = self.dropped.load(SeqCst);
                self.collect(ctx);
                if left.is_empty() && late.is_empty() && self.dropped.load(SeqCst) == before {
                    break;
                }
            }
        });
        let [made, finalized, dropped] =
            [&self.made, &self.finalized, &self.dropped].map(|count| count.load(SeqCst));
        assert_eq!(
            (finalized, dropped),
            (made, made),
            "finalized and taken apart, of those that were made"
        );
        println!(
            "{made} objects, {} collections, {} callbacks",
            self.collections.load(SeqCst),
            self.called.load(SeqCst)
        );
        assert!(made > 0);
    }
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

fn duration() -> Duration {
    let seconds =
        std::env::var("KIT_STRESS_SECONDS").map_or(1.0, |text| text.parse().expect("seconds"));
    Duration::from_secs_f64(seconds)
}

/// Four threads that make rings and two that collect, and `meanwhile` on this one, which is not attached.
fn under_load(stress: &'static Stress, meanwhile: impl Fn()) {
    let until = Instant::now() + duration();
    thread::scope(|scope| {
        for number in 0..4 {
            scope.spawn(move || stress.make_rings(number, usize::MAX));
        }
        for _ in 0..2 {
            scope.spawn(move || stress.collect_all_the_time());
        }
        while Instant::now() < until {
            meanwhile();
        }
        stress.over.store(true, SeqCst);
    });
    stress.end();
}

fn wait() {
    thread::sleep(Duration::from_millis(5));
}

/// Row 1.
#[test]
fn each_object_is_finalized_once_under_four_makers_and_two_collectors() {
    under_load(Stress::new(Plan::Quiet), wait);
}

/// Row 2: in the middle of allocating, with what they made hanging on what others made.
#[test]
fn threads_that_exit_leave_cycles_that_are_found() {
    let stress = Stress::new(Plan::Quiet);
    let left = AtomicUsize::new(0);
    under_load(stress, || {
        thread::scope(|scope| {
            for number in 4..7 {
                let rounds = 1 + left.fetch_add(1, Relaxed) * 37 % 200;
                scope.spawn(move || stress.make_rings(number, rounds));
            }
        });
    });
    assert!(left.load(Relaxed) > 3);
}

/// Row 3.
#[test]
fn what_finalizers_bring_back_dies_later_and_is_not_finalized_again() {
    under_load(Stress::new(Plan::Return), wait);
}

/// Row 4; weak references that finalizers made find nothing, once the object is gone.
#[test]
fn callbacks_allocate_collect_and_drop_weak_references() {
    let stress = Stress::new(Plan::Weak);
    under_load(stress, || {
        stress.run(|ctx| {
            stress.collect(ctx);
            let late = take(&mut *locked(&stress.late));
            let (mut again, mut found) = (Vec::new(), 0);
            for reference in late {
                match upgrade(ctx, reference) {
                    // Finalizers of another thread's collection, which is not over.
                    Some(object) => {
                        found += 1;
                        assert_eq!(node(object).canary.get(), CANARY);
                        release(ctx, object);
                        again.push(reference);
                    }
                    None => release(ctx, reference),
                }
            }
            let _ = found;
            locked(&stress.late).append(&mut again);
        });
        wait();
    });
    assert!(stress.called.load(SeqCst) > 0);
}

/// Row 7: everything there is is frozen, and let go again, in the middle of all this.
#[test]
fn objects_are_frozen_in_the_middle() {
    let stress = Stress::new(Plan::Return);
    let froze = AtomicUsize::new(0);
    under_load(stress, || {
        for freeze in [true, false] {
            stress.run(|ctx| {
                let _stopped = stress.runtime.stop_others(ctx);
                // SAFETY: stopped; blocks of this kind are objects.
                unsafe {
                    stress
                        .runtime
                        .heap()
                        .for_each_block(Kinds::COLLECTED, |block, _| {
                            let header: &Header = block.cast().as_ref();
                            if header.references() > 0 && header.bits().contains(Bits::TRACKED) {
                                if freeze {
                                    header.set_bits(Bits::FROZEN);
                                    froze.fetch_add(1, Relaxed);
                                } else {
                                    header.clear_bits(Bits::FROZEN);
                                }
                            }
                        });
                }
            });
            wait();
        }
    });
    assert!(froze.load(Relaxed) > 0);
}

/// Row 7: the runtime is shut down in the middle of all this; what is there is whole, and can be collected.
#[test]
fn the_runtime_is_shut_down_in_the_middle() {
    for plan in [Plan::Quiet, Plan::Return, Plan::Weak] {
        let stress = Stress::new(plan);
        // They are shut out, and never return.
        for number in 0..3 {
            thread::spawn(move || stress.make_rings(number, usize::MAX));
        }
        thread::spawn(move || stress.collect_all_the_time());
        let until = Instant::now() + duration() / 3;
        while Instant::now() < until || stress.collections.load(SeqCst) == 0 {
            wait();
        }
        stress.run(|ctx| {
            stress.runtime.stop_others(ctx).shut_out_others();
            let before = stress.made.load(SeqCst);
            let audit = stress.runtime.audit(ctx);
            // A collection that was shut out in the middle keeps the collector.
            match audit {
                Ok(audit) => assert_eq!(audit.missing, 0, "{:?}", audit.example),
                Err(error) => assert_eq!(error, NotCollected::Busy),
            }
            match stress.runtime.collect_for(ctx, Cause::Shutdown) {
                Ok(report) => assert!(report.unreachable <= report.examined),
                Err(error) => assert_eq!(error, NotCollected::Busy),
            }
            assert!(before > 0);
        });
    }
}
