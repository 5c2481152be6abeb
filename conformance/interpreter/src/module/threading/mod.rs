//! `threading` and `_thread`.
//!
//! | | |
//! |---|---|
//! | [`state`] | which threads there are |
//! | [`wait`] | sleeping without holding anybody up |
//! | [`thread`] | `Thread`, `Timer` |
//! | [`lock`], [`condition`], [`event`], [`semaphore`], [`barrier`] | the objects to synchronise with |
//! | [`local`] | `local` |
//! | [`hook`] | exceptions that end a thread |
//! | `watch` | functions that are told of what threads do |

pub mod barrier;
pub mod condition;
pub mod event;
pub mod hook;
pub mod local;
pub mod lock;
pub mod semaphore;
pub mod state;
pub mod thread;
pub mod wait;
mod watch;

pub use state::{forget, shutdown};

use super::support;
use crate::error::{PyResult, raise};
use crate::object::args::Args;
use crate::object::define::{Method, ModuleDef, Native, method};
use crate::object::dict::PyDict;
use crate::object::exception::class;
use crate::object::obj::Obj;
use crate::object::tuple::PyTuple;
use crate::object::type_::type_object;
use crate::object::{float, ids, int, list, protocol};
use crate::vm::thread::rt;
use kit_core::thread::Ctx;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// Raises TypeError for any argument of an `__init__` that takes none.
pub(crate) fn no_more_arguments(ctx: &mut Ctx, class: &str, args: Args<'_>) -> PyResult<()> {
    if args.names.is_empty() && args.pos.is_empty() {
        return Ok(());
    }
    Err(raise!(
        ctx,
        TypeError,
        "{class}.__init__() takes 1 positional argument but {} were given",
        args.pos.len() + args.names.len() + 1
    ))
}

fn current_thread(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "current_thread", 0, 0)?;
    state::current(ctx)
}

fn main_thread(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "main_thread", 0, 0)?;
    match rt(ctx).library.threads.main.get() {
        Some(thread) => Ok(thread.clone()),
        None => state::current(ctx),
    }
}

fn enumerate(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "enumerate", 0, 0)?;
    drop(state::current(ctx)?);
    let running = rt(ctx).library.threads.running();
    list::from_vec(ctx, running)
}

fn active_count(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "active_count", 0, 0)?;
    drop(state::current(ctx)?);
    let count = rt(ctx).library.threads.count();
    int::from_usize(ctx, count)
}

fn get_ident(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "get_ident", 0, 0)?;
    int::from_i64(ctx, state::ident() as i64)
}

fn get_native_id(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "get_native_id", 0, 0)?;
    int::from_i64(ctx, kit_std::platform::threads::native_id() as i64)
}

/// The smallest native stack a program may ask for.
const LEAST_STACK: i64 = 53248;

fn stack_size(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "stack_size", 0, 1)?;
    let size = match args.pos.first() {
        Some(size) => protocol::index_i64(ctx, size, None)?,
        None => 0,
    };
    if size < 0 {
        return Err(raise!(
            ctx,
            ValueError,
            "size must be 0 or a positive value"
        ));
    }
    if size != 0 && size < LEAST_STACK {
        return Err(raise!(
            ctx,
            ValueError,
            "size must be at least {LEAST_STACK} bytes"
        ));
    }
    // The interpreter measures its own stacks; the wish is remembered, and no smaller stack is made.
    let before = rt(ctx)
        .library
        .threads
        .stack_size
        .swap(size as u64, Relaxed);
    int::from_i64(ctx, before as i64)
}

fn rlock(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let class = type_object(ctx, ids::RLOCK);
    protocol::call_with(ctx, &class, args)
}

fn allocate_lock(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let class = type_object(ctx, ids::LOCK);
    protocol::call_with(ctx, &class, args)
}

fn start_new_thread(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "start_new_thread", 2, 3)?;
    let function = &args.pos[0];
    if !protocol::is_callable(ctx, function) {
        return Err(raise!(ctx, TypeError, "first arg must be callable"));
    }
    if args.pos[1].downcast::<PyTuple>().is_none() {
        return Err(raise!(ctx, TypeError, "2nd arg must be a tuple"));
    }
    let kwargs = args.pos.get(2).cloned();
    if kwargs
        .as_ref()
        .is_some_and(|k| k.downcast::<PyDict>().is_none())
    {
        return Err(raise!(
            ctx,
            TypeError,
            "optional 3rd arg must be a dictionary"
        ));
    }
    let handle = Arc::new(state::Handle::default());
    handle.daemon.store(true, Relaxed);
    let ident = handle.ident();
    let job = thread::Job::Call(function.clone(), args.pos[1].clone(), kwargs);
    if !thread::launch(ctx, handle, None, job) {
        return Err(raise!(ctx, RuntimeError, "can't start new thread"));
    }
    int::from_i64(ctx, ident as i64)
}

