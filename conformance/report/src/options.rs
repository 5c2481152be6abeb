//! The command line.

use std::path::PathBuf;
use std::time::Duration;

/// What `--help` prints.
pub const HELP: &str = "\
Runs the sample programs and says by section which of them do what CPython does.

Usage: report [OPTIONS]

  --python PATH      the interpreter to run them with  [kit-python, which is built first]
  --jobs N           programs at a time                [processors]
  --timeout SECONDS  the longest a program may take    [60]
  --only TEXT        only programs with that in their name, such as `library/`
  --out FILE         the page                          [target/report.html]
  --help             this text

What a program must print is stored beside it; it comes from CPython (conformance/programs/expect). Programs that are known to
fail are in conformance/programs/gaps.toml, with the reason. The status is 1 if another one fails, 2 if they could not be run.
";

/// What to do.
pub struct Options {
    /// The interpreter; without, it is built.
    pub python: Option<PathBuf>,
    /// Programs at a time.
    pub jobs: usize,
    /// The longest a program may take.
    pub timeout: Duration,
    /// What their names contain.
    pub filter: String,
    /// The page.
    pub out: PathBuf,
}

impl Options {
    /// Reads the arguments; `None` asks for help.
    pub fn parse(args: impl Iterator<Item = String>) -> Result<Option<Options>, String> {
        let mut options = Options {
            python: None,
            jobs: std::thread::available_parallelism().map_or(1, |n| n.get()),
            timeout: Duration::from_secs(60),
            filter: String::new(),
            out: PathBuf::from("target/report.html"),
        };
        let mut args = args;
        while let Some(arg) = args.next() {
            let mut value = || args.next().ok_or(format!("{arg} needs a value"));
            let number = |text: String| match text.parse::<u64>() {
                Ok(number) if number > 0 => Ok(number),
                _ => Err(format!("not a number above zero: {text}")),
            };
            match arg.as_str() {
                "--help" | "-h" => return Ok(None),
                "--python" => options.python = Some(value()?.into()),
                "--jobs" => options.jobs = number(value()?)? as usize,
                "--timeout" => options.timeout = Duration::from_secs(number(value()?)?),
                "--only" => options.filter = value()?,
                "--out" => options.out = value()?.into(),
                _ => return Err(format!("unknown argument {arg}")),
            }
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
    fn values_are_checked() {
        assert!(parse(&["--help"]).unwrap().is_none());
        assert!(parse(&["--jobs", "0"]).is_err());
        assert!(parse(&["--timeout"]).is_err());
        assert!(parse(&["file.py"]).is_err());
        let options = parse(&["--jobs", "3", "--only", "gc/"]).unwrap().unwrap();
        assert_eq!((options.jobs, options.filter.as_str()), (3, "gc/"));
    }
}
