//! Going over the items: one by one without the lock, or all at one moment under it.

use super::PyDict;
use crate::object::obj::Obj;
use crate::object::payload::Body;
use crate::prelude::*;
use kit_core::thread::Ctx;

impl Body<PyDict> {
    /// The next item at or after `position`, which moves past it.
    #[inline]
    pub fn next_entry(&self, ctx: &Ctx, position: &mut usize) -> Option<(Obj, Obj)> {
        self.next_hashed(ctx, position)
            .map(|(_, key, value)| (key, value))
    }

    /// As [`next_entry`](Self::next_entry), with the hash of the key.
    #[inline]
    pub fn next_hashed(&self, ctx: &Ctx, position: &mut usize) -> Option<(i64, Obj, Obj)> {
        let (hash, key, value) = self.next_parts::<true, true>(ctx, position)?;
        Some((hash, key?, value?))
    }

    /// The key of the next item at or after `position`, which moves past it.
    #[inline]
    pub fn next_key(&self, ctx: &Ctx, position: &mut usize) -> Option<Obj> {
        self.next_parts::<true, false>(ctx, position)?.1
    }

    /// The value of the next item at or after `position`, which moves past it.
    #[inline]
    pub fn next_value(&self, ctx: &Ctx, position: &mut usize) -> Option<Obj> {
        self.next_parts::<false, true>(ctx, position)?.2
    }

    #[inline(always)]
    fn next_parts<const KEY: bool, const VALUE: bool>(
        &self,
        ctx: &Ctx,
        position: &mut usize,
    ) -> Option<(i64, Option<Obj>, Option<Obj>)> {
        let table = self.payload.table(ctx)?;
        while *position < table.used() {
            let entry = table.entry(*position);
            if !entry.key.peek().is_null() {
                let key = KEY.then(|| self.read(ctx, table, &entry.key)).flatten();
                let value = VALUE.then(|| self.read(ctx, table, &entry.value)).flatten();
                if key.is_some() != KEY || value.is_some() != VALUE {
                    return self.next_slow(ctx, position);
                }
                *position += 1;
                return Some((entry.hash(), key, value));
            }
            *position += 1;
        }
        None
    }

    #[cold]
    fn next_slow(
        &self,
        ctx: &Ctx,
        position: &mut usize,
    ) -> Option<(i64, Option<Obj>, Option<Obj>)> {
        let _lock = self.lock(ctx);
        let table = self.payload.table(ctx)?;
        while *position < table.used() {
            let entry = table.entry(*position);
            *position += 1;
            if let Some(key) = self.read_locked(ctx, &entry.key)
                && let Some(value) = self.read_locked(ctx, &entry.value)
            {
                return Some((entry.hash(), Some(key), Some(value)));
            }
        }
        None
    }

    /// The item before `position`, which moves to it: backwards iteration, from `usize::MAX`.
    pub fn previous_entry(&self, ctx: &Ctx, position: &mut usize) -> Option<(Obj, Obj)> {
        let _lock = self.lock(ctx);
        let table = self.payload.table(ctx)?;
        if *position > table.used() {
            // The dict was made anew since.
            return None;
        }
        while *position > 0 {
            *position -= 1;
            let entry = table.entry(*position);
            if let Some(key) = self.read_locked(ctx, &entry.key)
                && let Some(value) = self.read_locked(ctx, &entry.value)
            {
                return Some((key, value));
            }
        }
        None
    }

    /// The position behind the last entry.
    pub fn end(&self, ctx: &Ctx) -> usize {
        let _lock = self.lock(ctx);
        self.payload.table(ctx).map_or(0, |table| table.used())
    }

    /// A copy of the items at one moment.
    pub fn items(&self, ctx: &Ctx) -> Vec<(Obj, Obj)> {
        let mut items = Vec::with_capacity(self.len(ctx));
        self.each_locked(ctx, |_, key, value| items.push((key, value)));
        items
    }

    /// The same, keys and values apart.
    pub fn columns(&self, ctx: &Ctx) -> (Vec<Obj>, Vec<Obj>) {
        let len = self.len(ctx);
        let (mut keys, mut values) = (Vec::with_capacity(len), Vec::with_capacity(len));
        self.each_locked(ctx, |_, key, value| {
            keys.push(key);
            values.push(value);
        });
        (keys, values)
    }

    /// A copy of the keys at one moment.
    pub fn keys(&self, ctx: &Ctx) -> Vec<Obj> {
        let mut keys = Vec::with_capacity(self.len(ctx));
        self.each_locked(ctx, |_, key, _| keys.push(key));
        keys
    }

    /// A copy of the keys at one moment, with their hashes.
    pub fn hashed_keys(&self, ctx: &Ctx) -> Vec<(i64, Obj)> {
        let mut keys = Vec::with_capacity(self.len(ctx));
        self.each_locked(ctx, |hash, key, _| keys.push((hash, key)));
        keys
    }

    /// A copy of the values at one moment.
    pub fn values(&self, ctx: &Ctx) -> Vec<Obj> {
        let mut values = Vec::with_capacity(self.len(ctx));
        self.each_locked(ctx, |_, _, value| values.push(value));
        values
    }

    /// Calls `f` with hash, key and value of every item, under the lock: `f` must not touch the dict.
    pub(super) fn each_locked(&self, ctx: &Ctx, mut f: impl FnMut(i64, Obj, Obj)) {
        let _lock = self.lock(ctx);
        let Some(table) = self.payload.table(ctx) else {
            return;
        };
        for number in 0..table.used() {
            let entry = table.entry(number);
            if let Some(key) = self.read_locked(ctx, &entry.key)
                && let Some(value) = self.read_locked(ctx, &entry.value)
            {
                f(entry.hash(), key, value);
            }
        }
    }
}
