//! A slot holds a *handle*: the number of an entry in its thread's table, which knows the reference's story.
//!
//! | word in a slot          | bits                                                      |
//! |-------------------------|-----------------------------------------------------------|
//! | null, number, constant  | as ever: they own nothing and have no entry               |
//! | object                  | `1`, generation (17), address of the entry / 16 (44), `11` |
//!
//! To code that looks at raw bits, a handle is a constant that no embedder has: never an object. The stack's scan
//! resolves handles, so the collector sees objects only.
//!
//! An entry is open or closed. A closed one keeps its story and is not used again until [`KEPT`] others have been closed;
//! its generation then changes, so that a handle that outlived its reference is found out all the same.
//!
//! | fault                       | found when                                   | told                              |
//! |-----------------------------|----------------------------------------------|-----------------------------------|
//! | [`Fault::Leak`]             | [`Table::report_leaks`]: the thread leaves   | made                              |
//! | [`Fault::DoubleClose`]      | it is closed again                           | made, closed, closed again        |
//! | [`Fault::UseAfterClose`]    | it is looked at, copied or lent              | made, closed, used                |
//! | [`Fault::ClosedWhileLent`]  | an owner is closed before what borrows of it | made, lent to, closed             |
//!
//! A table belongs to its thread and takes its memory from that thread's heap. When there is none, the slot holds the
//! word itself, unchecked.

use crate::backend::heap::{HeapKind, LocalHeap};
use crate::object::Word;
use crate::sync::native::{AtomicPtr, Ordering};
use crate::thread::Ctx;
use core::cell::{Cell, UnsafeCell};
use core::fmt;
use core::panic::Location;
use core::ptr::{self, NonNull};

/// A place in the source.
pub type Place = &'static Location<'static>;

/// What is wrong with a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It was never closed.
    Leak,
    /// It was closed twice.
    DoubleClose,
    /// It was looked at after it was closed.
    UseAfterClose,
    /// It was closed while another that borrows of it was open.
    ClosedWhileLent,
}

/// What is known of a reference that something is wrong with. Places that are not known any more are `None`.
#[derive(Clone, Copy, Debug)]
pub struct Report {
    /// What is wrong.
    pub fault: Fault,
    /// Where the reference was made.
    pub made: Option<Place>,
    /// Where the reference it was borrowed of was made, if it was.
    pub parent: Option<Place>,
    /// Where it was lent last.
    pub lent: Option<Place>,
    /// Where it was closed first.
    pub closed: Option<Place>,
    /// Where the fault was found; `None` for a leak.
    pub found: Option<Place>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.fault {
            Fault::Leak => "stack reference leaked",
            Fault::DoubleClose => "stack reference closed twice",
            Fault::UseAfterClose => "stack reference used after it was closed",
            Fault::ClosedWhileLent => "stack reference closed while it was lent",
        })?;
        let places = [
            ("made at", self.made),
            ("borrowed of one made at", self.parent),
            ("lent at", self.lent),
            ("closed at", self.closed),
            ("found at", self.found),
        ];
        for (what, place) in places {
            if let Some(place) = place {
                write!(f, "; {what} {place}")?;
            }
        }
        Ok(())
    }
}

static HOOK: AtomicPtr<()> = AtomicPtr::new(ptr::null_mut());

/// Has every fault of the process told to `hook`, on the thread where it is found. Without a hook, a fault panics with
/// the report. After the hook returns, a reference that is gone reads as null.
///
/// Threads that run already may use the old hook a little longer; and what a hook uses must be there before they
/// start, or synchronise by itself.
pub fn set_hook(hook: fn(&Report)) {
    // Relaxed: a function stands for itself.
    HOOK.store(hook as *mut (), Ordering::Relaxed);
}

#[cold]
#[track_caller]
fn tell(report: &Report) {
    let hook = HOOK.load(Ordering::Relaxed);
    if hook.is_null() {
        panic!("{report}");
    }
    // SAFETY: `set_hook` stores functions of this type only.
    let hook = unsafe { core::mem::transmute::<*mut (), fn(&Report)>(hook) };
    hook(report);
}

/// How many closed entries rest before one of them is used again.
pub const KEPT: usize = 256;

const ENTRIES: usize = 62;
const MARK: u64 = 1 << 63;
const GENERATION: u32 = 46;
const GENERATIONS: u32 = 1 << 17;

/// One reference.
#[repr(align(16))]
struct Entry {
    /// What the reference is; a constant nobody has when it is closed.
    word: UnsafeCell<Word>,
    open: Cell<bool>,
    generation: Cell<u32>,
    /// How many open references borrow of this one.
    lent: Cell<u32>,
    made: Cell<Option<Place>>,
    lent_at: Cell<Option<Place>>,
    closed: Cell<Option<Place>>,
    /// The handle of what this borrows of, or null.
    parent: Cell<Word>,
    parent_made: Cell<Option<Place>>,
    /// The entry closed after this one.
    next: Cell<*const Entry>,
    table: *const Table,
}

