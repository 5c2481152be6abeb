//! `float`: nearly all are immediates; infinities, NaNs and the very large are objects.

use super::args::Args;
use super::define::{Native, TypeDef, flag, getter, method};
use super::exception::unicode;
use super::obj::Obj;
use super::payload::{self, Body, Payload};
use super::slots::{Comparison, Slots};
use super::str_::{self, PyStr};
use super::type_::{PyType, type_id_of, type_of};
use super::{bytes_like, complex, ids, int, protocol, tuple};
use crate::error::{OrRaise, PyResult, Raised, raise};
use crate::number::complex_text::Complex;
use crate::number::{float_text, hash as number_hash};
use crate::text::format_spec;
use crate::text::wtf8::Wtf8;
use core::cmp::Ordering;
use kit_core::backend::heap::HeapKind;
use kit_core::object::{Tracer, Word};
use kit_core::thread::Ctx;
#[cfg(not(feature = "std"))]
use num_traits::Float as _;

/// The body of a float that is not an immediate.
pub struct PyFloat {
    /// The value.
    pub value: f64,
}

// SAFETY: numbers hold no references.
unsafe impl Payload for PyFloat {
    const ID: u32 = ids::FLOAT;
    const HEAP: HeapKind = HeapKind::Plain;
    const NAME: &'static str = "float";
    fn trace(&self, _: &mut Tracer<'_>) {}
}

/// The float with this value.
#[inline]
pub fn new(ctx: &mut Ctx, value: f64) -> PyResult {
    match Word::float(value) {
        // SAFETY: an immediate.
        Some(word) => Ok(unsafe { Obj::from_word(word) }),
        None => payload::new(ctx, PyFloat { value }),
    }
}

/// The value of a float.
#[inline]
pub fn to_f64(value: &Obj) -> Option<f64> {
    value
        .as_immediate_float()
        .or_else(|| value.downcast::<PyFloat>().map(|f| f.value))
}

/// The value of an instance of `float` itself, whose operators nobody has replaced.
#[inline]
pub fn exact(value: &Obj) -> Option<f64> {
    value
        .as_immediate_float()
        .or_else(|| value.downcast_exact::<PyFloat>().map(|f| f.value))
}

/// The value of a float or int as an operand: `None` for anything else, OverflowError for an int
/// that is too large.
#[inline]
pub fn operand(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<f64>> {
    if let Some(value) = to_f64(x) {
        return Ok(Some(value));
    }
    match int::view(x) {
        Some(view) => int::view_to_f64(ctx, view).map(Some),
        None => Ok(None),
    }
}

/// `float(x)` for anything that has `__float__` or `__index__`; `None` when `x` has neither.
pub fn convert(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<f64>> {
    if let Some(value) = to_f64(x) {
        return Ok(Some(value));
    }
    if type_id_of(x) < ids::FIRST_DYNAMIC
        && let Some(view) = int::view(x)
    {
        return int::view_to_f64(ctx, view).map(Some);
    }
    special(ctx, x)
}

/// What `x.__float__()` or `x.__index__()` gives; `None` when `x` has neither.
fn special(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<f64>> {
    let slots = type_of(ctx, x).slots(ctx);
    let (float, index) = (slots.float, slots.index);
    if let Some(float) = float {
        let result = float(ctx, x)?;
        if let Some(value) = to_f64(&result) {
            if type_id_of(&result) != ids::FLOAT {
                let method = format!("{}.__float__", protocol::type_name(ctx, x));
                protocol::warn_of_derived(ctx, &method, "float", &result)?;
            }
            return Ok(Some(value));
        }
        let (class, got) = (
            protocol::type_name(ctx, x),
            protocol::type_name(ctx, &result),
        );
        return Err(raise!(
            ctx,
            TypeError,
            "{class}.__float__ returned non-float (type {got})"
        ));
    }
    if index.is_some() {
        let value = protocol::index(ctx, x)?;
        return operand(ctx, &value);
    }
    Ok(None)
}

/// The value of an argument that must be a real number.
pub fn expect_real(ctx: &mut Ctx, x: &Obj) -> PyResult<f64> {
    match convert(ctx, x)? {
        Some(value) => Ok(value),
        None => {
            let class = protocol::type_name(ctx, x);
            Err(raise!(ctx, TypeError, "must be real number, not {class}"))
        }
    }
}

/// `float`.
pub static FLOAT: TypeDef = TypeDef {
    id: ids::FLOAT,
    name: "float",
    base: ids::OBJECT,
    layout: ids::FLOAT,
    kind: &Body::<PyFloat>::KIND,
    flags: flag::BASE | flag::MATCH_SELF | flag::IMMUTABLE,
    slots: Slots {
        new: Some(construct),
        repr: Some(repr),
        hash: Some(hash),
        compare: Some(compare),
        bool: Some(truth),
        int: Some(to_int),
        float: Some(plain),
        neg: Some(neg),
        pos: Some(plain),
        abs: Some(abs),
        add: Some(add),
        sub: Some(sub),
        mul: Some(mul),
        truediv: Some(truediv),
        floordiv: Some(floordiv),
        rem: Some(rem),
        divmod: Some(divmod),
        pow: Some(pow),
        ..Slots::NONE
    },
    methods: &[
        method("conjugate", Native::M0(plain)),
        method("is_integer", Native::M0(is_integer)),
        method("as_integer_ratio", Native::M0(as_integer_ratio)),
        method("hex", Native::M0(hex)),
        method("fromhex", Native::C1(from_hex)),
        method("from_number", Native::C1(from_number)),
        method("__trunc__", Native::M0(to_int)),
        method("__floor__", Native::M0(floor)),
        method("__ceil__", Native::M0(ceil)),
        method("__round__", Native::MN(0, 1, round)),
        method("__format__", Native::M1(format)),
        method("__getnewargs__", Native::M0(getnewargs)),
        method("__getformat__", Native::C1(get_format)),
    ],
    getset: &[getter("real", plain), getter("imag", zero)],
    doc: "float(x=0, /)\n--\n\nConvert a string or number to a floating-point number, if possible.",
};

/// The receiver of a method, which is a float.
fn receiver(x: &Obj) -> f64 {
    to_f64(x).unwrap_or(0.0)
}

fn construct(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    args.no_keywords_but_for_init(ctx, "float", class, ids::FLOAT)?;
    args.without_keywords().check(ctx, "float", 0, 1)?;
    let value = match args.pos.first() {
        None => 0.0,
        Some(x) => {
            if type_id_of(x) == ids::FLOAT && class.expect::<PyType>().id == ids::FLOAT {
                return Ok(x.clone());
            }
            from_value(ctx, x)?
        }
    };
    with_class(ctx, class, value)
}

/// The error of text that spells no float, which shows the text as its class does.
fn not_a_float(ctx: &mut Ctx, x: &Obj) -> Raised {
    match protocol::repr_string(ctx, x) {
        Ok(shown) => raise!(
            ctx,
            ValueError,
            "could not convert string to float: {shown}"
        ),
        Err(raised) => raised,
    }
}

fn from_value(ctx: &mut Ctx, x: &Obj) -> PyResult<f64> {
    // A derived class may say what its instances are as floats.
    if type_id_of(x) >= ids::FIRST_DYNAMIC
        && let Some(value) = special(ctx, x)?
    {
        return Ok(value);
    }
    if let Some(text) = x.downcast::<PyStr>() {
        let parsed = float_text::parse_str(text.text());
        if parsed.is_err() && type_id_of(x) >= ids::FIRST_DYNAMIC {
            return Err(not_a_float(ctx, x));
        }
        return parsed.or_raise(ctx);
    }
    if let Some(value) = convert(ctx, x)? {
        return Ok(value);
    }
    if let Some(data) = bytes_like::row(ctx, x)? {
        return match float_text::parse_bytes(&data) {
            Ok(value) => Ok(value),
            Err(_) => Err(not_a_float(ctx, x)),
        };
    }
    let class = protocol::type_name(ctx, x);
    Err(raise!(
        ctx,
        TypeError,
        "float() argument must be a string or a real number, not '{class}'"
    ))
}

fn with_class(ctx: &mut Ctx, class: &Obj, value: f64) -> PyResult {
    match class.expect::<PyType>().id {
        ids::FLOAT => new(ctx, value),
        type_id => payload::allocate(ctx, type_id, PyFloat { value }),
    }
}

/// `repr(x)`.
pub fn repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let text = float_text::repr(receiver(x));
    str_::new(ctx, &text)
}

fn hash(ctx: &mut Ctx, x: &Obj) -> PyResult<i64> {
    match number_hash::float(receiver(x)) {
        Some(hash) => Ok(hash),
        None => protocol::identity_hash(ctx, x),
    }
}

fn truth(_: &mut Ctx, x: &Obj) -> PyResult<bool> {
    Ok(receiver(x) != 0.0)
}

/// The value as an instance of `float` itself.
pub fn plain(ctx: &mut Ctx, x: &Obj) -> PyResult {
    if type_id_of(x) == ids::FLOAT {
        return Ok(x.clone());
    }
    new(ctx, receiver(x))
}

fn to_int(ctx: &mut Ctx, x: &Obj) -> PyResult {
    int::from_f64(ctx, receiver(x))
}

fn floor(ctx: &mut Ctx, x: &Obj) -> PyResult {
    int::from_f64(ctx, receiver(x).floor())
}

fn ceil(ctx: &mut Ctx, x: &Obj) -> PyResult {
    int::from_f64(ctx, receiver(x).ceil())
}

fn zero(ctx: &mut Ctx, _: &Obj) -> PyResult {
    new(ctx, 0.0)
}

/// `-x`.
pub fn neg(ctx: &mut Ctx, x: &Obj) -> PyResult {
    new(ctx, -receiver(x))
}

fn abs(ctx: &mut Ctx, x: &Obj) -> PyResult {
    new(ctx, receiver(x).abs())
}

/// The values of two operands, or `NotImplemented`.
macro_rules! operands {
    ($ctx:expr, $a:expr, $b:expr) => {
        match (operand($ctx, $a)?, operand($ctx, $b)?) {
            (Some(x), Some(y)) => (x, y),
            _ => return Ok(Obj::NOT_IMPLEMENTED),
        }
    };
}

macro_rules! arithmetic {
    ($($(#[$doc:meta])* $name:ident $op:tt;)*) => {$(
        $(#[$doc])*
        pub fn $name(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
            let (x, y) = operands!(ctx, a, b);
            new(ctx, x $op y)
        }
    )*};
}

arithmetic! {
    /// `a + b`.
    add +;
    /// `a - b`.
    sub -;
    /// `a * b`.
    mul *;
}

/// `a / b`.
pub fn truediv(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    let (x, y) = operands!(ctx, a, b);
    if y == 0.0 {
        return Err(raise!(ctx, ZeroDivisionError, "division by zero"));
    }
    new(ctx, x / y)
}

/// `a // b`.
pub fn floordiv(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    let (x, y) = operands!(ctx, a, b);
    let (quotient, _) = float_text::divmod(x, y).or_raise(ctx)?;
    new(ctx, quotient)
}

/// `a % b`.
pub fn rem(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    let (x, y) = operands!(ctx, a, b);
    let (_, rest) = float_text::divmod(x, y).or_raise(ctx)?;
    new(ctx, rest)
}

/// `divmod(a, b)`.
pub fn divmod(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    let (x, y) = operands!(ctx, a, b);
    let (quotient, rest) = float_text::divmod(x, y).or_raise(ctx)?;
    let pair = vec![new(ctx, quotient)?, new(ctx, rest)?];
    tuple::from_vec(ctx, pair)
}

/// `pow(a, b, modulus)`, also for ints with a negative exponent.
pub fn pow(ctx: &mut Ctx, a: &Obj, b: &Obj, modulus: &Obj) -> PyResult {
    if !modulus.is_none() {
        return Err(raise!(
            ctx,
            TypeError,
            "pow() 3rd argument not allowed unless all arguments are integers"
        ));
    }
    let (x, y) = operands!(ctx, a, b);
    match float_text::pow(x, y).or_raise(ctx)? {
        float_text::Power::Real(value) => new(ctx, value),
        float_text::Power::Complex => {
            let result = Complex::new(x, 0.0)
                .pow(Complex::new(y, 0.0))
                .or_raise(ctx)?;
            complex::new(ctx, result)
        }
    }
}

/// `a < b` and so on; ints compare exactly, however large.
pub fn compare(_: &mut Ctx, a: &Obj, b: &Obj, op: Comparison) -> PyResult {
    let ordering = match (to_f64(a), to_f64(b)) {
        (Some(x), Some(y)) => x.partial_cmp(&y),
        (Some(x), None) => match int::view(b) {
            Some(y) => int::order_float(y, x).map(Ordering::reverse),
            None => return Ok(Obj::NOT_IMPLEMENTED),
        },
        (None, Some(y)) => match int::view(a) {
            Some(x) => int::order_float(x, y),
            None => return Ok(Obj::NOT_IMPLEMENTED),
        },
        (None, None) => return Ok(Obj::NOT_IMPLEMENTED),
    };
    // A NaN is unequal to everything, and in no order.
    let holds = ordering.map_or(op == Comparison::Ne, |ordering| op.holds(ordering));
    Ok(Obj::bool(holds))
}

fn is_integer(_: &mut Ctx, x: &Obj) -> PyResult {
    Ok(Obj::bool(float_text::is_integer(receiver(x))))
}

fn as_integer_ratio(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let (numerator, denominator) = float_text::as_integer_ratio(receiver(x)).or_raise(ctx)?;
    let pair = vec![
        int::from_big(ctx, numerator)?,
        int::from_big(ctx, denominator)?,
    ];
    tuple::from_vec(ctx, pair)
}

fn hex(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let text = float_text::to_hex(receiver(x));
    str_::new(ctx, &text)
}

fn from_hex(ctx: &mut Ctx, class: &Obj, x: &Obj) -> PyResult {
    let Some(text) = x.downcast::<PyStr>() else {
        return Err(raise!(
            ctx,
            TypeError,
            "bad argument type for built-in operation"
        ));
    };
    if text.to_str().is_none() {
        return Err(unicode::no_surrogates(ctx, x));
    }
    let value = float_text::from_hex(text.text()).or_raise(ctx)?;
    let value = new(ctx, value)?;
    if class.expect::<PyType>().id == ids::FLOAT {
        return Ok(value);
    }
    protocol::call(ctx, class, &[value])
}

fn from_number(ctx: &mut Ctx, class: &Obj, x: &Obj) -> PyResult {
    if type_id_of(x) == ids::FLOAT && class.expect::<PyType>().id == ids::FLOAT {
        return Ok(x.clone());
    }
    let value = expect_real(ctx, x)?;
    with_class(ctx, class, value)
}

fn get_format(ctx: &mut Ctx, _: &Obj, x: &Obj) -> PyResult {
    let kind = str_::expect_text(ctx, x, "__getformat__() argument")?;
    match kind.as_bytes() {
        b"double" | b"float" => str_::new(
            ctx,
            if cfg!(target_endian = "little") {
                "IEEE, little-endian"
            } else {
                "IEEE, big-endian"
            },
        ),
        _ => Err(raise!(
            ctx,
            ValueError,
            "__getformat__() argument 1 must be 'double' or 'float'"
        )),
    }
}

fn round(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let x = receiver(x);
    match args.first() {
        Some(digits) if !digits.is_none() => {
            let digits = protocol::index_i64(ctx, digits, None)?;
            let value = float_text::round(x, digits).or_raise(ctx)?;
            new(ctx, value)
        }
        _ => int::from_f64(ctx, float_text::round_to_integer(x)),
    }
}

/// `format(x, spec)`.
pub fn format_with(ctx: &mut Ctx, x: &Obj, spec: &Wtf8) -> PyResult {
    if spec.is_empty() {
        return protocol::str(ctx, x);
    }
    let class = protocol::type_name(ctx, x);
    let text = format_spec::format_float_spec(receiver(x), spec, &class).or_raise(ctx)?;
    str_::from_buf(ctx, text)
}

fn format(ctx: &mut Ctx, x: &Obj, spec: &Obj) -> PyResult {
    let spec = str_::expect_spec(ctx, spec)?;
    format_with(ctx, x, spec)
}

fn getnewargs(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let value = plain(ctx, x)?;
    tuple::from_vec(ctx, vec![value])
}
