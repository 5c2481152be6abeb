//! `weakref`: [`crate::object::weakref`] and what is made of it.

pub mod containers;
pub mod finalize;
pub mod method;
pub mod set;

use super::support;
use crate::error::PyResult;
use crate::object::define::{self, ModuleDef, Native};
use crate::object::obj::Obj;
use crate::object::type_::type_object;
use crate::object::{ids, tuple, weakref};
use kit_core::thread::Ctx;

fn populate(ctx: &mut Ctx, module: &Obj) -> PyResult<()> {
    let reference = type_object(ctx, ids::WEAKREF);
    support::add(ctx, module, "ref", reference)?;
    let proxies = vec![
        type_object(ctx, ids::WEAK_PROXY),
        type_object(ctx, ids::WEAK_CALLABLE_PROXY),
    ];
    let proxies = tuple::from_vec(ctx, proxies)?;
    support::add(ctx, module, "ProxyTypes", proxies)
}

/// `weakref`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "weakref",
    functions: &[
        define::method("proxy", Native::F(weakref::proxy::proxy)),
        define::method("getweakrefcount", Native::F1(weakref::count)),
        define::method("getweakrefs", Native::F1(weakref::list)),
    ],
    types: &[
        &weakref::WEAKREF,
        &weakref::proxy::WEAK_PROXY,
        &weakref::proxy::WEAK_CALLABLE_PROXY,
        &containers::WEAK_REMOVER,
        &containers::WEAK_KEY_DICT,
        &containers::WEAK_VALUE_DICT,
        &set::WEAK_SET,
        &finalize::FINALIZE,
        &method::WEAK_METHOD,
    ],
    populate,
    doc: "References that do not keep what they refer to alive.",
};
