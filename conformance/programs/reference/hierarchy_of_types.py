"""The standard type hierarchy: attributes of functions, methods, modules, classes, code, frames, tracebacks, generators, slices."""
import sys
import types


def names(x, *skip):
    return [n for n in dir(x) if not n.startswith("__") or n in skip]


def f(a, b=1, *c, d, **e):
    local = a
    return lambda: local


print([n for n in names(f.__code__) if n.startswith("co_") and n != "co_lnotab"])
code = f.__code__
print(code.co_consts[:0], code.co_names, code.co_cellvars, code.co_nlocals, code.co_stacksize >= 0, code.co_filename == __file__, code.co_firstlineno > 0, code.co_qualname)
print(code == f.__code__, code.replace(co_name="g").co_name, hash(code) == hash(f.__code__))
frame = sys._getframe()
print(frame.f_code.co_name, frame.f_back, frame.f_globals is globals(), frame.f_locals is globals() or frame.f_locals == globals(), frame.f_builtins is vars(__builtins__), frame.f_trace, frame.f_lineno)


def traced():
    x = 1
    try:
        1 / (x - 1)
    except ZeroDivisionError as error:
        return error.__traceback__


tb = traced()
print(tb.tb_next, tb.tb_lineno - code.co_firstlineno, tb.tb_frame.f_code.co_name, sorted(tb.tb_frame.f_locals), tb.tb_lasti >= 0)
tb.tb_next = types.TracebackType(None, frame, 0, 7)
print(tb.tb_next.tb_lineno)
for wrong in (tb, 5):
    try:
        tb.tb_next = wrong
    except (ValueError, TypeError) as error:
        print(error)


def gen():
    x = yield 1
    yield from [2, 3]


g = gen()
print(g.gi_frame.f_lineno - gen.__code__.co_firstlineno, g.gi_running, g.gi_suspended, g.gi_yieldfrom)
next(g), next(g)
print(type(g.gi_yieldfrom).__name__, g.gi_suspended, g.gi_code is gen.__code__, g.__name__)
g.close()
print(g.gi_frame, g.gi_suspended)

module = types.ModuleType("m", "doc")
module.x = 1
print(module, module.__dict__.keys(), module.__doc__)
del module.__name__
print(module)


class C:
    def method(self):
        pass

    @classmethod
    def cm(cls):
        pass

    @staticmethod
    def sm():
        pass


m = C().method
print(m.__func__ is C.method, m.__name__, m.__doc__, C.cm.__self__ is C, C.sm.__name__, type(C.__dict__["cm"]).__name__, C.__dict__["sm"].__func__ is C.sm, C.__dict__["cm"].__wrapped__.__name__)
print([type(x).__name__ for x in (len, [].append, int.__add__, (1).__add__, str.join, dict.fromkeys, C.method, m, type.__dict__["__mro__"], object.__new__, int.__dict__["real"], lambda: 1, C.__dict__["__weakref__"])])
print(len.__name__, len.__self__.__name__, [].append.__self__, str.join.__objclass__, int.__add__.__name__, dict.fromkeys.__self__, (5).__add__.__self__)
s = slice(1, 10, 2)
print(s.start, s.stop, s.step, s.indices(5), s == slice(1, 10, 2), hash(s) == hash(slice(1, 10, 2)), repr(slice(None)))
for call in (lambda: slice(1, 2, 0).indices(5), lambda: slice(1).indices(-1), lambda: slice(), lambda: slice("a").indices(3), lambda: setattr(s, "start", 2)):
    try:
        call()
    except Exception as error:
        print(type(error).__name__, error)
print(type(None), type(...), type(NotImplemented), None.__bool__(), bool(...), repr(...), type(None)() is None, type(...)() is ...)
try:
    bool(NotImplemented)
except TypeError as error:
    print(error)
for kind in (type(None), type(NotImplemented), types.GeneratorType, types.FrameType, type(iter([])), types.BuiltinFunctionType):
    try:
        print(kind(1))
    except TypeError as error:
        print(error)
cell = types.CellType()
try:
    cell.cell_contents
except ValueError as error:
    print(error)
cell.cell_contents = 3
print(cell.cell_contents, types.CellType(3) == cell, types.CellType(2) < cell)
print(C.__name__, C.__bases__, C.__base__, C.__mro__, C.__subclasses__(), sorted(C.__dict__.keys() - {"method", "cm", "sm"}))
print([kind.__name__ for kind in (types.NoneType, types.EllipsisType, types.NotImplementedType, types.LambdaType, types.CoroutineType, types.AsyncGeneratorType, types.MethodType, types.MappingProxyType, types.SimpleNamespace, types.GenericAlias, types.UnionType, types.MethodWrapperType, types.WrapperDescriptorType, types.MethodDescriptorType, types.GetSetDescriptorType, types.MemberDescriptorType)])
