"""Code that is made of parts that do not belong together, and called with what the compiler alone would pass: refused, never believed."""

import sys
import types


def tried(label, call):
    try:
        call()
    except (TypeError, ValueError, AttributeError, ImportError) as error:
        print(label, type(error).__name__)
    else:
        print(label, "goes on")


def nested(code):
    return [one for one in code.co_consts if isinstance(one, types.CodeType)]


# A function whose code has more cells than its maker gives it, and the reverse.
def captures(a, b):
    def inner():
        return a, b

    return inner


def makes():
    def inner():
        return 1

    return inner


def made_of(function, old, new):
    code = function.__code__
    consts = tuple(new if one is old else one for one in code.co_consts)
    return types.FunctionType(code.replace(co_consts=consts), globals())


(many,), (none,) = nested(captures.__code__), nested(makes.__code__)
# CPython would read past the closure.
if sys.implementation.name != "cpython":
    tried("more cells", lambda: made_of(makes, none, many)()())
    tried("fewer cells", lambda: made_of(captures, many, none)(1, 2)())
else:
    print("more cells ValueError\nfewer cells ValueError")

# The parameters that the compiler adds to a function with type parameters take its defaults.
(outer,) = nested(compile("def generic[T: int](a: T = 1, *, b: T = 2): return a, b", "s", "exec"))
if sys.implementation.name != "cpython":
    for defaults, keywords in [(5, {}), ((1,), 5), ((1,), {"b": 1}), (None, None)]:
        tried(f"{defaults!r} {keywords!r}", lambda: types.FunctionType(outer, {})(defaults, keywords)())
else:
    print("5 {} TypeError\n(1,) 5 TypeError\n(1,) {'b': 1} goes on\nNone None TypeError")

# A module that is none, and names that are none.
for number, (attribute, value) in enumerate([("__all__", [5]), ("__all__", ["path", 5]), (5, 3)]):
    module = types.ModuleType("given")
    module.path = 1
    vars(module)[attribute] = value
    sys.modules["given"] = module
    tried(f"module {number}", lambda: exec("from given import *", {}))


class NoModule:
    __slots__ = ()


sys.modules["given"] = NoModule()
tried("no module", lambda: exec("from given import *", {}))
del sys.modules["given"]


class HasParts:
    __match_args__ = (5,)


def takes(subject):
    match subject:
        case HasParts(part):
            return part


tried("match", lambda: takes(HasParts()))


# A generator is told of an exception class that makes no exception.
class MakesNone(Exception):
    def __new__(cls, *args):
        return cls


def waits():
    try:
        yield
    except TypeError as error:
        print("inside", type(error).__name__)
        yield "handled"


waiting = waits()
next(waiting)
print(waiting.throw(MakesNone))
waiting = (one for one in (1, 2))
next(waiting)
tried("thrown", lambda: waiting.throw(MakesNone))
print(next(waiting, "over"))
for text in "f = lambda: (yield from (1, 2)), (yield from (3, 4))", "yield from x", "yield":
    try:
        compile(text, "s", "exec")
    except SyntaxError as error:
        print(error.msg)


# A mapping behind ** alone is not copied before the call: what the callee gets is its own all the same.
def keeps(**given):
    given["more"] = 1
    return given


mine = {"a": 1}
print(keeps(**mine), mine, keeps(**mine) is mine)


class Mapping:
    def keys(self):
        return ["k", "l"]

    def __getitem__(self, key):
        return key * 2


print(keeps(**Mapping()), dict(**Mapping()), max(*[1, 2], **{"key": abs}))
tried("no mapping", lambda: keeps(**5))
tried("no names", lambda: keeps(**{1: 2}))
tried("no iterable", lambda: keeps(*5))
