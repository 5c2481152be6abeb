//! Per-thread counts in a runtime: threads that come and go refer to shared objects while others collect.

use kit_core::{
    backend::{
        collector::{Collector, PlainHost},
        events::Events,
        heap::HeapKind,
    },
    object::{Bits, Header, Kind, Tracer},
    refcount::per_thread::{CountId, CountedPerThread},
    thread::Ctx,
};
use kit_std::port::Port;
use kit_std::runtime::{Options, Runtime};
use std::{
    sync::OnceLock,
    sync::atomic::{AtomicIsize, AtomicPtr, AtomicUsize, Ordering::SeqCst},
    thread,
};

/// An object that everybody refers to.
#[repr(C)]
struct Shared {
    header: Header,
    id: CountId,
}

// SAFETY: one object, which does not move.
unsafe impl CountedPerThread for Shared {
    fn header(&self) -> &Header {
        &self.header
    }

    fn count_id(&self) -> &CountId {
        &self.id
    }
}

const SHARED: u32 = 1;
const OBJECTS: usize = 80;
const ROUNDS: usize = 40_000;

static RUNTIME: OnceLock<&'static Runtime> = OnceLock::new();
static DROPPED: AtomicUsize = AtomicUsize::new(0);

unsafe fn trace(_: *const Header, _: &mut Tracer<'_>) {}

unsafe fn clear(_: *const Header, _: &mut Ctx) {}

unsafe fn drop_shared(_: *mut Header, _: &mut Ctx) {
    DROPPED.fetch_add(1, SeqCst);
}

unsafe fn size(_: *const Header) -> usize {
    size_of::<Shared>()
}

static KIND: Kind = Kind {
    name: "shared",
    trace,
    clear,
    drop: drop_shared,
    discard: None,
    size,
};

unsafe fn dying(_: &mut Ctx, _: *mut Header) -> bool {
    true
}

unsafe fn interrupt(ctx: &mut Ctx) -> bool {
    RUNTIME.get().unwrap().interrupt(ctx);
    false
}

fn shared(ctx: &Ctx) -> *mut Shared {
    let block = ctx
        .allocate(SHARED, HeapKind::Collected, size_of::<Shared>())
        .unwrap()
        .as_ptr()
        .cast::<Shared>();
    // SAFETY: fresh, large enough, and this thread's alone.
    unsafe {
        (&raw mut (*block).id).write(CountId::none());
        (*block).header.set_bits(Bits::TRACKED);
        assert!((*block).header.enable_deferred(ctx.counter(), 1));
        assert!(ctx.count_per_thread(&*block));
    }
    block
}

/// References are taken and dropped in any order, by any thread, in either way of counting; a thread that has
/// left leaves its counts. In the end each object has as many as were kept, and dies when these are dropped.
#[test]
fn every_reference_is_counted_once() {
    let runtime = Runtime::new(Options {
        port: Port::SYSTEM,
        types: 8,
        reserved_types: 4,
        heap: kit_std::runtime::HeapChoice::Paged,
        memory_limit: usize::MAX,
        events: Events { dying, interrupt },
        cycles: &PlainHost,
        code: Default::default(),
    })
    .unwrap();
    runtime.types().define(SHARED, &KIND);
    RUNTIME.set(runtime).ok().unwrap();
    let objects = [(); OBJECTS].map(|()| AtomicPtr::<Shared>::default());
    let kept = [(); OBJECTS].map(|()| AtomicIsize::new(0));
    runtime
        .attach(|ctx| {
            for object in &objects {
                object.store(shared(ctx), SeqCst);
            }
        })
        .unwrap();
    let work = |seed: usize| {
        let mut random = 0x9E37_79B9_7F4A_7C15 ^ seed as u64;
        let mut below = move |limit: usize| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            (random >> 20) as usize % limit
        };
        for _ in 0..4 {
            let body = |ctx: &mut Ctx| {
                for round in 0..ROUNDS {
                    let index = below(OBJECTS);
                    // SAFETY: the maker's reference keeps the object until all threads have left; as many
                    // references are dropped below as were taken.
                    unsafe {
                        let object = &*objects[index].load(SeqCst);
                        // Whatever is taken may be dropped by another thread, or counted in the other way.
                        match below(4) {
                            0 | 1 => {
                                ctx.thread().retain_per_thread(object);
                                kept[index].fetch_add(1, SeqCst);
                            }
                            2 => {
                                object.header.retain(ctx.counter());
                                kept[index].fetch_add(1, SeqCst);
                            }
                            _ => {
                                let some = kept[index]
                                    .fetch_update(SeqCst, SeqCst, |n| (n > 0).then(|| n - 1));
                                if some.is_ok() {
                                    ctx.thread().release_per_thread(object);
                                }
                            }
                        }
                    }
                    if round % 500 == 499 {
                        // Another thread may be collecting.
                        let _ = runtime.collector().collect(ctx);
                    }
                    let _ = ctx.poll();
                }
            };
            // Its counts stay behind each time.
            runtime.attach(body).unwrap();
        }
    };
    thread::scope(|scope| {
        for seed in 1..4 {
            let work = &work;
            scope.spawn(move || work(seed));
        }
    });
    runtime
        .attach(|ctx| {
            assert_eq!(runtime.collector().collect(ctx).unwrap().unreachable, 0);
            for (object, kept) in objects.iter().zip(&kept) {
                let kept = kept.load(SeqCst);
                // SAFETY: the maker's reference, and those that were kept, are given up here.
                unsafe {
                    let object = &*object.load(SeqCst);
                    assert_eq!(object.header.references(), 1 + kept as i64);
                    assert_eq!(ctx.thread().counted_per_thread(&object.id), 0);
                    for _ in 0..=kept {
                        ctx.thread().release_per_thread(object);
                    }
                }
            }
            let found = runtime.collector().collect(ctx).unwrap();
            assert_eq!(found.unreachable, OBJECTS);
            assert_eq!(DROPPED.load(SeqCst), OBJECTS);
            // The ids are free again.
            let first = shared(ctx);
            // SAFETY: just made.
            assert!(unsafe { (*first).id.get() } as usize <= OBJECTS);
        })
        .unwrap();
}
