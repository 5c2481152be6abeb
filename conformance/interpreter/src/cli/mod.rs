//! The program `kit-python`: from the command line to the exit status.
//!
//! | file        | what it does                          |
//! |-------------|---------------------------------------|
//! | [`options`] | reads the command line                |
//! | [`memory`]  | which heap, and how much of it        |
//! | [`signal`]  | Ctrl-C                                |
//! | `repl`      | the interactive loop                  |
//! | `editor`    | its lines, on a terminal              |

use crate::error::PyResult;
use crate::module::{self, gc::census::Census, gc::leaks, io::standard, library, sys};
use crate::object::exception::{self, PyException, class};
use crate::object::obj::Obj;
use crate::object::str_::PyStr;
use crate::object::type_::type_of;
use crate::object::{int, list, protocol, str_};
use crate::vm::start::{self, Config};
use crate::vm::{finish, report};
use kit_core::thread::Ctx;
use kit_std::runtime::HeapChoice;
use options::{Options, PROGRAM, Request, Target};
use repl::say;
use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering::Relaxed;

mod editor;
mod environment;
mod help;
mod launch;
pub mod memory;
pub mod options;
mod repl;
pub mod signal;

/// The exit status when standard output could not be written out.
const LOST_OUTPUT: i32 = 120;

/// How a program ended.
enum End {
    /// With this exit status.
    Status(i32),
    /// By Ctrl-C.
    Interrupted,
}

/// Runs what the command line asks for; the exit status.
pub fn main(args: Vec<OsString>) -> i32 {
    main_on(args, memory::Heap::choose)
}

/// To be called before [`main`] and the standard library begin: which of the standard streams there are.
pub extern "C" fn note_closed_streams() {
    standard::note_closed();
}

/// [`main`] for hosts that say themselves what `-X heap` stands for.
pub fn main_on(args: Vec<OsString>, choose: fn(memory::Heap) -> Option<HeapChoice>) -> i32 {
    let options = match options::parse(args) {
        Request::Run(mut options) => {
            environment::complete(&mut options);
            options
        }
        Request::Print(text) => {
            // Whoever asked has gone, if this fails.
            let _ = std::io::stdout().write_all(text.as_bytes());
            return 0;
        }
        Request::Refuse(text) => {
            say(&text);
            return 2;
        }
    };
    if let Some(problem) = standard::refusal() {
        say(&problem);
        return 1;
    }
    #[cfg(feature = "debug-refs")]
    crate::vm::refs::watch();
    let Some(heap) = choose(options.heap) else {
        say(&format!("{PROGRAM}: -X heap: there is no memory for it\n"));
        return 1;
    };
    let mut config = Config {
        heap,
        memory_limit: options.memory_limit.min(options.heap.room()),
        show_references: options.show_references,
        zeal: options.zeal,
        stop_report: options.stop_report,
        gc_pause: options.gc_pause,
        gc_threads: options.gc_threads,
        log_collections: options.gc_report.is_some(),
        private_code: options.private_code.unwrap_or(true),
        code_limit: options.code_limit,
        specialize: options.specialize,
        fuel: options.fuel,
        ..Config::default()
    };
    if !options.ignore_environment
        && !options.random_hashes
        && let Ok(seed) = std::env::var("PYTHONHASHSEED")
        && seed != "random"
        && !seed.is_empty()
    {
        match seed.parse() {
            Ok(seed) => config.hash_seed = Some(seed),
            Err(_) => {
                say(&format!(
                    "{PROGRAM}: PYTHONHASHSEED must be \"random\" or an integer in range [0; 4294967295]\n"
                ));
                return 1;
            }
        }
    }
    if !options.ignore_environment
        && options.private_code.is_none()
        && let Ok(given) = std::env::var("PYTHON_TLBC")
        && !given.is_empty()
    {
        match options::switch(&given) {
            Some(private) => config.private_code = private,
            None => {
                say(&format!("{PROGRAM}: PYTHON_TLBC must be 0 or 1\n"));
                return 1;
            }
        }
    }
    #[cfg(not(feature = "opstats"))]
    if options.show_operations {
        say(&format!("{PROGRAM}: -X opstats: not in this build\n"));
    }
    #[cfg(feature = "stats")]
    let process = std::process::id();
    let ended = start::run(&config, |ctx| {
        let end = program(ctx, &options);
        if options.show_heap {
            let kit = crate::vm::thread::rt(ctx).kit;
            let statistics = kit.heap_statistics(ctx);
            let (images, most) = (kit.code().bytes(), kit.code().most_copied());
            say(&format!(
                "{statistics}{images}; copies took {most} at most\n"
            ));
        }
        #[cfg(feature = "opstats")]
        if options.show_operations {
            say(&crate::vm::opstats::report());
        }
        #[cfg(feature = "stats")]
        finish::everything(ctx);
        if let End::Interrupted = end {
            return signal::end_by_interrupt();
        }
        let End::Status(status) = end else { return 1 };
        #[cfg(feature = "debug-refs")]
        let status = crate::vm::refs::finish(ctx, status);
        // The runtime is not taken down: the process ends, with what is left of it.
        #[cfg(not(feature = "stats"))]
        std::process::exit(status);
        #[cfg(feature = "stats")]
        if std::process::id() != process {
            // In the child of a fork nobody waits for this thread.
            std::process::exit(status);
        }
        #[cfg(feature = "stats")]
        status
    });
    match ended {
        Ok(status) => status,
        Err(error) => {
            say(&format!(
                "{PROGRAM}: the interpreter could not start: {error:?}\n"
            ));
            1
        }
    }
}

