//! The program that the command line names, run as `__main__`: a text, a file, a module, a directory or an archive.

use super::options::{Options, PROGRAM, Target};
use super::repl::{self, say};
use super::{End, absolute, text_of};
use crate::builtins::{code, compile, source_bytes};
use crate::code::Code;
use crate::error::{PyResult, raise};
use crate::module::marshal::{self, read::Source};
use crate::module::{self, cached, io::standard, sys};
use crate::object::code::PyCode;
use crate::object::obj::Obj;
use crate::object::{exception, protocol, str_};
use crate::op::disassemble::disassemble_all;
use crate::parse::{Mode, Origin};
use crate::vm::report;
use kit_core::thread::Ctx;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// Runs the program itself; the exit status.
pub(super) fn run(ctx: &mut Ctx, options: &Options) -> PyResult<i32> {
    match &options.target {
        Target::Command(text) => {
            run_text(ctx, &dedented(text), "<string>", true, options)?;
            Ok(0)
        }
        Target::Stdin if options.inspect || standard::is_terminal(0) => {
            match repl::run(ctx, options.quiet, options.ignore_environment) {
                End::Status(status) => Ok(status),
                End::Interrupted => Ok(130),
            }
        }
        Target::Stdin => {
            let read = crate::vm::thread::rt(ctx).kit.detached(ctx, || {
                let mut bytes = Vec::new();
                std::io::Read::read_to_end(&mut std::io::stdin(), &mut bytes).map(|_| bytes)
            });
            match read {
                Ok(bytes) => {
                    let name = str_::intern(ctx, "<stdin>");
                    name_main(ctx, name)?;
                    run_bytes(ctx, &bytes, "<stdin>", options)
                }
                Err(error) => Err(exception::os::raise_os_error(ctx, &error, None)),
            }
        }
        Target::File(file) => run_file(ctx, Path::new(file), options),
        Target::Module(name) => run_module(ctx, name, true, options),
    }
}

/// The text of `-c` without the white space that all its lines begin with.
fn dedented(text: &str) -> String {
    let is_blank = |line: &&str| line.trim_ascii().is_empty();
    let indent = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let mut lines = text.lines().filter(|line| !is_blank(line));
    let Some(first) = lines.next() else {
        return text.to_owned();
    };
    let common = lines.fold(&first[..indent(first)], |common, line| {
        let same = common.bytes().zip(line.bytes()).take_while(|(a, b)| a == b);
        &common[..same.count()]
    });
    if common.is_empty() {
        return text.to_owned();
    }
    let shorter = text.split('\n').map(|line| match is_blank(&line) {
        true => "",
        false => line.strip_prefix(common).unwrap_or(line),
    });
    shorter.collect::<Vec<_>>().join("\n")
}

/// What a file is to be run as.
enum Kind {
    /// The text of a program.
    Source,
    /// Compiled code.
    Compiled,
    /// A directory or an archive, with a module `__main__` in it.
    Container,
}

/// What may be a directory on `sys.path`: a directory, or a file that ends as a zip archive does.
pub(super) fn is_container(file: &Path) -> bool {
    /// The longest comment behind the record that ends an archive, and that record.
    const END: u64 = 65_535 + 22;
    if file.is_dir() {
        return true;
    }
    let tail = || {
        let mut file = std::fs::File::open(file).ok()?;
        // What is no regular file is read once only.
        let length = file.metadata().ok().filter(|about| about.is_file())?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(END)))
            .ok()?;
        let mut tail = Vec::new();
        file.read_to_end(&mut tail).ok()?;
        Some(tail)
    };
    tail().is_some_and(|tail| tail.windows(4).any(|bytes| bytes == b"PK\x05\x06"))
}

fn kind_of(file: &Path, bytes: &[u8]) -> Kind {
    if is_container(file) {
        return Kind::Container;
    }
    let named = file.extension().is_some_and(|end| end == "pyc");
    match named || bytes.starts_with(&cached::magic().to_le_bytes()) {
        true => Kind::Compiled,
        false => Kind::Source,
    }
}

