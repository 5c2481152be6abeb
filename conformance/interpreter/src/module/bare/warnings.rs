//! Warnings: nobody is told.

use crate::error::PyResult;
use crate::object::obj::Obj;
use kit_core::thread::Ctx;

/// A warning in the name of the Python code that runs.
///
/// # Errors
/// None.
pub fn warn(_: &mut Ctx, _class: u32, _message: &str) -> PyResult<()> {
    Ok(())
}

/// A call of a function of `warnings`.
///
/// # Errors
/// None.
pub fn call(_: &mut Ctx, _function: &str, _args: &[Obj]) -> PyResult<()> {
    Ok(())
}

/// A method of an async generator has returned what nobody has awaited.
///
/// # Errors
/// None.
pub fn unawaited_method(_: &mut Ctx, _method: &str, _name: &Obj, _generator: &Obj) -> PyResult<()> {
    Ok(())
}

/// Bytes are taken for text.
///
/// # Errors
/// None.
pub fn warn_of_bytes(_: &mut Ctx, _message: &str) -> PyResult<()> {
    Ok(())
}
