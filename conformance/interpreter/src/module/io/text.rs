//! `TextIOWrapper`: characters over a stream of bytes.
//!
//! ```text
//!   write ─▶ pending bytes ─▶ buffer                    (text_write)
//!   buffer ─▶ a chunk, decoded ─▶ read, readline        (text_read)
//!             └ snapshot: the decoder before the chunk, and the chunk, from which `tell` finds places (text_place)
//! ```
//!
//! What changes is in the object's lock. What takes several steps, and may call methods of the buffer, is in a section
//! over the object. Bytes leave for a buffer of ours on the thread's turn with that, in the order in which they came.

use super::base::{attribute, call, cannot_pickle, finalize, finish_with, overrides, says};
use super::coder;
use super::newline::Newline;
use super::{buffered, file, raise_unsupported, text_place, text_read, text_write};
use crate::error::{PyResult, raise};
use crate::module::codecs::registry::name_argument;
use crate::module::warnings;
use crate::object::args::{Args, Signature};
use crate::object::define::{GetSet, Native, TypeDef, flag, getter, member, method};
use crate::object::exception::{self, class};
use crate::object::ids::{self, tailed};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slot::{Guard, Locked, Slot};
use crate::object::slots::Slots;
use crate::object::str_::PyStr;
use crate::object::type_::{PyType, type_id_of};
use crate::object::{int, protocol, str_};
use crate::text::codec::{Codec, Errors};
use crate::text::wtf8::Wtf8Buf;
use crate::vm::outside::Outside;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// It was initialised and not detached since.
const READY: u32 = 1;
const DETACHED: u32 = 1 << 1;
/// It is being closed by its finalizer.
const FINALIZING: u32 = 1 << 2;
/// What is written goes on at the end of a line.
pub(super) const LINE_BUFFERING: u32 = 1 << 3;
/// What is written goes on at once.
pub(super) const WRITE_THROUGH: u32 = 1 << 4;
/// The buffer can go to places.
pub(super) const SEEKABLE: u32 = 1 << 5;
/// `tell` can find its place: not while lines are iterated over.
pub(super) const TELLING: u32 = 1 << 6;
/// The buffer has `read1`.
pub(super) const HAS_READ1: u32 = 1 << 7;
/// It reads.
pub(super) const DECODES: u32 = 1 << 8;
/// It writes.
pub(super) const ENCODES: u32 = 1 << 9;

/// Bytes of a chunk.
const CHUNK: usize = 8192;

/// Where a chunk began.
#[derive(Clone)]
pub struct Snapshot {
    /// The decoder's flags before it.
    pub flags: i64,
    /// What the decoder had kept back, and the chunk.
    pub input: Vec<u8>,
}

/// What changes as a stream is used.
pub struct State {
    /// The codec, if it needs no objects.
    pub codec: Option<(Codec, Errors)>,
    /// Ends of lines.
    pub newline: Newline,
    /// Bytes of a chunk.
    pub chunk: usize,
    /// Bytes that are to be written.
    pub pending: Outside<Vec<u8>>,
    /// The chunk that was read.
    pub decoded: Wtf8Buf,
    /// How many bytes of it were taken.
    pub used: usize,
    /// Whether it is ASCII.
    pub ascii: bool,
    /// Where it began, if `tell` may want to know.
    pub snapshot: Option<Snapshot>,
    /// What the codec has kept back.
    pub carry: Vec<u8>,
    /// What is known of ends of lines, with such a codec.
    pub ends: super::newline::Ends,
    /// Bytes that a character took in the last chunk.
    pub ratio: f64,
}

impl State {
    /// Forgets what was read ahead.
    pub fn forget(&mut self) {
        self.decoded.clear();
        self.used = 0;
    }

    /// What was decoded becomes `text`.
    pub fn show(&mut self, text: Wtf8Buf) {
        self.ascii = text.as_bytes().is_ascii();
        self.decoded = text;
        self.used = 0;
    }
}

/// The body of a text stream.
pub struct PyText {
    pub(super) buffer: Slot,
    /// The `FileIO` below the buffer, if both are exactly of our classes: whoever writes asks it whether it is open.
    raw: Slot,
    pub(super) encoder: Slot,
    pub(super) decoder: Slot,
    encoding: Slot,
    errors: Slot,
    state: Locked<State>,
    /// Relaxed: values on their own.
    flags: AtomicU32,
}

