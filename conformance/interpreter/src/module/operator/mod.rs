//! `_operator`: the operators as functions, and the getters. The library's `operator` gives the functions their other names.

mod getters;

use crate::error::{PyResult, raise};
use crate::object::args::Args;
use crate::object::define::{Method, ModuleDef, Native, TypeDef};
use crate::object::exception::{self, class};
use crate::object::obj::Obj;
use crate::object::protocol::{self, operator};
use crate::object::slots::Comparison;
use crate::object::str_::PyStr;
use crate::object::{bytes_like, int};
use kit_core::thread::Ctx;

/// Defines functions of exactly two arguments.
macro_rules! of_two {
    ($($name:ident($ctx:ident, $a:ident, $b:ident) $body:expr;)*) => {
        $(#[allow(non_snake_case)] // `countOf` and `indexOf` are Python's names.
        fn $name($ctx: &mut Ctx, args: &[Obj]) -> PyResult {
            let ($a, $b) = (&args[0], &args[1]);
            $body
        })*
    };
}

of_two! {
    add(ctx, a, b) protocol::binary(ctx, a, b, operator::ADD);
    sub(ctx, a, b) protocol::binary(ctx, a, b, operator::SUB);
    mul(ctx, a, b) protocol::binary(ctx, a, b, operator::MUL);
    truediv(ctx, a, b) protocol::binary(ctx, a, b, operator::TRUEDIV);
    floordiv(ctx, a, b) protocol::binary(ctx, a, b, operator::FLOORDIV);
    r#mod(ctx, a, b) protocol::binary(ctx, a, b, operator::REM);
    lshift(ctx, a, b) protocol::binary(ctx, a, b, operator::LSHIFT);
    rshift(ctx, a, b) protocol::binary(ctx, a, b, operator::RSHIFT);
    and_(ctx, a, b) protocol::binary(ctx, a, b, operator::AND);
    or_(ctx, a, b) protocol::binary(ctx, a, b, operator::OR);
    xor(ctx, a, b) protocol::binary(ctx, a, b, operator::XOR);
    matmul(ctx, a, b) protocol::binary(ctx, a, b, operator::MATMUL);
    pow(ctx, a, b) protocol::power(ctx, a, b, &Obj::NONE);
    iadd(ctx, a, b) protocol::in_place(ctx, a, b, operator::ADD);
    isub(ctx, a, b) protocol::in_place(ctx, a, b, operator::SUB);
    imul(ctx, a, b) protocol::in_place(ctx, a, b, operator::MUL);
    itruediv(ctx, a, b) protocol::in_place(ctx, a, b, operator::TRUEDIV);
    ifloordiv(ctx, a, b) protocol::in_place(ctx, a, b, operator::FLOORDIV);
    imod(ctx, a, b) protocol::in_place(ctx, a, b, operator::REM);
    ilshift(ctx, a, b) protocol::in_place(ctx, a, b, operator::LSHIFT);
    irshift(ctx, a, b) protocol::in_place(ctx, a, b, operator::RSHIFT);
    iand(ctx, a, b) protocol::in_place(ctx, a, b, operator::AND);
    ior(ctx, a, b) protocol::in_place(ctx, a, b, operator::OR);
    ixor(ctx, a, b) protocol::in_place(ctx, a, b, operator::XOR);
    imatmul(ctx, a, b) protocol::in_place(ctx, a, b, operator::MATMUL);
    ipow(ctx, a, b) protocol::in_place_power(ctx, a, b);
    lt(ctx, a, b) protocol::compare(ctx, a, b, Comparison::Lt);
    le(ctx, a, b) protocol::compare(ctx, a, b, Comparison::Le);
    eq(ctx, a, b) protocol::compare(ctx, a, b, Comparison::Eq);
    ne(ctx, a, b) protocol::compare(ctx, a, b, Comparison::Ne);
    gt(ctx, a, b) protocol::compare(ctx, a, b, Comparison::Gt);
    ge(ctx, a, b) protocol::compare(ctx, a, b, Comparison::Ge);
    is_(_ctx, a, b) Ok(Obj::bool(a.is(b)));
    is_not(_ctx, a, b) Ok(Obj::bool(!a.is(b)));
    getitem(ctx, a, b) protocol::getitem(ctx, a, b);
    delitem(ctx, a, b) protocol::setitem(ctx, a, b, None).map(|()| Obj::NONE);
    contains(ctx, a, b) protocol::contains(ctx, a, b).map(Obj::bool);
    concat(ctx, a, b) protocol::concatenate(ctx, a, b, false);
    iconcat(ctx, a, b) protocol::concatenate(ctx, a, b, true);
    countOf(ctx, a, b) count(ctx, a, b);
    indexOf(ctx, a, b) position(ctx, a, b);
}

