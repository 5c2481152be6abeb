//! Modules as they are made: native ones, and the first of an interpreter, with a system or without.

use super::sys;
use crate::error::PyResult;
use crate::object::define::ModuleDef;
use crate::object::dict::{self, PyDict};
use crate::object::module;
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::str_;
use crate::vm::thread::rt;
use kit_core::thread::Ctx;

/// Makes a native module, and puts it into `sys.modules` under its name.
///
/// # Errors
/// MemoryError, or what making it raises.
pub fn create(ctx: &mut Ctx, def: &'static ModuleDef) -> PyResult {
    let module = module::create(ctx, def)?;
    let name = str_::intern(ctx, def.name);
    if let Some(modules) = rt(ctx).modules.get() {
        let modules = modules.expect::<PyDict>();
        modules.set_name(ctx, &name, module.clone())?;
    }
    Ok(module)
}

/// The namespace of a module, as a new reference.
///
/// # Errors
/// MemoryError.
pub fn namespace(ctx: &mut Ctx, module: &Obj) -> PyResult {
    match module::namespace(ctx, module) {
        Some(space) => Ok(space),
        None => dict::new(ctx),
    }
}

/// Makes `sys.modules`, `builtins`, `sys` and `__main__`.
///
/// # Errors
/// MemoryError.
pub fn start_modules(ctx: &mut Ctx) -> PyResult<()> {
    let modules = dict::new(ctx)?;
    let _ = rt(ctx).modules.set(modules.clone());
    let builtins = create(ctx, &crate::builtins::MODULE)?;
    let space = namespace(ctx, &builtins)?;
    let _ = rt(ctx).builtins.set(space);
    create(ctx, &sys::MODULE)?;
    crate::object::template::start(ctx)?;
    let main = module::new(ctx, "__main__", Obj::NONE)?;
    module::add(ctx, &main, "__builtins__", builtins)?;
    let name = &names(ctx).main;
    modules.expect::<PyDict>().set_name(ctx, name, main)
}

/// The module `__main__`.
///
/// # Errors
/// MemoryError.
pub fn main_module(ctx: &mut Ctx) -> PyResult {
    let name = &names(ctx).main;
    let modules = rt(ctx).modules.get();
    if let Some(main) = modules.and_then(|m| m.expect::<PyDict>().get_name(ctx, name)) {
        return Ok(main);
    }
    module::new(ctx, "__main__", Obj::NONE)
}
