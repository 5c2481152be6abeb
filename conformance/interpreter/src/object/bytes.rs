//! `bytes`: an immutable array of bytes, stored behind the header.

use super::obj::Obj;
use super::payload::{Body, Payload};
use super::str_::PyStr;
use super::type_::type_of;
use super::{ids, protocol};
use crate::error::{PyResult, no_memory, raise};
use kit_core::backend::heap::HeapKind;
use kit_core::object::{Bits, Header, Tracer};
use kit_core::thread::Ctx;
use std::borrow::Cow;
use std::ptr;
use std::sync::atomic::AtomicI64;

/// The body of a bytes object; `len` bytes follow it.
#[repr(C)]
pub struct PyBytes {
    /// The hash; 0 until it is computed.
    pub hash: AtomicI64,
    len: usize,
    data: [u8; 0],
}

/// Offset of the data from the start of the object.
const DATA: usize = size_of::<Header>() + std::mem::offset_of!(PyBytes, data);

// SAFETY: bytes hold no references.
unsafe impl Payload for PyBytes {
    const ID: u32 = ids::BYTES;
    const HEAP: HeapKind = HeapKind::Plain;
    const NAME: &'static str = "bytes";
    fn trace(&self, _: &mut Tracer<'_>) {}
}

impl PyBytes {
    /// The data.
    #[inline(always)]
    pub fn data(&self) -> &[u8] {
        let first = ptr::with_exposed_provenance::<u8>(self.data.as_ptr().addr());
        // SAFETY: the object was allocated with `len` bytes behind the body.
        unsafe { std::slice::from_raw_parts(first, self.len) }
    }
}

impl Body<PyBytes> {
    /// Bytes up to the tail of an instance of a derived class.
    pub fn body_size(&self) -> usize {
        (DATA + self.len).next_multiple_of(8)
    }
}

/// A bytes object of class `type_id`.
pub fn with_type(ctx: &mut Ctx, type_id: u32, data: &[u8]) -> PyResult {
    let body = (DATA + data.len()).next_multiple_of(8);
    let dynamic = type_id >= ids::FIRST_DYNAMIC;
    let kind = if dynamic {
        HeapKind::Collected
    } else {
        HeapKind::Plain
    };
    let Some(object) = ctx.allocate(
        type_id,
        kind,
        body + super::instance::tail_size(ctx, type_id),
    ) else {
        return Err(no_memory(ctx));
    };
    // SAFETY: the block has room for the body, the data and the tail; it is published when complete.
    unsafe {
        let at = object.as_ptr().cast::<Body<PyBytes>>();
        (&raw mut (*at).payload).write(PyBytes {
            hash: AtomicI64::new(0),
            len: data.len(),
            data: [],
        });
        ptr::copy_nonoverlapping(
            data.as_ptr(),
            object.as_ptr().cast::<u8>().add(DATA),
            data.len(),
        );
        if dynamic {
            super::instance::init_tail(ctx, object.as_ptr(), body);
            (*object.as_ptr()).set_bits_private(Bits::TRACKED);
        }
        Ok(Obj::from_header(object))
    }
}

/// A bytes object.
pub fn new(ctx: &mut Ctx, data: &[u8]) -> PyResult {
    with_type(ctx, ids::BYTES, data)
}

/// The data of a bytes-like object, copied where it may change; `None` for anything else.
pub fn buffer<'a>(_ctx: &mut Ctx, x: &'a Obj) -> Option<Cow<'a, [u8]>> {
    x.downcast::<PyBytes>()
        .map(|body| Cow::Borrowed(body.payload.data()))
}

/// The bytes that an iterable of ints in `range(256)` yields.
pub fn from_iterable(ctx: &mut Ctx, x: &Obj) -> PyResult<Vec<u8>> {
    let slots = type_of(ctx, x).slots(ctx);
    if slots.iter.is_none() && slots.getitem.is_none() || x.downcast::<PyStr>().is_some() {
        let class = protocol::type_name(ctx, x);
        return Err(raise!(
            ctx,
            TypeError,
            "cannot convert '{class}' object to bytes"
        ));
    }
    let mut data = Vec::new();
    protocol::for_each(ctx, x, |ctx, item| {
        data.push(byte(ctx, &item)?);
        Ok(())
    })?;
    Ok(data)
}

/// The value of an int in `range(256)`.
pub fn byte(ctx: &mut Ctx, x: &Obj) -> PyResult<u8> {
    let value = protocol::index_i64(ctx, x, None)?;
    match u8::try_from(value) {
        Ok(byte) => Ok(byte),
        Err(_) => Err(raise!(ctx, ValueError, "bytes must be in range(0, 256)")),
    }
}
