//! Running code.

pub mod thread;
