//! `_weakref`: [`crate::object::weakref`]. What is made of it, `weakref` and `_weakrefset`, is the library's.

use super::support;
use crate::error::PyResult;
use crate::object::define::{ModuleDef, Native, method};
use crate::object::obj::Obj;
use crate::object::type_::type_object;
use crate::object::{ids, weakref};
use kit_core::thread::Ctx;

fn populate(ctx: &mut Ctx, module: &Obj) -> PyResult<()> {
    let reference = type_object(ctx, ids::WEAKREF);
    support::add(ctx, module, "ref", reference)
}

/// `_weakref`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_weakref",
    functions: &[
        method("proxy", Native::F(weakref::proxy::proxy)),
        method("getweakrefcount", Native::F1(weakref::count)),
        method("getweakrefs", Native::F1(weakref::list)),
        method("_remove_dead_weakref", Native::F(weakref::remove_dead)),
    ],
    types: &[
        &weakref::WEAKREF,
        &weakref::proxy::WEAK_PROXY,
        &weakref::proxy::WEAK_CALLABLE_PROXY,
    ],
    populate,
    doc: "References that do not keep what they refer to alive.",
};
