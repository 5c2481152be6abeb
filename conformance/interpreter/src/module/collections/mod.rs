//! `_collections`: the containers of `collections` that are not in Python.

mod default_dict;
mod deque;
mod ordered_dict;
pub mod tuple_getter;

use super::support;
use crate::error::PyResult;
use crate::object::attribute::lookup;
use crate::object::define::{Method, ModuleDef, Native, TypeDef, method};
use crate::object::dict::PyDict;
use crate::object::obj::Obj;
use crate::object::protocol::{self, operator};
use crate::object::type_::type_id_of;
use crate::object::{ids, str_};
use crate::vm::thread::rt;
use kit_core::thread::Ctx;

/// All types.
pub static TYPES: &[&TypeDef] = &[
    &deque::DEQUE,
    &deque::DEQUE_ITERATOR,
    &deque::DEQUE_REVERSE_ITERATOR,
    &ordered_dict::ORDERED_DICT,
    &tuple_getter::TUPLE_GETTER,
];

static FUNCTIONS: &[Method] = &[method("_count_elements", Native::FN(2, 2, count_elements))];

/// `_count_elements(mapping, iterable, /)`: adds one to the count of each item.
fn count_elements(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let (mapping, iterable) = (&args[0], &args[1]);
    let one = Obj::small_int(1);
    let get = str_::intern(ctx, "get");
    if is_plain(ctx, mapping, &get) {
        let dict = mapping.expect::<PyDict>();
        protocol::for_each(ctx, iterable, |ctx, key| {
            let hash = protocol::hash(ctx, &key)?;
            let count = match dict.get_hashed(ctx, hash, &key)? {
                None => one.clone(),
                Some(count) => protocol::binary(ctx, &count, &one, operator::ADD)?,
            };
            dict.set_hashed(ctx, hash, &key, count)
        })?;
        return Ok(Obj::NONE);
    }
    let get = protocol::getattr(ctx, mapping, &get)?;
    protocol::for_each(ctx, iterable, |ctx, key| {
        let count = protocol::call(ctx, &get, &[key.clone(), Obj::small_int(0)])?;
        let count = protocol::binary(ctx, &count, &one, operator::ADD)?;
        protocol::setitem(ctx, mapping, &key, Some(&count))
    })?;
    Ok(Obj::NONE)
}

/// Whether a class leaves reading and writing items to dict.
fn is_plain(ctx: &mut Ctx, mapping: &Obj, get: &Obj) -> bool {
    if mapping.downcast::<PyDict>().is_none() {
        return false;
    }
    let set = str_::intern(ctx, "__setitem__");
    [get, &set].into_iter().all(|name| {
        let plain = lookup(ctx, ids::DICT, name);
        let found = lookup(ctx, type_id_of(mapping), name);
        plain
            .zip(found)
            .is_some_and(|(plain, found)| plain.is(&found))
    })
}

fn populate(ctx: &mut Ctx, module: &Obj) -> PyResult<()> {
    if rt(ctx).library.natives.default_dict.get().is_none() {
        let class = default_dict::class(ctx)?;
        rt(ctx).library.natives.default_dict.get_or_init(|| class);
    }
    let class = rt(ctx).library.natives.default_dict.get();
    let class = class.cloned().unwrap_or(Obj::NONE);
    support::add(ctx, module, "defaultdict", class)
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_collections",
    functions: FUNCTIONS,
    types: TYPES,
    populate,
    doc: "High performance data structures.",
};
