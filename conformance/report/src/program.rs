//! A program: how it is run, and what is stored beside it of what CPython does.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// The folder of the programs.
pub fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../programs");
        path.canonicalize().unwrap_or(path)
    })
}

/// The names of all programs, such as `lang/queens`.
pub fn names() -> Result<Vec<String>, String> {
    let list =
        |path: &Path| fs::read_dir(path).map_err(|error| format!("{}: {error}", path.display()));
    let mut names = Vec::new();
    for section in list(folder())?.flatten().map(|entry| entry.path()) {
        if !section.is_dir() {
            continue;
        }
        for file in list(&section)?.flatten().map(|entry| entry.path()) {
            let inside = file.strip_prefix(folder()).unwrap_or(&file);
            if let Some(name) = inside.to_string_lossy().strip_suffix(".py") {
                names.push(name.to_owned());
            }
        }
    }
    names.sort();
    Ok(names)
}

/// The known gaps, with their reasons.
pub fn gaps() -> Result<BTreeMap<String, String>, String> {
    let path = folder().join("gaps.toml");
    let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let mut gaps = BTreeMap::new();
    let mut program = String::new();
    for (key, value) in pairs(&text) {
        match key {
            "program" => program = strings(value).concat(),
            _ => drop(gaps.insert(std::mem::take(&mut program), strings(value).concat())),
        }
    }
    Ok(gaps)
}

/// Runs a program; the error says how what it does differs from what is stored.
pub fn check(python: &Path, name: &str, limit: Duration) -> Result<(), String> {
    let file = |extension: &str| folder().join(format!("{name}.{extension}"));
    let settings = fs::read_to_string(file("toml")).unwrap_or_default();
    let (mut status, mut args, mut input) = (0, Vec::new(), String::new());
    for (key, value) in pairs(&settings) {
        match key {
            "status" => status = value.parse().map_err(|_| format!("status = {value}"))?,
            "args" => args.extend(strings(value)),
            "stdin" => input = strings(value).concat(),
            "data" => args.insert(0, data(&strings(value).concat())?),
            _ => {}
        }
    }
    let mut command = Command::new(python);
    // What the machine sets for its own Python is not meant here.
    for (variable, _) in std::env::vars_os() {
        if variable.to_string_lossy().starts_with("PYTHON") {
            command.env_remove(variable);
        }
    }
    let mut child = command
        .arg(format!("{name}.py"))
        .args(args)
        .current_dir(folder())
        .env("PYTHONUTF8", "1")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env_remove("FORCE_COLOR")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot start: {error}"))?;
    let feeder = child.stdin.take().map(|mut pipe| {
        // The program may end before it has read everything.
        thread::spawn(move || drop(pipe.write_all(input.as_bytes())))
    });
    let (out, err) = (collect(child.stdout.take()), collect(child.stderr.take()));
    let ended = wait(&mut child, limit).map_err(|error| error.to_string())?;
    let (out, err) = (
        out.join().unwrap_or_default(),
        err.join().unwrap_or_default(),
    );
    drop(feeder.map(JoinHandle::join));
    let Some(ended) = ended else {
        return Err(format!("ran longer than {} s", limit.as_secs()));
    };
    let here = format!("{}/", folder().display());
    let err = String::from_utf8_lossy(&err).replace(&here, "<programs>/");
    let stored = |extension| fs::read(file(extension)).unwrap_or_default();
    let mut problems = Vec::new();
    if ended.code() != Some(status) {
        problems.push(format!("ended with {ended}, expected status {status}"));
    }
    problems.extend(difference("output", &stored("out"), &out));
    problems.extend(difference("errors", &stored("err"), err.as_bytes()));
    match problems.is_empty() {
        true => Ok(()),
        false => Err(problems.join("\n")),
    }
}

/// Waits for the process; kills it at the limit.
fn wait(child: &mut Child, limit: Duration) -> std::io::Result<Option<std::process::ExitStatus>> {
    let start = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if start.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

fn collect(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // What arrived before an error is compared all the same.
        let _ = pipe.map(|mut pipe| pipe.read_to_end(&mut bytes));
        bytes
    })
}

/// The first line that differs.
fn difference(what: &str, expected: &[u8], got: &[u8]) -> Option<String> {
    if expected == got {
        return None;
    }
    let (expected, got) = (
        String::from_utf8_lossy(expected),
        String::from_utf8_lossy(got),
    );
    let (mut left, mut right) = (expected.lines(), got.lines());
    let mut line = 1;
    loop {
        match (left.next(), right.next()) {
            (Some(a), Some(b)) if a == b => line += 1,
            (a, b) => {
                let (a, b) = (a.unwrap_or("the end"), b.unwrap_or("the end"));
                return Some(format!(
                    "{what} differs at line {line}\n  expected {a}\n  got      {b}"
                ));
            }
        }
    }
}

/// Where the crate that `data.toml` names keeps the file `name`.
fn data(name: &str) -> Result<String, String> {
    let text = fs::read_to_string(folder().join("data.toml")).map_err(|e| e.to_string())?;
    let section = text
        .split(&format!("[{name}]\n"))
        .nth(1)
        .unwrap_or_default();
    let keys: BTreeMap<&str, String> = pairs(section.split("\n[").next().unwrap_or_default())
        .map(|(key, value)| (key, strings(value).concat()))
        .collect();
    let key = |key: &str| keys.get(key).cloned().unwrap_or_default();
    let manifest = format!("/{}-{}/Cargo.toml", key("crate"), key("version"));
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "metadata",
            "--format-version",
            "1",
            "--locked",
            "--manifest-path",
        ])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.toml"))
        .output()
        .map_err(|error| error.to_string())?;
    String::from_utf8_lossy(&output.stdout)
        .split("\"manifest_path\":\"")
        .filter_map(|rest| rest.split('"').next())
        .find_map(|path| {
            path.ends_with(&manifest)
                .then(|| path.trim_end_matches("Cargo.toml"))
        })
        .map(|folder| format!("{folder}{}", key("file")))
        .ok_or(format!("{manifest} is not among the dependencies"))
}

/// `key = value` lines of the small part of TOML that these files use.
fn pairs(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines()
        .filter(|line| !line.starts_with(['#', '[']))
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.trim(), value.trim()))
}

/// Adds to the last string.
fn push(found: &mut [String], char: char) {
    if let Some(last) = found.last_mut() {
        last.push(char);
    }
}

/// The quoted strings in `text`, escapes resolved.
fn strings(text: &str) -> Vec<String> {
    let (mut found, mut open, mut escaped) = (Vec::new(), false, false);
    for char in text.chars() {
        match char {
            _ if escaped => {
                escaped = false;
                push(
                    &mut found,
                    match char {
                        'n' => '\n',
                        't' => '\t',
                        other => other,
                    },
                );
            }
            '"' if open => open = false,
            '"' => {
                open = true;
                found.push(String::new());
            }
            '\\' if open => escaped = true,
            char if open => push(&mut found, char),
            // Between strings.
            '#' => break,
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read() {
        assert_eq!(strings(r#"["a", "b\n\"c"] # "d""#), ["a", "b\n\"c"]);
        let read: Vec<_> = pairs("# no = 1\nstatus = 3 \nargs = [\"x\"]").collect();
        assert_eq!(read, [("status", "3"), ("args", "[\"x\"]")]);
    }

    #[test]
    fn a_difference_is_shown_by_its_first_line() {
        assert_eq!(difference("output", b"a\nb\n", b"a\nb\n"), None);
        let shown = difference("output", b"a\nb\n", b"a\n").unwrap();
        assert!(shown.contains("line 2") && shown.contains("got      the end"));
    }
}
