//! One heap object: its header, the words that refer to it, and what its kind knows about it.

pub mod header;
pub mod kind;
pub mod table;
pub mod trace;
pub mod word;

pub use header::{Bits, Header};
pub use kind::Kind;
pub use table::{TypeEntry, TypeTable};
pub use trace::Tracer;
pub use word::Word;
