//! A runtime stands on the port that it is given, and on nothing else.

use kit_alloc::source::global::GlobalPages;
use kit_core::platform::pages::PageSource;
use kit_std::managed::{Ctx, Language};
use kit_std::port::{NoThread, Port};
use std::alloc::{GlobalAlloc, Layout, System};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Barrier};

/// Counts what is asked of the system.
struct Counted(AtomicUsize);

static MEMORY: Counted = Counted(AtomicUsize::new(0));
static PAGES: Counted = Counted(AtomicUsize::new(0));

// SAFETY: the system's.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.0.fetch_add(1, Relaxed);
        // SAFETY: as the caller says.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as the caller says.
        unsafe { System.dealloc(block, layout) }
    }
}

// SAFETY: the system's.
unsafe impl PageSource for Counted {
    fn reserve(&self, size: usize, align: usize) -> Option<NonNull<u8>> {
        self.0.fetch_add(1, Relaxed);
        GlobalPages(System).reserve(size, align)
    }

    unsafe fn release(&self, span: NonNull<u8>, size: usize, align: usize) {
        // SAFETY: as the caller says.
        unsafe { GlobalPages(System).release(span, size, align) }
    }

    fn page_size(&self) -> usize {
        GlobalPages(System).page_size()
    }
}

#[test]
fn tables_and_segments_are_the_ports() {
    let port = Port {
        memory: &MEMORY,
        pages: &PAGES,
        ..Port::SYSTEM
    };
    let language = Language::builder_on(port).build().expect("memory");
    // More at a time than there is room for from the start.
    let all = Arc::new(Barrier::new(40));
    let tasks = [(); 40].map(|()| {
        let all = all.clone();
        let wait = move |ctx: &mut Ctx<'_>| ctx.detached(|| all.wait().is_leader());
        language.spawn(wait).expect("a thread")
    });
    for task in tasks {
        task.join_detached().expect("it ran");
    }
    assert!(
        PAGES.0.load(Relaxed) >= 2,
        "the table of types, and a segment"
    );
    assert!(
        MEMORY.0.load(Relaxed) > 0,
        "the tables that grow with threads"
    );
}

#[test]
fn a_host_without_threads_is_an_error_and_what_was_to_run_is_dropped() {
    let port = Port {
        start: |_stack, _body| Err(NoThread),
        cores: || 4,
        ..Port::SYSTEM
    };
    let language = Language::builder_on(port).build().expect("memory");
    let held = Arc::new(());
    let its = held.clone();
    let refused = language.spawn(move |_| drop(its));
    assert_eq!(refused.err(), Some(NoThread));
    assert_eq!(Arc::strong_count(&held), 1);
    let collected = language.attach(|ctx| {
        let refused = ctx.start(|_| Err("it does not run".into()));
        assert_eq!(
            refused.err().map(|error| error.to_string()),
            Some(NoThread.to_string())
        );
        // Nobody helps.
        ctx.collect()
    });
    assert!(collected.expect("attached").is_ok());
}
