//! Which threads there are, and which one is running.
//!
//! A thread's identity is the address of its [`Handle`]: known before the thread runs, and unique as long
//! as somebody holds the handle.

use super::thread::{self, PyThreadObject};
use super::wait;
use crate::error::PyResult;
use crate::object::obj::Obj;
use crate::object::root::Root;
use crate::vm::monitor::PROFILE;
use crate::vm::thread::{current_runtime, identify, lot, rt};
use kit_core::sync::event::Event;
use kit_core::sync::parking::{ParkingLot, Unattached};
use kit_core::thread::Ctx;
use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::*};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// A native thread of the interpreter, as others see it.
#[derive(Default)]
pub struct Handle {
    /// The operating system's number of the thread; 0 before it has begun.
    pub native_id: AtomicU64,
    /// The native thread runs, or there will never be one.
    pub begun: Event,
    /// The thread has left the runtime.
    pub done: Event,
    /// The program is not to wait for it.
    pub daemon: AtomicBool,
}

impl Handle {
    /// The thread's identity.
    pub fn ident(self: &Arc<Handle>) -> u64 {
        Arc::as_ptr(self) as u64
    }

    /// Notes the calling thread's number: it has begun.
    pub fn begin(&self, lot: &ParkingLot) {
        // Release: who does not wait for `begun` loads it with Acquire.
        self.native_id
            .store(kit_std::platform::threads::native_id(), Release);
        self.begun.set(lot);
    }
}

