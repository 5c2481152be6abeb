//! Tracebacks: where an exception passed on its way, outermost call first.
//!
//! Each function that an exception leaves puts an entry in front of the chain: its frame object, which keeps the local
//! variables, and the unit that was running. Line numbers are computed when somebody asks.

use super::define::{GetSet, Native, TypeDef, flag, getter, member, method};
use super::exception::{self, PyException, class};
use super::frame::PyFrame;
use super::ids;
use super::obj::Obj;
use super::payload::{self, Body, Payload};
use super::slot::Slot;
use super::slots::Slots;
use super::{args::Args, code_places, list, protocol, str_};
use crate::code::{Code, Position};
use crate::error::{PyResult, raise};
use crate::prelude::*;
use alloc::sync::Arc;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

/// The body of a traceback.
pub struct PyTraceback {
    /// The next entry.
    pub next: Slot,
    /// The frame object.
    pub frame: Obj,
    /// `self`, of a method that looked up a name or an attribute in vain.
    receiver: Slot,
    /// Where the code was, as `tb_lasti` says.
    lasti: i32,
    /// The line, where it was given instead of found.
    line: Option<u32>,
}

// SAFETY: `trace` reports the slots; code refers to no objects.
unsafe impl Payload for PyTraceback {
    const ID: u32 = ids::TRACEBACK;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "traceback";
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.next.trace(tracer);
        self.receiver.trace(tracer);
        tracer.word(self.frame.word());
    }

    fn clear(&self, ctx: &mut Ctx) {
        drop(self.next.replace_locked(ctx, None));
        drop(self.receiver.replace_locked(ctx, None));
    }
}

impl Body<PyTraceback> {
    /// The next entry, of the function that was called.
    pub fn next(&self, ctx: &Ctx) -> Option<Obj> {
        self.next.get(ctx, &self.header)
    }

    /// The code that was running.
    pub fn code(&self) -> &Arc<Code> {
        &self.frame.expect::<PyFrame>().payload.code().code
    }

    /// The global variables of the code.
    pub fn globals(&self) -> Obj {
        self.frame.expect::<PyFrame>().function().globals.to_obj()
    }

    /// `self`, of a method that looked up a name or an attribute in vain.
    pub fn receiver(&self, ctx: &Ctx) -> Option<Obj> {
        self.receiver.get(ctx, &self.header)
    }

    /// The frame.
    pub fn frame(&self) -> &Body<PyFrame> {
        self.frame.expect::<PyFrame>()
    }

    /// Where the code was, as `tb_lasti` says.
    pub fn offset(&self) -> i64 {
        self.lasti.into()
    }

    /// Where in the source.
    pub fn position(&self) -> Position {
        let found = self
            .code()
            .positions
            .at(code_places::unit_at(self.lasti.into()));
        match self.line {
            Some(line) if line != found.line => Position {
                line,
                ..Position::default()
            },
            _ => found,
        }
    }
}

/// `types.TracebackType`.
pub static TRACEBACK: TypeDef = TypeDef {
    id: ids::TRACEBACK,
    name: "traceback",
    base: ids::OBJECT,
    layout: ids::TRACEBACK,
    kind: &Body::<PyTraceback>::KIND,
    flags: flag::IMMUTABLE,
    slots: Slots {
        new: Some(new),
        ..Slots::NONE
    },
    methods: &[method("__dir__", Native::M0(dir))],
    getset: &[
        GetSet {
            name: "tb_next",
            get: |ctx, t| Ok(t.expect::<PyTraceback>().next(ctx).unwrap_or(Obj::NONE)),
            set: Some(set_next),
            member: false,
        },
        member("tb_frame", |_, t| {
            Ok(t.expect::<PyTraceback>().frame.clone())
        }),
        member("tb_lasti", |_, t| {
            Ok(Obj::small_int(t.expect::<PyTraceback>().lasti.into()))
        }),
        getter("tb_lineno", |_, t| {
            let position = t.expect::<PyTraceback>().position();
            Ok(match position.is_nowhere() {
                true => Obj::NONE,
                false => Obj::small_int(position.line.into()),
            })
        }),
    ],
    doc: "TracebackType(tb_next, tb_frame, tb_lasti, tb_lineno)\n--\n\nCreate a new traceback object.",
};

