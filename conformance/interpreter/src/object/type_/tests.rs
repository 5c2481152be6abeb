use super::super::builtin_function;
use super::super::define::{Method, Native, method};
use super::super::descriptor::PyMethodDescriptor;
use super::super::dict::{self, PyDict};
use super::super::obj::Obj;
use super::super::payload;
use super::super::str_::{self, PyStr};
use super::super::tuple::{self, PyTuple};
use super::super::{exception, ids, instance, int, list, protocol};
use super::{PyType, check, type_object};
use crate::error::PyResult;
use crate::vm::start::with_interpreter;
use kit_core::thread::Ctx;

/// The text of the exception, with its class.
fn error<T: core::fmt::Debug>(ctx: &mut Ctx, result: PyResult<T>) -> String {
    let raised = result.expect_err("an exception");
    let exception = exception::take(ctx, raised);
    let class = protocol::type_name(ctx, &exception);
    let text = done(ctx, |ctx| protocol::str_string(ctx, &exception));
    format!("{class}: {text}")
}

fn done<T>(ctx: &mut Ctx, body: impl FnOnce(&mut Ctx) -> PyResult<T>) -> T {
    match body(ctx) {
        Ok(value) => value,
        Err(raised) => {
            let exception = exception::take(ctx, raised);
            let class = protocol::type_name(ctx, &exception);
            let text = protocol::str_string(ctx, &exception);
            panic!("{class}: {text:?}")
        }
    }
}

fn text(ctx: &mut Ctx, x: &Obj) -> String {
    done(ctx, |ctx| protocol::repr_string(ctx, x))
}

/// A native function that binds to instances of any class, as a function in Python would.
fn function(ctx: &mut Ctx, method: &'static Method) -> Obj {
    let owner = ids::OBJECT;
    done(ctx, |ctx| {
        payload::new(ctx, PyMethodDescriptor { method, owner })
    })
}

fn try_class(ctx: &mut Ctx, name: &str, bases: &[&Obj], fields: &[(&str, Obj)]) -> PyResult {
    let namespace = dict::new(ctx)?;
    for (name, value) in fields {
        let name = str_::intern_text(ctx, name).expect("memory");
        namespace
            .expect::<PyDict>()
            .set_name(ctx, &name, value.clone())?;
    }
    let name = str_::new(ctx, name)?;
    let bases = bases.iter().map(|b| (*b).clone()).collect();
    let bases = tuple::from_vec(ctx, bases)?;
    let meta = type_object(ctx, ids::TYPE);
    protocol::call(ctx, &meta, &[name, bases, namespace])
}

fn class(ctx: &mut Ctx, name: &str, bases: &[&Obj], fields: &[(&str, Obj)]) -> Obj {
    done(ctx, |ctx| try_class(ctx, name, bases, fields))
}

fn get(ctx: &mut Ctx, x: &Obj, name: &str) -> PyResult {
    protocol::getattr_str(ctx, x, name)
}

fn set(ctx: &mut Ctx, x: &Obj, name: &str, value: Option<&Obj>) -> PyResult<()> {
    let name = str_::intern_text(ctx, name).expect("memory");
    protocol::setattr(ctx, x, &name, value)
}

fn call(ctx: &mut Ctx, f: &Obj, args: &[Obj]) -> Obj {
    done(ctx, |ctx| protocol::call(ctx, f, args))
}

fn number(value: i64) -> Obj {
    Obj::small_int(value)
}

fn add_to_number(ctx: &mut Ctx, x: &Obj, other: &Obj) -> PyResult {
    let mine = protocol::getattr_str(ctx, x, "value")?;
    match (mine.as_small_int(), other.as_small_int()) {
        (Some(a), Some(b)) => int::from_i64(ctx, a * 100 + b),
        _ => Ok(Obj::NOT_IMPLEMENTED),
    }
}

fn keep_value(ctx: &mut Ctx, x: &Obj, value: &Obj) -> PyResult {
    set(ctx, x, "value", Some(value))?;
    Ok(Obj::NONE)
}

fn seven(_: &mut Ctx, _: &Obj) -> PyResult {
    Ok(number(7))
}

