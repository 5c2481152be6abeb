//! Grace periods, as the allocator sees them: when may memory that readers might still look at be reused?
//!
//! A *goal* is a number that stands for "every thread attached now has since reported that it holds no
//! unprotected pointer". Goals grow; one that was reached stays reached.

/// A source of grace periods.
///
/// Total: neither function fails, blocks or allocates. Both may be called from any thread.
pub trait Grace: Sync {
    /// A goal that is reached once every thread attached at the time of this call has reported a
    /// quiescent state (or detached) after it.
    ///
    /// Never 0, which the allocator uses for "no goal".
    fn current_goal(&self) -> u64;

    /// Whether `goal` was reached. Acquire: what the other threads did before they reported happens
    /// before this returns true.
    fn reached(&self, goal: u64) -> bool;
}

/// No other thread reads without counting: every goal is reached at once.
///
/// For programs with one thread, and for heaps whose users never touch an object without a reference.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoReaders;

impl Grace for NoReaders {
    fn current_goal(&self) -> u64 {
        1
    }

    fn reached(&self, _goal: u64) -> bool {
        true
    }
}
