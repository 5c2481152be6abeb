//! Two threads at once: each makes cycles that nobody holds, counts references to one shared object, and collects.

use crate::host::{self, PLATFORM, say, say_number};
use crate::pair::{self, Pair};
use crate::{check, runtime::Runtime};
use kit_core::backend::collector::{Collector, NotCollected};
use kit_core::object::{Bits, Word};
use kit_core::platform::thread::Platform;
use kit_core::sync::native::{AtomicBool, AtomicPtr, AtomicU64, AtomicUsize, Ordering::*};
use kit_core::thread::Ctx;

/// Cycles that a thread makes.
const CYCLES: usize = if cfg!(feature = "single") {
    4_000
} else {
    40_000
};

/// After how many of them it collects.
const COLLECT: usize = CYCLES / 10;

static RUNTIME: AtomicPtr<Runtime> = AtomicPtr::new(core::ptr::null_mut());
/// The word of an object of both.
static SHARED: AtomicU64 = AtomicU64::new(0);
/// Threads at work.
static BEGUN: AtomicUsize = AtomicUsize::new(0);
static LEFT: AtomicBool = AtomicBool::new(false);
/// Objects that collections have found.
static FOUND: AtomicUsize = AtomicUsize::new(0);

/// `None` when memory runs out.
pub fn run(runtime: &'static Runtime) -> Option<()> {
    RUNTIME.store(core::ptr::from_ref(runtime).cast_mut(), Release);
    runtime.enter(|ctx| {
        let shared = Pair::make(ctx, Word::int_unchecked(1), Word::NULL)?;
        // SAFETY: alive; from here on another thread may count it.
        unsafe { (*shared.as_object()).publish() };
        SHARED.store(shared.bits(), Release);
        let two = !cfg!(feature = "single") && host::start(second, core::ptr::null_mut());
        let threads = 1 + usize::from(two);
        work(ctx, runtime, threads)?;
        if two {
            // The other one may want to stop this thread until it has left.
            while !LEFT.load(Acquire) {
                let _ = ctx.poll();
                PLATFORM.yield_now();
            }
        } else {
            work(ctx, runtime, threads)?;
        }
        // SAFETY: the reference that `make` gave.
        unsafe { ctx.release(shared) };
        let _ = ctx.poll();
        found(
            runtime
                .collector
                .collect(ctx)
                .map(|found| found.unreachable),
        );
        check(pair::live() == 0, 61);
        check(FOUND.load(Relaxed) == 2 * 2 * CYCLES, 62);
        say_number(threads as u64);
        say(" threads made and collected ");
        say_number(FOUND.load(Relaxed) as u64);
        say(" objects in cycles; none is left\n");
        Some(())
    })?
}

fn second(_: *mut ()) {
    // SAFETY: stored before this thread was started.
    let runtime: &'static Runtime = unsafe { &*RUNTIME.load(Acquire) };
    check(
        runtime
            .enter(|ctx| work(ctx, runtime, 2))
            .flatten()
            .is_some(),
        60,
    );
    LEFT.store(true, Release);
}

fn found(result: Result<usize, NotCollected>) {
    match result {
        Ok(count) => drop(FOUND.fetch_add(count, Relaxed)),
        // The other thread collects.
        Err(NotCollected::Busy) => {}
        Err(_) => host::exit(63),
    }
}

/// What a thread does, when so many have come that all work at the same time.
fn work(ctx: &mut Ctx, runtime: &Runtime, threads: usize) -> Option<()> {
    BEGUN.fetch_add(1, Relaxed);
    while BEGUN.load(Relaxed) < threads {
        let _ = ctx.poll();
        PLATFORM.yield_now();
    }
    let shared = Word::from_bits(SHARED.load(Acquire));
    for round in 1..=CYCLES {
        let one = Pair::make(ctx, Word::NULL, Word::NULL)?;
        let two = Pair::make(ctx, one, Word::NULL)?;
        // SAFETY: all are alive; the reference to `two` moves into `one`, and that to the shared object is taken and given up.
        unsafe {
            Pair::set_first(one, two);
            (*one.as_object()).set_bits(Bits::TRACKED);
            (*two.as_object()).set_bits(Bits::TRACKED);
            ctx.retain(shared);
            ctx.release(shared);
        }
        let _ = ctx.poll();
        if round % COLLECT == 0 {
            found(
                runtime
                    .collector
                    .collect(ctx)
                    .map(|found| found.unreachable),
            );
        }
    }
    Some(())
}
