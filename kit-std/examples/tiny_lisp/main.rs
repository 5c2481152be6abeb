//! A small Lisp on the kit, without `unsafe` code: closures, tail calls, vectors and hash tables shared by threads.
//!
//! ```sh
//! cargo run --release -p kit-std --example tiny_lisp            # form by form
//! cargo run --release -p kit-std --example tiny_lisp -- FILE
//! ```
//!
//! Source is read as [`Datum`]s, compiled to [`Code`] for a stack machine ([`Op`] lists its operations), and run by a [`Machine`] per thread.
#![forbid(unsafe_code)]

mod code;
mod compile;
mod machine;
mod natives;
mod read;

use code::*;
use compile::compile;
use kit_derive::Managed;
use kit_std::managed::{
    AnyError, Ctx, Language, List, Local, Managed, Place, Plain, Running, Symbol, Symbols, Table,
    Value, ValueSlot, Variables,
};
use machine::*;
use natives::*;
use read::*;
use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal, Write};
use std::ops::{ControlFlow, RangeInclusive};
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::Arc;

type Result<T> = std::result::Result<T, AnyError>;
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
        format!("#({})", all(vector.at(Vector::ITEMS).to_vec(ctx)))
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

/// Runs a program on a new language that collects at every so many safepoints; `show_all`: writes what its forms come to.
pub fn program(
    source: &mut dyn Iterator<Item = String>,
    out: Box<dyn Fn(&str) + Send + Sync>,
    every: u32,
    show_all: bool,
) -> Result<&'static Language> {
    let language = Language::builder().collect_every(every).build()?;
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

// The tests take this file as a module, and start it otherwise.
#[allow(dead_code)]
fn main() -> Result<ExitCode> {
    let file = std::env::args().nth(1);
    let prompts = file.is_none() && io::stdin().is_terminal();
    let input: Box<dyn BufRead> = match file {
        Some(file) => Box::new(BufReader::new(File::open(file)?)),
        None => Box::new(io::stdin().lock()),
    };
    let mut lines = input.lines();
    let mut source = std::iter::from_fn(|| {
        if prompts {
            print!("> ");
            io::stdout().flush().ok()?;
        }
        lines.next()?.ok()
    });
    let done = program(&mut source, Box::new(|text| print!("{text}")), 0, prompts);
    // What went wrong was written where it did.
    Ok(ExitCode::from(u8::from(done.is_err())))
}
