//! `_sre`: what `re` is made of. `re._compiler` turns a pattern into code for a simple machine; here are the machine and the
//! objects around it.
//!
//! | file      | what                                                   |
//! |-----------|--------------------------------------------------------|
//! | `op`      | the numbers of the operations                          |
//! | `program` | code, checked                                          |
//! | `chars`   | sets, categories and case of single characters         |
//! | `matcher` | the machine                                            |
//! | `text`    | what is matched against, in str and bytes alike        |
//! | `pattern` | `re.Pattern`, and what a replacement is made of        |
//! | `replace` | `sub`, `split`, and templates of replacements          |
//! | `matched` | `re.Match`                                             |
//! | `scanner` | what `finditer` asks for the next match                |

mod chars;
mod matched;
mod matcher;
mod op;
mod pattern;
mod program;
mod replace;
mod scanner;
mod text;

use crate::error::PyResult;
use crate::module::support;
use crate::object::define::{ModuleDef, Native, method};
use crate::object::obj::Obj;
use crate::object::{int, protocol};
use kit_core::thread::Ctx;

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_sre",
    functions: &[
        method("compile", Native::F(pattern::compile)),
        method("template", Native::FN(2, 2, replace::template)),
        method(
            "getcodesize",
            Native::FN(0, 0, |_, _| Ok(Obj::small_int(4))),
        ),
        method(
            "ascii_iscased",
            Native::F1(|ctx, point| is_cased(ctx, point, false)),
        ),
        method(
            "unicode_iscased",
            Native::F1(|ctx, point| is_cased(ctx, point, true)),
        ),
        method(
            "ascii_tolower",
            Native::F1(|ctx, point| lower(ctx, point, false)),
        ),
        method(
            "unicode_tolower",
            Native::F1(|ctx, point| lower(ctx, point, true)),
        ),
    ],
    types: &[
        &pattern::PATTERN,
        &matched::MATCH,
        &replace::TEMPLATE,
        &scanner::SCANNER,
    ],
    populate,
    doc: "",
};

fn populate(ctx: &mut Ctx, module: &Obj) -> PyResult<()> {
    let constants = [
        ("MAGIC", op::MAGIC),
        ("CODESIZE", 4),
        ("MAXREPEAT", op::MAX_REPEAT.into()),
        ("MAXGROUPS", op::MAX_GROUPS.into()),
    ];
    for (name, value) in constants {
        let value = int::from_i64(ctx, value)?;
        support::add(ctx, module, name, value)?;
    }
    Ok(())
}

fn point(ctx: &mut Ctx, x: &Obj) -> PyResult<u32> {
    let value = protocol::index_i64(ctx, x, None)?;
    Ok(u32::try_from(value).unwrap_or(u32::MAX))
}

fn lower(ctx: &mut Ctx, x: &Obj, unicode: bool) -> PyResult {
    let point = point(ctx, x)?;
    let lower = if unicode {
        chars::lower_unicode(point)
    } else if point < 0x80 {
        chars::lower_ascii(point)
    } else {
        point
    };
    Ok(Obj::small_int(lower.into()))
}

fn is_cased(ctx: &mut Ctx, x: &Obj, unicode: bool) -> PyResult {
    let point = point(ctx, x)?;
    let cased = if unicode {
        // By its full upper case: a sharp s has one.
        let upper = char::from_u32(point).and_then(|c| c.to_uppercase().next());
        chars::lower_unicode(point) != point || upper.is_some_and(|c| u32::from(c) != point)
    } else {
        u8::try_from(point).is_ok_and(|byte| byte.is_ascii_alphabetic())
    };
    Ok(Obj::bool(cased))
}
