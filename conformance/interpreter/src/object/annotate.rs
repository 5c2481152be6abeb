//! `__annotate__`: the function that computes the annotations of a function, a class or a module.

use super::dict::PyDict;
use super::obj::Obj;
use super::protocol;
use crate::error::{PyResult, raise};
use kit_core::thread::Ctx;

/// The format in which annotations are values (`annotationlib.Format.VALUE`).
const VALUE: i64 = 1;

/// The annotations that the function computes, a dict.
pub fn values(ctx: &mut Ctx, function: &Obj) -> PyResult {
    let made = protocol::call(ctx, function, &[Obj::small_int(VALUE)])?;
    if made.downcast::<PyDict>().is_none() {
        let given = protocol::type_name(ctx, &made);
        return Err(raise!(
            ctx,
            TypeError,
            "__annotate__ returned non-dict of type '{given}'"
        ));
    }
    Ok(made)
}

/// TypeError unless this may be somebody's `__annotate__`.
pub fn check(ctx: &mut Ctx, value: &Obj) -> PyResult<()> {
    if value.is_none() || protocol::is_callable(ctx, value) {
        return Ok(());
    }
    Err(raise!(
        ctx,
        TypeError,
        "__annotate__ must be callable or None"
    ))
}
