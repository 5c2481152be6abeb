//! References: counted by their owner, by others, by nobody; weak ones; and what they refer to, made and freed.

use super::company::{LIST, LISTED, PLAIN, SIZE, enter, in_company, object};
use super::{Case, Group, Subject, each};
use kit_core::backend::heap::HeapKind;
use kit_core::object::{Bits, Header, Word};
use kit_core::refcount::stack_ref::Fresh;
use kit_core::thread::Ctx;
use kit_core::weak::{Weak, WeakTable};
use std::hint::{self, black_box};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

/// The group.
pub const GROUP: Group = Group {
    name: "references",
    unit: "ns",
    cases: &[
        Case {
            name: "an object of one's own: clone and drop",
            exact: true,
            limit: None,
            subjects: &[
                Subject::new("kit object", own::<1>),
                Subject::new("kit, what a tagged word holds", own_words::<1>),
                Subject::new("Rc", rival::<Rc<Payload>, 1>).at_most(1.2),
                Subject::new("Arc", rival::<Arc<Payload>, 1>),
                Subject::new("triomphe Arc", rival::<triomphe::Arc<Payload>, 1>),
            ],
        },
        Case {
            name: "64 objects of one's own in turn: clone and drop",
            exact: true,
            limit: None,
            subjects: &[
                Subject::new("kit object", own::<64>),
                Subject::new("kit, what a tagged word holds", own_words::<64>),
                Subject::new("Rc", rival::<Rc<Payload>, 64>).at_most(1.2),
                Subject::new("Arc", rival::<Arc<Payload>, 64>),
                Subject::new("triomphe Arc", rival::<triomphe::Arc<Payload>, 64>),
            ],
        },
        Case {
            name: "an object of another thread: clone and drop",
            exact: true,
            limit: None,
            subjects: &[
                Subject::new("kit object", foreign),
                Subject::new("Arc", rival::<Arc<Payload>, 1>).at_most(1.2),
            ],
        },
        Case {
            name: "a deferred object: dup and close",
            exact: true,
            limit: None,
            subjects: &[
                Subject::new("kit StackRef", deferred),
                Subject::new("a copied word", copied),
            ],
        },
        Case {
            name: "2 threads, an object of one of them: clone and drop",
            exact: false,
            limit: None,
            subjects: &[
                Subject::new("kit object", together::<true>),
                Subject::new("Arc", together_arc).at_most(1.0),
            ],
        },
        Case {
            name: "2 threads, an object of a third: clone and drop",
            exact: false,
            limit: None,
            subjects: &[
                Subject::new("kit object", together::<false>),
                Subject::new("Arc", together_arc).at_most(1.0),
            ],
        },
        Case {
            name: "a weak reference to one's own object: upgrade and drop",
            exact: true,
            limit: None,
            subjects: &[
                Subject::new("kit Weak", weak),
                Subject::new("std sync::Weak", weak_sync).at_most(1.0),
                Subject::new("std rc::Weak", weak_rc),
            ],
        },
        Case {
            name: "a weak reference to another thread's object: upgrade and drop",
            exact: true,
            limit: None,
            subjects: &[
                Subject::new("kit Weak", weak_foreign),
                Subject::new("std sync::Weak", weak_sync),
            ],
        },
        Case {
            name: "an object of 32 bytes: allocate and free",
            exact: true,
            limit: None,
            subjects: &[
                Subject::new("kit object, free list", made_listed),
                Subject::new("kit object", made),
                Subject::new("Rc", made_rc),
            ],
        },
    ],
};

/// With its counts, as large as the objects of the kit here.
type Payload = [u64; 2];

/// An address that threads hand each other.
#[derive(Clone, Copy)]
struct Address(Word);

// SAFETY: the objects live as long as the process.
unsafe impl Send for Address {}
// SAFETY: as above.
unsafe impl Sync for Address {}

impl Address {
    fn of(object: &Header) -> Address {
        Address(Word::object(object))
    }

    fn word(self) -> Word {
        self.0
    }
}

/// One more reference, and one less.
#[inline(always)]
fn clone_and_drop(ctx: &mut Ctx, word: Word) {
    // SAFETY: the object never dies; the reference dropped was just taken.
    unsafe {
        ctx.retain(word);
        ctx.release(black_box(word));
    }
}

