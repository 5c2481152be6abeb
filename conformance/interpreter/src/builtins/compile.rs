//! Compiling: `compile`, and the compilers of everything else that has a text.

use super::source_bytes;
use crate::code::{Code, flags};
use crate::compile::{self, Options};
use crate::error::{PyResult, Raised, raise};
use crate::module::ast::{self, flags as request};
use crate::module::warnings;
use crate::object::args::{Args, Signature};
use crate::object::bytes::PyBytes;
use crate::object::exception::{self, class, syntax};
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::str_::{self, PyStr};
use crate::object::{bytes_like, int, protocol};
pub use crate::parse::Mode;
use crate::parse::{self, Origin, SyntaxError};
use crate::prelude::*;
use crate::vm::exec;
use crate::vm::outside::{self, Share};
use alloc::sync::Arc;
use kit_core::thread::Ctx;

/// Compiles a text to a code object.
pub fn compile_text(
    ctx: &mut Ctx,
    text: &str,
    filename: &str,
    mode: Mode,
    optimize: u8,
) -> PyResult {
    let code = compile_source(ctx, text, filename, mode, optimize)?;
    exec::code_object(ctx, &code)
}

/// Compiles a text for `exec` or `eval`: with the future that the running code has, and nothing of it is immortal.
pub fn compile_here(ctx: &mut Ctx, text: &str, mode: Mode) -> PyResult {
    let options = Options {
        mode,
        optimize: 0,
        futures: exec::current_flags(ctx) & flags::ALL_FUTURES,
        top_level_await: false,
    };
    ctx.suppress_immortal(|ctx| {
        let code = compile_as(ctx, text, "<string>", options)?;
        exec::code_object(ctx, &code)
    })
}

/// Compiles a text.
pub fn compile_source(
    ctx: &mut Ctx,
    text: &str,
    filename: &str,
    mode: Mode,
    optimize: u8,
) -> PyResult<Arc<Code>> {
    let options = Options {
        mode,
        optimize,
        ..Options::default()
    };
    compile_as(ctx, text, filename, options)
}

fn compile_as(ctx: &mut Ctx, text: &str, filename: &str, options: Options) -> PyResult<Arc<Code>> {
    let digits = int::max_digits(ctx);
    let _working = Share::ask(ctx, parse::working_bytes(text))?;
    let parsed = match parse::parse_limited(text, filename, options.mode, digits) {
        Ok(parsed) => parsed,
        Err(error) => return Err(refused(ctx, error)),
    };
    warn(ctx, parse::early_warnings(&parsed, filename), filename)?;
    match compile::compile(&parsed, filename, options) {
        Ok(code) => {
            warn(ctx, parse::late_warnings(&parsed, filename), filename)?;
            Ok(code)
        }
        Err(error) => {
            if error.late {
                let mut before = parse::late_warnings(&parsed, filename);
                before.retain(|warning| {
                    warning
                        .range
                        .is_some_and(|range| range.start() < error.range.start())
                });
                warn(ctx, before, filename)?;
            }
            // Texts that come from a file are shown with the error.
            let is_file = std::path::Path::new(filename).is_file();
            let error = compile::syntax_error(&error, &parsed.lines, filename, is_file);
            Err(syntax::raise_syntax_error(ctx, &error))
        }
    }
}

/// Warns about what looks like a mistake in a text.
fn warn(ctx: &mut Ctx, found: Vec<parse::SyntaxWarning>, filename: &str) -> PyResult<()> {
    for mut warning in found {
        let class = class::SyntaxWarning;
        let (message, line) = (&warning.message, warning.line);
        if let Err(raised) = warnings::warn_at(ctx, class, message, filename, line) {
            if !exception::matches(ctx, &raised, class) {
                return Err(raised);
            }
            exception::take(ctx, raised);
            if warning.range.is_some() && filename.starts_with('<') && filename.ends_with('>') {
                warning.error.text = None;
            }
            return Err(syntax::raise_syntax_error(ctx, &warning.error));
        }
    }
    Ok(())
}

/// The exception for a text that is no program: `error`, unless one of the warnings that come before it is an error.
fn refused(ctx: &mut Ctx, mut error: SyntaxError) -> Raised {
    let found = core::mem::take(&mut error.warned).into_vec();
    match warn(ctx, found, &error.filename) {
        Ok(()) => syntax::raise_syntax_error(ctx, &error),
        Err(raised) => raised,
    }
}

/// Compiles the bytes of a source file to a code object.
pub fn compile_bytes(ctx: &mut Ctx, bytes: &[u8], filename: &str) -> PyResult {
    outside::room(ctx, bytes.len().saturating_mul(2))?;
    let text = source_bytes::decode(ctx, bytes, filename, Origin::Value)?;
    compile_text(ctx, &text, filename, Mode::Exec, 0)
}

