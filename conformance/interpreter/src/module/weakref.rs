//! `_weakref`: [`crate::object::weakref`]. What is made of it, `weakref` and `_weakrefset`, is written in Python.

use super::support;
use crate::error::{PyResult, raise};
use crate::object::define::{ModuleDef, Native, method};
use crate::object::exception;
use crate::object::obj::Obj;
use crate::object::type_::type_object;
use crate::object::{ids, protocol, weakref};
use crate::vm::thread::rt;
use kit_core::thread::Ctx;

fn populate(ctx: &mut Ctx, module: &Obj) -> PyResult<()> {
    let reference = type_object(ctx, ids::WEAKREF);
    support::add(ctx, module, "ref", reference)
}

/// `_at_exit(function)`: what is called when the program ends, once and for all.
fn at_exit(ctx: &mut Ctx, function: &Obj) -> PyResult {
    if rt(ctx).library.at_exit.set(function.clone()).is_err() {
        return Err(raise!(ctx, RuntimeError, "there is one already"));
    }
    Ok(Obj::NONE)
}

/// Calls the finalizers that are left: what a program does before it ends.
pub fn run_finalizers(ctx: &mut Ctx) {
    let Some(function) = rt(ctx).library.at_exit.get().cloned() else {
        return;
    };
    if let Err(raised) = protocol::call(ctx, &function, &[]) {
        exception::report_unraisable(ctx, raised, &function);
    }
}

/// `_weakref`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_weakref",
    functions: &[
        method("proxy", Native::F(weakref::proxy::proxy)),
        method("getweakrefcount", Native::F1(weakref::count)),
        method("getweakrefs", Native::F1(weakref::list)),
        method("_remove_dead_weakref", Native::F(weakref::remove_dead)),
        method("_at_exit", Native::F1(at_exit)),
    ],
    types: &[
        &weakref::WEAKREF,
        &weakref::proxy::WEAK_PROXY,
        &weakref::proxy::WEAK_CALLABLE_PROXY,
    ],
    populate,
    doc: "References that do not keep what they refer to alive.",
};
