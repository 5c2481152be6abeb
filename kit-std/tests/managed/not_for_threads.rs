//! What is in an object is shared by threads.
#![forbid(unsafe_code)]
use kit_derive::Managed;
use kit_std::managed::*;

#[derive(Managed, Default)]
struct Pair {
    first: ValueSlot,
    second: ValueSlot,
}

#[derive(Managed)]
struct Counter {
    count: Plain<std::cell::Cell<u32>>,
}

fn main() {}
