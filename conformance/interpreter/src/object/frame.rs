//! Frame objects: what a running or finished call looks like to `sys._getframe` and tracebacks.
//!
//! The frames themselves are windows of registers on the data stack. A frame object is a record of
//! one: its code, the unit that was running, its namespaces and the frame that called it.

use super::define::{Native, TypeDef, flag, getter, method};
use super::ids;
use super::obj::Obj;
use super::payload::{self, Body, Payload};
use super::slot::Slot;
use super::slots::Slots;
use crate::code::Code;
use crate::error::PyResult;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;
use std::sync::Arc;

/// The body of a frame object.
pub struct PyFrame {
    /// The code.
    pub code: Arc<Code>,
    /// The unit that is or was running.
    pub unit: u32,
    globals: Slot,
    locals: Slot,
    back: Slot,
}

// SAFETY: `trace` reports the slots; code refers to no objects.
unsafe impl Payload for PyFrame {
    const ID: u32 = ids::FRAME;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "frame";
    fn trace(&self, tracer: &mut Tracer<'_>) {
        for slot in [&self.globals, &self.locals, &self.back] {
            slot.trace(tracer);
        }
    }
}

/// `types.FrameType`.
pub static FRAME: TypeDef = TypeDef {
    id: ids::FRAME,
    name: "frame",
    base: ids::OBJECT,
    layout: ids::FRAME,
    kind: &Body::<PyFrame>::KIND,
    flags: flag::IMMUTABLE | flag::NO_NEW,
    slots: Slots {
        repr: Some(repr),
        ..Slots::NONE
    },
    methods: &[method("clear", Native::M0(|_, _| Ok(Obj::NONE)))],
    getset: &[
        getter("f_lineno", |_, f| {
            let body = f.expect::<PyFrame>();
            let line = body.code.positions.at(body.unit).line;
            Ok(Obj::small_int(i64::from(line)))
        }),
        getter("f_lasti", |_, f| {
            Ok(Obj::small_int(i64::from(f.expect::<PyFrame>().unit) * 4))
        }),
        getter("f_code", |ctx, f| {
            super::code::new(ctx, &f.expect::<PyFrame>().code)
        }),
        getter("f_globals", |ctx, f| field(ctx, f, |b| &b.globals)),
        getter("f_locals", |ctx, f| field(ctx, f, |b| &b.locals)),
        getter("f_back", |ctx, f| field(ctx, f, |b| &b.back)),
        getter("f_trace", |_, _| Ok(Obj::NONE)),
        getter("f_builtins", |ctx, _| {
            let builtins = crate::vm::thread::rt(ctx).builtins.get();
            Ok(builtins.cloned().unwrap_or(Obj::NONE))
        }),
    ],
    doc: "",
};

fn field(ctx: &mut Ctx, frame: &Obj, slot: fn(&PyFrame) -> &Slot) -> PyResult {
    let body = frame.expect::<PyFrame>();
    Ok(slot(&body.payload)
        .get(ctx, &body.header)
        .unwrap_or(Obj::NONE))
}

fn repr(ctx: &mut Ctx, frame: &Obj) -> PyResult {
    let body = frame.expect::<PyFrame>();
    let text = format!(
        "<frame at {:#x}, file '{}', line {}, code {}>",
        super::protocol::address(frame),
        body.code.filename,
        body.code.positions.at(body.unit).line,
        body.code.name
    );
    super::str_::new(ctx, &text)
}

/// A frame object with its globals, locals and the frame that called it.
pub fn new(
    ctx: &mut Ctx,
    code: Arc<Code>,
    unit: u32,
    [globals, locals, back]: [Option<Obj>; 3],
) -> PyResult {
    payload::new(
        ctx,
        PyFrame {
            code,
            unit,
            globals: Slot::from_option(globals),
            locals: Slot::from_option(locals),
            back: Slot::from_option(back),
        },
    )
}

/// The code of a frame object.
pub fn code_of(frame: &Obj) -> Option<Arc<Code>> {
    frame.downcast::<PyFrame>().map(|body| body.code.clone())
}
