//! The base classes of streams: what every stream can do in terms of the few methods that a class of streams defines,
//! in Python or here.

use super::raise_unsupported;
use crate::error::{PyResult, raise};
use crate::object::args::Signature;
use crate::object::bytes::{self, PyBytes};
use crate::object::define::{GetSet, Method, Native, TypeDef, flag, getter, method};
use crate::object::exception::{self, class, unicode};
use crate::object::ids::{self, tailed};
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::object_::{self, PyObject};
use crate::object::payload::Body;
use crate::object::slots::Slots;
use crate::object::str_::PyStr;
use crate::object::{bytearray, bytes_like, descriptor, int, list, protocol, str_, type_};
use crate::vm::outside;
use kit_core::thread::Ctx;

/// A method that a class of streams must define itself, or refuses: with what its arguments are asked first.
macro_rules! unsupported_method {
    ($name:literal, [$($param:literal),*], $required:literal, $check:expr) => {
        method(
            $name,
            Native::MA(|ctx, _, args| {
                const PARAMS: &[&str] = &[$($param),*];
                static SIGNATURE: Signature = Signature {
                    name: $name,
                    params: PARAMS,
                    posonly: PARAMS.len(),
                    positional: PARAMS.len(),
                    required: $required,
                };
                let check: fn(&mut Ctx, &Obj) -> PyResult<()> = $check;
                let bound: [Option<&Obj>; PARAMS.len()] = args.bind(ctx, &SIGNATURE)?;
                for value in bound.into_iter().flatten() {
                    check(ctx, value)?;
                }
                Err(raise_unsupported(ctx, $name))
            }),
        )
    };
}

/// A method that is not there, whatever its arguments are.
macro_rules! missing_method {
    ($name:literal) => {
        method(
            $name,
            Native::MA(|ctx, _, args| {
                args.no_keywords(ctx, $name)?;
                Err(exception::raise_args(
                    ctx,
                    class::NotImplementedError,
                    Vec::new(),
                ))
            }),
        )
    };
}

/// `detach` of a stream that has nothing under it.
const DETACH: Method = method(
    "detach",
    Native::MA(|ctx, _, args| {
        if !args.pos.is_empty() || !args.names.is_empty() {
            return Err(raise!(ctx, TypeError, "detach() takes no arguments"));
        }
        Err(raise_unsupported(ctx, "detach"))
    }),
);

fn a_number(ctx: &mut Ctx, value: &Obj) -> PyResult<()> {
    protocol::c_int(ctx, value).map(drop)
}

fn anything(_: &mut Ctx, _: &Obj) -> PyResult<()> {
    Ok(())
}

fn written_text(ctx: &mut Ctx, value: &Obj) -> PyResult<()> {
    let text = str_::expect_text(ctx, value, "write() argument 1")?;
    match text.to_str() {
        Some(_) => Ok(()),
        None => Err(unicode::no_surrogates(ctx, value)),
    }
}

const FLAGS: u32 = flag::BASE | flag::DICT | flag::WEAKREF;

const fn definition(
    id: u32,
    name: &'static str,
    base: u32,
    slots: Slots,
    methods: &'static [Method],
    getset: &'static [GetSet],
    doc: &'static str,
) -> TypeDef {
    TypeDef {
        id,
        name,
        base,
        layout: ids::OBJECT,
        kind: &Body::<PyObject>::KIND,
        flags: FLAGS,
        slots,
        methods,
        getset,
        doc,
    }
}