// --- compile() -----------------------------------------------------------------------------------

/// Bits of `__future__` features that do nothing any more.
const OLD_FEATURES: i64 =
    0x10 | 0x2_0000 | 0x4_0000 | 0x8_0000 | 0x10_0000 | 0x20_0000 | 0x40_0000 | 0x80_0000;
/// Bits that `compile` knows.
const KNOWN: i64 = OLD_FEATURES
    | flags::FUTURE_ANNOTATIONS as i64
    | request::OPTIMIZED_AST
    | request::DONT_IMPLY_DEDENT
    | request::TYPE_COMMENTS
    | request::ALLOW_TOP_LEVEL_AWAIT
    | request::ALLOW_INCOMPLETE_INPUT
    | 0x100
    | 0x800;

static SIGNATURE: Signature = Signature {
    name: "compile",
    params: &[
        "source",
        "filename",
        "mode",
        "flags",
        "dont_inherit",
        "optimize",
        "_feature_version",
    ],
    posonly: 0,
    positional: 6,
    required: 3,
};

fn integer(ctx: &mut Ctx, given: Option<&Obj>, default: i64) -> PyResult<i64> {
    match given {
        Some(given) => protocol::index_i64(ctx, given, None),
        None => Ok(default),
    }
}

/// `compile(source, filename, mode, flags, dont_inherit, optimize)`.
pub fn compile(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let bound = args.bind::<7>(ctx, &SIGNATURE)?;
    let [source, filename, mode, wanted, dont_inherit, optimize, _] = bound;
    let none = Obj::NONE;
    let filename = file_name(ctx, filename.unwrap_or(&none))?;
    let mode = mode.unwrap_or(&none);
    if mode.downcast::<PyStr>().is_none() {
        let class = str_::argument_type(ctx, mode);
        return Err(raise!(
            ctx,
            TypeError,
            "compile() argument 'mode' must be str, not {class}"
        ));
    }
    let mode = protocol::str_string(ctx, mode)?;
    let wanted = integer(ctx, wanted, 0)?;
    let inherit = match dont_inherit {
        Some(given) => !protocol::truth(ctx, given)?,
        None => true,
    };
    let optimize = match optimize {
        Some(given) => protocol::c_int(ctx, given)?,
        None => -1,
    };
    if wanted & !KNOWN != 0 {
        return Err(raise!(ctx, ValueError, "compile(): unrecognised flags"));
    }
    if !(-1..=2).contains(&optimize) {
        return Err(raise!(ctx, ValueError, "compile(): invalid optimize value"));
    }
    let only_ast = wanted & request::ONLY_AST != 0;
    let source = source.unwrap_or(&none);
    let mode = match mode.as_str() {
        "exec" => Mode::Exec,
        "eval" => Mode::Eval,
        "single" => Mode::Single,
        "func_type" if only_ast => return function_type(ctx, source, &filename),
        "func_type" => {
            return Err(raise!(
                ctx,
                ValueError,
                "compile() mode 'func_type' requires flag PyCF_ONLY_AST"
            ));
        }
        _ => {
            let or = if only_ast {
                "'exec', 'eval', 'single' or 'func_type'"
            } else {
                "'exec', 'eval' or 'single'"
            };
            return Err(raise!(ctx, ValueError, "compile() mode must be {or}"));
        }
    };
    let mut futures = wanted as u32 & flags::ALL_FUTURES;
    if inherit {
        futures |= exec::current_flags(ctx) & flags::ALL_FUTURES;
    }
    let options = Options {
        mode,
        optimize: optimize.max(0) as u8,
        futures,
        top_level_await: wanted & request::ALLOW_TOP_LEVEL_AWAIT != 0,
    };
    if ast::to_source::is_node(ctx, source) {
        if only_ast {
            return Ok(source.clone());
        }
        return compile_nodes(ctx, source, &filename, options);
    }
    if exec::code_of(source).is_some() && !only_ast {
        return Ok(source.clone());
    }
    let what = "compile() arg 1 must be a string, bytes or AST object";
    let text = source_text(ctx, source, &filename, what)?;
    let incomplete = wanted & request::ALLOW_INCOMPLETE_INPUT != 0;
    let keeps_blocks_open = incomplete && wanted & request::DONT_IMPLY_DEDENT != 0;
    if only_ast || incomplete {
        let digits = int::max_digits(ctx);
        let _working = Share::ask(ctx, parse::working_bytes(&text))?;
        match parse::parse_limited(&text, &filename, mode, digits) {
            Ok(parsed)
                if keeps_blocks_open
                    && mode == Mode::Single
                    && parse::ends_in_open_block(&parsed) =>
            {
                return Err(incomplete_input(ctx, &text, &filename));
            }
            Ok(parsed) if only_ast => {
                warn(ctx, parse::early_warnings(&parsed, &filename), &filename)?;
                return ast::from_tree::module(ctx, &parsed, mode);
            }
            Ok(_) => {}
            Err(error) if error.is_incomplete && incomplete => {
                return Err(incomplete_input(ctx, &text, &filename));
            }
            Err(error) => return Err(refused(ctx, error)),
        }
    }
    ctx.suppress_immortal(|ctx| {
        let code = compile_as(ctx, &text, &filename, options)?;
        exec::code_object(ctx, &code)
    })
}

