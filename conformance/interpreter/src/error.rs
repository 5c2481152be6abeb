//! Python exceptions on their way through Rust code.
//!
//! A function that fails stores the exception in the thread and returns [`Raised`], which carries
//! nothing: `Result<Obj, Raised>` is one word. `raise!(ctx, TypeError, "…{}", x)` stores a new one.

use crate::number::float_text::{ERANGE, OUT_OF_RANGE};
use crate::object::exception::{self, class};
use crate::object::obj::Obj;
use crate::object::str_;
use crate::text::fault::{Fault, Kind};
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

/// Stores the exception a text or number algorithm asks for.
#[cold]
pub fn fault(ctx: &mut Ctx, fault: Fault) -> Raised {
    let class = match fault.kind {
        Kind::ValueError => class::ValueError,
        Kind::TypeError => class::TypeError,
        Kind::OverflowError => class::OverflowError,
        Kind::ZeroDivisionError => class::ZeroDivisionError,
        Kind::IndexError => class::IndexError,
        Kind::KeyError => class::KeyError,
        Kind::LookupError => class::LookupError,
        Kind::MemoryError => return no_memory(ctx),
    };
    if fault.message == OUT_OF_RANGE {
        return match str_::new(ctx, OUT_OF_RANGE) {
            Ok(text) => exception::raise_args(ctx, class, vec![Obj::small_int(ERANGE), text]),
            Err(raised) => raised,
        };
    }
    exception::raise_text(ctx, class, &fault.message)
}

/// Turns the faults of algorithms into exceptions.
pub trait OrRaise<T> {
    /// The value, or the exception stored.
    ///
    /// # Errors
    /// There was a fault.
    fn or_raise(self, ctx: &mut Ctx) -> PyResult<T>;
}

impl<T> OrRaise<T> for Result<T, Fault> {
    #[inline]
    fn or_raise(self, ctx: &mut Ctx) -> PyResult<T> {
        self.map_err(|f| fault(ctx, f))
    }
}
