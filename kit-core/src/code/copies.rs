//! The images of one code object.
//!
//! | word | written by | read by |
//! |---|---|---|
//! | `near[i]`, and the entry for `i` in `far` | the thread with index `i`, under the lock; the collector, in a stopped world | that thread; others under the lock, or in a stopped world |
//! | `far` | whoever needs a longer table, under the lock; the collector, in a stopped world | everybody |
//! | `shared` | [`Copies::make_shared`], under the lock in a stopped world | everybody |
//!
//! An entry that holds the shared image says that its thread runs that for now.

use super::indices::{Indices, NO_INDEX};
use super::space::{CodeSpace, List, Use};
use crate::backend::retire::Retired;
use crate::sync::atomic::{
    AtomicPtr,
    Ordering::{Acquire, Relaxed, Release},
};
use crate::thread::Ctx;
use core::{alloc::Layout, cell::Cell, fmt, ptr, ptr::NonNull};

/// How many threads' images the code object itself has room for.
pub const NEAR: usize = 8;

/// The images of one code object: a field of it.
pub struct Copies {
    near: [AtomicPtr<u32>; NEAR],
    /// The images of the threads from [`NEAR`] on; null until there is one.
    far: AtomicPtr<Far>,
    shared: AtomicPtr<u32>,
    pristine: *const [u32],
    space: &'static CodeSpace,
    linked: Cell<bool>,
    next: Cell<*const Copies>,
    previous: Cell<*const Copies>,
}

// SAFETY: the cells are touched under the space's lock only; images are written by their threads.
unsafe impl Send for Copies {}
// SAFETY: as above.
unsafe impl Sync for Copies {}

impl fmt::Debug for Copies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Copies")
            .field("units", &self.pristine.len())
            .finish_non_exhaustive()
    }
}

/// The head of a table; its entries follow.
pub(super) struct Far {
    len: usize,
}

impl Far {
    fn layout(len: usize) -> Option<Layout> {
        let entries = Layout::array::<AtomicPtr<u32>>(len).ok()?;
        Some(Layout::new::<Far>().extend(entries).ok()?.0)
    }

    /// # Safety
    /// - `at` is a table, or null; it lives while the result is used.
    unsafe fn entries<'a>(at: *const Far) -> &'a [AtomicPtr<u32>] {
        if at.is_null() {
            return &[];
        }
        const { assert!(align_of::<AtomicPtr<u32>>() <= align_of::<Far>()) };
        // SAFETY: the entries follow the head.
        unsafe { core::slice::from_raw_parts(at.add(1).cast(), (*at).len) }
    }

    /// A table of `len` null pointers.
    fn allocate(space: &CodeSpace, len: usize) -> Option<NonNull<Far>> {
        let layout = Far::layout(len)?;
        space.heap().adjust(layout.size() as isize);
        let table: NonNull<Far> = space.allocate(Use::Copy, layout, false)?.cast();
        // SAFETY: a fresh block of this layout.
        unsafe {
            table.write(Far { len });
            let first = table.add(1).cast::<AtomicPtr<u32>>();
            for index in 0..len {
                first.add(index).write(AtomicPtr::new(ptr::null_mut()));
            }
        }
        Some(table)
    }

    /// # Safety
    /// - `table` is from [`allocate`](Self::allocate), and nobody uses it any more.
    pub(super) unsafe fn free(space: &CodeSpace, table: *mut Far) {
        // SAFETY: as the caller says.
        unsafe {
            let len = (*table).len;
            let entries = table.add(1).cast::<AtomicPtr<u32>>();
            ptr::slice_from_raw_parts_mut(entries, len).drop_in_place();
            if let Some(layout) = Far::layout(len) {
                space.free(Use::Copy, table.cast(), layout);
            }
        }
    }
}

/// Frees a table whose readers are gone.
unsafe fn release_table(table: *mut u8, _: usize, space: *mut ()) {
    // SAFETY: retired by `Copies::enter`, with the space.
    unsafe { Far::free(&*space.cast::<CodeSpace>(), table.cast()) };
}

