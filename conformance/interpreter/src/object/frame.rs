//! Frame objects: what a running or finished call looks like to `sys._getframe`, tracebacks and generators.
//!
//! The frames themselves are windows of registers on the data stack. Who looks at one gets the one object it has, made then
//! ([`crate::vm::observe`], which also reaches the registers, wherever they are). The object keeps the code and the
//! function from the beginning, so what they say (`f_code`, `f_globals`, `f_builtins`) needs no frame. Room for the
//! locals is behind the body from the beginning too: that leaving the frame moves them there cannot fail.
//!
//! | the frame is             | the collector sees                                                  |
//! |--------------------------|---------------------------------------------------------------------|
//! | on a stack, in a generator | what the object itself keeps; the registers are the stack's, the generator's |
//! | left                     | the locals as well, counted or deferred, as the frame held them     |

use super::code::PyCode;
use super::define::{GetSet, Native, TypeDef, flag, getter, method};
use super::function::PyFunction;
use super::obj::Obj;
use super::payload::{Body, Payload, body_size};
use super::slot::{Guard, Locked, Slot};
use super::slots::Slots;
use super::{code_places, frame_locals, ids, protocol, str_};
use crate::code::flags;
use crate::error::{PyResult, raise};
use crate::prelude::*;
use crate::vm::monitor::{jump, trace};
use crate::vm::observe;
use crate::vm::thread::py;
use core::ptr;
use core::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use kit_core::backend::heap::HeapKind;
use kit_core::frame::object::{Place, State};
use kit_core::object::{Header, Tracer, Word};
use kit_core::refcount::stack_ref::StackRef;
use kit_core::thread::Ctx;

/// The body of a frame object; room for the locals follows it.
#[repr(C)]
pub struct PyFrame {
    /// Where the registers are.
    pub place: Place,
    /// The code, kept without a count.
    code: Word,
    /// The function: without a count if it defers.
    function: Word,
    /// The mapping in which the code keeps its names, where that is not the globals.
    namespace: Slot,
    /// `f_back`, of a frame that was left.
    pub back: Slot,
    /// `f_trace`.
    trace: Slot,
    /// What was assigned through `f_locals` to names the code does not have: a dict.
    pub extra: Slot,
    overwritten: Locked<Overwritten>,
    /// Where the frame was when it was left.
    unit: AtomicU32,
    trace_lines: AtomicBool,
    trace_opcodes: AtomicBool,
    /// How many words follow: the code may be gone before the object is.
    count: u32,
    words: [Word; 0],
}

/// Values of locals that were replaced through `f_locals`. They stay as long as the object: calls may have borrowed them.
#[derive(Default)]
pub struct Overwritten {
    /// As they were in registers, while the frame is on its stack.
    pub lent: Vec<StackRef>,
    /// The others.
    pub kept: Vec<Obj>,
}

// SAFETY: `place` says who may touch the words and what was overwritten: one thread at a time.
unsafe impl Send for PyFrame {}
// SAFETY: as above.
unsafe impl Sync for PyFrame {}

// SAFETY: `trace` reports what the object keeps: the words are null until they are its own.
unsafe impl Payload for PyFrame {
    const ID: u32 = ids::FRAME;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "frame";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.word(self.code);
        tracer.word(self.function);
        for slot in [&self.namespace, &self.back, &self.trace, &self.extra] {
            slot.trace(tracer);
        }
        // SAFETY: the world is stopped, or nobody else has the object.
        unsafe {
            let overwritten = self.overwritten.get();
            for old in &overwritten.lent {
                tracer.word(old.word());
            }
            for old in &overwritten.kept {
                tracer.word(old.word());
            }
            for index in 0..self.count() {
                tracer.word(*self.words().add(index));
            }
        }
    }

    fn clear(&self, ctx: &mut Ctx) {
        for slot in [&self.namespace, &self.back, &self.trace, &self.extra] {
            drop(slot.replace_locked(ctx, None));
        }
        if self.place.state() == State::Owned {
            // SAFETY: garbage, which only the collector uses.
            unsafe {
                drop(core::mem::take(&mut self.overwritten.get_mut().kept));
                for index in 0..self.count() {
                    let word = self.words().add(index).replace(Word::NULL);
                    drop(Obj::from_nullable(word));
                }
            }
        }
    }
}

