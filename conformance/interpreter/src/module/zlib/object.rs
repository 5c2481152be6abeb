//! Compressors and decompressors that work piece by piece.
//!
//! The state is behind a lock that is waited for detached, and held until the piece is done, so that the pieces of two
//! threads do not mix. No Python code runs while it is held.

use super::stream::{Failure, Settings, Stream};
use super::{SMALL, Step, data_of, deflate_all, failed, next_room, number, size, steps};
use crate::error::{PyResult, Raised, no_memory, raise};
use crate::module::support;
use crate::object::args::{Args, Signature};
use crate::object::define::{Method, Native, TypeDef, flag, member, method};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slots::Slots;
use crate::object::{bytes, bytes_like, ids};
use crate::vm::outside::{self, Share};
use crate::vm::thread::rt;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;
use libz_rs_sys as z;
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

/// What a compressor takes of memory, about.
const DEFLATE_BYTES: usize = 300 << 10;
/// What a decompressor takes of memory, about.
const INFLATE_BYTES: usize = 48 << 10;

fn lock<'a, T: Send>(ctx: &mut Ctx, mutex: &'a Mutex<T>) -> MutexGuard<'a, T> {
    match mutex.try_lock() {
        Ok(guard) => guard,
        Err(TryLockError::Poisoned(guard)) => guard.into_inner(),
        Err(TryLockError::WouldBlock) => rt(ctx)
            .kit
            .detached(ctx, || mutex.lock().unwrap_or_else(PoisonError::into_inner)),
    }
}

#[cold]
fn inconsistent(ctx: &mut Ctx) -> Raised {
    raise!(ctx, ValueError, "Inconsistent stream state")
}

#[cold]
fn invalid(ctx: &mut Ctx, code: i32) -> Raised {
    match code {
        z::Z_MEM_ERROR => no_memory(ctx),
        _ => raise!(ctx, ValueError, "Invalid initialization option"),
    }
}

// --- Compressing ---------------------------------------------------------------------------------

/// The body of a compressor: no stream any more once it has ended.
pub struct PyCompress {
    stream: Mutex<Option<Stream>>,
    _share: Share,
}

// SAFETY: there are no references.
unsafe impl Payload for PyCompress {
    const ID: u32 = ids::ZLIB_COMPRESS;
    const HEAP: HeapKind = HeapKind::Plain;
    const NAME: &'static str = "Compress";
    fn trace(&self, _: &mut Tracer<'_>) {}
}

/// `zlib.compressobj`.
pub(super) fn compressobj(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "compressobj",
        params: &["level", "method", "wbits", "memLevel", "strategy", "zdict"],
        posonly: 0,
        positional: 6,
        required: 0,
    };
    let [level, kind, window, memory, strategy, dictionary] = args.bind(ctx, &SIGNATURE)?;
    let settings = Settings {
        level: number(ctx, level, z::Z_DEFAULT_COMPRESSION)?,
        method: number(ctx, kind, z::Z_DEFLATED)?,
        window: number(ctx, window, 15)?,
        memory: number(ctx, memory, 8)?,
        strategy: number(ctx, strategy, z::Z_DEFAULT_STRATEGY)?,
    };
    let dictionary = match dictionary {
        Some(data) => Some(data_of(ctx, Some(data))?),
        None => None,
    };
    let share = Share::ask(ctx, DEFLATE_BYTES)?;
    let mut stream = Stream::compressing(settings).map_err(|code| invalid(ctx, code))?;
    if let Some(data) = dictionary {
        match stream.set_dictionary(&data) {
            z::Z_OK => {}
            z::Z_STREAM_ERROR => return Err(raise!(ctx, ValueError, "Invalid dictionary")),
            _ => return Err(raise!(ctx, ValueError, "deflateSetDictionary()")),
        }
    }
    let body = PyCompress {
        stream: Mutex::new(Some(stream)),
        _share: share,
    };
    payload::new(ctx, body)
}

