//! Source text of Python 3.14 to code: [`parse`], then [`scope`], then [`compile`].
//!
//! It knows nothing of the running program: no object, no thread, no heap.

// Module documentation speaks to readers of the source, and names what is private too.
#![allow(rustdoc::private_intra_doc_links)]

pub mod compile;
pub mod parse;
pub mod scope;

use kit_python_code::{code, op};

/// A number for each state of the compiler and of what it makes, for files that keep code.
pub const MAGIC: u16 = magic();

const fn magic() -> u16 {
    let digits = env!("KIT_CODE_MAGIC").as_bytes();
    let mut number = 0;
    let mut at = 0;
    while at < digits.len() {
        number = number * 10 + (digits[at] - b'0') as u16;
        at += 1;
    }
    number
}
