//! `import`: `sys.modules`, the native modules, then source files and packages on `sys.path`.

use super::{importing, native};
use crate::error::{PyResult, Raised, raise};
use crate::object::args::{Args, Signature};
use crate::object::dict::PyDict;
use crate::object::exception::{self, class};
use crate::object::module;
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::str_::{self, PyStr};
use crate::object::{list, protocol};
use crate::vm::thread::rt;
use kit_core::thread::Ctx;
use std::path::{Path, PathBuf};

/// `__import__(name, globals, locals, fromlist, level)`.
pub fn builtin_import(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let signature = Signature {
        name: "__import__",
        params: &["name", "globals", "locals", "fromlist", "level"],
        posonly: 0,
        positional: 5,
        required: 1,
    };
    let [name, globals, _, from, level] = args.bind::<5>(ctx, &signature)?;
    let name = name.cloned().unwrap_or(Obj::NONE);
    let level = match level {
        Some(level) => protocol::index_i64(ctx, level, None)?,
        None => 0,
    };
    let from = from.cloned().unwrap_or(Obj::NONE);
    import(ctx, &name, globals, &from, level)
}

/// What `import name` or `from name import …` evaluates to: without names to take from it, the
/// first part of a dotted name.
pub fn import(
    ctx: &mut Ctx,
    name: &Obj,
    globals: Option<&Obj>,
    from: &Obj,
    level: i64,
) -> PyResult {
    let Some(text) = name.downcast::<PyStr>() else {
        let class = protocol::type_name(ctx, name);
        return Err(raise!(
            ctx,
            TypeError,
            "module name must be a string, not {class}"
        ));
    };
    let text = text.as_str_lossy().into_owned();
    if level < 0 {
        return Err(raise!(ctx, ValueError, "level must be >= 0"));
    }
    let full = if level > 0 {
        resolve(ctx, &text, globals, level)?
    } else {
        text.clone()
    };
    if full.is_empty() {
        return Err(raise!(ctx, ValueError, "Empty module name"));
    }
    let module = load(ctx, &full)?;
    if !protocol::truth(ctx, from)? {
        if level == 0 {
            let first = full.split('.').next().unwrap_or(&full).to_owned();
            return load(ctx, &first);
        }
        // `__import__('x.y', level=1)`: the module the first part of the given name means.
        let cut = text.find('.').map_or(0, |dot| text.len() - dot);
        let first = full[..full.len() - cut].to_owned();
        return if text.is_empty() {
            Ok(module)
        } else {
            load(ctx, &first)
        };
    }
    // Names to be taken from a package may be its submodules.
    let path = &names(ctx).path;
    if protocol::find_attr(ctx, &module, path)?.is_some() {
        for item in protocol::collect(ctx, from)? {
            submodule(ctx, &module, &full, &item)?;
        }
    }
    Ok(module)
}

fn submodule(ctx: &mut Ctx, module: &Obj, full: &str, item: &Obj) -> PyResult<()> {
    let Some(text) = item.downcast::<PyStr>() else {
        return Ok(());
    };
    let text = text.as_str_lossy().into_owned();
    let attribute = str_::intern_text(ctx, &text)?;
    if text == "*" || protocol::find_attr(ctx, module, &attribute)?.is_some() {
        return Ok(());
    }
    let wanted = format!("{full}.{text}");
    match load(ctx, &wanted) {
        Ok(_) => Ok(()),
        Err(raised) if is_missing(ctx, &raised, &wanted) => {
            exception::take(ctx, raised);
            Ok(())
        }
        Err(raised) => Err(raised),
    }
}

/// Whether the stored exception says that the very module is not there.
fn is_missing(ctx: &mut Ctx, raised: &Raised, name: &str) -> bool {
    if !exception::matches(ctx, raised, class::ModuleNotFoundError) {
        return false;
    }
    let Some(exception) = crate::vm::thread::py(ctx).raised.clone() else {
        return false;
    };
    let body = exception.downcast::<exception::PyException>();
    body.and_then(|b| b.field(ctx, exception::simple::NAME))
        .is_some_and(|n| {
            n.downcast::<PyStr>()
                .is_some_and(|n| n.as_str_lossy() == name)
        })
}

