//! `open`, and what else `_io` has for opening files.

use super::base::{call, finish_with};
use super::newline::Newline;
use super::text::{self, Format};
use super::{DEFAULT_BUFFER_SIZE, buffered, file, standard};
use crate::error::{PyResult, raise};
use crate::module::{sys, warnings};
use crate::object::args::{Args, Signature};
use crate::object::define::{Method, Native, method};
use crate::object::exception::{self, class};
use crate::object::ids::tailed;
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::str_::PyStr;
use crate::object::{int, protocol, str_};
use kit_core::thread::Ctx;

/// Functions of the module.
pub const FUNCTIONS: &[Method] = &[
    method("open", Native::F(open)),
    method("open_code", Native::F(open_code)),
    method("text_encoding", Native::FN(1, 2, text_encoding)),
];

/// The largest buffer that a file system's blocks ask for.
const MOST: i64 = 8 << 20;

/// What the mode of `open` asks for.
struct Mode {
    kind: char,
    updating: bool,
    binary: bool,
}

impl Mode {
    fn parse(ctx: &mut Ctx, mode: &str) -> PyResult<Mode> {
        let mut seen = Vec::new();
        for c in mode.chars() {
            if !"rwaxbt+".contains(c) || seen.contains(&c) {
                return Err(raise!(ctx, ValueError, "invalid mode: '{mode}'"));
            }
            seen.push(c);
        }
        let has = |c| seen.contains(&c);
        if has('b') && has('t') {
            return Err(raise!(
                ctx,
                ValueError,
                "can't have text and binary mode at once"
            ));
        }
        let mut kinds = seen.iter().filter(|c| "rwax".contains(**c));
        let (kind, more) = (kinds.next(), kinds.next());
        if kind.is_none() {
            return Err(raise!(
                ctx,
                ValueError,
                "Must have exactly one of create/read/write/append mode and at most one plus"
            ));
        }
        let (Some(kind), None) = (kind, more) else {
            return Err(raise!(
                ctx,
                ValueError,
                "must have exactly one of create/read/write/append mode"
            ));
        };
        Ok(Mode {
            kind: *kind,
            updating: has('+'),
            binary: has('b'),
        })
    }

    fn raw(&self) -> String {
        let plus = if self.updating { "+" } else { "" };
        format!("{}{plus}", self.kind)
    }

    fn class(&self) -> u32 {
        match (self.updating, self.kind) {
            (true, _) => tailed::BUFFERED_RANDOM,
            (_, 'r') => tailed::BUFFERED_READER,
            _ => tailed::BUFFERED_WRITER,
        }
    }
}

