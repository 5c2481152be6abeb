//! Files in memory: `io.StringIO` and `io.BytesIO`.
//!
//! Both are a sequence of units (code points, bytes) and a place in it. The lock around them is held
//! for moments only, and never while Python code runs.

use super::binary::{readlines, size, writelines};
use crate::error::{PyResult, raise};
use crate::object::args::{Args, Signature};
use crate::object::bytes;
use crate::object::define::{GetSet, Method, Native, TypeDef, flag, getter, method};
use crate::object::exception::class;
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slots::Slots;
use crate::object::str_::PyStr;
use crate::object::type_::PyType;
use crate::object::{ids, int, protocol, str_};
use crate::text::wtf8::Wtf8Buf;
use crate::vm::outside::{self, Outside};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;
use std::sync::{Mutex, MutexGuard};

/// What kind of units a file has.
trait Unit: Copy + Default + Send + PartialEq + 'static {
    const ID: u32;
    const NAME: &'static str;
    const NEWLINE: Self;
    /// The units of an argument of `write`.
    fn of(ctx: &mut Ctx, value: &Obj) -> PyResult<Vec<Self>>;
    /// The object that shows units.
    fn show(ctx: &mut Ctx, units: &[Self]) -> PyResult;
}

impl Unit for u8 {
    const ID: u32 = ids::BYTES_IO;
    const NAME: &'static str = "BytesIO";
    const NEWLINE: u8 = b'\n';
    fn of(ctx: &mut Ctx, value: &Obj) -> PyResult<Vec<u8>> {
        super::binary::bytes_of(ctx, value)
    }
    fn show(ctx: &mut Ctx, units: &[u8]) -> PyResult {
        bytes::new(ctx, units)
    }
}

impl Unit for u32 {
    const ID: u32 = ids::STRING_IO;
    const NAME: &'static str = "StringIO";
    const NEWLINE: u32 = '\n' as u32;
    fn of(ctx: &mut Ctx, value: &Obj) -> PyResult<Vec<u32>> {
        match value.downcast::<PyStr>() {
            Some(text) => Ok(text.text().code_points().collect()),
            None => {
                let class = protocol::type_name(ctx, value);
                Err(raise!(
                    ctx,
                    TypeError,
                    "string argument expected, got '{class}'"
                ))
            }
        }
    }
    fn show(ctx: &mut Ctx, units: &[u32]) -> PyResult {
        let text: Wtf8Buf = units.iter().copied().collect();
        str_::from_buf(ctx, text)
    }
}

#[derive(Default)]
struct Contents<T> {
    units: Outside<Vec<T>>,
    at: usize,
    closed: bool,
}

/// The body of a file in memory.
struct Memory<T>(Mutex<Contents<T>>);

