//! A sound heap over an allocator that is not: the laws of heaps find that out, too.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    panic::{AssertUnwindSafe, catch_unwind},
    ptr,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
};

use kit_alloc::delegating::DelegatingHeap;
use kit_core::platform::memory::Memory;
use kit_suite::{Lab, heap};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    /// A block that someone has is handed out again.
    Distinctness,
    /// What is asked for with zeros ends with something else.
    Zeroing,
    /// After a request failed none succeeds.
    OutOfMemory,
    /// What is freed is kept for ever.
    Leak,
}

struct Broken {
    base: &'static Memory,
    fault: Fault,
    failed: AtomicBool,
    calls: Mutex<(usize, usize, Option<Layout>)>,
}

impl Broken {
    fn heap(lab: &Lab, fault: Fault) -> DelegatingHeap {
        let memory = Box::leak(Box::new(Self {
            base: lab.memory(&System),
            fault,
            failed: AtomicBool::new(false),
            calls: Mutex::default(),
        }));
        DelegatingHeap::new(memory, lab.grace())
    }
}

/// Which requests are answered wrongly: those of blocks of a size that is nobody else's.
fn is_block(layout: Layout) -> bool {
    layout.align() == 16 && layout.size() != 1024
}

// SAFETY: it is not: that is the point. What it hands out is memory of the process.
unsafe impl GlobalAlloc for Broken {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if self.fault == Fault::OutOfMemory && self.failed.load(SeqCst) {
            return ptr::null_mut();
        }
        let mut calls = self.calls.lock().unwrap();
        calls.0 += 1;
        if self.fault == Fault::Distinctness
            && is_block(layout)
            && calls.0.is_multiple_of(50)
            && calls.2.is_some_and(|last| last.size() >= layout.size())
        {
            return ptr::with_exposed_provenance_mut(calls.1);
        }
        // SAFETY: as the caller says.
        let block = unsafe { self.base.alloc(layout) };
        self.failed.fetch_or(block.is_null(), SeqCst);
        if is_block(layout) {
            (calls.1, calls.2) = (block.expose_provenance(), Some(layout));
        }
        block
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller says.
        let block = unsafe { self.base.alloc_zeroed(layout) };
        if self.fault == Fault::Zeroing && is_block(layout) && !block.is_null() {
            // SAFETY: a byte in the middle: at the ends are what the heap keeps for itself.
            unsafe { block.add(layout.size() / 2).write(1) };
        }
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        {
            let mut calls = self.calls.lock().unwrap();
            if calls.1 == block.addr() {
                calls.2 = None;
            }
        }
        // What was handed out twice comes back twice.
        if !matches!(self.fault, Fault::Leak | Fault::Distinctness) {
            // SAFETY: as the caller says.
            unsafe { self.base.dealloc(block, layout) }
        }
    }
}

/// What a law says of a heap over such an allocator.
#[track_caller]
fn failure(law: impl FnOnce()) -> String {
    let panic =
        catch_unwind(AssertUnwindSafe(law)).expect_err("a law that holds of what breaks it");
    *panic.downcast::<String>().expect("a message")
}

macro_rules! broken {
    ($($name:ident: $law:ident $fault:ident $said:literal)*) => {
        $(
            #[test]
            fn $name() {
                let message = failure(|| heap::$law(|lab: &Lab| Broken::heap(lab, Fault::$fault)));
                let expected = concat!("law `", stringify!($law), "` is broken: ");
                assert!(message.starts_with(expected) && message.contains($said), "{message}");
            }
        )*
    };
}

broken! {
    a_block_that_is_handed_out_twice: distinctness Distinctness "live block"
    memory_that_is_not_zero: zeroing Zeroing "was asked for with zeros"
    an_allocator_that_gives_up: out_of_memory OutOfMemory "there is no heap for a thread"
    an_allocator_that_keeps_what_is_freed: accounting Leak "were never released"
}
