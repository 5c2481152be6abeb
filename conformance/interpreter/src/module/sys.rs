//! `sys`: the interpreter's own variables and switches.

use super::io::{stream, stream::Stream, text};
use super::struct_seq::{self, Fields};
use crate::error::{PyResult, raise};
use crate::object::args::Args;
use crate::object::counted;
use crate::object::define::{Method, ModuleDef, Native, method};
use crate::object::dict::PyDict;
use crate::object::exception::{self, PyException, class};
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::str_::{self, PyStr};
use crate::object::type_::type_of;
use crate::object::{float, int, list, module, protocol, tuple};
use crate::text::codec::{Codec, Errors};
use crate::vm::thread::{py, rt};
use crate::vm::{exec, report};
use kit_core::thread::Ctx;
use std::sync::atomic::Ordering::Relaxed;

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "sys",
    functions: &[
        method("exit", Native::F(exit)),
        method("exc_info", Native::F(exc_info)),
        method("exception", Native::F(current_exception)),
        method(
            "getrecursionlimit",
            Native::F(|ctx, args| {
                args.check(ctx, "getrecursionlimit", 0, 0)?;
                Ok(Obj::small_int(i64::from(
                    rt(ctx).recursion_limit.load(Relaxed),
                )))
            }),
        ),
        method("setrecursionlimit", Native::F1(set_recursion_limit)),
        Method {
            name: "getrefcount",
            native: Native::F1(getrefcount),
            doc: "getrefcount($module, object, /)\n--\n\nThe number of references to the object, this call's own included.\n\n\
                Immortal objects, which nobody counts, and values that are no objects show a large number.",
        },
        method("getsizeof", Native::F(getsizeof)),
        method("intern", Native::F1(intern)),
        method("_getframe", Native::F(getframe)),
        method("_getframemodulename", Native::F(getframemodulename)),
        method("_is_gil_enabled", Native::F(|_, _| Ok(Obj::FALSE))),
        method("_is_interned", Native::F1(is_interned)),
        method(
            "_is_immortal",
            Native::F1(|_, x| {
                let immortal = x.header().is_none_or(|header| header.is_immortal());
                Ok(Obj::bool(immortal))
            }),
        ),
        method("_clear_type_cache", Native::F(|_, _| Ok(Obj::NONE))),
        method("_clear_internal_caches", Native::F(|_, _| Ok(Obj::NONE))),
        method("excepthook", Native::F(excepthook)),
        method("__excepthook__", Native::F(excepthook)),
        method("displayhook", Native::F1(displayhook)),
        method("__displayhook__", Native::F1(displayhook)),
        method("unraisablehook", Native::F1(unraisablehook)),
        method("__unraisablehook__", Native::F1(unraisablehook)),
        method(
            "getdefaultencoding",
            Native::F(|ctx, _| str_::new(ctx, "utf-8")),
        ),
        method(
            "getfilesystemencoding",
            Native::F(|ctx, _| str_::new(ctx, "utf-8")),
        ),
        method(
            "getfilesystemencodeerrors",
            Native::F(|ctx, _| str_::new(ctx, "surrogateescape")),
        ),
        method(
            "get_int_max_str_digits",
            Native::F(|ctx, _| {
                Ok(Obj::small_int(i64::from(
                    rt(ctx).max_str_digits.load(Relaxed),
                )))
            }),
        ),
        method("set_int_max_str_digits", Native::F(set_max_str_digits)),
        method(
            "getswitchinterval",
            Native::F(|ctx, _| float::new(ctx, 0.005)),
        ),
        method("setswitchinterval", Native::F1(|_, _| Ok(Obj::NONE))),
        method("gettrace", Native::F(|_, _| Ok(Obj::NONE))),
        method("getprofile", Native::F(|_, _| Ok(Obj::NONE))),
        method("is_finalizing", Native::F(|_, _| Ok(Obj::FALSE))),
        method("audit", Native::F(|_, _| Ok(Obj::NONE))),
    ],
    types: &[&struct_seq::STRUCT_SEQ],
    populate,
    doc: "This module provides access to some objects used or maintained by the\n\
        interpreter and to functions that interact strongly with the interpreter.",
};

