//! Tests of the built-in functions and of how exceptions are printed, without running Python code.

use crate::error::PyResult;
use crate::object::args::Args;
use crate::object::dict::{self, PyDict};
use crate::object::exception::{self, class, os, syntax};
use crate::object::obj::Obj;
use crate::object::{float, int, list, protocol, str_, tuple};
use crate::parse::Mode;
use crate::vm::exec;
use crate::vm::report;
use crate::vm::start::with_interpreter;
use kit_core::thread::Ctx;

fn text(ctx: &mut Ctx, result: PyResult) -> String {
    match result {
        Ok(value) => protocol::repr_string(ctx, &value).expect("a repr"),
        Err(raised) => {
            let exception = exception::take(ctx, raised);
            report::format_exception_only(ctx, &exception)
        }
    }
}

fn builtin(ctx: &mut Ctx, name: &str) -> Obj {
    let space = crate::vm::thread::rt(ctx).builtins.get().expect("started");
    let name = str_::intern_text(ctx, name).expect("memory");
    let dict = space.expect::<crate::object::dict::PyDict>();
    dict.get_name(ctx, &name).expect("a builtin")
}

fn call(ctx: &mut Ctx, name: &str, args: &[Obj]) -> String {
    let function = builtin(ctx, name);
    let result = protocol::call(ctx, &function, args);
    text(ctx, result)
}

#[test]
fn numbers_are_summed_compared_and_rounded() {
    with_interpreter(|ctx| {
        let tenths = (0..10)
            .map(|_| float::new(ctx, 0.1).expect("a float"))
            .collect();
        let list = list::from_vec(ctx, tenths).expect("a list");
        assert_eq!(call(ctx, "sum", &[list]), "1.0");
        let (two, three) = (Obj::small_int(2), Obj::small_int(3));
        assert_eq!(call(ctx, "max", &[two.clone(), three.clone()]), "3");
        assert_eq!(call(ctx, "pow", &[two.clone(), three.clone()]), "8");
        assert_eq!(call(ctx, "bin", &[Obj::small_int(-5)]), "'-0b101'");
        let empty = list::from_vec(ctx, Vec::new()).expect("a list");
        assert_eq!(
            call(ctx, "max", &[empty]),
            "ValueError: max() iterable argument is empty\n"
        );
        assert_eq!(
            call(ctx, "abs", &[Obj::NONE]),
            "TypeError: bad operand type for abs(): 'NoneType'\n"
        );
    });
}

#[test]
fn exceptions_have_the_texts_of_their_classes() {
    with_interpreter(|ctx| {
        let key = str_::new(ctx, "a").expect("a str");
        let error = exception::new(ctx, class::KeyError, vec![key]).expect("an exception");
        assert_eq!(
            report::format_exception_only(ctx, &error),
            "KeyError: 'a'\n"
        );
        assert_eq!(text(ctx, Ok(error)), "KeyError('a')");
        let missing = std::io::Error::from_raw_os_error(2);
        let name = str_::new(ctx, "f").expect("a str");
        let raised = os::raise_os_error(ctx, &missing, Some(&name));
        assert_eq!(
            text(ctx, Err(raised)),
            "FileNotFoundError: [Errno 2] No such file or directory: 'f'\n"
        );
        let error = crate::parse::parse("x = (\n", "s.py", crate::parse::Mode::Exec);
        let raised = syntax::raise_syntax_error(ctx, &error.expect_err("an error"));
        assert_eq!(
            text(ctx, Err(raised)),
            "  File \"s.py\", line 1\n    x = (\n        ^\nSyntaxError: '(' was never closed\n"
        );
    });
}

#[test]
fn constructors_check_and_keep_what_they_are_given() {
    with_interpreter(|ctx| {
        let (errno, message) = (Obj::small_int(2), str_::new(ctx, "x").expect("a str"));
        let args = [errno, message.clone()];
        assert_eq!(call(ctx, "OSError", &args), "FileNotFoundError(2, 'x')");
        let value = exception::new(ctx, class::ValueError, vec![Obj::small_int(1)]);
        let value = value.expect("an exception");
        let members = list::from_vec(ctx, vec![value]).expect("a list");
        let args = [message.clone(), members];
        assert_eq!(
            call(ctx, "ExceptionGroup", &args),
            "ExceptionGroup('x', [ValueError(1)])"
        );
        assert_eq!(
            call(ctx, "ExceptionGroup", &[message]),
            "TypeError: BaseExceptionGroup.__new__() takes exactly 2 arguments (1 given)\n"
        );
    });
}

