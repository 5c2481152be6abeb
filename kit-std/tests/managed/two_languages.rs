//! References of two languages do not mix, even where both are at hand.
#![forbid(unsafe_code)]
use kit_derive::Managed;
use kit_std::managed::*;

#[derive(Managed, Default)]
struct Pair {
    first: ValueSlot,
    second: ValueSlot,
}

fn main() {
    let (one, two) = (Language::builder().build().unwrap(), Language::builder().build().unwrap());
    one.attach(|first| {
        let pair = first.make(Pair::default()).unwrap().finish();
        two.attach(|second| {
            pair.at(Pair::FIRST).set(second, Value::int(1));
        })
        .unwrap();
    })
    .unwrap();
}
