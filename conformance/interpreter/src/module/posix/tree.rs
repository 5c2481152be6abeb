//! Files and folders by name: making, removing, renaming, linking, listing.

use super::path::{
    Also, Path, about_both, done, done_with, folder, name_of, number, path, system, system_text,
    truth,
};
use crate::error::{PyResult, raise};
use crate::object::args::{Args, Signature};
use crate::object::define::{Method, Native, method};
use crate::object::exception;
use crate::object::obj::Obj;
use crate::object::{bytes, list};
use crate::vm::thread::rt;
use kit_core::thread::Ctx;
use std::io;

/// A folder that is read.
pub struct Folder(*mut libc::DIR);

// SAFETY: whoever has it uses it alone.
unsafe impl Send for Folder {}

impl Folder {
    /// Opens the folder at a path.
    pub fn open(path: &Path) -> io::Result<Folder> {
        // SAFETY: only looks at the path; the copy of the descriptor belongs to the folder.
        let dir = unsafe {
            match path.fd {
                Some(fd) => {
                    let copy = libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 0);
                    if copy < 0 {
                        return Err(io::Error::last_os_error());
                    }
                    let dir = libc::fdopendir(copy);
                    if dir.is_null() {
                        let error = io::Error::last_os_error();
                        libc::close(copy);
                        return Err(error);
                    }
                    libc::rewinddir(dir);
                    dir
                }
                None => libc::opendir(path.ptr()),
            }
        };
        if dir.is_null() {
            Err(io::Error::last_os_error())
        } else {
            Ok(Folder(dir))
        }
    }

    /// The next entry but `.` and `..`: its name, its number, its kind.
    pub fn read(&mut self) -> io::Result<Option<(Vec<u8>, u64, u8)>> {
        loop {
            // SAFETY: the folder is open and used by nobody else; the entry is valid until the next call.
            unsafe {
                *libc::__errno_location() = 0;
                let entry = libc::readdir(self.0);
                if entry.is_null() {
                    return match io::Error::last_os_error() {
                        error if error.raw_os_error() == Some(0) => Ok(None),
                        error => Err(error),
                    };
                }
                let name = std::ffi::CStr::from_ptr((*entry).d_name.as_ptr());
                if !matches!(name.to_bytes(), b"." | b"..") {
                    let name = name.to_bytes().to_vec();
                    return Ok(Some((name, (*entry).d_ino, (*entry).d_type)));
                }
            }
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // SAFETY: open, and closed once.
        unsafe { libc::closedir(self.0) };
    }
}

fn listdir(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "listdir",
        params: &["path"],
        posonly: 0,
        positional: 1,
        required: 0,
    };
    let [place] = args.bind(ctx, &SIGNATURE)?;
    let place = place.unwrap_or(Obj::none());
    let place = path(ctx, place, "listdir", "path", Also::DescriptorOrNone)?;
    let names = rt(ctx).kit.detached(ctx, || {
        let mut folder = Folder::open(&place)?;
        let mut names = Vec::new();
        while let Some((name, ..)) = folder.read()? {
            names.push(name);
        }
        Ok::<_, io::Error>(names)
    });
    let names = match names {
        Ok(names) => names,
        Err(error) => return Err(super::path::about(ctx, &error, &place)),
    };
    let mut items = Vec::with_capacity(names.len());
    for name in names {
        items.push(name_of(ctx, &name, place.is_bytes)?);
    }
    list::from_vec(ctx, items)
}

fn mkdir(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    make(ctx, args, "mkdir", 0o777, libc::mkdirat)
}

fn mkfifo(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    make(ctx, args, "mkfifo", 0o666, libc::mkfifoat)
}

/// Makes something with a mode at a path.
fn make(
    ctx: &mut Ctx,
    args: Args<'_>,
    name: &'static str,
    usual: libc::mode_t,
    call: unsafe extern "C" fn(libc::c_int, *const libc::c_char, libc::mode_t) -> libc::c_int,
) -> PyResult {
    let signature = Signature {
        name,
        params: &["path", "mode", "dir_fd"],
        posonly: 0,
        positional: 2,
        required: 1,
    };
    let [place, mode, dir] = args.bind(ctx, &signature)?;
    let place = path(
        ctx,
        place.unwrap_or(Obj::none()),
        name,
        "path",
        Also::Nothing,
    )?;
    let mode = match mode {
        Some(mode) => number(ctx, mode)? as libc::mode_t,
        None => usual,
    };
    let relative = folder(ctx, dir)?;
    // SAFETY: only looks at the path.
    done_with(ctx, &place, || unsafe {
        call(relative, place.ptr(), mode).into()
    })?;
    Ok(Obj::NONE)
}

