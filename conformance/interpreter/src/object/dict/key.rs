//! Any keys, whose `__eq__` may run code: it does with no lock held.

use super::table::{Probe, Table};
use super::{PyDict, Seek, seek};
use crate::error::{PyResult, no_memory};
use crate::object::key as keys;
use crate::object::obj::Obj;
use crate::object::payload::Body;
use crate::object::protocol;
use core::mem::ManuallyDrop;
use core::ptr;
use core::sync::atomic::Ordering::*;
use kit_core::thread::Ctx;

/// The hash of a key; TypeError says that it cannot be one.
#[inline(always)]
pub fn hash_key(ctx: &mut Ctx, key: &Obj) -> PyResult<i64> {
    match keys::hash_value(ctx, key) {
        Ok(hash) => Ok(hash),
        Err(raised) => Err(keys::explain_unhashable(ctx, raised, key, "a dict key")),
    }
}

/// What to do with the entry of a key, under the lock.
type Place<'c> = (Option<Table<'c>>, Option<usize>);

impl Body<PyDict> {
    /// Puts `value` into the entry of a key, or into a new one; `Err(value)` without memory. Returns
    /// the value before. The lock is held.
    pub(super) fn put(
        &self,
        ctx: &Ctx,
        (table, number): Place<'_>,
        hash: i64,
        key: &Obj,
        value: Obj,
    ) -> Result<Option<Obj>, Obj> {
        if let (Some(table), Some(number)) = (table, number) {
            return Ok(table.entry(number).value.replace_locked(ctx, Some(value)));
        }
        let table = match table {
            Some(table) if table.has_room() => table,
            Some(table) => {
                let len = self.payload.len.load(Relaxed) as usize;
                let Some(new) = table.moved(ctx, len + len / 2 + 1) else {
                    return Err(value);
                };
                self.payload.install(ctx, Some(new));
                new
            }
            None => {
                let Some(new) = Table::allocate(ctx, 2) else {
                    return Err(value);
                };
                self.payload.install(ctx, Some(new));
                new
            }
        };
        table.forget_version();
        let entry = table.append(hash);
        // The value first: a reader that sees the key sees it.
        entry.value.replace_locked(ctx, Some(value));
        entry.key.replace_locked(ctx, Some(key.clone()));
        let len = self.payload.len.load(Relaxed);
        self.payload.len.store(len + 1, Relaxed);
        Ok(None)
    }

    /// Takes the entry with this number out. The lock is held.
    pub(super) fn cut(&self, ctx: &Ctx, table: Table<'_>, number: usize) -> Option<(Obj, Obj)> {
        table.forget_version();
        table.unindex(number);
        let entry = table.entry(number);
        let value = entry.value.replace_locked(ctx, None)?;
        let key = entry.key.replace_locked(ctx, None)?;
        let len = self.payload.len.load(Relaxed);
        self.payload.len.store(len - 1, Relaxed);
        Some((key, value))
    }