/// The absolute name of a relative import.
fn resolve(ctx: &mut Ctx, name: &str, globals: Option<&Obj>, level: i64) -> PyResult<String> {
    let space = globals.and_then(|g| g.downcast::<PyDict>());
    let text_of = |ctx: &Ctx, key: &Obj| {
        let value = space?.get_name(ctx, key)?;
        Some(value.downcast::<PyStr>()?.as_str_lossy().into_owned())
    };
    let n = names(ctx);
    let mut package = text_of(ctx, &n.package).unwrap_or_default();
    if package.is_empty() {
        package = text_of(ctx, &n.name).unwrap_or_default();
        let is_package = space.is_some_and(|s| s.get_name(ctx, &n.path).is_some());
        if !is_package {
            let parent = package.rfind('.').map_or("", |dot| &package[..dot]);
            package = parent.to_owned();
        }
    }
    if package.is_empty() || package == "__main__" {
        return Err(raise!(
            ctx,
            ImportError,
            "attempted relative import with no known parent package"
        ));
    }
    for _ in 1..level {
        match package.rfind('.') {
            Some(dot) => package.truncate(dot),
            None => {
                return Err(raise!(
                    ctx,
                    ImportError,
                    "attempted relative import beyond top-level package"
                ));
            }
        }
    }
    if name.is_empty() {
        Ok(package)
    } else {
        Ok(format!("{package}.{name}"))
    }
}

/// The module with this name in `sys.modules`.
pub fn loaded(ctx: &mut Ctx, name: &str) -> PyResult<Option<Obj>> {
    let name = str_::intern_text(ctx, name)?;
    let modules = rt(ctx).modules.get();
    Ok(modules.and_then(|modules| modules.expect::<PyDict>().get_name(ctx, &name)))
}

fn not_found(ctx: &mut Ctx, name: &str, message: &str) -> Raised {
    let name = match str_::intern_text(ctx, name) {
        Ok(name) => name,
        Err(raised) => return raised,
    };
    exception::raise_import_error(ctx, class::ModuleNotFoundError, message, &name, None)
}

/// The module with this absolute name, loaded if it was not. Complete, unless the import is part of a circle.
pub fn load(ctx: &mut Ctx, name: &str) -> PyResult {
    if let Some(module) = known(ctx, name)? {
        return Ok(module);
    }
    let parent = match name.rfind('.') {
        Some(dot) => Some((load(ctx, &name[..dot])?, &name[dot + 1..])),
        None => None,
    };
    loop {
        // Loading the parent may have loaded the module; or another thread has.
        if let Some(module) = known(ctx, name)? {
            return Ok(module);
        }
        let guard = match importing::enter(ctx, name)? {
            importing::Turn::Load(guard) => Some(guard),
            importing::Turn::Again => continue,
            // Its search has led back to it.
            importing::Turn::Circle => None,
        };
        let module = load_now(ctx, name, parent.as_ref().map(|(p, own)| (p, *own)));
        if let Some(guard) = guard {
            guard.finish(ctx);
        }
        return module;
    }
}

/// The module with this name in `sys.modules`, complete as far as that depends on other threads.
fn known(ctx: &mut Ctx, name: &str) -> PyResult<Option<Obj>> {
    if loaded(ctx, name)?.is_none() {
        return Ok(None);
    }
    importing::settle(ctx, name)?;
    match loaded(ctx, name)? {
        Some(module) if module.is_none() => {
            let message = format!("import of {name} halted; None in sys.modules");
            Err(not_found(ctx, name, &message))
        }
        other => Ok(other),
    }
}

/// Loads a module, in this thread's turn, and makes it an attribute of its package.
fn load_now(ctx: &mut Ctx, name: &str, parent: Option<(&Obj, &str)>) -> PyResult {
    let module = match loaded(ctx, name)? {
        Some(module) => module,
        None => find(ctx, name, parent.map(|(parent, _)| parent))?,
    };
    if let Some((parent, own)) = parent {
        let own = str_::intern_text(ctx, own)?;
        protocol::setattr(ctx, parent, &own, Some(&module))?;
    }
    Ok(module)
}

