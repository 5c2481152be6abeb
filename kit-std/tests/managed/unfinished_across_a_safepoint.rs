//! An object that is not finished sees no safepoint.
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
            let pair = ctx.make(Pair::default()).unwrap();
            ctx.poll();
            pair.finish();
        })
        .unwrap();
}
