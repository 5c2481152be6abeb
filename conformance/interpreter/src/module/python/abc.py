"""Abstract base classes: a metaclass that knows which methods are still missing, and that lets a class
count others among its subclasses."""

from _abc import copy_pattern_flags, set_pattern_flag
from _weakrefset import WeakSet


def abstractmethod(funcobj):
    """Marks a method that subclasses must define."""
    funcobj.__isabstractmethod__ = True
    return funcobj


class abstractclassmethod(classmethod):
    """An abstract class method."""

    __isabstractmethod__ = True

    def __init__(self, callable):
        callable.__isabstractmethod__ = True
        super().__init__(callable)


class abstractstaticmethod(staticmethod):
    """An abstract static method."""

    __isabstractmethod__ = True

    def __init__(self, callable):
        callable.__isabstractmethod__ = True
        super().__init__(callable)


class abstractproperty(property):
    """An abstract property."""

    __isabstractmethod__ = True


# How often any class was registered anywhere: what was found not to be a subclass before may be one now.
_registrations = 0


def get_cache_token():
    """A value that changes when a class is registered."""
    return _registrations


class _Known:
    """What an abstract class knows about others."""

    __slots__ = ("registered", "yes", "no", "no_as_of")

    def __init__(self):
        self.registered = WeakSet()
        self.yes = WeakSet()
        self.no = WeakSet()
        self.no_as_of = _registrations


def _missing(cls):
    return frozenset(name for base in cls.__mro__[1:] for name in getattr(base, "__abstractmethods__", ())
                     if _is_abstract(getattr(cls, name, None)))


def _is_abstract(value):
    return getattr(value, "__isabstractmethod__", False)


_SEQUENCE, _MAPPING = 1 << 5, 1 << 6


class ABCMeta(type):
    """The type of abstract base classes."""

    def __new__(mcls, name, bases, namespace, /, **kwargs):
        cls = super().__new__(mcls, name, bases, namespace, **kwargs)
        own = {key for key, value in namespace.items() if _is_abstract(value)}
        cls.__abstractmethods__ = _missing(cls) | own
        cls._abc_impl = _Known()
        # Which patterns of `match` its instances answer to: an attribute only for this.
        flags = namespace.get("__abc_tpflags__")
        if isinstance(flags, int):
            if flags & (_SEQUENCE | _MAPPING):
                set_pattern_flag(cls, bool(flags & _SEQUENCE))
            del cls.__abc_tpflags__
        return cls

    def register(cls, subclass):
        """Makes `subclass` count as a subclass of this class."""
        if not isinstance(subclass, type):
            raise TypeError("Can only register classes")
        if issubclass(subclass, cls):
            return subclass
        if issubclass(cls, subclass):
            raise RuntimeError("Refusing to create an inheritance cycle")
        global _registrations
        cls._abc_impl.registered.add(subclass)
        _registrations += 1
        copy_pattern_flags(cls, subclass)
        return subclass

    def __instancecheck__(cls, instance):
        """Whether `instance` is one of this class."""
        actual = type(instance)
        if actual in cls._abc_impl.yes:
            return True
        claimed = instance.__class__
        return cls.__subclasscheck__(claimed) or claimed is not actual and cls.__subclasscheck__(actual)

    def __subclasscheck__(cls, subclass):
        """Whether `subclass` is a subclass of this class."""
        if not isinstance(subclass, type):
            raise TypeError("issubclass() arg 1 must be a class")
        known = cls._abc_impl
        if subclass in known.yes:
            return True
        token = _registrations
        if known.no_as_of != token:
            known.no = WeakSet()
            known.no_as_of = token
        elif subclass in known.no:
            return False
        result = cls.__subclasshook__(subclass)
        if result is NotImplemented:
            result = (cls in subclass.__mro__
                      or any(issubclass(subclass, other) for other in known.registered)
                      or any(issubclass(subclass, other) for other in cls.__subclasses__()))
        (known.yes if result else known.no).add(subclass)
        return bool(result)


def update_abstractmethods(cls):
    """Computes anew which methods of a class are abstract."""
    if hasattr(cls, "__abstractmethods__"):
        own = {key for key, value in vars(cls).items() if _is_abstract(value)}
        cls.__abstractmethods__ = _missing(cls) | own
    return cls


class ABC(metaclass=ABCMeta):
    """A class to derive abstract classes from."""

    __slots__ = ()
