//! Modules where there is no system: what the interpreter proper asks of the library, and `builtins` and `sys`.
//!
//! | asked for | what a program finds here |
//! |---|---|
//! | a module | those of [`MODULES`], and what the embedder has put into `sys.modules` |
//! | `sys.stdout`, `sys.stderr` | streams that write to the [host](crate::vm::start::Config::say) |
//! | a warning | nothing: nobody is told |
//! | a codec | those of Unicode, Latin-1 and ASCII |
//! | the names of characters, docstrings of natives | none |
//! | a compiler: `compile`, `exec` and `eval` of a text | an exception |

use crate::object::define::ModuleDef;
use crate::object::root::Root;

#[path = "../codecs/registry.rs"]
pub mod codec_registry;
pub mod import;
pub mod importing;
pub mod io;
#[path = "../made.rs"]
mod made;
#[path = "../natives.rs"]
pub mod natives;
pub mod partial;
#[path = "../support.rs"]
pub mod support;
pub mod sys;
#[path = "../types.rs"]
pub mod types;
#[path = "../typing/mod.rs"]
pub mod typing;
pub mod warnings;
#[path = "../weakref.rs"]
pub mod weakref;

pub use made::{create, main_module, namespace, start_modules};

/// Codecs.
pub mod codecs {
    pub use super::codec_registry as registry;
}

/// The modules written in Rust.
pub static MODULES: &[&ModuleDef] = &[
    &crate::builtins::MODULE,
    &sys::MODULE,
    &io::MODULE,
    &types::MODULE,
    &typing::MODULE,
    &weakref::MODULE,
];

/// What modules keep per interpreter.
#[derive(Default)]
pub struct Library {
    /// Weak references.
    pub weak: crate::object::weakref::WeakTable,
    /// Tools that watch what runs.
    pub monitor: crate::vm::monitor::State,
    /// Classes and registries of natives.
    pub natives: natives::Natives,
}

impl Library {
    /// What is kept for as long as the interpreter runs.
    pub fn roots(&self) -> [&Root; 2] {
        [&self.monitor.disable, &self.monitor.missing]
    }
}
