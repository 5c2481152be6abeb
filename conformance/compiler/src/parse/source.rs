//! From bytes to source text: byte order mark, coding cookie (PEP 263), null bytes, line ends.

use std::borrow::Cow;

use super::error::{SyntaxError, SyntaxErrorKind};

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// The encodings a source file may declare.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Latin1,
    Ascii,
}

/// Where the bytes of a source come from: errors in them are told differently.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// The file of the program, which is read line by line.
    Script,
    /// A value, the whole text: what `compile` is given, and what imports read.
    Value,
}

/// The name of the encoding that a source declares, if it is not one that [`decode_source`] knows.
pub fn foreign_encoding(bytes: &[u8]) -> Option<String> {
    let name = match bytes.starts_with(BOM) {
        true => None,
        false => coding_cookie(bytes),
    }?;
    encoding_named(&name).is_none().then_some(name)
}

/// Decodes the bytes of a source, following its byte order mark or coding cookie.
///
/// UTF-8, Latin-1 and ASCII are known, under the names Python's codecs have for them.
pub fn decode_source(bytes: &[u8], filename: &str, origin: Origin) -> Result<String, SyntaxError> {
    let (body, has_bom) = match bytes.strip_prefix(BOM) {
        Some(body) => (body, true),
        None => (bytes, false),
    };
    let cookie = coding_cookie(body);
    let encoding = match &cookie {
        None => Some(Encoding::Utf8),
        Some(name) => encoding_named(name),
    };
    // With a mark only one spelling of UTF-8 will do.
    let spelled = cookie.as_deref().is_none_or(|name| {
        let name = name.to_ascii_lowercase().replace('_', "-");
        name == "utf-8" || name.starts_with("utf-8-")
    });
    if has_bom && !spelled {
        let name = cookie.unwrap_or_default();
        let name = match encoding {
            Some(Encoding::Utf8) | None => name,
            Some(_) => canonical_name(&name),
        };
        let mut error = plain(format!("encoding problem: {name} with BOM"), filename);
        let mut lines = body.split(|&byte| byte == b'\n');
        let first = lines.next().unwrap_or_default();
        let (number, line) = match cookie_in(first) {
            Some(_) => (1, first),
            None => (2, lines.next().unwrap_or_default()),
        };
        error.line = number;
        error.end_line = number;
        error.end_column = line.len() as i32;
        error.text = Some(String::from_utf8_lossy(line).into_owned());
        return Err(error);
    }
    let text = match encoding {
        Some(Encoding::Utf8) => decode_utf8(body, filename, has_bom || cookie.is_some(), origin)?,
        Some(Encoding::Latin1) => body.iter().map(|&byte| char::from(byte)).collect(),
        Some(Encoding::Ascii) => decode_ascii(body, filename, origin)?,
        None => return Err(unknown_encoding(&cookie.unwrap_or_default(), filename)),
    };
    match reject_null(&text, filename) {
        Some(error) => Err(error),
        None => Ok(text),
    }
}

/// The error for a source in an encoding that nobody knows.
pub fn unknown_encoding(name: &str, filename: &str) -> SyntaxError {
    codec_failed(format!("unknown encoding: {name}"), filename)
}

/// The error for a source that its codec does not decode: `message` is the codec's.
pub fn codec_failed(message: String, filename: &str) -> SyntaxError {
    let mut error = plain(message, filename);
    error.column = -1;
    error
}

/// The error for a text with a null character, if it has one.
pub(super) fn reject_null(text: &str, filename: &str) -> Option<SyntaxError> {
    let at = memchr::memchr(0, text.as_bytes())?;
    let (line, start) = line_of(text.as_bytes(), at);
    let mut error = plain("source code cannot contain null bytes".into(), filename);
    error.line = line;
    error.end_line = line;
    error.text = Some(text[start..at].to_owned());
    Some(error)
}

/// Rewrites `\r\n` and `\r` to `\n`, which is what string literals must contain.
pub(super) fn normalize_newlines(source: &str) -> Cow<'_, str> {
    if memchr::memchr(b'\r', source.as_bytes()).is_none() {
        return Cow::Borrowed(source);
    }
    Cow::Owned(source.replace("\r\n", "\n").replace('\r', "\n"))
}