/// `_io._IOBase`.
pub static IO_BASE: TypeDef = definition(
    tailed::IO_BASE,
    "_io._IOBase",
    ids::OBJECT,
    Slots {
        new: Some(object_::new),
        finalize: Some(finalize),
        iter: Some(iter),
        next: Some(next),
        ..Slots::NONE
    },
    &[
        unsupported_method!("seek", ["offset", "whence"], 1, a_number),
        method("tell", Native::M0(tell)),
        unsupported_method!("truncate", ["size"], 0, anything),
        method("flush", Native::M0(flush)),
        method("close", Native::M0(close)),
        method("seekable", Native::M0(|_, _| Ok(Obj::FALSE))),
        method("readable", Native::M0(|_, _| Ok(Obj::FALSE))),
        method("writable", Native::M0(|_, _| Ok(Obj::FALSE))),
        method(
            "_checkClosed",
            Native::M0(|ctx, x| check_closed(ctx, x).map(|()| Obj::NONE)),
        ),
        method(
            "_checkSeekable",
            Native::M0(|ctx, x| require(ctx, x, "seekable")),
        ),
        method(
            "_checkReadable",
            Native::M0(|ctx, x| require(ctx, x, "readable")),
        ),
        method(
            "_checkWritable",
            Native::M0(|ctx, x| require(ctx, x, "writable")),
        ),
        method(
            "fileno",
            Native::M0(|ctx, _| Err(raise_unsupported(ctx, "fileno"))),
        ),
        method(
            "isatty",
            Native::M0(|ctx, x| {
                check_closed(ctx, x)?;
                Ok(Obj::FALSE)
            }),
        ),
        method("__enter__", Native::M0(iter)),
        method(
            "__exit__",
            Native::MA(|ctx, x, args| {
                args.no_keywords(ctx, "__exit__")?;
                call(ctx, x, "close", &[])
            }),
        ),
        method("readline", Native::MN(0, 1, readline)),
        method("readlines", Native::MN(0, 1, readlines)),
        method("writelines", Native::M1(writelines)),
    ],
    &[
        descriptor::OWN_INSTANCE_DICT,
        getter("closed", |ctx, x| is_marked(ctx, x).map(Obj::bool)),
    ],
    "The abstract base class for all I/O classes.\n\nThere is no public constructor: what a class of streams does not define is done in terms of what it does.",
);

/// `_io._RawIOBase`.
pub static RAW_IO_BASE: TypeDef = definition(
    tailed::RAW_IO_BASE,
    "_io._RawIOBase",
    tailed::IO_BASE,
    Slots {
        finalize: Some(finalize),
        ..Slots::NONE
    },
    &[
        method("read", Native::MN(0, 1, raw_read)),
        method("readall", Native::M0(raw_readall)),
        missing_method!("readinto"),
        missing_method!("write"),
    ],
    &[],
    "Base class for raw binary I/O.",
);

/// `_io._BufferedIOBase`.
pub static BUFFERED_IO_BASE: TypeDef = definition(
    tailed::BUFFERED_IO_BASE,
    "_io._BufferedIOBase",
    tailed::IO_BASE,
    Slots {
        finalize: Some(finalize),
        ..Slots::NONE
    },
    &[
        DETACH,
        unsupported_method!("read", ["size"], 0, a_number),
        unsupported_method!("read1", ["size"], 0, a_number),
        unsupported_method!("write", ["b"], 1, anything),
        method(
            "readinto",
            Native::M1(|ctx, x, into| buffered_readinto(ctx, x, into, "read")),
        ),
        method(
            "readinto1",
            Native::M1(|ctx, x, into| buffered_readinto(ctx, x, into, "read1")),
        ),
    ],
    &[],
    "Base class for buffered IO objects.",
);

/// `_io._TextIOBase`.
pub static TEXT_IO_BASE: TypeDef = definition(
    tailed::TEXT_IO_BASE,
    "_io._TextIOBase",
    tailed::IO_BASE,
    Slots {
        finalize: Some(finalize),
        ..Slots::NONE
    },
    &[
        DETACH,
        unsupported_method!("read", ["size"], 0, a_number),
        unsupported_method!("readline", ["size"], 0, a_number),
        unsupported_method!("write", ["s"], 1, written_text),
    ],
    &[
        getter("encoding", |_, _| Ok(Obj::NONE)),
        getter("newlines", |_, _| Ok(Obj::NONE)),
        getter("errors", |_, _| Ok(Obj::NONE)),
    ],
    "Base class for text I/O.",
);

/// Calls a method by its name.
pub(super) fn call(ctx: &mut Ctx, x: &Obj, name: &'static str, args: &[Obj]) -> PyResult {
    let name = str_::intern(ctx, name);
    protocol::call_method(ctx, x, &name, args)
}

/// An attribute by its name.
pub(super) fn attribute(ctx: &mut Ctx, x: &Obj, name: &'static str) -> PyResult {
    let name = str_::intern(ctx, name);
    protocol::getattr(ctx, x, &name)
}

