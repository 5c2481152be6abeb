//! `collections`.

mod deque;

use crate::error::PyResult;
use crate::object::define::{ModuleDef, TypeDef};
use crate::object::obj::Obj;
use kit_core::thread::Ctx;

/// All types.
pub static TYPES: &[&TypeDef] = &[
    &deque::DEQUE,
    &deque::DEQUE_ITERATOR,
    &deque::DEQUE_REVERSE_ITERATOR,
];

fn populate(_: &mut Ctx, _: &Obj) -> PyResult<()> {
    Ok(())
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "collections",
    functions: &[],
    types: TYPES,
    populate,
    doc: "Container datatypes beyond the built-in ones.",
};
