//! What Python's operators and built-in functions mean, over any values: the abstract operations.
//!
//! Functions here take the context as `&mut`, since each of them may run Python code.

use super::args::Args;
use super::attribute;
use super::exception::{self, class};
use super::list::PyList;
use super::names::names;
use super::obj::Obj;
use super::slots::{Binary, Comparison, Slots};
use super::str_::{self, PyStr};
use super::tuple::PyTuple;
use super::type_::{PyType, type_by_id, type_id_of, type_of};
use super::{ids, payload::Body};
use crate::error::{PyResult, Raised, raise};
use crate::vm::thread::py;
use kit_core::thread::Ctx;

/// The name of a value's class, for messages: with the module where a built-in type is defined so.
pub fn type_name(ctx: &Ctx, value: &Obj) -> String {
    let class = type_of(ctx, value);
    match class.def {
        Some(def) => def.name.to_owned(),
        None => class_name(ctx, class),
    }
}

/// The name of a class, for messages.
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

// --- Text, hash, truth ---------------------------------------------------------------------------

/// `repr(value)`: a str.
pub fn repr(ctx: &mut Ctx, value: &Obj) -> PyResult {
    recursive(ctx, " while getting the repr of an object", |ctx| {
        let Some(repr) = type_of(ctx, value).slots(ctx).repr else {
            return default_repr(ctx, value);
        };
        let text = repr(ctx, value)?;
        check_str(ctx, text, "__repr__")
    })
}

