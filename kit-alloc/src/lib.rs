//! Where memory comes from: a walkable, multi-threaded object heap that needs no operating system.
//!
//! [`paged::Heap`] is the heap of a runtime. It asks a
//! [`PageSource`](kit_core::platform::pages::PageSource) for segments and keeps all its own records inside
//! them.
#![no_std]

#[cfg(test)]
extern crate std;

pub mod bitmap;
pub mod paged;
pub mod size_class;
