//! A reference cannot be put away outside of the stay.
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
    let mut kept = None;
    language.attach(|ctx| kept = Some(ctx.make(Pair::default()).unwrap().finish())).unwrap();
}
