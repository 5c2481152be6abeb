//! A free-threaded Python.

pub mod parse;
