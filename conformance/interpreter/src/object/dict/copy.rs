//! Copies, and taking over the items of another dict.

use super::table::{self, Table};
use super::{PyDict, new};
use crate::error::{PyResult, no_memory, raise};
use crate::object::obj::Obj;
use crate::object::payload::Body;
use crate::prelude::*;
use crate::vm::outside;
use core::ptr;
use core::sync::atomic::Ordering::*;
use kit_core::thread::Ctx;

impl Body<PyDict> {
    /// A new dict with the same items.
    pub fn copy(&self, ctx: &mut Ctx) -> PyResult {
        let copy = new(ctx)?;
        if self.is_empty(ctx) {
            return Ok(copy);
        }
        outside::room(ctx, table::bytes_for(self.len(ctx)))?;
        let complete = self.copy_to(ctx, copy.expect::<PyDict>());
        if complete {
            Ok(copy)
        } else {
            Err(no_memory(ctx))
        }
    }

    /// Fills a private empty dict; false without memory.
    fn copy_to(&self, ctx: &Ctx, copy: &Body<PyDict>) -> bool {
        let _lock = self.lock(ctx);
        let Some(table) = self.payload.table(ctx) else {
            return true;
        };
        let len = self.payload.len.load(Relaxed) as usize;
        let Some(new) = table::log2_for(len.max(1)).and_then(|log2| Table::allocate(ctx, log2))
        else {
            return false;
        };
        for number in 0..table.used() {
            let old = table.entry(number);
            if let Some(key) = self.read_locked(ctx, &old.key)
                && let Some(value) = self.read_locked(ctx, &old.value)
            {
                let entry = new.append(old.hash());
                entry.value.replace_locked(ctx, Some(value));
                entry.key.replace_locked(ctx, Some(key));
            }
        }
        copy.payload.install(ctx, Some(new));
        copy.payload.len.store(new.used() as u32, Relaxed);
        true
    }

    /// Sets every item of `other`; with `keep`, those whose keys are there already stay as they are. One
    /// step for other threads, as long as this one need not wait.
    pub fn merge(&self, ctx: &mut Ctx, other: &Body<PyDict>, keep: bool) -> PyResult<()> {
        if ptr::eq(self, other) || other.is_empty(ctx) {
            return Ok(());
        }
        ctx.critical2(&self.header, &other.header, |ctx| {
            self.merge_inside(ctx, other, keep)
        })
    }

    fn merge_inside(&self, ctx: &mut Ctx, other: &Body<PyDict>, keep: bool) -> PyResult<()> {
        if self.is_empty(ctx) && self.payload.table.load(Relaxed).is_null() {
            outside::room(ctx, table::bytes_for(other.len(ctx)))?;
        }
        if self.is_empty(ctx) && self.payload.table.load(Relaxed).is_null() && ctx.solo() {
            return if other.copy_to(ctx, self) {
                Ok(())
            } else {
                Err(no_memory(ctx))
            };
        }
        let len = other.len(ctx);
        if !ctx.solo() {
            // The items at one moment: entries move when the other dict does.
            let mut items = Vec::with_capacity(other.len(ctx));
            other.each_locked(ctx, |hash, key, value| items.push((hash, key, value)));
            for (hash, key, value) in items {
                self.merge_item(ctx, hash, &key, value, keep)?;
                other.expect_len(ctx, len)?;
            }
            return Ok(());
        }
        let mut position = 0;
        while let Some((hash, key, value)) = other.next_hashed(ctx, &mut position) {
            self.merge_item(ctx, hash, &key, value, keep)?;
            other.expect_len(ctx, len)?;
        }
        Ok(())
    }

    /// RuntimeError if comparing keys changed the size.
    fn expect_len(&self, ctx: &mut Ctx, len: usize) -> PyResult<()> {
        if self.len(ctx) == len {
            Ok(())
        } else {
            Err(raise!(ctx, RuntimeError, "dict mutated during update"))
        }
    }

    fn merge_item(
        &self,
        ctx: &mut Ctx,
        hash: i64,
        key: &Obj,
        value: Obj,
        keep: bool,
    ) -> PyResult<()> {
        if keep && self.contains_hashed(ctx, hash, key)? {
            return Ok(());
        }
        self.set_hashed(ctx, hash, key, value)
    }

    /// Sets every item of `other`.
    pub fn update(&self, ctx: &mut Ctx, other: &Body<PyDict>) -> PyResult<()> {
        self.merge(ctx, other, false)
    }
}