fn any_attribute(ctx: &mut Ctx, _: &Obj, name: &Obj) -> PyResult {
    let text = name.expect::<PyStr>().as_str_lossy().into_owned();
    str_::new(ctx, &format!("no {text}"))
}

static ADD: Method = method("__add__", Native::M1(add_to_number));
static INIT: Method = method("__init__", Native::M1(keep_value));
static SEVEN: Method = method("seven", Native::M0(seven));
static GETATTR: Method = method("__getattr__", Native::M1(any_attribute));

#[test]
fn built_in_types_know_each_other() {
    with_interpreter(|ctx| {
        let int = type_object(ctx, ids::INT);
        assert_eq!(text(ctx, &int), "<class 'int'>");
        let boolean = type_object(ctx, ids::BOOL);
        let order = done(ctx, |ctx| get(ctx, &boolean, "__mro__"));
        assert_eq!(
            text(ctx, &order),
            "(<class 'bool'>, <class 'int'>, <class 'object'>)"
        );
        assert!(done(ctx, |ctx| check::is_instance(ctx, &Obj::TRUE, &int)));
        let group = type_object(ctx, exception::class::ExceptionGroup);
        let order = done(ctx, |ctx| get(ctx, &group, "__mro__"));
        assert_eq!(
            text(ctx, &order),
            "(<class 'ExceptionGroup'>, <class 'BaseExceptionGroup'>, <class 'Exception'>, <class 'BaseException'>, <class 'object'>)"
        );
    });
}

#[test]
fn operations_of_built_in_types_are_methods() {
    with_interpreter(|ctx| {
        let int = type_object(ctx, ids::INT);
        let add = done(ctx, |ctx| get(ctx, &int, "__add__"));
        assert_eq!(text(ctx, &add), "<slot wrapper '__add__' of 'int' objects>");
        assert_eq!(
            call(ctx, &add, &[number(1), number(2)]).as_small_int(),
            Some(3)
        );
        let bound = done(ctx, |ctx| get(ctx, &number(5), "__rsub__"));
        assert_eq!(call(ctx, &bound, &[number(7)]).as_small_int(), Some(2));
        let word = done(ctx, |ctx| str_::new(ctx, "ab"));
        let wrong = protocol::call(ctx, &add, &[word, number(1)]);
        assert_eq!(
            error(ctx, wrong),
            "TypeError: descriptor '__add__' requires a 'int' object but received a 'str'"
        );
        let wrong = protocol::call(ctx, &bound, &[]);
        assert_eq!(error(ctx, wrong), "TypeError: expected 1 argument, got 0");
        let numbers = done(ctx, |ctx| list::from_vec(ctx, Vec::new()));
        let hash = done(ctx, |ctx| get(ctx, &numbers, "__hash__"));
        assert!(hash.is_none());
        let append = done(ctx, |ctx| get(ctx, &numbers, "append"));
        let wrong = protocol::call(ctx, &append, &[number(1), number(2)]);
        assert_eq!(
            error(ctx, wrong),
            "TypeError: list.append() takes exactly one argument (2 given)"
        );
    });
}

#[test]
fn a_class_defines_operations() {
    with_interpreter(|ctx| {
        let (init, add) = (function(ctx, &INIT), function(ctx, &ADD));
        let number_class = class(ctx, "Number", &[], &[("__init__", init), ("__add__", add)]);
        let x = call(ctx, &number_class, &[number(3)]);
        let sum = done(ctx, |ctx| {
            protocol::binary(ctx, &x, &number(4), protocol::operator::ADD)
        });
        assert_eq!(sum.as_small_int(), Some(304));
        let word = done(ctx, |ctx| str_::new(ctx, "a"));
        let wrong = protocol::binary(ctx, &x, &word, protocol::operator::ADD);
        assert_eq!(
            error(ctx, wrong),
            "TypeError: unsupported operand type(s) for +: 'Number' and 'str'"
        );
        let wrong = protocol::call(ctx, &number_class, &[]);
        assert!(error(ctx, wrong).starts_with("TypeError"));
        assert!(text(ctx, &x).starts_with("<Number object at 0x"));
    });
}

