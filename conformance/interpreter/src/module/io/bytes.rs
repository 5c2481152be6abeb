//! `BytesIO`: bytes in memory. They are in a `bytearray`, under whose lock everything happens, and whose views
//! (`getbuffer`) keep their number from changing.

use super::base::{signed_size, size, writable_view};
use crate::error::{PyResult, Raised, raise};
use crate::object::args::{Args, Signature};
use crate::object::bytearray::{self, PyByteArray};
use crate::object::define::{Native, TypeDef, flag, getter, method};
use crate::object::dict::PyDict;
use crate::object::ids::{self, tailed};
use crate::object::instance;
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slot::Slot;
use crate::object::slots::Slots;
use crate::object::tuple::PyTuple;
use crate::object::type_::PyType;
use crate::object::{bytes, bytes_like, int, list, memoryview, protocol, tuple};
use crate::vm::outside;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

/// The body of a `BytesIO`. The atomics are Relaxed: they change under the lock of the bytearray, or on their own.
pub struct PyBytesIo {
    data: Slot,
    at: AtomicUsize,
    closed: AtomicBool,
}

// SAFETY: the bytearray is the only reference.
unsafe impl Payload for PyBytesIo {
    const ID: u32 = ids::BYTES_IO;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "BytesIO";
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.data.trace(tracer);
    }
}

/// `_io.BytesIO`.
pub static BYTES_IO: TypeDef = TypeDef {
    id: tailed::BYTES_IO,
    name: "_io.BytesIO",
    base: tailed::BUFFERED_IO_BASE,
    layout: ids::BYTES_IO,
    kind: &Body::<PyBytesIo>::KIND,
    flags: flag::BASE | flag::DICT | flag::WEAKREF,
    slots: Slots {
        new: Some(new),
        init: Some(init),
        iter: Some(|ctx, x| {
            check(ctx, x)?;
            Ok(x.clone())
        }),
        next: Some(next),
        ..Slots::NONE
    },
    methods: &[
        method("readable", Native::M0(yes)),
        method("seekable", Native::M0(yes)),
        method("writable", Native::M0(yes)),
        method("close", Native::M0(close)),
        method(
            "flush",
            Native::M0(|ctx, x| {
                check(ctx, x)?;
                Ok(Obj::NONE)
            }),
        ),
        method(
            "isatty",
            Native::M0(|ctx, x| {
                check(ctx, x)?;
                Ok(Obj::FALSE)
            }),
        ),
        method(
            "tell",
            Native::M0(|ctx, x| {
                check(ctx, x)?;
                int::from_usize(ctx, body(x).at.load(Relaxed))
            }),
        ),
        method("write", Native::M1(write)),
        method("writelines", Native::M1(writelines)),
        method("read", Native::MN(0, 1, read)),
        method("read1", Native::MN(0, 1, read)),
        method("readinto", Native::M1(readinto)),
        method("readline", Native::MN(0, 1, readline)),
        method("readlines", Native::MN(0, 1, readlines)),
        method(
            "getbuffer",
            Native::M0(|ctx, x| {
                check(ctx, x)?;
                let data = data(ctx, x);
                memoryview::of(ctx, &data)
            }),
        ),
        method("getvalue", Native::M0(getvalue)),
        method("seek", Native::MN(1, 2, seek)),
        method("truncate", Native::MN(0, 1, truncate)),
        method("__getstate__", Native::M0(getstate)),
        method("__setstate__", Native::M1(setstate)),
    ],
    getset: &[getter("closed", |_, x| {
        Ok(Obj::bool(body(x).closed.load(Relaxed)))
    })],
    doc: "Buffered I/O implementation using an in-memory bytes buffer.",
};

fn body(x: &Obj) -> &Body<PyBytesIo> {
    x.expect::<PyBytesIo>()
}

/// The bytearray.
fn data(ctx: &mut Ctx, x: &Obj) -> Obj {
    let body = body(x);
    body.data.get(ctx, &body.header).unwrap_or(Obj::NONE)
}

fn closed(ctx: &mut Ctx) -> Raised {
    raise!(ctx, ValueError, "I/O operation on closed file.")
}

fn check(ctx: &mut Ctx, x: &Obj) -> PyResult<()> {
    if body(x).closed.load(Relaxed) {
        return Err(closed(ctx));
    }
    Ok(())
}

fn new(ctx: &mut Ctx, class: &Obj, _: Args<'_>) -> PyResult {
    let data = bytearray::new(ctx, Vec::new())?;
    let body = PyBytesIo {
        data: Slot::new(data),
        at: AtomicUsize::new(0),
        closed: AtomicBool::new(false),
    };
    payload::allocate(ctx, class.expect::<PyType>().id, body)
}

