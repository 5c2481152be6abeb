//! `weakref.proxy`: objects that stand for another one while it lives.
//!
//! Every operation is done on the referent instead. A proxy that is the other operand of the referent's operation is
//! seen through as well.

use super::{create, parse, upgrade};
use crate::error::{PyResult, Raised, raise};
use crate::object::args::Args;
use crate::object::define::{Method, Native, TypeDef, flag, method};
use crate::object::obj::Obj;
use crate::object::payload::Body;
use crate::object::slots::{Slots, Unary};
use crate::object::type_::{type_id_of, type_object, type_of};
use crate::object::weakref::PyWeakref;
use crate::object::{ids, protocol, str_};
use kit_core::thread::Ctx;

fn gone(ctx: &mut Ctx) -> Raised {
    raise!(
        ctx,
        ReferenceError,
        "weakly-referenced object no longer exists"
    )
}

fn is_proxy(value: &Obj) -> bool {
    matches!(
        type_id_of(value),
        ids::WEAK_PROXY | ids::WEAK_CALLABLE_PROXY
    )
}

/// What a proxy stands for; any other value stands for itself.
fn behind(ctx: &mut Ctx, value: &Obj) -> PyResult {
    if !is_proxy(value) {
        return Ok(value.clone());
    }
    match upgrade(ctx, value) {
        Some(referent) => Ok(referent),
        None => Err(gone(ctx)),
    }
}

fn proxy_repr(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let address = protocol::address(this);
    let Some(referent) = upgrade(ctx, this) else {
        return str_::new(ctx, &format!("<weakproxy at {address:#x}; dead>"));
    };
    let class = protocol::type_name(ctx, &referent);
    let at = protocol::address(&referent);
    let text = format!("<weakproxy at {address:#x}; to '{class}' at {at:#x}>");
    str_::new(ctx, &text)
}

fn proxy_call(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    let referent = behind(ctx, this)?;
    protocol::call_with(ctx, &referent, args)
}

macro_rules! proxied {
    ($($name:ident $in_place:ident: $operator:ident;)*) => {$(
        fn $name(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
            let (a, b) = (behind(ctx, a)?, behind(ctx, b)?);
            protocol::binary(ctx, &a, &b, protocol::operator::$operator)
        }
        fn $in_place(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
            let (a, b) = (behind(ctx, a)?, behind(ctx, b)?);
            protocol::in_place(ctx, &a, &b, protocol::operator::$operator)
        }
    )*};
}

proxied! {
    add iadd: ADD;
    sub isub: SUB;
    mul imul: MUL;
    truediv itruediv: TRUEDIV;
    floordiv ifloordiv: FLOORDIV;
    rem irem: REM;
    lshift ilshift: LSHIFT;
    rshift irshift: RSHIFT;
    and iand: AND;
    or ior: OR;
    xor ixor: XOR;
    matmul imatmul: MATMUL;
}

fn divmod(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    let (a, b) = (behind(ctx, a)?, behind(ctx, b)?);
    protocol::binary(ctx, &a, &b, protocol::operator::DIVMOD)
}

fn pow(ctx: &mut Ctx, a: &Obj, b: &Obj, modulus: &Obj) -> PyResult {
    let (a, b) = (behind(ctx, a)?, behind(ctx, b)?);
    let modulus = behind(ctx, modulus)?;
    protocol::power(ctx, &a, &b, &modulus)
}

fn ipow(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    let (a, b) = (behind(ctx, a)?, behind(ctx, b)?);
    protocol::in_place_power(ctx, &a, &b)
}

fn unary(ctx: &mut Ctx, x: &Obj, slot: fn(&Slots) -> Option<Unary>, symbol: &str) -> PyResult {
    let x = behind(ctx, x)?;
    protocol::unary(ctx, &x, slot, symbol)
}

/// `int(proxy)` and the like: what the built-in type makes of the referent.
fn convert(ctx: &mut Ctx, x: &Obj, class: u32) -> PyResult {
    let x = behind(ctx, x)?;
    let class = type_object(ctx, class);
    protocol::call(ctx, &class, &[x])
}