// SAFETY: all references are in the slots, and each is reported once.
unsafe impl Payload for PyText {
    const ID: u32 = ids::FILE;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "text stream";
    fn trace(&self, tracer: &mut Tracer<'_>) {
        for slot in self.slots() {
            slot.trace(tracer);
        }
    }
    fn clear(&self, ctx: &mut Ctx) {
        self.flags.fetch_and(!READY, Relaxed);
        for slot in self.slots() {
            // The collector has the only way to the object.
            drop(slot.replace_locked(ctx, None));
        }
    }
}

impl PyText {
    fn slots(&self) -> [&Slot; 6] {
        [
            &self.buffer,
            &self.raw,
            &self.encoder,
            &self.decoder,
            &self.encoding,
            &self.errors,
        ]
    }

    pub(super) fn has(&self, flag: u32) -> bool {
        self.flags.load(Relaxed) & flag != 0
    }

    /// Whether the stream is ready to be written as it stands: a step of the writer, and nothing to decide.
    #[inline]
    pub(super) fn only_writes(&self) -> bool {
        let of_interest = READY | ENCODES | DECODES | LINE_BUFFERING | WRITE_THROUGH;
        self.flags.load(Relaxed) & of_interest == READY | ENCODES
    }

    /// Whether there is a file below that is known to be open. The object is locked.
    #[inline]
    pub(super) fn is_raw_open(&self) -> bool {
        let word = self.raw.peek();
        // SAFETY: who replaces the slot's reference locks the object, so it keeps the file meanwhile.
        !word.is_null()
            && file::exact(unsafe { Obj::borrow_word(&word) })
                .is_some_and(|file| file.fd().is_some())
    }

    pub(super) fn set(&self, flag: u32, on: bool) {
        if on {
            self.flags.fetch_or(flag, Relaxed);
        } else {
            self.flags.fetch_and(!flag, Relaxed);
        }
    }
}

impl Body<PyText> {
    /// Locks what changes.
    #[inline]
    pub fn lock<'a>(&'a self, ctx: &'a Ctx) -> Guard<'a, State> {
        // SAFETY: the field is this object's, and nobody here locks twice.
        unsafe { self.state.lock(ctx, &self.header) }
    }
}

pub(super) fn body(x: &Obj) -> &Body<PyText> {
    x.expect::<PyText>()
}

/// Whether this is exactly a `TextIOWrapper`, whose methods are those here.
#[inline]
pub fn is_exact(x: &Obj) -> bool {
    type_id_of(x) == tailed::TEXT_IO_WRAPPER
}

macro_rules! asked {
    ($name:literal) => {
        method(
            $name,
            Native::M0(|ctx, x| {
                let buffer = buffer(ctx, x)?;
                call(ctx, &buffer, $name, &[])
            }),
        )
    };
}

