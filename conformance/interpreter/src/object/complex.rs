//! `complex`: a pair of doubles.

use super::args::{Args, Signature};
use super::define::{Native, TypeDef, flag, member, method};
use super::exception::class;
use super::float;
use super::names::names;
use super::obj::Obj;
use super::payload::{self, Body, Payload};
use super::slots::{Comparison, Slots};
use super::str_::{self, PyStr};
use super::type_::{self, PyType, type_id_of, type_object, type_of};
use super::{ids, int, protocol, tuple};
use crate::error::{OrRaise, PyResult, raise};
use crate::module::warnings;
use crate::number::complex_text::{self, Complex};
use crate::number::hash as number_hash;
use crate::prelude::*;
use crate::text::format_spec;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

/// The body of a complex number.
pub struct PyComplex {
    /// The value.
    pub value: Complex,
}

// SAFETY: numbers hold no references.
unsafe impl Payload for PyComplex {
    const ID: u32 = ids::COMPLEX;
    const HEAP: HeapKind = HeapKind::Plain;
    const NAME: &'static str = "complex";
    fn trace(&self, _: &mut Tracer<'_>) {}
}

/// `complex`.
pub static COMPLEX: TypeDef = TypeDef {
    id: ids::COMPLEX,
    name: "complex",
    base: ids::OBJECT,
    layout: ids::COMPLEX,
    kind: &Body::<PyComplex>::KIND,
    flags: flag::BASE | flag::IMMUTABLE,
    slots: Slots {
        new: Some(construct),
        repr: Some(repr),
        hash: Some(hash),
        compare: Some(compare),
        bool: Some(truth),
        neg: Some(neg),
        pos: Some(plain),
        abs: Some(abs),
        add: Some(add),
        sub: Some(sub),
        mul: Some(mul),
        truediv: Some(truediv),
        pow: Some(pow),
        ..Slots::NONE
    },
    methods: &[
        method("conjugate", Native::M0(conjugate)),
        method("from_number", Native::C1(from_number)),
        method("__complex__", Native::M0(plain)),
        method("__format__", Native::M1(format)),
        method("__getnewargs__", Native::M0(getnewargs)),
    ],
    getset: &[member("real", real), member("imag", imag)],
    doc: "complex(real=0, imag=0)\n--\n\nCreate a complex number from a string or numbers.",
};

/// The complex number with this value.
pub fn new(ctx: &mut Ctx, value: Complex) -> PyResult {
    payload::new(ctx, PyComplex { value })
}

/// The value of a complex number.
#[inline]
pub fn to_complex(x: &Obj) -> Option<Complex> {
    x.downcast::<PyComplex>().map(|body| body.value)
}

/// The receiver of a method, which is a complex number.
fn receiver(x: &Obj) -> Complex {
    to_complex(x).unwrap_or(Complex::new(0.0, 0.0))
}

/// An operand: real numbers stay real, since an imaginary part of zero would not be neutral.
#[derive(Clone, Copy)]
enum Operand {
    Real(f64),
    Complex(Complex),
}

impl Operand {
    fn complex(self) -> Complex {
        match self {
            Operand::Real(re) => Complex::new(re, 0.0),
            Operand::Complex(value) => value,
        }
    }
}

fn operand(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<Operand>> {
    if let Some(value) = to_complex(x) {
        return Ok(Some(Operand::Complex(value)));
    }
    Ok(float::operand(ctx, x)?.map(Operand::Real))
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

fn add(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    use Operand::*;
    let value = match operands!(ctx, a, b) {
        (Real(x), Complex(y)) | (Complex(y), Real(x)) => self::Complex::new(x + y.re, y.im),
        (x, y) => {
            let (x, y) = (x.complex(), y.complex());
            self::Complex::new(x.re + y.re, x.im + y.im)
        }
    };
    new(ctx, value)
}

fn sub(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    use Operand::*;
    let value = match operands!(ctx, a, b) {
        (Real(x), Complex(y)) => self::Complex::new(x - y.re, -y.im),
        (Complex(x), Real(y)) => self::Complex::new(x.re - y, x.im),
        (x, y) => {
            let (x, y) = (x.complex(), y.complex());
            self::Complex::new(x.re - y.re, x.im - y.im)
        }
    };
    new(ctx, value)
}

fn mul(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    use Operand::*;
    let value = match operands!(ctx, a, b) {
        (Real(x), Complex(y)) | (Complex(y), Real(x)) => self::Complex::new(x * y.re, x * y.im),
        (x, y) => x.complex().mul(y.complex()),
    };
    new(ctx, value)
}

fn truediv(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    use Operand::*;
    let value = match operands!(ctx, a, b) {
        (Complex(_), Real(0.0)) => {
            return Err(raise!(ctx, ZeroDivisionError, "division by zero"));
        }
        (Complex(x), Real(y)) => self::Complex::new(x.re / y, x.im / y),
        (Real(_), Complex(y)) if y.re == 0.0 && y.im == 0.0 => {
            return Err(raise!(ctx, ZeroDivisionError, "division by zero"));
        }
        (Real(x), Complex(y)) => divide_real(x, y),
        (x, y) => x.complex().div(y.complex()).or_raise(ctx)?,
    };
    new(ctx, value)
}

/// `x / y` for a real `x`, by Smith's method, without an imaginary part of `x` that would turn the sign
/// of a zero.
fn divide_real(x: f64, y: Complex) -> Complex {
    let quotient = if y.re.abs() >= y.im.abs() {
        let ratio = y.im / y.re;
        let denominator = y.re + y.im * ratio;
        Complex::new(x / denominator, -x * ratio / denominator)
    } else if y.im.abs() >= y.re.abs() {
        let ratio = y.re / y.im;
        let denominator = y.re * ratio + y.im;
        Complex::new(x * ratio / denominator, -x / denominator)
    } else {
        Complex::new(f64::NAN, f64::NAN)
    };
    let lost = quotient.re.is_nan() && quotient.im.is_nan();
    if lost && x.is_finite() && (y.re.is_infinite() || y.im.is_infinite()) {
        let unit = |part: f64| f64::from(u8::from(part.is_infinite())).copysign(part);
        return Complex::new(0.0 * (x * unit(y.re)), 0.0 * (-x * unit(y.im)));
    }
    quotient
}

fn pow(ctx: &mut Ctx, a: &Obj, b: &Obj, modulus: &Obj) -> PyResult {
    let (x, y) = operands!(ctx, a, b);
    if !modulus.is_none() {
        return Err(raise!(ctx, ValueError, "complex modulo"));
    }
    let value = x.complex().pow(y.complex()).or_raise(ctx)?;
    new(ctx, value)
}

fn neg(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let value = receiver(x);
    new(ctx, Complex::new(-value.re, -value.im))
}

/// The value as an instance of `complex` itself.
fn plain(ctx: &mut Ctx, x: &Obj) -> PyResult {
    if type_id_of(x) == ids::COMPLEX {
        return Ok(x.clone());
    }
    new(ctx, receiver(x))
}

fn abs(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let value = receiver(x).abs().or_raise(ctx)?;
    float::new(ctx, value)
}

fn conjugate(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let value = receiver(x);
    new(ctx, Complex::new(value.re, -value.im))
}

fn real(ctx: &mut Ctx, x: &Obj) -> PyResult {
    float::new(ctx, receiver(x).re)
}

fn imag(ctx: &mut Ctx, x: &Obj) -> PyResult {
    float::new(ctx, receiver(x).im)
}

fn truth(_: &mut Ctx, x: &Obj) -> PyResult<bool> {
    let value = receiver(x);
    Ok(value.re != 0.0 || value.im != 0.0)
}

fn hash(ctx: &mut Ctx, x: &Obj) -> PyResult<i64> {
    let value = receiver(x);
    let identity = protocol::identity_hash(ctx, x)?;
    let part = |part: f64| number_hash::float(part).unwrap_or(identity);
    Ok(number_hash::complex(part(value.re), part(value.im)))
}

fn repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let value = receiver(x);
    let text = complex_text::repr(value.re, value.im);
    str_::new(ctx, &text)
}

fn compare(_: &mut Ctx, a: &Obj, b: &Obj, op: Comparison) -> PyResult {
    let (Some(x), Comparison::Eq | Comparison::Ne) = (to_complex(a), op) else {
        return Ok(Obj::NOT_IMPLEMENTED);
    };
    let equal = if let Some(y) = to_complex(b) {
        x.re == y.re && x.im == y.im
    } else if let Some(y) = float::to_f64(b) {
        x.re == y && x.im == 0.0
    } else if let Some(y) = int::view(b) {
        x.im == 0.0 && int::order_float(y, x.re).is_some_and(|order| order.is_eq())
    } else {
        return Ok(Obj::NOT_IMPLEMENTED);
    };
    Ok(Obj::bool(equal == (op == Comparison::Eq)))
}

fn format(ctx: &mut Ctx, x: &Obj, spec: &Obj) -> PyResult {
    let spec = str_::expect_spec(ctx, spec)?;
    if spec.is_empty() {
        return protocol::str(ctx, x);
    }
    let class = protocol::type_name(ctx, x);
    let value = receiver(x);
    let text = format_spec::format_complex(value.re, value.im, spec, &class).or_raise(ctx)?;
    str_::from_buf(ctx, text)
}

fn getnewargs(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let pair = vec![real(ctx, x)?, imag(ctx, x)?];
    tuple::from_vec(ctx, pair)
}

/// What `x.__complex__()` gives; `None` when there is none.
fn special(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<Complex>> {
    if let Some(value) = to_complex(x) {
        return Ok(Some(value));
    }
    let name = &names(ctx).complex;
    let Some(result) = protocol::call_special(ctx, x, name, &[])? else {
        return Ok(None);
    };
    match to_complex(&result) {
        Some(value) => {
            if type_id_of(&result) != ids::COMPLEX {
                protocol::warn_of_derived(ctx, "__complex__", "complex", &result)?;
            }
            Ok(Some(value))
        }
        None => {
            let class = protocol::type_name(ctx, &result);
            Err(raise!(
                ctx,
                TypeError,
                "__complex__ returned non-complex (type {class})"
            ))
        }
    }
}

/// The value of anything that is or converts to a complex number; `None` for anything else.
pub fn convert(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<Complex>> {
    if let Some(value) = special(ctx, x)? {
        return Ok(Some(value));
    }
    Ok(float::convert(ctx, x)?.map(|re| Complex::new(re, 0.0)))
}

fn with_class(ctx: &mut Ctx, class: &Obj, value: Complex) -> PyResult {
    let type_id = class.expect::<PyType>().id;
    payload::allocate(ctx, type_id, PyComplex { value })
}

fn construct(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "complex",
        params: &["real", "imag"],
        posonly: 0,
        positional: 2,
        required: 0,
    };
    args.at_most(ctx, "complex", 2)?;
    let [re, im] = args.bind(ctx, &SIGNATURE)?;
    if let (Some(x), None) = (re, im) {
        if type_id_of(x) == ids::COMPLEX && class.expect::<PyType>().id == ids::COMPLEX {
            return Ok(x.clone());
        }
        let value = if let Some(text) = x.downcast::<PyStr>() {
            complex_text::parse(text.text()).or_raise(ctx)?
        } else {
            match convert(ctx, x)? {
                Some(value) => value,
                None => {
                    let class = class_of(ctx, x)?;
                    return Err(raise!(
                        ctx,
                        TypeError,
                        "complex() argument must be a string or a number, not {class}"
                    ));
                }
            }
        };
        return with_class(ctx, class, value);
    }
    let is_number = |ctx: &mut Ctx, x: &Obj| {
        let slots = type_of(ctx, x).slots(ctx);
        slots.float.is_some() || slots.index.is_some() || to_complex(x).is_some()
    };
    if let Some(x) = im.filter(|_| re.is_none_or(|re| is_number(ctx, re)))
        && !is_number(ctx, x)
    {
        return Err(no_real(ctx, x, "imag"));
    }
    let mut value = Complex::new(0.0, 0.0);
    if let Some(x) = re {
        value = match convert(ctx, x)? {
            Some(value) => value,
            None => return Err(no_real(ctx, x, "real")),
        };
    }
    if let Some(x) = re.filter(|re| im.is_some() && to_complex(re).is_some()) {
        warn_of_complex(ctx, x, "real")?;
    }
    if let Some(x) = im {
        // x + y·i, where y may be complex itself.
        let y = match to_complex(x) {
            Some(y) => y,
            None => match float::convert(ctx, x)? {
                Some(y) => Complex::new(y, 0.0),
                None => return Err(no_real(ctx, x, "imag")),
            },
        };
        if to_complex(x).is_some() {
            warn_of_complex(ctx, x, "imag")?;
            value.re -= y.im;
        }
        // What has no imaginary part adds none: the sign of a zero stays.
        value.im = match re.is_some_and(|re| to_complex(re).is_some()) {
            true => value.im + y.re,
            false => y.re,
        };
    }
    with_class(ctx, class, value)
}

fn warn_of_complex(ctx: &mut Ctx, x: &Obj, parameter: &str) -> PyResult<()> {
    let class = class_of(ctx, x)?;
    let message = format!("complex() argument '{parameter}' must be a real number, not {class}");
    warnings::warn(ctx, class::DeprecationWarning, &message)
}

/// The name of a value's class with its module, as messages about `complex()` have it.
fn class_of(ctx: &mut Ctx, x: &Obj) -> PyResult<String> {
    let name = type_::full_name(ctx, &type_object(ctx, type_id_of(x)))?;
    Ok(match name.strip_prefix("__main__.") {
        Some(name) => name.to_owned(),
        None => name,
    })
}

#[cold]
fn no_real(ctx: &mut Ctx, x: &Obj, parameter: &str) -> crate::error::Raised {
    let class = match class_of(ctx, x) {
        Ok(class) => class,
        Err(raised) => return raised,
    };
    raise!(
        ctx,
        TypeError,
        "complex() argument '{parameter}' must be a real number, not {class}"
    )
}

fn from_number(ctx: &mut Ctx, class: &Obj, x: &Obj) -> PyResult {
    if type_id_of(x) == ids::COMPLEX && class.expect::<PyType>().id == ids::COMPLEX {
        return Ok(x.clone());
    }
    match convert(ctx, x)? {
        Some(value) => with_class(ctx, class, value),
        None => {
            let name = protocol::type_name(ctx, x);
            Err(raise!(ctx, TypeError, "must be real number, not {name}"))
        }
    }
}
