"""The metaclass of abstract base classes: it knows which methods are still missing, and lets a class count others among its
subclasses. The library's `abc` takes it from here."""

from _abc import copy_pattern_flags, set_pattern_flag
from _weakrefset import WeakSet

# Where its classes and functions are known to be: `typing` lets `abc` ask what others may not.
__name__ = "abc"


def _is_abstract(value):
    return getattr(value, "__isabstractmethod__", False)


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

    def _dump_registry(cls, file=None):
        """Writes what the class knows about others, for who looks for a mistake."""
        known = cls._abc_impl
        print(f"Class: {cls.__module__}.{cls.__qualname__}", file=file)
        print(f"Inv. counter: {get_cache_token()}", file=file)
        for name, value in (
            ("_abc_registry", known.registered),
            ("_abc_cache", known.yes),
            ("_abc_negative_cache", known.no),
            ("_abc_negative_cache_version", known.no_as_of),
        ):
            print(f"{name}: {value!r}", file=file)

    def _abc_registry_clear(cls):
        """Forgets the registered classes."""
        cls._abc_impl.registered.clear()

    def _abc_caches_clear(cls):
        """Forgets what was found out about other classes."""
        known = cls._abc_impl
        known.yes.clear()
        known.no.clear()


# The methods are the library's `abc`'s too: who asks which module called finds it there.
for _method in vars(ABCMeta).values():
    if isinstance(_method, type(_missing)):
        _method.__module__ = "abc"