#[test]
fn instances_have_attributes_in_order() {
    with_interpreter(|ctx| {
        let plain = class(ctx, "Plain", &[], &[]);
        let x = call(ctx, &plain, &[]);
        for (index, name) in ["b", "a", "c", "d", "e"].iter().enumerate() {
            done(ctx, |ctx| set(ctx, &x, name, Some(&number(index as i64))));
        }
        let value = done(ctx, |ctx| get(ctx, &x, "e"));
        assert_eq!(value.as_small_int(), Some(4));
        done(ctx, |ctx| set(ctx, &x, "a", None));
        let attributes = done(ctx, |ctx| get(ctx, &x, "__dict__"));
        assert_eq!(text(ctx, &attributes), "{'b': 0, 'c': 2, 'd': 3, 'e': 4}");
        let gone = get(ctx, &x, "a");
        assert_eq!(
            error(ctx, gone),
            "AttributeError: 'Plain' object has no attribute 'a'"
        );
    });
}

#[test]
fn changing_a_class_reaches_what_derives_from_it() {
    with_interpreter(|ctx| {
        let base = class(ctx, "Base", &[], &[]);
        let derived = class(ctx, "Derived", &[&base], &[]);
        let x = call(ctx, &derived, &[]);
        let none = protocol::len(ctx, &x);
        assert_eq!(
            error(ctx, none),
            "TypeError: object of type 'Derived' has no len()"
        );
        let seven = function(ctx, &SEVEN);
        done(ctx, |ctx| set(ctx, &base, "__len__", Some(&seven)));
        assert_eq!(done(ctx, |ctx| protocol::len(ctx, &x)), 7);
        done(ctx, |ctx| set(ctx, &base, "__len__", None));
        assert!(protocol::len(ctx, &x).is_err());
        done(ctx, |ctx| set(ctx, &base, "k", Some(&number(1))));
        assert_eq!(done(ctx, |ctx| get(ctx, &x, "k")).as_small_int(), Some(1));
        done(ctx, |ctx| set(ctx, &base, "k", Some(&number(2))));
        assert_eq!(done(ctx, |ctx| get(ctx, &x, "k")).as_small_int(), Some(2));
        let getattr = function(ctx, &GETATTR);
        done(ctx, |ctx| set(ctx, &derived, "__getattr__", Some(&getattr)));
        let made = done(ctx, |ctx| get(ctx, &x, "zz"));
        assert_eq!(text(ctx, &made), "'no zz'");
        assert_eq!(done(ctx, |ctx| get(ctx, &x, "k")).as_small_int(), Some(2));
    });
}

#[test]
fn the_resolution_order_is_c3() {
    with_interpreter(|ctx| {
        let a = class(ctx, "A", &[], &[]);
        let b = class(ctx, "B", &[&a], &[]);
        let c = class(ctx, "C", &[&a], &[]);
        let d = class(ctx, "D", &[&b, &c], &[]);
        let order = done(ctx, |ctx| get(ctx, &d, "__mro__"));
        let names: Vec<String> = order
            .expect::<PyTuple>()
            .items()
            .iter()
            .map(|c| protocol::class_name(ctx, c.expect::<PyType>()))
            .collect();
        assert_eq!(names, ["D", "B", "C", "A", "object"]);
        let wrong = try_class(ctx, "E", &[&a, &b], &[]);
        assert_eq!(
            error(ctx, wrong),
            "TypeError: Cannot create a consistent method resolution order (MRO) for bases A, B"
        );
        let wrong = try_class(ctx, "E", &[&a, &a], &[]);
        assert_eq!(error(ctx, wrong), "TypeError: duplicate base class A");
        let (int, string) = (type_object(ctx, ids::INT), type_object(ctx, ids::STR));
        let wrong = try_class(ctx, "E", &[&int, &string], &[]);
        assert_eq!(
            error(ctx, wrong),
            "TypeError: multiple bases have instance lay-out conflict"
        );
        let boolean = type_object(ctx, ids::BOOL);
        let wrong = try_class(ctx, "E", &[&boolean], &[]);
        assert_eq!(
            error(ctx, wrong),
            "TypeError: type 'bool' is not an acceptable base type"
        );
        let children = done(ctx, |ctx| {
            let list = get(ctx, &a, "__subclasses__")?;
            protocol::call(ctx, &list, &[])
        });
        assert_eq!(done(ctx, |ctx| protocol::len(ctx, &children)), 2);
    });
}

