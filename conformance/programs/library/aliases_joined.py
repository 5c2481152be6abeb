"""Unions of aliases, mappings given to namespaces, proxies of dicts that are asked."""

import collections
import collections.abc
import types

call = collections.abc.Callable[[int], str]
for union in (int | call, call | int, call | call, list[int] | call, call | None):
    print(union)
print(types.GeneratorType[int, None, str], types.CoroutineType[int, int, int], types.AsyncGeneratorType[int, int])
print(types.GeneratorType[int].__origin__ is types.GeneratorType)
print("__copy__" in dir(list[int]), "append" in dir(list[int]))

given = collections.UserDict({"x": 1, "y": 2})
print(types.SimpleNamespace(given, y=3), types.SimpleNamespace([("a", 1)]), types.SimpleNamespace({"b": 2}))
for wrong in ([1], [(1, 2)], 3):
    try:
        types.SimpleNamespace(wrong)
    except (TypeError, ValueError) as error:
        print(type(error).__name__, error)


class Answering(dict):
    def __contains__(self, key):
        return key == "magic" or super().__contains__(key)

    def get(self, key, default=None):
        return ("asked", key)


proxy = types.MappingProxyType(Answering(a=1))
print("magic" in proxy, "a" in proxy, "b" in proxy, proxy.get("b"))

try:
    types.UnionType()
except TypeError as error:
    print(error)


def numbers():
    yield 1


generator = numbers()
try:
    generator.throw(StopIteration(3))
except StopIteration as stop:
    print("stopped", stop.value)
generator = numbers()
next(generator)
try:
    generator.throw(StopIteration(3))
except RuntimeError as error:
    print(error, repr(error.__cause__))
for name in (bytearray(b"f"), memoryview(b"f"), 3):
    try:
        compile("1", name, "eval")
    except TypeError as error:
        print(error)


def failing(error):
    try:
        yield
    finally:
        raise error


def handling():
    try:
        raise KeyError("handled inside")
    except KeyError:
        yield from failing(ValueError("below"))


def plain():
    try:
        raise KeyError("handled inside")
    except KeyError:
        yield from waiting()


def waiting():
    yield


def contexts(error):
    while error is not None:
        yield repr(error)
        error = error.__context__


for generator in (failing(ValueError("inside")), handling(), plain(), waiting()):
    next(generator)
    try:
        try:
            raise OSError("handled outside")
        except OSError:
            generator.throw(IndexError("thrown"))
    except (ValueError, IndexError) as error:
        print(*contexts(error))
