//! Modules: those written in Rust, and how `import` finds any.
//!
//! A native module is a [`ModuleDef`] in a file or folder of its name here, listed in [`MODULES`]. It is made
//! when it is first imported; `builtins` and `sys` when the interpreter starts.

use crate::error::PyResult;
use crate::object::define::ModuleDef;
use crate::object::dict::PyDict;
use crate::object::obj::Obj;
use crate::object::root::Root;
use crate::object::{module, str_};
use kit_core::thread::Ctx;

pub mod accounts;
pub mod array;
pub mod ast;
pub mod atexit;
pub mod binascii;
pub mod bisect;
pub mod cached;
pub mod cmath;
pub mod codecs;
pub mod collections;
pub mod contextvars;
pub mod csv;
pub mod errno;
pub mod fault;
pub mod fcntl;
pub mod file_modes;
pub mod formatter;
pub mod frozen;
pub mod functools;
pub mod gc;
pub mod hashes;
pub mod heapq;
pub mod imp;
pub mod import;
pub mod import_time;
pub mod importing;
pub mod io;
pub mod itertools;
pub mod json;
pub mod kit;
pub mod library;
mod listing;
pub mod locales;
mod made;
pub mod marshal;
pub mod math;
pub mod natives;
pub mod operator;
pub mod partial;
pub mod pickle;
pub mod posix;
pub mod posix_subprocess;
pub mod queue;
pub mod random;
pub mod resource;
pub mod select;
pub mod settings;
pub mod signal;
pub mod socket;
pub mod sre;
pub mod statistics;
pub mod struct_class;
pub mod structs;
mod suggestions;
pub mod support;
pub mod sys;
pub mod syslog;
pub mod termios;
pub mod threading;
pub mod time;
pub mod tokenize;
pub mod types;
pub mod typing;
pub mod unicodedata;
pub mod warnings;
pub mod weakref;
pub mod zlib;

pub use made::{create, main_module, namespace, start_modules};

/// The modules written in Rust.
pub static MODULES: &[&ModuleDef] = &[
    &crate::builtins::MODULE,
    &sys::MODULE,
    &collections::MODULE,
    &functools::MODULE,
    &io::MODULE,
    &itertools::MODULE,
    &kit::MODULE,
    &operator::MODULE,
    &threading::MODULE,
    &marshal::MODULE,
    &math::MODULE,
    &queue::MODULE,
    &random::MODULE,
    &imp::MODULE,
    &sre::MODULE,
    &types::MODULE,
    &formatter::MODULE,
    &contextvars::MODULE,
    &time::MODULE,
    &gc::MODULE,
    &fcntl::MODULE,
    &syslog::MODULE,
    &termios::MODULE,
    &locales::MODULE,
    &weakref::MODULE,
    &suggestions::MODULE,
    &frozen::ABC_MODULE,
    &warnings::MODULE,
    &accounts::PWD,
    &accounts::GRP,
    &resource::MODULE,
    &array::MODULE,
    &binascii::MODULE,
    &bisect::MODULE,
    &cmath::MODULE,
    &csv::MODULE,
    &heapq::MODULE,
    &json::MODULE,
    &statistics::MODULE,
    &unicodedata::MODULE,
    &zlib::MODULE,
    &codecs::MODULE,
    &atexit::MODULE,
    &errno::MODULE,
    &file_modes::MODULE,
    &fault::MODULE,
    &hashes::MD5,
    &hashes::SHA1,
    &hashes::SHA2,
    &hashes::SHA3,
    &hashes::BLAKE2,
    &hashes::HASHLIB,
    &posix_subprocess::MODULE,
    &select::MODULE,
    &socket::MODULE,
    &pickle::MODULE,
    &posix::MODULE,
    &signal::MODULE,
    &structs::MODULE,
    &typing::MODULE,
    &ast::MODULE,
    &tokenize::MODULE,
];

/// What modules keep per interpreter.
#[derive(Default)]
pub struct Library {
    /// `io.UnsupportedOperation`.
    pub unsupported: Root,
    /// Whose turn with streams it may be.
    pub turns: io::guard::Turns,
    /// Weak references.
    pub weak: crate::object::weakref::WeakTable,
    /// The collector.
    pub gc: gc::State,
    /// Tools that watch what runs.
    pub monitor: crate::vm::monitor::State,
    /// Threads.
    pub threads: threading::state::Threads,
    /// The library's directory, if not [`library::ROOT`].
    pub root: Root,
    /// Modules being imported.
    pub imports: importing::Imports,
    /// What is called when the process forks.
    pub forks: posix::fork::Hooks,
    /// Exception classes, registries and the like of natives.
    pub natives: natives::Natives,
    /// Syntax trees.
    pub ast: ast::State,
    /// `csv.field_size_limit()`.
    pub csv_limit: csv::FieldLimit,
    /// What the command line has set.
    pub settings: settings::Settings,
    /// Which filters of warnings there are, counted up when they change.
    pub warnings: warnings::Version,
}

impl Library {
    /// What is kept for as long as the interpreter runs.
    pub fn roots(&self) -> [&Root; 11] {
        [
            &self.root,
            &self.unsupported,
            &self.gc.callbacks,
            &self.gc.garbage,
            &self.monitor.disable,
            &self.monitor.missing,
            &self.forks.before,
            &self.forks.parent,
            &self.forks.child,
            &self.ast.classes,
            &self.ast.singletons,
        ]
    }
}

/// Whether a module written in Rust has this name.
pub fn is_built_in(name: &str) -> bool {
    definition(name).is_some() || frozen::source(name).is_some()
}

fn definition(name: &str) -> Option<&'static ModuleDef> {
    MODULES.iter().find(|def| def.name == name).copied()
}

/// The native module with this name, made now unless `sys.modules` has it; `None` if there is none.
pub fn native(ctx: &mut Ctx, name: &str) -> PyResult<Option<Obj>> {
    match definition(name) {
        Some(def) => create(ctx, def).map(Some),
        None => Ok(None),
    }
}

/// The name in a module, if it is there.
pub fn get(ctx: &mut Ctx, module: &Obj, name: &'static str) -> Option<Obj> {
    let name = str_::intern(ctx, name);
    let space = module::namespace(ctx, module)?;
    space.expect::<PyDict>().get_name(ctx, &name)
}
