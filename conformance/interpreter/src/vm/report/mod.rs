//! How an exception is printed: the traceback with its source lines, causes, notes and groups.
//!
//! | file        | what it adds                                       |
//! |-------------|----------------------------------------------------|
//! | [`source`]  | source lines                                       |
//! | [`carets`]  | the marks below them                               |
//! | [`suggest`] | `Did you mean: 'x'?`                               |

use crate::error::PyResult;
#[cfg(feature = "std")]
use crate::module::struct_class::{self, Kind};
#[cfg(feature = "std")]
use crate::object::builtin_function::PyBuiltin;
use crate::object::exception::{self, PyException, base, class, group, simple, syntax};
use crate::object::frame;
use crate::object::list::PyList;
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::payload::Body;
use crate::object::str_::PyStr;
use crate::object::traceback::{self, PyTraceback};
use crate::object::tuple::PyTuple;
use crate::object::type_::{PyType, type_of};
use crate::object::{dict::PyDict, int, protocol};
use crate::prelude::*;
use crate::vm::observe;
use core::fmt::Write as _;
use core::sync::atomic::Ordering::Relaxed;
use kit_core::thread::Ctx;
use source::Sources;

#[cfg(feature = "std")]
mod carets;
#[cfg(feature = "std")]
pub mod source;
#[cfg(not(feature = "std"))]
#[path = "no_source.rs"]
pub mod source;
pub mod suggest;

/// Lines of a traceback that may be equal before the rest of them is counted only.
const REPEATS: usize = 3;
/// Nesting of groups that is shown.
const MAX_GROUP_DEPTH: usize = 10;
/// Members of a group that are shown.
const MAX_GROUP_WIDTH: usize = 15;

const CAUSE: &str = "\nThe above exception was the direct cause of the following exception:\n\n";
const CONTEXT: &str = "\nDuring handling of the above exception, another exception occurred:\n\n";

/// What is printed of an uncaught exception.
pub fn format_exception(ctx: &mut Ctx, exception: &Obj) -> String {
    let mut report = Report {
        out: String::new(),
        sources: Sources::default(),
        seen: Vec::new(),
        depth: 0,
        need_close: false,
        marks: true,
    };
    report.chain(ctx, exception);
    report.out
}

/// What is printed of a traceback alone.
pub fn format_traceback(ctx: &mut Ctx, traceback: Option<Obj>, marks: bool) -> String {
    let mut sources = Sources::default();
    let entries = traceback::entries(ctx, traceback);
    format_entries(&mut sources, &entries, marks)
}

/// The last lines of what is printed of an exception: its class, its text, its notes.
pub fn format_exception_only(ctx: &mut Ctx, exception: &Obj) -> String {
    last_lines(ctx, exception)
}

/// Prints an uncaught exception on `sys.stderr`.
pub fn print_exception(ctx: &mut Ctx, exception: &Obj) {
    let text = format_exception(ctx, exception);
    crate::module::sys::write_stderr(ctx, &text);
}

/// Reports an exception that cannot be raised where it happened; `what` says in what.
pub fn report_unraisable(ctx: &mut Ctx, exception: &Obj, message: &str, what: Option<&Obj>) {
    // What was raised in no function comes from the one that runs.
    if let Some(body) = exception.downcast::<PyException>()
        && body.traceback.get(ctx, &body.header).is_none()
    {
        match observe::running(ctx, 0) {
            Ok(Some(running)) => {
                let unit = frame::unit_of(ctx, &running);
                traceback::add(ctx, exception, running, unit, None);
            }
            Ok(None) => {}
            Err(raised) => drop(exception::take(ctx, raised)),
        }
    }
    #[cfg(feature = "std")]
    if call_unraisable_hook(ctx, exception, message, what) {
        return;
    }
    print_unraisable(
        ctx,
        exception,
        &format!("Exception ignored {message}"),
        what,
    );
}

/// Prints what [`report_unraisable`] has to say, whatever the program's hook.
pub fn print_unraisable(ctx: &mut Ctx, exception: &Obj, message: &str, what: Option<&Obj>) {
    let mut text = message.to_owned();
    if let Some(what) = what {
        let what = shown(ctx, what, protocol::repr_string, "<object repr() failed>");
        text = format!("{text} {what}");
    }
    print_ignored(ctx, exception, text + ":\n");
}

