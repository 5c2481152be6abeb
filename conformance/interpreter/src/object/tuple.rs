//! `tuple`: an immutable array of values, stored behind the header.

use super::ids;
use super::obj::Obj;
use super::payload::{Body, Payload};
use crate::error::{PyResult, no_memory};
use kit_core::backend::heap::HeapKind;
use kit_core::object::{Bits, Header, Tracer};
use kit_core::thread::Ctx;
use std::ptr;

/// The body of a tuple; `len` items follow it.
#[repr(C)]
pub struct PyTuple {
    len: usize,
    items: [Obj; 0],
}

// SAFETY: `trace` reports every item, and nothing else is owned.
unsafe impl Payload for PyTuple {
    const ID: u32 = ids::TUPLE;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "tuple";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        for item in self.items() {
            tracer.word(item.word());
        }
    }
}

impl PyTuple {
    /// The items.
    #[inline(always)]
    pub fn items(&self) -> &[Obj] {
        let first = ptr::with_exposed_provenance::<Obj>(self.items.as_ptr().addr());
        // SAFETY: the object was allocated with `len` initialised items behind the body.
        unsafe { std::slice::from_raw_parts(first, self.len) }
    }
}

/// Offset of the items from the start of the object.
pub const ITEMS: usize = size_of::<Header>() + std::mem::offset_of!(PyTuple, items);

impl Drop for PyTuple {
    fn drop(&mut self) {
        let first = ptr::with_exposed_provenance_mut::<Obj>(self.items.as_ptr().addr());
        // SAFETY: as in `items`; dropped once.
        unsafe { ptr::drop_in_place(ptr::slice_from_raw_parts_mut(first, self.len)) };
    }
}

/// A tuple of class `type_id` from values, which are moved.
pub fn with_type(
    ctx: &mut Ctx,
    type_id: u32,
    values: impl ExactSizeIterator<Item = Obj>,
) -> PyResult {
    let len = values.len();
    let tail = super::instance::tail_size(ctx, type_id);
    let offset = ITEMS;
    let Some(size) = len
        .checked_mul(8)
        .and_then(|n| n.checked_add(offset + tail))
    else {
        return Err(no_memory(ctx));
    };
    let Some(object) = ctx.allocate(type_id, PyTuple::HEAP, size) else {
        return Err(no_memory(ctx));
    };
    // SAFETY: the block has room for the body, the items and the tail; it is published when complete.
    unsafe {
        let body = object.as_ptr().cast::<Body<PyTuple>>();
        (&raw mut (*body).payload.len).write(len);
        let first = object.as_ptr().cast::<u8>().add(offset).cast::<Obj>();
        let mut written = 0;
        for value in values.take(len) {
            first.add(written).write(value);
            written += 1;
        }
        (&raw mut (*body).payload.len).write(written);
        super::instance::init_tail(ctx, object.as_ptr(), offset + written * 8);
        (*object.as_ptr()).set_bits_private(Bits::TRACKED);
        Ok(Obj::from_header(object))
    }
}

/// A tuple from values, which are moved.
pub fn from_vec(ctx: &mut Ctx, values: Vec<Obj>) -> PyResult {
    with_type(ctx, ids::TUPLE, values.into_iter())
}

/// A tuple from values, which are copied.
pub fn from_slice(ctx: &mut Ctx, values: &[Obj]) -> PyResult {
    with_type(ctx, ids::TUPLE, values.iter().cloned())
}
