//! `_posixsubprocess`: starting another program in a new process, for `subprocess`.
//!
//! Everything that needs memory is made before the fork; between the fork and the new program there are system calls only. With a
//! `preexec_fn` the whole runtime forks, as in `os.fork`, for the new process is one of the program's until that has returned.

use super::posix::path::number;
use crate::cli::signal::Response;
use crate::error::{PyResult, raise};
use crate::object::args::Args;
use crate::object::define::{ModuleDef, Native, method};
use crate::object::exception;
use crate::object::obj::Obj;
use crate::object::{bytes_like, int, protocol};
use kit_core::thread::Ctx;
use std::ffi::CString;
use std::io;

/// What the new process does before it becomes the program.
struct Plan {
    args: Vec<*const libc::c_char>,
    programs: Vec<CString>,
    close: bool,
    keep: Vec<i32>,
    folder: Option<CString>,
    environment: Option<Vec<*const libc::c_char>>,
    /// For its input, output and errors.
    ends: [i32; 3],
    /// Ends that belong to the parent.
    foreign: [i32; 4],
    report: i32,
    restore_signals: bool,
    new_session: bool,
    group: i32,
    gid: Option<u32>,
    groups: Option<Vec<u32>>,
    uid: Option<u32>,
    mask: i32,
}

fn texts(ctx: &mut Ctx, items: &Obj) -> PyResult<Vec<CString>> {
    let mut texts = Vec::new();
    for item in protocol::collect(ctx, items)? {
        texts.push(super::posix::path::text_argument(ctx, &item)?);
    }
    Ok(texts)
}

fn pointers(texts: &[CString]) -> Vec<*const libc::c_char> {
    let mut pointers: Vec<_> = texts.iter().map(|text| text.as_ptr()).collect();
    pointers.push(std::ptr::null());
    pointers
}

/// The step that failed, empty for most; the error is the system's.
type Step = &'static [u8];

/// Runs in the new process: gives it the files, folder, signals and identities of the program.
///
/// # Safety
/// - This is the new process after a fork.
unsafe fn prepare(plan: &mut Plan) -> Result<(), Step> {
    // SAFETY: system calls on what belongs to this process; pointers are to what was made before the fork.
    unsafe {
        for end in plan.foreign {
            if end >= 0 {
                libc::close(end);
            }
        }
        // Ends below 3 would be overwritten before they are used.
        for (place, end) in (0..).zip(plan.ends.iter_mut()) {
            if (0..3).contains(end) && *end != place {
                *end = libc::fcntl(*end, libc::F_DUPFD_CLOEXEC, 3);
                if *end < 0 {
                    return Err(b"");
                }
            }
        }
        for (place, end) in (0..).zip(plan.ends) {
            if end == place {
                libc::fcntl(end, libc::F_SETFD, 0);
            } else if end >= 0 && libc::dup2(end, place) < 0 {
                return Err(b"");
            }
        }
        if let Some(folder) = &plan.folder
            && libc::chdir(folder.as_ptr()) != 0
        {
            return Err(b"noexec:chdir");
        }
        if plan.mask >= 0 {
            libc::umask(plan.mask as libc::mode_t);
        }
        if plan.restore_signals {
            for signal in [libc::SIGPIPE, libc::SIGXFSZ] {
                libc::signal(signal, libc::SIG_DFL);
            }
        }
        if plan.new_session {
            libc::setsid();
        }
        if plan.group >= 0 && libc::setpgid(0, plan.group) != 0 {
            return Err(b"");
        }
        if let Some(groups) = &plan.groups
            && libc::setgroups(groups.len(), groups.as_ptr()) != 0
        {
            return Err(b"");
        }
        if let Some(gid) = plan.gid
            && libc::setregid(gid, gid) != 0
        {
            return Err(b"");
        }
        if let Some(uid) = plan.uid
            && libc::setreuid(uid, uid) != 0
        {
            return Err(b"");
        }
    }
    Ok(())
}

/// Runs in the new process: becomes the program, or returns.
///
/// # Safety
/// - As [`prepare`], which has been called.
unsafe fn execute(plan: &Plan) {
    // SAFETY: as in `prepare`.
    unsafe {
        for fd in &plan.keep {
            if *fd != plan.report {
                libc::fcntl(*fd, libc::F_SETFD, 0);
            }
        }
        if plan.close {
            let mut first = 3;
            for fd in plan.keep.iter().copied().chain([i32::MAX]) {
                if fd > first {
                    libc::syscall(libc::SYS_close_range, first, fd - 1, 0);
                }
                first = first.max(fd.saturating_add(1));
            }
        }
        let mut kept = libc::ENOENT;
        for program in &plan.programs {
            match &plan.environment {
                Some(environment) => {
                    libc::execve(program.as_ptr(), plan.args.as_ptr(), environment.as_ptr())
                }
                None => libc::execv(program.as_ptr(), plan.args.as_ptr()),
            };
            let error = *libc::__errno_location();
            // The next place may have it.
            if error != libc::ENOENT && error != libc::ENOTDIR {
                kept = error;
            }
        }
        *libc::__errno_location() = kept;
    }
}

/// Tells the old process through the end `report` why this one does not become the program, and ends it.
///
/// # Safety
/// - As [`prepare`].
unsafe fn give_up(report: i32, why: Why) -> ! {
    let mut line = [0u8; 64];
    let mut len = 0;
    let mut say = |text: &[u8]| {
        for byte in text {
            line[len] = *byte;
            len += 1;
        }
    };
    match why {
        Why::Hook => say(b"SubprocessError:0:Exception occurred in preexec_fn."),
        Why::System(error, step) => {
            say(b"OSError:");
            let digits = [28, 24, 20, 16, 12, 8, 4, 0].map(|shift| error >> shift & 15);
            let first = digits.iter().position(|digit| *digit != 0).unwrap_or(7);
            for digit in &digits[first..] {
                say(&[b"0123456789ABCDEF"[*digit as usize]]);
            }
            say(b":");
            say(step);
        }
    }
    // SAFETY: the line, and a process that nobody needs.
    unsafe {
        libc::write(report, line.as_ptr().cast(), len);
        libc::_exit(255)
    }
}

