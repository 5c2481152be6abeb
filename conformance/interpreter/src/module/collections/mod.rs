//! `collections`.

mod chain_map;
mod counter;
mod default_dict;
mod deque;
pub mod named_tuple;
mod ordered_dict;

use crate::error::PyResult;
use crate::module::frozen;
use crate::object::define::{Method, ModuleDef, Native, TypeDef, method};
use crate::object::obj::Obj;
use crate::object::{protocol, str_};
use kit_core::thread::Ctx;

/// All types.
pub static TYPES: &[&TypeDef] = &[
    &deque::DEQUE,
    &deque::DEQUE_ITERATOR,
    &deque::DEQUE_REVERSE_ITERATOR,
    &chain_map::CHAIN_MAP,
    &counter::COUNTER,
    &ordered_dict::ORDERED_DICT,
    &named_tuple::TUPLE_GETTER,
    &named_tuple::NAMED_TUPLE_NEW,
];

static FUNCTIONS: &[Method] = &[
    method("namedtuple", Native::F(named_tuple::namedtuple)),
    method("__getattr__", Native::F1(late)),
];

/// What is written in Python, and loaded when it is asked for.
fn late(ctx: &mut Ctx, name: &Obj) -> PyResult {
    const PLACES: &[(&str, &str)] = &[
        ("UserDict", "collections._user"),
        ("UserList", "collections._user"),
        ("UserString", "collections._user"),
        ("abc", ""),
    ];
    frozen::late_attribute(ctx, "collections", PLACES, name)
}

fn populate(ctx: &mut Ctx, module: &Obj) -> PyResult<()> {
    let class = default_dict::class(ctx)?;
    let name = str_::intern(ctx, "defaultdict");
    protocol::setattr(ctx, module, &name, Some(&class))
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "collections",
    functions: FUNCTIONS,
    types: TYPES,
    populate,
    doc: "Container datatypes beyond the built-in ones.",
};