fn compress(ctx: &mut Ctx, this: &Obj, data: &Obj) -> PyResult {
    let data = data_of(ctx, Some(data))?;
    let mut stream = lock(ctx, &this.expect::<PyCompress>().payload.stream);
    let done = match &mut *stream {
        Some(stream) => deflate_all(ctx, stream, &data, z::Z_NO_FLUSH),
        None => Err(Failure::plain(z::Z_STREAM_ERROR)),
    };
    drop(stream);
    match done {
        Ok((output, _)) => bytes::new(ctx, &output),
        Err(failure) => Err(failed(ctx, &failure, "while compressing data")),
    }
}

fn compress_flush(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "flush",
        params: &["mode"],
        posonly: 1,
        positional: 1,
        required: 0,
    };
    let [mode] = args.bind(ctx, &SIGNATURE)?;
    let mode = number(ctx, mode, z::Z_FINISH)?;
    if mode == z::Z_NO_FLUSH {
        return bytes::new(ctx, &[]);
    }
    let mut guard = lock(ctx, &this.expect::<PyCompress>().payload.stream);
    let done = match &mut *guard {
        Some(stream) => deflate_all(ctx, stream, &[], mode),
        None => Err(Failure::plain(z::Z_STREAM_ERROR)),
    };
    if mode == z::Z_FINISH && matches!(done, Ok((_, z::Z_STREAM_END))) {
        *guard = None;
    }
    drop(guard);
    match done {
        Ok((output, _)) => bytes::new(ctx, &output),
        Err(failure) => Err(failed(ctx, &failure, "while flushing")),
    }
}

fn compress_copy(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let share = Share::ask(ctx, DEFLATE_BYTES)?;
    let mut guard = lock(ctx, &this.expect::<PyCompress>().payload.stream);
    let copy = guard.as_mut().map(Stream::copy);
    drop(guard);
    match copy {
        Some(Ok(stream)) => {
            let body = PyCompress {
                stream: Mutex::new(Some(stream)),
                _share: share,
            };
            payload::new(ctx, body)
        }
        Some(Err(z::Z_MEM_ERROR)) => Err(no_memory(ctx)),
        _ => Err(inconsistent(ctx)),
    }
}

const COMPRESS_METHODS: &[Method] = &[
    method("compress", Native::M1(compress)),
    method("flush", Native::MA(compress_flush)),
    method("copy", Native::M0(compress_copy)),
    method("__copy__", Native::M0(compress_copy)),
    method(
        "__deepcopy__",
        Native::M1(|ctx, this, _| compress_copy(ctx, this)),
    ),
];

/// `zlib.Compress`.
pub static COMPRESS: TypeDef = TypeDef {
    id: ids::ZLIB_COMPRESS,
    name: "zlib.Compress",
    base: ids::OBJECT,
    layout: ids::ZLIB_COMPRESS,
    kind: &Body::<PyCompress>::KIND,
    flags: flag::NO_NEW,
    slots: Slots::NONE,
    methods: COMPRESS_METHODS,
    getset: &[],
    doc: "",
};

// --- Decompressing -------------------------------------------------------------------------------

struct Inflating {
    /// None once it was flushed to the end.
    stream: Option<Stream>,
    dictionary: Option<Vec<u8>>,
    /// What came behind the end.
    unused: Vec<u8>,
    /// What was not taken in yet.
    tail: Vec<u8>,
    ended: bool,
    /// Their bytes.
    kept: Share,
}

/// The body of a decompressor.
pub struct PyDecompress {
    state: Mutex<Inflating>,
    _share: Share,
}

