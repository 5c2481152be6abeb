//! Operations, and the functions that are made of them.

use super::*;

type Info = kit_core::code::Info<(), ()>;

macro_rules! role {
    ($_:tt) => {
        ()
    };
}

// A unit of code is an operation in its low byte, and its operand in the other three.
kit_core::operations! {
    /// What a machine can do.
    pub enum Op: Info, role, role;
    /// Pushes the small integer that the operand is.
    Int "INT" (N _ _) [] 0;
    /// Pushes a constant of the code.
    Constant "CONSTANT" (N _ _) [] 0;
    /// Pushes a local variable.
    Local "LOCAL" (N _ _) [] 0;
    /// Pushes a value that the function was made with.
    Captured "CAPTURED" (N _ _) [] 0;
    /// Pushes the function itself.
    Own "OWN" (_ _ _) [] 0;
    /// Pushes a global variable.
    Global "GLOBAL" (N _ _) [] 0;
    /// Stores the top of the stack in a global variable.
    SetGlobal "SET_GLOBAL" (N _ _) [] 0;
    /// Goes on at the operand.
    Jump "JUMP" (N _ _) [] 0 end;
    /// Pops a value; goes on at the operand if it is nil.
    JumpIfNil "JUMP_IF_NIL" (N _ _) [] 0;
    /// Drops the top of the stack.
    Pop "POP" (_ _ _) [] 0;
    /// Pops what a function captures; pushes the function.
    Closure "CLOSURE" (N _ _) [] 0;
    /// Calls the function below so many arguments; in place of the running one if that would only return.
    Call "CALL" (N _ _) [] 0;
    /// Calls the function in a global variable (low 16 bits) with so many arguments (high 8), in the same way.
    CallGlobal "CALL_GLOBAL" (N _ _) [] 0;
    /// Returns the top of the stack.
    Return "RETURN" (_ _ _) [] 0 end;
    /// Adds two integers.
    Add "+" (_ _ _) [] 0;
    /// Subtracts two integers.
    Subtract "-" (_ _ _) [] 0;
    /// Multiplies two integers.
    Multiply "*" (_ _ _) [] 0;
    /// Compares two integers.
    Less "<" (_ _ _) [] 0;
}

/// What is compiled at once if it has two arguments and no variable hides it: what comes last, under the functions' names.
pub fn direct(name: &str) -> Option<Op> {
    let mut ops = Op::ALL[Op::Add as usize..].iter().copied();
    ops.find(|op| op.info().name == name)
}

/// A function as compiled. Threads share it.
#[derive(Default)]
pub struct Code {
    pub units: Vec<u32>,
    pub constants: Vec<Datum>,
    /// The functions made in here, and how many values each captures.
    pub inner: Vec<(Arc<Code>, usize)>,
    pub parameters: usize,
    /// Whether the last parameter takes all further arguments, as a list.
    pub gathers: bool,
}

impl Code {
    /// Whether what comes next is a return, perhaps behind jumps.
    pub fn returns(&self, at: usize) -> bool {
        match self.units[at] {
            jump if jump as u8 == Op::Jump as u8 => self.returns((jump >> 8) as usize),
            unit => unit == Op::Return as u32,
        }
    }
}
