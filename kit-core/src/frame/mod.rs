//! Activations of the language's functions on a contiguous stack of words, one per thread.
//!
//! ```text
//!             caller's registers                      callee's registers
//!   ... | r0 r1 ... | FUNC CODE PC PREV AUX OBJECT META | r0 r1 (arguments) r2 ... |
//!       ^ base        ^ the caller's window: it            ^ base
//!                       evaluates arguments in place
//! ```
//!
//! The windows overlap: a caller evaluates the callable and the arguments into the top of its own
//! window, leaving room for the header, and the callee's registers start on the arguments. Nothing
//! is moved and nothing is counted.
//!
//! Every word of the stack is a valid [`crate::object::Word`] at every safepoint: raw pointers in
//! headers are stored as integers, dead registers hold null or an immediate, and above the top
//! nothing refers to an object. So the collector scans a stack from end to end without knowing
//! where frames begin, and entering a function clears nothing.
//!
//! What shows a frame to a program, its *frame object*, is made when somebody looks ([`object`]). Frames that wait in an
//! object between the times they run are guarded by that object's state ([`coroutine`]).

pub mod coroutine;
pub mod layout;
pub mod object;
pub mod stack;
