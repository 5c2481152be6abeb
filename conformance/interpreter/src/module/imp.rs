//! `_imp`: what `importlib` asks of the interpreter.

use super::{cached, frozen, import, library};
use crate::builtins::compile;
use crate::error::{PyResult, raise};
use crate::object::args::{Args, Signature};
use crate::object::define::{ModuleDef, Native, method};
use crate::object::exception::{self, class};
use crate::object::obj::Obj;
use crate::object::str_::{self, PyStr};
use crate::object::{bytes, bytes_like, list, protocol, tuple};
use kit_core::thread::Ctx;

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_imp",
    functions: &[
        // Imports wait for one another by module: there is no lock around all of them.
        method("lock_held", Native::FN(0, 0, |_, _| Ok(Obj::FALSE))),
        method("acquire_lock", Native::FN(0, 0, |_, _| Ok(Obj::NONE))),
        method("release_lock", Native::FN(0, 0, |_, _| Ok(Obj::NONE))),
        method("is_builtin", Native::F1(is_builtin)),
        // Those that were imported natively are described natively, not by `importlib` when it starts.
        method("is_frozen", Native::F1(|_, _| Ok(Obj::FALSE))),
        method("is_frozen_package", Native::F1(|_, _| Ok(Obj::FALSE))),
        method("find_frozen", Native::F(find_frozen)),
        method("get_frozen_object", Native::F(get_frozen_object)),
        method("init_frozen", Native::F1(|_, _| Ok(Obj::NONE))),
        method("create_builtin", Native::F1(create_builtin)),
        method("exec_builtin", Native::F1(|_, _| Ok(Obj::small_int(0)))),
        method(
            "extension_suffixes",
            Native::FN(0, 0, |ctx, _| list::from_vec(ctx, Vec::new())),
        ),
        method("_fix_co_filename", Native::FN(2, 2, |_, _| Ok(Obj::NONE))),
        // Frozen modules have no other side, and there is one interpreter.
        method(
            "_override_frozen_modules_for_tests",
            Native::F1(|_, _| Ok(Obj::NONE)),
        ),
        method(
            "_override_multi_interp_extensions_check",
            Native::F1(|_, _| Ok(Obj::small_int(0))),
        ),
        method("source_hash", Native::F(source_hash)),
        method("_frozen_module_names", Native::F(frozen_names)),
        method("_library_read", Native::F1(library_read)),
        method(
            "_library_is_file",
            Native::F1(|ctx, path| Ok(Obj::bool(library::is_file(&text(ctx, path)?)))),
        ),
        method(
            "_library_is_directory",
            Native::F1(|ctx, path| Ok(Obj::bool(library::is_directory(&text(ctx, path)?)))),
        ),
        method("_library_list", Native::F1(library_list)),
    ],
    types: &[],
    populate,
    doc: "(Extremely) low-level import machinery bits as used by importlib.",
};

fn populate(ctx: &mut Ctx, module: &Obj) -> PyResult<()> {
    let usual = str_::intern(ctx, "default");
    crate::object::module::add(ctx, module, "check_hash_based_pycs", usual)?;
    let number = Obj::small_int(cached::magic().into());
    crate::object::module::add(ctx, module, "pyc_magic_number_token", number)?;
    let root = str_::intern(ctx, library::ROOT);
    crate::object::module::add(ctx, module, "_library_root", root)
}

fn text(ctx: &mut Ctx, x: &Obj) -> PyResult<String> {
    match x.downcast::<PyStr>() {
        Some(body) => Ok(body.as_str_lossy().into_owned()),
        None => {
            let class = protocol::type_name(ctx, x);
            Err(raise!(ctx, TypeError, "expected str, not {class}"))
        }
    }
}

/// 1 for a module written in Rust, −1 for one that cannot be made a second time.
fn is_builtin(ctx: &mut Ctx, name: &Obj) -> PyResult {
    let name = text(ctx, name)?;
    Ok(Obj::small_int(match name.as_str() {
        "builtins" | "sys" => -1,
        _ if super::definition(&name).is_some() => 1,
        _ => 0,
    }))
}

/// `(data, whether it is a package, its first name)`; the data is asked for later.
fn find_frozen(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let Some(given) = args.pos.first() else {
        return Err(raise!(ctx, TypeError, "find_frozen() needs a name"));
    };
    let name = text(ctx, given)?;
    if frozen::source(&name).is_none() {
        return Ok(Obj::NONE);
    }
    let given = given.clone();
    tuple::from_vec(ctx, vec![Obj::NONE, Obj::FALSE, given])
}

fn get_frozen_object(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let Some(given) = args.pos.first() else {
        return Err(raise!(ctx, TypeError, "get_frozen_object() needs a name"));
    };
    let name = text(ctx, given)?;
    let Some(source) = frozen::source(&name) else {
        let message = format!("No such frozen object named {name}");
        return Err(exception::raise_import_error(
            ctx,
            class::ImportError,
            &message,
            given,
            None,
        ));
    };
    compile::compile_bytes(ctx, source.as_bytes(), &format!("<frozen {name}>"))
}

fn create_builtin(ctx: &mut Ctx, spec: &Obj) -> PyResult {
    let name = protocol::getattr_str(ctx, spec, "name")?;
    let name = text(ctx, &name)?;
    if let Some(module) = import::loaded(ctx, &name)? {
        return Ok(module);
    }
    Ok(super::native(ctx, &name)?.unwrap_or(Obj::NONE))
}

/// `source_hash(key, source)`: eight bytes that say which text code was made of.
fn source_hash(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "source_hash",
        params: &["key", "source"],
        posonly: 0,
        positional: 2,
        required: 2,
    };
    let [key, source] = args.bind(ctx, &SIGNATURE)?;
    let key = protocol::index_i64(ctx, key.unwrap_or(Obj::none()), None)?;
    let source = bytes_like::expect_buffer(ctx, source.unwrap_or(Obj::none()))?;
    bytes::new(ctx, &cached::source_hash(key as u64, &source))
}

fn frozen_names(ctx: &mut Ctx, _: Args<'_>) -> PyResult {
    let names = frozen::names()
        .map(|name| str_::intern(ctx, name))
        .collect();
    list::from_vec(ctx, names)
}

fn library_read(ctx: &mut Ctx, path: &Obj) -> PyResult {
    let name = text(ctx, path)?;
    match library::read(&name) {
        Ok(data) => bytes::new(ctx, &data),
        Err(error) => Err(exception::os::raise_os_error(ctx, &error, Some(path))),
    }
}

fn library_list(ctx: &mut Ctx, path: &Obj) -> PyResult {
    let path = text(ctx, path)?;
    let names = library::list(&path)
        .into_iter()
        .map(|name| str_::new(ctx, name));
    let names = names.collect::<PyResult<_>>()?;
    list::from_vec(ctx, names)
}
