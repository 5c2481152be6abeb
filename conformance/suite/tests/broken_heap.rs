//! Each law of heaps is broken by one heap, and says so. What breaks is a sound heap behind a wrapper.

mod failure;

use failure::failure;
use std::{
    collections::{HashMap, HashSet},
    ptr::{self, NonNull},
    sync::{Mutex, MutexGuard, atomic::Ordering::Relaxed},
};

use kit_alloc::paged::Heap;
use kit_core::{
    backend::{
        heap::{CLASSES, HeapKind, HeapOps, Kinds, LocalHeap, NoHeap, SharedHeap},
        page::{PageHead, SEGMENT},
    },
    platform::pages::PageSource,
};
use kit_std::platform::pages::OsPages;
use kit_suite::{Lab, heap};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    /// None: the wrapper itself breaks no law.
    None,
    /// Blocks begin 16 bytes too late.
    Alignment,
    /// A live block is handed out again.
    Distinctness,
    /// Zeros are promised and not written.
    Zeroing,
    /// Each block ever allocated is counted as in use.
    Accounting,
    /// Prefixed objects share pages with others.
    Kinds,
    /// What another thread frees is lost.
    RemoteFree,
    /// The walk forgets the pages of threads that left.
    Abandonment,
    /// What is freed after its thread left is lost.
    Exits,
    /// The first page of each part is visited twice.
    Walk,
    /// A free block's counts are used for something else.
    DeadHeaders,
    /// After an allocation failed none succeeds.
    OutOfMemory,
    /// There is no limit.
    Limits,
    /// Blocks have three times the size they need.
    Fragmentation,
    /// Collecting gently writes to a live block.
    Sequences,
}

struct Broken {
    inner: Heap,
    fault: Fault,
    book: Mutex<Book>,
}

/// What the wrapper remembers, by the address of a block.
#[derive(Default)]
struct Book {
    owners: HashMap<usize, u16>,
    gone: HashSet<u16>,
    twice: HashSet<usize>,
    last: Option<(usize, HeapKind, usize)>,
    calls: usize,
    failed: bool,
}

struct Local {
    inner: LocalHeap,
    shared: *const Broken,
}

static OPS: HeapOps = HeapOps {
    alloc,
    free,
    emptied: |_, _| (),
    usable_size,
    collect,
    send: |heap| parts(heap).0.send(),
    exit,
};

impl Broken {
    fn new(lab: &Lab, fault: Fault) -> Self {
        Self {
            inner: Heap::new(lab.pages(&OsPages), lab.grace()),
            fault,
            book: Mutex::default(),
        }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(|error| error.into_inner())
    }
}

fn parts(heap: &LocalHeap) -> (&LocalHeap, &Broken) {
    // SAFETY: made in `local`, until `exit`; the shared heap outlives it.
    unsafe {
        let local = &*heap.state().cast::<Local>();
        (&local.inner, &*local.shared)
    }
}

fn addr(block: NonNull<u8>) -> usize {
    block.as_ptr().expose_provenance()
}

/// Whether such a block is made to begin 16 bytes too late.
fn is_late(shared: &Broken, kind: HeapKind, size: usize) -> bool {
    shared.fault == Fault::Alignment && kind == HeapKind::Plain && size == 64
}

unsafe fn alloc(
    heap: &LocalHeap,
    kind: HeapKind,
    size: usize,
    zeroed: bool,
) -> Option<NonNull<u8>> {
    let (inner, shared) = parts(heap);
    let mut book = shared.book();
    book.calls += 1;
    match shared.fault {
        Fault::OutOfMemory if book.failed => return None,
        Fault::Distinctness if book.calls % 50 == 0 => {
            if let Some((last, of, room)) = book.last
                && of == kind
                && room >= size
            {
                book.twice.insert(last);
                return NonNull::new(ptr::with_exposed_provenance_mut(last));
            }
        }
        _ => {}
    }
    let late = is_late(shared, kind, size);
    let (inner_kind, inner_size) = match shared.fault {
        Fault::Kinds if kind == HeapKind::Prefixed => (HeapKind::Collected, size),
        Fault::Fragmentation => (kind, size.saturating_mul(3)),
        _ => (kind, if late { size + 16 } else { size }),
    };
    let Some(block) = inner.alloc_sized(inner_kind, inner_size, zeroed) else {
        book.failed = true;
        return None;
    };
    // SAFETY: the block has 16 bytes more than asked for; or that many.
    let block = unsafe {
        if zeroed && shared.fault == Fault::Zeroing {
            block.add(size - 1).write(1);
        }
        if late { block.add(16) } else { block }
    };
    book.owners.insert(addr(block), heap.slot());
    book.last = Some((addr(block), kind, size));
    Some(block)
}

unsafe fn free(heap: &LocalHeap, block: NonNull<u8>) {
    let (inner, shared) = parts(heap);
    let mut book = shared.book();
    if book.twice.remove(&addr(block)) {
        return;
    }
    if book.last.is_some_and(|(last, ..)| last == addr(block)) {
        book.last = None;
    }
    let owner = book.owners.remove(&addr(block)).expect("a block");
    match shared.fault {
        Fault::RemoteFree if owner != heap.slot() => return,
        Fault::Exits if book.gone.contains(&owner) => return,
        // SAFETY: the header of an object; if it is a buffer, one of at least so many bytes.
        Fault::DeadHeaders => unsafe {
            if inner.usable_size(block) >= 32 {
                block.cast::<u64>().add(1).write(2);
            }
        },
        _ => {}
    }
    // SAFETY: the caller's block, or where that began before it was moved.
    unsafe {
        let late = shared.fault == Fault::Alignment && late_block(block);
        inner.free(if late { block.sub(16) } else { block });
    }
}