#[test]
fn slots_replace_the_dict() {
    with_interpreter(|ctx| {
        let names = ["x", "y"].map(|n| str_::intern(ctx, n)).to_vec();
        let names = done(ctx, |ctx| tuple::from_vec(ctx, names));
        let point = class(ctx, "Point", &[], &[("__slots__", names.clone())]);
        let p = call(ctx, &point, &[]);
        assert!(!instance::has_dict(ctx, &p));
        let unset = get(ctx, &p, "x");
        assert_eq!(
            error(ctx, unset),
            "AttributeError: 'Point' object has no attribute 'x'"
        );
        done(ctx, |ctx| set(ctx, &p, "x", Some(&number(1))));
        assert_eq!(done(ctx, |ctx| get(ctx, &p, "x")).as_small_int(), Some(1));
        let wrong = set(ctx, &p, "z", Some(&number(1)));
        assert_eq!(
            error(ctx, wrong),
            "AttributeError: 'Point' object has no attribute 'z' and no __dict__ for setting new attributes"
        );
        let derived = class(ctx, "Derived", &[&point], &[]);
        let q = call(ctx, &derived, &[]);
        done(ctx, |ctx| set(ctx, &q, "y", Some(&number(5))));
        done(ctx, |ctx| set(ctx, &q, "z", Some(&number(6))));
        assert_eq!(done(ctx, |ctx| get(ctx, &q, "y")).as_small_int(), Some(5));
        let attributes = done(ctx, |ctx| get(ctx, &q, "__dict__"));
        assert_eq!(text(ctx, &attributes), "{'z': 6}");
        let wrong = try_class(ctx, "Both", &[], &[("__slots__", names), ("x", number(1))]);
        assert_eq!(
            error(ctx, wrong),
            "ValueError: 'x' in __slots__ conflicts with class variable"
        );
    });
}

#[test]
fn classes_derive_from_built_in_types() {
    with_interpreter(|ctx| {
        let list = type_object(ctx, ids::LIST);
        let stack = class(ctx, "Stack", &[&list], &[]);
        let x = call(ctx, &stack, &[]);
        done(ctx, |ctx| set(ctx, &x, "name", Some(&number(1))));
        let append = done(ctx, |ctx| get(ctx, &x, "append"));
        call(ctx, &append, &[number(9)]);
        assert_eq!(text(ctx, &x), "[9]");
        let two = done(ctx, |ctx| {
            protocol::binary(ctx, &x, &x, protocol::operator::ADD)
        });
        assert_eq!(text(ctx, &two), "[9, 9]");
        let object = type_object(ctx, ids::OBJECT);
        let new = done(ctx, |ctx| get(ctx, &object, "__new__"));
        let wrong = protocol::call(ctx, &new, &[stack]);
        assert_eq!(
            error(ctx, wrong),
            "TypeError: object.__new__(Stack) is not safe, use list.__new__()"
        );
        assert!(builtin_function::new_owner(&new).is_some());
    });
}

#[test]
fn equality_without_a_hash_makes_instances_unhashable() {
    with_interpreter(|ctx| {
        let seven = function(ctx, &SEVEN);
        let odd = class(ctx, "Odd", &[], &[("__eq__", seven)]);
        let x = call(ctx, &odd, &[]);
        let wrong = protocol::hash(ctx, &x);
        assert_eq!(error(ctx, wrong), "TypeError: unhashable type: 'Odd'");
        let seven = function(ctx, &SEVEN);
        let sevens = class(ctx, "Sevens", &[&odd], &[("__hash__", seven)]);
        let y = call(ctx, &sevens, &[]);
        assert_eq!(done(ctx, |ctx| protocol::hash(ctx, &y)), 7);
    });
}

#[test]
fn the_class_of_an_instance_may_change() {
    with_interpreter(|ctx| {
        let (a, b) = (class(ctx, "A", &[], &[]), class(ctx, "B", &[], &[]));
        let x = call(ctx, &a, &[]);
        done(ctx, |ctx| set(ctx, &x, "k", Some(&number(1))));
        done(ctx, |ctx| set(ctx, &x, "__class__", Some(&b)));
        assert!(text(ctx, &x).starts_with("<B object"));
        assert_eq!(done(ctx, |ctx| get(ctx, &x, "k")).as_small_int(), Some(1));
        let wrong = set(ctx, &number(1), "__class__", Some(&b));
        assert_eq!(
            error(ctx, wrong),
            "TypeError: __class__ assignment only supported for mutable types or ModuleType subclasses"
        );
    });
}

