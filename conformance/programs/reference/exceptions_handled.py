"""8.4 The try statement: handlers, else, finally, groups, chaining, and what is left afterwards."""
import sys


def show(what, action):
    try:
        print(what, "->", action())
    except BaseException as error:
        print(what, "!!", type(error).__name__, error, "| context:", repr(error.__context__), "| cause:", repr(error.__cause__), error.__suppress_context__)


def flow(raises, returns):
    log = []
    try:
        log.append("try")
        if raises:
            raise raises
    except (KeyError, IndexError) as error:
        log.append(f"lookup {error}")
    except ValueError:
        log.append("value")
        if returns == "value":
            return log
    except:
        log.append("bare")
        if returns == "bare":
            raise
    else:
        log.append("else")
        if returns == "else":
            return log
    finally:
        log.append("finally")
        print("  log", log)
    return log + ["end"]


for raises in (None, KeyError("k"), IndexError, ValueError(), TypeError("t"), KeyboardInterrupt()):
    for returns in (None, "value", "bare", "else"):
        show(f"flow {raises!r} {returns}", lambda: flow(raises, returns))


def unbound():
    error = "kept?"
    try:
        raise ValueError
    except ValueError as error:
        pass
    return error


def deleted():
    try:
        raise ValueError("deleted")
    except ValueError as error:
        del error
    return "fine"


def assigned():
    try:
        raise ValueError("deleted")
    except ValueError as error:
        error = 5
    return error


show("unbound", unbound)
show("deleted", deleted)
show("assigned", assigned)


def implicit():
    try:
        try:
            raise KeyError("first")
        except KeyError:
            raise ValueError("second")
    except ValueError:
        raise OSError("third")


def explicit():
    try:
        raise KeyError("first")
    except KeyError as error:
        raise ValueError("second") from error


def from_none():
    try:
        raise KeyError("first")
    except KeyError:
        raise ValueError("second") from None


def in_finally():
    try:
        raise KeyError("lost?")
    finally:
        raise ValueError("finally")


def else_raises():
    try:
        pass
    except ValueError:
        print("never")
    else:
        raise ValueError("from else")
    finally:
        print("  finally")


def handler_fails():
    try:
        raise KeyError("k")
    except nonsense:
        pass


def handler_not_class():
    try:
        raise KeyError("k")
    except 5:
        pass


def handler_tuple():
    try:
        raise KeyError("k")
    except (ValueError, "x"):
        pass


def handler_nested_tuple():
    try:
        raise KeyError("k")
    except (ValueError, (TypeError, KeyError)):
        return "nested"


def reraise_outer():
    try:
        raise KeyError("outer")
    except KeyError:
        try:
            raise ValueError("inner")
        except ValueError:
            pass
        raise


def nothing_to_raise():
    raise


for action in (implicit, explicit, from_none, in_finally, else_raises, handler_fails, handler_not_class, handler_tuple, handler_nested_tuple, reraise_outer, nothing_to_raise):
    show(action.__name__, action)


def raising(what):
    def run():
        raise what

    return run


class NotMade(Exception):
    def __new__(cls):
        return 5


class NeedsTwo(Exception):
    def __init__(self, a, b):
        super().__init__(a, b)


for what in (5, "x", None, int, NotMade, NeedsTwo, NeedsTwo(1, 2), ValueError, ValueError(), StopIteration(3), object()):
    show("raise " + (repr(what) if not type(what) is object else "object"), raising(what))


def from_bad():
    raise ValueError("v") from 5


def from_class():
    raise ValueError("v") from KeyError


show("from 5", from_bad)
show("from class", from_class)


def loops():
    out = []
    for i in range(5):
        try:
            if i == 1:
                continue
            if i == 3:
                break
            out.append(i)
        finally:
            out.append(f"f{i}")
    while True:
        try:
            try:
                raise ValueError
            finally:
                out.append("inner")
        except ValueError:
            out.append("caught")
            break
        finally:
            out.append("outer")
    return out


def return_order():
    def note(x):
        print("  note", x)
        return x

    try:
        return note("value")
    finally:
        note("finally")


def changes():
    x = [1]
    try:
        return x
    finally:
        x.append(2)
        x = None


show("loops", loops)
show("order", return_order)
show("changes", changes)


def current():
    seen = [sys.exception()]
    try:
        raise ValueError("a")
    except ValueError:
        seen.append(str(sys.exception()))

        def generator():
            yield str(sys.exception())
            try:
                raise KeyError("in generator")
            except KeyError:
                yield str(sys.exception())
            yield str(sys.exception())

        for value in generator():
            seen.append((value, str(sys.exception())))
        try:
            raise TypeError("b")
        except TypeError:
            seen.append(str(sys.exception()))
        seen.append(str(sys.exception()))
    seen.append(sys.exc_info())
    return seen


show("current", current)

try:
    try:
        raise ExceptionGroup("g", [ValueError(1), TypeError(2), ExceptionGroup("h", [ValueError(3), OSError(4)])])
    except* ValueError as group:
        print("values", group.exceptions, group)
    except* (OSError, KeyError) as group:
        print("os", group.exceptions)
    else:
        print("never")
    finally:
        print("finally")
except ExceptionGroup as rest:
    print("rest", repr(rest), rest.__context__)
try:
    raise KeyError("alone")
except* KeyError as group:
    print(repr(group), group.__cause__)


def star_raises():
    try:
        raise ExceptionGroup("g", [ValueError(1), KeyError(2)])
    except* ValueError:
        raise OSError("new")


try:
    star_raises()
except ExceptionGroup as group:
    print(repr(group), [repr(error.__context__) for error in group.exceptions])


def star_group():
    try:
        raise ValueError
    except* ExceptionGroup:
        pass


show("catch a group", star_group)
