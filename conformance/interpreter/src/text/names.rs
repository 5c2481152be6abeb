//! Names of characters.

use crate::prelude::*;

/// The name of a code point, if it has one.
pub fn name_of(point: u32) -> Option<String> {
    let name = unicode_names2::name(char::from_u32(point)?)?;
    Some(name.to_string())
}

/// The character with a name, in any case.
pub fn by_name(name: &str) -> Option<char> {
    unicode_names2::character(name)
}