fn print_ignored(ctx: &mut Ctx, exception: &Obj, mut text: String) {
    if let Some(body) = exception.downcast::<PyException>() {
        let traceback = body.traceback.get(ctx, &body.header);
        if traceback.is_some() {
            text.push_str("Traceback (most recent call last):\n");
            text += &format_traceback(ctx, traceback, false);
        }
    }
    let class = class_name(ctx, exception);
    let value = safe_string(ctx, exception);
    // The colon is there even if nothing follows.
    let _ = writeln!(text, "{class}: {value}");
    crate::module::sys::write_stderr(ctx, &text);
}

/// Hands an exception to the program's `sys.unraisablehook`, if it has set one.
#[cfg(feature = "std")]
fn call_unraisable_hook(ctx: &mut Ctx, exception: &Obj, message: &str, what: Option<&Obj>) -> bool {
    let hook = crate::module::sys::attribute(ctx, "unraisablehook");
    let own = |hook: &Obj| !hook.is_none() && hook.downcast::<PyBuiltin>().is_none();
    let Some(hook) = hook.filter(own) else {
        return false;
    };
    let traceback = exception
        .downcast::<PyException>()
        .and_then(|body| body.traceback.get(ctx, &body.header));
    let called = (|| {
        let mut message = format!("Exception ignored {message}");
        if let Some(what) = what {
            let _ = write!(message, " {}", protocol::repr_string(ctx, what)?);
        }
        let message = crate::object::str_::new(ctx, &message)?;
        let details = vec![
            type_of(ctx, exception).to_obj(),
            exception.clone(),
            traceback.unwrap_or(Obj::NONE),
            message,
            Obj::NONE,
        ];
        let details = struct_class::make(ctx, &UNRAISABLE, details, Vec::new())?;
        crate::module::sys::audit::event(ctx, "sys.unraisablehook", |_| {
            Ok(vec![hook.clone(), details.clone()])
        })?;
        protocol::call(ctx, &hook, &[details])
    })();
    if let Err(raised) = called {
        let exception = exception::take(ctx, raised);
        let hook = shown(ctx, &hook, protocol::repr_string, "<object repr() failed>");
        let head = format!("Exception ignored in sys.unraisablehook: {hook}\n");
        print_ignored(ctx, &exception, head);
    }
    true
}

/// What hooks are told.
#[cfg(feature = "std")]
pub static UNRAISABLE: Kind = Kind {
    module: "builtins",
    name: "UnraisableHookArgs",
    fields: &[
        "exc_type",
        "exc_value",
        "exc_traceback",
        "err_msg",
        "object",
    ],
    hidden: &[],
    place: |natives| &natives.unraisable_hook_args,
};

struct Report {
    out: String,
    sources: Sources,
    /// Exceptions already printed or waiting to be, by identity.
    seen: Vec<Obj>,
    /// Depth of the group being printed.
    depth: usize,
    /// Whether the frame around the group's members is still open.
    need_close: bool,
    marks: bool,
}

impl Report {
    /// Prints an exception with what caused it.
    fn chain(&mut self, ctx: &mut Ctx, exception: &Obj) {
        let mut links = Vec::new();
        let mut link = Some((exception.clone(), None));
        while let Some((exception, sentence)) = link.take() {
            self.seen.push(exception.clone());
            let body = exception.expect::<PyException>();
            let cause = body.cause.get(ctx, &body.header);
            let context = body.context.get(ctx, &body.header);
            // Relaxed: a flag.
            let hidden = body.suppress_context.load(Relaxed);
            if let Some(cause) = cause {
                if !self.was_seen(&cause) {
                    link = Some((cause, Some(CAUSE)));
                }
            } else if let Some(context) = context
                && !hidden
                && !self.was_seen(&context)
            {
                link = Some((context, Some(CONTEXT)));
            }
            links.push((exception, sentence));
        }
        // `sentence` stands between an exception and the one it explains: after its own text.
        for (exception, sentence) in links.into_iter().rev() {
            self.one(ctx, &exception);
            if let Some(sentence) = sentence {
                self.emit(sentence, '|');
            }
        }
    }

