//! `_io`: streams. `io` is the library's module over it.
//!
//! ```text
//!   open() ──▶ TextIOWrapper ──▶ BufferedReader, BufferedWriter, BufferedRandom ──▶ FileIO ──▶ the system
//!              characters        bytes, a buffer at a time; over any raw stream       bytes
//! ```
//!
//! | file         | what it is                                                          |
//! |--------------|---------------------------------------------------------------------|
//! | [`base`]     | the base classes: what any stream, also one written in Python, can do |
//! | [`mod@file`] | `FileIO`: a descriptor of the system                                |
//! | [`buffered`] | the buffers over a raw stream; [`reader`] reads, [`writer`] writes through them |
//! | [`guard`]    | whose turn with a buffer it is                                      |
//! | [`pair`]     | `BufferedRWPair`                                                    |
//! | [`text`]     | `TextIOWrapper`: [`text_read`] reads, [`text_write`] writes, [`text_place`] goes to places, [`coder`] converts |
//! | [`newline`]  | ends of lines, and `IncrementalNewlineDecoder`                      |
//! | [`bytes`], [`string`] | `BytesIO`, `StringIO`                                      |
//! | [`open`]     | `open` and the like                                                 |
//! | [`standard`] | the streams of `sys`                                                |
//!
//! A stream of the system is used detached: nobody waits for a thread that waits for input. Where one class of these
//! stands on another, exactly and not on a class derived from it, no method is looked up.

use crate::error::{PyResult, Raised, raise};
use crate::object::define::ModuleDef;
use crate::object::exception::{self, class};
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::str_::PyStr;
use crate::object::type_::type_object;
use crate::object::{bytes_like, module, protocol};
use crate::text::codec::{Codec, Errors};
use kit_core::thread::Ctx;

pub mod base;
pub mod buffered;
pub mod bytes;
pub mod coder;
pub mod file;
pub mod guard;
pub mod newline;
pub mod open;
pub mod pair;
pub mod reader;
pub mod standard;
pub mod string;
pub mod text;
pub mod text_place;
pub mod text_read;
pub mod text_write;
pub mod writer;

/// Bytes of a buffer, where nobody says how many.
pub const DEFAULT_BUFFER_SIZE: usize = 131_072;

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_io",
    functions: open::FUNCTIONS,
    types: &[
        &base::IO_BASE,
        &base::RAW_IO_BASE,
        &base::BUFFERED_IO_BASE,
        &base::TEXT_IO_BASE,
        &file::FILE_IO,
        &buffered::BUFFERED_READER,
        &buffered::BUFFERED_WRITER,
        &buffered::BUFFERED_RANDOM,
        &pair::BUFFERED_RW_PAIR,
        &text::TEXT_IO_WRAPPER,
        &bytes::BYTES_IO,
        &string::STRING_IO,
        &newline::NEWLINE_DECODER,
    ],
    populate,
    doc: "The io module provides the Python interfaces to stream handling.",
};

fn populate(ctx: &mut Ctx, module: &Obj) -> PyResult<()> {
    let size = Obj::small_int(DEFAULT_BUFFER_SIZE as i64);
    module::add(ctx, module, "DEFAULT_BUFFER_SIZE", size)?;
    let unsupported = unsupported_class(ctx)?;
    module::add(ctx, module, "UnsupportedOperation", unsupported)?;
    let error = type_object(ctx, class::BlockingIOError);
    module::add(ctx, module, "BlockingIOError", error)
}

/// The contents of a bytes-like object.
pub(crate) fn bytes_of(ctx: &mut Ctx, data: &Obj) -> PyResult<Vec<u8>> {
    Ok(bytes_like::expect_buffer(ctx, data)?.into_owned())
}

/// Stores what an operation raises that the file does not support.
pub(crate) fn raise_unsupported(ctx: &mut Ctx, message: &str) -> Raised {
    let made = unsupported_class(ctx).and_then(|class| {
        let message = crate::object::str_::new(ctx, message)?;
        protocol::call(ctx, &class, &[message])
    });
    match made {
        Ok(error) => exception::raise(ctx, error),
        Err(raised) => raised,
    }
}

/// `io.UnsupportedOperation`, an OSError and a ValueError; made when it is first needed.
fn unsupported_class(ctx: &mut Ctx) -> PyResult {
    use crate::object::{dict, ids, str_, tuple};
    let place = &crate::vm::thread::rt(ctx).library.unsupported;
    if let Some(class) = place.get() {
        return Ok(class.clone());
    }
    let bases = vec![
        type_object(ctx, class::OSError),
        type_object(ctx, class::ValueError),
    ];
    let bases = tuple::from_vec(ctx, bases)?;
    let space = dict::new(ctx)?;
    let module = str_::new(ctx, "io")?;
    let key = &names(ctx).module;
    space.expect::<dict::PyDict>().set_name(ctx, key, module)?;
    let name = str_::new(ctx, "UnsupportedOperation")?;
    let meta = type_object(ctx, ids::TYPE);
    let class = protocol::call(ctx, &meta, &[name, bases, space])?;
    // Another thread may have been faster: its class is the one.
    Ok(place.get_or_init(|| class).clone())
}

/// The path an argument means: a str, bytes, or an object with `__fspath__`.
pub(crate) fn path_of(ctx: &mut Ctx, value: &Obj, function: &str) -> PyResult<std::path::PathBuf> {
    use std::os::unix::ffi::OsStringExt;
    let mut value = value.clone();
    if value.downcast::<PyStr>().is_none()
        && let Some(path) = protocol::call_special(ctx, &value, &names(ctx).fspath, &[])?
    {
        value = path;
    }
    let bytes = match (
        value.downcast::<PyStr>(),
        value.downcast::<crate::object::bytes::PyBytes>(),
    ) {
        (Some(text), _) => {
            match crate::text::codec::encode(Codec::Utf8, text.text(), Errors::SurrogateEscape) {
                Ok(bytes) => bytes,
                Err(_) => text.bytes().to_vec(),
            }
        }
        (_, Some(bytes)) => bytes.data().to_vec(),
        _ => {
            let class = protocol::type_name(ctx, &value);
            return Err(raise!(
                ctx,
                TypeError,
                "{function}: expected str, bytes or os.PathLike object, not {class}"
            ));
        }
    };
    if bytes.contains(&0) {
        return Err(raise!(ctx, ValueError, "embedded null byte"));
    }
    Ok(std::ffi::OsString::from_vec(bytes).into())
}
