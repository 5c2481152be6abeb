//! A small Lisp on the kit, without `unsafe` code: closures, tail calls, vectors and hash tables shared by threads.
//!
//! ```sh
//! cargo run --release -p kit-std --example tiny_lisp -- --help
//! ```
//!
//! Source is read as [`Datum`]s, compiled to [`Code`] for a stack machine ([`Op`] lists its operations), and run by a [`Machine`] per thread.
//! A machine keeps an image of the functions it calls by name, as the kit's threads do of code: a call counts nothing that threads share.
#![forbid(unsafe_code)]

use kit_derive::Managed;
use kit_std::managed::{
    Ctx, Global, Language, List, Local, NoMemory, Plain, Table, Task, Value, ValueSlot,
};
use std::collections::HashMap;
use std::io::{self, BufRead, IsTerminal, Write};
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering::*};
use std::sync::{Arc, Mutex, MutexGuard};

// ---- Objects ----

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

// ---- Reading ----

/// Source, as data.
#[derive(Clone, Debug, PartialEq)]
enum Datum {
    Int(i64),
    Symbol(Arc<str>),
    Text(Arc<str>),
    List(Arc<[Datum]>),
}

fn is_name(datum: &Datum, name: &str) -> bool {
    matches!(datum, Datum::Symbol(found) if **found == *name)
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
        while self.rest.starts_with(';') {
            let end = self.rest.find('\n').unwrap_or(self.rest.len());
            self.rest = self.rest[end..].trim_start();
        }
    }

    /// The next datum; `None` at the end.
    fn next(&mut self) -> Result<Option<Datum>, String> {
        // Lists that are open, and whether each is a quotation.
        let mut open: Vec<(Vec<Datum>, bool)> = Vec::new();
        loop {
            self.skip();
            let Some(first) = self.rest.chars().next() else {
                return if open.is_empty() {
                    Ok(None)
                } else {
                    Err("a list has no end".into())
                };
            };
            let mut found = match first {
                '(' => {
                    self.rest = &self.rest[1..];
                    open.push((Vec::new(), false));
                    continue;
                }
                '\'' => {
                    self.rest = &self.rest[1..];
                    open.push((vec![Datum::Symbol("quote".into())], true));
                    continue;
                }
                ')' => {
                    self.rest = &self.rest[1..];
                    match open.pop() {
                        Some((items, false)) => Datum::List(items.into()),
                        _ => return Err("a `)` too many".into()),
                    }
                }
                '"' => {
                    let (text, rest) = self.rest[1..].split_once('"').ok_or("a text has no end")?;
                    self.rest = rest;
                    Datum::Text(text.into())
                }
                _ => {
                    let is_end = |c: char| c.is_whitespace() || "()'\";".contains(c);
                    let (word, rest) = self
                        .rest
                        .split_at(self.rest.find(is_end).unwrap_or(self.rest.len()));
                    self.rest = rest;
                    word.parse()
                        .map_or_else(|_| Datum::Symbol(word.into()), Datum::Int)
                }
            };
            loop {
                match open.last_mut() {
                    None => return Ok(Some(found)),
                    Some((items, quotes)) => {
                        items.push(found);
                        if !*quotes {
                            break;
                        }
                    }
                }
                let (items, _) = open.pop().expect("just looked at");
                found = Datum::List(items.into());
            }
        }
    }
}

// ---- Code ----

macro_rules! operations {
    ($($name:ident $doc:literal)*) => {
        /// The operations. A unit of code is one in its low byte, and its operand in the other three.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        enum Op {
            $(#[doc = $doc] $name),*
        }

        /// The same by number, with what they do.
        const OPERATIONS: &[(Op, &str)] = &[$((Op::$name, $doc)),*];
    };
}

operations! {
    Int "Pushes the small integer that the operand is."
    Constant "Pushes a constant of the code."
    Nil "Pushes nil."
    True "Pushes t."
    Local "Pushes a local."
    SetLocal "Stores the top of the stack in a local."
    Box "Puts a local into a new cell, which takes its place."
    BoxLocal "Pushes what is in the cell that is a local."
    SetBoxLocal "Stores the top of the stack in the cell that is a local."
    Free "Pushes what is in a cell of the function."
    SetFree "Stores the top of the stack in a cell of the function."
    FreeCell "Pushes a cell of the function."
    Global "Pushes a global variable."
    SetGlobal "Stores the top of the stack in a global variable."
    Jump "Goes on at the operand."
    JumpIfNil "Pops a value; goes on at the operand if it is nil."
    Pop "Drops the top of the stack."
    Slide "Drops so many values below the top of the stack."
    Closure "Pops the cells of a function; pushes the function."
    Call "Calls a function below so many arguments."
    TailCall "The same, in place of the running function."
    CallGlobal "Calls the function in a global variable (low 16 bits) with so many arguments (high 8)."
    TailCallGlobal "The same, in place of the running function."
    Return "Returns the top of the stack."
    Add "Adds two integers."
    Subtract "Subtracts two integers."
    Multiply "Multiplies two integers."
    Less "Compares two integers."
    Same "Whether two values are one."
    First "The first of a pair."
    Rest "The rest of a pair."
    Pair "Makes a pair."
}

