//! Modules of the library that are written in Python, their source part of the interpreter.

use crate::error::{PyResult, raise};
use crate::object::define::{ModuleDef, Native, flag, method};
use crate::object::obj::Obj;
use crate::object::payload::Body;
use crate::object::type_::PyType;
use crate::object::{module, protocol, str_};
use kit_core::thread::Ctx;
use std::sync::atomic::Ordering::AcqRel;
use std::sync::atomic::Ordering::Relaxed;

/// Their names and texts.
static SOURCES: &[(&str, &str)] = &[
    ("_py_abc", include_str!("python/py_abc.py")),
    ("_opcode", include_str!("python/opcode_names.py")),
    ("opcode", include_str!("python/opcode.py")),
    (
        "_sysconfigdata_t_linux_",
        include_str!("python/sysconfigdata.py"),
    ),
    ("_importing", include_str!("python/importing.py")),
    ("_datetime", include_str!("python/native_datetime.py")),
    ("_sysconfig", include_str!("python/build_flags.py")),
    ("mmap", include_str!("python/mapped_files.py")),
    ("_symtable", include_str!("python/symbol_tables.py")),
    ("dis", include_str!("python/dis.py")),
    ("_tracemalloc", include_str!("python/tracemalloc_absent.py")),
    (
        "_remote_debugging",
        include_str!("python/remote_debugging_absent.py"),
    ),
    ("_lsprof", include_str!("python/lsprof.py")),
    ("cProfile", include_str!("python/cprofile.py")),
    ("faulthandler", include_str!("python/faulthandler.py")),
];

/// Their names.
pub fn names() -> impl Iterator<Item = &'static str> {
    SOURCES.iter().map(|(name, _)| *name)
}

/// The text of the module with this name.
pub fn source(name: &str) -> Option<&'static str> {
    let found = SOURCES.iter().find(|(known, _)| *known == name);
    found.map(|(_, text)| *text)
}

/// `__getattr__` of a module whose names are in part defined in Python: `places` says in which modules, and
/// an empty place is the submodule of that name.
pub fn late_attribute(
    ctx: &mut Ctx,
    module: &'static str,
    places: &[(&str, &str)],
    name: &Obj,
) -> PyResult {
    let wanted = match name.downcast::<str_::PyStr>() {
        Some(name) => name.as_str_lossy().into_owned(),
        None => String::new(),
    };
    let Some((_, place)) = places.iter().find(|(known, _)| *known == wanted) else {
        return Err(raise!(
            ctx,
            AttributeError,
            "module '{module}' has no attribute '{wanted}'"
        ));
    };
    if place.is_empty() {
        return super::import::load(ctx, &format!("{module}.{wanted}"));
    }
    let loaded = super::import::load(ctx, place)?;
    let value = protocol::getattr(ctx, &loaded, name)?;
    // The next time it is found at once.
    if let Some(this) = super::import::loaded(ctx, module)? {
        module::add(ctx, &this, &wanted, value.clone())?;
    }
    Ok(value)
}

const PATTERNS: u32 = flag::SEQUENCE | flag::MAPPING;

/// Instances of the class match sequence patterns, or mapping patterns.
fn set_pattern_flag(ctx: &mut Ctx, args: crate::object::args::Args<'_>) -> PyResult {
    args.check(ctx, "set_pattern_flag", 2, 2)?;
    let sequence = protocol::truth(ctx, &args.pos[1])?;
    if let Some(class) = args.pos[0].downcast::<PyType>() {
        let flags = if sequence {
            flag::SEQUENCE
        } else {
            flag::MAPPING
        };
        class.flags.fetch_or(flags, AcqRel);
    }
    Ok(Obj::NONE)
}

/// Gives a class and all that derive from it these flags, instead of those they have.
fn give_patterns(ctx: &Ctx, class: &Body<PyType>, flags: u32) {
    let given = class.flags.load(Relaxed);
    if given & flag::IMMUTABLE != 0 || given & PATTERNS == flags {
        return;
    }
    class.flags.fetch_and(!PATTERNS, AcqRel);
    class.flags.fetch_or(flags, AcqRel);
    for derived in class.subclasses(ctx) {
        if let Some(derived) = derived.downcast::<PyType>() {
            give_patterns(ctx, derived, flags);
        }
    }
}

/// Instances of the second class match the patterns that those of the first one match.
fn copy_pattern_flags(ctx: &mut Ctx, args: crate::object::args::Args<'_>) -> PyResult {
    args.check(ctx, "copy_pattern_flags", 2, 2)?;
    let classes = (
        args.pos[0].downcast::<PyType>(),
        args.pos[1].downcast::<PyType>(),
    );
    if let (Some(from), Some(to)) = classes
        && let flags = from.flags.load(Relaxed) & PATTERNS
        && flags != 0
    {
        give_patterns(ctx, to, flags);
    }
    Ok(Obj::NONE)
}

/// `_abc`: what `_py_abc` needs and Python cannot do.
pub static ABC_MODULE: ModuleDef = ModuleDef {
    name: "_abc",
    functions: &[
        method("set_pattern_flag", Native::F(set_pattern_flag)),
        method("copy_pattern_flags", Native::F(copy_pattern_flags)),
    ],
    types: &[],
    populate: |_, _| Ok(()),
    doc: "",
};
