//! Running many programs in few processes.
//!
//! A process runs a batch one after another and notes before each that it begins and after each what happened (`driver.py`). If it
//! dies, or is killed since a program takes too long, that program's outcome is this, and a new process goes on behind it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The program that both interpreters run.
const DRIVER: &str = include_str!("driver.py");

/// What is done with a program; `driver.py` knows their names.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It is run.
    Run,
    /// It is compiled.
    Compile,
    /// It is compiled, and its tree, names, tokens and functions are looked at.
    Parse,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Run => "run",
            Kind::Compile => "compile",
            Kind::Parse => "parse",
        }
    }
}

/// A program to run or to compile.
#[derive(Clone)]
pub struct Program {
    /// What it was made of.
    pub seed: u64,
    /// Its text.
    pub text: Vec<u8>,
    /// What is done with it.
    pub kind: Kind,
}

/// A place for the files of batches.
pub struct Place {
    directory: PathBuf,
    limit: Duration,
}

impl Place {
    /// Makes the place.
    pub fn new(directory: PathBuf, limit: Duration) -> std::io::Result<Place> {
        std::fs::create_dir_all(&directory)?;
        std::fs::write(directory.join("driver.py"), DRIVER)?;
        Ok(Place { directory, limit })
    }

    /// Takes the place away.
    pub fn remove(self) -> std::io::Result<()> {
        std::fs::remove_dir_all(self.directory)
    }

    /// What each of the programs does on an interpreter. `name` tells batches at the same time apart.
    pub fn outcomes(
        &self,
        python: &Path,
        name: &str,
        programs: &[Program],
    ) -> std::io::Result<Vec<String>> {
        let batch = self.directory.join(format!("{name}.batch"));
        let notes = self.directory.join(format!("{name}.notes"));
        let mut file = std::fs::File::create(&batch)?;
        for program in programs {
            writeln!(file, "{} {}", program.kind.name(), program.text.len())?;
            file.write_all(&program.text)?;
        }
        drop(file);
        let mut outcomes: Vec<Option<String>> = vec![None; programs.len()];
        while let Some(first) = outcomes.iter().position(Option::is_none) {
            let end = self.process(python, &batch, &notes, first)?;
            let text = std::fs::read_to_string(&notes)?;
            let mut running = first;
            for line in text.lines() {
                let mut words = line.splitn(3, ' ');
                let (kind, index) = (words.next(), words.next());
                let Some(index) = index.and_then(|index| index.parse::<usize>().ok()) else {
                    continue;
                };
                match kind {
                    Some("start") => running = index,
                    Some("done") if index < outcomes.len() => {
                        outcomes[index] = Some(without_places(words.next().unwrap_or("")));
                    }
                    _ => {}
                }
            }
            let outcome = outcomes.get_mut(running.max(first));
            if let Some(outcome @ None) = outcome {
                *outcome = Some(end);
            }
        }
        std::fs::remove_file(&batch)?;
        std::fs::remove_file(&notes)?;
        Ok(outcomes.into_iter().flatten().collect())
    }

    /// One process; what became of it.
    fn process(
        &self,
        python: &Path,
        batch: &Path,
        notes: &Path,
        first: usize,
    ) -> std::io::Result<String> {
        std::fs::write(notes, "")?;
        let mut errors = notes.to_path_buf();
        errors.set_extension("errors");
        let mut child = Command::new(python)
            .arg(self.directory.join("driver.py"))
            .args([batch, notes])
            .arg(first.to_string())
            .env("PYTHONHASHSEED", "0")
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(&errors)?)
            .spawn()?;
        let mut length = 0;
        let mut changed = Instant::now();
        let mut pause = Duration::from_millis(1);
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break Some(status);
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(50));
            let now = std::fs::metadata(notes)?.len();
            if now != length {
                (length, changed) = (now, Instant::now());
            } else if changed.elapsed() > self.limit {
                child.kill()?;
                child.wait()?;
                break None;
            }
        };
        let text = std::fs::read(&errors)?;
        let text = String::from_utf8_lossy(&text);
        let panic = text
            .lines()
            .skip_while(|line| !line.contains("panicked at"))
            .take(2)
            .collect::<Vec<_>>()
            .join(" ");
        std::fs::remove_file(&errors)?;
        Ok(match status {
            None => "hangs".to_owned(),
            Some(status) => format!("ends: {status} {panic}"),
        })
    }
}

/// Addresses differ from run to run, and each interpreter has a library of its own.
fn without_places(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    let first = |rest: &str| {
        [" at 0x", " AT 0X"]
            .iter()
            .filter_map(|at| rest.find(at))
            .min()
    };
    while let Some(at) = first(rest) {
        let end = at + " at 0x".len();
        out.push_str(&rest[..end]);
        rest = rest[end..].trim_start_matches(|c: char| c.is_ascii_hexdigit());
    }
    out.push_str(rest);
    without_cut_places(&mut out);
    const LIBRARY: &str = "/lib/python3.14/";
    while let Some(at) = out.find(LIBRARY) {
        let start = out[..at]
            .rfind(['"', '\'', ' '])
            .map_or(0, |quote| quote + 1);
        out.replace_range(start..at + LIBRARY.len(), "<stdlib>/");
    }
    out
}

/// Takes away what `reprlib` leaves of an address when it cuts a text in the middle.
fn without_cut_places(text: &mut String) {
    const CUT: &str = "...";
    let mut from = 0;
    while let Some(at) = text[from..].find(CUT) {
        from += at + CUT.len();
        let rest = &text[from..];
        let digits = rest.strip_prefix('x').unwrap_or(rest);
        let behind = digits.trim_start_matches(|c: char| c.is_ascii_hexdigit());
        let length = rest.len() - behind.len();
        if behind.starts_with('>') && digits.len() - behind.len() >= 4 {
            text.replace_range(from..from + length, "");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_the_place_of_the_library_go() {
        assert_eq!(without_places("<f at 0x7f01>, 0x10"), "<f at 0x>, 0x10");
        assert_eq!(
            without_places("<F AT 0X7F01> <f at 0x2>"),
            "<F AT 0X> <f at 0x>"
        );
        assert_eq!(without_places("plain"), "plain");
        assert_eq!(without_places("<li...7fae88040>"), "<li...>");
        assert_eq!(without_places("<li...x7fae88040>)"), "<li...>)");
        assert_eq!(without_places("...and> 1...2>"), "...and> 1...2>");
        assert_eq!(
            without_places("File \"/usr/lib/python3.14/re.py\", in"),
            "File \"<stdlib>/re.py\", in"
        );
    }
}
