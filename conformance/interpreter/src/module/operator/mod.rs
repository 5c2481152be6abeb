//! `operator`: the operators as functions, and the getters.

mod getters;

use crate::error::{PyResult, Raised, raise};
use crate::module::support::exactly;
use crate::object::args::Args;
use crate::object::define::{Method, ModuleDef, Native, TypeDef, method};
use crate::object::exception::{self, class};
use crate::object::int;
use crate::object::obj::Obj;
use crate::object::protocol::{self, operator};
use crate::object::slots::Comparison;
use crate::object::type_::type_of;
use kit_core::thread::Ctx;

/// Defines functions of exactly two arguments.
macro_rules! of_two {
    ($($name:ident($ctx:ident, $a:ident, $b:ident) $body:expr;)*) => {
        $(#[allow(non_snake_case)] // `countOf` and `indexOf` are Python's names.
        fn $name($ctx: &mut Ctx, args: Args<'_>) -> PyResult {
            exactly($ctx, &args, stringify!($name).trim_start_matches("r#"), 2)?;
            let ($a, $b) = (&args.pos[0], &args.pos[1]);
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
    concat(ctx, a, b) concatenate(ctx, a, b, operator::ADD, false);
    iconcat(ctx, a, b) concatenate(ctx, a, b, operator::ADD, true);
    countOf(ctx, a, b) count(ctx, a, b);
    indexOf(ctx, a, b) position(ctx, a, b);
}

fn not_a_sequence(ctx: &mut Ctx, x: &Obj) -> Raised {
    let class = protocol::type_name(ctx, x);
    raise!(ctx, TypeError, "'{class}' object can't be concatenated")
}

/// `a + b` of sequences.
fn concatenate(
    ctx: &mut Ctx,
    a: &Obj,
    b: &Obj,
    op: protocol::Operator,
    in_place: bool,
) -> PyResult {
    for x in [a, b] {
        let slots = type_of(ctx, x).slots(ctx);
        if slots.concat.is_none() && slots.getitem.is_none() {
            return Err(not_a_sequence(ctx, x));
        }
    }
    if in_place {
        protocol::in_place(ctx, a, b, op)
    } else {
        protocol::binary(ctx, a, b, op)
    }
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

fn setitem(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    exactly(ctx, &args, "setitem", 3)?;
    let [a, b, c] = args.pos else {
        return Ok(Obj::NONE);
    };
    protocol::setitem(ctx, a, b, Some(c))?;
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

fn length_hint(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "length_hint", 1, 2)?;
    let default = match args.pos.get(1) {
        Some(default) => protocol::index_i64(ctx, default, Some(class::OverflowError))?,
        None => 0,
    };
    let hint = protocol::length_hint(ctx, &args.pos[0])?.unwrap_or(default);
    int::from_i64(ctx, hint)
}

/// Both names of a function.
macro_rules! functions {
    ($($name:literal $alias:literal $native:expr;)* => $($single:literal $single_native:expr;)*) => {
        static FUNCTIONS: &[Method] = &[
            $(method($name, $native), method($alias, $native),)*
            $(method($single, $single_native),)*
        ];
    };
}

functions! {
    "add" "__add__" Native::F(add);
    "sub" "__sub__" Native::F(sub);
    "mul" "__mul__" Native::F(mul);
    "truediv" "__truediv__" Native::F(truediv);
    "floordiv" "__floordiv__" Native::F(floordiv);
    "mod" "__mod__" Native::F(r#mod);
    "lshift" "__lshift__" Native::F(lshift);
    "rshift" "__rshift__" Native::F(rshift);
    "and_" "__and__" Native::F(and_);
    "or_" "__or__" Native::F(or_);
    "xor" "__xor__" Native::F(xor);
    "matmul" "__matmul__" Native::F(matmul);
    "pow" "__pow__" Native::F(pow);
    "iadd" "__iadd__" Native::F(iadd);
    "isub" "__isub__" Native::F(isub);
    "imul" "__imul__" Native::F(imul);
    "itruediv" "__itruediv__" Native::F(itruediv);
    "ifloordiv" "__ifloordiv__" Native::F(ifloordiv);
    "imod" "__imod__" Native::F(imod);
    "ilshift" "__ilshift__" Native::F(ilshift);
    "irshift" "__irshift__" Native::F(irshift);
    "iand" "__iand__" Native::F(iand);
    "ior" "__ior__" Native::F(ior);
    "ixor" "__ixor__" Native::F(ixor);
    "imatmul" "__imatmul__" Native::F(imatmul);
    "ipow" "__ipow__" Native::F(ipow);
    "lt" "__lt__" Native::F(lt);
    "le" "__le__" Native::F(le);
    "eq" "__eq__" Native::F(eq);
    "ne" "__ne__" Native::F(ne);
    "gt" "__gt__" Native::F(gt);
    "ge" "__ge__" Native::F(ge);
    "getitem" "__getitem__" Native::F(getitem);
    "setitem" "__setitem__" Native::F(setitem);
    "delitem" "__delitem__" Native::F(delitem);
    "contains" "__contains__" Native::F(contains);
    "concat" "__concat__" Native::F(concat);
    "iconcat" "__iconcat__" Native::F(iconcat);
    "neg" "__neg__" Native::F1(neg);
    "pos" "__pos__" Native::F1(pos);
    "invert" "__invert__" Native::F1(invert);
    "inv" "__inv__" Native::F1(invert);
    "abs" "__abs__" Native::F1(abs);
    "index" "__index__" Native::F1(index);
    "not_" "__not__" Native::F1(not_);
    "call" "__call__" Native::F(call);
    =>
    "truth" Native::F1(truth);
    "is_" Native::F(is_);
    "is_not" Native::F(is_not);
    "is_none" Native::F1(is_none);
    "is_not_none" Native::F1(is_not_none);
    "countOf" Native::F(countOf);
    "indexOf" Native::F(indexOf);
    "length_hint" Native::F(length_hint);
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
    name: "operator",
    functions: FUNCTIONS,
    types: TYPES,
    populate,
    doc: "Operator interface.",
};
