//! Running code.

pub mod dying;
pub mod interrupt;
pub mod start;
pub mod thread;
