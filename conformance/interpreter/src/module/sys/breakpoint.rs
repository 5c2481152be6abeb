//! `sys.breakpointhook`: starts the debugger, or what `PYTHONBREAKPOINT` names instead.

use crate::error::PyResult;
use crate::module::posix::environment;
use crate::module::{import, warnings};
use crate::object::args::Args;
use crate::object::exception::{self, class};
use crate::object::obj::Obj;
use crate::object::protocol;
use kit_core::thread::Ctx;

const DEBUGGER: &str = "pdb.set_trace";

pub(super) fn breakpointhook(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let chosen = environment::text("PYTHONBREAKPOINT").unwrap_or_default();
    let wanted = match chosen.as_str() {
        "0" => return Ok(Obj::NONE),
        "" => DEBUGGER,
        wanted => wanted,
    };
    match find(ctx, wanted) {
        Ok(Some(hook)) => protocol::call_with(ctx, &hook, args),
        Ok(None) => unimportable(ctx, wanted),
        Err(raised)
            if exception::matches(ctx, &raised, class::ImportError)
                || exception::matches(ctx, &raised, class::AttributeError) =>
        {
            exception::take(ctx, raised);
            unimportable(ctx, wanted)
        }
        Err(raised) => Err(raised),
    }
}

fn unimportable(ctx: &mut Ctx, wanted: &str) -> PyResult {
    let message = format!("Ignoring unimportable $PYTHONBREAKPOINT: \"{wanted}\"");
    warnings::warn(ctx, class::RuntimeWarning, &message)?;
    Ok(Obj::NONE)
}

/// The function that a dotted name means; `None` if it is no such name.
fn find(ctx: &mut Ctx, wanted: &str) -> PyResult<Option<Obj>> {
    let (module, name) = wanted.rsplit_once('.').unwrap_or(("builtins", wanted));
    if module.is_empty() || name.is_empty() {
        return Ok(None);
    }
    let module = import::load(ctx, module)?;
    protocol::getattr_str(ctx, &module, name).map(Some)
}
