//! `import`: `sys.modules`, then the modules that are part of the interpreter. There are no files to look for others in.

use super::{MODULES, create};
use crate::error::{PyResult, Raised, raise};
use crate::object::args::{Args, Signature};
use crate::object::dict::PyDict;
use crate::object::exception::{self, class};
use crate::object::obj::Obj;
use crate::object::protocol;
use crate::object::str_::{self, PyStr};
use crate::text::str_repr::repr_string;
use crate::text::wtf8::Wtf8;
use crate::vm::thread::rt;
use kit_core::thread::Ctx;

/// `__import__(name, globals, locals, fromlist, level)`.
///
/// # Errors
/// There is no such module.
pub fn builtin_import(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let signature = Signature {
        name: "__import__",
        params: &["name", "globals", "locals", "fromlist", "level"],
        posonly: 0,
        positional: 5,
        required: 1,
    };
    let [name, _, _, from, level] = args.bind::<5>(ctx, &signature)?;
    let Some(text) = name.and_then(|name| name.downcast::<PyStr>()) else {
        return Err(raise!(ctx, TypeError, "module name must be a string"));
    };
    let text = text.as_str_lossy().into_owned();
    if let Some(level) = level
        && protocol::index_i64(ctx, level, None)? != 0
    {
        return Err(raise!(
            ctx,
            ImportError,
            "attempted relative import with no known parent package"
        ));
    }
    let module = load(ctx, &text)?;
    let takes = match from {
        Some(from) => protocol::truth(ctx, from)?,
        None => false,
    };
    match text.split_once('.') {
        Some((first, _)) if !takes => load(ctx, first),
        _ => Ok(module),
    }
}

/// The module with this name in `sys.modules`.
///
/// # Errors
/// MemoryError.
pub fn loaded(ctx: &mut Ctx, name: &str) -> PyResult<Option<Obj>> {
    let name = str_::intern_text(ctx, name)?;
    let modules = rt(ctx).modules.get();
    Ok(modules.and_then(|modules| modules.expect::<PyDict>().get_name(ctx, &name)))
}

/// The module with this name, made if it was not.
///
/// # Errors
/// There is none.
pub fn load(ctx: &mut Ctx, name: &str) -> PyResult {
    match loaded(ctx, name)? {
        Some(module) if !module.is_none() => return Ok(module),
        Some(_) => {
            let message = format!("import of {name} halted; None in sys.modules");
            return Err(not_found(ctx, name, &message));
        }
        None => {}
    }
    match MODULES.iter().find(|def| def.name == name) {
        Some(def) => create(ctx, def),
        None => {
            let message = format!("No module named {}", repr_string(Wtf8::from_str(name)));
            Err(not_found(ctx, name, &message))
        }
    }
}

/// What describes where a module came from: nothing.
///
/// # Errors
/// None.
pub fn complete(_: &mut Ctx, _module: &Obj) -> PyResult<bool> {
    Ok(false)
}

fn not_found(ctx: &mut Ctx, name: &str, message: &str) -> Raised {
    match str_::intern_text(ctx, name) {
        Ok(name) => {
            exception::raise_import_error(ctx, class::ModuleNotFoundError, message, &name, None)
        }
        Err(raised) => raised,
    }
}
