//! Object types, references and threads for crates without `unsafe` code.
//!
//! ```text
//! Language  ── attach ──▶  Ctx<'a>        one thread's stay: 'a is a lifetime that no other stay has
//!                            │ make
//!                            ▼
//!                          New<'a, T>     nobody sees it yet: its slots are filled
//!                            │ finish
//!                            ▼
//!  Value<'a> ◀──────────── Local<'a, T>   counted references of this stay
//!     │ share                │ at(T::FIELD)
//!     ▼                      ▼
//!  Global                  Place          a field of an object: get, set, push, upgrade, ...
//! ```
//!
//! **References.** A [`Value`] is any value of the language, a [`Local`] an object of a known type. Both own a count, which makes
//! them roots wherever they are; both are branded with the lifetime of the stay that made them, so that they cannot outlive it, go to
//! another thread, or meet another language. A [`Global`] can do all this; who wants to look at it says in which stay.
//!
//! **Objects.** `#[derive(Managed)]` makes a struct the body of an object. Its fields are [members](Member): data, and
//! the four kinds of fields that refer: [`Slot`], [`ValueSlot`], [`List`] and [`Table`]; and [`Weak`]. These are empty whenever they are not
//! in an object: they are filled through [`Field`]s, which the derive makes, and emptied before the struct is dropped. So what an object
//! refers to is always known to the collector, and no reference can leave its language in a struct.
//!
//! **Safepoints.** What takes `&mut Ctx` may run anything: finalizers, a collection, a stop. References are counted, so they are held across it.
//! Nothing that is *borrowed* from an object's interior is ever handed out.
//!
//! | misuse | what becomes of it |
//! |---|---|
//! | a reference is kept beyond the stay, sent to a thread, or used while detached | does not compile |
//! | an object without a runtime | does not compile: only [`Ctx::make`] makes one |
//! | a field that hides references | does not compile: it is no [`Member`] |
//! | references of two languages are mixed | does not compile; for a [`Global`], [`WrongLanguage`] |
//! | the context is used while detached | does not compile |
//! | a thread attaches twice | [`AttachError::Already`] |
//! | a finalizer keeps its object | the object lives on, and is not finalized again |
//! | a finalizer or a destructor panics | the panic ends there |
//! | a destructor looks at the object's slots | cannot: they are empty, and it has no context |
//!
//! **Variables.** What all threads read and few change, as a language's global variables, is kept by name in [`Symbols`]; each thread looks at it through its own
//! [`Variables`], without counting what others count.
//!
//! # Example
//!
//! ```
//! use kit_derive::Managed;
//! use kit_std::managed::{Language, Value, ValueSlot};
//!
//! #[derive(Managed, Default)]
//! struct Pair {
//!     first: ValueSlot,
//!     second: ValueSlot,
//! }
//!
//! let language = Language::builder().build()?;
//! let sum = language.attach(|ctx| {
//!     let pair = ctx.make(Pair::default())?.put(Pair::FIRST, Value::int(1)).finish();
//!     pair.at(Pair::SECOND).set(ctx, pair.clone().into()); // a cycle
//!     let again = pair.at(Pair::SECOND).get(ctx).downcast::<Pair>().expect("a pair");
//!     let first = again.at(Pair::FIRST).get(ctx).as_int();
//!     drop((pair, again));
//!     assert_eq!(ctx.collect()?, 1);
//!     Ok::<_, Box<dyn std::error::Error>>(first)
//! })??;
//! assert_eq!(sum, Some(1));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod collection;
mod context;
mod global;
mod language;
mod member;
mod running;
mod slot;
mod symbols;
mod type_info;
mod value;
mod weak;

pub use collection::{List, Table};
pub use context::{Ctx, New};
pub use global::{Global, WrongLanguage};
pub use language::{AttachError, Builder, JoinError, Language, NoMemory, Task};
pub use member::{Field, Member, Place, Plain, Visitor};
pub use running::{AnyError, Running};
pub use slot::{Slot, ValueSlot};
pub use symbols::{Symbol, Symbols, Variables};
pub use type_info::{Finalize, Managed, Method, Outcome, TypeInfo};
pub use value::{Local, Value, WrongType};
pub use weak::Weak;
