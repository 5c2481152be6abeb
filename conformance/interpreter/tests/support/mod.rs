//! Finds the sample programs, runs one in a process of its own and compares what it did with
//! what is stored beside it.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

/// The folder of the sample programs.
pub fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../programs");
        fs::canonicalize(path).expect("the folder of the programs exists")
    })
}

/// The interpreter under test; `KIT_PYTHON` names another one.
fn interpreter() -> PathBuf {
    std::env::var_os("KIT_PYTHON")
        .map_or_else(|| env!("CARGO_BIN_EXE_kit-python").into(), Into::into)
}

/// The options that `KIT_HEAP` and `KIT_ZEAL` stand for; none where they are not set.
fn heap_options() -> Vec<String> {
    let mut options = Vec::new();
    for (variable, option) in [("KIT_HEAP", "heap"), ("KIT_ZEAL", "zeal")] {
        if let Ok(value) = std::env::var(variable) {
            options.extend(["-X".to_owned(), format!("{option}={value}")]);
        }
    }
    options
}

/// A program and how to run it.
#[derive(Debug)]
pub struct Program {
    /// Folder and name without the extension, such as `lang/queens`.
    pub name: String,
    status: i32,
    args: Vec<String>,
    stdin: String,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    /// Under zeal: at every how many safepoints, at least.
    #[cfg(feature = "stats")]
    zeal: u32,
    /// What it prints holds only while nothing stops the world.
    #[cfg(feature = "stats")]
    calm: bool,
}

impl Program {
    fn load(name: String) -> Program {
        let file = |extension: &str| folder().join(format!("{name}.{extension}"));
        let settings = fs::read_to_string(file("toml")).unwrap_or_default();
        let mut program = Program {
            stdout: fs::read(file("out")).unwrap_or_default(),
            stderr: fs::read(file("err")).unwrap_or_default(),
            status: 0,
            args: Vec::new(),
            stdin: String::new(),
            name,
            #[cfg(feature = "stats")]
            zeal: 0,
            #[cfg(feature = "stats")]
            calm: false,
        };
        let mut extra = Vec::new();
        for (key, value) in pairs(&settings) {
            match key {
                "status" => program.status = value.parse().expect("status is a number"),
                "args" => extra = strings(value),
                #[cfg(feature = "stats")]
                "zeal" => program.zeal = value.parse().expect("zeal is a number"),
                #[cfg(feature = "stats")]
                "calm" => program.calm = value == "true",
                #[cfg(not(feature = "stats"))]
                "zeal" | "calm" => {}
                "stdin" => program.stdin = strings(value).concat(),
                "data" => program.args.push(data(&strings(value).concat())),
                other => panic!("{}.toml: unknown key {other}", program.name),
            }
        }
        program.args.append(&mut extra);
        program
    }

    /// Runs the program; the error says how it differs from what is expected.
    pub fn check(&self, limit: Duration) -> Result<(), String> {
        self.check_with(&[], limit)
    }

    /// [`check`](Self::check), with these options of the interpreter.
    pub fn check_with(&self, options: &[&str], limit: Duration) -> Result<(), String> {
        let (status, stdout, stderr) = self.run(options, limit)?;
        let problems = self.compare(status, [&self.stdout, &self.stderr], [&stdout, &stderr]);
        if problems.is_empty() {
            Ok(())
        } else {
            Err(problems.join("\n"))
        }
    }

    /// How what the program did differs from what is expected.
    fn compare(
        &self,
        status: Result<i32, String>,
        expected: [&[u8]; 2],
        [stdout, stderr]: [&[u8]; 2],
    ) -> Vec<String> {
        let here = format!("{}/", folder().display());
        let stderr = replace(stderr, here.as_bytes(), b"<programs>/");
        let mut problems = Vec::new();
        if status != Ok(self.status) {
            let got = status.map_or_else(|signal| signal, |code| format!("status {code}"));
            problems.push(format!("ended with {got}, expected status {}", self.status));
        }
        problems.extend(difference("stdout", expected[0], stdout));
        problems.extend(difference("stderr", expected[1], &stderr));
        problems
    }

