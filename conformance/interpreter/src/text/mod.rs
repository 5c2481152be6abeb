//! Text and bytes: the algorithms under `str`, `bytes` and their formatting, free of any object.
//!
//! Everything here works on borrowed slices and returns owned buffers, so the object model decides
//! where results live. A string is [`wtf8::Wtf8`]; what fails is a [`fault::Fault`].

pub mod bytes_methods;
pub mod codec;
pub mod escape;
pub mod fault;
pub mod format_number;
pub mod format_spec;
pub mod format_string;
pub mod names;
pub mod percent;
pub mod str_case;
pub mod str_methods;
pub mod str_repr;
pub mod unicode;
#[cfg(feature = "std")]
pub mod unicode_data;
mod unicode_tables;
pub mod wtf8;
