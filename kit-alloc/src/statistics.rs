//! What a heap's memory is used for: by kind of block and size class, exact, from a walk over the pages.
//!
//! Allocating and freeing count nothing for this. Which blocks of a page are live follows from its lists
//! (see the walk), and the totals are counted where pages and segments come and go.
//!
//! A heap that calls an allocator for each block lists its objects only, and has no pages; its buffers are in the
//! totals.

use core::{fmt, ptr::NonNull};

use kit_core::backend::{
    heap::{CLASS_MAX, CLASSES, HeapKind, KINDS, Kinds, SharedHeap, Totals, class_of},
    listing::{Front, SLICES_OF_LISTING},
    page::{PageHead, SLICE},
};

use crate::size_class::block_size;

/// Blocks of one sort.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Pages that have such blocks, or are kept for them.
    pub pages: usize,
    /// Bytes of those pages.
    pub page_bytes: usize,
    /// Blocks in use.
    pub blocks: usize,
    /// Bytes of the blocks in use.
    pub bytes: usize,
}

impl Usage {
    fn add(&mut self, other: Usage) {
        self.pages += other.pages;
        self.page_bytes += other.page_bytes;
        self.blocks += other.blocks;
        self.bytes += other.bytes;
    }
}

/// What a heap's memory is used for at one moment.
#[derive(Clone, Debug)]
pub struct Statistics {
    /// What the heap has counted.
    pub totals: Totals,
    /// The last one: blocks too large for a class.
    usage: [[Usage; CLASSES + 1]; KINDS],
}

impl Statistics {
    /// Walks the heap.
    ///
    /// # Safety
    ///
    /// - The world is stopped: nobody allocates or frees here.
    pub unsafe fn gather(heap: &dyn SharedHeap) -> Statistics {
        let mut statistics = Statistics {
            totals: heap.totals(),
            usage: [[Usage::default(); CLASSES + 1]; KINDS],
        };
        // SAFETY: the caller stopped the world.
        unsafe {
            for part in 0..heap.walk_parts() {
                heap.walk_pages(part, Kinds::ALL, &mut |this| {
                    let page = this.as_ref();
                    if page.slices.get() == SLICES_OF_LISTING {
                        return statistics.add_listing(this);
                    }
                    let mut blocks = 0;
                    PageHead::for_each_live(this, |_| blocks += 1);
                    let block = page.block.get();
                    let kind = page.heap_kind() as usize;
                    statistics.usage[kind][class_of_any(block)].add(Usage {
                        pages: 1,
                        // A huge page has one slice with a descriptor, and its block.
                        page_bytes: (page.slices.get() as usize * SLICE).max(block),
                        blocks,
                        bytes: blocks * block,
                    });
                });
            }
        }
        statistics
    }

    /// # Safety
    ///
    /// - A listing in use, and the world is stopped.
    unsafe fn add_listing(&mut self, this: NonNull<PageHead>) {
        // SAFETY: as the caller says; live blocks have fronts.
        unsafe {
            let kind = this.as_ref().heap_kind() as usize;
            PageHead::for_each_live(this, |block| {
                let size = Front::of(block).read().size();
                self.usage[kind][class_of_any(size)].add(Usage {
                    pages: 0,
                    page_bytes: size,
                    blocks: 1,
                    bytes: size,
                });
            });
        }
    }

    /// Blocks of a kind and size class; those too large for a class are in class [`CLASSES`].
    pub fn class(&self, kind: HeapKind, class: usize) -> Usage {
        self.usage[kind as usize][class]
    }

    /// All blocks of a kind.
    pub fn kind(&self, kind: HeapKind) -> Usage {
        let mut sum = Usage::default();
        for usage in &self.usage[kind as usize] {
            sum.add(*usage);
        }
        sum
    }
}

/// The class of a block, which may be too large for one.
fn class_of_any(size: usize) -> usize {
    if size <= CLASS_MAX {
        class_of(size)
    } else {
        CLASSES
    }
}

