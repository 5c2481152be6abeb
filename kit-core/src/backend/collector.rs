//! Cycle collection: what the rest of the kit asks of a collector, and what a collector asks of the embedder.

use crate::{
    object::{Header, Word},
    sync::parking::Finalizing,
    thread::Ctx,
};
use core::fmt;

/// Finds objects that only each other keep alive, and takes them apart.
pub trait Collector: Send + Sync {
    /// Collects now. Language code may run: finalizers, weak references' callbacks, destructors.
    ///
    /// # Errors
    ///
    /// Nothing was collected, and nothing was harmed.
    fn collect_for(&self, ctx: &mut Ctx, cause: Cause) -> Result<Collected, NotCollected>;

    /// [`collect_for`](Self::collect_for) somebody who has no more to say about it.
    ///
    /// # Errors
    ///
    /// As there.
    fn collect(&self, ctx: &mut Ctx) -> Result<Collected, NotCollected> {
        self.collect_for(ctx, Cause::Asked(2))
    }
}

/// Why a collection takes place. The collector passes it on to the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Enough was allocated for what is new to be looked at.
    Young,
    /// Enough was allocated for everything to be looked at, or memory is short.
    Due,
    /// The program asked for it: with 0 for what is new, with any other number, which is the host's own, for everything.
    Asked(u32),
    /// The runtime is being taken down.
    Shutdown,
    /// Somebody tests the program, which should not notice.
    Test,
}

impl Cause {
    /// Whether only what is new needs to be looked at.
    pub const fn is_young(self) -> bool {
        matches!(self, Cause::Young | Cause::Asked(0))
    }
}

/// The parts of a collection, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Stopped: queues are merged and each object gets its word.
    Merge,
    /// Stopped: what roots lead to is alive.
    Alive,
    /// Stopped: the references that the others hold are taken from their counts.
    Subtract,
    /// Stopped: what has a count left, and what that leads to, is alive too.
    Mark,
    /// Stopped: the garbage is listed, and weak references to it are cleared; then their callbacks run.
    Weak,
    /// Finalizers run.
    Finalize,
    /// Stopped: what finalizers brought back is let go.
    Resurrect,
    /// The garbage is taken apart.
    Clear,
}

impl Phase {
    /// All of them.
    pub const ALL: [Phase; 8] = [
        Phase::Merge,
        Phase::Alive,
        Phase::Subtract,
        Phase::Mark,
        Phase::Weak,
        Phase::Finalize,
        Phase::Resurrect,
        Phase::Clear,
    ];

    /// The name, in one lower-case word.
    pub const fn name(self) -> &'static str {
        match self {
            Phase::Merge => "merge",
            Phase::Alive => "alive",
            Phase::Subtract => "subtract",
            Phase::Mark => "mark",
            Phase::Weak => "weak",
            Phase::Finalize => "finalize",
            Phase::Resurrect => "resurrect",
            Phase::Clear => "clear",
        }
    }
}

/// What a collection did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Collected {
    /// Objects that were looked at.
    pub examined: usize,
    /// How many of those were reached from roots at once.
    pub alive: usize,
    /// Objects found unreachable.
    pub unreachable: usize,
    /// How many of those were in no cycle: deferred objects that nothing referred to, and what only these kept.
    pub waited: usize,
    /// How many of those found unreachable a finalizer brought back.
    pub resurrected: usize,
    /// How many of those the host kept.
    pub kept: usize,
    /// How long the world was stopped in all, in nanoseconds.
    pub paused: u64,
    /// The longest of the stops.
    pub longest: u64,
    /// How long each phase took, in the order of [`Phase::ALL`], in nanoseconds.
    pub phases: [u64; Phase::ALL.len()],
}

impl Collected {
    /// The objects that were garbage and are gone, or the host's.
    pub fn collected(&self) -> usize {
        self.unreachable - self.resurrected.min(self.unreachable)
    }
}

/// Why a collection did not take place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotCollected {
    /// Another is running.
    Busy,
    /// No memory for the collector's tables.
    OutOfMemory,
    /// The runtime is shutting down, and the thread was shut out while it waited to stop the others: it is detached, and
    /// must not touch an object any more. What it had found may stay for ever.
    Finalizing,
}

impl fmt::Display for NotCollected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Busy => "a collection is running",
            Self::OutOfMemory => "no memory for a collection",
            Self::Finalizing => "the runtime is finalizing",
        })
    }
}

impl core::error::Error for NotCollected {}

impl From<Finalizing> for NotCollected {
    fn from(_: Finalizing) -> Self {
        Self::Finalizing
    }
}

/// No collector: the program runs on counts alone, and its cycles stay.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoCollector;

impl Collector for NoCollector {
    fn collect_for(&self, _ctx: &mut Ctx, _cause: Cause) -> Result<Collected, NotCollected> {
        Ok(Collected::default())
    }
}

/// Threads that help a collector: those that it has stopped, or the host's, which belong to no runtime. They do not use what
/// belongs to the thread they run on.
///
/// # Safety
///
/// - [`run`](Self::run) does what it says: its numbers are what keeps the workers out of each other's way.
pub unsafe trait Helpers: Send + Sync {
    /// How many threads [`run`](Self::run) may use, the caller's included.
    fn workers(&self) -> usize;

