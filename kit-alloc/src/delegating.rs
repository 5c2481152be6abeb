//! The delegating heap: one call per block to any `GlobalAlloc`, for where memory must come from there: a
//! tool that watches every allocation, a host with an allocator of its own.
//!
//! ```text
//! object   | PageHead | tag | prefix, or unused | header, fields ...    registered: the walk finds it
//! buffer                    | size, tag         | bytes ...             nobody needs to find it
//!                                               ^ ALONE bytes behind an object's PageHead
//! ```
//!
//! Every object is a page of one block, with a descriptor of its own, so the collector walks this heap as it
//! does the paged one; only from an object to its descriptor the way is another
//! ([`PageHead::alone`]). The registry is a list per shard, and a thread registers in the shard of its slot.
//!
//! | state   | `used` | in the registry | in a list of waiting ones | then                                   |
//! |---------|--------|-----------------|---------------------------|----------------------------------------|
//! | live    | 1      | yes             | no                        | freed by any thread: waiting           |
//! | waiting | 0      | yes             | of who freed it           | its grace period has passed: released  |
//!
//! Late readers may look at the header of a waiting object; nothing of it is written. The memory of a
//! released one is the allocator's.

use core::{
    alloc::Layout,
    cell::{Cell, UnsafeCell},
    fmt, mem,
    ptr::{self, NonNull},
};

use kit_core::{
    backend::{
        grace::Grace,
        heap::{HeapKind, HeapOps, Kinds, LocalHeap, PREFIX, SharedHeap},
        page::{ALONE, PageHead, SEGMENT},
    },
    platform::{memory::Memory, pages::PageSource},
};

use crate::{account::Account, lock::SpinLock, source::PAGE};

/// A heap over an allocator: see the module.
///
/// Dropping it gives back the objects that are left; buffers are its users' to free.
pub struct DelegatingHeap {
    pages: MemoryPages,
    grace: &'static dyn Grace,
    account: Account,
    /// What objects there are.
    shards: [SpinLock<Registry>; SHARDS],
    /// What threads that have left were waiting for.
    orphans: SpinLock<Waiting>,
}

// SAFETY: what threads share of it is atomic or locked.
unsafe impl Send for DelegatingHeap {}
// SAFETY: as above.
unsafe impl Sync for DelegatingHeap {}

impl DelegatingHeap {
    /// An empty heap over an allocator; `grace` says when readers without a reference are gone.
    pub const fn new(memory: &'static Memory, grace: &'static dyn Grace) -> Self {
        Self {
            pages: MemoryPages(memory),
            grace,
            account: Account::new(),
            shards: [const { SpinLock::new(Registry(ptr::null())) }; SHARDS],
            orphans: SpinLock::new(Waiting::new()),
        }
    }

