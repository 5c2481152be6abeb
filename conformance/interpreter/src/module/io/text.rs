//! Text file objects: lines and characters over a stream of bytes.

use super::binary::{
    CLOSE, CLOSED, ENTER, EXIT, FILENO, FLUSH, ISATTY, READABLE, SEEKABLE, TELL, TRUNCATE,
    WRITABLE, of, operate, put, readlines, require, seek, size, writelines,
};
use super::stream::{self, Shared};
use crate::error::{PyResult, Raised, raise};
use crate::object::args::{Args, Signature};
use crate::object::define::{Native, TypeDef, flag, getter, method};
use crate::object::exception;
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slots::Slots;
use crate::object::str_::PyStr;
use crate::object::{ids, int, protocol, str_};
use crate::text::codec::{self, Codec, CodecError, Errors};
use crate::text::wtf8::{Wtf8, Wtf8Buf};
use crate::vm::outside::{self, Outside};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

/// What line ends are when reading, and become when writing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Newline {
    /// All kinds are read as `\n`; written as it is (`newline=None`).
    Universal,
    /// All kinds end lines and are kept (`''`).
    Keep,
    /// Only `\n` (`'\n'`).
    Lf,
    /// Only `\r`; written for `\n`.
    Cr,
    /// Only `\r\n`; written for `\n`.
    CrLf,
}

impl Newline {
    /// The value of the argument `newline`.
    pub fn from_text(text: Option<&str>) -> Option<Newline> {
        Some(match text {
            None => Newline::Universal,
            Some("") => Newline::Keep,
            Some("\n") => Newline::Lf,
            Some("\r") => Newline::Cr,
            Some("\r\n") => Newline::CrLf,
            Some(_) => return None,
        })
    }
}

/// The body of a text file.
pub struct PyTextFile {
    /// The file.
    pub stream: Shared,
    /// `buffer`.
    buffer: Obj,
    name: Obj,
    mode: &'static str,
    codec: Codec,
    /// `encoding`, as it was given.
    encoding: String,
    errors: AtomicU8,
    newline: Newline,
}

const ERRORS: [(Errors, &str); 7] = [
    (Errors::Strict, "strict"),
    (Errors::Ignore, "ignore"),
    (Errors::Replace, "replace"),
    (Errors::BackslashReplace, "backslashreplace"),
    (Errors::XmlCharRefReplace, "xmlcharrefreplace"),
    (Errors::SurrogateEscape, "surrogateescape"),
    (Errors::SurrogatePass, "surrogatepass"),
];

// SAFETY: `trace` reports both references.
unsafe impl Payload for PyTextFile {
    const ID: u32 = ids::FILE;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "text file";
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.word(self.buffer.word());
        tracer.word(self.name.word());
    }
}

/// `io.TextIOWrapper`.
pub static TEXT_FILE: TypeDef = TypeDef {
    id: ids::FILE,
    name: "_io.TextIOWrapper",
    base: ids::OBJECT,
    layout: ids::FILE,
    kind: &Body::<PyTextFile>::KIND,
    flags: flag::NO_NEW,
    slots: Slots {
        repr: Some(repr),
        iter: Some(|ctx, f| {
            require(ctx, f, false)?;
            Ok(f.clone())
        }),
        next: Some(|ctx, f| {
            let line = line(ctx, f, None)?;
            if line.as_bytes().is_empty() {
                Ok(None)
            } else {
                str_::from_buf(ctx, line).map(Some)
            }
        }),
        ..Slots::NONE
    },
    methods: &[
        method("read", Native::MN(0, 1, read)),
        method("readline", Native::MN(0, 1, readline)),
        method("readlines", Native::MN(0, 1, readlines)),
        method("write", Native::M1(write)),
        method("writelines", Native::M1(writelines)),
        method("reconfigure", Native::MA(reconfigure)),
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
        getter("name", |_, f| Ok(f.expect::<PyTextFile>().name.clone())),
        getter("mode", |ctx, f| {
            str_::new(ctx, f.expect::<PyTextFile>().mode)
        }),
        getter("buffer", |_, f| Ok(f.expect::<PyTextFile>().buffer.clone())),
        getter("encoding", |ctx, f| {
            str_::new(ctx, &f.expect::<PyTextFile>().encoding)
        }),
        getter("errors", |ctx, f| {
            let index = f.expect::<PyTextFile>().errors.load(Relaxed);
            str_::new(ctx, ERRORS[index as usize].1)
        }),
        getter("newlines", |_, _| Ok(Obj::NONE)),
        getter("line_buffering", |ctx, f| {
            let value = stream::quick(ctx, of(f), |s| s.line_buffered);
            Ok(Obj::bool(value))
        }),
        getter("write_through", |ctx, f| {
            let value = stream::quick(ctx, of(f), |s| s.unbuffered);
            Ok(Obj::bool(value))
        }),
    ],
    doc: "",
};

