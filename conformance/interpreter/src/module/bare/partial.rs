//! What to add to the message about a name that a module lacks: nothing, as no file can hide a module.

use crate::object::obj::Obj;
use crate::prelude::*;
use kit_core::thread::Ctx;

/// Why a name may be missing.
pub enum Hint {
    /// Nothing is odd about the module.
    None,
    /// Its body is still running.
    Partial,
    /// This remark, in parentheses.
    Remark(String),
}

/// The hint for a module that lacks a name.
pub fn hint(_: &mut Ctx, _module: &Obj) -> Hint {
    Hint::None
}
