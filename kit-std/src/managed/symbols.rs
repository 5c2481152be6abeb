//! Names with a value each, which all threads read often and change rarely: a language's global variables.
//!
//! ```text
//!  Symbols (shared): name ─▶ number ─▶ Symbol: value, version
//!                                        │  read again when the version has changed
//!  Variables (a thread's): number ─▶ image: version, value
//! ```
//!
//! Were such a value counted each time that it is used, then all threads would write to the same count. So a thread keeps what it has
//! found, in an `Rc` that it alone counts.

use super::context::Ctx;
use super::global::{Global, WrongLanguage};
use super::language::NoMemory;
use super::member::{Field, Member, Visitor};
use super::slot::ValueSlot;
use super::type_info::{Managed, TypeInfo};
use super::value::{Local, Value};
use std::collections::HashMap;
use std::fmt;
use std::mem::offset_of;
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering::*};
use std::sync::{Arc, Mutex, MutexGuard};

/// A name, and the variable of that name. There is one of each name in [`Symbols`].
pub struct Symbol {
    name: Box<str>,
    number: usize,
    value: ValueSlot,
    /// Changes whenever the value does.
    version: AtomicU32,
}

static SYMBOL: TypeInfo = TypeInfo::new::<Symbol>("Symbol", TypeInfo::no_finalizer(), &[]);

// SAFETY: the record is this type's alone; the one field that refers is visited once.
unsafe impl Managed for Symbol {
    const REFERS: bool = true;

    fn info() -> &'static TypeInfo {
        &SYMBOL
    }

    fn visit(&self, visitor: &mut Visitor<'_>) {
        self.value.visit(visitor);
    }
}

// SAFETY: the field is there, and of this type.
const VALUE: Field<Symbol, ValueSlot> = unsafe { Field::new(offset_of!(Symbol, value)) };

impl Symbol {
    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its number among its [`Symbols`].
    pub fn number(&self) -> usize {
        self.number
    }
}

/// All symbols that there are for the threads of one language.
#[derive(Default)]
pub struct Symbols(Mutex<Names>);

#[derive(Default)]
struct Names {
    numbers: HashMap<Box<str>, usize>,
    symbols: Vec<Global>,
}

impl Symbols {
    fn lock(&self) -> MutexGuard<'_, Names> {
        self.0.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// The number of a name. A new name's variable has no value.
    ///
    /// # Errors
    /// There is no memory for a new one.
    pub fn number(&self, ctx: &Ctx<'_>, name: &str) -> Result<usize, NoMemory> {
        let names = &mut *self.lock();
        if let Some(number) = names.numbers.get(name) {
            return Ok(*number);
        }
        let number = names.symbols.len();
        let symbol = Symbol {
            name: name.into(),
            number,
            value: ValueSlot::new(),
            version: AtomicU32::new(0),
        };
        names.symbols.push(ctx.make(symbol)?.finish().share(ctx));
        names.numbers.insert(name.into(), number);
        Ok(number)
    }
}

impl fmt::Debug for Symbols {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.lock().numbers.keys()).finish()
    }
}

/// The variables as a thread knows them.
pub struct Variables<'a> {
    symbols: Arc<Symbols>,
    known: Vec<Known<'a>>,
}

struct Known<'a> {
    symbol: Local<'a, Symbol>,
    image: Option<(u32, Rc<Value<'a>>)>,
}

impl<'a> Variables<'a> {
    /// Nothing has been read yet.
    pub fn new(symbols: &Arc<Symbols>) -> Variables<'a> {
        Variables {
            symbols: symbols.clone(),
            known: Vec::new(),
        }
    }

    fn known(&mut self, ctx: &Ctx<'a>, number: usize) -> Result<&mut Known<'a>, WrongLanguage> {
        if number >= self.known.len() {
            for symbol in &self.symbols.lock().symbols[self.known.len()..] {
                let symbol = symbol.get(ctx)?.downcast().map_err(|_| WrongLanguage)?;
                let image = None;
                self.known.push(Known { symbol, image });
            }
        }
        self.known.get_mut(number).ok_or(WrongLanguage)
    }

    /// The symbol with a number.
    ///
    /// # Errors
    /// It is another language's, or there is none.
    pub fn symbol(
        &mut self,
        ctx: &Ctx<'a>,
        number: usize,
    ) -> Result<&Local<'a, Symbol>, WrongLanguage> {
        Ok(&self.known(ctx, number)?.symbol)
    }

    /// Gives a variable a value.
    ///
    /// # Errors
    /// As for [`symbol`](Self::symbol).
    pub fn set(
        &mut self,
        ctx: &Ctx<'a>,
        number: usize,
        value: Value<'a>,
    ) -> Result<(), WrongLanguage> {
        let symbol = self.symbol(ctx, number)?;
        symbol.at(VALUE).set(ctx, value);
        // Release, paired with `get`: who sees the version sees the value.
        symbol.version.fetch_add(1, Release);
        Ok(())
    }

    /// A variable's value; [`NOTHING`](Value::NOTHING) if it never got one. Unless it has changed, nothing is counted that threads share.
    ///
    /// # Errors
    /// As for [`symbol`](Self::symbol).
    #[inline]
    pub fn get(&mut self, ctx: &Ctx<'a>, number: usize) -> Result<Rc<Value<'a>>, WrongLanguage> {
        let Known { symbol, image } = self.known(ctx, number)?;
        // Acquire, paired with `set`.
        let version = symbol.version.load(Acquire);
        if let Some((seen, value)) = image
            && *seen == version
        {
            return Ok(value.clone());
        }
        let value = Rc::new(symbol.at(VALUE).get(ctx));
        *image = Some((version, value.clone()));
        Ok(value)
    }
}

impl fmt::Debug for Variables<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.known.iter().map(|known| known.symbol.name());
        f.debug_set().entries(names).finish()
    }
}
