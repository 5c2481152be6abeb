//! A reference cannot outlive the stay that it was made in.
#![forbid(unsafe_code)]
use kit_derive::Managed;
use kit_std::managed::*;

#[derive(Managed, Default)]
struct Pair {
    first: ValueSlot,
    second: ValueSlot,
}

fn main() {
    let language = Language::builder().build().unwrap();
    let _kept = language.attach(|ctx| ctx.make(Pair::default()).unwrap().finish());
}
