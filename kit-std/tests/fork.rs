//! Forks for real: the child of a process with threads goes on as if the others had left.
//!
//! Each child verifies its heap, collects, allocates, drops what it has inherited, starts a thread, and says by its exit
//! status whether all of that worked. None of them runs on into the test harness.
#![cfg(unix)]

use kit_core::{
    backend::{
        collector::{Cause, NotCollected, PlainHost},
        events::Events,
        heap::HeapKind,
    },
    object::{Bits, Header, Kind, Tracer, Word},
    sync::parking::{Unattached, Wake},
    thread::{Ctx, Thread, breaker},
};
use kit_std::{
    fork::Forked,
    platform::native,
    port::Port,
    runtime::{HeapChoice, Options, Runtime},
};
use std::{
    cell::Cell,
    panic::{self, AssertUnwindSafe},
    sync::{
        Arc, Barrier, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
        mpsc,
    },
    thread,
};

/// An object with two references.
#[repr(C)]
struct Node {
    header: Header,
    edges: [Cell<Word>; 2],
}

const NODE: u32 = 1;

/// Forks per test.
const FORKS: usize = 30;

/// Seconds after which a child that hangs is killed, so that it does not outlive whoever gave the tests up. None comes near it.
const LIMIT: u32 = 1200;

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
}

unsafe fn discard(_: *mut Header, _: &Thread) {}

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

unsafe fn dying(_: &mut Ctx, _: *mut Header) -> bool {
    true
}

unsafe fn interrupt(ctx: &mut Ctx) -> bool {
    // SAFETY: stored by `attach`.
    let runtime = unsafe { &*ctx.host().cast::<World>() }.runtime;
    if runtime.interrupt(ctx) & breaker::GC != 0 {
        ctx.thread().core.breaker.take(breaker::GC);
        runtime.collect_if_due(ctx);
    }
    false
}

/// A runtime, and what its threads share. Locked by attached threads, which come to no safepoint meanwhile.
struct World {
    runtime: &'static Runtime,
    shelf: Mutex<Vec<Word>>,
    over: AtomicBool,
}

// SAFETY: words are references that belong to who takes them out.
unsafe impl Sync for World {}
// SAFETY: as above.
unsafe impl Send for World {}

fn world(heap: HeapChoice) -> &'static World {
    let runtime = Runtime::new(Options {
        port: Port::SYSTEM,
        types: 16,
        reserved_types: 2,
        heap,
        memory_limit: usize::MAX,
        events: Events { dying, interrupt },
        cycles: &PlainHost,
        code: Default::default(),
    })
    .expect("memory");
    runtime.types().define(NODE, &NODES);
    Box::leak(Box::new(World {
        runtime,
        shelf: Mutex::default(),
        over: AtomicBool::new(false),
    }))
}

impl World {
    fn attach<R>(&'static self, body: impl FnOnce(&mut Ctx) -> R) -> R {
        self.runtime
            .attach(|ctx| {
                ctx.thread()
                    .host
                    .set(std::ptr::from_ref(self).cast_mut().cast());
                body(ctx)
            })
            .expect("attached")
    }

    fn shelf(&self) -> MutexGuard<'_, Vec<Word>> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_over(&self) -> bool {
        self.over.load(SeqCst)
    }

    /// Drops everything on the shelf.
    fn clear(&self, ctx: &mut Ctx) {
        let words = std::mem::take(&mut *self.shelf());
        for word in words {
            release(ctx, word);
        }
    }

    /// Forks; the child does `child` and ends, and must have succeeded.
    fn fork(&'static self, ctx: &mut Ctx, child: impl FnOnce(&mut Ctx)) {
        // SAFETY: the child uses what lives as long as the process, and what this thread made; no other runtime.
        match unsafe { self.runtime.fork(ctx, || (), |_, _, _| ()) }.expect("a process") {
            Forked::Child => {
                // SAFETY: only kills this process.
                unsafe { libc::alarm(LIMIT) };
                let done = panic::catch_unwind(AssertUnwindSafe(|| child(ctx)));
                // SAFETY: nothing of the parent's is run.
                unsafe { libc::_exit(i32::from(done.is_err()) * 3) };
            }
            Forked::Parent(pid) => {
                let status = self.runtime.detached(ctx, || {
                    let mut status = 0;
                    // SAFETY: our child.
                    while unsafe { libc::waitpid(pid, &mut status, 0) } != pid {}
                    status
                });
                assert_eq!(status, 0, "the child failed");
            }
        }
    }

    /// What every child does.
    fn check(&'static self, ctx: &mut Ctx) {
        assert_eq!(self.runtime.thread_count(), 1);
        let audit = self.runtime.audit(ctx).expect("memory");
        assert!(audit.missing == 0, "{audit:?}");
        self.collect(ctx);
        for _ in 0..200 {
            let garbage = ring(ctx, 5);
            release(ctx, garbage);
        }
        self.clear(ctx);
        let found = self.collect(ctx);
        assert!(found >= 1000, "garbage is found: {found}");
        self.with_a_thread(ctx);
        let audit = self.runtime.audit(ctx).expect("memory");
        assert!(audit.missing == 0, "{audit:?}");
    }

    fn collect(&self, ctx: &mut Ctx) -> usize {
        let found = self.runtime.collect_for(ctx, Cause::Asked(2));
        ctx.drain();
        found.expect("nobody else collects").unreachable
    }

    /// Starts a thread that does something with an object of this one, and hands one back.
    fn with_a_thread(&'static self, ctx: &mut Ctx) {
        let (to, from) = mpsc::channel();
        let mine = make(ctx);
        self.shelf().push(mine);
        self.runtime.expect_company(ctx);
        let started = native::start(Port::STACK, move || {
            self.attach(|ctx| {
                self.clear(ctx);
                let other = ring(ctx, 3);
                self.shelf().push(other);
                let _ = self.runtime.collect_for(ctx, Cause::Asked(2));
            });
            to.send(()).unwrap();
        });
        started.expect("a thread");
        self.runtime.detached(ctx, || from.recv().unwrap());
        assert_eq!(self.runtime.thread_count(), 1);
        self.clear(ctx);
        assert_eq!(self.collect(ctx), 3);
    }
}

