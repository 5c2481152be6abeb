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
use kit_core::sync::parking::Unattached;
use kit_core::thread::Ctx;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The body: no thread as long as none was started.
pub struct PyThreadHandle(Mutex<Option<Arc<Handle>>>);

impl PyThreadHandle {
    fn new(handle: Option<Arc<Handle>>) -> PyThreadHandle {
        PyThreadHandle(Mutex::new(handle))
    }

    fn lock(&self) -> MutexGuard<'_, Option<Arc<Handle>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn handle_of(this: &Obj) -> Option<Arc<Handle>> {
    this.expect::<PyThreadHandle>().payload.lock().clone()
}

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
    payload::allocate(ctx, id_of(class), PyThreadHandle::new(None))
}

fn started(ctx: &mut Ctx, this: &Obj) -> PyResult<Arc<Handle>> {
    match handle_of(this) {
        Some(handle) => Ok(handle),
        None => Err(raise!(ctx, RuntimeError, "thread not started")),
    }
}

fn ident_of(this: &Obj) -> u64 {
    handle_of(this).map_or(0, |handle| handle.ident())
}

fn ident(ctx: &mut Ctx, this: &Obj) -> PyResult {
    int::from_i64(ctx, ident_of(this) as i64)
}

fn is_done(_: &mut Ctx, this: &Obj) -> PyResult {
    Ok(Obj::bool(
        handle_of(this).is_some_and(|handle| handle.done.is_set()),
    ))
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
    let handle = started(ctx, this)?;
    if handle.ident() == state::ident() {
        return Err(raise!(ctx, RuntimeError, "Cannot join current thread"));
    }
    state::join(ctx, &handle, deadline)?;
    Ok(Obj::NONE)
}

/// `_set_done()`: nobody is to wait any longer.
fn set_done(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let handle = started(ctx, this)?;
    handle.end(lot(ctx));
    Ok(Obj::NONE)
}

/// `_set_begun()`: the thread runs.
fn set_begun(ctx: &mut Ctx, this: &Obj) -> PyResult {
    if let Some(handle) = handle_of(this) {
        handle.begun.set(lot(ctx));
    }
    Ok(Obj::NONE)
}

/// `_wait_begun()`: waits until the thread has said that it runs, or has ended without.
fn wait_begun(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let handle = started(ctx, this)?;
    wait::blocking(ctx, None, |lot, until| {
        handle.begun.wait(lot, &mut Unattached, until) == Ok(true)
    })?;
    Ok(Obj::NONE)
}

fn repr(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let ident = ident_of(this);
    str_::new(
        ctx,
        &format!("<_thread._ThreadHandle object: ident={ident}>"),
    )
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
        method("_set_begun", Native::M0(set_begun)),
        method("_wait_begun", Native::M0(wait_begun)),
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
        None => payload::new(ctx, PyThreadHandle::new(None))?,
    };
    let daemon = match daemon {
        Some(daemon) => protocol::truth(ctx, daemon)?,
        None => true,
    };
    crate::module::sys::audit::event(ctx, "_thread.start_joinable_thread", |_| {
        let daemon = Obj::small_int(daemon.into());
        Ok(vec![function.clone(), daemon, this.clone()])
    })?;
    let native = Arc::new(Handle::default());
    native.daemon.store(daemon, Relaxed);
    {
        let mut own = this.expect::<PyThreadHandle>().payload.lock();
        if own.is_some() {
            drop(own);
            return Err(raise!(ctx, RuntimeError, "thread already started"));
        }
        *own = Some(native.clone());
    }
    let job = Job {
        function,
        args: empty_tuple(ctx),
        kwargs: None,
    };
    if let Err(raised) = start(ctx, native, job) {
        // There is no thread: it may be tried again.
        this.expect::<PyThreadHandle>().payload.lock().take();
        return Err(raised);
    }
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
        Some(handle) => payload::new(ctx, PyThreadHandle::new(Some(handle))),
        None => Err(raise!(
            ctx,
            ValueError,
            "no thread runs that has this number"
        )),
    }
}
