//! The command line.

use super::help;
use super::memory::{self, Heap};
use crate::vm::thread::Specialize;
use std::ffi::OsString;
use std::num::NonZero;
use std::path::PathBuf;
use std::time::Duration;

/// The name the program calls itself.
pub const PROGRAM: &str = "kit-python";

/// What to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A file, or a directory with a `__main__.py`.
    File(OsString),
    /// The text of a program (`-c`).
    Command(String),
    /// A module (`-m`).
    Module(String),
    /// Standard input: interactive on a terminal.
    Stdin,
}

/// What the command line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// What to run.
    pub target: Target,
    /// `sys.argv`.
    pub argv: Vec<OsString>,
    /// `-q`: no greeting.
    pub quiet: bool,
    /// `-i`: interactive afterwards.
    pub inspect: bool,
    /// `-E`, `-I`: environment variables are ignored.
    pub ignore_environment: bool,
    /// `-P`, `-I`: the program's directory is not searched for modules.
    pub safe_path: bool,
    /// `-B`: compiled code is not kept in files.
    pub forgetful: bool,
    /// `-R`: hashes are random, whatever the environment says.
    pub random_hashes: bool,
    /// `-I`: isolated.
    pub isolated: bool,
    /// `-b`: warn of bytes that are taken for text; twice: that is an error.
    pub bytes_warning: u8,
    /// `-d`.
    pub debug: u8,
    /// `-v`: say what is imported.
    pub verbose: u8,
    /// `-s`, `-I`.
    pub no_user_site: bool,
    /// `-S`.
    pub no_site: bool,
    /// `-x`: the first line of the program's file is none of it.
    pub skip_first_line: bool,
    /// `-u`: standard output is not buffered.
    pub unbuffered: bool,
    /// `-O`, `-OO`.
    pub optimize: u8,
    /// `-X showrefcount`.
    pub show_references: bool,
    /// `-X heap-stats`.
    pub show_heap: bool,
    /// `-X stdlib`.
    pub library: Option<PathBuf>,
    /// `-X opstats`.
    pub show_operations: bool,
    /// `-X zeal`: at every how many safepoints; 0 for none.
    pub zeal: u32,
    /// `-X stop-report`.
    pub stop_report: Option<Duration>,
    /// `-X gc-pause`.
    pub gc_pause: Option<Duration>,
    /// `-X leak-report`.
    pub leak_report: bool,
    /// `-X gc-threads`; `None` to leave that to the kit.
    pub gc_threads: Option<NonZero<usize>>,
    /// `-X gc-report`.
    pub gc_report: Option<PathBuf>,
    /// `-X heap`.
    pub heap: Heap,
    /// `-X max-memory`.
    pub memory_limit: usize,
    /// `-X tlbc`; `None` to leave that to `PYTHON_TLBC`.
    pub private_code: Option<bool>,
    /// `-X tlbc-limit`.
    pub code_limit: usize,
    /// `-X specialize`.
    pub specialize: Specialize,
    /// `-X dis`.
    pub list_code: bool,
    /// `-X fuel`.
    pub fuel: Option<u64>,
    /// The whole command line: `sys.orig_argv`.
    pub words: Vec<OsString>,
    /// All of `-X`: `sys._xoptions`.
    pub implementation: Vec<String>,
    /// `-W`: what to do about warnings.
    pub warnings: Vec<String>,
}

/// What else the command line may ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Run something.
    Run(Box<Options>),
    /// Print this on standard output, and stop.
    Print(String),
    /// Print this on standard error, and stop with an error.
    Refuse(String),
}

/// The version as `--version` shows it.
pub fn version() -> String {
    let [major, minor, micro] = crate::module::sys::VERSION;
    format!(
        "Python {major}.{minor}.{micro} (kit-python {})\n",
        env!("CARGO_PKG_VERSION")
    )
}

/// The version as `-VV` shows it.
fn long_version() -> String {
    format!("Python {}\n", crate::module::sys::version())
}

/// The value of an option that is on or off.
pub fn switch(text: &str) -> Option<bool> {
    match text {
        "0" => Some(false),
        "1" => Some(true),
        _ => None,
    }
}

fn refuse(what: String) -> Request {
    Request::Refuse(format!(
        "{what}\n{}Try `kit-python -h' for more information.\n",
        help::USAGE
    ))
}

