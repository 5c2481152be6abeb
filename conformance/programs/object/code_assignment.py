"""Code that is given another closure than its own, by `__code__` and by `exec`."""


def closed(value):
    def inner():
        return value

    return inner


def two(first, second):
    def inner():
        return first, second

    return inner


def plain():
    return "plain"


def attempt(what, *args, **kwargs):
    try:
        print(what(*args, **kwargs))
    except Exception as error:
        print(type(error).__name__, error)


def assign(function, code):
    function.__code__ = code
    return function()


inner = closed("closed")
attempt(assign, plain, inner.__code__)
attempt(assign, inner, plain.__code__)
attempt(assign, inner, two(1, 2).__code__)
attempt(assign, inner, "text")
attempt(delattr, inner, "__code__")
attempt(assign, inner, closed(0).__code__)
attempt(assign, plain, (lambda: "another").__code__)
attempt(assign, plain, (lambda a, b=2: a).__code__)

attempt(eval, inner.__code__)
for closure in None, (), (1,), [1], inner.__closure__ * 2, list(inner.__closure__):
    attempt(exec, inner.__code__, closure=closure)
attempt(exec, plain.__code__, closure=inner.__closure__)
attempt(exec, "1", closure=())
attempt(exec, "1", closure=None)
attempt(exec, (lambda a: a).__code__)


def shows():
    print(shown)


shown = "global"


def free():
    shown = "free"

    def inner():
        print(shown)

    return inner


attempt(exec, shows.__code__)
attempt(exec, free().__code__, closure=free().__closure__)
attempt(exec, free().__code__, {"print": print}, closure=inner.__closure__)