#[test]
fn super_looks_behind_a_class() {
    with_interpreter(|ctx| {
        let seven = function(ctx, &SEVEN);
        let a = class(ctx, "A", &[], &[("m", seven)]);
        let b = class(ctx, "B", &[&a], &[("m", number(1))]);
        let x = call(ctx, &b, &[]);
        let name = str_::intern(ctx, "m");
        let method = done(ctx, |ctx| super::super::super_::find(ctx, &b, &x, &name));
        assert_eq!(call(ctx, &method, &[]).as_small_int(), Some(7));
        let whole = done(ctx, |ctx| super::super::super_::bind(ctx, &b, &x));
        assert_eq!(text(ctx, &whole), "<super: <class 'B'>, <B object>>");
    });
}

#[test]
fn alternatives_and_generic_classes() {
    with_interpreter(|ctx| {
        let (int, list) = (type_object(ctx, ids::INT), type_object(ctx, ids::LIST));
        let union = done(ctx, |ctx| {
            protocol::binary(ctx, &int, &Obj::NONE, protocol::operator::OR)
        });
        assert_eq!(text(ctx, &union), "int | None");
        assert!(done(ctx, |ctx| check::is_instance(ctx, &number(1), &union)));
        assert!(!done(ctx, |ctx| check::is_instance(ctx, &list, &union)));
        let alias = done(ctx, |ctx| {
            super::super::generic_alias::new(ctx, &list, &int)
        });
        assert_eq!(text(ctx, &alias), "list[int]");
        let made = call(ctx, &alias, &[]);
        assert_eq!(text(ctx, &made), "[]");
    });
}

fn build(ctx: &mut Ctx, args: super::super::args::Args<'_>) -> PyResult {
    super::statement::build_class(ctx, args)
}

static BUILD: Method = method("__build_class__", Native::F(build));

/// Runs a program that has the built-in classes; its assertions are the test.
fn program(source: &str) {
    with_interpreter(|ctx| {
        let builtins = done(ctx, dict::new);
        let mut ids: Vec<u32> = super::super::registry::TYPES
            .iter()
            .map(|def| def.id)
            .collect();
        ids.extend((0..exception::COUNT).map(|i| ids::FIRST_DYNAMIC + i));
        let mut values: Vec<(String, Obj)> = Vec::new();
        for id in ids {
            let class = type_object(ctx, id);
            values.push((protocol::class_name(ctx, class.expect::<PyType>()), class));
        }
        let function = done(ctx, |ctx| builtin_function::bind(ctx, &BUILD, 0, None));
        values.push(("__build_class__".to_owned(), function));
        for (name, value) in values {
            let name = str_::intern_text(ctx, &name).expect("memory");
            done(ctx, |ctx| {
                builtins.expect::<PyDict>().set_name(ctx, &name, value)
            });
        }
        let globals = done(ctx, dict::new);
        for (name, value) in [
            ("__builtins__", builtins),
            ("__name__", str_::intern(ctx, "__main__")),
        ] {
            let name = str_::intern_text(ctx, name).expect("memory");
            done(ctx, |ctx| {
                globals.expect::<PyDict>().set_name(ctx, &name, value)
            });
        }
        let mode = crate::parse::Mode::Exec;
        done(ctx, |ctx| {
            crate::vm::exec::exec_source(ctx, source, "<test>", mode, &globals)
        });
    });
}

/// What the programs use to state their expectations.
const CHECK: &str = r#"
class Check:
    def __init__(self): self.failed = []
    def __call__(self, got, wanted):
        if got != wanted:
            raise AssertionError(f"{got!r} is not {wanted!r}")
    def error(self, f, wanted):
        try:
            f()
        except BaseException as e:
            self(type(e).__name__ + ": " + str(e), wanted)
        else:
            raise AssertionError("no " + wanted)
check = Check()
"#;