// SAFETY: there are no references.
unsafe impl Payload for PyDecompress {
    const ID: u32 = ids::ZLIB_DECOMPRESS;
    const HEAP: HeapKind = HeapKind::Plain;
    const NAME: &'static str = "Decompress";
    fn trace(&self, _: &mut Tracer<'_>) {}
}

fn inflating(
    ctx: &mut Ctx,
    window: Option<&Obj>,
    dictionary: Option<&Obj>,
) -> PyResult<PyDecompress> {
    let window = number(ctx, window, 15)?;
    let dictionary = match dictionary {
        Some(data) => match bytes_like::buffer(ctx, data) {
            Some(data) => Some(data.into_owned()),
            None => {
                return Err(raise!(
                    ctx,
                    TypeError,
                    "zdict argument must support the buffer protocol"
                ));
            }
        },
        None => None,
    };
    let share = Share::ask(ctx, INFLATE_BYTES)?;
    let mut stream = Stream::decompressing(window).map_err(|code| invalid(ctx, code))?;
    if window < 0
        && let Some(data) = &dictionary
    {
        let code = stream.set_dictionary(data);
        if code != z::Z_OK {
            let failure = stream.failure(code);
            return Err(failed(ctx, &failure, "while setting zdict"));
        }
    }
    Ok(PyDecompress {
        state: Mutex::new(Inflating {
            stream: Some(stream),
            dictionary,
            unused: Vec::new(),
            tail: Vec::new(),
            ended: false,
            kept: Share::default(),
        }),
        _share: share,
    })
}

/// `zlib.decompressobj`.
pub(super) fn decompressobj(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "decompressobj",
        params: &["wbits", "zdict"],
        posonly: 0,
        positional: 2,
        required: 0,
    };
    let [window, dictionary] = args.bind(ctx, &SIGNATURE)?;
    let body = inflating(ctx, window, dictionary)?;
    payload::new(ctx, body)
}

/// What one call made of its input.
struct Inflated {
    output: Vec<u8>,
    taken: usize,
    code: i32,
}

impl Inflating {
    /// Decompresses at most `most` bytes of the input; also says what it was doing when it failed.
    fn inflate(
        &mut self,
        ctx: &mut Ctx,
        input: &[u8],
        most: usize,
        flush: i32,
    ) -> Result<Inflated, (Failure, &'static str)> {
        const DOING: &str = "while decompressing data";
        let Some(stream) = &mut self.stream else {
            return Err((Failure::plain(z::Z_STREAM_ERROR), DOING));
        };
        let dictionary = &self.dictionary;
        let (mut output, mut taken, mut last) = (Vec::new(), 0, z::Z_OK);
        let mut doing = DOING;
        let long = input.len() > SMALL;
        let done = steps(ctx, long, &mut output, |output| {
            let room = next_room(output.len()).min(most - output.len());
            if room == 0 {
                return Ok(Step::Done);
            }
            let before = output.len();
            let (read, code) = stream.run(&input[taken..], output, room, flush);
            taken += read;
            last = code;
            match code {
                z::Z_STREAM_END => Ok(Step::Done),
                z::Z_NEED_DICT if dictionary.is_some() => {
                    let code = stream.set_dictionary(dictionary.as_deref().unwrap_or_default());
                    if code == z::Z_OK {
                        return Ok(Step::More);
                    }
                    doing = "while setting zdict";
                    Err(stream.failure(code))
                }
                // Room that is left means that the input has been read.
                z::Z_OK | z::Z_BUF_ERROR if output.len() - before < room => Ok(Step::Done),
                z::Z_OK | z::Z_BUF_ERROR => Ok(Step::More),
                code => Err(stream.failure(code)),
            }
        });
        match done {
            Ok(()) => Ok(Inflated {
                output,
                taken,
                code: last,
            }),
            Err(failure) => Err((failure, doing)),
        }
    }

    /// Keeps what was not read.
    fn keep(&mut self, rest: &[u8], code: i32) {
        if code == z::Z_STREAM_END {
            self.unused.extend_from_slice(rest);
            self.tail.clear();
            self.ended = true;
        } else {
            self.tail = rest.to_vec();
        }
        self.kept = Share::new(self.unused.len() + self.tail.len());
    }
}

