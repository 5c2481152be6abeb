//! A heap, paged or delegating, under everything at once: threads that leave while others free into their pages, pages that are
//! adopted, lists that are resized under readers, and collections that walk the heap meanwhile.
//!
//! Every block carries a mark, which whoever looks at it checks, and at the end nothing is left. With the feature
//! `checks` the heap looks at each block too. `.ci/stress` runs it for ten minutes; `KIT_STORM_SECONDS` says how long
//! otherwise.

use kit_core::{
    backend::{
        collector::{Collector, PlainHost},
        events::Events,
        heap::{HeapKind, Kinds},
        world::Stopped,
    },
    object::{Bits, Header, Kind, Tracer, Word},
    thread::{Ctx, breaker},
};
use kit_std::port::Port;
use kit_std::runtime::{HeapChoice, Options, Runtime};
use std::{
    cell::Cell,
    ptr::{self, NonNull},
    sync::{
        Mutex, PoisonError,
        atomic::{
            AtomicBool, AtomicIsize, AtomicPtr, AtomicU64, AtomicUsize,
            Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst},
        },
    },
    thread,
    time::{Duration, Instant},
};

/// An object: a header, a mark of life, a counted reference, how large it is, and more bytes.
#[repr(C)]
struct Node {
    header: Header,
    canary: AtomicU64,
    edge: Cell<Word>,
    bytes: Cell<usize>,
}

const NODE: u32 = 1;
const ALIVE: u64 = 0x0ddb_a11a_11fe_ed01;
const DEAD: u64 = 0x0ddb_a11a_11fe_ed02;

/// What all threads share.
struct Storm {
    runtime: &'static Runtime,
    lists: [List; 8],
    /// References that whoever wants to may drop.
    left: Mutex<Vec<u64>>,
    /// Buffers that whoever wants to may free, with their sizes.
    buffers: Mutex<Vec<(usize, usize)>>,
    over: AtomicBool,
    live: AtomicIsize,
    seeds: AtomicU64,
    counts: [AtomicUsize; 7],
}

/// Which of the counts.
#[derive(Clone, Copy)]
enum Count {
    Threads,
    Objects,
    Buffers,
    Resized,
    Read,
    Collections,
    Walked,
}

/// A list that readers look at without a lock.
struct List {
    items: AtomicPtr<Items>,
    writer: Mutex<()>,
}

/// In a buffer of the heap: a mark, how many, and as many words.
#[repr(C)]
struct Items {
    mark: AtomicU64,
    len: usize,
    words: [AtomicU64; 0],
}

impl Items {
    const MARK: u64 = 0x1157_1157_1157_1157;

    fn size(len: usize) -> usize {
        size_of::<Items>() + len * size_of::<u64>()
    }

    /// # Safety
    ///
    /// - The buffer is one that `make` made, and no quiescent state was reported since it was found.
    unsafe fn words<'a>(this: *const Items) -> &'a [AtomicU64] {
        // SAFETY: as `make` wrote it; nobody changes the length.
        unsafe {
            assert_eq!(
                (*this).mark.load(Relaxed),
                Items::MARK,
                "items that changed"
            );
            std::slice::from_raw_parts((&raw const (*this).words).cast(), (*this).len)
        }
    }

    fn make(ctx: &Ctx, len: usize) -> *mut Items {
        let heap = &ctx.thread().heap;
        let block = heap
            .alloc(HeapKind::Buffer, Items::size(len))
            .expect("memory");
        let this = block.cast::<Items>().as_ptr();
        // SAFETY: fresh, and large enough.
        unsafe {
            (&raw mut (*this).mark).write(AtomicU64::new(Items::MARK));
            (&raw mut (*this).len).write(len);
            (&raw mut (*this).words).cast::<u64>().write_bytes(0, len);
        }
        this
    }
}

fn storm(ctx: &Ctx) -> &'static Storm {
    // SAFETY: stored by `run`.
    unsafe { &*ctx.host().cast::<Storm>() }
}

unsafe fn trace(object: *const Header, tracer: &mut Tracer<'_>) {
    // SAFETY: of this kind.
    tracer.word(unsafe { &*object.cast::<Node>() }.edge.get());
}

unsafe fn clear(object: *const Header, ctx: &mut Ctx) {
    // SAFETY: of this kind; the edge owned its reference.
    unsafe { ctx.release((*object.cast::<Node>()).edge.replace(Word::NULL)) };
}

unsafe fn drop_node(object: *mut Header, ctx: &mut Ctx) {
    // SAFETY: of this kind; the edge owned its reference.
    unsafe {
        let node = &*object.cast::<Node>();
        assert_eq!(node.canary.swap(DEAD, Relaxed), ALIVE, "died twice");
        ctx.thread().release_later(node.edge.replace(Word::NULL));
    }
    storm(ctx).live.fetch_sub(1, Relaxed);
}

