"""References that do not keep what they refer to alive, and containers made of them.

The containers hold their members as weak references in an ordinary dict or set, `data`. A reference
whose object died takes its entry out, by a callback that knows the container weakly. Whoever walks over
a container walks over a copy, in which dead references are skipped: so members may die, on this or any
other thread, and entries come and go meanwhile.
"""

import sys
from _weakref import (
    CallableProxyType,
    ProxyType,
    ReferenceType,
    _at_exit,
    _remove_dead_weakref,
    getweakrefcount,
    getweakrefs,
    proxy,
    ref,
)
from _weakrefset import WeakSet
from collections.abc import Mapping, MutableMapping, MutableSet

ProxyTypes = (ProxyType, CallableProxyType)

MutableSet.register(WeakSet)

__all__ = [
    "ref", "proxy", "getweakrefcount", "getweakrefs", "WeakKeyDictionary",
    "ReferenceType", "ProxyType", "CallableProxyType", "ProxyTypes",
    "WeakValueDictionary", "WeakSet", "WeakMethod", "finalize",
]


class WeakMethod(ref):
    """A weak reference to a bound method: it lives as long as both its object and its function do."""

    __slots__ = ("_function", "_kind", "_told", "__weakref__")

    def __new__(cls, meth, callback=None):
        try:
            receiver, function = meth.__self__, meth.__func__
        except AttributeError:
            raise TypeError(f"argument should be a bound method, not {type(meth)}") from None

        def died(_):
            this = find()
            if this is not None and not this._told:
                this._told = True
                if callback is not None:
                    callback(this)

        self = ref.__new__(cls, receiver, died)
        self._function = ref(function, died)
        self._kind = type(meth)
        self._told = False
        find = ref(self)
        return self

    def __call__(self):
        receiver = super().__call__()
        function = self._function()
        if receiver is None or function is None:
            return None
        return self._kind(function, receiver)

    def __eq__(self, other):
        if not isinstance(other, WeakMethod):
            return NotImplemented
        if self._told or other._told:
            return self is other
        return ref.__eq__(self, other) and self._function == other._function

    def __ne__(self, other):
        equal = self.__eq__(other)
        return equal if equal is NotImplemented else not equal

    __hash__ = ref.__hash__


class KeyedRef(ref):
    """A weak reference that knows under which key its container has it."""

    __slots__ = ("key",)

    def __new__(type, ob, callback, key):
        self = super().__new__(type, ob, callback)
        self.key = key
        return self

    def __init__(self, ob, callback, key):
        super().__init__(ob, callback)


class _WeakMapping(MutableMapping):
    """What the two mappings share."""

    def __len__(self):
        return sum(1 for _ in self.items())

    def __repr__(self):
        return f"<{type(self).__name__} at {id(self):#x}>"

    def __iter__(self):
        for key, _ in self.items():
            yield key

    keys = __iter__

    def values(self):
        for _, value in self.items():
            yield value

    def copy(self):
        copy = type(self)._empty()
        for key, value in self.items():
            copy[key] = value
        return copy

    __copy__ = copy

    def __ior__(self, other):
        self.update(other)
        return self

    def __or__(self, other):
        if not isinstance(other, Mapping):
            return NotImplemented
        union = self.copy()
        union.update(other)
        return union

    def __ror__(self, other):
        if not isinstance(other, Mapping):
            return NotImplemented
        union = type(self)()
        union.update(other)
        union.update(self)
        return union


class WeakValueDictionary(_WeakMapping):
    """A mapping that refers to its values weakly: an entry goes when its value dies."""

    def __init__(self, other=(), /, **kw):
        find = ref(self)

        def died(reference):
            this = find()
            if this is not None:
                # Unless the key has another value by now.
                _remove_dead_weakref(this.data, reference.key)

        self._died = died
        self.data = {}
        self.update(other, **kw)

    _empty = classmethod(lambda cls: WeakValueDictionary())

    def __getitem__(self, key):
        value = self.data[key]()
        if value is None:
            raise KeyError(key)
        return value

    def __setitem__(self, key, value):
        self.data[key] = KeyedRef(value, self._died, key)

    def __delitem__(self, key):
        del self.data[key]

    def __contains__(self, key):
        try:
            reference = self.data[key]
        except KeyError:
            return False
        return reference() is not None

    def __deepcopy__(self, memo):
        from copy import deepcopy

        copy = type(self)()
        for key, value in self.items():
            copy[deepcopy(key, memo)] = value
        return copy

    def get(self, key, default=None):
        try:
            reference = self.data[key]
        except KeyError:
            return default
        value = reference()
        return default if value is None else value

    def items(self):
        for key, reference in self.data.copy().items():
            value = reference()
            if value is not None:
                yield key, value

    def itervaluerefs(self):
        """The references themselves; some may be dead when they are used."""
        yield from self.data.copy().values()

    def valuerefs(self):
        """A list of the references themselves; some may be dead when they are used."""
        return list(self.data.copy().values())

    def popitem(self):
        while True:
            key, reference = self.data.popitem()
            value = reference()
            if value is not None:
                return key, value

    def pop(self, key, *args):
        try:
            value = self.data.pop(key)()
        except KeyError:
            value = None
        if value is not None:
            return value
        if args:
            return args[0]
        raise KeyError(key)

    def setdefault(self, key, default=None):
        value = self.get(key)
        if value is None:
            self[key] = value = default
        return value

    def update(self, other=None, /, **kwargs):
        if other is not None:
            if not hasattr(other, "items"):
                other = dict(other)
            for key, value in other.items():
                self[key] = value
        for key, value in kwargs.items():
            self[key] = value


