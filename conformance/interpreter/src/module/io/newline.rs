//! Ends of lines: what they are when text is read and become when it is written, and `IncrementalNewlineDecoder`.

use super::base::{call, is_text};
use crate::error::{PyResult, raise};
use crate::object::args::{Args, Signature};
use crate::object::define::{Native, TypeDef, flag, getter, method};
use crate::object::exception::unicode;
use crate::object::ids;
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slot::{Guard, Locked, Slot};
use crate::object::slots::Slots;
use crate::object::str_::PyStr;
use crate::object::tuple::PyTuple;
use crate::object::type_::PyType;
use crate::object::{bytes, int, protocol, str_, tuple};
use crate::text::wtf8::{Wtf8, Wtf8Buf};
use crate::vm::outside;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

/// The argument `newline` of text streams.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Newline {
    /// All kinds are read as `\n`; written as it is (`None`).
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
    /// What the argument means; messages quote what it must not be.
    pub fn from_argument(ctx: &mut Ctx, value: Option<&Obj>, quoted: bool) -> PyResult<Newline> {
        let Some(value) = value.filter(|value| !value.is_none()) else {
            return Ok(Newline::Universal);
        };
        let Some(text) = value.downcast::<PyStr>() else {
            let class = protocol::type_name(ctx, value);
            return Err(raise!(
                ctx,
                TypeError,
                "newline must be str or None, not {class}"
            ));
        };
        Ok(match text.bytes() {
            b"" => Newline::Keep,
            b"\n" => Newline::Lf,
            b"\r" => Newline::Cr,
            b"\r\n" => Newline::CrLf,
            _ => {
                if text.text().has_surrogates() {
                    return Err(unicode::no_surrogates(ctx, value));
                }
                let shown = if quoted {
                    protocol::repr_string(ctx, value)?
                } else {
                    text.as_str_lossy().into_owned()
                };
                return Err(raise!(ctx, ValueError, "illegal newline value: {shown}"));
            }
        })
    }

    /// Whether text that is read ends lines by all kinds.
    pub fn is_universal(self) -> bool {
        matches!(self, Newline::Universal | Newline::Keep)
    }

    /// What is written for `\n`, if not that.
    pub fn written(self) -> Option<&'static str> {
        match self {
            Newline::Cr => Some("\r"),
            Newline::CrLf => Some("\r\n"),
            _ => None,
        }
    }

    /// How the text with this argument is written back.
    pub fn text(self) -> Option<&'static str> {
        match self {
            Newline::Universal => None,
            Newline::Keep => Some(""),
            Newline::Lf => Some("\n"),
            Newline::Cr => Some("\r"),
            Newline::CrLf => Some("\r\n"),
        }
    }

    /// How many bytes at the front of `text` are a line with its end; `None` if it has no end.
    pub fn end_of_line(self, text: &[u8]) -> Option<usize> {
        match self {
            Newline::Universal | Newline::Lf => memchr::memchr(b'\n', text).map(|at| at + 1),
            Newline::Cr => memchr::memchr(b'\r', text).map(|at| at + 1),
            Newline::CrLf => memchr::memmem::find(text, b"\r\n").map(|at| at + 2),
            Newline::Keep => memchr::memchr2(b'\n', b'\r', text).map(|at| {
                if text[at] == b'\r' && text.get(at + 1) == Some(&b'\n') {
                    at + 2
                } else {
                    at + 1
                }
            }),
        }
    }

    /// A text with its `\n` as they are written.
    pub fn to_written(self, text: &Wtf8) -> Option<Wtf8Buf> {
        let end = self.written()?;
        memchr::memchr(b'\n', text.as_bytes())?;
        let mut out = Wtf8Buf::with_capacity(text.as_bytes().len() + 16);
        let mut from = 0;
        for at in memchr::memchr_iter(b'\n', text.as_bytes()) {
            out.push_wtf8(text.byte_slice(from, at));
            out.push_str(end);
            from = at + 1;
        }
        out.push_wtf8(text.byte_tail(from));
        Some(out)
    }
}

/// `\r` was seen, and `\n` and `\r\n`.
const CR: u8 = 1;
const LF: u8 = 2;
const CRLF: u8 = 4;

/// What a decoder of ends of lines remembers.
#[derive(Clone, Copy, Default, Debug)]
pub struct Ends {
    /// Whether the text so far ended in a `\r` that was kept back.
    pub pending: bool,
    /// Kinds that were seen.
    seen: u8,
}

