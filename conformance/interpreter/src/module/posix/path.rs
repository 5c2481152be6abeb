//! Arguments of functions of the system: paths, descriptors, numbers; and calling it.

use crate::error::{PyResult, Raised, raise};
use crate::object::attribute;
use crate::object::exception::{self, class};
use crate::object::index;
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::str_::PyStr;
use crate::object::{bytes, int, protocol, str_};
use crate::text::codec::Codec;
use crate::vm::interrupt;
use crate::vm::thread::rt;
use kit_core::thread::Ctx;
use std::ffi::CString;
use std::io;

/// A path, or an open file in place of one.
pub struct Path {
    /// What was given, for messages.
    pub object: Obj,
    /// The path, without a final null.
    pub text: CString,
    /// The descriptor that was given instead.
    pub fd: Option<i32>,
    /// Whether it was bytes: then so are names in results.
    pub is_bytes: bool,
}

impl Path {
    /// The path for a system call.
    pub fn ptr(&self) -> *const libc::c_char {
        self.text.as_ptr()
    }
}

/// What an argument may be besides a path.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Also {
    /// Nothing.
    Nothing,
    /// A descriptor.
    Descriptor,
    /// A descriptor, or `None` for the current folder.
    DescriptorOrNone,
}

/// Reads a path; `function` and `name` say whose argument it is.
pub fn path(ctx: &mut Ctx, value: &Obj, function: &str, name: &str, also: Also) -> PyResult<Path> {
    if also == Also::DescriptorOrNone && value.is_none() {
        return Ok(Path {
            object: Obj::NONE,
            text: c".".into(),
            fd: None,
            is_bytes: false,
        });
    }
    let mut object = value.clone();
    let is_text =
        |x: &Obj| x.downcast::<PyStr>().is_some() || x.downcast::<bytes::PyBytes>().is_some();
    if !is_text(&object) {
        if also != Also::Nothing && index::is_index(ctx, value) {
            let fd = descriptor(ctx, value)?;
            return Ok(Path {
                object,
                text: CString::default(),
                fd: Some(fd),
                is_bytes: false,
            });
        }
        match path_of(ctx, value)? {
            Some(path) if is_text(&path) => object = path,
            Some(path) => {
                let (class, got) = (
                    protocol::type_name(ctx, value),
                    protocol::type_name(ctx, &path),
                );
                return Err(raise!(
                    ctx,
                    TypeError,
                    "expected {class}.__fspath__() to return str or bytes, not {got}"
                ));
            }
            None => {
                let class = protocol::type_name(ctx, value);
                let kinds = match also {
                    Also::Nothing => "string, bytes or os.PathLike",
                    Also::Descriptor => "string, bytes, os.PathLike or integer",
                    Also::DescriptorOrNone => "string, bytes, os.PathLike, integer or None",
                };
                return Err(raise!(
                    ctx,
                    TypeError,
                    "{function}: {name} should be {kinds}, not {class}"
                ));
            }
        }
    }
    let is_bytes = object.downcast::<PyStr>().is_none();
    let data = system_bytes(ctx, &object)?;
    let Ok(text) = CString::new(data) else {
        return Err(raise!(
            ctx,
            ValueError,
            "{function}: embedded null character in {name}"
        ));
    };
    Ok(Path {
        object,
        text,
        fd: None,
        is_bytes,
    })
}

/// The bytes that a str or bytes stands for in the system.
pub fn system_bytes(ctx: &mut Ctx, text: &Obj) -> PyResult<Vec<u8>> {
    match text.downcast::<PyStr>() {
        Some(_) => str_::encode_by(ctx, Codec::Utf8, "utf-8", text, "surrogateescape"),
        None => Ok(bytes::buffer_of(text).to_vec()),
    }
}

/// A str for bytes of the system.
pub fn system_text(ctx: &mut Ctx, data: &[u8]) -> PyResult {
    str_::decode(ctx, data, "utf-8", "surrogateescape")
}

/// A name of the system: bytes if the path it belongs to was.
pub fn name_of(ctx: &mut Ctx, data: &[u8], is_bytes: bool) -> PyResult {
    if is_bytes {
        bytes::new(ctx, data)
    } else {
        system_text(ctx, data)
    }
}