impl Copies {
    /// No images yet of the code with these units.
    ///
    /// # Safety
    /// - `pristine` stays, and stays as it is, as long as the result.
    pub unsafe fn new(space: &'static CodeSpace, pristine: *const [u32]) -> Copies {
        Copies {
            near: [ptr::null_mut(); NEAR].map(AtomicPtr::new),
            far: AtomicPtr::new(ptr::null_mut()),
            shared: AtomicPtr::new(pristine.cast::<u32>().cast_mut()),
            pristine,
            space,
            linked: Cell::new(false),
            next: Cell::new(ptr::null()),
            previous: Cell::new(ptr::null()),
        }
    }

    /// The image that the thread with this index runs: its own, which is made if there is none and room for it; otherwise the shared one.
    ///
    /// # Safety
    /// - The index is the calling thread's, or [`NO_INDEX`].
    /// - `self` stays where it is from now on.
    #[inline(always)]
    pub unsafe fn units(&self, ctx: &Ctx, index: u32) -> *mut u32 {
        if let Some(entry) = self.near.get(index as usize) {
            // Relaxed: written by this thread, by the index's last owner, or in a stopped world.
            let units = entry.load(Relaxed);
            if !units.is_null() {
                return units;
            }
        }
        // SAFETY: as the caller says.
        unsafe { self.units_slow(ctx, index) }
    }

    /// As [`units`](Self::units), where that is known at once; else null.
    #[inline(always)]
    pub fn near_units(&self, index: u32) -> *mut u32 {
        match self.near.get(index as usize) {
            // Relaxed: as in `units`.
            Some(entry) => entry.load(Relaxed),
            None => ptr::null_mut(),
        }
    }

    #[inline(never)]
    unsafe fn units_slow(&self, ctx: &Ctx, index: u32) -> *mut u32 {
        match self.find(index) {
            Some(units) => units,
            // SAFETY: as the caller says.
            None => unsafe { self.enter(ctx, index) },
        }
    }

    /// What the thread with this index runs, if it has ever entered the code.
    pub(super) fn find(&self, index: u32) -> Option<*mut u32> {
        let index = index as usize;
        let entry = match self.near.get(index) {
            Some(entry) => entry,
            // SAFETY: a table is freed with `self`, or when nobody who was online can be reading it.
            None => unsafe { self.far() }.get(index - NEAR)?,
        };
        // Relaxed: as in `units`.
        let units = entry.load(Relaxed);
        (!units.is_null()).then_some(units)
    }

    /// The entries of the table outside.
    ///
    /// # Safety
    /// - The caller comes to no safepoint while it uses the result.
    unsafe fn far(&self) -> &[AtomicPtr<u32>] {
        // Acquire, paired with `place`: the table is complete.
        let far = self.far.load(Acquire);
        // SAFETY: as the caller says: what is replaced waits for a grace period.
        unsafe { Far::entries(far) }
    }

    /// The thread's first time here: makes its image, if it may have one.
    #[cold]
    unsafe fn enter(&self, ctx: &Ctx, index: u32) -> *mut u32 {
        let thread = ctx.thread();
        let space = self.space;
        if index == NO_INDEX {
            return self.shared.load(Relaxed);
        }
        let size = Layout::for_value(self.pristine()).size();
        let is_charged = space.heap().charge(&thread.heap, size);
        let beyond = space.options().needed.is_some_and(|needed| needed(ctx));
        // SAFETY: as the caller says.
        let (units, old) = unsafe { self.make(index, is_charged, beyond) };
        if let Some(old) = NonNull::new(old) {
            // SAFETY: a table.
            let size = unsafe { Far::layout(old.as_ref().len) }.map_or(0, |layout| layout.size());
            let item = Retired {
                block: old.cast(),
                size,
                release: release_table,
                context: ptr::from_ref(space).cast_mut().cast(),
            };
            // SAFETY: replaced, so nobody who looks now finds it; the space is there for ever.
            unsafe { thread.retire_item(item) };
        }
        if let Some(fresh) = space.options().fresh {
            // SAFETY: what the thread runs from now on.
            unsafe { fresh(ctx, self, units) };
        }
        units
    }

