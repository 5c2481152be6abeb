//! Compiling: `compile`, and the compilers of everything else that has a text.

use super::source_bytes;
use crate::code::{Code, Const, flags};
use crate::compile::{self, Options};
use crate::error::{PyResult, Raised, raise};
use crate::module::ast::type_comments::{self, TypeComments};
use crate::module::ast::{self, flags as request, versions};
use crate::module::sys::audit;
use crate::module::warnings;
use crate::number::{complex_text, float_text, int_text};
use crate::object::args::{Args, Signature};
use crate::object::bytes::{self, PyBytes};
use crate::object::exception::{self, class, syntax};
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::str_::{self, PyStr};
use crate::object::{bytes_like, int, protocol};
pub use crate::parse::Mode;
use crate::parse::{self, Origin, Parsed, SyntaxError};
use crate::prelude::*;
use crate::text::{str_repr, wtf8::Wtf8};
use crate::vm::exec;
use crate::vm::outside::{self, Share};
use crate::vm::thread::rt;
use alloc::sync::Arc;
use core::sync::atomic::Ordering::Relaxed;
use kit_core::thread::Ctx;

/// Compiles a text for `exec` or `eval`: with the future that the running code has, and nothing of it is immortal.
pub fn compile_here(ctx: &mut Ctx, text: &str, mode: Mode) -> PyResult {
    let options = Options {
        futures: exec::current_flags(ctx) & flags::ALL_FUTURES,
        ..options(ctx, mode)
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
) -> PyResult<Arc<Code>> {
    let options = options(ctx, mode);
    compile_as(ctx, text, filename, options)
}

/// How a text is compiled of which nothing else is asked.
pub fn options(ctx: &Ctx, mode: Mode) -> Options {
    Options {
        mode,
        // Relaxed: set before anything is compiled.
        optimize: rt(ctx).optimize.load(Relaxed),
        repr,
        ..Options::default()
    }
}

/// A literal as the text of an annotation has it.
fn repr(value: &Const) -> String {
    match value {
        Const::None => "None".into(),
        Const::Ellipsis => "...".into(),
        Const::Bool(true) => "True".into(),
        Const::Bool(false) => "False".into(),
        Const::Int(value) => value.to_string(),
        // Digits of a base that is no power of two take time.
        Const::BigInt(value) if value.bits() > LONG_INT => int_text::with_prefix(value, 16),
        Const::BigInt(value) => value.to_string(),
        // No literal is infinite, but one that is too large.
        Const::Float(value) => float_text::repr(*value).replace("inf", "1e309"),
        Const::Complex(re, im) => complex_text::repr(*re, *im).replace("inf", "1e309"),
        Const::Str(text) => str_repr::repr_string(Wtf8::from_str(text)),
        Const::Wtf8(bytes) => {
            Wtf8::from_bytes(bytes).map_or_else(String::new, str_repr::repr_string)
        }
        Const::Bytes(bytes) => str_repr::bytes_repr(bytes),
        Const::Tuple(_) | Const::FrozenSet(_) | Const::Slice(_) | Const::Code(_) => String::new(),
    }
}

/// An integer literal of more bits stays hexadecimal in the text of an annotation.
const LONG_INT: u64 = 1 << 16;

fn compile_as(ctx: &mut Ctx, text: &str, filename: &str, options: Options) -> PyResult<Arc<Code>> {
    let digits = int::max_digits(ctx);
    let _working = Share::ask(ctx, parse::working_bytes(text))?;
    let parsed = match parse::parse_limited(text, filename, options.mode, digits) {
        Ok(parsed) => parsed,
        Err(error) => return Err(refused(ctx, error)),
    };
    compile_parsed(ctx, &parsed, filename, options, true)
}

/// Compiles a tree, and warns; what is said shows lines if the tree is of a text that has them.
fn compile_parsed(
    ctx: &mut Ctx,
    parsed: &Parsed,
    filename: &str,
    options: Options,
    has_lines: bool,
) -> PyResult<Arc<Code>> {
    let shown = |mut found: Vec<parse::SyntaxWarning>| {
        for warning in found.iter_mut().filter(|_| !has_lines) {
            warning.error.text = None;
        }
        found
    };
    let early = parse::early_warnings(parsed, filename);
    warn(ctx, shown(early), filename)?;
    let compiled = compile::compile(parsed, filename, options);
    warn(ctx, shown(compiled.warned), filename)?;
    match compiled.code {
        Ok(code) => Ok(code),
        Err(error) => {
            // Texts that come from a file are shown with the error.
            let with_text = has_lines && std::path::Path::new(filename).is_file();
            let error = compile::syntax_error(&error, &parsed.lines, filename, with_text);
            Err(syntax::raise_syntax_error(ctx, &error))
        }
    }
}

/// Warns about what looks like a mistake in a text.
///
/// # Errors
/// One of the warnings is an error.
pub fn warn(ctx: &mut Ctx, found: Vec<parse::SyntaxWarning>, filename: &str) -> PyResult<()> {
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
    let code = compile_source(ctx, &text, filename, Mode::Exec)?;
    exec::code_object(ctx, &code)
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
    let [
        source,
        filename,
        mode,
        wanted,
        dont_inherit,
        optimize,
        version,
    ] = bound;
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
    let version = match version {
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
    let mut options = Options {
        futures,
        top_level_await: wanted & request::ALLOW_TOP_LEVEL_AWAIT != 0,
        ..options(ctx, mode)
    };
    if let Ok(given) = u8::try_from(optimize) {
        options.optimize = given;
    }
    let optimized = wanted & request::OPTIMIZED_AST == request::OPTIMIZED_AST;
    let optimized = optimized.then_some(options.optimize);
    if ast::to_source::is_node(ctx, source) {
        if !only_ast {
            audit::event(ctx, "compile", |_| Ok(vec![source.clone(), Obj::NONE]))?;
            return compile_nodes(ctx, source, &filename, options);
        }
        ast::to_source::check_root(ctx, source, mode)?;
        return match optimized {
            Some(_) => {
                let parsed = parse_nodes(ctx, source, &filename, mode)?;
                ast::from_tree::module(ctx, &parsed, mode, optimized, TypeComments::default())
            }
            None => Ok(source.clone()),
        };
    }
    if exec::code_of(source).is_some() && !only_ast {
        return Ok(source.clone());
    }
    let what = "compile() arg 1 must be a string, bytes or AST object";
    let text = source_text(ctx, source, &filename, what)?;
    audit::event(ctx, "compile", |ctx| {
        let source = bytes::new(ctx, text.as_bytes())?;
        Ok(vec![source, str_::new(ctx, &filename)?])
    })?;
    let incomplete = wanted & request::ALLOW_INCOMPLETE_INPUT != 0;
    let keeps_blocks_open = wanted & request::DONT_IMPLY_DEDENT != 0;
    if only_ast || incomplete || keeps_blocks_open {
        let digits = int::max_digits(ctx);
        let _working = Share::ask(ctx, parse::working_bytes(&text))?;
        let open = |parsed: &Parsed| match mode {
            Mode::Single if keeps_blocks_open => parse::open_block(parsed, &filename),
            _ => None,
        };
        match parse::parse_limited(&text, &filename, mode, digits) {
            Ok(parsed) if let Some(error) = open(&parsed) => {
                return Err(match incomplete {
                    true => incomplete_input(ctx, &text, &filename),
                    false => syntax::raise_syntax_error(ctx, &error),
                });
            }
            Ok(parsed) if only_ast => {
                warn(ctx, parse::literal_warnings(&parsed), &filename)?;
                let version = u32::try_from(version).ok();
                let older = version.and_then(|version| versions::refused(&parsed, version));
                let comments = match wanted & request::TYPE_COMMENTS {
                    0 => Ok(TypeComments::default()),
                    _ => type_comments::find(&parsed, &filename),
                };
                return match older.map_or(comments, Err) {
                    Ok(comments) => ast::from_tree::module(ctx, &parsed, mode, optimized, comments),
                    Err(error) => {
                        let error = compile::syntax_error(&error, &parsed.lines, &filename, true);
                        Err(syntax::raise_syntax_error(ctx, &error))
                    }
                };
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
    let parsed = parse_nodes(ctx, node, filename, options.mode)?;
    let code = compile_parsed(ctx, &parsed, filename, options, false)?;
    ctx.suppress_immortal(|ctx| exec::code_object(ctx, &code))
}

/// The parser's tree for nodes.
fn parse_nodes(ctx: &mut Ctx, node: &Obj, filename: &str, mode: Mode) -> PyResult<Parsed> {
    let written = ast::to_source::module(ctx, node, mode)?;
    let mode = match mode {
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
    Ok(parsed)
}

/// A signature as type comments write it: `(int, str) -> bool`.
fn function_type(ctx: &mut Ctx, source: &Obj, filename: &str) -> PyResult {
    if ast::to_source::is_node(ctx, source) {
        ast::to_source::check_class(ctx, source, "FunctionType")?;
        return Ok(source.clone());
    }
    let what = "compile() arg 1 must be a string, bytes or AST object";
    let text = source_text(ctx, source, filename, what)?;
    match ast::function_type::parse(&text, filename) {
        Ok(read) => ast::from_tree::function_type(ctx, &read),
        Err(error) => Err(syntax::raise_syntax_error(ctx, &error)),
    }
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