/// The version of Python that this is.
pub const VERSION: [i64; 3] = [3, 14, 0];

static VERSION_INFO: Fields = Fields {
    name: "sys.version_info",
    fields: &["major", "minor", "micro", "releaselevel", "serial"],
};
static FLAGS: Fields = Fields {
    name: "sys.flags",
    fields: &[
        "debug",
        "inspect",
        "interactive",
        "optimize",
        "dont_write_bytecode",
        "no_user_site",
        "no_site",
        "ignore_environment",
        "verbose",
        "bytes_warning",
        "quiet",
        "hash_randomization",
        "isolated",
        "dev_mode",
        "utf8_mode",
        "warn_default_encoding",
        "safe_path",
        "int_max_str_digits",
    ],
};
static HASH_INFO: Fields = Fields {
    name: "sys.hash_info",
    fields: &[
        "width",
        "modulus",
        "inf",
        "nan",
        "imag",
        "algorithm",
        "hash_bits",
        "seed_bits",
        "cutoff",
    ],
};
static INT_INFO: Fields = Fields {
    name: "sys.int_info",
    fields: &[
        "bits_per_digit",
        "sizeof_digit",
        "default_max_str_digits",
        "str_digits_check_threshold",
    ],
};
static FLOAT_INFO: Fields = Fields {
    name: "sys.float_info",
    fields: &[
        "max",
        "max_exp",
        "max_10_exp",
        "min",
        "min_exp",
        "min_10_exp",
        "dig",
        "mant_dig",
        "epsilon",
        "radix",
        "rounds",
    ],
};
static IMPLEMENTATION: Fields = Fields {
    name: "namespace",
    fields: &[
        "name",
        "cache_tag",
        "version",
        "hexversion",
        "supports_isolated_interpreters",
    ],
};
static THREAD_INFO: Fields = Fields {
    name: "sys.thread_info",
    fields: &["name", "lock", "version"],
};

/// The variable of `sys` with this name.
pub fn attribute(ctx: &mut Ctx, name: &str) -> Option<Obj> {
    let sys = str_::intern(ctx, "sys");
    let module = rt(ctx)
        .modules
        .get()?
        .expect::<PyDict>()
        .get_name(ctx, &sys)?;
    module.downcast::<module::PyModule>()?;
    super::get(ctx, &module, name)
}

/// Sets a variable of `sys`.
pub fn set_attribute(ctx: &mut Ctx, name: &str, value: Obj) -> PyResult<()> {
    let sys = str_::intern(ctx, "sys");
    let module = rt(ctx)
        .modules
        .get()
        .and_then(|modules| modules.expect::<PyDict>().get_name(ctx, &sys));
    match module {
        Some(module) if module.downcast::<module::PyModule>().is_some() => {
            module::add(ctx, &module, name, value)
        }
        _ => Ok(()),
    }
}

/// Writes text to `sys.stderr`, or to the process's standard error where that does not work.
pub fn write_stderr(ctx: &mut Ctx, text: &str) {
    // What the program printed before comes first, as far as both go to the same place.
    if let Some(file) = attribute(ctx, "stderr") {
        if file.is_none() {
            // The program wants to hear nothing.
            return;
        }
        let written = str_::new(ctx, text).and_then(|text| {
            let file = &file;
            protocol::call_method(ctx, file, &names(ctx).write, &[text])?;
            protocol::call_method(ctx, file, &names(ctx).flush, &[])
        });
        match written {
            Ok(_) => return,
            Err(raised) => {
                exception::take(ctx, raised);
            }
        }
    }
    // There is nobody left to tell.
    let _ = std::io::Write::write_all(&mut std::io::stderr(), text.as_bytes());
}