struct Chunk {
    previous: *mut Chunk,
    entries: [Entry; ENTRIES],
}

/// The references of one thread.
pub struct Table {
    chunk: Cell<*mut Chunk>,
    /// Closed entries, the one closed first at `oldest`.
    oldest: Cell<*const Entry>,
    newest: Cell<*const Entry>,
    resting: Cell<usize>,
    open: Cell<usize>,
    made: Cell<u64>,
}

/// What a closed entry says it is: a constant, of an index that embedders do not reach.
const CLOSED: Word = Word::constant(u8::MAX);

impl Table {
    /// A table without memory.
    pub(crate) const fn new() -> Table {
        Table {
            chunk: Cell::new(ptr::null_mut()),
            oldest: Cell::new(ptr::null()),
            newest: Cell::new(ptr::null()),
            resting: Cell::new(0),
            open: Cell::new(0),
            made: Cell::new(0),
        }
    }

    /// How many references of the thread are open.
    pub fn open(&self) -> usize {
        self.open.get()
    }

    /// How many references the thread has made.
    pub fn made(&self) -> u64 {
        self.made.get()
    }

    fn rest(&self, entry: &Entry) {
        entry.next.set(ptr::null());
        let newest = self.newest.replace(entry);
        if newest.is_null() {
            self.oldest.set(entry);
        } else {
            // SAFETY: an entry of this table, which lives as long as the thread.
            unsafe { &*newest }.next.set(entry);
        }
        self.resting.set(self.resting.get() + 1);
    }

    fn grow(&self, heap: &LocalHeap) -> bool {
        // As blocks of the heap are.
        const { assert!(align_of::<Chunk>() == 16) };
        let Some(block) = heap.alloc(HeapKind::Buffer, size_of::<Chunk>()) else {
            return false;
        };
        let chunk: *mut Chunk = block.as_ptr().cast();
        // SAFETY: a fresh block of a chunk's size; every field is written before anything reads it.
        unsafe {
            (&raw mut (*chunk).previous).write(self.chunk.replace(chunk));
            for index in 0..ENTRIES {
                let entry = &raw mut (*chunk).entries[index];
                entry.write(Entry {
                    word: UnsafeCell::new(CLOSED),
                    open: Cell::new(false),
                    generation: Cell::new(0),
                    lent: Cell::new(0),
                    made: Cell::new(None),
                    lent_at: Cell::new(None),
                    closed: Cell::new(None),
                    parent: Cell::new(Word::NULL),
                    parent_made: Cell::new(None),
                    next: Cell::new(ptr::null()),
                    table: self,
                });
                self.rest(&*entry);
            }
        }
        true
    }

    fn take(&self, heap: &LocalHeap) -> Option<&Entry> {
        while self.resting.get() <= KEPT {
            if !self.grow(heap) {
                break;
            }
        }
        // SAFETY: an entry of this table, or null.
        let entry = unsafe { self.oldest.get().as_ref() }?;
        self.oldest.set(entry.next.get());
        if entry.next.get().is_null() {
            self.newest.set(ptr::null());
        }
        self.resting.set(self.resting.get() - 1);
        Some(entry)
    }

    /// Reports what is still open: leaks, when the thread has left its last frame. Returns how many there are.
    pub fn report_leaks(&self) -> usize {
        let mut chunk = self.chunk.get();
        while !chunk.is_null() {
            // SAFETY: a chunk of ours, which stays until `retire`.
            let this = unsafe { &*chunk };
            for entry in this.entries.iter().filter(|entry| entry.open.get()) {
                tell(&entry.report(Fault::Leak, None));
            }
            chunk = this.previous;
        }
        self.open.get()
    }

    /// Gives the memory back.
    ///
    /// # Safety
    /// - The thread has left all of its frames: no slot holds a handle that is used again.
    /// - `heap` is the heap of the table's thread.
    pub(crate) unsafe fn retire(&self, heap: &LocalHeap) {
        let mut chunk = self.chunk.replace(ptr::null_mut());
        self.oldest.set(ptr::null());
        self.newest.set(ptr::null());
        self.resting.set(0);
        while !chunk.is_null() {
            // SAFETY: a chunk of ours that nobody refers to any more.
            unsafe {
                let previous = (*chunk).previous;
                heap.free(NonNull::new_unchecked(chunk).cast());
                chunk = previous;
            }
        }
    }
}

