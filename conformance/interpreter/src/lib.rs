//! A free-threaded Python.

pub mod code;
pub mod number;
pub mod op;
pub mod parse;
pub mod text;
pub mod error;
pub mod object;
pub mod vm;