fn standard_file(ctx: &mut Ctx, fd: i32) -> PyResult {
    let (name, mode, errors) = match fd {
        0 => ("<stdin>", "r", Errors::Strict),
        1 => ("<stdout>", "w", Errors::Strict),
        _ => ("<stderr>", "w", Errors::BackslashReplace),
    };
    let stream = Stream::standard(fd);
    if fd != 0 && std::env::var_os("PYTHONUNBUFFERED").is_some_and(|v| !v.is_empty()) {
        stream::quick(ctx, &stream, |s| s.unbuffered = true);
    }
    let name = str_::new(ctx, name)?;
    let binary_mode = if fd == 0 { "rb" } else { "wb" };
    let buffer = super::io::binary::new(ctx, stream, name.clone(), binary_mode)?;
    let format = text::Format {
        codec: Codec::Utf8,
        encoding: "utf-8".to_owned(),
        errors,
        newline: if fd == 0 {
            text::Newline::Universal
        } else {
            text::Newline::Lf
        },
    };
    text::new(ctx, buffer, name, mode, format)
}

fn texts(ctx: &mut Ctx, items: &[&str]) -> PyResult<Vec<Obj>> {
    items.iter().map(|item| str_::new(ctx, item)).collect()
}

fn populate(ctx: &mut Ctx, sys: &Obj) -> PyResult<()> {
    let modules = rt(ctx).modules.get().cloned().unwrap_or(Obj::NONE);
    module::add(ctx, sys, "modules", modules)?;
    for (name, fd) in [("stdin", 0), ("stdout", 1), ("stderr", 2)] {
        let file = standard_file(ctx, fd)?;
        module::add(ctx, sys, &format!("__{name}__"), file.clone())?;
        module::add(ctx, sys, name, file)?;
    }
    for name in [
        "argv",
        "path",
        "warnoptions",
        "meta_path",
        "path_hooks",
        "orig_argv",
    ] {
        let list = list::from_vec(ctx, Vec::new())?;
        module::add(ctx, sys, name, list)?;
    }
    let cache = crate::object::dict::new(ctx)?;
    module::add(ctx, sys, "path_importer_cache", cache)?;
    for (name, value) in [
        ("maxsize", i64::MAX),
        ("maxunicode", 0x10_FFFF),
        (
            "hexversion",
            VERSION[0] << 24 | VERSION[1] << 16 | VERSION[2] << 8 | 0xF0,
        ),
        ("api_version", 1013),
    ] {
        let value = int::from_i64(ctx, value)?;
        module::add(ctx, sys, name, value)?;
    }
    let program = std::env::current_exe().unwrap_or_default();
    let version = format!(
        "{}.{}.{} free-threading build (kit-python {})",
        VERSION[0],
        VERSION[1],
        VERSION[2],
        env!("CARGO_PKG_VERSION")
    );
    for (name, value) in [
        ("version", version.as_str()),
        ("platform", "linux"),
        ("byteorder", "little"),
        ("executable", program.to_str().unwrap_or("")),
        ("_base_executable", program.to_str().unwrap_or("")),
        ("prefix", "/usr"),
        ("base_prefix", "/usr"),
        ("exec_prefix", "/usr"),
        ("base_exec_prefix", "/usr"),
        ("platlibdir", "lib"),
        ("float_repr_style", "short"),
        ("copyright", "MIT OR Apache-2.0"),
        ("abiflags", "t"),
    ] {
        let value = str_::new(ctx, value)?;
        module::add(ctx, sys, name, value)?;
    }
    module::add(ctx, sys, "dont_write_bytecode", Obj::TRUE)?;
    module::add(ctx, sys, "pycache_prefix", Obj::NONE)?;
    let natives: Vec<&str> = super::MODULES.iter().map(|def| def.name).collect();
    let natives = texts(ctx, &natives)?;
    let natives = tuple::from_vec(ctx, natives)?;
    module::add(ctx, sys, "builtin_module_names", natives)?;
    let known = texts(ctx, STDLIB_MODULE_NAMES)?;
    let known = tuple::from_vec(ctx, known)?;
    let frozen = crate::object::type_::type_object(ctx, crate::object::ids::FROZENSET);
    let known = protocol::call(ctx, &frozen, &[known])?;
    module::add(ctx, sys, "stdlib_module_names", known)?;
    structures(ctx, sys)
}

