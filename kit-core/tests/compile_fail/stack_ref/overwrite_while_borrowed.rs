//! What a slot lends stays valid because the slot cannot be overwritten meanwhile.

use kit_core::refcount::stack_ref::StackRef;

fn main() {
    let mut slots = [StackRef::NULL, StackRef::NULL];
    let lent = slots[0].borrow();
    let _old = slots[0].replace(StackRef::NULL);
    lent.word();
}
