//! The images of all code of one runtime: how much memory they may take, and which are left over.

use super::copies::Copies;
use super::indices::Indices;
use crate::backend::heap::SharedHeap;
use crate::platform::memory::Memory;
use crate::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use crate::sync::cell::UnsafeCell;
use crate::sync::mutex::ByteLock;
use crate::sync::parking::ParkingLot;
use crate::thread::Ctx;
use core::{alloc::Layout, fmt, mem, ptr, ptr::NonNull};

/// How code is to be copied.
#[derive(Clone, Copy, Debug)]
pub struct CodeOptions {
    /// Whether threads get images of their own. If not, all run the shared ones, which are not specialised.
    pub private: bool,
    /// Called by each thread that enters code for the first time, with the image that it will run: one made for it, or the shared one
    /// that it has to do with.
    pub fresh: Option<unsafe fn(&Ctx, &Copies, *mut u32)>,
    /// The most bytes that copies may take, main images not counted. Who finds no room for one runs the shared image.
    pub limit: usize,
    /// Whether a thread has to get an image beyond the limit: because it is to write into it, and the shared one cannot be written until
    /// the world stops.
    pub needed: Option<fn(&Ctx) -> bool>,
}

impl Default for CodeOptions {
    fn default() -> CodeOptions {
        CodeOptions {
            private: true,
            fresh: None,
            limit: usize::MAX,
            needed: None,
        }
    }
}

/// What images take, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CodeBytes {
    /// Main images.
    pub main: usize,
    /// The copies of threads with another index than 0, and tables of them.
    pub copies: usize,
    /// Shared images that differ from the pristine ones.
    pub shared: usize,
}

impl CodeBytes {
    /// All of them.
    pub fn sum(self) -> usize {
        self.main + self.copies + self.shared
    }
}

impl fmt::Display for CodeBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "images of code: {} bytes of main ones, {} of copies, {} of shared ones",
            self.main, self.copies, self.shared
        )
    }
}

/// What a block is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    Main,
    Copy,
    Shared,
}

/// The images of one runtime.
pub struct CodeSpace {
    memory: &'static Memory,
    lot: &'static ParkingLot,
    /// Counts the images as its own.
    heap: &'static dyn SharedHeap,
    options: CodeOptions,
    indices: Indices,
    /// By [`Use`].
    bytes: [AtomicUsize; 3],
    /// The most that copies have taken.
    most_copied: AtomicUsize,
    lock: ByteLock,
    list: UnsafeCell<List>,
}

/// The code objects that have images.
pub(super) struct List {
    pub(super) first: *const Copies,
    /// An index was released since the last look at what is left over.
    orphans: bool,
    /// Somebody was refused a copy since then.
    pub(super) refused: bool,
}

// SAFETY: `list` is touched under `lock` only; what it leads to takes itself out before it goes.
unsafe impl Send for CodeSpace {}
// SAFETY: as above.
unsafe impl Sync for CodeSpace {}

impl fmt::Debug for CodeSpace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CodeSpace")
            .field("options", &self.options)
            .field("bytes", &self.bytes())
            .finish_non_exhaustive()
    }
}

/// What [`CodeSpace::hold`] has taken.
#[must_use]
#[derive(Debug)]
pub struct Held<'a>(&'a CodeSpace);

impl Held<'_> {
    /// Forgets the threads that are not in this process, which was forked: all but the calling one, whose index is `mine`.
    ///
    /// # Safety
    /// - The calling thread is the only one there is.
    pub unsafe fn inherit(&self, mine: u32) {
        // SAFETY: as the caller says.
        unsafe { self.0.indices.keep_only(mine) };
        // SAFETY: locked.
        self.0
            .list
            .with_mut(|list| unsafe { (*list).orphans = true });
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        // SAFETY: locked by `hold`.
        unsafe { self.0.lock.unlock(self.0.lot) };
    }
}

impl CodeSpace {
    /// Room for images, from `memory`, counted by `heap`, for threads that sleep in `lot`.
    pub fn new(
        memory: &'static Memory,
        lot: &'static ParkingLot,
        heap: &'static dyn SharedHeap,
        options: CodeOptions,
    ) -> CodeSpace {
        CodeSpace {
            memory,
            lot,
            heap,
            options,
            indices: Indices::new(memory),
            bytes: [const { 0 }; 3].map(AtomicUsize::new),
            most_copied: AtomicUsize::new(0),
            lock: ByteLock::new(),
            list: UnsafeCell::new(List {
                first: ptr::null(),
                orphans: false,
                refused: false,
            }),
        }
    }

    /// How code is copied here.
    pub fn options(&self) -> CodeOptions {
        self.options
    }

