//! Compiling, where there is no compiler: an exception. Code objects run as they do everywhere.

use crate::error::{PyResult, Raised, raise};
use crate::object::args::Args;
use crate::object::obj::Obj;
use crate::prelude::*;
use kit_core::thread::Ctx;

/// What kind of text is to be compiled.
pub enum Mode {
    /// Statements.
    Exec,
    /// An expression.
    Eval,
}

fn none(ctx: &mut Ctx) -> Raised {
    raise!(ctx, RuntimeError, "this interpreter has no compiler")
}

/// `compile(source, filename, mode, …)`.
///
/// # Errors
/// RuntimeError.
pub fn compile(ctx: &mut Ctx, _: Args<'_>) -> PyResult {
    Err(none(ctx))
}

/// The text of the source given to `eval` and `exec`.
///
/// # Errors
/// RuntimeError.
pub fn source_text(ctx: &mut Ctx, _: &Obj, _filename: &str, _what: &str) -> PyResult<String> {
    Err(none(ctx))
}

/// Compiles a text for `exec` or `eval`.
///
/// # Errors
/// RuntimeError.
pub fn compile_here(ctx: &mut Ctx, _text: &str, _: Mode) -> PyResult {
    Err(none(ctx))
}
