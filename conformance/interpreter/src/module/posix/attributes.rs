//! Extended attributes of files.

use super::path::{Also, Path, done_with, name_of, number, path, truth};
use crate::error::{PyResult, raise};
use crate::module::sys::audit;
use crate::object::args::{Args, Signature};
use crate::object::define::{Method, Native, method};
use crate::object::obj::Obj;
use crate::object::{bytes, bytes_like, list};
use kit_core::thread::Ctx;

/// The most bytes that a value, or a list of names, has.
pub const MOST: usize = 1 << 16;

/// The file, whose links are followed or not.
struct Place {
    file: Path,
    follow: bool,
}

impl Place {
    fn new(
        ctx: &mut Ctx,
        function: &str,
        file: Option<&Obj>,
        follow: Option<&Obj>,
        also: Also,
    ) -> PyResult<Place> {
        let file = path(ctx, file.unwrap_or(Obj::none()), function, "path", also)?;
        let follow = truth(ctx, follow, true)?;
        if file.fd.is_some() && !follow {
            return Err(raise!(
                ctx,
                ValueError,
                "{function}: cannot use fd and follow_symlinks together"
            ));
        }
        Ok(Place { file, follow })
    }
}

/// What a call fills in, in as much room as it needs; without any it says how much that is.
fn filled(
    ctx: &mut Ctx,
    file: &Path,
    call: impl Fn(*mut libc::c_void, usize) -> isize,
) -> PyResult<Vec<u8>> {
    for size in [128, MOST] {
        let mut data = bytes_like::zeroed(ctx, size)?;
        let room = data.as_mut_ptr().cast();
        let found = super::path::system(ctx, || call(room, size) as i64)?;
        match found {
            Ok(count) => {
                data.truncate(count as usize);
                return Ok(data);
            }
            Err(error) if error.raw_os_error() == Some(libc::ERANGE) && size < MOST => {}
            Err(error) => return Err(super::path::about(ctx, &error, file)),
        }
    }
    Ok(Vec::new())
}

fn getxattr(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "getxattr",
        params: &["path", "attribute", "follow_symlinks"],
        posonly: 0,
        positional: 2,
        required: 2,
    };
    let [file, name, follow] = args.bind(ctx, &SIGNATURE)?;
    let place = Place::new(ctx, "getxattr", file, follow, Also::Descriptor)?;
    let name = name.unwrap_or(Obj::none());
    let name = path(ctx, name, "getxattr", "attribute", Also::Nothing)?;
    audit::event(ctx, "os.getxattr", |_| {
        Ok(vec![place.file.object.clone(), name.object.clone()])
    })?;
    // SAFETY: texts, and so much room.
    let data = filled(ctx, &place.file, |room, size| unsafe {
        match place.file.fd {
            Some(fd) => libc::fgetxattr(fd, name.ptr(), room, size),
            None if place.follow => libc::getxattr(place.file.ptr(), name.ptr(), room, size),
            None => libc::lgetxattr(place.file.ptr(), name.ptr(), room, size),
        }
    })?;
    bytes::new(ctx, &data)
}

fn setxattr(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "setxattr",
        params: &["path", "attribute", "value", "flags", "follow_symlinks"],
        posonly: 0,
        positional: 4,
        required: 3,
    };
    let [file, name, value, flags, follow] = args.bind(ctx, &SIGNATURE)?;
    let place = Place::new(ctx, "setxattr", file, follow, Also::Descriptor)?;
    let name = name.unwrap_or(Obj::none());
    let name = path(ctx, name, "setxattr", "attribute", Also::Nothing)?;
    let value = value.unwrap_or(Obj::none());
    let data = bytes_like::expect_buffer(ctx, value)?;
    let flags = flags.map_or(Ok(0), |flags| number(ctx, flags))?;
    audit::event(ctx, "os.setxattr", |_| {
        let what = [&place.file.object, &name.object, value].map(Obj::clone);
        Ok(what
            .into_iter()
            .chain([Obj::small_int(flags.into())])
            .collect())
    })?;
    let (value, size) = (data.as_ptr().cast(), data.len());
    // SAFETY: texts, and so much data.
    done_with(ctx, &place.file, || unsafe {
        let file = place.file.ptr();
        match place.file.fd {
            Some(fd) => libc::fsetxattr(fd, name.ptr(), value, size, flags).into(),
            None if place.follow => libc::setxattr(file, name.ptr(), value, size, flags).into(),
            None => libc::lsetxattr(file, name.ptr(), value, size, flags).into(),
        }
    })?;
    Ok(Obj::NONE)
}

fn removexattr(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "removexattr",
        params: &["path", "attribute", "follow_symlinks"],
        posonly: 0,
        positional: 2,
        required: 2,
    };
    let [file, name, follow] = args.bind(ctx, &SIGNATURE)?;
    let place = Place::new(ctx, "removexattr", file, follow, Also::Descriptor)?;
    let name = name.unwrap_or(Obj::none());
    let name = path(ctx, name, "removexattr", "attribute", Also::Nothing)?;
    audit::event(ctx, "os.removexattr", |_| {
        Ok(vec![place.file.object.clone(), name.object.clone()])
    })?;
    // SAFETY: texts.
    done_with(ctx, &place.file, || unsafe {
        match place.file.fd {
            Some(fd) => libc::fremovexattr(fd, name.ptr()).into(),
            None if place.follow => libc::removexattr(place.file.ptr(), name.ptr()).into(),
            None => libc::lremovexattr(place.file.ptr(), name.ptr()).into(),
        }
    })?;
    Ok(Obj::NONE)
}

fn listxattr(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "listxattr",
        params: &["path", "follow_symlinks"],
        posonly: 0,
        positional: 1,
        required: 0,
    };
    let [file, follow] = args.bind(ctx, &SIGNATURE)?;
    let place = Place::new(ctx, "listxattr", file, follow, Also::DescriptorOrNone)?;
    audit::event(ctx, "os.listxattr", |_| Ok(vec![place.file.object.clone()]))?;
    // SAFETY: a text, and so much room.
    let data = filled(ctx, &place.file, |room, size| unsafe {
        match place.file.fd {
            Some(fd) => libc::flistxattr(fd, room.cast(), size),
            None if place.follow => libc::listxattr(place.file.ptr(), room.cast(), size),
            None => libc::llistxattr(place.file.ptr(), room.cast(), size),
        }
    })?;
    let mut names = Vec::new();
    for name in data
        .split(|byte| *byte == 0)
        .filter(|name| !name.is_empty())
    {
        names.push(name_of(ctx, name, false)?);
    }
    list::from_vec(ctx, names)
}

/// Their functions.
pub const FUNCTIONS: &[Method] = &[
    method("getxattr", Native::F(getxattr)),
    method("setxattr", Native::F(setxattr)),
    method("removexattr", Native::F(removexattr)),
    method("listxattr", Native::F(listxattr)),
];