fn structures(ctx: &mut Ctx, sys: &Obj) -> PyResult<()> {
    let small = |value: i64| Obj::small_int(value);
    let version = |ctx: &mut Ctx| {
        let level = str_::new(ctx, "final")?;
        let [major, minor, micro] = VERSION.map(Obj::small_int);
        struct_seq::new(
            ctx,
            &VERSION_INFO,
            vec![major, minor, micro, level, Obj::small_int(0)],
        )
    };
    let info = version(ctx)?;
    module::add(ctx, sys, "version_info", info.clone())?;
    let name = str_::new(ctx, "kit-python")?;
    let hex = attribute_of(ctx, sys, "hexversion");
    let parts = vec![name, Obj::NONE, info, hex, Obj::FALSE];
    let implementation = struct_seq::new(ctx, &IMPLEMENTATION, parts)?;
    module::add(ctx, sys, "implementation", implementation)?;
    let mut flags: Vec<Obj> = (0..18).map(|_| small(0)).collect();
    flags[4] = small(1);
    flags[11] = small(1);
    flags[13] = Obj::FALSE;
    flags[16] = Obj::FALSE;
    flags[17] = small(4300);
    let flags = struct_seq::new(ctx, &FLAGS, flags)?;
    module::add(ctx, sys, "flags", flags)?;
    let algorithm = str_::new(ctx, "siphash13")?;
    let modulus = int::from_i64(ctx, (1 << 61) - 1)?;
    let hash = vec![
        small(64),
        modulus,
        small(314_159),
        small(0),
        small(1_000_003),
        algorithm,
        small(64),
        small(128),
        small(0),
    ];
    let hash = struct_seq::new(ctx, &HASH_INFO, hash)?;
    module::add(ctx, sys, "hash_info", hash)?;
    let digits = vec![small(32), small(4), small(4300), small(640)];
    let digits = struct_seq::new(ctx, &INT_INFO, digits)?;
    module::add(ctx, sys, "int_info", digits)?;
    let floats = vec![
        float::new(ctx, f64::MAX)?,
        small(1024),
        small(308),
        float::new(ctx, f64::MIN_POSITIVE)?,
        small(-1021),
        small(-307),
        small(15),
        small(53),
        float::new(ctx, f64::EPSILON)?,
        small(2),
        small(1),
    ];
    let floats = struct_seq::new(ctx, &FLOAT_INFO, floats)?;
    module::add(ctx, sys, "float_info", floats)?;
    let mut thread = texts(ctx, &["pthread", "futex"])?;
    thread.push(Obj::NONE);
    let thread = struct_seq::new(ctx, &THREAD_INFO, thread)?;
    module::add(ctx, sys, "thread_info", thread)
}

fn attribute_of(ctx: &mut Ctx, sys: &Obj, name: &str) -> Obj {
    super::get(ctx, sys, name).unwrap_or(Obj::NONE)
}

/// `sys.exit(code)`.
pub(crate) fn exit(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "exit", 0, 1)?;
    let code = match args.pos {
        // An exception of the class is raised itself.
        [code] if exception::is_instance(ctx, code, class::SystemExit) => {
            return Err(exception::raise(ctx, code.clone()));
        }
        [code] => match code.downcast::<tuple::PyTuple>() {
            // A tuple is the arguments of the exception.
            Some(codes) => codes.items().to_vec(),
            None => vec![code.clone()],
        },
        _ => Vec::new(),
    };
    Err(exception::raise_args(ctx, class::SystemExit, code))
}

fn exc_info(ctx: &mut Ctx, _: Args<'_>) -> PyResult {
    let Some(exception) = py(ctx).handled.clone() else {
        return tuple::from_vec(ctx, vec![Obj::NONE, Obj::NONE, Obj::NONE]);
    };
    let class = type_of(ctx, &exception).to_obj();
    let body = exception.expect::<PyException>();
    let traceback = body.traceback.get(ctx, &body.header);
    let parts = vec![class, exception.clone(), traceback.unwrap_or(Obj::NONE)];
    tuple::from_vec(ctx, parts)
}

fn current_exception(ctx: &mut Ctx, _: Args<'_>) -> PyResult {
    Ok(py(ctx).handled.clone().unwrap_or(Obj::NONE))
}

