//! The laws of a scheme that reclaims memory: epochs, hazard pointers, quiescent states.
//!
//! What is put under test is a [`Scheme`], made of a few lines over the real one. The laws retire blocks of their own, which
//! only count how often they were released; so a scheme that breaks a law breaks nothing else.

use std::{
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    ptr::{self, NonNull},
    sync::{
        Barrier,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    thread,
    time::{Duration, Instant},
};

use kit_core::backend::retire::Retired;

use crate::{lab::Lab, law::Law};

mod cells;

pub use cells::Cells;

/// A way to find out when what was unlinked may be released.
pub trait Scheme: Sync {
    /// A thread's part in it; dropped when the thread goes.
    type Party<'s>: Party
    where
        Self: 's;

    /// The calling thread takes part. Destructors do so too, while the scheme releases what they belong to.
    fn enter(&self) -> Self::Party<'_>;

    /// How many bytes a party may hold back, and one block more; at least 128 KiB, as the laws retire a few hundred small
    /// blocks while somebody reads. `None`: there is no such bound.
    fn ceiling(&self) -> Option<usize> {
        None
    }
}

/// A thread that takes part. Between calls it holds nothing back.
pub trait Party {
    /// Reads: nothing that is retired while `body` runs is released before it returns.
    fn read(&mut self, body: &mut dyn FnMut());

    /// Retires a block, which was unlinked before. Waits, if too much is held back.
    ///
    /// # Safety
    ///
    /// - `item.release(item.block, item.size, item.context)` is sound, once, on any thread, when everybody has stopped
    ///   reading who reads now.
    unsafe fn retire(&mut self, item: Retired);

    /// Releases what may be, this party's and what others left behind. A few calls, with nobody reading, release everything.
    fn help(&mut self);
}

/// Blocks that count how often they are released, and how many bytes wait.
struct Blocks {
    released: Vec<AtomicUsize>,
    waiting: AtomicUsize,
    most: AtomicUsize,
}

impl Blocks {
    fn new(count: usize) -> Self {
        Self {
            released: (0..count).map(|_| AtomicUsize::new(0)).collect(),
            waiting: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
        }
    }

    /// Retires block `number`, of `size` bytes.
    fn retire(&self, party: &mut impl Party, number: usize, size: usize) {
        unsafe fn release(block: *mut u8, size: usize, blocks: *mut ()) {
            // SAFETY: both outlive the scheme, in each law.
            let (blocks, released) =
                unsafe { (&*blocks.cast::<Blocks>(), &*block.cast::<AtomicUsize>()) };
            if released.fetch_add(1, SeqCst) == 0 {
                blocks.waiting.fetch_sub(size, SeqCst);
            }
        }

        let now = self.waiting.fetch_add(size, SeqCst) + size;
        self.most.fetch_max(now, SeqCst);
        let item = Retired {
            block: NonNull::from(&self.released[number]).cast(),
            size,
            release,
            context: ptr::from_ref(self).cast_mut().cast(),
        };
        // SAFETY: releasing counts, and is sound at any time.
        unsafe { party.retire(item) };
    }

    /// How many were released once; breaks `law` if one was released twice.
    fn released(&self, law: &Law) -> usize {
        let mut count = 0;
        for (number, released) in self.released.iter().enumerate() {
            let times = released.load(SeqCst);
            law.demand(times < 2, || {
                format!("block {number} was released {times} times")
            });
            count += times;
        }
        count
    }

    /// Helps until all are released; breaks `law` if that does not happen.
    fn await_all(&self, law: &Law, party: &mut impl Party) {
        let deadline = Instant::now() + PATIENCE;
        while self.released(law) < self.released.len() {
            law.demand(Instant::now() < deadline, || {
                format!(
                    "nobody reads, and of {} blocks {} are not released",
                    self.released.len(),
                    self.released.len() - self.released(law)
                )
            });
            party.help();
            thread::yield_now();
        }
    }
}

/// Runs `body` while another thread reads, which began before.
fn while_reading<S: Scheme>(scheme: &S, body: impl FnOnce()) {
    let (began, done) = (Barrier::new(2), AtomicBool::new(false));
    /// Lets the reader go, also when a law is broken.
    struct Done<'a>(&'a AtomicBool);
    impl Drop for Done<'_> {
        fn drop(&mut self) {
            self.0.store(true, SeqCst);
        }
    }
    thread::scope(|scope| {
        let reader = scope.spawn(|| {
            scheme.enter().read(&mut || {
                began.wait();
                while !done.load(SeqCst) {
                    thread::yield_now();
                }
            });
        });
        began.wait();
        let end = Done(&done);
        body();
        drop(end);
        reader.join().unwrap_or_else(|panic| resume_unwind(panic));
    });
}

