//! `builtins`: the functions and names every program has.
//!
//! | file           | functions                                                        |
//! |----------------|------------------------------------------------------------------|
//! | [`attributes`] | getattr, dir, vars, callable, isinstance, ...                     |
//! | [`numeric`]    | abs, divmod, pow, round, sum, min, max, hash, id                 |
//! | [`iteration`]  | all, any, iter, next, len, sorted                                |
//! | [`text`]       | repr, ascii, chr, ord, bin, oct, hex, format                     |
//! | [`output`]     | print, input                                                     |
//! | [`compile`]    | compile                                                          |
//! | [`source_bytes`] | the bytes of a source, decoded                                 |
//! | [`code`]       | eval, exec, globals, locals, and what `class` calls              |

use crate::error::PyResult;
use crate::object::define::{ModuleDef, Native, method};
use crate::object::exception::{self, class};
use crate::object::obj::Obj;
use crate::object::type_::type_object;
use crate::object::{ids, module};
use kit_core::thread::Ctx;

pub mod attributes;
pub mod code;
#[cfg(feature = "std")]
pub mod compile;
#[cfg(not(feature = "std"))]
#[path = "no_compiler.rs"]
pub mod compile;
pub mod iteration;
pub mod numeric;
pub mod output;
pub mod site;
#[cfg(feature = "std")]
pub mod source_bytes;
#[cfg(test)]
mod tests;
pub mod text;

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "builtins",
    functions: &[
        method("__build_class__", Native::F(code::build_class)),
        method(
            "__import__",
            Native::F(crate::module::import::builtin_import),
        ),
        method("abs", Native::F1(numeric::abs)),
        method("all", Native::F1(iteration::all)),
        method("any", Native::F1(iteration::any)),
        method("anext", Native::F(iteration::anext)),
        method("aiter", Native::F1(iteration::aiter)),
        method("ascii", Native::F1(text::ascii)),
        method("bin", Native::F1(text::bin)),
        method("breakpoint", Native::F(code::breakpoint)),
        method("callable", Native::F1(attributes::callable)),
        method("chr", Native::F1(text::chr)),
        method("compile", Native::F(compile::compile)),
        method("delattr", Native::F(attributes::delattr)),
        method("dir", Native::F(attributes::dir)),
        method("divmod", Native::F(numeric::divmod)),
        method("eval", Native::F(code::eval)),
        method("exec", Native::F(code::exec)),
        method("format", Native::F(text::format)),
        method("getattr", Native::F(attributes::getattr)),
        method("globals", Native::F(code::globals)),
        method("hasattr", Native::F(attributes::hasattr)),
        method("hash", Native::F1(numeric::hash)),
        method("hex", Native::F1(text::hex)),
        method("id", Native::F1(numeric::id)),
        method("input", Native::F(output::input)),
        method("isinstance", Native::F(attributes::isinstance)),
        method("issubclass", Native::F(attributes::issubclass)),
        method("iter", Native::F(iteration::iter)),
        method("len", Native::F1(iteration::len)),
        method("locals", Native::F(code::locals)),
        method("max", Native::F(numeric::max)),
        method("min", Native::F(numeric::min)),
        method("next", Native::F(iteration::next)),
        method("oct", Native::F1(text::oct)),
        #[cfg(feature = "std")]
        method("open", Native::F(crate::module::io::open::open)),
        method("ord", Native::F1(text::ord)),
        method("pow", Native::F(numeric::pow)),
        method("print", Native::F(output::print)),
        method("repr", Native::F1(text::repr)),
        method("round", Native::F(numeric::round)),
        method("setattr", Native::F(attributes::setattr)),
        method("sorted", Native::F(iteration::sorted)),
        method("sum", Native::F(numeric::sum)),
        method("vars", Native::F(attributes::vars)),
    ],
    types: &[],
    populate,
    doc: "Built-in functions, types, exceptions, and other objects.\n\n\
        This module provides direct access to all 'built-in'\n\
        identifiers of Python; for example, builtins.len is\n\
        the full name for the built-in function len().\n\n\
        This module is not normally accessed explicitly by most\n\
        applications, but can be useful in modules that provide\n\
        objects with the same name as a builtin and need to access\n\
        the original.",
};

/// The types that have a name here.
const TYPES: &[(&str, u32)] = &[
    ("object", ids::OBJECT),
    ("type", ids::TYPE),
    ("int", ids::INT),
    ("bool", ids::BOOL),
    ("float", ids::FLOAT),
    ("complex", ids::COMPLEX),
    ("str", ids::STR),
    ("bytes", ids::BYTES),
    ("bytearray", ids::BYTEARRAY),
    ("memoryview", ids::MEMORYVIEW),
    ("list", ids::LIST),
    ("tuple", ids::TUPLE),
    ("dict", ids::DICT),
    ("set", ids::SET),
    ("frozenset", ids::FROZENSET),
    ("range", ids::RANGE),
    ("slice", ids::SLICE),
    ("enumerate", ids::ENUMERATE),
    ("reversed", ids::REVERSED),
    ("map", ids::MAP),
    ("filter", ids::FILTER),
    ("zip", ids::ZIP),
    ("property", ids::PROPERTY),
    ("staticmethod", ids::STATICMETHOD),
    ("classmethod", ids::CLASSMETHOD),
    ("super", ids::SUPER),
];

fn populate(ctx: &mut Ctx, module: &Obj) -> PyResult<()> {
    for (name, value) in [
        ("None", Obj::NONE),
        ("True", Obj::TRUE),
        ("False", Obj::FALSE),
        ("Ellipsis", Obj::ELLIPSIS),
        ("NotImplemented", Obj::NOT_IMPLEMENTED),
        ("__debug__", Obj::TRUE),
    ] {
        module::add(ctx, module, name, value)?;
    }
    for &(name, id) in TYPES {
        // SAFETY: the id is below the table's reserved ones.
        let known = !unsafe { ctx.type_entry(id) }.object().is_null();
        if known {
            let class = type_object(ctx, id);
            module::add(ctx, module, name, class)?;
        }
    }
    for (index, (name, _)) in exception::HIERARCHY.iter().enumerate() {
        let class = type_object(ctx, ids::FIRST_DYNAMIC + index as u32);
        module::add(ctx, module, name, class)?;
    }
    for name in ["IOError", "EnvironmentError"] {
        let class = type_object(ctx, class::OSError);
        module::add(ctx, module, name, class)?;
    }
    site::populate(ctx, module)
}
