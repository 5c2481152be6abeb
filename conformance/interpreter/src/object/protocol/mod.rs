//! What Python's operators and built-in functions mean, over any values: the abstract operations.
//!
//! | file           | what                                                |
//! |----------------|-----------------------------------------------------|
//! | `text`         | `repr`, `str`, `ascii`, `format`                    |
//! | `compare`      | comparisons, hashes, truth                          |
//! | `arithmetic`   | binary and unary operators, `operator.index`        |
//! | `container`    | `len`, items, `in`, iteration                       |
//! | `call`         | attributes and calls                                |
//!
//! Functions here take the context as `&mut`, since each of them may run Python code.

mod arithmetic;
mod call;
mod compare;
mod container;
mod text;

use crate::prelude::*;
pub use arithmetic::{
    Operator, binary, c_int, c_ssize, concatenate, in_place, in_place_power, index, index_i64,
    operator, power, too_large, unary, unsupported, warn_of_derived,
};
pub use call::{
    call, call_method, call_special, call_with, find_attr, getattr, getattr_str, is_callable,
    not_callable, setattr,
};
pub use compare::{compare, compare_truth, equals, hash, identity_hash, truth, unhashable};
pub use container::{
    collect, collect_or, contains, for_each, getitem, iter, iter_or, len, length_hint, next,
    setitem,
};
pub use text::{
    ascii, default_repr, format, repr, repr_by, repr_onto, repr_string, str, str_string,
    unchecked_repr,
};

use super::dict::PyDict;
use super::names::names;
use super::obj::Obj;
use super::payload::Body;
use super::str_::PyStr;
use super::type_::{PyType, type_by_id, type_id_of, type_of};
use crate::error::{PyResult, raise};
use crate::vm::thread::py;
use kit_core::thread::Ctx;

/// The name of a value's class, for messages: with the module where a built-in type is defined so.
pub fn type_name(ctx: &Ctx, value: &Obj) -> String {
    defined_name(ctx, type_of(ctx, value))
}

/// The name of a class, for messages that have the module of a built-in type in it.
pub fn defined_name(ctx: &Ctx, class: &Body<PyType>) -> String {
    if let Some(def) = class.def {
        return def.name.to_owned();
    }
    let name = class_name(ctx, class);
    if !class.is_closed() {
        return name;
    }
    let namespace = class.dict.expect::<PyDict>();
    let module = namespace.get_name(ctx, &names(ctx).module);
    match module.as_ref().and_then(|m| m.downcast::<PyStr>()) {
        Some(module) if module.as_str_lossy() != "builtins" => {
            format!("{}.{name}", module.as_str_lossy())
        }
        _ => name,
    }
}

/// The name of a class, for messages that have the `__name__` in it.
pub fn class_name(ctx: &Ctx, class: &Body<PyType>) -> String {
    class
        .name
        .get(ctx, &class.header)
        .map_or(String::new(), |n| {
            n.expect::<PyStr>().as_str_lossy().into_owned()
        })
}

/// Whether `value` is an instance of the class with the built-in id, or of one derived from it.
pub fn is_instance_of(ctx: &Ctx, value: &Obj, id: u32) -> bool {
    type_id_of(value) == id || type_of(ctx, value).is_subtype(ctx, type_by_id(ctx, id))
}

/// Runs `body` one level deeper in native recursion; RecursionError when that is too deep.
#[inline]
pub fn recursive<T>(
    ctx: &mut Ctx,
    place: &str,
    body: impl FnOnce(&mut Ctx) -> PyResult<T>,
) -> PyResult<T> {
    let marker = 0u8;
    if (&raw const marker as usize) < py(ctx).native_limit {
        return Err(raise!(
            ctx,
            RecursionError,
            "maximum recursion depth exceeded{place}"
        ));
    }
    body(ctx)
}

/// What `id(value)` is.
pub fn address(value: &Obj) -> u64 {
    value.word().plain().bits()
}
