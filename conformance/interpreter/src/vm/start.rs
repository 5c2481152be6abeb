//! Starting an interpreter, and threads in it.

use super::interrupt;
use super::thread::{PyRuntime, PyThread, Specialize};
use crate::error::PyResult;
use crate::host::OnceLock;
#[cfg(feature = "std")]
use crate::module::gc::{stop_report, zeal};
use crate::number::hash::TextKey;
use crate::object::obj::Obj;
use crate::object::root::Root;
use crate::object::{exception, ids, names, str_, tuple};
use crate::prelude::*;
use core::num::NonZero;
use core::sync::atomic::Ordering::Relaxed;
use kit_core::backend::events::Events;
use kit_core::code::CodeOptions;
use kit_core::thread::Ctx;
use kit_gc::trigger::Configuration;
use kit_std::port::Port;
use kit_std::runtime::{HeapChoice, Options, Runtime, StartError};

/// How an interpreter is to be set up.
#[derive(Clone)]
pub struct Config {
    /// What the runtime stands on.
    pub port: Port,
    /// How many types it has room for.
    pub types: u32,
    /// Where what programs print goes.
    #[cfg(not(feature = "std"))]
    pub say: fn(&str),
    /// `PYTHONHASHSEED`: `None` for a random one.
    pub hash_seed: Option<u32>,
    /// Where objects and buffers lie.
    pub heap: HeapChoice,
    /// The most bytes the heap may use.
    pub memory_limit: usize,
    /// Bytes of native stack each thread has for the interpreter.
    pub stack_size: usize,
    /// Say on standard error what references and objects are left at the end, in a build with `stats`.
    #[cfg(feature = "std")]
    pub show_references: bool,
    /// Verify the heap at every so many safepoints; 0 for never.
    #[cfg(feature = "std")]
    pub zeal: u32,
    /// Report stops of the world that wait for longer than this.
    #[cfg(feature = "std")]
    pub stop_report: Option<core::time::Duration>,
    /// For how long a collection of new objects may stop the program, about, while it looks for garbage.
    pub gc_pause: Option<core::time::Duration>,
    /// How many threads mark in a collection of many objects; `None` for as many as the kit thinks best.
    pub gc_threads: Option<NonZero<usize>>,
    /// Keep what collections do, for a report.
    #[cfg(feature = "std")]
    pub log_collections: bool,
    /// Whether each thread specialises code for itself, in an image of its own. If not, code is not specialised.
    pub private_code: bool,
    /// The most bytes that such images may take, those of the first thread not counted.
    pub code_limit: usize,
    /// When instructions are specialised.
    pub specialize: Specialize,
    /// What the program may execute, all threads together; `None` for no limit.
    pub fuel: Option<u64>,
}

impl Config {
    /// The settings of an interpreter on a port, whose programs print by `say`.
    #[cfg(not(feature = "std"))]
    pub const fn on(port: Port, say: fn(&str)) -> Config {
        Config {
            port,
            types: 1 << 14,
            say,
            hash_seed: None,
            heap: HeapChoice::Paged,
            memory_limit: usize::MAX,
            stack_size: 1 << 20,
            gc_pause: None,
            gc_threads: None,
            private_code: true,
            code_limit: usize::MAX,
            specialize: Specialize::Adaptive,
            fuel: None,
        }
    }
}

#[cfg(feature = "std")]
impl Default for Config {
    fn default() -> Self {
        Config {
            port: Port::SYSTEM,
            types: 1 << 20,
            hash_seed: None,
            heap: HeapChoice::Paged,
            memory_limit: usize::MAX,
            stack_size: 64 << 20,
            show_references: false,
            zeal: 0,
            stop_report: None,
            gc_pause: None,
            gc_threads: None,
            log_collections: false,
            private_code: true,
            code_limit: usize::MAX,
            specialize: Specialize::default(),
            fuel: None,
        }
    }
}

