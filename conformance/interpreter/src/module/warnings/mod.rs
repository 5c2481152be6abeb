//! Warnings: `_warnings`, the native half of the library's `warnings`, and what the interpreter itself warns of.
//!
//! What happens to a warning is decided here ([`issue`]); how it is shown is the business of `warnings`, which is loaded when
//! there is first one to show.
//!
//! ```text
//! warn: whose line is it? ─▶ warn_explicit: registry ─ the thread's filters ─ all filters ─▶ nothing
//!                                                                                        ─▶ an exception
//!                                                                                        ─▶ warnings._showwarnmsg
//! ```

mod issue;

use super::import;
use super::support;
use super::threading::{lock, state, wait};
use crate::error::{PyResult, raise};
use crate::object::args::{Args, Signature};
use crate::object::define::{ModuleDef, Native, method};
use crate::object::exception::class;
use crate::object::obj::Obj;
use crate::object::str_::PyStr;
use crate::object::tuple::PyTuple;
use crate::object::type_::type_object;
use crate::object::{ids, int, protocol, str_};
use crate::vm::thread::{lot, rt};
use issue::Warning;
use kit_core::thread::Ctx;
use kit_std::sync::rlock::RLock;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

/// Which filters there are.
pub struct Version {
    /// Counted up when they change, under the lock: what registries remember holds for one version.
    number: AtomicI64,
    lock: RLock,
}

impl Default for Version {
    fn default() -> Version {
        Version {
            number: AtomicI64::new(1),
            lock: RLock::new(),
        }
    }
}

impl Version {
    /// In the child of a fork: whoever else held the lock is gone.
    pub fn after_fork(&self, ctx: &Ctx) {
        if !self.lock.is_owned_by(state::ident()) && self.lock.is_locked() {
            let _depth = self.lock.release_all(self.lock.owner(), lot(ctx));
        }
    }
}

/// Does something with the filters locked.
fn locked<T>(ctx: &mut Ctx, work: impl FnOnce(&mut Ctx) -> PyResult<T>) -> PyResult<T> {
    let version = &rt(ctx).library.warnings;
    lock::acquire_rlock(ctx, &version.lock, wait::Patience::Until(None))?;
    let result = work(ctx);
    let _ = version.lock.release(state::ident(), lot(ctx));
    result
}

fn acquire(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    let version = &rt(ctx).library.warnings;
    lock::acquire_rlock(ctx, &version.lock, wait::Patience::Until(None))?;
    Ok(Obj::NONE)
}

fn release(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    let version = &rt(ctx).library.warnings;
    match version.lock.release(state::ident(), lot(ctx)) {
        true => Ok(Obj::NONE),
        false => Err(raise!(ctx, RuntimeError, "cannot release un-acquired lock")),
    }
}

fn mutated(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    let version = &rt(ctx).library.warnings;
    if !version.lock.is_owned_by(state::ident()) {
        return Err(raise!(ctx, RuntimeError, "warnings lock is not held"));
    }
    // Relaxed: read and written under the lock.
    version.number.fetch_add(1, Relaxed);
    Ok(Obj::NONE)
}

fn given(value: Option<&Obj>) -> Option<&Obj> {
    value.filter(|value| !value.is_none())
}

/// `warn(message, category=None, stacklevel=1, source=None, *, skip_file_prefixes=())`.
fn warn_function(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "warn",
        params: &[
            "message",
            "category",
            "stacklevel",
            "source",
            "skip_file_prefixes",
        ],
        posonly: 0,
        positional: 4,
        required: 1,
    };
    let [message, category, level, source, skip] = args.bind(ctx, &SIGNATURE)?;
    let message = message.unwrap_or(Obj::none());
    let level = match level {
        Some(level) => protocol::index_i64(ctx, level, None)?,
        None => 1,
    };
    let mut prefixes = Vec::new();
    if let Some(skip) = skip {
        let Some(skip) = skip.downcast::<PyTuple>() else {
            let class = protocol::type_name(ctx, skip);
            return Err(raise!(
                ctx,
                TypeError,
                "warn() argument 'skip_file_prefixes' must be tuple, not {class}"
            ));
        };
        for prefix in skip.items() {
            let Some(prefix) = prefix.downcast::<PyStr>() else {
                let class = protocol::type_name(ctx, prefix);
                return Err(raise!(
                    ctx,
                    TypeError,
                    "Found non-str '{class}' in skip_file_prefixes."
                ));
            };
            prefixes.push(prefix.as_str_lossy().into_owned());
        }
    }
    let category = issue::category(ctx, message, given(category))?;
    let source = given(source).cloned();
    let warning = Warning::of_caller(ctx, message.clone(), category, level, &prefixes, source)?;
    warning.issue(ctx).map(|()| Obj::NONE)
}