/// Runs the program, then what has to follow: other threads, buffered output.
fn program(ctx: &mut Ctx, options: &Options) -> End {
    signal::install(ctx);
    let held = options.leak_report.then(|| leaks::held(ctx));
    if let Err(problem) = environment::apply(ctx, options) {
        say(&format!("{PROGRAM}: {problem}\n"));
        return End::Status(1);
    }
    let result = prepare(ctx, options)
        .and_then(|()| customize(ctx, options))
        .and_then(|()| launch::run(ctx, options));
    let mut end = match result {
        Ok(status) => End::Status(status),
        Err(raised) => {
            let exception = exception::take(ctx, raised);
            uncaught(ctx, &exception)
        }
    };
    if options.inspect && !matches!(options.target, Target::Stdin) {
        end = repl::run(ctx, true, options.ignore_environment);
    }
    module::threading::state::shutdown(ctx);
    module::atexit::run(ctx);
    let mut fine = flush(ctx);
    finish::shut_out_others(ctx);
    if let Some(file) = &options.gc_report {
        write_report(ctx, file);
    }
    let streams = standard::own(ctx);
    finish::modules(ctx);
    // What finalizers have written.
    for stream in streams {
        fine &= standard::finish(ctx, &stream);
    }
    ctx.drain();
    if let Some(held) = held {
        let report = leaks::report(ctx, &held);
        say(&format!("{PROGRAM}: {report}"));
    }
    if !fine
        && let End::Status(status) = &mut end
        && *status == 0
    {
        *status = LOST_OUTPUT;
    }
    signal::uninstall();
    end
}

/// Writes what collections did, up to here, where the program's objects are still there.
fn write_report(ctx: &mut Ctx, file: &Path) {
    let runtime = crate::vm::thread::rt(ctx);
    // Before the census, which stops the world too.
    let stops = runtime.kit.stop_statistics();
    let census = Census::take(ctx);
    let page = runtime.library.gc.report.page(&census, &stops);
    if let Err(error) = std::fs::write(file, page) {
        say(&format!(
            "{PROGRAM}: -X gc-report: can't write '{}': {error}\n",
            file.display()
        ));
    }
}

/// Writes out what is buffered; false when standard output could not be written.
fn flush(ctx: &mut Ctx) -> bool {
    let mut fine = true;
    for name in ["stdout", "stderr"] {
        let Some(file) = sys::attribute(ctx, name).filter(|file| !file.is_none()) else {
            continue;
        };
        let closed = str_::intern(ctx, "closed");
        let is_closed = match protocol::find_attr(ctx, &file, &closed) {
            Ok(Some(closed)) => protocol::truth(ctx, &closed).unwrap_or(false),
            _ => false,
        };
        if is_closed {
            continue;
        }
        let method = &crate::object::names::names(ctx).flush;
        if let Err(raised) = protocol::call_method(ctx, &file, method, &[]) {
            let exception = exception::take(ctx, raised);
            if name == "stdout" {
                fine = false;
                if !exception::is_instance(ctx, &exception, class::BrokenPipeError) {
                    report::report_unraisable(ctx, &exception, "while flushing sys.stdout", None);
                }
            }
        }
    }
    fine
}