fn set_recursion_limit(ctx: &mut Ctx, limit: &Obj) -> PyResult {
    let limit = protocol::index_i64(ctx, limit, Some(class::OverflowError))?;
    if limit < 1 {
        return Err(raise!(
            ctx,
            ValueError,
            "recursion limit must be greater or equal than 1"
        ));
    }
    let limit = u32::try_from(limit).unwrap_or(u32::MAX);
    let depth = py(ctx).depth;
    if depth >= limit {
        return Err(raise!(
            ctx,
            RecursionError,
            "cannot set the recursion limit to {limit} at the recursion depth {depth}: the limit is too low"
        ));
    }
    // Relaxed: threads take note when they next look.
    rt(ctx).recursion_limit.store(limit, Relaxed);
    py(ctx).depth_limit = limit;
    Ok(Obj::NONE)
}

fn getsizeof(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "getsizeof", 1, 2)?;
    let value = &args.pos[0];
    if let Some(size) = protocol::call_special(ctx, value, &names(ctx).sizeof, &[])? {
        return Ok(size);
    }
    let Some(header) = value.header() else {
        return Ok(Obj::small_int(8));
    };
    // SAFETY: the object is alive; its type's entry names its kind.
    let size = unsafe {
        let kind = ctx.type_entry(header.type_id()).kind();
        (kind.size)(header)
    };
    int::from_usize(ctx, size)
}

/// What `getrefcount` says of the immortal.
const IMMORTAL_COUNT: i64 = 3 << 30;

fn getrefcount(ctx: &mut Ctx, value: &Obj) -> PyResult {
    let Some(header) = value.header().filter(|header| !header.is_immortal()) else {
        return Ok(Obj::small_int(IMMORTAL_COUNT));
    };
    let id = counted::count_id(value).filter(|id| id.get() != 0);
    let elsewhere = id.map_or(0, |id| ctx.thread().counted_per_thread(id) as i64);
    Ok(Obj::small_int(header.references() + elsewhere))
}

fn is_interned(ctx: &mut Ctx, text: &Obj) -> PyResult {
    match text.downcast::<PyStr>() {
        Some(body) => Ok(Obj::bool(body.is_interned())),
        None => {
            let class = protocol::type_name(ctx, text);
            let class = if text.is_none() { "None" } else { &class };
            Err(raise!(
                ctx,
                TypeError,
                "_is_interned() argument must be str, not {class}"
            ))
        }
    }
}

fn intern(ctx: &mut Ctx, text: &Obj) -> PyResult {
    if text.downcast::<PyStr>().is_none() {
        let class = protocol::type_name(ctx, text);
        let class = if text.is_none() { "None" } else { &class };
        return Err(raise!(
            ctx,
            TypeError,
            "intern() argument must be str, not {class}"
        ));
    }
    if text.downcast_exact::<PyStr>().is_none() {
        let class = protocol::type_name(ctx, text);
        return Err(raise!(ctx, TypeError, "can't intern {class}"));
    }
    Ok(str_::intern_obj(ctx, text))
}

fn getframe(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "_getframe", 0, 1)?;
    let depth = match args.pos.first() {
        Some(depth) => protocol::index_i64(ctx, depth, None)?.max(0) as usize,
        None => 0,
    };
    match exec::frame_object(ctx, depth)? {
        Some(frame) => Ok(frame),
        None => Err(raise!(ctx, ValueError, "call stack is not deep enough")),
    }
}

fn getframemodulename(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let depth = match args.pos.first() {
        Some(depth) => protocol::index_i64(ctx, depth, None)?.max(0) as usize,
        None => 0,
    };
    let Some(frame) = exec::frame_object(ctx, depth)? else {
        return Ok(Obj::NONE);
    };
    let globals = protocol::getattr_str(ctx, &frame, "f_globals")?;
    let name = globals
        .downcast::<PyDict>()
        .and_then(|globals| globals.get_name(ctx, &names(ctx).name));
    Ok(name.unwrap_or(Obj::NONE))
}

fn excepthook(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "excepthook", 3, 3)?;
    if args.pos[1].downcast::<PyException>().is_some() {
        report::print_exception(ctx, &args.pos[1]);
    }
    Ok(Obj::NONE)
}

