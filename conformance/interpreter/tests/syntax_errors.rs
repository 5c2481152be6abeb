//! Compares syntax errors with those of a reference Python, case by case.
//!
//! `cases.txt` holds the sources and `expected.txt` what the reference says, which `generate.py`
//! writes. Set `SYNTAX_ERROR_CASES` to another folder with such a pair to compare that one.

use std::path::{Path, PathBuf};

use kit_python::parse::{self, Mode};

/// Cases after this one are known to differ; each says why in a comment.
const KNOWN_GAPS: &str = "# known_gaps";

/// The share of the other cases that must agree, in percent.
const REQUIRED: usize = 97;

/// One source text, with how it is compiled.
struct Case {
    mode: Mode,
    source: String,
    known_gap: bool,
}

fn folder() -> PathBuf {
    match std::env::var_os("SYNTAX_ERROR_CASES") {
        Some(folder) => folder.into(),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/syntax_errors"),
    }
}

fn cases(text: &str) -> Vec<Case> {
    let mut known_gap = false;
    let mut found = Vec::new();
    for part in text.split("\n=== ").skip(1) {
        let (mode, source) = part.split_once('\n').unwrap_or((part, ""));
        let escaped = mode.ends_with('!');
        let mode = match mode.trim_end_matches('!') {
            "exec" => Mode::Exec,
            "eval" => Mode::Eval,
            "single" => Mode::Single,
            other => panic!("unknown mode {other}"),
        };
        known_gap |= source.starts_with(KNOWN_GAPS);
        let source = match escaped {
            true => unescape(source),
            false => source.to_owned(),
        };
        found.push(Case {
            mode,
            source,
            known_gap,
        });
    }
    found
}

/// Resolves the escapes in cases whose mode ends in `!`.
fn unescape(source: &str) -> String {
    let mut out = String::new();
    let mut rest = source.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let digits = match rest.next() {
            Some('x') => 2,
            Some('u') => 4,
            Some('U') => 8,
            Some('t') => {
                out.push('\t');
                continue;
            }
            Some('n') => {
                out.push('\n');
                continue;
            }
            Some('r') => {
                out.push('\r');
                continue;
            }
            other => {
                out.extend(other);
                continue;
            }
        };
        let digits: String = rest.by_ref().take(digits).collect();
        let code = u32::from_str_radix(&digits, 16).expect("hexadecimal digits");
        out.push(char::from_u32(code).expect("a code point"));
    }
    out
}

/// What `generate.py` would write for our parser.
fn verdict(case: &Case) -> String {
    match parse::parse(&case.source, "case.py", case.mode) {
        Ok(_) => "ok".to_owned(),
        Err(error) => {
            let mut message = String::new();
            for c in error.message.chars() {
                match c {
                    _ if c.is_ascii() => message.push(c),
                    _ if (c as u32) < 0x100 => message += &format!("\\x{:02x}", c as u32),
                    _ if (c as u32) < 0x10000 => message += &format!("\\u{:04x}", c as u32),
                    _ => message += &format!("\\U{:08x}", c as u32),
                }
            }
            format!(
                "{} {} {} {} {} {message}",
                error.kind.name(),
                error.line,
                error.column,
                error.end_line,
                error.end_column,
            )
        }
    }
}

#[test]
fn errors_agree_with_the_reference() {
    let folder = folder();
    let text = std::fs::read_to_string(folder.join("cases.txt")).expect("cases.txt");
    let expected = std::fs::read_to_string(folder.join("expected.txt")).expect("expected.txt");
    let cases = cases(&text);
    assert_eq!(
        cases.len(),
        expected.lines().count(),
        "run generate.py again"
    );
    let (mut total, mut agreeing) = (0, 0);
    let mut report = String::new();
    for (number, (case, expected)) in cases.iter().zip(expected.lines()).enumerate() {
        let found = verdict(case);
        let same = found == expected.replace("\\'", "'").replace("\\\\", "\\");
        if case.known_gap {
            continue;
        }
        total += 1;
        if same {
            agreeing += 1;
        } else {
            report += &format!(
                "case {number}: {:?}\n  expected {expected}\n  found    {found}\n",
                case.source
            );
        }
    }
    println!("{report}{agreeing} of {total} agree");
    assert!(
        agreeing * 100 >= total * REQUIRED,
        "{report}{agreeing} of {total} agree"
    );
}
