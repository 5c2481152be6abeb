//! The interactive loop: reads a statement, runs it, shows what it evaluates to.
//!
//! | where input comes from | lines are edited | prompts go to | code is called |
//! |---|---|---|---|
//! | a terminal | by `editor`   | the terminal | `<python-input-N>` |
//! | a dumb terminal, or anything else with `-i` | no | standard error | `<stdin>` |
//!
//! The thread is detached while it waits for a line. Ctrl-C drops what was typed and asks anew; during a
//! statement it raises KeyboardInterrupt there.

use super::editor::Editor;
use super::{End, display, exit_status, signal};
use crate::builtins::{code, compile};
use crate::error::PyResult;
use crate::module::{self, io::standard, sys};
use crate::object::exception::{self, PyException, class};
use crate::object::obj::Obj;
use crate::object::type_::type_of;
use crate::object::{protocol, str_};
use crate::parse::{self, Mode};
use crate::vm::thread::rt;
use crate::vm::{exec, interrupt, report};
use kit_core::thread::Ctx;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::AsFd;

/// Where lines come from.
enum Input {
    Editor(Box<Editor>),
    /// With what was read behind the last line that was taken.
    Plain(Vec<u8>),
}

/// The prompt for a statement.
const FIRST_PROMPT: &str = ">>> ";
/// The prompt for its further lines.
const NEXT_PROMPT: &str = "... ";

/// What reading a line led to.
pub(super) enum Line {
    /// The line, or the lines of a text that was pasted or recalled, without the last newline.
    Text(String),
    Interrupted,
    End,
}

/// Runs the loop until the input ends or the program exits.
pub(super) fn run(ctx: &mut Ctx, quiet: bool, ignore_environment: bool) -> End {
    if !quiet {
        let version = super::options::version();
        let greeting = format!(
            "{} on linux\nexit() or Ctrl-D to leave.\n",
            version.trim_end()
        );
        sys::write_stderr(ctx, &greeting);
    }
    let terminal = standard::is_terminal(0) && standard::is_terminal(1) && !is_dumb_terminal();
    let mut input = match terminal.then(|| Editor::new(ignore_environment)) {
        Some(Some(editor)) => Input::Editor(Box::new(editor)),
        _ => Input::Plain(Vec::new()),
    };
    for (name, text) in [("ps1", FIRST_PROMPT), ("ps2", NEXT_PROMPT)] {
        if sys::attribute(ctx, name).is_none()
            && let Ok(text) = str_::new(ctx, text)
        {
            let _ = sys::set_attribute(ctx, name, text);
        }
    }
    let mut number = 0;
    loop {
        let source = match statement(ctx, &mut input) {
            Line::Text(source) => source,
            Line::Interrupted => {
                // The editor has gone to a new line already.
                let new_line = if matches!(input, Input::Plain(_)) {
                    "\n"
                } else {
                    ""
                };
                sys::write_stderr(ctx, &format!("{new_line}KeyboardInterrupt\n"));
                continue;
            }
            Line::End => return End::Status(0),
        };
        if source.trim().is_empty() {
            continue;
        }
        let name = match &input {
            // These words leave, as at CPython's prompt that edits lines.
            Input::Editor(_) if matches!(source.trim(), "exit" | "quit") => return End::Status(0),
            Input::Editor(_) => format!("<python-input-{number}>"),
            Input::Plain(_) => "<stdin>".to_owned(),
        };
        number += 1;
        if let Err(raised) = execute(ctx, &source, &name) {
            let exception = exception::take(ctx, raised);
            if exception::is_instance(ctx, &exception, class::SystemExit) {
                return End::Status(exit_status(ctx, &exception));
            }
            remember(ctx, &exception);
            display(ctx, &exception);
        }
        super::flush(ctx);
    }
}

/// Reads lines until they make a statement.
fn statement(ctx: &mut Ctx, input: &mut Input) -> Line {
    let mut source = String::new();
    loop {
        let prompt = prompt(ctx, source.is_empty());
        match read(ctx, input, &prompt) {
            Line::Text(line) => {
                source += &line;
                source.push('\n');
                let text = source.trim_end_matches('\n');
                // A blank line ends a compound statement, as does one at the end of a text that was
                // pasted or recalled.
                let ended = line.trim().is_empty() || line.contains('\n') && line.ends_with('\n');
                let candidate = if ended { &source } else { text };
                if !parse::needs_more_input(candidate) {
                    if let Input::Editor(editor) = input {
                        editor.remember(text);
                    }
                    return Line::Text(source);
                }
            }
            Line::End if !source.is_empty() => return Line::Text(source),
            other => return other,
        }
    }
}

