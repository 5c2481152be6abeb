//! References in slots: each operation on each tag, collections that find nothing else, and, with `debug-refs`, what is
//! reported.

use kit_core::backend::{
    collector::{Collector, PlainHost},
    events::Events,
    heap::HeapKind,
};
use kit_core::object::{Bits, Header, Kind, Tracer, Word, kind};
use kit_core::refcount::stack_ref::{Borrowed, Fresh, StackRef, is_unique_temporary};
use kit_core::thread::Ctx;
use kit_std::port::Port;
use kit_std::runtime::{Options, Runtime};
use std::cell::Cell;
use std::sync::atomic::AtomicU64;

const NODE: u32 = 1;

#[repr(C)]
struct Node {
    header: Header,
    next: Cell<Word>,
}

static KIND: Kind = Kind {
    name: "node",
    trace,
    clear: kind::clear_nothing,
    drop: drop_node,
    discard: None,
    size,
};

unsafe fn trace(object: *const Header, tracer: &mut Tracer<'_>) {
    // SAFETY: all objects here are nodes.
    tracer.word(unsafe { &*object.cast::<Node>() }.next.get());
}

unsafe fn drop_node(object: *mut Header, ctx: &mut Ctx) {
    DROPPED.set(DROPPED.get() + 1);
    // SAFETY: as above; the field gives its reference up.
    unsafe {
        ctx.thread()
            .release_later((*object.cast::<Node>()).next.replace(Word::NULL))
    };
}

unsafe fn size(_: *const Header) -> usize {
    size_of::<Node>()
}

unsafe fn dying(_: &mut Ctx, _: *mut Header) -> bool {
    true
}

unsafe fn interrupt(ctx: &mut Ctx) -> bool {
    runtime(ctx).interrupt(ctx);
    false
}

fn runtime(ctx: &Ctx) -> &'static Runtime {
    // SAFETY: stored by `attach`.
    unsafe { *ctx.host().cast::<&'static Runtime>() }
}

thread_local! {
    static DROPPED: Cell<usize> = const { Cell::new(0) };
}

fn new_runtime() -> &'static Runtime {
    let runtime = Runtime::new(Options {
        port: Port::SYSTEM,
        types: 16,
        reserved_types: 2,
        heap: kit_std::runtime::HeapChoice::Paged,
        memory_limit: 64 << 20,
        events: Events { dying, interrupt },
        cycles: &PlainHost,
        code: Default::default(),
    });
    let runtime: &'static Runtime = runtime.expect("memory");
    runtime.types().define(NODE, &KIND);
    runtime
}

fn attach<R>(runtime: &'static Runtime, body: impl FnOnce(&mut Ctx) -> R) -> R {
    let attached = runtime.attach(|ctx| {
        ctx.thread()
            .host
            .set((&raw const runtime).cast_mut().cast());
        body(ctx)
    });
    attached.expect("a thread")
}

/// A node with one reference, the caller's.
fn node(ctx: &Ctx) -> Word {
    let header = ctx
        .allocate(NODE, HeapKind::Collected, size_of::<Node>())
        .expect("memory");
    // SAFETY: a fresh block of a node's size.
    unsafe {
        (&raw mut (*header.as_ptr().cast::<Node>()).next).write(Cell::new(Word::NULL));
        header.as_ref().set_bits(Bits::TRACKED);
    }
    Word::object(header.as_ptr())
}

fn header(word: Word) -> &'static Header {
    // SAFETY: the tests ask for objects they keep.
    unsafe { &*word.as_object() }
}

