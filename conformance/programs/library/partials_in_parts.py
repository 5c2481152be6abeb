"""A `partial` keeps its arguments in a tuple and a dict, which the program may look at and change."""
import copy
import pickle
from functools import Placeholder, partial


def capture(*args, **keywords):
    return args, keywords


def tried(body):
    try:
        return body()
    except Exception as error:
        return f"{type(error).__name__}: {error}"


class Text(str):
    pass


class Mutating:
    def __str__(self):
        made.keywords[self] = ["other"]
        return "text"


made = partial(capture, ["item"], key=["value"])
print(made.args is made.args, made.keywords is made.keywords, made(), type(made.args), type(made.keywords))
made.keywords["more"] = 1
print(made(), made(key=2), made.keywords)
shallow = copy.copy(made)
print(shallow.args is made.args, shallow.keywords is made.keywords, shallow())
deep = copy.deepcopy(partial(capture, ["item"], key=["value"]))
print(deep(), deep.args is made.args)
outer = partial(made, 5, key=3)
made.keywords["late"] = 2
print(outer(), outer.func is capture, made())
del made.keywords["late"]
made.keywords[1234] = "value"
print(repr(made).endswith("1234='value')"), tried(made))
made = partial(capture)
made.keywords[Mutating()] = ["value"]
print(repr(made).endswith("text=['value'])"), len(made.keywords))
made = partial(capture, Placeholder, 2, key=3)
print(made(1), made.args[0] is Placeholder, tried(made), partial(made, 7, 8)(), tried(lambda: partial(capture, Placeholder)))
print(tried(lambda: delattr(made, "__dict__")), tried(lambda: setattr(made, "__dict__", 1)), tried(lambda: setattr(made, "args", ())))
made.__dict__ = {"said": "this"}
print(made.said, vars(made), pickle.loads(pickle.dumps(made.__reduce__()[2][3])))


class Row(tuple):
    pass


class Map(dict):
    pass


made.__setstate__((capture, Row((1, 2)), Map(a=1), None))
print(type(made.args), type(made.keywords), made(), vars(made))
made.__setstate__((capture, (1,), None, {"x": 1}))
print(made.keywords, made(), vars(made))
for state in ((capture, (), {}), (capture, (), {}, {}, None), (1, (), {}, {}), (capture, None, {}, {}), (capture, (), [], {}), (capture, (), {}, []),
              (capture, (Placeholder,), {}, None), [capture, (), {}, {}]):
    print(tried(lambda: made.__setstate__(state)))
print(partial(capture, **{Text("key"): 1})(), partial(capture)(), partial(partial(capture, 1), 2, b=3)(4, b=5))