    fn memory(&self) -> &'static Memory {
        self.pages.0
    }

    /// Memory for a block of `size` bytes behind what `kind` has in front, charged for.
    fn take(&self, kind: HeapKind, size: usize, zeroed: bool) -> Option<(NonNull<u8>, usize)> {
        let layout = layout(kind, size)?;
        if !self.account.charge(layout.size()) {
            return None;
        }
        // SAFETY: the size is not 0.
        let base = NonNull::new(unsafe {
            if zeroed {
                self.memory().alloc_zeroed(layout)
            } else {
                self.memory().alloc(layout)
            }
        });
        if base.is_none() {
            self.account.uncharge(layout.size());
        }
        Some((base?, layout.size() - front(kind)))
    }

    /// Undoes [`take`](Self::take).
    ///
    /// # Safety
    ///
    /// - `base` is what `take` returned for this kind, with `size` usable bytes, and nobody uses it.
    unsafe fn give_back(&self, base: NonNull<u8>, kind: HeapKind, size: usize) {
        if let Some(layout) = layout(kind, size) {
            self.account.uncharge(layout.size());
            // SAFETY: a usable size has the layout of the block.
            unsafe { self.memory().dealloc(base.as_ptr(), layout) };
        }
    }

    fn make(&self, kind: HeapKind, size: usize, zeroed: bool, shard: usize) -> Option<NonNull<u8>> {
        // An object has a header, whatever was asked for.
        let least = if kind.is_object() {
            kind.header_offset() + HEADER
        } else {
            1
        };
        let (base, usable) = self.take(kind, size.max(least), zeroed)?;
        // SAFETY: fresh memory, with what is in front of the block and that many bytes behind.
        unsafe {
            let block = base.add(front(kind));
            if !kind.is_object() {
                block.cast::<[usize; 2]>().sub(1).write([usable, BUFFER]);
                return Some(block);
            }
            block.cast::<[usize; 2]>().sub(1).write([0, kind as usize]);
            block.add(kind.header_offset()).write_bytes(0, HEADER);
            let this = base.cast::<PageHead>();
            this.write(PageHead::unused());
            let page = this.as_ref();
            page.kind.set(kind as u8);
            page.class.set(shard as u8);
            page.slices.set(1);
            let segment = base.as_ptr().addr() & !(SEGMENT - 1);
            page.start.set((block.as_ptr().addr() - segment) as u32);
            page.capacity.set(1);
            page.block.set(usable);
            page.hot.reserved.set(1);
            page.hot.used.set(1);
            self.shards[shard].lock().add(this);
            Some(block)
        }
    }

    /// Gives an object's memory back.
    ///
    /// # Safety
    ///
    /// - It is waiting no more, and its grace period has passed.
    unsafe fn release(&self, this: NonNull<PageHead>) {
        // SAFETY: the caller's alone, but for the registry.
        unsafe {
            let page = this.as_ref();
            let (kind, size) = (page.heap_kind(), page.block.get());
            self.shards[page.class.get() as usize % SHARDS]
                .lock()
                .remove(this);
            self.give_back(this.cast(), kind, size);
        }
    }
}

// SAFETY: the registry lists every object once, whoever made it; blocks of objects are released after a grace
// period, and their headers are not written before.
unsafe impl SharedHeap for DelegatingHeap {
    unsafe fn local(&self, slot: u16) -> Option<LocalHeap> {
        // SAFETY: the size is not 0.
        let local = unsafe { self.memory().alloc(Layout::new::<Local>()) };
        let local = NonNull::new(local)?.cast::<Local>();
        // SAFETY: fresh, of that layout; the slot is the caller's promise, and blocks have tags.
        unsafe {
            local.write(Local {
                heap: NonNull::from_ref(self),
                waiting: UnsafeCell::new(Waiting::new()),
                tick: Cell::new(0),
            });
            Some(LocalHeap::from_parts(
                slot,
                false,
                &OPS,
                local.as_ptr().cast(),
            ))
        }
    }

    fn bytes(&self) -> usize {
        self.account.bytes()
    }

    fn set_limit(&self, bytes: usize) {
        self.account.set_limit(bytes);
    }

    fn set_soft_limit(&self, bytes: usize) {
        self.account.set_soft_limit(bytes);
    }

    fn is_pressed(&self) -> bool {
        self.account.has_rung()
    }

    fn relieve(&self) {
        self.account.arm();
    }

    fn is_paged(&self) -> bool {
        false
    }

    unsafe fn walk_parts(&self) -> usize {
        SHARDS
    }

    unsafe fn walk_pages(&self, part: usize, kinds: Kinds, f: &mut dyn FnMut(NonNull<PageHead>)) {
        // The world is stopped, so the list stays as it is without the lock, and `f` may walk, too.
        let mut at = self.shards[part % SHARDS].lock().0;
        while let Some(this) = NonNull::new(at.cast_mut()) {
            // SAFETY: what is registered is not released.
            let page = unsafe { this.as_ref() };
            at = page.hot.next.get();
            if kinds.contains(page.heap_kind()) {
                f(this);
            }
        }
    }

    fn pages(&self) -> &dyn PageSource {
        &self.pages
    }
}

impl Drop for DelegatingHeap {
    fn drop(&mut self) {
        for shard in &self.shards {
            loop {
                let first = shard.lock().0;
                let Some(this) = NonNull::new(first.cast_mut()) else {
                    break;
                };
                // SAFETY: nobody uses the heap any more.
                unsafe { self.release(this) };
            }
        }
    }
}

impl fmt::Debug for DelegatingHeap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DelegatingHeap")
            .field("bytes", &self.bytes())
            .finish_non_exhaustive()
    }
}

/// A list of objects, through `next` and `prev`.
struct Registry(*const PageHead);

// SAFETY: the list's links are used by whoever holds its lock.
unsafe impl Send for Registry {}

