//! Runs Python programs for the tests of the modules.

use crate::error::PyResult;
use crate::object::args::Args;
use crate::object::define::{Method, Native, TypeDef, method};
use crate::object::dict::{self, PyDict};
use crate::object::exception::{self, HIERARCHY, class};
use crate::object::obj::Obj;
use crate::object::str_::PyStr;
use crate::object::type_::type_object;
use crate::object::{builtin_function, ids, int, module, protocol, registry, str_};
use crate::parse::Mode;
use crate::vm::exec;
use crate::vm::start::with_interpreter;
use kit_core::thread::Ctx;

fn len(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let len = protocol::len(ctx, x)?;
    int::from_usize(ctx, len)
}

fn next(ctx: &mut Ctx, x: &Obj) -> PyResult {
    match protocol::next(ctx, x)? {
        Some(item) => Ok(item),
        None => Err(exception::raise_args(ctx, class::StopIteration, Vec::new())),
    }
}

fn hash(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let hash = protocol::hash(ctx, x)?;
    int::from_i64(ctx, hash)
}

fn setattr(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let name = str_::intern_obj(ctx, &args.pos[1]);
    protocol::setattr(ctx, &args.pos[0], &name, Some(&args.pos[2]))?;
    Ok(Obj::NONE)
}

fn dir(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let name = str_::intern(ctx, "__dict__");
    protocol::getattr(ctx, x, &name)
}

static FUNCTIONS: &[Method] = &[
    method("repr", Native::F1(protocol::repr)),
    method("iter", Native::F1(protocol::iter)),
    method("len", Native::F1(len)),
    method("next", Native::F1(next)),
    method("hash", Native::F1(hash)),
    method("setattr", Native::F(setattr)),
    method("vars", Native::F1(dir)),
];

/// Runs a program that has a few builtins and these modules; its `result` as text, or the exception.
pub fn run(source: &str) -> String {
    with_interpreter(|ctx| {
        let builtins = dict::new(ctx).unwrap();
        let put = |ctx: &mut Ctx, name: &str, value: Obj| {
            let name = str_::intern(ctx, name);
            let namespace = builtins.expect::<PyDict>();
            namespace.set_name(ctx, &name, value).unwrap();
        };
        let types = registry::TYPES
            .iter()
            .map(|def: &&TypeDef| (def.name, def.id));
        let exceptions = HIERARCHY
            .iter()
            .enumerate()
            .map(|(index, (name, _))| (*name, ids::FIRST_DYNAMIC + index as u32));
        for (name, id) in types.chain(exceptions) {
            let class = type_object(ctx, id);
            put(ctx, name, class);
        }
        for function in FUNCTIONS {
            let value = builtin_function::bind(ctx, function, 0, None).unwrap();
            put(ctx, function.name, value);
        }
        for def in [
            &super::itertools::MODULE,
            &super::functools::MODULE,
            &super::operator::MODULE,
            &super::collections::MODULE,
        ] {
            let module = module::create(ctx, def).unwrap_or_else(|raised| {
                let exception = exception::take(ctx, raised);
                panic!(
                    "{}: {}",
                    def.name,
                    protocol::repr_string(ctx, &exception).unwrap()
                )
            });
            put(ctx, def.name, module);
        }
        let name = str_::new(ctx, "__main__").unwrap();
        put(ctx, "__name__", name);
        let globals = dict::new(ctx).unwrap();
        let key = str_::intern(ctx, "__builtins__");
        let namespace = globals.expect::<PyDict>();
        namespace.set_name(ctx, &key, builtins.clone()).unwrap();
        let key = str_::intern(ctx, "__name__");
        let main = str_::new(ctx, "__main__").unwrap();
        namespace.set_name(ctx, &key, main).unwrap();
        if let Err(raised) = exec::exec_source(ctx, source, "test", Mode::Exec, &globals) {
            let exception = exception::take(ctx, raised);
            return protocol::repr_string(ctx, &exception).unwrap();
        }
        let key = str_::intern(ctx, "result");
        let result = globals.expect::<PyDict>().get_name(ctx, &key).unwrap();
        let text = result
            .downcast::<PyStr>()
            .map(|t| t.as_str_lossy().into_owned());
        text.unwrap_or_else(|| protocol::repr_string(ctx, &result).unwrap())
    })
}

#[test]
#[ignore = "runs the program named by KIT_SCRIPT"]
fn script() {
    let path = std::env::var("KIT_SCRIPT").unwrap();
    println!("{}", run(&std::fs::read_to_string(path).unwrap()));
}