    /// Puts the code among those that have images before anybody has entered it: where all threads run the shared image, whoever
    /// changes that has to find it.
    ///
    /// # Safety
    /// - `self` stays where it is from now on.
    pub unsafe fn enlist(&self) {
        // SAFETY: as the caller says.
        self.space.with(|list| unsafe { self.link(list) });
    }

    /// Makes the image of the thread with this index, if the heap could be charged for it, and `beyond` the limit for copies or within it. Returns what the thread runs, and the
    /// table that was replaced by a longer one, or null.
    ///
    /// # Safety
    /// - The index is the calling thread's, and nothing is found under it.
    /// - `self` stays where it is from now on.
    pub(super) unsafe fn make(
        &self,
        index: u32,
        is_charged: bool,
        beyond: bool,
    ) -> (*mut u32, *mut Far) {
        let own = if is_charged {
            self.image(purpose(index), beyond)
        } else {
            None
        };
        let (units, old) = self.space.with(|list| {
            list.refused |= own.is_none();
            // SAFETY: `self` stays where it is.
            unsafe { self.link(list) };
            self.place(index, own)
        });
        if let Some(own) = own
            && own != units
        {
            // SAFETY: made above, and nobody else has seen it.
            unsafe { self.free(purpose(index), own) };
        }
        (units, old)
    }

    /// A fresh image, that the heap was charged for.
    fn image(&self, purpose: Use, beyond: bool) -> Option<*mut u32> {
        let pristine = self.pristine();
        let block = self
            .space
            .allocate(purpose, Layout::for_value(pristine), beyond)?
            .cast::<u32>()
            .as_ptr();
        // SAFETY: a fresh block, as long.
        unsafe { ptr::copy_nonoverlapping(pristine.as_ptr(), block, pristine.len()) };
        Some(block)
    }

    /// Makes `own`, or without one the shared image, what the thread with this index runs. Returns what that is, and the table that was replaced by a
    /// longer one, or null. With the space's lock.
    fn place(&self, index: u32, own: Option<*mut u32>) -> (*mut u32, *mut Far) {
        // Relaxed: written under the lock, but for what only the index's owner writes.
        let shared = self.shared.load(Relaxed);
        let units = own.unwrap_or(shared);
        let index = index as usize;
        let Some(beyond) = index.checked_sub(NEAR) else {
            self.near[index].store(units, Relaxed);
            return (units, ptr::null_mut());
        };
        // Relaxed: as above.
        let mut table = self.far.load(Relaxed);
        let mut old = ptr::null_mut();
        // SAFETY: the lock keeps others from replacing the table.
        let entries = unsafe { Far::entries(table) };
        if beyond >= entries.len() {
            let len = (beyond + 1).next_power_of_two();
            match Far::allocate(self.space, len) {
                Some(longer) => {
                    old = table;
                    table = longer.as_ptr();
                    // SAFETY: made just now.
                    for (longer, entry) in unsafe { Far::entries(table) }.iter().zip(entries) {
                        // Relaxed: entries are written under the lock.
                        longer.store(entry.load(Relaxed), Relaxed);
                    }
                    // Release, paired with `far`: the table is complete.
                    self.far.store(table, Release);
                }
                None => return (shared, ptr::null_mut()),
            }
        }
        // SAFETY: as above.
        let entries = unsafe { Far::entries(table) };
        entries[beyond].store(units, Relaxed);
        (units, old)
    }

    /// What the compiler made: the units of the code, without what any thread has learnt.
    #[inline]
    pub fn pristine(&self) -> &[u32] {
        // SAFETY: promised to `new`.
        unsafe { &*self.pristine }
    }

