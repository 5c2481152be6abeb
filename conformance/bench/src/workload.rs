//! The programs, and the arguments they want.

use crate::options::Options;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A program to run.
pub struct Workload {
    /// Its name.
    pub name: String,
    /// What the interpreter is given.
    arguments: Vec<OsString>,
    /// Whether it takes a number of threads as its last argument.
    pub threaded: bool,
}

impl Workload {
    /// The interpreter's arguments for `threads` threads.
    pub fn arguments(&self, threads: usize) -> Vec<OsString> {
        let mut arguments = self.arguments.clone();
        if self.threaded && threads > 1 {
            arguments.push(threads.to_string().into());
        }
        arguments
    }
}

/// The programs that were asked for: `start`, which is nothing but starting and ending, and those in
/// the folder. A program that imports `threading` takes a number of threads; one that opens `path` takes
/// a text.
///
/// # Errors
/// There is no such folder or program.
pub fn load(options: &Options) -> Result<Vec<Workload>, String> {
    let failed = |error| format!("{}: {error}", options.programs.display());
    let mut found = vec![Workload {
        name: "start".to_owned(),
        arguments: vec!["-c".into(), "pass".into()],
        threaded: false,
    }];
    let mut paths = Vec::new();
    for entry in fs::read_dir(&options.programs).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|extension| extension == "py") {
            paths.push(path);
        }
    }
    paths.sort();
    for path in paths {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        if !options.names.is_empty() && !options.names.contains(&name.clone().into_owned()) {
            continue;
        }
        let source = fs::read_to_string(&path).map_err(failed)?;
        let mut arguments = vec![path.clone().into_os_string()];
        if source.contains("open(path") {
            match options.text.clone().or_else(sample_text) {
                Some(text) => arguments.push(text.into()),
                None => {
                    eprintln!("{}: left out, no text; see --text", path.display());
                    continue;
                }
            }
        }
        found.push(Workload {
            name: name.into_owned(),
            arguments,
            threaded: source.contains("import threading"),
        });
    }
    for name in &options.names {
        if !found.iter().any(|workload| workload.name == *name) {
            return Err(format!(
                "no program {name} in {}",
                options.programs.display()
            ));
        }
    }
    found.retain(|workload| options.names.is_empty() || options.names.contains(&workload.name));
    Ok(found)
}

/// The text that the sample programs read: a file of a crate that their tests depend on.
fn sample_text() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let data = fs::read_to_string(root.join("../programs/data.toml")).ok()?;
    let section = data.split("[text]").nth(1)?;
    let value = |key: &str| {
        let line = section.lines().find(|line| line.starts_with(key))?;
        Some(line.split('"').nth(1)?.to_owned())
    };
    let output = Command::new("cargo")
        .args(["metadata", "--format-version=1", "--locked"])
        .current_dir(root)
        .output()
        .ok()?;
    let metadata = String::from_utf8(output.stdout).ok()?;
    let manifest = format!("{}-{}/Cargo.toml", value("crate")?, value("version")?);
    let end = metadata.find(&manifest)? + manifest.len();
    let begin = metadata[..end].rfind('"')? + 1;
    let text = Path::new(&metadata[begin..end])
        .parent()?
        .join(value("file")?);
    text.is_file().then_some(text)
}
