//! The small part of TOML that the files beside the programs use.

/// `key = value` lines of the small part of TOML that these files use.
pub(super) fn pairs(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.starts_with(['#', '[']))
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.trim(), value.trim()))
}

/// The quoted strings in `text`, escapes resolved.
pub(super) fn strings(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut chars = text.chars();
    while chars.by_ref().any(|char| char == '"') {
        let mut string = String::new();
        while let Some(char) = chars.next() {
            match char {
                '"' => break,
                '\\' => string.push(match chars.next() {
                    Some('n') => '\n',
                    Some('t') => '\t',
                    Some(other) => other,
                    None => break,
                }),
                other => string.push(other),
            }
        }
        found.push(string);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read() {
        assert_eq!(strings(r#"["a", "b\n\"c"]"#), ["a", "b\n\"c"]);
        let read: Vec<_> = pairs("# no = 1\nstatus = 3 \nargs = [\"x\"]").collect();
        assert_eq!(read, [("status", "3"), ("args", "[\"x\"]")]);
    }
}
