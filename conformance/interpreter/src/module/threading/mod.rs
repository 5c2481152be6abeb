//! `_thread`: what the library's `threading`, which is written in Python, asks the interpreter for.
//!
//! | | |
//! |---|---|
//! | [`state`] | which threads there are; the end of the program |
//! | [`launch`], [`thread_handle`] | starting a thread, waiting for it |
//! | [`wait`] | sleeping without holding anybody up |
//! | [`lock`] | `Lock` and `RLock` |
//! | [`local`] | `local` |
//! | [`hook`] | exceptions that end a thread |

pub mod hook;
pub mod launch;
pub mod local;
pub mod lock;
pub mod state;
pub mod thread_handle;
pub mod wait;

pub use state::forget;

use super::{struct_class, support};
use crate::error::{PyResult, raise};
use crate::object::args::Args;
use crate::object::define::{ModuleDef, Native, method};
use crate::object::dict::PyDict;
use crate::object::exception::class;
use crate::object::obj::Obj;
use crate::object::str_::PyStr;
use crate::object::tuple::PyTuple;
use crate::object::type_::type_object;
use crate::object::{float, ids, int, protocol, str_};
use crate::vm::thread::rt;
use kit_core::thread::Ctx;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

fn get_ident(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    int::from_i64(ctx, state::ident() as i64)
}

fn get_native_id(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    int::from_i64(ctx, kit_std::platform::threads::native_id() as i64)
}

/// The smallest native stack a program may ask for.
const LEAST_STACK: i64 = 53248;

fn stack_size(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let size = match args.first() {
        Some(size) => protocol::index_i64(ctx, size, None)?,
        None => 0,
    };
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
    if let Some(kwargs) = &kwargs {
        let Some(kwargs) = kwargs.downcast::<PyDict>() else {
            return Err(raise!(
                ctx,
                TypeError,
                "optional 3rd arg must be a dictionary"
            ));
        };
        let names = kwargs.keys(ctx);
        if names.iter().any(|name| name.downcast::<PyStr>().is_none()) {
            return Err(raise!(ctx, TypeError, "keywords must be strings"));
        }
    }
    crate::module::sys::audit::event(ctx, "_thread.start_new_thread", |_| {
        let kwargs = kwargs.clone().unwrap_or(Obj::NONE);
        Ok(vec![function.clone(), args.pos[1].clone(), kwargs])
    })?;
    let handle = Arc::new(state::Handle::default());
    handle.daemon.store(true, Relaxed);
    let job = launch::Job {
        function: function.clone(),
        args: args.pos[1].clone(),
        kwargs,
    };
    let ident = thread_handle::start(ctx, handle, job)?;
    int::from_i64(ctx, ident as i64)
}

/// `_count()`: threads that run and were started here.
fn count(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    let count = rt(ctx).library.threads.count.load(Relaxed);
    int::from_i64(ctx, count as i64)
}

fn main_ident(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    let main = rt(ctx).library.threads.main();
    int::from_i64(ctx, main.ident() as i64)
}

/// `_shutdown()`: waits for threads that are no daemons.
fn shutdown(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    state::join_all(ctx).map(|()| Obj::NONE)
}

/// `interrupt_main(signum=SIGINT)`: as if the signal had arrived.
fn interrupt_main(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let number = match args.first() {
        Some(number) => protocol::index_i64(ctx, number, None)?,
        None => i64::from(libc::SIGINT),
    };
    if !(1..=64).contains(&number) {
        return Err(raise!(ctx, ValueError, "signal number out of range"));
    }
    let main = rt(ctx).main_thread.load(Relaxed);
    if !main.is_null() && super::signal::has_handler(ctx, number)? {
        // SAFETY: the main thread's record lives as long as the runtime.
        crate::vm::interrupt::note_signal(unsafe { &(*main).core }, number as i32);
    }
    Ok(Obj::NONE)
}

fn exit(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    Err(crate::object::exception::raise_args(
        ctx,
        class::SystemExit,
        Vec::new(),
    ))
}

/// The most bytes of a thread's name that Linux keeps.
const NAME_MAXLEN: usize = 15;