/// `sys.ps1` or `sys.ps2` as text; nothing when the program has deleted it.
fn prompt(ctx: &mut Ctx, first: bool) -> String {
    let name = if first { "ps1" } else { "ps2" };
    let Some(prompt) = sys::attribute(ctx, name) else {
        return String::new();
    };
    protocol::str_string(ctx, &prompt).unwrap_or_else(|raised| {
        exception::take(ctx, raised);
        String::new()
    })
}

/// Whether the terminal cannot move its cursor, which editing a line needs.
fn is_dumb_terminal() -> bool {
    std::env::var_os("TERM").is_none_or(|name| name.is_empty() || name == "dumb")
}

fn read(ctx: &mut Ctx, input: &mut Input, prompt: &str) -> Line {
    let line = match input {
        Input::Editor(editor) => {
            editor.learn(ctx);
            rt(ctx).kit.detached(ctx, || editor.read(prompt))
        }
        Input::Plain(ahead) => {
            sys::write_stderr(ctx, prompt);
            read_plain(ctx, ahead)
        }
    };
    // A signal may have come just when the line was complete.
    match interrupt::check(ctx) {
        Ok(()) => line,
        Err(raised) => {
            exception::take(ctx, raised);
            Line::Interrupted
        }
    }
}

fn read_plain(ctx: &mut Ctx, ahead: &mut Vec<u8>) -> Line {
    let mut ended = false;
    loop {
        let line = match ahead.iter().position(|&byte| byte == b'\n') {
            Some(end) => ahead.drain(..=end).collect(),
            None if ended => std::mem::take(ahead),
            None => Vec::new(),
        };
        if !line.is_empty() {
            let text = String::from_utf8_lossy(&line);
            return Line::Text(text.trim_end_matches(['\n', '\r']).to_owned());
        }
        if ended {
            sys::write_stderr(ctx, "\n");
            return Line::End;
        }
        match rt(ctx).kit.detached(ctx, || read_more(ahead)) {
            Ok(count) => ended = count == 0,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {
                // By Ctrl-C, or by a signal that is none of our business.
                if let Err(raised) = interrupt::check(ctx) {
                    exception::take(ctx, raised);
                    return Line::Interrupted;
                }
            }
            Err(_) => return Line::End,
        }
    }
}

/// Reads what is there of the standard input, by a copy of its descriptor: the buffer of [`std::io::Stdin`] does not say whether a
/// read would wait.
fn read_more(ahead: &mut Vec<u8>) -> std::io::Result<usize> {
    let mut stdin = File::from(std::io::stdin().as_fd().try_clone_to_owned()?);
    signal::await_input(stdin.as_fd())?;
    let mut block = [0; 4096];
    let count = stdin.read(&mut block)?;
    ahead.extend_from_slice(&block[..count]);
    Ok(count)
}

/// Compiles and runs one statement, or the several of a text that was pasted; the value of the last one is
/// shown.
fn execute(ctx: &mut Ctx, source: &str, name: &str) -> PyResult<()> {
    let Some(last) = parse::start_of_last_statement(source) else {
        return run_as(ctx, source, name, source, Mode::Single);
    };
    run_as(ctx, &source[..last], name, source, Mode::Exec)?;
    // Blank lines keep the numbers of the rest.
    let above = source[..last].matches('\n').count();
    let rest = "\n".repeat(above) + &source[last..];
    run_as(ctx, &rest, name, source, Mode::Single)
}

/// Runs `part`, which stands in `source` where it stands in itself.
fn run_as(ctx: &mut Ctx, part: &str, name: &str, source: &str, mode: Mode) -> PyResult<()> {
    let compiled = compile::compile_source(ctx, part, name, mode)?;
    report::source::register(&compiled.filename, source);
    let main = module::main_module(ctx)?;
    let space = module::namespace(ctx, &main)?;
    let code = exec::code_object(ctx, &compiled)?;
    code::run(ctx, &code, &space, &space)?;
    Ok(())
}

/// Keeps an exception that ended a statement where a debugger looks for it.
fn remember(ctx: &mut Ctx, exception: &Obj) {
    let class = type_of(ctx, exception).to_obj();
    let traceback = exception
        .downcast::<PyException>()
        .and_then(|body| body.traceback.get(ctx, &body.header));
    for (name, value) in [
        ("last_exc", exception.clone()),
        ("last_type", class),
        ("last_value", exception.clone()),
        ("last_traceback", traceback.unwrap_or(Obj::NONE)),
    ] {
        if let Err(raised) = sys::set_attribute(ctx, name, value) {
            exception::take(ctx, raised);
        }
    }
}

/// Writes text to standard error, whatever has become of it.
pub(super) fn say(text: &str) {
    // There is nobody left to tell.
    let _ = std::io::stderr().write_all(text.as_bytes());
}