fn find(ctx: &mut Ctx, name: &str, parent: Option<&Obj>) -> PyResult {
    if let Some(module) = native(ctx, name)? {
        return Ok(module);
    }
    if let Some(text) = super::frozen::source(name) {
        let filename = format!("<frozen {name}>");
        return execute(ctx, name, text.as_bytes(), &filename, None);
    }
    let missing = format!("No module named '{name}'");
    let path = match parent {
        None => super::sys::attribute(ctx, "path"),
        Some(parent) => {
            let key = &names(ctx).path;
            let path = protocol::find_attr(ctx, parent, key)?;
            if path.is_none() {
                let dot = name.rfind('.').unwrap_or(0);
                let package = &name[..dot];
                let message = format!("{missing}; '{package}' is not a package");
                return Err(not_found(ctx, name, &message));
            }
            path
        }
    };
    match locate(ctx, name, path)? {
        Some((file, directory)) => source(ctx, name, &file, directory.as_deref()),
        None => Err(not_found(ctx, name, &missing)),
    }
}

/// The source file of a module that a directory of `path` holds, and the directory of its own if it is a package.
pub fn locate(
    ctx: &mut Ctx,
    name: &str,
    path: Option<Obj>,
) -> PyResult<Option<(PathBuf, Option<PathBuf>)>> {
    let own = name.rsplit('.').next().unwrap_or(name).to_owned();
    let directories = match path {
        Some(path) => protocol::collect(ctx, &path)?,
        None => Vec::new(),
    };
    for directory in directories {
        let Some(directory) = directory.downcast::<PyStr>() else {
            continue;
        };
        let mut base = PathBuf::from(directory.as_str_lossy().as_ref());
        if base.as_os_str().is_empty() {
            base = std::env::current_dir().unwrap_or_default();
        }
        let package = base.join(&own);
        if package.join("__init__.py").is_file() {
            return Ok(Some((package.join("__init__.py"), Some(package))));
        }
        let file = base.join(format!("{own}.py"));
        if file.is_file() {
            return Ok(Some((file, None)));
        }
    }
    Ok(None)
}

/// Loads a module from its source file; `directory` is that of a package.
fn source(ctx: &mut Ctx, name: &str, file: &Path, directory: Option<&Path>) -> PyResult {
    let filename = file.to_string_lossy().into_owned();
    let bytes = match std::fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) => {
            let filename = str_::new(ctx, &filename)?;
            return Err(exception::os::raise_os_error(ctx, &error, Some(&filename)));
        }
    };
    execute(ctx, name, &bytes, &filename, directory)
}

/// Makes a module of source text.
fn execute(
    ctx: &mut Ctx,
    name: &str,
    bytes: &[u8],
    filename: &str,
    directory: Option<&Path>,
) -> PyResult {
    let code = crate::builtins::code::compile_bytes(ctx, bytes, filename)?;
    let module = module::new(ctx, name, Obj::NONE)?;
    if !filename.starts_with('<') {
        let path = str_::new(ctx, filename)?;
        module::add(ctx, &module, "__file__", path)?;
    }
    let package = match directory {
        Some(directory) => {
            let directory = str_::new(ctx, &directory.to_string_lossy())?;
            let path = list::from_vec(ctx, vec![directory])?;
            module::add(ctx, &module, "__path__", path)?;
            name
        }
        None => name.rfind('.').map_or("", |dot| &name[..dot]),
    };
    let package = str_::new(ctx, package)?;
    module::add(ctx, &module, "__package__", package)?;
    let key = str_::intern_text(ctx, name)?;
    let modules = rt(ctx).modules.get().cloned().unwrap_or(Obj::NONE);
    modules
        .expect::<PyDict>()
        .set_name(ctx, &key, module.clone())?;
    let space = super::namespace(ctx, &module)?;
    match crate::builtins::code::run(ctx, &code, &space, &space) {
        // A module may have put something else into its place.
        Ok(_) => Ok(loaded(ctx, name)?.unwrap_or(module)),
        Err(raised) => {
            modules.expect::<PyDict>().remove_name(ctx, &key);
            Err(raised)
        }
    }
}