fn text_argument(ctx: &mut Ctx, value: Option<&Obj>, name: &str) -> PyResult<Option<String>> {
    match value {
        None => Ok(None),
        Some(value) if value.is_none() && name != "mode" => Ok(None),
        Some(value) => match value.downcast::<PyStr>() {
            Some(text) => {
                let text = text.as_str_lossy().into_owned();
                if text.contains('\0') {
                    return Err(raise!(ctx, ValueError, "embedded null character"));
                }
                Ok(Some(text))
            }
            None => {
                let class = str_::argument_type(ctx, value);
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

/// `open(file, mode, buffering, encoding, errors, newline, closefd, opener)`.
pub fn open(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
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
        name,
        mode,
        buffering,
        encoding,
        errors,
        newline,
        closes,
        opener,
    ] = args.bind(ctx, &SIGNATURE)?;
    let name = name.unwrap_or(Obj::none());
    let mode_text = text_argument(ctx, mode, "mode")?.unwrap_or_else(|| "r".to_owned());
    let buffering = match buffering {
        Some(buffering) => protocol::c_int(ctx, buffering)?.into(),
        None => -1,
    };
    let encoding = text_argument(ctx, encoding, "encoding")?;
    let errors = text_argument(ctx, errors, "errors")?;
    let newline_text = text_argument(ctx, newline, "newline")?;
    let closes = closes.map_or(Ok(true), |closes| protocol::truth(ctx, closes))?;
    let opener = opener.filter(|opener| !opener.is_none());
    let mut path = name.clone();
    if int::view(name).is_none()
        && name.downcast::<PyStr>().is_none()
        && let Some(found) = protocol::call_special(ctx, name, &names(ctx).fspath, &[])?
    {
        if found.downcast::<PyStr>().is_none()
            && found.downcast::<crate::object::bytes::PyBytes>().is_none()
        {
            let (class, given) = (
                protocol::type_name(ctx, name),
                protocol::type_name(ctx, &found),
            );
            return Err(raise!(
                ctx,
                TypeError,
                "expected {class}.__fspath__() to return str or bytes, not {given}"
            ));
        }
        path = found;
    }
    if int::view(&path).is_none()
        && path.downcast::<PyStr>().is_none()
        && path.downcast::<crate::object::bytes::PyBytes>().is_none()
        && !crate::object::index::is_index(ctx, &path)
    {
        let class = protocol::type_name(ctx, &path);
        return Err(raise!(
            ctx,
            TypeError,
            "expected str, bytes or os.PathLike object, not {class}"
        ));
    }
    let mode = Mode::parse(ctx, &mode_text)?;
    if mode.binary {
        let given = [
            (encoding.is_some(), "an encoding"),
            (errors.is_some(), "an errors"),
            (newline_text.is_some(), "a newline"),
        ];
        if let Some((_, what)) = given.into_iter().find(|(given, _)| *given) {
            return Err(raise!(
                ctx,
                ValueError,
                "binary mode doesn't take {what} argument"
            ));
        }
        if buffering == 1 {
            let message = "line buffering (buffering=1) isn't supported in binary mode, the default buffer size will be used";
            warnings::warn(ctx, class::RuntimeWarning, message)?;
        }
    }
    let raw = file::make(ctx, &path, &mode.raw(), closes, opener)?;
    let made = layers(ctx, &raw, &mode, buffering, |ctx| {
        if encoding.is_none() {
            warn_of_default(ctx)?;
        }
        let newline = Newline::from_argument(ctx, newline, false)?;
        Ok(Format {
            encoding,
            errors,
            newline,
            lines: false,
            through: false,
        })
    });
    match made {
        Ok(stream) if mode.binary => Ok(stream),
        Ok(stream) => {
            let attribute = str_::intern(ctx, "mode");
            let shown = str_::new(ctx, &mode_text)?;
            protocol::setattr(ctx, &stream, &attribute, Some(&shown))?;
            Ok(stream)
        }
        Err(raised) => {
            // What was opened is closed; nobody warns of it.
            finish_with(ctx, Err(raised), |ctx| call(ctx, &raw, "close", &[]))
        }
    }
}

/// The layers over a raw file.
fn layers(
    ctx: &mut Ctx,
    raw: &Obj,
    mode: &Mode,
    buffering: i64,
    format: impl FnOnce(&mut Ctx) -> PyResult<Format>,
) -> PyResult {
    let file = file::exact(raw);
    let is_terminal = buffering < 0
        && file
            .and_then(|file| file.fd())
            .is_some_and(standard::is_terminal);
    let size = match buffering {
        ..=-1 | 1 => {
            let block = super::base::attribute(ctx, raw, "_blksize")?;
            let block = protocol::index_i64(ctx, &block, None)?.min(MOST);
            (block as usize).max(DEFAULT_BUFFER_SIZE)
        }
        size => size as usize,
    };
    if buffering == 0 {
        if !mode.binary {
            return Err(raise!(ctx, ValueError, "can't have unbuffered text I/O"));
        }
        return Ok(raw.clone());
    }
    let buffer = buffered::make(ctx, mode.class(), raw, size)?;
    if mode.binary {
        return Ok(buffer);
    }
    let mut format = format(ctx)?;
    format.lines = buffering == 1 || is_terminal;
    text::make(ctx, &buffer, format)
}

fn open_code(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "open_code",
        params: &["path"],
        posonly: 0,
        positional: 1,
        required: 1,
    };
    let [path] = args.bind(ctx, &SIGNATURE)?;
    let path = path.unwrap_or(Obj::none());
    if path.downcast::<PyStr>().is_none() {
        let class = str_::argument_type(ctx, path);
        return Err(raise!(
            ctx,
            TypeError,
            "open_code() argument 'path' must be str, not {class}"
        ));
    }
    let mode = str_::new(ctx, "rb")?;
    open(ctx, Args::positional(&[path.clone(), mode]))
}

/// The encoding that files have when nobody names one.
pub(super) fn locale_encoding(ctx: &mut Ctx) -> &'static str {
    if flag(ctx, "utf8_mode") {
        "utf-8"
    } else {
        "UTF-8"
    }
}

/// A number of `sys.flags`.
pub(super) fn flag(ctx: &mut Ctx, name: &'static str) -> bool {
    let Some(flags) = sys::attribute(ctx, "flags") else {
        return false;
    };
    match super::base::attribute(ctx, &flags, name) {
        Ok(value) => protocol::truth(ctx, &value).unwrap_or(false),
        Err(raised) => {
            drop(exception::take(ctx, raised));
            false
        }
    }
}

/// Warns of an encoding that nobody has named, if the program has asked for that.
pub(super) fn warn_of_default(ctx: &mut Ctx) -> PyResult<()> {
    if flag(ctx, "warn_default_encoding") {
        return text::warn_of_encoding(ctx);
    }
    Ok(())
}

fn text_encoding(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    if !args[0].is_none() {
        return Ok(args[0].clone());
    }
    if flag(ctx, "warn_default_encoding") {
        let level = match args.get(1) {
            Some(level) => protocol::index_i64(ctx, level, None)?,
            None => 2,
        };
        warnings::warn_level(
            ctx,
            class::EncodingWarning,
            "'encoding' argument not specified",
            level,
        )?;
    }
    let name = if flag(ctx, "utf8_mode") {
        "utf-8"
    } else {
        "locale"
    };
    str_::new(ctx, name)
}
