//! An object type is one type, a struct with named fields.
#![forbid(unsafe_code)]
use kit_derive::Managed;
use kit_std::managed::*;

#[derive(Managed, Default)]
struct Pair {
    first: ValueSlot,
    second: ValueSlot,
}

#[derive(Managed)]
struct Generic<T: Managed> {
    slot: Slot<T>,
}

#[derive(Managed)]
enum Choice {
    One(ValueSlot),
}

#[derive(Managed)]
#[managed(finalise)]
struct Misspelt;

fn main() {}
