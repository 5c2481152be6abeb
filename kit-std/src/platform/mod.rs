//! The host, by the operating system.

pub mod pages;
pub mod threads;
