//! `Unpickler`: what a program sets, and what it has read before.

use super::input::{File, Input};
use super::load::{self, Run};
use super::memo::{self, Read, UnpicklerMemo};
use super::pickler::{Own, hook};
use super::{broken, given, truth};
use crate::error::{PyResult, raise};
use crate::object::args::{Args, Signature};
use crate::object::define::{GetSet, Native, TypeDef, flag, method};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slot::{Locked, Slot};
use crate::object::slots::Slots;
use crate::object::str_;
use crate::object::type_::PyType;
use crate::object::{ids, protocol};
use kit_core::backend::heap::HeapKind;
use kit_core::object::{Header, Tracer};
use kit_core::thread::Ctx;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering::*};

/// The body of an `Unpickler`. The atomics are Relaxed where nothing else is said: values by themselves.
pub struct PyUnpickler {
    read: Slot,
    readline: Slot,
    peek: Slot,
    buffers: Slot,
    encoding: Slot,
    errors: Slot,
    /// `persistent_load`, as set on the object.
    persistent: Slot,
    /// The protocol of what was read last.
    protocol: AtomicI64,
    fix: AtomicBool,
    /// Something is being read.
    busy: AtomicBool,
    memo: Locked<Read>,
}

impl PyUnpickler {
    fn slots(&self) -> [&Slot; 7] {
        [
            &self.read,
            &self.readline,
            &self.peek,
            &self.buffers,
            &self.encoding,
            &self.errors,
            &self.persistent,
        ]
    }
}

// SAFETY: `trace` reports the slots and what is remembered.
unsafe impl Payload for PyUnpickler {
    const ID: u32 = ids::UNPICKLER;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "Unpickler";
    fn trace(&self, tracer: &mut Tracer<'_>) {
        for slot in self.slots() {
            slot.trace(tracer);
        }
        // SAFETY: the collector has stopped the world, or has the only way to the object.
        unsafe { self.memo.get() }.trace(tracer);
    }
    fn clear(&self, ctx: &mut Ctx) {
        for slot in self.slots() {
            drop(slot.replace_locked(ctx, None));
        }
        // SAFETY: the collector has the only way to the object.
        drop(std::mem::take(unsafe { self.memo.get_mut() }));
    }
}

impl Body<PyUnpickler> {
    /// Puts something else in the place of what it remembers.
    pub fn swap_memo(&self, ctx: &Ctx, memo: Read) -> Read {
        // SAFETY: the field of this object, whose only guard this is.
        let mut place = unsafe { self.payload.memo.lock(ctx, &self.header) };
        std::mem::replace(&mut *place, memo)
    }

    /// Looks at what it remembers.
    pub fn with_memo<R>(&self, ctx: &Ctx, look: impl FnOnce(&Read) -> R) -> R {
        // SAFETY: the field of this object, whose only guard this is.
        look(&*unsafe { self.payload.memo.lock(ctx, &self.header) })
    }
}

/// How something is to be read.
pub struct Options {
    /// Whether names that Python 2 had for classes are understood.
    pub fix: bool,
    /// How strings of Python 2 are decoded; without one they stay bytes.
    pub encoding: Option<Obj>,
    /// And what is done with those that cannot be.
    pub errors: Obj,
    /// What travelled beside: an iterator.
    pub buffers: Option<Obj>,
    /// `find_class`.
    pub find_class: Option<Obj>,
    /// `persistent_load`.
    pub persistent: Option<Obj>,
    /// The protocol, until the pickle names its own.
    pub protocol: i64,
    /// What was read before.
    pub memo: Read,
}

/// The options that arguments stand for.
pub fn options(
    ctx: &mut Ctx,
    fix: Option<&Obj>,
    encoding: Option<&Obj>,
    errors: Option<&Obj>,
    buffers: Option<&Obj>,
) -> PyResult<Options> {
    for (name, text) in [("encoding", encoding), ("errors", errors)] {
        if let Some(text) = text
            && str_::text_of(text).is_none()
        {
            let class = str_::argument_type(ctx, text);
            return Err(raise!(
                ctx,
                TypeError,
                "argument '{name}' must be str, not {class}"
            ));
        }
    }
    let buffers = match given(buffers) {
        Some(buffers) => Some(protocol::iter(ctx, &buffers)?),
        None => None,
    };
    let encoding = encoding.cloned();
    let errors = errors.cloned();
    Ok(Options {
        fix: truth(ctx, fix)?,
        encoding: Some(encoding.unwrap_or_else(|| str_::intern(ctx, "ASCII"))),
        errors: errors.unwrap_or_else(|| str_::intern(ctx, "strict")),
        buffers,
        find_class: None,
        persistent: None,
        protocol: 0,
        memo: Read::default(),
    })
}

fn body(x: &Obj) -> &Body<PyUnpickler> {
    x.expect::<PyUnpickler>()
}

fn new(ctx: &mut Ctx, class: &Obj, _: Args<'_>) -> PyResult {
    let body = PyUnpickler {
        read: Slot::empty(),
        readline: Slot::empty(),
        peek: Slot::empty(),
        buffers: Slot::empty(),
        encoding: Slot::empty(),
        errors: Slot::empty(),
        persistent: Slot::empty(),
        protocol: AtomicI64::new(0),
        fix: AtomicBool::new(true),
        busy: AtomicBool::new(false),
        memo: Locked::new(Read::default()),
    };
    payload::allocate(ctx, class.expect::<PyType>().id, body)
}