/// `str(value)`: a str.
pub fn str(ctx: &mut Ctx, value: &Obj) -> PyResult {
    if type_id_of(value) == ids::STR {
        return Ok(value.clone());
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
    let name = super::type_::full_name(ctx, &class)?;
    let text = format!("<{name} object at {:#x}>", address(value));
    str_::new(ctx, &text)
}

/// What `id(value)` is.
pub fn address(value: &Obj) -> u64 {
    value.word().plain().bits()
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
            ids::INT => return super::int::format_with(ctx, value, text),
            ids::FLOAT => return super::float::format_with(ctx, value, text),
            _ => {}
        }
    }
    let name = &names(ctx).format;
    let shown = match call_special(ctx, value, name, std::slice::from_ref(spec))? {
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

/// `hash(value)`.
#[inline]
pub fn hash(ctx: &mut Ctx, value: &Obj) -> PyResult<i64> {
    if let Some(text) = value.downcast_exact::<PyStr>() {
        return Ok(text.hash(ctx));
    }
    match type_of(ctx, value).slots(ctx).hash {
        Some(hash) => recursive(ctx, "", |ctx| hash(ctx, value)),
        None => unhashable(ctx, value),
    }
}

/// The `hash` of types whose instances cannot be hashed.
pub fn unhashable(ctx: &mut Ctx, value: &Obj) -> PyResult<i64> {
    let class = type_name(ctx, value);
    Err(raise!(ctx, TypeError, "unhashable type: '{class}'"))
}

/// The hash of an object by identity.
pub fn identity_hash(_: &mut Ctx, value: &Obj) -> PyResult<i64> {
    Ok((address(value) >> 4) as i64)
}

/// `bool(value)`.
#[inline]
pub fn truth(ctx: &mut Ctx, value: &Obj) -> PyResult<bool> {
    let word = value.word();
    if word.is_constant() {
        if value.is_not_implemented() {
            return Err(raise!(
                ctx,
                TypeError,
                "NotImplemented should not be used in a boolean context"
            ));
        }
        return Ok(!(value.is_false() || value.is_none()));
    }
    if word.is_int() {
        return Ok(word.as_int() != 0);
    }
    if word.is_float() {
        return Ok(word.as_float() != 0.0);
    }
    if let Some(text) = value.downcast_exact::<PyStr>() {
        return Ok(text.char_count() != 0);
    }
    let slots = type_of(ctx, value).slots(ctx);
    let (bool, len) = (slots.bool, slots.len);
    match (bool, len) {
        (Some(bool), _) => bool(ctx, value),
        (None, Some(len)) => Ok(len(ctx, value)? != 0),
        (None, None) => Ok(true),
    }
}

// --- Comparing -----------------------------------------------------------------------------------

/// `a < b` and so on, as the comparison returned it.
pub fn compare(ctx: &mut Ctx, a: &Obj, b: &Obj, op: Comparison) -> PyResult {
    recursive(ctx, " in comparison", |ctx| {
        let (left, right) = (type_of(ctx, a), type_of(ctx, b));
        let (forward, backward) = (left.slots(ctx).compare, right.slots(ctx).compare);
        let reflected_first = !std::ptr::eq(left, right) && right.is_subtype(ctx, left);
        if reflected_first && let Some(backward) = backward {
            let result = backward(ctx, b, a, op.swapped())?;
            if !result.is_not_implemented() {
                return Ok(result);
            }
        }
        if let Some(forward) = forward {
            let result = forward(ctx, a, b, op)?;
            if !result.is_not_implemented() {
                return Ok(result);
            }
        }
        if !reflected_first && let Some(backward) = backward {
            let result = backward(ctx, b, a, op.swapped())?;
            if !result.is_not_implemented() {
                return Ok(result);
            }
        }
        match op {
            Comparison::Eq => Ok(Obj::bool(a.is(b))),
            Comparison::Ne => Ok(Obj::bool(!a.is(b))),
            _ => {
                let (left, right) = (type_name(ctx, a), type_name(ctx, b));
                let symbol = op.symbol();
                Err(raise!(
                    ctx,
                    TypeError,
                    "'{symbol}' not supported between instances of '{left}' and '{right}'"
                ))
            }
        }
    })
}

/// The truth of `a < b` and so on.
pub fn compare_truth(ctx: &mut Ctx, a: &Obj, b: &Obj, op: Comparison) -> PyResult<bool> {
    let result = compare(ctx, a, b, op)?;
    truth(ctx, &result)
}

/// `a is b or a == b`, as containers compare.
#[inline]
pub fn equals(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult<bool> {
    if a.is(b) {
        return Ok(true);
    }
    let (x, y) = (a.word(), b.word());
    if x.is_int() && y.is_int() {
        return Ok(false);
    }
    if let (Some(x), Some(y)) = (a.downcast_exact::<PyStr>(), b.downcast_exact::<PyStr>()) {
        return Ok(x.bytes() == y.bytes());
    }
    compare_truth(ctx, a, b, Comparison::Eq)
}

// --- Arithmetic ----------------------------------------------------------------------------------

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
#[allow(missing_docs)]
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
    let mut backward = if std::ptr::eq(left, right) {
        None
    } else {
        slot(right.slots(ctx))
    };
    if let (Some(f), Some(g)) = (forward, backward)
        && std::ptr::fn_addr_eq(f, g)
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
    if let Some(f) = (op.in_place)(type_of(ctx, a).slots(ctx)) {
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
    let (left, right) = (type_of(ctx, a), type_of(ctx, b));
    let forward = left.slots(ctx).pow;
    let mut backward = if std::ptr::eq(left, right) {
        None
    } else {
        right.slots(ctx).pow
    };
    if let (Some(f), Some(g)) = (forward, backward)
        && std::ptr::fn_addr_eq(f, g)
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
            .any(|g| std::ptr::fn_addr_eq(f, g))
    {
        let result = f(ctx, a, b, modulus)?;
        if !result.is_not_implemented() {
            return Ok(result);
        }
    }
    if modulus.is_none() {
        return Err(unsupported(ctx, a, b, "** or pow()"));
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
    power(ctx, a, b, &Obj::NONE)
}

/// `-x`, `+x`, `~x`, `abs(x)`.
pub fn unary(
    ctx: &mut Ctx,
    x: &Obj,
    slot: fn(&Slots) -> Option<super::slots::Unary>,
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

/// `operator.index(x)`: an int.
pub fn index(ctx: &mut Ctx, x: &Obj) -> PyResult {
    if is_instance_of(ctx, x, ids::INT) {
        return Ok(x.clone());
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
    if is_instance_of(ctx, &result, ids::INT) {
        return Ok(result);
    }
    let class = type_name(ctx, &result);
    Err(raise!(
        ctx,
        TypeError,
        "__index__ returned non-int (type {class})"
    ))
}

/// `operator.index(x)` as a machine integer; numbers beyond it raise `overflow` (a class id), or
/// saturate when that is `None`.
pub fn index_i64(ctx: &mut Ctx, x: &Obj, overflow: Option<u32>) -> PyResult<i64> {
    if let Some(value) = x.as_small_int() {
        return Ok(value);
    }
    let value = index(ctx, x)?;
    match super::int::to_i64(&value) {
        Some(value) => Ok(value),
        None => match overflow {
            None => Ok(if super::int::is_negative(&value) {
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

// --- Containers and iteration --------------------------------------------------------------------

/// `len(x)`.
pub fn len(ctx: &mut Ctx, x: &Obj) -> PyResult<usize> {
    match type_of(ctx, x).slots(ctx).len {
        Some(f) => f(ctx, x),
        None => {
            let class = type_name(ctx, x);
            Err(raise!(
                ctx,
                TypeError,
                "object of type '{class}' has no len()"
            ))
        }
    }
}

/// `x[key]`.
pub fn getitem(ctx: &mut Ctx, x: &Obj, key: &Obj) -> PyResult {
    if let Some(f) = type_of(ctx, x).slots(ctx).getitem {
        return f(ctx, x, key);
    }
    if x.downcast::<PyType>().is_some() {
        let name = &names(ctx).class_getitem;
        if let Some(method) = find_attr(ctx, x, name)? {
            return call(ctx, &method, std::slice::from_ref(key));
        }
        if x.expect::<PyType>().id == ids::TYPE {
            return super::generic_alias::new(ctx, x, key);
        }
        let class = class_name(ctx, x.expect::<PyType>());
        return Err(raise!(
            ctx,
            TypeError,
            "type '{class}' is not subscriptable"
        ));
    }
    let class = type_name(ctx, x);
    Err(raise!(
        ctx,
        TypeError,
        "'{class}' object is not subscriptable"
    ))
}

/// `x[key] = value`, or `del x[key]`.
pub fn setitem(ctx: &mut Ctx, x: &Obj, key: &Obj, value: Option<&Obj>) -> PyResult<()> {
    if let Some(f) = type_of(ctx, x).slots(ctx).setitem {
        return f(ctx, x, key, value);
    }
    let class = type_name(ctx, x);
    if value.is_some() {
        return Err(raise!(
            ctx,
            TypeError,
            "'{class}' object does not support item assignment"
        ));
    }
    // What can be asked for an item by its number says so in other words.
    let body = type_of(ctx, x);
    let sequence = body.slots(ctx).len.is_some() || !body.is_immutable();
    let does_not = if sequence && type_of(ctx, key).slots(ctx).index.is_some() {
        "doesn't"
    } else {
        "does not"
    };
    Err(raise!(
        ctx,
        TypeError,
        "'{class}' object {does_not} support item deletion"
    ))
}

/// `key in x`.
pub fn contains(ctx: &mut Ctx, x: &Obj, key: &Obj) -> PyResult<bool> {
    if let Some(f) = type_of(ctx, x).slots(ctx).contains {
        return f(ctx, x, key);
    }
    let slots = type_of(ctx, x).slots(ctx);
    if slots.iter.is_none() && slots.getitem.is_none() {
        let class = type_name(ctx, x);
        return Err(raise!(
            ctx,
            TypeError,
            "argument of type '{class}' is not a container or iterable"
        ));
    }
    let iterator = iter(ctx, x)?;
    while let Some(item) = next(ctx, &iterator)? {
        if equals(ctx, &item, key)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// `iter(x)`.
pub fn iter(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let slots = type_of(ctx, x).slots(ctx);
    let (iter, getitem) = (slots.iter, slots.getitem);
    if let Some(f) = iter {
        let iterator = f(ctx, x)?;
        if type_of(ctx, &iterator).slots(ctx).next.is_some() {
            return Ok(iterator);
        }
        let class = type_name(ctx, &iterator);
        return Err(raise!(
            ctx,
            TypeError,
            "iter() returned non-iterator of type '{class}'"
        ));
    }
    if getitem.is_some() && !is_instance_of(ctx, x, ids::DICT) {
        return super::iterator::sequence(ctx, x);
    }
    let class = type_name(ctx, x);
    Err(raise!(ctx, TypeError, "'{class}' object is not iterable"))
}

/// `next(x)`: `None` at the end.
#[inline]
pub fn next(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<Obj>> {
    match type_of(ctx, x).slots(ctx).next {
        Some(f) => recursive(ctx, "", |ctx| f(ctx, x)),
        None => {
            let class = type_name(ctx, x);
            Err(raise!(
                ctx,
                TypeError,
                "'{class}' object is not an iterator"
            ))
        }
    }
}

/// Calls `f` with every item of an iterable.
pub fn for_each(
    ctx: &mut Ctx,
    iterable: &Obj,
    mut f: impl FnMut(&mut Ctx, Obj) -> PyResult<()>,
) -> PyResult<()> {
    if let Some(list) = iterable.downcast_exact::<PyList>() {
        let mut index = 0;
        while let Some(item) = list.get(ctx, index) {
            f(ctx, item)?;
            index += 1;
        }
        return Ok(());
    }
    if let Some(tuple) = iterable.downcast_exact::<PyTuple>() {
        for item in tuple.items() {
            f(ctx, item.clone())?;
        }
        return Ok(());
    }
    let iterator = iter(ctx, iterable)?;
    while let Some(item) = next(ctx, &iterator)? {
        f(ctx, item)?;
        ctx.drain();
    }
    Ok(())
}

/// All items of an iterable.
pub fn collect(ctx: &mut Ctx, iterable: &Obj) -> PyResult<Vec<Obj>> {
    if let Some(list) = iterable.downcast_exact::<PyList>() {
        return Ok(list.to_vec(ctx));
    }
    if let Some(tuple) = iterable.downcast_exact::<PyTuple>() {
        return Ok(tuple.items().to_vec());
    }
    if let Some(dict) = iterable.downcast_exact::<super::dict::PyDict>() {
        return Ok(dict.keys(ctx));
    }
    if let Some(set) = iterable.downcast_exact::<super::set::PySet>() {
        return Ok(set
            .to_vec(ctx)
            .into_iter()
            .map(|(_, value)| value)
            .collect());
    }
    if let Some(items) = super::dict::snapshot(ctx, iterable) {
        return items;
    }
    let mut items = Vec::new();
    for_each(ctx, iterable, |ctx, item| {
        if items.try_reserve(1).is_err() {
            return Err(crate::error::no_memory(ctx));
        }
        items.push(item);
        Ok(())
    })?;
    Ok(items)
}

// --- Attributes and calls ------------------------------------------------------------------------

/// `x.name`; `name` is an interned string.
pub fn getattr(ctx: &mut Ctx, x: &Obj, name: &Obj) -> PyResult {
    match type_of(ctx, x).slots(ctx).getattr {
        Some(f) => f(ctx, x, name),
        None => attribute::generic_get(ctx, x, name),
    }
}

/// `x.name`, or `None` where that raises AttributeError.
pub fn find_attr(ctx: &mut Ctx, x: &Obj, name: &Obj) -> PyResult<Option<Obj>> {
    let f = type_of(ctx, x).slots(ctx).getattr;
    if f.is_none_or(|f| {
        std::ptr::fn_addr_eq(
            f,
            attribute::generic_get as fn(&mut Ctx, &Obj, &Obj) -> PyResult,
        )
    }) {
        return match attribute::generic_find(ctx, x, name) {
            Err(raised) if exception::matches(ctx, &raised, class::AttributeError) => {
                exception::take(ctx, raised);
                Ok(None)
            }
            found => found,
        };
    }
    match getattr(ctx, x, name) {
        Ok(value) => Ok(Some(value)),
        Err(raised) if exception::matches(ctx, &raised, class::AttributeError) => {
            exception::take(ctx, raised);
            Ok(None)
        }
        Err(raised) => Err(raised),
    }
}

/// `x.name = value`, or `del x.name`; `name` is an interned string.
pub fn setattr(ctx: &mut Ctx, x: &Obj, name: &Obj, value: Option<&Obj>) -> PyResult<()> {
    match type_of(ctx, x).slots(ctx).setattr {
        Some(f) => f(ctx, x, name, value),
        None => attribute::generic_set(ctx, x, name, value),
    }
}

/// `x.name` for a name that is not interned yet.
pub fn getattr_str(ctx: &mut Ctx, x: &Obj, name: &str) -> PyResult {
    let name = str_::intern(ctx, name);
    getattr(ctx, x, &name)
}

/// `callable(*args)`.
pub fn call(ctx: &mut Ctx, callable: &Obj, args: &[Obj]) -> PyResult {
    call_with(ctx, callable, Args::positional(args))
}

/// `callable(*args, **kwargs)`.
pub fn call_with(ctx: &mut Ctx, callable: &Obj, args: Args<'_>) -> PyResult {
    match type_of(ctx, callable).slots(ctx).call {
        Some(f) => recursive(ctx, "", |ctx| f(ctx, callable, args)),
        None => Err(not_callable(ctx, callable)),
    }
}

/// Stores the TypeError of calling what cannot be called.
#[cold]
pub fn not_callable(ctx: &mut Ctx, value: &Obj) -> Raised {
    let class = type_name(ctx, value);
    raise!(ctx, TypeError, "'{class}' object is not callable")
}

/// Whether the value can be called.
pub fn is_callable(ctx: &Ctx, value: &Obj) -> bool {
    type_of(ctx, value).slots(ctx).call.is_some()
}

/// `x.name(*args)`; `name` is an interned string.
pub fn call_method(ctx: &mut Ctx, x: &Obj, name: &Obj, args: &[Obj]) -> PyResult {
    let method = getattr(ctx, x, name)?;
    call(ctx, &method, args)
}

/// Calls the special method `name` of the value's class; `None` when there is none.
pub fn call_special(ctx: &mut Ctx, x: &Obj, name: &Obj, args: &[Obj]) -> PyResult<Option<Obj>> {
    match attribute::bound_special(ctx, x, name)? {
        Some(method) => call(ctx, &method, args).map(Some),
        None => Ok(None),
    }
}
