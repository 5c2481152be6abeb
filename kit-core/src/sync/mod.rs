//! Atomics and cells, and the locks built on them.
//!
//! Everything in the kit that synchronises takes its atomics from [`atomic`] and its shared cells from
//! [`cell`], so that a build with `--cfg loom` can put loom's checked versions in their place and
//! explore every interleaving. Two differences show through: loom's `new` functions are not `const`, and
//! its types are larger than what they stand for, so layout assertions are compiled for `not(loom)` only.

pub mod atomic;
pub mod cell;
