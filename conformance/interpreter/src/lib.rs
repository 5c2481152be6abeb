//! A free-threaded Python.

pub mod number;
pub mod parse;
pub mod text;
