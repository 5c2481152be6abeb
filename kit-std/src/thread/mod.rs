//! Operating system threads inside a runtime.

pub mod current;
