//! Listings of small programs, and the errors of wrong ones.

use std::sync::Arc;

use super::{Options, compile};
use crate::code::{Code, Const};
use crate::op::disassemble::disassemble;
use crate::op::verify::verify;
use crate::parse::{Mode, parse};

fn try_compile(source: &str) -> Result<Arc<Code>, String> {
    let parsed = parse(source, "<test>", Mode::Exec).map_err(|error| error.message.to_string())?;
    let code = compile(&parsed.tree, &parsed.lines, "<test>", Options::default())
        .map_err(|error| error.message)?;
    verify(&code).expect("compiled code verifies");
    Ok(code)
}

/// The code of the first function in `source`.
fn function(source: &str) -> Arc<Code> {
    let module = try_compile(source).expect("source compiles");
    let inner = module.consts.iter().find_map(|constant| match constant {
        Const::Code(code) => Some(code.clone()),
        _ => None,
    });
    inner.expect("source defines a function")
}

/// Operations and operands of a listing, without units.
fn listing(source: &str) -> String {
    let text = disassemble(&function(source));
    text.lines()
        .map(|line| {
            line.split_whitespace()
                .skip(1)
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect::<Vec<_>>()
        .join("\n")
}

#[track_caller]
fn expect(source: &str, expected: &str) {
    let expected: Vec<&str> = expected
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    assert_eq!(listing(source), expected.join("\n"), "in {source}");
}

#[test]
fn arithmetic_writes_its_target() {
    expect(
        "def f(a, b):\n    x = a + b\n    return x",
        "ADD x, a, b
         RETURN x",
    );
}
