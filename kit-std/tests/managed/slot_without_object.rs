//! A slot that is in no object cannot be filled.
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
    let pair = Pair::default();
    language.attach(|ctx| pair.first.set(ctx, Value::int(1))).unwrap();
}