impl Entry {
    fn handle(&self) -> Word {
        let address = ptr::from_ref(self).expose_provenance() as u64;
        debug_assert!(address & 15 == 0 && address >> 48 == 0);
        let generation = u64::from(self.generation.get()) << GENERATION;
        Word::from_bits(MARK | generation | address >> 2 | 3)
    }

    fn report(&self, fault: Fault, found: Option<Place>) -> Report {
        Report {
            fault,
            made: self.made.get(),
            parent: self.parent_made.get(),
            lent: self.lent_at.get(),
            closed: self.closed.get(),
            found,
        }
    }
}

fn is_handle(word: Word) -> bool {
    word.bits() & (MARK | 3) == MARK | 3
}

/// The entry of a handle, and whether it still is the handle's.
fn entry_of<'a>(handle: Word) -> (&'a Entry, bool) {
    let address = (handle.bits() & ((1 << GENERATION) - 1) & !3) << 2;
    // SAFETY: handles are made from entries, which live until their thread leaves; by then it has no frames left.
    let entry = unsafe { &*ptr::with_exposed_provenance::<Entry>(address as usize) };
    let generation = (handle.bits() >> GENERATION) as u32 & (GENERATIONS - 1);
    (entry, entry.generation.get() == generation)
}

/// A reference that is gone for good: another has its entry.
#[track_caller]
fn stale(fault: Fault) -> Report {
    Report {
        fault,
        made: None,
        parent: None,
        lent: None,
        closed: None,
        found: Some(Location::caller()),
    }
}

#[track_caller]
pub(super) fn open(ctx: &Ctx, word: Word, parent: Word) -> Word {
    if !word.is_object() {
        return word;
    }
    let (table, heap) = (&ctx.thread().refs, &ctx.thread().heap);
    let Some(entry) = table.take(heap) else {
        return word;
    };
    entry
        .generation
        .set((entry.generation.get() + 1) % GENERATIONS);
    // SAFETY: the entry rested, so nobody looks at it.
    unsafe { *entry.word.get() = word };
    entry.open.set(true);
    entry.lent.set(0);
    entry.made.set(Some(Location::caller()));
    entry.lent_at.set(None);
    entry.closed.set(None);
    entry.parent.set(Word::NULL);
    entry.parent_made.set(None);
    if is_handle(parent)
        && let (owner, true) = entry_of(parent)
    {
        owner.lent.set(owner.lent.get() + 1);
        owner.lent_at.set(Some(Location::caller()));
        entry.parent.set(parent);
        entry.parent_made.set(owner.made.get());
    }
    table.open.set(table.open.get() + 1);
    table.made.set(table.made.get() + 1);
    entry.handle()
}

#[track_caller]
pub(super) fn resolve(word: &Word) -> &Word {
    if !is_handle(*word) {
        return word;
    }
    let (entry, current) = entry_of(*word);
    let report = match (current, entry.open.get()) {
        // SAFETY: written when the entry was opened, and not again before it is closed.
        (true, true) => return unsafe { &*entry.word.get() },
        (true, false) => entry.report(Fault::UseAfterClose, Some(Location::caller())),
        (false, _) => stale(Fault::UseAfterClose),
    };
    tell(&report);
    &Word::NULL
}

#[track_caller]
pub(super) fn close(word: Word) -> Word {
    if !is_handle(word) {
        return word;
    }
    let (entry, current) = entry_of(word);
    let here = Location::caller();
    if !(current && entry.open.get()) {
        tell(&if current {
            entry.report(Fault::DoubleClose, Some(here))
        } else {
            stale(Fault::DoubleClose)
        });
        return Word::NULL;
    }
    if entry.lent.get() != 0 {
        tell(&entry.report(Fault::ClosedWhileLent, Some(here)));
    }
    let parent = entry.parent.get();
    if is_handle(parent)
        && let (owner, true) = entry_of(parent)
    {
        owner.lent.set(owner.lent.get().saturating_sub(1));
    }
    // SAFETY: the reference is consumed, so nothing looks at its word any more.
    let held = unsafe { entry.word.get().replace(CLOSED) };
    entry.open.set(false);
    entry.closed.set(Some(here));
    // SAFETY: the table lives as long as its entries.
    let table = unsafe { &*entry.table };
    table.open.set(table.open.get() - 1);
    table.rest(entry);
    held
}

pub(super) fn is_object(word: Word) -> bool {
    is_handle(word) || word.is_object()
}

pub(super) fn needs_close(word: Word) -> bool {
    is_handle(word) || word.is_counted()
}

pub(super) fn scanned(word: Word) -> Word {
    if !is_handle(word) {
        return word;
    }
    match entry_of(word) {
        // SAFETY: the entry's thread is stopped, or ours.
        (entry, true) if entry.open.get() => unsafe { *entry.word.get() },
        _ => Word::NULL,
    }
}
