//! Python exceptions on their way through Rust code.
//!
//! A function that fails stores the exception in the thread and returns [`Raised`], which carries
//! nothing: `Result<Obj, Raised>` is one word. `raise!(ctx, TypeError, "…{}", x)` stores a new one.

use crate::object::obj::Obj;
use kit_core::thread::Ctx;

/// An exception is stored in the thread ([`crate::vm::thread::PyThread`]).
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub struct Raised(());

/// What a function that may raise returns.
pub type PyResult<T = Obj> = Result<T, Raised>;

impl Raised {
    /// Says that an exception was stored in the thread just now.
    pub(crate) fn stored() -> Raised {
        Raised(())
    }
}

/// Stores a new exception of the built-in class `$class` (an identifier such as `TypeError`) with a
/// formatted message, and evaluates to [`Raised`].
macro_rules! raise {
    ($ctx:expr, $class:ident, $($format:tt)+) => {
        $crate::object::exception::raise_message($ctx, $crate::object::exception::class::$class, &format!($($format)+))
    };
}
pub(crate) use raise;

/// Stores MemoryError.
#[cold]
pub fn no_memory(ctx: &mut Ctx) -> Raised {
    crate::object::exception::raise_no_memory(ctx)
}
