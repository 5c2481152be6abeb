//! `str`: text stored behind the header, as UTF-8 plus surrogates.
//!
//! Indices are offsets in an ASCII string, which is what most strings are; in others they are found
//! by counting. A string may have room behind its text: [`concat_in_place`] fills it while it holds
//! the only reference.

use super::define::{TypeDef, flag};
use super::obj::Obj;
use super::payload::{Body, Payload};
use super::slots::Slots;
use super::{ids, protocol};
use crate::error::{PyResult, no_memory, raise};
use crate::prelude::*;
use crate::text::wtf8::{Wtf8, Wtf8Buf};
use crate::vm::thread::{current_runtime, rt};
use alloc::borrow::Cow;
use core::ptr;
use core::sync::atomic::{AtomicI64, AtomicU8, Ordering::*};
use kit_core::backend::heap::HeapKind;
use kit_core::object::{Header, Tracer};
use kit_core::thread::Ctx;

mod encode;
mod format;
mod iterate;
mod methods;
mod ops;
mod translate;

pub use encode::{decode, decode_by, decode_escapes, encode, encode_by, handle_decode_error};
pub use format::{ascii, expect_spec, format_template, format_with};
pub use iterate::{STR_ASCII_ITER, STR_ITER, StrAsciiIter, StrIter};
use methods::codec_name;
pub use methods::names_utf8;
pub(super) use methods::{bounds, codec_arguments};
pub use ops::{compare, concat, concat_in_place, contains, getitem, join, join_pieces, repr};

/// `str`.
pub static STR: TypeDef = TypeDef {
    id: ids::STR,
    name: "str",
    base: ids::OBJECT,
    layout: ids::STR,
    kind: &Body::<PyStr>::KIND,
    flags: flag::BASE | flag::MATCH_SELF | flag::IMMUTABLE,
    slots: Slots {
        new: Some(ops::new),
        repr: Some(ops::repr),
        str: Some(ops::plain),
        hash: Some(ops::hash),
        compare: Some(ops::compare),
        iter: Some(iterate::iter),
        len: Some(ops::len),
        getitem: Some(ops::getitem),
        contains: Some(ops::contains),
        rem: Some(format::rem),
        concat: Some(ops::concat),
        repeat: Some(ops::repeat),
        ..Slots::NONE
    },
    methods: methods::METHODS,
    getset: &[],
    doc: "str(object='') -> str\nstr(bytes_or_buffer[, encoding[, errors]]) -> str",
};

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
        unsafe { core::slice::from_raw_parts(first, self.len) }
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

