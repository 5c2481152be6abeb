//! A thread that has detached uses no references.
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
    language
        .attach(|ctx| {
            let pair = ctx.make(Pair::default()).unwrap().finish();
            ctx.detached(|| drop(pair.clone()));
        })
        .unwrap();
}