fn hash_key(seed: Option<u32>, port: Port) -> TextKey {
    match seed {
        Some(seed) => TextKey::from_seed(seed),
        // The clock is all the chance there is.
        #[cfg(not(feature = "std"))]
        None => TextKey::from_seed(port.platform.now() as u32),
        #[cfg(feature = "std")]
        None => {
            use std::hash::{BuildHasher, RandomState};
            let _ = port;
            let random = RandomState::new();
            let mut bytes = [0; 16];
            bytes[..8].copy_from_slice(&random.hash_one(0u8).to_le_bytes());
            bytes[8..].copy_from_slice(&random.hash_one(1u8).to_le_bytes());
            TextKey::from_bytes(bytes)
        }
    }
}

/// Builds an interpreter, runs `body` as its main thread, and returns what that returns. The
/// calling thread needs `config.stack_size` bytes of stack; [`run`] provides them.
///
/// # Errors
/// The runtime could not start.
pub fn with_config<R>(config: &Config, body: impl FnOnce(&mut Ctx) -> R) -> Result<R, StartError> {
    let kit = Runtime::new(Options {
        port: config.port,
        types: config.types,
        reserved_types: ids::tailed::END,
        heap: config.heap,
        memory_limit: config.memory_limit,
        events: Events {
            dying: super::dying::dying,
            interrupt: interrupt::interrupt,
        },
        cycles: &super::collect::HOST,
        code: CodeOptions {
            fresh: Some(super::monitor::instrument::fresh),
            private: config.private_code && config.specialize != Specialize::Never,
            limit: config.code_limit,
            needed: Some(super::monitor::instrument::is_watching),
        },
    })?;
    let runtime: &'static PyRuntime = Box::leak(Box::new(PyRuntime {
        kit,
        interned: Default::default(),
        hash_key: hash_key(config.hash_seed, config.port),
        seen: Default::default(),
        lot: kit.lot(),
        changing: Default::default(),
        stack_size: config.stack_size,
        specialize: config.specialize,
        fuel: Default::default(),
        recursion_limit: 1000.into(),
        optimize: 0.into(),
        max_str_digits: 4300.into(),
        names: OnceLock::new(),
        short_strings: OnceLock::new(),
        empty_tuple: OnceLock::new(),
        memory_error: Root::new(),
        builtins: Root::new(),
        modules: Root::new(),
        finalizes: Default::default(),
        main_thread: Default::default(),
        #[cfg(not(feature = "std"))]
        say: config.say,
        library: Default::default(),
    }));
    #[cfg(feature = "std")]
    if config.log_collections {
        runtime.library.gc.report.start();
    }
    let result = attach(runtime, |ctx| {
        if let Err(raised) = start(ctx) {
            let exception = exception::take(ctx, raised);
            // Before the exceptions are there, nothing fails but for want of memory.
            let no_memory = exception.is_none()
                || exception::is_instance(ctx, &exception, exception::class::MemoryError);
            assert!(no_memory, "the interpreter could not start: {exception:?}");
            return Err(StartError::NoMemory);
        }
        let me = core::ptr::from_ref(ctx.thread()).cast_mut();
        // Relaxed: a thread only asks whether it is this one, and it writes this itself.
        runtime.main_thread.store(me, Relaxed);
        #[cfg(feature = "std")]
        runtime.library.threads.main();
        // The thread that starts the interpreter has made no promise yet.
        if let Some(pause) = config.gc_pause {
            runtime.kit.collector().trigger().configure(Configuration {
                pause: u64::try_from(pause.as_nanos()).unwrap_or(u64::MAX),
                ..Configuration::default()
            });
        }
        #[cfg(feature = "std")]
        {
            runtime.library.gc.zeal.set(config.zeal);
            zeal::start(ctx);
        }
        if let Some(fuel) = config.fuel {
            runtime.fuel.set(fuel);
            super::fuel::start(ctx);
        }
        if let Some(threads) = config.gc_threads {
            runtime.kit.set_collector_threads(threads.get());
        }
        #[cfg(feature = "std")]
        if let Some(after) = config.stop_report {
            runtime.library.gc.stop_report.set(ctx, after);
            stop_report::start(ctx);
        }
        Ok(body(ctx))
    })
    .and_then(|result| result);
    #[cfg(feature = "stats")]
    if config.show_references {
        super::finish::show(runtime);
    }
    result
}

