//! What inline caches remember of a dict: the version of its set of keys, and the place of a value.

use super::PyDict;
use super::table::{Probe, Table};
use crate::object::obj::Obj;
use crate::object::payload::Body;
use crate::object::slot::Slot;
use crate::object::str_::PyStr;
use core::sync::atomic::{AtomicU32, Ordering::*};
use kit_core::object::Word;
use kit_core::thread::Ctx;

impl Body<PyDict> {
    /// A number that stands for the set of keys as it is: never used for another set, or 0 when
    /// nothing may be cached. Replacing values does not change it.
    #[inline]
    pub fn keys_version(&self, ctx: &Ctx) -> u32 {
        match self
            .payload
            .table(ctx)
            .map(|t| t.head().version.load(Acquire))
        {
            Some(0) => self.make_version(ctx),
            Some(version) => version,
            None => 0,
        }
    }

    #[cold]
    fn make_version(&self, ctx: &Ctx) -> u32 {
        let _lock = self.lock(ctx);
        let Some(table) = self.payload.table(ctx) else {
            return 0;
        };
        let version = &table.head().version;
        if version.load(Relaxed) == 0 {
            // Relaxed: only uniqueness counts. When the numbers run out, nothing is cached any more.
            let next = NEXT_VERSION.fetch_update(Relaxed, Relaxed, |v| v.checked_add(1));
            version.store(next.unwrap_or(0), Release);
        }
        version.load(Relaxed)
    }

    /// Where in the block of the table the value of `name`, a string, is.
    fn place_of_name(&self, ctx: &Ctx, name: &Obj) -> Option<u32> {
        let _lock = self.lock(ctx);
        let table = self.payload.table(ctx)?;
        let hash = name.expect::<PyStr>().hash(ctx);
        self.seek_name(ctx, table, hash, name)
            .map(|number| table.value_offset(number))
    }

    /// What a cache needs to find `name` again: version and place. `None` when there is no such name
    /// or nothing may be cached.
    pub fn cache_name(&self, ctx: &Ctx, name: &Obj) -> Option<(u32, u32)> {
        let version = self.keys_version(ctx);
        let place = self.place_of_name(ctx, name)?;
        (version != 0 && self.keys_version(ctx) == version).then_some((version, place))
    }