/// How a text file converts.
pub struct Format {
    /// The codec.
    pub codec: Codec,
    /// Its name as it was given.
    pub encoding: String,
    /// What is done about what does not fit.
    pub errors: Errors,
    /// Line ends.
    pub newline: Newline,
}

/// A text file over a binary one, which presents the same stream.
pub fn new(ctx: &mut Ctx, buffer: Obj, name: Obj, mode: &'static str, format: Format) -> PyResult {
    let errors = ERRORS.iter().position(|(e, _)| *e == format.errors);
    let body = PyTextFile {
        stream: of(&buffer).clone(),
        buffer,
        name,
        mode,
        codec: format.codec,
        encoding: format.encoding,
        errors: AtomicU8::new(errors.unwrap_or(0) as u8),
        newline: format.newline,
    };
    payload::new(ctx, body)
}

impl PyTextFile {
    fn errors(&self) -> Errors {
        // Relaxed: one value on its own.
        ERRORS[self.errors.load(Relaxed) as usize].0
    }

    /// Whether a byte that is a line end always means one.
    fn is_bytewise(&self) -> bool {
        matches!(self.codec, Codec::Utf8 | Codec::Latin1 | Codec::Ascii)
    }
}

fn decode_error(ctx: &mut Ctx, error: &CodecError, data: &[u8]) -> Raised {
    let name = error.codec.name();
    exception::unicode::raise_decode_error(ctx, name, data, error.start, error.end, error.reason)
}

/// Decodes bytes, line ends as they are.
fn decode_raw(ctx: &mut Ctx, file: &Body<PyTextFile>, data: &[u8]) -> PyResult<Wtf8Buf> {
    // The text, and the same with other ends of lines.
    outside::room(ctx, data.len().saturating_mul(2))?;
    match codec::decode(file.codec, data, file.errors()) {
        Ok(text) => Ok(text),
        Err(error) => Err(decode_error(ctx, &error, data)),
    }
}

/// How many code points of a text with line ends as they are make `count` characters; `None` when
/// they are too few, or end in a `\r` that may be half a line end.
fn prefix(text: &Wtf8, count: usize, universal: bool, ended: bool) -> Option<usize> {
    let mut points = text.code_points().peekable();
    let mut taken = 0;
    for _ in 0..count {
        let Some(point) = points.next() else {
            return ended.then_some(taken);
        };
        taken += 1;
        if universal && point == u32::from('\r') {
            match points.peek() {
                Some(&next) if next == u32::from('\n') => {
                    points.next();
                    taken += 1;
                }
                None if !ended => return None,
                _ => {}
            }
        }
    }
    Some(taken)
}

fn decode(ctx: &mut Ctx, file: &Body<PyTextFile>, data: &[u8]) -> PyResult<Wtf8Buf> {
    let text = decode_raw(ctx, file, data)?;
    translate(file, text)
}

