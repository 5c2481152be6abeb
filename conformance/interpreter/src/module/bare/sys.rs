//! `sys`, as far as it needs no system.

use super::{io, support};
use crate::builtins::site::exit;
use crate::error::PyResult;
use crate::object::define::{ModuleDef, Native, method};
use crate::object::dict::PyDict;
use crate::object::module;
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::{int, protocol, str_};
use crate::vm::thread::rt;
use kit_core::thread::Ctx;

/// The names of the library's modules: nothing to advise to import.
pub const STDLIB_MODULE_NAMES: &[&str] = &[];

/// Nobody audits: there is no `addaudithook`.
pub mod audit {
    use crate::error::PyResult;
    use crate::object::obj::Obj;
    use crate::prelude::*;
    use kit_core::thread::Ctx;

    /// Tells nobody.
    pub fn event(
        _: &mut Ctx,
        _: &'static str,
        _: impl FnOnce(&mut Ctx) -> PyResult<Vec<Obj>>,
    ) -> PyResult<()> {
        Ok(())
    }

    /// Tells nobody.
    pub fn attribute(
        _: &mut Ctx,
        _: &'static str,
        _: &Obj,
        _: &'static str,
        _: Option<&Obj>,
    ) -> PyResult<()> {
        Ok(())
    }
}

fn populate(ctx: &mut Ctx, module: &Obj) -> PyResult<()> {
    if let Some(modules) = rt(ctx).modules.get() {
        support::add(ctx, module, "modules", modules.clone())?;
    }
    let size = int::from_i64(ctx, i64::MAX)?;
    support::add(ctx, module, "maxsize", size)?;
    for name in ["stdout", "stderr"] {
        let stream = io::stream(ctx)?;
        support::add(ctx, module, name, stream)?;
    }
    Ok(())
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "sys",
    functions: &[method("exit", Native::F(exit))],
    types: &[],
    populate,
    doc: "",
};

/// The variable of `sys` with this name.
pub fn attribute(ctx: &mut Ctx, name: &'static str) -> Option<Obj> {
    let sys = str_::intern(ctx, "sys");
    let modules = rt(ctx).modules.get()?;
    let module = modules.expect::<PyDict>().get_name(ctx, &sys)?;
    let name = str_::intern(ctx, name);
    let space = module::namespace(ctx, &module)?;
    space.expect::<PyDict>().get_name(ctx, &name)
}

/// Writes text to `sys.stderr`, or to the host where that does not work.
pub fn write_stderr(ctx: &mut Ctx, text: &str) {
    if let Some(file) = attribute(ctx, "stderr") {
        if file.is_none() {
            return;
        }
        let written = str_::new(ctx, text)
            .and_then(|text| protocol::call_method(ctx, &file, &names(ctx).write, &[text]));
        match written {
            Ok(_) => return,
            Err(raised) => drop(crate::object::exception::take(ctx, raised)),
        }
    }
    (rt(ctx).say)(text);
}
