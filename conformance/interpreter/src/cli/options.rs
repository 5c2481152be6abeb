//! The command line.

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
    /// `-X fuel`.
    pub fuel: Option<u64>,
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

const USAGE: &str = "usage: kit-python [option] ... [-c cmd | -m mod | file | -] [arg] ...\n";

const HELP: &str = "\
Options:
-c cmd : run the text cmd as a program; what follows are its arguments
-m mod : run a module as a program; what follows are its arguments
-E     : ignore PYTHON* environment variables
-h     : print this help and exit (also --help)
-i     : interactive after the program has ended
-I     : isolated: -E, -P and -s
-O     : leave out assert statements; -OO leaves out docstrings too
-P     : do not search the program's directory for modules
-q     : no greeting when interactive
-u     : standard output and standard error are not buffered
-V     : print the version and exit (also --version)
-W arg : what to do about warnings: action:message:category:module:line
-X fuel=N : stop the program with an error when it has executed about N instructions, by their weights
-X gc-pause=MS : for how long a collection of new objects may stop the program, about, while it looks for garbage
-X gc-report=FILE.html : write at exit what collections did, and what is on the heap
-X gc-threads=N : how many threads mark in a collection of many objects (at first: one per core, at most four)
-X heap=paged|arena:SIZE|system : where objects lie: on pages of the system (the default), in an array,
         or each where the system's allocator puts it
-X heap=failing : as system, for tests: `_kit.fail_after` makes requests for memory fail
-X heap-stats : show at exit what memory was used for
-X leak-report : say at exit which objects have references that nobody holds
-X max-memory=SIZE : the most memory that objects may have (SIZE: a number, with K, M or G behind it)
-X opstats : show at exit how often each instruction was executed, in a build with the feature `opstats`
-X specialize=always|never : specialise instructions whenever they could be, or not at all: for tests
-X showrefcount : show what is left at exit, in a build with the feature `stats`
-X stdlib=DIR : take the library's modules from this directory (also PYTHONHOME, the directory above lib/python3.14)
-X stop-report=MS : say who keeps a stop of all threads waiting for longer than MS milliseconds
-X tlbc=0|1 : whether each thread specialises code for itself, in a copy of its own (1, the default); if not, code is
         not specialised (also PYTHON_TLBC)
-X tlbc-limit=SIZE : the most memory for such copies, those of the main thread not counted; who finds no room runs
         code that is not specialised
-X zeal=N : verify the counts of all objects at every Nth safepoint (every one, without N), and collect
-B -s -S -v -b -d -x -X opt : accepted, without effect
file   : program read from a file
-      : program read from standard input (the default)
arg ...: arguments for the program, in sys.argv[1:]
";

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
        "{what}\n{USAGE}Try `kit-python -h' for more information.\n"
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
        fuel: None,
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
            "--help" | "--help-all" => return Request::Print(format!("{USAGE}{HELP}")),
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
                                None => return refuse("-X tlbc: neither 0 nor 1".to_owned()),
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
                'h' | '?' => return Request::Print(format!("{USAGE}{HELP}")),
                'V' => return Request::Print(version()),
                'q' => options.quiet = true,
                'i' => options.inspect = true,
                'E' => options.ignore_environment = true,
                'P' => options.safe_path = true,
                'I' => (options.ignore_environment, options.safe_path) = (true, true),
                'u' => options.unbuffered = true,
                'O' => options.optimize = (options.optimize + 1).min(2),
                'B' | 's' | 'S' | 'v' | 'b' | 'd' | 'x' | 'R' => {}
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
