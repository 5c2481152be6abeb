//! A cell: one word, which points to a value that nobody changes.

use super::{Domain, Reader};
use core::{alloc::Layout, fmt, marker::PhantomData, mem::ManuallyDrop, ptr, ptr::NonNull};
use kit_core::{
    backend::retire::Retired,
    platform::memory::Memory,
    sync::atomic::{
        AtomicPtr,
        Ordering::{Acquire, Relaxed, Release},
    },
};

/// A value that is read without a lock and replaced as a whole.
pub struct Rcu<'d, T> {
    domain: &'d Domain,
    /// Never null.
    value: AtomicPtr<Node<T>>,
    owns: PhantomData<T>,
}

// SAFETY: it owns its value, which may then be dropped by any thread.
unsafe impl<T: Send + Sync> Send for Rcu<'_, T> {}
// SAFETY: it lends its value to all threads, and any may replace and drop it.
unsafe impl<T: Send + Sync> Sync for Rcu<'_, T> {}

/// There is no memory for a value, or too much that was replaced is still [held back](super#bounds). The value is
/// given back; nothing has changed.
pub struct Held<T>(pub T);

impl<T> fmt::Debug for Held<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Held")
    }
}

impl<T> fmt::Display for Held<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no memory for a value, or too much is held back by readers")
    }
}

impl<T> core::error::Error for Held<T> {}

impl<T> fmt::Debug for Rcu<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rcu").finish_non_exhaustive()
    }
}

impl<'d, T: Send + Sync + 'static> Rcu<'d, T> {
    /// A cell with `value`.
    ///
    /// # Errors
    ///
    /// There is no memory.
    pub fn new(domain: &'d Domain, value: T) -> Result<Self, Held<T>> {
        Ok(Self {
            domain,
            value: AtomicPtr::new(Fresh::new(domain.memory, value)?.into_raw()),
            owns: PhantomData,
        })
    }

    /// The value now. It stays until `reader` reports.
    ///
    /// # Panics
    ///
    /// `reader` belongs to another domain.
    #[inline]
    pub fn read<'r>(&'r self, reader: &'r Reader<'_, 'd>) -> &'r T {
        self.check(reader);
        // Acquire, paired with `replace_if`: the value is initialised.
        let value = self.value.load(Acquire);
        // SAFETY: the reader is online and reports nothing while it is borrowed; who replaces the value retires it after that.
        unsafe { &(*value).value }
    }

    /// Replaces the value. It counts as as many bytes as a `T` has; where it owns more, use
    /// [`replace_weighing`](Self::replace_weighing).
    ///
    /// # Errors
    ///
    /// See [`Held`].
    ///
    /// # Panics
    ///
    /// `reader` belongs to another domain.
    pub fn replace(&self, reader: &mut Reader<'_, 'd>, value: T) -> Result<(), Held<T>> {
        self.replace_weighing(reader, value, |_| 0)
    }

    /// Replaces the value; `weigh` says how many bytes the old one owns outside of itself.
    ///
    /// # Errors
    ///
    /// See [`Held`].
    ///
    /// # Panics
    ///
    /// `reader` belongs to another domain.
    pub fn replace_weighing(
        &self,
        reader: &mut Reader<'_, 'd>,
        value: T,
        weigh: impl FnOnce(&T) -> usize,
    ) -> Result<(), Held<T>> {
        self.check(reader);
        if !reader.makes_room() {
            return Err(Held(value));
        }
        let mut new = Fresh::new(self.domain.memory, value)?;
        loop {
            // Acquire, as in `read`: it is weighed.
            let old = self.value.load(Acquire);
            match self.replace_if(old, new) {
                Ok(()) => {
                    // SAFETY: unlinked just now, by us; there is room.
                    unsafe { self.retire(reader, old, weigh) };
                    return Ok(());
                }
                Err(back) => new = back,
            }
        }
    }

    /// Replaces the value by what `change` makes of it: again, if another thread was faster. `weigh` says how many bytes the old
    /// one owns outside of itself: `|_| 0` for none.
    ///
    /// # Errors
    ///
    /// See [`Held`]; it gives back what `change` made, or nothing if it was not called.
    ///
    /// # Panics
    ///
    /// `reader` belongs to another domain.
    pub fn update(
        &self,
        reader: &mut Reader<'_, 'd>,
        mut change: impl FnMut(&T) -> T,
        weigh: impl FnOnce(&T) -> usize,
    ) -> Result<(), Held<Option<T>>> {
        self.check(reader);
        if !reader.makes_room() {
            return Err(Held(None));
        }
        loop {
            // Acquire, as in `read`.
            let old = self.value.load(Acquire);
            // SAFETY: as in `read`; `change` cannot report.
            let value = change(unsafe { &(*old).value });
            let new =
                Fresh::new(self.domain.memory, value).map_err(|Held(value)| Held(Some(value)))?;
            // The old node is not freed while we are online, so its address is not another's.
            if self.replace_if(old, new).is_ok() {
                // SAFETY: unlinked just now, by us; there is room.
                unsafe { self.retire(reader, old, weigh) };
                return Ok(());
            }
        }
    }

    /// Replaces `old` by `new`, which comes back if the cell has another.
    fn replace_if(&self, old: *mut Node<T>, new: Fresh<T>) -> Result<(), Fresh<T>> {
        let node = new.0.as_ptr();
        // Release, paired with `read`: the value is initialised. Relaxed on failure: what is found is not used.
        match self.value.compare_exchange(old, node, Release, Relaxed) {
            Ok(_) => {
                let _in_the_cell = new.into_raw();
                Ok(())
            }
            Err(_) => Err(new),
        }
    }

    /// # Safety
    ///
    /// - The caller unlinked `old`, after `reader.makes_room()`.
    unsafe fn retire(
        &self,
        reader: &mut Reader<'_, 'd>,
        old: *mut Node<T>,
        weigh: impl FnOnce(&T) -> usize,
    ) {
        /// Retires the value even if weighing it panics.
        struct Weighing<'a, 'p, 'd> {
            reader: &'a mut Reader<'p, 'd>,
            item: Retired,
        }

        impl Drop for Weighing<'_, '_, '_> {
            fn drop(&mut self) {
                // SAFETY: unlinked, and there is room; `release` drops a `T`, which is `Send`, once.
                unsafe { self.reader.retire(self.item) };
            }
        }

        let mut weighing = Weighing {
            item: Retired {
                // SAFETY: cells are never null.
                block: unsafe { NonNull::new_unchecked(old) }.cast(),
                size: size_of::<Node<T>>(),
                release: release::<T>,
                context: ptr::null_mut(),
            },
            reader,
        };
        // SAFETY: the reader has not reported since.
        let more = weigh(unsafe { &(*old).value });
        weighing.item.size = weighing.item.size.saturating_add(more);
    }

    #[inline(always)]
    fn check(&self, reader: &Reader<'_, 'd>) {
        assert!(
            ptr::eq(self.domain, reader.domain()),
            "a cell and its reader are of different domains"
        );
    }
}

