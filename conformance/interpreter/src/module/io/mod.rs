//! `io` and `open`: files of the operating system as text and as bytes.
//!
//! | file       | what it is                                            |
//! |------------|-------------------------------------------------------|
//! | [`stream`] | a file with its buffers, without objects              |
//! | [`binary`] | binary file objects, and methods that all files share |
//! | [`text`]   | text file objects                                     |
//! | [`memory`] | `StringIO` and `BytesIO`                              |

use crate::error::{PyResult, Raised, raise};
use crate::object::args::{Args, Signature};
use crate::object::define::{ModuleDef, Native, method};
use crate::object::exception::{self, class};
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::str_::PyStr;
use crate::object::type_::type_object;
use crate::object::{module, protocol};
use crate::text::codec::{Codec, Errors};
use kit_core::thread::Ctx;
use std::fs::OpenOptions;
use stream::Stream;
use text::{Format, Newline};

pub mod binary;
pub mod memory;
pub mod stream;
pub mod text;

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "io",
    functions: &[
        method("open", Native::F(open)),
        method("__getattr__", Native::F1(late)),
    ],
    types: &[
        &text::TEXT_FILE,
        &binary::BINARY_FILE,
        &memory::STRING_IO,
        &memory::BYTES_IO,
    ],
    populate,
    doc: "",
};

/// What is written in Python, and loaded when it is asked for.
fn late(ctx: &mut Ctx, name: &Obj) -> PyResult {
    const NAMES: [&str; 17] = [
        "BufferedIOBase",
        "BufferedReader",
        "BufferedRWPair",
        "BufferedWriter",
        "FileIO",
        "IncrementalNewlineDecoder",
        "IOBase",
        "RawIOBase",
        "Reader",
        "SEEK_CUR",
        "SEEK_END",
        "SEEK_SET",
        "TextIOBase",
        "Writer",
        "__all__",
        "open_code",
        "text_encoding",
    ];
    const PLACES: [(&str, &str); 17] = {
        let mut places = [("", "_io_names"); 17];
        let mut index = 0;
        while index < NAMES.len() {
            places[index].0 = NAMES[index];
            index += 1;
        }
        places
    };
    crate::module::frozen::late_attribute(ctx, "io", &PLACES, name)
}

