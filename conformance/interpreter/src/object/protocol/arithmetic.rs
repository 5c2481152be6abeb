//! Operators: each asks the classes of both operands, the right one first where it is derived from the left.

use super::{is_instance_of, type_name};
use crate::error::{PyResult, Raised, raise};
use crate::object::exception::{self, class};
use crate::object::ids;
use crate::object::obj::Obj;
use crate::object::slots::{Binary, Slots};
use crate::object::type_::{PyType, type_by_id, type_id_of, type_of};
use kit_core::thread::Ctx;

/// A binary operator: which slots implement it, and how messages name it.
#[derive(Clone, Copy)]
pub struct Operator {
    /// The slot.
    pub slot: fn(&Slots) -> Option<Binary>,
    /// The in-place slot.
    pub in_place: fn(&Slots) -> Option<Binary>,
    /// The symbol.
    pub symbol: &'static str,
}

macro_rules! operators {
    ($($(#[$doc:meta])* $name:ident: $slot:ident $in_place:ident $symbol:literal,)*) => {
        $($(#[$doc])* pub const $name: Operator = Operator { slot: |s| s.$slot, in_place: |s| s.$in_place, symbol: $symbol };)*
    };
}

/// The binary operators.
#[allow(missing_docs)] // Each constant is an operator, by its name.
pub mod operator {
    use super::Operator;
    operators! {
        ADD: add iadd "+", SUB: sub isub "-", MUL: mul imul "*", TRUEDIV: truediv itruediv "/", FLOORDIV: floordiv ifloordiv "//", REM: rem irem "%",
        DIVMOD: divmod divmod "divmod()", LSHIFT: lshift ilshift "<<", RSHIFT: rshift irshift ">>", AND: and iand "&", OR: or ior "|", XOR: xor ixor "^",
        MATMUL: matmul imatmul "@",
    }
}

/// Tries the slots of both operands; `NotImplemented` when neither has an answer.
fn try_binary(ctx: &mut Ctx, a: &Obj, b: &Obj, slot: fn(&Slots) -> Option<Binary>) -> PyResult {
    let (left, right) = (type_of(ctx, a), type_of(ctx, b));
    let forward = slot(left.slots(ctx));
    let mut backward = if core::ptr::eq(left, right) {
        None
    } else {
        slot(right.slots(ctx))
    };
    if let (Some(f), Some(g)) = (forward, backward)
        && core::ptr::fn_addr_eq(f, g)
    {
        backward = None;
    }
    let derived = backward.is_some() && right.is_subtype(ctx, left);
    if let (Some(g), true) = (backward, derived && forward.is_some()) {
        let result = g(ctx, a, b)?;
        if !result.is_not_implemented() {
            return Ok(result);
        }
        backward = None;
    }
    for f in [forward, backward].into_iter().flatten() {
        let result = f(ctx, a, b)?;
        if !result.is_not_implemented() {
            return Ok(result);
        }
    }
    Ok(Obj::NOT_IMPLEMENTED)
}

/// `a + b` and so on.
pub fn binary(ctx: &mut Ctx, a: &Obj, b: &Obj, op: Operator) -> PyResult {
    let result = try_binary(ctx, a, b, op.slot)?;
    if !result.is_not_implemented() {
        return Ok(result);
    }
    sequence_binary(ctx, a, b, op, op.symbol)
}

/// `a += b` and so on.
pub fn in_place(ctx: &mut Ctx, a: &Obj, b: &Obj, op: Operator) -> PyResult {
    let (left, right) = (type_of(ctx, a), type_of(ctx, b));
    if let Some(f) = (op.in_place)(left.slots(ctx)) {
        if is_of_sequence(ctx, left, op, f) && (op.slot)(right.slots(ctx)).is_some() {
            let result = try_binary(ctx, a, b, op.slot)?;
            if !result.is_not_implemented() {
                return Ok(result);
            }
        }
        let result = f(ctx, a, b)?;
        if !result.is_not_implemented() {
            return Ok(result);
        }
    }
    let result = try_binary(ctx, a, b, op.slot)?;
    if !result.is_not_implemented() {
        return Ok(result);
    }
    let symbol = format!("{}=", op.symbol);
    sequence_binary(ctx, a, b, op, &symbol)
}

/// `a + b` or `a += b` of sequences: as `a` concatenates, if it does, whatever `b` could make of it.
pub fn concatenate(ctx: &mut Ctx, a: &Obj, b: &Obj, is_in_place: bool) -> PyResult {
    let slots = type_of(ctx, a).slots(ctx);
    if let Some(concat) = slots.concat {
        let extend = slots.iadd.filter(|_| is_in_place);
        return extend.unwrap_or(concat)(ctx, a, b);
    }
    let is_sequence = |x: &Obj| {
        type_of(ctx, x).slots(ctx).getitem.is_some() && !is_instance_of(ctx, x, ids::DICT)
    };
    if is_sequence(a) && is_sequence(b) {
        if let Some(f) = slots.iadd.filter(|_| is_in_place) {
            let result = f(ctx, a, b)?;
            if !result.is_not_implemented() {
                return Ok(result);
            }
        }
        let result = try_binary(ctx, a, b, operator::ADD.slot)?;
        if !result.is_not_implemented() {
            return Ok(result);
        }
    }
    let class = type_name(ctx, a);
    Err(raise!(
        ctx,
        TypeError,
        "'{class}' object can't be concatenated"
    ))
}

/// Whether `f` is how a built-in sequence extends itself, which comes after the arithmetic of the other operand.
fn is_of_sequence(ctx: &Ctx, class: &PyType, op: Operator, f: Binary) -> bool {
    // No sequence has a body that is no type of its own.
    if ids::is_bare_layout(class.layout) {
        return false;
    }
    let native = type_by_id(ctx, class.layout).slots(ctx);
    let extends = match op.symbol {
        "+" => native.concat.is_some(),
        "*" => native.repeat.is_some(),
        _ => false,
    };
    extends && (op.in_place)(native).is_some_and(|own| core::ptr::fn_addr_eq(own, f))
}

/// Concatenation and repetition, which sequences offer after arithmetic has declined.
fn sequence_binary(ctx: &mut Ctx, a: &Obj, b: &Obj, op: Operator, symbol: &str) -> PyResult {
    let (left, right) = (type_of(ctx, a).slots(ctx), type_of(ctx, b).slots(ctx));
    match op.symbol {
        "+" => {
            if let Some(concat) = left.concat {
                return concat(ctx, a, b);
            }
        }
        "*" => {
            let (on_left, on_right) = (left.repeat, right.repeat);
            if let Some(repeat) = on_left {
                return repeat(ctx, a, b);
            }
            if let Some(repeat) = on_right {
                return repeat(ctx, b, a);
            }
        }
        _ => {}
    }
    Err(unsupported(ctx, a, b, symbol))
}

/// Stores the TypeError of an operator that neither operand supports.
#[cold]
pub fn unsupported(ctx: &mut Ctx, a: &Obj, b: &Obj, symbol: &str) -> Raised {
    let (left, right) = (type_name(ctx, a), type_name(ctx, b));
    raise!(
        ctx,
        TypeError,
        "unsupported operand type(s) for {symbol}: '{left}' and '{right}'"
    )
}

/// `pow(a, b, modulus)`; `None` for `a ** b`.
pub fn power(ctx: &mut Ctx, a: &Obj, b: &Obj, modulus: &Obj) -> PyResult {
    power_written(ctx, a, b, modulus, "** or pow()")
}

/// As [`power`], written with `symbol`.
fn power_written(ctx: &mut Ctx, a: &Obj, b: &Obj, modulus: &Obj, symbol: &str) -> PyResult {
    let (left, right) = (type_of(ctx, a), type_of(ctx, b));
    let forward = left.slots(ctx).pow;
    let mut backward = if core::ptr::eq(left, right) {
        None
    } else {
        right.slots(ctx).pow
    };
    if let (Some(f), Some(g)) = (forward, backward)
        && core::ptr::fn_addr_eq(f, g)
    {
        backward = None;
    }
    let order = if backward.is_some() && right.is_subtype(ctx, left) {
        [backward, forward]
    } else {
        [forward, backward]
    };
    for f in order.into_iter().flatten() {
        let result = f(ctx, a, b, modulus)?;
        if !result.is_not_implemented() {
            return Ok(result);
        }
    }
    // The modulus may know what to do when the operands do not.
    if !modulus.is_none()
        && let Some(f) = type_of(ctx, modulus).slots(ctx).pow
        && !order
            .into_iter()
            .flatten()
            .any(|g| core::ptr::fn_addr_eq(f, g))
    {
        let result = f(ctx, a, b, modulus)?;
        if !result.is_not_implemented() {
            return Ok(result);
        }
    }
    if modulus.is_none() {
        return Err(unsupported(ctx, a, b, symbol));
    }
    let (a, b, c) = (
        type_name(ctx, a),
        type_name(ctx, b),
        type_name(ctx, modulus),
    );
    Err(raise!(
        ctx,
        TypeError,
        "unsupported operand type(s) for ** or pow(): '{a}', '{b}', '{c}'"
    ))
}

/// `a **= b`.
pub fn in_place_power(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    if let Some(f) = type_of(ctx, a).slots(ctx).ipow {
        let result = f(ctx, a, b)?;
        if !result.is_not_implemented() {
            return Ok(result);
        }
    }
    power_written(ctx, a, b, &Obj::NONE, "**=")
}

/// `-x`, `+x`, `~x`, `abs(x)`.
pub fn unary(
    ctx: &mut Ctx,
    x: &Obj,
    slot: fn(&Slots) -> Option<crate::object::slots::Unary>,
    symbol: &str,
) -> PyResult {
    match slot(type_of(ctx, x).slots(ctx)) {
        Some(f) => f(ctx, x),
        None => {
            let class = type_name(ctx, x);
            Err(raise!(
                ctx,
                TypeError,
                "bad operand type for {symbol}: '{class}'"
            ))
        }
    }
}

/// `operator.index(x)`: an int, and of no derived class.
pub fn index(ctx: &mut Ctx, x: &Obj) -> PyResult {
    if is_instance_of(ctx, x, ids::INT) {
        return crate::object::int::plain(ctx, x);
    }
    let Some(f) = type_of(ctx, x).slots(ctx).index else {
        let class = type_name(ctx, x);
        return Err(raise!(
            ctx,
            TypeError,
            "'{class}' object cannot be interpreted as an integer"
        ));
    };
    let result = f(ctx, x)?;
    if type_id_of(&result) == ids::INT {
        return Ok(result);
    }
    if is_instance_of(ctx, &result, ids::INT) {
        warn_of_derived(ctx, "__index__", "int", &result)?;
        return crate::object::int::plain(ctx, &result);
    }
    let class = type_name(ctx, &result);
    Err(raise!(
        ctx,
        TypeError,
        "__index__ returned non-int (type {class})"
    ))
}

/// Warns that a special method returned an instance of a class derived from `kind`.
#[cold]
pub fn warn_of_derived(ctx: &mut Ctx, method: &str, kind: &str, result: &Obj) -> PyResult<()> {
    let class = type_name(ctx, result);
    let message = format!(
        "{method} returned non-{kind} (type {class}).  The ability to return an instance of a strict subclass of \
         {kind} is deprecated, and may be removed in a future version of Python."
    );
    crate::module::warnings::warn(ctx, class::DeprecationWarning, &message)
}

/// A number given to a native function that counts or sizes something: what C calls `ssize_t`.
pub fn c_ssize(ctx: &mut Ctx, x: &Obj) -> PyResult<i64> {
    if let Some(value) = x.as_small_int() {
        return Ok(value);
    }
    let value = index(ctx, x)?;
    match crate::object::int::to_i64(&value) {
        Some(value) => Ok(value),
        None => Err(too_large(ctx, "ssize_t")),
    }
}

/// A number given to a native function that C keeps in an `int`.
pub fn c_int(ctx: &mut Ctx, x: &Obj) -> PyResult<i32> {
    let value = index(ctx, x)?;
    let value = crate::object::int::to_i64(&value);
    match value.map(i32::try_from) {
        Some(Ok(value)) => Ok(value),
        _ => Err(too_large(ctx, "int")),
    }
}

/// Stores the OverflowError of a number that the C type `kind` cannot hold.
#[cold]
pub fn too_large(ctx: &mut Ctx, kind: &str) -> Raised {
    raise!(
        ctx,
        OverflowError,
        "Python int too large to convert to C {kind}"
    )
}

/// `operator.index(x)` as a machine integer, for what is an index or a number of repetitions; numbers beyond it raise `overflow` (a class id), or
/// saturate when that is `None`.
pub fn index_i64(ctx: &mut Ctx, x: &Obj, overflow: Option<u32>) -> PyResult<i64> {
    if let Some(value) = x.as_small_int() {
        return Ok(value);
    }
    let value = index(ctx, x)?;
    match crate::object::int::to_i64(&value) {
        Some(value) => Ok(value),
        None => match overflow {
            None => Ok(if crate::object::int::is_negative(&value) {
                i64::MIN
            } else {
                i64::MAX
            }),
            Some(class) => {
                let class_name = type_name(ctx, x);
                Err(exception::raise_message(
                    ctx,
                    class,
                    &format!("cannot fit '{class_name}' into an index-sized integer"),
                ))
            }
        },
    }
}