impl Drop for PyFrame {
    fn drop(&mut self) {
        // SAFETY: nobody can reach the object any more; what it owns is dropped once. A frame that still runs keeps a
        // reference to its object, so the words are the object's own, or null.
        unsafe {
            for index in 0..self.count() {
                drop(Obj::from_nullable(*self.words().add(index)));
            }
            drop(Obj::from_nullable(self.function));
        }
    }
}

impl PyFrame {
    /// The code.
    pub fn code(&self) -> &Body<PyCode> {
        // SAFETY: the collector follows the reference, so the code lives as long as the object.
        unsafe { &*self.code.as_object().cast::<Body<PyCode>>() }
    }

    /// The function.
    pub fn function(&self) -> &Body<PyFunction> {
        // SAFETY: kept by the object.
        unsafe { &*self.function.as_object().cast::<Body<PyFunction>>() }
    }

    fn count(&self) -> usize {
        self.count as usize
    }

    /// The object's own room for the locals: null until the frame is left.
    pub fn words(&self) -> *mut Word {
        ptr::with_exposed_provenance_mut(self.words.as_ptr().addr())
    }

    /// What the object keeps besides locals, with names, for a report.
    pub fn fields(&self) -> [(&'static str, Word); 6] {
        [
            ("f_code", self.code),
            ("function", self.function),
            ("f_locals", self.namespace.peek()),
            ("f_back", self.back.peek()),
            ("f_trace", self.trace.peek()),
            ("extra locals", self.extra.peek()),
        ]
    }

    /// Calls `visit` with the locals that are the object's own, for a report.
    ///
    /// # Safety
    /// - The world is stopped.
    pub unsafe fn each_own(&self, visit: &mut dyn FnMut(usize, Word)) {
        for index in 0..self.count() {
            // SAFETY: inside of the object; nobody writes while the world is stopped.
            visit(index, unsafe { *self.words().add(index) });
        }
    }

    /// Where the frame was when it was left.
    pub fn last_unit(&self) -> u32 {
        // Relaxed: written before the frame was the object's own.
        self.unit.load(Relaxed)
    }

    /// The frame is the object's own, its words written.
    pub fn take_over(&self, unit: u32) {
        self.unit.store(unit, Relaxed);
        self.place.own();
    }

    /// What was overwritten while nobody runs.
    ///
    /// # Safety
    /// - The world is stopped by the caller, who uses no other result of this.
    #[expect(
        clippy::mut_from_ref,
        reason = "from a cell, which nobody else looks into"
    )]
    pub unsafe fn overwritten_stopped(&self) -> &mut Overwritten {
        // SAFETY: as the caller says.
        unsafe { self.overwritten.get_mut() }
    }
}

impl Body<PyFrame> {
    /// What was overwritten.
    ///
    /// # Safety
    /// - No other guard of the object is alive on this thread.
    pub unsafe fn overwritten<'a>(&'a self, ctx: &'a Ctx) -> Guard<'a, Overwritten> {
        // SAFETY: a field of the object; the rest as the caller says.
        unsafe { self.overwritten.lock(ctx, &self.header) }
    }

    /// The frame leaves its stack, on its thread: nothing borrows any more what was overwritten meanwhile.
    pub fn settle(&self, ctx: &Ctx) {
        // SAFETY: the only guard; what the references borrow of is still in the frames below.
        unsafe {
            let mut overwritten = self.overwritten(ctx);
            let lent = core::mem::take(&mut overwritten.lent);
            let kept = lent
                .into_iter()
                .filter_map(|old| Obj::from_nullable_ref(old));
            overwritten.kept.extend(kept);
        }
    }

    /// Drops the locals of a frame that was left, and what belongs to them.
    pub fn empty(&self, ctx: &mut Ctx) {
        self.trace.set(ctx, &self.header, None);
        self.extra.set(ctx, &self.header, None);
        let mut dropped = Vec::new();
        {
            // SAFETY: the only guard of the object; under it the words are the caller's.
            unsafe {
                let mut overwritten = self.overwritten(ctx);
                dropped.append(&mut overwritten.kept);
                for index in 0..self.count() {
                    let word = self.words().add(index).replace(Word::NULL);
                    dropped.extend(Obj::from_nullable(word));
                }
            }
        }
    }
}