/// `_io.TextIOWrapper`.
pub static TEXT_IO_WRAPPER: TypeDef = TypeDef {
    id: tailed::TEXT_IO_WRAPPER,
    name: "_io.TextIOWrapper",
    base: tailed::TEXT_IO_BASE,
    layout: ids::FILE,
    kind: &Body::<PyText>::KIND,
    flags: flag::BASE | flag::DICT | flag::WEAKREF,
    slots: Slots {
        new: Some(new),
        init: Some(init),
        repr: Some(repr),
        finalize: Some(finalize),
        next: Some(text_read::next),
        ..Slots::NONE
    },
    methods: &[
        method("detach", Native::M0(detach)),
        method("reconfigure", Native::MA(reconfigure)),
        method("write", Native::M1(text_write::write)),
        method("read", Native::MN(0, 1, text_read::read)),
        method("readline", Native::MN(0, 1, text_read::readline)),
        method("flush", Native::M0(text_write::flush)),
        method("close", Native::M0(close)),
        asked!("fileno"),
        asked!("seekable"),
        asked!("readable"),
        asked!("writable"),
        asked!("isatty"),
        method("seek", Native::MN(1, 2, text_place::seek)),
        method("tell", Native::M0(text_place::tell)),
        method("truncate", Native::MN(0, 1, text_place::truncate)),
        method("__getstate__", Native::M0(cannot_pickle)),
    ],
    getset: &[
        member("encoding", |ctx, x| {
            Ok(body(x)
                .encoding
                .get(ctx, &body(x).header)
                .unwrap_or(Obj::NONE))
        }),
        getter("errors", |ctx, x| {
            if !body(x).has(DETACHED) {
                buffer(ctx, x)?;
            }
            Ok(body(x)
                .errors
                .get(ctx, &body(x).header)
                .unwrap_or(Obj::NONE))
        }),
        getter("buffer", buffer),
        member("line_buffering", |_, x| {
            Ok(Obj::bool(body(x).has(LINE_BUFFERING)))
        }),
        member("write_through", |_, x| {
            Ok(Obj::bool(body(x).has(WRITE_THROUGH)))
        }),
        getter("newlines", |ctx, x| {
            buffer(ctx, x)?;
            coder::newlines(ctx, x)
        }),
        getter("closed", |ctx, x| {
            if !body(x).has(READY | DETACHED) {
                return Ok(Obj::TRUE);
            }
            let buffer = buffer(ctx, x)?;
            is_buffer_closed(ctx, &buffer).map(Obj::bool)
        }),
        getter("name", |ctx, x| {
            let buffer = buffer(ctx, x)?;
            attribute(ctx, &buffer, "name")
        }),
        GetSet {
            name: "_finalizing",
            get: |_, x| Ok(Obj::bool(body(x).has(FINALIZING))),
            set: Some(|ctx, x, value| {
                let on = super::base::boolean(ctx, value)?;
                body(x).set(FINALIZING, on);
                Ok(())
            }),
            member: true,
        },
        GetSet {
            name: "_CHUNK_SIZE",
            get: |ctx, x| {
                buffer(ctx, x)?;
                let chunk = body(x).lock(ctx).chunk;
                int::from_usize(ctx, chunk)
            },
            set: Some(|ctx, x, value| {
                buffer(ctx, x)?;
                let Some(value) = value else {
                    return Err(raise!(
                        ctx,
                        AttributeError,
                        "_CHUNK_SIZE attribute cannot be deleted"
                    ));
                };
                let chunk = protocol::index_i64(ctx, value, Some(class::ValueError))?;
                let Some(chunk) = usize::try_from(chunk).ok().filter(|chunk| *chunk > 0) else {
                    return Err(raise!(
                        ctx,
                        ValueError,
                        "a strictly positive integer is required"
                    ));
                };
                body(x).lock(ctx).chunk = chunk;
                Ok(())
            }),
            member: false,
        },
    ],
    doc: "Character and line based layer over a BufferedIOBase object, buffer.\n\nencoding gives the name of the encoding that the stream will be\ndecoded or encoded with. It defaults to locale.getencoding().",
};

// --- Making --------------------------------------------------------------------------------------

fn new(ctx: &mut Ctx, class: &Obj, _: Args<'_>) -> PyResult {
    let state = State {
        codec: None,
        newline: Newline::Universal,
        chunk: CHUNK,
        pending: Outside::default(),
        decoded: Wtf8Buf::new(),
        used: 0,
        ascii: true,
        snapshot: None,
        carry: Vec::new(),
        ends: Default::default(),
        ratio: 0.0,
    };
    let body = PyText {
        buffer: Slot::empty(),
        raw: Slot::empty(),
        encoder: Slot::empty(),
        decoder: Slot::empty(),
        encoding: Slot::empty(),
        errors: Slot::empty(),
        state: Locked::new(state),
        flags: AtomicU32::new(0),
    };
    payload::allocate(ctx, class.expect::<PyType>().id, body)
}

/// A str that may be None.
fn text_or_none(
    ctx: &mut Ctx,
    value: Option<&Obj>,
    function: &str,
    name: &str,
) -> PyResult<Option<String>> {
    let Some(value) = value.filter(|value| !value.is_none()) else {
        return Ok(None);
    };
    if value.downcast::<PyStr>().is_none() {
        let class = str_::argument_type(ctx, value);
        return Err(raise!(
            ctx,
            TypeError,
            "{function}() argument '{name}' must be str or None, not {class}"
        ));
    }
    let what = format!("{function}() argument '{name}'");
    name_argument(ctx, value, &what).map(Some)
}