/// Whether a block began 16 bytes too late: what its page says.
unsafe fn late_block(block: NonNull<u8>) -> bool {
    // SAFETY: a block in use.
    unsafe {
        let page = PageHead::of(block).as_ref();
        let offset = addr(block) % SEGMENT - page.start.get() as usize;
        !offset.is_multiple_of(page.block.get())
    }
}

unsafe fn usable_size(heap: &LocalHeap, block: NonNull<u8>) -> usize {
    let (inner, shared) = parts(heap);
    // SAFETY: the caller's block.
    unsafe {
        let late = shared.fault == Fault::Alignment && late_block(block);
        match late {
            true => inner.usable_size(block.sub(16)) - 16,
            false => inner.usable_size(block),
        }
    }
}

unsafe fn collect(heap: &LocalHeap, force: bool) {
    let (inner, shared) = parts(heap);
    inner.collect(force);
    if shared.fault == Fault::Sequences
        && !force
        && let Some((last, _, size)) = shared.book().last
        && size > 32
    {
        let block: *mut u8 = ptr::with_exposed_provenance_mut(last);
        // SAFETY: a live block of that size.
        unsafe { block.add(size - 1).write(!block.add(size - 1).read()) };
    }
}

unsafe fn exit(heap: &LocalHeap) {
    // SAFETY: made in `local`, and used for the last time.
    let local = unsafe { Box::from_raw(heap.state().cast::<Local>()) };
    // SAFETY: the shared heap outlives its local ones.
    unsafe { &*local.shared }.book().gone.insert(heap.slot());
}

// SAFETY: but for the fault, everything is as the inner heap does it.
unsafe impl SharedHeap for Broken {
    unsafe fn local(&self, slot: u16) -> Option<LocalHeap> {
        // SAFETY: as the caller promises.
        let inner = unsafe { self.inner.local(slot) }?;
        self.book().gone.remove(&slot);
        let state = Box::new(Local {
            inner,
            shared: ptr::from_ref(self),
        });
        // SAFETY: the functions fit the state, which lives until `exit`.
        Some(unsafe { LocalHeap::from_parts(slot, false, &OPS, Box::into_raw(state).cast()) })
    }

    fn bytes(&self) -> usize {
        let more = match self.fault {
            Fault::Accounting => self.book().calls,
            _ => 0,
        };
        self.inner.bytes() + more
    }

    fn set_limit(&self, bytes: usize) {
        if self.fault != Fault::Limits {
            self.inner.set_limit(bytes);
        }
    }

    unsafe fn walk_parts(&self) -> usize {
        // SAFETY: as the caller promises.
        unsafe { self.inner.walk_parts() }
    }

    unsafe fn walk_pages(&self, part: usize, kinds: Kinds, f: &mut dyn FnMut(NonNull<PageHead>)) {
        let mut first = true;
        // SAFETY: as the caller promises; pages that are walked are in use.
        unsafe {
            self.inner.walk_pages(part, kinds, &mut |this| {
                let page = this.as_ref();
                let abandoned =
                    page.heap.load(Relaxed).is_null() && (page.class.get() as usize) < CLASSES;
                if self.fault == Fault::Abandonment && abandoned {
                    return;
                }
                f(this);
                if self.fault == Fault::Walk && first {
                    f(this);
                }
                first = false;
            });
        }
    }

    fn pages(&self) -> &dyn PageSource {
        self.inner.pages()
    }

    unsafe fn trim(&self) {
        // SAFETY: as the caller promises.
        unsafe { self.inner.trim() }
    }
}

// The wrapper itself is none of the reasons.
kit_suite::heap_suite!(unbroken, |lab| Broken::new(lab, Fault::None));

macro_rules! broken {
    ($($law:ident $fault:ident $said:literal)*) => {
        $(
            #[test]
            fn $law() {
                let message = failure(|| heap::$law(|lab: &Lab| Broken::new(lab, Fault::$fault)));
                let expected = concat!("law `", stringify!($law), "` is broken: ");
                assert!(
                    message.starts_with(expected) && message.contains($said) && message.contains("\nwhat to do: "),
                    "{message}"
                );
            }
        )*

        #[test]
        fn a_heap_without_memory_is_refused() {
            $(
                let message = failure(|| heap::$law(|_: &Lab| NoHeap));
                assert!(message.contains("the heap under test has no memory, and needs "), "{message}");
            )*
        }
    };
}

broken! {
    alignment Alignment "is not aligned to 64"
    distinctness Distinctness "lies in a live block"
    zeroing Zeroing "was asked for with zeros"
    accounting Accounting "after everything was freed and trimmed"
    kinds Kinds "live blocks"
    remote_free RemoteFree "are not reused"
    abandonment Abandonment "a walk for"
    exits Exits "that are none"
    walk Walk "twice"
    dead_headers DeadHeaders "just after it was freed the counts"
    out_of_memory OutOfMemory "although there is memory again"
    limits Limits "and the limit is"
    fragmentation Fragmentation "times as much"
    sequences Sequences "was overwritten"
}
