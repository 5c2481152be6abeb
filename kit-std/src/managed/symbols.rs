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
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::rc::Rc;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::mem::offset_of;
use kit_core::sync::native::{AtomicU32, AtomicUsize, Ordering::*};
use kit_core::sync::spin::Spin;

/// A name, and the variable of that name. There is one of each name in [`Symbols`].
pub struct Symbol {
    name: Box<str>,
    /// Given once, before it is found.
    number: AtomicUsize,
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
        // Relaxed: as in `Symbols::number`.
        self.number.load(Relaxed)
    }
}

/// All symbols that there are for the threads of one language.
#[derive(Default)]
pub struct Symbols(Spin<Names>);

#[derive(Default)]
struct Names {
    numbers: BTreeMap<Box<str>, usize>,
    symbols: Vec<Global>,
}

impl Symbols {
    fn with<R>(&self, ctx: &Ctx<'_>, body: impl FnOnce(&mut Names) -> R) -> R {
        self.0.with(ctx.language().runtime().port().platform, body)
    }

    /// The number of a name. A new name's variable has no value.
    ///
    /// # Errors
    /// There is no memory for a new one.
    pub fn number(&self, ctx: &Ctx<'_>, name: &str) -> Result<usize, NoMemory> {
        let known = self.with(ctx, |names| names.numbers.get(name).copied());
        if let Some(number) = known {
            return Ok(number);
        }
        let symbol = Symbol {
            name: name.into(),
            number: AtomicUsize::new(0),
            value: ValueSlot::new(),
            version: AtomicU32::new(0),
        };
        let symbol = ctx.make(symbol)?.finish();
        let mut shared = Some(symbol.share(ctx));
        Ok(self.with(ctx, |names| {
            if let Some(number) = names.numbers.get(name) {
                // Another thread was faster.
                return *number;
            }
            let number = names.symbols.len();
            // Relaxed: nobody else has it yet.
            symbol.number.store(number, Relaxed);
            names.symbols.extend(shared.take());
            names.numbers.insert(name.into(), number);
            number
        }))
    }
}

impl fmt::Debug for Symbols {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Symbols").finish_non_exhaustive()
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
            let from = self.known.len();
            let new = self
                .symbols
                .with(ctx, |names| names.symbols[from..].to_vec());
            for symbol in new {
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
