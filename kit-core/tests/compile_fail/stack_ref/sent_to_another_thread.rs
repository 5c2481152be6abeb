//! A reference of a slot belongs to its thread.

use kit_core::refcount::stack_ref::StackRef;

fn send<T: Send>(_: T) {}

fn main() {
    send(StackRef::NULL);
}
