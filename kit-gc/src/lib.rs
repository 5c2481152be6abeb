//! When memory may be reused: grace periods, delayed frees, stopping the world, and cycle collection.
#![no_std]

#[cfg(test)]
extern crate std;

pub mod qsbr;
pub mod stop;

#[cfg(test)]
mod testing;
