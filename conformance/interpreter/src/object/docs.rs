//! Docstrings and signatures of the methods of built-in types, and of the built-in functions.
//!
//! They are text, one line each (`docs.txt`): the type and name, the signature (`-` where there is none that could be
//! written), and the docstring. A name of any type is `*.name`. Nobody looks them up in a hurry.

use super::obj::Obj;
use super::str_;
use crate::error::PyResult;
use kit_core::thread::Ctx;

#[cfg(feature = "std")]
static LINES: &str = include_str!("docs.txt");
/// None without `std`: they would be one part in forty of a small image.
#[cfg(not(feature = "std"))]
static LINES: &str = "";

/// The signature, if there is one, and the docstring.
fn find(owner: &str, name: &str) -> Option<(Option<&'static str>, &'static str)> {
    let line_of = |owner: &str| {
        LINES.lines().find_map(|line| {
            let rest = line.strip_prefix(owner)?.strip_prefix('.')?;
            rest.strip_prefix(name)?.strip_prefix(' ')
        })
    };
    let alike = match owner {
        "bytearray" => "bytes",
        "frozenset" => "set",
        _ => "*",
    };
    let line = line_of(owner)
        .or_else(|| line_of(alike))
        .or_else(|| line_of("*"))?;
    if let Some(doc) = line.strip_prefix("- ") {
        return Some((None, doc));
    }
    // The signature ends where its first parenthesis is closed.
    let mut depth = 0;
    let end = line.char_indices().find_map(|(at, character)| {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        (depth == 0).then_some(at + 1)
    })?;
    Some((Some(&line[..end]), line[end..].trim_start()))
}

/// The docstring of the method `name` of `owner`, or `None`.
pub fn doc(ctx: &mut Ctx, owner: &str, name: &str) -> PyResult {
    match find(owner, name) {
        Some((_, doc)) => str_::new(ctx, doc),
        None => Ok(Obj::NONE),
    }
}

/// The text signature of the method `name` of `owner`, or `None`.
pub fn signature(ctx: &mut Ctx, owner: &str, name: &str) -> PyResult {
    match find(owner, name) {
        Some((Some(signature), _)) => str_::new(ctx, signature),
        _ => Ok(Obj::NONE),
    }
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn lines_are_found_and_parted() {
        let (signature, doc) = find("str", "join").unwrap();
        assert_eq!(signature, Some("($self, iterable, /)"));
        assert!(doc.starts_with("The texts"));
        assert_eq!(find("dict", "update").unwrap().0, None);
        assert!(find("bytearray", "find").is_some());
        assert!(find("anything", "__len__").is_some());
        assert!(find("list", "nothing").is_none());
        for line in super::LINES.lines() {
            let (owner, rest) = line.split_once('.').unwrap();
            let name = rest.split_once(' ').unwrap().0;
            let (_, doc) = find(owner, name).unwrap();
            assert!(doc.ends_with('.'), "{line}");
        }
    }
}