fn mknod(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "mknod",
        params: &["path", "mode", "device", "dir_fd"],
        posonly: 0,
        positional: 3,
        required: 1,
    };
    let [place, mode, device, dir] = args.bind(ctx, &SIGNATURE)?;
    let place = place.unwrap_or(Obj::none());
    let place = path(ctx, place, "mknod", "path", Also::Nothing)?;
    let mode = mode.map_or(Ok(0o600), |mode| number(ctx, mode))? as libc::mode_t;
    let device = device.map_or(Ok(0), |number| super::system::device(ctx, number))?;
    let relative = folder(ctx, dir)?;
    // SAFETY: only looks at the path.
    done(ctx, || unsafe {
        libc::mknodat(relative, place.ptr(), mode, device).into()
    })?;
    Ok(Obj::NONE)
}

fn remove(ctx: &mut Ctx, args: Args<'_>, name: &'static str, flags: i32) -> PyResult {
    let signature = Signature {
        name,
        params: &["path", "dir_fd"],
        posonly: 0,
        positional: 1,
        required: 1,
    };
    let [place, dir] = args.bind(ctx, &signature)?;
    let place = path(
        ctx,
        place.unwrap_or(Obj::none()),
        name,
        "path",
        Also::Nothing,
    )?;
    let relative = folder(ctx, dir)?;
    // SAFETY: only looks at the path.
    done_with(ctx, &place, || unsafe {
        libc::unlinkat(relative, place.ptr(), flags).into()
    })?;
    Ok(Obj::NONE)
}

fn rename(ctx: &mut Ctx, args: Args<'_>, name: &'static str) -> PyResult {
    let signature = Signature {
        name,
        params: &["src", "dst", "src_dir_fd", "dst_dir_fd"],
        posonly: 0,
        positional: 2,
        required: 2,
    };
    let [from, to, from_dir, to_dir] = args.bind(ctx, &signature)?;
    let from = path(ctx, from.unwrap_or(Obj::none()), name, "src", Also::Nothing)?;
    let to = path(ctx, to.unwrap_or(Obj::none()), name, "dst", Also::Nothing)?;
    let (from_dir, to_dir) = (folder(ctx, from_dir)?, folder(ctx, to_dir)?);
    // SAFETY: only looks at the paths.
    let result = system(ctx, || unsafe {
        libc::renameat(from_dir, from.ptr(), to_dir, to.ptr()).into()
    })?;
    result.map_err(|error| about_both(ctx, &error, &from, &to))?;
    Ok(Obj::NONE)
}

fn link(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "link",
        params: &["src", "dst", "src_dir_fd", "dst_dir_fd", "follow_symlinks"],
        posonly: 0,
        positional: 2,
        required: 2,
    };
    let [from, to, from_dir, to_dir, follow] = args.bind(ctx, &SIGNATURE)?;
    let from = path(
        ctx,
        from.unwrap_or(Obj::none()),
        "link",
        "src",
        Also::Nothing,
    )?;
    let to = path(ctx, to.unwrap_or(Obj::none()), "link", "dst", Also::Nothing)?;
    let (from_dir, to_dir) = (folder(ctx, from_dir)?, folder(ctx, to_dir)?);
    let flags = match truth(ctx, follow, true)? {
        true => libc::AT_SYMLINK_FOLLOW,
        false => 0,
    };
    // SAFETY: only looks at the paths.
    let result = system(ctx, || unsafe {
        libc::linkat(from_dir, from.ptr(), to_dir, to.ptr(), flags).into()
    })?;
    result.map_err(|error| about_both(ctx, &error, &from, &to))?;
    Ok(Obj::NONE)
}

fn symlink(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "symlink",
        params: &["src", "dst", "target_is_directory", "dir_fd"],
        posonly: 0,
        positional: 3,
        required: 2,
    };
    let [from, to, _, dir] = args.bind(ctx, &SIGNATURE)?;
    let from = path(
        ctx,
        from.unwrap_or(Obj::none()),
        "symlink",
        "src",
        Also::Nothing,
    )?;
    let to = path(
        ctx,
        to.unwrap_or(Obj::none()),
        "symlink",
        "dst",
        Also::Nothing,
    )?;
    let relative = folder(ctx, dir)?;
    // SAFETY: only looks at the paths.
    let result = system(ctx, || unsafe {
        libc::symlinkat(from.ptr(), relative, to.ptr()).into()
    })?;
    result.map_err(|error| about_both(ctx, &error, &from, &to))?;
    Ok(Obj::NONE)
}

fn readlink(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "readlink",
        params: &["path", "dir_fd"],
        posonly: 0,
        positional: 1,
        required: 1,
    };
    let [place, dir] = args.bind(ctx, &SIGNATURE)?;
    let place = path(
        ctx,
        place.unwrap_or(Obj::none()),
        "readlink",
        "path",
        Also::Nothing,
    )?;
    let relative = folder(ctx, dir)?;
    let mut target = vec![0u8; 4096];
    let (room, size) = (target.as_mut_ptr().cast(), target.len());
    // SAFETY: there is room for so many bytes.
    let count = done_with(ctx, &place, || unsafe {
        libc::readlinkat(relative, place.ptr(), room, size) as i64
    })?;
    name_of(ctx, &target[..count as usize], place.is_bytes)
}

