//! The interactive loop: reads a statement, runs it, shows what it evaluates to.

use super::{End, display, exit_status};
use crate::builtins::code;
use crate::error::PyResult;
use crate::module::{self, io::stream, sys};
use crate::object::exception::{self, class};
use crate::object::{protocol, str_};
use crate::parse::{self, Mode};
use crate::vm::thread::rt;
use crate::vm::{exec, interrupt, report};
use kit_core::thread::Ctx;
use rustyline::DefaultEditor;
use rustyline::error::ReadlineError;
use std::io::{BufRead, Write};
use std::path::PathBuf;

/// Where lines come from: an editor on a terminal, else standard input.
enum Input {
    Editor(Box<DefaultEditor>),
    Plain,
}

/// The prompt for a statement.
const FIRST_PROMPT: &str = ">>> ";
/// The prompt for its further lines.
const NEXT_PROMPT: &str = "... ";

/// What reading a line led to.
enum Line {
    Text(String),
    Interrupted,
    End,
}

/// Runs the loop until the input ends or the program exits.
pub(super) fn run(ctx: &mut Ctx, quiet: bool) -> End {
    if !quiet {
        let version = super::options::version();
        sys::write_stderr(ctx, &format!("{version}Ctrl-D or exit() to leave.\n"));
    }
    let history = history_file();
    let mut input = match DefaultEditor::new() {
        Ok(mut editor) if stream::is_terminal(0) && !is_dumb_terminal() => {
            if let Some(file) = &history {
                // The first time there is none.
                let _ = editor.load_history(file);
            }
            Input::Editor(Box::new(editor))
        }
        _ => Input::Plain,
    };
    for (name, text) in [("ps1", FIRST_PROMPT), ("ps2", NEXT_PROMPT)] {
        if sys::attribute(ctx, name).is_none()
            && let Ok(text) = str_::new(ctx, text)
        {
            let _ = sys::set_attribute(ctx, name, text);
        }
    }
    let mut number = 0;
    let end = loop {
        let source = match statement(ctx, &mut input) {
            Line::Text(source) => source,
            Line::Interrupted => {
                sys::write_stderr(ctx, "\nKeyboardInterrupt\n");
                continue;
            }
            Line::End => break End::Status(0),
        };
        if source.trim().is_empty() {
            continue;
        }
        let result = execute(ctx, &source, number);
        number += 1;
        if let Err(raised) = result {
            let exception = exception::take(ctx, raised);
            if exception::is_instance(ctx, &exception, class::SystemExit) {
                break End::Status(exit_status(ctx, &exception));
            }
            let _ = sys::set_attribute(ctx, "last_exc", exception.clone());
            display(ctx, &exception);
        }
        super::flush(ctx);
    };
    if let (Input::Editor(editor), Some(file)) = (&mut input, &history) {
        if let Some(directory) = file.parent() {
            let _ = std::fs::create_dir_all(directory);
        }
        // History is a convenience: that it could not be kept is no error.
        let _ = editor.save_history(file);
    }
    end
}

/// Where the lines of earlier sessions are kept.
fn history_file() -> Option<PathBuf> {
    let state = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from);
    let state = state.filter(|path| path.is_absolute()).or_else(|| {
        let home = std::env::var_os("HOME")?;
        Some(PathBuf::from(home).join(".local/state"))
    })?;
    Some(state.join("kit-python/history"))
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
                // A blank line ends a compound statement.
                let candidate = if line.trim().is_empty() {
                    &source
                } else {
                    text
                };
                if !parse::needs_more_input(candidate) {
                    if let Input::Editor(editor) = input
                        && !text.is_empty()
                    {
                        let _ = editor.add_history_entry(text);
                    }
                    return Line::Text(source);
                }
            }
            Line::End if !source.is_empty() => return Line::Text(source),
            other => return other,
        }
    }
}

/// `sys.ps1` or `sys.ps2` as text.
fn prompt(ctx: &mut Ctx, first: bool) -> String {
    let (name, default) = if first {
        ("ps1", FIRST_PROMPT)
    } else {
        ("ps2", NEXT_PROMPT)
    };
    let Some(prompt) = sys::attribute(ctx, name) else {
        return default.to_owned();
    };
    protocol::str_string(ctx, &prompt).unwrap_or_else(|raised| {
        exception::take(ctx, raised);
        default.to_owned()
    })
}

/// Whether the terminal cannot move its cursor, which editing a line needs.
fn is_dumb_terminal() -> bool {
    std::env::var_os("TERM").is_none_or(|name| name.is_empty() || name == "dumb")
}

fn read(ctx: &mut Ctx, input: &mut Input, prompt: &str) -> Line {
    match input {
        Input::Editor(editor) => rt(ctx).kit.detached(ctx, || match editor.readline(prompt) {
            Ok(line) => Line::Text(line),
            Err(ReadlineError::Interrupted) => Line::Interrupted,
            Err(_) => Line::End,
        }),
        Input::Plain => {
            let mut stdout = std::io::stdout();
            let _ = write!(stdout, "{prompt}").and_then(|()| stdout.flush());
            let mut line = Vec::new();
            loop {
                match rt(ctx).kit.detached(ctx, || read_more(&mut line)) {
                    Ok(false) => {}
                    Ok(true) if line.is_empty() => {
                        let _ = writeln!(stdout);
                        return Line::End;
                    }
                    Ok(true) => {
                        let text = String::from_utf8_lossy(&line);
                        return Line::Text(text.trim_end_matches(['\n', '\r']).to_owned());
                    }
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
    }
}

/// Reads what is there of a line; true at its end, or at that of the input.
fn read_more(line: &mut Vec<u8>) -> std::io::Result<bool> {
    let mut stdin = std::io::stdin().lock();
    let ready = stdin.fill_buf()?;
    let end = ready.iter().position(|&byte| byte == b'\n');
    let count = end.map_or(ready.len(), |end| end + 1);
    line.extend_from_slice(&ready[..count]);
    stdin.consume(count);
    Ok(end.is_some() || count == 0)
}

/// Compiles and runs one statement; the values of expressions are shown.
fn execute(ctx: &mut Ctx, source: &str, number: u32) -> PyResult<()> {
    let name = format!("<python-input-{number}>");
    let compiled = code::compile_source(ctx, source, &name, Mode::Single, 0)?;
    report::source::register(&compiled.filename, source);
    let main = module::main_module(ctx)?;
    let space = module::namespace(ctx, &main)?;
    let code = exec::code_object(ctx, &compiled)?;
    code::run(ctx, &code, &space, &space)?;
    Ok(())
}
