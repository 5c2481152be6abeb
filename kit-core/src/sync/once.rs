//! Initialisation that happens once, may fail, and may be waited for.
//!
//! | state | meaning | next |
//! |---|---|---|
//! | NEW | nobody began, or whoever did failed | RUNNING |
//! | RUNNING | one thread is at it | DONE, NEW |
//! | RUNNING + WAITED | the same, and somebody may sleep | DONE, NEW |
//! | DONE | finished | - |

use crate::sync::{
    atomic::{
        AtomicU8,
        Ordering::{Acquire, Relaxed, Release},
    },
    parking::{Blocker, Finalizing, ParkingLot},
};

/// The latch.
#[derive(Debug, Default)]
pub struct Once {
    state: AtomicU8,
}

/// What [`Once::begin`] tells the caller to do.
#[must_use]
#[derive(Debug)]
pub enum Begin<'a> {
    /// Nothing: it is done.
    Done,
    /// Do it, then [`finish`](Running::finish). Dropping this instead lets somebody else try.
    Run(Running<'a>),
}

/// The right, and the duty, to initialise.
#[derive(Debug)]
pub struct Running<'a> {
    once: &'a Once,
    lot: &'a ParkingLot,
    end: u8,
}

impl Once {
    /// A latch nobody has touched.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether it is done. Acquire: the initialiser's work is visible after `true`.
    #[inline]
    pub fn is_done(&self) -> bool {
        self.state.load(Acquire) == DONE
    }

    /// Waits until it is done, or until it is the caller's turn to do it.
    ///
    /// # Errors
    ///
    /// The runtime shut down meanwhile.
    pub fn begin<'a>(
        &'a self,
        lot: &'a ParkingLot,
        blocker: &mut dyn Blocker,
    ) -> Result<Begin<'a>, Finalizing> {
        loop {
            // Acquire, paired with `leave`: a second try sees what the first left behind.
            match self.state.compare_exchange(NEW, RUNNING, Acquire, Acquire) {
                Ok(_) => {
                    return Ok(Begin::Run(Running {
                        once: self,
                        lot,
                        end: NEW,
                    }));
                }
                Err(DONE) => return Ok(Begin::Done),
                Err(RUNNING) => {
                    // Relaxed: it only makes the runner look for sleepers.
                    let _ =
                        self.state
                            .compare_exchange(RUNNING, RUNNING | WAITED, Relaxed, Relaxed);
                }
                Err(_) => {
                    lot.park(self.key(), blocker, None, &mut || {
                        self.state.load(Relaxed) == RUNNING | WAITED
                    })
                    .resumed?;
                }
            }
        }
    }

    fn leave(&self, lot: &ParkingLot, end: u8) {
        // Release, paired with `is_done` and `begin`.
        if self.state.swap(end, Release) & WAITED != 0 {
            lot.unpark_all(self.key(), || ());
        }
    }

    fn key(&self) -> usize {
        &raw const self.state as usize
    }
}

impl Running<'_> {
    /// It is done; everybody who waited goes on.
    pub fn finish(mut self) {
        self.end = DONE;
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.once.leave(self.lot, self.end);
    }
}

const NEW: u8 = 0;
const RUNNING: u8 = 1;
const WAITED: u8 = 2;
const DONE: u8 = 4;
