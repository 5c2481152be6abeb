//! `int` from and to everything else: the constructor, text, floats, format specs.

use super::{PyInt, View, from_big, from_i64, ops, view};
use crate::error::{OrRaise, PyResult, raise};
use crate::number::{float_text, int_text};
use crate::object::args::Args;
use crate::object::bytearray::PyByteArray;
use crate::object::obj::Obj;
use crate::object::str_::{self, PyStr};
use crate::object::type_::{PyType, type_id_of, type_of};
use crate::object::{bytes, bytes_like, float, ids, payload, protocol};
use crate::prelude::*;
use crate::text::format_spec;
use crate::text::wtf8::Wtf8;
use crate::vm::thread::rt;
use core::sync::atomic::Ordering::Relaxed;
use kit_core::thread::Ctx;
use num_bigint::BigInt;

/// `sys.get_int_max_str_digits()`: 0 means no limit.
pub fn max_digits(ctx: &Ctx) -> usize {
    rt(ctx).max_str_digits.load(Relaxed) as usize
}

/// `int.__new__`.
pub fn new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    let type_id = class.expect::<PyType>().id;
    if type_id != ids::INT || !args.names.is_empty() {
        args.at_most(ctx, "int", 2)?;
    }
    let value = value_of_args(ctx, args)?;
    if type_id == ids::INT {
        return plain(ctx, &value);
    }
    let value = super::to_big(&value).unwrap_or_default();
    payload::allocate(ctx, type_id, PyInt::new(value))
}

/// The int that the arguments of `int(...)` describe, perhaps of a derived class.
fn value_of_args(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let given = args.pos.len();
    if given > 2 {
        return Err(raise!(
            ctx,
            TypeError,
            "int expected at most 2 arguments, got {given}"
        ));
    }
    let mut base = args.pos.get(1);
    for (name, value) in args.names.iter().zip(args.values) {
        let name = name.expect::<PyStr>().as_str_lossy();
        if name != "base" {
            return Err(crate::object::args::unexpected_keyword(
                ctx,
                "int",
                &name,
                &["base"],
            ));
        }
        if base.is_some() {
            return Err(raise!(
                ctx,
                TypeError,
                "argument for int() given by name ('base') and position (2)"
            ));
        }
        base = Some(value);
    }
    match (args.pos.first(), base) {
        (None, None) => from_i64(ctx, 0),
        (None, Some(_)) => Err(raise!(ctx, TypeError, "int() missing string argument")),
        (Some(x), None) => from_value(ctx, x),
        (Some(x), Some(base)) => {
            let base = protocol::index_i64(ctx, base, None)?;
            if base != 0 && !(2..=36).contains(&base) {
                return Err(raise!(
                    ctx,
                    ValueError,
                    "int() base must be >= 2 and <= 36, or 0"
                ));
            }
            let is_text = x.downcast::<PyStr>().is_some()
                || x.downcast::<bytes::PyBytes>().is_some()
                || x.downcast::<PyByteArray>().is_some();
            match parse(ctx, x, base as u32)? {
                Some(value) if is_text => Ok(value),
                _ => Err(raise!(
                    ctx,
                    TypeError,
                    "int() can't convert non-string with explicit base"
                )),
            }
        }
    }
}

/// `int(x)`, perhaps an instance of a derived class.
fn from_value(ctx: &mut Ctx, x: &Obj) -> PyResult {
    if let Some(text) = x.downcast_exact::<PyStr>()
        && let Some(value) = few_digits(text.bytes())
    {
        return Ok(Obj::small_int(value));
    }
    if view(x).is_some() && type_id_of(x) < ids::FIRST_DYNAMIC {
        return plain(ctx, x);
    }
    let slots = type_of(ctx, x).slots(ctx);
    let (int, index) = (slots.int, slots.index);
    if let Some(int) = int {
        let result = int(ctx, x)?;
        if view(&result).is_some() {
            if type_id_of(&result) == ids::INT {
                return Ok(result);
            }
            protocol::warn_of_derived(ctx, "__int__", "int", &result)?;
            return plain(ctx, &result);
        }
        let class = protocol::type_name(ctx, &result);
        return Err(raise!(
            ctx,
            TypeError,
            "__int__ returned non-int (type {class})"
        ));
    }
    if index.is_some() {
        return protocol::index(ctx, x);
    }
    match parse(ctx, x, 10)? {
        Some(value) => Ok(value),
        None => {
            let class = protocol::type_name(ctx, x);
            Err(raise!(
                ctx,
                TypeError,
                "int() argument must be a string, a bytes-like object or a real number, not '{class}'"
            ))
        }
    }
}

/// The number of a text of few decimal digits and nothing else.
fn few_digits(text: &[u8]) -> Option<i64> {
    if text.is_empty() || text.len() > 17 {
        return None;
    }
    text.iter().try_fold(0, |number, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit < 10).then(|| number * 10 + i64::from(digit))
    })
}

