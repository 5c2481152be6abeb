//! `bytes`: an immutable array of bytes, stored behind the header.

use super::args::{Args, Signature};
use super::by_index::{self, ByIndex, Sequence};
use super::define::{Native, TypeDef, flag, method};
use super::index::{self, Key};
use super::iterator_state::{self, Before, Empty};
use super::obj::Obj;
use super::payload::{Body, Payload};
use super::slots::{Comparison, Slots};
use super::type_::PyType;
use super::{bytes_like, ids, protocol, str_};
use crate::error::{PyResult, no_memory, raise};
use crate::module::warnings::warn_of_bytes;
use crate::prelude::*;
use crate::vm::thread::rt;
use alloc::borrow::Cow;
use core::ptr;
use core::sync::atomic::{AtomicI64, Ordering::Relaxed};
use kit_core::backend::heap::HeapKind;
use kit_core::object::{Header, Tracer};
use kit_core::thread::Ctx;

/// The body of a bytes object; `len` bytes follow it.
#[repr(C)]
pub struct PyBytes {
    /// The hash; 0 until it is computed.
    pub hash: AtomicI64,
    len: usize,
    data: [u8; 0],
}

/// Offset of the data from the start of the object.
const DATA: usize = size_of::<Header>() + core::mem::offset_of!(PyBytes, data);

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
        unsafe { core::slice::from_raw_parts(first, self.len) }
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
    let Some(mut object) = ctx.uninit::<Body<PyBytes>>(
        type_id,
        kind,
        body + super::instance::tail_size(ctx, type_id),
    ) else {
        return Err(no_memory(ctx));
    };
    // SAFETY: the block has room for the body, the data and the tail; it is published when complete.
    unsafe {
        let at = object.as_ptr();
        (&raw mut (*at).payload).write(PyBytes {
            hash: AtomicI64::new(0),
            len: data.len(),
            data: [],
        });
        ptr::copy_nonoverlapping(data.as_ptr(), at.cast::<u8>().add(DATA), data.len());
        if dynamic {
            super::instance::init_tail(ctx, at.cast(), body);
        }
        Ok(Obj::from_header(object.publish()))
    }
}

/// What Python adds to the data of bytes: those of more than its largest size less this cannot be.
const HEAD: usize = 33;

/// Raises OverflowError where bytes cannot have this length.
pub fn check_len(ctx: &mut Ctx, len: usize) -> PyResult<()> {
    if len <= isize::MAX as usize - HEAD {
        return Ok(());
    }
    Err(raise!(ctx, OverflowError, "byte string is too large"))
}

/// A bytes object.
pub fn new(ctx: &mut Ctx, data: &[u8]) -> PyResult {
    with_type(ctx, ids::BYTES, data)
}

/// The data of a bytes-like object, copied where it may change; `None` for anything else.
pub fn buffer<'a>(ctx: &mut Ctx, x: &'a Obj) -> Option<Cow<'a, [u8]>> {
    bytes_like::buffer(ctx, x)
}

/// The bytes that an iterable of ints in `range(256)` yields.
pub fn from_iterable(ctx: &mut Ctx, x: &Obj) -> PyResult<Vec<u8>> {
    bytes_like::from_iterable(ctx, x, "bytes")
}

/// `bytes`.
pub static BYTES: TypeDef = TypeDef {
    id: ids::BYTES,
    name: "bytes",
    base: ids::OBJECT,
    layout: ids::BYTES,
    kind: &Body::<PyBytes>::KIND,
    flags: flag::BASE | flag::MATCH_SELF | flag::IMMUTABLE,
    slots: Slots {
        new: Some(construct),
        repr: Some(repr),
        str: Some(str),
        hash: Some(hash),
        compare: Some(compare),
        iter: Some(by_index::iter::<InBytes>),
        len: Some(len),
        getitem: Some(getitem),
        contains: Some(bytes_like::contains),
        rem: Some(rem),
        concat: Some(concat),
        repeat: Some(repeat),
        ..Slots::NONE
    },
    methods: bytes_like::all_methods![
        method("__buffer__", Native::S1(super::memoryview::buffer_method)),
        method("fromhex", Native::C1(from_hex)),
        method("__bytes__", Native::M0(plain)),
    ],
    getset: &[],
    doc: "bytes(iterable_of_ints) -> bytes\nbytes(string, encoding[, errors]) -> bytes\nbytes(bytes_or_buffer) -> immutable copy of bytes_or_buffer",
};

fn construct(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "bytes",
        params: &["source", "encoding", "errors"],
        posonly: 0,
        positional: 3,
        required: 0,
    };
    let type_id = class.expect::<PyType>().id;
    if let ([source], [], ids::BYTES) = (args.pos, args.names, type_id)
        && source.downcast_exact::<PyBytes>().is_some()
    {
        return Ok(source.clone());
    }
    let data = bytes_like::from_arguments(ctx, args, &SIGNATURE)?;
    with_type(ctx, type_id, &data)
}

/// The data of a receiver, which is bytes.
fn data(x: &Obj) -> &[u8] {
    x.expect::<PyBytes>().payload.data()
}

/// The value as an instance of `bytes` itself.
fn plain(ctx: &mut Ctx, x: &Obj) -> PyResult {
    if x.downcast_exact::<PyBytes>().is_some() {
        return Ok(x.clone());
    }
    new(ctx, data(x))
}