    fn was_seen(&self, exception: &Obj) -> bool {
        self.seen.iter().any(|seen| seen.is(exception))
    }

    /// Prints one exception without what caused it.
    fn one(&mut self, ctx: &mut Ctx, exception: &Obj) {
        let body = exception.expect::<PyException>();
        let traceback = body.traceback.get(ctx, &body.header);
        let entries = traceback::entries(ctx, traceback);
        let entries = &entries[entries.len() - limit(ctx).min(entries.len())..];
        if !group::is_group(ctx, exception) {
            if !entries.is_empty() {
                self.emit("Traceback (most recent call last):\n", '|');
                let text = format_entries(&mut self.sources, entries, self.marks);
                self.emit(&text, '|');
            }
            let text = last_lines(ctx, exception);
            self.emit(&text, '|');
            return;
        }
        if self.depth > MAX_GROUP_DEPTH {
            self.emit(
                &format!("... (max_group_depth is {MAX_GROUP_DEPTH})\n"),
                '|',
            );
            return;
        }
        let outermost = self.depth == 0;
        if outermost {
            self.depth = 1;
        }
        if !entries.is_empty() {
            let margin = if outermost { '+' } else { '|' };
            self.emit(
                "Exception Group Traceback (most recent call last):\n",
                margin,
            );
            let text = format_entries(&mut self.sources, entries, self.marks);
            self.emit(&text, '|');
        }
        let text = last_lines(ctx, exception);
        self.emit(&text, '|');
        let members = group::exceptions(ctx, exception);
        self.members(ctx, members.expect::<PyTuple>().items());
        if outermost {
            self.depth = 0;
        }
    }

    fn members(&mut self, ctx: &mut Ctx, members: &[Obj]) {
        let shown = members.len().min(MAX_GROUP_WIDTH + 1);
        self.need_close = false;
        for (index, member) in members.iter().take(shown).enumerate() {
            let last = index + 1 == shown;
            if last {
                self.need_close = true;
            }
            let left_out = index >= MAX_GROUP_WIDTH;
            let title = if left_out {
                "...".to_owned()
            } else {
                (index + 1).to_string()
            };
            let lead = if index == 0 { "+-" } else { "  " };
            let indent = " ".repeat(2 * self.depth);
            let _ = writeln!(
                self.out,
                "{indent}{lead}+---------------- {title} ----------------"
            );
            self.depth += 1;
            if left_out {
                let count = members.len() - MAX_GROUP_WIDTH;
                let plural = if count > 1 { "s" } else { "" };
                self.emit(&format!("and {count} more exception{plural}\n"), '|');
            } else {
                self.chain(ctx, member);
            }
            if last && self.need_close {
                let indent = " ".repeat(2 * self.depth);
                let _ = writeln!(self.out, "{indent}+------------------------------------");
                self.need_close = false;
            }
            self.depth -= 1;
        }
    }

    /// Adds text, with the margin of the group it belongs to.
    fn emit(&mut self, text: &str, margin: char) {
        if self.depth == 0 {
            self.out.push_str(text);
            return;
        }
        let indent = " ".repeat(2 * self.depth);
        for line in text.split_inclusive('\n') {
            let _ = write!(self.out, "{indent}{margin} {line}");
        }
    }
}

/// How many entries of a traceback are shown, its last ones: `sys.tracebacklimit`.
fn limit(ctx: &mut Ctx) -> usize {
    let Some(limit) = crate::module::sys::attribute(ctx, "tracebacklimit") else {
        return usize::MAX;
    };
    match int::to_i64(&limit) {
        Some(limit) => usize::try_from(limit).unwrap_or(0),
        // No number is no limit, as is one that is too large.
        None if int::is_negative(&limit) => 0,
        None => usize::MAX,
    }
}

/// The lines of the entries of a traceback; equal ones in a row are counted.
fn format_entries(sources: &mut Sources, entries: &[Obj], marks: bool) -> String {
    let mut out = String::new();
    let mut last: Option<&Body<PyTraceback>> = None;
    let mut count = 0;
    for entry in entries {
        let body = entry.expect::<PyTraceback>();
        let same = last.is_some_and(|last| {
            last.code().filename == body.code().filename
                && last.code().name == body.code().name
                && last.position().line == body.position().line
        });
        if !same {
            repeated(&mut out, count);
            last = Some(body);
            count = 0;
        }
        count += 1;
        if count <= REPEATS {
            format_entry(&mut out, sources, body, marks);
        }
    }
    repeated(&mut out, count);
    out
}