/// What is compiled at once if it has so many arguments and no variable hides it.
const DIRECT: &[(&str, usize, Op)] = &[
    ("+", 2, Op::Add),
    ("-", 2, Op::Subtract),
    ("*", 2, Op::Multiply),
    ("<", 2, Op::Less),
    ("eq?", 2, Op::Same),
    ("car", 1, Op::First),
    ("cdr", 1, Op::Rest),
    ("cons", 2, Op::Pair),
];

/// A function as compiled. Threads share it.
#[derive(Debug, Default)]
struct Code {
    units: Vec<u32>,
    constants: Vec<Datum>,
    /// The functions made in here, and how many cells each takes.
    inner: Vec<(Arc<Code>, usize)>,
    parameters: usize,
    /// Whether the last parameter takes all further arguments, as a list.
    gathers: bool,
}

impl Code {
    fn list(&self, out: &mut String) {
        for (at, unit) in self.units.iter().enumerate() {
            let (op, doc) = OPERATIONS[usize::from(*unit as u8)];
            *out += &format!("{at:4} {:16} {:8}  ; {doc}\n", format!("{op:?}"), unit >> 8);
        }
        self.inner.iter().for_each(|(inner, _)| {
            *out += "function\n";
            inner.list(out);
        });
    }
}

struct Variable {
    name: Arc<str>,
    slot: usize,
    boxed: bool,
}

/// One function while it is being compiled.
#[derive(Default)]
struct Scope {
    code: Code,
    locals: Vec<Variable>,
    free: Vec<Arc<str>>,
    /// Values on the stack.
    depth: usize,
}

enum Place {
    Local(usize, bool),
    Free(usize),
    Global,
}

struct Compiler<'l> {
    lisp: &'l Lisp,
    scopes: Vec<Scope>,
}

/// Whether a function inside of these forms mentions the name.
fn is_captured(forms: &[Datum], name: &str, inside: bool) -> bool {
    forms.iter().any(|form| match form {
        Datum::List(items) => {
            let named_let = items.len() > 2
                && is_name(&items[0], "let")
                && matches!(items[1], Datum::Symbol(_));
            let function = items
                .first()
                .is_some_and(|first| is_name(first, "lambda") || is_name(first, "define"));
            is_captured(items, name, inside || function || named_let)
        }
        form => inside && is_name(form, name),
    })
}

