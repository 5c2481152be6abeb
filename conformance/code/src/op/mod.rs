//! Instructions: the table they are listed in, and what derives from it.
//!
//! | file          | what                                                                   |
//! |---------------|------------------------------------------------------------------------|
//! | `table`       | every instruction once: operands, units, caches, meaning               |
//! | `effect`      | decoding, and which registers an instruction reads, keeps and writes   |
//! | `disassemble` | listings for people and tests                                          |
//! | `verify`      | refuses code that the VM could not run safely                          |
//! | `registers`   | what registers hold, on every path                                     |
//! | `progress`    | that every loop comes to a safepoint                                   |

pub mod disassemble;
pub mod effect;
mod progress;
mod registers;
pub mod table;
pub mod verify;

pub use table::{Info, Intrinsic1, Intrinsic2, Op, Operand, Unit, WINDOW, make_function, special};

impl Op {
    /// Units the instruction occupies, itself, operand units and caches included, a `WIDE` prefix not.
    #[inline]
    pub fn unit_count(self) -> usize {
        self.info().unit_count()
    }
}
