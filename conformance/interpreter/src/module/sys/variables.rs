//! The variables that `sys` starts with.

use super::VERSION;
use super::stdlib_names::STDLIB_MODULE_NAMES;
use super::structures::structures;
use crate::error::PyResult;
use crate::module::io::standard::{self, Wishes};
use crate::object::obj::Obj;
use crate::object::str_;
use crate::object::{int, list, module, protocol, tuple};
use crate::vm::thread::rt;
use kit_core::thread::Ctx;

/// `sys.version`.
pub fn version() -> String {
    format!(
        "{}.{}.{} free-threading build (kit-python {}) [Rust]",
        VERSION[0],
        VERSION[1],
        VERSION[2],
        env!("CARGO_PKG_VERSION")
    )
}

/// Makes the streams of the process.
pub fn open_streams(ctx: &mut Ctx, wishes: &Wishes) -> PyResult<()> {
    for (name, fd) in [("stdin", 0), ("stdout", 1), ("stderr", 2)] {
        let file = standard::stream(ctx, fd, wishes)?;
        super::set_attribute(ctx, &format!("__{name}__"), file.clone())?;
        super::set_attribute(ctx, name, file)?;
    }
    Ok(())
}

pub(super) fn texts(ctx: &mut Ctx, items: &[&str]) -> PyResult<Vec<Obj>> {
    items.iter().map(|item| str_::new(ctx, item)).collect()
}

pub(super) fn populate(ctx: &mut Ctx, sys: &Obj) -> PyResult<()> {
    for (kept, name) in [
        ("__breakpointhook__", "breakpointhook"),
        ("__displayhook__", "displayhook"),
        ("__excepthook__", "excepthook"),
        ("__unraisablehook__", "unraisablehook"),
    ] {
        if let Some(hook) = crate::module::get(ctx, sys, name) {
            module::add(ctx, sys, kept, hook)?;
        }
    }
    let modules = rt(ctx).modules.get().cloned().unwrap_or(Obj::NONE);
    module::add(ctx, sys, "modules", modules)?;
    for (name, fd) in [("stdin", 0), ("stdout", 1), ("stderr", 2)] {
        let file = standard::stream(ctx, fd, &Wishes::default())?;
        module::add(ctx, sys, &format!("__{name}__"), file.clone())?;
        module::add(ctx, sys, name, file)?;
    }
    for name in [
        "argv",
        "warnoptions",
        "meta_path",
        "path_hooks",
        "orig_argv",
    ] {
        let list = list::from_vec(ctx, Vec::new())?;
        module::add(ctx, sys, name, list)?;
    }
    let root = str_::intern(ctx, crate::module::library::ROOT);
    let path = list::from_vec(ctx, vec![root])?;
    module::add(ctx, sys, "path", path)?;
    let cache = crate::object::dict::new(ctx)?;
    module::add(ctx, sys, "path_importer_cache", cache)?;
    for (name, value) in [
        ("maxsize", i64::MAX),
        ("maxunicode", 0x10_FFFF),
        (
            "hexversion",
            VERSION[0] << 24 | VERSION[1] << 16 | VERSION[2] << 8 | 0xF0,
        ),
        ("api_version", 1013),
    ] {
        let value = int::from_i64(ctx, value)?;
        module::add(ctx, sys, name, value)?;
    }
    let program = std::env::current_exe().unwrap_or_default();
    let version = version();
    for (name, value) in [
        ("version", version.as_str()),
        ("platform", "linux"),
        ("byteorder", "little"),
        ("executable", program.to_str().unwrap_or("")),
        ("_base_executable", program.to_str().unwrap_or("")),
        ("prefix", "/usr"),
        ("base_prefix", "/usr"),
        ("exec_prefix", "/usr"),
        ("base_exec_prefix", "/usr"),
        ("platlibdir", "lib"),
        ("float_repr_style", "short"),
        ("copyright", "MIT OR Apache-2.0"),
        ("abiflags", "t"),
        ("_framework", ""),
        ("_stdlib_dir", crate::module::library::ROOT),
    ] {
        let value = str_::new(ctx, value)?;
        module::add(ctx, sys, name, value)?;
    }
    let git = texts(ctx, &["kit-python", "", ""])?;
    let git = tuple::from_vec(ctx, git)?;
    module::add(ctx, sys, "_git", git)?;
    module::add(ctx, sys, "_home", Obj::NONE)?;
    module::add(ctx, sys, "dont_write_bytecode", Obj::TRUE)?;
    module::add(ctx, sys, "pycache_prefix", Obj::NONE)?;
    let natives: Vec<&str> = crate::module::MODULES.iter().map(|def| def.name).collect();
    let natives = texts(ctx, &natives)?;
    let natives = tuple::from_vec(ctx, natives)?;
    module::add(ctx, sys, "builtin_module_names", natives)?;
    let known = texts(ctx, STDLIB_MODULE_NAMES)?;
    let known = tuple::from_vec(ctx, known)?;
    let frozen = crate::object::type_::type_object(ctx, crate::object::ids::FROZENSET);
    let known = protocol::call(ctx, &frozen, &[known])?;
    module::add(ctx, sys, "stdlib_module_names", known)?;
    let monitoring = crate::module::create(ctx, &super::monitoring::MODULE)?;
    module::add(ctx, sys, "monitoring", monitoring)?;
    let jit = module::create(ctx, &super::JIT_MODULE)?;
    module::add(ctx, sys, "_jit", jit)?;
    structures(ctx, sys)
}