/// Puts an entry in front of the traceback of `exception`: it is leaving the frame of `frame`, a frame object, at `unit`.
/// Without memory the entry is left out. `receiver` is a method's `self`, which is kept if it may help to explain the error.
pub fn add(ctx: &mut Ctx, exception: &Obj, frame: Obj, unit: u32, receiver: Option<&Obj>) {
    let Some(body) = exception.downcast::<PyException>() else {
        return;
    };
    let next = body.traceback.get(ctx, &body.header);
    let explains = next.is_none()
        && receiver.is_some()
        && (exception::is_instance(ctx, exception, class::NameError)
            || exception::is_instance(ctx, exception, class::AttributeError));
    let entry = PyTraceback {
        next: Slot::from_option(next),
        frame,
        receiver: Slot::from_option(receiver.filter(|_| explains).cloned()),
        lasti: code_places::offset(unit) as i32,
        line: None,
    };
    match payload::new(ctx, entry) {
        Ok(entry) => body.traceback.set(ctx, &body.header, Some(entry)),
        Err(raised) => {
            exception::take(ctx, raised);
        }
    }
}

/// The entries of a traceback, outermost first.
pub fn entries(ctx: &Ctx, traceback: Option<Obj>) -> Vec<Obj> {
    let mut entries = Vec::new();
    let mut link = traceback;
    while let Some(entry) = link {
        let Some(body) = entry.downcast::<PyTraceback>() else {
            break;
        };
        link = body.next(ctx);
        entries.push(entry);
    }
    entries
}

fn set_next(ctx: &mut Ctx, traceback: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let body = traceback.expect::<PyTraceback>();
    let next = match value {
        None => return Err(raise!(ctx, TypeError, "can't delete tb_next attribute")),
        Some(value) if !(value.is_none() || value.downcast::<PyTraceback>().is_some()) => {
            let class = protocol::type_name(ctx, value);
            return Err(raise!(
                ctx,
                TypeError,
                "expected traceback object, got '{class}'"
            ));
        }
        Some(value) => next_of(ctx, value)?,
    };
    let mut link = next.clone();
    while let Some(entry) = link {
        if entry.is(traceback) {
            return Err(raise!(ctx, ValueError, "traceback loop detected"));
        }
        link = entry.expect::<PyTraceback>().next(ctx);
    }
    body.next.set(ctx, &body.header, next);
    Ok(())
}

fn next_of(ctx: &mut Ctx, value: &Obj) -> PyResult<Option<Obj>> {
    if value.is_none() {
        return Ok(None);
    }
    if value.downcast::<PyTraceback>().is_none() {
        let class = protocol::type_name(ctx, value);
        return Err(raise!(
            ctx,
            TypeError,
            "expected traceback object or None, got '{class}'"
        ));
    }
    Ok(Some(value.clone()))
}

fn new(ctx: &mut Ctx, _: &Obj, args: Args<'_>) -> PyResult {
    let signature = super::args::Signature {
        name: "traceback",
        params: &["tb_next", "tb_frame", "tb_lasti", "tb_lineno"],
        posonly: 0,
        positional: 4,
        required: 4,
    };
    let [Some(next), Some(frame), Some(lasti), Some(line)] = args.bind::<4>(ctx, &signature)?
    else {
        return Err(raise!(ctx, TypeError, "TracebackType() takes 4 arguments"));
    };
    let next = next_of(ctx, next)?;
    if frame.downcast::<PyFrame>().is_none() {
        let class = str_::argument_type(ctx, frame);
        return Err(raise!(
            ctx,
            TypeError,
            "traceback() argument 'tb_frame' must be frame, not {class}"
        ));
    }
    let lasti = protocol::index_i64(ctx, lasti, None)?;
    let line = protocol::index_i64(ctx, line, None)?;
    payload::new(
        ctx,
        PyTraceback {
            next: Slot::from_option(next),
            frame: frame.clone(),
            receiver: Slot::empty(),
            lasti: i32::try_from(lasti).unwrap_or(0),
            line: u32::try_from(line).ok(),
        },
    )
}

fn dir(ctx: &mut Ctx, _: &Obj) -> PyResult {
    let mut names = Vec::new();
    for name in ["tb_frame", "tb_next", "tb_lasti", "tb_lineno"] {
        names.push(str_::new(ctx, name)?);
    }
    list::from_vec(ctx, names)
}
