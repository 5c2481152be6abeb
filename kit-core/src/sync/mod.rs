//! Atomics and cells, and the locks built on them.
//!
//! Everything in the kit that synchronises takes its atomics from [`atomic`] and its shared cells from
//! [`cell`], so that a build with `--cfg loom` can put loom's checked versions in their place and
//! explore every interleaving. Two differences show through: loom's `new` functions are not `const`, and
//! its types are larger than what they stand for, so layout assertions are compiled for `not(loom)` only.
//!
//! | file | what waits | size |
//! |---|---|---|
//! | [`mutex`] | lock: spin, then park, handed over after a millisecond | one byte |
//! | [`once`] | initialisation that happens once | one byte |
//! | [`event`] | something that happens once | one byte |
//! | [`spin`] | a few instructions, never sleeping | one byte and the value |
//! | [`parking`] | the queue behind the first three, one per runtime | 4 KiB |
//!
//! A thread that is about to sleep first tells its [`Blocker`](parking::Blocker), which detaches it from
//! the runtime: a sleeper never holds up a stop-the-world or a grace period.

pub mod atomic;
pub mod backoff;
pub mod cell;
pub mod critical;
pub mod event;
pub mod mutex;
pub mod once;
pub mod parking;
pub mod segmented;
#[cfg(not(loom))]
pub mod spin;
#[cfg(loom)]
#[path = "spin_loom.rs"]
pub mod spin;

#[cfg(all(loom, test))]
mod model;
#[cfg(all(not(loom), test))]
mod tests;
