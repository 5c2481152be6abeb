//! `BufferedRWPair`: a stream that reads from one and writes to another.

use super::base::{call, finalize, finish_with, is_closed, says};
use super::{DEFAULT_BUFFER_SIZE, buffered, raise_unsupported};
use crate::error::{PyResult, raise};
use crate::module::support::slot_payload;
use crate::object::args::Args;
use crate::object::define::{Native, TypeDef, flag, getter, method};
use crate::object::ids::{self, tailed};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body};
use crate::object::protocol;
use crate::object::slot::Slot;
use crate::object::slots::Slots;
use crate::object::type_::PyType;
use kit_core::thread::Ctx;

/// The body of a pair.
pub struct PyPair {
    reader: Slot,
    writer: Slot,
}

slot_payload!(PyPair, ids::RW_PAIR, "pair of streams", reader, writer);

macro_rules! passed_on {
    ($side:ident: $($name:literal $min:literal $max:literal),*) => {
        [$(method($name, Native::MN($min, $max, |ctx, x, args| {
            let stream = $side(ctx, x)?;
            call(ctx, &stream, $name, args)
        }))),*]
    };
}

const FROM_READER: [crate::object::define::Method; 6] = passed_on!(reader: "read" 0 1, "peek" 0 1, "read1" 0 1, "readinto" 1 1, "readinto1" 1 1, "readable" 0 0);
const FROM_WRITER: [crate::object::define::Method; 3] =
    passed_on!(writer: "write" 1 1, "flush" 0 0, "writable" 0 0);

/// `_io.BufferedRWPair`.
pub static BUFFERED_RW_PAIR: TypeDef = TypeDef {
    id: tailed::BUFFERED_RW_PAIR,
    name: "_io.BufferedRWPair",
    base: tailed::BUFFERED_IO_BASE,
    layout: ids::RW_PAIR,
    kind: &Body::<PyPair>::KIND,
    flags: flag::BASE | flag::DICT | flag::WEAKREF,
    slots: Slots {
        new: Some(new),
        init: Some(init),
        finalize: Some(finalize),
        ..Slots::NONE
    },
    methods: &{
        let [a, b, c, d, e, f] = FROM_READER;
        let [g, h, i] = FROM_WRITER;
        [
            a,
            b,
            c,
            d,
            e,
            f,
            g,
            h,
            i,
            method("close", Native::M0(close)),
            method("isatty", Native::M0(isatty)),
        ]
    },
    getset: &[getter("closed", |ctx, x| {
        let body = x.expect::<PyPair>();
        match body.writer.get(ctx, &body.header) {
            Some(writer) => is_closed(ctx, &writer).map(Obj::bool),
            None => Err(raise!(
                ctx,
                RuntimeError,
                "the BufferedRWPair object is being garbage-collected"
            )),
        }
    })],
    doc: "A buffered reader and writer object together.\n\nA buffered reader object and buffered writer object put together to form\na sequential IO object that can read and write. This is typically used\nwith a socket or two-way pipe.",
};

fn side(ctx: &mut Ctx, x: &Obj, slot: fn(&PyPair) -> &Slot) -> PyResult {
    let body = x.expect::<PyPair>();
    match slot(body).get(ctx, &body.header) {
        Some(stream) => Ok(stream),
        None => Err(raise!(
            ctx,
            ValueError,
            "I/O operation on uninitialized object"
        )),
    }
}

fn reader(ctx: &mut Ctx, x: &Obj) -> PyResult {
    side(ctx, x, |pair| &pair.reader)
}

fn writer(ctx: &mut Ctx, x: &Obj) -> PyResult {
    side(ctx, x, |pair| &pair.writer)
}

fn new(ctx: &mut Ctx, class: &Obj, _: Args<'_>) -> PyResult {
    let body = PyPair {
        reader: Slot::empty(),
        writer: Slot::empty(),
    };
    payload::allocate(ctx, class.expect::<PyType>().id, body)
}

fn init(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult<()> {
    args.check(ctx, "BufferedRWPair", 2, 3)?;
    let size = match args.pos.get(2) {
        Some(size) => protocol::c_ssize(ctx, size)?,
        None => DEFAULT_BUFFER_SIZE as i64,
    };
    let (from, to) = (&args.pos[0], &args.pos[1]);
    for (stream, name) in [(from, "readable"), (to, "writable")] {
        if !says(ctx, stream, name)? {
            return Err(raise_unsupported(
                ctx,
                &format!("File or stream is not {name}."),
            ));
        }
    }
    let Some(size) = usize::try_from(size).ok().filter(|size| *size > 0) else {
        return Err(raise!(
            ctx,
            ValueError,
            "buffer size must be strictly positive"
        ));
    };
    let reader = buffered::make(ctx, tailed::BUFFERED_READER, from, size)?;
    let writer = buffered::make(ctx, tailed::BUFFERED_WRITER, to, size)?;
    let body = x.expect::<PyPair>();
    body.reader.set(ctx, &body.header, Some(reader));
    body.writer.set(ctx, &body.header, Some(writer));
    Ok(())
}

fn close(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let closed = writer(ctx, x).and_then(|writer| call(ctx, &writer, "close", &[]));
    finish_with(ctx, closed, |ctx| {
        let reader = reader(ctx, x)?;
        call(ctx, &reader, "close", &[])
    })
}

fn isatty(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let writer = writer(ctx, x)?;
    if says(ctx, &writer, "isatty")? {
        return Ok(Obj::TRUE);
    }
    let reader = reader(ctx, x)?;
    call(ctx, &reader, "isatty", &[])
}