/// A new object for a frame that is at `place` and runs `code` for `function`. `None`: no memory. Not a safepoint.
///
/// # Safety
/// - `code` and what `function` refers to are alive, `function` is a function's word, and the caller sees to it that the object
///   hears when the frame moves.
pub unsafe fn new(
    ctx: &Ctx,
    place: Place,
    code: &Body<PyCode>,
    function: Word,
    namespace: Option<Obj>,
) -> Option<Obj> {
    let count = code.nlocals as usize;
    let size = body_size::<PyFrame>() + count * size_of::<Word>();
    let mut object = ctx.uninit::<Body<PyFrame>>(ids::FRAME, PyFrame::HEAP, size)?;
    // SAFETY: the block has room for the body and the words; the object is private until tracked. The function is alive, and
    // counted unless the collector looks after it.
    unsafe {
        let function = if (*function.as_object()).is_deferred() {
            function.deferred()
        } else {
            Obj::copy_word(function).into_word()
        };
        let body = object.as_ptr();
        (&raw mut (*body).payload).write(PyFrame {
            place,
            code: Word::object(&raw const code.header).deferred(),
            function,
            namespace: Slot::from_option(namespace),
            back: Slot::empty(),
            trace: Slot::empty(),
            extra: Slot::empty(),
            overwritten: Locked::new(Overwritten::default()),
            unit: AtomicU32::new(0),
            trace_lines: AtomicBool::new(true),
            trace_opcodes: AtomicBool::new(false),
            count: code.nlocals,
            words: [],
        });
        let words = body.cast::<u8>().add(WORDS).cast::<Word>();
        words.expose_provenance();
        for index in 0..count {
            words.add(index).write(Word::NULL);
        }
        Some(Obj::from_header(object.publish()))
    }
}

impl Body<PyFrame> {
    /// `f_trace`.
    pub fn trace_function(&self, ctx: &Ctx) -> Option<Obj> {
        self.trace.get(ctx, &self.header)
    }

    /// Sets `f_trace`.
    pub fn set_trace_function(&self, ctx: &Ctx, function: Option<Obj>) {
        self.trace.set(ctx, &self.header, function);
    }

    /// `f_trace_lines`.
    pub fn wants_lines(&self) -> bool {
        self.trace_lines.load(Relaxed)
    }

    /// `f_trace_opcodes`.
    pub fn wants_opcodes(&self) -> bool {
        self.trace_opcodes.load(Relaxed)
    }
}

/// Offset of the words from the start of the object.
const WORDS: usize = size_of::<Header>() + core::mem::offset_of!(PyFrame, words);

// --- Attributes ------------------------------------------------------------------------------------------------

/// The unit a frame is at, or was at when it was left.
pub fn unit_of(ctx: &mut Ctx, frame: &Obj) -> u32 {
    observe::visit(ctx, frame, |_, view| view.unit()).unwrap_or(0)
}

/// The line and the offset where the frame begins or goes on, while a tool is told that it does.
fn starting(ctx: &mut Ctx, body: &Body<PyFrame>) -> Option<(u32, i64)> {
    let (starting, line, offset) = py(ctx).monitor.starting;
    let is_it = !starting.is_null() && body.place.base_of(ctx.slot()) == Some(starting);
    is_it.then_some((line, offset))
}

fn line_of(ctx: &mut Ctx, frame: &Obj) -> Option<u32> {
    let body = frame.expect::<PyFrame>();
    if let Some((line, _)) = starting(ctx, body) {
        return Some(line);
    }
    let unit = unit_of(ctx, frame);
    let code = &frame.expect::<PyFrame>().code().code;
    let position = code.positions.at(unit);
    (!position.is_nowhere()).then_some(position.line)
}

fn line(ctx: &mut Ctx, frame: &Obj) -> PyResult {
    Ok(match line_of(ctx, frame) {
        Some(line) => Obj::small_int(line.into()),
        None => Obj::NONE,
    })
}

fn set_line(ctx: &mut Ctx, frame: &Obj, value: Option<&Obj>) -> PyResult<()> {
    match value {
        None => Err(raise!(
            ctx,
            AttributeError,
            "attribute 'f_lineno' of 'frame' objects cannot be deleted"
        )),
        Some(value) => jump::set_line(ctx, frame, value),
    }
}

/// `f_locals`: a view of the variables that writes through, or the namespace of code that has one.
fn locals(ctx: &mut Ctx, frame: &Obj) -> PyResult {
    let body = frame.expect::<PyFrame>();
    // A comprehension in a class or a module has variables of its own, while it runs.
    if body.code().code.flags & flags::OPTIMIZED != 0 || frame_locals::has_hidden(ctx, frame) {
        return frame_locals::of(ctx, frame.clone());
    }
    Ok(match body.namespace.get(ctx, &body.header) {
        Some(namespace) => namespace,
        None => body.function().globals.to_obj(),
    })
}