fn init(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult<()> {
    static SIGNATURE: Signature = Signature {
        name: "Unpickler",
        params: &["file", "fix_imports", "encoding", "errors", "buffers"],
        posonly: 0,
        positional: 1,
        required: 1,
    };
    let [file, fix, encoding, errors, buffers] = args.bind(ctx, &SIGNATURE)?;
    let options = options(ctx, fix, encoding, errors, buffers)?;
    let file = File::of(ctx, file.unwrap_or(Obj::none()))?;
    occupy(ctx, x)?;
    let body = body(x);
    let [read, readline, peek] = file.references();
    for (slot, value) in [
        (&body.read, read),
        (&body.readline, readline),
        (&body.peek, peek),
        (&body.buffers, options.buffers),
        (&body.encoding, options.encoding),
        (&body.errors, Some(options.errors)),
    ] {
        drop(slot.replace(ctx, &body.header, value));
    }
    body.fix.store(options.fix, Relaxed);
    body.protocol.store(0, Relaxed);
    drop(body.swap_memo(ctx, Read::default()));
    body.busy.store(false, Release);
    Ok(())
}

/// Takes the unpickler for a run; RuntimeError if there is one.
fn occupy(ctx: &mut Ctx, x: &Obj) -> PyResult<()> {
    // Acquire, paired with the Release at the end of a run: what that has set is seen.
    if body(x).busy.swap(true, Acquire) {
        return Err(raise!(
            ctx,
            RuntimeError,
            "Unpickler object is already used"
        ));
    }
    Ok(())
}

/// The options that were set, without what was read before.
fn options_of(ctx: &mut Ctx, x: &Obj) -> PyResult<Options> {
    let own = body(x);
    let get = |ctx: &Ctx, slot: &Slot| slot.get(ctx, &own.header);
    Ok(Options {
        fix: own.fix.load(Relaxed),
        encoding: get(ctx, &own.encoding),
        errors: get(ctx, &own.errors).unwrap_or_else(|| str_::intern(ctx, "strict")),
        buffers: get(ctx, &own.buffers),
        find_class: hook(ctx, x, ids::UNPICKLER, &Slot::empty(), "find_class")?,
        persistent: hook(ctx, x, ids::UNPICKLER, &own.persistent, "persistent_load")?,
        protocol: own.protocol.load(Relaxed),
        memo: Read::default(),
    })
}

fn load(ctx: &mut Ctx, x: &Obj) -> PyResult {
    occupy(ctx, x)?;
    let result = load_now(ctx, x);
    // Release, paired with the Acquire of who comes next.
    body(x).busy.store(false, Release);
    result
}

fn load_now(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let own = body(x);
    let parts = [&own.read, &own.readline, &own.peek].map(|slot| slot.get(ctx, &own.header));
    let Some(file) = File::from_references(parts) else {
        let class = protocol::type_name(ctx, x);
        return Err(broken(
            ctx,
            &format!("Unpickler.__init__() was not called by {class}.__init__()"),
        ));
    };
    let mut options = options_of(ctx, x)?;
    options.protocol = 0;
    options.memo = own.swap_memo(ctx, Read::default());
    let mut run = Run::new(options, Input::file(file));
    let result = run.load(ctx);
    own.protocol.store(run.options.protocol, Relaxed);
    drop(own.swap_memo(ctx, run.options.memo));
    result
}

fn find_class(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let own = body(x);
    let (protocol, fix) = (own.protocol.load(Relaxed), own.fix.load(Relaxed));
    load::find_class(ctx, &args[0], &args[1], protocol, fix)
}

fn persistent_load(ctx: &mut Ctx, _: &Obj, _: &Obj) -> PyResult {
    Err(broken(ctx, "unsupported persistent id encountered"))
}

fn persistent(x: &Obj) -> (&Slot, &Header) {
    (&body(x).payload.persistent, &body(x).header)
}

static PERSISTENT: Own = Own {
    name: "persistent_load",
    slot: persistent,
};

/// `_pickle.Unpickler`.
pub static UNPICKLER: TypeDef = TypeDef {
    id: ids::UNPICKLER,
    name: "_pickle.Unpickler",
    base: ids::OBJECT,
    layout: ids::UNPICKLER,
    kind: &Body::<PyUnpickler>::KIND,
    flags: flag::BASE | flag::IMMUTABLE,
    slots: Slots {
        new: Some(new),
        init: Some(init),
        getattr: Some(|ctx, x, name| PERSISTENT.get(ctx, x, name)),
        setattr: Some(|ctx, x, name, value| PERSISTENT.set(ctx, x, name, value)),
        ..Slots::NONE
    },
    methods: &[
        method("load", Native::M0(load)),
        method("find_class", Native::MN(2, 2, find_class)),
        method("persistent_load", Native::M1(persistent_load)),
    ],
    getset: &[GetSet {
        name: "memo",
        get: UnpicklerMemo::of,
        set: Some(|ctx, x, value| {
            let Some(value) = value else {
                return Err(raise!(
                    ctx,
                    TypeError,
                    "attribute deletion is not supported"
                ));
            };
            let memo = memo::read(ctx, value)?;
            drop(body(x).swap_memo(ctx, memo));
            Ok(())
        }),
        member: false,
    }],
    doc: "This takes a binary file for reading a pickle data stream.",
};
