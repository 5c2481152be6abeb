//! `weakref.finalize`: calls a function when an object dies, or when the program ends.
//!
//! A finalizer is kept by the interpreter until it is called or detached. It is its own weak reference's
//! callback.

use crate::error::{PyResult, raise};
use crate::object::args::Args;
use crate::object::define::{GetSet, Native, TypeDef, flag, getter, method};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slot::Slot;
use crate::object::slots::Slots;
use crate::object::tuple::{self, PyTuple};
use crate::object::type_::PyType;
use crate::object::{exception, ids, protocol, weakref};
use crate::vm::thread::rt;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

/// The finalizers that are alive, in the order they were made.
#[derive(Default)]
pub struct Finalizers(Mutex<Vec<Obj>>);

impl Finalizers {
    fn with<T>(&self, f: impl FnOnce(&mut Vec<Obj>) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(feature = "stats")]
impl Finalizers {
    /// Forgets those that are left.
    pub fn take(&self) -> Vec<Obj> {
        self.with(std::mem::take)
    }
}

/// The body of a finalizer. `reference` is empty once it is dead.
pub struct PyFinalize {
    reference: Slot,
    /// Function, positional arguments, names and values of keyword arguments.
    call: Slot,
    at_exit: AtomicBool,
}

// SAFETY: `trace` reports both slots.
unsafe impl Payload for PyFinalize {
    const ID: u32 = ids::FINALIZE;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "finalize";
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.reference.trace(tracer);
        self.call.trace(tracer);
    }
}

fn new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    let [object, function, rest @ ..] = args.pos else {
        return Err(raise!(
            ctx,
            TypeError,
            "finalize() requires an object and a function"
        ));
    };
    let parts = vec![
        function.clone(),
        tuple::from_slice(ctx, rest)?,
        tuple::from_slice(ctx, args.names)?,
        tuple::from_slice(ctx, args.values)?,
    ];
    let call = tuple::from_vec(ctx, parts)?;
    let body = PyFinalize {
        reference: Slot::empty(),
        call: Slot::new(call),
        at_exit: AtomicBool::new(true),
    };
    let this = payload::allocate(ctx, class.expect::<PyType>().id, body)?;
    let reference = weakref::create(ctx, ids::WEAKREF, object, Some(this.clone()))?;
    let body = this.expect::<PyFinalize>();
    body.reference.set(ctx, &body.header, Some(reference));
    let kept = this.clone();
    rt(ctx).library.finalizers.with(|list| list.push(kept));
    Ok(this)
}

fn init(_: &mut Ctx, _: &Obj, _: Args<'_>) -> PyResult<()> {
    Ok(())
}

/// Ends the finalizer's life; returns the reference and the call it held.
fn kill(ctx: &mut Ctx, this: &Obj) -> Option<(Obj, Obj)> {
    let body = this.expect::<PyFinalize>();
    let reference = body.reference.replace(ctx, &body.header, None)?;
    let call = body.call.replace(ctx, &body.header, None)?;
    let kept = rt(ctx).library.finalizers.with(|list| {
        let index = list.iter().position(|other| other.is(this))?;
        Some(list.remove(index))
    });
    drop(kept);
    Some((reference, call))
}

/// Calls the function, unless the finalizer is dead. Also what its weak reference calls.
fn call(ctx: &mut Ctx, this: &Obj, _: Args<'_>) -> PyResult {
    let Some((_, call)) = kill(ctx, this) else {
        return Ok(Obj::NONE);
    };
    let [function, pos, names, values] = call.expect::<PyTuple>().items() else {
        return Ok(Obj::NONE);
    };
    let args = Args {
        pos: pos.expect::<PyTuple>().items(),
        names: names.expect::<PyTuple>().items(),
        values: values.expect::<PyTuple>().items(),
    };
    protocol::call_with(ctx, function, args)
}

/// `(object, function, args, kwargs)` of a live finalizer.
fn parts(ctx: &mut Ctx, reference: &Obj, call: &Obj) -> PyResult {
    use crate::object::dict::{self, PyDict};
    let Some(object) = weakref::upgrade(ctx, reference) else {
        return Ok(Obj::NONE);
    };
    let [function, pos, names, values] = call.expect::<PyTuple>().items() else {
        return Ok(Obj::NONE);
    };
    let kwargs = dict::new(ctx)?;
    let names = names.expect::<PyTuple>().items();
    for (name, value) in names.iter().zip(values.expect::<PyTuple>().items()) {
        kwargs.expect::<PyDict>().set(ctx, name, value.clone())?;
    }
    tuple::from_vec(ctx, vec![object, function.clone(), pos.clone(), kwargs])
}

fn detach(ctx: &mut Ctx, this: &Obj) -> PyResult {
    match kill(ctx, this) {
        Some((reference, call)) => parts(ctx, &reference, &call),
        None => Ok(Obj::NONE),
    }
}

fn peek(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let body = this.expect::<PyFinalize>();
    let reference = body.reference.get(ctx, &body.header);
    let call = body.call.get(ctx, &body.header);
    match (reference, call) {
        (Some(reference), Some(call)) => parts(ctx, &reference, &call),
        _ => Ok(Obj::NONE),
    }
}

fn alive(_: &mut Ctx, this: &Obj) -> PyResult {
    let body = this.expect::<PyFinalize>();
    Ok(Obj::bool(!body.reference.peek().is_null()))
}

fn at_exit(_: &mut Ctx, this: &Obj) -> PyResult {
    let body = this.expect::<PyFinalize>();
    let alive = !body.reference.peek().is_null();
    Ok(Obj::bool(alive && body.at_exit.load(Relaxed)))
}

fn set_at_exit(ctx: &mut Ctx, this: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let value = protocol::truth(ctx, value.unwrap_or(&Obj::FALSE))?;
    this.expect::<PyFinalize>().at_exit.store(value, Relaxed);
    Ok(())
}

/// Calls the finalizers that are left, the latest first: what a program does before it ends.
pub fn run_all(ctx: &mut Ctx) {
    loop {
        let last = rt(ctx).library.finalizers.with(|list| list.pop());
        let Some(last) = last else {
            return;
        };
        if !last.expect::<PyFinalize>().at_exit.load(Relaxed) {
            continue;
        }
        if let Err(raised) = call(ctx, &last, Args::NONE) {
            exception::report_unraisable(ctx, raised, &last);
        }
    }
}

/// `weakref.finalize`.
pub static FINALIZE: TypeDef = TypeDef {
    id: ids::FINALIZE,
    name: "finalize",
    base: ids::OBJECT,
    layout: ids::FINALIZE,
    kind: &Body::<PyFinalize>::KIND,
    flags: flag::BASE,
    slots: Slots {
        new: Some(new),
        init: Some(init),
        call: Some(call),
        ..Slots::NONE
    },
    methods: &[
        method("detach", Native::M0(detach)),
        method("peek", Native::M0(peek)),
    ],
    getset: &[
        getter("alive", alive),
        GetSet {
            name: "atexit",
            get: at_exit,
            set: Some(set_at_exit),
        },
    ],
    doc: "Calls a function when an object dies.",
};
