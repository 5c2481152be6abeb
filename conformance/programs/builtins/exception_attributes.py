"""Attributes and texts of the built-in exceptions: OSError's classes, SyntaxError, Unicode errors, NameError, StopIteration, SystemExit, groups, notes."""
import errno


def attempt(text):
    try:
        print(text, "->", eval(text))
    except Exception as error:
        print(text, "|", type(error).__name__, error)


def facts(error, *names):
    return [str(error), repr(error), error.args] + [getattr(error, name, "-") for name in names]


for number in ("EPERM", "ENOENT", "EINTR", "EEXIST", "EISDIR", "ENOTDIR", "EACCES", "EAGAIN", "EPIPE", "ECHILD", "ESRCH", "ETIMEDOUT", "ECONNRESET", "ECONNREFUSED", "ECONNABORTED", "EALREADY", "EINVAL", "ENOSPC"):
    print(number, type(OSError(getattr(errno, number), "text")).__name__, end="; ")
print()
names = ("errno", "strerror", "filename", "filename2")
for error in (OSError(), OSError(1), OSError(2, "no"), OSError(2, "no", "f"), OSError(2, "no", "f", None, "g"), OSError("a", "b"), OSError(1, 2, 3, 4, 5, 6), FileNotFoundError("x"), FileExistsError(17, "e"), BlockingIOError(11, "b", 5)):
    print(facts(error, *names, "characters_written"))
for error in (SyntaxError(), SyntaxError("m"), SyntaxError("m", ("f", 1, 2, "text", 3, 4)), SyntaxError("m", ("f", 1, None, None)), IndentationError("i", ("dir/f", 9, 1, "x"))):
    print(facts(error, "msg", "filename", "lineno", "offset", "text", "end_lineno", "end_offset", "print_file_and_line"))
for error in (UnicodeDecodeError("c", b"abc", 1, 2, "r"), UnicodeDecodeError("c", b"abc", 0, 3, "r"), UnicodeEncodeError("c", "aé\ud800\U0001F600", 1, 2, "r"), UnicodeEncodeError("c", "a\ud800", 1, 2, "r"), UnicodeEncodeError("c", "\U0001F600", 0, 1, "r"), UnicodeDecodeError("c", b"a", 5, 9, "out of range")):
    print(facts(error, "encoding", "object", "start", "end", "reason"))
for error in (KeyError(), KeyError("k"), KeyError(1, 2), IndexError("i"), StopIteration(), StopIteration(5, 6), SystemExit(), SystemExit(3), SystemExit("text"), SystemExit(1, 2), NameError("n", name="x"), AttributeError("a", name="n", obj=5), ImportError("i", name="n", path="p"), ModuleNotFoundError("m", name="q"), StopAsyncIteration(1), AssertionError(), BaseException("b", 1), Exception(()), ValueError(None)):
    print(facts(error, "value", "code", "name", "obj", "path", "msg"))
for text in ("OSError(1, 2, 3, a=1)", "ValueError(a=1)", "SyntaxError('m', 5)", "SyntaxError('m', (1, 2))", "SyntaxError('m', ('f', 'l', 0, ''))", "UnicodeDecodeError()", "UnicodeDecodeError('c', 'text', 0, 1, 'r')", "UnicodeEncodeError('c', b'x', 0, 1, 'r')", "UnicodeTranslateError('a', 'b', 1, 'r')", "NameError('a', obj=1)", "AttributeError('a', nope=1)", "ImportError(a=1)", "ExceptionGroup('m', [])", "ExceptionGroup('m', [1])", "ExceptionGroup('m', [KeyboardInterrupt()])", "ExceptionGroup('m')", "BaseExceptionGroup('m', [ValueError()]).__class__", "ExceptionGroup(5, [ValueError()])", "ExceptionGroup('m', 5)", "BaseExceptionGroup('m', (KeyboardInterrupt(),))", "Exception().with_traceback(5)", "Exception().with_traceback(None)", "Exception().add_note(5)", "setattr(Exception(), '__cause__', 5)", "setattr(Exception(), '__context__', 5)", "setattr(Exception(), '__traceback__', 5)", "setattr(Exception(), 'args', 5)", "setattr(Exception(), 'args', 'ab')", "setattr(Exception(), '__suppress_context__', 'x')", "Exception().__setstate__({'a': 1})", "Exception().__setstate__(5)", "Exception(1).__reduce__()", "OSError(2, 'x', 'f').__reduce__()", "ImportError('m', name='n').__reduce__()", "Exception.__subclasses__()[0].__name__ != ''"):
    attempt(text)
e = ValueError("v")
e.add_note("one")
e.add_note("two\nlines")
print(e.__notes__, e.__dict__, e.__traceback__, e.__cause__, e.__suppress_context__)
e.__cause__ = KeyError("k")
print(e.__suppress_context__, repr(e.__cause__))
del e.__notes__
g = ExceptionGroup("outer", [ValueError(1), ExceptionGroup("inner", [TypeError(2), ValueError(3)]), OSError("o")])
print(g, repr(g), g.message, g.exceptions, g.subgroup(ValueError), g.split(TypeError), g.subgroup(lambda x: isinstance(x, OSError)), g.derive([KeyError()]), g.split(KeyError)[0], g.subgroup((ValueError, OSError)))
for text in ("g.split(5)", "g.subgroup('x')", "g.split((int,))", "g.subgroup(lambda x: 1 / 0)", "g.derive([])", "setattr(g, 'message', 1)", "setattr(g, 'exceptions', 1)"):
    attempt(text)


class Own(ExceptionGroup):
    def __new__(cls, message, exceptions, code):
        self = super().__new__(cls, message, exceptions)
        self.code = code
        return self

    def derive(self, exceptions):
        return Own(self.message, exceptions, self.code)


own = Own("own", [ValueError(1), TypeError(2)], 42)
own.add_note("kept")
match, rest = own.split(ValueError)
print(match.exceptions, match.code, match.__notes__, rest.exceptions, rest.code)
tree = {}
for kind in (ArithmeticError, LookupError, OSError, ValueError, Warning, RuntimeError, ImportError, NameError, SyntaxError, BaseException):
    tree[kind.__name__] = sorted(c.__name__ for c in kind.__subclasses__() if c.__module__ == "builtins")
print(tree)
