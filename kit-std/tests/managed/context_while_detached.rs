//! Nor does it use its context.
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
    language.attach(|ctx| ctx.detached(|| ctx.poll())).unwrap();
}
