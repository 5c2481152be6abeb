//! When memory may be reused: grace periods, delayed frees, stopping the world, and cycle collection.
#![no_std]

#[cfg(test)]
extern crate std;

#[cfg(not(loom))]
pub mod cycle;
pub mod qsbr;
pub mod stop;
pub mod trigger;
mod worklist;

#[cfg(test)]
mod testing;