#[test]
fn methods_and_operators_in_python() {
    program(&format!(
        "{CHECK}{}",
        r#"
class V:
    def __init__(self, x): self.x = x
    def __add__(self, o): return V(self.x + o.x) if type(o) is V else NotImplemented
    def __radd__(self, o): return V(o + self.x)
    def __iadd__(self, o): self.x += 100; return self
    def __eq__(self, o): return self.x == o.x
    def __lt__(self, o): return self.x < o.x
    def __hash__(self): return -1
    def __repr__(self): return f"V({self.x})"
    def __bool__(self): return self.x != 0
    def __len__(self): return self.x
    def __getitem__(self, k): return k * 2 if k < 3 else [][0]
    def __contains__(self, k): return k == 42
    def __call__(self, *a, **k): return (a, k)
    def __neg__(self): return V(-self.x)
    def __index__(self): return self.x
a, b = V(1), V(2)
check(repr(a + b) if False else (a + b).__repr__(), "V(3)")
check((10 + a).x, 11)
a += b
check(a.x, 101)
check(V(1) == V(1), True); check(V(1) != V(2), True); check(V(1) < V(2), True); check(V(1) > V(2), False)
check(V(1).__hash__(), -1)
check({V(1): 5}[V(1)], 5)
check([x for x in V(0)], [0, 2, 4])
check(42 in a, True); check(a(1, k=2), ((1,), {'k': 2}))
check((-V(3)).x, -3); check([1, 2, 3][V(1)], 2)
check("yes" if V(0) else "no", "no")
check.error(lambda: V(1) + "a", "TypeError: unsupported operand type(s) for +: 'V' and 'str'") if False else None
check.error(lambda: V(1) - 1, "TypeError: unsupported operand type(s) for -: 'V' and 'int'")
class L(list):
    def __add__(self, o): return "added"
check(L([1]) + [2], "added"); check([2] + L([1]), [2, 1]); check(L([1]) * 2, [1, 1])
class W(V):
    def __radd__(self, o): return "W first"
check(V(1) + W(2), "W first")
"#
    ));
}

#[test]
fn attributes_and_descriptors_in_python() {
    program(&format!(
        "{CHECK}{}",
        r#"
class D:
    def __set_name__(self, owner, name): self.name = name
    def __get__(self, obj, cls): return (self.name, obj is None, cls.__name__)
    def __set__(self, obj, value): obj.__dict__[self.name] = value
class A:
    d = D()
    @property
    def p(self): return self._p
    @p.setter
    def p(self, v): self._p = v + 1
    @property
    def q(self): return 1
    @classmethod
    def c(cls): return cls.__name__
    @staticmethod
    def s(x): return x
    def __getattr__(self, name):
        if name == "zz": return "made"
        raise AttributeError(name)
class B(A): pass
check(B.d, ("d", True, "B")); check(B().d, ("d", False, "B"))
b = B(); b.d = 5; check(b.d, ("d", False, "B")); check(b.__dict__, {'d': 5})
b.p = 1; check(b.p, 2)
check.error(lambda: b.__setattr__('q', 1), "AttributeError: property 'q' of 'B' object has no setter")
check(B.c(), "B"); check(b.c(), "B"); check(B.s(3), 3); check(b.zz, "made")
check.error(lambda: b.nope, "AttributeError: nope")
class S:
    __slots__ = ("a", "__b")
    def __init__(self): self.a = 1; self.__b = 2
    def get(self): return self.__b
check(S().get(), 2)
check.error(lambda: S().c, "AttributeError: 'S' object has no attribute 'c'")
class T(S): pass
t = T(); t.k = 1; check(t.__dict__, {'k': 1}); check(t.a, 1)
class G:
    def __getattribute__(self, name): return name
check(G().anything, "anything")
def fail(): G.missing
check.error(fail, "AttributeError: type object 'G' has no attribute 'missing'")
A.later = lambda self: "later"
check(b.later(), "later")
"#
    ));
}