/// The words may be anything.
fn own_words<const COUNT: usize>(rounds: usize) -> f64 {
    in_company(|_, ctx| {
        let words = [(); COUNT].map(|()| Word::object(object(ctx)));
        let all = each(rounds / COUNT, || {
            for word in black_box(&words) {
                clone_and_drop(ctx, *word);
            }
        });
        all / COUNT as f64
    })
}

/// It is known that they are objects, as it is of an `Rc`.
fn own<const COUNT: usize>(rounds: usize) -> f64 {
    in_company(|_, ctx| {
        let objects = [(); COUNT].map(|()| object(ctx));
        // As elsewhere the thread is known to the loop, and to each drop the context.
        let by = ctx.counter();
        let all = each(rounds / COUNT, || {
            for object in black_box(&objects) {
                let object: &Header = object;
                // SAFETY: as in `clone_and_drop`.
                unsafe {
                    object.retain(by);
                    let copy = Word::object(black_box(object));
                    hint::assert_unchecked(copy.is_counted());
                    ctx.release(copy);
                }
            }
        });
        all / COUNT as f64
    })
}

/// A counted pointer.
trait Counted: Clone {
    fn new() -> Self;
}

impl Counted for Rc<Payload> {
    fn new() -> Self {
        Rc::new([0; 2])
    }
}

impl Counted for Arc<Payload> {
    fn new() -> Self {
        Arc::new([0; 2])
    }
}

impl Counted for triomphe::Arc<Payload> {
    fn new() -> Self {
        triomphe::Arc::new([0; 2])
    }
}

fn rival<C: Counted, const COUNT: usize>(rounds: usize) -> f64 {
    let pointers = [(); COUNT].map(|()| C::new());
    let all = each(rounds / COUNT, || {
        for pointer in black_box(&pointers) {
            drop(black_box(pointer.clone()));
        }
    });
    all / COUNT as f64
}

fn foreign(rounds: usize) -> f64 {
    in_company(|runtime, ctx| {
        let address = Address::of(object(ctx));
        elsewhere(|| {
            enter(runtime, |ctx| {
                let word = black_box(address.word());
                each(rounds, || clone_and_drop(ctx, word))
            })
        })
    })
}

/// Runs `body` on another thread, while this one waits.
fn elsewhere(body: impl FnOnce() -> f64 + Send) -> f64 {
    thread::scope(|scope| scope.spawn(body).join()).expect("no panic")
}

fn deferred(rounds: usize) -> f64 {
    in_company(|_, ctx| {
        let object = ctx.allocate(PLAIN, HeapKind::Collected, SIZE);
        // SAFETY: never freed; complete, as it holds nothing; the reference is ours.
        let object = unsafe {
            let object = object.expect("memory").as_ref();
            object.set_bits(Bits::TRACKED);
            assert!(object.enable_deferred(ctx.counter(), 1));
            object
        };
        // SAFETY: alive; no safepoint comes before the end, and the first reference keeps the object.
        let held = unsafe { Fresh::from_new(ctx, Word::object(object)).into_ref() };
        let time = each(rounds, || {
            let fresh = black_box(&held).dup(ctx);
            // SAFETY: given up at once.
            let copy = unsafe { fresh.into_ref() };
            black_box(copy).close(ctx);
        });
        held.close(ctx);
        time
    })
}

fn copied(rounds: usize) -> f64 {
    let held = 0_u64;
    each(rounds, || {
        let copy = *black_box(&held);
        black_box(copy);
    })
}

/// What two threads do for about a tenth of a second, as often as they can.
struct Race {
    barrier: Barrier,
    stop: AtomicBool,
    rounds: AtomicUsize,
}

impl Race {
    fn new() -> Race {
        Race {
            barrier: Barrier::new(3),
            stop: AtomicBool::new(false),
            rounds: AtomicUsize::new(0),
        }
    }

    /// What each of the two does.
    fn run(&self, mut body: impl FnMut()) {
        const AT_ONCE: usize = 64;
        self.barrier.wait();
        let mut rounds = 0;
        while !self.stop.load(Ordering::Relaxed) {
            for _ in 0..AT_ONCE {
                body();
            }
            rounds += AT_ONCE;
        }
        self.rounds.fetch_add(rounds, Ordering::Relaxed);
        self.barrier.wait();
    }

