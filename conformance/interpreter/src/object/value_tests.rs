//! Runs every line of `tests/values/*.txt`: an expression, a space and a tab, and what CPython 3.14 says
//! it is: a repr, or the class and message of an exception.

use super::args::Args;
use super::define::{Method, Native, method};
use super::dict::{self, PyDict};
use super::obj::Obj;
use super::slots::Comparison;
use super::str_::{self, PyStr};
use super::type_::{type_object, type_of};
use super::{builtin_function, exception, ids, int, list, protocol};
use crate::error::{PyResult, Raised};
use crate::parse::Mode;
use crate::vm::exec;
use crate::vm::start::with_interpreter;
use kit_core::thread::Ctx;

/// Functions the expressions call.
static FUNCTIONS: &[Method] = &[
    method("repr", Native::F1(protocol::repr)),
    method(
        "hash",
        Native::F1(|ctx, x| {
            let hash = protocol::hash(ctx, x)?;
            int::from_i64(ctx, hash)
        }),
    ),
    method(
        "len",
        Native::F1(|ctx, x| {
            let len = protocol::len(ctx, x)?;
            int::from_usize(ctx, len)
        }),
    ),
    method(
        "abs",
        Native::F1(|ctx, x| protocol::unary(ctx, x, |s| s.abs, "abs()")),
    ),
    method(
        "divmod",
        Native::F(|ctx, args| {
            protocol::binary(ctx, &args.pos[0], &args.pos[1], protocol::operator::DIVMOD)
        }),
    ),
    method(
        "pow",
        Native::F(|ctx, args| {
            let none = Obj::NONE;
            let modulus = args.pos.get(2).unwrap_or(&none);
            protocol::power(ctx, &args.pos[0], &args.pos[1], modulus)
        }),
    ),
    method(
        "round",
        Native::F(|ctx, args| {
            let name = str_::intern(ctx, "__round__");
            protocol::call_method(ctx, &args.pos[0], &name, &args.pos[1..])
        }),
    ),
    method("format", Native::F(format)),
    method("iter", Native::F1(protocol::iter)),
    method(
        "sum",
        Native::F1(|ctx, x| {
            let mut sum = Obj::small_int(0);
            for item in protocol::collect(ctx, x)? {
                sum = protocol::binary(ctx, &sum, &item, protocol::operator::ADD)?;
            }
            Ok(sum)
        }),
    ),
    method(
        "max",
        Native::F(|ctx, args| extreme(ctx, args, Comparison::Gt)),
    ),
    method(
        "min",
        Native::F(|ctx, args| extreme(ctx, args, Comparison::Lt)),
    ),
    method(
        "sorted",
        Native::F1(|ctx, x| {
            let items = protocol::collect(ctx, x)?;
            let sorted = list::from_vec(ctx, items)?;
            let name = str_::intern(ctx, "sort");
            protocol::call_method(ctx, &sorted, &name, &[])?;
            Ok(sorted)
        }),
    ),
];

fn format(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let empty = str_::intern(ctx, "");
    protocol::format(ctx, &args.pos[0], args.pos.get(1).unwrap_or(&empty))
}

fn extreme(ctx: &mut Ctx, args: Args<'_>, op: Comparison) -> PyResult {
    let items = match args.pos {
        [one] => protocol::collect(ctx, one)?,
        all => all.to_vec(),
    };
    let mut best = items[0].clone();
    for item in &items[1..] {
        if protocol::compare_truth(ctx, item, &best, op)? {
            best = item.clone();
        }
    }
    Ok(best)
}

