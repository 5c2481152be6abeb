//! What the native halves of library modules keep per interpreter: exception classes, classes of results, registries.

use super::support;
use crate::error::{PyResult, Raised};
use crate::object::obj::Obj;
use crate::object::root::Root;
use crate::object::type_::type_object;
use crate::object::{exception, protocol, str_};
use crate::vm::thread::rt;
use kit_core::thread::Ctx;

macro_rules! roots {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// See the module.
        #[derive(Default)]
        pub struct Natives { $($(#[$doc])* pub $name: Root,)* }
        impl Natives {
            /// What is kept for as long as the interpreter runs.
            pub fn roots(&self) -> impl Iterator<Item = &Root> {
                [$(&self.$name),*].into_iter()
            }
        }
    };
}

roots! {
    /// `collections.defaultdict`.
    default_dict,
    /// `struct.error`.
    struct_error,
    /// `binascii.Error`.
    binascii_error,
    /// `binascii.Incomplete`.
    binascii_incomplete,
    /// `os.stat_result`.
    stat_result,
    /// `os.statvfs_result`.
    statvfs_result,
    /// `os.terminal_size`.
    terminal_size,
    /// `os.uname_result`.
    uname_result,
    /// `os.times_result`.
    times_result,
    /// `UnraisableHookArgs`, whose instances `sys.unraisablehook` gets.
    unraisable_hook_args,
    /// `os.sched_param`.
    sched_param,
    /// `os.waitid_result`.
    waitid_result,
    /// `signal.struct_siginfo`.
    siginfo,
    /// `signal.ItimerError`.
    itimer_error,
    /// What `signal.signal` was given, by number: a dict.
    signal_handlers,
    /// Functions that find codecs: a list.
    codec_search,
    /// Codecs that were found, by name: a dict.
    codec_cache,
    /// Error handlers of codecs, by name: a dict.
    codec_errors,
    /// `zlib.error`.
    zlib_error,
    /// `_hashlib.UnsupportedDigestmodError`.
    digest_error,
    /// `pwd.struct_passwd`.
    passwd,
    /// `resource.struct_rusage`.
    usage,
    /// `grp.struct_group`.
    group,
    /// `csv.Error`.
    csv_error,
    /// Dialects of `csv`, by name: a dict.
    csv_dialects,
    /// What `atexit.register` was given: a list of tuples.
    at_exit,
    /// `socket.gaierror`.
    address_error,
    /// `socket.herror`.
    host_error,
    /// `locale.Error`.
    locale_error,
    /// `termios.error`.
    terminal_error,
    /// `pickle.PickleError`.
    pickle_error,
    /// `pickle.PicklingError`.
    pickling_error,
    /// `pickle.UnpicklingError`.
    unpickling_error,
    /// `threading.ExceptHookArgs`.
    except_hook_args,
    /// The class of `_kit.header(x)`.
    header,
    /// The class of `sys.flags`.
    flags,
    /// The class of `sys.float_info`.
    float_info,
    /// The class of `sys.hash_info`.
    hash_info,
    /// The class of `sys.int_info`.
    int_info,
    /// The class of `sys.thread_info`.
    thread_info,
    /// The class of `sys.version_info`.
    version_info,
    /// `time.struct_time`.
    struct_time,
    /// The class of `sys.get_asyncgen_hooks()`.
    asyncgen_hooks,
    /// Functions that are told of events: a list.
    audit_hooks,
    /// `queue.Empty`.
    queue_empty,
    /// `warnings.filters`, as it was made: a list.
    warning_filters,
    /// `warnings.onceregistry`, as it was made: a dict.
    warnings_once,
    /// The context variable that holds a thread's own filters.
    warnings_context,
}

/// The exception class at a place, made when it is first needed.
pub fn exception_class(
    ctx: &mut Ctx,
    place: fn(&Natives) -> &Root,
    module: &str,
    name: &str,
    base: u32,
) -> PyResult {
    let root = place(&rt(ctx).library.natives);
    if let Some(class) = root.get() {
        return Ok(class.clone());
    }
    let base = type_object(ctx, base);
    let class = support::class(ctx, module, name, vec![base], &[])?;
    // Another thread may have been faster: its class is the one.
    Ok(root.get_or_init(|| class).clone())
}

/// Stores an exception of a class that was made at run time.
pub fn raise_of(ctx: &mut Ctx, class: PyResult, message: &str) -> Raised {
    let made = class.and_then(|class| {
        let message = str_::new(ctx, message)?;
        protocol::call(ctx, &class, &[message])
    });
    match made {
        Ok(error) => exception::raise(ctx, error),
        Err(raised) => raised,
    }
}

/// Adds whole numbers to a module.
pub fn add_numbers(ctx: &mut Ctx, module: &Obj, numbers: &[(&str, i64)]) -> PyResult<()> {
    for (name, value) in numbers {
        let value = crate::object::int::from_i64(ctx, *value)?;
        support::add(ctx, module, name, value)?;
    }
    Ok(())
}
