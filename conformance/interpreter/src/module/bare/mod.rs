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

use crate::error::PyResult;
use crate::object::define::ModuleDef;
use crate::object::dict::{self, PyDict};
use crate::object::module;
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::root::Root;
use crate::object::str_;
use crate::vm::thread::rt;
use kit_core::thread::Ctx;

#[path = "../codecs/registry.rs"]
pub mod codec_registry;
pub mod import;
pub mod importing;
pub mod io;
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

/// Makes a native module, and puts it into `sys.modules` under its name.
///
/// # Errors
/// MemoryError, or what making it raises.
pub fn create(ctx: &mut Ctx, def: &'static ModuleDef) -> PyResult {
    let module = module::create(ctx, def)?;
    let name = str_::intern(ctx, def.name);
    if let Some(modules) = rt(ctx).modules.get() {
        let modules = modules.expect::<PyDict>();
        modules.set_name(ctx, &name, module.clone())?;
    }
    Ok(module)
}

/// The namespace of a module, as a new reference.
///
/// # Errors
/// MemoryError.
pub fn namespace(ctx: &mut Ctx, module: &Obj) -> PyResult {
    match module::namespace(ctx, module) {
        Some(space) => Ok(space),
        None => dict::new(ctx),
    }
}

/// Makes `sys.modules`, `builtins`, `sys` and `__main__`.
///
/// # Errors
/// MemoryError.
pub fn start_modules(ctx: &mut Ctx) -> PyResult<()> {
    let modules = dict::new(ctx)?;
    let _ = rt(ctx).modules.set(modules.clone());
    let builtins = create(ctx, &crate::builtins::MODULE)?;
    let space = namespace(ctx, &builtins)?;
    let _ = rt(ctx).builtins.set(space);
    create(ctx, &sys::MODULE)?;
    crate::object::template::start(ctx)?;
    let main = module::new(ctx, "__main__", Obj::NONE)?;
    module::add(ctx, &main, "__builtins__", builtins)?;
    let name = &names(ctx).main;
    modules.expect::<PyDict>().set_name(ctx, name, main)
}

/// The module `__main__`.
///
/// # Errors
/// MemoryError.
pub fn main_module(ctx: &mut Ctx) -> PyResult {
    let name = &names(ctx).main;
    let modules = rt(ctx).modules.get();
    if let Some(main) = modules.and_then(|m| m.expect::<PyDict>().get_name(ctx, name)) {
        return Ok(main);
    }
    module::new(ctx, "__main__", Obj::NONE)
}
