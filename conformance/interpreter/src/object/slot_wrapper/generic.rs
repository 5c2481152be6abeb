//! From a native operation to a method in Python: each function here looks special methods up in the
//! class of its operand and calls them.

use super::super::args::Args;
use super::super::attribute::{self, lookup_special};
use super::super::define::flag;
use super::super::names::names;
use super::super::obj::Obj;
use super::super::slots::{Binary, Comparison, Slots};
use super::super::type_::type_of;
use super::super::{ids, int, iterator, protocol};
use super::PySlotWrapper;
use crate::error::{PyResult, raise};
use crate::object::exception::{self, class};
use crate::prelude::*;
use core::sync::atomic::Ordering::Relaxed;
use kit_core::thread::Ctx;
use num_traits::ToPrimitive;

/// Calls `method`, found in the class of `this`, on it with `N - 1` further arguments.
fn call_on<const N: usize>(ctx: &mut Ctx, method: &Obj, args: [&Obj; N]) -> PyResult {
    let class = type_of(ctx, method);
    let plain = class.flags.load(Relaxed) & flag::METHOD != 0;
    let get = class.slots(ctx).descr_get;
    let args = args.map(Obj::clone);
    if plain {
        return protocol::call(ctx, method, &args);
    }
    let Some(get) = get else {
        return protocol::call(ctx, method, &args[1..]);
    };
    let owner = type_of(ctx, &args[0]).to_obj();
    let bound = get(ctx, method, Some(&args[0]), &owner)?;
    protocol::call(ctx, &bound, &args[1..])
}

/// As [`call_on`], with any arguments.
fn call_on_with(ctx: &mut Ctx, method: &Obj, this: &Obj, args: Args<'_>) -> PyResult {
    let class = type_of(ctx, method);
    let plain = class.flags.load(Relaxed) & flag::METHOD != 0;
    let get = class.slots(ctx).descr_get;
    if plain {
        let mut all = Vec::with_capacity(args.pos.len() + 1);
        all.push(this.clone());
        all.extend_from_slice(args.pos);
        return protocol::call_with(ctx, method, Args { pos: &all, ..args });
    }
    let Some(get) = get else {
        return protocol::call_with(ctx, method, args);
    };
    let owner = type_of(ctx, this).to_obj();
    let bound = get(ctx, method, Some(this), &owner)?;
    protocol::call_with(ctx, &bound, args)
}

/// Calls the special method `name` of `args[0]`; `None` when its class has none.
fn maybe<const N: usize>(ctx: &mut Ctx, name: &Obj, args: [&Obj; N]) -> PyResult<Option<Obj>> {
    match lookup_special(ctx, args[0], name) {
        Some(method) => call_on(ctx, &method, args).map(Some),
        None => Ok(None),
    }
}

/// Calls the special method `name` of `args[0]`; AttributeError when its class has none.
fn required<const N: usize>(ctx: &mut Ctx, name: &Obj, args: [&Obj; N]) -> PyResult {
    match maybe(ctx, name, args)? {
        Some(value) => Ok(value),
        None => Err(exception::raise_args(
            ctx,
            class::AttributeError,
            vec![name.clone()],
        )),
    }
}

// --- Text, hash, truth ---------------------------------------------------------------------------

pub fn repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    match maybe(ctx, &names(ctx).repr, [x])? {
        Some(text) => Ok(text),
        None => protocol::default_repr(ctx, x),
    }
}

pub fn str(ctx: &mut Ctx, x: &Obj) -> PyResult {
    match maybe(ctx, &names(ctx).str, [x])? {
        Some(text) => Ok(text),
        None => protocol::repr(ctx, x),
    }
}

pub fn hash(ctx: &mut Ctx, x: &Obj) -> PyResult<i64> {
    let method = lookup_special(ctx, x, &names(ctx).hash).filter(|m| !m.is_none());
    let Some(method) = method else {
        return protocol::unhashable(ctx, x);
    };
    let value = call_on(ctx, &method, [x])?;
    if !protocol::is_instance_of(ctx, &value, ids::INT) {
        return Err(raise!(
            ctx,
            TypeError,
            "__hash__ method should return an integer"
        ));
    }
    // A number too large for a hash is hashed as a number.
    let hash = match int::to_i64(&value) {
        Some(hash) => hash,
        None => {
            let big = int::to_big(&value).unwrap_or_default();
            let modulus = (1i64 << 61) - 1;
            (big % modulus).to_i64().unwrap_or_default()
        }
    };
    Ok(if hash == -1 { -2 } else { hash })
}