/// Imports `sitecustomize` and `usercustomize` from the directories of `PYTHONPATH`, where they are; the library has none.
fn customize(ctx: &mut Ctx, options: &Options) -> PyResult<()> {
    let more = std::env::var_os("PYTHONPATH").filter(|more| !more.is_empty());
    let Some(more) = more.filter(|_| !options.no_site && !options.ignore_environment) else {
        return Ok(());
    };
    for (name, wanted) in [
        ("sitecustomize", true),
        ("usercustomize", !options.no_user_site),
    ] {
        let has = |directory: PathBuf| {
            let package = directory.join(name).join("__init__.py");
            directory.join(format!("{name}.py")).is_file() || package.is_file()
        };
        if !wanted || !std::env::split_paths(&more).any(has) {
            continue;
        }
        if let Err(raised) = module::import::load(ctx, name) {
            if !exception::matches(ctx, &raised, class::Exception) {
                return Err(raised);
            }
            let error = exception::take(ctx, raised);
            let kind = protocol::type_name(ctx, &error);
            let text = protocol::str_string(ctx, &error)?;
            say(&format!(
                "Error in {name}; set PYTHONVERBOSE for traceback:\n{kind}: {text}\n"
            ));
        }
    }
    Ok(())
}

fn text_of(ctx: &mut Ctx, text: &OsStr) -> PyResult {
    let codec = crate::text::codec::Codec::Utf8;
    let errors = crate::text::codec::Errors::SurrogateEscape;
    match crate::text::codec::decode(codec, text.as_bytes(), errors) {
        Ok(text) => str_::from_buf(ctx, text),
        Err(_) => str_::new(ctx, &text.to_string_lossy()),
    }
}

/// Sets `sys.argv`, `sys.path` and the like.
fn prepare(ctx: &mut Ctx, options: &Options) -> PyResult<()> {
    let mut argv = Vec::new();
    for arg in &options.argv {
        argv.push(text_of(ctx, arg)?);
    }
    let argv = list::from_vec(ctx, argv)?;
    sys::set_attribute(ctx, "argv", argv)?;
    let mut words = Vec::new();
    for word in &options.words {
        words.push(text_of(ctx, word)?);
    }
    let words = list::from_vec(ctx, words)?;
    sys::set_attribute(ctx, "orig_argv", words)?;
    let given = crate::object::dict::new(ctx)?;
    for option in &options.implementation {
        let (name, value) = match option.split_once('=') {
            Some((name, value)) => (name, str_::new(ctx, value)?),
            None => (option.as_str(), Obj::TRUE),
        };
        let name = str_::new(ctx, name)?;
        given
            .expect::<crate::object::dict::PyDict>()
            .set(ctx, &name, value)?;
    }
    sys::set_attribute(ctx, "_xoptions", given)?;
    let mut path: Vec<OsString> = Vec::new();
    match &options.target {
        Target::File(file) if launch::is_container(Path::new(file)) => {
            path.push(absolute(Path::new(file)).into());
        }
        _ if options.safe_path => {}
        Target::File(file) => path.push(program_directory(Path::new(file)).into()),
        Target::Module(_) => path.push(std::env::current_dir().unwrap_or_default().into()),
        Target::Command(_) | Target::Stdin => path.push(OsString::new()),
    }
    if !options.ignore_environment
        && let Some(more) = std::env::var_os("PYTHONPATH").filter(|more| !more.is_empty())
    {
        path.extend(std::env::split_paths(&more).map(OsString::from));
    }
    path.push(library_directory(ctx, options)?);
    let mut entries = Vec::new();
    for entry in &path {
        entries.push(text_of(ctx, entry)?);
    }
    let path = list::from_vec(ctx, entries)?;
    sys::set_attribute(ctx, "path", path)?;
    set_flags(ctx, options)?;
    let mut warnings = Vec::new();
    if is_wanted(options, "dev", "PYTHONDEVMODE") {
        warnings.push("default".to_owned());
    }
    let given = std::env::var("PYTHONWARNINGS").unwrap_or_default();
    let given = given.split(',').filter(|option| !option.is_empty());
    if !options.ignore_environment {
        warnings.extend(given.map(str::to_owned));
    }
    warnings.extend_from_slice(&options.warnings);
    match options.bytes_warning {
        0 => {}
        1 => warnings.push("default::BytesWarning".to_owned()),
        _ => warnings.push("error::BytesWarning".to_owned()),
    }
    if !warnings.is_empty() {
        let mut items = Vec::new();
        for option in &warnings {
            items.push(str_::new(ctx, option)?);
        }
        let items = list::from_vec(ctx, items)?;
        sys::set_attribute(ctx, "warnoptions", items)?;
        // It complains about options that make no sense.
        module::import::load(ctx, "warnings")?;
    }
    if is_wanted(options, "faulthandler", "PYTHONFAULTHANDLER")
        || is_wanted(options, "dev", "PYTHONDEVMODE")
    {
        let faulthandler = module::import::load(ctx, "faulthandler")?;
        let enable = str_::intern(ctx, "enable");
        protocol::call_method(ctx, &faulthandler, &enable, &[])?;
    }
    let mut wishes = if options.ignore_environment {
        standard::Wishes::default()
    } else {
        standard::Wishes::from_environment()
    };
    wishes.unbuffered |= options.unbuffered;
    if wishes != standard::Wishes::default() {
        sys::open_streams(ctx, &wishes)?;
    }
    Ok(())
}

