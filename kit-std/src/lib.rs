//! The kit on an operating system.

pub mod platform;