/// Reads a command line, the program's own name first.
pub fn parse(args: Vec<OsString>) -> Request {
    let mut options = Options {
        target: Target::Stdin,
        argv: Vec::new(),
        quiet: false,
        inspect: false,
        ignore_environment: false,
        safe_path: false,
        forgetful: false,
        random_hashes: false,
        isolated: false,
        bytes_warning: 0,
        debug: 0,
        verbose: 0,
        no_user_site: false,
        no_site: false,
        skip_first_line: false,
        unbuffered: false,
        optimize: 0,
        show_references: false,
        library: None,
        show_operations: false,
        show_heap: false,
        zeal: 0,
        stop_report: None,
        gc_pause: None,
        leak_report: false,
        gc_threads: None,
        gc_report: None,
        heap: Heap::default(),
        memory_limit: usize::MAX,
        private_code: None,
        code_limit: usize::MAX,
        specialize: Specialize::default(),
        list_code: false,
        fuel: None,
        words: args.clone(),
        implementation: Vec::new(),
        warnings: Vec::new(),
    };
    let mut rest = args.into_iter().skip(1);
    while let Some(arg) = rest.next() {
        let text = arg.to_string_lossy().into_owned();
        if text == "-" || !text.starts_with('-') {
            options.argv.push(arg.clone());
            if text != "-" {
                options.target = Target::File(arg);
            }
            break;
        }
        match text.as_str() {
            "--version" => return Request::Print(version()),
            "--help" => return Request::Print(help::options()),
            "--help-xoptions" => return Request::Print(help::IMPLEMENTATION.to_owned()),
            "--help-env" => return Request::Print(help::ENVIRONMENT.to_owned()),
            "--help-all" => return Request::Print(help::all()),
            "--check-hash-based-pycs" => match rest.next() {
                Some(word) if ["always", "default", "never"].iter().any(|w| word == *w) => continue,
                Some(_) => {
                    let wanted =
                        "--check-hash-based-pycs must be one of 'default', 'always', or 'never'";
                    return refuse(wanted.to_owned());
                }
                None => {
                    let what = "Argument expected for the --check-hash-based-pycs option";
                    return refuse(what.to_owned());
                }
            },
            "--" => continue,
            _ if text.starts_with("--") => return refuse(format!("Unknown option: {text}")),
            _ => {}
        }
        let flags: Vec<char> = text.chars().skip(1).collect();
        for (index, flag) in flags.iter().enumerate() {
            let attached: String = flags[index + 1..].iter().collect();
            if matches!(flag, 'c' | 'm' | 'W' | 'X') {
                let value = if attached.is_empty() {
                    rest.next()
                        .map(|value| value.to_string_lossy().into_owned())
                } else {
                    Some(attached)
                };
                let Some(value) = value else {
                    return refuse(format!("Argument expected for the -{flag} option"));
                };
                match flag {
                    'c' => options.target = Target::Command(value + "\n"),
                    'm' => options.target = Target::Module(value),
                    'X' => {
                        match value.split_once('=').unwrap_or((&value, "")) {
                            ("showrefcount", _) => options.show_references = true,
                            ("stdlib", directory) if !directory.is_empty() => {
                                options.library = Some(directory.into());
                            }
                            ("dis", _) => options.list_code = true,
                            ("opstats", _) => options.show_operations = true,
                            ("heap-stats", _) => options.show_heap = true,
                            ("zeal", "") => options.zeal = 1,
                            ("zeal", text) => match text.parse() {
                                Ok(every) => options.zeal = every,
                                Err(_) => return refuse("-X zeal: not a number".to_owned()),
                            },
                            ("stop-report", text) => match text.parse() {
                                Ok(after) => {
                                    options.stop_report = Some(Duration::from_millis(after));
                                }
                                Err(_) => return refuse("-X stop-report: not a number".to_owned()),
                            },
                            ("gc-pause", text) => {
                                match text.parse::<f64>().map(Duration::try_from_secs_f64) {
                                    Ok(Ok(time)) => options.gc_pause = Some(time / 1000),
                                    _ => return refuse("-X gc-pause: not a number".to_owned()),
                                }
                            }
                            ("leak-report", _) => options.leak_report = true,
                            ("gc-threads", text) => match text.parse() {
                                Ok(threads) => options.gc_threads = Some(threads),
                                Err(_) => {
                                    return refuse(
                                        "-X gc-threads: not a number of threads".to_owned(),
                                    );
                                }
                            },
                            ("gc-report", "") => {
                                return refuse(
                                    "-X gc-report: the name of a file is missing".to_owned(),
                                );
                            }
                            ("gc-report", file) => options.gc_report = Some(file.into()),
                            ("heap", text) => match Heap::parse(text) {
                                Ok(heap) => options.heap = heap,
                                Err(problem) => return refuse(problem),
                            },
                            ("max-memory", text) => match memory::limit(text) {
                                Ok(limit) => options.memory_limit = limit,
                                Err(problem) => return refuse(problem),
                            },
                            ("fuel", text) => match text.parse() {
                                Ok(fuel) => options.fuel = Some(fuel),
                                Err(_) => return refuse("-X fuel: not a number".to_owned()),
                            },
                            ("tlbc", text) => match switch(text) {
                                Some(private) => options.private_code = Some(private),
                                None => {
                                    return refuse("-X tlbc=n: n is missing or invalid".to_owned());
                                }
                            },
                            ("tlbc-limit", text) => match memory::code_limit(text) {
                                Ok(limit) => options.code_limit = limit,
                                Err(problem) => return refuse(problem),
                            },
                            ("specialize", text) => {
                                options.specialize = match text {
                                    "always" => Specialize::Always,
                                    "adaptive" => Specialize::Adaptive,
                                    "never" => Specialize::Never,
                                    _ => {
                                        return refuse(
                                            "-X specialize: expected always, adaptive or never"
                                                .to_owned(),
                                        );
                                    }
                                }
                            }
                            _ => {}
                        }
                        options.implementation.push(value);
                        break;
                    }
                    'W' => {
                        options.warnings.push(value);
                        break;
                    }
                    _ => break,
                }
                options.argv.push(format!("-{flag}").into());
                options.argv.extend(rest);
                return Request::Run(Box::new(options));
            }
            match flag {
                'h' | '?' => return Request::Print(help::options()),
                'V' if flags.iter().filter(|flag| **flag == 'V').count() > 1 => {
                    return Request::Print(long_version());
                }
                'V' => return Request::Print(version()),
                'q' => options.quiet = true,
                'i' => options.inspect = true,
                'E' => options.ignore_environment = true,
                'P' => options.safe_path = true,
                'I' => {
                    (options.ignore_environment, options.safe_path) = (true, true);
                    (options.isolated, options.no_user_site) = (true, true);
                }
                'b' => options.bytes_warning = options.bytes_warning.saturating_add(1),
                'd' => options.debug = options.debug.saturating_add(1),
                'v' => options.verbose = options.verbose.saturating_add(1),
                's' => options.no_user_site = true,
                'S' => options.no_site = true,
                'x' => options.skip_first_line = true,
                'u' => options.unbuffered = true,
                'O' => options.optimize = (options.optimize + 1).min(2),
                'B' => options.forgetful = true,
                'R' => options.random_hashes = true,
                _ => return refuse(format!("Unknown option: -{flag}")),
            }
        }
    }
    options.argv.extend(rest);
    if options.argv.is_empty() {
        options.argv.push(OsString::new());
    }
    Request::Run(Box::new(options))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(line: &str) -> Request {
        let words = std::iter::once("kit-python").chain(line.split_whitespace());
        parse(words.map(OsString::from).collect())
    }

    #[test]
    fn arguments_after_the_program_are_its_own() {
        let Request::Run(options) = run("-qi f.py -c x") else {
            panic!("a program is to be run")
        };
        assert_eq!(options.target, Target::File("f.py".into()));
        assert_eq!(options.argv, ["f.py", "-c", "x"]);
        assert!(options.quiet && options.inspect);
    }

    #[test]
    fn a_command_may_follow_its_option_directly() {
        let Request::Run(options) = run("-Ec1+1 a") else {
            panic!("a program is to be run")
        };
        assert_eq!(options.target, Target::Command("1+1\n".into()));
        assert_eq!(options.argv, ["-c", "a"]);
    }

    #[test]
    fn values_of_x_are_kept_and_bad_sizes_refused() {
        let Request::Run(options) = run("-X heap=arena:64M -Xmax-memory=32M -X dev f.py") else {
            panic!("a program is to be run")
        };
        assert_eq!(options.heap, Heap::Arena(64 << 20));
        assert_eq!(options.memory_limit, 32 << 20);
        assert_eq!(
            options.implementation,
            ["heap=arena:64M", "max-memory=32M", "dev"]
        );
        let Request::Run(options) = run("-X tlbc=0 -X tlbc-limit=0 -X specialize=always f.py")
        else {
            panic!("a program is to be run")
        };
        assert_eq!(options.private_code, Some(false));
        assert_eq!(options.code_limit, 0);
        assert_eq!(options.specialize, Specialize::Always);
        for bad in [
            "-Xzeal=often",
            "-Xstop-report",
            "-Xgc-pause=-1",
            "-Xgc-report",
            "-Xheap",
            "-Xheap=rom",
            "-Xmax-memory=1Q",
            "-Xmax-memory",
            "-Xfuel=much",
            "-Xtlbc",
            "-Xtlbc=2",
            "-Xtlbc-limit=",
            "-Xspecialize=often",
        ] {
            assert!(
                matches!(run(bad), Request::Refuse(text) if text.starts_with(&bad.replace("-X", "-X ")[..6]))
            );
        }
    }

    #[test]
    fn unknown_options_are_refused() {
        let Request::Refuse(text) = run("-Z") else {
            panic!("the option is unknown")
        };
        assert!(text.starts_with("Unknown option: -Z\nusage: kit-python "));
        assert!(
            matches!(run("-c"), Request::Refuse(text) if text.starts_with("Argument expected for the -c option"))
        );
    }
}
