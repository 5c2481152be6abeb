//! Without the derive, only `unsafe` makes an object type.
#![forbid(unsafe_code)]
use kit_derive::Managed;
use kit_std::managed::*;

#[derive(Managed, Default)]
struct Pair {
    first: ValueSlot,
    second: ValueSlot,
}

struct Mine;

impl Managed for Mine {
    const REFERS: bool = false;

    fn info() -> &'static TypeInfo {
        Pair::info()
    }

    fn visit(&self, _: &mut Visitor<'_>) {}
}

fn main() {}