fn init(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult<()> {
    static SIGNATURE: Signature = Signature {
        name: "TextIOWrapper",
        params: &[
            "buffer",
            "encoding",
            "errors",
            "newline",
            "line_buffering",
            "write_through",
        ],
        posonly: 0,
        positional: 6,
        required: 1,
    };
    let [buffer, encoding, errors, newline, lines, through] = args.bind(ctx, &SIGNATURE)?;
    let encoding = text_or_none(ctx, encoding, "TextIOWrapper", "encoding")?;
    let errors = text_or_none(ctx, errors, "TextIOWrapper", "errors")?;
    body(x).set(READY, false);
    let newline = Newline::from_argument(ctx, newline, false)?;
    let lines = lines.map_or(Ok(false), |lines| protocol::truth(ctx, lines))?;
    let through = through.map_or(Ok(false), |through| protocol::truth(ctx, through))?;
    if encoding.is_none() {
        super::open::warn_of_default(ctx)?;
    }
    let format = Format {
        encoding,
        errors,
        newline,
        lines,
        through,
    };
    set_up(ctx, x, buffer.unwrap_or(Obj::none()), format)
}

/// How a text stream converts and when it writes.
pub struct Format {
    /// The name of the encoding; the locale's without.
    pub encoding: Option<String>,
    /// The error handler; `strict` without.
    pub errors: Option<String>,
    /// Ends of lines.
    pub newline: Newline,
    /// Whether the end of a line is written through.
    pub lines: bool,
    /// Whether everything is written through.
    pub through: bool,
}

/// A text stream over a buffer.
pub fn make(ctx: &mut Ctx, buffer: &Obj, format: Format) -> PyResult {
    let class = crate::object::type_::type_object(ctx, tailed::TEXT_IO_WRAPPER);
    let x = new(ctx, &class, Args::NONE)?;
    set_up(ctx, &x, buffer, format)?;
    Ok(x)
}

fn set_up(ctx: &mut Ctx, x: &Obj, buffer: &Obj, format: Format) -> PyResult<()> {
    let text = body(x);
    text.flags.store(0, Relaxed);
    let encoding = match format.encoding {
        Some(name) if name == "locale" => super::open::locale_encoding(ctx).to_owned(),
        Some(name) => name,
        None => super::open::locale_encoding(ctx).to_owned(),
    };
    let errors = format.errors.unwrap_or_else(|| "strict".to_owned());
    if coder::native(&encoding, &errors).is_none() {
        // It is there, and one for text.
        crate::module::codecs::registry::lookup_text(ctx, &encoding, "codecs.open()")?;
    }
    let reads = says(ctx, buffer, "readable")?;
    let writes = says(ctx, buffer, "writable")?;
    let encoding_name = str_::new(ctx, &encoding)?;
    let errors_name = str_::new(ctx, &errors)?;
    text.encoding.set(ctx, &text.header, Some(encoding_name));
    text.errors.set(ctx, &text.header, Some(errors_name));
    text.buffer.set(ctx, &text.header, Some(buffer.clone()));
    let raw = match buffered::exact(buffer) {
        Some(_) => Some(buffered::raw(ctx, buffer)?).filter(|raw| file::exact(raw).is_some()),
        None => None,
    };
    text.raw.set(ctx, &text.header, raw);
    text.encoder.set(ctx, &text.header, None);
    text.decoder.set(ctx, &text.header, None);
    {
        let mut state = text.lock(ctx);
        state.newline = format.newline;
        state.chunk = CHUNK;
        state.pending.clear();
        state.forget();
        state.snapshot = None;
        state.carry.clear();
        state.ends = Default::default();
        state.ratio = 0.0;
    }
    text.set(DECODES, reads);
    text.set(ENCODES, writes);
    text.set(LINE_BUFFERING, format.lines);
    text.set(WRITE_THROUGH, format.through);
    coder::set_up(ctx, x, &encoding, &errors)?;
    let seekable = says(ctx, buffer, "seekable")?;
    text.set(SEEKABLE | TELLING, seekable);
    let has_read1 = buffered::exact(buffer).is_some() || {
        let name = str_::intern(ctx, "read1");
        protocol::find_attr(ctx, buffer, &name)?.is_some()
    };
    text.set(HAS_READ1, has_read1);
    place_encoder(ctx, x, buffer)?;
    text.set(READY, true);
    Ok(())
}

/// In the middle of a stream no mark is written.
fn place_encoder(ctx: &mut Ctx, x: &Obj, buffer: &Obj) -> PyResult<()> {
    let text = body(x);
    if !text.has(SEEKABLE) || text.encoder.peek().is_null() {
        return Ok(());
    }
    let at = call(ctx, buffer, "tell", &[])?;
    if protocol::truth(ctx, &at)? {
        coder::place_encoder(ctx, x, false)?;
    }
    Ok(())
}

/// The stream below.
pub(super) fn buffer(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let text = body(x);
    if text.has(READY)
        && let Some(buffer) = text.buffer.get(ctx, &text.header)
    {
        return Ok(buffer);
    }
    Err(if text.has(DETACHED) {
        raise!(ctx, ValueError, "underlying buffer has been detached")
    } else {
        raise!(ctx, ValueError, "I/O operation on uninitialized object")
    })
}

fn is_buffer_closed(ctx: &mut Ctx, buffer: &Obj) -> PyResult<bool> {
    if buffered::exact(buffer).is_some() {
        return buffered::is_closed(ctx, buffer);
    }
    super::base::is_closed(ctx, buffer)
}

/// The stream below, which is not closed.
pub(super) fn open_buffer(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let buffer = buffer(ctx, x)?;
    let closed = if is_exact(x) {
        let open = {
            let text = body(x);
            let _lock = text.lock(ctx);
            text.is_raw_open()
        };
        !open && is_buffer_closed(ctx, &buffer)?
    } else {
        super::base::is_closed(ctx, x)?
    };
    if closed {
        return Err(raise!(ctx, ValueError, "I/O operation on closed file."));
    }
    Ok(buffer)
}

fn detach(ctx: &mut Ctx, x: &Obj) -> PyResult {
    buffer(ctx, x)?;
    call(ctx, x, "flush", &[])?;
    let text = body(x);
    let buffer = text.buffer.replace(ctx, &text.header, None);
    text.raw.set(ctx, &text.header, None);
    text.set(DETACHED, true);
    text.set(READY, false);
    Ok(buffer.unwrap_or(Obj::NONE))
}

fn close(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let buffer = buffer(ctx, x)?;
    if is_buffer_closed(ctx, &buffer)? {
        return Ok(Obj::NONE);
    }
    if body(x).has(FINALIZING) {
        if buffered::exact(&buffer).is_some() {
            buffered::warn(ctx, &buffer, x);
        } else if let Err(raised) = call(ctx, &buffer, "_dealloc_warn", std::slice::from_ref(x)) {
            drop(exception::take(ctx, raised));
        }
    }
    let direct = buffered::exact(&buffer).is_some()
        && !overrides(ctx, &buffer, "flush")
        && !overrides(ctx, &buffer, "close");
    let flushed = if is_exact(x) && !overrides(ctx, x, "flush") {
        // Closing the buffer writes out what it holds.
        text_write::flush_pending(ctx, x).and_then(|()| {
            if direct {
                Ok(Obj::NONE)
            } else {
                call(ctx, &buffer, "flush", &[])
            }
        })
    } else {
        call(ctx, x, "flush", &[])
    };
    finish_with(ctx, flushed, |ctx| {
        if direct {
            buffered::close(ctx, &buffer)
        } else {
            call(ctx, &buffer, "close", &[])
        }
    })
}

fn reconfigure(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
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
    let [encoding, errors, newline, lines, through] = args.bind(ctx, &SIGNATURE)?;
    let buffer = buffer(ctx, x)?;
    let text = body(x);
    let encoding = text_or_none(ctx, encoding, "reconfigure", "encoding")?;
    let errors = text_or_none(ctx, errors, "reconfigure", "errors")?;
    let newline = match newline {
        Some(newline) => Some(Newline::from_argument(ctx, Some(newline), false)?),
        None => None,
    };
    let changes = encoding.is_some() || errors.is_some() || newline.is_some();
    let has_read = text.has(DECODES) && {
        let state = text.lock(ctx);
        state.snapshot.is_some() || !state.decoded.as_bytes().is_empty()
    };
    if changes && has_read {
        return Err(raise_unsupported(
            ctx,
            "It is not possible to set the encoding or newline of stream after the first read",
        ));
    }
    let mut flags = [None, None];
    for (flag, value) in flags.iter_mut().zip([lines, through]) {
        if let Some(value) = value.filter(|value| !value.is_none()) {
            *flag = Some(protocol::index_i64(ctx, value, None)? != 0);
        }
    }
    call(ctx, x, "flush", &[])?;
    text_read::forget_place(ctx, x);
    if changes {
        let old_encoding = text.encoding.get(ctx, &text.header).unwrap_or(Obj::NONE);
        let given = encoding.is_some();
        let new_encoding = match encoding {
            Some(name) if name == "locale" => super::open::locale_encoding(ctx).to_owned(),
            Some(name) => name,
            None => text_of(&old_encoding),
        };
        let old_errors = text.errors.get(ctx, &text.header).unwrap_or(Obj::NONE);
        let new_errors = match errors {
            Some(errors) => errors,
            None if given => "strict".to_owned(),
            None => text_of(&old_errors),
        };
        if coder::native(&new_encoding, &new_errors).is_none() {
            crate::module::codecs::registry::lookup_text(ctx, &new_encoding, "codecs.open()")?;
        }
        let name = str_::new(ctx, &new_encoding)?;
        let handler = str_::new(ctx, &new_errors)?;
        text.encoding.set(ctx, &text.header, Some(name));
        text.errors.set(ctx, &text.header, Some(handler));
        if let Some(newline) = newline {
            text.lock(ctx).newline = newline;
        }
        text.encoder.set(ctx, &text.header, None);
        text.decoder.set(ctx, &text.header, None);
        coder::set_up(ctx, x, &new_encoding, &new_errors)?;
        place_encoder(ctx, x, &buffer)?;
    }
    for (flag, value) in [LINE_BUFFERING, WRITE_THROUGH].into_iter().zip(flags) {
        if let Some(on) = value {
            text.set(flag, on);
        }
    }
    Ok(Obj::NONE)
}

fn text_of(x: &Obj) -> String {
    x.downcast::<PyStr>()
        .map_or(String::new(), |text| text.as_str_lossy().into_owned())
}

fn repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    if !body(x).has(DETACHED) {
        buffer(ctx, x)?;
    }
    let class = protocol::type_name(ctx, x);
    let mut out = format!("<{class}");
    for (attribute, label) in [("name", "name"), ("mode", "mode")] {
        let name = str_::intern(ctx, attribute);
        let found = match protocol::find_attr(ctx, x, &name) {
            Ok(found) => found,
            Err(raised) if exception::matches(ctx, &raised, class::ValueError) => {
                drop(exception::take(ctx, raised));
                None
            }
            Err(raised) => return Err(raised),
        };
        if let Some(value) = found {
            let value = buffered::inner_repr(ctx, x, &value)?;
            out.push_str(&format!(" {label}={value}"));
        }
    }
    let encoding = body(x)
        .encoding
        .get(ctx, &body(x).header)
        .unwrap_or(Obj::NONE);
    let encoding = protocol::repr_string(ctx, &encoding)?;
    out.push_str(&format!(" encoding={encoding}>"));
    str_::new(ctx, &out)
}

/// Warns, if the program has asked for that, of an encoding that nobody has named.
pub(super) fn warn_of_encoding(ctx: &mut Ctx) -> PyResult<()> {
    warnings::warn(
        ctx,
        class::EncodingWarning,
        "'encoding' argument not specified",
    )
}

/// Whether the stream is neither closed nor detached.
pub fn is_open(ctx: &mut Ctx, x: &Obj) -> PyResult<bool> {
    if !body(x).has(READY) {
        return Ok(false);
    }
    let buffer = buffer(ctx, x)?;
    Ok(!is_buffer_closed(ctx, &buffer)?)
}