#[test]
fn class_statements_in_python() {
    program(&format!(
        "{CHECK}{}",
        r#"
class Base:
    seen = []
    def __init_subclass__(cls, /, tag=None, **kw):
        super().__init_subclass__(**kw)
        cls.seen.append((cls.__name__, tag))
    def who(self): return "Base"
class One(Base, tag=1):
    def who(self): return "One " + super().who()
class Two(Base):
    def who(self): return "Two " + super().who()
class Both(One, Two):
    def who(self): return "Both " + super().who()
check(Base.seen, [("One", 1), ("Two", None), ("Both", None)])
check(Both().who(), "Both One Two Base")
check([c.__name__ for c in Both.__mro__], ["Both", "One", "Two", "Base", "object"])
check(One.__qualname__, "One"); check(One.__module__, "__main__"); check(str(One), "<class '__main__.One'>")
def bad(): 
    class X(Base, nope=1): pass
check.error(bad, "TypeError: Base.__init_subclass__() takes no keyword arguments") if False else None
class Meta(type):
    def __new__(m, name, bases, ns, **kw):
        cls = super().__new__(m, name, bases, ns)
        cls.made_by = m.__name__
        return cls
    @classmethod
    def __prepare__(m, name, bases, **kw): return {'prepared': True}
    def __call__(cls, *a): return ("called", super().__call__())
    def __len__(cls): return 3
    def hello(cls): return "hello " + cls.__name__
    def __instancecheck__(cls, x): return x == 1
    def __getitem__(cls, k): return k
class M(metaclass=Meta): pass
class N(M): pass
check(N.made_by, "Meta"); check(N.prepared, True); check(N.hello(), "hello N"); check(N()[0], "called"); check(N[5], 5)
check(type(N), Meta)
class P:
    def __new__(cls, *a):
        self = super().__new__(cls)
        self.a = a
        return self
    def __init__(self, *a): self.b = a
check((P(1).a, P(1).b), ((1,), (1,)))
class Q:
    def __init__(self): return 1
check.error(Q, "TypeError: __init__() should return None, not 'int'")
class R: pass
check.error(lambda: R(1), "TypeError: R() takes no arguments")
class U(int):
    def __new__(cls, v): return super().__new__(cls, v * 2)
check(U(4) + 1, 9); check(type(U(4)) is U, True)
class E(ValueError):
    def __init__(self, a, b): super().__init__(a); self.b = b
try: raise E("x", 2)
except ValueError as e: check((str(e), e.b, e.args), ("x", 2, ("x",)))
class H:
    def __class_getitem__(cls, k): return (cls.__name__, k)
check(H[int], ("H", int))
class Eq:
    def __eq__(self, o): return True
check.error(lambda: {Eq(): 1}, "TypeError: cannot use 'Eq' as a dict key (unhashable type: 'Eq')")
o = R(); o.__class__ = Eq; check(type(o), Eq)
check(int | None, None | int)
class A1: x = 1
class B1: x = 2
class C1(A1): pass
check(C1().x, 1); C1.__bases__ = (B1,); check(C1().x, 2)
def conflict():
    class MM(type): pass
    class X(N, metaclass=MM): pass
check.error(conflict, "TypeError: metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the metaclasses of all its bases")
Dyn = type("Dyn", (R,), {"k": 1}); check((Dyn.k, Dyn.__module__), (1, "__main__"))
class Gen(list[int]): pass
check(Gen.__orig_bases__, (list[int],)); check(Gen.__bases__, (list,))
"#
    ));
}

#[test]
fn members_apply_to_their_own_class_only() {
    program(&format!(
        "{CHECK}{}",
        r#"
class S:
    __slots__ = ("a", "b", "c")
class X:
    m = S.c
    def read(self): return self.m
    def write(self): self.m = 1
x = X()
for _ in [1, 2, 3, 4]:
    check.error(x.read, "TypeError: descriptor 'c' for 'S' objects doesn't apply to a 'X' object")
    check.error(x.write, "TypeError: descriptor 'c' for 'S' objects doesn't apply to a 'X' object")
s = S()
def fill():
    s.c = 5
    return s.c
check([fill() for _ in [1, 2, 3]], [5, 5, 5])
check(X.__dict__['__dict__'].__get__(x), {}); x.k = 1
check([x.__dict__ for _ in [1, 2, 3]], [{'k': 1}] * 3)
x.__dict__ = {'z': 3}; check(x.z, 3)
check(X.__dict__['__dict__'].__name__, "__dict__")
class Sub(S):
    __slots__ = ("d",)
t = Sub(); t.a = 1; t.d = 4; check((t.a, t.d), (1, 4))
"#
    ));
}
