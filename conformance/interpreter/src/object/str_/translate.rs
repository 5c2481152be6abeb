//! `str.translate` and `str.maketrans`.

use super::super::args::Args;
use super::super::dict::{self, PyDict};
use super::super::exception::{self, class};
use super::super::obj::Obj;
use super::super::{int, protocol};
use super::{PyStr, expect_text, from_buf, text_of};
use crate::error::{PyResult, raise};
use crate::text::str_methods::{self, Translation};
use crate::vm::outside;
use kit_core::thread::Ctx;

/// `x.translate(table)`.
pub(super) fn translate(ctx: &mut Ctx, x: &Obj, table: &Obj) -> PyResult {
    let text = x.expect::<PyStr>().text();
    let mut len = 0;
    let translated = str_methods::translate(text, |point| {
        let translation = lookup(ctx, table, point)?;
        let more = match &translation {
            Translation::Text(text) => text.byte_len(),
            _ => 4,
        };
        outside::room_behind(ctx, len, more)?;
        len += more;
        Ok(translation)
    })?;
    from_buf(ctx, translated)
}

fn lookup(ctx: &mut Ctx, table: &Obj, point: u32) -> PyResult<Translation> {
    let key = Obj::small_int(point.into());
    let value = if let Some(dict) = table.downcast_exact::<PyDict>() {
        match dict.get(ctx, &key)? {
            Some(value) => value,
            None => return Ok(Translation::Keep),
        }
    } else {
        match protocol::getitem(ctx, table, &key) {
            Ok(value) => value,
            Err(raised) if exception::matches(ctx, &raised, class::LookupError) => {
                let _ = exception::take(ctx, raised);
                return Ok(Translation::Keep);
            }
            Err(raised) => return Err(raised),
        }
    };
    if value.is_none() {
        return Ok(Translation::Delete);
    }
    if let Some(text) = text_of(&value) {
        return Ok(Translation::Text(text.to_buf()));
    }
    if int::view(&value).is_none() {
        return Err(raise!(
            ctx,
            TypeError,
            "character mapping must return integer, None or str"
        ));
    }
    match int::to_i64(&value) {
        Some(point @ 0..=0x10FFFF) => Ok(Translation::Point(point as u32)),
        _ => Err(raise!(
            ctx,
            ValueError,
            "character mapping must be in range(0x110000)"
        )),
    }
}

/// `str.maketrans`.
pub(super) fn maketrans(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.no_keywords(ctx, "str.maketrans")?;
    args.check(ctx, "maketrans", 1, 3)?;
    let table = dict::new(ctx)?;
    let entries = table.expect::<PyDict>();
    let [from, rest @ ..] = args.pos else {
        return Ok(table.clone());
    };
    let Some(to) = rest.first() else {
        let Some(given) = from.downcast::<PyDict>() else {
            return Err(raise!(
                ctx,
                TypeError,
                "if you give only one argument to maketrans it must be a dict"
            ));
        };
        for (key, value) in given.items(ctx) {
            let key = table_key(ctx, key)?;
            entries.set(ctx, &key, value)?;
        }
        return Ok(table);
    };
    let to = expect_text(ctx, to, "maketrans() argument 2")?;
    let removed = match rest.get(1) {
        Some(removed) => Some(expect_text(ctx, removed, "maketrans() argument 3")?),
        None => None,
    };
    let Some(from) = text_of(from) else {
        return Err(raise!(
            ctx,
            TypeError,
            "first maketrans argument must be a string if there is a second argument"
        ));
    };
    if from.char_count() != to.char_count() {
        return Err(raise!(
            ctx,
            ValueError,
            "the first two maketrans arguments must have equal length"
        ));
    }
    for (from, to) in from.code_points().zip(to.code_points()) {
        let key = Obj::small_int(from.into());
        entries.set(ctx, &key, Obj::small_int(to.into()))?;
    }
    for point in removed.iter().flat_map(|text| text.code_points()) {
        entries.set(ctx, &Obj::small_int(point.into()), Obj::NONE)?;
    }
    Ok(table)
}

/// A key of the table that `maketrans` is given: a character stands for its number.
fn table_key(ctx: &mut Ctx, key: Obj) -> PyResult {
    if let Some(text) = text_of(&key) {
        let mut points = text.code_points();
        return match (points.next(), points.next()) {
            (Some(point), None) => Ok(Obj::small_int(point.into())),
            _ => Err(raise!(
                ctx,
                ValueError,
                "string keys in translatetable must be of length 1"
            )),
        };
    }
    if int::view(&key).is_some() {
        return Ok(key);
    }
    Err(raise!(
        ctx,
        TypeError,
        "keys in translate table mustbe strings or integers"
    ))
}
