//! Sections and object locks of attached threads: against each other, against stops, against detaching.

use kit_core::backend::collector::PlainHost;
use kit_core::backend::events::Events;
use kit_core::backend::heap::HeapKind;
use kit_core::backend::world::Stopped;
use kit_core::object::Header;
use kit_core::sync::mutex::ByteLock;
use kit_core::thread::Ctx;
use kit_std::port::Port;
use kit_std::runtime::{Options, Runtime};
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread;

unsafe fn dying(_: &mut Ctx, _: *mut Header) -> bool {
    true
}

unsafe fn interrupt(ctx: &mut Ctx) -> bool {
    // SAFETY: `host` was set in `run`.
    unsafe { &*ctx.host().cast::<&'static Runtime>() }.interrupt(ctx) != 0
}

fn new_runtime() -> &'static Runtime {
    Runtime::new(Options {
        port: Port::SYSTEM,
        types: 1,
        reserved_types: 1,
        heap: kit_std::runtime::HeapChoice::Paged,
        memory_limit: 64 << 20,
        events: Events { dying, interrupt },
        cycles: &PlainHost,
        code: Default::default(),
    })
    .unwrap()
}

fn run<R>(runtime: &'static Runtime, body: impl FnOnce(&mut Ctx) -> R) -> R {
    let host = &raw const runtime;
    runtime
        .attach(|ctx| {
            ctx.thread().host.set(host.cast_mut().cast());
            body(ctx)
        })
        .unwrap()
}

/// Objects that live as long as the process.
fn objects(runtime: &'static Runtime) -> [&'static Header; 2] {
    run(runtime, |ctx| {
        [0; 2].map(|_| {
            let object = ctx.allocate(0, HeapKind::Plain, size_of::<Header>());
            // SAFETY: never freed, and neither is the heap.
            unsafe { object.unwrap().as_ref() }
        })
    })
}

fn reserved(object: &Header) -> bool {
    ByteLock::from_atomic(&object.lock).is_reserved()
}

#[test]
fn detaching_opens_a_section_and_attaching_closes_it() {
    let runtime = new_runtime();
    let [a, b] = objects(runtime);
    run(runtime, |ctx| {
        runtime.expect_company(ctx);
        ctx.critical2(a, b, |ctx| {
            assert!(reserved(a) && reserved(b));
            runtime.detached(ctx, || {
                assert!(!reserved(a) && !reserved(b));
                thread::scope(|scope| {
                    // Another thread has them meanwhile.
                    scope.spawn(|| run(runtime, |ctx| ctx.critical(b, |ctx| drop(ctx.lock(a)))));
                });
            });
            assert!(reserved(a) && reserved(b));
            drop(ctx.lock(a));
            drop(ctx.lock(b));
        });
        assert!(!reserved(a) && !reserved(b));
    });
}

#[test]
fn a_section_begun_alone_counts_once_there_is_company() {
    let runtime = new_runtime();
    let [a, _] = objects(runtime);
    let inside = AtomicBool::new(false);
    thread::scope(|scope| {
        run(runtime, |ctx| {
            assert!(ctx.solo());
            ctx.critical(a, |ctx| {
                assert!(!reserved(a));
                let other = scope.spawn(|| {
                    run(runtime, |ctx| {
                        let _lock = ctx.lock(a);
                        assert!(!inside.load(SeqCst), "came into the section");
                    });
                });
                // The newcomer stops this thread, which is in the section again afterwards.
                while ctx.solo() {
                    let _ = ctx.poll();
                }
                assert!(reserved(a));
                inside.store(true, SeqCst);
                for _ in 0..100 {
                    let _ = ctx.poll();
                    thread::yield_now();
                }
                inside.store(false, SeqCst);
                drop(other);
            });
        });
    });
}

/// In the middle of sections a thread stops the world, while others want what it has reserved.
#[test]
fn in_a_stopped_world_nothing_is_held() {
    const THREADS: usize = 3;
    let runtime = new_runtime();
    let [a, b] = objects(runtime);
    let (value, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let barrier = Barrier::new(THREADS);
    thread::scope(|scope| {
        for number in 0..THREADS {
            let (value, done, barrier) = (&value, &done, &barrier);
            scope.spawn(move || {
                run(runtime, |ctx| {
                    runtime.detached(ctx, || barrier.wait());
                    for step in 0..300 {
                        let (first, second) = if number % 2 == 0 { (a, b) } else { (b, a) };
                        ctx.critical(first, |ctx| {
                            if step % 10 == number {
                                let stopped = Stopped::stop(runtime.world(), ctx).unwrap();
                                assert!(!reserved(a) && !reserved(b));
                                // Does not wait, here either.
                                drop(ctx.lock(a));
                                // SAFETY: our own, attached, at a safepoint.
                                unsafe { ctx.thread().core.suspend_sections() };
                                drop(stopped);
                                assert!(reserved(first));
                            }
                            ctx.critical2(second, first, |ctx| {
                                let seen = value.load(SeqCst);
                                drop(ctx.lock(first));
                                value.store(seen + 1, SeqCst);
                            });
                            let _ = ctx.poll();
                        });
                    }
                    // Who is done goes on coming to safepoints.
                    done.fetch_add(1, SeqCst);
                    while done.load(SeqCst) < THREADS {
                        let _ = ctx.poll();
                        thread::yield_now();
                    }
                });
            });
        }
    });
    assert_eq!(value.load(SeqCst), 300 * THREADS);
}

/// Threads that wait for each other's objects inside sections, with stops all the time.
#[test]
fn crossed_sections_and_locks_come_through() {
    let runtime = new_runtime();
    let [a, b] = objects(runtime);
    let (done, counts) = (AtomicBool::new(false), [0; 2].map(AtomicUsize::new));
    thread::scope(|scope| {
        let workers = [(a, b, 0), (b, a, 1)].map(|(mine, other, index)| {
            // Two steps, which only the section keeps together.
            let counts = &counts;
            let bump = move |index: usize| {
                let seen = counts[index].load(SeqCst);
                counts[index].store(seen + 1, SeqCst);
            };
            scope.spawn(move || {
                run(runtime, |ctx| {
                    for _ in 0..2000 {
                        ctx.critical(mine, |ctx| {
                            bump(index);
                            drop(ctx.lock(other));
                            let _ = ctx.poll();
                            ctx.critical(other, |ctx| {
                                drop(ctx.lock(mine));
                                bump(1 - index);
                            });
                            bump(index);
                        });
                    }
                });
            })
        });
        scope.spawn(|| {
            run(runtime, |ctx| {
                while !done.load(SeqCst) {
                    drop(Stopped::stop(runtime.world(), ctx).unwrap());
                    let _ = ctx.poll();
                    runtime.detached(ctx, thread::yield_now);
                }
            });
        });
        for worker in workers {
            worker.join().unwrap();
        }
        done.store(true, SeqCst);
    });
    assert!(!reserved(a) && !reserved(b));
    assert!(counts.iter().all(|count| count.load(SeqCst) == 6000));
}

#[test]
fn a_leaked_lock_locks_for_ever_and_nothing_else() {
    let runtime = new_runtime();
    let [a, b] = objects(runtime);
    run(runtime, |ctx| {
        runtime.expect_company(ctx);
        let byte = ByteLock::from_atomic(&a.lock);
        std::mem::forget(ctx.lock_outer(byte));
        assert!(byte.is_locked());
        // Everything else goes on.
        drop(ctx.lock(b));
        ctx.critical(b, |ctx| {
            let _ = ctx.poll();
        });
    });
}