/// Line ends as the program is to see them.
fn translate(file: &Body<PyTextFile>, text: Wtf8Buf) -> PyResult<Wtf8Buf> {
    if file.newline == Newline::Universal && memchr::memchr(b'\r', text.as_bytes()).is_some() {
        let mut out = Wtf8Buf::with_capacity(text.as_bytes().len());
        let mut points = text.code_points().peekable();
        while let Some(point) = points.next() {
            if point == u32::from('\r') {
                if points.peek() == Some(&u32::from('\n')) {
                    points.next();
                }
                out.push_char('\n');
            } else {
                out.push(point);
            }
        }
        return Ok(out);
    }
    Ok(text)
}

/// The next line, at most `limit` characters.
fn line(ctx: &mut Ctx, object: &Obj, limit: Option<usize>) -> PyResult<Wtf8Buf> {
    let file = object.expect::<PyTextFile>();
    require(ctx, object, false)?;
    let universal = matches!(file.newline, Newline::Universal | Newline::Keep);
    if !file.is_bytewise() {
        // Rare encodings: all of the rest is decoded to find the line, and what follows given back.
        let data = operate(ctx, object, |s| s.read(None))?;
        let text = decode(ctx, file, &data)?;
        let bytes = text.as_bytes();
        let end = memchr::memchr(b'\n', bytes).map_or(bytes.len(), |at| at + 1);
        let (head, tail) = (text.byte_slice(0, end).to_buf(), text.byte_tail(end));
        let rest = codec::encode(file.codec, tail, Errors::SurrogatePass).unwrap_or_default();
        operate(ctx, object, |s| {
            s.unread(&rest);
            Ok(())
        })?;
        return Ok(head);
    }
    let data = operate(ctx, object, |s| match file.newline {
        Newline::Cr => s.read_to(b"\r"),
        Newline::CrLf => s.read_to(b"\r\n"),
        _ => s.read_line(None, universal),
    })?;
    let text = decode(ctx, file, &data)?;
    match limit {
        Some(limit) if text.char_count() > limit => {
            let head = text.slice(0, limit, text.as_bytes().is_ascii()).to_buf();
            let rest = data[head.as_bytes().len().min(data.len())..].to_vec();
            operate(ctx, object, |s| {
                s.unread(&rest);
                Ok(())
            })?;
            Ok(head)
        }
        _ => Ok(text),
    }
}

fn read(ctx: &mut Ctx, object: &Obj, args: &[Obj]) -> PyResult {
    let count = size(ctx, args)?;
    require(ctx, object, false)?;
    let file = object.expect::<PyTextFile>();
    let Some(count) = count else {
        let data = Outside::new(operate(ctx, object, |s| s.read(None))?);
        let text = decode(ctx, file, &data)?;
        return str_::from_buf(ctx, text);
    };
    // Characters are read until there are enough; what is too much goes back.
    let universal = file.newline == Newline::Universal;
    let mut data = Vec::new();
    loop {
        let more = operate(ctx, object, |s| s.read_once(count.max(1)))?;
        let ended = more.is_empty();
        outside::room_behind(ctx, data.len(), more.len())?;
        data.extend(more);
        let whole = if ended || file.codec != Codec::Utf8 {
            data.len()
        } else {
            data.len() - codec::utf8_incomplete_tail(&data)
        };
        let text = decode_raw(ctx, file, &data[..whole])?;
        if let Some(taken) = prefix(&text, count, universal, ended) {
            let head = text.slice(0, taken, text.as_bytes().is_ascii()).to_buf();
            let tail = text.byte_tail(head.as_bytes().len());
            let errors = Errors::SurrogateEscape;
            let mut rest = codec::encode(file.codec, tail, errors).unwrap_or_default();
            rest.extend_from_slice(&data[whole..]);
            operate(ctx, object, |s| {
                s.unread(&rest);
                Ok(())
            })?;
            let head = translate(file, head)?;
            return str_::from_buf(ctx, head);
        }
    }
}

