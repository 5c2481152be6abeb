//! `bytearray`: bytes that may change.

use super::ids;
use super::payload::Payload;
use super::slot::Locked;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;

/// The body of a bytearray.
pub struct PyByteArray {
    /// The data.
    pub data: Locked<Vec<u8>>,
}

// SAFETY: bytes hold no references.
unsafe impl Payload for PyByteArray {
    const ID: u32 = ids::BYTEARRAY;
    const HEAP: HeapKind = HeapKind::Plain;
    const NAME: &'static str = "bytearray";
    fn trace(&self, _: &mut Tracer<'_>) {}
}
