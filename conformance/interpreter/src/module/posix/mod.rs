//! `posix`: what `os` has from the system.
//!
//! | file            | what                                                    |
//! |-----------------|---------------------------------------------------------|
//! | [`path`]        | arguments, errors, calling the system                   |
//! | [`stat`]        | what is known of files                                  |
//! | `descriptors`   | open files as numbers                                   |
//! | [`tree`]        | files and folders by name                               |
//! | [`scandir`]     | the entries of a folder                                 |
//! | `attributes`    | extended attributes of files                            |
//! | [`vectors`]     | bytes for many objects at once, or from file to file    |
//! | `counters`      | files without names: memory, events, timers, processes  |
//! | `configuration` | what the system is configured to                        |
//! | [`environment`] | variables of the process, and their lock                |
//! | [`system`]      | identities, limits, terminals                           |
//! | `terminals`     | pseudoterminals                                         |
//! | [`schedule`]    | priorities, policies, identities all at once            |
//! | [`fork`]        | forking, waiting for children                           |
//! | `spawn`         | other programs in new processes, at once                |
//!
//! Every call that may take time is made detached, and made again when a signal has interrupted it.

use super::natives::add_numbers;
use super::struct_class::{self, Kind};
use super::support;
use crate::error::PyResult;
use crate::object::builtin_function;
use crate::object::define::{Method, ModuleDef};
use crate::object::dict::{self, PyDict};
use crate::object::exception::class;
use crate::object::list;
use crate::object::obj::Obj;
use crate::object::str_;
use crate::object::type_::type_object;
use kit_core::thread::Ctx;

mod attributes;
mod configuration;
mod counters;
pub mod descriptors;
pub mod environment;
pub mod fork;
pub mod path;
pub mod scandir;
pub mod schedule;
mod spawn;
pub mod stat;
pub mod system;
mod terminals;
pub mod tree;
pub mod vectors;

/// Names and numbers of constants of the system.
macro_rules! numbers {
    ($($name:ident)*) => {
        &[$((stringify!($name), libc::$name as i64),)*]
    };
}
pub(crate) use numbers;

static FUNCTIONS: &[&[Method]] = &[
    fork::FUNCTIONS,
    stat::FUNCTIONS,
    spawn::FUNCTIONS,
    descriptors::FUNCTIONS,
    vectors::FUNCTIONS,
    attributes::FUNCTIONS,
    counters::FUNCTIONS,
    configuration::FUNCTIONS,
    tree::FUNCTIONS,
    scandir::FUNCTIONS,
    environment::FUNCTIONS,
    system::FUNCTIONS,
    terminals::FUNCTIONS,
    schedule::FUNCTIONS,
];

