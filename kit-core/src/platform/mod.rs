//! What a host provides: object-safe traits, called on slow paths only.

pub mod memory;
pub mod mock;
pub mod pages;
pub mod thread;
