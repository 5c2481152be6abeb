//! The methods and attributes of `int`.

use super::{View, convert, from_big, from_i64, from_wide, view};
use crate::error::{OrRaise, PyResult, raise};
use crate::number::int_math;
use crate::object::args::{Args, Signature};
use crate::object::bytes::PyBytes;
use crate::object::define::{GetSet, Method, Native, getter, method};
use crate::object::obj::Obj;
use crate::object::str_::{self, PyStr};
use crate::object::type_::PyType;
use crate::object::{ids, protocol, tuple};
use crate::vm::outside;
use kit_core::thread::Ctx;

pub(super) static METHODS: &[Method] = &[
    method("conjugate", Native::M0(convert::plain)),
    method("bit_length", Native::M0(bit_length)),
    method("bit_count", Native::M0(bit_count)),
    method("to_bytes", Native::MA(to_bytes)),
    method("from_bytes", Native::C(from_bytes)),
    method("as_integer_ratio", Native::M0(as_integer_ratio)),
    method("is_integer", Native::M0(is_integer)),
    method("__trunc__", Native::M0(convert::plain)),
    method("__floor__", Native::M0(convert::plain)),
    method("__ceil__", Native::M0(convert::plain)),
    method("__round__", Native::MN(0, 1, round)),
    method("__format__", Native::M1(format)),
    method("__getnewargs__", Native::M0(getnewargs)),
    method("__sizeof__", Native::M0(sizeof)),
];

pub(super) static GETSET: &[GetSet] = &[
    getter("real", convert::plain),
    getter("imag", zero),
    getter("numerator", convert::plain),
    getter("denominator", one),
];

fn zero(_: &mut Ctx, _: &Obj) -> PyResult {
    Ok(Obj::small_int(0))
}

fn one(_: &mut Ctx, _: &Obj) -> PyResult {
    Ok(Obj::small_int(1))
}

/// The receiver of a method: its descriptor has checked that it is an int.
fn receiver(x: &Obj) -> View<'_> {
    view(x).unwrap_or(View::Small(0))
}

fn bit_length(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let bits = match receiver(x) {
        View::Small(value) => u64::from(64 - value.unsigned_abs().leading_zeros()),
        View::Big(value) => int_math::bit_length(value),
    };
    from_i64(ctx, bits as i64)
}

fn bit_count(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let bits = match receiver(x) {
        View::Small(value) => u64::from(value.unsigned_abs().count_ones()),
        View::Big(value) => int_math::bit_count(value),
    };
    from_i64(ctx, bits as i64)
}

/// Whether a `byteorder` argument says little endian.
fn is_little(ctx: &mut Ctx, order: Option<&Obj>, function: &str) -> PyResult<bool> {
    let Some(order) = order else {
        return Ok(false);
    };
    let Some(text) = order.downcast::<PyStr>() else {
        let class = str_::argument_type(ctx, order);
        return Err(raise!(
            ctx,
            TypeError,
            "{function}() argument 'byteorder' must be str, not {class}"
        ));
    };
    match text.bytes() {
        b"little" => Ok(true),
        b"big" => Ok(false),
        _ => Err(raise!(
            ctx,
            ValueError,
            "byteorder must be either 'little' or 'big'"
        )),
    }
}

fn is_signed(ctx: &mut Ctx, signed: Option<&Obj>) -> PyResult<bool> {
    signed.map_or(Ok(false), |signed| protocol::truth(ctx, signed))
}

