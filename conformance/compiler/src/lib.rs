//! Source text of Python 3.14 to code: [`parse`], then [`scope`], then [`compile`].
//!
//! It knows nothing of the running program: no object, no thread, no heap.

// Module documentation speaks to readers of the source, and names what is private too.
#![allow(rustdoc::private_intra_doc_links)]

pub mod compile;
pub mod parse;
pub mod scope;

use kit_python_code::{code, op};
