//! `sys`: the interpreter's own variables and switches.
//!
//! | file           | what                                                       |
//! |----------------|------------------------------------------------------------|
//! | `variables`    | what the module starts with: files, paths, versions        |
//! | `structures`   | `version_info`, `flags`, `float_info` and others           |
//! | `running`      | `exit`, exceptions, frames, limits                         |
//! | `monitoring`   | `sys.monitoring`                                           |
//! | `tracing`      | `settrace`, `setprofile`                                   |
//! | `objects`      | `getrefcount`, `getsizeof`, `intern`                       |
//! | `audit`        | functions that are told of events                          |
//! | `process`      | what CPython says of its machinery                         |
//! | `asynchronous` | hooks of async generators, origins of coroutines           |
//! | `breakpoint`   | `breakpointhook`                                           |
//! | `hooks`        | `displayhook`, `excepthook`, `unraisablehook`              |
//! | `stdlib_names` | the names of the standard library's modules                |

mod asynchronous;
pub mod audit;
mod breakpoint;
mod hooks;
mod monitoring;
mod objects;
mod process;
mod running;
mod stdlib_names;
mod structures;
mod tracing;
mod variables;
pub(crate) use asynchronous::HOOKS;
pub use structures::flags;
pub(crate) use structures::{FLAGS, FLOAT_INFO, HASH_INFO, INT_INFO, THREAD_INFO, VERSION_INFO};
pub use variables::{open_streams, version};

pub use stdlib_names::STDLIB_MODULE_NAMES;

pub use crate::builtins::site::exit;
use crate::error::PyResult;
use crate::object::define::{Method, ModuleDef, Native, method};
use crate::object::dict::PyDict;
use crate::object::exception;
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::str_;
use crate::object::{module, protocol};
use crate::vm::thread::rt;
use hooks::{displayhook, excepthook, unraisablehook};
use kit_core::thread::Ctx;
use objects::{getrefcount, getsizeof, intern, is_interned};
use running::{
    current_exception, current_exceptions, current_frames, exc_info, getframe, getframemodulename,
    set_max_str_digits, set_recursion_limit,
};
use std::sync::atomic::Ordering::Relaxed;
use variables::populate;

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "sys",
    functions: &[
        method("exit", Native::F(exit)),
        method("exc_info", Native::F(exc_info)),
        method("exception", Native::F(current_exception)),
        method(
            "getrecursionlimit",
            Native::FN(0, 0, |ctx, _| {
                Ok(Obj::small_int(i64::from(
                    rt(ctx).recursion_limit.load(Relaxed),
                )))
            }),
        ),
        method(
            "get_asyncgen_hooks",
            Native::FN(0, 0, asynchronous::get_asyncgen_hooks),
        ),
        method(
            "set_asyncgen_hooks",
            Native::F(asynchronous::set_asyncgen_hooks),
        ),
        method(
            "get_coroutine_origin_tracking_depth",
            Native::FN(0, 0, asynchronous::get_origin_depth),
        ),
        method(
            "set_coroutine_origin_tracking_depth",
            Native::F1(asynchronous::set_origin_depth),
        ),
        method("setrecursionlimit", Native::F1(set_recursion_limit)),
        Method {
            name: "getrefcount",
            native: Native::F1(getrefcount),
            doc: "getrefcount($module, object, /)\n--\n\nThe number of references to the object, this call's own included.\n\n\
                Immortal objects, which nobody counts, and values that are no objects show a large number.",
        },
        #[cfg(feature = "stats")]
        Method {
            name: "gettotalrefcount",
            native: Native::FN(0, 0, objects::gettotalrefcount),
            doc: "gettotalrefcount($module, /)\n--\n\nThe number of references to mortal objects, of all threads together.",
        },
        method("getsizeof", Native::F(getsizeof)),
        method("intern", Native::F1(intern)),
        method("_current_exceptions", Native::F(current_exceptions)),
        method("_current_frames", Native::F(current_frames)),
        method("_get_cpu_count_config", Native::F(process::cpu_count)),
        method(
            "_debugmallocstats",
            Native::FN(0, 0, process::debug_malloc_stats),
        ),
        method(
            "getallocatedblocks",
            Native::FN(0, 0, process::allocated_blocks),
        ),
        method("getunicodeinternedsize", Native::F(process::interned_size)),
        method(
            "getdlopenflags",
            Native::FN(0, 0, process::get_dlopen_flags),
        ),
        method(
            "setdlopenflags",
            Native::FN(1, 1, process::set_dlopen_flags),
        ),
        method("call_tracing", Native::FN(2, 2, process::call_tracing)),
        method(
            "activate_stack_trampoline",
            Native::F(process::no_trampoline),
        ),
        method(
            "deactivate_stack_trampoline",
            Native::FN(0, 0, |_, _| Ok(Obj::NONE)),
        ),
        method(
            "is_stack_trampoline_active",
            Native::FN(0, 0, |_, _| Ok(Obj::FALSE)),
        ),
        method(
            "is_remote_debug_enabled",
            Native::FN(0, 0, |_, _| Ok(Obj::FALSE)),
        ),
        method("remote_exec", Native::F(process::remote_exec)),
        method("_getframe", Native::F(getframe)),
        method("_getframemodulename", Native::F(getframemodulename)),
        method("_is_gil_enabled", Native::FN(0, 0, |_, _| Ok(Obj::FALSE))),
        method("_is_interned", Native::F1(is_interned)),
        method(
            "_is_immortal",
            Native::F1(|_, x| {
                let immortal = x.header().is_none_or(|header| header.is_immortal());
                Ok(Obj::bool(immortal))
            }),
        ),
        method(
            "_clear_type_descriptors",
            Native::F1(objects::clear_type_descriptors),
        ),
        method("_clear_type_cache", Native::FN(0, 0, |_, _| Ok(Obj::NONE))),
        method(
            "_clear_internal_caches",
            Native::FN(0, 0, |_, _| Ok(Obj::NONE)),
        ),
        method("breakpointhook", Native::F(breakpoint::breakpointhook)),
        method("excepthook", Native::F(excepthook)),
        method("displayhook", Native::F1(displayhook)),
        method("unraisablehook", Native::F1(unraisablehook)),
        method(
            "getdefaultencoding",
            Native::FN(0, 0, |ctx, _| str_::new(ctx, "utf-8")),
        ),
        method(
            "getfilesystemencoding",
            Native::FN(0, 0, |ctx, _| str_::new(ctx, "utf-8")),
        ),
        method(
            "getfilesystemencodeerrors",
            Native::FN(0, 0, |ctx, _| str_::new(ctx, "surrogateescape")),
        ),
        method(
            "get_int_max_str_digits",
            Native::FN(0, 0, |ctx, _| {
                Ok(Obj::small_int(i64::from(
                    rt(ctx).max_str_digits.load(Relaxed),
                )))
            }),
        ),
        method("set_int_max_str_digits", Native::F(set_max_str_digits)),
        method(
            "getswitchinterval",
            Native::FN(0, 0, process::switch_interval),
        ),
        method(
            "setswitchinterval",
            Native::F1(process::set_switch_interval),
        ),
        Method {
            name: "settrace",
            native: Native::F(tracing::settrace),
            doc: "settrace($module, function, /)\n--\n\nTells the function of what the calling thread's frames come to.\n\n\
                It is called for each new frame; what it returns is told of that frame's lines.",
        },
        method("gettrace", Native::FN(0, 0, tracing::gettrace)),
        Method {
            name: "setprofile",
            native: Native::F(tracing::setprofile),
            doc: "setprofile($module, function, /)\n--\n\nTells the function of the calling thread's calls and returns.",
        },
        method("getprofile", Native::FN(0, 0, tracing::getprofile)),
        method("_settraceallthreads", Native::F(tracing::set_trace_all)),
        method("_setprofileallthreads", Native::F(tracing::set_profile_all)),
        method(
            "is_finalizing",
            Native::FN(0, 0, |ctx, _| {
                // Relaxed: a thread that goes on then has set it itself.
                let finalizing = rt(ctx).library.threads.finalizing.load(Relaxed);
                Ok(Obj::bool(finalizing))
            }),
        ),
        method("audit", Native::F(audit::audit)),
        method("addaudithook", Native::F1(audit::add_hook)),
    ],
    types: &[],
    populate,
    doc: "This module provides access to some objects used or maintained by the\n\
        interpreter and to functions that interact strongly with the interpreter.",
};

