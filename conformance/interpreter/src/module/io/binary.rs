//! Binary file objects, and what they share with text files.

use super::stream::{self, Shared, Stream};
use crate::error::{PyResult, Raised, raise};
use crate::object::bytes::{self, PyBytes};
use crate::object::define::{GetSet, Method, Native, TypeDef, flag, getter, method};
use crate::object::exception::{self, class};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slots::Slots;
use crate::object::{ids, int, list, protocol, str_};
use crate::vm::outside::{self, Outside};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;
use std::io::SeekFrom;

/// The body of a binary file.
pub struct PyBinaryFile {
    /// The file.
    pub stream: Shared,
    /// `name`.
    name: Obj,
    /// `mode`.
    mode: &'static str,
}

// SAFETY: `trace` reports the name.
unsafe impl Payload for PyBinaryFile {
    const ID: u32 = ids::BUFFERED_FILE;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "binary file";
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.word(self.name.word());
    }
}

/// Binary files of every kind.
pub static BINARY_FILE: TypeDef = TypeDef {
    id: ids::BUFFERED_FILE,
    name: "_io.BufferedRandom",
    base: ids::OBJECT,
    layout: ids::BUFFERED_FILE,
    kind: &Body::<PyBinaryFile>::KIND,
    flags: flag::NO_NEW,
    slots: Slots {
        repr: Some(repr),
        iter: Some(iter),
        next: Some(|ctx, f| {
            let line = read_line(ctx, f, None, false)?;
            if line.is_empty() {
                Ok(None)
            } else {
                bytes::new(ctx, &line).map(Some)
            }
        }),
        ..Slots::NONE
    },
    methods: &[
        method("read", Native::MN(0, 1, read)),
        method("read1", Native::MN(0, 1, read1)),
        method("readline", Native::MN(0, 1, readline)),
        method("readlines", Native::MN(0, 1, readlines)),
        method("write", Native::M1(write)),
        method("writelines", Native::M1(writelines)),
        CLOSE,
        FLUSH,
        FILENO,
        ISATTY,
        READABLE,
        WRITABLE,
        SEEKABLE,
        ENTER,
        EXIT,
        TELL,
        TRUNCATE,
        method("seek", Native::MN(1, 2, seek)),
    ],
    getset: &[
        CLOSED,
        getter("name", |_, f| Ok(f.expect::<PyBinaryFile>().name.clone())),
        getter("mode", |ctx, f| {
            str_::new(ctx, f.expect::<PyBinaryFile>().mode)
        }),
        getter("raw", |_, f| Ok(f.clone())),
    ],
    doc: "",
};

/// `close()`.
pub const CLOSE: Method = method("close", Native::M0(close));
/// `flush()`.
pub const FLUSH: Method = method("flush", Native::M0(flush));
/// `fileno()`.
pub const FILENO: Method = method("fileno", Native::M0(fileno));
/// `isatty()`.
pub const ISATTY: Method = method("isatty", Native::M0(isatty));
/// `readable()`.
pub const READABLE: Method = method(
    "readable",
    Native::M0(|ctx, f| flag_of(ctx, f, |s| s.readable)),
);
/// `writable()`.
pub const WRITABLE: Method = method(
    "writable",
    Native::M0(|ctx, f| flag_of(ctx, f, |s| s.writable)),
);
/// `seekable()`.
pub const SEEKABLE: Method = method(
    "seekable",
    Native::M0(|ctx, f| flag_of(ctx, f, |s| s.tell().is_ok())),
);
/// `__enter__()`.
pub const ENTER: Method = method("__enter__", Native::M0(iter));
/// `__exit__()`.
pub const EXIT: Method = method("__exit__", Native::MA(|ctx, f, _| close(ctx, f)));
/// `tell()`.
pub const TELL: Method = method("tell", Native::M0(tell));
/// `truncate()`.
pub const TRUNCATE: Method = method("truncate", Native::MN(0, 1, truncate));
/// `closed`.
pub const CLOSED: GetSet = getter("closed", |ctx, f| {
    let closed = stream::quick(ctx, of(f), |s| s.is_closed());
    Ok(Obj::bool(closed))
});

/// A binary file over a stream.
pub fn new(ctx: &mut Ctx, stream: Shared, name: Obj, mode: &'static str) -> PyResult {
    payload::new(ctx, PyBinaryFile { stream, name, mode })
}

/// The stream of a file object.
pub(super) fn of(file: &Obj) -> &Shared {
    stream::of(file).expect("a method of file objects gets one")
}

/// Stores what an operation on a closed file raises.
fn closed(ctx: &mut Ctx) -> Raised {
    raise!(ctx, ValueError, "I/O operation on closed file.")
}