fn set_trace(ctx: &mut Ctx, frame: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let body = frame.expect::<PyFrame>();
    let value = value.filter(|value| !value.is_none()).cloned();
    body.trace.set(ctx, &body.header, value);
    Ok(())
}

fn set_flag(
    ctx: &mut Ctx,
    flag: &AtomicBool,
    value: Option<&Obj>,
    no_value: fn(&mut Ctx) -> crate::error::Raised,
) -> PyResult<()> {
    let Some(value) = value else {
        return Err(no_value(ctx));
    };
    if !(value.is_true() || value.is_false()) {
        return Err(raise!(ctx, TypeError, "attribute value type must be bool"));
    }
    // Relaxed: a setting.
    flag.store(value.is_true(), Relaxed);
    Ok(())
}

fn clear(ctx: &mut Ctx, frame: &Obj) -> PyResult {
    match observe::clear(ctx, frame) {
        Ok(()) => Ok(Obj::NONE),
        Err(busy) => Err(observe::refuse(ctx, busy)),
    }
}

fn repr(ctx: &mut Ctx, frame: &Obj) -> PyResult {
    let line = line_of(ctx, frame).unwrap_or(0);
    let code = &frame.expect::<PyFrame>().code().code;
    let file = str_::new(ctx, &code.filename)?;
    let file = protocol::repr_string(ctx, &file)?;
    let text = format!(
        "<frame at {:#x}, file {file}, line {line}, code {}>",
        protocol::address(frame),
        code.name
    );
    str_::new(ctx, &text)
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
    methods: &[method("clear", Native::M0(clear))],
    getset: &[
        getter("f_back", |ctx, f| {
            Ok(observe::back(ctx, f)?.unwrap_or(Obj::NONE))
        }),
        getter("f_builtins", |_, f| {
            Ok(f.expect::<PyFrame>().function().builtins.to_obj())
        }),
        getter("f_code", |_, f| {
            // SAFETY: kept by the object.
            Ok(unsafe { Obj::copy_word(f.expect::<PyFrame>().code) })
        }),
        getter("f_generator", |ctx, f| {
            let generator = observe::holder(ctx, f.expect::<PyFrame>());
            Ok(generator.unwrap_or(Obj::NONE))
        }),
        getter("f_globals", |_, f| {
            Ok(f.expect::<PyFrame>().function().globals.to_obj())
        }),
        getter("f_lasti", |ctx, f| {
            let offset = match starting(ctx, f.expect::<PyFrame>()) {
                Some((_, offset)) => offset,
                None => code_places::offset(unit_of(ctx, f)),
            };
            Ok(Obj::small_int(offset))
        }),
        GetSet {
            name: "f_lineno",
            get: line,
            set: Some(set_line),
            member: false,
        },
        getter("f_locals", locals),
        GetSet {
            name: "f_trace",
            get: |ctx, f| {
                let body = f.expect::<PyFrame>();
                Ok(body.trace.get(ctx, &body.header).unwrap_or(Obj::NONE))
            },
            set: Some(set_trace),
            member: false,
        },
        GetSet {
            name: "f_trace_lines",
            get: |_, f| Ok(Obj::bool(f.expect::<PyFrame>().trace_lines.load(Relaxed))),
            set: Some(|ctx, f, value| {
                set_flag(ctx, &f.expect::<PyFrame>().trace_lines, value, |ctx| {
                    raise!(ctx, TypeError, "can't delete numeric/char attribute")
                })
            }),
            member: true,
        },
        GetSet {
            name: "f_trace_opcodes",
            get: |_, f| Ok(Obj::bool(f.expect::<PyFrame>().trace_opcodes.load(Relaxed))),
            set: Some(|ctx, f, value| {
                if value.is_some_and(Obj::is_true) {
                    trace::ask_for_opcodes(ctx);
                }
                set_flag(ctx, &f.expect::<PyFrame>().trace_opcodes, value, |ctx| {
                    raise!(
                        ctx,
                        AttributeError,
                        "attribute 'f_trace_opcodes' of 'frame' objects cannot be deleted"
                    )
                })
            }),
            member: false,
        },
    ],
    doc: "",
};