fn repeated(out: &mut String, count: usize) {
    if count > REPEATS {
        let more = count - REPEATS;
        let plural = if more > 1 { "s" } else { "" };
        let _ = writeln!(out, "  [Previous line repeated {more} more time{plural}]");
    }
}

fn format_entry(out: &mut String, sources: &mut Sources, entry: &Body<PyTraceback>, marks: bool) {
    let position = entry.position();
    let code = entry.code();
    let line = match position.line {
        0 => "None".to_owned(),
        line => line.to_string(),
    };
    let _ = writeln!(
        out,
        "  File \"{}\", line {line}, in {}",
        code.filename, code.name
    );
    if position.line == 0 {
        return;
    }
    let has_columns = position.has_columns();
    let lines = sources.lines(
        &code.filename,
        position.line,
        if has_columns {
            position.end_line
        } else {
            position.line
        },
    );
    let Some(lines) = lines else {
        return;
    };
    if lines.iter().all(|line| line.trim().is_empty()) {
        return;
    }
    #[cfg(feature = "std")]
    if marks && has_columns {
        carets::format_lines(out, &lines, position.column, position.end_column);
        return;
    }
    #[cfg(not(feature = "std"))]
    let _ = marks;
    let _ = writeln!(out, "    {}", lines[0].trim());
}

fn final_line(out: &mut String, class: &str, value: &str) {
    if value.is_empty() {
        let _ = writeln!(out, "{class}");
    } else {
        let _ = writeln!(out, "{class}: {value}");
    }
}

/// The class of an exception, with its module unless that is obvious.
fn class_name(ctx: &mut Ctx, exception: &Obj) -> String {
    let class = type_of(ctx, exception).to_obj();
    let body = class.expect::<PyType>();
    let qualname = body.qualname.get(ctx, &body.header);
    let qualname = qualname
        .as_ref()
        .and_then(|name| name.downcast::<PyStr>())
        .map_or(String::new(), |name| name.as_str_lossy().into_owned());
    let name = &names(ctx).module;
    let module = body.dict.expect::<PyDict>().get_name(ctx, name);
    match module {
        None => qualname,
        Some(module) => match module.downcast::<PyStr>() {
            None => format!("<unknown>.{qualname}"),
            Some(module) => match module.as_str_lossy().as_ref() {
                "__main__" | "builtins" => qualname,
                module => format!("{module}.{qualname}"),
            },
        },
    }
}

/// `str(exception)`, whatever happens.
fn safe_string(ctx: &mut Ctx, value: &Obj) -> String {
    match protocol::str(ctx, value) {
        Ok(text) => escaped(text.expect::<PyStr>()),
        Err(raised) => {
            exception::take(ctx, raised);
            "<exception str() failed>".to_owned()
        }
    }
}

/// A string as `sys.stderr` would write it: lone surrogates as escape sequences.
pub fn escaped(text: &PyStr) -> String {
    match text.to_str() {
        Some(text) => text.to_owned(),
        None => text
            .text()
            .code_points()
            .map(|point| {
                char::from_u32(point).map_or_else(|| format!("\\u{point:04x}"), String::from)
            })
            .collect(),
    }
}

/// What is printed of a syntax error whose line is known, and the name of its kind.
#[cfg(feature = "std")]
fn described(ctx: &mut Ctx, value: &Obj) -> Option<(&'static str, String)> {
    if !exception::is_instance(ctx, value, class::SyntaxError) {
        return None;
    }
    let error = syntax::description(ctx, value)?;
    Some((error.kind.name(), crate::parse::format_syntax_error(&error)))
}

/// Without a compiler there are no syntax errors but those that a program raises itself.
#[cfg(not(feature = "std"))]
fn described(_: &mut Ctx, _: &Obj) -> Option<(&'static str, String)> {
    None
}