    /// Calls `work` with 0 on this thread, and with other numbers below [`workers`](Self::workers) on others, each at most
    /// once; returns when all of these calls have. Who comes too late is not waited for.
    ///
    /// # Safety
    ///
    /// - One thread calls this at a time: the one that collects.
    unsafe fn run(&self, work: &(dyn Fn(usize) + Sync));
}

/// Nobody helps.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoHelpers;

// SAFETY: one call, with 0, on this thread.
unsafe impl Helpers for NoHelpers {
    fn workers(&self) -> usize {
        1
    }

    unsafe fn run(&self, work: &(dyn Fn(usize) + Sync)) {
        work(0);
    }
}

/// Where in a collection weak references are cleared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeakPhase {
    /// Before the finalizers of the garbage run.
    BeforeFinalizers,
    /// After them: what is left must go.
    AfterFinalizers,
}

/// The embedder's part in a collection. Each function has a body that does nothing, which is right where there is nothing to do.
///
/// # Safety
///
/// An implementation promises that
/// - what [`roots`](Self::roots) and [`alive`](Self::alive) report are words of the runtime that collects, whose objects are alive;
/// - functions that are called with the world stopped do not allocate from or free into the heap, change a count, lock, or run language
///   code;
/// - [`found`](Self::found) runs no language code, and changes no object;
/// - [`clear_weak`](Self::clear_weak) leaves no weak reference but those it says it leaves.
pub unsafe trait CycleHost: Send + Sync {
    /// World stopped. Reports every reference that is held without a count, outside of objects and data
    /// stacks; counted references need no report, whoever holds them.
    fn roots(&self, visit: &mut dyn FnMut(Word)) {
        let _ = visit;
    }

    /// World stopped. Reports references that are held for certain: what the collector reaches from there
    /// is alive without arithmetic. A hint: whoever is not reported here is found by its count.
    fn alive(&self, visit: &mut dyn FnMut(Word)) {
        let _ = visit;
    }

    /// A collection begins. Language code may run; another collection that it asks for is refused as busy.
    fn begin(&self, ctx: &mut Ctx, cause: Cause) {
        let _ = (ctx, cause);
    }

    /// A collection is over; one that failed reports nothing done. Language code may run, as in
    /// [`begin`](Self::begin).
    fn end(&self, ctx: &mut Ctx, cause: Cause, report: &Collected) {
        let _ = (ctx, cause, report);
    }

    /// Whether [`found`](Self::found) wants to see the garbage of this collection. If not, most of it is
    /// taken apart together, which is faster. Asked once in each collection, with the world stopped.
    fn inspects_garbage(&self) -> bool {
        false
    }

    /// These objects are garbage, and kept by the collector for now. All of it is among them if
    /// [`inspects_garbage`](Self::inspects_garbage) said so. No language code may run: it could get
    /// at them.
    fn found(&self, ctx: &mut Ctx, garbage: &[*mut Header]) {
        let _ = (ctx, garbage);
    }

    /// Whether the host keeps what is garbage after finalizers have run, instead of having it taken apart.
    /// Asked once in each collection.
    fn keeps_garbage(&self) -> bool {
        false
    }

    /// Takes its own references to the garbage, which the collector lets go of next. Only called in a
    /// collection for which [`keeps_garbage`](Self::keeps_garbage) said yes.
    fn keep(&self, ctx: &mut Ctx, garbage: &[*mut Header]) {
        let _ = (ctx, garbage);
    }

    /// World stopped. `object`, which has [`WEAKLY_REFERENCED`](crate::object::Bits::WEAKLY_REFERENCED) or whose
    /// type has [`REFERS_WEAKLY`](crate::backend::events::REFERS_WEAKLY), is unreachable: clears the weak
    /// references to it, and makes it refer to nothing itself. Callbacks of those that are not themselves `garbage`
    /// are kept for [`run_callbacks`](Self::run_callbacks).
    ///
    /// In the first phase the host may leave some uncleared, through which finalizers still get at the
    /// object; it then returns true.
    ///
    /// # Safety
    ///
    /// - The world is stopped, and `object` is alive.
    unsafe fn clear_weak(
        &self,
        object: *mut Header,
        phase: WeakPhase,
        garbage: &dyn Fn(*mut Header) -> bool,
    ) -> bool {
        let _ = (object, phase, garbage);
        false
    }

    /// Runs the callbacks that [`clear_weak`](Self::clear_weak) kept.
    fn run_callbacks(&self, ctx: &mut Ctx) {
        let _ = ctx;
    }

    /// Runs the finalizer of an unreachable object whose type has
    /// [`FINALIZES`](crate::backend::events::FINALIZES). Called once per object; its FINALIZED bit is set.
    ///
    /// # Safety
    ///
    /// - `object` is alive, and stays so during the call.
    unsafe fn finalize(&self, ctx: &mut Ctx, object: *mut Header) {
        let _ = (ctx, object);
    }
}

/// An embedder without finalizers, weak references and uncounted roots.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlainHost;

// SAFETY: nothing is done.
unsafe impl CycleHost for PlainHost {}
