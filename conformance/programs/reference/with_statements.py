"""with: order of entering and leaving, several managers, targets, suppression, failures on the way in and out, lookup on the type."""


class Manager:
    def __init__(self, name, quiet=False, enter=None, leave=None):
        self.name, self.quiet, self.enter, self.leave = name, quiet, enter, leave

    def __enter__(self):
        print("enter", self.name, end="; ")
        if self.enter:
            raise self.enter
        return self.name

    def __exit__(self, kind, value, trace):
        print("exit", self.name, kind and kind.__name__, value, trace is not None, end="; ")
        if self.leave:
            raise self.leave
        return self.quiet


def attempt(action):
    try:
        print("=>", action())
    except BaseException as error:
        chain = []
        while error:
            chain.append(repr(error))
            error = error.__context__
        print("!", " <- ".join(chain))


def plain():
    with Manager("a") as a, Manager("b") as b:
        return a + b


def raising():
    with Manager("a"), Manager("b", quiet=True), Manager("c"):
        raise ValueError("inside")
    return "suppressed"


def enter_fails():
    with Manager("a", quiet=True), Manager("b", enter=KeyError("b")):
        print("not reached")
    return "continued"


def leave_fails():
    with Manager("a"), Manager("b", leave=KeyError("leaving")):
        raise ValueError("inside")


def leave_fails_after_return():
    with Manager("a", leave=OSError("leaving")):
        return 1


def parenthesized():
    with (
        Manager("x") as x,
        Manager("y") as (y, *rest),
    ):
        return x, y, rest


def target_fails():
    with Manager("a") as (p, q):
        print("not reached")


def loops():
    for i in range(3):
        with Manager(i, quiet=True):
            if i == 0:
                continue
            if i == 1:
                raise ValueError
            break
    return i


def nested_targets():
    box = {}
    with Manager("k") as box["key"], Manager("m") as attempt.attribute:
        pass
    return box, attempt.attribute


for function in (plain, raising, enter_fails, leave_fails, leave_fails_after_return, parenthesized, target_fails, loops, nested_targets):
    attempt(function)


class Instance:
    def __init__(self):
        self.__enter__ = lambda: "own"
        self.__exit__ = lambda *args: None


class OnlyEnter:
    def __enter__(self):
        return 1


class OnlyAsync:
    async def __aenter__(self):
        pass

    async def __aexit__(self, *args):
        pass


class Described:
    class Get:
        def __get__(self, instance, owner):
            print("looked up", end="; ")
            return lambda *args: len(args)

    __enter__ = __exit__ = Get()


for manager in (Instance(), OnlyEnter(), OnlyAsync(), None, Described()):
    def use():
        with manager as x:
            return x
    attempt(use)


class Truth(Manager):
    def __exit__(self, *args):
        class Odd:
            def __bool__(self):
                raise RuntimeError("asked whether it is true")
        return Odd()


def odd_truth():
    with Truth("t"):
        raise ValueError("inside")


attempt(odd_truth)
for text in ("with a as 1: pass", "with a as b.c, d as e[0]: pass", "with (a as b): pass", "with (a, b) as c: pass", "with (a as b, c as d,): pass", "with (yield): pass", "with a as b as c: pass", "with: pass", "with a, : pass", "with (a as b) as c: pass", "with a as f(): pass", "with a as (b, 1): pass", "with (a := b): pass", "with *a: pass", "with (*a,): pass", "async with a: pass"):
    try:
        compile(text, "<with>", "exec")
        print(text, "compiles")
    except SyntaxError as error:
        print(text, "|", error.msg, error.offset)