pub fn bool(ctx: &mut Ctx, x: &Obj) -> PyResult<bool> {
    let method = lookup_special(ctx, x, &names(ctx).bool);
    if method.as_ref().is_some_and(Obj::is_none) {
        let class = protocol::type_name(ctx, x);
        return Err(raise!(
            ctx,
            TypeError,
            "'{class}' cannot be interpreted as a boolean"
        ));
    }
    let Some(value) = method.map(|m| call_on(ctx, &m, [x])).transpose()? else {
        return match type_of(ctx, x).slots(ctx).len {
            Some(len) => Ok(len(ctx, x)? != 0),
            None => Ok(true),
        };
    };
    if value.is_true() || value.is_false() {
        return Ok(value.is_true());
    }
    let class = protocol::type_name(ctx, &value);
    Err(raise!(
        ctx,
        TypeError,
        "__bool__ should return bool, returned {class}"
    ))
}

// --- Attributes ----------------------------------------------------------------------------------

pub fn getattr(ctx: &mut Ctx, x: &Obj, name: &Obj) -> PyResult {
    let all = names(ctx);
    let fallback = lookup_special(ctx, x, &all.getattr);
    let method = lookup_special(ctx, x, &all.getattribute);
    let native = method
        .as_ref()
        .and_then(|m| m.downcast_exact::<PySlotWrapper>())
        // A class may have taken it from one that is none of its bases.
        .filter(|wrapper| wrapper.applies(ctx, x))
        .and_then(|wrapper| wrapper.operation())
        .filter(|(def, _)| (def.name)(all).is(&all.getattribute))
        .and_then(|(_, slots)| slots.getattr);
    let found = match (native, method) {
        (Some(native), _) => {
            let generic = attribute::generic_get as fn(&mut Ctx, &Obj, &Obj) -> PyResult;
            if core::ptr::fn_addr_eq(native, generic) {
                match attribute::generic_find(ctx, x, name) {
                    Ok(Some(value)) => Ok(value),
                    Ok(None) => match &fallback {
                        Some(fallback) => return call_on(ctx, fallback, [x, name]),
                        None => Err(attribute::no_attribute(ctx, x, name)),
                    },
                    Err(raised) => Err(raised),
                }
            } else {
                native(ctx, x, name)
            }
        }
        (None, Some(method)) => call_on(ctx, &method, [x, name]),
        (None, None) => attribute::generic_get(ctx, x, name),
    };
    match (found, fallback) {
        (Err(raised), Some(fallback))
            if exception::matches(ctx, &raised, class::AttributeError) =>
        {
            exception::take(ctx, raised);
            call_on(ctx, &fallback, [x, name])
        }
        (found, _) => found,
    }
}

pub fn setattr(ctx: &mut Ctx, x: &Obj, name: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let all = names(ctx);
    match value {
        Some(value) => required(ctx, &all.setattr, [x, name, value]),
        None => required(ctx, &all.delattr, [x, name]),
    }
    .map(drop)
}

pub fn descr_get(ctx: &mut Ctx, x: &Obj, instance: Option<&Obj>, owner: &Obj) -> PyResult {
    let instance = instance.unwrap_or(Obj::none());
    // Not bound itself: whatever it is, it is called with all three.
    match lookup_special(ctx, x, &names(ctx).get) {
        Some(get) => protocol::call(ctx, &get, &[x.clone(), instance.clone(), owner.clone()]),
        None => Ok(x.clone()),
    }
}

pub fn descr_set(ctx: &mut Ctx, x: &Obj, instance: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let all = names(ctx);
    match value {
        Some(value) => required(ctx, &all.set, [x, instance, value]),
        None => required(ctx, &all.delete, [x, instance]),
    }
    .map(drop)
}

// --- Making and calling --------------------------------------------------------------------------

pub fn call(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    match lookup_special(ctx, x, &names(ctx).call) {
        Some(method) => call_on_with(ctx, &method, x, args),
        None => Err(protocol::not_callable(ctx, x)),
    }
}

