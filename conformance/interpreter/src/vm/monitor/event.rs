//! The events, by number. The first [`LOCAL`] of them happen at instructions, may be asked for in a single code object, and
//! disabled where they happen; the first [`GLOBAL`] are asked for one by one.

/// A function begins.
pub const PY_START: usize = 0;
/// A generator goes on.
pub const PY_RESUME: usize = 1;
/// A function returns.
pub const PY_RETURN: usize = 2;
/// A generator yields.
pub const PY_YIELD: usize = 3;
/// Something is called.
pub const CALL: usize = 4;
/// Another line is come to.
pub const LINE: usize = 5;
/// An instruction is come to.
pub const INSTRUCTION: usize = 6;
/// A jump that depends on nothing.
pub const JUMP: usize = 7;
/// A jump that might have been, and was not.
pub const BRANCH_LEFT: usize = 8;
/// A jump that might not have been, and was.
pub const BRANCH_RIGHT: usize = 9;
/// A generator is exhausted, where nobody sees its StopIteration.
pub const STOP_ITERATION: usize = 10;
/// An exception comes to a frame.
pub const RAISE: usize = 11;
/// An exception has found its handler.
pub const EXCEPTION_HANDLED: usize = 12;
/// A function ends with an exception.
pub const PY_UNWIND: usize = 13;
/// A generator goes on with an exception.
pub const PY_THROW: usize = 14;
/// An exception goes on.
pub const RERAISE: usize = 15;
/// A call of anything but a Python function has returned.
pub const C_RETURN: usize = 16;
/// A call of anything but a Python function has raised.
pub const C_RAISE: usize = 17;
/// Both branches, in one.
pub const BRANCH: usize = 18;

/// How many events code objects have tools of their own for.
pub const LOCAL: usize = 11;
/// How many events there are tools for; those of the next ones are `CALL`'s.
pub const GLOBAL: usize = 16;
/// How many events have callbacks.
pub const CALLBACKS: usize = 18;

/// What the events are called.
pub const NAMES: [&str; 19] = [
    "PY_START",
    "PY_RESUME",
    "PY_RETURN",
    "PY_YIELD",
    "CALL",
    "LINE",
    "INSTRUCTION",
    "JUMP",
    "BRANCH_LEFT",
    "BRANCH_RIGHT",
    "STOP_ITERATION",
    "RAISE",
    "EXCEPTION_HANDLED",
    "PY_UNWIND",
    "PY_THROW",
    "RERAISE",
    "C_RETURN",
    "C_RAISE",
    "BRANCH",
];
