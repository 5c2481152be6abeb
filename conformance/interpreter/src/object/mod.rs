//! Python's values: one file or folder per type.

pub mod args;
pub mod define;
pub mod ids;
pub mod instance;
pub mod obj;
pub mod payload;
pub mod protocol;
pub mod slot;
pub mod slots;
pub mod type_;

pub mod dict;
pub mod exception;
pub mod list;
pub mod str_;
pub mod tuple;
