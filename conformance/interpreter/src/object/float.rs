//! `float`: nearly all are immediates; infinities, NaNs and the very large are objects.

use super::ids;
use super::obj::Obj;
use super::payload::{self, Payload};
use crate::error::PyResult;
use kit_core::backend::heap::HeapKind;
use kit_core::object::{Tracer, Word};
use kit_core::thread::Ctx;

/// The body of a float that is not an immediate.
pub struct PyFloat {
    /// The value.
    pub value: f64,
}

// SAFETY: numbers hold no references.
unsafe impl Payload for PyFloat {
    const ID: u32 = ids::FLOAT;
    const HEAP: HeapKind = HeapKind::Plain;
    const NAME: &'static str = "float";
    fn trace(&self, _: &mut Tracer<'_>) {}
}

/// The float with this value.
#[inline]
pub fn new(ctx: &mut Ctx, value: f64) -> PyResult {
    match Word::float(value) {
        // SAFETY: an immediate.
        Some(word) => Ok(unsafe { Obj::from_word(word) }),
        None => payload::new(ctx, PyFloat { value }),
    }
}

/// The value of a float.
#[inline]
pub fn to_f64(value: &Obj) -> Option<f64> {
    value
        .as_immediate_float()
        .or_else(|| value.downcast::<PyFloat>().map(|f| f.value))
}
