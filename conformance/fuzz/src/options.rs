//! The command line.

use std::path::PathBuf;
use std::time::Duration;

/// What `--help` prints.
pub const HELP: &str = "\
Runs programs on CPython and on kit-python, and compares what they do.

Usage: fuzz [OPTIONS] ORACLE

ORACLE is a CPython 3.14. Generated programs are run, and what they print and raise is compared. Mutants of the suite's programs
are compiled only (they might do anything), and the errors and warnings are compared: class, message and position. Of every fourth
of them the syntax tree with its positions, the table of names, the tokens, and the names and lines of functions are compared, too.

  --python PATH     the kit-python to test     [the one built beside this program]
  --programs N      how many                   [1000]
  --seed N          the first one's seed; each program has one of its own, the next number  [1]
  --mutants         only mutants
  --generated       only generated programs
  --corpus DIR      where programs to mutate are; may be given several times  [conformance/programs]
  --batch N         programs for one process   [100]
  --jobs N          batches at a time          [processors]
  --limit SECONDS   the longest one program may take  [20]
  --known FILE      differences that are known [conformance/fuzz/known.txt]
  --out DIR         where programs that differ are kept  [target/fuzz]
  --whole           do not make them smaller
  --show SEED       print one program (of the kind chosen with --mutants or --generated) and stop
  --help            this text

Progress is shown on a terminal. The status is 1 if there were differences that are not known.
";

/// Which programs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kinds {
    /// Both, in turn.
    Both,
    /// Mutants of the corpus.
    Mutants,
    /// Those of the grammar.
    Generated,
}

/// What to do.
pub struct Options {
    /// CPython.
    pub oracle: PathBuf,
    /// `kit-python`.
    pub python: PathBuf,
    /// How many programs.
    pub programs: u64,
    /// The seed of the first.
    pub seed: u64,
    /// Which.
    pub kinds: Kinds,
    /// Where the programs to mutate are.
    pub corpus: Vec<PathBuf>,
    /// Programs for one process.
    pub batch: usize,
    /// Batches at a time.
    pub jobs: usize,
    /// The longest a program may take.
    pub limit: Duration,
    /// The file of known differences.
    pub known: PathBuf,
    /// Where programs are kept.
    pub out: PathBuf,
    /// Whether they are made smaller.
    pub minimise: bool,
    /// Only print the program of this seed.
    pub show: Option<u64>,
}

impl Options {
    /// Reads the arguments; `None` asks for help.
    pub fn parse(args: impl Iterator<Item = String>) -> Result<Option<Options>, String> {
        let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let beside = std::env::current_exe()
            .ok()
            .and_then(|exe| Some(exe.parent()?.join("kit-python")));
        let mut options = Options {
            oracle: PathBuf::new(),
            python: beside.unwrap_or_default(),
            programs: 1000,
            seed: 1,
            kinds: Kinds::Both,
            corpus: Vec::new(),
            batch: 100,
            jobs: std::thread::available_parallelism().map_or(1, |n| n.get()),
            limit: Duration::from_secs(20),
            known: here.join("known.txt"),
            out: PathBuf::from("target/fuzz"),
            minimise: true,
            show: None,
        };
        let mut args = args.peekable();
        let mut oracle = None;
        while let Some(arg) = args.next() {
            let mut value = || args.next().ok_or(format!("{arg} needs a value"));
            let number = |text: String| {
                text.parse::<u64>()
                    .map_err(|_| format!("not a number: {text}"))
            };
            match arg.as_str() {
                "--help" | "-h" => return Ok(None),
                "--python" => options.python = value()?.into(),
                "--programs" => options.programs = number(value()?)?,
                "--seed" => options.seed = number(value()?)?,
                "--mutants" => options.kinds = Kinds::Mutants,
                "--generated" => options.kinds = Kinds::Generated,
                "--corpus" => options.corpus.push(value()?.into()),
                "--batch" => options.batch = number(value()?)?.max(1) as usize,
                "--jobs" => options.jobs = number(value()?)?.max(1) as usize,
                "--limit" => options.limit = Duration::from_secs(number(value()?)?.max(1)),
                "--known" => options.known = value()?.into(),
                "--out" => options.out = value()?.into(),
                "--whole" => options.minimise = false,
                "--show" => options.show = Some(number(value()?)?),
                _ if arg.starts_with('-') => return Err(format!("unknown option {arg}")),
                _ if oracle.is_none() => oracle = Some(arg),
                _ => return Err(format!("too many arguments: {arg}")),
            }
        }
        match oracle {
            Some(oracle) => options.oracle = oracle.into(),
            None if options.show.is_some() => {}
            None => return Err("which ORACLE?".into()),
        }
        if options.corpus.is_empty() {
            options.corpus.push(here.join("../programs"));
        }
        Ok(Some(options))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(args: &[&str]) -> Result<Option<Options>, String> {
        Options::parse(args.iter().map(|arg| (*arg).to_owned()))
    }

    #[test]
    fn an_oracle_is_needed_and_values_are_checked() {
        assert!(parse(&["--help"]).unwrap().is_none());
        assert!(parse(&[]).is_err());
        assert!(parse(&["py", "--seed", "x"]).is_err());
        assert!(parse(&["py", "--seed"]).is_err());
        let options = parse(&["py", "--seed", "9", "--mutants"]).unwrap().unwrap();
        assert_eq!(options.seed, 9);
        assert!(options.kinds == Kinds::Mutants);
    }
}