pub fn init(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult<()> {
    let name = &names(ctx).init;
    let Some(method) = lookup_special(ctx, x, name) else {
        return Err(attribute::no_attribute(ctx, x, name));
    };
    let result = call_on_with(ctx, &method, x, args)?;
    if result.is_none() {
        return Ok(());
    }
    let class = protocol::type_name(ctx, &result);
    Err(raise!(
        ctx,
        TypeError,
        "__init__() should return None, not '{class}'"
    ))
}

pub fn new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    let function = protocol::getattr(ctx, class, &names(ctx).new)?;
    let mut all = Vec::with_capacity(args.pos.len() + 1);
    all.push(class.clone());
    all.extend_from_slice(args.pos);
    protocol::call_with(ctx, &function, Args { pos: &all, ..args })
}

pub fn finalize(ctx: &mut Ctx, x: &Obj) -> PyResult<()> {
    maybe(ctx, &names(ctx).del, [x]).map(drop)
}

// --- Containers and iteration --------------------------------------------------------------------

pub fn iter(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let all = names(ctx);
    match lookup_special(ctx, x, &all.iter) {
        Some(method) if !method.is_none() => return call_on(ctx, &method, [x]),
        None if lookup_special(ctx, x, &all.getitem).is_some() => {
            return iterator::sequence(ctx, x);
        }
        _ => {}
    }
    let class = protocol::type_name(ctx, x);
    Err(raise!(ctx, TypeError, "'{class}' object is not iterable"))
}

/// What `__next__` answers, its StopIteration included.
pub fn next_or_raise(ctx: &mut Ctx, x: &Obj) -> PyResult {
    required(ctx, &names(ctx).next, [x])
}