impl<T> Drop for Rcu<'_, T> {
    fn drop(&mut self) {
        // Relaxed: we have it alone, so nobody reads, and what others wrote we have seen.
        let value = self.value.load(Relaxed);
        // SAFETY: cells are never null; ours, and not used again.
        drop(Fresh(unsafe { NonNull::new_unchecked(value) }));
    }
}

/// A value, and the memory that it is in: it may be dropped after its cell, when only the domain's queue knows of it.
struct Node<T> {
    memory: &'static Memory,
    value: T,
}

/// A node that is in no cell.
struct Fresh<T>(NonNull<Node<T>>);

impl<T> Fresh<T> {
    fn new(memory: &'static Memory, value: T) -> Result<Self, Held<T>> {
        // SAFETY: a node is not empty.
        let block = unsafe { memory.alloc(Layout::new::<Node<T>>()) };
        let Some(node) = NonNull::new(block.cast::<Node<T>>()) else {
            return Err(Held(value));
        };
        // SAFETY: fresh memory for a node.
        unsafe { node.write(Node { memory, value }) };
        Ok(Self(node))
    }

    fn into_raw(self) -> *mut Node<T> {
        ManuallyDrop::new(self).0.as_ptr()
    }
}

impl<T> Drop for Fresh<T> {
    fn drop(&mut self) {
        /// Gives the block back even if the destructor panics.
        struct Block(NonNull<u8>, &'static Memory, Layout);

        impl Drop for Block {
            fn drop(&mut self) {
                // SAFETY: allocated there with this layout, and its node is no more.
                unsafe { self.1.dealloc(self.0.as_ptr(), self.2) };
            }
        }

        // SAFETY: initialised, and nobody else's.
        let memory = unsafe { self.0.as_ref() }.memory;
        let _block = Block(self.0.cast(), memory, Layout::new::<Node<T>>());
        // SAFETY: as above; it is not used again.
        unsafe { self.0.drop_in_place() };
    }
}

/// # Safety
///
/// - `block` is a node that was in a cell, and that nobody uses any more.
unsafe fn release<T>(block: *mut u8, _size: usize, _context: *mut ()) {
    // SAFETY: what cells had is not null; ours, by the caller's promise.
    drop(Fresh::<T>(unsafe { NonNull::new_unchecked(block.cast()) }));
}
