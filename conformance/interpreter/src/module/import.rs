//! `import`: `sys.modules`, the modules that are part of the interpreter, then source files and packages on `sys.path`.
//!
//! As long as a program has put nothing of its own on `sys.meta_path` or `sys.path_hooks`, all of this is native. `importlib` is
//! the library's own; when something asks for it, `_importing` lets it describe what was imported before, and from then on
//! finders are asked in their order, the standard ones natively. Zip files and packages without a file are its business.

use super::{cached, import_time, importing, library, native};
use crate::builtins::compile::compile_bytes;
use crate::error::{PyResult, Raised, raise};
use crate::object::args::{Args, Signature};
use crate::object::dict::PyDict;
use crate::object::exception::{self, class};
use crate::object::module;
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::str_::{self, PyStr};
use crate::object::type_::type_object;
use crate::object::{ids, list, protocol};
use crate::text::str_repr::repr_string;
use crate::text::wtf8::Wtf8;
use crate::vm::thread::rt;
use kit_core::thread::Ctx;
use std::borrow::Cow;
use std::path::Path;

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
        return Err(raise!(ctx, TypeError, "module name must be a string"));
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
    if text == "*" {
        // What the package says it has may be modules in it.
        let all = names(ctx).all.clone();
        if let Some(all) = protocol::find_attr(ctx, module, &all)? {
            for item in protocol::collect(ctx, &all)? {
                let star = item
                    .downcast::<PyStr>()
                    .is_some_and(|item| item.bytes() == b"*");
                if !star {
                    submodule(ctx, module, full, &item)?;
                }
            }
        }
        return Ok(());
    }
    let attribute = str_::intern_text(ctx, &text)?;
    if protocol::find_attr(ctx, module, &attribute)?.is_some() {
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
        let spec = str_::intern(ctx, "__spec__");
        let given = |key: &Obj| {
            space.is_some_and(|s| s.get_name(ctx, key).is_some_and(|value| !value.is_none()))
        };
        if space.is_some() && !given(&n.package) && !given(&spec) {
            let message = "can't resolve package from __spec__ or __package__, falling back on __name__ and __path__";
            crate::module::warnings::warn(ctx, class::ImportWarning, message)?;
        }
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
        import_time::known(ctx, name);
        return Ok(module);
    }
    let parent = match name.rfind('.') {
        Some(dot) => {
            let (package, own) = (&name[..dot], &name[dot + 1..]);
            // None in its place is no package.
            let parent = match loaded(ctx, package)? {
                Some(parent) if parent.is_none() => parent,
                _ => load(ctx, package)?,
            };
            Some((parent, own))
        }
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
        let module = import_time::timed(ctx, name, |ctx| {
            load_now(ctx, name, parent.as_ref().map(|(p, own)| (p, *own)))
        });
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
    let missing = format!("No module named {}", repr_string(Wtf8::from_str(name)));
    let path = match parent {
        None => super::sys::attribute(ctx, "path"),
        Some(parent) => {
            let key = &names(ctx).path;
            let path = protocol::find_attr(ctx, parent, key)?;
            if path.is_none() {
                if let Some(module) = built_in(ctx, name)? {
                    return Ok(module);
                }
                let dot = name.rfind('.').unwrap_or(0);
                let package = &name[..dot];
                let message = format!("{missing}; '{package}' is not a package");
                return Err(not_found(ctx, name, &message));
            }
            path
        }
    };
    super::sys::audit::event(ctx, "import", |ctx| {
        let mut args = vec![str_::new(ctx, name)?, Obj::NONE];
        for name in ["path", "meta_path", "path_hooks"] {
            args.push(super::sys::attribute(ctx, name).unwrap_or(Obj::NONE));
        }
        Ok(args)
    })?;
    let found = match finders(ctx)? {
        Some(finders) => ask_finders(ctx, name, parent.is_some(), path.as_ref(), finders)?,
        None => match built_in(ctx, name)? {
            Some(module) => Some(module),
            None => on_path(ctx, name, path.as_ref())?,
        },
    };
    match found {
        Some(module) => {
            if name == "_collections_abc" {
                register_buffers(ctx, &module)?;
            }
            Ok(module)
        }
        None => Err(not_found(ctx, name, &missing)),
    }
}

