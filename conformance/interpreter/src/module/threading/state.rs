//! Which threads there are, and which one is running.
//!
//! A thread's identity is the address of its [`Handle`]: known before the thread runs, and unique as long
//! as somebody holds the handle.

use super::wait;
use crate::error::{PyResult, raise};
use crate::module::import;
use crate::object::obj::Obj;
use crate::object::{exception, protocol, str_};
use crate::vm::thread::{identify, lot, rt};
use kit_core::sync::event::Event;
use kit_core::sync::parking::{ParkingLot, Unattached};
use kit_core::thread::Ctx;
use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::*};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// A native thread of the interpreter, as others see it.
#[derive(Default)]
pub struct Handle {
    /// The operating system's number of the thread; 0 before it has begun, and once it is over.
    pub native_id: AtomicU64,
    /// The thread has said that it runs, or has left the runtime.
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
    pub fn begin(&self) {
        // Release, paired with the Acquire of who wants to send the thread a signal.
        self.native_id
            .store(kit_std::platform::threads::native_id(), Release);
    }

    /// The thread has left, or nobody is to wait for it any longer.
    pub fn end(&self, lot: &ParkingLot) {
        self.done.set(lot);
        self.begun.set(lot);
    }
}

/// What an interpreter knows of its threads.
#[derive(Default)]
pub struct Threads {
    /// Those that Python has started and that have not left, in the order they started.
    running: Mutex<Vec<Arc<Handle>>>,
    /// The main thread.
    main: Mutex<Option<Arc<Handle>>>,
    /// How many of `running` have not come to their end: `_thread._count()`.
    pub count: AtomicU64,
    /// `threading.stack_size()`.
    pub stack_size: AtomicU64,
    /// The program is over: no thread can start, and those that run do not end.
    pub finalizing: AtomicBool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Threads {
    /// How many threads run, the main thread included.
    pub fn count(&self) -> usize {
        lock(&self.running).len() + 1
    }

    /// A thread starts.
    pub fn enter(&self, handle: &Arc<Handle>) {
        lock(&self.running).push(handle.clone());
    }

    /// A thread is gone.
    pub fn forget(&self, handle: &Arc<Handle>) {
        lock(&self.running).retain(|other| !Arc::ptr_eq(other, handle));
    }

    /// A thread, other than `me`, that the program waits for before it ends.
    fn next_awaited(&self, me: &Arc<Handle>) -> Option<Arc<Handle>> {
        lock(&self.running)
            .iter()
            .find(|handle| !handle.daemon.load(Relaxed) && !Arc::ptr_eq(handle, me))
            .cloned()
    }

    /// The main thread's handle: that of the thread which asks first, when the interpreter starts.
    pub fn main(&self) -> Arc<Handle> {
        lock(&self.main).get_or_insert_with(handle).clone()
    }

    /// The thread with this identity, if it runs or is the main thread.
    pub fn find(&self, ident: u64) -> Option<Arc<Handle>> {
        let main = self.main();
        if main.ident() == ident {
            return Some(main);
        }
        let running = lock(&self.running);
        running.iter().find(|known| known.ident() == ident).cloned()
    }

    /// Keeps threads from being counted out while the world is stopped.
    pub fn hold(&self) -> (impl Drop, impl Drop) {
        (lock(&self.running), lock(&self.main))
    }
}

/// In the child of a fork: the calling thread is the main thread, and the others have ended.
pub fn after_fork(ctx: &mut Ctx) {
    let runtime = rt(ctx);
    let (me, lot) = (handle(), lot(ctx));
    me.begin();
    // Relaxed: as when the interpreter starts.
    (runtime.main_thread).store(std::ptr::from_ref(ctx.thread()).cast_mut(), Relaxed);
    let threads = &runtime.library.threads;
    let before = lock(&threads.main).replace(me.clone());
    let running = std::mem::take(&mut *lock(&threads.running));
    threads.count.store(0, Relaxed);
    for other in running.into_iter().chain(before) {
        if !Arc::ptr_eq(&other, &me) {
            other.native_id.store(0, Relaxed);
            other.end(lot);
        }
    }
}

/// The values of a `threading.local`, by thread.
pub type Locals = Mutex<std::collections::HashMap<u64, Obj>>;

#[derive(Default)]
struct Current {
    handle: RefCell<Option<Arc<Handle>>>,
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
        handle.begin();
        adopt(handle.clone());
        handle
    })
}

/// Says who the calling thread is.
pub fn adopt(handle: Arc<Handle>) {
    IDENT.with(|ident| ident.set(handle.ident()));
    identify(handle.ident());
    CURRENT.with(|current| *current.handle.borrow_mut() = Some(handle));
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
    let locals = CURRENT.with(|current| {
        drop(current.handle.borrow_mut().take());
        current.locals.take()
    });
    for locals in locals {
        if let Some(locals) = locals.upgrade() {
            let value = lock(&locals).remove(&ident);
            drop(value);
        }
    }
}

/// Waits for all threads that are not daemons, as a program does before it ends: `threading._shutdown()`, if the program
/// has imported that. To be called on the main thread.
pub fn shutdown(ctx: &mut Ctx) {
    let Ok(Some(threading)) = import::loaded(ctx, "threading") else {
        return;
    };
    let name = str_::intern(ctx, "_shutdown");
    if let Err(raised) = protocol::call_method(ctx, &threading, &name, &[]) {
        let error = exception::take(ctx, raised);
        let place = "on threading shutdown";
        crate::vm::report::report_unraisable(ctx, &error, place, Some(&threading));
    }
}

/// Waits for all threads that are not daemons.
///
/// # Errors
/// A signal interrupted the wait.
pub fn join_all(ctx: &mut Ctx) -> PyResult<()> {
    let threads = &rt(ctx).library.threads;
    let me = handle();
    while let Some(other) = threads.next_awaited(&me) {
        join(ctx, &other, None)?;
        threads.forget(&other);
    }
    Ok(())
}

/// Waits until a thread has left. False: the deadline passed first.
pub fn join(ctx: &mut Ctx, handle: &Handle, deadline: Option<u64>) -> PyResult<bool> {
    let mut done = handle.done.is_set();
    if !done {
        // Relaxed: the thread that waits has set it itself.
        if rt(ctx).library.threads.finalizing.load(Relaxed) {
            return Err(raise!(
                ctx,
                PythonFinalizationError,
                "cannot join thread at Python shutdown"
            ));
        }
        done = wait::blocking(ctx, deadline, |lot, until| {
            handle.done.wait(lot, &mut Unattached, until) == Ok(true)
        })?;
    }
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
    let handle = rt(ctx).library.threads.find(wanted)?;
    // Acquire, paired with `begin`.
    let native = handle.native_id.load(Acquire);
    (native != 0).then_some(native)
}
