//! Who may touch a thread's state: one byte, changed by compare-and-swap.
//!
//! | state | the thread's state belongs to | next |
//! |---|---|---|
//! | DETACHED | nobody | ATTACHED (thread), SUSPENDED (stopper), SHUT_DOWN |
//! | ATTACHED | the thread | DETACHED, SUSPENDED_WAITING (thread) |
//! | SUSPENDED | the stopper, or who merges for the thread | SUSPENDED_WAITING (thread), DETACHED, SHUT_DOWN |
//! | SUSPENDED_WAITING | the same; the thread sleeps, or works for its stopper | DETACHED_WAITING, SHUT_DOWN |
//! | DETACHED_WAITING | nobody; the thread is being woken | ATTACHED (thread), SHUT_DOWN |
//! | SHUT_DOWN | nobody, for ever | - |
//!
//! A DETACHED_WAITING thread cannot be suspended: a new stop has to wait until it has attached and come to
//! a safepoint. So stops that follow each other closely cannot starve it.
//!
//! A thread that stops by itself is SUSPENDED_WAITING at once: it is about to sleep where its stopper wakes it, and only its stopper
//! may let it go.

use crate::sync::{
    atomic::{
        AtomicU8,
        Ordering::{Acquire, Relaxed, Release},
    },
    parking::{Finalizing, ParkingLot, Unattached},
};

/// The states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Status {
    /// Outside the runtime.
    Detached = 0,
    /// Inside: may touch objects, must come to safepoints.
    Attached = 1,
    /// Outside, and kept there while the world is stopped.
    Suspended = 2,
    /// The same, waiting until the world starts.
    SuspendedWaiting = 3,
    /// Outside, allowed in, on its way.
    DetachedWaiting = 4,
    /// Outside for ever.
    ShutDown = 5,
}

impl Status {
    fn from_byte(byte: u8) -> Self {
        match byte {
            0 => Self::Detached,
            1 => Self::Attached,
            2 => Self::Suspended,
            3 => Self::SuspendedWaiting,
            4 => Self::DetachedWaiting,
            _ => Self::ShutDown,
        }
    }

    /// Whether the thread cannot run inside the runtime until somebody else acts.
    pub fn is_stopped(self) -> bool {
        matches!(
            self,
            Self::Suspended | Self::SuspendedWaiting | Self::ShutDown
        )
    }
}

/// The byte.
#[derive(Debug)]
pub struct ThreadStatus {
    byte: AtomicU8,
}

impl Default for ThreadStatus {
    fn default() -> Self {
        Self {
            byte: AtomicU8::new(Status::Detached as u8),
        }
    }
}

impl ThreadStatus {
    /// The state now. It orders nothing by itself.
    pub fn get(&self) -> Status {
        // Relaxed: whoever goes by a stopped status holds the registry's lock, as did whoever stopped the
        // thread; that orders the thread's state. The others go on to `change`.
        Status::from_byte(self.byte.load(Relaxed))
    }

    fn change(&self, from: Status, to: Status) -> bool {
        // Acquire: the thread sees what the stopper did, the stopper what the thread did.
        self.byte
            .compare_exchange(from as u8, to as u8, Acquire, Relaxed)
            .is_ok()
    }

    /// DETACHED → ATTACHED, by the thread, if nothing is in the way.
    #[inline]
    #[must_use]
    pub(crate) fn try_attach(&self) -> bool {
        self.change(Status::Detached, Status::Attached)
    }

    /// → ATTACHED, by the thread: sleeps while the world is stopped.
    ///
    /// # Errors
    ///
    /// The thread was shut out.
    pub(crate) fn attach(&self, lot: &ParkingLot) -> Result<(), Finalizing> {
        while !self.try_attach() {
            match self.get() {
                Status::DetachedWaiting => {
                    if self.change(Status::DetachedWaiting, Status::Attached) {
                        return Ok(());
                    }
                }
                Status::Suspended => {
                    self.change(Status::Suspended, Status::SuspendedWaiting);
                }
                Status::SuspendedWaiting => {
                    // The thread is detached already, so there is nothing to tell a blocker.
                    let parked = lot.park(self.key(), &mut Unattached, None, &mut || {
                        self.byte.load(Relaxed) == Status::SuspendedWaiting as u8
                    });
                    parked.resumed?;
                }
                Status::ShutDown => return Err(Finalizing),
                Status::Attached => panic!("attached twice"),
                Status::Detached => {}
            }
        }
        Ok(())
    }

    /// ATTACHED → DETACHED, by the thread.
    #[inline]
    pub(crate) fn detach(&self) {
        debug_assert_eq!(self.get(), Status::Attached);
        // Release, paired with `try_suspend`: a stopper sees all we did.
        self.byte.store(Status::Detached as u8, Release);
    }

    /// ATTACHED → SUSPENDED_WAITING, by the thread, at a safepoint, for a stopper that waits for it. Under the
    /// registry's lock.
    ///
    /// # Safety
    ///
    /// - By the thread itself, attached, which touches no object until it has attached again.
    pub unsafe fn suspend_self(&self) {
        debug_assert_eq!(self.get(), Status::Attached);
        // Relaxed: the stopper sees all we did through the lock.
        self.byte.store(Status::SuspendedWaiting as u8, Relaxed);
    }

    /// Whether the thread is to go on waiting.
    pub fn is_waiting(&self) -> bool {
        self.get() == Status::SuspendedWaiting
    }

    /// DETACHED → SUSPENDED, by a stopper.
    ///
    /// # Safety
    ///
    /// - Under the registry's lock, by who calls [`resume`](Self::resume) in the end.
    #[must_use]
    pub unsafe fn try_suspend(&self) -> bool {
        // Acquire, paired with `detach`: from here on the thread's state is ours.
        self.change(Status::Detached, Status::Suspended)
    }

    /// The state of a thread born while the world is stopped.
    pub(crate) fn begin_suspended(&self) {
        // Relaxed: nobody else knows the thread yet.
        self.byte.store(Status::Suspended as u8, Relaxed);
    }

    /// SUSPENDED → DETACHED, SUSPENDED_WAITING → DETACHED_WAITING and woken, by the stopper that suspended
    /// it.
    ///
    /// # Safety
    ///
    /// - Under the registry's lock, by who suspended the thread or asked it to stop, and touches nothing of it any more.
    pub unsafe fn resume(&self, lot: &ParkingLot) {
        // Release, paired with `attach`: the thread sees what we did to its state.
        let resumed = self.byte.compare_exchange(
            Status::Suspended as u8,
            Status::Detached as u8,
            Release,
            Relaxed,
        );
        if resumed == Err(Status::SuspendedWaiting as u8) {
            lot.unpark_all(self.key(), || {
                let _ = self.byte.compare_exchange(
                    Status::SuspendedWaiting as u8,
                    Status::DetachedWaiting as u8,
                    Release,
                    Relaxed,
                );
            });
        }
    }

    /// Anything but ATTACHED → SHUT_DOWN, with the world stopped: the thread never comes in again.
    pub(crate) fn shut_down(&self, lot: &ParkingLot) {
        debug_assert_ne!(self.get(), Status::Attached);
        // Relaxed: the thread does nothing more on the strength of it.
        lot.unpark_all(self.key(), || {
            self.byte.store(Status::ShutDown as u8, Relaxed)
        });
    }

    fn key(&self) -> usize {
        &raw const self.byte as usize
    }
}