unsafe fn size(object: *const Header) -> usize {
    // SAFETY: of this kind.
    unsafe { &*object.cast::<Node>() }.bytes.get()
}

static KIND: Kind = Kind {
    name: "node",
    trace,
    clear,
    drop: drop_node,
    discard: None,
    size,
};

unsafe fn dying(_: &mut Ctx, _: *mut Header) -> bool {
    true
}

unsafe fn interrupt(ctx: &mut Ctx) -> bool {
    let runtime = storm(ctx).runtime;
    if runtime.interrupt(ctx) & breaker::GC != 0 {
        // Those who make garbage collect, too: one thread would not be given the time where many others run.
        ctx.thread().core.breaker.take(breaker::GC);
        runtime.collect_if_due(ctx);
    }
    false
}

/// A generator of small numbers.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end
    }

    /// Mostly small, sometimes a medium page's, rarely one with a page of its own or a segment.
    fn bytes(&mut self) -> usize {
        match self.below(200) {
            0 => self.below(1 << 17),
            1 if self.below(40) == 0 => self.below(5 << 20),
            2..10 => self.below(1 << 14),
            _ => self.below(300),
        }
    }
}

/// One thread that fails ends it for all.
struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.store(true, SeqCst);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Storm {
    fn new(heap: HeapChoice) -> &'static Storm {
        let runtime = Runtime::new(Options {
            port: Port::SYSTEM,
            types: 4,
            reserved_types: 2,
            heap,
            memory_limit: 1 << 30,
            events: Events { dying, interrupt },
            cycles: &PlainHost,
            code: Default::default(),
        })
        .unwrap();
        runtime.types().define(NODE, &KIND);
        Box::leak(Box::new(Storm {
            runtime,
            lists: std::array::from_fn(|_| List {
                items: AtomicPtr::new(ptr::null_mut()),
                writer: Mutex::new(()),
            }),
            left: Mutex::default(),
            buffers: Mutex::default(),
            over: AtomicBool::new(false),
            live: AtomicIsize::new(0),
            seeds: AtomicU64::new(1),
            counts: [const { AtomicUsize::new(0) }; 7],
        }))
    }

    /// Runs `body` on the calling thread, attached.
    fn run<R>(&'static self, body: impl FnOnce(&mut Ctx) -> R) -> R {
        let _ends = Ends(&self.over);
        self.runtime
            .attach(|ctx| {
                ctx.thread().host.set(ptr::from_ref(self).cast_mut().cast());
                body(ctx)
            })
            .unwrap()
    }

    fn random(&self) -> Random {
        let seed = self.seeds.fetch_add(1, Relaxed);
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn count(&self, which: Count, more: usize) {
        self.counts[which as usize].fetch_add(more, Relaxed);
    }

    fn counted(&self, which: Count) -> usize {
        self.counts[which as usize].load(Relaxed)
    }

    /// A new object: one reference, the caller's.
    fn node(&self, ctx: &Ctx, random: &mut Random) -> Word {
        let kind = [HeapKind::Plain, HeapKind::Collected, HeapKind::Collected][random.below(3)];
        let bytes = size_of::<Node>() + random.bytes().min(1 << 15);
        let header = ctx.allocate(NODE, kind, bytes).expect("memory");
        let node = header.cast::<Node>().as_ptr();
        // SAFETY: a fresh block of that size.
        unsafe {
            (&raw mut (*node).canary).write(AtomicU64::new(ALIVE));
            (&raw mut (*node).edge).write(Cell::new(Word::NULL));
            (&raw mut (*node).bytes).write(Cell::new(bytes));
            if kind != HeapKind::Plain {
                (*node).header.set_bits_private(Bits::TRACKED);
                if random.below(4) == 0 {
                    // A cycle, which only a collection frees.
                    let own = Word::object(header.as_ptr());
                    ctx.retain(own);
                    (*node).edge.set(own);
                }
            }
            (*node).header.publish();
        }
        self.live.fetch_add(1, Relaxed);
        self.count(Count::Objects, 1);
        Word::object(header.as_ptr())
    }

    /// A thread that makes objects and buffers, leaves them to others, drops and frees what others left, and goes.
    fn short_life(&'static self, ctx: &mut Ctx) {
        let mut random = self.random();
        self.count(Count::Threads, 1);
        for _ in 0..20 + random.below(200) {
            for _ in 0..random.below(8) {
                let word = self.node(ctx, &mut random);
                lock(&self.left).push(word.bits());
            }
            if random.below(2) == 0 {
                let bytes = random.bytes().max(16);
                let heap = &ctx.thread().heap;
                let block = heap.alloc_sized(HeapKind::Buffer, bytes, bytes > 1 << 16);
                let block = block.expect("memory");
                // SAFETY: ours, of that size.
                unsafe {
                    block.cast::<usize>().write_unaligned(bytes);
                    block.add(bytes - 8).cast::<usize>().write_unaligned(bytes);
                }
                let mut buffers = lock(&self.buffers);
                buffers.push((block.as_ptr().expose_provenance(), bytes));
            }
            let dropped = {
                let mut left = lock(&self.left);
                let most = if left.len() > 20_000 { 16 } else { 8 };
                let many = random.below(most).min(left.len());
                // In order, so that neighbours go together; or anything.
                let from = random.below(left.len() + 1 - many);
                left.drain(from..from + many).collect::<Vec<_>>()
            };
            for bits in dropped {
                let word = Word::from_bits(bits);
                // SAFETY: the list owned a reference.
                unsafe {
                    let node = &*word.as_object().cast::<Node>();
                    assert_eq!(node.canary.load(Relaxed), ALIVE);
                    ctx.release(word);
                }
            }
            let freed = {
                let mut buffers = lock(&self.buffers);
                if buffers.len() > 500 || random.below(2) == 0 && !buffers.is_empty() {
                    let index = random.below(buffers.len());
                    Some(buffers.swap_remove(index))
                } else {
                    None
                }
            };
            if let Some(buffer) = freed {
                self.free(ctx, buffer);
            }
            let _ = ctx.poll();
        }
    }

    fn free(&self, ctx: &Ctx, (block, bytes): (usize, usize)) {
        let block = NonNull::new(ptr::with_exposed_provenance_mut::<u8>(block)).unwrap();
        // SAFETY: as it was allocated, and nobody else's.
        unsafe {
            assert_eq!(block.add(bytes - 8).cast::<usize>().read_unaligned(), bytes);
            if bytes > 16 {
                assert_eq!(block.cast::<usize>().read_unaligned(), bytes);
            }
            ctx.thread().heap.free(block);
        }
        self.count(Count::Buffers, 1);
    }

    /// Changes lists, and resizes them.
    fn write(&'static self, ctx: &mut Ctx) {
        let mut random = self.random();
        while !self.over.load(Relaxed) {
            let list = &self.lists[random.below(self.lists.len())];
            let (mut dropped, mut retired) = (Vec::new(), ptr::null_mut());
            {
                let _writer = lock(&list.writer);
                let items = list.items.load(Relaxed);
                // SAFETY: only writers replace items, and we have the lock.
                let words = (!items.is_null()).then(|| unsafe { Items::words(items) });
                let words = words.unwrap_or(&[]);
                if words.is_empty() || random.below(8) == 0 {
                    let most = 1 << random.below(12);
                    let len = 1 + random.below(most);
                    let new = Items::make(ctx, len);
                    for (index, word) in words.iter().enumerate() {
                        match len > index {
                            // SAFETY: ours, and as long as that.
                            true => unsafe { &Items::words(new)[index] }
                                .store(word.load(Relaxed), Relaxed),
                            false => dropped.push(word.load(Relaxed)),
                        }
                    }
                    // Release, paired with readers: they see what was copied.
                    list.items.store(new, Release);
                    retired = items;
                    self.count(Count::Resized, 1);
                } else {
                    let word = self.node(ctx, &mut random);
                    // AcqRel, paired with readers: they see the object.
                    let old = words[random.below(words.len())].swap(word.bits(), AcqRel);
                    dropped.push(old);
                }
            }
            if !retired.is_null() {
                // SAFETY: unlinked; only readers from before can find it.
                unsafe {
                    let size = Items::size((*retired).len);
                    ctx.retire_buffer(NonNull::new_unchecked(retired.cast()), size);
                }
            }
            for bits in dropped {
                if bits != 0 {
                    // SAFETY: the list owned a reference.
                    unsafe { ctx.release(Word::from_bits(bits)) };
                }
            }
            let _ = ctx.poll();
        }
    }

    /// Reads lists while they change.
    fn read(&'static self, ctx: &mut Ctx) {
        let mut random = self.random();
        while !self.over.load(Relaxed) {
            for _ in 0..64 {
                let list = &self.lists[random.below(self.lists.len())];
                let items = list.items.load(Acquire);
                if items.is_null() {
                    continue;
                }
                // SAFETY: found just now.
                let words = unsafe { Items::words(items) };
                let place = &words[random.below(words.len())];
                let bits = place.load(Acquire);
                if bits == 0 {
                    continue;
                }
                let word = Word::from_bits(bits);
                // SAFETY: found just now, so it is an object's block, live or not.
                unsafe {
                    let node = word.as_object().cast::<Node>();
                    if !(*node).header.try_retain(ctx.counter()) {
                        continue;
                    }
                    if place.load(Acquire) == bits && list.items.load(Acquire) == items {
                        assert_eq!((*node).canary.load(Relaxed), ALIVE, "found dead");
                        self.count(Count::Read, 1);
                    }
                    ctx.release(word);
                }
            }
            let _ = ctx.poll();
        }
    }

    /// Collects, and looks at all objects meanwhile.
    fn collect(&'static self, ctx: &mut Ctx) {
        while !self.over.load(Relaxed) {
            if self.runtime.collector().collect(ctx).is_ok() {
                self.count(Count::Collections, 1);
            }
            let seen = self.walk(ctx);
            self.count(Count::Walked, seen);
            let _ = ctx.poll();
            self.runtime
                .detached(ctx, || thread::sleep(Duration::from_millis(20)));
        }
    }

    /// How many objects a walk meets, each of which has its mark.
    fn walk(&self, ctx: &Ctx) -> usize {
        let mut seen = 0;
        if let Ok(_stopped) = Stopped::stop(self.runtime.world(), ctx) {
            // SAFETY: the world is stopped; every object has its mark before its thread next polls.
            unsafe {
                (self.runtime.heap()).for_each_block(Kinds::OBJECTS, |block, _| {
                    let node = block.cast::<Node>().as_ref();
                    let mark = node.canary.load(Relaxed);
                    assert!(mark == ALIVE || mark == DEAD, "no object: {mark:x}");
                    seen += 1;
                });
            }
        }
        seen
    }
}