    /// Whether `pc` is in an image that only the calling thread writes. If not, it may not be specialised.
    ///
    /// # Safety
    /// - `pc` is in an image that the calling thread runs.
    #[inline]
    pub unsafe fn is_private(&self, pc: *const u32) -> bool {
        // Relaxed: only an address.
        let shared = self.shared.load(Relaxed);
        self.within(shared, pc).is_none() && self.within(self.pristine.cast(), pc).is_none()
    }

    /// Where in the image `pc` is, in units.
    #[inline(always)]
    fn within(&self, image: *const u32, pc: *const u32) -> Option<u32> {
        let offset = (pc as usize).wrapping_sub(image as usize);
        (offset < size_of::<u32>() * self.pristine.len())
            .then_some((offset / size_of::<u32>()) as u32)
    }

    /// The number of the unit that `pc` points at, in whichever image that is: most likely that of the thread with this index.
    #[inline]
    pub fn offset_in(&self, index: u32, pc: *const u32) -> u32 {
        self.near_offset(index, pc)
            .unwrap_or_else(|| self.offset(pc))
    }

    /// As [`offset_in`](Self::offset_in), where `pc` is in what is most likely.
    #[inline(always)]
    pub fn near_offset(&self, index: u32, pc: *const u32) -> Option<u32> {
        // Below a null pointer there is no code.
        self.within(self.near_units(index), pc)
    }

    /// The number of the unit that `pc` points at, in whichever image that is.
    #[inline(never)]
    pub fn offset(&self, pc: *const u32) -> u32 {
        // Relaxed: only addresses. Who has the pointer runs the image, or has stopped who does.
        let shared = self.shared.load(Relaxed);
        let found = [self.pristine.cast::<u32>(), shared.cast_const()]
            .into_iter()
            .find_map(|image| self.within(image, pc));
        found
            .or_else(|| {
                // SAFETY: no safepoint in here.
                let mut images = self.near.iter().chain(unsafe { self.far() });
                images.find_map(|entry| {
                    let image = entry.load(Relaxed);
                    (!image.is_null()).then(|| self.within(image, pc))?
                })
            })
            .unwrap_or(0)
    }

    /// Calls `look` with each image that is written: with its index, or `None` for a shared one that is not pristine.
    ///
    /// An image may be read or written by its thread, and by who has stopped the world. `look` neither waits nor enters code.
    pub fn for_each(&self, mut look: impl FnMut(Option<u32>, *mut u32)) {
        self.space.with(|_| {
            let shared = self.shared.load(Relaxed);
            if !ptr::eq(shared, self.pristine.cast()) {
                look(None, shared);
            }
            // SAFETY: no safepoint in here.
            let images = self.near.iter().chain(unsafe { self.far() });
            for (index, entry) in images.enumerate() {
                let image = entry.load(Relaxed);
                if !image.is_null() && !self.is_shared(image) {
                    look(Some(index as u32), image);
                }
            }
        });
    }

    /// The image that only the thread with this index writes, if there is one.
    ///
    /// # Safety
    /// - The index is the calling thread's.
    pub unsafe fn own(&self, index: u32) -> Option<*mut u32> {
        let units = (index != NO_INDEX).then(|| self.find(index))??;
        (!self.is_shared(units)).then_some(units)
    }

    fn is_shared(&self, image: *const u32) -> bool {
        ptr::eq(image, self.pristine.cast()) || ptr::eq(image, self.shared.load(Relaxed))
    }

    /// The shared image, made different from the pristine one so that it may be written while the world is stopped. Threads
    /// that run the pristine one now go on in it until they next enter. `None`: no memory.
    ///
    /// # Safety
    /// - The world is stopped, or there is no other thread; `self` stays where it is.
    pub unsafe fn make_shared(&self) -> Option<*mut u32> {
        let shared = self.shared.load(Relaxed);
        if !ptr::eq(shared, self.pristine.cast()) {
            return Some(shared);
        }
        let size = Layout::for_value(self.pristine()).size();
        self.space.heap().adjust(size as isize);
        let image = self.image(Use::Shared, false)?;
        self.space.with(|list| {
            // SAFETY: as the caller says; no safepoint in here.
            let images = unsafe {
                self.link(list);
                self.near.iter().chain(self.far())
            };
            for entry in images {
                // Relaxed, here and below: the world is stopped.
                if ptr::eq(entry.load(Relaxed), shared) {
                    entry.store(image, Relaxed);
                }
            }
            self.shared.store(image, Relaxed);
        });
        Some(image)
    }