fn incomplete_input(ctx: &mut Ctx, text: &str, filename: &str) -> Raised {
    syntax::raise_syntax_error(ctx, &SyntaxError::incomplete_input(text, filename))
}

/// Compiles nodes of a syntax tree.
fn compile_nodes(ctx: &mut Ctx, node: &Obj, filename: &str, options: Options) -> PyResult {
    let written = ast::to_source::module(ctx, node, options.mode)?;
    let mode = match options.mode {
        Mode::Eval => Mode::Eval,
        Mode::Exec | Mode::Single => Mode::Exec,
    };
    let _working = Share::ask(ctx, parse::working_bytes(&written.text))?;
    let mut parsed = match parse::parse_limited(&written.text, filename, mode, 0) {
        Ok(parsed) => parsed,
        // What is no node of any text.
        Err(error) => return Err(raise!(ctx, ValueError, "{}", error.message)),
    };
    parsed.lines.stand_for(written.places, written.expressions);
    let compiled = compile::compile(&parsed, filename, options);
    let code = match compiled {
        Ok(code) => code,
        Err(error) => {
            let error = compile::syntax_error(&error, &parsed.lines, filename, false);
            return Err(syntax::raise_syntax_error(ctx, &error));
        }
    };
    ctx.suppress_immortal(|ctx| exec::code_object(ctx, &code))
}

/// A signature as type comments write it: `(int, str) -> bool`.
fn function_type(ctx: &mut Ctx, source: &Obj, filename: &str) -> PyResult {
    let what = "compile() arg 1 must be a string, bytes or AST object";
    let text = source_text(ctx, source, filename, what)?;
    // The two halves are expressions; the lines stay where they are.
    let halves = text.rfind("->").map(|at| text.split_at(at));
    let parsed = halves.and_then(|(front, back)| {
        let front = format!("_{}", front.trim());
        let blank: String = back[2..].to_owned();
        let front = parse::parse(&front, filename, Mode::Eval).ok()?;
        let back = parse::parse(blank.trim(), filename, Mode::Eval).ok()?;
        Some((front, back))
    });
    let Some((front, back)) = parsed else {
        return Err(raise!(ctx, SyntaxError, "invalid syntax"));
    };
    ast::from_tree::function_type(ctx, &front, &back)
}

/// The `filename` argument: text, bytes, or a path.
fn file_name(ctx: &mut Ctx, given: &Obj) -> PyResult<String> {
    if given.downcast::<PyStr>().is_some() {
        return protocol::str_string(ctx, given);
    }
    if let Some(name) = given.downcast::<PyBytes>() {
        return Ok(String::from_utf8_lossy(name.data()).into_owned());
    }
    let name = &names(ctx).fspath;
    if let Some(path) = protocol::call_special(ctx, given, name, &[])? {
        return protocol::str_string(ctx, &path);
    }
    let class = protocol::type_name(ctx, given);
    Err(raise!(
        ctx,
        TypeError,
        "expected str, bytes or os.PathLike object, not {class}"
    ))
}

/// The text of the source given to `compile`, `eval` and `exec`.
pub fn source_text(ctx: &mut Ctx, source: &Obj, filename: &str, what: &str) -> PyResult<String> {
    if let Some(text) = source.downcast::<PyStr>() {
        return match text.to_str() {
            Some(text) if text.contains('\0') => Err(source_bytes::null_bytes(ctx)),
            Some(text) => Ok(text.to_owned()),
            None => Err(exception::unicode::no_surrogates(ctx, source)),
        };
    }
    let Some(data) = bytes_like::row(ctx, source)? else {
        return Err(raise!(ctx, TypeError, "{what}"));
    };
    if data.contains(&0) {
        return Err(source_bytes::null_bytes(ctx));
    }
    source_bytes::decode(ctx, &data, filename, Origin::Value)
}
