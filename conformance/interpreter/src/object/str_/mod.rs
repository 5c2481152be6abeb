//! `str`: text stored behind the header, as UTF-8 plus surrogates.

use super::obj::Obj;
use super::payload::{Body, Payload};
use super::{ids, protocol};
use crate::error::{PyResult, no_memory, raise};
use crate::text::wtf8::{Wtf8, Wtf8Buf};
use crate::vm::thread::rt;
use kit_core::backend::heap::HeapKind;
use kit_core::object::{Header, Tracer};
use kit_core::thread::Ctx;
use std::borrow::Cow;
use std::ptr;
use std::sync::atomic::{AtomicI64, AtomicU8, Ordering::*};

/// The body of a str; `len` bytes of text follow it.
#[repr(C)]
pub struct PyStr {
    /// The hash; 0 until it is computed (a hash that is 0 is computed anew each time).
    hash: AtomicI64,
    /// Bytes of text.
    len: usize,
    /// Code points, in the low 56 bits.
    chars: usize,
    interned: AtomicU8,
    data: [u8; 0],
}

// SAFETY: text holds no references.
unsafe impl Payload for PyStr {
    const ID: u32 = ids::STR;
    const HEAP: HeapKind = HeapKind::Plain;
    const NAME: &'static str = "str";
    fn trace(&self, _: &mut Tracer<'_>) {}
}

impl PyStr {
    /// The bytes of the text.
    #[inline(always)]
    pub fn bytes(&self) -> &[u8] {
        let first = ptr::with_exposed_provenance::<u8>(self.data.as_ptr().addr());
        // SAFETY: the object was allocated with `len` bytes behind the body.
        unsafe { std::slice::from_raw_parts(first, self.len) }
    }

    /// The text.
    #[inline(always)]
    pub fn text(&self) -> &Wtf8 {
        // SAFETY: strings are made from well-formed text only.
        unsafe { Wtf8::from_bytes_unchecked(self.bytes()) }
    }

    /// The text with lone surrogates replaced, for messages.
    pub fn as_str_lossy(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.bytes())
    }

    /// The text, if it has no lone surrogates.
    pub fn to_str(&self) -> Option<&str> {
        self.text().to_str()
    }

    /// Code points.
    #[inline(always)]
    pub fn char_count(&self) -> usize {
        self.chars
    }

    /// Whether all characters are ASCII, so that indices are offsets.
    #[inline(always)]
    pub fn is_ascii(&self) -> bool {
        self.chars == self.len
    }

    /// The hash, computed once.
    #[inline(always)]
    pub fn hash(&self, ctx: &Ctx) -> i64 {
        let hash = self.hash.load(Relaxed);
        if hash != 0 { hash } else { self.hash_slow(ctx) }
    }

    #[cold]
    fn hash_slow(&self, ctx: &Ctx) -> i64 {
        let hash = rt(ctx).hash_key.text(self.text());
        // Relaxed: every thread computes the same.
        self.hash.store(hash, Relaxed);
        hash
    }

    /// Whether the string is the one interned object for its text.
    #[inline(always)]
    pub fn is_interned(&self) -> bool {
        self.interned.load(Relaxed) != 0
    }

    pub(crate) fn mark_interned(&self) {
        self.interned.store(1, Relaxed);
    }
}

impl Body<PyStr> {
    /// Bytes up to the tail of an instance of a derived class.
    pub fn body_size(&self) -> usize {
        (DATA + self.len)
            .next_multiple_of(8)
            .max(size_of::<Body<PyStr>>())
    }
}

/// A string of class `type_id`.
pub fn with_type(ctx: &mut Ctx, type_id: u32, text: &Wtf8) -> PyResult {
    let bytes = text.as_bytes();
    let chars = if bytes.is_ascii() {
        bytes.len()
    } else {
        text.char_count()
    };
    let body = (DATA + bytes.len())
        .next_multiple_of(8)
        .max(size_of::<Body<PyStr>>());
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
    // SAFETY: the block has room for the body, the text and the tail; it is published when complete.
    unsafe {
        let at = object.as_ptr().cast::<Body<PyStr>>();
        (&raw mut (*at).payload).write(PyStr {
            hash: AtomicI64::new(0),
            len: bytes.len(),
            chars,
            interned: AtomicU8::new(0),
            data: [],
        });
        let data = object.as_ptr().cast::<u8>().add(DATA);
        ptr::copy_nonoverlapping(bytes.as_ptr(), data, bytes.len());
        if dynamic {
            super::instance::init_tail(ctx, object.as_ptr(), body);
            (*object.as_ptr()).set_bits_private(kit_core::object::Bits::TRACKED);
        }
        Ok(Obj::from_header(object))
    }
}

/// Offset of the text from the start of the object.
const DATA: usize = size_of::<Header>() + std::mem::offset_of!(PyStr, data);

/// A string.
pub fn new(ctx: &mut Ctx, text: &str) -> PyResult {
    with_type(ctx, ids::STR, Wtf8::from_str(text))
}

/// A string.
pub fn from_wtf8(ctx: &mut Ctx, text: &Wtf8) -> PyResult {
    if text.as_bytes().len() <= 1 && text.as_bytes().is_ascii() {
        return Ok(rt(ctx).short_string(text.as_bytes()));
    }
    with_type(ctx, ids::STR, text)
}

/// A string.
pub fn from_buf(ctx: &mut Ctx, text: Wtf8Buf) -> PyResult {
    from_wtf8(ctx, &text)
}

/// The interned string with this text.
pub fn intern(ctx: &mut Ctx, text: &str) -> Obj {
    intern_wtf8(ctx, Wtf8::from_str(text))
}

/// The interned string with this text.
///
/// # Panics
/// When there is no memory for it.
pub fn intern_wtf8(ctx: &mut Ctx, text: &Wtf8) -> Obj {
    let runtime = rt(ctx);
    runtime.interned.intern(ctx, text)
}

/// The interned string equal to `string`, which is returned itself if nothing was interned before.
pub fn intern_obj(ctx: &mut Ctx, string: &Obj) -> Obj {
    let body = string.expect::<PyStr>();
    if body.is_interned() {
        return string.clone();
    }
    intern_wtf8(ctx, body.text())
}

/// The text of a format spec, which must be a str.
pub fn expect_spec<'a>(ctx: &mut Ctx, spec: &'a Obj) -> PyResult<&'a Wtf8> {
    match spec.downcast::<PyStr>() {
        Some(spec) => Ok(spec.payload.text()),
        None => {
            let class = protocol::type_name(ctx, spec);
            Err(raise!(
                ctx,
                TypeError,
                "__format__() argument must be str, not {class}"
            ))
        }
    }
}
