//! What a host provides: object-safe traits, called on slow paths only.

pub mod memory;
#[cfg(target_has_atomic = "64")]
pub mod mock;
pub mod pages;
pub mod thread;