/// Runs a blocking operation of an open file, again after signals that raise nothing.
pub(super) fn operate<R>(
    ctx: &mut Ctx,
    file: &Obj,
    mut body: impl FnMut(&mut Stream) -> std::io::Result<R>,
) -> PyResult<R> {
    loop {
        let (result, is_stale) = stream::blocking(ctx, of(file), |s| {
            let result = if s.is_closed() { None } else { Some(body(s)) };
            (result, s.is_stale())
        });
        if is_stale {
            stream::quick(ctx, of(file), Stream::count);
        }
        match result {
            None => return Err(closed(ctx)),
            Some(Ok(result)) => return Ok(result),
            Some(Err(error)) if error.kind() == std::io::ErrorKind::Interrupted => {
                crate::vm::interrupt::check(ctx)?;
            }
            Some(Err(error)) if Stream::needs_room(&error) => {
                let wants = stream::quick(ctx, of(file), |s| s.wants());
                outside::room(ctx, wants)?;
                stream::quick(ctx, of(file), Stream::make_room);
            }
            Some(Err(error)) => return Err(exception::os::raise_os_error(ctx, &error, None)),
        }
    }
}

/// Raises unless the file is open and can be read, or written.
pub(super) fn require(ctx: &mut Ctx, file: &Obj, writing: bool) -> PyResult<()> {
    let (is_closed, able) = stream::quick(ctx, of(file), |s| {
        (s.is_closed(), if writing { s.writable } else { s.readable })
    });
    if is_closed {
        return Err(closed(ctx));
    }
    if !able {
        let what = if writing { "writable" } else { "readable" };
        return Err(super::raise_unsupported(ctx, &format!("not {what}")));
    }
    Ok(())
}

/// Writes bytes, through the buffer.
pub(super) fn put(ctx: &mut Ctx, file: &Obj, data: &[u8]) -> PyResult<()> {
    enum Outcome {
        Done,
        Write,
        Closed,
        Unable,
    }
    let outcome = stream::quick(ctx, of(file), |s| {
        if s.is_closed() {
            Outcome::Closed
        } else if !s.writable {
            Outcome::Unable
        } else if s.push(data) {
            Outcome::Write
        } else {
            Outcome::Done
        }
    });
    match outcome {
        Outcome::Done => Ok(()),
        Outcome::Write => operate(ctx, file, Stream::flush),
        Outcome::Closed => Err(closed(ctx)),
        Outcome::Unable => require(ctx, file, true),
    }
}

/// The number of an optional argument; `None` without it, and for None and numbers below zero.
pub(super) fn size(ctx: &mut Ctx, args: &[Obj]) -> PyResult<Option<usize>> {
    match args.first() {
        None => Ok(None),
        Some(value) if value.is_none() => Ok(None),
        Some(value) => {
            let value = protocol::index_i64(ctx, value, Some(class::OverflowError))?;
            Ok(usize::try_from(value).ok())
        }
    }
}

fn read_line(
    ctx: &mut Ctx,
    file: &Obj,
    limit: Option<usize>,
    universal: bool,
) -> PyResult<Vec<u8>> {
    require(ctx, file, false)?;
    operate(ctx, file, |s| s.read_line(limit, universal))
}

fn read(ctx: &mut Ctx, file: &Obj, args: &[Obj]) -> PyResult {
    let count = size(ctx, args)?;
    require(ctx, file, false)?;
    let data = Outside::new(operate(ctx, file, |s| s.read(count))?);
    bytes::new(ctx, &data)
}

fn read1(ctx: &mut Ctx, file: &Obj, args: &[Obj]) -> PyResult {
    let count = size(ctx, args)?.unwrap_or(8192);
    require(ctx, file, false)?;
    let data = operate(ctx, file, |s| s.read_once(count))?;
    bytes::new(ctx, &data)
}

fn readline(ctx: &mut Ctx, file: &Obj, args: &[Obj]) -> PyResult {
    let limit = size(ctx, args)?;
    let line = Outside::new(read_line(ctx, file, limit, false)?);
    bytes::new(ctx, &line)
}

/// `readlines(hint)` of any file: lines up to the one that passes `hint` characters.
pub(super) fn readlines(ctx: &mut Ctx, file: &Obj, args: &[Obj]) -> PyResult {
    let hint = size(ctx, args)?.filter(|&hint| hint > 0);
    let mut total = 0;
    let mut lines = Vec::new();
    while let Some(line) = protocol::next(ctx, file)? {
        total += protocol::len(ctx, &line)?;
        outside::push(ctx, &mut lines, line)?;
        if hint.is_some_and(|hint| total >= hint) {
            break;
        }
    }
    list::from_vec(ctx, lines)
}

fn write(ctx: &mut Ctx, file: &Obj, data: &Obj) -> PyResult {
    let data = bytes_of(ctx, data)?;
    put(ctx, file, &data)?;
    int::from_usize(ctx, data.len())
}