/// `sys._jit`: there is none.
static JIT_MODULE: ModuleDef = ModuleDef {
    name: "sys._jit",
    functions: &[
        method("is_available", Native::FN(0, 0, |_, _| Ok(Obj::FALSE))),
        method("is_enabled", Native::FN(0, 0, |_, _| Ok(Obj::FALSE))),
        method("is_active", Native::FN(0, 0, |_, _| Ok(Obj::FALSE))),
    ],
    types: &[],
    populate: |_, _| Ok(()),
    doc: "",
};

/// The version of Python that this is.
pub const VERSION: [i64; 3] = [3, 14, 0];

/// The variable of `sys` with this name.
pub fn attribute(ctx: &mut Ctx, name: &'static str) -> Option<Obj> {
    let sys = str_::intern(ctx, "sys");
    let module = rt(ctx)
        .modules
        .get()?
        .expect::<PyDict>()
        .get_name(ctx, &sys)?;
    module.downcast::<module::PyModule>()?;
    super::get(ctx, &module, name)
}

/// Sets a variable of `sys`.
pub fn set_attribute(ctx: &mut Ctx, name: &str, value: Obj) -> PyResult<()> {
    let sys = str_::intern(ctx, "sys");
    let module = rt(ctx)
        .modules
        .get()
        .and_then(|modules| modules.expect::<PyDict>().get_name(ctx, &sys));
    match module {
        Some(module) if module.downcast::<module::PyModule>().is_some() => {
            module::add(ctx, &module, name, value)
        }
        _ => Ok(()),
    }
}

/// Writes text to `sys.stderr`, or to the process's standard error where that does not work.
pub fn write_stderr(ctx: &mut Ctx, text: &str) {
    // What the program printed before comes first, as far as both go to the same place.
    if let Some(file) = attribute(ctx, "stderr") {
        if file.is_none() {
            // The program wants to hear nothing.
            return;
        }
        let written = str_::new(ctx, text).and_then(|text| {
            let file = &file;
            protocol::call_method(ctx, file, &names(ctx).write, &[text])?;
            protocol::call_method(ctx, file, &names(ctx).flush, &[])
        });
        match written {
            Ok(_) => return,
            Err(raised) => {
                exception::take(ctx, raised);
            }
        }
    }
    // There is nobody left to tell.
    let _ = std::io::Write::write_all(&mut std::io::stderr(), text.as_bytes());
}
