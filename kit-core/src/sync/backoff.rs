//! How long to try before sleeping: a few growing runs of pauses, then a few yields.

use crate::{platform::thread::Platform, sync::atomic::spin_loop};

/// How much a waiter tries before it sleeps.
///
/// Pauses come first because the usual holder is running and about to finish; yields come next because on
/// a busy machine it may have been descheduled.
#[derive(Clone, Copy, Debug)]
pub struct SpinPolicy {
    /// Rounds of pauses, each twice as long as the one before.
    pub rounds: u32,
    /// Yields after that.
    pub yields: u32,
}

impl Default for SpinPolicy {
    fn default() -> Self {
        if cfg!(loom) {
            Self {
                rounds: 0,
                yields: 0,
            }
        } else {
            Self {
                rounds: 6,
                yields: 4,
            }
        }
    }
}

/// One waiter's progress through a [`SpinPolicy`].
#[derive(Debug)]
pub struct Backoff {
    policy: SpinPolicy,
    step: u32,
}

impl Backoff {
    /// At the beginning of `policy`.
    pub fn new(policy: SpinPolicy) -> Self {
        Self { policy, step: 0 }
    }

    /// Waits a little. False: the policy is used up, and the caller had better sleep.
    pub fn pause(&mut self, platform: &dyn Platform) -> bool {
        if self.step < self.policy.rounds {
            for _ in 0..1_u32 << self.step.min(10) {
                spin_loop();
            }
        } else if self.step < self.policy.rounds + self.policy.yields {
            platform.yield_now();
        } else {
            return false;
        }
        self.step += 1;
        true
    }
}

/// How a thread makes way that failed to change a word because others change it all the time.
///
/// The word's cache line goes back and forth between them, which takes longer than the changes. While one waits, the
/// others make dozens of changes without a miss: together they get more done than if nobody waited.
#[derive(Debug)]
pub struct Crowd {
    pauses: u32,
}

impl Crowd {
    /// Nothing has failed yet.
    #[expect(clippy::new_without_default, reason = "not a value to have by chance")]
    pub const fn new() -> Self {
        Self { pauses: FEWEST }
    }

    /// Waits, each time for longer. The caller then looks at the word again.
    #[cold]
    #[inline(never)]
    pub fn make_way(&mut self) {
        // Loom tries all orders anyway.
        if !cfg!(loom) {
            for _ in 0..self.pauses {
                spin_loop();
            }
            self.pauses = (self.pauses * 2).min(MOST);
        }
    }
}

/// The first wait: a few microseconds, where a pause is long.
const FEWEST: u32 = 64;
const MOST: u32 = 512;