/// A new object, with one reference.
fn make(ctx: &Ctx) -> Word {
    let object = ctx
        .allocate(NODE, HeapKind::Collected, size_of::<Node>())
        .expect("memory");
    // SAFETY: fresh, and large enough.
    unsafe {
        let node = object.cast::<Node>().as_ptr();
        (&raw mut (*node).edges).write([const { Cell::new(Word::NULL) }; 2]);
        (*node).header.set_bits(Bits::TRACKED);
    }
    Word::object(object.as_ptr())
}

fn release(ctx: &mut Ctx, word: Word) {
    // SAFETY: the caller's own reference.
    unsafe { ctx.release(word) };
}

/// Makes a ring, and returns a reference to one of it.
fn ring(ctx: &mut Ctx, count: usize) -> Word {
    let first = make(ctx);
    let mut last = first;
    for _ in 1..count {
        let next = make(ctx);
        node(last).edges[0].set(next);
        last = next;
    }
    // SAFETY: it lives.
    unsafe { ctx.retain(first) };
    node(last).edges[0].set(first);
    first
}

fn alone(heap: HeapChoice) {
    let world = world(heap);
    world.attach(|ctx| {
        let kept = ring(ctx, 100);
        world.shelf().push(kept);
        for _ in 0..FORKS {
            world.fork(ctx, |ctx| world.check(ctx));
        }
        world.check(ctx);
    });
}

#[test]
fn a_thread_that_is_alone_forks() {
    alone(HeapChoice::Paged);
}

#[test]
fn on_the_delegating_heap() {
    alone(HeapChoice::Delegating(&std::alloc::System));
}

#[test]
fn a_child_forks_again() {
    let world = world(HeapChoice::Paged);
    world.attach(|ctx| {
        world.fork(ctx, |ctx| {
            world.check(ctx);
            world.fork(ctx, |ctx| {
                world.check(ctx);
                world.fork(ctx, |ctx| world.check(ctx));
            });
        });
    });
}

/// Allocates, drops, and passes on: the others' objects come to a merge queue, or die here.
fn churn(world: &'static World) {
    world.attach(|ctx| {
        let mut round = 0;
        while !world.is_over() {
            let mine = if round % 3 == 0 {
                ring(ctx, 4)
            } else {
                make(ctx)
            };
            let other = {
                let mut shelf = world.shelf();
                shelf.push(mine);
                let at = round % shelf.len();
                (shelf.len() > 100).then(|| shelf.swap_remove(at))
            };
            if let Some(other) = other {
                release(ctx, other);
            }
            if round % 256 == 0 {
                world.runtime.collect_if_due(ctx);
            }
            let _ = ctx.poll();
            round += 1;
        }
    });
}

fn collect(world: &'static World) {
    world.attach(|ctx| {
        while !world.is_over() {
            let found = world.runtime.collect_for(ctx, Cause::Asked(2));
            assert!(matches!(found, Ok(_) | Err(NotCollected::Busy)));
            let _ = ctx.poll();
        }
    });
}

fn stop(world: &'static World) {
    world.attach(|ctx| {
        while !world.is_over() {
            drop(world.runtime.stop_others(ctx));
            let _ = ctx.poll();
        }
    });
}

/// Threads come and go, and leave objects behind.
fn come_and_go(world: &'static World) {
    while !world.is_over() {
        let visit = || {
            world.attach(|ctx| {
                for _ in 0..20 {
                    let mine = ring(ctx, 3);
                    world.shelf().push(mine);
                }
                let _ = ctx.poll();
                world.clear(ctx);
                world.runtime.collect_if_due(ctx);
            })
        };
        let visitors = [(); 2].map(|()| thread::spawn(visit));
        for visitor in visitors {
            visitor.join().unwrap();
        }
    }
}