fn init(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult<()> {
    static SIGNATURE: Signature = Signature {
        name: "BytesIO",
        params: &["initial_bytes"],
        posonly: 0,
        positional: 1,
        required: 0,
    };
    let [initial] = args.bind(ctx, &SIGNATURE)?;
    let contents = match initial.filter(|initial| !initial.is_none()) {
        Some(initial) => {
            let contents = bytes_like::expect_buffer(ctx, initial)?;
            outside::room(ctx, contents.len())?;
            contents.into_owned()
        }
        None => Vec::new(),
    };
    let data = data(ctx, x);
    data.expect::<PyByteArray>()
        .resizing(ctx, |own| *own = contents)?;
    body(x).at.store(0, Relaxed);
    body(x).closed.store(false, Relaxed);
    Ok(())
}

/// The next bytes, up to `count`, and with `line` up to the end of the line.
fn take(ctx: &mut Ctx, x: &Obj, count: Option<usize>, line: bool) -> PyResult<Vec<u8>> {
    check(ctx, x)?;
    let data = data(ctx, x);
    let file = body(x);
    let wanted = data.expect::<PyByteArray>().with(ctx, |data| {
        let rest = data.len().saturating_sub(file.at.load(Relaxed));
        if line {
            0
        } else {
            rest.min(count.unwrap_or(rest))
        }
    });
    outside::room(ctx, wanted)?;
    Ok(data.expect::<PyByteArray>().with(ctx, |data| {
        let at = file.at.load(Relaxed);
        let rest = data.get(at..).unwrap_or_default();
        let mut len = rest.len().min(count.unwrap_or(usize::MAX));
        if line && let Some(end) = memchr::memchr(b'\n', &rest[..len]) {
            len = end + 1;
        }
        file.at.store(at + len, Relaxed);
        rest[..len].to_vec()
    }))
}

fn read(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let count = size(ctx, args)?;
    let taken = take(ctx, x, count, false)?;
    bytes::new(ctx, &taken)
}

fn readline(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let count = size(ctx, args)?;
    let taken = take(ctx, x, count, true)?;
    bytes::new(ctx, &taken)
}

fn next(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<Obj>> {
    let taken = take(ctx, x, None, true)?;
    if taken.is_empty() {
        return Ok(None);
    }
    bytes::new(ctx, &taken).map(Some)
}

fn readlines(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let most = size(ctx, args)?.filter(|most| *most > 0);
    check(ctx, x)?;
    let mut lines = Vec::new();
    let mut total = 0;
    while most.is_none_or(|most| total < most) {
        let line = take(ctx, x, None, true)?;
        if line.is_empty() {
            break;
        }
        total += line.len();
        let line = bytes::new(ctx, &line)?;
        outside::push(ctx, &mut lines, line)?;
    }
    list::from_vec(ctx, lines)
}

fn readinto(ctx: &mut Ctx, x: &Obj, into: &Obj) -> PyResult {
    check(ctx, x)?;
    let (into, len) = writable_view(ctx, into, "readinto")?;
    let taken = take(ctx, x, Some(len), false)?;
    bytes_like::write(ctx, &into, |place| {
        if let Some(place) = place.get_mut(..taken.len()) {
            place.copy_from_slice(&taken);
        }
    });
    int::from_usize(ctx, taken.len())
}

fn write(ctx: &mut Ctx, x: &Obj, value: &Obj) -> PyResult {
    check(ctx, x)?;
    let new = bytes_like::expect_buffer(ctx, value)?;
    check(ctx, x)?;
    let data = data(ctx, x);
    let file = body(x);
    let array = data.expect::<PyByteArray>();
    let wanted = array.with(ctx, |data| {
        let end = file.at.load(Relaxed).saturating_add(new.len());
        // The next buffer, which may be twice as long.
        if end > data.capacity() {
            end.max(data.capacity() * 2)
        } else {
            0
        }
    });
    outside::room(ctx, wanted)?;
    array.resizing(ctx, |data| {
        if new.is_empty() {
            return;
        }
        let at = file.at.load(Relaxed);
        if at == data.len() {
            data.extend_from_slice(&new);
        } else {
            if data.len() < at {
                data.resize(at, 0);
            }
            let end = at + new.len();
            if data.len() < end {
                data.resize(end, 0);
            }
            data[at..end].copy_from_slice(&new);
        }
        file.at.store(at + new.len(), Relaxed);
    })?;
    int::from_usize(ctx, new.len())
}

fn writelines(ctx: &mut Ctx, x: &Obj, lines: &Obj) -> PyResult {
    check(ctx, x)?;
    protocol::for_each(ctx, lines, |ctx, line| write(ctx, x, &line).map(drop))?;
    Ok(Obj::NONE)
}

fn getvalue(ctx: &mut Ctx, x: &Obj) -> PyResult {
    check(ctx, x)?;
    let data = data(ctx, x);
    let array = data.expect::<PyByteArray>();
    let len = array.with(ctx, |data| data.len());
    outside::room(ctx, len)?;
    let copy = array.copy(ctx);
    bytes::new(ctx, &copy)
}

fn seek(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    check(ctx, x)?;
    let offset = protocol::c_ssize(ctx, &args[0])?;
    let whence = match args.get(1) {
        Some(whence) => protocol::index_i64(ctx, whence, None)?,
        None => 0,
    };
    let data = data(ctx, x);
    let len = data.expect::<PyByteArray>().with(ctx, |data| data.len());
    let from = match whence {
        0 if offset < 0 => {
            return Err(raise!(ctx, ValueError, "negative seek value {offset}"));
        }
        0 => 0,
        1 => body(x).at.load(Relaxed),
        2 => len,
        _ => {
            return Err(raise!(
                ctx,
                ValueError,
                "invalid whence ({whence}, should be 0, 1 or 2)"
            ));
        }
    };
    let Some(to) = (from as i64).checked_add(offset) else {
        return Err(raise!(ctx, OverflowError, "new position too large"));
    };
    let to = to.max(0) as usize;
    body(x).at.store(to, Relaxed);
    int::from_usize(ctx, to)
}

fn truncate(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    check(ctx, x)?;
    let file = body(x);
    let size = match args.first().filter(|size| !size.is_none()) {
        Some(_) => signed_size(ctx, args)?,
        None => file.at.load(Relaxed) as i64,
    };
    let Ok(size) = usize::try_from(size) else {
        return Err(raise!(ctx, ValueError, "negative size value {size}"));
    };
    // The size may have closed it.
    check(ctx, x)?;
    let data = data(ctx, x);
    data.expect::<PyByteArray>().resizing(ctx, |data| {
        data.truncate(size);
    })?;
    int::from_usize(ctx, size)
}

fn close(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let data = data(ctx, x);
    let old = data.expect::<PyByteArray>().resizing(ctx, std::mem::take)?;
    drop(old);
    body(x).closed.store(true, Relaxed);
    Ok(Obj::NONE)
}

fn yes(ctx: &mut Ctx, x: &Obj) -> PyResult {
    check(ctx, x)?;
    Ok(Obj::TRUE)
}

/// A copy of the attributes that the program has added.
pub(super) fn attributes(ctx: &mut Ctx, x: &Obj) -> PyResult {
    match instance::dict(ctx, x)? {
        Some(dict) if !dict.expect::<PyDict>().is_empty(ctx) => dict.expect::<PyDict>().copy(ctx),
        _ => Ok(Obj::NONE),
    }
}

/// Adds attributes, of a state.
pub(super) fn add_attributes(ctx: &mut Ctx, x: &Obj, added: &Obj, what: &str) -> PyResult<()> {
    if added.is_none() {
        return Ok(());
    }
    let Some(added) = added.downcast::<PyDict>() else {
        let class = protocol::type_name(ctx, added);
        return Err(raise!(
            ctx,
            TypeError,
            "{what} item of state should be a dict, got a {class}"
        ));
    };
    for (name, value) in added.items(ctx) {
        protocol::setattr(ctx, x, &name, Some(&value))?;
    }
    Ok(())
}

fn getstate(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let value = getvalue(ctx, x)?;
    let at = int::from_usize(ctx, body(x).at.load(Relaxed))?;
    let attributes = attributes(ctx, x)?;
    tuple::from_vec(ctx, vec![value, at, attributes])
}

fn setstate(ctx: &mut Ctx, x: &Obj, state: &Obj) -> PyResult {
    check(ctx, x)?;
    let items = match state.downcast::<PyTuple>().map(|state| state.items()) {
        Some(items) if items.len() >= 3 => items,
        _ => {
            let (class, given) = (protocol::type_name(ctx, x), protocol::type_name(ctx, state));
            return Err(raise!(
                ctx,
                TypeError,
                "{class}.__setstate__ argument should be 3-tuple, got {given}"
            ));
        }
    };
    let contents = bytes_like::expect_buffer(ctx, &items[0])?.into_owned();
    if int::view(&items[1]).is_none() {
        let class = protocol::type_name(ctx, &items[1]);
        return Err(raise!(
            ctx,
            TypeError,
            "second item of state must be an integer, not {class}"
        ));
    }
    let at = protocol::c_ssize(ctx, &items[1])?;
    let Ok(at) = usize::try_from(at) else {
        return Err(raise!(ctx, ValueError, "position value cannot be negative"));
    };
    let data = data(ctx, x);
    data.expect::<PyByteArray>()
        .resizing(ctx, |own| *own = contents)?;
    body(x).at.store(at, Relaxed);
    body(x).closed.store(false, Relaxed);
    add_attributes(ctx, x, &items[2], "third")?;
    Ok(Obj::NONE)
}
