//! `StringIO`: text in memory, as code points behind the object's lock.

use super::base::{call, signed_size, size};
use super::bytes::{add_attributes, attributes};
use super::newline::{Ends, Newline};
use crate::error::{PyResult, raise};
use crate::object::args::{Args, Signature};
use crate::object::define::{Native, TypeDef, flag, getter, method};
use crate::object::ids::{self, tailed};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slot::{Guard, Locked};
use crate::object::slots::Slots;
use crate::object::str_::PyStr;
use crate::object::tuple::PyTuple;
use crate::object::type_::{PyType, type_id_of};
use crate::object::{int, protocol, str_, tuple};
use crate::text::wtf8::Wtf8Buf;
use crate::vm::outside::{self, Outside};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

struct State {
    points: Outside<Vec<u32>>,
    at: usize,
    /// It was initialised.
    ready: bool,
    closed: bool,
    newline: Newline,
    ends: Ends,
}

/// The body of a `StringIO`.
pub struct PyStringIo(Locked<State>);

// SAFETY: it holds no references.
unsafe impl Payload for PyStringIo {
    const ID: u32 = ids::STRING_IO;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "StringIO";
    fn trace(&self, _: &mut Tracer<'_>) {}
}

/// `_io.StringIO`.
pub static STRING_IO: TypeDef = TypeDef {
    id: tailed::STRING_IO,
    name: "_io.StringIO",
    base: tailed::TEXT_IO_BASE,
    layout: ids::STRING_IO,
    kind: &Body::<PyStringIo>::KIND,
    flags: flag::BASE | flag::DICT | flag::WEAKREF,
    slots: Slots {
        new: Some(new),
        init: Some(init),
        next: Some(next),
        ..Slots::NONE
    },
    methods: &[
        method("close", Native::M0(close)),
        method("getvalue", Native::M0(getvalue)),
        method("read", Native::MN(0, 1, read)),
        method("readline", Native::MN(0, 1, readline)),
        method(
            "tell",
            Native::M0(|ctx, x| {
                check(ctx, x)?;
                let at = lock(ctx, x).at;
                int::from_usize(ctx, at)
            }),
        ),
        method("truncate", Native::MN(0, 1, truncate)),
        method("seek", Native::MN(1, 2, seek)),
        method("write", Native::M1(write)),
        method("seekable", Native::M0(yes)),
        method("readable", Native::M0(yes)),
        method("writable", Native::M0(yes)),
        method("__getstate__", Native::M0(getstate)),
        method("__setstate__", Native::M1(setstate)),
    ],
    getset: &[
        getter("closed", |ctx, x| {
            check_ready(ctx, x)?;
            Ok(Obj::bool(lock(ctx, x).closed))
        }),
        getter("newlines", |ctx, x| {
            check(ctx, x)?;
            let (newline, ends) = {
                let state = lock(ctx, x);
                (state.newline, state.ends)
            };
            if newline.is_universal() {
                ends.newlines(ctx)
            } else {
                Ok(Obj::NONE)
            }
        }),
        getter("line_buffering", |ctx, x| {
            check(ctx, x)?;
            Ok(Obj::FALSE)
        }),
    ],
    doc: "Text I/O implementation using an in-memory buffer.\n\nThe initial_value argument sets the value of object.  The newline\nargument is like the one of TextIOWrapper's constructor.",
};

fn lock<'a>(ctx: &'a Ctx, x: &'a Obj) -> Guard<'a, State> {
    let body = x.expect::<PyStringIo>();
    // SAFETY: the field is the object's, and nobody here locks twice.
    unsafe { body.payload.0.lock(ctx, &body.header) }
}

fn check_ready(ctx: &mut Ctx, x: &Obj) -> PyResult<()> {
    if !lock(ctx, x).ready {
        return Err(raise!(
            ctx,
            ValueError,
            "I/O operation on uninitialized object"
        ));
    }
    Ok(())
}

fn check(ctx: &mut Ctx, x: &Obj) -> PyResult<()> {
    check_ready(ctx, x)?;
    if lock(ctx, x).closed {
        return Err(raise!(ctx, ValueError, "I/O operation on closed file"));
    }
    Ok(())
}

fn new(ctx: &mut Ctx, class: &Obj, _: Args<'_>) -> PyResult {
    let state = State {
        points: Outside::default(),
        at: 0,
        ready: false,
        closed: false,
        newline: Newline::Lf,
        ends: Ends::default(),
    };
    let body = PyStringIo(Locked::new(state));
    payload::allocate(ctx, class.expect::<PyType>().id, body)
}

fn init(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult<()> {
    static SIGNATURE: Signature = Signature {
        name: "StringIO",
        params: &["initial_value", "newline"],
        posonly: 0,
        positional: 2,
        required: 0,
    };
    let [initial, newline] = args.bind(ctx, &SIGNATURE)?;
    let newline = match newline {
        None => Newline::Lf,
        given => Newline::from_argument(ctx, given, true)?,
    };
    let initial = initial.filter(|initial| !initial.is_none());
    if let Some(initial) = initial
        && initial.downcast::<PyStr>().is_none()
    {
        let class = protocol::type_name(ctx, initial);
        return Err(raise!(
            ctx,
            TypeError,
            "initial_value must be str or None, not {class}"
        ));
    }
    start(ctx, x, newline);
    if let Some(initial) = initial {
        put(ctx, x, initial)?;
    }
    lock(ctx, x).at = 0;
    Ok(())
}

fn start(ctx: &mut Ctx, x: &Obj, newline: Newline) {
    let old = {
        let mut state = lock(ctx, x);
        state.at = 0;
        state.ready = true;
        state.closed = false;
        state.newline = newline;
        state.ends = Ends::default();
        std::mem::take(&mut state.points)
    };
    drop(old);
}

/// Writes a str at the place.
fn put(ctx: &mut Ctx, x: &Obj, text: &Obj) -> PyResult<()> {
    let text = text.expect::<PyStr>();
    let wanted = {
        let state = lock(ctx, x);
        let end = state.at.saturating_add(text.char_count());
        let room = state.points.capacity();
        // The next buffer, which may be twice as long.
        if end > room { end.max(room * 2) } else { 0 }
    };
    outside::room(ctx, wanted.saturating_mul(size_of::<u32>()))?;
    let mut state = lock(ctx, x);
    let newline = state.newline;
    let mut changed = None;
    if newline.is_universal() && memchr::memchr2(b'\r', b'\n', text.bytes()).is_some() {
        let translate = newline == Newline::Universal;
        changed = Some(state.ends.pass(text.text().to_buf(), translate, true));
    }
    if let Some(written) = newline.to_written(changed.as_deref().unwrap_or(text.text())) {
        changed = Some(written);
    }
    let new = changed.as_deref().unwrap_or(text.text());
    let at = state.at;
    if state.points.len() < at {
        state.points.resize(at, 0);
    }
    let ascii = text.is_ascii();
    if at == state.points.len() {
        if ascii {
            let bytes = new.as_bytes().iter();
            state.points.extend(bytes.map(|byte| u32::from(*byte)));
        } else {
            state.points.extend(new.code_points());
        }
        state.at = state.points.len();
    } else {
        let count = new.char_count();
        let end = state.points.len().min(at + count);
        state.points.splice(at..end, new.code_points());
        state.at = at + count;
    }
    state.points.count();
    Ok(())
}

fn write(ctx: &mut Ctx, x: &Obj, text: &Obj) -> PyResult {
    check_ready(ctx, x)?;
    let Some(body) = text.downcast::<PyStr>() else {
        let class = protocol::type_name(ctx, text);
        return Err(raise!(
            ctx,
            TypeError,
            "string argument expected, got '{class}'"
        ));
    };
    check(ctx, x)?;
    let count = body.char_count();
    if count > 0 {
        put(ctx, x, text)?;
    }
    int::from_usize(ctx, count)
}

fn show(ctx: &mut Ctx, points: &[u32]) -> PyResult {
    let text: Wtf8Buf = points.iter().copied().collect();
    str_::from_buf(ctx, text)
}

/// How many code points are a line with its end.
fn end_of_line(newline: Newline, points: &[u32]) -> Option<usize> {
    const LF: u32 = '\n' as u32;
    const CR: u32 = '\r' as u32;
    let find = |wanted: u32| points.iter().position(|point| *point == wanted);
    match newline {
        Newline::Universal | Newline::Lf => find(LF).map(|at| at + 1),
        Newline::Cr => find(CR).map(|at| at + 1),
        Newline::CrLf => points
            .windows(2)
            .position(|pair| pair == [CR, LF])
            .map(|at| at + 2),
        Newline::Keep => points
            .iter()
            .position(|point| matches!(*point, LF | CR))
            .map(|at| {
                at + if points[at..].starts_with(&[CR, LF]) {
                    2
                } else {
                    1
                }
            }),
    }
}

/// The next code points, up to `count`, and with `line` up to the end of the line.
fn take(ctx: &mut Ctx, x: &Obj, count: Option<usize>, line: bool) -> Vec<u32> {
    let mut state = lock(ctx, x);
    let start = state.at.min(state.points.len());
    let rest = &state.points[start..];
    let mut len = rest.len();
    if line && let Some(end) = end_of_line(state.newline, rest) {
        len = end;
    }
    len = len.min(count.unwrap_or(usize::MAX));
    let taken = rest[..len].to_vec();
    if len > 0 {
        state.at = start + len;
    }
    taken
}

fn read(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    check_ready(ctx, x)?;
    let count = size(ctx, args)?;
    check(ctx, x)?;
    let taken = take(ctx, x, count, false);
    show(ctx, &taken)
}

fn readline(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    check_ready(ctx, x)?;
    let count = size(ctx, args)?;
    check(ctx, x)?;
    let taken = take(ctx, x, count, true);
    show(ctx, &taken)
}

fn next(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<Obj>> {
    check(ctx, x)?;
    if type_id_of(x) != tailed::STRING_IO {
        let line = call(ctx, x, "readline", &[])?;
        if line.downcast::<PyStr>().is_none() {
            let class = protocol::type_name(ctx, &line);
            return Err(raise!(
                ctx,
                OSError,
                "readline() should have returned a str object, not '{class}'"
            ));
        }
        return Ok((protocol::len(ctx, &line)? > 0).then_some(line));
    }
    let taken = take(ctx, x, None, true);
    if taken.is_empty() {
        return Ok(None);
    }
    show(ctx, &taken).map(Some)
}

fn getvalue(ctx: &mut Ctx, x: &Obj) -> PyResult {
    check(ctx, x)?;
    let len = lock(ctx, x).points.len();
    outside::room(ctx, len.saturating_mul(size_of::<u32>()))?;
    let text: Wtf8Buf = lock(ctx, x).points.iter().copied().collect();
    str_::from_buf(ctx, text)
}

fn seek(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    check_ready(ctx, x)?;
    let offset = protocol::c_ssize(ctx, &args[0])?;
    let whence = match args.get(1) {
        Some(whence) => protocol::index_i64(ctx, whence, None)?,
        None => 0,
    };
    check(ctx, x)?;
    if !(0..=2).contains(&whence) {
        return Err(raise!(
            ctx,
            ValueError,
            "Invalid whence ({whence}, should be 0, 1 or 2)"
        ));
    }
    if whence == 0 && offset < 0 {
        return Err(raise!(ctx, ValueError, "Negative seek position {offset}"));
    }
    if whence != 0 && offset != 0 {
        return Err(raise!(ctx, OSError, "Can't do nonzero cur-relative seeks"));
    }
    let to = {
        let mut state = lock(ctx, x);
        state.at = match whence {
            0 => offset as usize,
            1 => state.at,
            _ => state.points.len(),
        };
        state.at
    };
    int::from_usize(ctx, to)
}

fn truncate(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    check(ctx, x)?;
    let size = match args.first().filter(|size| !size.is_none()) {
        Some(_) => signed_size(ctx, args)?,
        None => lock(ctx, x).at as i64,
    };
    let Ok(size) = usize::try_from(size) else {
        return Err(raise!(ctx, ValueError, "Negative size value {size}"));
    };
    check(ctx, x)?;
    lock(ctx, x).points.truncate(size);
    int::from_usize(ctx, size)
}

fn close(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let old = {
        let mut state = lock(ctx, x);
        state.closed = true;
        std::mem::take(&mut state.points)
    };
    drop(old);
    Ok(Obj::NONE)
}

fn yes(ctx: &mut Ctx, x: &Obj) -> PyResult {
    check(ctx, x)?;
    Ok(Obj::TRUE)
}

fn getstate(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let value = getvalue(ctx, x)?;
    let (newline, at) = {
        let state = lock(ctx, x);
        (state.newline, state.at)
    };
    let newline = match newline.text() {
        Some(text) => str_::new(ctx, text)?,
        None => Obj::NONE,
    };
    let at = int::from_usize(ctx, at)?;
    let attributes = attributes(ctx, x)?;
    tuple::from_vec(ctx, vec![value, newline, at, attributes])
}

fn setstate(ctx: &mut Ctx, x: &Obj, given: &Obj) -> PyResult {
    if lock(ctx, x).closed {
        return Err(raise!(ctx, ValueError, "I/O operation on closed file"));
    }
    let items = match given.downcast::<PyTuple>().map(|state| state.items()) {
        Some(items) if items.len() >= 4 => items,
        _ => {
            let (class, given) = (protocol::type_name(ctx, x), protocol::type_name(ctx, given));
            return Err(raise!(
                ctx,
                TypeError,
                "{class}.__setstate__ argument should be 4-tuple, got {given}"
            ));
        }
    };
    let value = str_::expect_text(ctx, &items[0], "initial_value")?;
    let points: Vec<u32> = value.code_points().collect();
    let newline = Newline::from_argument(ctx, Some(&items[1]), true)?;
    if int::view(&items[2]).is_none() {
        let class = protocol::type_name(ctx, &items[2]);
        return Err(raise!(
            ctx,
            TypeError,
            "third item of state must be an integer, got {class}"
        ));
    }
    let at = protocol::c_ssize(ctx, &items[2])?;
    let Ok(at) = usize::try_from(at) else {
        return Err(raise!(ctx, ValueError, "position value cannot be negative"));
    };
    start(ctx, x, newline);
    {
        let mut state = lock(ctx, x);
        state.points = Outside::new(points);
        state.at = at;
    }
    add_attributes(ctx, x, &items[3], "fourth")?;
    Ok(Obj::NONE)
}