/// How long a storm lasts.
fn seconds() -> u64 {
    std::env::var("KIT_STORM_SECONDS").map_or(3, |text| text.parse().expect("seconds"))
}

#[test]
fn nothing_is_lost_in_the_storm() {
    nothing_is_lost(HeapChoice::Paged, seconds());
}

#[test]
fn nothing_is_lost_where_each_block_is_an_allocation() {
    let memory = &std::alloc::System;
    nothing_is_lost(HeapChoice::Delegating(memory), seconds().div_ceil(3));
}

fn nothing_is_lost(heap: HeapChoice, seconds: u64) {
    let end = Instant::now() + Duration::from_secs(seconds);
    let storm = Storm::new(heap);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| storm.run(|ctx| storm.write(ctx)));
            scope.spawn(|| storm.run(|ctx| storm.read(ctx)));
            scope.spawn(|| {
                while !storm.over.load(Relaxed) {
                    // Two at a time, one of which sees the other leave.
                    thread::scope(|scope| {
                        for _ in 0..2 {
                            scope.spawn(|| storm.run(|ctx| storm.short_life(ctx)));
                        }
                    });
                }
            });
        }
        scope.spawn(|| storm.run(|ctx| storm.collect(ctx)));
        while Instant::now() < end && !storm.over.load(SeqCst) {
            thread::sleep(Duration::from_millis(100));
        }
        storm.over.store(true, SeqCst);
    });
    let bytes = storm.runtime.heap().bytes();
    storm.run(|ctx| {
        for list in &storm.lists {
            let items = list.items.swap(ptr::null_mut(), AcqRel);
            if items.is_null() {
                continue;
            }
            // SAFETY: nobody else is left; the list owned its references.
            unsafe {
                for word in Items::words(items) {
                    match word.load(Relaxed) {
                        0 => {}
                        bits => ctx.release(Word::from_bits(bits)),
                    }
                }
                ctx.thread().heap.free(NonNull::new_unchecked(items.cast()));
            }
        }
        for bits in lock(&storm.left).drain(..) {
            // SAFETY: the list owned a reference.
            unsafe { ctx.release(Word::from_bits(bits)) };
        }
        for buffer in lock(&storm.buffers).drain(..) {
            storm.free(ctx, buffer);
        }
        for _ in 0..3 {
            storm.runtime.collector().collect(ctx).unwrap();
            ctx.thread().heap.collect(true);
            let _ = ctx.poll();
        }
        assert_eq!(storm.walk(ctx), 0, "the heap has objects that are dead");
    });
    assert_eq!(storm.live.load(SeqCst), 0, "objects are left");
    assert_eq!(storm.runtime.thread_count(), 0);
    let left = storm.runtime.heap().bytes();
    assert!(left < 32 << 20, "{left} bytes are kept for nothing");
    println!(
        "{seconds} s: {} threads came and went, {} objects, {} buffers, {} lists resized, {} items read, \
         {} collections, {} objects walked; {} KiB in use at the end, {} KiB when all was freed",
        storm.counted(Count::Threads),
        storm.counted(Count::Objects),
        storm.counted(Count::Buffers),
        storm.counted(Count::Resized),
        storm.counted(Count::Read),
        storm.counted(Count::Collections),
        storm.counted(Count::Walked),
        bytes >> 10,
        left >> 10,
    );
}
