//! Buffers over a raw stream: what `BufferedReader`, `BufferedWriter` and `BufferedRandom` share.
//!
//! ```text
//!             taken            place of the raw stream (`at`)
//!   input  ────┴───────────────┤          what was read ahead; or
//!   output                     ├────────  what is to be written
//! ```
//!
//! One of the two is empty: who writes goes back over what was read ahead first, who reads writes first what is to be
//! written. A thread has its turn ([`Guard`]) for a whole operation; the buffers are in the object's lock, and taken out
//! of it for as long as the raw stream has them.
//!
//! The raw stream may be any object with the methods. A `FileIO`, and nothing derived from it, is used directly.

use super::base::{
    attribute, call, cannot_pickle, finalize, finish_with, overrides, retried, says,
};
use super::guard::Guard;
use super::{DEFAULT_BUFFER_SIZE, file, raise_unsupported, reader, writer};
use crate::error::{PyResult, raise};
use crate::module::support::Next;
use crate::object::args::{Args, Signature};
use crate::object::define::{GetSet, Method, Native, TypeDef, flag, getter, member, method};
use crate::object::exception::{self, class};
use crate::object::ids::{self, tailed};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slot::{Guard as Lock, Locked, Slot};
use crate::object::slots::Slots;
use crate::object::type_::{PyType, type_id_of};
use crate::object::{bytearray, bytes, bytes_like, int, memoryview, protocol, repr_guard, str_};
use crate::vm::outside::Outside;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering::Relaxed};

/// It was initialised and not detached since.
const READY: u32 = 1;
const DETACHED: u32 = 1 << 1;
/// It is being closed by its finalizer.
const FINALIZING: u32 = 1 << 2;
/// It reads.
pub(super) const READS: u32 = 1 << 3;
/// It writes.
pub(super) const WRITES: u32 = 1 << 4;

/// What is in the buffers.
#[derive(Default)]
pub struct Buffers {
    /// What was read.
    pub input: Outside<Vec<u8>>,
    /// How much of it the program has got.
    pub taken: usize,
    /// What is to be written.
    pub output: Outside<Vec<u8>>,
    /// The place of the raw stream, if that is known.
    pub at: Option<i64>,
}

impl Buffers {
    /// What was read ahead.
    pub fn ahead(&self) -> &[u8] {
        &self.input[self.taken..]
    }

    /// Takes so much of what was read ahead.
    pub fn take(&mut self, count: usize) -> &[u8] {
        let start = self.taken;
        self.taken += count;
        &self.input[start..start + count]
    }

    /// Forgets what was read ahead.
    pub fn forget(&mut self) {
        self.input.clear();
        self.taken = 0;
    }
}

/// The body of a buffered stream.
pub struct PyBuffered {
    raw: Slot,
    guard: Guard,
    buffers: Locked<Buffers>,
    /// Relaxed: values on their own.
    flags: AtomicU32,
    size: AtomicUsize,
}

// SAFETY: the raw stream is the only reference.
unsafe impl Payload for PyBuffered {
    const ID: u32 = ids::BUFFERED_FILE;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "buffered stream";
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.raw.trace(tracer);
    }
    fn clear(&self, ctx: &mut Ctx) {
        // The collector has the only way to the object.
        self.flags.fetch_and(!READY, Relaxed);
        drop(self.raw.replace_locked(ctx, None));
    }
}

impl Body<PyBuffered> {
    /// Locks the buffers.
    #[inline]
    pub fn buffers<'a>(&'a self, ctx: &'a Ctx) -> Lock<'a, Buffers> {
        // SAFETY: the field is this object's, and nobody here locks twice.
        unsafe { self.buffers.lock(ctx, &self.header) }
    }

    /// Bytes of a buffer.
    pub fn size(&self) -> usize {
        self.size.load(Relaxed)
    }

    pub(super) fn has(&self, flag: u32) -> bool {
        self.flags.load(Relaxed) & flag != 0
    }
}

