//! A field cannot hide references from the collector.
#![forbid(unsafe_code)]
use kit_derive::Managed;
use kit_std::managed::*;

#[derive(Managed, Default)]
struct Pair {
    first: ValueSlot,
    second: ValueSlot,
}

#[derive(Managed)]
struct Hiding {
    values: Vec<ValueSlot>,
    anything: Box<dyn std::any::Any + Send + Sync>,
}

fn main() {}
