//! A free-threaded Python.

pub mod parse;
pub mod number;
pub mod text;