fn decode_utf8(
    body: &[u8],
    filename: &str,
    declared: bool,
    origin: Origin,
) -> Result<String, SyntaxError> {
    let script = origin == Origin::Script;
    let declared = declared && script;
    let error = match std::str::from_utf8(body) {
        Ok(text) => return Ok(text.to_owned()),
        Err(error) => error,
    };
    let at = error.valid_up_to();
    let (line, start) = line_of(body, at);
    let end = memchr::memchr(b'\n', &body[at..]).map_or(body.len(), |next| at + next);
    let byte = body[at];
    // Python counts the second line of a file only where it may declare an encoding: not after code.
    let after_code = line == 2
        && !matches!(body.trim_ascii_start().first(), None | Some(b'#'))
        && !body.starts_with(b"\n");
    let in_file = !declared && script;
    let line = if after_code && in_file { 1 } else { line };
    let message = if declared {
        let position = at - start;
        // A sequence that is cut by the end of its line is incomplete only at the end of the file.
        match error.error_len() {
            None if body.len() - at > 1 => format!(
                "(unicode error) 'utf-8' codec can't decode bytes in position {position}-{}: unexpected end of data",
                body.len() - start - 1
            ),
            Some(length @ 2..) => format!(
                "(unicode error) 'utf-8' codec can't decode bytes in position {position}-{}: invalid continuation byte",
                position + length - 1
            ),
            length => {
                let reason = match length {
                    None => "unexpected end of data",
                    Some(_) if matches!(byte, 0xC2..=0xF4) => "invalid continuation byte",
                    Some(_) => "invalid start byte",
                };
                format!(
                    "(unicode error) 'utf-8' codec can't decode byte 0x{byte:02x} in position {position}: {reason}"
                )
            }
        }
    } else {
        let place = match origin {
            Origin::Value => String::new(),
            Origin::Script => format!(" in file {filename}"),
        };
        format!(
            "Non-UTF-8 code starting with '\\x{byte:02x}'{place} on line {line}, but no encoding declared; see https://peps.python.org/pep-0263/ for details"
        )
    };
    let mut error = plain(message, filename);
    error.line = line;
    error.end_line = line;
    error.text = Some(String::from_utf8_lossy(&body[start..end]).into_owned());
    if !declared {
        let column = String::from_utf8_lossy(&body[start..at]).chars().count() as i32 + 1;
        error.column = column;
        error.end_column = column;
    }
    Err(error)
}

fn decode_ascii(body: &[u8], filename: &str, origin: Origin) -> Result<String, SyntaxError> {
    match body.iter().position(|byte| !byte.is_ascii()) {
        None => Ok(body.iter().map(|&byte| char::from(byte)).collect()),
        Some(at) => {
            // Positions in a file count from the end of the line before, where the codec takes over.
            let first = match origin {
                Origin::Script => memchr::memchr(b'\n', &body[..at]).unwrap_or(0),
                Origin::Value => 0,
            };
            let position = at - first;
            let message = format!(
                "'ascii' codec can't decode byte 0x{:02x} in position {position}: ordinal not in range(128)",
                body[at]
            );
            Err(codec_failed(message, filename))
        }
    }
}

/// The line number of the byte at `at`, and where its line starts.
fn line_of(bytes: &[u8], at: usize) -> (i32, usize) {
    let start = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |newline| newline + 1);
    let line = memchr::memchr_iter(b'\n', &bytes[..at]).count() as i32 + 1;
    (line, start)
}

fn plain(message: String, filename: &str) -> SyntaxError {
    SyntaxError::new(SyntaxErrorKind::Syntax, message, filename)
}

/// The encoding named in a comment on one of the first two lines.
fn coding_cookie(body: &[u8]) -> Option<String> {
    let mut lines = body.split(|&byte| byte == b'\n');
    let first = lines.next()?;
    if let Some(name) = cookie_in(first) {
        return Some(name);
    }
    // The second line counts only if the first is blank or a comment.
    match first.trim_ascii_start().first() {
        None | Some(b'#') => cookie_in(lines.next()?),
        Some(_) => None,
    }
}

