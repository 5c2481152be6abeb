"""try in all its forms: which clause runs, what is bound, what is raised while handling, return in finally, exceptions of exceptions."""
import sys
import warnings

warnings.simplefilter("ignore", SyntaxWarning)


def run(action, *kinds):
    steps = []
    try:
        steps.append("try")
        action()
    except ValueError as error:
        steps.append(f"ValueError {error}")
    except (KeyError, IndexError) as error:
        steps.append(type(error).__name__)
    except ArithmeticError:
        steps.append(f"arithmetic {sys.exception()!r}")
    except Exception:
        steps.append("other")
    else:
        steps.append("else")
    finally:
        steps.append("finally")
    return steps


for action in (lambda: 1, lambda: int("x"), lambda: {}[1], lambda: [][1], lambda: 1 / 0, lambda: None.x, lambda: 10.0**1000):
    print(run(action))

try:
    try:
        raise ValueError("first")
    except ValueError as error:
        raise KeyError("second") from None
    finally:
        print("handled now:", repr(sys.exception()))
except KeyError as error:
    print(repr(error), error.__cause__, repr(error.__context__), error.__suppress_context__)
try:
    error
except NameError as unbound:
    print(unbound)
try:
    print(sys.exception())
    1 / 0
except ZeroDivisionError as error:
    saved = error
    del error
print(saved)


def returns(kind):
    for i in range(3):
        try:
            if kind == "return":
                return "try"
            if kind == "raise":
                raise OSError(kind)
            if kind == "break":
                break
            if kind == "continue":
                continue
        except OSError:
            return "except"
        finally:
            print("finally", i, end=" ")
            if kind == "override":
                return "finally"
            if kind == "swallow":
                break
    return "end"


for kind in ("return", "raise", "break", "continue", "override", "swallow", "none"):
    print(kind, returns(kind))


def swallowed():
    try:
        1 / 0
    finally:
        return "the exception is gone"


def value_kept():
    x = 1
    try:
        return x
    finally:
        x = 2


def nested():
    try:
        try:
            raise ValueError(1)
        finally:
            raise KeyError(2)
    except KeyError as error:
        return repr(error.__context__)


def generator():
    try:
        yield 1
        yield 2
    finally:
        print("generator closed", end=" ")


print(swallowed(), value_kept(), nested())
for x in generator():
    break
print(sys.exception())

print("matching")


class Meta(type):
    def __subclasscheck__(cls, other):
        raise RuntimeError("not asked")


class Strange(Exception, metaclass=Meta):
    pass


for kind in (int, "text", (ValueError, 5), None, [ValueError], (), ((),), ((ValueError, (KeyError,)),), object, Strange):
    try:
        try:
            raise KeyError("k")
        except kind:
            print("caught by", kind)
    except BaseException as error:
        print(type(error).__name__, error)


def chain():
    try:
        try:
            raise ValueError("a")
        except ValueError:
            try:
                raise TypeError("b")
            except TypeError:
                raise
    except TypeError as error:
        e = error
        while e is not None:
            print(repr(e), end=" <- ")
            e = e.__context__
    print()


chain()
for action in ("raise", "raise 5", "raise int", "raise ValueError from 5", "raise None", "raise ValueError from ValueError", "raise ValueError(1) from None"):
    try:
        exec(action)
    except BaseException as error:
        print(action, "|", type(error).__name__, error, repr(error.__cause__), error.__suppress_context__)


class Odd(Exception):
    def __new__(cls, *args):
        return 5 if args and args[0] == "not" else super().__new__(cls)


class Fails(Exception):
    def __init__(self):
        raise LookupError("while making it")


for kind in (Odd, Fails):
    try:
        raise kind
    except Exception as error:
        print(type(error).__name__, error)
try:
    raise Odd("not")
except TypeError as error:
    print(error)

for text in ("try: pass", "try: pass\nelse: pass", "try: pass\nexcept: pass\nexcept A: pass", "try: pass\nfinally: pass\nexcept: pass", "try: pass\nexcept A, B: pass", "try: pass\nexcept A, B as c: pass", "try: pass\nexcept (A, B) as c.d: pass", "try: pass\nexcept A as 1: pass", "try: pass\nexcept* A: pass\nexcept B: pass", "try: pass\nexcept*: pass", "try: pass\nexcept* A: break", "def f():\n try: pass\n except* A: return", "while 1:\n try: pass\n except* A: continue", "except: pass", "finally: pass", "try: pass\nexcept A as a, B as b: pass", "try:\nexcept: pass"):
    try:
        compile(text, "<try>", "exec")
        print("compiles", repr(text))
    except SyntaxError as error:
        print(repr(text), "|", error.msg, error.lineno, error.offset)
