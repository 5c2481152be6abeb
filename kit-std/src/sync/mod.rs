//! What threads of a language synchronise with: locks that anyone may release, and what is built on
//! waiting in line.
//!
//! All of it sleeps in a [`ParkingLot`](kit_core::sync::parking::ParkingLot), and all of it takes the deadline of a wait (in
//! [`Platform::now`](kit_core::platform::thread::Platform::now)'s time). A wait that ended at its deadline
//! may be taken up again without losing what happened in between, so a thread that must look for signals
//! can wait in slices.
//!
//! | | |
//! |---|---|
//! | [`lock`] | a lock that any thread may release |
//! | [`rlock`] | a lock its owner may take again |
//! | [`condition`] | a line of waiters, woken from its head |
//! | [`event`] | a flag that can be raised and lowered |
//! | [`semaphore`] | a number of permits |

pub mod condition;
pub mod event;
pub(crate) mod guarded;
pub mod lock;
pub mod rlock;
pub mod semaphore;
