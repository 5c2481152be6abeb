//! What the interpreter keeps per runtime and per thread.

use crate::host::{HashSet, OnceLock};
use crate::number::hash::TextKey;
use crate::object::attribute::LookupCache;
use crate::object::code_make::Seen;
use crate::object::interned::Interned;
use crate::object::names::Names;
use crate::object::obj::Obj;
use crate::object::root::Root;
use crate::prelude::*;
use core::cell::Cell;
use core::cell::RefCell;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicU8, AtomicU32, Ordering::Relaxed};
use kit_core::code::NO_INDEX;
use kit_core::sync::mutex::ByteLock;
use kit_core::sync::parking::ParkingLot;
use kit_core::sync::rwlock::RwLock;
use kit_core::thread::{Ctx, Thread};
use kit_std::runtime::Runtime;

/// When instructions are specialised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Specialize {
    /// When that promises to pay.
    #[default]
    Adaptive,
    /// Whenever they could be, from the first time on: for tests.
    Always,
    /// Not at all: for tests.
    Never,
}

/// The state of one interpreter, shared by its threads. Lives as long as the process.
pub struct PyRuntime {
    /// The kit's part.
    pub kit: &'static Runtime,
    /// The interned strings.
    pub interned: Interned,
    /// The key of string hashes.
    pub hash_key: TextKey,
    /// The code whose instructions the program has seen.
    pub seen: RwLock<Seen>,
    /// Where threads sleep.
    pub lot: &'static ParkingLot,
    /// Held by whoever changes a class, so that its namespace, operations and version change together.
    /// Holders lock objects, but reach no safepoint.
    pub changing: ByteLock,
    /// Bytes of native stack of each thread.
    pub stack_size: usize,
    /// When instructions are specialised.
    pub specialize: Specialize,
    /// What the program may still execute.
    pub fuel: super::fuel::Fuel,
    /// `sys.getrecursionlimit()`.
    pub recursion_limit: AtomicU32,
    /// How much is optimized that is compiled without saying so: `-O`.
    pub optimize: AtomicU8,
    /// `sys.get_int_max_str_digits()`.
    pub max_str_digits: AtomicU32,
    /// Names the interpreter itself uses, interned.
    pub names: OnceLock<Names>,
    /// The empty string, and the strings of one ASCII character.
    pub short_strings: OnceLock<Vec<Obj>>,
    /// `()`.
    pub empty_tuple: OnceLock<Obj>,
    /// The MemoryError of threads that had no memory for one of their own.
    pub memory_error: Root,
    /// The dict of `builtins`.
    pub builtins: Root,
    /// `sys.modules`.
    pub modules: Root,
    /// Whether the collection that is under way has run finalizers.
    pub finalizes: AtomicBool,
    /// The record of the main thread, the one that signals interrupt; for comparison only.
    pub main_thread: AtomicPtr<Thread>,
    /// Where what programs print goes.
    #[cfg(not(feature = "std"))]
    pub say: fn(&str),
    /// What modules keep.
    pub library: crate::module::Library,
}

impl PyRuntime {
    /// The hash of a string or bytes object; never −1.
    #[inline]
    pub fn hash_bytes(&self, bytes: &[u8]) -> i64 {
        self.hash_key.bytes(bytes)
    }

    /// The string with this text of at most one ASCII character.
    #[inline]
    pub fn short_string(&self, text: &[u8]) -> Obj {
        let index = text.first().map_or(0, |byte| *byte as usize + 1);
        self.short_strings
            .get()
            .expect("made when the runtime starts")[index]
            .clone()
    }
}

/// The state of one thread.
pub struct PyThread {
    /// The interpreter.
    pub runtime: &'static PyRuntime,
    /// The exception on its way, if [`crate::error::Raised`] is.
    pub raised: Option<Obj>,
    /// The exception being handled (`sys.exception()`), innermost.
    pub handled: Option<Obj>,
    /// The address the native stack must not pass.
    pub native_limit: usize,
    /// Depth of Python calls.
    pub depth: u32,
    /// The deepest that may get: the runtime's limit, as of the last look.
    pub depth_limit: u32,
    /// The base of the running frame's registers; null outside Python code.
    pub base: super::frame::Base,
    /// The thread's identity (`threading.get_ident()`); 0 as long as nobody has asked.
    pub ident: Cell<u64>,
    /// A MemoryError for when there is no memory for one.
    pub spare_memory_error: Option<Obj>,
    /// Bytes outside of the heap that the thread has counted and not told the heap
    /// ([`outside`](super::outside)).
    pub outside: Cell<isize>,
    /// Results of lookups in classes.
    pub lookups: LookupCache,
    /// What attribute accesses have found.
    pub sites: super::sites::Sites,
    /// The index of the thread's images of code ([`kit_core::code`]): no other running thread has it.
    pub copy_index: u32,
    /// Whether the generator frame that [`super::run::run`] left last has yielded; otherwise it has returned.
    pub yielded: bool,
    /// Whether it has yielded what the one that it waits for has yielded.
    pub awaits: bool,
    /// `sys.set_asyncgen_hooks(firstiter=…)`.
    pub first_iteration: Option<Obj>,
    /// `sys.set_asyncgen_hooks(finalizer=…)`.
    pub finalizer: Option<Obj>,
    /// The context that it runs in ([`contextvars`](crate::module::contextvars)).
    pub context: Option<Obj>,
    /// Of how many callers new coroutines take note.
    pub origin_depth: u32,
    /// Whether the heap is being verified.
    #[cfg(feature = "std")]
    pub in_zeal: bool,
    /// What it knows of tools.
    pub monitor: super::monitor::Local,
    /// The containers that it is writing out, by address ([`repr_guard`](crate::object::repr_guard)).
    pub writing: RefCell<HashSet<u64>>,
    /// Where the thread was last seen ([`stop_report`](crate::module::gc::stop_report)).
    #[cfg(feature = "std")]
    pub seen: Option<alloc::sync::Arc<crate::module::gc::stop_report::Seen>>,
}

