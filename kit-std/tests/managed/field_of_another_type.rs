//! A field is one of its own type's objects.
#![forbid(unsafe_code)]
use kit_derive::Managed;
use kit_std::managed::*;

#[derive(Managed, Default)]
struct Pair {
    first: ValueSlot,
    second: ValueSlot,
}

#[derive(Managed, Default)]
struct Other {
    only: ValueSlot,
}

fn main() {
    let language = Language::builder().build().unwrap();
    language
        .attach(|ctx| {
            let pair = ctx.make(Pair::default()).unwrap().finish();
            pair.at(Other::ONLY).set(ctx, Value::int(1));
        })
        .unwrap();
}
