//! Escape sequences that cannot be decoded.

/// What is said of a bytes literal with other characters.
pub(super) const NOT_ASCII: &str = "bytes can only contain ASCII literal characters";

/// Checks a whole string literal, with its prefix and quotes.
pub(super) fn check_literal(literal: &str) -> Result<(), String> {
    let Some(at) = literal.find(['"', '\'']) else {
        return Ok(());
    };
    let (prefix, quoted) = literal.split_at(at);
    let quote = &quoted[..1];
    let size = if quoted.len() >= 6 && quoted.starts_with(&quote.repeat(3)) {
        3
    } else {
        1
    };
    let body = quoted
        .get(size..quoted.len().saturating_sub(size))
        .unwrap_or("");
    let raw = prefix.contains(['r', 'R']);
    if prefix.contains(['b', 'B']) {
        if !body.is_ascii() {
            return Err(NOT_ASCII.into());
        }
        return if raw { Ok(()) } else { check_bytes(body) };
    }
    if raw { Ok(()) } else { check_text(body) }
}

fn check_bytes(body: &str) -> Result<(), String> {
    let bytes = body.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'\\' {
            at += 1;
            continue;
        }
        if bytes.get(at + 1) == Some(&b'x') {
            let digits = bytes[at + 2..].iter().take(2);
            if digits.filter(|byte| byte.is_ascii_hexdigit()).count() < 2 {
                return Err(format!("(value error) invalid \\x escape at position {at}"));
            }
        }
        at += 2;
    }
    Ok(())
}

/// Checks the escapes of text, which is not raw.
pub(super) fn check_text(body: &str) -> Result<(), String> {
    // Positions are those in the escaped form that Python decodes: there, a character that is not
    // ASCII takes ten places.
    let mut position = 0;
    let mut rest = body;
    while let Some(c) = rest.chars().next() {
        if c != '\\' {
            position += if c.is_ascii() { 1 } else { 10 };
            rest = &rest[c.len_utf8()..];
            continue;
        }
        let Some(kind) = rest[1..].chars().next() else {
            return Ok(());
        };
        if !kind.is_ascii() {
            // The backslash is written as what it is in front of a character of ten places.
            position += 6;
            rest = &rest[1..];
            continue;
        }
        let after = &rest[1 + kind.len_utf8()..];
        let wanted = match kind {
            'x' => Some((2, "truncated \\xXX escape")),
            'u' => Some((4, "truncated \\uXXXX escape")),
            'U' => Some((8, "truncated \\UXXXXXXXX escape")),
            _ => None,
        };
        let mut used = 1 + kind.len_utf8();
        if let Some((count, reason)) = wanted {
            let digits = after.bytes().take(count);
            let found = digits.take_while(u8::is_ascii_hexdigit).count();
            if found < count {
                return Err(unicode_error(position, position + 1 + found, reason));
            }
            used += count;
            let code = u32::from_str_radix(&after[..count], 16).unwrap_or(u32::MAX);
            if code > 0x10FFFF {
                let reason = "illegal Unicode character";
                return Err(unicode_error(position, position + 1 + found, reason));
            }
        } else if kind == 'N' {
            let name = after
                .strip_prefix('{')
                .and_then(|name| name.split_once('}'));
            match name {
                Some((name, _)) if !name.is_empty() => {
                    used += name.len() + 2;
                    if unicode_names2::character(name).is_none() {
                        let reason = "unknown Unicode character name";
                        return Err(unicode_error(position, position + used - 1, reason));
                    }
                }
                _ => {
                    let length = after.find('}').map_or(after.len(), |end| end + 1);
                    let last = match after.starts_with('{') {
                        true => position + 1 + length,
                        false => position + 1,
                    };
                    let reason = "malformed \\N character escape";
                    return Err(unicode_error(position, last, reason));
                }
            }
        }
        position += used;
        rest = &rest[used..];
    }
    Ok(())
}

fn unicode_error(from: usize, to: usize, reason: &str) -> String {
    format!(
        "(unicode error) 'unicodeescape' codec can't decode bytes in position {from}-{to}: {reason}"
    )
}
