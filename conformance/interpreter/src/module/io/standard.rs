//! The streams of `sys`, and what else is asked of descriptors.

use super::newline::Newline;
use super::text::{self, Format};
use super::{DEFAULT_BUFFER_SIZE, buffered, file};
use crate::error::PyResult;
use crate::object::ids::tailed;
use crate::object::obj::Obj;
use crate::object::{protocol, str_};
use kit_core::thread::Ctx;
use std::fs::File;
use std::mem::ManuallyDrop;
use std::os::fd::{FromRawFd, RawFd};
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

/// What the options and the environment say of the streams.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Wishes {
    /// What is written goes out at once.
    pub unbuffered: bool,
    /// Encoding and error handler, as `PYTHONIOENCODING` has them.
    pub encoding: Option<String>,
}

impl Wishes {
    /// What the environment says.
    pub fn from_environment() -> Wishes {
        let value = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        Wishes {
            unbuffered: value("PYTHONUNBUFFERED").is_some(),
            encoding: value("PYTHONIOENCODING").and_then(|value| value.into_string().ok()),
        }
    }
}

/// Which of the first three descriptors were closed when the process began, by bit. What stands there now keeps files that
/// are opened later from being taken for a stream.
static CLOSED: AtomicU8 = AtomicU8::new(0);

fn is_closed(fd: RawFd) -> bool {
    // SAFETY: only asks, and fails if it is not open.
    unsafe { libc::fcntl(fd, libc::F_GETFD) < 0 }
}

/// Remembers which of the first three descriptors are closed. Rust's standard library opens `/dev/null` there, so this is to be
/// called before it begins.
pub extern "C" fn note_closed() {
    for fd in 0..3 {
        if is_closed(fd) {
            // Relaxed: there is one thread.
            CLOSED.fetch_or(1 << fd, Relaxed);
        }
    }
}

/// Why no interpreter can start with these descriptors, if so.
pub fn refusal() -> Option<String> {
    let is_directory = |fd| {
        // SAFETY: all bytes zero are a valid `stat`.
        let mut found: libc::stat = unsafe { std::mem::zeroed() };
        // SAFETY: it is written to.
        let known = unsafe { libc::fstat(fd, &raw mut found) };
        known == 0 && found.st_mode & libc::S_IFMT == libc::S_IFDIR
    };
    let fd = (0..3).find(|fd| is_directory(*fd))?;
    let problem = match fd {
        0 => "<stdin> is a directory, cannot continue".to_owned(),
        _ => format!(
            "can't initialize sys standard streams\nIsADirectoryError: [Errno {}] Is a directory: {fd}",
            libc::EISDIR
        ),
    };
    Some(format!("Fatal Python error: init_sys_streams: {problem}\n"))
}

/// The stream of `sys` over a descriptor of the process; None if that is not open.
pub fn stream(ctx: &mut Ctx, fd: RawFd, wishes: &Wishes) -> PyResult {
    // Relaxed: as above.
    if CLOSED.load(Relaxed) & 1 << fd != 0 || is_closed(fd) {
        return Ok(Obj::NONE);
    }
    let (name, mode) = match fd {
        0 => ("<stdin>", "r"),
        1 => ("<stdout>", "w"),
        _ => ("<stderr>", "w"),
    };
    let raw = file::make(ctx, &Obj::small_int(i64::from(fd)), mode, false, None)?;
    let attribute = str_::intern(ctx, "name");
    let name = str_::new(ctx, name)?;
    protocol::setattr(ctx, &raw, &attribute, Some(&name))?;
    let through = wishes.unbuffered && fd != 0;
    let buffer = if through {
        raw
    } else {
        let class = if fd == 0 {
            tailed::BUFFERED_READER
        } else {
            tailed::BUFFERED_WRITER
        };
        buffered::make(ctx, class, &raw, DEFAULT_BUFFER_SIZE)?
    };
    let (encoding, errors) = match wishes.encoding.as_deref().map(|wish| wish.split_once(':')) {
        Some(Some((encoding, errors))) => (encoding, errors),
        Some(None) => (wishes.encoding.as_deref().unwrap_or_default(), ""),
        None => ("", ""),
    };
    let named = !encoding.is_empty();
    let errors = match (fd, errors) {
        (2, _) => "backslashreplace",
        (_, "") if named || !takes_any_byte() => "strict",
        (_, "") => "surrogateescape",
        (_, errors) => errors,
    };
    let format = Format {
        encoding: Some(if named { encoding } else { "utf-8" }.to_owned()),
        errors: Some(errors.to_owned()),
        newline: Newline::Lf,
        lines: !through && (fd == 2 || is_terminal(fd)),
        through,
    };
    let stream = text::make(ctx, &buffer, format)?;
    let attribute = str_::intern(ctx, "mode");
    let mode = str_::new(ctx, mode)?;
    protocol::setattr(ctx, &stream, &attribute, Some(&mode))?;
    Ok(stream)
}

/// The locale's name for characters; `None` for the plain one.
fn locale() -> Option<String> {
    ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .filter(|value| value != "C" && value != "POSIX")
}

/// Whether text is UTF-8 whatever the locale says (`sys.flags.utf8_mode`): if `PYTHONUTF8` says so, or the locale is the plain
/// one.
pub fn is_utf8_mode() -> bool {
    match std::env::var("PYTHONUTF8").as_deref() {
        Ok("1") => true,
        Ok("0") => false,
        _ => locale().is_none(),
    }
}

/// Whether any byte may come, and must be written as it came: in that mode, and in the plain locale with UTF-8.
fn takes_any_byte() -> bool {
    is_utf8_mode()
        || matches!(
            locale().as_deref(),
            None | Some("C.UTF-8" | "C.utf8" | "UTF-8")
        )
}

/// Whether the descriptor is a terminal.
pub fn is_terminal(fd: RawFd) -> bool {
    use std::io::IsTerminal;
    // SAFETY: only asked about while it is open, or harmlessly told that it is not.
    let file = ManuallyDrop::new(unsafe { File::from_raw_fd(fd) });
    file.is_terminal()
}

/// Whether the descriptor is a pipe that nobody reads any more.
pub fn has_no_reader(fd: RawFd) -> bool {
    let mut asked = libc::pollfd {
        fd,
        events: 0,
        revents: 0,
    };
    // SAFETY: one place to write to; it does not wait.
    let ready = unsafe { libc::poll(&mut asked, 1, 0) };
    ready == 1 && asked.revents & libc::POLLERR != 0
}

/// The streams that programs write to, as far as they are the interpreter's own.
pub fn own(ctx: &mut Ctx) -> Vec<Obj> {
    ["__stdout__", "__stderr__"]
        .into_iter()
        .filter_map(|name| crate::module::sys::attribute(ctx, name))
        .filter(text::is_exact)
        .collect()
}

/// Writes out what such a stream holds; false if that failed, and what it holds is forgotten.
pub fn finish(ctx: &mut Ctx, stream: &Obj) -> bool {
    let done = text::is_open(ctx, stream).and_then(|open| {
        if open {
            super::text_write::flush(ctx, stream)?;
        }
        Ok(())
    });
    match done {
        Ok(()) => true,
        Err(raised) => {
            drop(crate::object::exception::take(ctx, raised));
            super::text_write::give_up(ctx, stream);
            false
        }
    }
}