/// Why a new process does not become a program.
enum Why {
    /// The system's error, and the step.
    System(i32, Step),
    /// `preexec_fn` has raised.
    Hook,
}

/// Runs in the new process: becomes the program behind what `hook` does, or gives up.
///
/// # Safety
/// - As [`prepare`].
unsafe fn become_program(plan: &mut Plan, hook: impl FnOnce() -> bool) -> ! {
    // SAFETY: as the caller says; the error is this thread's.
    unsafe {
        let error = || *libc::__errno_location();
        if let Err(step) = prepare(plan) {
            give_up(plan.report, Why::System(error(), step));
        }
        if !hook() {
            give_up(plan.report, Why::Hook);
        }
        execute(plan);
        give_up(plan.report, Why::System(error(), b""))
    }
}

/// `fork_exec(args, executable_list, close_fds, pass_fds, cwd, env, p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite,
/// errpipe_read, errpipe_write, restore_signals, call_setsid, pgid_to_set, gid, extra_groups, uid, child_umask, preexec_fn)`.
fn fork_exec(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "fork_exec", 22, 22)?;
    let given = args.pos;
    crate::module::sys::audit::event(ctx, "_posixsubprocess.fork_exec", |_| {
        Ok(vec![given[1].clone(), given[0].clone(), given[5].clone()])
    })?;
    let mut numbers = [0; 8];
    for (value, given) in numbers.iter_mut().zip(&given[6..14]) {
        *value = number(ctx, given)?;
    }
    let [
        p2cread,
        p2cwrite,
        c2pread,
        c2pwrite,
        errread,
        errwrite,
        errpipe_read,
        report,
    ] = numbers;
    let words = texts(ctx, &given[0])?;
    let environment = match &given[5] {
        none if none.is_none() => None,
        items => {
            let mut lines = Vec::new();
            for line in protocol::collect(ctx, items)? {
                let line = bytes_like::expect_buffer(ctx, &line)?.into_owned();
                match CString::new(line) {
                    Ok(line) => lines.push(line),
                    Err(_) => return Err(raise!(ctx, ValueError, "embedded null byte")),
                }
            }
            Some(lines)
        }
    };
    let mut keep = Vec::new();
    for fd in protocol::collect(ctx, &given[3])? {
        keep.push(number(ctx, &fd)?);
    }
    let mut identity = |value: &Obj| match value.is_none() {
        true => Ok(None),
        false => super::posix::stat::identity(ctx, value, "uid").map(Some),
    };
    let (gid, uid) = (identity(&given[17])?, identity(&given[19])?);
    let groups = match &given[18] {
        none if none.is_none() => None,
        items => {
            let mut groups = Vec::new();
            for group in protocol::collect(ctx, items)? {
                groups.push(super::posix::stat::identity(ctx, &group, "gid")?);
            }
            Some(groups)
        }
    };
    let folder = match &given[4] {
        none if none.is_none() => None,
        folder => Some(super::posix::path::text_argument(ctx, folder)?),
    };
    let mut plan = Plan {
        args: pointers(&words),
        programs: texts(ctx, &given[1])?,
        close: protocol::truth(ctx, &given[2])?,
        keep,
        folder,
        environment: environment.as_deref().map(pointers),
        ends: [p2cread, c2pwrite, errwrite],
        foreign: [p2cwrite, c2pread, errread, errpipe_read],
        report,
        restore_signals: protocol::truth(ctx, &given[14])?,
        new_session: protocol::truth(ctx, &given[15])?,
        group: number(ctx, &given[16])?,
        gid,
        groups,
        uid,
        mask: number(ctx, &given[20])?,
    };
    let hook = &given[21];
    if !hook.is_none() {
        super::posix::fork::refuse_at_end(ctx, "preexec_fn not supported")?;
        let pid = super::posix::fork::split(ctx, || {})?;
        if pid == 0 {
            // SAFETY: the new process.
            unsafe {
                become_program(&mut plan, || match protocol::call(ctx, hook, &[]) {
                    Ok(_) => true,
                    Err(raised) => {
                        drop(exception::take(ctx, raised));
                        false
                    }
                })
            }
        }
        return int::from_i64(ctx, pid);
    }
    let mask = crate::cli::signal::Mask::all();
    // SAFETY: the new process does nothing but system calls until it becomes a program or ends.
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        // This process has no thread that the handlers could pass signals on to.
        for number in 1..=64 {
            if crate::cli::signal::response(number).is_ok_and(|now| now == Response::Noted) {
                let _ = crate::cli::signal::respond(number, Response::Default);
            }
        }
        drop(mask);
        // SAFETY: the new process, whose report is read by the old one.
        unsafe { become_program(&mut plan, || true) }
    }
    let error = io::Error::last_os_error();
    drop(mask);
    if pid < 0 {
        return Err(exception::os::raise_os_error(ctx, &error, None));
    }
    int::from_i64(ctx, pid.into())
}

/// `_posixsubprocess`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_posixsubprocess",
    functions: &[method("fork_exec", Native::F(fork_exec))],
    types: &[],
    populate: |_, _| Ok(()),
    doc: "A helper of the module subprocess.",
};