/// Whether a method of the stream says so.
pub(super) fn says(ctx: &mut Ctx, x: &Obj, name: &'static str) -> PyResult<bool> {
    let answer = call(ctx, x, name, &[])?;
    protocol::truth(ctx, &answer)
}

/// `x.closed`, as the class defines it.
pub(super) fn is_closed(ctx: &mut Ctx, x: &Obj) -> PyResult<bool> {
    let closed = attribute(ctx, x, "closed")?;
    protocol::truth(ctx, &closed)
}

/// Raises ValueError if the stream is closed.
pub(super) fn check_closed(ctx: &mut Ctx, x: &Obj) -> PyResult<()> {
    if is_closed(ctx, x)? {
        return Err(raise!(ctx, ValueError, "I/O operation on closed file."));
    }
    Ok(())
}

fn require(ctx: &mut Ctx, x: &Obj, name: &'static str) -> PyResult {
    let answer = call(ctx, x, name, &[])?;
    if !answer.is_true() {
        return Err(raise_unsupported(
            ctx,
            &format!("File or stream is not {name}."),
        ));
    }
    Ok(answer)
}

/// Whether `close` of the base class was called.
fn is_marked(ctx: &mut Ctx, x: &Obj) -> PyResult<bool> {
    let name = str_::intern(ctx, "__IOBase_closed");
    Ok(protocol::find_attr(ctx, x, &name)?.is_some())
}

fn flush(ctx: &mut Ctx, x: &Obj) -> PyResult {
    if is_marked(ctx, x)? {
        return Err(raise!(ctx, ValueError, "I/O operation on closed file."));
    }
    Ok(Obj::NONE)
}

fn close(ctx: &mut Ctx, x: &Obj) -> PyResult {
    if is_marked(ctx, x)? {
        return Ok(Obj::NONE);
    }
    let flushed = call(ctx, x, "flush", &[]);
    let name = str_::intern(ctx, "__IOBase_closed");
    finish_with(ctx, flushed, |ctx| {
        protocol::setattr(ctx, x, &name, Some(&Obj::TRUE)).map(|()| Obj::NONE)
    })
}

/// What `then` gives, which runs even if something failed before; that error is raised, or is the context of its error.
pub(super) fn finish_with(
    ctx: &mut Ctx,
    before: PyResult,
    then: impl FnOnce(&mut Ctx) -> PyResult,
) -> PyResult {
    let Err(raised) = before else {
        return then(ctx);
    };
    let error = exception::take(ctx, raised);
    match then(ctx) {
        Ok(_) => Err(exception::raise_again(ctx, error)),
        Err(raised) => {
            let last = exception::take(ctx, raised);
            exception::chain(ctx, &last, error);
            Err(exception::raise_again(ctx, last))
        }
    }
}

/// `__del__`: closes what is open, and tells it that nobody asked for that.
pub(super) fn finalize(ctx: &mut Ctx, x: &Obj) -> PyResult<()> {
    let closed = match is_closed(ctx, x) {
        Ok(closed) => closed,
        Err(raised) => {
            // It cannot be used, so there is nothing to close.
            drop(exception::take(ctx, raised));
            true
        }
    };
    if closed {
        return Ok(());
    }
    let name = str_::intern(ctx, "_finalizing");
    if let Err(raised) = protocol::setattr(ctx, x, &name, Some(&Obj::TRUE)) {
        drop(exception::take(ctx, raised));
    }
    if let Err(raised) = protocol::call_method(ctx, x, &names(ctx).close, &[]) {
        let error = exception::take(ctx, raised);
        crate::vm::report::report_unraisable(ctx, &error, "while finalizing file", Some(x));
    }
    Ok(())
}

fn iter(ctx: &mut Ctx, x: &Obj) -> PyResult {
    check_closed(ctx, x)?;
    Ok(x.clone())
}

