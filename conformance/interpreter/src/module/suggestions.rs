//! `_suggestions`: the name nearest to one that was not found, for the library's tracebacks.

use crate::error::{PyResult, raise};
use crate::object::define::{ModuleDef, Native, method};
use crate::object::list::PyList;
use crate::object::obj::Obj;
use crate::object::protocol;
use crate::object::str_::{self, PyStr};
use crate::vm::report::suggest;
use kit_core::thread::Ctx;

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_suggestions",
    functions: &[method("_generate_suggestions", Native::FN(2, 2, generate))],
    types: &[],
    populate: |_, _| Ok(()),
    doc: "Which of some names is nearest to another.",
};

/// `_generate_suggestions(candidates, item)`: the nearest, or None.
fn generate(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let (candidates, item) = (&args[0], &args[1]);
    if candidates.downcast::<PyList>().is_none() {
        return Err(raise!(ctx, TypeError, "candidates must be a list"));
    }
    let Some(item) = item.downcast::<PyStr>() else {
        let class = str_::argument_type(ctx, item);
        return Err(raise!(
            ctx,
            TypeError,
            "_generate_suggestions() argument 2 must be str, not {class}"
        ));
    };
    let mut names = Vec::new();
    for candidate in protocol::collect(ctx, candidates)? {
        match candidate.downcast::<PyStr>() {
            Some(name) => names.push(name.as_str_lossy().into_owned()),
            None => {
                let message = "all elements in 'candidates' must be strings";
                return Err(raise!(ctx, TypeError, "{message}"));
            }
        }
    }
    match suggest::nearest(&names, &item.as_str_lossy()) {
        Some(name) => str_::new(ctx, &name),
        None => Ok(Obj::NONE),
    }
}
