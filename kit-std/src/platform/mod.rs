//! The host, by the operating system.

pub mod clock;
pub mod native;
pub mod pages;
pub mod threads;