fn to_bytes(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "to_bytes",
        params: &["length", "byteorder", "signed"],
        posonly: 0,
        positional: 2,
        required: 0,
    };
    let [length, order, signed] = args.bind(ctx, &SIGNATURE)?;
    let length = match length {
        Some(length) => protocol::c_ssize(ctx, length)?,
        None => 1,
    };
    let little = is_little(ctx, order, "to_bytes")?;
    let signed = is_signed(ctx, signed)?;
    let Ok(length) = usize::try_from(length) else {
        return Err(raise!(
            ctx,
            ValueError,
            "length argument must be non-negative"
        ));
    };
    if let View::Small(value) = receiver(x)
        && let Some(data) = few_bytes(value, length, signed)
    {
        let data = &data[16 - length..];
        if little {
            let mut turned = [0; 16];
            turned[..length].copy_from_slice(data);
            turned[..length].reverse();
            return crate::object::bytes::new(ctx, &turned[..length]);
        }
        return crate::object::bytes::new(ctx, data);
    }
    crate::object::bytes::check_len(ctx, length)?;
    outside::room(ctx, length.saturating_mul(2))?;
    let data = int_math::to_bytes(&receiver(x).big(), length, little, signed).or_raise(ctx)?;
    crate::object::bytes::new(ctx, &data)
}

/// The value as the last `length` of 16 bytes, if it fits.
fn few_bytes(value: i64, length: usize, signed: bool) -> Option<[u8; 16]> {
    if !(1..=16).contains(&length) || value < 0 && !signed {
        return None;
    }
    let bits = 8 * length as u32 - u32::from(signed);
    // For a negative number the bits of what is one less than its magnitude.
    let magnitude = if value < 0 { !value } else { value };
    let fits = 64 - magnitude.leading_zeros() <= bits;
    fits.then(|| i128::from(value).to_be_bytes())
}

/// The number that at most 15 bytes stand for.
fn of_few_bytes(data: &[u8], little: bool, signed: bool) -> i128 {
    let push = |number: i128, byte: &u8| number << 8 | i128::from(*byte);
    let (number, first) = if little {
        (data.iter().rev().fold(0, push), data.last())
    } else {
        (data.iter().fold(0, push), data.first())
    };
    if signed && first.is_some_and(|byte| byte & 0x80 != 0) {
        number - (1 << (8 * data.len()))
    } else {
        number
    }
}

fn from_bytes(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "from_bytes",
        params: &["bytes", "byteorder", "signed"],
        posonly: 0,
        positional: 2,
        required: 1,
    };
    let [data, order, signed] = args.bind(ctx, &SIGNATURE)?;
    let little = is_little(ctx, order, "from_bytes")?;
    let signed = is_signed(ctx, signed)?;
    let data = data.unwrap_or(Obj::none());
    if let Some(bytes) = data.downcast_exact::<PyBytes>()
        && bytes.data().len() <= 15
        && class.expect::<PyType>().id == ids::INT
    {
        return from_wide(ctx, of_few_bytes(bytes.data(), little, signed));
    }
    let data = convert::bytes_of(ctx, data)?;
    let value = from_big(ctx, int_math::from_bytes(&data, little, signed))?;
    if class.expect::<PyType>().id == ids::INT {
        return Ok(value);
    }
    protocol::call(ctx, class, &[value])
}

fn as_integer_ratio(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let value = convert::plain(ctx, x)?;
    tuple::from_vec(ctx, vec![value, Obj::small_int(1)])
}

fn is_integer(_: &mut Ctx, _: &Obj) -> PyResult {
    Ok(Obj::TRUE)
}

fn round(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let digits = match args.first() {
        Some(digits) if !digits.is_none() => protocol::index_i64(ctx, digits, None)?,
        _ => 0,
    };
    if digits >= 0 {
        return convert::plain(ctx, x);
    }
    let value = receiver(x).big();
    // Past the number's own digits the result is zero; this keeps the power of ten in bounds.
    if digits.unsigned_abs() > value.bits() {
        return Ok(Obj::small_int(0));
    }
    from_big(ctx, int_math::round(&value, digits))
}

fn format(ctx: &mut Ctx, x: &Obj, spec: &Obj) -> PyResult {
    let spec = str_::expect_spec(ctx, spec)?;
    convert::format_with(ctx, x, spec)
}

fn getnewargs(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let value = convert::plain(ctx, x)?;
    tuple::from_vec(ctx, vec![value])
}

/// Python counts 24 bytes and four for every 30 bits.
fn sizeof(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let bits = receiver(x).big().bits();
    from_i64(ctx, 24 + 4 * bits.div_ceil(30).max(1) as i64)
}