impl Drop for PyStr {
    #[inline]
    fn drop(&mut self) {
        if *self.interned.get_mut() != 0
            && let Some(runtime) = current_runtime()
        {
            runtime.interned.forget(runtime.lot, self);
        }
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
    let Some(mut object) = ctx.uninit::<Body<PyStr>>(
        type_id,
        kind,
        body + super::instance::tail_size(ctx, type_id),
    ) else {
        return Err(no_memory(ctx));
    };
    // SAFETY: the block has room for the body, the text and the tail; it is published when complete.
    unsafe {
        let at = object.as_ptr();
        (&raw mut (*at).payload).write(PyStr {
            hash: AtomicI64::new(0),
            len: bytes.len(),
            chars,
            interned: AtomicU8::new(0),
            data: [],
        });
        let data = at.cast::<u8>().add(DATA);
        ptr::copy_nonoverlapping(bytes.as_ptr(), data, bytes.len());
        if dynamic {
            super::instance::init_tail(ctx, at.cast(), body);
        }
        Ok(Obj::from_header(object.publish()))
    }
}

/// A string of `len` bytes and `chars` code points, with room for `room` bytes (at least `len`); and
/// where its text goes.
///
/// # Safety
/// - The caller writes `len` bytes of well-formed text with `chars` code points to the address before
///   anything else looks at the string.
unsafe fn allocate(ctx: &Ctx, len: usize, chars: usize, room: usize) -> Option<(Obj, *mut u8)> {
    let size = DATA
        .checked_add(room.max(len))?
        .checked_next_multiple_of(8)?
        .max(size_of::<Body<PyStr>>());
    if size > isize::MAX as usize {
        return None;
    }
    let mut object = ctx.uninit::<Body<PyStr>>(ids::STR, HeapKind::Plain, size)?;
    // SAFETY: the block has room for the body and the text; the object is private.
    unsafe {
        let at = object.as_ptr();
        (&raw mut (*at).payload).write(PyStr {
            hash: AtomicI64::new(0),
            len,
            chars,
            interned: AtomicU8::new(0),
            data: [],
        });
        let text = at.cast::<u8>().add(DATA);
        Some((Obj::from_header(object.publish()), text))
    }
}

/// A string, if there is memory for it.
pub(super) fn try_new(ctx: &Ctx, text: &Wtf8) -> Option<Obj> {
    let bytes = text.as_bytes();
    // SAFETY: the text is written at once.
    unsafe {
        let (string, at) = allocate(ctx, bytes.len(), text.char_count(), bytes.len())?;
        ptr::copy_nonoverlapping(bytes.as_ptr(), at, bytes.len());
        Some(string)
    }
}

/// A string outside of the heap that is never freed, marked as interned.
pub(super) fn new_static(text: &'static str) -> Obj {
    let size = (DATA + text.len()).max(size_of::<Body<PyStr>>());
    let mut block: Vec<Header> = Vec::new();
    block.resize_with(size.div_ceil(size_of::<Header>()), || {
        Header::immortal(ids::STR)
    });
    let at = block.leak().as_mut_ptr();
    // SAFETY: the block has room for the body and the text; it is private, and begins with a header.
    unsafe {
        (&raw mut (*at.cast::<Body<PyStr>>()).payload).write(PyStr {
            hash: AtomicI64::new(0),
            len: text.len(),
            chars: text.chars().count(),
            interned: AtomicU8::new(1),
            data: [],
        });
        let data = at.cast::<u8>().add(DATA);
        ptr::copy_nonoverlapping(text.as_ptr(), data, text.len());
        Obj::from_word(kit_core::object::Word::object(at))
    }
}

/// Copies text; a few bytes without a call.
///
/// # Safety
/// - `to` has room for `from`, and does not overlap it.
#[inline(always)]
unsafe fn copy_text(from: &[u8], to: *mut u8) {
    let (start, len) = (from.as_ptr(), from.len());
    // SAFETY: two loads that may overlap cover lengths from their size to its double; all inside both texts.
    unsafe {
        match len {
            8..=16 => {
                let (first, last) = (
                    start.cast::<u64>().read_unaligned(),
                    start.add(len - 8).cast::<u64>().read_unaligned(),
                );
                to.cast::<u64>().write_unaligned(first);
                to.add(len - 8).cast::<u64>().write_unaligned(last);
            }
            4..8 => {
                let (first, last) = (
                    start.cast::<u32>().read_unaligned(),
                    start.add(len - 4).cast::<u32>().read_unaligned(),
                );
                to.cast::<u32>().write_unaligned(first);
                to.add(len - 4).cast::<u32>().write_unaligned(last);
            }
            0..4 => {
                for index in 0..len {
                    to.add(index).write_volatile(start.add(index).read());
                }
            }
            _ => ptr::copy_nonoverlapping(start, to, len),
        }
    }
}

/// A string of several pieces: `bytes` and `chars` are the sums of theirs.
fn from_parts<'a>(
    ctx: &mut Ctx,
    bytes: usize,
    chars: usize,
    parts: impl Iterator<Item = &'a [u8]>,
) -> PyResult {
    // SAFETY: the parts are written below, and make up the whole text.
    let Some((string, text)) = (unsafe { allocate(ctx, bytes, chars, bytes) }) else {
        return Err(no_memory(ctx));
    };
    let mut at = 0;
    for part in parts {
        assert!(part.len() <= bytes - at);
        // SAFETY: inside the text, as asserted; the string is new, so nothing overlaps.
        unsafe { copy_text(part, text.add(at)) };
        at += part.len();
    }
    assert!(at == bytes);
    Ok(string)
}

/// A string of ASCII characters.
///
/// # Panics
/// When there are others.
pub fn from_ascii(ctx: &mut Ctx, text: &[u8]) -> PyResult {
    assert!(text.is_ascii());
    if text.len() <= 1 {
        return Ok(rt(ctx).short_string(text));
    }
    from_parts(ctx, text.len(), text.len(), core::iter::once(text))
}

/// The decimal digits of a number.
pub fn from_int(ctx: &mut Ctx, value: i64) -> PyResult {
    if (0..10).contains(&value) {
        return Ok(rt(ctx).short_string(&[b'0' + value as u8]));
    }
    let mut room = [0; 20];
    let digits = write_int(value, &mut room).as_bytes();
    from_parts(ctx, digits.len(), digits.len(), core::iter::once(digits))
}