    /// Runs the program with these options of the interpreter; the last line that it writes to standard
    /// error.
    pub fn last_words(&self, options: &[&str], limit: Duration) -> Result<String, String> {
        let (_, _, stderr) = self.run(options, limit)?;
        let text = String::from_utf8_lossy(&stderr);
        Ok(text.lines().last().unwrap_or_default().to_owned())
    }

    /// Runs the program with the heap verified at every `every`th safepoint; the error says how it differs from what is
    /// expected, or what is left at its end.
    #[cfg(feature = "stats")]
    pub fn check_zealously(&self, every: u32, limit: Duration) -> Result<(), String> {
        let zeal = format!("zeal={}", every.max(self.zeal));
        let (status, stdout, mut stderr) = self.run(&["-X", &zeal, "-X", "showrefcount"], limit)?;
        let mut problems = Vec::new();
        match stderr.strip_suffix(b"[0 refs, 0 blocks]\n") {
            Some(rest) => stderr = rest.to_vec(),
            None => problems.push("something is left".to_owned()),
        }
        let expected = if self.calm { &stdout } else { &self.stdout };
        problems.extend(self.compare(status, [expected, &self.stderr], [&stdout, &stderr]));
        if problems.is_empty() {
            Ok(())
        } else {
            Err(problems.join("\n"))
        }
    }

    #[allow(clippy::type_complexity)]
    fn run(
        &self,
        options: &[&str],
        limit: Duration,
    ) -> Result<(Result<i32, String>, Vec<u8>, Vec<u8>), String> {
        let mut command = Command::new(interpreter());
        // What the machine sets for its own Python is not meant here.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PYTHON") {
                command.env_remove(name);
            }
        }
        let mut child = command
            .args(heap_options())
            .args(options)
            .arg(format!("{}.py", self.name))
            .args(&self.args)
            .current_dir(folder())
            .env("PYTHONUTF8", "1")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env_remove("FORCE_COLOR")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("cannot start {}: {error}", interpreter().display()))?;
        let mut input = child.stdin.take().expect("a pipe");
        let text = self.stdin.clone();
        // The program may end before it has read everything.
        let feeder = thread::spawn(move || drop(input.write_all(text.as_bytes())));
        let stdout = collect(child.stdout.take().expect("a pipe"));
        let stderr = collect(child.stderr.take().expect("a pipe"));
        let start = Instant::now();
        let mut pause = Duration::from_micros(500);
        let ended = loop {
            if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
                break Some(status);
            }
            if start.elapsed() > limit {
                break None;
            }
            thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(20));
        };
        if ended.is_none() {
            // Fails only where the process has ended meanwhile.
            let _ = child.kill();
            let _ = child.wait();
        }
        let _ = feeder.join();
        let (stdout, stderr) = (
            stdout.join().unwrap_or_default(),
            stderr.join().unwrap_or_default(),
        );
        let Some(status) = ended else {
            return Err(format!(
                "hung: killed after {} s\n{}{}",
                limit.as_secs(),
                tail("stdout", &stdout),
                tail("stderr", &stderr)
            ));
        };
        let status = status.code().ok_or_else(|| status.to_string());
        Ok((status, stdout, stderr))
    }
}

fn collect(mut pipe: impl Read + Send + 'static) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // What arrived before an error is compared all the same.
        let _ = pipe.read_to_end(&mut bytes);
        bytes
    })
}

/// Every program whose name contains `KIT_PROGRAMS` (all where it is not set), in order of names.
pub fn programs() -> Vec<Program> {
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
    names.into_iter().map(Program::load).collect()
}

/// The known gaps: program to reason.
#[allow(dead_code, reason = "not every test that includes this module asks")]
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

/// `key = value` lines of the small part of TOML that these files use.
fn pairs(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.starts_with(['#', '[']))
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.trim(), value.trim()))
}

