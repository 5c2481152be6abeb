//! A finalizer keeps its object in another object, or as a `Global`, not in a variable.
#![forbid(unsafe_code)]
use kit_derive::Managed;
use kit_std::managed::*;

#[derive(Managed, Default)]
struct Pair {
    first: ValueSlot,
    second: ValueSlot,
}

thread_local! {
    static KEPT: std::cell::RefCell<Vec<Local<'static, Final>>> = const { std::cell::RefCell::new(Vec::new()) };
}

#[derive(Managed)]
#[managed(finalize)]
struct Final;

impl Finalize for Final {
    fn finalize<'a>(this: &Local<'a, Self>, _: &mut Ctx<'a>) {
        KEPT.with(|kept| kept.borrow_mut().push(this.clone()));
    }
}

fn main() {}
