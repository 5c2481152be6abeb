//! Editing lines on a terminal: keys, history, completion.
//!
//! History is appended to its file after each statement, so that it survives however the session ends. Names
//! are completed from what the program knew when the prompt was shown: while the thread waits for keys it is
//! detached, and may not look at objects.

use super::repl::Line;
use super::signal::Action;
use crate::module;
use crate::object::dict::PyDict;
use crate::object::str_::PyStr;
use crate::vm::thread::rt;
use kit_core::thread::Ctx;
use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::DefaultHistory;
use rustyline::validate::Validator;
use rustyline::{Config, Context, Helper};
use std::path::PathBuf;

/// Entries kept.
const HISTORY: usize = 10_000;

/// What Tab inserts where there is nothing to complete.
const INDENT: &str = "    ";

/// Words that are no names.
const KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield",
];

/// The editor of a session.
pub(super) struct Editor {
    lines: rustyline::Editor<Names, DefaultHistory>,
    /// Where history is kept, if anywhere.
    file: Option<PathBuf>,
    /// What Ctrl-C does while keys are read: the library has a handler of its own.
    reading: Action,
    /// What it does otherwise.
    running: Action,
}

impl Editor {
    /// An editor with the history of earlier sessions; `None` where the terminal cannot be used.
    pub fn new(ignore_environment: bool) -> Option<Editor> {
        let config = Config::builder()
            .max_history_size(HISTORY)
            .ok()?
            .completion_type(rustyline::CompletionType::List)
            .build();
        let running = Action::current();
        let mut lines = rustyline::Editor::with_config(config).ok()?;
        let reading = Action::current();
        running.restore();
        lines.set_helper(Some(Names::default()));
        let file = history_file(ignore_environment);
        if let Some(file) = &file {
            if let Some(directory) = file.parent() {
                let _ = std::fs::create_dir_all(directory);
            }
            // The first time there is none.
            let _ = lines.load_history(file);
        }
        Some(Editor {
            lines,
            file,
            reading,
            running,
        })
    }

    /// Reads a line, or several that are recalled or pasted.
    pub fn read(&mut self, prompt: &str) -> Line {
        self.reading.restore();
        let line = self.lines.readline(prompt);
        self.running.restore();
        match line {
            Ok(line) => Line::Text(line.replace("\r\n", "\n").replace('\r', "\n")),
            Err(ReadlineError::Interrupted | ReadlineError::Signal(_)) => Line::Interrupted,
            Err(_) => Line::End,
        }
    }

    /// Adds a statement to the history.
    pub fn remember(&mut self, statement: &str) {
        if statement.trim().is_empty() {
            return;
        }
        // History is a convenience: that it cannot be kept is no error.
        let _ = self.lines.add_history_entry(statement);
        if let Some(file) = &self.file {
            let _ = self.lines.append_history(file);
        }
    }

    /// Takes note of the names that can be completed.
    pub fn learn(&mut self, ctx: &mut Ctx) {
        let mut known: Vec<String> = KEYWORDS.iter().map(|word| (*word).to_owned()).collect();
        let main = module::main_module(ctx).and_then(|main| module::namespace(ctx, &main));
        let builtins = rt(ctx).builtins.get().cloned();
        for space in main.ok().into_iter().chain(builtins) {
            let Some(space) = space.downcast::<PyDict>() else {
                continue;
            };
            for (name, _) in space.items(ctx) {
                known.extend(
                    name.downcast::<PyStr>()
                        .map(|n| n.as_str_lossy().into_owned()),
                );
            }
        }
        known.sort();
        known.dedup();
        if let Some(names) = self.lines.helper_mut() {
            names.known = known;
        }
    }
}

/// Where the lines of earlier sessions are kept: `PYTHON_HISTORY`, or a file of the user's.
fn history_file(ignore_environment: bool) -> Option<PathBuf> {
    let given = std::env::var_os("PYTHON_HISTORY").filter(|path| !path.is_empty());
    if let (Some(path), false) = (given, ignore_environment) {
        return Some(path.into());
    }
    let state = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from);
    let state = state.filter(|path| path.is_absolute()).or_else(|| {
        let home = std::env::var_os("HOME").filter(|home| !home.is_empty())?;
        Some(PathBuf::from(home).join(".local/state"))
    })?;
    Some(state.join("kit-python/history"))
}

/// Completes names.
#[derive(Default)]
struct Names {
    known: Vec<String>,
}

impl Completer for Names {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        pos: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        let before = &line[..pos];
        let word = before
            .rfind(|c: char| !(c.is_alphanumeric() || c == '_'))
            .map_or(0, |at| {
                at + before[at..].chars().next().map_or(1, char::len_utf8)
            });
        let start = &before[word..];
        if start.is_empty() {
            return Ok((pos, vec![INDENT.to_owned()]));
        }
        if before[..word].ends_with('.') {
            // An attribute: what it may be is not known here.
            return Ok((pos, Vec::new()));
        }
        let found = self.known.iter().filter(|name| name.starts_with(start));
        Ok((word, found.cloned().collect()))
    }
}

impl Hinter for Names {
    type Hint = String;
}
impl Highlighter for Names {}
impl Validator for Names {}
impl Helper for Names {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tab_completes_names_and_indents() {
        let names = Names {
            known: vec!["print".to_owned(), "property".to_owned(), "x".to_owned()],
        };
        let history = DefaultHistory::new();
        let complete = |line: &str| {
            let context = Context::new(&history);
            names
                .complete(line, line.len(), &context)
                .expect("no error")
        };
        assert_eq!(complete("f(pri"), (2, vec!["print".to_owned()]));
        assert_eq!(complete("pr").1.len(), 2);
        assert_eq!(complete("if x:\n"), (6, vec![INDENT.to_owned()]));
        assert_eq!(complete("x.pr").1, Vec::<String>::new());
    }
}
