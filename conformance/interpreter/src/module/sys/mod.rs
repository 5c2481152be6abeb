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
//! | `asynchronous` | hooks of async generators, origins of coroutines           |
//! | `hooks`        | `displayhook`, `excepthook`, `unraisablehook`              |
//! | `stdlib_names` | the names of the standard library's modules                |

mod asynchronous;
mod hooks;
mod monitoring;
mod objects;
mod running;
mod stdlib_names;
mod structures;
mod tracing;
mod variables;

pub use stdlib_names::STDLIB_MODULE_NAMES;

use super::struct_seq;
use crate::error::PyResult;
use crate::object::define::{Method, ModuleDef, Native, method};
use crate::object::dict::PyDict;
use crate::object::exception;
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::str_;
use crate::object::{float, module, protocol};
use crate::vm::thread::rt;
use hooks::{displayhook, excepthook, unraisablehook};
use kit_core::thread::Ctx;
use objects::{getrefcount, getsizeof, intern, is_interned};
pub use running::exit;
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
            Native::F(|ctx, args| {
                args.check(ctx, "getrecursionlimit", 0, 0)?;
                Ok(Obj::small_int(i64::from(
                    rt(ctx).recursion_limit.load(Relaxed),
                )))
            }),
        ),
        method(
            "get_asyncgen_hooks",
            Native::F(asynchronous::get_asyncgen_hooks),
        ),
        method(
            "set_asyncgen_hooks",
            Native::F(asynchronous::set_asyncgen_hooks),
        ),
        method(
            "get_coroutine_origin_tracking_depth",
            Native::F(asynchronous::get_origin_depth),
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
            native: Native::F(objects::gettotalrefcount),
            doc: "gettotalrefcount($module, /)\n--\n\nThe number of references to mortal objects, of all threads together.",
        },
        method("getsizeof", Native::F(getsizeof)),
        method("intern", Native::F1(intern)),
        method("_current_exceptions", Native::F(current_exceptions)),
        method("_current_frames", Native::F(current_frames)),
        method(
            "_get_cpu_count_config",
            Native::F(|_, _| Ok(Obj::small_int(-1))),
        ),
        method("_getframe", Native::F(getframe)),
        method("_getframemodulename", Native::F(getframemodulename)),
        method("_is_gil_enabled", Native::F(|_, _| Ok(Obj::FALSE))),
        method("_is_interned", Native::F1(is_interned)),
        method(
            "_is_immortal",
            Native::F1(|_, x| {
                let immortal = x.header().is_none_or(|header| header.is_immortal());
                Ok(Obj::bool(immortal))
            }),
        ),
        method("_clear_type_cache", Native::F(|_, _| Ok(Obj::NONE))),
        method("_clear_internal_caches", Native::F(|_, _| Ok(Obj::NONE))),
        method("excepthook", Native::F(excepthook)),
        method("__excepthook__", Native::F(excepthook)),
        method("displayhook", Native::F1(displayhook)),
        method("__displayhook__", Native::F1(displayhook)),
        method("unraisablehook", Native::F1(unraisablehook)),
        method("__unraisablehook__", Native::F1(unraisablehook)),
        method(
            "getdefaultencoding",
            Native::F(|ctx, _| str_::new(ctx, "utf-8")),
        ),
        method(
            "getfilesystemencoding",
            Native::F(|ctx, _| str_::new(ctx, "utf-8")),
        ),
        method(
            "getfilesystemencodeerrors",
            Native::F(|ctx, _| str_::new(ctx, "surrogateescape")),
        ),
        method(
            "get_int_max_str_digits",
            Native::F(|ctx, _| {
                Ok(Obj::small_int(i64::from(
                    rt(ctx).max_str_digits.load(Relaxed),
                )))
            }),
        ),
        method("set_int_max_str_digits", Native::F(set_max_str_digits)),
        method(
            "getswitchinterval",
            Native::F(|ctx, _| float::new(ctx, 0.005)),
        ),
        method("setswitchinterval", Native::F1(|_, _| Ok(Obj::NONE))),
        Method {
            name: "settrace",
            native: Native::F(tracing::settrace),
            doc: "settrace($module, function, /)\n--\n\nTells the function of what the calling thread's frames come to.\n\n\
                It is called for each new frame; what it returns is told of that frame's lines.",
        },
        method("gettrace", Native::F(tracing::gettrace)),
        Method {
            name: "setprofile",
            native: Native::F(tracing::setprofile),
            doc: "setprofile($module, function, /)\n--\n\nTells the function of the calling thread's calls and returns.",
        },
        method("getprofile", Native::F(tracing::getprofile)),
        method("_settraceallthreads", Native::F(tracing::set_trace_all)),
        method("_setprofileallthreads", Native::F(tracing::set_profile_all)),
        // No number of processors was set by hand.
        method(
            "_get_cpu_count_config",
            Native::F(|_, _| Ok(Obj::small_int(-1))),
        ),
        method("is_finalizing", Native::F(|_, _| Ok(Obj::FALSE))),
        method("audit", Native::F(|_, _| Ok(Obj::NONE))),
    ],
    types: &[&struct_seq::STRUCT_SEQ],
    populate,
    doc: "This module provides access to some objects used or maintained by the\n\
        interpreter and to functions that interact strongly with the interpreter.",
};

/// `sys._jit`: there is none.
static JIT_MODULE: ModuleDef = ModuleDef {
    name: "sys._jit",
    functions: &[
        method("is_available", Native::F(|_, _| Ok(Obj::FALSE))),
        method("is_enabled", Native::F(|_, _| Ok(Obj::FALSE))),
        method("is_active", Native::F(|_, _| Ok(Obj::FALSE))),
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
