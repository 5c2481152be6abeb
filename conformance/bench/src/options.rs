//! The command line.

use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What `--help` prints.
pub const HELP: &str = "\
Measures kit-python, side by side with CPython.

Usage: bench [OPTIONS] [NAME]...
       bench micro --help
       bench heap --help
       bench operations --help
       bench pauses --help

NAMEs are programs of conformance/bench/programs, without `.py`. All, if none is given.

  --kit PATH        the kit-python to measure    [the one built beside this program]
  --cpython PATH    the CPython to compare with  [python3.14, if there is one]
  --alone           no CPython
  --runs N          samples of each              [5]
  --threads N,...   numbers of threads to scale to; 0 for none  [2]
  --instructions    count instructions of kit-python too (needs valgrind; slow)
  --text PATH       the text for `wordcount`     [the one of the sample programs]
  --programs DIR    other programs
  --limit SECONDS   the longest a run may take   [120]
  --markdown FILE   write the report there too
  --html FILE       the same with pictures
  --help            this text

Progress is shown on a terminal. NO_COLOR turns colours off. The status is 1 if a run failed or
printed something else than the others.
";

/// What to measure.
pub struct Options {
    /// `kit-python`.
    pub kit: PathBuf,
    /// CPython.
    pub cpython: Option<PathBuf>,
    /// Samples of each.
    pub runs: usize,
    /// Numbers of threads.
    pub threads: Vec<usize>,
    /// Whether to count instructions.
    pub instructions: bool,
    /// The text `wordcount` reads.
    pub text: Option<PathBuf>,
    /// Where the programs are.
    pub programs: PathBuf,
    /// The longest a run may take.
    pub limit: Duration,
    /// Where the report goes.
    pub markdown: Option<PathBuf>,
    /// Where the report with pictures goes.
    pub html: Option<PathBuf>,
    /// Which programs; all if empty.
    pub names: Vec<String>,
}

/// Reads the command line; `None` asks for help.
///
/// # Errors
/// It cannot be understood; says why.
pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Option<Options>, String> {
    let mut options = Options {
        kit: beside("kit-python"),
        cpython: on_path("python3.14"),
        runs: 5,
        threads: vec![2],
        instructions: false,
        text: None,
        programs: Path::new(env!("CARGO_MANIFEST_DIR")).join("programs"),
        limit: Duration::from_secs(120),
        markdown: None,
        html: None,
        names: Vec::new(),
    };
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        let (flag, attached) = match argument.split_once('=') {
            Some((flag, value)) if flag.starts_with("--") => {
                (flag.to_owned(), Some(value.to_owned()))
            }
            _ => (argument, None),
        };
        let mut value = || {
            attached
                .clone()
                .or_else(|| arguments.next())
                .ok_or_else(|| format!("{flag} needs a value"))
        };
        match flag.as_str() {
            "--help" | "-h" => return Ok(None),
            "--kit" => options.kit = value()?.into(),
            "--cpython" => options.cpython = Some(value()?.into()),
            "--alone" => options.cpython = None,
            "--runs" => options.runs = number(&flag, &value()?)?.max(1),
            "--threads" => {
                let mut threads = Vec::new();
                for part in value()?.split(',') {
                    threads.push(number(&flag, part)?);
                }
                threads.retain(|count| *count > 1);
                options.threads = threads;
            }
            "--instructions" => options.instructions = true,
            "--text" => options.text = Some(value()?.into()),
            "--programs" => options.programs = value()?.into(),
            "--limit" => options.limit = Duration::from_secs(number(&flag, &value()?)? as u64),
            "--markdown" => options.markdown = Some(value()?.into()),
            "--html" => options.html = Some(value()?.into()),
            _ if flag.starts_with('-') => return Err(format!("unknown option {flag}")),
            _ => options.names.push(flag.trim_end_matches(".py").to_owned()),
        }
    }
    Ok(Some(options))
}

fn number(flag: &str, text: &str) -> Result<usize, String> {
    text.trim()
        .parse()
        .map_err(|_| format!("{flag}: not a number: {text}"))
}

/// A program in the folder of this one.
fn beside(name: &str) -> PathBuf {
    let file = format!("{name}{}", env::consts::EXE_SUFFIX);
    env::current_exe()
        .ok()
        .and_then(|me| Some(me.parent()?.join(&file)))
        .unwrap_or_else(|| file.into())
}

/// A program on the search path.
fn on_path(name: &str) -> Option<PathBuf> {
    let file = format!("{name}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&env::var_os("PATH")?)
        .map(|folder| folder.join(&file))
        .find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(line: &str) -> Result<Options, String> {
        parse(line.split_whitespace().map(str::to_owned)).map(|options| options.expect("no help"))
    }

    #[test]
    fn values_follow_or_are_attached() {
        let options = run("--runs 3 --threads=2,4 --alone fib.py nbody").unwrap();
        assert_eq!(options.runs, 3);
        assert_eq!(options.threads, [2, 4]);
        assert_eq!(options.cpython, None);
        assert_eq!(options.names, ["fib", "nbody"]);
        assert!(run("--threads 0").unwrap().threads.is_empty());
    }

    #[test]
    fn what_is_not_understood_is_said() {
        assert_eq!(run("--runs").err().unwrap(), "--runs needs a value");
        assert_eq!(run("--runs x").err().unwrap(), "--runs: not a number: x");
        assert_eq!(run("--frob").err().unwrap(), "unknown option --frob");
    }
}
