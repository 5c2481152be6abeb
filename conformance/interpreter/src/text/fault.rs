//! What a text or number algorithm reports when it cannot do its work.

use super::wtf8::Wtf8Buf;
use core::fmt;

/// The exception a [`Fault`] becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::enum_variant_names)]
pub enum Kind {
    /// `ValueError`
    ValueError,
    /// `TypeError`
    TypeError,
    /// `OverflowError`
    OverflowError,
    /// `ZeroDivisionError`
    ZeroDivisionError,
    /// `IndexError`
    IndexError,
    /// `KeyError`
    KeyError,
    /// `LookupError`
    LookupError,
    /// `MemoryError`
    MemoryError,
}

impl Kind {
    /// The exception's name.
    pub fn name(self) -> &'static str {
        match self {
            Kind::ValueError => "ValueError",
            Kind::TypeError => "TypeError",
            Kind::OverflowError => "OverflowError",
            Kind::ZeroDivisionError => "ZeroDivisionError",
            Kind::IndexError => "IndexError",
            Kind::KeyError => "KeyError",
            Kind::LookupError => "LookupError",
            Kind::MemoryError => "MemoryError",
        }
    }
}

/// An exception to raise: which one, and its message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The exception.
    pub kind: Kind,
    /// Its message, which may repeat text that is not Unicode.
    pub message: Wtf8Buf,
}

impl Fault {
    /// A fault of any kind.
    #[cold]
    pub fn new(kind: Kind, message: impl Into<Wtf8Buf>) -> Fault {
        Fault {
            kind,
            message: message.into(),
        }
    }

    /// A `ValueError`.
    #[cold]
    pub fn value(message: impl Into<Wtf8Buf>) -> Fault {
        Fault::new(Kind::ValueError, message)
    }

    /// A `TypeError`.
    #[cold]
    pub fn type_(message: impl Into<Wtf8Buf>) -> Fault {
        Fault::new(Kind::TypeError, message)
    }

    /// An `OverflowError`.
    #[cold]
    pub fn overflow(message: impl Into<Wtf8Buf>) -> Fault {
        Fault::new(Kind::OverflowError, message)
    }

    /// A `ZeroDivisionError`.
    #[cold]
    pub fn zero_division(message: impl Into<Wtf8Buf>) -> Fault {
        Fault::new(Kind::ZeroDivisionError, message)
    }
}

/// Checks that a text of so many bytes can be made at all, before it is laid out piece by piece.
///
/// # Errors
/// `MemoryError`.
pub fn room(bytes: usize) -> Result<(), Fault> {
    /// What is smaller is there.
    const SMALL: usize = 1 << 16;
    if bytes < SMALL {
        return Ok(());
    }
    // Twice: the parts and the whole.
    if crate::vm::outside::fits(bytes.saturating_mul(2)) {
        return Ok(());
    }
    Err(Fault::new(Kind::MemoryError, ""))
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {}",
            self.kind.name(),
            self.message.to_string_lossy()
        )
    }
}

impl core::error::Error for Fault {}