    /// Starts and stops them. Nanoseconds for one round, of all they did together.
    fn judge(&self) -> f64 {
        self.barrier.wait();
        let start = Instant::now();
        thread::sleep(Duration::from_millis(100));
        self.stop.store(true, Ordering::Relaxed);
        self.barrier.wait();
        start.elapsed().as_nanos() as f64 / self.rounds.load(Ordering::Relaxed) as f64
    }
}

fn together<const OWNER_RUNS: bool>(_: usize) -> f64 {
    in_company(|runtime, ctx| {
        let address = Address::of(object(ctx));
        let race = &Race::new();
        let other = move || {
            enter(runtime, |ctx| {
                let word = black_box(address.word());
                race.run(|| clone_and_drop(ctx, word));
            });
        };
        thread::scope(|scope| {
            scope.spawn(other);
            if !OWNER_RUNS {
                scope.spawn(other);
                return race.judge();
            }
            let judge = scope.spawn(|| race.judge());
            let word = black_box(address.word());
            race.run(|| clone_and_drop(ctx, word));
            judge.join().expect("no panic")
        })
    })
}

fn together_arc(_: usize) -> f64 {
    let (shared, race) = (&Arc::<Payload>::new([0; 2]), &Race::new());
    let runner = move || race.run(|| drop(black_box(Arc::clone(black_box(shared)))));
    thread::scope(|scope| {
        scope.spawn(runner);
        scope.spawn(runner);
        race.judge()
    })
}

/// A weak reference to an object that lives as long as the process.
fn weak_to(ctx: &Ctx) -> Weak {
    let table = Box::leak(Box::new(WeakTable::new(|_| false)));
    black_box(Weak::new(ctx, table, object(ctx)).expect("memory"))
}

fn upgrade_and_drop(ctx: &mut Ctx, weak: &Weak) {
    let word = weak.upgrade(ctx).expect("alive");
    // SAFETY: the reference just made.
    unsafe { ctx.release(black_box(word)) };
}

fn weak(rounds: usize) -> f64 {
    in_company(|_, ctx| {
        let weak = weak_to(ctx);
        let time = each(rounds, || upgrade_and_drop(ctx, &weak));
        weak.drop_in(ctx);
        time
    })
}

fn weak_foreign(rounds: usize) -> f64 {
    in_company(|runtime, ctx| {
        let weak = weak_to(ctx);
        let time =
            elsewhere(|| enter(runtime, |ctx| each(rounds, || upgrade_and_drop(ctx, &weak))));
        weak.drop_in(ctx);
        time
    })
}

fn weak_sync(rounds: usize) -> f64 {
    let strong = Arc::<Payload>::new([0; 2]);
    let weak = black_box(Arc::downgrade(&strong));
    each(rounds, || drop(black_box(weak.upgrade().expect("alive"))))
}

fn weak_rc(rounds: usize) -> f64 {
    let strong = Rc::<Payload>::new([0; 2]);
    let weak = black_box(Rc::downgrade(&strong));
    each(rounds, || drop(black_box(weak.upgrade().expect("alive"))))
}

fn made_listed(rounds: usize) -> f64 {
    in_company(|_, ctx| {
        each(rounds, || {
            // SAFETY: the list is this type's, whose instances are all like this.
            let object = unsafe { ctx.allocate_listed(LIST, LISTED, HeapKind::Plain, SIZE) };
            dropped(ctx, object.map(|object| Word::object(object.as_ptr())));
        })
    })
}

fn made(rounds: usize) -> f64 {
    in_company(|_, ctx| {
        each(rounds, || {
            let object = ctx.allocate(PLAIN, HeapKind::Plain, SIZE);
            dropped(ctx, object.map(|object| Word::object(object.as_ptr())));
        })
    })
}

#[inline(always)]
fn dropped(ctx: &mut Ctx, object: Option<Word>) {
    // SAFETY: the only reference.
    unsafe { ctx.release(black_box(object.expect("memory"))) };
}

fn made_rc(rounds: usize) -> f64 {
    each(rounds, || drop(black_box(Rc::<Payload>::new([0; 2]))))
}