/// Tells `collections.abc.Buffer` of the built-in types that are some: no method of theirs says so.
fn register_buffers(ctx: &mut Ctx, module: &Obj) -> PyResult<()> {
    let buffer = protocol::getattr_str(ctx, module, "Buffer")?;
    for id in [ids::BYTES, ids::BYTEARRAY, ids::MEMORYVIEW] {
        let class = type_object(ctx, id);
        let register = str_::intern(ctx, "register");
        protocol::call_method(ctx, &buffer, &register, &[class])?;
    }
    Ok(())
}

/// A module that is part of the interpreter.
fn built_in(ctx: &mut Ctx, name: &str) -> PyResult<Option<Obj>> {
    if let Some(module) = native(ctx, name)? {
        if let Some(importing) = loaded(ctx, "_importing")?
            && let Some(describe) = super::get(ctx, &importing, "describe_builtin")
        {
            protocol::call(ctx, &describe, std::slice::from_ref(&module))?;
        }
        return Ok(Some(module));
    }
    if let Some(text) = super::frozen::source(name) {
        let filename = format!("<frozen {name}>");
        let code = compile_bytes(ctx, text.as_bytes(), &filename)?;
        return execute(ctx, name, &code, &filename, None).map(Some);
    }
    if let "_frozen_importlib" | "_frozen_importlib_external" = name {
        return bootstrap(ctx, name).map(Some);
    }
    Ok(None)
}

/// The two modules that `importlib` is made of. The first brings what tells them of what was imported without them.
fn bootstrap(ctx: &mut Ctx, name: &str) -> PyResult {
    let own = name.replace("_frozen_importlib", "_bootstrap");
    let root = rt(ctx).library.root.get().cloned();
    let root = root.as_ref().and_then(|root| root.downcast::<PyStr>());
    let root = root.map_or(library::ROOT.into(), |root| root.as_str_lossy());
    let file = format!("{root}/importlib/{own}.py");
    let text = read(ctx, &file)?;
    let filename = format!("<frozen importlib.{own}>");
    let code = compile_bytes(ctx, &text, &filename)?;
    let module = execute(ctx, name, &code, &filename, None)?;
    if own == "_bootstrap" {
        load(ctx, "_importing")?;
    }
    Ok(module)
}

/// Finds a module in the directories of a path, without any finders.
fn on_path(ctx: &mut Ctx, name: &str, path: Option<&Obj>) -> PyResult<Option<Obj>> {
    if let Some(located) = locate(ctx, name, path.cloned())? {
        return source(ctx, name, &located).map(Some);
    }
    // What no directory has may be a package without a file, or in a file that is a path itself.
    let Some(path) = path else { return Ok(None) };
    if !is_worth_more(ctx, name, path)? {
        return Ok(None);
    }
    find_on_path(ctx, name, path)
}

fn find_on_path(ctx: &mut Ctx, name: &str, path: &Obj) -> PyResult<Option<Obj>> {
    let importing = load(ctx, "_importing")?;
    let function = protocol::getattr_str(ctx, &importing, "find_on_path")?;
    let name = str_::intern_text(ctx, name)?;
    let module = protocol::call(ctx, &function, &[name, path.clone()])?;
    Ok((!module.is_none()).then_some(module))
}