impl PyThread {
    /// The state of a thread that starts.
    pub fn new(runtime: &'static PyRuntime, native_limit: usize) -> PyThread {
        PyThread {
            runtime,
            raised: None,
            handled: None,
            native_limit,
            depth: 0,
            depth_limit: runtime.recursion_limit.load(Relaxed),
            base: core::ptr::null_mut(),
            ident: Cell::new(0),
            spare_memory_error: None,
            outside: Cell::new(0),
            lookups: LookupCache::default(),
            sites: Default::default(),
            copy_index: NO_INDEX,
            yielded: false,
            awaits: false,
            first_iteration: None,
            finalizer: None,
            context: None,
            origin_depth: 0,
            #[cfg(feature = "std")]
            in_zeal: false,
            monitor: Default::default(),
            writing: Default::default(),
            #[cfg(feature = "std")]
            seen: None,
        }
    }

    /// Drops the references of a thread that ends.
    pub fn forget(&mut self) {
        #[cfg(feature = "std")]
        crate::module::threading::forget();
        super::monitor::trace::leave(self);
        self.raised = None;
        self.handled = None;
        self.spare_memory_error = None;
        self.first_iteration = None;
        self.finalizer = None;
        self.context = None;
        super::outside::settle(self);
    }
}

/// The thread's Python state.
#[inline(always)]
pub fn py(ctx: &mut Ctx) -> &mut PyThread {
    // SAFETY: `host` was set to the thread's own `PyThread` when it attached; the exclusive borrow
    // of the context makes this the only reference.
    unsafe { &mut *ctx.host().cast::<PyThread>() }
}

/// The interpreter.
#[inline(always)]
pub fn rt(ctx: &Ctx) -> &'static PyRuntime {
    // SAFETY: as above; the field never changes.
    unsafe { (*ctx.host().cast::<PyThread>()).runtime }
}

/// The interpreter of the calling thread, for code that has no context; `None` outside of any.
pub fn current_runtime() -> Option<&'static PyRuntime> {
    let thread = kit_std::thread::current::thread();
    if thread.is_null() {
        return None;
    }
    // SAFETY: the calling thread's own record, whose host was set when it attached and is null afterwards.
    unsafe {
        let host = (*thread).host.get().cast::<PyThread>();
        host.as_ref().map(|host| host.runtime)
    }
}

/// Does something with the addresses of the containers that the calling thread is writing out; `None` outside of any interpreter.
pub fn writing<R>(body: impl FnOnce(&mut HashSet<u64>) -> R) -> Option<R> {
    let thread = kit_std::thread::current::thread();
    if thread.is_null() {
        return None;
    }
    // SAFETY: as in `current_runtime`.
    let host = unsafe { (*thread).host.get().cast::<PyThread>().as_ref() }?;
    Some(body(&mut host.writing.borrow_mut()))
}

/// Says what the identity of the calling thread is, to those who list all threads.
pub fn identify(ident: u64) {
    let thread = kit_std::thread::current::thread();
    if !thread.is_null() {
        // SAFETY: as in `current_runtime`.
        if let Some(host) = unsafe { (*thread).host.get().cast::<PyThread>().as_ref() } {
            host.ident.set(ident);
        }
    }
}

/// Where threads sleep.
#[inline(always)]
pub fn lot(ctx: &Ctx) -> &'static ParkingLot {
    rt(ctx).lot
}

/// Frees a buffer of the heap that only the caller refers to, on whichever thread this is.
pub fn free_buffer(block: *mut u8) {
    let thread = kit_std::thread::current::thread();
    if let (Some(block), false) = (NonNull::new(block), thread.is_null()) {
        // SAFETY: the calling thread's record; the caller is the last to know the block.
        unsafe { (*thread).heap.free(block) };
    }
}

/// `()`.
#[inline]
pub fn empty_tuple(ctx: &Ctx) -> Obj {
    rt(ctx)
        .empty_tuple
        .get()
        .expect("made when the runtime starts")
        .clone()
}
