"""Special methods of built-in classes in classes that do not derive from them: each looks at what it is given."""

import functools
import types
import weakref


def outcome(call):
    try:
        call()
    except (TypeError, AttributeError) as error:
        return type(error).__name__
    return "goes on"


for owner in (
    types.GenericAlias,
    types.ModuleType,
    types.MethodType,
    functools.partial,
    weakref.ProxyType,
    weakref.CallableProxyType,
    super,
    type,
):
    other = type("Other", (), {"__getattribute__": owner.__getattribute__})
    print(owner.__name__, outcome(lambda: other().anything), outcome(lambda: getattr(other(), "anything", None)))

other = type("Other", (), {"__getattribute__": object.__getattribute__, "anything": 1})
print(other().anything)

# One that belongs to another operation.
for special in "__add__", "__len__", "__getitem__", "__iter__", "__call__", "__eq__", "__repr__", "__hash__", "__get__":
    for owner in (str, list, dict, int, types.FunctionType):
        if (found := vars(owner).get(special)) is not None:
            other = type("Other", (), {name: found for name in ("__getattribute__", "__getattr__")})
            print(special, owner.__name__, outcome(lambda: other().anything))