fn references(word: Word) -> i64 {
    if word.is_object() {
        header(word).references()
    } else {
        0
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Tag {
    Strong,
    Deferred,
    Borrowed,
    Immortal,
    Int,
    Float,
    Constant,
    Null,
}

const TAGS: [Tag; 8] = [
    Tag::Strong,
    Tag::Deferred,
    Tag::Borrowed,
    Tag::Immortal,
    Tag::Int,
    Tag::Float,
    Tag::Constant,
    Tag::Null,
];

static IMMORTAL: Header = Header::immortal(NODE);

/// A plain word of the kind and what to release of it at the end; and a slot of the tag that refers to it.
fn with_tag(ctx: &mut Ctx, tag: Tag, body: impl FnOnce(&mut Ctx, Word, StackRef)) {
    let word = match tag {
        Tag::Strong | Tag::Deferred | Tag::Borrowed => node(ctx),
        Tag::Immortal => Word::object(&IMMORTAL),
        Tag::Int => Word::int_unchecked(-7),
        Tag::Float => Word::float(2.5).expect("immediate"),
        Tag::Constant => Word::constant(3),
        Tag::Null => Word::NULL,
    };
    // SAFETY: `word` keeps its reference until the end of this function.
    unsafe {
        if tag == Tag::Deferred {
            assert!(header(word).enable_deferred(ctx.counter(), 1));
        }
        let slot = match tag {
            Tag::Borrowed => Fresh::from_borrow(ctx, Borrowed::new(word)),
            _ => Fresh::from_new(ctx, word),
        };
        let slot = slot.into_ref();
        body(ctx, word, slot);
        if tag == Tag::Deferred {
            header(word).disable_deferred();
        }
        ctx.release(word);
    }
}

/// The tag a slot has, as far as the word says.
fn encoded(tag: Tag, word: Word) -> Word {
    match tag {
        Tag::Deferred | Tag::Borrowed | Tag::Immortal => word.deferred(),
        _ => word,
    }
}

#[test]
fn every_operation_does_to_every_tag_what_the_table_says() {
    let runtime = new_runtime();
    attach(runtime, |ctx| {
        for tag in TAGS {
            let counted = i64::from(tag == Tag::Strong);
            let mortal = i64::from(matches!(tag, Tag::Strong | Tag::Deferred | Tag::Borrowed));
            let object = mortal == 1 || tag == Tag::Immortal;
            let before = DROPPED.get();
            with_tag(ctx, tag, |ctx, word, mut slot| {
                let alone = references(word) - counted;
                let check = |slot: &StackRef, more: i64, what: &str| {
                    assert_eq!(slot.word(), encoded(tag, word), "{tag:?}: {what}");
                    assert_eq!(references(word), alone + counted + more, "{tag:?}: {what}");
                };
                check(&slot, 0, "from_new, or from_borrow");
                assert_eq!(slot.is_null(), tag == Tag::Null);
                assert_eq!(slot.is_object(), object);

                // SAFETY: closed before the next safepoint.
                let copy = unsafe { slot.dup(ctx).into_ref() };
                check(&copy, counted, "dup");
                assert!(copy.is(&slot));
                copy.close(ctx);
                check(&slot, 0, "close");

                assert_eq!(slot.borrow().word(), word, "{tag:?}: borrow");
                check(&slot, 0, "borrow");
                // SAFETY: closed before the slot is.
                let lent = unsafe { Fresh::from_borrow(ctx, slot.borrow()).into_ref() };
                let expected = if object { word.deferred() } else { word };
                assert_eq!(lent.word(), expected, "{tag:?}: from_borrow");
                assert!(lent.is(&slot), "{tag:?}: two encodings of one object");
                lent.close_uncounted();
                check(&slot, 0, "from_borrow and its close");

                let moved = slot.take();
                assert!(slot.is_null());
                check(&moved, 0, "take");
                assert!(slot.replace(moved).is_null());
                check(&slot, 0, "replace");

                // SAFETY: taken back at once.
                let given = unsafe { slot.dup(ctx).into_ref() }.into_word();
                assert_eq!(given, encoded(tag, word), "{tag:?}: into_word");
                // SAFETY: the count that `into_word` gave.
                let back = unsafe { StackRef::from_steal(ctx, given) };
                check(&back, counted, "into_word and from_steal");
                back.close(ctx);

                // SAFETY: `word` keeps the object.
                let strong = unsafe { slot.dup(ctx).into_ref().into_strong(ctx) };
                assert_eq!(strong, word, "{tag:?}: into_strong");
                check(&slot, mortal, "into_strong");
                // SAFETY: the count that `into_strong` gave.
                unsafe { ctx.release(strong) };

                // SAFETY: `word` keeps the object; the slots are this function's.
                unsafe {
                    assert_eq!(slot.is_heap_safe(), tag != Tag::Borrowed, "{tag:?}");
                    let mut safe = slot.dup(ctx).into_ref();
                    safe.make_heap_safe(ctx);
                    assert!(safe.is_heap_safe());
                    let taken = i64::from(matches!(tag, Tag::Strong | Tag::Borrowed));
                    assert_eq!(references(word), alone + counted + taken, "{tag:?}");
                    StackRef::clear(&mut safe, ctx);
                    assert!(safe.is_null());
                    check(&slot, 0, "clear");

                    let mut other = StackRef::immediate(Word::int_unchecked(1));
                    let copy = slot.dup(ctx).into_ref();
                    StackRef::set(&mut other, ctx, copy);
                    check(&other, counted, "set");
                    StackRef::set(&mut other, ctx, StackRef::NULL);
                    check(&slot, 0, "set over it");
                }

                let source = AtomicU64::new(word.bits());
                // SAFETY: `word` keeps the object.
                let found = unsafe { Fresh::try_get(ctx, &source) }.expect("it is there");
                // The owner counts its own even where it need not.
                let own = matches!(tag, Tag::Strong | Tag::Borrowed | Tag::Deferred);
                assert_eq!(found.word().plain(), word, "{tag:?}: try_get");
                assert_eq!(
                    found.word().is_deferred(),
                    object && !own,
                    "{tag:?}: try_get"
                );
                // SAFETY: closed here.
                let found = unsafe { found.into_ref() };
                found.close(ctx);
                check(&slot, 0, "try_get and close");

                slot.close(ctx);
                assert_eq!(references(word), alone, "{tag:?}: the last close");
            });
            assert_eq!(DROPPED.get() - before, mortal as usize, "{tag:?}");
        }
        leaks_nothing(ctx);
    });
}

#[test]
fn another_thread_gets_what_was_published_and_is_still_alive() {
    let runtime = new_runtime();
    attach(runtime, |ctx| {
        runtime.expect_company(ctx);
        let [plain, published, deferred] = [node(ctx), node(ctx), node(ctx)];
        header(published).publish();
        // SAFETY: ours.
        assert!(unsafe { header(deferred).enable_deferred(ctx.counter(), 1) });
        let words = [plain, published, deferred].map(Word::bits);
        let found = runtime.detached(ctx, || {
            std::thread::scope(|scope| {
                let other = scope.spawn(|| {
                    attach(runtime, |ctx| {
                        words.map(|bits| {
                            let source = AtomicU64::new(bits);
                            // SAFETY: the first thread keeps the objects meanwhile.
                            let found = unsafe { Fresh::try_get(ctx, &source) };
                            // SAFETY: closed below, before the next safepoint.
                            let found = found.map(|found| unsafe { found.into_ref() });
                            let tags = found.as_ref().map(|found| {
                                let word = found.word();
                                (word.is_counted(), word.is_deferred())
                            });
                            if let Some(found) = found {
                                found.close(ctx);
                            }
                            tags
                        })
                    })
                });
                other.join().expect("no panic")
            })
        });
        assert_eq!(found, [None, Some((true, false)), Some((false, true))]);
        // SAFETY: the references of `node`.
        unsafe {
            header(deferred).disable_deferred();
            for word in [plain, published, deferred] {
                ctx.release(word);
            }
        }
    });
}

#[test]
fn only_a_temporary_is_unique() {
    let runtime = new_runtime();
    attach(runtime, |ctx| {
        // SAFETY: every reference is closed below, borrowed ones first.
        unsafe {
            let word = node(ctx);
            let object = header(word);
            // A temporary: the one reference is on the operand stack.
            let temporary = StackRef::from_steal(ctx, word);
            let mut operands = [StackRef::immediate(Word::int_unchecked(1)), temporary];
            assert!(is_unique_temporary(ctx, &operands, object));
            assert!(!is_unique_temporary(ctx, &operands[..1], object));
            // A local, borrowed by an operand: the count is one, and yet it is not unique.
            let local = operands[1].take();
            operands[1] = Fresh::from_borrow(ctx, local.borrow()).into_ref();
            assert_eq!(object.references(), 1);
            assert!(!is_unique_temporary(ctx, &operands, object));
            operands[1].take().close_uncounted();
            // The topmost operand decides.
            let mut operands = [local, StackRef::NULL];
            operands[1] = Fresh::from_borrow(ctx, operands[0].borrow()).into_ref();
            assert!(!is_unique_temporary(ctx, &operands, object));
            operands[1].take().close_uncounted();
            assert!(is_unique_temporary(ctx, &operands, object));
            // Another reference.
            ctx.retain(word);
            assert!(!is_unique_temporary(ctx, &operands, object));
            ctx.release(word);
            // Others might find it.
            object.publish();
            assert!(!is_unique_temporary(ctx, &operands, object));
            operands[0].take().close(ctx);
            // A deferred object.
            let word = node(ctx);
            assert!(header(word).enable_deferred(ctx.counter(), 1));
            let slot = [Fresh::from_new(ctx, word).into_ref()];
            assert!(!is_unique_temporary(ctx, &slot, header(word)));
            let [slot] = slot;
            slot.close(ctx);
            header(word).disable_deferred();
            ctx.release(word);
        }
        leaks_nothing(ctx);
    });
}

#[test]
fn a_collection_at_every_safepoint_keeps_what_only_deferred_references_hold() {
    let runtime = new_runtime();
    attach(runtime, |ctx| {
        let before = DROPPED.get();
        let heap = ctx.thread() as *const kit_core::thread::Thread;
        // SAFETY: the record outlives the context; the slots are emptied before the chunk is left.
        unsafe {
            let slots = ctx.stack().enter(&(*heap).heap, 8).expect("memory");
            let (object, inner) = (node(ctx), node(ctx));
            assert!(header(object).enable_deferred(ctx.counter(), 1));
            (*object.as_object().cast::<Node>()).next.set(inner);
            let found = Fresh::from_new(ctx, object);
            assert!(found.word().is_deferred());
            assert!(found.put(&mut *slots).is_null());
            ctx.release(object);
            // From here on only a slot without a count refers to the object.
            for round in 0..40 {
                let (from, to) = (round % 8, (round + 3) % 8);
                let copy = (*slots.add(from)).dup(ctx);
                assert!(copy.put(&mut *slots.add(to)).is_null());
                StackRef::clear(slots.add(from), ctx);
                assert!(!ctx.poll());
                runtime.collector().collect(ctx).expect("a collection");
                assert_eq!(DROPPED.get(), before, "round {round}");
                let kept = (*slots.add(to)).word();
                assert_eq!(kept.plain(), object);
                assert_eq!((*kept.as_object().cast::<Node>()).next.get(), inner);
                for slot in (0..8).filter(|slot| *slot != to) {
                    assert!((*slots.add(slot)).is_null());
                }
                // The next round reads where this one wrote.
                let moved = (*slots.add(to)).take();
                *slots.add((round + 1) % 8) = moved;
            }
            // What the collector is shown is the object, whatever the slot holds.
            ctx.stack().scan(&mut |word| {
                assert_eq!(word.plain(), object);
            });
            for slot in 0..8 {
                StackRef::clear(slots.add(slot), ctx);
            }
            runtime.collector().collect(ctx).expect("a collection");
            assert_eq!(DROPPED.get(), before + 2);
            ctx.stack().leave(&(*heap).heap);
        }
        leaks_nothing(ctx);
    });
}

/// The object lies in memory that cannot be written: a store would end the process.
#[test]
fn copying_and_closing_a_deferred_reference_stores_nothing_in_the_object() {
    use rustix::mm::{MapFlags, MprotectFlags, ProtFlags, mmap_anonymous, mprotect, munmap};
    const PAGE: usize = 64 << 10;
    let runtime = new_runtime();
    attach(runtime, |ctx| {
        // SAFETY: fresh pages of our own, unmapped when no reference to them is left.
        unsafe {
            let page = mmap_anonymous(
                std::ptr::null_mut(),
                PAGE,
                ProtFlags::READ | ProtFlags::WRITE,
                MapFlags::PRIVATE,
            )
            .expect("pages");
            page.cast::<Header>().write(Header::immortal(NODE));
            mprotect(page, PAGE, MprotectFlags::READ).expect("pages");
            let word = Word::object(page.cast());
            let mut slot = Fresh::from_new(ctx, word).into_ref();
            for _ in 0..100 {
                slot.dup(ctx).into_ref().close(ctx);
                Fresh::from_new(ctx, word).into_ref().close(ctx);
                Fresh::from_borrow(ctx, slot.borrow()).into_ref().close(ctx);
                let source = AtomicU64::new(word.bits());
                let found = Fresh::try_get(ctx, &source).expect("there");
                found.into_ref().close(ctx);
                slot.make_heap_safe(ctx);
            }
            StackRef::clear(&mut slot, ctx);
            munmap(page, PAGE).expect("pages");
        }
        leaks_nothing(ctx);
    });
}

#[cfg(not(feature = "debug-refs"))]
fn leaks_nothing(_: &Ctx) {}

#[cfg(feature = "debug-refs")]
fn leaks_nothing(ctx: &Ctx) {
    assert!(ctx.thread().refs.made() > 0);
    assert_eq!(ctx.thread().refs.report_leaks(), 0);
}

#[cfg(feature = "debug-refs")]
mod reports {
    use super::*;
    use kit_core::refcount::stack_ref::checked::{Fault, KEPT, Place, Report, set_hook};
    use std::cell::RefCell;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    thread_local! {
        static FOUND: RefCell<Vec<Report>> = const { RefCell::new(Vec::new()) };
    }

    fn found() -> Vec<Report> {
        set_hook(|report| FOUND.with_borrow_mut(|found| found.push(*report)));
        FOUND.take()
    }

    fn place(place: Option<Place>) -> (&'static str, u32) {
        let place = place.expect("known");
        (place.file(), place.line())
    }

    /// The same reference once more, as a mistake would make it.
    fn again(reference: &StackRef) -> StackRef {
        // SAFETY: what comes of it is what the test looks at.
        unsafe { std::ptr::read(reference) }
    }

    // A line's number is taken on the line.
    #[rustfmt::skip]
    fn make_every_mistake(ctx: &mut Ctx) {
        let here = file!();
        found();
        // SAFETY: the counts are given up once each; the mistakes touch nothing but the table.
        unsafe {
            let leaked = StackRef::from_steal(ctx, node(ctx)); let made = line!();
            assert_eq!(ctx.thread().refs.report_leaks(), 1);
            let [report] = found()[..] else { panic!("one leak") };
            assert_eq!((report.fault, place(report.made)), (Fault::Leak, (here, made)));
            assert_eq!((report.closed, report.found), (None, None));
            leaked.close(ctx);

            let slot = StackRef::from_steal(ctx, node(ctx)); let made = line!();
            let second = again(&slot);
            let third = again(&slot);
            slot.close(ctx); let closed = line!();
            second.close(ctx); let twice = line!();
            let [report] = found()[..] else { panic!("one double close") };
            assert_eq!((report.fault, place(report.made)), (Fault::DoubleClose, (here, made)));
            assert_eq!((place(report.closed), place(report.found)), ((here, closed), (here, twice)));
            let text = format!("{report}");
            assert!(text.contains(&format!("made at {here}:{made}:")), "{text}");
            assert!(text.contains(&format!("closed at {here}:{closed}:")), "{text}");
            assert!(text.contains(&format!("found at {here}:{twice}:")), "{text}");

            assert!(third.word().is_null()); let used = line!();
            let [report] = found()[..] else { panic!("one use") };
            assert_eq!((report.fault, place(report.made)), (Fault::UseAfterClose, (here, made)));
            assert_eq!((place(report.closed), place(report.found)), ((here, closed), (here, used)));

            // Long afterwards the entry is another's, which is not mistaken for this one.
            for _ in 0..2 * KEPT {
                let other = StackRef::from_steal(ctx, node(ctx));
                other.close(ctx);
            }
            third.close(ctx); let late = line!();
            let [report] = found()[..] else { panic!("one late close") };
            assert_eq!((report.fault, place(report.found)), (Fault::DoubleClose, (here, late)));

            let owner = StackRef::from_steal(ctx, node(ctx)); let made = line!();
            let lent = Fresh::from_borrow(ctx, owner.borrow()).into_ref(); let lent_at = line!();
            owner.close(ctx); let closed = line!();
            let [report] = found()[..] else { panic!("one early close") };
            assert_eq!((report.fault, place(report.made)), (Fault::ClosedWhileLent, (here, made)));
            assert_eq!((place(report.lent), place(report.found)), ((here, lent_at), (here, closed)));
            assert_eq!(ctx.thread().refs.report_leaks(), 1);
            let [report] = found()[..] else { panic!("the borrowed one") };
            assert_eq!((report.fault, place(report.parent)), (Fault::Leak, (here, made)));
            lent.close_uncounted();
        }
        assert_eq!(ctx.thread().refs.report_leaks(), 0);
        assert!(found().is_empty());
    }

    #[test]
    fn each_mistake_is_told_with_its_places_on_each_of_two_threads() {
        static DONE: AtomicUsize = AtomicUsize::new(0);
        let runtime = new_runtime();
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    for _ in 0..20 {
                        attach(runtime, make_every_mistake);
                        DONE.fetch_add(1, Relaxed);
                    }
                });
            }
        });
        assert_eq!(DONE.load(Relaxed), 40);
    }

    #[test]
    #[rustfmt::skip]
    fn a_thread_that_leaves_reports_what_it_leaked() {
        found();
        let mut made = 0;
        attach(new_runtime(), |ctx| {
            // SAFETY: never closed.
            let leaked = unsafe { StackRef::from_steal(ctx, node(ctx)) }; made = line!();
            let _ = leaked;
        });
        let [report] = found()[..] else { panic!("one leak") };
        assert_eq!((report.fault, place(report.made)), (Fault::Leak, (file!(), made)));
    }
}
