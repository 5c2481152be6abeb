//! What the compiler makes and the interpreter runs: the table of operations, and code as plain data.
//!
//! Neither the compiler nor the interpreter needs the other: code that is already compiled runs where there is no parser.

#![no_std]
// Module documentation speaks to readers of the source, and names what is private too.
#![allow(rustdoc::private_intra_doc_links)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod code;
pub mod op;
pub mod pack;