/// Whether the option `-X name` or the environment asks for something.
fn is_wanted(options: &Options, name: &str, variable: &str) -> bool {
    let given = options.implementation.iter().any(|option| option == name);
    let set = std::env::var_os(variable).is_some_and(|value| !value.is_empty());
    given || set && !options.ignore_environment
}

/// Says in `sys` whether compiled code is kept in files, and where.
fn set_code_files(ctx: &mut Ctx, options: &Options) -> PyResult<bool> {
    let variable = |name: &str| {
        let value = std::env::var_os(name).filter(|value| !value.is_empty());
        value.filter(|_| !options.ignore_environment)
    };
    let forgetful = options.forgetful || variable("PYTHONDONTWRITEBYTECODE").is_some();
    sys::set_attribute(ctx, "dont_write_bytecode", Obj::bool(forgetful))?;
    let prefix = match environment::given(options, "pycache_prefix") {
        Some(prefix) => Some(prefix.into()).filter(|prefix: &OsString| !prefix.is_empty()),
        None => variable("PYTHONPYCACHEPREFIX"),
    };
    if let Some(prefix) = prefix {
        let prefix = text_of(ctx, &prefix)?;
        sys::set_attribute(ctx, "pycache_prefix", prefix)?;
    }
    Ok(forgetful)
}

/// Says in `sys.flags` what the options are, if there are any.
fn set_flags(ctx: &mut Ctx, options: &Options) -> PyResult<()> {
    let encoding = is_wanted(
        options,
        "warn_default_encoding",
        "PYTHONWARNDEFAULTENCODING",
    );
    let forgetful = set_code_files(ctx, options)?;
    let switch = |option: &str, name: &str| match environment::either(options, option, name) {
        Some((_, value)) => i64::from(value != "0"),
        None => 1,
    };
    // Relaxed: only this thread compiles yet.
    crate::vm::thread::rt(ctx)
        .optimize
        .store(options.optimize, Relaxed);
    let digits = crate::vm::thread::rt(ctx).max_str_digits.load(Relaxed);
    let mut given = vec![
        ("dont_write_bytecode", i64::from(forgetful)),
        ("debug", i64::from(options.debug)),
        ("verbose", i64::from(options.verbose)),
        ("bytes_warning", i64::from(options.bytes_warning)),
        ("no_user_site", i64::from(options.no_user_site)),
        ("no_site", i64::from(options.no_site)),
        ("isolated", i64::from(options.isolated)),
        ("int_max_str_digits", i64::from(digits)),
        (
            "hash_randomization",
            i64::from(
                options.random_hashes
                    || environment::variable(options, "PYTHONHASHSEED").as_deref() != Some("0"),
            ),
        ),
        (
            "thread_inherit_context",
            switch("thread_inherit_context", "PYTHON_THREAD_INHERIT_CONTEXT"),
        ),
        (
            "context_aware_warnings",
            switch("context_aware_warnings", "PYTHON_CONTEXT_AWARE_WARNINGS"),
        ),
        ("inspect", i64::from(options.inspect)),
        ("interactive", i64::from(options.inspect)),
        ("optimize", i64::from(options.optimize)),
        ("ignore_environment", i64::from(options.ignore_environment)),
        ("quiet", i64::from(options.quiet)),
        ("safe_path", i64::from(options.safe_path)),
        (
            "dev_mode",
            i64::from(is_wanted(options, "dev", "PYTHONDEVMODE")),
        ),
        ("warn_default_encoding", i64::from(encoding)),
    ];
    for option in &options.implementation {
        match option.as_str() {
            "utf8" | "utf8=1" => given.push(("utf8_mode", 1)),
            "utf8=0" => given.push(("utf8_mode", 0)),
            _ => {}
        }
    }
    let usual = given.iter().all(|(name, value)| match *name {
        "int_max_str_digits" => *value == 4300,
        "thread_inherit_context" | "context_aware_warnings" | "hash_randomization" => *value == 1,
        "utf8_mode" => false,
        _ => *value == 0,
    });
    if usual {
        return Ok(());
    }
    let flags = sys::flags(ctx, &given)?;
    sys::set_attribute(ctx, "flags", flags)
}

