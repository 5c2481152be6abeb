//! Differences that are known, with their reasons.

use std::path::Path;

/// One of them.
#[derive(Debug, PartialEq, Eq)]
pub struct Known {
    /// Why it stays.
    pub reason: String,
    /// What the oracle's outcome contains.
    pub oracle: String,
    /// What ours contains.
    pub ours: String,
}

/// Reads the file: paragraphs of `key: value` lines.
pub fn read(path: &Path) -> Result<Vec<Known>, String> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    parse(&text)
}

fn parse(text: &str) -> Result<Vec<Known>, String> {
    let mut found = Vec::new();
    for paragraph in text.split("\n\n") {
        let lines = paragraph
            .lines()
            .filter(|line| !line.starts_with('#') && !line.is_empty());
        let mut known = Known {
            reason: String::new(),
            oracle: String::new(),
            ours: String::new(),
        };
        let mut empty = true;
        for line in lines {
            let (key, value) = line.split_once(':').ok_or(format!("no key: {line}"))?;
            let field = match key {
                "reason" => &mut known.reason,
                "oracle" => &mut known.oracle,
                "ours" => &mut known.ours,
                _ => return Err(format!("unknown key: {key}")),
            };
            *field = value.trim().to_owned();
            empty = false;
        }
        if empty {
            continue;
        }
        if known.reason.is_empty() || (known.oracle.is_empty() && known.ours.is_empty()) {
            return Err(format!("incomplete: {paragraph}"));
        }
        found.push(known);
    }
    Ok(found)
}

/// What is hashed by its address, as it is shown.
const HASHED_BY_ADDRESS: [&str; 5] = ["<", "nan", "Ellipsis", "NotImplemented", "typing."];

/// The same characters in another order, of a set with something that is hashed by its address.
fn reordered(oracle: &str, ours: &str) -> bool {
    let sorted = |text: &str| {
        let mut bytes = text.as_bytes().to_vec();
        bytes.sort_unstable();
        bytes
    };
    oracle.contains('{')
        && HASHED_BY_ADDRESS.iter().any(|shown| oracle.contains(shown))
        && sorted(oracle) == sorted(ours)
}

/// The reason for a difference, if it is known.
pub fn reason<'a>(all: &'a [Known], oracle: &str, ours: &str) -> Option<&'a str> {
    if reordered(oracle, ours) {
        return Some("a set of what is hashed by its address has any order");
    }
    let fits = |known: &&Known| oracle.contains(&known.oracle) && ours.contains(&known.ours);
    all.iter().find(fits).map(|known| known.reason.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_read_and_fit_both_outcomes() {
        let all = parse("# a comment\n\nreason: why\noracle: A\nours: B\n").unwrap();
        assert_eq!(reason(&all, "xAx", "xBx"), Some("why"));
        assert_eq!(reason(&all, "xAx", "xCx"), None);
        let any_order = reason(&all, "{1, nan}", "{nan, 1}");
        assert!(any_order.is_some());
        assert_eq!(reason(&all, "{1, 2}", "{2, 1}"), None);
        assert!(parse("oracle: A\n").is_err());
        assert!(parse("reasons: A\n").is_err());
    }
}