fn displayhook(ctx: &mut Ctx, value: &Obj) -> PyResult {
    if value.is_none() {
        return Ok(Obj::NONE);
    }
    let underscore = &names(ctx).underscore;
    let builtins = rt(ctx).builtins.get().cloned().unwrap_or(Obj::NONE);
    let space = builtins.downcast::<PyDict>();
    if let Some(space) = space {
        space.set_name(ctx, underscore, Obj::NONE)?;
    }
    let text = protocol::repr(ctx, value)?;
    let Some(file) = attribute(ctx, "stdout").filter(|file| !file.is_none()) else {
        return Err(raise!(ctx, RuntimeError, "lost sys.stdout"));
    };
    let write = &names(ctx).write;
    protocol::call_method(ctx, &file, write, &[text])?;
    let end = str_::new(ctx, "\n")?;
    protocol::call_method(ctx, &file, write, &[end])?;
    if let Some(space) = space {
        space.set_name(ctx, underscore, value.clone())?;
    }
    Ok(Obj::NONE)
}

/// What is printed of exceptions that cannot be raised, unless the program sets a hook of its own.
fn unraisablehook(ctx: &mut Ctx, unraisable: &Obj) -> PyResult {
    let exception = protocol::getattr_str(ctx, unraisable, "exc_value")?;
    let message = protocol::getattr_str(ctx, unraisable, "err_msg")?;
    let what = protocol::getattr_str(ctx, unraisable, "object")?;
    if exception.downcast::<PyException>().is_some() {
        let message = if message.is_none() {
            "Exception ignored in".to_owned()
        } else {
            protocol::str_string(ctx, &message)?
        };
        let what = (!what.is_none()).then_some(&what);
        report::print_unraisable(ctx, &exception, &message, what);
    }
    Ok(Obj::NONE)
}

fn set_max_str_digits(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let signature = crate::object::args::Signature {
        name: "set_int_max_str_digits",
        params: &["maxdigits"],
        posonly: 0,
        positional: 1,
        required: 1,
    };
    let [digits] = args.bind::<1>(ctx, &signature)?;
    let digits = digits.cloned().unwrap_or(Obj::NONE);
    let digits = protocol::index_i64(ctx, &digits, Some(class::OverflowError))?;
    match u32::try_from(digits) {
        Ok(digits) if digits == 0 || digits >= 640 => {
            // Relaxed: a setting.
            rt(ctx).max_str_digits.store(digits, Relaxed);
            Ok(Obj::NONE)
        }
        _ => Err(raise!(
            ctx,
            ValueError,
            "maxdigits must be >= 640 or 0 for unlimited"
        )),
    }
}