fn next(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<Obj>> {
    let x = behind(ctx, x)?;
    if type_of(ctx, &x).slots(ctx).next.is_none() {
        let class = protocol::type_name(ctx, &x);
        return Err(raise!(
            ctx,
            TypeError,
            "Weakref proxy referenced a non-iterator '{class}' object"
        ));
    }
    protocol::next(ctx, &x)
}

fn bytes(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let referent = behind(ctx, this)?;
    let name = str_::intern(ctx, "__bytes__");
    protocol::call_method(ctx, &referent, &name, &[])
}

fn reversed(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let referent = behind(ctx, this)?;
    let name = str_::intern(ctx, "__reversed__");
    protocol::call_method(ctx, &referent, &name, &[])
}

const METHODS: &[Method] = &[
    method("__bytes__", Native::M0(bytes)),
    method("__reversed__", Native::M0(reversed)),
];

const PROXY_SLOTS: Slots = Slots {
    repr: Some(proxy_repr),
    str: Some(|ctx, x| {
        let x = behind(ctx, x)?;
        protocol::str(ctx, &x)
    }),
    hash: Some(protocol::unhashable),
    compare: Some(|ctx, a, b, op| {
        let (a, b) = (behind(ctx, a)?, behind(ctx, b)?);
        protocol::compare(ctx, &a, &b, op)
    }),
    getattr: Some(|ctx, x, name| {
        let x = behind(ctx, x)?;
        protocol::getattr(ctx, &x, name)
    }),
    setattr: Some(|ctx, x, name, value| {
        let x = behind(ctx, x)?;
        protocol::setattr(ctx, &x, name, value)
    }),
    bool: Some(|ctx, x| {
        let x = behind(ctx, x)?;
        protocol::truth(ctx, &x)
    }),
    len: Some(|ctx, x| {
        let x = behind(ctx, x)?;
        protocol::len(ctx, &x)
    }),
    getitem: Some(|ctx, x, key| {
        let x = behind(ctx, x)?;
        protocol::getitem(ctx, &x, key)
    }),
    setitem: Some(|ctx, x, key, value| {
        let x = behind(ctx, x)?;
        protocol::setitem(ctx, &x, key, value)
    }),
    contains: Some(|ctx, x, value| {
        let x = behind(ctx, x)?;
        protocol::contains(ctx, &x, value)
    }),
    iter: Some(|ctx, x| {
        let x = behind(ctx, x)?;
        protocol::iter(ctx, &x)
    }),
    next: Some(next),
    int: Some(|ctx, x| convert(ctx, x, ids::INT)),
    float: Some(|ctx, x| convert(ctx, x, ids::FLOAT)),
    index: Some(|ctx, x| {
        let x = behind(ctx, x)?;
        protocol::index(ctx, &x)
    }),
    neg: Some(|ctx, x| unary(ctx, x, |slots| slots.neg, "unary -")),
    pos: Some(|ctx, x| unary(ctx, x, |slots| slots.pos, "unary +")),
    abs: Some(|ctx, x| unary(ctx, x, |slots| slots.abs, "abs()")),
    invert: Some(|ctx, x| unary(ctx, x, |slots| slots.invert, "unary ~")),
    add: Some(add),
    iadd: Some(iadd),
    sub: Some(sub),
    isub: Some(isub),
    mul: Some(mul),
    imul: Some(imul),
    truediv: Some(truediv),
    itruediv: Some(itruediv),
    floordiv: Some(floordiv),
    ifloordiv: Some(ifloordiv),
    rem: Some(rem),
    irem: Some(irem),
    lshift: Some(lshift),
    ilshift: Some(ilshift),
    rshift: Some(rshift),
    irshift: Some(irshift),
    and: Some(and),
    iand: Some(iand),
    or: Some(or),
    ior: Some(ior),
    xor: Some(xor),
    ixor: Some(ixor),
    matmul: Some(matmul),
    imatmul: Some(imatmul),
    pow: Some(pow),
    ipow: Some(ipow),
    divmod: Some(divmod),
    ..Slots::NONE
};

const fn proxy_type(id: u32, name: &'static str, slots: Slots) -> TypeDef {
    TypeDef {
        id,
        name,
        base: ids::OBJECT,
        layout: ids::WEAKREF,
        kind: &Body::<PyWeakref>::KIND,
        flags: flag::NO_NEW,
        slots,
        methods: METHODS,
        getset: &[],
        doc: "",
    }
}

/// `weakref.ProxyType`.
pub static WEAK_PROXY: TypeDef = proxy_type(ids::WEAK_PROXY, "weakref.ProxyType", PROXY_SLOTS);
/// `weakref.CallableProxyType`.
pub static WEAK_CALLABLE_PROXY: TypeDef = proxy_type(
    ids::WEAK_CALLABLE_PROXY,
    "weakref.CallableProxyType",
    Slots {
        call: Some(proxy_call),
        ..PROXY_SLOTS
    },
);

/// `weakref.proxy(object, callback=None)`.
pub fn proxy(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let (referent, callback) = parse(ctx, args, "proxy")?;
    let id = if protocol::is_callable(ctx, &referent) {
        ids::WEAK_CALLABLE_PROXY
    } else {
        ids::WEAK_PROXY
    };
    create(ctx, id, &referent, callback)
}