/// Where the library's modules are.
fn library_directory(ctx: &mut Ctx, options: &Options) -> PyResult<OsString> {
    let home = std::env::var_os("PYTHONHOME").filter(|home| !home.is_empty());
    let directory = match (&options.library, home) {
        (Some(directory), _) => directory.clone(),
        (None, Some(home)) if !options.ignore_environment => {
            Path::new(&home).join("lib/python3.14")
        }
        _ => return Ok(library::ROOT.into()),
    };
    let directory = absolute(&directory).into_os_string();
    let root = text_of(ctx, &directory)?;
    let _ = crate::vm::thread::rt(ctx).library.root.set(root);
    Ok(directory)
}

/// The directory that modules of a program are searched in.
fn program_directory(file: &Path) -> PathBuf {
    let real = file.canonicalize().unwrap_or_else(|_| absolute(file));
    real.parent().map(Path::to_owned).unwrap_or_default()
}

fn absolute(file: &Path) -> PathBuf {
    std::path::absolute(file).unwrap_or_else(|_| file.to_owned())
}

/// What an exception that nobody has caught means: the end of the program, reported as it must be.
fn uncaught(ctx: &mut Ctx, exception: &Obj) -> End {
    if exception::is_instance(ctx, exception, class::SystemExit) {
        return End::Status(exit_status(ctx, exception));
    }
    // Whoever read the output has seen enough, as in `kit-python program.py | head`.
    if exception::is_instance(ctx, exception, class::BrokenPipeError) && standard::has_no_reader(1)
    {
        return End::Status(1);
    }
    if let Some(status) = display(ctx, exception) {
        return End::Status(status);
    }
    if exception::is_instance(ctx, exception, class::KeyboardInterrupt) {
        return End::Interrupted;
    }
    End::Status(1)
}

/// Shows an exception through `sys.excepthook`; the exit status, if the hook ends the program.
fn display(ctx: &mut Ctx, exception: &Obj) -> Option<i32> {
    let hook = sys::attribute(ctx, "excepthook");
    let Some(hook) = hook else {
        sys::write_stderr(ctx, "sys.excepthook is missing\n");
        report::print_exception(ctx, exception);
        return None;
    };
    let class = type_of(ctx, exception).to_obj();
    let traceback = match exception.downcast::<PyException>() {
        Some(body) => body.traceback.get(ctx, &body.header),
        None => None,
    };
    let args = [class, exception.clone(), traceback.unwrap_or(Obj::NONE)];
    if let Err(raised) = protocol::call(ctx, &hook, &args) {
        let other = exception::take(ctx, raised);
        if exception::is_instance(ctx, &other, class::SystemExit) {
            return Some(exit_status(ctx, &other));
        }
        sys::write_stderr(ctx, "Error in sys.excepthook:\n");
        report::print_exception(ctx, &other);
        sys::write_stderr(ctx, "\nOriginal exception was:\n");
        report::print_exception(ctx, exception);
    }
    None
}

/// The exit status of a SystemExit; a code that is no number is printed.
fn exit_status(ctx: &mut Ctx, exception: &Obj) -> i32 {
    let name = str_::intern(ctx, "code");
    let code = match protocol::getattr(ctx, exception, &name) {
        Ok(code) => code,
        Err(raised) => {
            exception::take(ctx, raised);
            Obj::NONE
        }
    };
    if code.is_none() {
        return 0;
    }
    if protocol::is_instance_of(ctx, &code, crate::object::ids::INT) {
        // Like CPython: what does not fit counts as −1.
        return int::to_i64(&code).map_or(-1, |code| code as i32);
    }
    let text = match protocol::str(ctx, &code) {
        Ok(text) => report::escaped(text.expect::<PyStr>()),
        Err(raised) => {
            exception::take(ctx, raised);
            String::new()
        }
    };
    sys::write_stderr(ctx, &format!("{text}\n"));
    1
}
