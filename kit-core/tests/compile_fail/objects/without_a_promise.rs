//! An object is published without a promise that its fields are written.

use kit_core::{object::Header, thread::Uninit};

fn f(object: Uninit<'_, Header>) {
    let _ = object.publish();
}

fn main() {}
