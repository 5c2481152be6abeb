//! An object is written to after it was published.

use kit_core::{object::Header, thread::Uninit};

unsafe fn f(mut object: Uninit<'_, Header>) {
    // SAFETY: there are no fields.
    let _ = unsafe { object.publish() };
    let _ = object.as_ptr();
}

fn main() {}
