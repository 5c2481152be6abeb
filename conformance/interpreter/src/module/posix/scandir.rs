//! `os.scandir`: the entries of a folder with what is known of them without asking again.

use super::path::{Also, Path, name_of, path};
use super::stat;
use super::tree::Folder;
use crate::error::{PyResult, raise};
use crate::module::support;
use crate::object::args::{Args, Signature};
use crate::object::define::{Method, Native, TypeDef, flag, member, method};
use crate::object::exception::{self, class};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slot::Slot;
use crate::object::slots::Slots;
use crate::object::{ids, int, protocol, str_};
use crate::vm::thread::rt;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;
use num_bigint::BigInt;
use std::ffi::CString;
use std::sync::{Mutex, PoisonError};

/// The body of what `scandir` returns.
pub struct PyScandir {
    folder: Mutex<Option<Folder>>,
    /// The path, as it was given.
    path: Obj,
    /// What names are appended to.
    prefix: Vec<u8>,
    fd: Option<i32>,
    is_bytes: bool,
}

// SAFETY: `trace` reports the path.
unsafe impl Payload for PyScandir {
    const ID: u32 = ids::SCANDIR_ITER;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "ScandirIterator";
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.word(self.path.word());
    }
}

/// The body of an entry.
pub struct PyDirEntry {
    name: Obj,
    path: Obj,
    file: CString,
    folder: i32,
    inode: u64,
    kind: u8,
    /// What `stat` has said.
    status: Slot,
    /// What `stat` has said of a link itself.
    link_status: Slot,
}

// SAFETY: `trace` reports all references.
unsafe impl Payload for PyDirEntry {
    const ID: u32 = ids::DIR_ENTRY;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "DirEntry";
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.word(self.name.word());
        tracer.word(self.path.word());
        self.status.trace(tracer);
        self.link_status.trace(tracer);
    }
}

fn scandir(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "scandir",
        params: &["path"],
        posonly: 0,
        positional: 1,
        required: 0,
    };
    let [place] = args.bind(ctx, &SIGNATURE)?;
    let place = place.unwrap_or(Obj::none());
    let place = path(ctx, place, "scandir", "path", Also::DescriptorOrNone)?;
    let folder = rt(ctx).kit.detached(ctx, || Folder::open(&place));
    let folder = match folder {
        Ok(folder) => folder,
        Err(error) => return Err(super::path::about(ctx, &error, &place)),
    };
    let mut prefix = place.text.as_bytes().to_vec();
    if !prefix.is_empty() && prefix.last() != Some(&b'/') {
        prefix.push(b'/');
    }
    let body = PyScandir {
        folder: Mutex::new(Some(folder)),
        prefix,
        fd: place.fd,
        is_bytes: place.is_bytes,
        path: place.object,
    };
    payload::new(ctx, body)
}

fn next(ctx: &mut Ctx, this: &Obj) -> PyResult<Option<Obj>> {
    let body = this.expect::<PyScandir>();
    let entry = rt(ctx).kit.detached(ctx, || {
        let mut folder = body.folder.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = match folder.as_mut() {
            Some(folder) => folder.read(),
            None => Ok(None),
        };
        if !matches!(entry, Ok(Some(_))) {
            *folder = None;
        }
        entry
    });
    let (name, inode, kind) = match entry {
        Ok(Some(entry)) => entry,
        Ok(None) => return Ok(None),
        Err(error) => {
            let path = body.path.clone();
            let path = (!path.is_none()).then_some(&path);
            return Err(exception::os::raise_os_error(ctx, &error, path));
        }
    };
    let full = [body.prefix.as_slice(), &name].concat();
    let shown = if body.fd.is_some() { &name } else { &full };
    let entry = PyDirEntry {
        name: name_of(ctx, &name, body.is_bytes)?,
        path: name_of(ctx, shown, body.is_bytes)?,
        file: CString::new(shown.as_slice()).unwrap_or_default(),
        folder: body.fd.unwrap_or(libc::AT_FDCWD),
        inode,
        kind,
        status: Slot::empty(),
        link_status: Slot::empty(),
    };
    payload::new(ctx, entry).map(Some)
}

fn close(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let body = this.expect::<PyScandir>();
    rt(ctx).kit.detached(ctx, || {
        let mut folder = body.folder.lock().unwrap_or_else(PoisonError::into_inner);
        *folder = None;
    });
    Ok(Obj::NONE)
}

/// `posix.ScandirIterator`.
pub static SCANDIR_ITER: TypeDef = TypeDef {
    methods: &[
        method("close", Native::M0(close)),
        method("__enter__", Native::M0(|_, this| Ok(this.clone()))),
        method(
            "__exit__",
            Native::MN(0, 3, |ctx, this, _| close(ctx, this)),
        ),
    ],
    ..support::inner_iterator(
        ids::SCANDIR_ITER,
        "posix.ScandirIterator",
        &Body::<PyScandir>::KIND,
        next,
        &[],
    )
};