impl Compiler<'_> {
    fn scope(&mut self) -> &mut Scope {
        self.scopes.last_mut().expect("one is being compiled")
    }

    fn emit(&mut self, op: Op, operand: usize, effect: isize) -> Result<usize, String> {
        if operand >= 1 << 24 {
            return Err("the program is too large".into());
        }
        let scope = self.scope();
        scope.depth = scope.depth.wrapping_add_signed(effect);
        scope.code.units.push(op as u32 | (operand as u32) << 8);
        Ok(scope.code.units.len() - 1)
    }

    /// Makes a jump go to what is compiled next.
    fn land(&mut self, jump: usize) {
        let code = &mut self.scope().code;
        let here = code.units.len() as u32;
        code.units[jump] = code.units[jump] & 0xff | here << 8;
    }

    fn find(&mut self, name: &Arc<str>) -> Place {
        self.find_in(self.scopes.len() - 1, name)
    }

    fn find_in(&mut self, level: usize, name: &Arc<str>) -> Place {
        let scope = &self.scopes[level];
        if let Some(local) = scope.locals.iter().rev().find(|local| local.name == *name) {
            return Place::Local(local.slot, local.boxed);
        }
        if let Some(index) = scope.free.iter().position(|free| free == name) {
            return Place::Free(index);
        }
        if level == 0 || matches!(self.find_in(level - 1, name), Place::Global) {
            return Place::Global;
        }
        self.scopes[level].free.push(name.clone());
        Place::Free(self.scopes[level].free.len() - 1)
    }

    /// Compiles a form: its value is pushed, or returned if `tail`.
    fn form(&mut self, form: &Datum, tail: bool) -> Result<(), String> {
        match form {
            Datum::Int(value) if (0..1 << 24).contains(value) => {
                self.emit(Op::Int, *value as usize, 1).map(drop)?
            }
            Datum::Int(_) | Datum::Text(_) => self.constant(form)?,
            Datum::Symbol(name) => match (&**name, self.find(name)) {
                ("nil", Place::Global) => drop(self.emit(Op::Nil, 0, 1)?),
                ("t", Place::Global) => drop(self.emit(Op::True, 0, 1)?),
                (_, Place::Local(slot, false)) => drop(self.emit(Op::Local, slot, 1)?),
                (_, Place::Local(slot, true)) => drop(self.emit(Op::BoxLocal, slot, 1)?),
                (_, Place::Free(index)) => drop(self.emit(Op::Free, index, 1)?),
                (_, Place::Global) => drop(self.emit(Op::Global, self.lisp.number(name)?, 1)?),
            },
            Datum::List(items) if items.is_empty() => drop(self.emit(Op::Nil, 0, 1)?),
            Datum::List(items) => return self.list(items, tail),
        }
        self.finish(tail)
    }

    /// What was compiled has pushed its value.
    fn finish(&mut self, tail: bool) -> Result<(), String> {
        if tail {
            self.emit(Op::Return, 0, 0)?;
        }
        Ok(())
    }

    fn constant(&mut self, datum: &Datum) -> Result<(), String> {
        let constants = &mut self.scope().code.constants;
        constants.push(datum.clone());
        let index = constants.len() - 1;
        self.emit(Op::Constant, index, 1).map(drop)
    }

    fn body(&mut self, forms: &[Datum], tail: bool) -> Result<(), String> {
        let Some((last, before)) = forms.split_last() else {
            self.emit(Op::Nil, 0, 1)?;
            return self.finish(tail);
        };
        for form in before {
            self.form(form, false)?;
            self.emit(Op::Pop, 0, -1)?;
        }
        self.form(last, tail)
    }

    fn list(&mut self, items: &[Datum], tail: bool) -> Result<(), String> {
        let name = match &items[0] {
            Datum::Symbol(name) if matches!(self.find(name), Place::Global) => name.clone(),
            _ => return self.call(items, tail),
        };
        match (&*name, &items[1..]) {
            ("quote", [datum]) => self.constant(datum)?,
            ("if", [test, then, otherwise @ ..]) if otherwise.len() < 2 => {
                self.form(test, false)?;
                let no = self.emit(Op::JumpIfNil, 0, -1)?;
                self.form(then, tail)?;
                let end = self.emit(Op::Jump, 0, -1)?;
                self.land(no);
                self.body(otherwise, tail)?;
                self.land(end);
                return Ok(());
            }
            ("and" | "or", [form]) => return self.form(form, tail),
            ("and", [first, rest @ ..]) => {
                let rest = Datum::form("and", rest);
                return self.form(&Datum::form("if", &[first.clone(), rest]), tail);
            }
            ("or", [first, rest @ ..]) => {
                let (value, rest) = (Datum::Symbol(" ".into()), Datum::form("or", rest));
                let test = Datum::form("if", &[value.clone(), value.clone(), rest]);
                let binding = Datum::List([value, first.clone()].into());
                return self.bind(&[binding], &[test], tail);
            }
            ("begin", forms) => return self.body(forms, tail),
            ("define", [Datum::List(head), forms @ ..]) if !head.is_empty() => {
                self.lambda(&head[1..], forms)?;
                self.assign(&head[0], true)?;
            }
            ("define" | "set!", [target, value]) => {
                self.form(value, false)?;
                self.assign(target, *name == *"define")?;
            }
            ("lambda", [Datum::List(parameters), forms @ ..]) => self.lambda(parameters, forms)?,
            ("let", [Datum::List(bindings), forms @ ..]) => {
                return self.bind(bindings, forms, tail);
            }
            ("let", [Datum::Symbol(own), Datum::List(bindings), forms @ ..]) => {
                // (let ((own nil)) (set! own (lambda names forms...)) (own values...))
                let [names, values] =
                    [0, 1].map(|at| bindings.iter().map(move |b| Datum::part(b, at)));
                let (names, values): (Result<Vec<_>, _>, Result<Vec<_>, _>) =
                    (names.collect(), values.collect());
                let own = Datum::Symbol(own.clone());
                let function = [&[Datum::List(names?.into())], forms].concat();
                let set = Datum::form("set!", &[own.clone(), Datum::form("lambda", &function)]);
                let call = [vec![own.clone()], values?].concat();
                let binding = Datum::List([own, Datum::List([].into())].into());
                return self.bind(&[binding], &[set, Datum::List(call.into())], tail);
            }
            ("quote" | "if" | "define" | "set!" | "lambda" | "let", _) => {
                return Err(format!("`{name}` is written wrongly"));
            }
            (_, arguments) => match DIRECT
                .iter()
                .find(|(direct, count, _)| *direct == &*name && *count == arguments.len())
            {
                None => return self.call(items, tail),
                Some(&(_, count, op)) => {
                    arguments
                        .iter()
                        .try_for_each(|argument| self.form(argument, false))?;
                    self.emit(op, 0, 1 - count as isize)?;
                }
            },
        }
        self.finish(tail)
    }

    fn assign(&mut self, target: &Datum, define: bool) -> Result<(), String> {
        let Datum::Symbol(name) = target else {
            return Err("only a name can be given a value".into());
        };
        match self.find(name) {
            _ if define => drop(self.emit(Op::SetGlobal, self.lisp.number(name)?, 0)?),
            Place::Local(slot, false) => drop(self.emit(Op::SetLocal, slot, 0)?),
            Place::Local(slot, true) => drop(self.emit(Op::SetBoxLocal, slot, 0)?),
            Place::Free(index) => drop(self.emit(Op::SetFree, index, 0)?),
            Place::Global => drop(self.emit(Op::SetGlobal, self.lisp.number(name)?, 0)?),
        }
        Ok(())
    }

    fn bind(&mut self, bindings: &[Datum], forms: &[Datum], tail: bool) -> Result<(), String> {
        let from = self.scope().depth;
        let mut names = Vec::new();
        for binding in bindings {
            let Datum::Symbol(name) = Datum::part(binding, 0)? else {
                return Err("only a name can be bound".into());
            };
            self.form(&Datum::part(binding, 1)?, false)?;
            names.push(name);
        }
        let before = self.scope().locals.len();
        for (index, name) in names.into_iter().enumerate() {
            self.local(name, from + index, forms)?;
        }
        self.body(forms, tail)?;
        self.scope().locals.truncate(before);
        self.emit(Op::Slide, bindings.len(), -(bindings.len() as isize))
            .map(drop)
    }

    fn local(&mut self, name: Arc<str>, slot: usize, forms: &[Datum]) -> Result<(), String> {
        let boxed = is_captured(forms, &name, false);
        if boxed {
            self.emit(Op::Box, slot, 0)?;
        }
        self.scope().locals.push(Variable { name, slot, boxed });
        Ok(())
    }

    fn lambda(&mut self, parameters: &[Datum], forms: &[Datum]) -> Result<(), String> {
        self.scopes.push(Scope::default());
        let mut names = Vec::new();
        for parameter in parameters {
            match parameter {
                Datum::Symbol(name) if **name == *"." => self.scope().code.gathers = true,
                Datum::Symbol(name) => names.push(name.clone()),
                _ => return Err("a parameter is a name".into()),
            }
        }
        self.scope().code.parameters = names.len();
        self.scope().depth = names.len();
        for (slot, name) in names.into_iter().enumerate() {
            self.local(name, slot, forms)?;
        }
        self.body(forms, true)?;
        let scope = self.scopes.pop().expect("pushed above");
        for name in &scope.free {
            match self.find(name) {
                Place::Local(slot, _) => self.emit(Op::Local, slot, 1)?,
                Place::Free(index) => self.emit(Op::FreeCell, index, 1)?,
                Place::Global => return Err(format!("`{name}` is lost")),
            };
        }
        let count = scope.free.len();
        let inner = &mut self.scope().code.inner;
        inner.push((Arc::new(scope.code), count));
        let index = inner.len() - 1;
        self.emit(Op::Closure, index, 1 - count as isize).map(drop)
    }

    fn call(&mut self, items: &[Datum], tail: bool) -> Result<(), String> {
        let count = items.len() - 1;
        let global = match &items[0] {
            Datum::Symbol(name) if matches!(self.find(name), Place::Global) => {
                Some(self.lisp.number(name)?)
            }
            _ => None,
        };
        if let Some(number) = global.filter(|&number| number < 1 << 16 && count < 1 << 8) {
            items[1..]
                .iter()
                .try_for_each(|argument| self.form(argument, false))?;
            let op = if tail {
                Op::TailCallGlobal
            } else {
                Op::CallGlobal
            };
            return self
                .emit(op, number | count << 16, 1 - count as isize)
                .map(drop);
        }
        items.iter().try_for_each(|item| self.form(item, false))?;
        let op = if tail { Op::TailCall } else { Op::Call };
        self.emit(op, count, -(count as isize)).map(drop)
    }
}