/// What is retired while somebody reads is not released before that ends, however many others come and go.
pub fn protection<S: Scheme>(make: impl Fn(&Lab) -> S) {
    let law = Law {
        name: "protection",
        advice: "who began to read before a block was retired may have it: wait for every reader of then, not for most",
    };
    let blocks = Blocks::new(600);
    let scheme = make(&Lab::new());
    let mut party = scheme.enter();
    while_reading(&scheme, || {
        for number in 0..600 {
            blocks.retire(&mut party, number, 8);
            // Others read meanwhile, and are done.
            if number % 50 == 0 {
                scheme.enter().read(&mut || {});
                party.help();
            }
        }
        for _ in 0..20 {
            party.help();
            scheme.enter().help();
        }
        let released = blocks.released(&law);
        law.demand(released == 0, || {
            format!("{released} blocks were released while a thread reads that could have them")
        });
    });
    blocks.await_all(&law, &mut party);
}

/// What nobody reads is released: threads that take part and do nothing hold nothing back.
pub fn progress<S: Scheme>(make: impl Fn(&Lab) -> S) {
    let law = Law {
        name: "progress",
        advice: "a party that does not read must not be waited for, and `help` releases whatever is due, however little",
    };
    let blocks = Blocks::new(1);
    let scheme = make(&Lab::new());
    let (_idle, mut read) = (scheme.enter(), scheme.enter());
    read.read(&mut || {});
    let mut party = scheme.enter();
    blocks.retire(&mut party, 0, 8);
    blocks.await_all(&law, &mut party);
}

/// Each block is released once: by somebody, or at the end with the scheme.
pub fn once<S: Scheme>(make: impl Fn(&Lab) -> S) {
    let law = Law {
        name: "once",
        advice: "take a block out of its queue before it is released, and release what is left when the scheme is dropped",
    };
    const EACH: usize = 500;
    let blocks = Blocks::new(3 * EACH);
    let scheme = make(&Lab::new());
    thread::scope(|scope| {
        let workers = [0, 1, 2].map(|worker| {
            let (scheme, blocks) = (&scheme, &blocks);
            scope.spawn(move || {
                let mut party = scheme.enter();
                for number in 0..EACH {
                    party.read(&mut || thread::yield_now());
                    blocks.retire(&mut party, worker * EACH + number, 8);
                    if number % 32 == worker {
                        party.help();
                    }
                }
            })
        });
        for worker in workers {
            worker.join().unwrap_or_else(|panic| resume_unwind(panic));
        }
    });
    drop(scheme);
    let released = blocks.released(&law);
    law.demand(released == 3 * EACH, || {
        format!("{} blocks were never released", 3 * EACH - released)
    });
}

/// However long somebody reads, a party holds back its ceiling and one block at most.
pub fn ceiling<S: Scheme>(make: impl Fn(&Lab) -> S) {
    let law = Law {
        name: "ceiling",
        advice: "count the bytes that wait, and make whoever retires more wait, or help, when they are too many",
    };
    let scheme = make(&Lab::new());
    let Some(ceiling) = scheme.ceiling() else {
        return;
    };
    drop(scheme);
    const COUNT: usize = 400;
    let blocks = Blocks::new(COUNT);
    let scheme = make(&Lab::new());
    // Several ceilings together.
    let size = (ceiling / 100).max(1);
    thread::scope(|scope| {
        let mut writer = None;
        while_reading(&scheme, || {
            writer = Some(scope.spawn(|| {
                let mut party = scheme.enter();
                for number in 0..COUNT {
                    blocks.retire(&mut party, number, size);
                }
            }));
            // Until it waits, or is through.
            let (mut last, mut same) = (0, 0);
            while same < 30 && !writer.as_ref().is_some_and(|writer| writer.is_finished()) {
                thread::sleep(Duration::from_millis(1));
                let now = blocks.waiting.load(SeqCst);
                same = if now == last { same + 1 } else { 0 };
                last = now;
            }
        });
        if let Some(Err(panic)) = writer.map(thread::ScopedJoinHandle::join) {
            resume_unwind(panic);
        }
    });
    let most = blocks.most.load(SeqCst);
    // One that is being retired, and one that was let through.
    law.demand(most <= ceiling + 2 * size, || {
        format!("{most} bytes were held back, where {ceiling} may be")
    });
    let mut party = scheme.enter();
    blocks.await_all(&law, &mut party);
}