fn chdir(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "chdir",
        params: &["path"],
        posonly: 0,
        positional: 1,
        required: 1,
    };
    let [place] = args.bind(ctx, &SIGNATURE)?;
    let place = path(
        ctx,
        place.unwrap_or(Obj::none()),
        "chdir",
        "path",
        Also::Descriptor,
    )?;
    // SAFETY: only looks at the path.
    done_with(ctx, &place, || unsafe {
        match place.fd {
            Some(fd) => libc::fchdir(fd).into(),
            None => libc::chdir(place.ptr()).into(),
        }
    })?;
    Ok(Obj::NONE)
}

fn fchdir(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let fd = super::path::descriptor_of(ctx, &args[0])?;
    // SAFETY: takes a number only.
    done(ctx, || unsafe { libc::fchdir(fd).into() })?;
    Ok(Obj::NONE)
}

fn getcwd(ctx: &mut Ctx, args: Args<'_>, is_bytes: bool) -> PyResult {
    use std::os::unix::ffi::OsStrExt;
    let name = if is_bytes { "getcwdb" } else { "getcwd" };
    args.check(ctx, name, 0, 0)?;
    match std::env::current_dir() {
        Ok(folder) => {
            let folder = folder.as_os_str().as_bytes();
            if is_bytes {
                bytes::new(ctx, folder)
            } else {
                system_text(ctx, folder)
            }
        }
        Err(error) => Err(exception::os::raise_os_error(ctx, &error, None)),
    }
}

fn chroot(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let place = path(ctx, &args[0], "chroot", "path", Also::Nothing)?;
    // SAFETY: only looks at the path.
    done_with(ctx, &place, || unsafe { libc::chroot(place.ptr()).into() })?;
    Ok(Obj::NONE)
}

/// `os.path.normpath` for paths of this system.
fn normpath(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "_path_normpath",
        params: &["path"],
        posonly: 0,
        positional: 1,
        required: 1,
    };
    let [place] = args.bind(ctx, &SIGNATURE)?;
    let place = super::path::fspath(ctx, place.unwrap_or(Obj::none()))?;
    let is_bytes = place.downcast::<bytes::PyBytes>().is_some();
    // Surrogates may be anything, so the text is cut as it is stored.
    let text = match crate::object::str_::text_of(&place) {
        Some(text) => text.as_bytes().to_vec(),
        None => bytes::buffer_of(&place).to_vec(),
    };
    let root: &[u8] = match text.as_slice() {
        [b'/', b'/', rest @ ..] if rest.first() != Some(&b'/') => b"//",
        [b'/', ..] => b"/",
        _ => b"",
    };
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in text.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." if parts.last().is_some_and(|last| *last != b"..") => {
                parts.pop();
            }
            b".." if !root.is_empty() => {}
            part => parts.push(part),
        }
    }
    let mut result = root.to_vec();
    result.extend_from_slice(&parts.join(&b'/'));
    if result.is_empty() {
        result.push(b'.');
    }
    if is_bytes {
        return bytes::new(ctx, &result);
    }
    match crate::text::wtf8::Wtf8::from_bytes(&result) {
        Some(text) => crate::object::str_::from_wtf8(ctx, text),
        None => Err(raise!(ctx, ValueError, "not a path")),
    }
}

/// Their functions.
pub const FUNCTIONS: &[Method] = &[
    method("listdir", Native::F(listdir)),
    method("mkdir", Native::F(mkdir)),
    method("mkfifo", Native::F(mkfifo)),
    method("mknod", Native::F(mknod)),
    method(
        "rmdir",
        Native::F(|ctx, args| remove(ctx, args, "rmdir", libc::AT_REMOVEDIR)),
    ),
    method(
        "remove",
        Native::F(|ctx, args| remove(ctx, args, "remove", 0)),
    ),
    method(
        "unlink",
        Native::F(|ctx, args| remove(ctx, args, "unlink", 0)),
    ),
    method("rename", Native::F(|ctx, args| rename(ctx, args, "rename"))),
    method(
        "replace",
        Native::F(|ctx, args| rename(ctx, args, "replace")),
    ),
    method("link", Native::F(link)),
    method("symlink", Native::F(symlink)),
    method("readlink", Native::F(readlink)),
    method("chdir", Native::F(chdir)),
    method("fchdir", Native::FN(1, 1, fchdir)),
    method("getcwd", Native::F(|ctx, args| getcwd(ctx, args, false))),
    method("getcwdb", Native::F(|ctx, args| getcwd(ctx, args, true))),
    method("chroot", Native::FN(1, 1, chroot)),
    method("_path_normpath", Native::F(normpath)),
];
