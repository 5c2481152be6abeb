//! The table of operations of a type: what `x + y`, `len(x)`, `x(...)` call.
//!
//! A built-in type fills in the functions it has; a class made by a `class` statement gets, for each
//! special method it defines, a function that looks the method up and calls it
//! ([`super::slot_wrapper`]). Tables are immutable once published; changing a class publishes a new one.

use super::args::Args;
use super::obj::Obj;
use crate::error::PyResult;
use kit_core::thread::Ctx;

/// A comparison.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Comparison {
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `==`
    Eq,
    /// `!=`
    Ne,
    /// `>`
    Gt,
    /// `>=`
    Ge,
}

impl Comparison {
    /// The comparison with its operands exchanged.
    pub fn swapped(self) -> Comparison {
        use Comparison::*;
        match self {
            Lt => Gt,
            Le => Ge,
            Eq => Eq,
            Ne => Ne,
            Gt => Lt,
            Ge => Le,
        }
    }

    /// What the comparison says of an ordering.
    #[inline(always)]
    pub fn holds(self, ordering: core::cmp::Ordering) -> bool {
        use Comparison::*;
        match self {
            Lt => ordering.is_lt(),
            Le => ordering.is_le(),
            Eq => ordering.is_eq(),
            Ne => ordering.is_ne(),
            Gt => ordering.is_gt(),
            Ge => ordering.is_ge(),
        }
    }

    /// The operator as it is written.
    pub fn symbol(self) -> &'static str {
        ["<", "<=", "==", "!=", ">", ">="][self as usize]
    }
}

/// `f(x)`.
pub type Unary = fn(&mut Ctx, &Obj) -> PyResult;
/// `f(x, y)`; may answer `NotImplemented`.
pub type Binary = fn(&mut Ctx, &Obj, &Obj) -> PyResult;
/// `f(x, y, z)`.
pub type Ternary = fn(&mut Ctx, &Obj, &Obj, &Obj) -> PyResult;

macro_rules! slots {
    ($($(#[$doc:meta])* $name:ident: $ty:ty,)*) => {
        /// The operations of a type.
        #[derive(Clone, Copy)]
        pub struct Slots { $($(#[$doc])* pub $name: Option<$ty>,)* }
        impl Slots {
            /// No operations.
            pub const NONE: Slots = Slots { $($name: None,)* };
            /// Fills in every operation that is missing here and present in `base`.
            pub fn inherit(&mut self, base: &Slots) { $(if self.$name.is_none() { self.$name = base.$name; })* }
        }
    };
}

slots! {
    /// `type.__new__`: a new instance of the class (second argument) from the arguments.
    new: fn(&mut Ctx, &Obj, Args<'_>) -> PyResult,
    /// `__init__`.
    init: fn(&mut Ctx, &Obj, Args<'_>) -> PyResult<()>,
    /// `__del__`.
    finalize: fn(&mut Ctx, &Obj) -> PyResult<()>,
    /// `__call__`.
    call: fn(&mut Ctx, &Obj, Args<'_>) -> PyResult,
    /// `repr(x)`.
    repr: Unary,
    /// `str(x)`.
    str: Unary,
    /// `hash(x)`, never −1. A type that defines equality without it is unhashable: [`super::protocol::unhashable`].
    hash: fn(&mut Ctx, &Obj) -> PyResult<i64>,
    /// `x < y` and so on; may answer `NotImplemented`.
    compare: fn(&mut Ctx, &Obj, &Obj, Comparison) -> PyResult,
    /// `x.name`; the name is an interned string.
    getattr: fn(&mut Ctx, &Obj, &Obj) -> PyResult,
    /// `x.name = value`, or deletion.
    setattr: fn(&mut Ctx, &Obj, &Obj, Option<&Obj>) -> PyResult<()>,
    /// `__get__(descriptor, instance or None, owner)`.
    descr_get: fn(&mut Ctx, &Obj, Option<&Obj>, &Obj) -> PyResult,
    /// `__set__` and `__delete__`.
    descr_set: fn(&mut Ctx, &Obj, &Obj, Option<&Obj>) -> PyResult<()>,
    /// `iter(x)`.
    iter: Unary,
    /// `next(x)`: `None` at the end.
    next: fn(&mut Ctx, &Obj) -> PyResult<Option<Obj>>,
    /// `len(x)`.
    len: fn(&mut Ctx, &Obj) -> PyResult<usize>,
    /// `x[key]`.
    getitem: Binary,
    /// `x[key] = value`, or deletion.
    setitem: fn(&mut Ctx, &Obj, &Obj, Option<&Obj>) -> PyResult<()>,
    /// `key in x`.
    contains: fn(&mut Ctx, &Obj, &Obj) -> PyResult<bool>,
    /// `bool(x)`.
    bool: fn(&mut Ctx, &Obj) -> PyResult<bool>,
    /// `int(x)`.
    int: Unary,
    /// `float(x)`.
    float: Unary,
    /// `operator.index(x)`.
    index: Unary,
    /// `-x`.
    neg: Unary,
    /// `+x`.
    pos: Unary,
    /// `abs(x)`.
    abs: Unary,
    /// `~x`.
    invert: Unary,
    /// `x + y`. Binary operations are called with the operands in order, whichever operand's type they belong to.
    add: Binary,
    /// `x - y`.
    sub: Binary,
    /// `x * y`.
    mul: Binary,
    /// `x / y`.
    truediv: Binary,
    /// `x // y`.
    floordiv: Binary,
    /// `x % y`.
    rem: Binary,
    /// `divmod(x, y)`.
    divmod: Binary,
    /// `pow(x, y, z)`; `z` is None for `x ** y`.
    pow: Ternary,
    /// `x << y`.
    lshift: Binary,
    /// `x >> y`.
    rshift: Binary,
    /// `x & y`.
    and: Binary,
    /// `x | y`.
    or: Binary,
    /// `x ^ y`.
    xor: Binary,
    /// `x @ y`.
    matmul: Binary,
    /// `x += y`.
    iadd: Binary,
    /// `x -= y`.
    isub: Binary,
    /// `x *= y`.
    imul: Binary,
    /// `x /= y`.
    itruediv: Binary,
    /// `x //= y`.
    ifloordiv: Binary,
    /// `x %= y`.
    irem: Binary,
    /// `x **= y`.
    ipow: Binary,
    /// `x <<= y`.
    ilshift: Binary,
    /// `x >>= y`.
    irshift: Binary,
    /// `x &= y`.
    iand: Binary,
    /// `x |= y`.
    ior: Binary,
    /// `x ^= y`.
    ixor: Binary,
    /// `x @= y`.
    imatmul: Binary,
    /// Concatenation of sequences, tried after `add` of both operands.
    concat: Binary,
    /// Repetition of sequences, tried after `mul` of both operands: `f(sequence, count)`.
    repeat: Binary,
}