impl fmt::Display for Statistics {
    /// A table: the totals, the kinds, and the classes in use.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let totals = &self.totals;
        writeln!(
            f,
            "heap: {} bytes in use, {} at most, {} of them outside of the heap",
            totals.bytes, totals.peak, totals.outside
        )?;
        writeln!(
            f,
            "source: {} bytes held, {} of them free, {} given back",
            totals.held, totals.free, totals.returned
        )?;
        writeln!(
            f,
            "{:<10} {:>8} {:>8} {:>12} {:>10} {:>12}",
            "kind", "block", "pages", "page bytes", "blocks", "bytes"
        )?;
        for kind in HeapKind::ALL {
            row(f, kind, format_args!("all"), self.kind(kind))?;
            for class in 0..=CLASSES {
                let usage = self.class(kind, class);
                if usage.page_bytes == 0 {
                    continue;
                }
                if class == CLASSES {
                    row(f, kind, format_args!("larger"), usage)?;
                } else {
                    row(f, kind, format_args!("{}", block_size(class)), usage)?;
                }
            }
        }
        Ok(())
    }
}

fn row(
    f: &mut fmt::Formatter<'_>,
    kind: HeapKind,
    block: fmt::Arguments<'_>,
    usage: Usage,
) -> fmt::Result {
    let name = match kind {
        HeapKind::Buffer => "buffer",
        HeapKind::Plain => "plain",
        HeapKind::Collected => "collected",
        HeapKind::Prefixed => "prefixed",
    };
    // Arguments ignore widths, so the column is filled by hand.
    struct Count(usize);
    impl fmt::Write for Count {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0 += text.len();
            Ok(())
        }
    }
    let mut width = Count(0);
    fmt::write(&mut width, block)?;
    let room = 8_usize.saturating_sub(width.0);
    writeln!(
        f,
        "{name:<10} {:room$}{block} {:>8} {:>12} {:>10} {:>12}",
        "", usage.pages, usage.page_bytes, usage.blocks, usage.bytes
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paged::Heap;
    use crate::source::global::GlobalPages;
    use kit_core::backend::grace::NoReaders;
    use std::{format, string::ToString};

    #[test]
    fn blocks_are_counted_by_kind_and_class() {
        static PAGES: GlobalPages<std::alloc::System> = GlobalPages(std::alloc::System);
        let heap = Heap::new(&PAGES, &NoReaders);
        // SAFETY: the only local heap, dropped before the heap.
        let local = unsafe { heap.local(1) }.expect("memory");
        let mut blocks = std::vec::Vec::new();
        for _ in 0..100 {
            blocks.push(local.alloc(HeapKind::Plain, 48).expect("memory"));
        }
        // SAFETY: ours. With checks there is more around what was asked for.
        let size = unsafe { PageHead::of(blocks[0]).as_ref() }.block.get();
        assert!(size == 48 || cfg!(feature = "checks"));
        let large = local.alloc(HeapKind::Buffer, 200_000).expect("memory");
        let huge = local.alloc(HeapKind::Buffer, 9 << 20).expect("memory");
        // SAFETY: ours, freed once; a block of zeros is dead.
        unsafe {
            for block in blocks.drain(..30) {
                local.free(block);
            }
        }
        // SAFETY: nobody else uses the heap.
        let statistics = unsafe { Statistics::gather(&heap) };
        let plain = statistics.class(HeapKind::Plain, class_of(size));
        assert_eq!((plain.pages, plain.blocks, plain.bytes), (1, 70, 70 * size));
        assert_eq!(statistics.kind(HeapKind::Plain), plain);
        let buffers = statistics.class(HeapKind::Buffer, CLASSES);
        assert_eq!((buffers.pages, buffers.blocks), (2, 2));
        assert!(buffers.bytes >= 200_000 + (9 << 20) && buffers.page_bytes >= buffers.bytes);
        let totals = statistics.totals;
        assert!(totals.bytes >= plain.page_bytes + buffers.page_bytes);
        assert!(totals.peak >= totals.bytes && totals.held >= totals.bytes);
        let text = statistics.to_string();
        let row = format!(
            "plain            {size}        1        65536         70         {}",
            70 * size
        );
        assert!(size > 99 || text.contains(&row), "{text}");
        // SAFETY: ours, freed once.
        unsafe {
            local.free(large);
            local.free(huge);
            for block in blocks {
                local.free(block);
            }
        }
        local.collect(true);
        // SAFETY: nobody else uses the heap.
        let after = unsafe { Statistics::gather(&heap) };
        assert!(after.totals.bytes < 1 << 20 && after.totals.peak == totals.peak);
        assert!(after.totals.returned >= 9 << 20);
        drop(local);
    }
}