fn readline(ctx: &mut Ctx, object: &Obj, args: &[Obj]) -> PyResult {
    let limit = size(ctx, args)?;
    let text = line(ctx, object, limit)?;
    str_::from_buf(ctx, text)
}

fn write(ctx: &mut Ctx, object: &Obj, text: &Obj) -> PyResult {
    let Some(body) = text.downcast::<PyStr>() else {
        let class = protocol::type_name(ctx, text);
        return Err(raise!(
            ctx,
            TypeError,
            "write() argument must be str, not {class}"
        ));
    };
    put_text(ctx, object, body.text())?;
    int::from_usize(ctx, body.char_count())
}

/// Writes text to a text file.
pub fn put_text(ctx: &mut Ctx, object: &Obj, text: &Wtf8) -> PyResult<()> {
    let file = object.expect::<PyTextFile>();
    let converted;
    let mut text = text;
    let end = match file.newline {
        Newline::Cr => Some('\r'),
        Newline::CrLf => Some('\n'),
        _ => None,
    };
    if let Some(end) = end
        && memchr::memchr(b'\n', text.as_bytes()).is_some()
    {
        let mut out = Wtf8Buf::default();
        for point in text.code_points() {
            if point == u32::from('\n') {
                out.push_char('\r');
                if end == '\n' {
                    out.push_char('\n');
                }
            } else {
                out.push(point);
            }
        }
        converted = out;
        text = &converted;
    }
    if file.codec == Codec::Utf8 && !text.has_surrogates() {
        return put(ctx, object, text.as_bytes());
    }
    match codec::encode(file.codec, text, file.errors()) {
        Ok(data) => put(ctx, object, &data),
        Err(error) => {
            let text = str_::from_wtf8(ctx, text)?;
            let name = error.codec.name();
            Err(exception::unicode::raise_encode_error(
                ctx,
                name,
                text,
                error.start,
                error.end,
                error.reason,
            ))
        }
    }
}

fn reconfigure(ctx: &mut Ctx, object: &Obj, args: Args<'_>) -> PyResult {
    let signature = Signature {
        name: "reconfigure",
        params: &[
            "encoding",
            "errors",
            "newline",
            "line_buffering",
            "write_through",
        ],
        posonly: 0,
        positional: 0,
        required: 0,
    };
    let [_, errors, _, lines, through] = args.bind::<5>(ctx, &signature)?;
    if let Some(errors) = errors.and_then(|e| e.downcast::<PyStr>()) {
        let wanted = errors.as_str_lossy();
        let Some(index) = ERRORS.iter().position(|(_, name)| *name == wanted) else {
            return Err(raise!(
                ctx,
                LookupError,
                "unknown error handler name '{wanted}'"
            ));
        };
        let file = object.expect::<PyTextFile>();
        // Relaxed: one value on its own.
        file.errors.store(index as u8, Relaxed);
    }
    let lines = match lines {
        Some(value) if !value.is_none() => Some(protocol::truth(ctx, value)?),
        _ => None,
    };
    let through = match through {
        Some(value) if !value.is_none() => Some(protocol::truth(ctx, value)?),
        _ => None,
    };
    operate(ctx, object, |s| {
        s.flush()?;
        s.line_buffered = lines.unwrap_or(s.line_buffered);
        s.unbuffered = through.unwrap_or(s.unbuffered);
        Ok(())
    })?;
    Ok(Obj::NONE)
}

fn repr(ctx: &mut Ctx, object: &Obj) -> PyResult {
    let file = object.expect::<PyTextFile>();
    let name = protocol::repr_string(ctx, &file.name)?;
    let text = format!(
        "<_io.TextIOWrapper name={name} mode='{}' encoding='{}'>",
        file.mode, file.encoding
    );
    str_::new(ctx, &text)
}
