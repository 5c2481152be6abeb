//! Blocks of fixed sizes: constant time, and no fragmentation but within a block.

use core::{
    alloc::{GlobalAlloc, Layout},
    fmt,
    mem::MaybeUninit,
    ptr::{self, NonNull},
};

use heapless::{Vec, VecView};

use super::{GRANULE, aligned};
use crate::lock::SpinLock;

/// Blocks of one size, from a static array.
pub struct Pool {
    start: NonNull<u8>,
    block: usize,
    /// What blocks are aligned to.
    align: usize,
    count: usize,
    free: SpinLock<Free>,
}

/// Blocks that are free, by number.
struct Free {
    /// Those from here on were never taken.
    fresh: usize,
    back: &'static mut VecView<u32>,
}

// SAFETY: the array is its alone, and the list, behind its lock, gives each block to one caller.
unsafe impl Send for Pool {}
// SAFETY: as above.
unsafe impl Sync for Pool {}

impl Pool {
    /// As many blocks of `size` bytes as the array and the list have room for.
    ///
    /// They are aligned to `size` if that is a power of two up to 1024, and to its largest factor of two else.
    /// Those that were taken and are free again are in the list.
    ///
    /// # Panics
    ///
    /// When the size is not a multiple of 16, or 0.
    pub fn new<const COUNT: usize>(
        bytes: &'static mut [MaybeUninit<u8>],
        size: usize,
        list: &'static mut Vec<u32, COUNT>,
    ) -> Self {
        assert!(size != 0 && size.is_multiple_of(GRANULE));
        let align = (1 << size.trailing_zeros()).min(MOST_ALIGNED);
        let (start, room) = aligned(bytes, align);
        let count = (room / size).min(COUNT).min(u32::MAX as usize);
        list.clear();
        Self {
            start,
            block: size,
            align,
            count,
            free: SpinLock::new(Free {
                fresh: 0,
                back: list,
            }),
        }
    }

    /// Bytes of a block.
    pub fn block_size(&self) -> usize {
        self.block
    }

    /// How many blocks there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none, free or not.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// How many are taken.
    pub fn used(&self) -> usize {
        let free = self.free.lock();
        free.fresh - free.back.len()
    }

    fn fits(&self, layout: Layout) -> bool {
        layout.size() <= self.block && layout.align() <= self.align
    }

    fn take(&self) -> Option<NonNull<u8>> {
        let mut free = self.free.lock();
        let number = match free.back.pop() {
            Some(number) => number as usize,
            None if free.fresh < self.count => {
                free.fresh += 1;
                free.fresh - 1
            }
            None => return None,
        };
        // SAFETY: inside the array.
        Some(unsafe { self.start.add(number * self.block) })
    }

    /// The number of a block, if it is one of these.
    fn number(&self, block: *mut u8) -> Option<usize> {
        let offset = block.addr().checked_sub(self.start.as_ptr().addr())?;
        Some(offset / self.block).filter(|&number| number < self.count)
    }

    fn give(&self, number: usize) {
        // It has room for all: at most `COUNT` blocks were taken, each once.
        let _ = self.free.lock().back.push(number as u32);
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("block", &self.block)
            .field("count", &self.count)
            .field("used", &self.used())
            .finish_non_exhaustive()
    }
}

/// Blocks from pools, each from the first one whose blocks are large enough and that has one.
#[derive(Clone, Copy, Debug)]
pub struct Pools {
    pools: &'static [Pool],
}

impl Pools {
    /// An allocator over these; the pool with the smallest blocks should be the first.
    pub const fn new(pools: &'static [Pool]) -> Self {
        Self { pools }
    }

    /// The pools.
    pub fn pools(&self) -> &'static [Pool] {
        self.pools
    }
}

// SAFETY: a block is taken by one caller until it is freed, and its pool says that layouts fit.
unsafe impl GlobalAlloc for Pools {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let mut fitting = self.pools.iter().filter(|pool| pool.fits(layout));
        let block = fitting.find_map(Pool::take);
        block.map_or(ptr::null_mut(), NonNull::as_ptr)
    }

    unsafe fn dealloc(&self, block: *mut u8, _layout: Layout) {
        for pool in self.pools {
            if let Some(number) = pool.number(block) {
                return pool.give(number);
            }
        }
    }
}

/// What listings of a heap need.
const MOST_ALIGNED: usize = 1024;
