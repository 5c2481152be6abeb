//! Headers, reference counts, words, thread contexts and contracts of a free-threaded runtime.
#![no_std]

#[cfg(test)]
extern crate std;

pub mod backend;
pub mod frame;
pub mod object;
pub mod platform;
pub mod refcount;
pub mod sync;
pub mod thread;

#[cfg(test)]
mod testing;