fn decompress(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "decompress",
        params: &["data", "max_length"],
        posonly: 1,
        positional: 2,
        required: 1,
    };
    let [data, most] = args.bind(ctx, &SIGNATURE)?;
    let data = data_of(ctx, data)?;
    let most = match size(ctx, most, 0)? {
        ..0 => return Err(raise!(ctx, ValueError, "max_length must be non-negative")),
        0 => usize::MAX,
        most => most as usize,
    };
    // What is not read is kept.
    outside::room(ctx, data.len())?;
    let mut state = lock(ctx, &this.expect::<PyDecompress>().payload.state);
    let done = state.inflate(ctx, &data, most, z::Z_SYNC_FLUSH);
    if let Ok(done) = &done {
        state.keep(&data[done.taken..], done.code);
    }
    drop(state);
    match done {
        Ok(done) => bytes::new(ctx, &done.output),
        Err((failure, doing)) => Err(failed(ctx, &failure, doing)),
    }
}

fn decompress_flush(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "flush",
        params: &["length"],
        posonly: 1,
        positional: 1,
        required: 0,
    };
    let [length] = args.bind(ctx, &SIGNATURE)?;
    if size(ctx, length, 1)? <= 0 {
        return Err(raise!(ctx, ValueError, "length must be greater than zero"));
    }
    let mut state = lock(ctx, &this.expect::<PyDecompress>().payload.state);
    if state.stream.is_none() {
        drop(state);
        return bytes::new(ctx, &[]);
    }
    let data = std::mem::take(&mut state.tail);
    let done = state.inflate(ctx, &data, usize::MAX, z::Z_FINISH);
    if let Ok(done) = &done {
        state.keep(&data[done.taken..], done.code);
        if done.code == z::Z_STREAM_END {
            state.stream = None;
        }
    }
    drop(state);
    match done {
        Ok(done) => bytes::new(ctx, &done.output),
        Err((failure, doing)) => Err(failed(ctx, &failure, doing)),
    }
}

fn decompress_copy(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let share = Share::ask(ctx, INFLATE_BYTES)?;
    let mut state = lock(ctx, &this.expect::<PyDecompress>().payload.state);
    let copy = state.stream.as_mut().map(Stream::copy);
    let copy = copy.map(|stream| {
        stream.map(|stream| Inflating {
            stream: Some(stream),
            dictionary: state.dictionary.clone(),
            unused: state.unused.clone(),
            tail: state.tail.clone(),
            ended: state.ended,
            kept: Share::new(state.unused.len() + state.tail.len()),
        })
    });
    drop(state);
    match copy {
        Some(Ok(state)) => {
            let body = PyDecompress {
                state: Mutex::new(state),
                _share: share,
            };
            payload::new(ctx, body)
        }
        Some(Err(z::Z_MEM_ERROR)) => Err(no_memory(ctx)),
        _ => Err(inconsistent(ctx)),
    }
}

const DECOMPRESS_METHODS: &[Method] = &[
    method("decompress", Native::MA(decompress)),
    method("flush", Native::MA(decompress_flush)),
    method("copy", Native::M0(decompress_copy)),
    method("__copy__", Native::M0(decompress_copy)),
    method(
        "__deepcopy__",
        Native::M1(|ctx, this, _| decompress_copy(ctx, this)),
    ),
];

fn part(ctx: &mut Ctx, this: &Obj, part: fn(&Inflating) -> &Vec<u8>) -> PyResult {
    let state = lock(ctx, &this.expect::<PyDecompress>().payload.state);
    let data = part(&state).clone();
    drop(state);
    bytes::new(ctx, &data)
}

