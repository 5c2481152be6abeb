//! Names: strings, whose comparison never runs code.

use super::table::{Probe, Table};
use super::{PyDict, Seek, seek};
use crate::error::{PyResult, no_memory};
use crate::object::obj::Obj;
use crate::object::payload::Body;
use crate::object::str_::PyStr;
use kit_core::thread::Ctx;

/// Whether a key that is not exactly a str has the text of a name.
fn same_text(candidate: &Obj, name: &Obj) -> bool {
    candidate
        .downcast::<PyStr>()
        .is_some_and(|text| text.bytes() == name.expect::<PyStr>().bytes())
}

impl Body<PyDict> {
    /// The value of `name`, a string. Never runs code.
    #[inline]
    pub fn get_name(&self, ctx: &Ctx, name: &Obj) -> Option<Obj> {
        let table = self.payload.table(ctx)?;
        let hash = name.expect::<PyStr>().hash(ctx);
        let mut probe = Probe::new(hash);
        match seek::<false>(ctx, table, hash, name, &mut probe) {
            Seek::Missing => None,
            Seek::Found(number) => match self.read(ctx, table, &table.entry(number).value) {
                Some(value) => Some(value),
                None => self.get_name_slow(ctx, hash, name),
            },
            _ => self.get_name_slow(ctx, hash, name),
        }
    }

    #[cold]
    fn get_name_slow(&self, ctx: &Ctx, hash: i64, name: &Obj) -> Option<Obj> {
        let _lock = self.lock(ctx);
        let table = self.payload.table(ctx)?;
        let number = self.seek_name(ctx, table, hash, name)?;
        self.read_locked(ctx, &table.entry(number).value)
    }

    /// The entry of `name`, under the lock.
    pub(super) fn seek_name(
        &self,
        ctx: &Ctx,
        table: Table<'_>,
        hash: i64,
        name: &Obj,
    ) -> Option<usize> {
        let mut probe = Probe::new(hash);
        loop {
            match seek::<true>(ctx, table, hash, name, &mut probe) {
                Seek::Found(number) => return Some(number),
                Seek::Ask(candidate, number) if same_text(&candidate, name) => return Some(number),
                Seek::Ask(..) => probe.advance(),
                Seek::Missing | Seek::Unclear => return None,
            }
        }
    }

    /// Sets the value of `name`, a string; false without memory. Never runs code.
    pub fn try_set_name(&self, ctx: &Ctx, name: &Obj, value: Obj) -> bool {
        let _lock = self.lock(ctx);
        self.try_set_name_locked(ctx, name, value)
    }

    /// The same for a caller that holds the lock, or is the only one who knows the dict.
    pub fn try_set_name_locked(&self, ctx: &Ctx, name: &Obj, value: Obj) -> bool {
        let hash = name.expect::<PyStr>().hash(ctx);
        let table = self.payload.table(ctx);
        let number = table.and_then(|table| self.seek_name(ctx, table, hash, name));
        self.put(ctx, (table, number), hash, name, value).is_ok()
    }

    /// Sets the value of `name`, a string.
    pub fn set_name(&self, ctx: &mut Ctx, name: &Obj, value: Obj) -> PyResult<()> {
        if self.try_set_name(ctx, name, value) {
            Ok(())
        } else {
            Err(no_memory(ctx))
        }
    }

    /// Removes and returns the value of `name`, a string.
    pub fn remove_name(&self, ctx: &Ctx, name: &Obj) -> Option<Obj> {
        let hash = name.expect::<PyStr>().hash(ctx);
        let _lock = self.lock(ctx);
        let table = self.payload.table(ctx)?;
        let number = self.seek_name(ctx, table, hash, name)?;
        self.cut(ctx, table, number).map(|(_, value)| value)
    }
}
