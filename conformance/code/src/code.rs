//! Compiled code, as plain data: what the compiler produces and the VM loads.
//!
//! Nothing here refers to an object of the running program, so code can be written to disk, shared between
//! threads and runtimes, and compared.

use alloc::sync::Arc;
use alloc::vec::Vec;

use num_bigint::BigInt;

/// The default limit on decimal digits in conversions (`sys.get_int_max_str_digits`).
pub const DEFAULT_MAX_DIGITS: usize = 4300;

/// A name in code: of a variable, an attribute, a function.
pub type Name = Arc<str>;

/// Bytes of a name beside its text: its counts.
const NAME: usize = 16;

/// A constant.
#[derive(Clone, Debug)]
pub enum Const {
    /// `None`.
    None,
    /// `...`.
    Ellipsis,
    /// `True` or `False`.
    Bool(bool),
    /// An integer that fits 64 bits.
    Int(i64),
    /// Any other integer.
    BigInt(Arc<BigInt>),
    /// A float.
    Float(f64),
    /// A complex number.
    Complex(f64, f64),
    /// A string that is valid UTF-8.
    Str(Arc<str>),
    /// A string with lone surrogates, in WTF-8.
    Wtf8(Arc<[u8]>),
    /// A bytes object.
    Bytes(Arc<[u8]>),
    /// A tuple of constants.
    Tuple(Arc<[Const]>),
    /// A frozenset of constants (`x in {1, 2}`).
    FrozenSet(Arc<[Const]>),
    /// A slice of constants (`x[1:2]`).
    Slice(Arc<[Const; 3]>),
    /// The code of a nested function or class.
    Code(Arc<Code>),
}

impl Const {
    /// Bytes that this takes, code not included.
    fn bytes(&self) -> usize {
        let kept = match self {
            Const::Str(text) => text.len(),
            Const::Wtf8(bytes) | Const::Bytes(bytes) => bytes.len(),
            Const::Tuple(items) | Const::FrozenSet(items) => items.iter().map(Const::bytes).sum(),
            _ => 0,
        };
        size_of::<Const>() + kept
    }
}

