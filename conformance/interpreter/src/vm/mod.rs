//! Running code: the loop, and what it calls.
//!
//! | file         | what                                                                       |
//! |--------------|----------------------------------------------------------------------------|
//! | [`run`]      | the loop over instructions, calls and returns included                      |
//! | [`frame`]    | frames on the data stack                                                   |
//! | [`fuel`]     | a budget of instructions                                                   |
//! | [`invoke`]   | calls from the loop                                                        |
//! | [`call_ex`]  | calls with `*` and `**`                                                    |
//! | [`implicit`] | calls that no `CALL` makes: getters, `__getitem__`, `__enter__`            |
//! | [`call`]     | calls from Rust, binding of arguments                                      |
//! | [`slow`]     | arithmetic and comparison of anything but two immediates                   |
//! | [`access`]   | attributes, methods, items, with inline caches                             |
//! | [`sites`]    | what attribute accesses found, for sites that see several classes           |
//! | [`names`]    | globals, namespaces, cells, imports                                        |
//! | [`build`]    | collections, strings, functions, pattern matching                          |
//! | [`iterate`]  | iteration and unpacking                                                    |
//! | [`execute`]  | the loop                                                                   |
//! | [`except`]   | raising, handling, leaving frames                                          |
//! | [`generate`] | generators                                                                 |
//! | [`looped`]   | generators that a `for` loop runs                                          |
//! | [`awaiting`] | `async` code: what `await`, `async for` and `async with` drive               |
//! | `opstats`    | with `opstats`: how often each instruction was executed, and slowly        |
//! | [`exec`]     | from source to running code; questions about the calling code              |
//! | `refs`       | with `debug-refs`: what is said about references that are not in order     |
//! | [`monitor`]  | telling tools what running code comes to                                   |
//! | [`report`]   | how exceptions are printed                                                 |
//! | [`start`]    | starting an interpreter and its threads                                    |
//! | [`finish`]   | the end of an interpreter                                                  |
//! | [`thread`]   | what is kept per runtime and per thread                                    |
//! | [`failing`]  | an allocator that fails when told to, for tests                             |
//! | [`outside`]  | memory that objects have outside of the heap                               |
//! | [`observe`]  | frames that somebody looks at: their objects, reaching their registers     |
//! | [`interrupt`]| what a thread does at a safepoint when its breaker is set                   |
//! | [`dying`]    | objects with finalizers or weak references, at their end                   |
//! | [`collect`]  | the interpreter's part in a cycle collection                               |

pub mod access;
pub mod awaiting;
pub mod build;
pub mod call;
pub mod call_ex;
pub mod collect;
pub mod dying;
pub mod except;
pub mod exec;
pub mod execute;
#[cfg(feature = "std")]
pub mod failing;
pub mod finish;
pub mod frame;
pub mod fuel;
pub mod generate;
pub mod implicit;
pub mod interrupt;
pub mod invoke;
pub mod iterate;
#[cfg(test)]
mod lifetime_tests;
pub mod looped;
pub mod monitor;
pub mod names;
pub mod observe;
#[cfg(feature = "opstats")]
pub mod opstats;
pub mod outside;
#[cfg(feature = "debug-refs")]
pub mod refs;
pub mod report;
pub mod run;
pub mod sites;
pub mod slow;
pub mod start;
pub mod thread;