/// `int(text)` or `int(bytes)`; `None` for anything else.
fn parse(ctx: &mut Ctx, x: &Obj, base: u32) -> PyResult<Option<Obj>> {
    let most = max_digits(ctx);
    let parsed = if let Some(text) = x.downcast::<PyStr>() {
        int_text::parse_str(text.text(), base, most)
    } else if let Some(data) = bytes_like::row(ctx, x)? {
        int_text::parse_bytes(&data, base, most)
    } else {
        return Ok(None);
    };
    if let Err(fault) = &parsed
        && type_id_of(x) >= ids::FIRST_DYNAMIC
        && x.downcast::<PyStr>().is_some()
        && let Some((before, _)) = fault.message.to_string_lossy().split_once(": ")
    {
        // The message shows the text as its class does.
        let shown: String = protocol::repr_string(ctx, x)?.chars().take(200).collect();
        return Err(raise!(ctx, ValueError, "{before}: {shown}"));
    }
    let parsed = parsed.or_raise(ctx)?;
    from_parsed(ctx, parsed).map(Some)
}

/// The int that text in base `base` (0 for a prefix) spells.
pub fn parse_text(ctx: &mut Ctx, text: &Wtf8, base: u32) -> PyResult {
    let parsed = int_text::parse_str(text, base, max_digits(ctx)).or_raise(ctx)?;
    from_parsed(ctx, parsed)
}

fn from_parsed(ctx: &mut Ctx, parsed: int_text::Int) -> PyResult {
    match parsed {
        int_text::Int::Small(value) => from_i64(ctx, value),
        int_text::Int::Big(value) => from_big(ctx, value),
    }
}

/// The value as an instance of `int` itself: what `int(x)`, `+x` and `operator.index(x)` are.
pub fn plain(ctx: &mut Ctx, x: &Obj) -> PyResult {
    if type_id_of(x) == ids::INT {
        return Ok(x.clone());
    }
    match view(x) {
        Some(View::Small(value)) => from_i64(ctx, value),
        Some(View::Big(value)) => from_big(ctx, value.clone()),
        None => Ok(Obj::NOT_IMPLEMENTED),
    }
}

/// The decimal digits, within the limit on conversions.
pub fn to_text(ctx: &mut Ctx, x: View<'_>) -> PyResult<String> {
    match x {
        View::Small(value) => Ok(value.to_string()),
        View::Big(value) => {
            let most = max_digits(ctx);
            if most == 0 {
                ops::room_to_write(ctx, value, 10)?;
            }
            int_text::to_decimal(value, most).or_raise(ctx)
        }
    }
}

/// `repr(x)`.
pub fn repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    if let Some(value) = x.as_small_int() {
        return str_::from_int(ctx, value);
    }
    let text = to_text(ctx, view(x).unwrap_or(View::Small(0)))?;
    str_::new(ctx, &text)
}

/// `float(x)`.
pub fn to_float_obj(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let value = ops::to_f64(ctx, view(x).unwrap_or(View::Small(0)))?;
    float::new(ctx, value)
}

/// The int nearest to `value` in the direction of zero.
pub fn from_f64(ctx: &mut Ctx, value: f64) -> PyResult {
    if value.abs() < 1e18 {
        return from_i64(ctx, value as i64);
    }
    let value: BigInt = float_text::float_to_int(value).or_raise(ctx)?;
    from_big(ctx, value)
}

/// `format(x, spec)` of an int or bool.
pub fn format_with(ctx: &mut Ctx, x: &Obj, spec: &Wtf8) -> PyResult {
    if spec.is_empty() {
        return protocol::str(ctx, x);
    }
    let as_float = matches!(
        spec.as_bytes().last(),
        Some(b'e' | b'E' | b'f' | b'F' | b'g' | b'G' | b'%')
    );
    if as_float
        && type_id_of(x) >= ids::FIRST_DYNAMIC
        && let Some(value) = float::convert(ctx, x)?
    {
        // A class of the program says itself which float its numbers are.
        let value = float::new(ctx, value)?;
        return float::format_with(ctx, &value, spec);
    }
    let class = protocol::type_name(ctx, x);
    let text = match view(x) {
        Some(View::Big(value)) => {
            let most = max_digits(ctx);
            match spec.as_bytes().last() {
                Some(b'b') => ops::room_to_write(ctx, value, 2)?,
                Some(b'o') => ops::room_to_write(ctx, value, 8)?,
                Some(b'x' | b'X') => ops::room_to_write(ctx, value, 16)?,
                _ if most == 0 => ops::room_to_write(ctx, value, 10)?,
                // Too long a number is another error.
                _ => {}
            }
            format_spec::format_int(value, spec, &class, most).or_raise(ctx)?
        }
        Some(View::Small(value)) => {
            format_spec::format_small_int(value, spec, &class).or_raise(ctx)?
        }
        None => return Ok(Obj::NOT_IMPLEMENTED),
    };
    str_::from_buf(ctx, text)
}

/// The bytes that `int.from_bytes` and `bytes` read: a buffer, what `__bytes__` returns, or an
/// iterable of ints.
pub fn bytes_of(ctx: &mut Ctx, x: &Obj) -> PyResult<Vec<u8>> {
    if let Some(data) = bytes_like::data(ctx, x)? {
        return Ok(data.into_owned());
    }
    if let Some(result) = bytes_like::special(ctx, x)? {
        return Ok(result.expect::<bytes::PyBytes>().data().to_vec());
    }
    bytes::from_iterable(ctx, x)
}
