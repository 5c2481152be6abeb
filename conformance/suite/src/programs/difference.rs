//! How two outputs differ.

/// `text` with `to` wherever it has `from`.
pub(super) fn replace(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix(from) {
            out.extend_from_slice(to);
            rest = after;
        } else {
            out.push(rest[0]);
            rest = &rest[1..];
        }
    }
    out
}

/// Where two outputs part: the line's number, both lines, and the line before.
pub(super) fn difference(stream: &str, expected: &[u8], got: &[u8]) -> Option<String> {
    if expected == got {
        return None;
    }
    let split = |bytes: &[u8]| -> Vec<String> {
        let show = |line: &[u8]| {
            line.utf8_chunks()
                .map(|c| format!("{}{}", c.valid(), c.invalid().escape_ascii()))
                .collect()
        };
        bytes
            .split_inclusive(|&byte| byte == b'\n')
            .map(show)
            .collect()
    };
    let (expected, got) = (split(expected), split(got));
    let line = expected
        .iter()
        .zip(&got)
        .take_while(|(a, b)| a == b)
        .count();
    let show = |lines: &[String]| match lines.get(line) {
        Some(text) => {
            let mut text = format!("{text:?}");
            if let Some((end, _)) = text.char_indices().nth(300) {
                text.truncate(end);
            }
            text
        }
        None => "the end".to_owned(),
    };
    let before = line
        .checked_sub(1)
        .map_or("", |before| expected[before].trim_end());
    let mut text = format!(
        "{stream} differs at line {}\n  after    {before}\n  expected {}\n  got      {}",
        line + 1,
        show(&expected),
        show(&got)
    );
    if stream == "stdout" && got.len() <= line {
        text.push_str("\n  (the output stops early)");
    }
    if stream == "stderr" {
        let last = got.last().map_or("", |last| last.trim_end());
        text.push_str(&format!("\n  its last line: {last}"));
    }
    Some(text)
}

/// The last lines of an output.
pub(super) fn tail(stream: &str, bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text.lines().collect();
    let last = &lines[lines.len().saturating_sub(5)..];
    format!(
        "  {stream}, {} lines, ends with\n    {}\n",
        lines.len(),
        last.join("\n    ")
    )
}
