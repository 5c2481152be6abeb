//! A field cannot hold a reference of a stay: an object outlives it.
#![forbid(unsafe_code)]
use kit_derive::Managed;
use kit_std::managed::*;

#[derive(Managed, Default)]
struct Pair {
    first: ValueSlot,
    second: ValueSlot,
}

#[derive(Managed)]
struct Holding<'a> {
    value: Value<'a>,
}

#[derive(Managed)]
struct Wrapping {
    pair: Plain<Local<'static, Pair>>,
}

fn main() {}
