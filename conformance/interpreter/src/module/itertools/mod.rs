//! `itertools`.
//!
//! The iterators are native types. Their sources are called with no lock held; what several threads
//! may change is in slots and atomics, so that threads that share an iterator may at worst see its
//! items in an unusual order. `count` hands out each number once.

mod combine;
mod infinite;
mod join;
mod select;
mod share;

use crate::error::PyResult;
use crate::object::define::{Method, ModuleDef, Native, TypeDef, method};
use crate::object::obj::Obj;
use kit_core::thread::Ctx;

/// All types.
pub static TYPES: &[&TypeDef] = &[
    &infinite::COUNT,
    &infinite::CYCLE,
    &infinite::REPEAT,
    &select::COMPRESS,
    &select::DROPWHILE,
    &select::TAKEWHILE,
    &select::FILTERFALSE,
    &select::STARMAP,
    &select::PAIRWISE,
    &select::ISLICE,
    &join::CHAIN,
    &join::ZIP_LONGEST,
    &join::ACCUMULATE,
    &join::BATCHED,
    &combine::PRODUCT,
    &combine::PERMUTATIONS,
    &combine::COMBINATIONS,
    &combine::COMBINATIONS_WITH_REPLACEMENT,
    &share::GROUPBY,
    &share::GROUPER,
    &share::TEE,
    &share::TEE_LINK,
];

static FUNCTIONS: &[Method] = &[method("tee", Native::FN(1, 2, share::tee))];

fn populate(_: &mut Ctx, _: &Obj) -> PyResult<()> {
    Ok(())
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "itertools",
    functions: FUNCTIONS,
    types: TYPES,
    populate,
    doc: "Functional tools for creating and using iterators.",
};
