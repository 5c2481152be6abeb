"""What refuses a call names: a method taken from an object the class of that object, one called on it the class that has it."""
import array
import collections


class Row(list):
    pass


class Name(str):
    pass


class Table(dict):
    pass


def show(action):
    try:
        print(ascii(action()))
    except Exception as error:
        print(type(error).__name__, ascii(str(error)))


# Bound first, called after.
row, name, table = Row([2, 1]), Name("ab"), Table(a=1)
for bound in (row.append, row.clear, row.copy, name.upper, name.join, name.center, table.copy, table.keys, [].append, "".join, True.bit_length):
    print(bound.__qualname__)
    show(lambda: bound(1, 2, 3))
    show(lambda: bound(wrong=1))

# Called at once.
show(lambda: row.append(1, 2))
show(lambda: name.upper(1))
show(lambda: table.copy(1))
show(lambda: Row.append(row, 1, 2))
show(lambda: list.append(row))

# Methods of classes, and what all objects have.
for bound in (Table.fromkeys, Row.__class_getitem__, list.__class_getitem__, collections.deque.__class_getitem__, array.array.__class_getitem__):
    print(bound.__qualname__)
    show(lambda: bound())
    show(lambda: bound(1, 2, 3))
    show(lambda: bound(wrong=1))
for bound in ((5).__reduce__, row.__getstate__, object().__reduce_ex__, name.__format__):
    show(lambda: bound(1, 2, 3))
    show(lambda: bound(None))

# Slots called by their names.
plain = show.__get__
for bound in (row.__setattr__, row.__setitem__, row.__delitem__, row.__delattr__, plain, (5).__pow__, (5).__rpow__, (5).__add__, row.__len__, property().__set__, property().__delete__):
    show(lambda: bound())
    show(lambda: bound(1, 2, 3, 4))
    show(lambda: bound(wrong=1))

# In place, the count is turned into a number before anything else.
for sequence in ([1], bytearray(b"a"), Row([1])):
    for count in (None, "a", 1.5, [1], 1 << 70):
        show(lambda: sequence.__imul__(count))
        show(lambda: sequence.__mul__(count))

# A missing argument is said before one that comes twice, and that before one that is not known.
show(lambda: compile("1", source="2"))
show(lambda: compile("1", "f", source="2"))
show(lambda: compile("1", "f", "eval", source="2"))
show(lambda: compile("1", "f", "eval", source="2", wrong=3))
show(lambda: compile("1", "f", wrong=3))
show(lambda: int("1", 2, base=3))
show(lambda: [].sort(1))
show(lambda: [].sort(1, 2, 3))
show(lambda: [].sort(key=None, reverse=None, wrong=1))
show(lambda: [].sort(wrong=1))
for arguments in ((1, 2, 3, 4), (1, 2)):
    show(lambda: str(*arguments))
    show(lambda: Name(*arguments))
    show(lambda: str.__new__(str, *arguments))
    show(lambda: str.__new__(Name, *arguments))

# None has no type of its own in these words.
show(lambda: (5).__format__(None))
show(lambda: object().__format__(None))
show(lambda: format(5, None))
show(lambda: b"a".center(5, None))
show(lambda: bytearray(b"a").ljust(5, None))
show(lambda: type(None, (), {}))
show(lambda: type("A", None, {}))
show(lambda: type(array)(None))
show(lambda: type(show)(None, {}))
show(lambda: compile("1", "f", None))

# Names of attributes that are no Unicode.
show(lambda: getattr(5, "\ud800"))
show(lambda: delattr(5, "a\udfffb"))
show(lambda: setattr(object(), "\ud800", 1))
show(lambda: delattr(row, "\ud800"))
try:
    getattr(Row(), "a\ud800")
except AttributeError as error:
    print(ascii(error.name), error.obj, ascii(error.args))

# What a bytearray was is gone where its new contents are refused, and what joins does not change its size meanwhile.
for wrong in (-1, 1 << 70, "a", [256], object()):
    data = bytearray(b"abc")
    show(lambda: data.__init__(wrong))
    print(data)
data = bytearray(b", ")


def pieces():
    yield b"a"
    data.extend(b"x")
    yield b"b"


show(lambda: data.join(pieces()))
print(data, data.join([b"a", b"b"]))
show(lambda: data.extend("a"))
show(lambda: data.extend(Name("a")))
show(lambda: data.extend(""))