/// The stream, if this is exactly one of the three classes here.
#[inline]
pub fn exact(x: &Obj) -> Option<&Body<PyBuffered>> {
    matches!(
        type_id_of(x),
        tailed::BUFFERED_READER | tailed::BUFFERED_WRITER | tailed::BUFFERED_RANDOM
    )
    .then(|| body(x))
}

pub(super) fn body(x: &Obj) -> &Body<PyBuffered> {
    x.expect::<PyBuffered>()
}

macro_rules! common {
    ($($more:expr,)*) => {
        &[
            method("close", Native::M0(close)),
            method("detach", Native::M0(detach)),
            method("seekable", Native::M0(|ctx, x| ask(ctx, x, "seekable"))),
            method("fileno", Native::M0(|ctx, x| ask(ctx, x, "fileno"))),
            method("isatty", Native::M0(|ctx, x| ask(ctx, x, "isatty"))),
            method("_dealloc_warn", Native::M1(dealloc_warn)),
            method("seek", Native::MN(1, 2, seek)),
            method("tell", Native::M0(tell)),
            method("truncate", Native::MN(0, 1, truncate)),
            method("__sizeof__", Native::M0(sizeof)),
            method("__getstate__", Native::M0(cannot_pickle)),
            $($more,)*
        ]
    };
}

/// What reads has these, too.
macro_rules! reading {
    ($($more:expr,)*) => {
        common![
            method("readable", Native::M0(|ctx, x| ask(ctx, x, "readable"))),
            method("read", Native::MN(0, 1, reader::read)),
            method("peek", Native::MN(0, 1, reader::peek)),
            method("read1", Native::MN(0, 1, reader::read1)),
            method(
                "readinto",
                Native::M1(|ctx, x, into| reader::readinto(ctx, x, into, false))
            ),
            method(
                "readinto1",
                Native::M1(|ctx, x, into| reader::readinto(ctx, x, into, true))
            ),
            method("readline", Native::MN(0, 1, reader::readline)),
            $($more,)*
        ]
    };
}

const WRITABLE: Method = method("writable", Native::M0(|ctx, x| ask(ctx, x, "writable")));

const GETSET: &[GetSet] = &[
    member("raw", |ctx, x| {
        Ok(body(x).raw.get(ctx, &body(x).header).unwrap_or(Obj::NONE))
    }),
    getter("closed", |ctx, x| is_closed(ctx, x).map(Obj::bool)),
    getter("name", |ctx, x| of_raw(ctx, x, "name")),
    getter("mode", |ctx, x| of_raw(ctx, x, "mode")),
    GetSet {
        name: "_finalizing",
        get: |_, x| Ok(Obj::bool(body(x).has(FINALIZING))),
        set: Some(|ctx, x, value| {
            if super::base::boolean(ctx, value)? {
                body(x).flags.fetch_or(FINALIZING, Relaxed);
            } else {
                body(x).flags.fetch_and(!FINALIZING, Relaxed);
            }
            Ok(())
        }),
        member: true,
    },
];

