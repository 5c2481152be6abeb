"""What a weak reference shows of its referent: the class, and the name that the class gives it."""

import re
import sys
import types
import weakref


def show(referent):
    try:
        text = repr(weakref.ref(referent))
    except Exception as error:
        return type(error).__name__, str(error)
    return re.sub(r"0x[0-9a-f]+", "0x", text)


class Plain:
    class Inner:
        pass


class Named:
    __name__ = "given by the class"


class Number:
    __name__ = 5


class Method:
    def __name__(self):
        return "never called"


class Property:
    def __init__(self, error=None):
        self.error = error

    @property
    def __name__(self):
        if self.error:
            raise self.error
        return "computed"


class Anything:
    def __getattr__(self, name):
        raise KeyError(name)


class Everything:
    def __getattribute__(self, name):
        raise KeyError(name)


own = Plain()
own.__name__ = "of the object"
elsewhere = types.new_class("Elsewhere")
elsewhere.__module__ = "far.away"
far = elsewhere()
for referent in own, Plain.Inner(), Plain, show, sys, Named(), Number(), Method(), far, set(), Anything(), Everything():
    print(show(referent))
for error in None, AttributeError("no name"), KeyError("no key"):
    print(show(Property(error)))