/// Bytes for the system of an argument that is a str, bytes or has a path.
pub fn text_argument(ctx: &mut Ctx, value: &Obj) -> PyResult<CString> {
    let text = fspath(ctx, value)?;
    let data = system_bytes(ctx, &text)?;
    match CString::new(data) {
        Ok(text) => Ok(text),
        Err(_) => Err(raise!(ctx, ValueError, "embedded null byte")),
    }
}

/// What `value.__fspath__()` gives; `None` when there is no such method.
fn path_of(ctx: &mut Ctx, value: &Obj) -> PyResult<Option<Obj>> {
    let special = &names(ctx).fspath;
    match attribute::bound_special(ctx, value, special)? {
        Some(method) if !method.is_none() => protocol::call(ctx, &method, &[]).map(Some),
        _ => Ok(None),
    }
}

/// `os.fspath`.
pub fn fspath(ctx: &mut Ctx, value: &Obj) -> PyResult {
    let is_text =
        |x: &Obj| x.downcast::<PyStr>().is_some() || x.downcast::<bytes::PyBytes>().is_some();
    if is_text(value) {
        return Ok(value.clone());
    }
    let class = protocol::type_name(ctx, value);
    match path_of(ctx, value)? {
        Some(path) if is_text(&path) => Ok(path),
        Some(path) => {
            let got = protocol::type_name(ctx, &path);
            Err(raise!(
                ctx,
                TypeError,
                "expected {class}.__fspath__() to return str or bytes, not {got}"
            ))
        }
        None => Err(raise!(
            ctx,
            TypeError,
            "expected str, bytes or os.PathLike object, not {class}"
        )),
    }
}

/// A C int.
pub fn number(ctx: &mut Ctx, value: &Obj) -> PyResult<i32> {
    let number = protocol::c_ssize(ctx, value)?;
    match i32::try_from(number) {
        Ok(number) => Ok(number),
        Err(_) => Err(raise!(
            ctx,
            OverflowError,
            "signed integer is {} than {}",
            if number < 0 { "less" } else { "greater" },
            if number < 0 { "minimum" } else { "maximum" }
        )),
    }
}

/// A number that C keeps without a sign, at most `most`, in a type of this name.
pub fn unsigned(ctx: &mut Ctx, value: &Obj, most: u64, kind: &str) -> PyResult<u64> {
    let value = protocol::index(ctx, value)?;
    if int::is_negative(&value) {
        return Err(raise!(ctx, ValueError, "Cannot convert negative int"));
    }
    let wide = int::view(&value).and_then(|value| value.to_wide());
    match wide.and_then(|value| u64::try_from(value).ok()) {
        Some(value) if value <= most => Ok(value),
        _ => Err(raise!(
            ctx,
            OverflowError,
            "Python int too large for C {kind}"
        )),
    }
}

/// The low bits of a whole number, whatever it is.
pub fn low_bits(ctx: &mut Ctx, value: &Obj) -> PyResult<u32> {
    let value = protocol::index(ctx, value)?;
    let wide = int::view(&value).and_then(|value| value.to_wide());
    Ok(wide.unwrap_or(0) as u32)
}

/// An open file given by its number.
pub fn descriptor(ctx: &mut Ctx, value: &Obj) -> PyResult<i32> {
    if value.is_true() || value.is_false() {
        crate::module::warnings::warn(
            ctx,
            class::RuntimeWarning,
            "bool is used as a file descriptor",
        )?;
    }
    let number = protocol::c_ssize(ctx, value)?;
    match i32::try_from(number) {
        Ok(number) => Ok(number),
        Err(_) => Err(raise!(
            ctx,
            OverflowError,
            "fd is {} than {}",
            if number < 0 { "less" } else { "greater" },
            if number < 0 { "minimum" } else { "maximum" }
        )),
    }
}

