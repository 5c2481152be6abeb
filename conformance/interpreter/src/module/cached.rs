//! `.pyc` files: the code of a module beside its source, so that it is compiled once.
//!
//! They are where `importlib.util.cache_from_source` says, and look as CPython's do: the magic number, flags, then time and size of the source, or
//! the hash of its text; then what `marshal` makes of the code. A file that does not fit, for whatever reason, is as good as
//! none; and one that cannot be written is not missed.

use super::{library, sys};
use crate::code::{Code, Const};
use crate::error::PyResult;
use crate::object::code::{self, PyCode};
use crate::object::obj::Obj;
use crate::object::protocol;
use crate::object::str_::PyStr;
use crate::pack;
use crate::vm::thread::rt;
use kit_core::thread::Ctx;
use siphasher::sip::SipHasher13;
use std::hash::Hasher;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::{fs, io};

/// Bytes before the code: magic number, flags, and eight that say which source it is of.
pub const HEAD: usize = 16;
/// Code is known by the hash of its source.
const BY_HASH: u32 = 1;
/// Which is looked at.
const CHECKED: u32 = 2;
/// How `marshal` announces code.
const TAG: u8 = b'c';

/// What such files begin with: another number for each state of the compiler.
pub const fn magic() -> u32 {
    kit_python_compiler::MAGIC as u32 | 0x0A0D_0000
}

/// Eight bytes that say which text code was made of.
pub fn source_hash(key: u64, text: &[u8]) -> [u8; 8] {
    let mut hasher = SipHasher13::new_with_keys(key, 0);
    hasher.write(text);
    hasher.finish().to_le_bytes()
}

/// Where the code of a source file is kept, if it is.
///
/// # Errors
/// `sys` is not what it should be, or memory is short.
pub fn place(ctx: &mut Ctx, file: &str) -> PyResult<Option<PathBuf>> {
    if library::is_inside(file) {
        return Ok(None);
    }
    let Some(implementation) = sys::attribute(ctx, "implementation") else {
        return Ok(None);
    };
    let tag = protocol::getattr_str(ctx, &implementation, "cache_tag")?;
    let Some(tag) = tag.downcast::<PyStr>() else {
        return Ok(None);
    };
    let path = Path::new(file);
    let (Some(folder), Some(stem)) = (path.parent(), path.file_stem()) else {
        return Ok(None);
    };
    // Relaxed: set before anything is compiled.
    let optimized = match rt(ctx).optimize.load(Relaxed) {
        0 => String::new(),
        level => format!(".opt-{level}"),
    };
    let tag = tag.as_str_lossy();
    let name = format!("{}.{tag}{optimized}.pyc", stem.to_string_lossy());
    let prefix = sys::attribute(ctx, "pycache_prefix");
    let Some(prefix) = prefix
        .as_ref()
        .and_then(|prefix| prefix.downcast::<PyStr>())
    else {
        return Ok(Some(folder.join("__pycache__").join(name)));
    };
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let below = folder.strip_prefix("/").unwrap_or(&folder);
    let prefix = PathBuf::from(prefix.as_str_lossy().as_ref());
    Ok(Some(prefix.join(below).join(name)))
}

/// The eight bytes for a source that has not changed since.
fn mark(file: &str) -> io::Result<[u8; 8]> {
    let source = fs::metadata(file)?;
    let mut mark = [0; 8];
    mark[..4].copy_from_slice(&(source.mtime() as u32).to_le_bytes());
    mark[4..].copy_from_slice(&(source.len() as u32).to_le_bytes());
    Ok(mark)
}

/// The code in a file, if it is of this source.
fn fitting(kept: &Path, file: &str) -> Option<Arc<Code>> {
    let data = fs::read(kept).ok()?;
    let (head, body) = data.split_at_checked(HEAD)?;
    let number = |at: usize| Some(u32::from_le_bytes(head[at..at + 4].try_into().ok()?));
    let fits = number(0)? == magic()
        && match number(4)? {
            0 => head[8..] == mark(file).ok()?,
            BY_HASH => true,
            flags if flags == BY_HASH | CHECKED => {
                head[8..] == source_hash(magic().into(), &fs::read(file).ok()?)
            }
            _ => false,
        };
    let (tag, body) = body.split_first()?;
    let (len, body) = body.split_at_checked(4)?;
    let whole = len == (body.len() as u32).to_le_bytes();
    if !fits || tag & 0x7f != TAG || !whole {
        return None;
    }
    let code = pack::unpack(body).ok()?;
    Some(if *code.filename == *file {
        code
    } else {
        // The files were moved.
        moved(&code, &file.into())
    })
}

/// The same code, of another file.
fn moved(code: &Code, file: &Arc<str>) -> Arc<Code> {
    let mut code = code.clone();
    code.filename = file.clone();
    for constant in &mut code.consts {
        if let Const::Code(inner) = constant {
            *inner = moved(inner, file);
        }
    }
    Arc::new(code)
}

/// The code of a module, if it was compiled before.
///
/// # Errors
/// As [`place`].
pub fn find(ctx: &mut Ctx, file: &str) -> PyResult<Option<Obj>> {
    let Some(kept) = place(ctx, file)? else {
        return Ok(None);
    };
    match fitting(&kept, file) {
        Some(found) => code::new(ctx, &found).map(Some),
        None => Ok(None),
    }
}

/// Keeps the code of a module, whose source has so many bytes, unless `sys.dont_write_bytecode` says otherwise.
///
/// # Errors
/// As [`place`].
pub fn keep(ctx: &mut Ctx, file: &str, size: usize, code: &Obj) -> PyResult<()> {
    if let Some(not) = sys::attribute(ctx, "dont_write_bytecode")
        && protocol::truth(ctx, &not)?
    {
        return Ok(());
    }
    let (Some(kept), Some(code)) = (place(ctx, file)?, code.downcast::<PyCode>()) else {
        return Ok(());
    };
    // What cannot be written is compiled again the next time.
    let _ = write(&kept, file, size, &code.code);
    Ok(())
}

fn write(kept: &Path, file: &str, size: usize, code: &Code) -> io::Result<()> {
    let mark = mark(file)?;
    if mark[4..] != (size as u32).to_le_bytes() {
        // It was changed after it was read.
        return Ok(());
    }
    let packed = pack::pack(code);
    let mut data = Vec::with_capacity(HEAD + 5 + packed.len());
    data.extend_from_slice(&magic().to_le_bytes());
    data.extend_from_slice(&[0; 4]);
    data.extend_from_slice(&mark);
    data.push(TAG | 0x80);
    data.extend_from_slice(&(packed.len() as u32).to_le_bytes());
    data.extend_from_slice(&packed);
    if let Some(folder) = kept.parent() {
        fs::create_dir_all(folder)?;
    }
    // Others see the whole file or none of it.
    let unfinished = kept.with_extension(format!("pyc.{}", std::process::id()));
    let mode = fs::metadata(file)?.mode() & 0o666 | 0o200;
    let mut options = fs::OpenOptions::new();
    let mut out = options
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(&unfinished)?;
    let written = out.write_all(&data);
    drop(out);
    written
        .and_then(|()| fs::rename(&unfinished, kept))
        .inspect_err(|_| drop(fs::remove_file(&unfinished)))
}