fn last_lines(ctx: &mut Ctx, value: &Obj) -> String {
    let class = class_name(ctx, value);
    let mut out = String::new();
    match described(ctx, value) {
        Some((kind, text)) => {
            // The message may have been refined; the class may be a derived one.
            let plain = format!("{kind}:");
            match text.rfind(&plain) {
                Some(at) if kind != class => {
                    out += &text[..at];
                    out += &class;
                    out += &text[at + plain.len() - 1..];
                }
                _ => out += &text,
            }
            out.push('\n');
        }
        None => {
            let mut text = safe_string(ctx, value);
            if exception::is_instance(ctx, value, class::SyntaxError) {
                let body = value.expect::<PyException>();
                let message = body.field(ctx, syntax::MSG).filter(|m| !m.is_none());
                text = match message {
                    Some(message) => safe_string(ctx, &message),
                    None => "<no detail available>".to_owned(),
                };
            } else if let Some(hint) = hint(ctx, value) {
                text += &hint;
            }
            final_line(&mut out, &class, &text);
        }
    }
    notes(ctx, value, &mut out);
    out
}

/// What is appended to the text of an error about a name that is not there.
fn hint(ctx: &mut Ctx, value: &Obj) -> Option<String> {
    let body = value.expect::<PyException>();
    let name_of = |ctx: &Ctx, index: usize| {
        let name = body.field(ctx, index)?;
        Some(name.downcast::<PyStr>()?.as_str_lossy().into_owned())
    };
    if exception::is_instance(ctx, value, class::ImportError) {
        let wrong = name_of(ctx, simple::NAME_FROM)?;
        let found = suggest::for_import(ctx, value, &wrong)?;
        return Some(format!(". Did you mean: '{found}'?"));
    }
    if exception::is_instance(ctx, value, class::AttributeError) {
        let wrong = name_of(ctx, simple::NAME)?;
        let found = suggest::for_attribute(ctx, value, &wrong)?;
        return Some(format!(". Did you mean: '{found}'?"));
    }
    if !exception::is_instance(ctx, value, class::NameError) {
        return None;
    }
    let wrong = name_of(ctx, simple::NAME)?;
    let found = suggest::for_name(ctx, value, &wrong);
    let is_module = crate::module::sys::STDLIB_MODULE_NAMES.contains(&wrong.as_str());
    match (found, is_module) {
        (None, false) => None,
        (Some(found), false) => Some(format!(". Did you mean: '{found}'?")),
        (None, true) => Some(format!(". Did you forget to import '{wrong}'?")),
        (Some(found), true) => Some(format!(
            ". Did you mean: '{found}'? Or did you forget to import '{wrong}'?"
        )),
    }
}

fn notes(ctx: &mut Ctx, value: &Obj, out: &mut String) {
    let notes = match base::notes(ctx, value) {
        Ok(None) => return,
        Ok(Some(notes)) => notes,
        Err(raised) => {
            let error = exception::take(ctx, raised);
            let text = safe_string(ctx, &error);
            let _ = writeln!(out, "Ignored error getting __notes__: {text}");
            return;
        }
    };
    let items = match (notes.downcast::<PyList>(), notes.downcast::<PyTuple>()) {
        (Some(list), _) => list.to_vec(ctx),
        (_, Some(tuple)) => tuple.items().to_vec(),
        _ if notes.is_none() => return,
        _ => {
            let text = shown(
                ctx,
                &notes,
                protocol::repr_string,
                "<__notes__ repr() failed>",
            );
            let _ = writeln!(out, "{text}");
            return;
        }
    };
    for note in items {
        let text = shown(ctx, &note, protocol::str_string, "<note str() failed>");
        for line in text.split('\n') {
            let _ = writeln!(out, "{line}");
        }
    }
}

fn shown(
    ctx: &mut Ctx,
    value: &Obj,
    text: fn(&mut Ctx, &Obj) -> PyResult<String>,
    otherwise: &str,
) -> String {
    text(ctx, value).unwrap_or_else(|raised| {
        exception::take(ctx, raised);
        otherwise.to_owned()
    })
}

/// The text of a str.
fn text_of(value: &Obj) -> Option<String> {
    Some(escaped(value.downcast::<PyStr>()?))
}
