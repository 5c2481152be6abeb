"""f_locals of a function: a mapping that writes through to the variables."""

import sys


def attempt(name, body):
    try:
        print(name, "->", body())
    except Exception as error:
        print(name, "!!", type(error).__name__, error)


def mapping():
    first = 1

    def inner():
        return first

    view = sys._getframe().f_locals
    kind = type(view)
    print(kind.__name__, list(view))
    public = [name for name in dir(view) if not name.startswith("__")]
    print(public)
    other = {"first": 10, "new": 20}
    attempt("get", lambda: (view.get("first"), view.get("none"), view.get("none", 8)))
    attempt("missing", lambda: view["nothing"])
    attempt("number", lambda: view[1])
    attempt("list", lambda: view[[]])
    attempt("in list", lambda: [] in view)
    attempt("pop", lambda: view.pop("first"))
    attempt("pop missing", lambda: view.pop("nothing"))
    attempt("pop default", lambda: view.pop("nothing", 3))
    attempt("pop none", lambda: view.pop())
    attempt("delete", lambda: view.__delitem__("first"))
    attempt("delete missing", lambda: view.__delitem__("nothing"))
    attempt("clear", lambda: view.clear())
    attempt("popitem", lambda: view.popitem())
    attempt("set number", lambda: view.__setitem__(1, 2))
    attempt("has number", lambda: (1 in view, view[1], len(view)))
    attempt("setdefault", lambda: (view.setdefault("first", 5), view.setdefault("fresh", 6), view["fresh"]))
    attempt("delete extra", lambda: (view.__delitem__("fresh"), "fresh" in view))
    attempt("pop extra", lambda: (view.pop(1), 1 in view))
    attempt("update", lambda: (view.update(other), first, view["new"]))
    attempt("update pairs", lambda: view.update([("a", 1)]))
    attempt("update keywords", lambda: view.update(a=1))
    attempt("update number", lambda: view.update(3))
    attempt("or", lambda: sorted((view | {"k": 1}).keys()))
    attempt("ror", lambda: ({"zero": 0} | view)["first"])
    attempt("or number", lambda: view | 3)
    attempt("hash", lambda: hash(view))
    attempt("order", lambda: view < view)
    attempt("equal", lambda: (view == view, view == {}, view != view, view == 3))
    attempt("same frame", lambda: view == kind(frame))
    attempt("reversed", lambda: list(reversed(view)) == list(view)[::-1])
    attempt("kinds", lambda: (type(view.keys()), type(view.values()), type(view.items()), type(view.copy())))
    attempt("stars", lambda: sorted({**view}) == sorted(view))
    attempt("new without", lambda: kind())
    attempt("new of int", lambda: kind(3))
    attempt("new keyword", lambda: kind(frame, x=1))
    attempt("subclass", lambda: type("Sub", (kind,), {}))
    attempt("reduce", lambda: view.__reduce__())
    attempt("attribute", lambda: setattr(view, "x", 1))
    frame = sys._getframe()
    attempt("same frame", lambda: view == kind(frame))
    match view:
        case {"first": value}:
            print("matched", value)
    return inner()


print(mapping())


class Text(str):
    pass


class Like:
    def __hash__(self):
        return hash("value")

    def __eq__(self, other):
        return other == "value"


def keys_like_names():
    value = 1
    view = sys._getframe().f_locals
    view[Text("value")] = 2
    print(value, Like() in view)
    view[Like()] = 3
    print(value, len(view))


keys_like_names()


def cells():
    shared = 1
    frame = sys._getframe()

    def inner():
        nonlocal shared
        frame.f_locals["shared"] = 10
        return shared

    print(inner(), shared)
    del shared
    print("shared" in frame.f_locals, list(frame.f_locals))
    frame.f_locals["shared"] = 3
    print(shared)


cells()


def from_above():
    def change():
        up = sys._getframe(1).f_locals
        up["number"] += 1
        up["extra"] = "kept"

    number = 1
    change()
    print(number, sorted(locals()))
    change()
    return number, sorted(sys._getframe().f_locals)


print(from_above())


def unbound():
    view = sys._getframe().f_locals
    print("later" in view, list(view))
    view["later"] = "bound"
    if len(view) > 10:
        later = 1
    print(later)


unbound()


def comprehension():
    outer = 1
    seen = [(sorted(sys._getframe().f_locals), locals()["outer"]) for item in [1]]
    inner = [sys._getframe().f_locals["outer"] for outer in [7]]
    return seen, inner, outer, sorted(locals())


print(comprehension())


def executed():
    value = 1
    exec("value = 2; other = 3", globals(), sys._getframe().f_locals)
    return value, locals()


print(executed())


class Body:
    here = sys._getframe()
    value = 5
    here.f_locals["added"] = 7
    print(added, here.f_locals["value"], here.f_code.co_name, here.f_locals is locals())
    del here


print(Body.added, sys._getframe().f_locals is globals())

space = {"sys": sys}
exec("frame = sys._getframe(); x = 1", {"sys": sys}, space)
print(space["frame"].f_locals is space, space["x"], space["frame"].f_back.f_code.co_name)


def operators_while_changed():
    """The value that an operation looks at stays, though the variable gets another."""
    frame = sys._getframe()

    class Odd:
        def __init__(self, name):
            self.name = name

        def __add__(self, other):
            frame.f_locals["left"] = None
            frame.f_locals["right"] = None
            return self.name + other.name

        def __eq__(self, other):
            frame.f_locals["left"] = 0
            return True

        def __getattr__(self, name):
            frame.f_locals["left"] = 1
            return name + self.name

        def method(self, *args):
            frame.f_locals["left"] = "changed"
            return self.name, [arg.name for arg in args]

    left, right = Odd("left"), Odd("right")
    print(left + right, left, right)
    left = Odd("left")
    print([1, 2, left] == [1, 2, left], left == left, left)
    left = Odd("left")
    print(left.unknown, left)
    left = Odd("left")
    right = Odd("right")
    print(left.method(left, right), left)
    data = [1, 2, 3]

    class Grow:
        def __index__(self):
            frame.f_locals["data"] = "abc"
            return 1

    print(data[Grow()], data)


operators_while_changed()
