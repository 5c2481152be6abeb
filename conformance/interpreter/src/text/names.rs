//! Names of characters. Without `std` there are none: their table is larger than the rest of the interpreter.

use crate::prelude::*;

/// The name of a code point, if it has one.
#[cfg(feature = "std")]
pub fn name_of(point: u32) -> Option<String> {
    let name = unicode_names2::name(char::from_u32(point)?)?;
    Some(name.to_string())
}

/// The character with a name, in any case.
#[cfg(feature = "std")]
pub fn by_name(name: &str) -> Option<char> {
    unicode_names2::character(name)
}

/// The name of a code point, if it has one.
#[cfg(not(feature = "std"))]
pub fn name_of(_point: u32) -> Option<String> {
    None
}

/// The character with a name, in any case.
#[cfg(not(feature = "std"))]
pub fn by_name(_name: &str) -> Option<char> {
    None
}
