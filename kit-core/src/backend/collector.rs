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
    fn collect(&self, ctx: &mut Ctx) -> Result<Collected, NotCollected>;
}

/// What a collection did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Collected {
    /// Objects that were looked at.
    pub examined: usize,
    /// Objects found unreachable.
    pub unreachable: usize,
    /// How many of those a finalizer brought back.
    pub resurrected: usize,
    /// How long the world was stopped in all, in nanoseconds.
    pub paused: u64,
}

/// Why a collection did not take place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotCollected {
    /// Another is running.
    Busy,
    /// No memory for the collector's tables.
    OutOfMemory,
    /// The runtime is shutting down, and the thread is outside.
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
    fn collect(&self, _ctx: &mut Ctx) -> Result<Collected, NotCollected> {
        Ok(Collected::default())
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

/// The embedder's part in a collection.
///
/// The functions that are called with the world stopped may not allocate from or free into the heap,
/// change a count, lock, or run language code.
pub trait CycleHost: Send + Sync {
    /// World stopped. Reports every reference that is held without a count, outside of objects and data
    /// stacks; counted references need no report, whoever holds them.
    fn roots(&self, visit: &mut dyn FnMut(Word)) {
        let _ = visit;
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

impl CycleHost for PlainHost {}