fn exit(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "exit", 0, 0)?;
    Err(crate::object::exception::raise_args(
        ctx,
        class::SystemExit,
        Vec::new(),
    ))
}

fn populate(ctx: &mut Ctx, module: &Obj) -> PyResult<()> {
    for (name, id) in [("Lock", ids::LOCK), ("local", ids::THREAD_LOCAL)] {
        let class = type_object(ctx, id);
        support::add(ctx, module, name, class)?;
    }
    let args = type_object(ctx, ids::EXCEPT_HOOK_ARGS);
    support::add(ctx, module, "ExceptHookArgs", args)?;
    let error = type_object(ctx, class::RuntimeError);
    support::add(ctx, module, "ThreadError", error)?;
    let longest = float::new(ctx, wait::TIMEOUT_MAX)?;
    support::add(ctx, module, "TIMEOUT_MAX", longest)?;
    let broken =
        support::exception_class(ctx, "threading", "BrokenBarrierError", class::RuntimeError)?;
    support::add(ctx, module, "BrokenBarrierError", broken.clone())?;
    let threads = &rt(ctx).library.threads;
    let _ = threads.broken_barrier.set(broken);
    let _ = threads.module.set(module.clone());
    drop(state::current(ctx)?);
    Ok(())
}

const GET_IDENT: Method = method("get_ident", Native::F(get_ident));
const GET_NATIVE_ID: Method = method("get_native_id", Native::F(get_native_id));
const STACK_SIZE: Method = method("stack_size", Native::F(stack_size));

/// `threading`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "threading",
    functions: &[
        method("current_thread", Native::F(current_thread)),
        method("currentThread", Native::F(current_thread)),
        method("main_thread", Native::F(main_thread)),
        method("enumerate", Native::F(enumerate)),
        method("active_count", Native::F(active_count)),
        method("activeCount", Native::F(active_count)),
        GET_IDENT,
        GET_NATIVE_ID,
        STACK_SIZE,
        method("RLock", Native::F(rlock)),
        method("excepthook", Native::F1(hook::excepthook)),
        method("__excepthook__", Native::F1(hook::excepthook)),
        method("settrace", Native::F(watch::settrace)),
        method("setprofile", Native::F(watch::setprofile)),
        method("gettrace", Native::F(watch::gettrace)),
        method("getprofile", Native::F(watch::getprofile)),
        method(
            "settrace_all_threads",
            Native::F(watch::settrace_all_threads),
        ),
        method(
            "setprofile_all_threads",
            Native::F(watch::setprofile_all_threads),
        ),
    ],
    types: &[
        &condition::CONDITION,
        &event::EVENT,
        &semaphore::SEMAPHORE,
        &semaphore::BOUNDED_SEMAPHORE,
        &barrier::BARRIER,
        &thread::THREAD,
        &thread::MAIN_THREAD,
        &thread::DUMMY_THREAD,
        &thread::TIMER,
    ],
    populate,
    doc: "Threads, and what they synchronise with.",
};

fn populate_low(ctx: &mut Ctx, module: &Obj) -> PyResult<()> {
    for (name, id) in [("LockType", ids::LOCK), ("error", class::RuntimeError)] {
        let class = type_object(ctx, id);
        support::add(ctx, module, name, class)?;
    }
    let longest = float::new(ctx, wait::TIMEOUT_MAX)?;
    support::add(ctx, module, "TIMEOUT_MAX", longest)
}

/// `_thread`.
pub static LOW_MODULE: ModuleDef = ModuleDef {
    name: "_thread",
    functions: &[
        method("start_new_thread", Native::F(start_new_thread)),
        method("start_new", Native::F(start_new_thread)),
        method("allocate_lock", Native::F(allocate_lock)),
        method("allocate", Native::F(allocate_lock)),
        method("exit", Native::F(exit)),
        method("exit_thread", Native::F(exit)),
        GET_IDENT,
        GET_NATIVE_ID,
        STACK_SIZE,
        method("_excepthook", Native::F1(hook::excepthook)),
    ],
    types: &[
        &lock::LOCK,
        &lock::RLOCK,
        &local::LOCAL,
        &hook::EXCEPT_HOOK_ARGS,
    ],
    populate: populate_low,
    doc: "Primitive operations of threads.",
};

#[cfg(test)]
mod tests;
