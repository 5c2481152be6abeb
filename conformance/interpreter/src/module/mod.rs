//! The modules written in Rust.

pub mod collections;
pub mod functools;
pub mod itertools;
pub mod math;
pub mod operator;
pub mod queue;
pub mod support;
pub mod threading;

use crate::object::define::ModuleDef;
pub use crate::object::module::create;

/// All of them.
pub static MODULES: &[&ModuleDef] = &[
    &collections::MODULE,
    &functools::MODULE,
    &itertools::MODULE,
    &operator::MODULE,
    &threading::MODULE,
    &threading::LOW_MODULE,
    &math::MODULE,
    &queue::MODULE,
];

/// What modules keep per interpreter.
#[derive(Default)]
pub struct Library {
    /// `functools`.
    pub functools: functools::State,
    /// Threads.
    pub threads: threading::state::Threads,
    /// Exception classes of `queue`.
    pub queue: queue::QueueErrors,
}