// SAFETY: units hold no references.
unsafe impl<T: Unit> Payload for Memory<T> {
    const ID: u32 = T::ID;
    const HEAP: HeapKind = HeapKind::Plain;
    const NAME: &'static str = T::NAME;
    fn trace(&self, _: &mut Tracer<'_>) {}
}

const fn definition<T: Unit>(
    name: &'static str,
    methods: &'static [Method],
    getset: &'static [GetSet],
) -> TypeDef {
    TypeDef {
        id: T::ID,
        name,
        base: ids::OBJECT,
        layout: T::ID,
        kind: &Body::<Memory<T>>::KIND,
        flags: flag::BASE,
        slots: Slots {
            new: Some(new::<T>),
            init: Some(init::<T>),
            iter: Some(itself::<T>),
            next: Some(next::<T>),
            ..Slots::NONE
        },
        methods,
        getset,
        doc: "",
    }
}

macro_rules! methods {
    ($unit:ty) => {
        &[
            method("read", Native::MN(0, 1, read::<$unit>)),
            method("read1", Native::MN(0, 1, read::<$unit>)),
            method("readline", Native::MN(0, 1, readline::<$unit>)),
            method("readlines", Native::MN(0, 1, readlines)),
            method("write", Native::M1(write::<$unit>)),
            method("writelines", Native::M1(writelines)),
            method("getvalue", Native::M0(getvalue::<$unit>)),
            method("seek", Native::MN(1, 2, seek::<$unit>)),
            method("tell", Native::M0(tell::<$unit>)),
            method("truncate", Native::MN(0, 1, truncate::<$unit>)),
            method("close", Native::M0(close::<$unit>)),
            method("flush", Native::M0(nothing::<$unit>)),
            method("isatty", Native::M0(no::<$unit>)),
            method("readable", Native::M0(yes::<$unit>)),
            method("writable", Native::M0(yes::<$unit>)),
            method("seekable", Native::M0(yes::<$unit>)),
            method("__enter__", Native::M0(itself::<$unit>)),
            method("__exit__", Native::MA(|ctx, f, _| close::<$unit>(ctx, f))),
        ]
    };
}

/// `io.StringIO`.
pub static STRING_IO: TypeDef = definition::<u32>(
    "_io.StringIO",
    methods!(u32),
    &[getter("closed", closed::<u32>)],
);
/// `io.BytesIO`.
pub static BYTES_IO: TypeDef = definition::<u8>(
    "_io.BytesIO",
    methods!(u8),
    &[getter("closed", closed::<u8>)],
);

fn lock<T: Unit>(file: &Obj) -> MutexGuard<'_, Contents<T>> {
    let body = &file.expect::<Memory<T>>().payload;
    body.0.lock().unwrap_or_else(|e| e.into_inner())
}

/// Raises if the file is closed.
fn check<T: Unit>(ctx: &mut Ctx, file: &Obj) -> PyResult<()> {
    if lock::<T>(file).closed {
        return Err(raise!(ctx, ValueError, "I/O operation on closed file"));
    }
    Ok(())
}

fn new<T: Unit>(ctx: &mut Ctx, class: &Obj, _: Args<'_>) -> PyResult {
    let body = Memory::<T>(Mutex::new(Contents::default()));
    payload::allocate(ctx, class.expect::<PyType>().id, body)
}

fn init<T: Unit>(ctx: &mut Ctx, file: &Obj, args: Args<'_>) -> PyResult<()> {
    let signature = Signature {
        name: T::NAME,
        params: &["initial_value", "newline"],
        posonly: 0,
        positional: 2,
        required: 0,
    };
    let [initial, _] = args.bind::<2>(ctx, &signature)?;
    let units = match initial.filter(|initial| !initial.is_none()) {
        Some(initial) => T::of(ctx, initial)?,
        None => Vec::new(),
    };
    *lock::<T>(file) = Contents {
        units: Outside::new(units),
        at: 0,
        closed: false,
    };
    Ok(())
}

/// The next units, up to `count`, and with `line` up to the end of the line.
fn take<T: Unit>(file: &Obj, count: Option<usize>, line: bool) -> Vec<T> {
    let mut contents = lock::<T>(file);
    let start = contents.at.min(contents.units.len());
    let rest = &contents.units[start..];
    let mut len = rest.len().min(count.unwrap_or(usize::MAX));
    if line && let Some(end) = rest[..len].iter().position(|unit| *unit == T::NEWLINE) {
        len = end + 1;
    }
    let taken = rest[..len].to_vec();
    contents.at = start.max(contents.at) + len;
    taken
}

fn read<T: Unit>(ctx: &mut Ctx, file: &Obj, args: &[Obj]) -> PyResult {
    let count = size(ctx, args)?;
    check::<T>(ctx, file)?;
    let units = take::<T>(file, count, false);
    T::show(ctx, &units)
}

fn readline<T: Unit>(ctx: &mut Ctx, file: &Obj, args: &[Obj]) -> PyResult {
    let count = size(ctx, args)?;
    check::<T>(ctx, file)?;
    let units = take::<T>(file, count, true);
    T::show(ctx, &units)
}

fn next<T: Unit>(ctx: &mut Ctx, file: &Obj) -> PyResult<Option<Obj>> {
    check::<T>(ctx, file)?;
    let units = take::<T>(file, None, true);
    if units.is_empty() {
        return Ok(None);
    }
    T::show(ctx, &units).map(Some)
}

