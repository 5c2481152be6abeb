"""Decorators and closures: counters, registries, retries, memory, currying."""

import functools

REGISTRY = {}


def command(name=None, *, aliases=()):
    def register(function):
        for key in (name or function.__name__, *aliases):
            REGISTRY[key] = function
        return function

    return register


def counted(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        wrapper.calls += 1
        return function(*args, **kwargs)

    wrapper.calls = 0
    return wrapper


def retry(times, *kinds):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args):
            for attempt in range(1, times + 1):
                try:
                    return attempt, function(*args)
                except kinds as error:
                    last = error
            raise last

        return wrapper

    return decorate


class Traced:
    """A decorator that is a class and also works on methods."""

    log = []

    def __init__(self, function):
        self.function = function
        functools.update_wrapper(self, function)

    def __call__(self, *args, **kwargs):
        shown = ", ".join([*map(repr, args), *(f"{k}={v!r}" for k, v in kwargs.items())])
        result = self.function(*args, **kwargs)
        self.log.append(f"{self.__name__}({shown}) = {result!r}")
        return result

    def __get__(self, instance, owner=None):
        return self if instance is None else functools.partial(self, instance)


def account(balance=0):
    history = []

    def change(amount):
        nonlocal balance
        balance += amount
        history.append(amount)
        return balance

    def peek():
        return balance, tuple(history)

    return change, peek


def curry(function, count=None):
    count = count or function.__code__.co_argcount

    def step(*args):
        if len(args) >= count:
            return function(*args)
        return lambda *more: step(*args, *more)

    return step


def compose(*functions):
    return functools.reduce(lambda f, g: lambda x: f(g(x)), functions)


class Point:
    def __init__(self, x):
        self.x = x

    def __repr__(self):
        return f"P{self.x}"

    @Traced
    def add(self, other, scale=1):
        return Point(self.x + other.x * scale)


@command("sum", aliases=("total", "+"))
@counted
def add_all(*numbers, start=0):
    """Adds numbers."""
    return sum(numbers, start)


@command()
def greet(name, /, greeting="Hello", *rest, sign, **options):
    return f"{greeting}, {name}{sign} {rest} {sorted(options)}"


def main():
    print(sorted(REGISTRY), add_all.__name__, add_all.__doc__)
    print(REGISTRY["+"](1, 2, 3), REGISTRY["total"](start=5), add_all.calls)
    print(greet("Ann", sign="!"), greet("Bo", "Hi", 1, 2, sign="?", z=1, a=2))
    for call in (
        lambda: greet("x"),
        lambda: greet(name="x", sign="."),
        lambda: greet(),
        lambda: account(1, 2),
        lambda: account(balace=3),
        lambda: Point(),
        lambda: compose(1, 2)(3),
    ):
        try:
            print(call())
        except TypeError as error:
            print("TypeError:", error)

    failures = iter([KeyError("a"), ValueError("b"), None, KeyError("c"), OSError("d")])

    @retry(3, KeyError, ValueError)
    def flaky(value):
        if (error := next(failures)) is not None:
            raise error
        return value * 2

    print(flaky(21), flaky.__wrapped__.__name__)
    try:
        flaky(1)
    except OSError as error:
        print("not retried:", error)

    deposit, peek = account(100)
    other, other_peek = account()
    deposit(20), deposit(-50), other(7)
    print(peek(), other_peek())
    print([cell.cell_contents for cell in deposit.__closure__], deposit.__code__.co_freevars)

    Point(1).add(Point(2)), Point.add(Point(3), Point(4), scale=10)
    print(Traced.log)

    volume = curry(lambda a, b, c: a * b * c)
    print(volume(2)(3)(4), volume(2, 3)(4), volume(2)(3, 4))
    print(compose(str, abs, lambda x: x - 10)(3))
    late = [lambda: n for n in range(3)]
    early = [lambda n=n: n for n in range(3)]
    print([f() for f in late], [f() for f in early])

    def shared(item, basket=[]):
        basket.append(item)
        return len(basket)

    print(shared("a"), shared("b"), shared("c", []), shared.__defaults__)

    def outer():
        def show():
            return value

        try:
            show()
        except NameError as error:
            print(error)
        value = "now"
        return show()

    print(outer())

    def local():
        print(unassigned)
        unassigned = 1

    try:
        local()
    except UnboundLocalError as error:
        print(error)


main()
