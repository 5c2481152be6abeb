//! The variables that `sys` starts with.

use super::VERSION;
use super::stdlib_names::STDLIB_MODULE_NAMES;
use super::structures::structures;
use crate::error::PyResult;
use crate::module::io::{stream, stream::Stream, text};
use crate::object::obj::Obj;
use crate::object::str_;
use crate::object::{int, list, module, protocol, tuple};
use crate::text::codec::{Codec, Errors};
use crate::vm::thread::rt;
use kit_core::thread::Ctx;

fn standard_file(ctx: &mut Ctx, fd: i32) -> PyResult {
    let (name, mode, errors) = match fd {
        0 => ("<stdin>", "r", Errors::Strict),
        1 => ("<stdout>", "w", Errors::Strict),
        _ => ("<stderr>", "w", Errors::BackslashReplace),
    };
    let stream = Stream::standard(fd);
    if fd != 0 && std::env::var_os("PYTHONUNBUFFERED").is_some_and(|v| !v.is_empty()) {
        stream::quick(ctx, &stream, |s| s.unbuffered = true);
    }
    let name = str_::new(ctx, name)?;
    let binary_mode = if fd == 0 { "rb" } else { "wb" };
    let buffer = crate::module::io::binary::new(ctx, stream, name.clone(), binary_mode)?;
    let format = text::Format {
        codec: Codec::Utf8,
        encoding: "utf-8".to_owned(),
        errors,
        newline: if fd == 0 {
            text::Newline::Universal
        } else {
            text::Newline::Lf
        },
    };
    text::new(ctx, buffer, name, mode, format)
}

pub(super) fn texts(ctx: &mut Ctx, items: &[&str]) -> PyResult<Vec<Obj>> {
    items.iter().map(|item| str_::new(ctx, item)).collect()
}

pub(super) fn populate(ctx: &mut Ctx, sys: &Obj) -> PyResult<()> {
    let modules = rt(ctx).modules.get().cloned().unwrap_or(Obj::NONE);
    module::add(ctx, sys, "modules", modules)?;
    for (name, fd) in [("stdin", 0), ("stdout", 1), ("stderr", 2)] {
        let file = standard_file(ctx, fd)?;
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
    let version = format!(
        "{}.{}.{} free-threading build (kit-python {})",
        VERSION[0],
        VERSION[1],
        VERSION[2],
        env!("CARGO_PKG_VERSION")
    );
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
    ] {
        let value = str_::new(ctx, value)?;
        module::add(ctx, sys, name, value)?;
    }
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