/// Whether a path has something that [`locate`] does not look into.
fn is_worth_more(ctx: &mut Ctx, name: &str, path: &Obj) -> PyResult<bool> {
    let own = name.rsplit('.').next().unwrap_or(name);
    for entry in protocol::collect(ctx, path)? {
        let Some(entry) = entry.downcast::<PyStr>() else {
            continue;
        };
        let entry = entry.as_str_lossy();
        if library::is_inside(&entry) {
            continue;
        }
        let entry = Path::new(entry.as_ref());
        if entry.join(own).is_dir()
            || entry.join(format!("{own}.pyc")).is_file()
            || !entry.as_os_str().is_empty() && !entry.is_dir() && lies_in_file(entry)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

fn lies_in_file(path: &Path) -> bool {
    path.ancestors().any(Path::is_file)
}

/// The program's own finders together with the standard ones; `None` as long as there are only these.
fn finders(ctx: &mut Ctx) -> PyResult<Option<Vec<Obj>>> {
    let Some(meta_path) = super::sys::attribute(ctx, "meta_path") else {
        return Ok(None);
    };
    if meta_path.is_none() {
        return Err(raise!(
            ctx,
            ImportError,
            "sys.meta_path is None, Python is likely shutting down"
        ));
    }
    let Some(importing) = loaded(ctx, "_importing")? else {
        if protocol::len(ctx, &meta_path)? == 0 {
            return Ok(None);
        }
        if loaded(ctx, "_frozen_importlib")?.is_some() {
            return Ok(None);
        }
        load(ctx, "_importing")?;
        return protocol::collect(ctx, &meta_path).map(Some);
    };
    if super::get(ctx, &importing, "path").is_none() {
        // It is being loaded.
        return Ok(None);
    }
    protocol::collect(ctx, &meta_path).map(Some)
}

fn ask_finders(
    ctx: &mut Ctx,
    name: &str,
    is_inner: bool,
    path: Option<&Obj>,
    finders: Vec<Obj>,
) -> PyResult<Option<Obj>> {
    let importing = load(ctx, "_importing")?;
    let [builtin, frozen, standard, hooks] = ["builtin", "frozen", "path", "standard_hooks"]
        .map(|name| super::get(ctx, &importing, name).unwrap_or(Obj::NONE));
    for finder in finders {
        let found = if finder.is(&builtin) {
            built_in(ctx, name)?
        } else if finder.is(&frozen) {
            None
        } else if finder.is(&standard) {
            if has_own_hooks(ctx, &hooks)? {
                match path {
                    Some(path) => find_on_path(ctx, name, path)?,
                    None => None,
                }
            } else {
                on_path(ctx, name, path)?
            }
        } else {
            let find_spec = str_::intern(ctx, "find_spec");
            let Some(function) = protocol::find_attr(ctx, &finder, &find_spec)? else {
                continue;
            };
            let path = path.filter(|_| is_inner).cloned().unwrap_or(Obj::NONE);
            let name = str_::intern_text(ctx, name)?;
            let spec = protocol::call(ctx, &function, &[name, path, Obj::NONE])?;
            if spec.is_none() {
                continue;
            }
            let load = protocol::getattr_str(ctx, &importing, "load")?;
            Some(protocol::call(ctx, &load, &[spec])?)
        };
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// Whether `sys.path_hooks` is not what it was at first.
fn has_own_hooks(ctx: &mut Ctx, standard: &Obj) -> PyResult<bool> {
    let Some(hooks) = super::sys::attribute(ctx, "path_hooks") else {
        return Ok(false);
    };
    let hooks = protocol::collect(ctx, &hooks)?;
    let standard = protocol::collect(ctx, standard)?;
    let same = hooks.len() == standard.len() && hooks.iter().zip(&standard).all(|(a, b)| a.is(b));
    Ok(!same)
}

/// The source file of a module, and the directory of its own if it is a package.
pub struct Located {
    /// The file, real or in the [`library`].
    pub file: String,
    /// The package's directory.
    pub directory: Option<String>,
}

/// The source file of a module that a directory of `path` holds.
///
/// # Errors
/// Looking at the path raised an exception.
pub fn locate(ctx: &mut Ctx, name: &str, path: Option<Obj>) -> PyResult<Option<Located>> {
    let own = name.rsplit('.').next().unwrap_or(name).to_owned();
    let directories = match path {
        Some(path) => protocol::collect(ctx, &path)?,
        None => Vec::new(),
    };
    for directory in directories {
        let Some(directory) = directory.downcast::<PyStr>() else {
            continue;
        };
        let mut base = directory.as_str_lossy().into_owned();
        if base.is_empty() {
            let here = std::env::current_dir().unwrap_or_default();
            base = here.to_string_lossy().into_owned();
        }
        let separator = if base.ends_with('/') { "" } else { "/" };
        let package = format!("{base}{separator}{own}");
        let inside = format!("{package}/__init__.py");
        if library::is_file(&inside) {
            return Ok(Some(Located {
                file: inside,
                directory: Some(package),
            }));
        }
        let file = format!("{package}.py");
        if library::is_file(&file) {
            let directory = None;
            return Ok(Some(Located { file, directory }));
        }
    }
    Ok(None)
}

/// The text of a file, of the library or not.
///
/// # Errors
/// It cannot be read.
pub fn read(ctx: &mut Ctx, file: &str) -> PyResult<Cow<'static, [u8]>> {
    library::read(file).or_else(|error| {
        let file = str_::new(ctx, file)?;
        Err(exception::os::raise_os_error(ctx, &error, Some(&file)))
    })
}

/// Modules of the library whose code names no file: those that CPython has in its program.
const FROZEN: &[&str] = &[
    "_collections_abc",
    "_sitebuiltins",
    "abc",
    "codecs",
    "genericpath",
    "importlib.machinery",
    "importlib.util",
    "io",
    "ntpath",
    "os",
    "posixpath",
    "runpy",
    "site",
    "stat",
    "zipimport",
];

/// Loads a module from its source file.
fn source(ctx: &mut Ctx, name: &str, located: &Located) -> PyResult {
    let code = match cached::find(ctx, &located.file)? {
        Some(code) => code,
        None => {
            let text = read(ctx, &located.file)?;
            let frozen = format!("<frozen {name}>");
            let shown = match library::is_inside(&located.file) && FROZEN.contains(&name) {
                true => &frozen,
                false => &located.file,
            };
            let code = compile_bytes(ctx, &text, shown)?;
            cached::keep(ctx, &located.file, text.len(), &code)?;
            code
        }
    };
    execute(
        ctx,
        name,
        &code,
        &located.file,
        located.directory.as_deref(),
    )
}

/// Makes a module of code.
fn execute(
    ctx: &mut Ctx,
    name: &str,
    code: &Obj,
    filename: &str,
    directory: Option<&str>,
) -> PyResult {
    let module = module::new(ctx, name, Obj::NONE)?;
    let is_file = !filename.starts_with("<frozen ");
    if is_file {
        let path = str_::new(ctx, filename)?;
        module::add(ctx, &module, "__file__", path)?;
        if let Some(kept) = cached::place(ctx, filename)? {
            let kept = str_::new(ctx, &kept.to_string_lossy())?;
            module::add(ctx, &module, "__cached__", kept)?;
        }
    }
    let package = match directory {
        Some(directory) => {
            let directory = str_::new(ctx, directory)?;
            let path = list::from_vec(ctx, vec![directory])?;
            module::add(ctx, &module, "__path__", path)?;
            name
        }
        None => name.rfind('.').map_or("", |dot| &name[..dot]),
    };
    let package = str_::new(ctx, package)?;
    module::add(ctx, &module, "__package__", package)?;
    if is_file {
        describe(ctx, &module, name, filename, directory)?;
    }
    let key = str_::intern_text(ctx, name)?;
    let modules = rt(ctx).modules.get().cloned().unwrap_or(Obj::NONE);
    modules
        .expect::<PyDict>()
        .set_name(ctx, &key, module.clone())?;
    let space = super::namespace(ctx, &module)?;
    super::sys::audit::event(ctx, "exec", |_| Ok(vec![code.clone()]))?;
    match crate::builtins::code::run(ctx, code, &space, &space) {
        // A module may have put something else into its place.
        Ok(_) => Ok(loaded(ctx, name)?.unwrap_or(module)),
        Err(raised) => {
            modules.expect::<PyDict>().remove_name(ctx, &key);
            Err(raised)
        }
    }
}

/// Gives a module its specification and loader, if `importlib` is there; otherwise they are made when somebody asks
/// for them.
fn describe(
    ctx: &mut Ctx,
    module: &Obj,
    name: &str,
    file: &str,
    directory: Option<&str>,
) -> PyResult<()> {
    if let Some(importing) = loaded(ctx, "_importing")?
        && let Some(describe) = super::get(ctx, &importing, "describe")
    {
        let name = str_::new(ctx, name)?;
        let file = str_::new(ctx, file)?;
        let directory = match directory {
            Some(directory) => str_::new(ctx, directory)?,
            None => Obj::NONE,
        };
        protocol::call(ctx, &describe, &[module.clone(), name, file, directory])?;
        return Ok(());
    }
    let space = super::namespace(ctx, module)?;
    for name in [&names(ctx).spec, &names(ctx).loader] {
        space.expect::<PyDict>().remove_name(ctx, name);
    }
    Ok(())
}

/// Gives a module that was imported natively what [`describe`] has put off. False if that is not it.
///
/// # Errors
/// `importlib` could not be loaded.
pub fn complete(ctx: &mut Ctx, module: &Obj) -> PyResult<bool> {
    if super::get(ctx, module, "__file__").is_none() || loaded(ctx, "_importing")?.is_some() {
        return Ok(false);
    }
    load(ctx, "_importing")?;
    Ok(true)
}
