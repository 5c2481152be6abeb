//! The host, by the operating system.

pub mod threads;
