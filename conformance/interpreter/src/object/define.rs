//! How a built-in type or module is written down: a static [`TypeDef`] with its operations,
//! methods and attributes.

use super::args::Args;
use super::obj::Obj;
use super::slots::Slots;
use crate::error::{PyResult, raise};
use kit_core::object::Kind;
use kit_core::thread::Ctx;

/// A built-in type.
pub struct TypeDef {
    /// Its id ([`super::ids`]).
    pub id: u32,
    /// Its name; with dots, module and name (`"collections.deque"`).
    pub name: &'static str,
    /// Id of its base.
    pub base: u32,
    /// The id of the built-in type whose body its instances have (its own, as a rule).
    pub layout: u32,
    /// The functions of its instances' kind.
    pub kind: &'static Kind,
    /// See [`flag`].
    pub flags: u32,
    /// Its operations; what is missing is inherited.
    pub slots: Slots,
    /// Its methods.
    pub methods: &'static [Method],
    /// Its computed attributes.
    pub getset: &'static [GetSet],
    /// Its docstring.
    pub doc: &'static str,
}

/// Flags of a type.
pub mod flag {
    /// Classes may derive from it.
    pub const BASE: u32 = 1 << 1;
    /// Instances have a `__dict__`.
    pub const DICT: u32 = 1 << 2;
    /// Matches sequence patterns.
    pub const SEQUENCE: u32 = 1 << 3;
    /// Matches mapping patterns.
    pub const MAPPING: u32 = 1 << 4;
    /// `Class(x)` patterns match the subject itself (int, str, ...).
    pub const MATCH_SELF: u32 = 1 << 5;
    /// `__new__` may not be called: instances come from elsewhere.
    pub const NO_NEW: u32 = 1 << 6;
    /// Attributes of the class itself cannot be assigned.
    pub const IMMUTABLE: u32 = 1 << 7;
    /// `TPFLAGS_METHOD_DESCRIPTOR`: calling through the class passes the instance first.
    pub const METHOD: u32 = 1 << 8;
    /// Instances can be referred to weakly.
    pub const WEAKREF: u32 = 1 << 9;
    /// Has `__abstractmethods__`: no instances.
    pub const ABSTRACT: u32 = 1 << 10;
    /// The resolution order names a class that it does not derive from, whose changes it is not told of: no cache trusts it.
    pub const STRANGERS: u32 = 1 << 11;
}

/// How a native method takes its arguments. `self` comes first.
#[derive(Clone, Copy)]
pub enum Native {
    /// No arguments.
    M0(fn(&mut Ctx, &Obj) -> PyResult),
    /// Exactly one.
    M1(fn(&mut Ctx, &Obj, &Obj) -> PyResult),
    /// Positional ones, between these bounds.
    MN(usize, usize, fn(&mut Ctx, &Obj, &[Obj]) -> PyResult),
    /// Anything.
    MA(fn(&mut Ctx, &Obj, Args<'_>) -> PyResult),
    /// A special method without arguments which no operation of [`Slots`] stands behind.
    S0(fn(&mut Ctx, &Obj) -> PyResult),
    /// As [`Native::S0`], with exactly one.
    S1(fn(&mut Ctx, &Obj, &Obj) -> PyResult),
    /// A class method that takes anything: `self` is the class.
    C(fn(&mut Ctx, &Obj, Args<'_>) -> PyResult),
    /// A class method with exactly one argument.
    C1(fn(&mut Ctx, &Obj, &Obj) -> PyResult),
    /// A static method, or a function of a module, that takes anything: no `self`.
    F(fn(&mut Ctx, Args<'_>) -> PyResult),
    /// A function of positional arguments, between these bounds.
    FN(usize, usize, fn(&mut Ctx, &[Obj]) -> PyResult),
    /// A function with exactly one positional argument.
    F1(fn(&mut Ctx, &Obj) -> PyResult),
}

/// A native method or function.
pub struct Method {
    /// Its name.
    pub name: &'static str,
    /// Its code.
    pub native: Native,
    /// Its docstring; a first line like `name($self, x, /)` followed by `--` is its text signature.
    pub doc: &'static str,
}

/// A method.
pub const fn method(name: &'static str, native: Native) -> Method {
    Method {
        name,
        native,
        doc: "",
    }
}

/// Assigns an attribute, or deletes it when there is no value.
pub type Setter = fn(&mut Ctx, &Obj, Option<&Obj>) -> PyResult<()>;

/// A computed attribute.
pub struct GetSet {
    /// Its name.
    pub name: &'static str,
    /// Reads it.
    pub get: fn(&mut Ctx, &Obj) -> PyResult,
    /// Assigns or deletes it; `None` for a read-only one.
    pub set: Option<Setter>,
    /// Whether it is a field of the object: a `member_descriptor`.
    pub member: bool,
}

/// A read-only computed attribute.
pub const fn getter(name: &'static str, get: fn(&mut Ctx, &Obj) -> PyResult) -> GetSet {
    GetSet {
        name,
        get,
        set: None,
        member: false,
    }
}

/// A read-only attribute that is a field of the object.
pub const fn member(name: &'static str, get: fn(&mut Ctx, &Obj) -> PyResult) -> GetSet {
    GetSet {
        name,
        get,
        set: Some(refuse),
        member: true,
    }
}

/// A field of the object that programs may assign.
pub const fn open_member(
    name: &'static str,
    get: fn(&mut Ctx, &Obj) -> PyResult,
    set: Setter,
) -> GetSet {
    GetSet {
        name,
        get,
        set: Some(set),
        member: true,
    }
}

fn refuse(ctx: &mut Ctx, _: &Obj, _: Option<&Obj>) -> PyResult<()> {
    Err(raise!(ctx, AttributeError, "readonly attribute"))
}

/// A module written in Rust.
pub struct ModuleDef {
    /// Its name.
    pub name: &'static str,
    /// Its functions.
    pub functions: &'static [Method],
    /// Its types, which appear in it under their names.
    pub types: &'static [&'static TypeDef],
    /// Adds the rest (constants and the like) to the new module.
    pub populate: fn(&mut Ctx, &Obj) -> PyResult<()>,
    /// Its docstring.
    pub doc: &'static str,
}