/// The decimal digits of a number, written into `text`.
pub fn write_int(value: i64, text: &mut [u8; 20]) -> &str {
    const PAIRS: [[u8; 2]; 100] = {
        let mut pairs = [[b'0'; 2]; 100];
        let mut number = 0;
        while number < 100 {
            pairs[number] = [b'0' + number as u8 / 10, b'0' + number as u8 % 10];
            number += 1;
        }
        pairs
    };
    let mut rest = value.unsigned_abs();
    let mut at = text.len();
    while rest >= 10 {
        at -= 2;
        text[at..at + 2].copy_from_slice(&PAIRS[(rest % 100) as usize]);
        rest /= 100;
    }
    if rest > 0 || value == 0 {
        at -= 1;
        text[at] = b'0' + rest as u8;
    }
    if value < 0 {
        at -= 1;
        text[at] = b'-';
    }
    core::str::from_utf8(&text[at..]).unwrap_or_default()
}

/// The string of one character; U+FFFD for what is none.
pub fn from_point(ctx: &mut Ctx, point: u32) -> PyResult {
    if point < 0x80 {
        return Ok(rt(ctx).short_string(&[point as u8]));
    }
    let mut text = Wtf8Buf::with_capacity(4);
    if !text.push(point) {
        text.push(0xFFFD);
    }
    with_type(ctx, ids::STR, &text)
}

/// A part of `whole`: `whole` itself when that is all of it.
pub fn from_part(ctx: &mut Ctx, whole: &Obj, part: &Wtf8) -> PyResult {
    if let Some(body) = whole.downcast_exact::<PyStr>() {
        if body.len == part.byte_len() {
            return Ok(whole.clone());
        }
        if body.is_ascii() {
            return from_ascii(ctx, part.as_bytes());
        }
    }
    from_wtf8(ctx, part)
}

/// The text of a str, instances of derived classes included.
#[inline(always)]
pub fn text_of(x: &Obj) -> Option<&Wtf8> {
    x.downcast::<PyStr>().map(|body| body.payload.text())
}

/// What messages about an argument call its type: None has none of its own.
pub fn argument_type(ctx: &Ctx, x: &Obj) -> String {
    if x.is_none() {
        return "None".to_owned();
    }
    protocol::type_name(ctx, x)
}

/// The text of an argument that must be a str; `what` names it (`"find() argument 1"`).
pub fn expect_text<'a>(ctx: &mut Ctx, x: &'a Obj, what: &str) -> PyResult<&'a Wtf8> {
    match text_of(x) {
        Some(text) => Ok(text),
        None => {
            let class = argument_type(ctx, x);
            Err(raise!(ctx, TypeError, "{what} must be str, not {class}"))
        }
    }
}

/// Offset of the text from the start of the object.
const DATA: usize = size_of::<Header>() + core::mem::offset_of!(PyStr, data);

/// A string.
pub fn new(ctx: &mut Ctx, text: &str) -> PyResult {
    with_type(ctx, ids::STR, Wtf8::from_str(text))
}

/// A string.
pub fn from_wtf8(ctx: &mut Ctx, text: &Wtf8) -> PyResult {
    if text.byte_len() <= 1 {
        return Ok(rt(ctx).short_string(text.as_bytes()));
    }
    with_type(ctx, ids::STR, text)
}

/// A string.
pub fn from_buf(ctx: &mut Ctx, text: Wtf8Buf) -> PyResult {
    from_wtf8(ctx, &text)
}

/// The interned string with this text, which is one of the interpreter's own: there is always memory for those.
pub fn intern(ctx: &mut Ctx, text: &'static str) -> Obj {
    rt(ctx).interned.intern_own(ctx, text)
}

/// The interned string with this text.
///
/// # Errors
/// MemoryError.
pub fn intern_text(ctx: &mut Ctx, text: &str) -> PyResult {
    intern_wtf8(ctx, Wtf8::from_str(text))
}

/// The interned string with this text.
///
/// # Errors
/// MemoryError.
pub fn intern_wtf8(ctx: &mut Ctx, text: &Wtf8) -> PyResult {
    rt(ctx).interned.intern(ctx, text)
}

/// The interned string with this text, which is not kept if it is new.
///
/// # Errors
/// MemoryError.
pub fn intern_passing(ctx: &mut Ctx, text: &str) -> PyResult {
    rt(ctx).interned.intern_passing(ctx, Wtf8::from_str(text))
}

/// The interned string equal to `string`, which is returned itself if nothing was interned before and its
/// class is `str`.
///
/// # Errors
/// MemoryError, for a string of a derived class; TypeError for what is no string.
pub fn intern_obj(ctx: &mut Ctx, string: &Obj) -> PyResult {
    let Some(body) = string.downcast::<PyStr>() else {
        let class = protocol::type_name(ctx, string);
        return Err(raise!(ctx, TypeError, "a name must be str, not {class}"));
    };
    let runtime = rt(ctx);
    if body.header.type_id() != ids::STR {
        return runtime.interned.intern_passing(ctx, body.text());
    }
    if body.is_interned() {
        return Ok(string.clone());
    }
    Ok(runtime.interned.intern_object(ctx, string))
}