/// `set_name(name)`: how the system's tools call the thread.
fn set_name(ctx: &mut Ctx, name: &Obj) -> PyResult {
    let Some(text) = name.downcast::<PyStr>() else {
        let class = protocol::type_name(ctx, name);
        return Err(raise!(
            ctx,
            TypeError,
            "set_name() argument 'name' must be str, not {class}"
        ));
    };
    // What cannot be encoded becomes a question mark.
    let text = text.as_str_lossy().replace('\u{fffd}', "?");
    let bytes = text.bytes().take_while(|byte| *byte != 0);
    let mut short = [0; NAME_MAXLEN + 1];
    for (place, byte) in short.iter_mut().zip(bytes.take(NAME_MAXLEN)) {
        *place = byte;
    }
    // SAFETY: it ends with a null byte.
    unsafe { libc::prctl(libc::PR_SET_NAME, short.as_ptr()) };
    Ok(Obj::NONE)
}

/// `_get_name()`: what the system's tools call the thread.
fn get_name(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    let mut name = [0_u8; NAME_MAXLEN + 1];
    // SAFETY: there is room for the longest name.
    unsafe { libc::prctl(libc::PR_GET_NAME, name.as_mut_ptr()) };
    let end = name.iter().position(|byte| *byte == 0);
    let name = &name[..end.unwrap_or(NAME_MAXLEN)];
    let codec = crate::text::codec::Codec::Utf8;
    let errors = crate::text::codec::Errors::SurrogateEscape;
    match crate::text::codec::decode(codec, name, errors) {
        Ok(name) => str_::from_buf(ctx, name),
        Err(_) => str_::new(ctx, ""),
    }
}

fn populate(ctx: &mut Ctx, module: &Obj) -> PyResult<()> {
    for (name, id) in [("LockType", ids::LOCK), ("error", class::RuntimeError)] {
        let class = type_object(ctx, id);
        support::add(ctx, module, name, class)?;
    }
    let args = struct_class::class(ctx, &hook::EXCEPT_HOOK_ARGS)?;
    support::add(ctx, module, "_ExceptHookArgs", args)?;
    let longest = Obj::small_int(NAME_MAXLEN as i64);
    support::add(ctx, module, "_NAME_MAXLEN", longest)?;
    let longest = float::new(ctx, wait::TIMEOUT_MAX)?;
    support::add(ctx, module, "TIMEOUT_MAX", longest)
}

/// `_thread`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_thread",
    functions: &[
        method("start_new_thread", Native::F(start_new_thread)),
        method("start_new", Native::F(start_new_thread)),
        method("allocate_lock", Native::F(allocate_lock)),
        method("allocate", Native::F(allocate_lock)),
        method(
            "start_joinable_thread",
            Native::F(thread_handle::start_joinable_thread),
        ),
        method(
            "_make_thread_handle",
            Native::F1(thread_handle::make_thread_handle),
        ),
        method("_get_main_thread_ident", Native::FN(0, 0, main_ident)),
        method(
            "_is_main_interpreter",
            Native::FN(0, 0, |_, _| Ok(Obj::TRUE)),
        ),
        method("_shutdown", Native::FN(0, 0, shutdown)),
        method(
            "daemon_threads_allowed",
            Native::FN(0, 0, |_, _| Ok(Obj::TRUE)),
        ),
        method("interrupt_main", Native::FN(0, 1, interrupt_main)),
        method("_count", Native::FN(0, 0, count)),
        method("exit", Native::FN(0, 0, exit)),
        method("exit_thread", Native::FN(0, 0, exit)),
        method("get_ident", Native::FN(0, 0, get_ident)),
        method("get_native_id", Native::FN(0, 0, get_native_id)),
        method("stack_size", Native::FN(0, 1, stack_size)),
        method("set_name", Native::F1(set_name)),
        method("_get_name", Native::FN(0, 0, get_name)),
        method("_excepthook", Native::F1(hook::excepthook)),
    ],
    types: &[
        &thread_handle::THREAD_HANDLE,
        &lock::LOCK,
        &lock::RLOCK,
        &local::LOCAL,
    ],
    populate,
    doc: "Primitive operations of threads.",
};

#[cfg(test)]
mod tests;
