//! The host, by the operating system.

pub mod clock;
pub mod pages;
pub mod threads;
