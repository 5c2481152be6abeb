//! `_thread._ThreadHandle`: a native thread that can be waited for; and `start_joinable_thread`, which fills one.

use super::launch::{self, Job};
use super::state::{self, Handle};
use super::wait;
use crate::error::{PyResult, raise};
use crate::module::support::id_of;
use crate::object::args::{Args, Signature};
use crate::object::define::{Native, TypeDef, getter, method};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slots::Slots;
use crate::object::{ids, int, protocol, str_};
use crate::vm::thread::{empty_tuple, lot, rt};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, OnceLock};

/// The body: no thread as long as none was started.
pub struct PyThreadHandle(OnceLock<Arc<Handle>>);

// SAFETY: it refers to no objects.
unsafe impl Payload for PyThreadHandle {
    const ID: u32 = ids::THREAD_HANDLE;
    const HEAP: HeapKind = HeapKind::Plain;
    const NAME: &'static str = "_ThreadHandle";
    fn trace(&self, _: &mut Tracer<'_>) {}
}

fn new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    args.no_keywords(ctx, "_ThreadHandle")?;
    args.check(ctx, "_ThreadHandle", 0, 0)?;
    payload::allocate(ctx, id_of(class), PyThreadHandle(OnceLock::new()))
}

fn started<'a>(ctx: &mut Ctx, this: &'a Obj) -> PyResult<&'a Arc<Handle>> {
    match this.expect::<PyThreadHandle>().payload.0.get() {
        Some(handle) => Ok(handle),
        None => Err(raise!(ctx, RuntimeError, "thread not started")),
    }
}

fn ident_of(this: &Obj) -> u64 {
    let handle = this.expect::<PyThreadHandle>().payload.0.get();
    handle.map_or(0, |handle| handle.ident())
}

fn ident(ctx: &mut Ctx, this: &Obj) -> PyResult {
    int::from_i64(ctx, ident_of(this) as i64)
}

fn is_done(_: &mut Ctx, this: &Obj) -> PyResult {
    let handle = this.expect::<PyThreadHandle>().payload.0.get();
    Ok(Obj::bool(handle.is_some_and(|handle| handle.done.is_set())))
}

/// `join(timeout=None)`.
fn join(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "join",
        params: &["timeout"],
        posonly: 0,
        positional: 1,
        required: 0,
    };
    let [timeout] = args.bind(ctx, &SIGNATURE)?;
    let deadline = wait::timeout(ctx, timeout)?;
    let handle = started(ctx, this)?.clone();
    if handle.ident() == state::ident() {
        return Err(raise!(ctx, RuntimeError, "Cannot join current thread"));
    }
    state::join(ctx, &handle, deadline)?;
    Ok(Obj::NONE)
}

/// `_set_done()`: nobody is to wait any longer.
fn set_done(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let handle = started(ctx, this)?;
    handle.done.set(lot(ctx));
    Ok(Obj::NONE)
}

fn repr(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let ident = ident_of(this);
    str_::new(ctx, &format!("<_ThreadHandle object: ident={ident}>"))
}

/// `_thread._ThreadHandle`.
pub static THREAD_HANDLE: TypeDef = TypeDef {
    id: ids::THREAD_HANDLE,
    name: "_thread._ThreadHandle",
    base: ids::OBJECT,
    layout: ids::THREAD_HANDLE,
    kind: &Body::<PyThreadHandle>::KIND,
    flags: 0,
    slots: Slots {
        new: Some(new),
        repr: Some(repr),
        ..Slots::NONE
    },
    methods: &[
        method("join", Native::MA(join)),
        method("is_done", Native::M0(is_done)),
        method("_set_done", Native::M0(set_done)),
    ],
    getset: &[getter("ident", ident)],
    doc: "",
};

/// `start_joinable_thread(function, handle=None, daemon=True)`.
pub fn start_joinable_thread(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "start_joinable_thread",
        params: &["function", "handle", "daemon"],
        posonly: 0,
        positional: 1,
        required: 1,
    };
    let [function, handle, daemon] = args.bind(ctx, &SIGNATURE)?;
    let function = function.cloned().unwrap_or(Obj::NONE);
    if !protocol::is_callable(ctx, &function) {
        return Err(raise!(ctx, TypeError, "thread function must be callable"));
    }
    let this = match handle.filter(|handle| !handle.is_none()) {
        Some(given) if given.downcast::<PyThreadHandle>().is_some() => given.clone(),
        Some(_) => {
            return Err(raise!(ctx, TypeError, "'handle' must be a _ThreadHandle"));
        }
        None => payload::new(ctx, PyThreadHandle(OnceLock::new()))?,
    };
    let daemon = match daemon {
        Some(daemon) => protocol::truth(ctx, daemon)?,
        None => true,
    };
    let native = Arc::new(Handle::default());
    native.daemon.store(daemon, Relaxed);
    let own = &this.expect::<PyThreadHandle>().payload.0;
    if own.set(native.clone()).is_err() {
        return Err(raise!(ctx, RuntimeError, "thread already started"));
    }
    let job = Job {
        function,
        args: empty_tuple(ctx),
        kwargs: None,
    };
    start(ctx, native, job)?;
    Ok(this)
}

/// Starts a thread; its identity.
///
/// # Errors
/// RuntimeError: there is none to be had; PythonFinalizationError: the program is over.
pub fn start(ctx: &mut Ctx, handle: Arc<Handle>, job: Job) -> PyResult<u64> {
    // Relaxed: the thread that goes on has set it itself.
    if rt(ctx).library.threads.finalizing.load(Relaxed) {
        let message = "can't create new thread at interpreter shutdown";
        return Err(raise!(ctx, PythonFinalizationError, "{message}"));
    }
    let ident = handle.ident();
    if launch::launch(ctx, handle, job) {
        Ok(ident)
    } else {
        Err(raise!(ctx, RuntimeError, "can't start new thread"))
    }
}

/// `_make_thread_handle(ident)`: that of a running thread.
pub fn make_thread_handle(ctx: &mut Ctx, ident: &Obj) -> PyResult {
    let wanted = protocol::index_i64(ctx, ident, None)?;
    let mine = state::handle();
    let handle = if mine.ident() as i64 == wanted {
        Some(mine)
    } else {
        rt(ctx).library.threads.find(wanted as u64)
    };
    match handle {
        Some(handle) => payload::new(ctx, PyThreadHandle(OnceLock::from(handle))),
        None => Err(raise!(
            ctx,
            ValueError,
            "no thread runs that has this number"
        )),
    }
}
