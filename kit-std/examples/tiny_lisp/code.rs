//! Operations, and the functions that are made of them.

use super::*;

macro_rules! operations {
    ($($name:ident $doc:literal)*) => {
        /// The operations. A unit of code is one in its low byte, and its operand in the other three.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub(super) enum Op {
            $(#[doc = $doc] $name),*
        }

        /// The same by number, with what they do.
        pub(super) const OPERATIONS: &[(Op, &str)] = &[$((Op::$name, $doc)),*];
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
pub(super) const DIRECT: &[(&str, usize, Op)] = &[
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
pub(super) struct Code {
    pub(super) units: Vec<u32>,
    pub(super) constants: Vec<Datum>,
    /// The functions made in here, and how many cells each takes.
    pub(super) inner: Vec<(Arc<Code>, usize)>,
    pub(super) parameters: usize,
    /// Whether the last parameter takes all further arguments, as a list.
    pub(super) gathers: bool,
}

impl Code {
    pub(super) fn list(&self, out: &mut String) {
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