/// `zlib.Decompress`.
pub static DECOMPRESS: TypeDef = TypeDef {
    id: ids::ZLIB_DECOMPRESS,
    name: "zlib.Decompress",
    base: ids::OBJECT,
    layout: ids::ZLIB_DECOMPRESS,
    kind: &Body::<PyDecompress>::KIND,
    flags: flag::NO_NEW,
    slots: Slots::NONE,
    methods: DECOMPRESS_METHODS,
    getset: &[
        member("unused_data", |ctx, this| part(ctx, this, |s| &s.unused)),
        member("unconsumed_tail", |ctx, this| part(ctx, this, |s| &s.tail)),
        member("eof", |ctx, this| {
            let state = lock(ctx, &this.expect::<PyDecompress>().payload.state);
            Ok(Obj::bool(state.ended))
        }),
    ],
    doc: "",
};

// --- What gzip reads with ------------------------------------------------------------------------

/// The body of a decompressor that keeps what it has not read.
pub struct PyDecompressor {
    inner: PyDecompress,
}

// SAFETY: there are no references.
unsafe impl Payload for PyDecompressor {
    const ID: u32 = ids::ZLIB_DECOMPRESSOR;
    const HEAP: HeapKind = HeapKind::Plain;
    const NAME: &'static str = "_ZlibDecompressor";
    fn trace(&self, _: &mut Tracer<'_>) {}
}

fn decompressor(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "_ZlibDecompressor",
        params: &["wbits", "zdict"],
        posonly: 0,
        positional: 2,
        required: 0,
    };
    let [window, dictionary] = args.bind(ctx, &SIGNATURE)?;
    let inner = inflating(ctx, window, dictionary)?;
    payload::allocate(ctx, support::id_of(class), PyDecompressor { inner })
}

fn decompress_some(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "decompress",
        params: &["data", "max_length"],
        posonly: 0,
        positional: 2,
        required: 1,
    };
    let [data, most] = args.bind(ctx, &SIGNATURE)?;
    let data = data_of(ctx, data)?;
    let most = usize::try_from(size(ctx, most, -1)?).unwrap_or(usize::MAX);
    outside::room(ctx, data.len())?;
    let mut state = lock(ctx, &this.expect::<PyDecompressor>().payload.inner.state);
    if state.ended {
        drop(state);
        return Err(raise!(ctx, EOFError, "End of stream already reached"));
    }
    let mut input = std::mem::take(&mut state.tail);
    let input = if input.is_empty() {
        data
    } else {
        input.extend_from_slice(&data);
        input.into()
    };
    let done = state.inflate(ctx, &input, most, z::Z_SYNC_FLUSH);
    if let Ok(done) = &done {
        state.keep(&input[done.taken..], done.code);
    }
    drop(state);
    match done {
        Ok(done) => bytes::new(ctx, &done.output),
        Err((failure, doing)) => Err(failed(ctx, &failure, doing)),
    }
}

fn look<R>(ctx: &mut Ctx, this: &Obj, look: impl FnOnce(&Inflating) -> R) -> R {
    look(&lock(
        ctx,
        &this.expect::<PyDecompressor>().payload.inner.state,
    ))
}

/// `zlib._ZlibDecompressor`.
pub static DECOMPRESSOR: TypeDef = TypeDef {
    id: ids::ZLIB_DECOMPRESSOR,
    name: "zlib._ZlibDecompressor",
    base: ids::OBJECT,
    layout: ids::ZLIB_DECOMPRESSOR,
    kind: &Body::<PyDecompressor>::KIND,
    flags: 0,
    slots: Slots {
        new: Some(decompressor),
        ..Slots::NONE
    },
    methods: &[method("decompress", Native::MA(decompress_some))],
    getset: &[
        member("eof", |ctx, this| {
            Ok(Obj::bool(look(ctx, this, |s| s.ended)))
        }),
        member("unused_data", |ctx, this| {
            let data = look(ctx, this, |s| s.unused.clone());
            bytes::new(ctx, &data)
        }),
        member("needs_input", |ctx, this| {
            let needs = look(ctx, this, |s| !s.ended && s.tail.is_empty());
            Ok(Obj::bool(needs))
        }),
    ],
    doc: "Decompresses data piece by piece, and keeps what it has not read.",
};
