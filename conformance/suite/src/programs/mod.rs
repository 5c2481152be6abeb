//! The sample programs of `conformance/programs`: Python, and what each prints; a heap under them has to be right about
//! everything at once.
//!
//! They are run by an [`Interpreter`], which is `kit-python` or one that a port makes of the same crate: the port
//! tells the interpreter which heap to use, in a test without a harness.
//!
//! ```toml
//! [dev-dependencies]
//! kit-suite = { path = "…" }
//! kit-python = { path = "…" }
//!
//! [[test]]
//! name = "programs"
//! harness = false
//! ```
//!
//! ```no_run
//! // tests/programs.rs
//! use kit_std::runtime::HeapChoice;
//! use kit_suite::programs::{self, Port};
//! # mod kit_python { pub mod cli {
//! #     pub fn main_on(_: Vec<std::ffi::OsString>, _: fn(()) -> Option<kit_std::runtime::HeapChoice>) -> i32 { 0 }
//! # } }
//!
//! fn main() -> std::process::ExitCode {
//!     programs::main(&[Port::new("my_allocator", |args| {
//!         kit_python::cli::main_on(args, |_| Some(HeapChoice::Delegating(&std::alloc::System)))
//!     })])
//! }
//! ```

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
    thread,
};

mod data;
mod difference;
mod port;
mod program;
mod settings;

pub use port::{Port, main};
pub use program::{Program, Ran};

use settings::{pairs, strings};

/// The folder of the sample programs.
///
/// # Panics
/// When it is not beside this crate.
pub fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../programs");
        fs::canonicalize(path).expect("the folder of the programs is beside the suite's")
    })
}

/// What runs programs.
#[derive(Clone, Debug)]
pub struct Interpreter {
    path: PathBuf,
    options: Vec<String>,
    variables: Vec<(&'static str, OsString)>,
}

impl Interpreter {
    /// The executable file there.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            options: Vec::new(),
            variables: Vec::new(),
        }
    }

    /// With this argument in front of all others.
    #[must_use]
    pub fn option(mut self, option: &str) -> Self {
        self.options.push(option.to_owned());
        self
    }

    /// With this in its environment.
    #[must_use]
    pub fn variable(mut self, name: &'static str, value: impl AsRef<OsStr>) -> Self {
        self.variables.push((name, value.as_ref().to_owned()));
        self
    }

    /// A process of it.
    fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        // What the machine sets for its own Python is not meant here.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PYTHON") {
                command.env_remove(name);
            }
        }
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.args(&self.options);
        command
    }
}

/// Every program whose name contains `KIT_PROGRAMS` (all where it is not set), in order of names.
///
/// # Panics
/// When the programs are not where they belong.
pub fn all(interpreter: &Interpreter) -> Vec<Program> {
    let filter = std::env::var("KIT_PROGRAMS").unwrap_or_default();
    let mut names = Vec::new();
    for entry in fs::read_dir(folder())
        .expect("the folder can be read")
        .flatten()
    {
        let Ok(files) = fs::read_dir(entry.path()) else {
            continue;
        };
        for file in files.flatten().map(|file| file.path()) {
            if file.extension().is_some_and(|extension| extension == "py") {
                let stem = file
                    .file_stem()
                    .expect("a name")
                    .to_string_lossy()
                    .into_owned();
                names.push(format!("{}/{stem}", entry.file_name().to_string_lossy()));
            }
        }
    }
    names.retain(|name| name.contains(&filter));
    names.sort();
    names
        .into_iter()
        .map(|name| Program::load(name, interpreter.clone()))
        .collect()
}

/// The known gaps: program to reason.
///
/// # Panics
/// When the list of them is not what it should be.
pub fn gaps() -> BTreeMap<String, String> {
    let text = fs::read_to_string(folder().join("gaps.toml")).expect("gaps.toml");
    let mut gaps = BTreeMap::new();
    let mut program = String::new();
    for (key, value) in pairs(&text) {
        match key {
            "program" => program = strings(value).concat(),
            "reason" => drop(gaps.insert(std::mem::take(&mut program), strings(value).concat())),
            other => panic!("gaps.toml: unknown key {other}"),
        }
    }
    gaps
}

/// Calls `work` on all items, two at a time, and gives the results in the items' order.
///
/// # Panics
/// When `work` does.
pub fn two_at_a_time<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let results = std::sync::Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    let Some(item) = items.get(index) else { break };
                    let result = work(item);
                    results
                        .lock()
                        .expect("no panic inside")
                        .push((index, result));
                }
            });
        }
    });
    let mut results = results.into_inner().expect("no panic inside");
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}