    /// What images take now.
    pub fn bytes(&self) -> CodeBytes {
        // Relaxed, here and below: only numbers.
        let [main, copies, shared] = [Use::Main, Use::Copy, Use::Shared]
            .map(|purpose| self.bytes[purpose as usize].load(Relaxed));
        CodeBytes {
            main,
            copies,
            shared,
        }
    }

    /// The most that [copies](CodeBytes::copies) have taken at a time, in bytes. They go with their threads, and with their code.
    pub fn most_copied(&self) -> usize {
        self.most_copied.load(Relaxed)
    }

    /// The threads' indices.
    #[cfg(all(test, loom))]
    pub(super) fn indices(&self) -> &Indices {
        &self.indices
    }

    /// An index for a thread that will run code: the smallest free one. Where threads have no images of their own, and
    /// without memory, [`NO_INDEX`](super::NO_INDEX).
    pub fn join(&self) -> u32 {
        let index = if self.options.private {
            self.indices.reserve()
        } else {
            None
        };
        index.unwrap_or(super::NO_INDEX)
    }

    /// Gives the index of a thread back that will run no more code. The next one to [`join`](Self::join) takes over its copies,
    /// unless a collection is faster.
    ///
    /// # Safety
    /// - `index` came from [`join`](Self::join), and is given back once.
    pub unsafe fn leave(&self, index: u32) {
        if index != super::NO_INDEX {
            // SAFETY: as the caller says.
            unsafe { self.indices.release(index) };
            self.with(|list| list.orphans = true);
        }
    }

    /// Keeps others from entering code for the first time and from leaving, until the result is dropped: for a fork. The holder
    /// does neither.
    pub fn hold(&self) -> Held<'_> {
        self.lock.lock_short(self.lot);
        Held(self)
    }

    /// Frees the copies under indices that no thread has. Cheap as long as no thread has left.
    ///
    /// # Safety
    /// - The world is stopped.
    pub unsafe fn reclaim(&self) {
        self.with(|list| {
            if !mem::take(&mut list.orphans) {
                return;
            }
            let retry = mem::take(&mut list.refused);
            let mut copies = list.first;
            // SAFETY: what is in the list lives, and takes the lock before it goes; the world is stopped.
            while let Some(each) = unsafe { copies.as_ref() } {
                // SAFETY: as above.
                copies = unsafe { each.reclaim(&self.indices, retry) };
            }
        });
    }

    /// Calls `look` with each code object that has images. It neither waits nor comes back here.
    pub fn for_each(&self, mut look: impl FnMut(&Copies)) {
        self.with(|list| {
            let mut copies = list.first;
            // SAFETY: as in `reclaim`; the links are touched under the lock.
            while let Some(each) = unsafe { copies.as_ref() } {
                look(each);
                // SAFETY: as above.
                copies = unsafe { each.next() };
            }
        });
    }

    /// Runs `body` with the list to itself; it neither waits nor comes back here.
    pub(super) fn with<R>(&self, body: impl FnOnce(&mut List) -> R) -> R {
        self.lock.lock_short(self.lot);
        // SAFETY: the lock makes this the only access.
        let result = self.list.with_mut(|list| body(unsafe { &mut *list }));
        // SAFETY: locked above.
        unsafe { self.lock.unlock(self.lot) };
        result
    }

    /// Where copies are counted, and may be refused.
    pub(super) fn heap(&self) -> &'static dyn SharedHeap {
        self.heap
    }

    /// A block that the heap has been charged for. `None`: no memory, or the limit is reached, if it is not to be had `beyond` that; the
    /// charge is taken back.
    pub(super) fn allocate(
        &self,
        purpose: Use,
        layout: Layout,
        beyond: bool,
    ) -> Option<NonNull<u8>> {
        let size = layout.size();
        let used = &self.bytes[purpose as usize];
        let limit = match purpose {
            Use::Copy if !beyond => self.options.limit,
            Use::Main | Use::Copy | Use::Shared => usize::MAX,
        };
        let before = used.fetch_add(size, Relaxed);
        let block = match before.checked_add(size) {
            // SAFETY: a code object has units, and a table entries.
            Some(sum) if sum <= limit => NonNull::new(unsafe { self.memory.alloc(layout) }),
            _ => None,
        };
        if block.is_none() {
            used.fetch_sub(size, Relaxed);
            self.heap.adjust(-(size as isize));
        } else if purpose == Use::Copy {
            self.most_copied.fetch_max(before + size, Relaxed);
        }
        block
    }

    /// Frees a block.
    ///
    /// # Safety
    /// - It came from [`allocate`](Self::allocate) with these arguments, and nobody uses it any more.
    pub(super) unsafe fn free(&self, purpose: Use, block: *mut u8, layout: Layout) {
        self.bytes[purpose as usize].fetch_sub(layout.size(), Relaxed);
        self.heap.adjust(-(layout.size() as isize));
        // SAFETY: as the caller says.
        unsafe { self.memory.dealloc(block, layout) };
    }
}
