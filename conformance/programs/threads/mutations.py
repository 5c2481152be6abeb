# What code relies on changes while threads run it: classes, instances, functions, modules, globals, builtins. Whatever a
# thread sees is something that was there, and where values only grow it never sees an older one after a newer one.
import builtins
import threading

ROUNDS = 300
LOOKS = 800


def race(name, change, look, allowed=None):
    """Threads look while another changes; what they see is allowed, or does not get smaller."""
    problems = []
    ready = threading.Barrier(3)

    def reader():
        ready.wait()
        last = -1
        for _ in range(LOOKS):
            seen = look()
            if allowed is not None:
                if seen not in allowed:
                    problems.append(seen)
            elif type(seen) is not int or not last <= seen < ROUNDS:
                problems.append((last, seen))
            else:
                last = seen

    def run(body, *args):
        try:
            body(*args)
        except BaseException as error:
            problems.append(repr(error))

    def changer():
        ready.wait()
        for number in range(ROUNDS):
            change(number)

    look()
    threads = [threading.Thread(target=run, args=(body,)) for body in (reader, reader, changer)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(name, problems[:3])


# --- Classes


class Base:
    value = 0

    def method(self):
        return 0

    @classmethod
    def of_class(cls):
        return cls.value


class Derived(Base):
    pass


thing = Derived()


def set_class_value(number):
    Base.value = number


race("class value", set_class_value, lambda: thing.value)
Base.value = 0
race("class value by class", set_class_value, lambda: Derived.value)
Base.value = 0
race("class value by classmethod", set_class_value, lambda: thing.of_class())


def set_method(number):
    Base.method = lambda self: number


race("method", set_method, lambda: thing.method())


class Calls(Base):
    def method(self):
        return super().method()


Base.method = lambda self: 0
calls = Calls()
race("super", set_method, lambda: calls.method())


def set_kind(number):
    match number % 4:
        case 0:
            Derived.kind = "plain"
        case 1:
            Derived.kind = property(lambda self: "property")
        case 2:
            Derived.kind = lambda self: "method"
        case 3:
            Derived.__getattr__ = lambda self, name: "missing"
            del Derived.kind


def kind():
    found = thing.kind
    return found if isinstance(found, str) else found()


Derived.kind = "plain"
race("kind of attribute", set_kind, kind, {"plain", "property", "method", "missing"})


class Made:
    def __init__(self, number):
        self.number = number


def set_init(number):
    if number % 2:
        Made.__init__ = lambda self, number: setattr(self, "number", -number)
    else:
        Made.__init__ = lambda self, number, more=0: setattr(self, "number", number + more)


race("__init__", set_init, lambda: Made(5).number, {5, -5})


def set_bases(number):
    Fickle.__bases__ = (Left,) if number % 2 else (Right, Left)


class Left:
    side = "left"

    def where(self):
        return "left"


class Right(Left):
    side = "right"

    def where(self):
        return "right"


class Fickle(Left):
    pass


fickle = Fickle()
race("__bases__", set_bases, lambda: (fickle.side, fickle.where()),
     {(a, b) for a in ("left", "right") for b in ("left", "right")})

# --- Instances


class Point:
    def __init__(self, x):
        self.x = x
        self.y = x


point = Point(0)


def set_value(number):
    point.x = number


race("instance value", set_value, lambda: point.x)


def set_dict(number):
    point.__dict__ = {"x": number} if number % 2 else {"y": 1, "z": 2, "x": number}


point = Point(0)
race("__dict__", set_dict, lambda: point.x)


def set_by_dict(number):
    names = point.__dict__
    names[f"more{number % 40}"] = number
    names["x"] = number
    if number % 40 == 39:
        for other in range(40):
            del names[f"more{other}"]


point = Point(0)
race("through __dict__", set_by_dict, lambda: point.x)


def take_away(number):
    if number % 2:
        point.late = number
    else:
        point.__dict__.pop("late", None)
        Point.late = number


Point.late = 0
race("shadowed", take_away, lambda: point.late, set(range(ROUNDS)))


class One:
    def __init__(self):
        self.a, self.b = "a", "b"

    def who(self):
        return "one"


class Two:
    def __init__(self):
        self.b, self.a = "b", "a"

    def who(self):
        return "two"


changing = One()


def set_class(number):
    changing.__class__ = (One, Two)[number % 2]


race("__class__", set_class, lambda: (changing.who(), changing.a, changing.b),
     {("one", "a", "b"), ("two", "a", "b")})


class Slotted:
    __slots__ = ("x",)


slotted = Slotted()
slotted.x = 0


def set_slot(number):
    slotted.x = number


race("slot", set_slot, lambda: slotted.x)
shape = [0]


def new_shapes(number):
    fresh = Point(number)
    setattr(fresh, f"only{number % 7}", number)
    shape[0] = fresh


def look_at_shape():
    found = shape[0]
    return found.x if found else 0


race("shapes", new_shapes, look_at_shape)

# --- Functions


def function(a=0):
    return ("old", a)


def other(a=1):
    b = c = d = a
    return ("new", d)


codes = function.__code__, other.__code__


def set_code(number):
    function.__code__ = codes[number % 2]
    function.__defaults__ = (number % 3,)


race("__code__", set_code, lambda: function(), {(a, b) for a in ("old", "new") for b in range(3)})
race("__code__ with arguments", set_code, lambda: function(7), {("old", 7), ("new", 7)})

# --- Modules, globals, builtins

module = type(threading)("module")
module.x = 0


def set_module(number):
    module.x = number
    setattr(module, f"more{number % 50}", number)
    if number % 50 == 49:
        for other in range(50):
            delattr(module, f"more{other}")


race("module", set_module, lambda: module.x)
counter = 0


def set_global(number):
    global counter
    counter = number


race("global", set_global, lambda: counter)
counter = 0


def set_globals(number):
    names = globals()
    names["counter"] = number
    names[f"more{number % 50}"] = number
    if number % 50 == 49:
        for other in range(50):
            del names[f"more{other}"]


race("globals()", set_globals, lambda: counter)
true_abs = abs


def shadow(number):
    match number % 4:
        case 0:
            globals()["abs"] = lambda x: "shadow"
        case 1:
            del globals()["abs"]
        case 2:
            builtins.abs = lambda x: "replaced"
        case 3:
            builtins.abs = true_abs


race("builtins", shadow, lambda: abs(-3), {3, "shadow", "replaced"})


def with_name_error(number):
    if number % 2:
        builtins.fleeting = number
    else:
        vars(builtins).pop("fleeting", None)


def fleet():
    try:
        return fleeting
    except NameError:
        return None


race("fleeting", with_name_error, fleet, {None, *range(ROUNDS)})