/// The contents of a bytes-like object.
pub(crate) fn bytes_of(ctx: &mut Ctx, data: &Obj) -> PyResult<Vec<u8>> {
    if let Some(body) = data.downcast::<PyBytes>() {
        return Ok(body.data().to_vec());
    }
    let is_buffer = [ids::BYTEARRAY, ids::MEMORYVIEW]
        .into_iter()
        .any(|id| crate::object::type_::type_id_of(data) == id);
    if is_buffer {
        let class = crate::object::type_::type_object(ctx, ids::BYTES);
        let copy = protocol::call(ctx, &class, std::slice::from_ref(data))?;
        return Ok(copy.expect::<PyBytes>().data().to_vec());
    }
    let class = protocol::type_name(ctx, data);
    Err(raise!(
        ctx,
        TypeError,
        "a bytes-like object is required, not '{class}'"
    ))
}

/// `writelines(lines)` of any file.
pub(super) fn writelines(ctx: &mut Ctx, file: &Obj, lines: &Obj) -> PyResult {
    let name = &crate::object::names::names(ctx).write;
    let write = protocol::getattr(ctx, file, name)?;
    protocol::for_each(ctx, lines, |ctx, line| {
        protocol::call(ctx, &write, &[line]).map(drop)
    })?;
    Ok(Obj::NONE)
}

/// `close()` of any file.
pub(super) fn close(ctx: &mut Ctx, file: &Obj) -> PyResult {
    let result = stream::blocking(ctx, of(file), Stream::close);
    match result {
        Ok(()) => Ok(Obj::NONE),
        Err(error) => Err(exception::os::raise_os_error(ctx, &error, None)),
    }
}

fn flush(ctx: &mut Ctx, file: &Obj) -> PyResult {
    operate(ctx, file, Stream::flush)?;
    Ok(Obj::NONE)
}

fn fileno(ctx: &mut Ctx, file: &Obj) -> PyResult {
    match stream::quick(ctx, of(file), |s| s.fd()) {
        Some(fd) => Ok(Obj::small_int(i64::from(fd))),
        None => Err(closed(ctx)),
    }
}

fn isatty(ctx: &mut Ctx, file: &Obj) -> PyResult {
    match stream::quick(ctx, of(file), |s| s.fd()) {
        Some(fd) => Ok(Obj::bool(stream::is_terminal(fd))),
        None => Err(closed(ctx)),
    }
}

fn flag_of(ctx: &mut Ctx, file: &Obj, ask: fn(&mut Stream) -> bool) -> PyResult {
    let answer = stream::blocking(ctx, of(file), |s| {
        if s.is_closed() { None } else { Some(ask(s)) }
    });
    match answer {
        Some(answer) => Ok(Obj::bool(answer)),
        None => Err(closed(ctx)),
    }
}

fn iter(ctx: &mut Ctx, file: &Obj) -> PyResult {
    if stream::quick(ctx, of(file), |s| s.is_closed()) {
        return Err(closed(ctx));
    }
    Ok(file.clone())
}

fn tell(ctx: &mut Ctx, file: &Obj) -> PyResult {
    let at = operate(ctx, file, Stream::tell)?;
    int::from_usize(ctx, at as usize)
}

fn truncate(ctx: &mut Ctx, file: &Obj, args: &[Obj]) -> PyResult {
    let wanted = size(ctx, args)?;
    let size = match wanted {
        Some(size) => size as u64,
        None => operate(ctx, file, Stream::tell)?,
    };
    operate(ctx, file, |s| s.truncate(size))?;
    int::from_usize(ctx, size as usize)
}

/// `seek(offset, whence)` of any file.
pub(super) fn seek(ctx: &mut Ctx, file: &Obj, args: &[Obj]) -> PyResult {
    let offset = protocol::index_i64(ctx, &args[0], Some(class::OverflowError))?;
    let whence = match args.get(1) {
        Some(whence) => protocol::index_i64(ctx, whence, None)?,
        None => 0,
    };
    let to = match whence {
        0 => match u64::try_from(offset) {
            Ok(offset) => SeekFrom::Start(offset),
            Err(_) => {
                return Err(raise!(ctx, ValueError, "negative seek position {offset}"));
            }
        },
        1 => SeekFrom::Current(offset),
        2 => SeekFrom::End(offset),
        _ => {
            return Err(raise!(ctx, ValueError, "whence value {whence} unsupported"));
        }
    };
    let at = operate(ctx, file, |s| s.seek(to))?;
    int::from_usize(ctx, at as usize)
}

fn repr(ctx: &mut Ctx, file: &Obj) -> PyResult {
    let body = file.expect::<PyBinaryFile>();
    let kind = match body.mode {
        "rb" => "BufferedReader",
        "rb+" => "BufferedRandom",
        _ => "BufferedWriter",
    };
    let name = protocol::repr_string(ctx, &body.name)?;
    str_::new(ctx, &format!("<_io.{kind} name={name}>"))
}
