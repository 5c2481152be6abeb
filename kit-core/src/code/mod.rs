//! Code that each thread may specialise: a copy of a function's units for each thread that runs it.
//!
//! What a compiler makes never changes. What runs is an *image* of it, whose units an interpreter rewrites as it
//! learns what they meet. An image that is written belongs to one thread, so that is done with plain accesses.
//!
//! | image    | who runs it                                            | who writes it                          |
//! |----------|--------------------------------------------------------|----------------------------------------|
//! | pristine | threads that have nothing better                       | nobody                                 |
//! | shared   | the same, once somebody has had a reason to change it ([`Copies::make_shared`]) | whoever has stopped the world |
//! | main     | the thread with index 0                                | that thread                            |
//! | copy     | the thread with another index                          | that thread                            |
//!
//! ```text
//!  thread: index ──┐     Copies (one per code object)
//!                  ▼      near: [main, copy 1, …, copy 7]
//!  Indices        units ◀ far ─▶ [copy 8, …]     replaced by a longer table: the old one waits for a grace period
//!  smallest free          shared ─▶ pristine
//!  first                       ▲
//!         CodeSpace ── list ───┘ of those with images; bytes; the limit; what dead threads have left
//! ```
//!
//! A thread has an index as long as it may run code ([`Indices`]). A copy is made when a thread first enters the code; a program with one thread
//! has main images only. Where there is no room for a copy ([`CodeOptions::limit`], no memory, no index), or copies are not wanted
//! ([`CodeOptions::private`]), the thread runs the shared image, unspecialised. The copies that a dead thread leaves are taken over by the next one with its index,
//! with all that they have learnt, or freed in the next collection ([`CodeSpace::reclaim`]).
//!
//! What the units are is the language's: [`operations!`](crate::operations) makes the table of its operations.
//!
//! All images of a code object have the same layout: a place in one is an offset, the same in all
//! ([`Copies::offset`]). A frame that is not on a running thread's stack must keep its place as an offset, for its image may go.

#[cfg(not(feature = "tlbc"))]
mod absent;
#[cfg(feature = "tlbc")]
mod copies;
#[cfg(feature = "tlbc")]
mod indices;
#[cfg(feature = "tlbc")]
mod space;
mod table;

#[cfg(all(test, loom, feature = "tlbc"))]
mod model;
#[cfg(all(test, not(loom), feature = "tlbc"))]
mod tests;

#[cfg(not(feature = "tlbc"))]
pub use absent::{CodeOptions, CodeSpace};
#[cfg(feature = "tlbc")]
pub use copies::{Copies, NEAR};
#[cfg(feature = "tlbc")]
pub use indices::{Indices, NO_INDEX};
#[cfg(feature = "tlbc")]
pub use space::{CodeBytes, CodeOptions, CodeSpace, Held};
pub use table::Info;
