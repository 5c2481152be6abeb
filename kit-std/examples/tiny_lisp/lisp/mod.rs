//! The language. It needs `alloc`, and no system: the image that boots (`conformance/bare`) has it too.
//!
//! Source is read as [`Datum`]s, compiled to [`Code`] for a stack machine ([`Op`] lists its operations), and run by a [`Machine`] per thread.

extern crate alloc;

mod code;
mod compile;
mod machine;
mod natives;
mod read;

use alloc::{boxed::Box, format, rc::Rc, string::*, sync::Arc, vec, vec::Vec};
use code::*;
use compile::compile;
use core::ops::{ControlFlow, RangeInclusive};
use kit_derive::Managed;
use kit_std::managed::{
    AnyError, Builder, Ctx, Language, List, Local, Managed, Place, Plain, Running, Symbol, Symbols,
    Table, Value, ValueSlot, Variables,
};
use {machine::*, natives::*, read::*};

type Result<T> = core::result::Result<T, AnyError>;
type Outcome<'a> = Result<Value<'a>>;

#[derive(Managed, Default)]
struct Pair {
    first: ValueSlot,
    rest: ValueSlot,
}

#[derive(Managed)]
struct Text {
    text: Plain<Arc<str>>,
}

#[derive(Managed, Default)]
struct Vector {
    items: List,
}

#[derive(Managed, Default)]
struct Hash {
    entries: Table<String>,
}

#[derive(Managed)]
struct Closure {
    code: Plain<Arc<Code>>,
    captured: List,
}

#[derive(Managed)]
struct Native {
    def: Plain<&'static NativeDef>,
}

fn new<'a, T: Managed>(ctx: &Ctx<'a>, body: T) -> Result<Local<'a, T>> {
    Ok(ctx.make(body)?.finish())
}

fn closure<'a>(ctx: &Ctx<'a>, code: Arc<Code>, values: &[Value<'a>]) -> Outcome<'a> {
    let (code, captured) = (Plain(code), List::new());
    let closure = ctx.make(Closure { code, captured })?;
    Ok(closure.put_all(Closure::CAPTURED, values)?.finish().into())
}

fn nil<'a>() -> Value<'a> {
    Value::constant(0)
}

fn truth<'a>(yes: bool) -> Value<'a> {
    Value::constant(yes.into())
}

fn is_nil(value: &Value<'_>) -> bool {
    value.same(&nil())
}

fn int<'a>(value: Option<i64>) -> Outcome<'a> {
    let value = value.and_then(Value::try_int);
    value.ok_or_else(|| "the integer is too large".into())
}

fn pair<'a>(ctx: &Ctx<'a>, first: Value<'a>, rest: Value<'a>) -> Outcome<'a> {
    let pair = ctx.make(Pair::default())?.put(Pair::FIRST, first);
    Ok(pair.put(Pair::REST, rest).finish().into())
}

fn list<'a>(ctx: &Ctx<'a>, items: Vec<Value<'a>>) -> Outcome<'a> {
    let mut items = items.into_iter().rev();
    items.try_fold(nil(), |rest, item| pair(ctx, item, rest))
}

/// How a value is written; not further down than `depth`, nor further on than a hundred items.
fn show<'a>(ctx: &Ctx<'a>, value: &Value<'a>, depth: usize) -> String {
    let all = |items: Vec<Value<'a>>| {
        let items = items.iter().map(|item| show(ctx, item, depth - 1));
        items.collect::<Vec<_>>().join(" ")
    };
    if depth == 0 {
        "...".into()
    } else if let Some(value) = value.as_int() {
        value.to_string()
    } else if let Some(constant) = value.as_constant() {
        ["nil", "t"][usize::from(constant)].into()
    } else if let Some(symbol) = value.downcast_ref::<Symbol>() {
        symbol.name().into()
    } else if let Some(text) = value.downcast_ref::<Text>() {
        format!("\"{}\"", *text.text)
    } else if let Some(vector) = value.downcast_ref::<Vector>() {
        let items = vector.at(Vector::ITEMS).to_vec(ctx);
        items.map_or("#(...)".into(), |items| format!("#({})", all(items)))
    } else if value.is::<Pair>() {
        let (mut items, mut rest) = (Vec::new(), value.clone());
        while let Some(pair) = rest.downcast_ref::<Pair>().cloned() {
            if items.len() == 100 {
                return format!("({} ...)", all(items));
            }
            items.push(pair.at(Pair::FIRST).get(ctx));
            rest = pair.at(Pair::REST).get(ctx);
        }
        match is_nil(&rest) {
            true => format!("({})", all(items)),
            false => format!("({} . {})", all(items), show(ctx, &rest, depth - 1)),
        }
    } else {
        format!("#<{}>", ctx.type_name(value).unwrap_or("nothing"))
    }
}

/// Runs a program on a new language; `show_all`: writes what its forms come to.
pub fn program(
    language: Builder,
    source: &mut dyn Iterator<Item = String>,
    out: Box<dyn Fn(&str) + Send + Sync>,
    show_all: bool,
) -> Result<&'static Language> {
    let language = language.build()?;
    let result = language.attach(|ctx| {
        let symbols = Arc::default();
        let mut machine = Machine::new(Arc::new(Lisp { symbols, out }));
        machine.define(ctx, "t", truth(true))?;
        for def in NATIVES {
            let native = new(ctx, Native { def: Plain(def) })?;
            machine.define(ctx, def.0, native.into())?;
        }
        machine.forms(ctx, source, show_all)
    })?;
    // What is left are cycles.
    language.attach(|ctx| ctx.collect())??;
    result.map(|()| language)
}
