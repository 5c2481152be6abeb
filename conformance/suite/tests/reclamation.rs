//! The kit's cells as an instance of the suite, two other crates as well; and each law of reclamation broken by one scheme, which says so.

use std::{
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Mutex, MutexGuard, TryLockError},
    thread,
};

use kit_core::backend::retire::{RetireLimits, Retired};
use kit_std::platform::threads::STD_THREADS;
use kit_suite::{
    Lab,
    reclamation::{self, Cells, Party, Scheme},
};

kit_suite::reclamation_suite!(rcu, || Cells::new(&STD_THREADS, RetireLimits::default()));
kit_suite::reclamation_suite!(rcu_with_low_limits, || Cells::new(
    &STD_THREADS,
    RetireLimits {
        seal_bytes: 100,
        ceiling: 1 << 17,
    }
));
kit_suite::reclamation_suite!(simple, || Simple::new(None));
kit_suite::reclamation_suite!(epochs, || Epochs(crossbeam_epoch::Collector::new()));
// In batches of one: others wait until they are full.
kit_suite::reclamation_suite!(batches, || Seize(seize::Collector::new().batch_size(1)));

/// `crossbeam-epoch`.
struct Epochs(crossbeam_epoch::Collector);

impl Scheme for Epochs {
    type Party<'s> = OfEpochs;

    fn enter(&self) -> OfEpochs {
        OfEpochs(self.0.register())
    }
}

struct OfEpochs(crossbeam_epoch::LocalHandle);

impl Party for OfEpochs {
    fn read(&mut self, body: &mut dyn FnMut()) {
        let _pinned = self.0.pin();
        body();
    }

    unsafe fn retire(&mut self, item: Retired) {
        let item = Unwinding(Some(item));
        // SAFETY: called once, when everybody has unpinned who is pinned now; on any thread.
        unsafe { self.0.pin().defer_unchecked(move || drop(item)) };
    }

    fn help(&mut self) {
        self.0.pin().flush();
    }
}

/// `seize`.
struct Seize(seize::Collector);

impl Scheme for Seize {
    type Party<'s> = OfSeize<'s>;

    fn enter(&self) -> OfSeize<'_> {
        OfSeize(&self.0)
    }
}

struct OfSeize<'s>(&'s seize::Collector);

impl Party for OfSeize<'_> {
    fn read(&mut self, body: &mut dyn FnMut()) {
        let _guard = self.0.enter();
        body();
    }

    unsafe fn retire(&mut self, item: Retired) {
        let item = Box::into_raw(Box::new(Unwinding(Some(item))));
        // SAFETY: boxed, and unlinked, as the caller says.
        unsafe { self.0.retire(item, seize::reclaim::boxed) };
    }

    fn help(&mut self) {}
}

/// An item whose release may panic, for schemes that do not expect that.
struct Unwinding(Option<Retired>);

impl Drop for Unwinding {
    fn drop(&mut self) {
        if let Some(item) = self.0.take() {
            // SAFETY: retired, and nobody reads it any more: its scheme says so.
            let release = || unsafe {
                (item.release)(item.block.as_ptr(), item.size, item.context);
            };
            let _ = catch_unwind(AssertUnwindSafe(release));
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    /// Whatever is retired is due at once.
    Protection,
    /// Nothing is due before the end.
    Progress,
    /// The end releases again what was released last.
    Once,
    /// More than was said is held back.
    Ceiling,
    /// What a thread leaves behind is lost.
    Exits,
    /// What is retired during a release is lost.
    Nesting,
    /// What was to be released after a panic is lost.
    Panics,
}

/// A scheme with a lock around everything, or a fault.
struct Simple {
    fault: Option<Fault>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    now: usize,
    /// When each of those who read began.
    readers: Vec<usize>,
    waiting: Vec<(usize, Retired)>,
    last: Option<Retired>,
}

// SAFETY: blocks may be released by any thread.
unsafe impl Send for State {}

struct Member<'s> {
    scheme: &'s Simple,
    own: Vec<(usize, Retired)>,
}

impl Simple {
    fn new(fault: impl Into<Option<Fault>>) -> Self {
        Self {
            fault: fault.into(),
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|e| e.into_inner())
    }
}

/// Releases the rest, should one of them panic.
struct Releasing {
    items: Vec<Retired>,
    fault: Option<Fault>,
}

impl Drop for Releasing {
    fn drop(&mut self) {
        if self.fault == Some(Fault::Panics) && thread::panicking() {
            return;
        }
        while let Some(item) = self.items.pop() {
            let rest = Releasing {
                items: mem::take(&mut self.items),
                fault: self.fault,
            };
            // SAFETY: due, but for the fault, and then releasing does no harm.
            unsafe { (item.release)(item.block.as_ptr(), item.size, item.context) };
            self.items = mem::take(&mut mem::ManuallyDrop::new(rest).items);
        }
    }
}

impl Scheme for Simple {
    type Party<'s> = Member<'s>;