const NUMBERS: &[(&str, i64)] = &[
    ("F_OK", libc::F_OK as i64),
    ("R_OK", libc::R_OK as i64),
    ("W_OK", libc::W_OK as i64),
    ("X_OK", libc::X_OK as i64),
    ("O_RDONLY", libc::O_RDONLY as i64),
    ("O_WRONLY", libc::O_WRONLY as i64),
    ("O_RDWR", libc::O_RDWR as i64),
    ("O_ACCMODE", libc::O_ACCMODE as i64),
    ("O_APPEND", libc::O_APPEND as i64),
    ("O_ASYNC", libc::O_ASYNC as i64),
    ("O_CLOEXEC", libc::O_CLOEXEC as i64),
    ("O_CREAT", libc::O_CREAT as i64),
    ("O_DIRECT", libc::O_DIRECT as i64),
    ("O_DIRECTORY", libc::O_DIRECTORY as i64),
    ("O_DSYNC", libc::O_DSYNC as i64),
    ("O_EXCL", libc::O_EXCL as i64),
    ("O_LARGEFILE", libc::O_LARGEFILE as i64),
    ("O_NDELAY", libc::O_NDELAY as i64),
    ("O_NOATIME", libc::O_NOATIME as i64),
    ("O_NOCTTY", libc::O_NOCTTY as i64),
    ("O_NOFOLLOW", libc::O_NOFOLLOW as i64),
    ("O_NONBLOCK", libc::O_NONBLOCK as i64),
    ("O_PATH", libc::O_PATH as i64),
    ("O_RSYNC", libc::O_RSYNC as i64),
    ("O_SYNC", libc::O_SYNC as i64),
    ("O_TMPFILE", libc::O_TMPFILE as i64),
    ("O_TRUNC", libc::O_TRUNC as i64),
    ("SEEK_DATA", libc::SEEK_DATA as i64),
    ("SEEK_HOLE", libc::SEEK_HOLE as i64),
    ("WNOHANG", libc::WNOHANG as i64),
    ("WUNTRACED", libc::WUNTRACED as i64),
    ("WCONTINUED", libc::WCONTINUED as i64),
    ("PRIO_PROCESS", libc::PRIO_PROCESS as i64),
    ("PRIO_PGRP", libc::PRIO_PGRP as i64),
    ("PRIO_USER", libc::PRIO_USER as i64),
    ("GRND_RANDOM", libc::GRND_RANDOM as i64),
    ("GRND_NONBLOCK", libc::GRND_NONBLOCK as i64),
    ("NGROUPS_MAX", 65536),
    ("TMP_MAX", 238_328),
    ("EX_OK", 0),
    ("EX_USAGE", 64),
    ("EX_DATAERR", 65),
    ("EX_NOINPUT", 66),
    ("EX_NOUSER", 67),
    ("EX_NOHOST", 68),
    ("EX_UNAVAILABLE", 69),
    ("EX_SOFTWARE", 70),
    ("EX_OSERR", 71),
    ("EX_OSFILE", 72),
    ("EX_CANTCREAT", 73),
    ("EX_IOERR", 74),
    ("EX_TEMPFAIL", 75),
    ("EX_PROTOCOL", 76),
    ("EX_NOPERM", 77),
    ("EX_CONFIG", 78),
    ("ST_RDONLY", libc::ST_RDONLY as i64),
    ("ST_NOSUID", libc::ST_NOSUID as i64),
    ("RTLD_LAZY", libc::RTLD_LAZY as i64),
    ("RTLD_NOW", libc::RTLD_NOW as i64),
    ("RTLD_GLOBAL", libc::RTLD_GLOBAL as i64),
    ("RTLD_LOCAL", libc::RTLD_LOCAL as i64),
    ("XATTR_SIZE_MAX", attributes::MOST as i64),
];

const MORE: &[(&str, i64)] = numbers! {
    CLD_CONTINUED CLD_DUMPED CLD_EXITED CLD_KILLED CLD_STOPPED CLD_TRAPPED
    CLONE_FILES CLONE_FS CLONE_NEWCGROUP CLONE_NEWIPC CLONE_NEWNET CLONE_NEWNS CLONE_NEWPID CLONE_NEWTIME
    CLONE_NEWUSER CLONE_NEWUTS CLONE_SIGHAND CLONE_SYSVSEM CLONE_THREAD CLONE_VM
    EFD_CLOEXEC EFD_NONBLOCK EFD_SEMAPHORE
    MFD_ALLOW_SEALING MFD_CLOEXEC MFD_HUGETLB MFD_HUGE_16GB MFD_HUGE_16MB MFD_HUGE_1GB MFD_HUGE_1MB
    MFD_HUGE_256MB MFD_HUGE_2GB MFD_HUGE_2MB MFD_HUGE_32MB MFD_HUGE_512KB MFD_HUGE_512MB MFD_HUGE_64KB
    MFD_HUGE_8MB MFD_HUGE_MASK MFD_HUGE_SHIFT
    O_FSYNC
    PIDFD_NONBLOCK
    P_ALL P_PGID P_PID P_PIDFD
    RTLD_DEEPBIND RTLD_NODELETE RTLD_NOLOAD
    RWF_APPEND RWF_DSYNC RWF_HIPRI RWF_NOWAIT RWF_SYNC
    SPLICE_F_MORE SPLICE_F_MOVE SPLICE_F_NONBLOCK
    ST_APPEND ST_MANDLOCK ST_NOATIME ST_NODEV ST_NODIRATIME ST_NOEXEC ST_RELATIME ST_SYNCHRONOUS ST_WRITE
    TFD_CLOEXEC TFD_NONBLOCK TFD_TIMER_ABSTIME TFD_TIMER_CANCEL_ON_SET
    WEXITED
    WNOWAIT
    WSTOPPED
    XATTR_CREATE XATTR_REPLACE
};