fn meanwhile(heap: HeapChoice, others: &[fn(&'static World)]) {
    let world = world(heap);
    let others: Vec<_> = (others.iter())
        .map(|&other| thread::spawn(move || other(world)))
        .collect();
    let forker = thread::spawn(move || {
        world.attach(|ctx| {
            let kept = ring(ctx, 50);
            for _ in 0..FORKS {
                world.fork(ctx, |ctx| world.check(ctx));
                let _ = ctx.poll();
            }
            release(ctx, kept);
        })
    });
    let result = forker.join();
    world.over.store(true, SeqCst);
    for other in others {
        other.join().unwrap();
    }
    result.unwrap();
    // The parent has lost nothing.
    world.attach(|ctx| {
        world.clear(ctx);
        world.collect(ctx);
        let audit = world.runtime.audit(ctx).expect("memory");
        assert_eq!((audit.examined, audit.missing), (0, 0));
    });
}

#[test]
fn while_others_allocate_and_drop() {
    meanwhile(HeapChoice::Paged, &[churn, churn]);
}

#[test]
fn while_others_collect() {
    meanwhile(HeapChoice::Paged, &[churn, collect, collect]);
}

#[test]
fn while_others_stop_the_world() {
    meanwhile(HeapChoice::Paged, &[churn, stop, stop]);
}

#[test]
fn while_threads_come_and_go() {
    meanwhile(HeapChoice::Paged, &[come_and_go]);
}

#[test]
fn while_everything_happens() {
    meanwhile(HeapChoice::Paged, &[churn, collect, stop, come_and_go]);
}

#[test]
fn while_everything_happens_on_the_delegating_heap() {
    let heap = HeapChoice::Delegating(&std::alloc::System);
    meanwhile(heap, &[churn, collect, stop, come_and_go]);
}

/// Several threads fork at the same time, each with children of its own.
#[test]
fn while_others_fork() {
    let world = world(HeapChoice::Paged);
    let forkers = [(); 3].map(|()| {
        thread::spawn(move || {
            world.attach(|ctx| {
                for _ in 0..FORKS / 3 {
                    world.fork(ctx, |ctx| world.check(ctx));
                }
            })
        })
    });
    for forker in forkers {
        forker.join().unwrap();
    }
}

/// Those that sleep on an address in the parent do not exist in the child: nobody is woken there, and a new thread that
/// sleeps there is the first.
#[test]
fn sleepers_do_not_come_along() {
    let world = world(HeapChoice::Paged);
    let lot = world.runtime.lot();
    static KEY: AtomicUsize = AtomicUsize::new(0);
    let key = (&raw const KEY).addr();
    let asleep = Arc::new(Barrier::new(4));
    let sleepers = [(); 3].map(|()| {
        let asleep = Arc::clone(&asleep);
        thread::spawn(move || {
            let parked = lot.park(key, &mut Unattached, None, &mut || {
                KEY.fetch_add(1, SeqCst);
                true
            });
            assert_eq!(parked.wake, Wake::Woken);
            asleep.wait();
        })
    });
    while KEY.load(SeqCst) < 3 {
        thread::yield_now();
    }
    world.attach(|ctx| {
        for _ in 0..FORKS {
            world.fork(ctx, |ctx| {
                let mut found = true;
                lot.unpark_one(key, |unparking| {
                    found = unparking.found;
                    false
                });
                assert!(!found);
                world.check(ctx);
            });
        }
    });
    assert_eq!(lot.unpark_all(key, || ()), 3);
    asleep.wait();
    for sleeper in sleepers {
        sleeper.join().unwrap();
    }
}

/// A heap that is large enough for helpers has them again in the child.
#[test]
fn helpers_start_again() {
    let world = world(HeapChoice::Paged);
    world.runtime.set_collector_threads(3);
    world.attach(|ctx| {
        let kept = ring(ctx, 600_000);
        assert_eq!(world.collect(ctx), 0);
        for _ in 0..3 {
            world.fork(ctx, |ctx| {
                world.check(ctx);
                release(ctx, kept);
                assert_eq!(world.collect(ctx), 600_000);
            });
        }
        release(ctx, kept);
    });
}

/// What was dropped for a thread that is gone dies in the child, though it stopped before it came to it.
#[test]
fn what_the_others_had_queued_is_merged() {
    let world = world(HeapChoice::Paged);
    world.attach(|ctx| {
        let (ready, made) = mpsc::channel();
        world.runtime.expect_company(ctx);
        let other = thread::spawn(move || {
            world.attach(|ctx| {
                for _ in 0..500 {
                    let mine = make(ctx);
                    world.shelf().push(mine);
                }
                ready.send(()).unwrap();
                // Whoever stops comes to everything else afterwards.
                while !world.is_over() {
                    if ctx.thread().core.breaker.peek() & breaker::STOP != 0 {
                        let _ = ctx.poll();
                    }
                }
            })
        });
        world.runtime.detached(ctx, || made.recv().unwrap());
        world.clear(ctx);
        let mine = make(ctx);
        world.shelf().push(mine);
        world.fork(ctx, |ctx| {
            let audit = world.runtime.audit(ctx).expect("memory");
            assert_eq!((audit.examined, audit.missing), (1, 0));
            world.check(ctx);
        });
        world.over.store(true, SeqCst);
        world.runtime.detached(ctx, || other.join().unwrap());
    });
}