pub fn next(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<Obj>> {
    match next_or_raise(ctx, x) {
        Ok(value) => Ok(Some(value)),
        Err(raised) if exception::matches(ctx, &raised, class::StopIteration) => {
            exception::take(ctx, raised);
            Ok(None)
        }
        Err(raised) => Err(raised),
    }
}

pub fn len(ctx: &mut Ctx, x: &Obj) -> PyResult<usize> {
    let value = required(ctx, &names(ctx).len, [x])?;
    let value = protocol::index(ctx, &value)?;
    if int::is_negative(&value) {
        return Err(raise!(ctx, ValueError, "__len__() should return >= 0"));
    }
    match int::to_i64(&value) {
        Some(len) => Ok(len as usize),
        None => Err(raise!(
            ctx,
            OverflowError,
            "cannot fit 'int' into an index-sized integer"
        )),
    }
}

pub fn getitem(ctx: &mut Ctx, x: &Obj, key: &Obj) -> PyResult {
    required(ctx, &names(ctx).getitem, [x, key])
}

pub fn setitem(ctx: &mut Ctx, x: &Obj, key: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let all = names(ctx);
    match value {
        Some(value) => required(ctx, &all.setitem, [x, key, value]),
        None => required(ctx, &all.delitem, [x, key]),
    }
    .map(drop)
}

pub fn contains(ctx: &mut Ctx, x: &Obj, key: &Obj) -> PyResult<bool> {
    match lookup_special(ctx, x, &names(ctx).contains) {
        Some(method) if method.is_none() => {
            let class = protocol::type_name(ctx, x);
            Err(raise!(
                ctx,
                TypeError,
                "'{class}' object is not a container"
            ))
        }
        Some(method) => {
            let answer = call_on(ctx, &method, [x, key])?;
            protocol::truth(ctx, &answer)
        }
        None => {
            let iterator = protocol::iter(ctx, x)?;
            while let Some(item) = protocol::next(ctx, &iterator)? {
                if protocol::equals(ctx, &item, key)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
    }
}

// --- Comparing -----------------------------------------------------------------------------------

pub fn compare(ctx: &mut Ctx, a: &Obj, b: &Obj, op: Comparison) -> PyResult {
    let all = names(ctx);
    let name = match op {
        Comparison::Lt => &all.lt,
        Comparison::Le => &all.le,
        Comparison::Eq => &all.eq,
        Comparison::Ne => &all.ne,
        Comparison::Gt => &all.gt,
        Comparison::Ge => &all.ge,
    };
    let Some(method) = lookup_special(ctx, a, name) else {
        return Ok(Obj::NOT_IMPLEMENTED);
    };
    if type_of(ctx, &method).flags.load(Relaxed) & flag::METHOD != 0 {
        return call_on(ctx, &method, [a, b]);
    }
    // A method that there is not, as its getter says, is none.
    match attribute::bound_special(ctx, a, name) {
        Ok(Some(bound)) => protocol::call(ctx, &bound, core::slice::from_ref(b)),
        Ok(None) => Ok(Obj::NOT_IMPLEMENTED),
        Err(raised) if exception::matches(ctx, &raised, class::AttributeError) => {
            exception::take(ctx, raised);
            Ok(Obj::NOT_IMPLEMENTED)
        }
        Err(raised) => Err(raised),
    }
}

// --- Arithmetic ----------------------------------------------------------------------------------

/// A binary operation of which at least one operand's class has the generic function `this`: the
/// method of the left operand, and the reflected one of the right operand, which goes first if its
/// class derives from the left one's and overrides the method.
fn binary(
    ctx: &mut Ctx,
    a: &Obj,
    b: &Obj,
    is_generic: fn(&Slots) -> bool,
    name: &Obj,
    reflected: &Obj,
    modulus: Option<&Obj>,
) -> PyResult {
    let (left, right) = (type_of(ctx, a), type_of(ctx, b));
    let same = core::ptr::eq(left, right);
    let mut other = !same && is_generic(right.slots(ctx));
    let derived = other && right.is_subtype(ctx, left);
    if is_generic(left.slots(ctx)) {
        if derived && overrides(ctx, a, b, reflected) {
            if let Some(value) = operate(ctx, reflected, b, a, modulus)?
                && !value.is_not_implemented()
            {
                return Ok(value);
            }
            other = false;
        }
        if let Some(value) = operate(ctx, name, a, b, modulus)?
            && !value.is_not_implemented()
        {
            return Ok(value);
        }
        if same {
            return Ok(Obj::NOT_IMPLEMENTED);
        }
    }
    if other && let Some(value) = operate(ctx, reflected, b, a, modulus)? {
        return Ok(value);
    }
    Ok(Obj::NOT_IMPLEMENTED)
}

/// Calls the method of an operation, which takes a modulus only in `pow` with three arguments.
fn operate(
    ctx: &mut Ctx,
    name: &Obj,
    this: &Obj,
    other: &Obj,
    modulus: Option<&Obj>,
) -> PyResult<Option<Obj>> {
    match modulus {
        None => maybe(ctx, name, [this, other]),
        Some(modulus) => maybe(ctx, name, [this, other, modulus]),
    }
}

/// Whether the class of `b` has another `name` than that of `a`.
fn overrides(ctx: &mut Ctx, a: &Obj, b: &Obj, name: &Obj) -> bool {
    let Some(of_b) = lookup_special(ctx, b, name) else {
        return false;
    };
    match lookup_special(ctx, a, name) {
        Some(of_a) => !of_a.is(&of_b),
        None => true,
    }
}

macro_rules! binary {
    ($($name:ident $reflected:ident,)*) => {$(
        pub fn $name(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
            let all = names(ctx);
            let is_generic = |slots: &Slots| {
                slots.$name.is_some_and(|f| core::ptr::fn_addr_eq(f, $name as Binary))
            };
            binary(ctx, a, b, is_generic, &all.$name, &all.$reflected, None)
        }
    )*};
}

binary! {
    add radd, sub rsub, mul rmul, truediv rtruediv, floordiv rfloordiv, rem rrem, divmod rdivmod, lshift rlshift, rshift rrshift,
    and rand, or ror, xor rxor, matmul rmatmul,
}

pub fn pow(ctx: &mut Ctx, a: &Obj, b: &Obj, modulus: &Obj) -> PyResult {
    let all = names(ctx);
    let is_generic = |slots: &Slots| {
        let this = pow as fn(&mut Ctx, &Obj, &Obj, &Obj) -> PyResult;
        slots.pow.is_some_and(|f| core::ptr::fn_addr_eq(f, this))
    };
    let modulus = (!modulus.is_none()).then_some(modulus);
    binary(ctx, a, b, is_generic, &all.pow, &all.rpow, modulus)
}

macro_rules! in_place {
    ($($name:ident,)*) => {$(
        pub fn $name(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
            Ok(maybe(ctx, &names(ctx).$name, [a, b])?.unwrap_or(Obj::NOT_IMPLEMENTED))
        }
    )*};
}

in_place! { iadd, isub, imul, itruediv, ifloordiv, irem, ipow, ilshift, irshift, iand, ior, ixor, imatmul, }

macro_rules! unary {
    ($($name:ident,)*) => {$(
        pub fn $name(ctx: &mut Ctx, x: &Obj) -> PyResult {
            required(ctx, &names(ctx).$name, [x])
        }
    )*};
}

unary! { neg, pos, abs, invert, int, float, index, }