impl Ends {
    /// Goes over the next part of a text; with `translate` all ends become `\n`. A `\r` at the end is kept back unless
    /// it is the last part.
    pub fn pass(&mut self, text: Wtf8Buf, translate: bool, last: bool) -> Wtf8Buf {
        let mut text = text;
        if self.pending && (last || !text.as_bytes().is_empty()) {
            let mut with = Wtf8Buf::with_capacity(text.as_bytes().len() + 1);
            with.push_char('\r');
            with.push_wtf8(&text);
            text = with;
            self.pending = false;
        }
        if !last && text.as_bytes().ends_with(b"\r") {
            let len = text.as_bytes().len() - 1;
            text = text.byte_slice(0, len).to_buf();
            self.pending = true;
        }
        let bytes = text.as_bytes();
        if memchr::memchr(b'\r', bytes).is_none() {
            if self.seen & LF == 0 && memchr::memchr(b'\n', bytes).is_some() {
                self.seen |= LF;
            }
            return text;
        }
        let mut out = Wtf8Buf::with_capacity(if translate { bytes.len() } else { 0 });
        let (mut from, mut at) = (0, 0);
        while let Some(next) = memchr::memchr2(b'\n', b'\r', &bytes[at..]) {
            let place = at + next;
            let (kind, len) = match (bytes[place], bytes.get(place + 1)) {
                (b'\n', _) => (LF, 1),
                (_, Some(b'\n')) => (CRLF, 2),
                _ => (CR, 1),
            };
            self.seen |= kind;
            at = place + len;
            if translate && kind != LF {
                out.push_wtf8(text.byte_slice(from, place));
                out.push_char('\n');
                from = at;
            }
        }
        if !translate {
            return text;
        }
        out.push_wtf8(text.byte_tail(from));
        out
    }

    /// `newlines`: the kinds that were seen.
    pub fn newlines(self, ctx: &mut Ctx) -> PyResult {
        let mut kinds = Vec::new();
        for (kind, text) in [(CR, "\r"), (LF, "\n"), (CRLF, "\r\n")] {
            if self.seen & kind != 0 {
                kinds.push(str_::new(ctx, text)?);
            }
        }
        match kinds.len() {
            0 => Ok(Obj::NONE),
            1 => Ok(kinds.remove(0)),
            _ => tuple::from_vec(ctx, kinds),
        }
    }
}

/// What a decoder knows.
#[derive(Clone, Copy, Default)]
struct State {
    ends: Ends,
    translate: bool,
}

/// The body of a decoder.
pub struct PyNewlineDecoder {
    /// What decodes bytes; None if the input is text; empty before it is initialised.
    decoder: Slot,
    state: Locked<State>,
}

// SAFETY: the decoder is the only reference.
unsafe impl Payload for PyNewlineDecoder {
    const ID: u32 = ids::NEWLINE_DECODER;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "newline decoder";
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.decoder.trace(tracer);
    }
    fn clear(&self, ctx: &mut Ctx) {
        // The collector has the only way to the object.
        drop(self.decoder.replace_locked(ctx, None));
    }
}

/// `_io.IncrementalNewlineDecoder`.
pub static NEWLINE_DECODER: TypeDef = TypeDef {
    id: ids::NEWLINE_DECODER,
    name: "_io.IncrementalNewlineDecoder",
    base: ids::OBJECT,
    layout: ids::NEWLINE_DECODER,
    kind: &Body::<PyNewlineDecoder>::KIND,
    flags: flag::BASE,
    slots: Slots {
        new: Some(new),
        init: Some(init),
        ..Slots::NONE
    },
    methods: &[
        method("decode", Native::MA(decode_method)),
        method("getstate", Native::M0(getstate)),
        method("setstate", Native::M1(setstate)),
        method("reset", Native::M0(reset)),
    ],
    getset: &[getter("newlines", |ctx, x| {
        decoder(ctx, x)?;
        let ends = state(ctx, x).ends;
        ends.newlines(ctx)
    })],
    doc: "Codec used when reading a file in universal newlines mode.\n\nIt wraps another incremental decoder, translating \\r\\n and \\r into \\n.\nIt also records the types of newlines encountered. When used with\ntranslate=False, it ensures that the newline sequence is returned in\none piece. When used with decoder=None, it expects unicode strings as\ndecode input and translates newlines without first invoking an external\ndecoder.",
};

fn new(ctx: &mut Ctx, class: &Obj, _: Args<'_>) -> PyResult {
    let body = PyNewlineDecoder {
        decoder: Slot::empty(),
        state: Locked::new(State::default()),
    };
    payload::allocate(ctx, class.expect::<PyType>().id, body)
}