fn cookie_in(line: &[u8]) -> Option<String> {
    let comment = line.trim_ascii_start().strip_prefix(b"#")?;
    for at in memchr::memmem::find_iter(comment, b"coding") {
        let rest = &comment[at + b"coding".len()..];
        let [b':' | b'=', rest @ ..] = rest else {
            continue;
        };
        let name: Vec<u8> = rest
            .iter()
            .skip_while(|byte| matches!(byte, b' ' | b'\t'))
            .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
            .copied()
            .collect();
        if !name.is_empty() {
            return String::from_utf8(name).ok();
        }
    }
    None
}

fn encoding_named(name: &str) -> Option<Encoding> {
    match canonical_name(name).as_str() {
        "utf-8" => Some(Encoding::Utf8),
        "iso-8859-1" => Some(Encoding::Latin1),
        "ascii" => Some(Encoding::Ascii),
        _ => None,
    }
}

/// The usual spelling of an encoding's name, or the name in lower case with dashes.
fn canonical_name(name: &str) -> String {
    let name = name.to_ascii_lowercase().replace('_', "-");
    let known = match name.as_str() {
        "utf-8" | "utf8" | "u8" | "utf" | "utf8-ucs2" | "utf8-ucs4" | "cp65001" => "utf-8",
        "latin-1" | "iso-8859-1" | "iso-latin-1" | "latin" | "latin1" | "l1" | "iso8859-1"
        | "8859" | "cp819" | "iso8859" => "iso-8859-1",
        "ascii" | "us-ascii" | "646" | "us" | "ansi-x3.4-1968" | "iso646-us" => "ascii",
        _ if name.starts_with("utf-8-") => "utf-8",
        _ if name.starts_with("latin-1-")
            || name.starts_with("iso-8859-1-")
            || name.starts_with("iso-latin-1-") =>
        {
            "iso-8859-1"
        }
        _ => return name,
    };
    known.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(bytes: &[u8]) -> String {
        decode_source(bytes, "x.py", Origin::Script)
            .unwrap_err()
            .message
    }

    #[test]
    fn cookies_choose_the_encoding() {
        let source = b"#!/bin/x\n# vim: set fileencoding=Latin_1 :\n'\xff'";
        assert!(
            decode_source(source, "x.py", Origin::Script)
                .unwrap()
                .ends_with("'\u{ff}'")
        );
        assert!(decode_source(b"x = 1\n# coding: foo\n", "x.py", Origin::Script).is_ok());
        assert_eq!(message(b"# coding: foo\n"), "unknown encoding: foo");
        assert_eq!(
            decode_source(b"\xEF\xBB\xBFx", "x.py", Origin::Script).unwrap(),
            "x"
        );
        assert_eq!(
            message(b"\xEF\xBB\xBF# coding: latin-1\n"),
            "encoding problem: iso-8859-1 with BOM"
        );
    }

    #[test]
    fn bytes_that_do_not_decode_are_named() {
        for (source, line) in [
            (&b"'\xff'"[..], 1),
            (b"x\n'\xff'", 1), // The second line is not counted behind code.
            (b"# x\n'\xff'", 2),
            (b"\n'\xff'", 2),
            (b"x\ny\n'\xff'", 3),
        ] {
            let said = format!("'\\xff' in file x.py on line {line}, but no encoding declared");
            assert!(message(source).contains(&said), "{}", message(source));
        }
        assert_eq!(
            message(b"# coding: utf-8\nx='\xff'"),
            "(unicode error) 'utf-8' codec can't decode byte 0xff in position 3: invalid start byte"
        );
        assert_eq!(
            message(b"# coding: ascii\nx='\xff'"),
            "'ascii' codec can't decode byte 0xff in position 4: ordinal not in range(128)"
        );
        assert_eq!(message(b"x\0"), "source code cannot contain null bytes");
    }
}
