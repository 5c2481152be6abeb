"""8.5 and 3.3.9: the with statement, what its managers see, and in which order."""
import sys


def show(what, action):
    try:
        print(what, "->", action())
    except BaseException as error:
        print(what, "!!", type(error).__name__, error, "| context:", repr(error.__context__), "| cause:", repr(error.__cause__))


class Manager:
    def __init__(self, name, *, swallow=False, fail_enter=None, fail_exit=None, value=None):
        self.name, self.swallow, self.value = name, swallow, value
        self.fail_enter, self.fail_exit = fail_enter, fail_exit

    def __enter__(self):
        print("  enter", self.name)
        if self.fail_enter:
            raise self.fail_enter
        return self if self.value is None else self.value

    def __exit__(self, kind, error, trace):
        print("  exit", self.name, kind and kind.__name__, error, trace is not None and trace.tb_frame.f_code.co_name)
        if self.fail_exit:
            raise self.fail_exit
        return self.swallow


def plain():
    with Manager("a") as a, Manager("b", value=(1, 2)) as (x, y):
        return a.name, x, y


def swallowed():
    with Manager("a", swallow=True):
        raise ValueError("inside")
    return "after"


def not_swallowed():
    with Manager("a"):
        raise ValueError("inside")


def second_enter():
    with Manager("a", swallow=True), Manager("b", fail_enter=KeyError("enter")):
        print("never")
    return "after"


def exit_raises():
    with Manager("a", fail_exit=KeyError("exit")):
        raise ValueError("inside")


def exit_raises_caught():
    with Manager("a", swallow=True), Manager("b", fail_exit=KeyError("exit")):
        return "body"
    return "after"


def loop():
    out = []
    for i in range(4):
        with Manager(i):
            if i == 1:
                continue
            if i == 2:
                break
            out.append(i)
    else:
        out.append("else")
    return out


def parenthesised():
    with (
        Manager("a") as a,
        Manager("b"),
    ):
        return a.name


def tuple_target():
    holder = {}
    with Manager("k", value=[1, 2, 3]) as holder["list"], Manager("z", value="ab") as [p, *q]:
        return holder, p, q


def target_fails():
    with Manager("a", value=5) as (x, y):
        pass


def generator():
    with Manager("g"):
        yield 1
        yield 2


for action in (plain, swallowed, not_swallowed, second_enter, exit_raises, exit_raises_caught, loop, parenthesised, tuple_target, target_fails):
    print(action.__name__)
    show("  =", action)

print("generators")
g = generator()
print(next(g))
g.close()
g = generator()
next(g)
show("thrown", lambda: g.throw(OSError("thrown")))
del g


class NoExit:
    def __enter__(self):
        print("never")


class NoEnter:
    def __exit__(self, *args):
        print("never")


class OnInstance:
    def __init__(self):
        self.__enter__ = self.__exit__ = lambda *args: None


class Truth:
    def __bool__(self):
        raise RuntimeError("truth")


def use(manager):
    def run():
        with manager:
            raise ValueError("inside")

    return run


show("no exit", use(NoExit()))
show("no enter", use(NoEnter()))
show("on the instance", use(OnInstance()))
show("number", use(3))
show("truth fails", use(Manager("t", swallow=Truth())))
show("truth", use(Manager("t", swallow=[0])))


class Async:
    async def __aenter__(self):
        pass

    async def __aexit__(self, *args):
        pass


show("async in with", use(Async()))


def in_finally():
    try:
        with Manager("f"):
            return "body"
    finally:
        print("  finally")


def nested_return():
    with Manager("outer"):
        for x in range(3):
            with Manager("inner"):
                return x


def info():
    with Manager("i", swallow=True):
        try:
            raise ValueError(1)
        except ValueError:
            with Manager("j"):
                print("  handling", sys.exception())
            raise KeyError(2)
    return sys.exception()


def exits():
    with Manager("e"):
        sys.exit(3)


for action in (in_finally, nested_return, info, exits):
    show(action.__name__, action)
