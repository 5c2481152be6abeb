//! What values look like: `repr`, `str`, `ascii`, `format`.

use super::call::call_special;
use super::{address, recursive, type_name};
use crate::error::{PyResult, raise};
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::str_::{self, PyStr};
use crate::object::type_::{type_id_of, type_of};
use crate::object::{dict, ids, list, repr_guard, set, tuple};
use crate::prelude::*;
use crate::text::wtf8::Wtf8Buf;
use crate::vm::outside;
use kit_core::thread::Ctx;

const WHILE_REPR: &str = " while getting the repr of an object";

/// `repr(value)`: a str.
pub fn repr(ctx: &mut Ctx, value: &Obj) -> PyResult {
    recursive(ctx, WHILE_REPR, |ctx| made_repr(ctx, value))
}

/// Writes `repr(value)` behind `text`. Containers in containers write into that one text: if each made its own, those of
/// all levels would be there at once.
pub fn repr_onto(ctx: &mut Ctx, value: &Obj, text: &mut Wtf8Buf) -> PyResult<()> {
    repr_guard::check_depth(ctx)?;
    recursive(ctx, WHILE_REPR, |ctx| match type_id_of(value) {
        ids::LIST => list::repr_onto(ctx, value, text),
        ids::TUPLE => tuple::repr_onto(ctx, value, text),
        ids::DICT => dict::repr_onto(ctx, value, text),
        ids::SET | ids::FROZENSET => set::repr_onto(ctx, value, text),
        _ => {
            let made = made_repr(ctx, value)?;
            let shown = made.expect::<PyStr>().text();
            outside::room_behind(ctx, text.byte_len(), shown.byte_len())?;
            text.push_wtf8(shown);
            drop(made);
            // Texts of what is nested deeply, such as views, are as long as it is deep: none waits for the end.
            ctx.drain();
            Ok(())
        }
    })
}

/// The `__repr__` of a container that writes itself behind a text.
pub fn repr_by(
    ctx: &mut Ctx,
    value: &Obj,
    onto: fn(&mut Ctx, &Obj, &mut Wtf8Buf) -> PyResult<()>,
) -> PyResult {
    let mut text = Wtf8Buf::new();
    onto(ctx, value, &mut text)?;
    str_::from_buf(ctx, text)
}

/// What the type's `__repr__` makes.
fn made_repr(ctx: &mut Ctx, value: &Obj) -> PyResult {
    let text = unchecked_repr(ctx, value)?;
    check_str(ctx, text, "__repr__")
}

/// What the type's `__repr__` makes, whatever it is.
pub fn unchecked_repr(ctx: &mut Ctx, value: &Obj) -> PyResult {
    match type_of(ctx, value).slots(ctx).repr {
        Some(repr) => repr(ctx, value),
        None => default_repr(ctx, value),
    }
}

/// `str(value)`: a str.
pub fn str(ctx: &mut Ctx, value: &Obj) -> PyResult {
    if type_id_of(value) == ids::STR {
        return Ok(value.clone());
    }
    if let Some(value) = value.as_small_int() {
        return str_::from_int(ctx, value);
    }
    match type_of(ctx, value).slots(ctx).str {
        Some(str) => recursive(ctx, " while getting the str of an object", |ctx| {
            let text = str(ctx, value)?;
            check_str(ctx, text, "__str__")
        }),
        None => repr(ctx, value),
    }
}

fn check_str(ctx: &mut Ctx, text: Obj, method: &str) -> PyResult {
    if text.downcast::<PyStr>().is_some() {
        return Ok(text);
    }
    let class = type_name(ctx, &text);
    Err(raise!(
        ctx,
        TypeError,
        "{method} returned non-string (type {class})"
    ))
}

/// `<module.Class object at 0x…>`.
pub fn default_repr(ctx: &mut Ctx, value: &Obj) -> PyResult {
    let class = type_of(ctx, value).to_obj();
    let name = crate::object::type_::full_name(ctx, &class)?;
    let text = format!("<{name} object at {:#x}>", address(value));
    str_::new(ctx, &text)
}

/// `repr(value)` as a Rust string.
pub fn repr_string(ctx: &mut Ctx, value: &Obj) -> PyResult<String> {
    Ok(repr(ctx, value)?
        .expect::<PyStr>()
        .as_str_lossy()
        .into_owned())
}

/// `str(value)` as a Rust string.
pub fn str_string(ctx: &mut Ctx, value: &Obj) -> PyResult<String> {
    Ok(str(ctx, value)?
        .expect::<PyStr>()
        .as_str_lossy()
        .into_owned())
}

/// `ascii(value)`: a str.
pub fn ascii(ctx: &mut Ctx, value: &Obj) -> PyResult {
    str_::ascii(ctx, value)
}

/// `format(value, spec)`: a str. The spec is a str.
pub fn format(ctx: &mut Ctx, value: &Obj, spec: &Obj) -> PyResult {
    if let Some(text) = str_::text_of(spec) {
        match type_id_of(value) {
            ids::STR => return str_::format_with(ctx, value, text),
            ids::INT => return crate::object::int::format_with(ctx, value, text),
            ids::FLOAT => return crate::object::float::format_with(ctx, value, text),
            _ => {}
        }
    }
    let name = &names(ctx).format;
    let shown = match call_special(ctx, value, name, core::slice::from_ref(spec))? {
        Some(shown) => shown,
        None => {
            let class = type_name(ctx, value);
            return Err(raise!(
                ctx,
                TypeError,
                "Type {class} doesn't define __format__"
            ));
        }
    };
    if shown.downcast::<PyStr>().is_some() {
        return Ok(shown);
    }
    let class = type_name(ctx, &shown);
    Err(raise!(
        ctx,
        TypeError,
        "__format__ must return a str, not {class}"
    ))
}