/// What an interpreter knows of its threads.
#[derive(Default)]
pub struct Threads {
    /// Numbers for names like `Thread-1`.
    pub counter: AtomicU64,
    /// The `Thread` objects of running threads, in the order they started.
    running: Mutex<Vec<Obj>>,
    /// Threads to be waited for at the end.
    pending: Mutex<Vec<Arc<Handle>>>,
    /// The main thread's object.
    pub main: Root,
    /// `threading.BrokenBarrierError`.
    pub broken_barrier: Root,
    /// `threading.stack_size()`.
    pub stack_size: AtomicU64,
    /// The functions of `setprofile` and `settrace` for threads that start.
    functions: Mutex<[Option<Obj>; 2]>,
    /// The module `threading`, where the program may replace `excepthook`.
    pub module: Root,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Threads {
    /// The function that threads which start have for a tool, [`PROFILE`] or [`TRACE`](crate::vm::monitor::TRACE).
    pub fn function(&self, tool: usize) -> Option<Obj> {
        lock(&self.functions)[tool - PROFILE].clone()
    }

    /// Lets go of these functions, at the end.
    pub fn forget_functions(&self) {
        let functions = std::mem::take(&mut *lock(&self.functions));
        drop(functions);
    }

    /// Sets that function; returns the one before.
    pub fn set_function(&self, tool: usize, function: Option<Obj>) -> Option<Obj> {
        std::mem::replace(&mut lock(&self.functions)[tool - PROFILE], function)
    }

    /// The objects of all running threads.
    pub fn running(&self) -> Vec<Obj> {
        lock(&self.running).clone()
    }

    /// How many run.
    pub fn count(&self) -> usize {
        lock(&self.running).len()
    }

    /// A thread starts.
    pub fn enter(&self, thread: Obj, handle: &Arc<Handle>) {
        lock(&self.running).push(thread);
        if !handle.daemon.load(Relaxed) {
            lock(&self.pending).push(handle.clone());
        }
    }

    /// A thread ends: gives back the reference to its object.
    pub fn leave(&self, handle: &Arc<Handle>) -> Option<Obj> {
        let mut running = lock(&self.running);
        let index = running.iter().position(|thread| {
            thread
                .expect::<PyThreadObject>()
                .handle
                .get()
                .is_some_and(|other| Arc::ptr_eq(other, handle))
        })?;
        Some(running.remove(index))
    }

    /// A thread is gone.
    pub fn forget(&self, handle: &Arc<Handle>) {
        lock(&self.pending).retain(|other| !Arc::ptr_eq(other, handle));
    }

    fn next_pending(&self, me: &Arc<Handle>) -> Option<Arc<Handle>> {
        lock(&self.pending)
            .iter()
            .find(|handle| !Arc::ptr_eq(handle, me))
            .cloned()
    }
}

impl Threads {
    /// Keeps threads from being counted out while the world is stopped.
    pub fn hold(&self) -> impl Drop {
        lock(&self.pending)
    }
}

/// In the child of a fork: the calling thread is the main thread, and the others have ended.
pub fn after_fork(ctx: &mut Ctx) {
    let runtime = rt(ctx);
    let (me, lot) = (handle(), lot(ctx));
    me.native_id
        .store(kit_std::platform::threads::native_id(), Release);
    // Relaxed: as when the interpreter starts.
    (runtime.main_thread).store(std::ptr::from_ref(ctx.thread()).cast_mut(), Relaxed);
    let threads = &runtime.library.threads;
    lock(&threads.pending).clear();
    let known = CURRENT.with(|current| current.object.borrow().clone());
    let running = std::mem::take(&mut *lock(&threads.running));
    for thread in running {
        if known.as_ref().is_some_and(|known| known.is(&thread)) {
            lock(&threads.running).push(thread);
        } else if let Some(handle) = thread.expect::<PyThreadObject>().handle.get() {
            handle.begun.set(lot);
            handle.done.set(lot);
        }
    }
    // SAFETY: this is the only thread, and nothing that the main thread's object was lent to runs on it.
    drop(unsafe { threads.main.take() });
    if let Some(known) = known {
        let _ = threads.main.set(known);
    }
}

/// The values of a `threading.local`, by thread.
pub type Locals = Mutex<std::collections::HashMap<u64, Obj>>;

#[derive(Default)]
struct Current {
    handle: RefCell<Option<Arc<Handle>>>,
    object: RefCell<Option<Obj>>,
    locals: RefCell<Vec<Weak<Locals>>>,
}

thread_local! {
    static IDENT: Cell<u64> = const { Cell::new(0) };
    static CURRENT: Current = Current::default();
}

/// The identity of the calling thread.
#[inline]
pub fn ident() -> u64 {
    let ident = IDENT.with(Cell::get);
    if ident == 0 { handle().ident() } else { ident }
}

/// The handle of the calling thread.
pub fn handle() -> Arc<Handle> {
    let known = CURRENT.with(|current| current.handle.borrow().clone());
    known.unwrap_or_else(|| {
        let handle = Arc::new(Handle::default());
        // Nobody waits for a thread that is known by running.
        handle
            .native_id
            .store(kit_std::platform::threads::native_id(), Release);
        adopt(handle.clone(), None);
        handle
    })
}

/// Says who the calling thread is.
pub fn adopt(handle: Arc<Handle>, object: Option<Obj>) {
    IDENT.with(|ident| ident.set(handle.ident()));
    identify(handle.ident());
    CURRENT.with(|current| {
        *current.handle.borrow_mut() = Some(handle);
        *current.object.borrow_mut() = object;
    });
}

/// The calling thread's `Thread` object, made now for a thread that Python did not start.
pub fn current(ctx: &mut Ctx) -> PyResult {
    if let Some(object) = CURRENT.with(|current| current.object.borrow().clone()) {
        return Ok(object);
    }
    let handle = handle();
    let threads = &rt(ctx).library.threads;
    let is_main = threads.main.get().is_none();
    handle.daemon.store(!is_main, Relaxed);
    let object = thread::foreign(ctx, handle.clone(), is_main)?;
    if is_main {
        let _ = threads.main.set(object.clone());
    }
    threads.enter(object.clone(), &handle);
    CURRENT.with(|current| *current.object.borrow_mut() = Some(object.clone()));
    Ok(object)
}

/// Remembers that the calling thread has values in these locals.
pub fn note_locals(locals: &Arc<Locals>) {
    CURRENT.with(|current| {
        let mut list = current.locals.borrow_mut();
        list.retain(|known| known.strong_count() > 0);
        list.push(Arc::downgrade(locals));
    });
}

/// Drops what the interpreter keeps for the calling thread. It must be attached.
pub fn forget() {
    let ident = IDENT.with(|ident| ident.replace(0));
    // What is dropped may have been kept by nobody else, but none of it runs before the thread's next
    // drain, so nothing comes back here.
    let (handle, object, locals) = CURRENT.with(|current| {
        (
            current.handle.borrow_mut().take(),
            current.object.borrow_mut().take(),
            current.locals.take(),
        )
    });
    if let (Some(handle), Some(runtime)) = (handle, current_runtime()) {
        drop(runtime.library.threads.leave(&handle));
    }
    drop(object);
    for locals in locals {
        if let Some(locals) = locals.upgrade() {
            let value = lock(&locals).remove(&ident);
            drop(value);
        }
    }
}

/// Waits for all threads that are not daemons, as a program does before it ends. To be called on the main
/// thread.
///
/// # Errors
/// A signal interrupted the wait.
pub fn shutdown(ctx: &mut Ctx) -> PyResult<()> {
    let threads = &rt(ctx).library.threads;
    let me = handle();
    while let Some(other) = threads.next_pending(&me) {
        join(ctx, &other, None)?;
        threads.forget(&other);
    }
    Ok(())
}

/// Waits until a thread has left. False: the deadline passed first.
pub fn join(ctx: &mut Ctx, handle: &Handle, deadline: Option<u64>) -> PyResult<bool> {
    let done = handle.done.is_set()
        || wait::blocking(ctx, deadline, |lot, until| {
            handle.done.wait(lot, &mut Unattached, until) == Ok(true)
        })?;
    if done {
        rt(ctx).kit.notice_solitude(ctx);
    }
    Ok(done)
}

/// The system's number of the running thread with this identity.
pub fn native_of(ctx: &Ctx, wanted: u64) -> Option<u64> {
    if wanted == ident() {
        return Some(kit_std::platform::threads::native_id());
    }
    let threads = &rt(ctx).library.threads;
    let known = threads.running().into_iter();
    known.chain(threads.main.get().cloned()).find_map(|thread| {
        let handle = thread.expect::<PyThreadObject>().handle.get()?;
        // Acquire, paired with `begin`.
        let native = handle.native_id.load(Acquire);
        (handle.ident() == wanted && native != 0).then_some(native)
    })
}