/// What a thread has retired outlives it: others release it, when it is due.
pub fn exits<S: Scheme>(make: impl Fn(&Lab) -> S) {
    let law = Law {
        name: "exits",
        advice: "a thread that goes leaves its queue to the others: to a list that `help` looks at",
    };
    for count in [1, 300] {
        let blocks = Blocks::new(count);
        let scheme = make(&Lab::new());
        let mut party = scheme.enter();
        while_reading(&scheme, || {
            thread::scope(|scope| {
                let worker = scope.spawn(|| {
                    let mut party = scheme.enter();
                    for number in 0..count {
                        blocks.retire(&mut party, number, 8);
                    }
                });
                worker.join().unwrap_or_else(|panic| resume_unwind(panic));
            });
            party.help();
            let released = blocks.released(&law);
            law.demand(released == 0, || {
                format!("{released} blocks were released because a thread exited")
            });
        });
        blocks.await_all(&law, &mut party);
    }
}

/// A destructor may take part itself, and retire more.
pub fn nesting<S: Scheme>(make: impl Fn(&Lab) -> S) {
    let law = Law {
        name: "nesting",
        advice: "hold no lock and borrow no queue while something is released: take a batch of what is due out first",
    };
    /// What the destructors work on.
    struct Chain<'a, S> {
        scheme: &'a S,
        blocks: &'a Blocks,
        next: AtomicUsize,
    }
    unsafe fn release<S: Scheme>(block: *mut u8, _size: usize, chain: *mut ()) {
        // SAFETY: both outlive the parties, and at their end all was released.
        let (chain, released) = unsafe {
            (
                &*chain.cast::<Chain<'_, S>>(),
                &*block.cast::<AtomicUsize>(),
            )
        };
        released.fetch_add(1, SeqCst);
        let mut party = chain.scheme.enter();
        party.read(&mut || {});
        chain.go_on(&mut party);
        party.help();
    }
    impl<S: Scheme> Chain<'_, S> {
        fn go_on(&self, party: &mut impl Party) {
            let number = self.next.fetch_add(1, SeqCst);
            let Some(block) = self.blocks.released.get(number) else {
                return;
            };
            let item = Retired {
                block: NonNull::from(block).cast(),
                size: 8,
                release: release::<S>,
                context: ptr::from_ref(self).cast_mut().cast(),
            };
            // SAFETY: releasing counts, and retires the next.
            unsafe { party.retire(item) };
        }
    }
    let blocks = Blocks::new(40);
    let scheme = make(&Lab::new());
    let chain = Chain {
        scheme: &scheme,
        blocks: &blocks,
        next: AtomicUsize::new(0),
    };
    let mut party = scheme.enter();
    for _ in 0..4 {
        chain.go_on(&mut party);
    }
    blocks.await_all(&law, &mut party);
}

/// A destructor that panics harms no other block, and the scheme goes on.
pub fn panics<S: Scheme>(make: impl Fn(&Lab) -> S) {
    let law = Law {
        name: "panics",
        advice: "when a release unwinds, go on with the rest of the batch: nothing is released twice, and nothing is lost",
    };
    unsafe fn release(block: *mut u8, _size: usize, _context: *mut ()) {
        // SAFETY: outlives the scheme.
        unsafe { &*block.cast::<AtomicUsize>() }.fetch_add(1, SeqCst);
        // Not `panic!`: nothing is printed.
        resume_unwind(Box::new("a destructor's"));
    }
    let (blocks, angry) = (Blocks::new(50), AtomicUsize::new(0));
    let scheme = make(&Lab::new());
    let mut party = scheme.enter();
    for number in 0..50 {
        let mut unwound = false;
        if number == 20 {
            let item = Retired {
                block: NonNull::from(&angry).cast(),
                size: 8,
                release,
                context: ptr::null_mut(),
            };
            // SAFETY: releasing counts, and panics.
            unwound |= catch_unwind(AssertUnwindSafe(|| unsafe { party.retire(item) })).is_err();
        }
        let retire = || blocks.retire(&mut party, number, 8);
        unwound |= catch_unwind(AssertUnwindSafe(retire)).is_err();
        law.demand(!unwound || angry.load(SeqCst) > 0, || {
            "retiring panicked, and no destructor did".into()
        });
    }
    let deadline = Instant::now() + PATIENCE;
    while angry.load(SeqCst) == 0 && Instant::now() < deadline {
        let _ = catch_unwind(AssertUnwindSafe(|| party.help()));
    }
    blocks.await_all(&law, &mut party);
    let times = angry.load(SeqCst);
    law.demand(times == 1, || {
        format!("the block whose destructor panics was released {times} times")
    });
}

/// How long the laws help before they say that nothing happens.
const PATIENCE: Duration = Duration::from_secs(5);