impl Registry {
    /// # Safety
    ///
    /// - An object that is in no list.
    unsafe fn add(&mut self, this: NonNull<PageHead>) {
        // SAFETY: what is registered is not released.
        unsafe {
            let hot = &this.as_ref().hot;
            hot.prev.set(ptr::null());
            hot.next.set(self.0);
            if let Some(next) = self.0.as_ref() {
                next.hot.prev.set(this.as_ptr());
            }
        }
        self.0 = this.as_ptr();
    }

    /// # Safety
    ///
    /// - An object that is in this list.
    unsafe fn remove(&mut self, this: NonNull<PageHead>) {
        // SAFETY: what is registered is not released.
        unsafe {
            let hot = &this.as_ref().hot;
            let (prev, next) = (hot.prev.get(), hot.next.get());
            match prev.as_ref() {
                Some(prev) => prev.hot.next.set(next),
                None => self.0 = next,
            }
            if let Some(next) = next.as_ref() {
                next.hot.prev.set(prev);
            }
        }
    }
}

/// Objects that wait for their grace periods, oldest first, through `pending_next`.
struct Waiting {
    first: *const PageHead,
    last: *const PageHead,
}

// SAFETY: the objects are the list's alone, but for the registry.
unsafe impl Send for Waiting {}

impl Waiting {
    const fn new() -> Self {
        Self {
            first: ptr::null(),
            last: ptr::null(),
        }
    }

    /// Appends all of `other`.
    fn append(&mut self, other: Waiting) {
        // SAFETY: the lists' own objects.
        match unsafe { self.last.as_ref() } {
            _ if other.first.is_null() => return,
            Some(last) => last.hot.pending_next.set(other.first),
            None => self.first = other.first,
        }
        self.last = other.last;
    }

    /// The first, if its grace period has passed.
    fn take_due(&mut self, grace: &dyn Grace) -> Option<NonNull<PageHead>> {
        let this = NonNull::new(self.first.cast_mut())?;
        // SAFETY: the list's own object.
        let hot = unsafe { &this.as_ref().hot };
        if !grace.reached(hot.goal.get()) {
            return None;
        }
        self.first = hot.pending_next.get();
        if self.first.is_null() {
            self.last = ptr::null();
        }
        Some(this)
    }
}

/// A thread's part.
struct Local {
    heap: NonNull<DelegatingHeap>,
    waiting: UnsafeCell<Waiting>,
    /// Counts calls, to look at what waits now and then.
    tick: Cell<u32>,
}

impl Local {
    fn heap(&self) -> &DelegatingHeap {
        // SAFETY: the heap outlives its local heaps, as `SharedHeap::local` demands.
        unsafe { self.heap.as_ref() }
    }

    /// Releases what is due, `most` objects at a time.
    fn release_due(&self, most: usize) {
        for _ in 0..most {
            // SAFETY: this thread's, and borrowed for this call only.
            let due = unsafe { &mut *self.waiting.get() }.take_due(self.heap().grace);
            let due = due.or_else(|| self.heap().orphans.lock().take_due(self.heap().grace));
            let Some(this) = due else {
                break;
            };
            // SAFETY: taken from the list, and due.
            unsafe { self.heap().release(this) };
        }
    }

    fn tick(&self) {
        let tick = self.tick.get().wrapping_add(1);
        self.tick.set(tick);
        if tick.is_multiple_of(EVERY) {
            self.release_due(2 * EVERY as usize);
        }
    }
}

static OPS: HeapOps = HeapOps {
    alloc,
    free,
    emptied: |_, _| (),
    usable_size,
    collect: |heap, _| of(heap).release_due(usize::MAX),
    exit,
};

/// The thread's part of a heap that was made here.
fn of(heap: &LocalHeap) -> &Local {
    // SAFETY: these functions are only handed out with such a state.
    unsafe { &*heap.state().cast::<Local>() }
}

unsafe fn alloc(
    heap: &LocalHeap,
    kind: HeapKind,
    size: usize,
    zeroed: bool,
) -> Option<NonNull<u8>> {
    let local = of(heap);
    local.tick();
    let shard = heap.slot() as usize % SHARDS;
    let make = || local.heap().make(kind, size, zeroed, shard);
    let block = make().or_else(|| {
        local.release_due(usize::MAX);
        make()
    });
    if local.heap().account.rings() {
        heap.press();
    }
    block
}