/// An iterator; messages about what is none speak of an argument.
fn argument_iter(ctx: &mut Ctx, x: &Obj) -> PyResult {
    match protocol::iter(ctx, x) {
        Err(raised) if exception::matches(ctx, &raised, class::TypeError) => {
            exception::take(ctx, raised);
            let class = protocol::type_name(ctx, x);
            Err(raise!(
                ctx,
                TypeError,
                "argument of type '{class}' is not iterable"
            ))
        }
        other => other,
    }
}

fn count(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    let iterator = argument_iter(ctx, a)?;
    let mut count = 0;
    while let Some(item) = protocol::next(ctx, &iterator)? {
        count += protocol::equals(ctx, &item, b)? as i64;
    }
    int::from_i64(ctx, count)
}

fn position(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    let iterator = argument_iter(ctx, a)?;
    let mut index = 0;
    while let Some(item) = protocol::next(ctx, &iterator)? {
        if protocol::equals(ctx, &item, b)? {
            return int::from_i64(ctx, index);
        }
        index += 1;
    }
    Err(raise!(
        ctx,
        ValueError,
        "sequence.index(x): x not in sequence"
    ))
}

fn neg(ctx: &mut Ctx, x: &Obj) -> PyResult {
    protocol::unary(ctx, x, |s| s.neg, "unary -")
}

fn pos(ctx: &mut Ctx, x: &Obj) -> PyResult {
    protocol::unary(ctx, x, |s| s.pos, "unary +")
}

fn invert(ctx: &mut Ctx, x: &Obj) -> PyResult {
    protocol::unary(ctx, x, |s| s.invert, "unary ~")
}

fn abs(ctx: &mut Ctx, x: &Obj) -> PyResult {
    protocol::unary(ctx, x, |s| s.abs, "abs()")
}

fn index(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let index = protocol::index(ctx, x)?;
    int::plain(ctx, &index)
}

fn not_(ctx: &mut Ctx, x: &Obj) -> PyResult {
    protocol::truth(ctx, x).map(|truth| Obj::bool(!truth))
}

fn truth(ctx: &mut Ctx, x: &Obj) -> PyResult {
    protocol::truth(ctx, x).map(Obj::bool)
}

fn is_none(_: &mut Ctx, x: &Obj) -> PyResult {
    Ok(Obj::bool(x.is_none()))
}

fn is_not_none(_: &mut Ctx, x: &Obj) -> PyResult {
    Ok(Obj::bool(!x.is_none()))
}

fn setitem(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    protocol::setitem(ctx, &args[0], &args[1], Some(&args[2]))?;
    Ok(Obj::NONE)
}

fn call(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let Some((callable, rest)) = args.pos.split_first() else {
        return Err(raise!(
            ctx,
            TypeError,
            "call expected at least 1 argument, got 0"
        ));
    };
    protocol::call_with(ctx, callable, Args { pos: rest, ..args })
}

/// Compares two secrets in a time that only their length decides.
fn compare_digest(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let (a, b) = (&args[0], &args[1]);
    if let (Some(x), Some(y)) = (a.downcast::<PyStr>(), b.downcast::<PyStr>()) {
        if !x.bytes().is_ascii() || !y.bytes().is_ascii() {
            return Err(raise!(
                ctx,
                TypeError,
                "comparing strings with non-ASCII characters is not supported"
            ));
        }
        return Ok(Obj::bool(same_bytes(x.bytes(), y.bytes())));
    }
    if a.downcast::<PyStr>().is_some() || b.downcast::<PyStr>().is_some() {
        let [x, y] = [a, b].map(|x| protocol::type_name(ctx, x));
        return Err(raise!(
            ctx,
            TypeError,
            "unsupported operand types(s) or combination of types: '{x}' and '{y}'"
        ));
    }
    let x = bytes_like::expect_buffer(ctx, a)?;
    let y = bytes_like::expect_buffer(ctx, b)?;
    Ok(Obj::bool(same_bytes(&x, &y)))
}

fn same_bytes(a: &[u8], b: &[u8]) -> bool {
    let differing = a.iter().zip(b).fold(0, |seen, (x, y)| seen | (x ^ y));
    // What is looked at must not depend on where the difference is.
    std::hint::black_box(differing) == 0 && a.len() == b.len()
}

fn length_hint(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let default = match args.get(1) {
        Some(default) => protocol::c_ssize(ctx, default)?,
        None => 0,
    };
    let hint = protocol::length_hint(ctx, &args[0])?.unwrap_or(default);
    int::from_i64(ctx, hint)
}

