//! An object is made by a context; there is no other way to a reference.
#![forbid(unsafe_code)]
use kit_derive::Managed;
use kit_std::managed::*;

#[derive(Managed, Default)]
struct Pair {
    first: ValueSlot,
    second: ValueSlot,
}

fn main() {
    let pair = Pair::default();
    let _reference: Local<'_, Pair> = pair.into();
}
