//! What it costs to clone and drop a reference in a program with one thread, against `Rc`. `.ci/features` counts the instructions:
//!
//! ```sh
//! cargo build --release -p kit-core --no-default-features --example rc_alone
//! valgrind --tool=callgrind --callgrind-out-file=/dev/null target/release/examples/rc_alone rc 1000000
//! valgrind --tool=callgrind --callgrind-out-file=/dev/null target/release/examples/rc_alone kit 1000000
//! ```

use kit_core::object::{Bits, Header};
use kit_core::refcount::biased::Released;
use kit_core::refcount::counter::{Counter, Tally};
use std::hint::black_box;
use std::mem::MaybeUninit;
use std::rc::Rc;

static TALLY: Tally = Tally::new();

/// The only thread.
fn by() -> Counter {
    Counter::new(1, &TALLY)
}

/// A counted reference.
struct Handle<'h>(&'h Header);

impl Clone for Handle<'_> {
    #[inline(always)]
    fn clone(&self) -> Self {
        // SAFETY: this handle keeps the object.
        unsafe { self.0.retain(by()) };
        Handle(self.0)
    }
}

impl Drop for Handle<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: the handle's own reference.
        if unsafe { self.0.release(by()) } != Released::Alive {
            die();
        }
    }
}

#[cold]
#[inline(never)]
fn die() {
    println!("the last reference is gone");
}

#[inline(never)]
fn repeat<T: Clone>(value: &T, times: usize) {
    for _ in 0..times {
        drop(black_box(value.clone()));
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().unwrap_or_default();
    let times = arguments.next().and_then(|n| n.parse().ok()).unwrap_or(1);
    match &*what {
        "rc" => repeat(&Rc::new(1u64), times),
        "kit" => {
            let mut block = MaybeUninit::<Header>::zeroed();
            // SAFETY: the block is ours, large and aligned enough; `init` makes it a valid header.
            let header = unsafe {
                Header::init(block.as_mut_ptr(), 1, by(), Bits::empty());
                block.assume_init()
            };
            repeat(&Handle(&header), times);
            drop(Handle(&header));
        }
        _ => println!("rc_alone rc|kit TIMES"),
    }
}