fn init(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult<()> {
    static SIGNATURE: Signature = Signature {
        name: "IncrementalNewlineDecoder",
        params: &["decoder", "translate", "errors"],
        posonly: 0,
        positional: 3,
        required: 2,
    };
    let [decoder, translate, _errors] = args.bind(ctx, &SIGNATURE)?;
    let translate = protocol::truth(ctx, translate.unwrap_or(Obj::none()))?;
    let body = x.expect::<PyNewlineDecoder>();
    body.decoder.set(ctx, &body.header, decoder.cloned());
    *lock(ctx, x) = State {
        ends: Ends::default(),
        translate,
    };
    Ok(())
}

/// A decoder over another one.
pub fn make(ctx: &mut Ctx, decoder: Obj, translate: bool) -> PyResult {
    let body = PyNewlineDecoder {
        decoder: Slot::new(decoder),
        state: Locked::new(State {
            ends: Ends::default(),
            translate,
        }),
    };
    payload::new(ctx, body)
}

fn lock<'a>(ctx: &'a Ctx, x: &'a Obj) -> Guard<'a, State> {
    let body = x.expect::<PyNewlineDecoder>();
    // SAFETY: the field is the object's, and nobody here locks twice.
    unsafe { body.state.lock(ctx, &body.header) }
}

fn state(ctx: &Ctx, x: &Obj) -> State {
    *lock(ctx, x)
}

fn decoder(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let body = x.expect::<PyNewlineDecoder>();
    match body.decoder.get(ctx, &body.header) {
        Some(decoder) => Ok(decoder),
        None => Err(raise!(
            ctx,
            ValueError,
            "IncrementalNewlineDecoder.__init__() not called"
        )),
    }
}

/// `decode(input, final)`.
pub fn decode(ctx: &mut Ctx, x: &Obj, input: &Obj, last: bool) -> PyResult {
    let inner = decoder(ctx, x)?;
    let output = if inner.is_none() {
        input.clone()
    } else {
        call(ctx, &inner, "decode", &[input.clone(), Obj::bool(last)])?
    };
    if !is_text(&output) {
        let class = protocol::type_name(ctx, &output);
        return Err(raise!(
            ctx,
            TypeError,
            "decoder should return a string result, not '{class}'"
        ));
    }
    let text = output.expect::<PyStr>().text();
    outside::room(ctx, text.as_bytes().len().saturating_mul(2))?;
    let text = text.to_buf();
    let passed = {
        let mut state = lock(ctx, x);
        let translate = state.translate;
        state.ends.pass(text, translate, last)
    };
    str_::from_buf(ctx, passed)
}

fn decode_method(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "decode",
        params: &["input", "final"],
        posonly: 0,
        positional: 2,
        required: 1,
    };
    let [input, last] = args.bind(ctx, &SIGNATURE)?;
    let last = last.map_or(Ok(false), |last| protocol::truth(ctx, last))?;
    decode(ctx, x, input.unwrap_or(Obj::none()), last)
}

fn getstate(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let inner = decoder(ctx, x)?;
    let (buffer, flags) = if inner.is_none() {
        (bytes::new(ctx, b"")?, 0)
    } else {
        let state = call(ctx, &inner, "getstate", &[])?;
        match state.downcast::<PyTuple>().map(|pair| pair.items()) {
            Some([buffer, flags]) => {
                let flags = protocol::index_i64(ctx, flags, None)?;
                (buffer.clone(), flags)
            }
            _ => return Err(raise!(ctx, TypeError, "illegal decoder state")),
        }
    };
    let pending = state(ctx, x).ends.pending;
    let flags = int::from_i64(ctx, flags << 1 | i64::from(pending))?;
    tuple::from_vec(ctx, vec![buffer, flags])
}

fn setstate(ctx: &mut Ctx, x: &Obj, given: &Obj) -> PyResult {
    let inner = decoder(ctx, x)?;
    let Some([buffer, flags]) = given.downcast::<PyTuple>().map(|pair| pair.items()) else {
        return Err(raise!(ctx, TypeError, "state argument must be a tuple"));
    };
    let flags = protocol::index_i64(ctx, flags, None)?;
    lock(ctx, x).ends.pending = flags & 1 != 0;
    if inner.is_none() {
        return Ok(Obj::NONE);
    }
    let flags = int::from_i64(ctx, flags >> 1)?;
    let state = tuple::from_vec(ctx, vec![buffer.clone(), flags])?;
    call(ctx, &inner, "setstate", &[state])
}

fn reset(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let inner = decoder(ctx, x)?;
    lock(ctx, x).ends = Ends::default();
    if inner.is_none() {
        return Ok(Obj::NONE);
    }
    call(ctx, &inner, "reset", &[])
}