fn next(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<Obj>> {
    let line = call(ctx, x, "readline", &[])?;
    Ok((protocol::len(ctx, &line)? > 0).then_some(line))
}

fn tell(ctx: &mut Ctx, x: &Obj) -> PyResult {
    call(ctx, x, "seek", &[Obj::small_int(0), Obj::small_int(1)])
}

/// The number of an optional argument; `None` without it, and for None and numbers below zero.
pub(super) fn size(ctx: &mut Ctx, args: &[Obj]) -> PyResult<Option<usize>> {
    Ok(usize::try_from(signed_size(ctx, args)?).ok())
}

/// The number of an optional argument; −1 without it.
pub(super) fn signed_size(ctx: &mut Ctx, args: &[Obj]) -> PyResult<i64> {
    match args.first() {
        None => Ok(-1),
        Some(value) if value.is_none() => Ok(-1),
        Some(value) => {
            if !crate::object::index::is_index(ctx, value) {
                let class = protocol::type_name(ctx, value);
                return Err(raise!(
                    ctx,
                    TypeError,
                    "argument should be integer or None, not '{class}'"
                ));
            }
            protocol::index_i64(ctx, value, Some(class::OverflowError))
        }
    }
}

fn readline(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let limit = size(ctx, args)?.unwrap_or(usize::MAX);
    let name = str_::intern(ctx, "peek");
    let peek = protocol::find_attr(ctx, x, &name)?;
    let mut line: Vec<u8> = Vec::new();
    while line.len() < limit {
        let mut wanted = 1;
        if let Some(peek) = &peek {
            let ahead = retried(ctx, |ctx| protocol::call(ctx, peek, &[Obj::small_int(1)]))?;
            let Some(ahead) = ahead.downcast::<PyBytes>() else {
                let class = protocol::type_name(ctx, &ahead);
                return Err(raise!(
                    ctx,
                    OSError,
                    "peek() should have returned a bytes object, not '{class}'"
                ));
            };
            let ahead = ahead.data();
            if !ahead.is_empty() {
                let end = memchr::memchr(b'\n', ahead).map_or(ahead.len(), |at| at + 1);
                wanted = end.min(limit - line.len());
            }
        }
        let more = retried(ctx, |ctx| {
            call(ctx, x, "read", &[Obj::small_int(wanted as i64)])
        })?;
        let Some(more) = more.downcast::<PyBytes>() else {
            let class = protocol::type_name(ctx, &more);
            return Err(raise!(
                ctx,
                OSError,
                "read() should have returned a bytes object, not '{class}'"
            ));
        };
        if more.data().is_empty() {
            break;
        }
        outside::room_behind(ctx, line.len(), more.data().len())?;
        line.extend_from_slice(more.data());
        if line.ends_with(b"\n") {
            break;
        }
    }
    bytes::new(ctx, &line)
}

/// Calls again what a signal has interrupted, after its handler.
pub(super) fn retried(ctx: &mut Ctx, mut work: impl FnMut(&mut Ctx) -> PyResult) -> PyResult {
    loop {
        match work(ctx) {
            Err(raised) if exception::matches(ctx, &raised, class::InterruptedError) => {
                drop(exception::take(ctx, raised));
                crate::vm::interrupt::check(ctx)?;
            }
            result => return result,
        }
    }
}

/// `readlines(hint)` of any stream: lines up to the one that passes `hint` characters.
pub(super) fn readlines(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let hint = size(ctx, args)?.filter(|&hint| hint > 0);
    let lines = protocol::iter(ctx, x)?;
    let mut total = 0usize;
    let mut found = Vec::new();
    while let Some(line) = protocol::next(ctx, &lines)? {
        if hint.is_some() {
            total = total.saturating_add(protocol::len(ctx, &line)?);
        }
        outside::push(ctx, &mut found, line)?;
        if hint.is_some_and(|hint| total >= hint) {
            break;
        }
    }
    list::from_vec(ctx, found)
}

/// `writelines(lines)` of any stream.
pub(super) fn writelines(ctx: &mut Ctx, x: &Obj, lines: &Obj) -> PyResult {
    check_closed(ctx, x)?;
    let lines = protocol::iter(ctx, lines)?;
    while let Some(line) = protocol::next(ctx, &lines)? {
        let name = &names(ctx).write;
        retried(ctx, |ctx| {
            protocol::call_method(ctx, x, name, std::slice::from_ref(&line))
        })?;
    }
    Ok(Obj::NONE)
}

fn raw_read(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let wanted = match args.first() {
        Some(size) => protocol::c_ssize(ctx, size)?,
        None => -1,
    };
    let Ok(wanted) = usize::try_from(wanted) else {
        return call(ctx, x, "readall", &[]);
    };
    let zeros = bytes_like::zeroed(ctx, wanted)?;
    let space = bytearray::new(ctx, zeros)?;
    let count = call(ctx, x, "readinto", std::slice::from_ref(&space))?;
    if count.is_none() {
        return Ok(count);
    }
    let count = protocol::index_i64(ctx, &count, Some(class::ValueError))?;
    let space = space.expect::<bytearray::PyByteArray>();
    let data = space.copy(ctx);
    if count < 0 || count as usize > data.len() {
        return Err(raise!(
            ctx,
            ValueError,
            "readinto returned {count} outside buffer size {}",
            data.len()
        ));
    }
    bytes::new(ctx, &data[..count as usize])
}

fn raw_readall(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let mut all = Vec::new();
    loop {
        let wanted = Obj::small_int(super::DEFAULT_BUFFER_SIZE as i64);
        let part = retried(ctx, |ctx| {
            call(ctx, x, "read", std::slice::from_ref(&wanted))
        })?;
        if part.is_none() {
            if all.is_empty() {
                return Ok(part);
            }
            break;
        }
        let Some(data) = part.downcast::<PyBytes>() else {
            return Err(raise!(ctx, TypeError, "read() should return bytes"));
        };
        if data.data().is_empty() {
            break;
        }
        outside::room_behind(ctx, all.len(), data.data().len())?;
        all.extend_from_slice(data.data());
    }
    bytes::new(ctx, &all)
}

fn buffered_readinto(ctx: &mut Ctx, x: &Obj, into: &Obj, method: &'static str) -> PyResult {
    let (view, len) = writable_view(ctx, into, "readinto")?;
    let data = call(ctx, x, method, &[Obj::small_int(len as i64)])?;
    if data.downcast::<PyBytes>().is_none() {
        return Err(raise!(ctx, TypeError, "read() should return bytes"));
    }
    let found = data.expect::<PyBytes>().data();
    if found.len() > len {
        return Err(raise!(
            ctx,
            ValueError,
            "read() returned too much data: {len} bytes requested, {} returned",
            found.len()
        ));
    }
    bytes_like::write(ctx, &view, |place| {
        if let Some(place) = place.get_mut(..found.len()) {
            place.copy_from_slice(found);
        }
    });
    int::from_usize(ctx, found.len())
}

/// What to write the bytes of a `readinto` into, and how many it takes.
pub(super) fn writable_view(ctx: &mut Ctx, into: &Obj, name: &str) -> PyResult<(Obj, usize)> {
    if type_::type_id_of(into) >= ids::FIRST_DYNAMIC
        && bytes_like::buffer(ctx, into).is_none()
        && let Some(view) = bytes_like::special_buffer(ctx, into)?
    {
        let len = bytes_like::writable_size(ctx, &view, name)?;
        return Ok((view, len));
    }
    let len = bytes_like::writable_size(ctx, into, name)?;
    Ok((into.clone(), len))
}

/// `__getstate__` of streams that are more than their state.
pub(super) fn cannot_pickle(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let name = protocol::type_name(ctx, x);
    let name = name.rsplit('.').next().unwrap_or_default();
    Err(raise!(ctx, TypeError, "cannot pickle '{name}' instances"))
}

/// Whether an argument is a str.
pub(super) fn is_text(x: &Obj) -> bool {
    x.downcast::<PyStr>().is_some()
}

/// The value that a flag is set to.
pub(super) fn boolean(ctx: &mut Ctx, value: Option<&Obj>) -> PyResult<bool> {
    match value {
        Some(value) if value.is_true() => Ok(true),
        Some(value) if value.is_false() => Ok(false),
        Some(_) => Err(raise!(ctx, TypeError, "attribute value type must be bool")),
        None => Err(raise!(
            ctx,
            TypeError,
            "can't delete numeric/char attribute"
        )),
    }
}

/// Whether the stream's own attribute takes the place of a method of its class.
pub(super) fn overrides(ctx: &mut Ctx, x: &Obj, name: &'static str) -> bool {
    let name = str_::intern(ctx, name);
    crate::object::instance::get(ctx, x, &name).is_some()
}