impl PartialEq for Const {
    /// Identity as constants: types must agree, and floats are compared by their bits.
    fn eq(&self, other: &Const) -> bool {
        match (self, other) {
            (Const::None, Const::None) | (Const::Ellipsis, Const::Ellipsis) => true,
            (Const::Bool(a), Const::Bool(b)) => a == b,
            (Const::Int(a), Const::Int(b)) => a == b,
            (Const::BigInt(a), Const::BigInt(b)) => a == b,
            (Const::Float(a), Const::Float(b)) => a.to_bits() == b.to_bits(),
            (Const::Complex(a, b), Const::Complex(c, d)) => {
                (a.to_bits(), b.to_bits()) == (c.to_bits(), d.to_bits())
            }
            (Const::Str(a), Const::Str(b)) => a == b,
            (Const::Wtf8(a), Const::Wtf8(b)) | (Const::Bytes(a), Const::Bytes(b)) => a == b,
            (Const::Tuple(a), Const::Tuple(b)) | (Const::FrozenSet(a), Const::FrozenSet(b)) => {
                a == b
            }
            (Const::Slice(a), Const::Slice(b)) => a == b,
            (Const::Code(a), Const::Code(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

impl Eq for Const {}

impl core::hash::Hash for Const {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        core::mem::discriminant(self).hash(state);
        match self {
            Const::None | Const::Ellipsis => {}
            Const::Bool(value) => value.hash(state),
            Const::Int(value) => value.hash(state),
            Const::BigInt(value) => value.hash(state),
            Const::Float(value) => value.to_bits().hash(state),
            Const::Complex(re, im) => (re.to_bits(), im.to_bits()).hash(state),
            Const::Str(value) => value.hash(state),
            Const::Wtf8(value) | Const::Bytes(value) => value.hash(state),
            Const::Tuple(items) | Const::FrozenSet(items) => items.hash(state),
            Const::Slice(items) => items.hash(state),
            Const::Code(code) => Arc::as_ptr(code).hash(state),
        }
    }
}

/// What kind of code this is, as in `co_flags`.
pub mod flags {
    /// Locals live in registers.
    pub const OPTIMIZED: u32 = 0x1;
    /// A call makes a new namespace.
    pub const NEWLOCALS: u32 = 0x2;
    /// Has `*args`.
    pub const VARARGS: u32 = 0x4;
    /// Has `**kwargs`.
    pub const VARKEYWORDS: u32 = 0x8;
    /// Is nested in a function.
    pub const NESTED: u32 = 0x10;
    /// Is a generator.
    pub const GENERATOR: u32 = 0x20;
    /// Is a coroutine (`async def`).
    pub const COROUTINE: u32 = 0x80;
    /// A generator that can be awaited (`types.coroutine`).
    pub const ITERABLE_COROUTINE: u32 = 0x100;
    /// Is an async generator.
    pub const ASYNC_GENERATOR: u32 = 0x200;
    /// Compiled under `from __future__ import annotations`.
    pub const FUTURE_ANNOTATIONS: u32 = 0x100_0000;
    /// Names of the features that `from __future__ import` knows, and the bits that code keeps which imports them: none for what is
    /// always so by now.
    pub const FUTURES: &[(&str, u32)] = &[
        ("nested_scopes", 0),
        ("generators", 0),
        ("division", 0),
        ("absolute_import", 0),
        ("with_statement", 0),
        ("print_function", 0),
        ("unicode_literals", 0),
        ("barry_as_FLUFL", 0x40_0000),
        ("generator_stop", 0),
        ("annotations", FUTURE_ANNOTATIONS),
    ];
    /// The bits of all features, which `compile` may be asked for.
    pub const ALL_FUTURES: u32 = 0x1fe_0000;
    /// `consts[0]` is the docstring.
    pub const HAS_DOCSTRING: u32 = 0x400_0000;
    /// Is a function in a class body.
    pub const METHOD: u32 = 0x800_0000;
}

/// What a local register holds; bits.
pub mod local {
    /// An argument.
    pub const PARAMETER: u8 = 0x01;
    /// A variable of `co_varnames`.
    pub const LOCAL: u8 = 0x02;
    /// A cell (captured by an inner function).
    pub const CELL: u8 = 0x04;
    /// A free variable (a cell of an outer function).
    pub const FREE: u8 = 0x08;
    /// A variable of an inlined comprehension, bound only while it runs.
    pub const HIDDEN: u8 = 0x10;
}

/// A region of code and where its exceptions go.
///
/// When an instruction at unit `pc` (the unit of the instruction, or of its `WIDE` prefix) with `start <= pc < end` raises, every temporary
/// `>= depth` is cleared, the exception is put into the temporary `r[depth]`, and execution continues at `handler`. The first entry
/// that contains `pc` is the innermost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handler {
    /// First unit of the region.
    pub start: u32,
    /// First unit after the region.
    pub end: u32,
    /// Where to continue.
    pub handler: u32,
    /// Temporaries from here up are dead; the exception goes to the first.
    pub depth: u32,
}

/// Where in the source an instruction comes from; lines count from 1, columns are bytes from 0. The default is nowhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// First line.
    pub line: u32,
    /// Last line.
    pub end_line: u32,
    /// First column.
    pub column: u32,
    /// Column after the last.
    pub end_column: u32,
    /// Nothing of the source is come to here: what is done belongs to what was come to before. Begins no line for who
    /// follows the program.
    pub implicit: bool,
}

impl Position {
    /// A line, and nowhere in it: [`has_columns`](Position::has_columns) is false.
    pub fn of_line(line: u32) -> Position {
        Position {
            line,
            end_line: line,
            column: 1,
            end_column: 0,
            implicit: false,
        }
    }

    /// Whether the columns mean something.
    pub fn has_columns(&self) -> bool {
        (self.line, self.column) <= (self.end_line, self.end_column)
    }

    /// The same place, for what is done there without being written.
    pub fn implied(mut self) -> Position {
        self.implicit = true;
        self
    }

    /// What a text without statements does: in front of its first line.
    pub fn of_nothing() -> Position {
        Position {
            end_line: 1,
            ..Position::default()
        }
    }

    /// Whether it is none.
    pub fn is_nowhere(&self) -> bool {
        (self.line, self.end_line) == (0, 0)
    }

    /// The line that is come to.
    pub fn comes_to(&self) -> Option<u32> {
        (!self.implicit && !self.is_nowhere()).then_some(self.line)
    }
}

/// Positions of all units of a code object: runs of equal positions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Positions {
    /// First unit of each run, ascending.
    starts: Vec<u32>,
    /// The position of each run.
    runs: Vec<Position>,
}

impl Positions {
    /// Says that the units from `unit` on, until the next call, come from `position`. Units ascend.
    pub fn push(&mut self, unit: u32, position: Position) {
        if self.runs.last() != Some(&position) {
            self.starts.push(unit);
            self.runs.push(position);
        }
    }