    /// The slot of a cached value, if the set of keys is still what it was.
    ///
    /// # Safety
    /// - `version` is not 0; it and `place` came from [`cache_name`](Self::cache_name) of this dict, or any other: a
    ///   version is one block's alone.
    #[inline(always)]
    unsafe fn cached<'c>(
        &self,
        ctx: &'c Ctx,
        version: u32,
        place: u32,
    ) -> Option<(Table<'c>, &'c Slot)> {
        let table = self.payload.table(ctx)?;
        // Acquire: whatever changed with the version before this one has happened.
        if table.head().version.load(Acquire) != version {
            return None;
        }
        // SAFETY: the version says that this is the block in which the place was found.
        Some((table, unsafe { table.value_at(place) }))
    }

    /// Whether the set of keys is still the one with `version`.
    #[inline(always)]
    pub fn has_version(&self, ctx: &Ctx, version: u32) -> bool {
        match self.payload.table(ctx) {
            Some(table) => table.head().version.load(Acquire) == version,
            None => false,
        }
    }

    /// The value of a cached entry, if the set of keys is still the one with `version`.
    ///
    /// # Safety
    /// - `version` is not 0; it and `place` came from [`cache_name`](Self::cache_name) of this dict.
    #[inline(always)]
    pub unsafe fn value_at(&self, ctx: &Ctx, version: u32, place: u32) -> Option<Obj> {
        // SAFETY: by the contract.
        let (table, slot) = unsafe { self.cached(ctx, version, place)? };
        self.read(ctx, table, slot)
    }

    /// As [`value_at`](Self::value_at), for the stack: an object that is deferred comes with the
    /// deferred tag and without a count; others are counted. Null when the caller must look again.
    ///
    /// # Safety
    /// - As [`value_at`](Self::value_at). The caller owns the count in the word, if it is counted.
    #[inline(always)]
    pub unsafe fn peek_value_at(&self, ctx: &Ctx, version: u32, place: u32) -> Word {
        // SAFETY: by the contract.
        let Some((table, slot)) = (unsafe { self.cached(ctx, version, place) }) else {
            return Word::NULL;
        };
        let word = slot.peek();
        if !word.is_object() {
            return word;
        }
        // SAFETY: an object found in a slot stays readable until the next safepoint.
        if unsafe { (*word.as_object()).is_deferred() }
            && (ctx.solo() || self.unchanged(table, slot, word))
        {
            // A deferred object dies at a safepoint at the earliest, and stacks are searched there.
            return word.deferred();
        }
        self.read_counted(ctx, table, slot)
    }

    #[inline(never)]
    fn read_counted(&self, ctx: &Ctx, table: Table<'_>, slot: &Slot) -> Word {
        self.read(ctx, table, slot)
            .map_or(Word::NULL, Obj::into_word)
    }

    /// The value of a key that is an exact str, for the stack, when its entry has that very object as the key; null
    /// when the caller must look properly.
    #[inline(always)]
    pub fn peek_known(&self, ctx: &Ctx, key: Word, hash: i64) -> Word {
        let Some((table, number)) = self.seek_known(ctx, key, hash) else {
            return Word::NULL;
        };
        let slot = &table.entry(number).value;
        let word = slot.peek();
        if !word.is_object() {
            return word;
        }
        // SAFETY: an object found in a slot stays readable until the next safepoint.
        let header = unsafe { &*word.as_object() };
        // SAFETY: as above; this thread owns the object, so that nobody else can have freed it.
        if unsafe { header.try_retain_own(ctx.counter()) } {
            return word;
        }
        self.read_counted(ctx, table, slot)
    }

    /// Replaces the value of a key as [`peek_known`](Self::peek_known) finds it, and returns the value before; gives
    /// `value` back when the caller must look properly.
    #[inline]
    pub fn replace_known(
        &self,
        ctx: &Ctx,
        key: Word,
        hash: i64,
        value: Obj,
    ) -> Result<Option<Obj>, Obj> {
        let _lock = self.lock(ctx);
        match self.seek_known(ctx, key, hash) {
            Some((table, number)) => {
                let slot = &table.entry(number).value;
                Ok(slot.replace_locked(ctx, Some(value)))
            }
            None => Err(value),
        }
    }

    /// The entry whose key is this very object, if no other with its hash comes first.
    #[inline(always)]
    fn seek_known<'c>(&self, ctx: &'c Ctx, key: Word, hash: i64) -> Option<(Table<'c>, usize)> {
        let table = self.payload.table(ctx)?;
        let mut probe = Probe::new(hash);
        loop {
            let index = table.index(probe);
            if !table.holds(index) {
                return None;
            }
            let entry = table.entry(index as usize);
            if entry.key.peek() == key {
                return Some((table, index as usize));
            }
            if entry.hash() == hash {
                return None;
            }
            probe.advance();
        }
    }

    /// Replaces the value of a cached entry; gives `value` back when the set of keys has changed.
    ///
    /// # Safety
    /// - As [`value_at`](Self::value_at).
    #[inline]
    pub unsafe fn set_value_at(
        &self,
        ctx: &Ctx,
        version: u32,
        place: u32,
        value: Obj,
    ) -> Result<(), Obj> {
        let _lock = self.lock(ctx);
        // SAFETY: by the contract.
        match unsafe { self.cached(ctx, version, place) } {
            Some((_, slot)) => {
                drop(slot.replace_locked(ctx, Some(value)));
                Ok(())
            }
            None => Err(value),
        }
    }
}

/// The version given out next.
static NEXT_VERSION: AtomicU32 = AtomicU32::new(1);
