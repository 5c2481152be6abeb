//! The host's threads inside a runtime.

pub mod current;
pub mod variables;