fn globals(ctx: &mut Ctx) -> PyResult {
    let globals = dict::new(ctx)?;
    let builtins = dict::new(ctx)?;
    let module = str_::intern(ctx, "builtins");
    for function in FUNCTIONS {
        let name = str_::intern(ctx, function.name);
        let value = builtin_function::function(ctx, function, &Obj::NONE, &module)?;
        builtins.expect::<PyDict>().set_name(ctx, &name, value)?;
    }
    let types = [
        ("object", ids::OBJECT),
        ("type", ids::TYPE),
        ("int", ids::INT),
        ("bool", ids::BOOL),
        ("float", ids::FLOAT),
        ("complex", ids::COMPLEX),
        ("str", ids::STR),
        ("bytes", ids::BYTES),
        ("bytearray", ids::BYTEARRAY),
        ("memoryview", ids::MEMORYVIEW),
        ("list", ids::LIST),
        ("tuple", ids::TUPLE),
        ("dict", ids::DICT),
        ("set", ids::SET),
        ("slice", ids::SLICE),
        ("range", ids::RANGE),
    ];
    for (name, id) in types {
        let name = str_::intern(ctx, name);
        let class = type_object(ctx, id);
        builtins.expect::<PyDict>().set_name(ctx, &name, class)?;
    }
    let name = str_::intern(ctx, "__builtins__");
    globals.expect::<PyDict>().set_name(ctx, &name, builtins)?;
    Ok(globals)
}

/// The class and message of an exception.
fn describe(ctx: &mut Ctx, raised: Raised) -> String {
    let exception = exception::take(ctx, raised);
    let class = protocol::class_name(ctx, type_of(ctx, &exception));
    match protocol::str(ctx, &exception) {
        Ok(text) => format!("{class}: {}", shown(&text)),
        Err(_) => class,
    }
}

/// The text with lone surrogates as the files write them.
fn shown(text: &Obj) -> String {
    let points = text.expect::<PyStr>().text().code_points();
    let show = |point| match char::from_u32(point) {
        Some(c) => c.to_string(),
        None => format!("\\u{point:x}"),
    };
    points.map(show).collect()
}

fn evaluate(ctx: &mut Ctx, globals: &Obj, expression: &str) -> String {
    let value = exec::exec_source(ctx, expression, "<values>", Mode::Eval, globals)
        .and_then(|value| protocol::repr(ctx, &value));
    match value {
        Ok(text) => shown(&text),
        Err(raised) => describe(ctx, raised),
    }
}

fn check(file: &str) {
    let wrong = with_interpreter(|ctx| {
        let globals = globals(ctx).expect("memory");
        let mut wrong = Vec::new();
        for line in file.lines() {
            let (expression, expected) =
                line.split_once(" \t").expect("an expression and a result");
            let got = evaluate(ctx, &globals, expression);
            if got != expected {
                wrong.push(format!(
                    "{expression}\n  expected {expected}\n  got      {got}"
                ));
            }
        }
        wrong
    });
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn numbers_are_pythons() {
    check(include_str!("../../tests/values/numbers.txt"));
}

#[test]
fn text_is_pythons() {
    check(include_str!("../../tests/values/text.txt"));
}

#[test]
fn bytes_are_pythons() {
    check(include_str!("../../tests/values/bytes.txt"));
}

#[test]
fn operands_drawn_at_random_are_pythons() {
    check(include_str!("../../tests/values/mixed.txt"));
}

#[test]
fn appending_to_the_only_reference_takes_linear_time() {
    with_interpreter(|ctx| {
        let piece = str_::new(ctx, "0123456789é").expect("memory");
        let mut text = str_::new(ctx, "start").expect("memory");
        let kept = text.clone();
        for _ in 0..100_000 {
            text = str_::concat_in_place(ctx, text, &piece).expect("memory");
        }
        let body = text.expect::<PyStr>();
        assert_eq!(body.char_count(), 5 + 11 * 100_000);
        assert!(body.bytes().ends_with("0123456789é".as_bytes()));
        // What others refer to stays as it was.
        assert_eq!(kept.expect::<PyStr>().bytes(), b"start");
        let hash = body.hash(ctx);
        let copy = str_::with_type(ctx, ids::STR, body.text()).expect("memory");
        assert_eq!(copy.expect::<PyStr>().hash(ctx), hash);
    });
}

#[test]
fn calls_with_any_arguments_are_pythons() {
    check(include_str!("../../tests/values/calls.txt"));
}

#[test]
fn derived_classes_replace_operations_as_pythons_do() {
    check(include_str!("../../tests/values/derived.txt"));
}
