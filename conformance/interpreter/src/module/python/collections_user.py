"""`UserDict`, `UserList` and `UserString`: containers to derive from, whose contents are in `data`."""

from collections.abc import MutableMapping, MutableSequence, Sequence


class UserDict(MutableMapping):
    """A mapping around the dict `data`."""

    __module__ = "collections"

    def __init__(self, dict=None, /, **kwargs):
        self.data = {}
        if dict is not None:
            self.update(dict)
        if kwargs:
            self.update(kwargs)

    def __len__(self):
        return len(self.data)

    def __getitem__(self, key):
        if key in self.data:
            return self.data[key]
        missing = getattr(type(self), "__missing__", None)
        if missing is None:
            raise KeyError(key)
        return missing(self, key)

    def __setitem__(self, key, item):
        self.data[key] = item

    def __delitem__(self, key):
        del self.data[key]

    def __iter__(self):
        return iter(self.data)

    def __contains__(self, key):
        return key in self.data

    def get(self, key, default=None):
        """The value of the key, or the default: `__missing__` is not asked."""
        return self[key] if key in self else default

    def __repr__(self):
        return repr(self.data)

    def __or__(self, other):
        if isinstance(other, UserDict):
            return self.__class__(self.data | other.data)
        if isinstance(other, dict):
            return self.__class__(self.data | other)
        return NotImplemented

    def __ror__(self, other):
        if isinstance(other, UserDict):
            return self.__class__(other.data | self.data)
        if isinstance(other, dict):
            return self.__class__(other | self.data)
        return NotImplemented

    def __ior__(self, other):
        self.data |= other.data if isinstance(other, UserDict) else other
        return self

    def __copy__(self):
        return _twin(self, self.data.copy())

    def copy(self):
        """A copy that has its own dict."""
        if self.__class__ is UserDict:
            return UserDict(self.data.copy())
        twin = _twin(self, {})
        twin.update(self)
        return twin

    @classmethod
    def fromkeys(cls, iterable, value=None):
        """A mapping with these keys."""
        made = cls()
        for key in iterable:
            made[key] = value
        return made


def _twin(container, data):
    twin = container.__class__.__new__(container.__class__)
    twin.__dict__.update(container.__dict__)
    twin.__dict__["data"] = data
    return twin


def _plain(other):
    return other.data if isinstance(other, (UserList, UserString)) else other


class UserList(MutableSequence):
    """A sequence around the list `data`."""

    __module__ = "collections"

    def __init__(self, initlist=None):
        self.data = []
        if initlist is not None:
            self.data[:] = _plain(initlist)

    def __repr__(self):
        return repr(self.data)

    def __lt__(self, other):
        return self.data < _plain(other)

    def __le__(self, other):
        return self.data <= _plain(other)

    def __eq__(self, other):
        return self.data == _plain(other)

    def __gt__(self, other):
        return self.data > _plain(other)

    def __ge__(self, other):
        return self.data >= _plain(other)

    def __contains__(self, item):
        return item in self.data

    def __len__(self):
        return len(self.data)

    def __getitem__(self, i):
        found = self.data[i]
        return self.__class__(found) if isinstance(i, slice) else found

    def __setitem__(self, i, item):
        self.data[i] = item

    def __delitem__(self, i):
        del self.data[i]

    def __add__(self, other):
        return self.__class__(self.data + _as_list(other))

    def __radd__(self, other):
        return self.__class__(_as_list(other) + self.data)

    def __iadd__(self, other):
        self.data += _as_list(other)
        return self

    def __mul__(self, n):
        return self.__class__(self.data * n)

    __rmul__ = __mul__

    def __imul__(self, n):
        self.data *= n
        return self

    def __copy__(self):
        return _twin(self, self.data[:])

    def append(self, item):
        """Adds the item at the end."""
        self.data.append(item)

    def insert(self, i, item):
        """Inserts the item before the index."""
        self.data.insert(i, item)

    def pop(self, i=-1):
        """Removes an item and returns it."""
        return self.data.pop(i)

    def remove(self, item):
        """Removes the first item that is equal."""
        self.data.remove(item)

    def clear(self):
        """Removes all items."""
        self.data.clear()

    def copy(self):
        """A new one with the same items."""
        return self.__class__(self)

    def count(self, item):
        """How often the item occurs."""
        return self.data.count(item)

    def index(self, item, *args):
        """The first index of the item."""
        return self.data.index(item, *args)

    def reverse(self):
        """Reverses the order in place."""
        self.data.reverse()

    def sort(self, /, *args, **kwds):
        """Sorts in place, as a list does."""
        self.data.sort(*args, **kwds)

    def extend(self, other):
        """Adds all items at the end."""
        self.data.extend(_plain(other))


def _as_list(other):
    other = _plain(other)
    return other if isinstance(other, list) else list(other)


class UserString(Sequence):
    """A sequence of characters around the string `data`."""

    __module__ = "collections"

    def __init__(self, seq):
        self.data = _plain(seq)[:] if isinstance(seq, (str, UserString)) else str(seq)

    def __str__(self):
        return str(self.data)

    def __repr__(self):
        return repr(self.data)

    def __int__(self):
        return int(self.data)

    def __float__(self):
        return float(self.data)

    def __complex__(self):
        return complex(self.data)

    def __hash__(self):
        return hash(self.data)

    def __getnewargs__(self):
        return (self.data[:],)

    def __eq__(self, string):
        return self.data == _plain(string)

    def __lt__(self, string):
        return self.data < _plain(string)

    def __le__(self, string):
        return self.data <= _plain(string)

    def __gt__(self, string):
        return self.data > _plain(string)

    def __ge__(self, string):
        return self.data >= _plain(string)

    def __contains__(self, char):
        return _plain(char) in self.data

    def __len__(self):
        return len(self.data)

    def __getitem__(self, index):
        return self.__class__(self.data[index])

    def __add__(self, other):
        return self.__class__(self.data + _as_text(other))

    def __radd__(self, other):
        return self.__class__(_as_text(other) + self.data)

    def __mul__(self, n):
        return self.__class__(self.data * n)

    __rmul__ = __mul__

    def __mod__(self, args):
        return self.__class__(self.data % args)

    def __rmod__(self, template):
        return self.__class__(str(template) % self)


def _as_text(other):
    other = _plain(other)
    return other if isinstance(other, str) else str(other)


def _delegate(name, wraps):
    """Gives `UserString` the method of strings with this name; `wraps` says that the result is one again."""

    def method(self, /, *args, **kwargs):
        args = tuple(_plain(arg) for arg in args)
        result = getattr(self.data, name)(*args, **kwargs)
        return self.__class__(result) if wraps else result

    method.__name__ = name
    method.__qualname__ = f"UserString.{name}"
    method.__module__ = "collections"
    method.__doc__ = getattr(str, name).__doc__
    setattr(UserString, name, method)


for _name in ("capitalize casefold center expandtabs ljust lower lstrip removeprefix removesuffix replace rjust"
              " rstrip strip swapcase title translate upper zfill").split():
    _delegate(_name, True)
for _name in ("count encode endswith find format format_map index isalpha isalnum isascii isdecimal isdigit"
              " isidentifier islower isnumeric isprintable isspace istitle isupper join partition rfind rindex"
              " rpartition rsplit split splitlines startswith").split():
    _delegate(_name, False)
UserString.maketrans = staticmethod(str.maketrans)
del _name, _delegate