    /// Enters the code into the list of those that have images.
    ///
    /// # Safety
    /// - `self` stays where it is.
    unsafe fn link(&self, list: &mut List) {
        if !self.linked.replace(true) {
            self.next.set(list.first);
            // SAFETY: what is in the list lives.
            if let Some(next) = unsafe { list.first.as_ref() } {
                next.previous.set(self);
            }
            list.first = self;
        }
    }

    /// The next in the list.
    ///
    /// # Safety
    /// - The caller has the list.
    pub(super) unsafe fn next(&self) -> *const Copies {
        self.next.get()
    }

    /// Frees the copies under indices that nobody has. With `retry`, whoever runs the shared image asks for one of its own again. Returns the next in the list.
    ///
    /// # Safety
    /// - The caller has the list, and the world is stopped.
    pub(super) unsafe fn reclaim(&self, indices: &Indices, retry: bool) -> *const Copies {
        // SAFETY: the world is stopped.
        let images = self.near.iter().chain(unsafe { self.far() });
        for (index, entry) in images.enumerate() {
            let image = entry.load(Relaxed);
            if image.is_null() {
                continue;
            }
            let is_shared = self.is_shared(image);
            let is_taken = indices.is_taken(index as u32);
            if is_shared && (retry || !is_taken) {
                entry.store(ptr::null_mut(), Relaxed);
            } else if !is_shared && !is_taken && index != 0 {
                entry.store(ptr::null_mut(), Relaxed);
                // SAFETY: its thread is gone, and with it the frames that were in it; those that left the thread keep offsets.
                unsafe { self.free(purpose(index as u32), image) };
            }
        }
        // SAFETY: nobody reads the table while the world is stopped, nor finds it afterwards.
        unsafe {
            let is_empty = |entry: &AtomicPtr<u32>| entry.load(Relaxed).is_null();
            if self.far().iter().all(is_empty) {
                let far = self.far.load(Relaxed);
                self.far.store(ptr::null_mut(), Relaxed);
                if !far.is_null() {
                    Far::free(self.space, far);
                }
            }
        }
        self.next.get()
    }

    /// # Safety
    /// - `image` was made for `purpose`, and nobody uses it any more.
    unsafe fn free(&self, purpose: Use, image: *mut u32) {
        let layout = Layout::for_value(self.pristine());
        // SAFETY: as the caller says.
        unsafe { self.space.free(purpose, image.cast(), layout) };
    }
}

/// What the image of a thread is.
fn purpose(index: u32) -> Use {
    match index {
        0 => Use::Main,
        _ => Use::Copy,
    }
}

impl Drop for Copies {
    fn drop(&mut self) {
        if self.linked.get() {
            self.space.with(|list| {
                let (next, previous) = (self.next.get(), self.previous.get());
                // SAFETY: neighbours in the list live.
                unsafe {
                    if let Some(next) = next.as_ref() {
                        next.previous.set(previous);
                    }
                    match previous.as_ref() {
                        Some(previous) => previous.next.set(next),
                        None => list.first = next,
                    }
                }
            });
        }
        // SAFETY: nobody runs the code any more, nor finds it.
        unsafe {
            for (index, entry) in self.near.iter().chain(self.far()).enumerate() {
                let image = entry.load(Relaxed);
                if !image.is_null() && !self.is_shared(image) {
                    self.free(purpose(index as u32), image);
                }
            }
            let far = self.far.load(Relaxed);
            if !far.is_null() {
                Far::free(self.space, far);
            }
            let shared = self.shared.load(Relaxed);
            if !ptr::eq(shared, self.pristine.cast()) {
                self.free(Use::Shared, shared);
            }
        }
    }
}