class WeakKeyDictionary(_WeakMapping):
    """A mapping that refers to its keys weakly: an entry goes when its key dies."""

    def __init__(self, dict=None):
        find = ref(self)

        def died(reference):
            this = find()
            if this is not None:
                # A dead reference is equal to itself alone.
                this.data.pop(reference, None)

        self._died = died
        self.data = {}
        if dict is not None:
            self.update(dict)

    _empty = classmethod(lambda cls: WeakKeyDictionary())

    def __getitem__(self, key):
        return self.data[ref(key)]

    def __setitem__(self, key, value):
        self.data[ref(key, self._died)] = value

    def __delitem__(self, key):
        del self.data[ref(key)]

    def __contains__(self, key):
        try:
            reference = ref(key)
        except TypeError:
            return False
        return reference in self.data

    def __deepcopy__(self, memo):
        from copy import deepcopy

        copy = type(self)()
        for key, value in self.items():
            copy[key] = deepcopy(value, memo)
        return copy

    def get(self, key, default=None):
        return self.data.get(ref(key), default)

    def items(self):
        for reference, value in self.data.copy().items():
            key = reference()
            if key is not None:
                yield key, value

    def keyrefs(self):
        """A list of the references themselves; some may be dead when they are used."""
        return list(self.data)

    def popitem(self):
        while True:
            reference, value = self.data.popitem()
            key = reference()
            if key is not None:
                return key, value

    def pop(self, key, *args):
        return self.data.pop(ref(key), *args)

    def setdefault(self, key, default=None):
        return self.data.setdefault(ref(key, self._died), default)

    def update(self, dict=None, /, **kwargs):
        if dict is not None:
            if not hasattr(dict, "items"):
                dict = type({})(dict)
            for key, value in dict.items():
                self[key] = value
        if kwargs:
            self.update(kwargs)


class finalize:
    """Calls a function when an object dies, or when the program ends; once.

    A finalizer is alive until it is called or detached, and is kept until then.
    """

    __slots__ = ()

    # What each live finalizer will do, in the order in which they were made.
    _live = {}
    # Whether the end of the program knows; and whether it has come, when nothing is called any more.
    _at_exit = False
    _over = False

    class _Call:
        __slots__ = ("weakref", "func", "args", "kwargs", "atexit")

    def __init__(self, obj, func, /, *args, **kwargs):
        call = self._Call()
        call.weakref = ref(obj, self)
        call.func, call.args, call.kwargs = func, args, kwargs
        call.atexit = True
        if not finalize._at_exit:
            _at_exit(self._run_all)
            finalize._at_exit = True
        self._live[self] = call

    def __call__(self, _=None):
        """Calls the function if the finalizer is alive, and returns what it returned."""
        call = self._live.pop(self, None)
        if call is not None and not self._over:
            return call.func(*call.args, **call.kwargs)

    def detach(self):
        """Ends the finalizer's life; returns object, function and arguments if it was alive."""
        call = self._live.get(self)
        obj = call and call.weakref()
        if obj is not None and self._live.pop(self, None):
            return obj, call.func, call.args, call.kwargs

    def peek(self):
        """Object, function and arguments if the finalizer is alive."""
        call = self._live.get(self)
        obj = call and call.weakref()
        if obj is not None:
            return obj, call.func, call.args, call.kwargs

    @property
    def alive(self):
        """Whether it is still to be called."""
        return self in self._live

    @property
    def atexit(self):
        """Whether it is to be called when the program ends."""
        call = self._live.get(self)
        return call is not None and call.atexit

    @atexit.setter
    def atexit(self, value):
        call = self._live.get(self)
        if call is not None:
            call.atexit = bool(value)

    def __repr__(self):
        call = self._live.get(self)
        obj = call and call.weakref()
        state = "dead" if obj is None else f"for {type(obj).__qualname__!r} at {id(obj):#x}"
        return f"<{type(self).__name__} object at {id(self):#x}; {state}>"

    @classmethod
    def _run_all(cls):
        # The latest first, with those that are made meanwhile.
        while True:
            pending = [this for this, call in cls._live.copy().items() if call.atexit]
            if not pending:
                finalize._over = True
                return
            try:
                pending[-1]()
            except Exception:
                sys.excepthook(*sys.exc_info())
