//! A small Lisp on the kit, without `unsafe` code: closures, tail calls, vectors and hash tables shared by threads.
//!
//! ```sh
//! cargo run --release -p kit-std --example tiny_lisp -- --help
//! ```
//!
//! Source is read as [`Datum`]s, compiled to [`Code`] for a stack machine ([`Op`] lists its operations), and run by a [`Machine`] per thread.
//! A machine keeps an image of the functions it calls by name, as the kit's threads do of code: a call counts nothing that threads share.
#![forbid(unsafe_code)]

mod code;
mod compile;
mod machine;
mod natives;
mod read;

use code::*;
use compile::*;
use kit_derive::Managed;
use kit_std::managed::{
    Ctx, Global, Language, List, Local, NoMemory, Plain, Table, Task, Value, ValueSlot,
};
use machine::*;
use natives::*;
use read::*;
use std::collections::HashMap;
use std::io::{self, BufRead, IsTerminal, Write};
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering::*};
use std::sync::{Arc, Mutex, MutexGuard};

/// A name, and the global variable of that name. The version changes whenever the value does.
#[derive(Managed)]
struct Symbol {
    name: String,
    number: u32,
    value: ValueSlot,
    version: AtomicU32,
}

#[derive(Managed, Default)]
struct Pair {
    first: ValueSlot,
    rest: ValueSlot,
}

#[derive(Managed)]
struct Text {
    text: String,
}

#[derive(Managed, Default)]
struct Vector {
    items: List,
}

/// What identifies a value as a key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Int(i64),
    Symbol(u32),
    Text(String),
}

#[derive(Managed, Default)]
struct Hash {
    entries: Table<Key>,
}

/// A variable that a function uses from outside.
#[derive(Managed, Default)]
struct Cell {
    value: ValueSlot,
}

#[derive(Managed)]
struct Closure {
    code: Plain<Arc<Code>>,
    cells: List,
}

#[derive(Managed)]
struct Native {
    native: Plain<&'static NativeDef>,
}

/// A thread, until somebody joins it; then what it came to.
#[derive(Managed)]
#[managed(name = "task")]
struct Running {
    task: Plain<Mutex<Option<Job>>>,
    result: ValueSlot,
}

type Job = Task<Result<(), String>>;

/// All symbols, by number.
#[derive(Managed, Default)]
struct World {
    symbols: List,
}

const NIL: u8 = 0;
const TRUE: u8 = 1;

fn nil<'a>() -> Value<'a> {
    Value::constant(NIL)
}

fn truth<'a>(yes: bool) -> Value<'a> {
    Value::constant(if yes { TRUE } else { NIL })
}

fn is_nil(value: &Value<'_>) -> bool {
    value.as_constant() == Some(NIL)
}

fn pair<'a>(ctx: &Ctx<'a>, first: Value<'a>, rest: Value<'a>) -> Outcome<'a> {
    let new = ctx.make(Pair::default()).map_err(memory)?;
    Ok(new
        .put(Pair::FIRST, first)
        .put(Pair::REST, rest)
        .finish()
        .into())
}

fn text<'a>(ctx: &Ctx<'a>, text: String) -> Outcome<'a> {
    Ok(ctx.make(Text { text }).map_err(memory)?.finish().into())
}

/// A value, or what went wrong.
type Outcome<'a> = Result<Value<'a>, String>;

fn memory(_: NoMemory) -> String {
    "out of memory".into()
}

/// Runs a program on a new language that collects at every so many safepoints; `show` what its forms come to.
pub fn program(
    source: &mut dyn Iterator<Item = String>,
    out: Box<dyn Write + Send>,
    every: u32,
    show: bool,
) -> Result<usize, String> {
    let language = Language::builder()
        .collect_every(every)
        .build()
        .map_err(|error| error.to_string())?;
    let result = language.attach(|ctx| {
        let world = ctx
            .make(World::default())
            .map_err(memory)?
            .finish()
            .share(ctx);
        let lisp = Arc::new(Lisp {
            language,
            numbers: Mutex::default(),
            names: Mutex::default(),
            world,
            out: Mutex::new(out),
        });
        let mut machine = Machine::new(&lisp, ctx)?;
        for def in NATIVES {
            let native = ctx
                .make(Native { native: Plain(def) })
                .map_err(memory)?
                .finish();
            machine.set_global(ctx, lisp.number(&def.name.into())?, native.into())?;
        }
        let (mut text, mut failed) = (String::new(), Ok(()));
        for line in source {
            text.push_str(&line);
            text.push('\n');
            let mut reader = Reader { rest: &text };
            loop {
                let start = reader.rest;
                let outcome = match reader.next() {
                    Ok(None) => break,
                    Ok(Some(form)) => machine.evaluate(ctx, &form),
                    // More lines may follow.
                    Err(error) if error.ends_with("has no end") => {
                        reader.rest = start;
                        break;
                    }
                    Err(error) => Err(error),
                };
                match outcome {
                    Ok(value) if show => drop(writeln!(
                        locked(&lisp.out),
                        "{}",
                        Machine::show(ctx, &value, 10)
                    )),
                    Ok(_) => {}
                    Err(error) => {
                        drop(writeln!(locked(&lisp.out), "error: {error}"));
                        failed = Err(error);
                    }
                }
            }
            text = reader.rest.to_string();
        }
        if !text.trim().is_empty() {
            failed = Err("the last form has no end".into());
            drop(writeln!(
                locked(&lisp.out),
                "error: the last form has no end"
            ));
        }
        failed
    });
    // What is left are cycles.
    let count = language
        .attach(|ctx| ctx.collect())
        .map_err(|error| error.to_string())?;
    result.map_err(|error| error.to_string())??;
    #[cfg(feature = "stats")]
    return count
        .map(|_| language.live_objects())
        .map_err(|error| error.to_string());
    #[cfg(not(feature = "stats"))]
    count.map(|_| 0).map_err(|error| error.to_string())
}

#[allow(dead_code)]
fn main() -> ExitCode {
    let argument = std::env::args().nth(1);
    let is_file = argument.is_some();
    let is_terminal = io::stdin().is_terminal();
    let mut text = match argument.as_deref() {
        Some("-h" | "--help") => {
            println!(
                "tiny_lisp [FILE]   runs a file, or what comes in; at a terminal, form by form"
            );
            return ExitCode::SUCCESS;
        }
        Some(file) => match std::fs::read_to_string(file) {
            Ok(text) => Some(text),
            Err(error) => {
                eprintln!("{file}: {error}");
                return ExitCode::FAILURE;
            }
        },
        None => None,
    };
    let mut lines = std::iter::from_fn(move || {
        if is_file {
            return text.take();
        }
        if is_terminal {
            print!("> ");
            io::stdout().flush().ok()?;
        }
        io::stdin().lock().lines().next()?.ok()
    });
    // What went wrong was written where it did.
    match program(
        &mut lines,
        Box::new(io::stdout()),
        0,
        is_terminal && !is_file,
    ) {
        Ok(_) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
