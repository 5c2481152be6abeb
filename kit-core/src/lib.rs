//! Headers, reference counts, words, thread contexts and contracts of a free-threaded runtime.
#![no_std]

pub mod backend;
pub mod platform;
pub mod sync;
