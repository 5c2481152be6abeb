//! What to add to the message about a name that a module lacks: that its body has not run to the end, or
//! that a file of the program hides the module that was meant.

use super::{importing, is_built_in, sys};
use crate::object::list::PyList;
use crate::object::module;
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::str_::PyStr;
use crate::vm::thread::py;
use kit_core::thread::Ctx;
use std::path::{Path, PathBuf};

/// Why a name may be missing.
pub enum Hint {
    /// Nothing is odd about the module.
    None,
    /// Its body is still running.
    Partial,
    /// This remark, in parentheses.
    Remark(String),
}

/// The hint for a module that lacks a name.
pub fn hint(ctx: &mut Ctx, module: &Obj) -> Hint {
    let (Some(name), Some(file)) = (text(ctx, module, false), text(ctx, module, true)) else {
        return Hint::None;
    };
    let partial = importing::is_running(ctx, &name);
    let (in_place, library) = (is_the_programs(ctx, &file, &name), is_built_in(&name));
    if in_place && library {
        return Hint::Remark(format!(
            "(consider renaming '{file}' since it has the same name as the standard library module \
             named '{name}' and prevents importing that standard library module)"
        ));
    }
    match (partial, in_place) {
        (true, true) => Hint::Remark(format!(
            "(consider renaming '{file}' if it has the same name as a library you intended to import)"
        )),
        (true, false) => Hint::Partial,
        _ => Hint::None,
    }
}

/// The name or the file of a module, as it says itself.
fn text(ctx: &Ctx, module: &Obj, file: bool) -> Option<String> {
    let names = names(ctx);
    let key = if file { &names.file } else { &names.name };
    let space = module::namespace(ctx, module)?;
    let value = space
        .expect::<crate::object::dict::PyDict>()
        .get_name(ctx, key)?;
    Some(value.downcast::<PyStr>()?.as_str_lossy().into_owned())
}

/// Whether a module's file lies where the program itself does.
fn is_the_programs(ctx: &mut Ctx, file: &str, name: &str) -> bool {
    if name.contains('.') {
        return false;
    }
    let file = Path::new(file);
    let directory = match file.file_name() {
        Some(own) if own == "__init__.py" => file.parent().and_then(Path::parent),
        _ => file.parent(),
    };
    // Asking must not disturb the exception on its way.
    let raised = py(ctx).raised.take();
    let path = sys::attribute(ctx, "path");
    py(ctx).raised = raised;
    let first = path
        .as_ref()
        .and_then(|path| path.downcast::<PyList>()?.get(ctx, 0));
    let Some(first) = first else { return false };
    let Some(first) = first.downcast::<PyStr>() else {
        return false;
    };
    let mut first = PathBuf::from(first.as_str_lossy().as_ref());
    if first.as_os_str().is_empty() {
        first = std::env::current_dir().unwrap_or_default();
    }
    directory == Some(&first)
}
