//! A runtime to measure in: with a second thread, so that nothing is left out for want of company.

use kit_core::backend::collector::PlainHost;
use kit_core::backend::events::Events;
use kit_core::backend::heap::HeapKind;
use kit_core::object::{Header, Kind, kind};
use kit_core::thread::Ctx;
use kit_std::port::Port;
use kit_std::runtime::{Options, Runtime};
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// A type of objects of [`SIZE`] bytes that hold nothing.
pub const PLAIN: u32 = 1;
/// The same; the dead go to the free list [`LIST`].
pub const LISTED: u32 = 2;
/// The list of [`LISTED`].
pub const LIST: usize = 1;
/// Bytes of an object, its header among them.
pub const SIZE: usize = 32;

static KIND: Kind = Kind {
    name: "thing",
    trace: kind::trace_nothing,
    clear: kind::clear_nothing,
    drop: drop_nothing,
    discard: None,
    size: |_| SIZE,
};

unsafe fn drop_nothing(_: *mut Header, _: &mut Ctx) {}

/// Runs `body` on a thread of a runtime that has another one.
pub fn in_company(body: impl FnOnce(&'static Runtime, &mut Ctx) -> f64) -> f64 {
    unsafe fn dying(_: &mut Ctx, _: *mut Header) -> bool {
        true
    }
    unsafe fn interrupt(ctx: &mut Ctx) -> bool {
        // SAFETY: the host of every thread is a runtime, from `enter`.
        unsafe { &*ctx.host().cast::<Runtime>() }.interrupt(ctx) != 0
    }
    let runtime: &'static Runtime = Runtime::new(Options {
        port: Port::SYSTEM,
        types: 3,
        reserved_types: 3,
        heap: kit_std::runtime::HeapChoice::Paged,
        memory_limit: 64 << 20,
        events: Events { dying, interrupt },
        cycles: &PlainHost,
        code: Default::default(),
    })
    .expect("memory");
    runtime.types().define(PLAIN, &KIND);
    runtime.types().define(LISTED, &KIND);
    // SAFETY: no other type has the list; the instances are plain, of one size, with room for a pointer.
    unsafe { runtime.types().entry(LISTED).set_free_list(LIST) };
    let (inside, done) = (AtomicBool::new(false), AtomicBool::new(false));
    thread::scope(|scope| {
        let other = scope.spawn(|| {
            enter(runtime, |ctx| {
                inside.store(true, Ordering::Release);
                runtime.detached(ctx, || {
                    while !done.load(Ordering::Acquire) {
                        thread::park();
                    }
                });
            })
        });
        while !inside.load(Ordering::Acquire) {
            thread::yield_now();
        }
        let result = enter(runtime, |ctx| body(runtime, ctx));
        done.store(true, Ordering::Release);
        other.thread().unpark();
        result
    })
}

/// Runs `body` on the calling thread as a thread of `runtime`.
pub fn enter<R>(runtime: &'static Runtime, body: impl FnOnce(&mut Ctx) -> R) -> R {
    let result = runtime.attach(|ctx| {
        let host = (&raw const *runtime).cast_mut().cast();
        ctx.thread().host.set(host);
        body(ctx)
    });
    result.expect("a slot")
}

/// An object that lives as long as the process.
pub fn object<'a>(ctx: &Ctx) -> &'a Header {
    let object = ctx.allocate(PLAIN, HeapKind::Plain, SIZE);
    // SAFETY: never freed, and neither is the heap.
    black_box(unsafe { object.expect("memory").as_ref() })
}