const fn definition(
    id: u32,
    name: &'static str,
    init: fn(&mut Ctx, &Obj, Args<'_>) -> PyResult<()>,
    next: Option<Next>,
    methods: &'static [Method],
    doc: &'static str,
) -> TypeDef {
    TypeDef {
        id,
        name,
        base: tailed::BUFFERED_IO_BASE,
        layout: ids::BUFFERED_FILE,
        kind: &Body::<PyBuffered>::KIND,
        flags: flag::BASE | flag::DICT | flag::WEAKREF,
        slots: Slots {
            new: Some(new),
            init: Some(init),
            repr: Some(repr),
            finalize: Some(finalize),
            next,
            ..Slots::NONE
        },
        methods,
        getset: GETSET,
        doc,
    }
}

/// `_io.BufferedReader`.
pub static BUFFERED_READER: TypeDef = definition(
    tailed::BUFFERED_READER,
    "_io.BufferedReader",
    |ctx, x, args| init(ctx, x, args, "BufferedReader", READS),
    Some(reader::next),
    reading![method(
        "flush",
        Native::M0(|ctx, x| {
            let raw = raw(ctx, x)?;
            if is_closed(ctx, x)? {
                return Err(raise!(ctx, ValueError, "I/O operation on closed file."));
            }
            call(ctx, &raw, "flush", &[])
        })
    ),],
    "Create a new buffered reader using the given readable raw IO object.",
);

/// `_io.BufferedWriter`.
pub static BUFFERED_WRITER: TypeDef = definition(
    tailed::BUFFERED_WRITER,
    "_io.BufferedWriter",
    |ctx, x, args| init(ctx, x, args, "BufferedWriter", WRITES),
    None,
    common![
        WRITABLE,
        method("write", Native::M1(writer::write)),
        method("flush", Native::M0(writer::flush)),
    ],
    "A buffer for a writeable sequential RawIO object.\n\nThe constructor creates a BufferedWriter for the given writeable raw\nstream. If the buffer_size is not given, it defaults to\nDEFAULT_BUFFER_SIZE.",
);

/// `_io.BufferedRandom`.
pub static BUFFERED_RANDOM: TypeDef = definition(
    tailed::BUFFERED_RANDOM,
    "_io.BufferedRandom",
    |ctx, x, args| init(ctx, x, args, "BufferedRandom", READS | WRITES),
    Some(reader::next),
    reading![
        WRITABLE,
        method("flush", Native::M0(writer::flush)),
        method("write", Native::M1(writer::write)),
    ],
    "A buffered interface to random access streams.\n\nThe constructor creates a reader and writer for a seekable stream,\nraw, given in the first argument. If the buffer_size is omitted it\ndefaults to DEFAULT_BUFFER_SIZE.",
);

// --- Making --------------------------------------------------------------------------------------

fn new(ctx: &mut Ctx, class: &Obj, _: Args<'_>) -> PyResult {
    let body = PyBuffered {
        raw: Slot::empty(),
        guard: Guard::default(),
        buffers: Locked::new(Buffers::default()),
        flags: AtomicU32::new(0),
        size: AtomicUsize::new(0),
    };
    payload::allocate(ctx, class.expect::<PyType>().id, body)
}

fn init(ctx: &mut Ctx, x: &Obj, args: Args<'_>, name: &'static str, does: u32) -> PyResult<()> {
    let signature = Signature {
        name,
        params: &["raw", "buffer_size"],
        posonly: 0,
        positional: 2,
        required: 1,
    };
    let [raw, size] = args.bind(ctx, &signature)?;
    let size = match size {
        Some(size) => protocol::c_ssize(ctx, size)?,
        None => DEFAULT_BUFFER_SIZE as i64,
    };
    set_up(ctx, x, raw.unwrap_or(Obj::none()), size, does)
}

fn set_up(ctx: &mut Ctx, x: &Obj, raw: &Obj, size: i64, does: u32) -> PyResult<()> {
    let stream = body(x);
    stream.flags.fetch_and(!(READY | DETACHED), Relaxed);
    let needs = [
        (does == READS | WRITES, "seekable"),
        (does & READS != 0, "readable"),
        (does & WRITES != 0, "writable"),
    ];
    for (needed, name) in needs {
        if needed && !says_exactly(ctx, raw, name)? {
            return Err(raise_unsupported(
                ctx,
                &format!("File or stream is not {name}."),
            ));
        }
    }
    let size = match usize::try_from(size) {
        Ok(size) if size > 0 => size,
        _ => {
            return Err(raise!(
                ctx,
                ValueError,
                "buffer size must be strictly positive"
            ));
        }
    };
    stream.raw.set(ctx, &stream.header, Some(raw.clone()));
    *stream.buffers(ctx) = Buffers::default();
    stream.size.store(size, Relaxed);
    stream.flags.store(READY | does, Relaxed);
    if let Some(fd) = file::exact(raw).and_then(|file| file.fd()) {
        stream.buffers(ctx).at = file::place_fd(fd);
    } else if let Err(raised) = raw_tell(ctx, x, raw) {
        drop(exception::take(ctx, raised));
    }
    Ok(())
}

fn says_exactly(ctx: &mut Ctx, raw: &Obj, name: &'static str) -> PyResult<bool> {
    if let Some(file) = file::exact(raw)
        && file.fd().is_some()
    {
        return Ok(match name {
            "readable" => file.is_readable(),
            "writable" => file.is_writable(),
            _ => file::is_seekable(file),
        });
    }
    says(ctx, raw, name)
}

/// A stream of the class over a raw one.
pub fn make(ctx: &mut Ctx, id: u32, raw: &Obj, size: usize) -> PyResult {
    let class = crate::object::type_::type_object(ctx, id);
    let x = new(ctx, &class, Args::NONE)?;
    let does = match id {
        tailed::BUFFERED_READER => READS,
        tailed::BUFFERED_WRITER => WRITES,
        _ => READS | WRITES,
    };
    set_up(ctx, &x, raw, size as i64, does)?;
    Ok(x)
}

/// The raw stream.
pub(super) fn raw(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let stream = body(x);
    if stream.has(READY)
        && let Some(raw) = stream.raw.get(ctx, &stream.header)
    {
        return Ok(raw);
    }
    Err(if stream.has(DETACHED) {
        raise!(ctx, ValueError, "raw stream has been detached")
    } else {
        raise!(ctx, ValueError, "I/O operation on uninitialized object")
    })
}

fn of_raw(ctx: &mut Ctx, x: &Obj, name: &'static str) -> PyResult {
    let raw = raw(ctx, x)?;
    attribute(ctx, &raw, name)
}

fn ask(ctx: &mut Ctx, x: &Obj, name: &'static str) -> PyResult {
    let raw = raw(ctx, x)?;
    call(ctx, &raw, name, &[])
}

fn is_raw_closed(ctx: &mut Ctx, raw: &Obj) -> PyResult<bool> {
    match file::exact(raw) {
        Some(file) => Ok(file.fd().is_none()),
        None => super::base::is_closed(ctx, raw),
    }
}

/// `closed`.
pub fn is_closed(ctx: &mut Ctx, x: &Obj) -> PyResult<bool> {
    let raw = raw(ctx, x)?;
    is_raw_closed(ctx, &raw)
}

/// The raw stream of one that is not closed: `what` says what was tried. What was read ahead can be had nevertheless.
pub(super) fn open_raw(ctx: &mut Ctx, x: &Obj, what: &str) -> PyResult {
    let raw = raw(ctx, x)?;
    if is_raw_closed(ctx, &raw)? && body(x).buffers(ctx).ahead().is_empty() {
        return Err(raise!(ctx, ValueError, "{what} of closed file"));
    }
    Ok(raw)
}

/// Runs `work` when it is the calling thread's turn.
#[inline]
pub(super) fn turn<R>(
    ctx: &mut Ctx,
    x: &Obj,
    work: impl FnOnce(&mut Ctx) -> PyResult<R>,
) -> PyResult<R> {
    body(x).guard.during(ctx, x, work)
}

// --- The raw stream ------------------------------------------------------------------------------

/// Appends what one read of the raw stream gives, at most `count` bytes; `None` if there is nothing yet.
pub(super) fn raw_read(
    ctx: &mut Ctx,
    x: &Obj,
    raw: &Obj,
    into: &mut Vec<u8>,
    count: usize,
) -> PyResult<Option<usize>> {
    let got = if file::exact(raw).is_some() {
        let fd = file::readable_fd(ctx, raw)?;
        file::read_fd(ctx, fd, into, count)?
    } else {
        let zeros = bytes_like::zeroed(ctx, count)?;
        let space = bytearray::new(ctx, zeros)?;
        let view = memoryview::of(ctx, &space)?;
        let answer = retried(ctx, |ctx| {
            call(ctx, raw, "readinto", std::slice::from_ref(&view))
        })?;
        match number(ctx, &answer, count, "readinto")? {
            None => None,
            Some(got) => {
                space.expect::<bytearray::PyByteArray>().with(ctx, |data| {
                    into.extend_from_slice(&data[..got.min(data.len())]);
                });
                Some(got)
            }
        }
    };
    advance(ctx, x, got);
    Ok(got)
}

/// Writes as much as the raw stream takes at once; `None` if it takes nothing now.
pub(super) fn raw_write(ctx: &mut Ctx, x: &Obj, raw: &Obj, data: &[u8]) -> PyResult<Option<usize>> {
    let done = if file::exact(raw).is_some() {
        let fd = file::writable_fd(ctx, raw)?;
        file::write_fd(ctx, fd, data)?
    } else {
        let copy = bytes::new(ctx, data)?;
        let view = memoryview::of(ctx, &copy)?;
        let answer = retried(ctx, |ctx| {
            call(ctx, raw, "write", std::slice::from_ref(&view))
        })?;
        number(ctx, &answer, data.len(), "write")?
    };
    advance(ctx, x, done);
    Ok(done)
}

fn advance(ctx: &mut Ctx, x: &Obj, by: Option<usize>) {
    let mut buffers = body(x).buffers(ctx);
    if let (Some(at), Some(by)) = (&mut buffers.at, by) {
        *at += by as i64;
    }
}

/// The number of bytes that a method of the raw stream says it has dealt with.
fn number(ctx: &mut Ctx, answer: &Obj, most: usize, name: &str) -> PyResult<Option<usize>> {
    if answer.is_none() {
        return Ok(None);
    }
    let number = match protocol::index_i64(ctx, answer, Some(class::ValueError)) {
        Ok(number) => number,
        Err(raised) if name == "readinto" => {
            let cause = exception::take(ctx, raised);
            let raised = raise!(ctx, OSError, "raw readinto() failed");
            let error = exception::take(ctx, raised);
            let body = error.expect::<exception::PyException>();
            body.cause.set(ctx, &body.header, Some(cause.clone()));
            body.context.set(ctx, &body.header, Some(cause));
            body.suppress_context.store(true, Relaxed);
            return Err(exception::raise_again(ctx, error));
        }
        Err(raised) => return Err(raised),
    };
    match usize::try_from(number) {
        Ok(number) if number <= most => Ok(Some(number)),
        _ => Err(raise!(
            ctx,
            OSError,
            "raw {name}() returned invalid length {number} (should have been between 0 and {most})"
        )),
    }
}

/// Asks the raw stream for its place.
pub(super) fn raw_tell(ctx: &mut Ctx, x: &Obj, raw: &Obj) -> PyResult<i64> {
    let answer = call(ctx, raw, "tell", &[])?;
    place(ctx, x, &answer)
}

/// Sends the raw stream to a place.
pub(super) fn raw_seek(
    ctx: &mut Ctx,
    x: &Obj,
    raw: &Obj,
    offset: i64,
    whence: i64,
) -> PyResult<i64> {
    if file::exact(raw).is_some_and(|file| file.fd().is_some()) {
        let fd = file::exact(raw).and_then(|file| file.fd()).unwrap_or(-1);
        let at = file::seek_fd(ctx, fd, offset, whence as i32)?;
        body(x).buffers(ctx).at = Some(at);
        return Ok(at);
    }
    let offset = int::from_i64(ctx, offset)?;
    let answer = call(ctx, raw, "seek", &[offset, Obj::small_int(whence)])?;
    place(ctx, x, &answer)
}

fn place(ctx: &mut Ctx, x: &Obj, answer: &Obj) -> PyResult<i64> {
    let at = protocol::index_i64(ctx, answer, Some(class::ValueError))?;
    if at < 0 {
        return Err(raise!(
            ctx,
            OSError,
            "Raw stream returned invalid position {at}"
        ));
    }
    body(x).buffers(ctx).at = Some(at);
    Ok(at)
}

/// Goes back over what was read ahead.
pub(super) fn rewind(ctx: &mut Ctx, x: &Obj, raw: &Obj) -> PyResult<()> {
    let ahead = body(x).buffers(ctx).ahead().len();
    if ahead > 0 {
        raw_seek(ctx, x, raw, -(ahead as i64), 1)?;
    }
    body(x).buffers(ctx).forget();
    Ok(())
}

// --- Places --------------------------------------------------------------------------------------

fn seek(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let whence = match args.get(1) {
        Some(whence) => protocol::index_i64(ctx, whence, None)?,
        None => 0,
    };
    if !(0..=2).contains(&whence)
        && whence != i64::from(libc::SEEK_HOLE)
        && whence != i64::from(libc::SEEK_DATA)
    {
        return Err(raise!(ctx, ValueError, "whence value {whence} unsupported"));
    }
    let raw = open_raw(ctx, x, "seek")?;
    if !says_exactly(ctx, &raw, "seekable")? {
        return Err(raise_unsupported(ctx, "File or stream is not seekable."));
    }
    let target = protocol::c_ssize(ctx, &args[0])?;
    let at = turn(ctx, x, |ctx| seek_to(ctx, x, &raw, target, whence))?;
    int::from_i64(ctx, at)
}

/// Goes to a place, on the thread's turn.
fn seek_to(ctx: &mut Ctx, x: &Obj, raw: &Obj, target: i64, whence: i64) -> PyResult<i64> {
    let stream = body(x);
    if stream.has(READS) && whence < 2 && stream.buffers(ctx).output.is_empty() {
        let known = stream.buffers(ctx).at;
        let at = match known {
            Some(at) => at,
            None => raw_tell(ctx, x, raw)?,
        };
        let mut buffers = stream.buffers(ctx);
        let ahead = buffers.ahead().len() as i64;
        let here = at - ahead;
        let by = if whence == 0 {
            target.saturating_sub(here)
        } else {
            target
        };
        if by >= -(buffers.taken as i64)
            && by <= ahead
            && !(ahead == 0 && by == 0 && buffers.input.is_empty())
        {
            buffers.taken = (buffers.taken as i64 + by) as usize;
            // A device may say that it is at the start whatever was read.
            return Ok((here + by).max(0));
        }
    }
    writer::flush_output(ctx, x, raw)?;
    let mut target = target;
    if whence == 1 {
        target -= stream.buffers(ctx).ahead().len() as i64;
    }
    let at = raw_seek(ctx, x, raw, target, whence)?;
    stream.buffers(ctx).forget();
    Ok(at)
}

fn tell(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let at = place_of(ctx, x)?;
    int::from_i64(ctx, at)
}

/// `tell()`.
pub(super) fn place_of(ctx: &mut Ctx, x: &Obj) -> PyResult<i64> {
    let raw = raw(ctx, x)?;
    turn(ctx, x, |ctx| {
        let at = raw_tell(ctx, x, &raw)?;
        let buffers = body(x).buffers(ctx);
        let at = at - buffers.ahead().len() as i64 + buffers.output.len() as i64;
        Ok(at.max(0))
    })
}

fn truncate(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let raw = raw(ctx, x)?;
    if is_raw_closed(ctx, &raw)? {
        return Err(raise!(ctx, ValueError, "truncate of closed file"));
    }
    if !body(x).has(WRITES) {
        return Err(raise_unsupported(ctx, "truncate"));
    }
    turn(ctx, x, |ctx| {
        writer::flush_output(ctx, x, &raw)?;
        if body(x).has(READS) {
            rewind(ctx, x, &raw)?;
        }
        let size = match args.first().filter(|size| !size.is_none()) {
            Some(size) => size.clone(),
            None => {
                let at = raw_tell(ctx, x, &raw)?;
                int::from_i64(ctx, at)?
            }
        };
        call(ctx, &raw, "truncate", &[size])
    })
}

// --- The end -------------------------------------------------------------------------------------

fn dealloc_warn(ctx: &mut Ctx, x: &Obj, source: &Obj) -> PyResult {
    if body(x).has(READY) {
        warn(ctx, x, source);
    }
    Ok(Obj::NONE)
}

/// Warns that nobody has closed the raw stream, which `source` stands on.
pub(super) fn warn(ctx: &mut Ctx, x: &Obj, source: &Obj) {
    let stream = body(x);
    let Some(raw) = stream.raw.get(ctx, &stream.header) else {
        return;
    };
    if file::exact(&raw).is_some() {
        file::warn(ctx, &raw, source);
    } else if let Err(raised) = call(ctx, &raw, "_dealloc_warn", std::slice::from_ref(source)) {
        drop(exception::take(ctx, raised));
    }
}

/// `close()`.
pub(super) fn close(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let raw = raw(ctx, x)?;
    let is_open = turn(ctx, x, |ctx| {
        if is_raw_closed(ctx, &raw)? {
            return Ok(false);
        }
        if body(x).has(FINALIZING) {
            warn(ctx, x, x);
        }
        Ok(true)
    })?;
    if !is_open {
        return Ok(Obj::NONE);
    }
    // What a derived class flushes is its own business.
    let own = overrides(ctx, x, "flush");
    let flushed = match exact(x).filter(|_| !own) {
        Some(stream) if stream.has(WRITES) => writer::flush(ctx, x),
        Some(_) if file::exact(&raw).is_some() => Ok(Obj::NONE),
        _ => call(ctx, x, "flush", &[]),
    };
    let result = finish_with(ctx, flushed, |ctx| {
        let direct = file::exact(&raw).is_some() && !overrides(ctx, &raw, "close");
        turn(ctx, x, |ctx| {
            if direct {
                file::close(ctx, &raw)
            } else {
                call(ctx, &raw, "close", &[])
            }
        })
    });
    let freed = {
        let mut buffers = body(x).buffers(ctx);
        buffers.taken = 0;
        (
            std::mem::take(&mut buffers.input),
            std::mem::take(&mut buffers.output),
        )
    };
    drop(freed);
    result
}

fn detach(ctx: &mut Ctx, x: &Obj) -> PyResult {
    raw(ctx, x)?;
    call(ctx, x, "flush", &[])?;
    let stream = body(x);
    let raw = stream.raw.replace(ctx, &stream.header, None);
    stream.flags.fetch_or(DETACHED, Relaxed);
    stream.flags.fetch_and(!READY, Relaxed);
    Ok(raw.unwrap_or(Obj::NONE))
}

fn sizeof(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let buffers = body(x).buffers(ctx);
    let bytes =
        buffers.input.capacity() + buffers.output.capacity() + size_of::<Body<PyBuffered>>();
    drop(buffers);
    int::from_usize(ctx, bytes)
}

/// `repr` of something that belongs to the stream `x`; RuntimeError if it contains the stream itself.
pub(super) fn inner_repr(ctx: &mut Ctx, x: &Obj, inner: &Obj) -> PyResult<String> {
    let Some(_guard) = repr_guard::enter(x) else {
        let class = protocol::type_name(ctx, x);
        return Err(raise!(
            ctx,
            RuntimeError,
            "reentrant call inside {class}.__repr__"
        ));
    };
    protocol::repr_string(ctx, inner)
}

fn repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let class = protocol::type_name(ctx, x);
    let name = str_::intern(ctx, "name");
    let found = match protocol::find_attr(ctx, x, &name) {
        Ok(found) => found,
        Err(raised) if exception::matches(ctx, &raised, class::ValueError) => {
            // Not initialised, or detached.
            drop(exception::take(ctx, raised));
            None
        }
        Err(raised) => return Err(raised),
    };
    let text = match found {
        Some(name) => {
            let name = inner_repr(ctx, x, &name)?;
            format!("<{class} name={name}>")
        }
        None => format!("<{class}>"),
    };
    str_::new(ctx, &text)
}