    /// The position of a unit.
    pub fn at(&self, unit: u32) -> Position {
        match self.starts.partition_point(|&start| start <= unit) {
            0 => Position::default(),
            after => self.runs[after - 1],
        }
    }

    fn bytes(&self) -> usize {
        size_of_val(&*self.starts) + size_of_val(&*self.runs)
    }

    /// The runs: first unit and position of each.
    pub fn runs(&self) -> impl Iterator<Item = (u32, Position)> + '_ {
        self.starts.iter().copied().zip(self.runs.iter().copied())
    }
}

/// A code object.
#[derive(Clone, Debug, PartialEq)]
pub struct Code {
    /// The function's or class's name, `<module>`, `<lambda>`, `<genexpr>`...
    pub name: Name,
    /// The dotted name with its surroundings.
    pub qualname: Name,
    /// The file it was compiled from.
    pub filename: Name,
    /// Line of the `def` (of the first decorator when there is one).
    pub first_line: u32,
    /// See [`flags`].
    pub flags: u32,
    /// Positional parameters, positional-only ones included.
    pub argcount: u32,
    /// Positional-only parameters.
    pub posonlyargcount: u32,
    /// Keyword-only parameters.
    pub kwonlyargcount: u32,
    /// Local registers: parameters, locals, cells, free variables.
    pub nlocals: u32,
    /// All registers.
    pub nregs: u32,
    /// Name of each local register.
    pub local_names: Vec<Name>,
    /// What each local register holds; see [`local`].
    pub local_kinds: Vec<u8>,
    /// First of the free variables' registers; they are the last of the plain locals before hidden ones.
    pub first_free: u32,
    /// Number of free variables.
    pub nfree: u32,
    /// Names of globals, attributes and so on.
    pub names: Vec<Name>,
    /// Constants.
    pub consts: Vec<Const>,
    /// The instructions.
    pub units: Vec<u32>,
    /// Where exceptions go, innermost first.
    pub handlers: Vec<Handler>,
    /// Where the units come from.
    pub positions: Positions,
    /// In a class body: names its methods assign as attributes of their first parameter, in order of appearance.
    pub instance_attrs: Vec<Name>,
}

impl Code {
    /// Bytes that this takes, code of inner functions and the digits of integers not included.
    pub fn bytes(&self) -> usize {
        let constants = self.consts.iter().map(Const::bytes);
        let names = self.local_names.iter().chain(&self.names);
        let text = names.map(|name| name.len() + size_of::<Name>() + NAME);
        size_of::<Code>()
            + size_of_val(&*self.units)
            + size_of_val(&*self.handlers)
            + self.positions.bytes()
            + self.local_kinds.len()
            + constants.sum::<usize>()
            + text.sum::<usize>()
    }

    /// How many registers hold parameters: the first ones.
    pub fn parameters(&self) -> u32 {
        let others =
            [flags::VARARGS, flags::VARKEYWORDS].map(|flag| u32::from(self.flags & flag != 0));
        let named = self.argcount.saturating_add(self.kwonlyargcount);
        named.saturating_add(others[0] + others[1])
    }

    /// Names of the variables that are plain locals, in order (`co_varnames`).
    pub fn varnames(&self) -> impl Iterator<Item = &Name> {
        self.named(local::LOCAL)
    }

    /// Names of the variables that inner functions capture (`co_cellvars`).
    pub fn cellvars(&self) -> impl Iterator<Item = &Name> {
        self.named(local::CELL)
    }

    /// Names of the variables of outer functions (`co_freevars`).
    pub fn freevars(&self) -> impl Iterator<Item = &Name> {
        self.named(local::FREE)
    }

    /// The handler of an exception raised by the instruction at `unit`.
    pub fn handler_at(&self, unit: u32) -> Option<&Handler> {
        self.handlers
            .iter()
            .find(|handler| handler.start <= unit && unit < handler.end)
    }

    /// The name of the local variable in this register.
    pub fn local_name(&self, register: usize) -> Option<&str> {
        self.local_names.get(register).map(|name| &**name)
    }

    fn named(&self, kind: u8) -> impl Iterator<Item = &Name> {
        let kinds = self.local_kinds.iter();
        self.local_names
            .iter()
            .zip(kinds)
            .filter(move |(_, kinds)| *kinds & kind != 0)
            .map(|(name, _)| name)
    }
}
