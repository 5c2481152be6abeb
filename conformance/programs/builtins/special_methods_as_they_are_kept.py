"""What the namespace of a built-in type holds: fields, computed attributes, methods, and special methods with and without an operation."""

import types


def kind(owner, name):
    found = vars(owner)[name]
    return f"{owner.__name__}.{name}: {type(found).__name__}"


def attempt(call):
    try:
        return call()
    except Exception as error:
        return f"{type(error).__name__}: {error}"


async def ticks():
    yield 1


async def answer():
    return 42


def count():
    yield 1


Coroutine = types.CoroutineType

print("fields and computed attributes")
for owner, names in [
    (BaseException, ["args", "__suppress_context__"]),
    (OSError, ["errno", "strerror", "filename", "filename2", "characters_written"]),
    (StopIteration, ["value"]),
    (SyntaxError, ["lineno", "text"]),
    (UnicodeDecodeError, ["reason", "start"]),
    (complex, ["real", "imag"]),
    (slice, ["start", "stop", "step"]),
    (range, ["start"]),
    (property, ["fget", "__name__"]),
    (type, ["__base__", "__bases__", "__flags__"]),
    (types.FunctionType, ["__globals__", "__code__"]),
    (types.CodeType, ["co_argcount", "co_code"]),
    (types.FrameType, ["f_trace_lines", "f_lineno"]),
    (types.TracebackType, ["tb_frame", "tb_next"]),
    (types.ModuleType, ["__dict__"]),
]:
    for name in names:
        print(kind(owner, name))

print("assigning what is read only")
print(attempt(lambda: setattr(slice(1), "start", 2)))
print(attempt(lambda: setattr(1j, "real", 2)))
print(attempt(lambda: setattr(1, "real", 2)))
print(attempt(lambda: delattr(slice(1), "start")))
print(repr(vars(slice)["start"]), repr(vars(int)["real"]))
print(attempt(lambda: vars(slice)["start"].__get__(range(3))))

print("special methods")
for owner, names in [
    (types.GeneratorType, ["__next__", "__iter__", "send"]),
    (types.AsyncGeneratorType, ["__aiter__", "__anext__", "asend"]),
    (Coroutine, ["__await__", "send"]),
    (bytes, ["__buffer__", "maketrans"]),
    (bytearray, ["__buffer__", "__release_buffer__"]),
    (memoryview, ["__buffer__", "__release_buffer__"]),
    (dict, ["__getitem__", "__contains__", "__setitem__", "fromkeys"]),
    (list, ["__getitem__", "__contains__"]),
    (set, ["__contains__"]),
    (frozenset, ["__contains__"]),
    (str, ["maketrans"]),
]:
    for name in names:
        print(kind(owner, name))

print("how they count their arguments")
coroutine = answer()
print(attempt(lambda: count().__next__(1)))
print(attempt(lambda: count().__next__(value=1)))
print(attempt(lambda: ticks().__anext__(1)))
print(attempt(lambda: ticks().__aiter__(x=1)))
print(attempt(lambda: coroutine.__await__(1)))
print(attempt(lambda: bytearray(b"x").__buffer__()))
print(attempt(lambda: types.GeneratorType.__next__()))
print(attempt(lambda: types.GeneratorType.__next__([])))
print(attempt(lambda: {}.__getitem__()))
print(attempt(lambda: {}.__contains__(1, 2)))
print(attempt(lambda: [].__getitem__(i=1)))
print(attempt(lambda: set().__contains__()))
print(attempt(lambda: dict.__getitem__([], 1)))
print(attempt(lambda: list.__getitem__()))
coroutine.close()

print("derived classes find them")


class Mixin:
    pass


class Table(Mixin, dict):
    def __missing__(self, key):
        return f"no {key}"


class Row(Mixin, list):
    def __getitem__(self, index):
        return ("row", index, super().__getitem__(index))


class Bag(Mixin, set):
    __contains__ = set.__contains__


class Odd(dict):
    __getitem__ = dict.get
    __contains__ = dict.__getitem__


print(Table(a=1)["a"], Table()["b"], "a" in Table(a=1))
print(Row([1, 2])[1], 2 in Row([1, 2]))
print(1 in Bag([1]), 2 in Bag([1]))
print(Odd(a=1)["a"], Odd()["z"], "a" in Odd(a=1), attempt(lambda: "b" in Odd()))
