//! A free-threaded Python.
//!
//! With the feature `std`, which is on by default, it is all there: the compiler, the library's modules, the command line. Without it the
//! crate needs `alloc` and a [`Port`](kit_std::port::Port), and runs code that is compiled already ([`pack`]): the types, the functions
//! of `builtins`, threads and the collector are the same; modules are those of [`module`], few.

#![cfg_attr(not(feature = "std"), no_std)]
// Module documentation speaks to readers of the source, and names what is private too.
#![allow(rustdoc::private_intra_doc_links)]

#[cfg_attr(not(feature = "std"), macro_use)]
extern crate alloc;

pub mod builtins;
#[cfg(feature = "std")]
pub mod cli;
pub mod error;
mod host;
#[cfg(feature = "std")]
pub mod module;
#[cfg(not(feature = "std"))]
#[path = "module/bare/mod.rs"]
pub mod module;
pub mod number;
pub mod object;
mod prelude;
pub mod text;
pub mod vm;

pub use kit_python_code::{code, op, pack};
#[cfg(feature = "std")]
pub use kit_python_compiler::{compile, parse, scope};
