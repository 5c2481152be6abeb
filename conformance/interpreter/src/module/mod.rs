//! The modules written in Rust.

pub mod collections;
pub mod itertools;
pub mod operator;
pub mod support;

use crate::object::define::ModuleDef;

/// All of them.
pub static MODULES: &[&ModuleDef] = &[&collections::MODULE, &itertools::MODULE, &operator::MODULE];