    fn enter(&self) -> Member<'_> {
        Member {
            scheme: self,
            own: Vec::new(),
        }
    }

    fn ceiling(&self) -> Option<usize> {
        (self.fault == Some(Fault::Ceiling)).then_some(1000)
    }
}

impl Party for Member<'_> {
    fn read(&mut self, body: &mut dyn FnMut()) {
        // A destructor's, during a release that holds the lock.
        if self.scheme.fault == Some(Fault::Nesting) && self.scheme.state.try_lock().is_err() {
            return;
        }
        let began = {
            let mut state = self.scheme.state();
            state.now += 1;
            let now = state.now;
            state.readers.push(now);
            now
        };
        body();
        let mut state = self.scheme.state();
        state.readers.retain(|reader| *reader != began);
    }

    unsafe fn retire(&mut self, item: Retired) {
        match self.scheme.state.try_lock() {
            Err(TryLockError::WouldBlock) if self.scheme.fault == Some(Fault::Nesting) => return,
            _ => {}
        }
        let mut state = self.scheme.state();
        state.now += 1;
        self.own.push((state.now, item));
    }

    fn help(&mut self) {
        if self.scheme.fault == Some(Fault::Nesting) && self.scheme.state.try_lock().is_err() {
            return;
        }
        let mut state = self.scheme.state();
        let own = mem::take(&mut self.own);
        state.waiting.extend(own);
        let first = state.readers.iter().copied().min().unwrap_or(usize::MAX);
        let due = |at: usize| match self.scheme.fault {
            Some(Fault::Protection) => true,
            Some(Fault::Progress) => false,
            _ => at < first,
        };
        let (now, later) = mem::take(&mut state.waiting)
            .into_iter()
            .partition(|item| due(item.0));
        state.waiting = later;
        let now: Vec<(usize, Retired)> = now;
        let items: Vec<Retired> = now.into_iter().map(|item| item.1).collect();
        state.last = items.last().copied().or(state.last);
        let releasing = Releasing {
            items,
            fault: self.scheme.fault,
        };
        if self.scheme.fault == Some(Fault::Nesting) {
            drop(releasing);
        } else {
            drop(state);
            drop(releasing);
        }
    }
}

impl Drop for Member<'_> {
    fn drop(&mut self) {
        let own = mem::take(&mut self.own);
        if self.scheme.fault != Some(Fault::Exits) && !own.is_empty() {
            self.scheme.state().waiting.extend(own);
        }
    }
}

impl Drop for Simple {
    fn drop(&mut self) {
        let state = mem::take(&mut *self.state());
        let mut items: Vec<Retired> = state.waiting.into_iter().map(|item| item.1).collect();
        if self.fault == Some(Fault::Once) {
            items.extend(state.last);
        }
        drop(Releasing {
            items,
            fault: self.fault,
        });
    }
}

/// What a law said when it failed.
#[track_caller]
fn failure(law: impl FnOnce()) -> String {
    let panic =
        catch_unwind(AssertUnwindSafe(law)).expect_err("a law that holds of what breaks it");
    match panic.downcast::<String>() {
        Ok(message) => *message,
        Err(_) => panic!("a law failed without a message"),
    }
}

macro_rules! broken {
    ($($law:ident $fault:ident)*) => {
        mod broken {
            use super::*;
            $(
                #[test]
                fn $law() {
                    let message = failure(|| reclamation::$law(|_: &Lab| Simple::new(Fault::$fault)));
                    let expected = concat!("law `", stringify!($law), "` is broken: ");
                    assert!(message.starts_with(expected) && message.contains("\nwhat to do: ") && message.contains("\nwhere to read: "), "{message}");
                }
            )*
        }
    };
}

broken! {
    protection Protection
    progress Progress
    once Once
    ceiling Ceiling
    exits Exits
    nesting Nesting
    panics Panics
}