impl Datum {
    fn form(name: &str, rest: &[Datum]) -> Datum {
        Datum::List([&[Datum::Symbol(name.into())], rest].concat().into())
    }

    fn part(binding: &Datum, at: usize) -> Result<Datum, String> {
        match binding {
            Datum::List(parts) if parts.len() == 2 => Ok(parts[at].clone()),
            _ => Err("a binding is a name and a value".into()),
        }
    }
}

// ---- Running ----

/// What the threads of one program share.
struct Lisp {
    language: &'static Language,
    numbers: Mutex<HashMap<Arc<str>, usize>>,
    names: Mutex<Vec<Arc<str>>>,
    world: Global,
    out: Mutex<Box<dyn Write + Send>>,
}

/// A lock that is not poisoned by what a thread panicked with.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

impl Lisp {
    /// The number of a name.
    fn number(&self, name: &Arc<str>) -> Result<usize, String> {
        let mut numbers = locked(&self.numbers);
        let count = numbers.len();
        Ok(*numbers.entry(name.clone()).or_insert_with(|| {
            locked(&self.names).push(name.clone());
            count
        }))
    }
}

/// A function as a machine calls it.
struct Function<'a> {
    closure: Local<'a, Closure>,
    code: Arc<Code>,
}

struct Frame<'a> {
    function: Rc<Function<'a>>,
    at: usize,
    base: usize,
}

/// Runs code on one thread.
struct Machine<'a> {
    lisp: Arc<Lisp>,
    world: Local<'a, World>,
    symbols: Vec<Local<'a, Symbol>>,
    /// The functions that were called by name, with the version of the variable.
    images: Vec<Option<(u32, Rc<Function<'a>>)>>,
    stack: Vec<Value<'a>>,
    frames: Vec<Frame<'a>>,
}

const DEEPEST: usize = 100_000;

