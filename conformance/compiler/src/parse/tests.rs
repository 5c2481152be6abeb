//! The interactive prompt's question, and the printed text, as the reference answers them.

use super::*;

#[test]
fn the_prompt_waits_for_what_is_unfinished() {
    let unfinished = [
        "if 1:",
        "if 1:\n",
        "if 1:\n  x",
        "if 1:\n  x\n  ",
        "if 1: x",
        "x=(",
        "x=(\n",
        "\"\"\"",
        "\"\"\"a\n",
        "x = \\",
        "@d",
        "@d\n",
        "try:\n  x\n",
        "f\"\"\"{",
        "if 1:\n x\nelse:",
        "if 1:\n x\nelse: y",
        "class A: pass",
        "def f(",
        "while 1:\n  #c",
        "[1,\n2",
        "match x:",
        "match x:\n  case 1: x",
        "f\"{",
        "f\"{a",
        "\"abc\\",
    ];
    for source in unfinished {
        assert!(needs_more_input(source), "{source:?}");
    }
    let finished = [
        "",
        "\n",
        "#x",
        "if 1:\n  x\n",
        "if 1: x\n",
        "\"abc",
        "x = \\\n",
        "def f():\n  x\n\n",
        "a b",
        "1 +",
        "x\n",
        "x;",
        "class A: pass\n",
        "for",
        "x=1\ny=2",
        "if 1:\n  x\ny",
        "(]",
        " x",
        "def",
        "import",
        "if x",
        "lambda",
        "f(1,\n2)",
        "\"abc\\\n",
    ];
    for source in finished {
        assert!(!needs_more_input(source), "{source:?}");
    }
}

#[test]
fn printed_errors_show_the_line_and_the_range() {
    let printed =
        |source: &str| format_syntax_error(&parse(source, "x.py", Mode::Exec).unwrap_err());
    assert_eq!(
        printed("if x:\n    f(a b)\n"),
        "  File \"x.py\", line 2\n    f(a b)\n      ^^^\nSyntaxError: invalid syntax. Perhaps you forgot a comma?"
    );
    assert_eq!(
        printed("if x:\ny\n"),
        "  File \"x.py\", line 2\n    y\n    ^\nIndentationError: expected an indented block after 'if' statement on line 1"
    );
    assert_eq!(
        printed("whille x:\n    pass\n"),
        "  File \"x.py\", line 1\n    whille x:\n    ^^^^^^\nSyntaxError: invalid syntax. Did you mean 'while'?"
    );
}

#[test]
fn offsets_refer_to_the_normalized_text() {
    let parsed = parse("x = 1\r\ny = 2\r", "x.py", Mode::Exec).unwrap();
    assert_eq!(&**parsed.lines.source(), "x = 1\ny = 2\n");
    let Mod::Module(module) = &parsed.tree else {
        panic!("a module");
    };
    assert_eq!(parsed.lines.location(module.body[1].start()).line, 2);
}

#[test]
fn deep_nesting_is_refused_not_overflowed() {
    let source = "(".repeat(201) + &")".repeat(201);
    let error = parse(&source, "x.py", Mode::Eval).unwrap_err();
    assert_eq!(error.message, "too many nested parentheses");
    let broken = "-".repeat(5000) + "(";
    assert!(parse(&broken, "x.py", Mode::Exec).is_err());
}

#[test]
fn match_is_a_name_behind_a_semicolon() {
    for source in [
        "x; match (1), 3",
        "x; match[1]: int = 3; match = match",
        "if x: a; match (1); match (2)",
        "for x in y:\n    a; match -1\nb",
    ] {
        let parsed = parse(source, "x.py", Mode::Exec).unwrap();
        let tree = format!("{:?}", parsed.tree);
        assert!(
            tree.contains("\"match\"") && !tree.contains("Match"),
            "{tree}"
        );
    }
    let kept = parse("if x: a; match (1); match (2)", "x.py", Mode::Exec).unwrap();
    let Mod::Module(module) = &kept.tree else {
        panic!("a module");
    };
    assert_eq!(module.body.len(), 1);
    for source in ["x; match a: pass", "x; match a:\n case 1: pass"] {
        let error = parse(source, "x.py", Mode::Exec).unwrap_err();
        assert_eq!(error.message, "invalid syntax");
    }
}
