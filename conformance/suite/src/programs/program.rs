//! A program: how to run it in a process of its own, and what it has to do there.

use std::{
    fs,
    io::{Read, Write},
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use super::{
    Interpreter,
    data::data,
    difference::{difference, replace, tail},
    folder,
    settings::{pairs, strings},
};

/// A program and how to run it.
#[derive(Debug)]
pub struct Program {
    /// Folder and name without the extension, such as `lang/queens`.
    pub name: String,
    interpreter: Interpreter,
    status: i32,
    /// Or why the file that is one of them is not here.
    args: Result<Vec<String>, String>,
    stdin: String,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    /// Under zeal: at every how many safepoints, at least.
    zeal: u32,
    /// What it prints holds only while nothing stops the world.
    calm: bool,
}

/// What a program did.
#[derive(Debug)]
pub struct Ran {
    /// Its exit status, or what ended it.
    pub status: Result<i32, String>,
    /// Its standard output.
    pub stdout: Vec<u8>,
    /// Its standard error.
    pub stderr: Vec<u8>,
}

impl Ran {
    /// Whether it ended by itself, and said that it had too little memory.
    pub fn lacked_memory(&self) -> bool {
        let names = |text: &[u8]| text.windows(11).any(|part| part == b"MemoryError");
        self.status.is_ok() && (names(&self.stdout) || names(&self.stderr))
    }
}

impl Program {
    pub(super) fn load(name: String, interpreter: Interpreter) -> Program {
        let file = |extension: &str| folder().join(format!("{name}.{extension}"));
        let settings = fs::read_to_string(file("toml")).unwrap_or_default();
        let mut program = Program {
            stdout: fs::read(file("out")).unwrap_or_default(),
            stderr: fs::read(file("err")).unwrap_or_default(),
            interpreter,
            status: 0,
            args: Ok(Vec::new()),
            stdin: String::new(),
            name,
            zeal: 0,
            calm: false,
        };
        let mut extra = Vec::new();
        for (key, value) in pairs(&settings) {
            match key {
                "status" => program.status = value.parse().expect("status is a number"),
                "args" => extra = strings(value),
                "zeal" => program.zeal = value.parse().expect("zeal is a number"),
                "calm" => program.calm = value == "true",
                "stdin" => program.stdin = strings(value).concat(),
                "data" => program.args = data(&strings(value).concat()).map(|path| vec![path]),
                other => panic!("{}.toml: unknown key {other}", program.name),
            }
        }
        if let Ok(args) = &mut program.args {
            args.append(&mut extra);
        }
        program
    }

    /// Why the program cannot run here: a file that it reads is missing.
    pub fn lacks(&self) -> Option<&str> {
        self.args.as_ref().err().map(String::as_str)
    }

    /// Runs the program.
    ///
    /// # Errors
    /// How it differs from what is expected, or why it does not run.
    pub fn check(&self, limit: Duration) -> Result<(), String> {
        self.check_with(&[], limit)
    }

    /// [`check`](Self::check), with these options of the interpreter.
    ///
    /// # Errors
    /// As there.
    pub fn check_with(&self, options: &[&str], limit: Duration) -> Result<(), String> {
        self.judge(&self.run(options, limit)?)
    }

    /// Compares what the program did.
    ///
    /// # Errors
    /// How it differs from what is expected.
    pub fn judge(&self, ran: &Ran) -> Result<(), String> {
        none_of(self.compare(&self.stdout, &ran.stderr, ran))
    }

    /// How what the program did differs from what is expected.
    fn compare(&self, expected: &[u8], stderr: &[u8], ran: &Ran) -> Vec<String> {
        let here = format!("{}/", folder().display());
        let stderr = replace(stderr, here.as_bytes(), b"<programs>/");
        let mut problems = Vec::new();
        if ran.status != Ok(self.status) {
            let got = match &ran.status {
                Ok(code) => format!("status {code}"),
                Err(signal) => signal.clone(),
            };
            problems.push(format!("ended with {got}, expected status {}", self.status));
        }
        problems.extend(difference("stdout", expected, &ran.stdout));
        problems.extend(difference("stderr", &self.stderr, &stderr));
        problems
    }

    /// Runs the program with these options of the interpreter; the last line that it writes to standard
    /// error.
    ///
    /// # Errors
    /// Why it does not run.
    pub fn last_words(&self, options: &[&str], limit: Duration) -> Result<String, String> {
        let ran = self.run(options, limit)?;
        let text = String::from_utf8_lossy(&ran.stderr);
        Ok(text.lines().last().unwrap_or_default().to_owned())
    }

    /// Runs the program with the heap verified at every `every`th safepoint, where the interpreter counts references.
    ///
    /// # Errors
    /// How it differs from what is expected, or what is left at its end.
    pub fn check_zealously(&self, every: u32, limit: Duration) -> Result<(), String> {
        let zeal = format!("zeal={}", every.max(self.zeal));
        let ran = self.run(&["-X", &zeal, "-X", "showrefcount"], limit)?;
        let mut problems = Vec::new();
        let rest = ran.stderr.strip_suffix(b"[0 refs, 0 blocks]\n");
        if rest.is_none() {
            problems.push("something is left".to_owned());
        }
        let expected = if self.calm { &ran.stdout } else { &self.stdout };
        problems.extend(self.compare(expected, rest.unwrap_or(&ran.stderr), &ran));
        none_of(problems)
    }

    /// Runs the program with these options of the interpreter.
    ///
    /// # Errors
    /// Why it does not run: a file is missing, it does not start, or does not end.
    pub fn run(&self, options: &[&str], limit: Duration) -> Result<Ran, String> {
        let args = self.args.as_ref().map_err(String::clone)?;
        let mut child = (self.interpreter.command())
            .args(options)
            .arg(format!("{}.py", self.name))
            .args(args)
            .current_dir(folder())
            .env("PYTHONUTF8", "1")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env_remove("FORCE_COLOR")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("the interpreter does not start: {error}"))?;
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
        Ok(Ran {
            status: status.code().ok_or_else(|| status.to_string()),
            stdout,
            stderr,
        })
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

fn none_of(problems: Vec<String>) -> Result<(), String> {
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems.join("\n"))
    }
}
