//! A heap and a page source written from scratch, as a port would write its first: nothing is shared with those of
//! `kit-alloc`, everything is behind one lock. What [`SharedHeap`] asks for fits in some 250 lines.

use std::{
    alloc::{Layout, System},
    collections::{HashSet, VecDeque},
    ptr::{self, NonNull},
    sync::{Mutex, MutexGuard},
};

use kit_core::{
    backend::{
        grace::Grace,
        heap::{HeapKind, HeapOps, Kinds, LocalHeap, SharedHeap},
        listing::{self, Entry, FRONT, Front, LISTING, SLICES_OF_LISTING},
        page::PageHead,
    },
    platform::{memory::Memory, pages::PageSource},
};
use kit_std::runtime::HeapChoice;

/// The heap, over the system's allocator.
pub fn heap() -> HeapChoice {
    HeapChoice::Own(|grace| crate::forever(SimpleHeap::new(&System, grace)))
}

/// Spans from an allocator, one call each.
pub struct SimplePages(pub &'static Memory);

// SAFETY: the allocator hands out memory that nobody else has, zeroed and aligned as the layout says.
unsafe impl PageSource for SimplePages {
    fn reserve(&self, size: usize, align: usize) -> Option<NonNull<u8>> {
        let layout = Layout::from_size_align(size, align).ok()?;
        // SAFETY: callers ask for whole pages, so the size is not 0 but where a law tries it.
        (size != 0).then(|| NonNull::new(unsafe { self.0.alloc_zeroed(layout) }))?
    }

    unsafe fn release(&self, span: NonNull<u8>, size: usize, align: usize) {
        let layout = Layout::from_size_align(size, align).expect("a span that was reserved");
        // SAFETY: reserved with this layout, and nobody uses it.
        unsafe { self.0.dealloc(span.as_ptr(), layout) }
    }

    fn page_size(&self) -> usize {
        4096
    }
}

/// An allocator's blocks, listed.
pub struct SimpleHeap {
    pages: SimplePages,
    grace: &'static dyn Grace,
    state: Mutex<State>,
}

struct State {
    bytes: usize,
    limit: usize,
    /// For each kind; none of buffers.
    listings: [Vec<NonNull<PageHead>>; 4],
    /// Entries without a block, of each kind.
    unused: [Vec<NonNull<Entry>>; 4],
    /// Objects that were freed, and the grace period that they wait for.
    dead: VecDeque<(NonNull<u8>, u64)>,
}

// SAFETY: what it points to is its own, and under the lock.
unsafe impl Send for State {}

impl SimpleHeap {
    /// A heap over an allocator.
    pub fn new(memory: &'static Memory, grace: &'static dyn Grace) -> Self {
        Self {
            pages: SimplePages(memory),
            grace,
            state: Mutex::new(State {
                bytes: 0,
                limit: usize::MAX,
                listings: Default::default(),
                unused: Default::default(),
                dead: VecDeque::new(),
            }),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics under the lock")
    }

    fn take(&self, state: &mut State, layout: Layout) -> Option<NonNull<u8>> {
        if layout.size() > state.limit.saturating_sub(state.bytes) {
            return None;
        }
        // SAFETY: no layout here has size 0.
        let base = NonNull::new(unsafe { self.pages.0.alloc_zeroed(layout) })?;
        state.bytes += layout.size();
        Some(base)
    }

    /// # Safety
    ///
    /// - `base` came from [`take`](Self::take) for this layout, and nobody uses it.
    unsafe fn give_back(&self, state: &mut State, base: NonNull<u8>, layout: Layout) {
        state.bytes -= layout.size();
        // SAFETY: as the caller says.
        unsafe { self.pages.0.dealloc(base.as_ptr(), layout) }
    }

    /// An entry without a block, in a listing of this kind.
    fn entry(&self, state: &mut State, kind: HeapKind) -> Option<NonNull<Entry>> {
        if let Some(entry) = state.unused[kind as usize].pop() {
            return Some(entry);
        }
        let this = self.take(state, LISTING_LAYOUT)?.cast::<PageHead>();
        // SAFETY: fresh memory of zeros, which are an unused descriptor and entries without blocks.
        let entries = unsafe {
            this.as_ref().kind.set(kind as u8);
            this.as_ref().slices.set(SLICES_OF_LISTING);
            let entries = listing::entries(this);
            this.as_ref().capacity.set(entries.len() as u32);
            entries
        };
        state.listings[kind as usize].push(this);
        let unused = &mut state.unused[kind as usize];
        unused.extend(entries.iter().map(NonNull::from));
        unused.pop()
    }

    fn make(&self, kind: HeapKind, size: usize) -> Option<NonNull<u8>> {
        let state = &mut *self.lock();
        self.release_due(state);
        let least = if kind.is_object() {
            kind.header_offset() + 16
        } else {
            0
        };
        let layout = layout(kind, size.max(least))?;
        let entry = match kind.is_object() {
            true => Some(self.entry(state, kind)?),
            false => None,
        };
        let Some(base) = self.take(state, layout) else {
            state.unused[kind as usize].extend(entry);
            return None;
        };
        // SAFETY: fresh memory of that layout, zeros, so the counts of a header say "dead".
        unsafe {
            let block = base.add(before(kind));
            let place = entry.map_or(ptr::null(), |entry| entry.as_ptr().cast_const());
            let room = layout.size() - before(kind);
            listing::write_fronts(block, Front::new(place, kind, room));
            if let Some(entry) = entry {
                entry.as_ref().0.set(block.as_ptr());
                listing::listing_of(entry).as_ref().make_fresh();
            }
            Some(block)
        }
    }

    fn release_due(&self, state: &mut State) {
        while let Some(&(block, goal)) = state.dead.front()
            && self.grace.reached(goal)
        {
            state.dead.pop_front();
            // SAFETY: no reader is left.
            unsafe { self.release(state, block) };
        }
    }

    /// # Safety
    ///
    /// - Nobody uses the block, of this heap.
    unsafe fn release(&self, state: &mut State, block: NonNull<u8>) {
        // SAFETY: a block that is not released has a front, and an object an entry.
        unsafe {
            let front = Front::of(block).read();
            if let Some(entry) = front.entry().as_ref() {
                entry.0.set(ptr::null_mut());
                state.unused[front.kind() as usize].push(entry.into());
            }
            let layout = layout(front.kind(), front.size()).expect("there was one before");
            self.give_back(state, block.sub(before(front.kind())), layout);
        }
    }
}

static OPS: HeapOps = HeapOps {
    // Fresh memory is zero, whether asked for or not.
    alloc: |local, kind, size, _zeroed| of(local).make(kind, size),
    free: |local, block| {
        let heap = of(local);
        let state = &mut *heap.lock();
        // SAFETY: a block of this heap, in use until now.
        unsafe {
            let front = Front::of(block).read();
            if front.kind().is_object() {
                Front::of(block).write(front.dead());
                state.dead.push_back((block, heap.grace.current_goal()));
            } else {
                heap.release(state, block);
            }
        }
    },
    emptied: |_, _| (),
    // SAFETY: a block of this heap, in use.
    usable_size: |_, block| unsafe { Front::of(block).read() }.size(),
    collect: |local, _| of(local).release_due(&mut of(local).lock()),
    send: |_| (),
    exit: |_| (),
};

fn of(local: &LocalHeap) -> &SimpleHeap {
    // SAFETY: the state of each local heap that is made here, which does not outlive the heap.
    unsafe { &*local.state().cast::<SimpleHeap>() }
}

// SAFETY: every object is listed from before it is handed out until its memory is given back, after its grace period.
unsafe impl SharedHeap for SimpleHeap {
    unsafe fn local(&self, slot: u16) -> Option<LocalHeap> {
        let state = ptr::from_ref(self).cast_mut().cast();
        // SAFETY: the slot is the caller's promise, and so is that the heap stays.
        Some(unsafe { LocalHeap::from_parts(slot, false, &OPS, state) })
    }

    fn bytes(&self) -> usize {
        self.lock().bytes
    }

    fn set_limit(&self, bytes: usize) {
        self.lock().limit = bytes;
    }

    fn is_paged(&self) -> bool {
        false
    }

    unsafe fn walk_parts(&self) -> usize {
        HeapKind::ALL.len()
    }

    unsafe fn walk_pages(&self, part: usize, kinds: Kinds, f: &mut dyn FnMut(NonNull<PageHead>)) {
        if kinds.contains(HeapKind::ALL[part]) {
            // Not under the lock: `f` may ask the heap something.
            let listings = self.lock().listings[part].clone();
            listings.into_iter().for_each(f);
        }
    }

    fn pages(&self) -> &dyn PageSource {
        &self.pages
    }

    unsafe fn trim(&self) {
        let state = &mut *self.lock();
        for kind in 0..state.listings.len() {
            let (kept, empty): (Vec<_>, Vec<_>) =
                state.listings[kind].drain(..).partition(|&listing| {
                    // SAFETY: in use while it is in the list.
                    let entries = unsafe { listing::entries(listing) };
                    entries.iter().any(|entry| !entry.0.get().is_null())
                });
            state.listings[kind] = kept;
            let empty: HashSet<NonNull<PageHead>> = empty.into_iter().collect();
            // SAFETY: entries of listings, which are all still there.
            let is_kept = |&entry: &_| unsafe { !empty.contains(&listing::listing_of(entry)) };
            state.unused[kind].retain(is_kept);
            for listing in empty {
                // SAFETY: no block is listed there any more.
                unsafe { self.give_back(state, listing.cast(), LISTING_LAYOUT) };
            }
        }
    }
}

impl Drop for SimpleHeap {
    fn drop(&mut self) {
        let state = &mut *self.lock();
        for listing in state
            .listings
            .iter_mut()
            .flat_map(std::mem::take)
            .collect::<Vec<_>>()
        {
            // SAFETY: nobody uses the heap any more.
            unsafe {
                for entry in listing::entries(listing) {
                    if let Some(block) = NonNull::new(entry.0.get()) {
                        self.release(state, block);
                    }
                }
                self.give_back(state, listing.cast(), LISTING_LAYOUT);
            }
        }
    }
}

/// Bytes before a block: its fronts.
const fn before(kind: HeapKind) -> usize {
    match kind {
        HeapKind::Buffer => size_of::<Front>(),
        _ => FRONT - kind.header_offset(),
    }
}

fn layout(kind: HeapKind, size: usize) -> Option<Layout> {
    let size = size
        .checked_next_multiple_of(16)?
        .checked_add(before(kind))?;
    Layout::from_size_align(size, 16).ok()
}

const LISTING_LAYOUT: Layout = match Layout::from_size_align(LISTING, LISTING) {
    Ok(layout) => layout,
    Err(_) => unreachable!(),
};