fn run_file(ctx: &mut Ctx, given: &Path, options: &Options) -> PyResult<i32> {
    let file = absolute(given);
    let bytes = match std::fs::read(&file) {
        Err(_) if file.is_dir() => Vec::new(),
        Ok(bytes) if options.skip_first_line => {
            let end = bytes.iter().position(|byte| *byte == b'\n');
            bytes[end.unwrap_or(bytes.len())..].to_vec()
        }
        Ok(bytes) => bytes,
        Err(error) => {
            let text = exception::os::strip_code(&error.to_string());
            say(&format!(
                "{PROGRAM}: can't open file '{}': [Errno {}] {text}\n",
                file.display(),
                error.raw_os_error().unwrap_or(0),
            ));
            return Ok(2);
        }
    };
    let kind = kind_of(&file, &bytes);
    if matches!(kind, Kind::Container) {
        return run_module(ctx, "__main__", false, options);
    }
    let shown = text_of(ctx, file.as_os_str())?;
    name_main(ctx, shown)?;
    match kind {
        Kind::Compiled => run_compiled(ctx, &bytes, options),
        _ => run_bytes(ctx, &bytes, &file.to_string_lossy(), options),
    }
}

/// Tells the main module from which file it is.
fn name_main(ctx: &mut Ctx, file: Obj) -> PyResult<()> {
    let main = module::main_module(ctx)?;
    crate::object::module::add(ctx, &main, "__file__", file)?;
    crate::object::module::add(ctx, &main, "__cached__", Obj::NONE)
}

/// Runs a module as `__main__`, in the way of `runpy`; `named` if it takes the place of the first argument.
fn run_module(ctx: &mut Ctx, name: &str, named: bool, options: &Options) -> PyResult<i32> {
    let runpy = module::import::load(ctx, "runpy")?;
    let name = str_::new(ctx, name)?;
    if options.list_code {
        let details = str_::intern(ctx, "_get_module_details");
        let details = protocol::call_method(ctx, &runpy, &details, &[name])?;
        let code = protocol::getitem(ctx, &details, &Obj::small_int(2))?;
        if let Some(code) = code.downcast::<PyCode>() {
            list_code(ctx, &code.code)?;
        }
        return Ok(0);
    }
    let run = str_::intern(ctx, "_run_module_as_main");
    protocol::call_method(ctx, &runpy, &run, &[name, Obj::bool(named)])?;
    Ok(0)
}

/// Runs code that was compiled before and kept in a file.
fn run_compiled(ctx: &mut Ctx, bytes: &[u8], options: &Options) -> PyResult<i32> {
    let Some(data) = bytes.strip_prefix(&cached::magic().to_le_bytes()) else {
        return Err(raise!(ctx, RuntimeError, "Bad magic number in .pyc file"));
    };
    let data = data.get(cached::HEAD - 4..).unwrap_or_default();
    let code = marshal::read::load(ctx, Source::Bytes(data), true)?;
    let Some(body) = code.downcast::<PyCode>() else {
        return Err(raise!(ctx, RuntimeError, "Bad code object in .pyc file"));
    };
    if options.list_code {
        list_code(ctx, &body.code)?;
        return Ok(0);
    }
    let main = module::main_module(ctx)?;
    let space = module::namespace(ctx, &main)?;
    code::run(ctx, &code, &space, &space)?;
    Ok(0)
}

fn run_bytes(ctx: &mut Ctx, bytes: &[u8], filename: &str, options: &Options) -> PyResult<i32> {
    let text = source_bytes::decode(ctx, bytes, filename, Origin::Script)?;
    run_text(ctx, &text, filename, false, options)?;
    Ok(0)
}

/// Runs a text as `__main__`; with `keep` it is kept for tracebacks.
fn run_text(
    ctx: &mut Ctx,
    text: &str,
    filename: &str,
    keep: bool,
    options: &Options,
) -> PyResult<()> {
    let compiled = compile::compile_source(ctx, text, filename, Mode::Exec)?;
    if keep {
        report::source::register(&compiled.filename, text);
    }
    if options.list_code {
        return list_code(ctx, &compiled);
    }
    let main = module::main_module(ctx)?;
    let space = module::namespace(ctx, &main)?;
    let code = crate::vm::exec::code_object(ctx, &compiled)?;
    code::run(ctx, &code, &space, &space)?;
    Ok(())
}

/// Prints what code consists of.
fn list_code(ctx: &mut Ctx, code: &Code) -> PyResult<()> {
    let listing = disassemble_all(code);
    let Some(out) = sys::attribute(ctx, "stdout").filter(|out| !out.is_none()) else {
        return Ok(());
    };
    let (write, listing) = (str_::intern(ctx, "write"), str_::new(ctx, &listing)?);
    protocol::call_method(ctx, &out, &write, &[listing])?;
    Ok(())
}