fn write<T: Unit>(ctx: &mut Ctx, file: &Obj, value: &Obj) -> PyResult {
    let units = T::of(ctx, value)?;
    check::<T>(ctx, file)?;
    let count = units.len();
    if count > 0 {
        let wanted = {
            let contents = lock::<T>(file);
            let end = contents.at.saturating_add(count);
            let room = contents.units.capacity();
            // The next buffer, which may be twice as long.
            if end > room { end.max(room * 2) } else { 0 }
        };
        outside::room(ctx, wanted.saturating_mul(size_of::<T>()))?;
        let mut contents = lock::<T>(file);
        let at = contents.at;
        if contents.units.len() < at {
            contents.units.resize(at, T::default());
        }
        let end = contents.units.len().min(at + count);
        contents.units.splice(at..end, units);
        contents.units.count();
        contents.at = at + count;
    }
    int::from_usize(ctx, count)
}

fn getvalue<T: Unit>(ctx: &mut Ctx, file: &Obj) -> PyResult {
    check::<T>(ctx, file)?;
    let len = lock::<T>(file).units.len();
    outside::room(ctx, len.saturating_mul(size_of::<T>()))?;
    let units = lock::<T>(file).units.to_vec();
    T::show(ctx, &units)
}

fn seek<T: Unit>(ctx: &mut Ctx, file: &Obj, args: &[Obj]) -> PyResult {
    let offset = protocol::index_i64(ctx, &args[0], Some(class::OverflowError))?;
    let whence = match args.get(1) {
        Some(whence) => protocol::index_i64(ctx, whence, None)?,
        None => 0,
    };
    check::<T>(ctx, file)?;
    let (at, len) = {
        let contents = lock::<T>(file);
        (contents.at as i64, contents.units.len() as i64)
    };
    let to = match whence {
        0 if offset < 0 => {
            return Err(raise!(ctx, ValueError, "negative seek value {offset}"));
        }
        0 => offset,
        1 => at.saturating_add(offset),
        2 => len.saturating_add(offset),
        _ => {
            return Err(raise!(
                ctx,
                ValueError,
                "invalid whence ({whence}, should be 0, 1 or 2)"
            ));
        }
    };
    let to = to.max(0) as usize;
    lock::<T>(file).at = to;
    int::from_usize(ctx, to)
}

fn tell<T: Unit>(ctx: &mut Ctx, file: &Obj) -> PyResult {
    check::<T>(ctx, file)?;
    let at = lock::<T>(file).at;
    int::from_usize(ctx, at)
}

fn truncate<T: Unit>(ctx: &mut Ctx, file: &Obj, args: &[Obj]) -> PyResult {
    let wanted = size(ctx, args)?;
    check::<T>(ctx, file)?;
    let size = {
        let mut contents = lock::<T>(file);
        let size = wanted.unwrap_or(contents.at);
        contents.units.truncate(size);
        size
    };
    int::from_usize(ctx, size)
}

fn close<T: Unit>(_: &mut Ctx, file: &Obj) -> PyResult {
    let mut contents = lock::<T>(file);
    contents.closed = true;
    contents.units = Outside::default();
    Ok(Obj::NONE)
}

fn closed<T: Unit>(_: &mut Ctx, file: &Obj) -> PyResult {
    Ok(Obj::bool(lock::<T>(file).closed))
}

fn nothing<T: Unit>(ctx: &mut Ctx, file: &Obj) -> PyResult {
    check::<T>(ctx, file)?;
    Ok(Obj::NONE)
}

fn yes<T: Unit>(ctx: &mut Ctx, file: &Obj) -> PyResult {
    check::<T>(ctx, file)?;
    Ok(Obj::TRUE)
}

fn no<T: Unit>(ctx: &mut Ctx, file: &Obj) -> PyResult {
    check::<T>(ctx, file)?;
    Ok(Obj::FALSE)
}

fn itself<T: Unit>(ctx: &mut Ctx, file: &Obj) -> PyResult {
    check::<T>(ctx, file)?;
    Ok(file.clone())
}
