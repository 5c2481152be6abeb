//! Runtimes whose objects lie in a static array, in blocks of their own: circles of them are collected, and their memory
//! is used again.

use kit_alloc::small::{
    bump::Bump,
    pool::{Pool, Pools},
    region::Region,
};
use kit_core::{
    backend::{
        collector::{Collector, PlainHost},
        events::Events,
        heap::HeapKind,
    },
    object::{Bits, Header, Kind, Tracer, Word},
    platform::memory::Memory,
    thread::Ctx,
};
use kit_std::port::Port;
use kit_std::runtime::{HeapChoice, Options, Runtime};
use std::{
    cell::Cell,
    mem::MaybeUninit,
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
    thread,
};

/// A header, a reference, and something to look at.
#[repr(C)]
struct Link {
    header: Header,
    next: Cell<Word>,
    number: Cell<usize>,
}

const LINK: u32 = 1;

/// A runtime, and how many of its links live.
struct World {
    runtime: &'static Runtime,
    live: AtomicUsize,
}

fn world(ctx: &Ctx) -> &'static World {
    // SAFETY: stored by `run`.
    unsafe { &*ctx.host().cast::<World>() }
}

unsafe fn trace(object: *const Header, tracer: &mut Tracer<'_>) {
    // SAFETY: all objects here are links.
    tracer.word(unsafe { &*object.cast::<Link>() }.next.get());
}

unsafe fn clear(object: *const Header, ctx: &mut Ctx) {
    // SAFETY: as above; the field gives its reference up.
    unsafe { ctx.release((*object.cast::<Link>()).next.replace(Word::NULL)) };
}

unsafe fn drop_link(object: *mut Header, ctx: &mut Ctx) {
    world(ctx).live.fetch_sub(1, SeqCst);
    // SAFETY: as above.
    unsafe {
        ctx.thread()
            .release_later((*object.cast::<Link>()).next.replace(Word::NULL))
    };
}

unsafe fn size(_: *const Header) -> usize {
    size_of::<Link>()
}

static KIND: Kind = Kind {
    name: "link",
    trace,
    clear,
    drop: drop_link,
    discard: None,
    size,
};

unsafe fn dying(_: &mut Ctx, _: *mut Header) -> bool {
    true
}

unsafe fn interrupt(ctx: &mut Ctx) -> bool {
    world(ctx).runtime.interrupt(ctx) != 0
}

fn forever<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

fn array(size: usize) -> &'static mut [MaybeUninit<u8>] {
    Box::leak(Box::new_uninit_slice(size))
}

