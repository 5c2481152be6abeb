//! For how long the world stands still while a heap of a million live objects is collected, by the number of threads
//! that mark.
//!
//! ```sh
//! cargo run --release -p kit-std --example pause
//! ```

use kit_core::backend::{
    collector::{Cause, Collector, CycleHost},
    events::Events,
    heap::HeapKind,
};
use kit_core::object::{Header, Kind, Tracer, Word, kind};
use kit_core::thread::{Ctx, Object};
use kit_std::port::Port;
use kit_std::runtime::{Options, Runtime};
use std::cell::Cell;
use std::slice;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

const OBJECTS: usize = 1_000_000;

/// A record: some words right behind its header.
#[repr(C)]
struct Record {
    header: Header,
    len: usize,
    words: [Cell<Word>; 0],
}

// SAFETY: it begins with a header.
unsafe impl Object for Record {}

/// A list: words elsewhere.
#[repr(C)]
struct List {
    header: Header,
    len: usize,
    words: *mut Word,
}

// SAFETY: it begins with a header.
unsafe impl Object for List {}

const NUMBER: Word = Word::int_unchecked(1);
const RECORD: u32 = 1;
const LIST: u32 = 2;

static KINDS: [Kind; 2] = [
    Kind {
        name: "record",
        trace: trace_record,
        clear: kind::clear_nothing,
        drop: |_, _| (),
        discard: None,
        size: |_| 0,
    },
    Kind {
        name: "list",
        trace: trace_list,
        clear: kind::clear_nothing,
        drop: |_, _| (),
        discard: None,
        size: |_| 0,
    },
];

unsafe fn trace_record(object: *const Header, tracer: &mut Tracer<'_>) {
    let record: *const Record = object.cast();
    // SAFETY: of this kind; the words follow.
    unsafe {
        let words = (&raw const (*record).words).cast::<Word>();
        tracer.words(slice::from_raw_parts(words, (*record).len));
    }
}

unsafe fn trace_list(object: *const Header, tracer: &mut Tracer<'_>) {
    // SAFETY: of this kind; the buffer stays.
    unsafe {
        let list = &*object.cast::<List>();
        tracer.rows(list.words, list.len, 1, 0);
    }
}

fn record(ctx: &Ctx, words: &[Word]) -> Word {
    let size = size_of::<Record>() + words.len() * 8;
    let mut object = (ctx.uninit::<Record>(RECORD, HeapKind::Collected, size)).expect("memory");
    let record = object.as_ptr();
    // SAFETY: fresh, with room for the words.
    unsafe {
        (&raw mut (*record).len).write(words.len());
        let place = (&raw mut (*record).words).cast::<Word>();
        place.copy_from_nonoverlapping(words.as_ptr(), words.len());
        Word::object(object.publish().as_ptr())
    }
}

fn list(ctx: &Ctx, words: &[Word]) -> Word {
    let mut object =
        (ctx.uninit::<List>(LIST, HeapKind::Collected, size_of::<List>())).expect("memory");
    let buffer = (ctx.thread().heap)
        .alloc(HeapKind::Buffer, words.len() * 8 + 8)
        .expect("memory");
    let list = object.as_ptr();
    // SAFETY: fresh, with room for the words.
    unsafe {
        let first = buffer.as_ptr().cast::<Word>();
        first.copy_from_nonoverlapping(words.as_ptr(), words.len());
        (&raw mut (*list).len).write(words.len());
        (&raw mut (*list).words).write(first);
        Word::object(object.publish().as_ptr())
    }
}

/// Everything hangs on one reference.
struct Root(AtomicU64);

static ROOT: Root = Root(AtomicU64::new(0));

// SAFETY: it reports a reference that is held, or none.
unsafe impl CycleHost for Root {
    fn alive(&self, visit: &mut dyn FnMut(Word)) {
        visit(Word::from_bits(self.0.load(Relaxed)));
    }
}

/// Makes a heap; returns what everything in it hangs on.
type Build = fn(&Ctx) -> Vec<Word>;

fn measure(name: &str, runtime: &'static Runtime, ctx: &mut Ctx, build: Build) {
    let all = build(ctx);
    ROOT.0.store(list(ctx, &all).bits(), Relaxed);
    print!("{name:>20}");
    for threads in [1, 2, 4] {
        runtime.set_collector_threads(threads);
        let mut times: Vec<_> = (0..15)
            .map(|_| {
                let report = runtime.collector().collect_for(ctx, Cause::Test);
                let report = report.expect("memory");
                assert_eq!(report.unreachable, 0);
                report.longest
            })
            .collect();
        times.sort_unstable();
        let longest = times[times.len() / 2];
        print!("  {threads}: {:6.2} ms", longest as f64 / 1e6);
    }
    println!();
    ROOT.0.store(0, Relaxed);
}

fn main() {
    // Nothing here dies, and nobody is interrupted.
    unsafe fn dying(_: &mut Ctx, _: *mut Header) -> bool {
        true
    }
    unsafe fn interrupt(_: &mut Ctx) -> bool {
        true
    }
    let work: [(&str, Build); 4] = [
        ("records and lists", |ctx| {
            (0..OBJECTS / 2)
                .map(|_| record(ctx, &[list(ctx, &[NUMBER])]))
                .collect()
        }),
        ("lists", |ctx| {
            (0..OBJECTS).map(|_| list(ctx, &[NUMBER; 4])).collect()
        }),
        ("records", |ctx| {
            (0..OBJECTS).map(|_| record(ctx, &[NUMBER; 7])).collect()
        }),
        ("random records", |ctx| {
            let (mut all, mut random) = (Vec::<Word>::new(), 1_u64);
            let mut below = |limit: usize| {
                random = random.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(1);
                (random >> 33) as usize % limit
            };
            for _ in 0..OBJECTS {
                let words: [Word; 4] = std::array::from_fn(|_| {
                    let at = below(all.len() + 1);
                    all.get(at).copied().unwrap_or(NUMBER)
                });
                all.push(record(ctx, &words));
            }
            for index in (1..all.len()).rev() {
                all.swap(index, below(index));
            }
            all
        }),
    ];
    for (name, build) in work {
        let options = Options {
            port: Port::SYSTEM,
            types: 8,
            reserved_types: 4,
            heap: Default::default(),
            memory_limit: usize::MAX,
            events: Events { dying, interrupt },
            cycles: &ROOT,
            code: Default::default(),
        };
        let runtime = Runtime::new(options).expect("memory");
        runtime.types().define(RECORD, &KINDS[0]);
        runtime.types().define(LIST, &KINDS[1]);
        runtime
            .attach(|ctx| measure(name, runtime, ctx, build))
            .expect("memory");
    }
}
