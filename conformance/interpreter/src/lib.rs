//! A free-threaded Python.

// Module documentation speaks to readers of the source, and names what is private too.
#![allow(rustdoc::private_intra_doc_links)]

extern crate alloc;

pub mod builtins;
pub mod cli;
pub mod error;
pub mod module;
pub mod number;
pub mod object;
mod prelude;
pub mod text;
pub mod vm;

pub use kit_python_code::{code, op, pack};
pub use kit_python_compiler::{compile, parse, scope};
