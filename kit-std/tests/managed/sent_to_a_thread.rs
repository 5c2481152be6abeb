//! A reference belongs to a thread: others get a `Global`.
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
            std::thread::scope(|scope| {
                scope.spawn(|| drop(pair));
            });
        })
        .unwrap();
}