/// What some functions can do here.
const CAN: &[&str] = &[
    "HAVE_EVENTFD",
    "HAVE_TIMERFD_CREATE",
    "HAVE_FACCESSAT",
    "HAVE_FCHDIR",
    "HAVE_FCHMOD",
    "HAVE_FCHMODAT",
    "HAVE_FCHOWN",
    "HAVE_FCHOWNAT",
    "HAVE_FDOPENDIR",
    "HAVE_FPATHCONF",
    "HAVE_FSTATAT",
    "HAVE_FSTATVFS",
    "HAVE_FTRUNCATE",
    "HAVE_FUTIMENS",
    "HAVE_FUTIMES",
    "HAVE_FUTIMESAT",
    "HAVE_LINKAT",
    "HAVE_LCHOWN",
    "HAVE_LSTAT",
    "HAVE_LUTIMES",
    "HAVE_MEMFD_CREATE",
    "HAVE_MKDIRAT",
    "HAVE_MKFIFOAT",
    "HAVE_MKNODAT",
    "HAVE_OPENAT",
    "HAVE_READLINKAT",
    "HAVE_RENAMEAT",
    "HAVE_SYMLINKAT",
    "HAVE_UNLINKAT",
    "HAVE_UTIMENSAT",
    "HAVE_PTSNAME_R",
];

fn populate(ctx: &mut Ctx, module: &Obj) -> PyResult<()> {
    let name = str_::intern(ctx, "posix");
    for function in FUNCTIONS.iter().copied().flatten() {
        let value = builtin_function::function(ctx, function, module, &name)?;
        support::add(ctx, module, function.name, value)?;
    }
    add_numbers(ctx, module, NUMBERS)?;
    add_numbers(ctx, module, MORE)?;
    add_numbers(ctx, module, schedule::NUMBERS)?;
    add_numbers(ctx, module, spawn::NUMBERS)?;
    let kinds: [(&str, &'static Kind); 7] = [
        ("sched_param", &schedule::SCHED_PARAM),
        ("stat_result", &stat::STAT_RESULT),
        ("statvfs_result", &stat::STATVFS_RESULT),
        ("terminal_size", &system::TERMINAL_SIZE),
        ("uname_result", &system::UNAME_RESULT),
        ("times_result", &system::TIMES_RESULT),
        ("waitid_result", &fork::WAITID_RESULT),
    ];
    for (name, kind) in kinds {
        let class = struct_class::class(ctx, kind)?;
        support::add(ctx, module, name, class)?;
    }
    let can: Vec<Obj> = CAN.iter().map(|name| str_::intern(ctx, name)).collect();
    let can = list::from_vec(ctx, can)?;
    support::add(ctx, module, "_have_functions", can)?;
    for (table, known) in [
        ("sysconf_names", configuration::SYSCONF),
        ("confstr_names", configuration::CONFSTR),
        ("pathconf_names", configuration::PATHCONF),
    ] {
        let names = dict::new(ctx)?;
        for (name, value) in known {
            let name = str_::intern(ctx, name);
            let value = Obj::small_int((*value).into());
            names.expect::<PyDict>().set(ctx, &name, value)?;
        }
        support::add(ctx, module, table, names)?;
    }
    let error = type_object(ctx, class::OSError);
    support::add(ctx, module, "error", error)?;
    let environment = environment::table(ctx)?;
    support::add(ctx, module, "environ", environment)
}

/// `posix`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "posix",
    functions: &[],
    types: &[&scandir::DIR_ENTRY, &scandir::SCANDIR_ITER],
    populate,
    doc: "What the system offers to processes and files.",
};