/// The quoted strings in `text`, escapes resolved.
fn strings(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut chars = text.chars();
    while chars.by_ref().any(|char| char == '"') {
        let mut string = String::new();
        while let Some(char) = chars.next() {
            match char {
                '"' => break,
                '\\' => string.push(match chars.next() {
                    Some('n') => '\n',
                    Some('t') => '\t',
                    Some(other) => other,
                    None => break,
                }),
                other => string.push(other),
            }
        }
        found.push(string);
    }
    found
}

/// The path of the data file `name` of `data.toml`, in its crate's folder.
fn data(name: &str) -> String {
    let text = fs::read_to_string(folder().join("data.toml")).expect("data.toml");
    let section = text
        .split(&format!("\n[{name}]\n"))
        .nth(1)
        .expect("a section of data.toml");
    let section: BTreeMap<&str, String> = pairs(section.split("\n[").next().unwrap_or_default())
        .map(|(key, value)| (key, strings(value).concat()))
        .collect();
    let manifest = format!("/{}-{}/Cargo.toml", section["crate"], section["version"]);
    let crate_folder = metadata()
        .split("\"manifest_path\":\"")
        .filter_map(|rest| rest.split('"').next())
        .find_map(|path| {
            path.ends_with(&manifest)
                .then(|| path.trim_end_matches("Cargo.toml"))
        })
        .unwrap_or_else(|| panic!("{manifest} is not among the dependencies"));
    format!("{crate_folder}{}", section["file"])
}

/// What cargo says about the packages of this workspace, as JSON.
fn metadata() -> &'static str {
    static METADATA: OnceLock<String> = OnceLock::new();
    METADATA.get_or_init(|| {
        let version = Command::new(env!("CARGO"))
            .arg("-vV")
            .output()
            .expect("cargo runs");
        let version = String::from_utf8_lossy(&version.stdout).into_owned();
        let host = version
            .lines()
            .find_map(|line| line.strip_prefix("host: "))
            .expect("a host");
        // Only what this host needs has been downloaded.
        let output = Command::new(env!("CARGO"))
            .args([
                "metadata",
                "--format-version",
                "1",
                "--offline",
                "--filter-platform",
                host,
            ])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .expect("cargo runs");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).expect("UTF-8")
    })
}

fn replace(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix(from) {
            out.extend_from_slice(to);
            rest = after;
        } else {
            out.push(rest[0]);
            rest = &rest[1..];
        }
    }
    out
}

/// Where two outputs part: the line's number, both lines, and the line before.
fn difference(stream: &str, expected: &[u8], got: &[u8]) -> Option<String> {
    if expected == got {
        return None;
    }
    let split = |bytes: &[u8]| -> Vec<String> {
        let show = |line: &[u8]| {
            line.utf8_chunks()
                .map(|c| format!("{}{}", c.valid(), c.invalid().escape_ascii()))
                .collect()
        };
        bytes
            .split_inclusive(|&byte| byte == b'\n')
            .map(show)
            .collect()
    };
    let (expected, got) = (split(expected), split(got));
    let line = expected
        .iter()
        .zip(&got)
        .take_while(|(a, b)| a == b)
        .count();
    let show = |lines: &[String]| match lines.get(line) {
        Some(text) => {
            let mut text = format!("{text:?}");
            if let Some((end, _)) = text.char_indices().nth(300) {
                text.truncate(end);
            }
            text
        }
        None => "the end".to_owned(),
    };
    let before = line
        .checked_sub(1)
        .map_or("", |before| expected[before].trim_end());
    let mut text = format!(
        "{stream} differs at line {}\n  after    {before}\n  expected {}\n  got      {}",
        line + 1,
        show(&expected),
        show(&got)
    );
    if stream == "stdout" && got.len() <= line {
        text.push_str("\n  (the output stops early)");
    }
    if stream == "stderr" {
        let last = got.last().map_or("", |last| last.trim_end());
        text.push_str(&format!("\n  its last line: {last}"));
    }
    Some(text)
}

fn tail(stream: &str, bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text.lines().collect();
    let last = &lines[lines.len().saturating_sub(5)..];
    format!(
        "  {stream}, {} lines, ends with\n    {}\n",
        lines.len(),
        last.join("\n    ")
    )
}

/// Calls `work` on all items, two at a time, and gives the results in the items' order.
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
