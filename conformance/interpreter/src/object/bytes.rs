//! `bytes`: an immutable array of bytes, stored behind the header.

use super::ids;
use super::obj::Obj;
use super::payload::{Body, Payload};
use crate::error::{PyResult, no_memory};
use kit_core::backend::heap::HeapKind;
use kit_core::object::{Bits, Header, Tracer};
use kit_core::thread::Ctx;
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
