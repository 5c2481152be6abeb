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
//! | [`recursive`] | lock: the same, and its owner may take it again | 24 bytes |
//! | [`rwlock`] | lock: many that read or one that writes; writers are not starved | four bytes and the value |
//! | [`seqlock`] | reading a few words that change together, trying again | a word and the words |
//! | [`critical`] | one or two objects' locks, across calls of the language | in a frame |
//! | [`spin`] | a few instructions, never sleeping | one byte and the value |
//! | [`parking`] | the queue behind all but `seqlock`, `spin` and `segmented`, one per runtime | 4 KiB |
//! | [`segmented`] | nothing: a table that grows while others read it | a word for each segment |
//!
//! A thread that is about to sleep first tells its [`Blocker`](parking::Blocker), which detaches it from
//! the runtime: a sleeper never holds up a stop-the-world or a grace period. Only who waits for an object's
//! lock, or for another whose holders come to no safepoint, stays attached: that wait ends before a stop
//! does (see [`critical`]).

pub mod atomic;
pub mod backoff;
pub mod cell;
pub mod critical;
pub mod event;
pub mod mutex;
pub mod native;
pub mod once;
pub mod parking;
pub mod recursive;
pub mod rwlock;
pub mod segmented;
pub mod seqlock;
#[cfg(not(loom))]
pub mod spin;
#[cfg(loom)]
#[path = "spin_loom.rs"]
pub mod spin;

// The lock itself, for its own model.
#[cfg(all(loom, test))]
#[path = "spin.rs"]
mod spin_core;

#[cfg(all(loom, test))]
mod model;
#[cfg(all(not(loom), test))]
mod tests;