/// The functions, with the signatures of what is positional.
macro_rules! functions {
    ($($name:literal $params:literal $native:expr;)*) => {
        static FUNCTIONS: &[Method] = &[$(Method {
            name: $name,
            native: $native,
            doc: concat!($name, "($module, ", $params, ")\n--\n\n"),
        },)*];
    };
}

functions! {
    "add" "a, b, /" Native::FN(2, 2, add);
    "sub" "a, b, /" Native::FN(2, 2, sub);
    "mul" "a, b, /" Native::FN(2, 2, mul);
    "truediv" "a, b, /" Native::FN(2, 2, truediv);
    "floordiv" "a, b, /" Native::FN(2, 2, floordiv);
    "mod" "a, b, /" Native::FN(2, 2, r#mod);
    "lshift" "a, b, /" Native::FN(2, 2, lshift);
    "rshift" "a, b, /" Native::FN(2, 2, rshift);
    "and_" "a, b, /" Native::FN(2, 2, and_);
    "or_" "a, b, /" Native::FN(2, 2, or_);
    "xor" "a, b, /" Native::FN(2, 2, xor);
    "matmul" "a, b, /" Native::FN(2, 2, matmul);
    "pow" "a, b, /" Native::FN(2, 2, pow);
    "iadd" "a, b, /" Native::FN(2, 2, iadd);
    "isub" "a, b, /" Native::FN(2, 2, isub);
    "imul" "a, b, /" Native::FN(2, 2, imul);
    "itruediv" "a, b, /" Native::FN(2, 2, itruediv);
    "ifloordiv" "a, b, /" Native::FN(2, 2, ifloordiv);
    "imod" "a, b, /" Native::FN(2, 2, imod);
    "ilshift" "a, b, /" Native::FN(2, 2, ilshift);
    "irshift" "a, b, /" Native::FN(2, 2, irshift);
    "iand" "a, b, /" Native::FN(2, 2, iand);
    "ior" "a, b, /" Native::FN(2, 2, ior);
    "ixor" "a, b, /" Native::FN(2, 2, ixor);
    "imatmul" "a, b, /" Native::FN(2, 2, imatmul);
    "ipow" "a, b, /" Native::FN(2, 2, ipow);
    "lt" "a, b, /" Native::FN(2, 2, lt);
    "le" "a, b, /" Native::FN(2, 2, le);
    "eq" "a, b, /" Native::FN(2, 2, eq);
    "ne" "a, b, /" Native::FN(2, 2, ne);
    "gt" "a, b, /" Native::FN(2, 2, gt);
    "ge" "a, b, /" Native::FN(2, 2, ge);
    "getitem" "a, b, /" Native::FN(2, 2, getitem);
    "setitem" "a, b, c, /" Native::FN(3, 3, setitem);
    "delitem" "a, b, /" Native::FN(2, 2, delitem);
    "contains" "a, b, /" Native::FN(2, 2, contains);
    "concat" "a, b, /" Native::FN(2, 2, concat);
    "iconcat" "a, b, /" Native::FN(2, 2, iconcat);
    "neg" "a, /" Native::F1(neg);
    "pos" "a, /" Native::F1(pos);
    "invert" "a, /" Native::F1(invert);
    "inv" "a, /" Native::F1(invert);
    "abs" "a, /" Native::F1(abs);
    "index" "a, /" Native::F1(index);
    "not_" "a, /" Native::F1(not_);
    "call" "obj, /, *args, **kwargs" Native::F(call);
    "truth" "a, /" Native::F1(truth);
    "is_" "a, b, /" Native::FN(2, 2, is_);
    "is_not" "a, b, /" Native::FN(2, 2, is_not);
    "is_none" "a, /" Native::F1(is_none);
    "is_not_none" "a, /" Native::F1(is_not_none);
    "countOf" "a, b, /" Native::FN(2, 2, countOf);
    "indexOf" "a, b, /" Native::FN(2, 2, indexOf);
    "length_hint" "obj, default=0, /" Native::FN(1, 2, length_hint);
    "_compare_digest" "a, b, /" Native::FN(2, 2, compare_digest);
}

/// All types.
pub static TYPES: &[&TypeDef] = &[
    &getters::ITEMGETTER,
    &getters::ATTRGETTER,
    &getters::METHODCALLER,
];

fn populate(_: &mut Ctx, _: &Obj) -> PyResult<()> {
    Ok(())
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_operator",
    functions: FUNCTIONS,
    types: TYPES,
    populate,
    doc: "Operator interface.",
};