/// A descriptor, or an object with a method `fileno`.
pub fn descriptor_of(ctx: &mut Ctx, value: &Obj) -> PyResult<i32> {
    let number = if int::view(value).is_some() {
        descriptor(ctx, value)?
    } else {
        let name = str_::intern(ctx, "fileno");
        let Some(method) = protocol::find_attr(ctx, value, &name)? else {
            return Err(raise!(
                ctx,
                TypeError,
                "argument must be an int, or have a fileno() method."
            ));
        };
        let number = protocol::call(ctx, &method, &[])?;
        if int::view(&number).is_none() {
            return Err(raise!(ctx, TypeError, "fileno() returned a non-integer"));
        }
        descriptor(ctx, &number)?
    };
    if number < 0 {
        return Err(raise!(
            ctx,
            ValueError,
            "file descriptor cannot be a negative integer ({number})"
        ));
    }
    Ok(number)
}

/// The folder that relative paths begin at: `dir_fd`.
pub fn folder(ctx: &mut Ctx, value: Option<&Obj>) -> PyResult<i32> {
    match value.filter(|value| !value.is_none()) {
        None => Ok(libc::AT_FDCWD),
        Some(value) if index::is_index(ctx, value) => descriptor(ctx, value),
        Some(value) => {
            let class = protocol::type_name(ctx, value);
            Err(raise!(
                ctx,
                TypeError,
                "argument should be integer or None, not {class}"
            ))
        }
    }
}

/// An optional truth.
pub fn truth(ctx: &mut Ctx, value: Option<&Obj>, default: bool) -> PyResult<bool> {
    value.map_or(Ok(default), |value| protocol::truth(ctx, value))
}

/// For functions that check the number of their arguments themselves, with [`counted`].
pub const ANY: usize = usize::MAX;

/// Checks the number of arguments of a function that has its own words for that.
pub fn counted(ctx: &mut Ctx, args: &[Obj], name: &str, min: usize, max: usize) -> PyResult<()> {
    let given = args.len();
    let (word, wanted) = match given {
        _ if given < min && min < max => ("at least", min),
        _ if given > max && min < max => ("at most", max),
        _ if given < min || given > max => ("exactly", min),
        _ => return Ok(()),
    };
    let plural = if wanted == 1 { "" } else { "s" };
    Err(raise!(
        ctx,
        TypeError,
        "{name}() takes {word} {wanted} argument{plural} ({given} given)"
    ))
}

/// Calls the system, detached; again when a signal interrupted it, once its handler has run.
pub fn system(ctx: &mut Ctx, mut call: impl FnMut() -> i64) -> PyResult<Result<i64, io::Error>> {
    loop {
        let (result, error) = rt(ctx).kit.detached(ctx, || {
            let result = call();
            (result, io::Error::last_os_error())
        });
        if result != -1 {
            return Ok(Ok(result));
        }
        if error.raw_os_error() != Some(libc::EINTR) {
            return Ok(Err(error));
        }
        interrupt::check(ctx)?;
    }
}

/// As [`system`]; an error is raised without a file name.
pub fn done(ctx: &mut Ctx, call: impl FnMut() -> i64) -> PyResult<i64> {
    system(ctx, call)?.map_err(|error| exception::os::raise_os_error(ctx, &error, None))
}

/// As [`system`]; an error is raised with the path.
pub fn done_with(ctx: &mut Ctx, path: &Path, call: impl FnMut() -> i64) -> PyResult<i64> {
    system(ctx, call)?.map_err(|error| about(ctx, &error, path))
}

/// Stores the error about a path.
pub fn about(ctx: &mut Ctx, error: &io::Error, path: &Path) -> Raised {
    let name = (!path.object.is_none()).then_some(&path.object);
    exception::os::raise_os_error(ctx, error, name)
}

/// Stores the error about two paths.
pub fn about_both(ctx: &mut Ctx, error: &io::Error, first: &Path, second: &Path) -> Raised {
    let errno = error.raw_os_error().unwrap_or(0).into();
    let message = exception::os::strip_code(&error.to_string());
    let Ok(message) = str_::new(ctx, &message) else {
        return crate::error::no_memory(ctx);
    };
    let args = vec![
        Obj::small_int(errno),
        message,
        first.object.clone(),
        Obj::NONE,
        second.object.clone(),
    ];
    let class = crate::object::type_::type_object(ctx, exception::os::class_of(errno));
    match protocol::call(ctx, &class, &args) {
        Ok(error) => exception::raise(ctx, error),
        Err(raised) => raised,
    }
}