fn body(x: &Obj) -> &Body<PyDirEntry> {
    x.expect::<PyDirEntry>()
}

fn follow_argument(ctx: &mut Ctx, args: Args<'_>, name: &'static str) -> PyResult<bool> {
    let signature = Signature {
        name,
        params: &["follow_symlinks"],
        posonly: 0,
        positional: 0,
        required: 0,
    };
    let [follow] = args.bind(ctx, &signature)?;
    super::path::truth(ctx, follow, true)
}

fn is_link(entry: &PyDirEntry) -> bool {
    entry.kind == libc::DT_LNK
}

fn status(ctx: &mut Ctx, x: &Obj, follow: bool) -> PyResult {
    let entry = body(x);
    let plain = !follow || entry.kind != libc::DT_UNKNOWN && !is_link(entry);
    let place = if plain {
        &entry.link_status
    } else {
        &entry.status
    };
    if let Some(known) = place.get(ctx, &entry.header) {
        return Ok(known);
    }
    let path = Path {
        object: entry.path.clone(),
        text: entry.file.clone(),
        fd: None,
        is_bytes: false,
    };
    let found = stat::status(ctx, &path, entry.folder, !plain)?;
    let found = stat::result(ctx, &found)?;
    Ok(place.get_or_put(ctx, &entry.header, found))
}

/// Whether the entry is of a kind.
fn is_kind(ctx: &mut Ctx, x: &Obj, follow: bool, kind: u8, mode: u32) -> PyResult {
    let entry = body(x);
    if entry.kind != libc::DT_UNKNOWN && !(follow && is_link(entry)) {
        return Ok(Obj::bool(entry.kind == kind));
    }
    let status = match status(ctx, x, follow) {
        Ok(status) => status,
        Err(raised) if exception::matches(ctx, &raised, class::FileNotFoundError) => {
            drop(exception::take(ctx, raised));
            return Ok(Obj::FALSE);
        }
        Err(raised) => return Err(raised),
    };
    let found = protocol::getattr_str(ctx, &status, "st_mode")?;
    let found = protocol::index_i64(ctx, &found, None)?;
    Ok(Obj::bool(found as u32 & libc::S_IFMT == mode))
}

/// `os.DirEntry`.
pub static DIR_ENTRY: TypeDef = TypeDef {
    id: ids::DIR_ENTRY,
    name: "posix.DirEntry",
    base: ids::OBJECT,
    layout: ids::DIR_ENTRY,
    kind: &Body::<PyDirEntry>::KIND,
    flags: flag::NO_NEW,
    slots: Slots {
        repr: Some(|ctx, x| {
            let name = body(x).name.clone();
            let name = protocol::repr_string(ctx, &name)?;
            str_::new(ctx, &format!("<DirEntry {name}>"))
        }),
        ..Slots::NONE
    },
    methods: &[
        method(
            "stat",
            Native::MA(|ctx, x, args| {
                let follow = follow_argument(ctx, args, "stat")?;
                status(ctx, x, follow)
            }),
        ),
        method(
            "is_dir",
            Native::MA(|ctx, x, args| {
                let follow = follow_argument(ctx, args, "is_dir")?;
                is_kind(ctx, x, follow, libc::DT_DIR, libc::S_IFDIR)
            }),
        ),
        method(
            "is_file",
            Native::MA(|ctx, x, args| {
                let follow = follow_argument(ctx, args, "is_file")?;
                is_kind(ctx, x, follow, libc::DT_REG, libc::S_IFREG)
            }),
        ),
        method(
            "is_symlink",
            Native::M0(|ctx, x| is_kind(ctx, x, false, libc::DT_LNK, libc::S_IFLNK)),
        ),
        method("is_junction", Native::M0(|_, _| Ok(Obj::FALSE))),
        method(
            "inode",
            Native::M0(|ctx, x| int::from_big(ctx, BigInt::from(body(x).inode))),
        ),
        method("__fspath__", Native::M0(|_, x| Ok(body(x).path.clone()))),
        method("__class_getitem__", Native::C1(support::class_getitem)),
        method(
            "__reduce__",
            Native::M0(|ctx, _| {
                Err(raise!(
                    ctx,
                    TypeError,
                    "cannot pickle 'posix.DirEntry' object"
                ))
            }),
        ),
    ],
    getset: &[
        member("name", |_, x| Ok(body(x).name.clone())),
        member("path", |_, x| Ok(body(x).path.clone())),
    ],
    doc: "",
};

/// Its function.
pub const FUNCTIONS: &[Method] = &[method("scandir", Native::F(scandir))];