    /// Finds the entry of `key` and calls `act` with it under the lock. Comparisons run without it.
    #[inline]
    fn at_key<R>(
        &self,
        ctx: &mut Ctx,
        hash: i64,
        key: &Obj,
        act: impl FnOnce(&Ctx, Place<'_>) -> R,
    ) -> PyResult<R> {
        let mut probe = Probe::new(hash);
        // The block in which the probe stands, and how much of it was in use.
        let (mut block, mut used) = (ptr::null_mut(), 0);
        // An entry whose key was found equal: (key, number).
        let mut equal: Option<(Obj, usize)> = None;
        loop {
            let (candidate, number) = {
                let ctx: &Ctx = ctx;
                let _lock = self.lock(ctx);
                let table = self.payload.table(ctx);
                let Some(open) = table else {
                    return Ok(act(ctx, (None, None)));
                };
                if open.as_raw() != block || open.used() != used {
                    (block, used) = (open.as_raw(), open.used());
                    probe = Probe::new(hash);
                    equal = None;
                }
                if let Some((found, number)) = equal.take() {
                    if open.entry(number).key.peek() == found.word() {
                        return Ok(act(ctx, (table, Some(number))));
                    }
                    probe = Probe::new(hash);
                }
                match seek::<true>(ctx, open, hash, key, &mut probe) {
                    Seek::Found(number) => return Ok(act(ctx, (table, Some(number)))),
                    Seek::Missing | Seek::Unclear => return Ok(act(ctx, (table, None))),
                    Seek::Ask(candidate, number) => (candidate, number),
                }
            };
            if protocol::equals(ctx, &candidate, key)? {
                equal = Some((candidate, number));
            } else {
                probe.advance();
            }
        }
    }

    /// The value of `key`.
    #[inline]
    pub fn get(&self, ctx: &mut Ctx, key: &Obj) -> PyResult<Option<Obj>> {
        let hash = hash_key(ctx, key)?;
        self.get_hashed(ctx, hash, key)
    }

    /// The value of `key`, whose hash is known.
    #[inline]
    pub fn get_hashed(&self, ctx: &mut Ctx, hash: i64, key: &Obj) -> PyResult<Option<Obj>> {
        {
            let ctx: &Ctx = ctx;
            let Some(table) = self.payload.table(ctx) else {
                return Ok(None);
            };
            let mut probe = Probe::new(hash);
            match seek::<false>(ctx, table, hash, key, &mut probe) {
                Seek::Missing => return Ok(None),
                Seek::Found(number) => {
                    if let Some(value) = self.read(ctx, table, &table.entry(number).value) {
                        return Ok(Some(value));
                    }
                }
                _ => {}
            }
        }
        self.get_slow(ctx, hash, key)
    }

    #[cold]
    fn get_slow(&self, ctx: &mut Ctx, hash: i64, key: &Obj) -> PyResult<Option<Obj>> {
        self.at_key(ctx, hash, key, |ctx, place| match place {
            (Some(table), Some(number)) => self.read_locked(ctx, &table.entry(number).value),
            _ => None,
        })
    }

    /// Whether there is `key`.
    pub fn contains(&self, ctx: &mut Ctx, key: &Obj) -> PyResult<bool> {
        let hash = hash_key(ctx, key)?;
        self.contains_hashed(ctx, hash, key)
    }

    /// Whether there is `key`, whose hash is known.
    pub fn contains_hashed(&self, ctx: &mut Ctx, hash: i64, key: &Obj) -> PyResult<bool> {
        {
            let ctx: &Ctx = ctx;
            let Some(table) = self.payload.table(ctx) else {
                return Ok(false);
            };
            match seek::<false>(ctx, table, hash, key, &mut Probe::new(hash)) {
                Seek::Missing => return Ok(false),
                Seek::Found(_) => return Ok(true),
                _ => {}
            }
        }
        self.at_key(ctx, hash, key, |_, (_, number)| number.is_some())
    }

    /// Sets the value of `key`.
    #[inline]
    pub fn set(&self, ctx: &mut Ctx, key: &Obj, value: Obj) -> PyResult<()> {
        let hash = hash_key(ctx, key)?;
        self.set_hashed(ctx, hash, key, value)
    }

    /// Sets the value of `key`, whose hash is known.
    #[inline]
    pub fn set_hashed(&self, ctx: &mut Ctx, hash: i64, key: &Obj, value: Obj) -> PyResult<()> {
        let put = self.at_key(ctx, hash, key, |ctx, place| {
            self.put(ctx, place, hash, key, value)
        })?;
        match put {
            Ok(_) => Ok(()),
            Err(_) => Err(no_memory(ctx)),
        }
    }

    /// The value of `key`, which is set to `default` if there is none yet.
    pub fn set_default(&self, ctx: &mut Ctx, key: &Obj, default: Obj) -> PyResult {
        let hash = hash_key(ctx, key)?;
        let found = self.at_key(ctx, hash, key, |ctx, place| match place {
            (Some(table), Some(number)) => Ok(self
                .read_locked(ctx, &table.entry(number).value)
                .unwrap_or(default)),
            _ => match self.put(ctx, place, hash, key, default.clone()) {
                Ok(_) => Ok(default),
                Err(_) => Err(()),
            },
        })?;
        match found {
            Ok(value) => Ok(value),
            Err(()) => Err(no_memory(ctx)),
        }
    }

    /// Removes and returns the value of `key`.
    pub fn remove(&self, ctx: &mut Ctx, key: &Obj) -> PyResult<Option<Obj>> {
        let hash = hash_key(ctx, key)?;
        self.remove_hashed(ctx, hash, key)
    }

    /// Removes and returns the value of `key`, whose hash is known.
    pub fn remove_hashed(&self, ctx: &mut Ctx, hash: i64, key: &Obj) -> PyResult<Option<Obj>> {
        self.at_key(ctx, hash, key, |ctx, place| match place {
            (Some(table), Some(number)) => self.cut(ctx, table, number).map(|(_, value)| value),
            _ => None,
        })
    }

    /// Removes the entry of `key`, if `wanted` says so of its value; that is called under the lock.
    pub fn remove_if(
        &self,
        ctx: &mut Ctx,
        key: &Obj,
        wanted: impl FnOnce(&Obj) -> bool,
    ) -> PyResult<Option<Obj>> {
        let hash = hash_key(ctx, key)?;
        self.at_key(ctx, hash, key, |ctx, place| {
            let (Some(table), Some(number)) = place else {
                return None;
            };
            let word = table.entry(number).value.peek();
            // SAFETY: the entry's reference, lent while the lock is held.
            let value = ManuallyDrop::new(unsafe { Obj::from_nullable(word)? });
            if !wanted(&value) {
                return None;
            }
            self.cut(ctx, table, number).map(|(_, value)| value)
        })
    }

    /// Puts the item of `key`, whose hash is known, behind all others, or with `first` in front of them; false
    /// when there is none.
    pub fn move_to_end(&self, ctx: &mut Ctx, hash: i64, key: &Obj, first: bool) -> PyResult<bool> {
        let moved = self.at_key(ctx, hash, key, |ctx, place| match place {
            (Some(table), Some(number)) => self.move_entry(ctx, table, number, first),
            _ => Some(false),
        })?;
        match moved {
            Some(moved) => Ok(moved),
            None => Err(no_memory(ctx)),
        }
    }

    /// The lock is held. `None` without memory.
    fn move_entry(&self, ctx: &Ctx, table: Table<'_>, number: usize, first: bool) -> Option<bool> {
        table.forget_version();
        if !first && table.has_room() {
            table.move_last(number);
            return Some(true);
        }
        let room = self.payload.len.load(Relaxed) as usize;
        let others = (0..table.used()).filter(|other| *other != number);
        let (front, back) = if first {
            (Some(number), None)
        } else {
            (None, Some(number))
        };
        let order = front.into_iter().chain(others).chain(back);
        let new = table.moved_in(ctx, room + room / 2 + 1, order)?;
        self.payload.install(ctx, Some(new));
        Some(true)
    }

    /// Removes and returns the last item.
    pub fn popitem(&self, ctx: &Ctx) -> Option<(Obj, Obj)> {
        let _lock = self.lock(ctx);
        let table = self.payload.table(ctx)?;
        let last = table.head().last.load(Relaxed) as usize;
        let number = (0..last)
            .rev()
            .find(|number| !table.entry(*number).key.peek().is_null());
        table.head().last.store(number.unwrap_or(0) as u32, Relaxed);
        self.cut(ctx, table, number?)
    }

    /// Removes everything.
    pub fn clear_all(&self, ctx: &Ctx) {
        let taken = {
            let _lock = self.lock(ctx);
            self.payload.take_all(ctx)
        };
        drop(taken);
    }
}