impl<'a> Machine<'a> {
    fn new(lisp: &Arc<Lisp>, ctx: &Ctx<'a>) -> Result<Machine<'a>, String> {
        let world = lisp.world.get(ctx).map_err(|error| error.to_string())?;
        Ok(Machine {
            lisp: lisp.clone(),
            world: world.downcast().map_err(|_| "no world")?,
            symbols: Vec::new(),
            images: Vec::new(),
            stack: Vec::new(),
            frames: Vec::new(),
        })
    }

    fn symbol(&mut self, ctx: &Ctx<'a>, number: usize) -> Result<&Local<'a, Symbol>, String> {
        if number >= self.symbols.len() {
            // One thread makes symbols at a time.
            let names = locked(&self.lisp.names);
            let symbols = self.world.at(World::SYMBOLS);
            for number in symbols.len(ctx)..names.len() {
                let body = Symbol {
                    name: names[number].to_string(),
                    number: number as u32,
                    value: ValueSlot::new(),
                    version: AtomicU32::new(0),
                };
                let symbol = ctx.make(body).map_err(memory)?.finish();
                symbols.push(ctx, symbol.into()).map_err(memory)?;
            }
            let known = symbols.to_vec(ctx).into_iter().skip(self.symbols.len());
            self.symbols
                .extend(known.filter_map(|symbol| symbol.downcast().ok()));
        }
        self.symbols
            .get(number)
            .ok_or_else(|| "no such symbol".into())
    }

    fn set_global(&mut self, ctx: &Ctx<'a>, number: usize, value: Value<'a>) -> Result<(), String> {
        let symbol = self.symbol(ctx, number)?;
        symbol.at(Symbol::VALUE).set(ctx, value);
        // Release, paired with `image`: who sees the version sees the value.
        symbol.version.fetch_add(1, Release);
        Ok(())
    }

    fn global(&mut self, ctx: &Ctx<'a>, number: usize) -> Outcome<'a> {
        let symbol = self.symbol(ctx, number)?;
        let value = symbol.at(Symbol::VALUE).get(ctx);
        if value.is_nothing() {
            Err(format!("`{}` has no value", symbol.name))
        } else {
            Ok(value)
        }
    }

    /// The function in a global variable, if it is one of Lisp.
    fn image(&mut self, ctx: &Ctx<'a>, number: usize) -> Result<Option<Rc<Function<'a>>>, String> {
        // Acquire, paired with `set_global`.
        let version = self.symbol(ctx, number)?.version.load(Acquire);
        match self.images.get(number) {
            Some(Some((seen, function))) if *seen == version => return Ok(Some(function.clone())),
            _ => {}
        }
        let Ok(closure) = self.global(ctx, number)?.downcast::<Closure>() else {
            return Ok(None);
        };
        let function = Rc::new(Function {
            code: closure.code.0.clone(),
            closure,
        });
        self.images
            .resize_with(self.images.len().max(number + 1), || None);
        self.images[number] = Some((version, function.clone()));
        Ok(Some(function))
    }

    fn pop(&mut self) -> Value<'a> {
        self.stack
            .pop()
            .expect("the compiler counts what is on the stack")
    }

    fn datum(&mut self, ctx: &Ctx<'a>, datum: &Datum) -> Outcome<'a> {
        match datum {
            Datum::Int(value) => int(Some(*value)),
            Datum::Text(value) => text(ctx, value.to_string()),
            Datum::Symbol(name) if **name == *"nil" => Ok(nil()),
            Datum::Symbol(name) if **name == *"t" => Ok(truth(true)),
            Datum::Symbol(name) => {
                let number = self.lisp.number(name)?;
                Ok(self.symbol(ctx, number)?.clone().into())
            }
            Datum::List(items) => items.iter().rev().try_fold(nil(), |rest, item| {
                let first = self.datum(ctx, item)?;
                pair(ctx, first, rest)
            }),
        }
    }

    /// Begins a call of what has its arguments on the stack.
    fn enter(
        &mut self,
        ctx: &mut Ctx<'a>,
        function: Rc<Function<'a>>,
        count: usize,
        tail: bool,
    ) -> Result<(), String> {
        ctx.poll();
        let wanted = function.code.parameters;
        if function.code.gathers && count + 1 >= wanted {
            let more = self.stack.split_off(self.stack.len() + wanted - 1 - count);
            self.stack.push(list(ctx, more)?);
        } else if count != wanted {
            return Err(format!("{count} arguments for a function of {wanted}"));
        }
        let mut base = self.stack.len() - wanted;
        if tail && let Some(frame) = self.frames.pop() {
            self.stack.drain(frame.base..base);
            base = frame.base;
        }
        if self.frames.len() == DEEPEST {
            return Err("calls are too deep".into());
        }
        self.frames.push(Frame {
            function,
            at: 0,
            base,
        });
        Ok(())
    }

    /// Calls any value.
    fn call(
        &mut self,
        ctx: &mut Ctx<'a>,
        callee: Value<'a>,
        count: usize,
        tail: bool,
    ) -> Result<(), String> {
        match callee.downcast::<Closure>() {
            Ok(closure) => {
                let function = Rc::new(Function {
                    code: closure.code.0.clone(),
                    closure,
                });
                self.enter(ctx, function, count, tail)
            }
            Err(callee) => {
                let native = callee
                    .downcast_ref::<Native>()
                    .ok_or("this is no function")?
                    .native
                    .0;
                let arguments = self.stack.split_off(self.stack.len() - count);
                if count < native.least || count > native.most {
                    return Err(format!("{count} arguments for `{}`", native.name));
                }
                let value = (native.body)(self, ctx, &arguments)?;
                self.stack.push(value);
                if tail {
                    self.leave()
                }
                Ok(())
            }
        }
    }

    /// Returns what is on top of the stack.
    fn leave(&mut self) {
        let value = self.pop();
        if let Some(frame) = self.frames.pop() {
            self.stack.truncate(frame.base);
        }
        self.stack.push(value);
    }

    /// Calls a function without arguments, and runs until it returns.
    fn run(&mut self, ctx: &mut Ctx<'a>, callee: Value<'a>) -> Outcome<'a> {
        let result = self.call(ctx, callee, 0, false).and_then(|()| {
            while let Some(frame) = self.frames.last() {
                let (at, base, function) = (frame.at, frame.base, frame.function.clone());
                self.steps(ctx, &function, at, base)?;
            }
            Ok(self.pop())
        });
        self.stack.clear();
        self.frames.clear();
        result
    }

    /// Runs the function of the innermost frame, until another one is that.
    fn steps(
        &mut self,
        ctx: &mut Ctx<'a>,
        function: &Function<'a>,
        mut at: usize,
        base: usize,
    ) -> Result<(), String> {
        let code = &*function.code;
        let cell = |value: &Value<'a>| value.downcast_ref::<Cell>().cloned().ok_or("no cell");
        loop {
            let unit = code.units[at];
            at += 1;
            let operand = (unit >> 8) as usize;
            match OPERATIONS[usize::from(unit as u8)].0 {
                Op::Int => self.stack.push(Value::int(operand as i64)),
                Op::Constant => {
                    let value = self.datum(ctx, &code.constants[operand])?;
                    self.stack.push(value);
                }
                Op::Nil => self.stack.push(nil()),
                Op::True => self.stack.push(truth(true)),
                Op::Local => self.stack.push(self.stack[base + operand].clone()),
                Op::SetLocal => {
                    let value = self.stack[self.stack.len() - 1].clone();
                    self.stack[base + operand] = value;
                }
                Op::Box => {
                    let value = std::mem::replace(&mut self.stack[base + operand], nil());
                    let new = ctx
                        .make(Cell::default())
                        .map_err(memory)?
                        .put(Cell::VALUE, value);
                    self.stack[base + operand] = new.finish().into();
                }
                Op::BoxLocal => {
                    let value = cell(&self.stack[base + operand])?.at(Cell::VALUE).get(ctx);
                    self.stack.push(value);
                }
                Op::SetBoxLocal => {
                    let value = self.stack[self.stack.len() - 1].clone();
                    cell(&self.stack[base + operand])?
                        .at(Cell::VALUE)
                        .set(ctx, value);
                }
                Op::Free | Op::SetFree | Op::FreeCell => {
                    let value = function
                        .closure
                        .at(Closure::CELLS)
                        .get(ctx, operand)
                        .ok_or("no cell")?;
                    match OPERATIONS[usize::from(unit as u8)].0 {
                        Op::FreeCell => self.stack.push(value),
                        Op::Free => self.stack.push(cell(&value)?.at(Cell::VALUE).get(ctx)),
                        _ => cell(&value)?
                            .at(Cell::VALUE)
                            .set(ctx, self.stack[self.stack.len() - 1].clone()),
                    }
                }
                Op::Global => {
                    let value = self.global(ctx, operand)?;
                    self.stack.push(value);
                }
                Op::SetGlobal => {
                    let value = self.stack[self.stack.len() - 1].clone();
                    self.set_global(ctx, operand, value)?;
                }
                Op::Jump => at = operand,
                Op::JumpIfNil => {
                    if is_nil(&self.pop()) {
                        at = operand;
                    }
                }
                Op::Pop => drop(self.stack.pop()),
                Op::Slide => {
                    let value = self.pop();
                    self.stack.truncate(self.stack.len() - operand);
                    self.stack.push(value);
                }
                Op::Closure => {
                    let (inner, count) = &code.inner[operand];
                    let body = Closure {
                        code: Plain(inner.clone()),
                        cells: List::new(),
                    };
                    let closure = ctx.make(body).map_err(memory)?.finish();
                    for cell in self.stack.drain(self.stack.len() - count..) {
                        closure.at(Closure::CELLS).push(ctx, cell).map_err(memory)?;
                    }
                    self.stack.push(closure.into());
                }
                op @ (Op::Call | Op::TailCall) => {
                    let callee = self.stack.remove(self.stack.len() - operand - 1);
                    self.last_frame().at = at;
                    return self.call(ctx, callee, operand, op == Op::TailCall);
                }
                op @ (Op::CallGlobal | Op::TailCallGlobal) => {
                    let (number, count, tail) =
                        (operand & 0xffff, operand >> 16, op == Op::TailCallGlobal);
                    self.last_frame().at = at;
                    return match self.image(ctx, number)? {
                        Some(function) => self.enter(ctx, function, count, tail),
                        None => {
                            let callee = self.global(ctx, number)?;
                            self.call(ctx, callee, count, tail)
                        }
                    };
                }
                Op::Return => {
                    self.leave();
                    return Ok(());
                }
                op @ (Op::Add | Op::Subtract | Op::Multiply | Op::Less) => {
                    let (b, a) = (self.pop(), self.pop());
                    let (Some(a), Some(b)) = (a.as_int(), b.as_int()) else {
                        return Err("an integer is needed".into());
                    };
                    self.stack.push(match op {
                        Op::Add => int(a.checked_add(b))?,
                        Op::Subtract => int(a.checked_sub(b))?,
                        Op::Multiply => int(a.checked_mul(b))?,
                        _ => truth(a < b),
                    });
                }
                Op::Same => {
                    let same = self.pop().same(&self.pop());
                    self.stack.push(truth(same));
                }
                op @ (Op::First | Op::Rest) => {
                    let value = self.pop();
                    let pair = value.downcast_ref::<Pair>().ok_or("a pair is needed")?;
                    let field = if op == Op::First {
                        Pair::FIRST
                    } else {
                        Pair::REST
                    };
                    self.stack.push(pair.at(field).get(ctx));
                }
                Op::Pair => {
                    let (rest, first) = (self.pop(), self.pop());
                    self.stack.push(pair(ctx, first, rest)?);
                }
            }
        }
    }

    fn last_frame(&mut self) -> &mut Frame<'a> {
        self.frames.last_mut().expect("its code is running")
    }

    /// Evaluates a form.
    fn evaluate(&mut self, ctx: &mut Ctx<'a>, form: &Datum) -> Outcome<'a> {
        let code = compile(&self.lisp, form)?;
        let body = Closure {
            code: Plain(Arc::new(code)),
            cells: List::new(),
        };
        let closure = ctx.make(body).map_err(memory)?.finish();
        self.run(ctx, closure.into())
    }

    /// How a value is written; not further down than `depth`.
    fn show(ctx: &Ctx<'a>, value: &Value<'a>, depth: usize) -> String {
        let inner = |value: &Value<'a>| Self::show(ctx, value, depth - 1);
        if depth == 0 {
            "...".into()
        } else if let Some(value) = value.as_int() {
            value.to_string()
        } else if let Some(constant) = value.as_constant() {
            if constant == NIL {
                "nil".into()
            } else {
                "t".into()
            }
        } else if let Some(symbol) = value.downcast_ref::<Symbol>() {
            symbol.name.clone()
        } else if let Some(text) = value.downcast_ref::<Text>() {
            format!("\"{}\"", text.text)
        } else if let Some(vector) = value.downcast_ref::<Vector>() {
            let items = vector.at(Vector::ITEMS).to_vec(ctx);
            format!(
                "#({})",
                items.iter().map(inner).collect::<Vec<_>>().join(" ")
            )
        } else if value.is::<Pair>() {
            let (mut items, mut at) = (Vec::new(), value.clone());
            while let Some(pair) = at.clone().downcast_ref::<Pair>() {
                items.push(if items.len() < 100 {
                    inner(&pair.at(Pair::FIRST).get(ctx))
                } else {
                    "...".into()
                });
                at = if items.len() <= 100 {
                    pair.at(Pair::REST).get(ctx)
                } else {
                    nil()
                };
            }
            if !is_nil(&at) {
                items.extend([".".into(), inner(&at)]);
            }
            format!("({})", items.join(" "))
        } else {
            format!(
                "#<{}>",
                ctx.type_name(value).unwrap_or("nothing").to_lowercase()
            )
        }
    }
}

fn int<'a>(value: Option<i64>) -> Outcome<'a> {
    value
        .and_then(Value::try_int)
        .ok_or_else(|| "the integer is too large".into())
}

fn list<'a>(ctx: &Ctx<'a>, items: Vec<Value<'a>>) -> Outcome<'a> {
    items
        .into_iter()
        .rev()
        .try_fold(nil(), |rest, item| pair(ctx, item, rest))
}

fn compile(lisp: &Lisp, form: &Datum) -> Result<Code, String> {
    let mut compiler = Compiler {
        lisp,
        scopes: vec![Scope::default()],
    };
    compiler.form(form, true)?;
    Ok(compiler.scopes.pop().expect("pushed above").code)
}

// ---- Natives ----

type NativeBody = for<'a> fn(&mut Machine<'a>, &mut Ctx<'a>, &[Value<'a>]) -> Outcome<'a>;

/// A function in Rust, and how many arguments it takes.
struct NativeDef {
    name: &'static str,
    least: usize,
    most: usize,
    body: NativeBody,
}

/// The object that an argument is.
fn want<'v, 'a, T: kit_std::managed::Managed>(
    value: &'v Value<'a>,
) -> Result<&'v Local<'a, T>, String> {
    value
        .downcast_ref()
        .ok_or_else(|| format!("a {} is needed", T::info().name().to_lowercase()))
}

fn index(value: &Value<'_>) -> Result<usize, String> {
    value
        .as_int()
        .and_then(|index| index.try_into().ok())
        .ok_or_else(|| "an index is needed".into())
}

fn key(value: &Value<'_>) -> Result<Key, String> {
    if let Some(value) = value.as_int() {
        Ok(Key::Int(value))
    } else if let Some(symbol) = value.downcast_ref::<Symbol>() {
        Ok(Key::Symbol(symbol.number))
    } else {
        Ok(Key::Text(want::<Text>(value)?.text.clone()))
    }
}

const fn native(name: &'static str, least: usize, most: usize, body: NativeBody) -> NativeDef {
    NativeDef {
        name,
        least,
        most,
        body,
    }
}

const MANY: usize = usize::MAX;

static NATIVES: &[NativeDef] = &[
    native("list", 0, MANY, |_, ctx, values| list(ctx, values.to_vec())),
    native("=", 2, 2, |_, _, values| {
        Ok(truth(values[0].same(&values[1])))
    }),
    native("not", 1, 1, |_, _, values| Ok(truth(is_nil(&values[0])))),
    native("pair?", 1, 1, |_, _, values| {
        Ok(truth(values[0].is::<Pair>()))
    }),
    native("quotient", 2, 2, |_, _, values| {
        match (values[0].as_int(), values[1].as_int()) {
            (Some(a), Some(b)) => int(a.checked_div(b)),
            _ => Err("an integer is needed".into()),
        }
    }),
    native("set-car!", 2, 2, |_, ctx, values| {
        Ok(want::<Pair>(&values[0])?
            .at(Pair::FIRST)
            .replace(ctx, values[1].clone()))
    }),
    native("set-cdr!", 2, 2, |_, ctx, values| {
        Ok(want::<Pair>(&values[0])?
            .at(Pair::REST)
            .replace(ctx, values[1].clone()))
    }),
    native("vector", 0, MANY, |_, ctx, values| {
        let vector = ctx.make(Vector::default()).map_err(memory)?.finish();
        for value in values {
            vector
                .at(Vector::ITEMS)
                .push(ctx, value.clone())
                .map_err(memory)?;
        }
        Ok(vector.into())
    }),
    native("vector-length", 1, 1, |_, ctx, values| {
        Ok(Value::int(
            want::<Vector>(&values[0])?.at(Vector::ITEMS).len(ctx) as i64,
        ))
    }),
    native("vector-ref", 2, 2, |_, ctx, values| {
        let found = want::<Vector>(&values[0])?
            .at(Vector::ITEMS)
            .get(ctx, index(&values[1])?);
        found.ok_or_else(|| "the vector ends before".into())
    }),
    native("vector-set!", 3, 3, |_, ctx, values| {
        let items = want::<Vector>(&values[0])?.at(Vector::ITEMS);
        items
            .set(ctx, index(&values[1])?, values[2].clone())
            .map_err(|_| "the vector ends before".into())
    }),
    native("vector-push!", 2, 2, |_, ctx, values| {
        let items = want::<Vector>(&values[0])?.at(Vector::ITEMS);
        Ok(Value::int(
            items.push(ctx, values[1].clone()).map_err(memory)? as i64,
        ))
    }),
    native("hash", 0, 0, |_, ctx, _| {
        Ok(ctx.make(Hash::default()).map_err(memory)?.finish().into())
    }),
    native("hash-ref", 2, 2, |_, ctx, values| {
        let found = want::<Hash>(&values[0])?
            .at(Hash::ENTRIES)
            .get(ctx, &key(&values[1])?);
        Ok(found.unwrap_or_else(nil))
    }),
    native("hash-set!", 3, 3, |_, ctx, values| {
        let entries = want::<Hash>(&values[0])?.at(Hash::ENTRIES);
        let old = entries
            .insert(ctx, key(&values[1])?, values[2].clone())
            .map_err(memory)?;
        Ok(old.unwrap_or_else(nil))
    }),
    native("hash-count", 1, 1, |_, ctx, values| {
        Ok(Value::int(
            want::<Hash>(&values[0])?.at(Hash::ENTRIES).len(ctx) as i64,
        ))
    }),
    native("print", 0, MANY, |machine, ctx, values| {
        let words: Vec<_> = values
            .iter()
            .map(|value| match value.downcast_ref::<Text>() {
                Some(text) => text.text.clone(),
                None => Machine::show(ctx, value, 10),
            })
            .collect();
        writeln!(locked(&machine.lisp.out), "{}", words.join(" "))
            .map_err(|error| error.to_string())?;
        Ok(nil())
    }),
    native("disassemble", 1, 1, |machine, _, values| {
        let mut lines = String::new();
        want::<Closure>(&values[0])?.code.list(&mut lines);
        write!(locked(&machine.lisp.out), "{lines}").map_err(|error| error.to_string())?;
        Ok(nil())
    }),
    native("gc", 0, 0, |_, ctx, _| match ctx.collect() {
        Ok(count) => Ok(Value::int(count as i64)),
        Err(error) => Err(error.to_string()),
    }),
    native("spawn", 1, 1, |machine, ctx, values| {
        let body = Running {
            task: Plain(Mutex::new(None)),
            result: ValueSlot::new(),
        };
        let running = ctx.make(body).map_err(memory)?.finish();
        let (lisp, function, result) = (
            machine.lisp.clone(),
            values[0].share(ctx),
            running.share(ctx),
        );
        let task = machine.lisp.language.spawn(move |ctx: &mut Ctx<'_>| {
            let function = function.get(ctx).map_err(|error| error.to_string())?;
            let value = Machine::new(&lisp, ctx)?.run(ctx, function)?;
            let running = result.get(ctx).map_err(|error| error.to_string())?;
            want::<Running>(&running)?
                .at(Running::RESULT)
                .set(ctx, value);
            Ok(())
        });
        *locked(&running.task) = Some(task.map_err(|error| error.to_string())?);
        Ok(running.into())
    }),
    native("join", 1, 1, |_, ctx, values| {
        let running = want::<Running>(&values[0])?;
        let task = locked(&running.task).take();
        if let Some(task) = task {
            task.join(ctx).map_err(|error| error.to_string())??;
        }
        let value = running.at(Running::RESULT).get(ctx);
        if value.is_nothing() {
            Err("another thread joins it".into())
        } else {
            Ok(value)
        }
    }),
];

// ---- The program ----

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
fn main() -> Result<(), String> {
    let argument = std::env::args().nth(1);
    let is_terminal = io::stdin().is_terminal();
    let mut text = match argument.as_deref() {
        Some("-h" | "--help") => {
            println!(
                "tiny_lisp [FILE]   runs a file, or what comes in; at a terminal, form by form"
            );
            return Ok(());
        }
        Some(file) => {
            Some(std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?)
        }
        None => None,
    };
    let mut lines = std::iter::from_fn(move || {
        if argument.is_some() {
            return text.take();
        }
        if is_terminal {
            print!("> ");
            io::stdout().flush().ok()?;
        }
        io::stdin().lock().lines().next()?.ok()
    });
    program(&mut lines, Box::new(io::stdout()), 0, is_terminal).map(drop)
}