unsafe fn free(heap: &LocalHeap, block: NonNull<u8>) {
    let local = of(heap);
    // SAFETY: a block of this heap, in use until now: its size and tag are in front of it.
    unsafe {
        let [size, tag] = *block.cast::<[usize; 2]>().sub(1).as_ref();
        if tag == BUFFER {
            let base = block.sub(front(HeapKind::Buffer));
            local.heap().give_back(base, HeapKind::Buffer, size);
            return;
        }
        let this = page_of(block, tag);
        let hot = &this.as_ref().hot;
        hot.used.set(0);
        hot.goal.set(local.heap().grace.current_goal());
        hot.pending_next.set(ptr::null());
        // This thread's, and borrowed for this call only.
        (*local.waiting.get()).append(Waiting {
            first: this.as_ptr(),
            last: this.as_ptr(),
        });
    }
    local.tick();
}

unsafe fn usable_size(_heap: &LocalHeap, block: NonNull<u8>) -> usize {
    // SAFETY: a block of this heap, in use: its size and tag are in front of it.
    unsafe {
        match *block.cast::<[usize; 2]>().sub(1).as_ref() {
            [size, BUFFER] => size,
            [_, tag] => page_of(block, tag).as_ref().block.get(),
        }
    }
}

unsafe fn exit(heap: &LocalHeap) {
    let local = of(heap);
    local.release_due(usize::MAX);
    // SAFETY: the thread's part is used for the last time.
    unsafe {
        let waiting = mem::replace(&mut *local.waiting.get(), Waiting::new());
        local.heap().orphans.lock().append(waiting);
        let memory = local.heap().memory();
        memory.dealloc(heap.state().cast(), Layout::new::<Local>());
    }
}

/// The descriptor of an object's block with this tag.
///
/// # Safety
///
/// - A block of an object of this heap, and its tag.
unsafe fn page_of(block: NonNull<u8>, tag: usize) -> NonNull<PageHead> {
    let offset = HeapKind::from_index(tag as u8).header_offset();
    // SAFETY: the header lies in the block.
    unsafe { PageHead::alone(block.add(offset)) }
}

/// Bytes in front of a block.
const fn front(kind: HeapKind) -> usize {
    match kind {
        HeapKind::Buffer => 16,
        _ => ALONE - kind.header_offset(),
    }
}

/// What is asked of the allocator for a block of `size` bytes; the same for the size that this makes usable.
fn layout(kind: HeapKind, size: usize) -> Option<Layout> {
    let size = size
        .checked_next_multiple_of(16)?
        .checked_add(front(kind))?;
    let align = if kind.is_object() {
        align_of::<PageHead>()
    } else {
        16
    };
    Layout::from_size_align(size, align).ok()
}

/// Spans for the collector's tables, from the same allocator.
struct MemoryPages(&'static Memory);

// SAFETY: the allocator hands out memory that nobody else has, zeroed and aligned as the layout says.
unsafe impl PageSource for MemoryPages {
    fn reserve(&self, size: usize, align: usize) -> Option<NonNull<u8>> {
        let layout = Layout::from_size_align(size, align)
            .ok()
            .filter(|layout| layout.size() != 0)?;
        // SAFETY: the size is not 0.
        NonNull::new(unsafe { self.0.alloc_zeroed(layout) })
    }

    unsafe fn release(&self, span: NonNull<u8>, size: usize, align: usize) {
        // SAFETY: `reserve` made the same layout, so it is valid, and nobody uses the span.
        unsafe {
            self.0.dealloc(
                span.as_ptr(),
                Layout::from_size_align_unchecked(size, align),
            )
        }
    }

    fn page_size(&self) -> usize {
        PAGE
    }
}

const _: () = assert!(PREFIX == 16 && size_of::<[usize; 2]>() <= 16);

/// The tag of a buffer; objects have their kind.
const BUFFER: usize = HeapKind::Buffer as usize;
/// Bytes of an object header.
const HEADER: usize = 16;
/// Lists that objects are registered in.
const SHARDS: usize = 16;
/// How often a thread looks at what waits.
const EVERY: u32 = 16;

#[cfg(all(test, not(loom)))]
mod tests;
