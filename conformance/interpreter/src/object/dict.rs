//! `dict`: insertion-ordered hash table.

use super::ids;
use super::obj::Obj;
use super::payload::{self, Body, Payload};
use super::protocol;
use super::slot::{Guard, Locked};
use super::str_::PyStr;
use crate::error::{PyResult, no_memory};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

struct Entry {
    hash: i64,
    key: Obj,
    value: Obj,
}

/// The body of a dict.
pub struct PyDict {
    entries: Locked<Vec<Entry>>,
}

// SAFETY: `trace` reports every key and value.
unsafe impl Payload for PyDict {
    const ID: u32 = ids::DICT;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "dict";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        // SAFETY: the world is stopped.
        for entry in unsafe { self.entries.get() } {
            tracer.word(entry.key.word());
            tracer.word(entry.value.word());
        }
    }
}

impl Body<PyDict> {
    fn lock<'a>(&'a self, ctx: &'a Ctx) -> Guard<'a, Vec<Entry>> {
        // SAFETY: the field is this object's, and no function here locks twice.
        unsafe { self.entries.lock(ctx, &self.header) }
    }

    /// Items.
    pub fn len(&self, ctx: &Ctx) -> usize {
        self.lock(ctx).len()
    }

    /// The value of `name`, an interned string. Never runs code.
    pub fn get_name(&self, ctx: &Ctx, name: &Obj) -> Option<Obj> {
        self.lock(ctx)
            .iter()
            .find(|e| same_text(&e.key, name))
            .map(|e| e.value.clone())
    }

    /// Sets the value of `name`, an interned string; false without memory. Never runs code.
    pub fn try_set_name(&self, ctx: &Ctx, name: &Obj, value: Obj) -> bool {
        let hash = name.expect::<PyStr>().hash(ctx);
        let mut entries = self.lock(ctx);
        match entries.iter_mut().find(|e| same_text(&e.key, name)) {
            Some(entry) => entry.value = value,
            None => entries.push(Entry {
                hash,
                key: name.clone(),
                value,
            }),
        }
        true
    }

    /// Sets the value of `name`, an interned string.
    pub fn set_name(&self, ctx: &mut Ctx, name: &Obj, value: Obj) -> PyResult<()> {
        if self.try_set_name(ctx, name, value) {
            Ok(())
        } else {
            Err(no_memory(ctx))
        }
    }

    /// Removes and returns the value of `name`, an interned string.
    pub fn remove_name(&self, ctx: &Ctx, name: &Obj) -> Option<Obj> {
        let mut entries = self.lock(ctx);
        let index = entries.iter().position(|e| same_text(&e.key, name))?;
        Some(entries.remove(index).value)
    }

    fn find(&self, ctx: &mut Ctx, hash: i64, key: &Obj) -> PyResult<Option<usize>> {
        let mut index = 0;
        loop {
            let candidate = match self.lock(ctx).get(index) {
                None => return Ok(None),
                Some(entry) => (entry.hash == hash).then(|| entry.key.clone()),
            };
            if let Some(candidate) = candidate
                && (candidate.is(key) || protocol::equals(ctx, &candidate, key)?)
            {
                return Ok(Some(index));
            }
            index += 1;
        }
    }

    /// The value of `key`.
    pub fn get(&self, ctx: &mut Ctx, key: &Obj) -> PyResult<Option<Obj>> {
        let hash = protocol::hash(ctx, key)?;
        Ok(self
            .find(ctx, hash, key)?
            .and_then(|i| self.lock(ctx).get(i).map(|e| e.value.clone())))
    }

    /// Sets the value of `key`.
    pub fn set(&self, ctx: &mut Ctx, key: &Obj, value: Obj) -> PyResult<()> {
        let hash = protocol::hash(ctx, key)?;
        match self.find(ctx, hash, key)? {
            Some(index) => self.lock(ctx)[index].value = value,
            None => self.lock(ctx).push(Entry {
                hash,
                key: key.clone(),
                value,
            }),
        }
        Ok(())
    }

    /// Removes and returns the value of `key`.
    pub fn remove(&self, ctx: &mut Ctx, key: &Obj) -> PyResult<Option<Obj>> {
        let hash = protocol::hash(ctx, key)?;
        Ok(self
            .find(ctx, hash, key)?
            .map(|index| self.lock(ctx).remove(index).value))
    }

    /// A copy of the items at one moment.
    pub fn items(&self, ctx: &Ctx) -> Vec<(Obj, Obj)> {
        self.lock(ctx)
            .iter()
            .map(|e| (e.key.clone(), e.value.clone()))
            .collect()
    }
}

fn same_text(key: &Obj, name: &Obj) -> bool {
    key.is(name)
        || key
            .downcast_exact::<PyStr>()
            .is_some_and(|k| k.bytes() == name.expect::<PyStr>().bytes())
}

/// An empty dict.
pub fn new(ctx: &mut Ctx) -> PyResult {
    payload::new(
        ctx,
        PyDict {
            entries: Locked::new(Vec::new()),
        },
    )
}