#[test]
fn a_chain_of_exceptions_is_printed_first_cause_first() {
    with_interpreter(|ctx| {
        let cause = exception::new(ctx, class::ValueError, Vec::new()).expect("an exception");
        let error = exception::new(ctx, class::TypeError, Vec::new()).expect("an exception");
        exception::base::set_cause_of(ctx, &error, Some(cause));
        assert_eq!(
            report::format_exception(ctx, &error),
            "ValueError\n\nThe above exception was the direct cause of the following exception:\n\nTypeError\n"
        );
    });
}

#[test]
fn tracebacks_show_lines_and_count_repetitions() {
    with_interpreter(|ctx| {
        let text = "def f(n): return f(n - 1) if n else 1/0\nf(4)\n";
        let code = crate::builtins::compile::compile_source(ctx, text, "<t>", Mode::Exec);
        let code = code.expect("the text compiles");
        report::source::register(&code.filename, text);
        let code = crate::object::code::new(ctx, &code).expect("memory");
        let globals = dict::new(ctx).expect("a dict");
        let (key, builtins) = (str_::intern(ctx, "__builtins__"), dict::new(ctx));
        globals
            .expect::<PyDict>()
            .set_name(ctx, &key, builtins.expect("a dict"))
            .expect("memory");
        let raised = exec::exec_code(ctx, &code, &globals, None, None).expect_err("1/0");
        let error = exception::take(ctx, raised);
        let line = "  File \"<t>\", line 1, in f\n    def f(n): return f(n - 1) if n else 1/0\n                     ~^^^^^^^\n";
        assert_eq!(
            report::format_exception(ctx, &error),
            format!(
                "Traceback (most recent call last):\n  File \"<t>\", line 2, in <module>\n    f(4)\n    ~^^^\n{line}{line}{line}  [Previous line repeated 2 more times]\nZeroDivisionError: division by zero\n"
            )
        );
    });
}

#[test]
fn files_are_written_and_read_back() {
    with_interpreter(|ctx| {
        let path = std::env::temp_dir().join(format!("kit-io-{}", std::process::id()));
        let name = str_::new(ctx, &path.to_string_lossy()).expect("a str");
        let open = builtin(ctx, "open");
        let mode = str_::new(ctx, "w").expect("a str");
        let file = protocol::call(ctx, &open, &[name.clone(), mode]).expect("a file");
        let lines = str_::new(ctx, "a\nπ\n").expect("a str");
        let method = |ctx: &mut Ctx, file: &Obj, name: &str, args: &[Obj]| {
            let name = str_::intern_text(ctx, name).expect("memory");
            let result = protocol::call_method(ctx, file, &name, args);
            text(ctx, result)
        };
        assert_eq!(method(ctx, &file, "write", &[lines]), "4");
        method(ctx, &file, "close", &[]);
        assert_eq!(
            method(ctx, &file, "read", &[]),
            "ValueError: I/O operation on closed file.\n"
        );
        let file = protocol::call(ctx, &open, &[name]).expect("a file");
        assert_eq!(method(ctx, &file, "readline", &[]), "'a\\n'");
        assert_eq!(method(ctx, &file, "read", &[Obj::small_int(1)]), "'π'");
        assert_eq!(method(ctx, &file, "read", &[]), "'\\n'");
        std::fs::remove_file(path).expect("the file is there");
    });
}

#[test]
fn native_modules_can_be_imported() {
    with_interpreter(|ctx| {
        let name = str_::intern(ctx, "sys");
        let sys = crate::module::import::import(ctx, &name, None, &Obj::NONE, 0);
        assert_eq!(text(ctx, sys), "<module 'sys' (built-in)>");
        let name = str_::intern(ctx, "nosuch.module");
        let missing = crate::module::import::import(ctx, &name, None, &Obj::NONE, 0);
        assert_eq!(
            text(ctx, missing),
            "ModuleNotFoundError: No module named 'nosuch'\n"
        );
        let info = crate::module::sys::attribute(ctx, "version_info").expect("sys has it");
        let wanted = vec![Obj::small_int(3), Obj::small_int(8)];
        let wanted = tuple::from_vec(ctx, wanted).expect("a tuple");
        let newer =
            protocol::compare_truth(ctx, &info, &wanted, crate::object::slots::Comparison::Ge);
        assert_eq!(newer.ok(), Some(true));
        let number = int::from_i64(ctx, 1).expect("an int");
        let args = Args::positional(core::slice::from_ref(&number));
        let exit = crate::builtins::attributes::vars(ctx, args);
        assert_eq!(
            text(ctx, exit),
            "TypeError: vars() argument must have __dict__ attribute\n"
        );
    });
}
