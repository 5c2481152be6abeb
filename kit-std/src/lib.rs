//! The kit on an operating system: platform, runtime, threads.

pub mod platform;
pub mod runtime;
pub mod sync;
pub mod thread;
