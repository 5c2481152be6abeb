//! Warnings that come from the interpreter itself, and `_warnings`. Filters and output are the business of the
//! module `warnings`, which is written in Python and loaded when there is first something to warn about.

use super::import;
use crate::error::PyResult;
use crate::object::args::Args;
use crate::object::define::{ModuleDef, Native, method};
use crate::object::exception::{self, PyException};
use crate::object::obj::Obj;
use crate::object::type_::type_object;
use crate::object::{protocol, str_};
use kit_core::thread::Ctx;

/// `_warnings`: the functions that programs call. A warning that is an error comes from the program's line, so
/// the frames of `warnings` are taken out of its traceback.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_warnings",
    functions: &[
        method("warn", Native::F(|ctx, args| hidden(ctx, "_warn", args))),
        method(
            "warn_explicit",
            Native::F(|ctx, args| hidden(ctx, "_warn_explicit", args)),
        ),
    ],
    types: &[],
    populate: |_, _| Ok(()),
    doc: "",
};

/// Calls a function of `warnings`.
fn hidden(ctx: &mut Ctx, name: &str, args: Args<'_>) -> PyResult {
    let module = import::load(ctx, "warnings")?;
    let function = protocol::getattr_str(ctx, &module, name)?;
    protocol::call_with(ctx, &function, args).map_err(|raised| {
        let error = exception::take(ctx, raised);
        if let Some(body) = error.downcast::<PyException>() {
            body.traceback.set(ctx, &body.header, None);
        }
        exception::raise(ctx, error)
    })
}

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
    let module = import::load(ctx, "warnings")?;
    let warn = protocol::getattr_str(ctx, &module, "_warn_explicit")?;
    let message = str_::new(ctx, message)?;
    let filename = str_::new(ctx, filename)?;
    let class = type_object(ctx, class);
    let line = Obj::small_int(i64::from(line));
    protocol::call(ctx, &warn, &[message, class, filename, line]).map(drop)
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
    let module = import::load(ctx, "warnings")?;
    let warn = protocol::getattr_str(ctx, &module, "_warn_caller")?;
    let message = str_::new(ctx, message)?;
    let class = type_object(ctx, class);
    protocol::call(ctx, &warn, &[message, class]).map(drop)
}