/// Runs `body` on the calling thread as a thread of an interpreter.
///
/// # Errors
/// There is no room for another thread, or the interpreter is finalizing.
pub fn attach<R>(
    runtime: &'static PyRuntime,
    body: impl FnOnce(&mut Ctx) -> R,
) -> Result<R, StartError> {
    let marker = 0u8;
    // A margin for what runs between two looks at the depth, and for panics.
    let native_limit =
        (&raw const marker as usize).saturating_sub(runtime.stack_size - runtime.stack_size / 8);
    let mut thread = PyThread::new(runtime, native_limit);
    let code = runtime.kit.code();
    thread.copy_index = code.join();
    let thread = Box::into_raw(Box::new(thread));
    let result = runtime.kit.attach_with(
        |ctx| {
            ctx.thread().host.set(thread.cast());
            super::fuel::start(ctx);
            #[cfg(feature = "std")]
            {
                zeal::start(ctx);
                stop_report::start(ctx);
            }
            super::monitor::instrument::start(ctx);
            if runtime.empty_tuple.get().is_some() {
                exception::keep_spare(ctx);
            }
            body(ctx)
        },
        // SAFETY: the thread's own state, which nobody else uses now.
        |_| unsafe { (*thread).forget() },
    );
    // SAFETY: made above; the thread has left, and its context and record are gone.
    let thread = unsafe { Box::from_raw(thread) };
    // SAFETY: from `join`, once; the thread has run its last code.
    unsafe { code.leave(thread.copy_index) };
    result
}

/// Runs `body` as the main thread of a new interpreter, on a native thread with enough stack.
///
/// # Errors
/// The runtime or the native thread could not start.
#[cfg(feature = "std")]
pub fn run<R: Send>(
    config: &Config,
    body: impl FnOnce(&mut Ctx) -> R + Send,
) -> Result<R, StartError> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(config.stack_size + (1 << 20));
        let handle = thread
            .spawn_scoped(scope, || with_config(config, body))
            .map_err(|_| StartError::NoMemory)?;
        // This thread only waits: signals are for those that run, and what the main thread blocks waits.
        let _blocked = crate::cli::signal::Mask::all();
        handle
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// Runs `body` in a new interpreter with the default configuration. For tests.
///
/// # Panics
/// When the runtime could not start.
#[cfg(feature = "std")]
pub fn with_interpreter<R: Send>(body: impl FnOnce(&mut Ctx) -> R + Send) -> R {
    run(&Config::default(), body).expect("the interpreter starts")
}

/// Makes what every program needs, in the order of dependence: strings need no classes to exist,
/// classes need names, exceptions need classes.
fn start(ctx: &mut Ctx) -> PyResult<()> {
    let runtime = super::thread::rt(ctx);
    let mut short = Vec::with_capacity(257);
    let empty = str_::with_type(ctx, ids::STR, crate::text::wtf8::Wtf8::from_str(""))?;
    short.push(immortal(ctx, empty));
    for point in 0..128u8 {
        let text = [point];
        // ASCII is well-formed.
        let text = core::str::from_utf8(&text).unwrap_or("");
        let string = str_::with_type(ctx, ids::STR, crate::text::wtf8::Wtf8::from_str(text))?;
        short.push(immortal(ctx, string));
    }
    for string in &short {
        runtime.interned.adopt(runtime.lot, string);
    }
    let _ = runtime.short_strings.set(short);
    let empty = tuple::with_type(ctx, ids::TUPLE, core::iter::empty())?;
    let _ = runtime.empty_tuple.set(immortal(ctx, empty));
    let names = names::Names::new(ctx);
    let _ = runtime.names.set(names);
    crate::object::registry::start_types(ctx)?;
    let spare = exception::new(ctx, exception::class::MemoryError, Vec::new())?;
    let _ = runtime.memory_error.set(spare);
    exception::keep_spare(ctx);
    crate::module::start_modules(ctx)
}

fn immortal(ctx: &Ctx, value: Obj) -> Obj {
    if let Some(header) = value.header() {
        // SAFETY: made by the caller just now, and reachable by nobody else.
        unsafe { header.make_immortal(ctx.counter()) };
    }
    value
}