/// The modules of Python's standard library, whether they exist here or not.
pub static STDLIB_MODULE_NAMES: &[&str] = &[
    "__future__",
    "_abc",
    "_aix_support",
    "_android_support",
    "_apple_support",
    "_ast",
    "_ast_unparse",
    "_asyncio",
    "_bisect",
    "_blake2",
    "_bz2",
    "_codecs",
    "_codecs_cn",
    "_codecs_hk",
    "_codecs_iso2022",
    "_codecs_jp",
    "_codecs_kr",
    "_codecs_tw",
    "_collections",
    "_collections_abc",
    "_colorize",
    "_compat_pickle",
    "_contextvars",
    "_csv",
    "_ctypes",
    "_curses",
    "_curses_panel",
    "_datetime",
    "_dbm",
    "_decimal",
    "_elementtree",
    "_frozen_importlib",
    "_frozen_importlib_external",
    "_functools",
    "_gdbm",
    "_hashlib",
    "_heapq",
    "_hmac",
    "_imp",
    "_interpchannels",
    "_interpqueues",
    "_interpreters",
    "_io",
    "_ios_support",
    "_json",
    "_locale",
    "_lsprof",
    "_lzma",
    "_markupbase",
    "_md5",
    "_multibytecodec",
    "_multiprocessing",
    "_opcode",
    "_opcode_metadata",
    "_operator",
    "_osx_support",
    "_overlapped",
    "_pickle",
    "_posixshmem",
    "_posixsubprocess",
    "_py_abc",
    "_py_warnings",
    "_pydatetime",
    "_pydecimal",
    "_pyio",
    "_pylong",
    "_pyrepl",
    "_queue",
    "_random",
    "_remote_debugging",
    "_scproxy",
    "_sha1",
    "_sha2",
    "_sha3",
    "_signal",
    "_sitebuiltins",
    "_socket",
    "_sqlite3",
    "_sre",
    "_ssl",
    "_stat",
    "_statistics",
    "_string",
    "_strptime",
    "_struct",
    "_suggestions",
    "_symtable",
    "_sysconfig",
    "_thread",
    "_threading_local",
    "_tkinter",
    "_tokenize",
    "_tracemalloc",
    "_types",
    "_typing",
    "_uuid",
    "_warnings",
    "_weakref",
    "_weakrefset",
    "_winapi",
    "_wmi",
    "_zoneinfo",
    "_zstd",
    "abc",
    "annotationlib",
    "antigravity",
    "argparse",
    "array",
    "ast",
    "asyncio",
    "atexit",
    "base64",
    "bdb",
    "binascii",
    "bisect",
    "builtins",
    "bz2",
    "cProfile",
    "calendar",
    "cmath",
    "cmd",
    "code",
    "codecs",
    "codeop",
    "collections",
    "colorsys",
    "compileall",
    "compression",
    "concurrent",
    "configparser",
    "contextlib",
    "contextvars",
    "copy",
    "copyreg",
    "csv",
    "ctypes",
    "curses",
    "dataclasses",
    "datetime",
    "dbm",
    "decimal",
    "difflib",
    "dis",
    "doctest",
    "email",
    "encodings",
    "ensurepip",
    "enum",
    "errno",
    "faulthandler",
    "fcntl",
    "filecmp",
    "fileinput",
    "fnmatch",
    "fractions",
    "ftplib",
    "functools",
    "gc",
    "genericpath",
    "getopt",
    "getpass",
    "gettext",
    "glob",
    "graphlib",
    "grp",
    "gzip",
    "hashlib",
    "heapq",
    "hmac",
    "html",
    "http",
    "idlelib",
    "imaplib",
    "importlib",
    "inspect",
    "io",
    "ipaddress",
    "itertools",
    "json",
    "keyword",
    "linecache",
    "locale",
    "logging",
    "lzma",
    "mailbox",
    "marshal",
    "math",
    "mimetypes",
    "mmap",
    "modulefinder",
    "msvcrt",
    "multiprocessing",
    "netrc",
    "nt",
    "ntpath",
    "nturl2path",
    "numbers",
    "opcode",
    "operator",
    "optparse",
    "os",
    "pathlib",
    "pdb",
    "pickle",
    "pickletools",
    "pkgutil",
    "platform",
    "plistlib",
    "poplib",
    "posix",
    "posixpath",
    "pprint",
    "profile",
    "pstats",
    "pty",
    "pwd",
    "py_compile",
    "pyclbr",
    "pydoc",
    "pydoc_data",
    "pyexpat",
    "queue",
    "quopri",
    "random",
    "re",
    "readline",
    "reprlib",
    "resource",
    "rlcompleter",
    "runpy",
    "sched",
    "secrets",
    "select",
    "selectors",
    "shelve",
    "shlex",
    "shutil",
    "signal",
    "site",
    "smtplib",
    "socket",
    "socketserver",
    "sqlite3",
    "sre_compile",
    "sre_constants",
    "sre_parse",
    "ssl",
    "stat",
    "statistics",
    "string",
    "stringprep",
    "struct",
    "subprocess",
    "symtable",
    "sys",
    "sysconfig",
    "syslog",
    "tabnanny",
    "tarfile",
    "tempfile",
    "termios",
    "textwrap",
    "this",
    "threading",
    "time",
    "timeit",
    "tkinter",
    "token",
    "tokenize",
    "tomllib",
    "trace",
    "traceback",
    "tracemalloc",
    "tty",
    "turtle",
    "turtledemo",
    "types",
    "typing",
    "unicodedata",
    "unittest",
    "urllib",
    "uuid",
    "venv",
    "warnings",
    "wave",
    "weakref",
    "webbrowser",
    "winreg",
    "winsound",
    "wsgiref",
    "xml",
    "xmlrpc",
    "zipapp",
    "zipfile",
    "zipimport",
    "zlib",
    "zoneinfo",
];