fn populate(ctx: &mut Ctx, module: &Obj) -> PyResult<()> {
    module::add(ctx, module, "DEFAULT_BUFFER_SIZE", Obj::small_int(131_072))?;
    let unsupported = unsupported_class(ctx)?;
    module::add(ctx, module, "UnsupportedOperation", unsupported)?;
    let error = type_object(ctx, class::BlockingIOError);
    module::add(ctx, module, "BlockingIOError", error)
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

/// What the mode of `open` asks for.
struct Mode {
    reading: bool,
    writing: bool,
    appending: bool,
    creating: bool,
    updating: bool,
    binary: bool,
}

impl Mode {
    fn parse(ctx: &mut Ctx, text: &str) -> PyResult<Mode> {
        let mut seen: Vec<char> = text.chars().collect();
        seen.sort_unstable();
        let twice = seen.windows(2).any(|pair| pair[0] == pair[1]);
        if twice || seen.iter().any(|c| !"rwaxbt+".contains(*c)) {
            return Err(raise!(ctx, ValueError, "invalid mode: '{text}'"));
        }
        let has = |c| text.contains(c);
        if has('b') && has('t') {
            return Err(raise!(
                ctx,
                ValueError,
                "can't have text and binary mode at once"
            ));
        }
        let kinds = ['r', 'w', 'a', 'x'].into_iter().filter(|&c| has(c)).count();
        if kinds > 1 {
            return Err(raise!(
                ctx,
                ValueError,
                "must have exactly one of create/read/write/append mode"
            ));
        }
        if kinds == 0 {
            return Err(raise!(
                ctx,
                ValueError,
                "Must have exactly one of create/read/write/append mode and at most one plus"
            ));
        }
        Ok(Mode {
            reading: has('r'),
            writing: has('w'),
            appending: has('a'),
            creating: has('x'),
            updating: has('+'),
            binary: has('b'),
        })
    }

    fn options(&self) -> OpenOptions {
        let mut options = OpenOptions::new();
        options
            .read(self.reading || self.updating)
            .write((self.writing || self.creating || self.updating) && !self.appending)
            .append(self.appending)
            .create(self.writing || self.appending)
            .create_new(self.creating)
            .truncate(self.writing);
        options
    }

    fn binary_name(&self) -> &'static str {
        match (self.updating, self.reading, self.appending, self.creating) {
            (true, ..) => "rb+",
            (_, true, ..) => "rb",
            (_, _, true, _) => "ab",
            (_, _, _, true) => "xb",
            _ => "wb",
        }
    }
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

/// The codec with this name.
fn codec_named(ctx: &mut Ctx, name: &str) -> PyResult<Codec> {
    let plain: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    Ok(match plain.as_str() {
        "utf8" | "u8" | "cp65001" | "locale" => Codec::Utf8,
        "latin1" | "iso88591" | "l1" | "latin" | "8859" => Codec::Latin1,
        "ascii" | "usascii" | "646" => Codec::Ascii,
        "utf16" | "utf16le" => Codec::Utf16Le,
        "utf16be" => Codec::Utf16Be,
        "utf32" | "utf32le" => Codec::Utf32Le,
        "utf32be" => Codec::Utf32Be,
        _ => return Err(raise!(ctx, LookupError, "unknown encoding: {name}")),
    })
}

/// `open(file, mode, buffering, encoding, errors, newline, closefd, opener)`.
pub fn open(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let signature = Signature {
        name: "open",
        params: &[
            "file",
            "mode",
            "buffering",
            "encoding",
            "errors",
            "newline",
            "closefd",
            "opener",
        ],
        posonly: 0,
        positional: 8,
        required: 1,
    };
    let [
        file,
        mode,
        buffering,
        encoding,
        errors,
        newline,
        closes,
        opener,
    ] = args.bind::<8>(ctx, &signature)?;
    let stays_open = match closes {
        Some(closes) => !protocol::truth(ctx, closes)?,
        None => false,
    };
    if stays_open || opener.is_some_and(|opener| !opener.is_none()) {
        let classes = crate::module::import::load(ctx, "_pyio")?;
        let open = protocol::getattr_str(ctx, &classes, "open")?;
        return protocol::call_with(ctx, &open, args);
    }
    let name = file.cloned().unwrap_or(Obj::NONE);
    let mode_text = text_argument(ctx, mode, "mode")?.unwrap_or_else(|| "r".to_owned());
    let mode = Mode::parse(ctx, &mode_text)?;
    let encoding = text_argument(ctx, encoding, "encoding")?;
    let errors = text_argument(ctx, errors, "errors")?;
    let newline = text_argument(ctx, newline, "newline")?;
    if mode.binary {
        let given = [
            (encoding.is_some(), "an encoding"),
            (errors.is_some(), "an errors"),
            (newline.is_some(), "a newline"),
        ];
        if let Some((_, what)) = given.into_iter().find(|(given, _)| *given) {
            return Err(raise!(
                ctx,
                ValueError,
                "binary mode doesn't take {what} argument"
            ));
        }
    }
    let Some(ends) = Newline::from_text(newline.as_deref()) else {
        let value = newline.unwrap_or_default();
        return Err(raise!(ctx, ValueError, "illegal newline value: {value}"));
    };
    let codec = match &encoding {
        Some(name) => codec_named(ctx, name)?,
        None => Codec::Utf8,
    };
    let handler = match &errors {
        Some(name) => match Errors::from_name(name) {
            Some(handler) => handler,
            None => {
                return Err(raise!(
                    ctx,
                    LookupError,
                    "unknown error handler name '{name}'"
                ));
            }
        },
        None => Errors::Strict,
    };
    let opened = open_file(ctx, &name, &mode)?;
    let stream = Stream::open(
        opened,
        mode.reading || mode.updating,
        !mode.reading || mode.updating,
    );
    let buffering = match buffering {
        Some(value) => protocol::index_i64(ctx, value, None)?,
        None => -1,
    };
    if buffering == 0 && !mode.binary {
        return Err(raise!(ctx, ValueError, "can't have unbuffered text I/O"));
    }
    stream::quick(ctx, &stream, |s| {
        s.unbuffered = buffering == 0;
        s.line_buffered =
            buffering == 1 || (buffering < 0 && s.fd().is_some_and(stream::is_terminal));
    });
    let buffer = binary::new(ctx, stream, name.clone(), mode.binary_name())?;
    if mode.binary {
        return Ok(buffer);
    }
    let format = Format {
        codec,
        encoding: encoding.unwrap_or_else(|| "UTF-8".to_owned()),
        errors: handler,
        newline: ends,
    };
    text::new(ctx, buffer, name, text_mode(&mode), format)
}

fn text_mode(mode: &Mode) -> &'static str {
    match (mode.updating, mode.reading, mode.appending, mode.creating) {
        (true, true, ..) => "r+",
        (true, _, true, _) => "a+",
        (true, _, _, true) => "x+",
        (true, ..) => "w+",
        (_, true, ..) => "r",
        (_, _, true, _) => "a",
        (_, _, _, true) => "x",
        _ => "w",
    }
}

fn open_file(ctx: &mut Ctx, name: &Obj, mode: &Mode) -> PyResult<std::fs::File> {
    if let Some(fd) = name.as_small_int() {
        use std::os::fd::{FromRawFd, RawFd};
        let fd = RawFd::try_from(fd).unwrap_or(-1);
        if fd < 0 {
            return Err(raise!(ctx, ValueError, "negative file descriptor"));
        }
        // SAFETY: only asks, and fails if it is not open.
        if unsafe { libc::fcntl(fd, libc::F_GETFD) } < 0 {
            let error = std::io::Error::last_os_error();
            return Err(exception::os::raise_os_error(ctx, &error, Some(name)));
        }
        // SAFETY: open, and the file's own from now on: whoever asks for `closefd=False` does not come here.
        return Ok(unsafe { std::fs::File::from_raw_fd(fd) });
    }
    let path = path_of(ctx, name, "open")?;
    let options = mode.options();
    let result = crate::vm::thread::rt(ctx).kit.detached(ctx, || {
        let file = options.open(&path)?;
        if file.metadata()?.is_dir() {
            return Err(std::io::Error::from_raw_os_error(21));
        }
        Ok(file)
    });
    result.map_err(|error| exception::os::raise_os_error(ctx, &error, Some(name)))
}

fn text_argument(ctx: &mut Ctx, value: Option<&Obj>, name: &str) -> PyResult<Option<String>> {
    match value {
        None => Ok(None),
        Some(value) if value.is_none() && name != "mode" => Ok(None),
        Some(value) => match value.downcast::<PyStr>() {
            Some(text) => Ok(Some(text.as_str_lossy().into_owned())),
            None => {
                let class = protocol::type_name(ctx, value);
                let or = if name == "mode" { "" } else { " or None" };
                Err(raise!(
                    ctx,
                    TypeError,
                    "open() argument '{name}' must be str{or}, not {class}"
                ))
            }
        },
    }
}