fn new_world(memory: &'static Memory) -> &'static World {
    let runtime = Runtime::new(Options {
        port: Port::SYSTEM,
        types: 8,
        reserved_types: 4,
        heap: HeapChoice::Delegating(memory),
        memory_limit: usize::MAX,
        events: Events { dying, interrupt },
        cycles: &PlainHost,
        code: Default::default(),
    })
    .expect("memory");
    runtime.types().define(LINK, &KIND);
    forever(World {
        runtime,
        live: AtomicUsize::new(0),
    })
}

impl World {
    fn run<R>(&'static self, body: impl FnOnce(&mut Ctx) -> R) -> R {
        self.runtime
            .attach(|ctx| {
                let host = std::ptr::from_ref(self).cast_mut().cast();
                ctx.thread().host.set(host);
                body(ctx)
            })
            .expect("a thread")
    }

    /// Collects, and waits until what was freed is the allocator's.
    fn collect(&self, ctx: &mut Ctx) -> usize {
        let collected = self
            .runtime
            .collector()
            .collect(ctx)
            .expect("memory for the tables");
        for _ in 0..3 {
            assert!(!ctx.poll());
            ctx.thread().heap.collect(true);
        }
        collected.unreachable
    }

    fn live(&self) -> usize {
        self.live.load(SeqCst)
    }
}

/// A link to itself.
fn link(ctx: &Ctx, kind: HeapKind, number: usize) -> Option<Word> {
    let thread = ctx.thread();
    let offset = kind.header_offset();
    let block = thread.heap.alloc(kind, size_of::<Link>() + offset)?;
    // SAFETY: fresh, and large enough; the reference to itself is counted. The bit says that there is a prefix.
    let word = unsafe {
        let link = block.add(offset).cast::<Link>().as_ptr();
        let word = Word::object(link.cast());
        let bits = if offset == 0 {
            Bits::empty()
        } else {
            Bits::USER
        };
        Header::init(&raw mut (*link).header, LINK, ctx.counter(), bits);
        ctx.retain(word);
        (&raw mut (*link).next).write(Cell::new(word));
        (&raw mut (*link).number).write(Cell::new(number));
        (*link).header.set_bits(Bits::TRACKED);
        word
    };
    thread.allocated.set(thread.allocated.get() + 1);
    world(ctx).live.fetch_add(1, SeqCst);
    Some(word)
}

/// Makes circles and gives them up, until there is no memory or enough of them; how many links.
fn litter(ctx: &mut Ctx, most: usize) -> usize {
    let mut lost = 0;
    while lost < most {
        let Some(one) = link(ctx, HeapKind::Collected, lost) else {
            break;
        };
        lost += 1;
        let two = link(ctx, HeapKind::Prefixed, lost);
        lost += usize::from(two.is_some());
        // SAFETY: both are alive; what is given up is a reference that was counted.
        unsafe {
            match two {
                // Each holds the other instead of itself.
                Some(two) => {
                    let [one_next, two_next] =
                        [one, two].map(|word| &(*word.as_object().cast::<Link>()).next);
                    one_next.set(two);
                    two_next.set(one);
                    ctx.release(two);
                    ctx.release(one);
                }
                None => ctx.release(one),
            }
        }
        assert!(!ctx.poll());
    }
    lost
}

/// Circles come and go, in a heap that has no room for all; one that is held stays.
fn exercise(memory: &'static Memory, rounds: usize, most: usize) {
    let world = new_world(memory);
    world.run(|ctx| {
        let kept = link(ctx, HeapKind::Prefixed, 77).expect("memory");
        for round in 0..rounds {
            let lost = litter(ctx, most);
            assert!(lost > 50, "round {round}: no memory for more than {lost}");
            assert_eq!(world.live(), lost + 1);
            assert_eq!(world.collect(ctx), lost, "round {round}");
            assert_eq!(world.live(), 1);
        }
        // SAFETY: alive; then its circle is all that holds it.
        unsafe {
            assert_eq!((*kept.as_object().cast::<Link>()).number.get(), 77);
            ctx.release(kept);
        }
        assert_eq!((world.collect(ctx), world.live()), (1, 0));
    });
    // Others use what this thread left.
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| world.run(|ctx| litter(ctx, 40)));
        }
    });
    world.run(|ctx| {
        let lost = world.live();
        assert_eq!((world.collect(ctx), world.live()), (lost, 0));
    });
}

#[test]
fn circles_in_a_region_are_collected_when_it_is_full() {
    let region = forever(Region::new(array(64 << 10)).expect("room"));
    exercise(region, 20, 300);
    let small = forever(Region::new(array(8 << 20)).expect("room"));
    exercise(small, 20, 3000);
}

#[test]
fn circles_in_pools_are_collected() {
    let sizes = [
        (64, 512),
        (96, 512),
        (1024, 16),
        (8 << 10, 4),
        (64 << 10, 2),
    ];
    let pools: Vec<Pool> = sizes
        .into_iter()
        .map(|(size, count)| {
            let list = Box::leak(Box::new(heapless::Vec::<u32, 512>::new()));
            Pool::new(array(size * count), size, list)
        })
        .collect();
    exercise(forever(Pools::new(Vec::leak(pools))), 20, 300);
}

#[test]
fn circles_in_a_bump_are_collected_until_it_ends() {
    let bump = forever(Bump::new(array(1 << 20)));
    exercise(bump, 10, 300);
    let world = new_world(forever(Bump::new(array(32 << 10))));
    world.run(|ctx| {
        let lost = litter(ctx, usize::MAX);
        assert!(lost > 100 && link(ctx, HeapKind::Collected, 0).is_none());
    });
}