fn repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let text = bytes_like::repr_text(ctx, data(x))?;
    str_::new(ctx, &text)
}

fn hash(ctx: &mut Ctx, x: &Obj) -> PyResult<i64> {
    let body = x.expect::<PyBytes>();
    let known = body.hash.load(Relaxed);
    if known != 0 {
        return Ok(known);
    }
    let hash = rt(ctx).hash_bytes(body.data());
    // Relaxed: every thread computes the same.
    body.hash.store(hash, Relaxed);
    Ok(hash)
}

fn compare(ctx: &mut Ctx, a: &Obj, b: &Obj, op: Comparison) -> PyResult {
    // Other bytes-like objects know how to compare with bytes.
    if let (Some(x), Some(y)) = (a.downcast::<PyBytes>(), b.downcast::<PyBytes>()) {
        return Ok(Obj::bool(op.holds(x.data().cmp(y.data()))));
    }
    if matches!(op, Comparison::Eq | Comparison::Ne) {
        if protocol::is_instance_of(ctx, b, ids::STR) {
            warn_of_bytes(ctx, "Comparison between bytes and string")?;
        } else if protocol::is_instance_of(ctx, b, ids::INT) {
            warn_of_bytes(ctx, "Comparison between bytes and int")?;
        }
    }
    Ok(Obj::NOT_IMPLEMENTED)
}

/// The text of `repr`, with a warning for who wants one.
fn str(ctx: &mut Ctx, x: &Obj) -> PyResult {
    warn_of_bytes(ctx, "str() on a bytes instance")?;
    repr(ctx, x)
}

fn len(_: &mut Ctx, x: &Obj) -> PyResult<usize> {
    Ok(data(x).len())
}

fn getitem(ctx: &mut Ctx, x: &Obj, key: &Obj) -> PyResult {
    let data = data(x);
    match index::key(ctx, key, "byte indices")? {
        Key::At(at) => match index::place(at, data.len()) {
            Some(place) => Ok(Obj::small_int(data[place].into())),
            None => Err(raise!(ctx, IndexError, "index out of range")),
        },
        Key::Range(bounds) => {
            let span = bounds.span(data.len());
            if span.step == 1 {
                let end = span.start + span.count;
                return bytes_like::make(ctx, x, &data[span.start..end]);
            }
            let picked: Vec<u8> = span.indices().map(|at| data[at]).collect();
            new(ctx, &picked)
        }
    }
}

fn rem(ctx: &mut Ctx, template: &Obj, args: &Obj) -> PyResult {
    let Some(body) = template.downcast::<PyBytes>() else {
        return Ok(Obj::NOT_IMPLEMENTED);
    };
    let data = bytes_like::rem(ctx, body.data(), args)?;
    new(ctx, &data)
}

fn concat(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    let Some(added) = bytes_like::row(ctx, b)? else {
        let (left, right) = (protocol::type_name(ctx, a), protocol::type_name(ctx, b));
        return Err(raise!(ctx, TypeError, "can't concat {right} to {left}"));
    };
    if added.is_empty() {
        return plain(ctx, a);
    }
    if data(a).is_empty() && b.downcast_exact::<PyBytes>().is_some() {
        return Ok(b.clone());
    }
    let all = [data(a), &added].concat();
    new(ctx, &all)
}

fn repeat(ctx: &mut Ctx, x: &Obj, count: &Obj) -> PyResult {
    let count = index::repetitions(ctx, count)?;
    if count == 1 {
        return plain(ctx, x);
    }
    let len = data(x).len().checked_mul(count);
    if len.is_none_or(|len| isize::try_from(len).is_err()) {
        return Err(raise!(ctx, OverflowError, "repeated bytes are too long"));
    }
    let all = bytes_like::repeated(ctx, data(x), count)?;
    new(ctx, &all)
}

fn from_hex(ctx: &mut Ctx, class: &Obj, x: &Obj) -> PyResult {
    let data = bytes_like::from_hex(ctx, x)?;
    let value = new(ctx, &data)?;
    if class.expect::<PyType>().id == ids::BYTES {
        return Ok(value);
    }
    protocol::call(ctx, class, &[value])
}

// --- Iteration -----------------------------------------------------------------------------------

/// How iterators go over bytes.
pub enum InBytes {}

impl Sequence for InBytes {
    type Items = PyBytes;
    const ID: u32 = ids::BYTES_ITER;
    const NAME: &'static str = "bytes_iterator";
    const BEFORE: Before = Before::First;
    const EMPTY: Empty = iterator_state::no_tuple;

    fn item(items: &Body<PyBytes>, _: &Ctx, index: usize) -> Option<Obj> {
        let byte = items.payload.data().get(index)?;
        Some(Obj::small_int(i64::from(*byte)))
    }

    fn len(items: &Body<PyBytes>, _: &Ctx) -> usize {
        items.payload.data().len()
    }
}

/// The type of iterators over bytes.
pub static BYTES_ITER: TypeDef = ByIndex::<InBytes>::TYPE;

/// The data of bytes; none of anything else.
pub fn buffer_of(x: &Obj) -> &[u8] {
    x.downcast::<PyBytes>()
        .map_or(&[], |body| body.payload.data())
}