/// `warn_explicit(message, category, filename, lineno, module=None, registry=None, module_globals=None, source=None)`.
fn warn_explicit(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "warn_explicit",
        params: &[
            "message",
            "category",
            "filename",
            "lineno",
            "module",
            "registry",
            "module_globals",
            "source",
        ],
        posonly: 0,
        positional: 8,
        required: 4,
    };
    let bound: [Option<&Obj>; 8] = args.bind(ctx, &SIGNATURE)?;
    let [
        message,
        category,
        filename,
        line,
        module,
        registry,
        globals,
        source,
    ] = bound;
    let filename = filename.unwrap_or(Obj::none());
    if filename.downcast::<PyStr>().is_none() {
        let class = protocol::type_name(ctx, filename);
        return Err(raise!(
            ctx,
            TypeError,
            "warn_explicit() argument 'filename' must be str, not {class}"
        ));
    }
    let line = protocol::index_i64(ctx, line.unwrap_or(Obj::none()), None)?;
    let globals = given(globals);
    if let Some(globals) = globals
        && !protocol::is_instance_of(ctx, globals, ids::DICT)
    {
        let class = protocol::type_name(ctx, globals);
        return Err(raise!(
            ctx,
            TypeError,
            "module_globals must be a dict, not '{class}'"
        ));
    }
    if let Some(globals) = globals {
        // It complains about modules whose loader is not clear.
        let external = import::load(ctx, "_frozen_importlib_external")?;
        let find = str_::intern(ctx, "_bless_my_loader");
        protocol::call_method(ctx, &external, &find, std::slice::from_ref(globals))?;
    }
    let warning = Warning {
        message: message.cloned().unwrap_or(Obj::NONE),
        category: category.cloned().unwrap_or(Obj::NONE),
        filename: filename.clone(),
        line,
        module: module.cloned(),
        registry: given(registry).cloned(),
        globals: globals.cloned(),
        source: given(source).cloned(),
    };
    warning.issue(ctx).map(|()| Obj::NONE)
}

fn populate(ctx: &mut Ctx, module: &Obj) -> PyResult<()> {
    let parts = [
        ("filters", issue::own_filters(ctx)?),
        ("_onceregistry", issue::own_once(ctx)?),
        ("_warnings_context", issue::own_context(ctx)?),
        ("_defaultaction", str_::intern(ctx, "default")),
    ];
    for (name, value) in parts {
        support::add(ctx, module, name, value)?;
    }
    Ok(())
}

/// `_warnings`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_warnings",
    functions: &[
        method("warn", Native::F(warn_function)),
        method("warn_explicit", Native::F(warn_explicit)),
        method("_filters_mutated_lock_held", Native::FN(0, 0, mutated)),
        method("_acquire_lock", Native::FN(0, 0, acquire)),
        method("_release_lock", Native::FN(0, 0, release)),
    ],
    types: &[],
    populate,
    doc: "The native half of warnings.",
};

/// Warns about a line of a file.
///
/// # Errors
/// The filters say that such a warning is an error.
pub fn warn_at(
    ctx: &mut Ctx,
    class: u32,
    message: &str,
    filename: &str,
    line: u32,
) -> PyResult<()> {
    let warning = Warning {
        message: str_::new(ctx, message)?,
        category: type_object(ctx, class),
        filename: str_::new(ctx, filename)?,
        line: i64::from(line),
        module: None,
        registry: None,
        globals: None,
        source: None,
    };
    warning.issue(ctx)
}

/// Calls a function of `warnings`.
///
/// # Errors
/// The filters say that such a warning is an error.
pub fn call(ctx: &mut Ctx, function: &str, args: &[Obj]) -> PyResult<()> {
    let module = import::load(ctx, "warnings")?;
    let function = protocol::getattr_str(ctx, &module, function)?;
    protocol::call(ctx, &function, args).map(drop)
}

/// Warns in the name of the Python code that runs.
///
/// # Errors
/// The filters say that such a warning is an error.
pub fn warn(ctx: &mut Ctx, class: u32, message: &str) -> PyResult<()> {
    warn_level(ctx, class, message, 1)
}

/// Warns in the name of the Python code so many calls out of the one that runs; 1 is that itself.
///
/// # Errors
/// The filters say that such a warning is an error.
pub fn warn_level(ctx: &mut Ctx, class: u32, message: &str, level: i64) -> PyResult<()> {
    warn_about(ctx, class, message, level, None)
}

fn warn_about(
    ctx: &mut Ctx,
    class: u32,
    message: &str,
    level: i64,
    source: Option<Obj>,
) -> PyResult<()> {
    let message = str_::new(ctx, message)?;
    let category = type_object(ctx, class);
    Warning::of_caller(ctx, message, category, level, &[], source)?.issue(ctx)
}

/// Warns that a method of an async generator has returned what nobody has awaited.
///
/// # Errors
/// The filters say that such a warning is an error.
pub fn unawaited_method(ctx: &mut Ctx, method: &str, name: &Obj, generator: &Obj) -> PyResult<()> {
    let name = protocol::repr_string(ctx, name)?;
    let message = format!("coroutine method '{method}' of {name} was never awaited");
    let source = Some(generator.clone());
    warn_about(ctx, class::RuntimeWarning, &message, 1, source)
}

/// Warns that nobody has closed `source`.
///
/// # Errors
/// The filters say that such a warning is an error.
pub fn unclosed(ctx: &mut Ctx, what: &str, source: &Obj) -> PyResult<()> {
    // Nobody hears of it unless the program has asked for that, by a filter or an option.
    let options = crate::module::sys::attribute(ctx, "warnoptions");
    let asked = match options {
        Some(options) => protocol::truth(ctx, &options)?,
        None => false,
    };
    if !asked && import::loaded(ctx, "warnings")?.is_none() {
        return Ok(());
    }
    let text = protocol::repr_string(ctx, source)?;
    let message = format!("{what} {text}");
    let source = Some(source.clone());
    warn_about(ctx, class::ResourceWarning, &message, 1, source)
}

/// The number of the filters' version, as registries have it.
fn version(ctx: &mut Ctx) -> PyResult {
    let number = rt(ctx).library.warnings.number.load(Relaxed);
    int::from_i64(ctx, number)
}

/// Warns of bytes that are taken for text, if the program wants to hear of that.
///
/// # Errors
/// The filters say that such a warning is an error.
#[inline]
pub fn warn_of_bytes(ctx: &mut Ctx, message: &str) -> PyResult<()> {
    if rt(ctx).library.settings.bytes_warning.load(Relaxed) == 0 {
        return Ok(());
    }
    warn(ctx, class::BytesWarning, message)
}
