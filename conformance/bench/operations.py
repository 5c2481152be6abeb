"""Single operations, each many times in a loop. Prints a name and nanoseconds a round of the loop, a line each.

Usage: operations.py [NAME]...
"""

import sys
from time import process_time

ROUNDS = 1_000_000
GLOBAL = 1


def function(a, b):
    return a


def defaults(a, b=2, c=3):
    return a


class Base:
    def __init__(self, x):
        self.x = x

    def method(self, a):
        return a


class Derived(Base):
    def method(self, a):
        return super().method(a)


def call(rounds):
    for i in range(rounds):
        function(i, i)


def call_method(rounds):
    base = Base(1)
    for i in range(rounds):
        base.method(i)


def create_instance(rounds):
    for i in range(rounds):
        Base(i)


def iterate_generator(rounds):
    def numbers(n):
        for i in range(n):
            yield i

    for _ in numbers(rounds):
        pass


def load_attribute(rounds):
    base = Base(1)
    for _ in range(rounds):
        base.x; base.x; base.x; base.x


def store_attribute(rounds):
    base = Base(1)
    for i in range(rounds):
        base.x = i; base.x = i; base.x = i; base.x = i


def load_global(rounds):
    for _ in range(rounds):
        GLOBAL; GLOBAL; GLOBAL; GLOBAL


def iterate_range(rounds):
    for _ in range(rounds):
        pass


def float_arithmetic(rounds):
    x, y = 1.5, 0.3
    for _ in range(rounds):
        x = x * y + 1.0 - y


def format_string(rounds):
    for i in range(rounds):
        f"{i}:{i}"


def dict_get(rounds):
    table = {"a": 1, "b": 2}
    for _ in range(rounds):
        table["a"]; table["b"]


def dict_set(rounds):
    table = {"a": 1, "b": 2}
    for i in range(rounds):
        table["a"] = i
        table["b"] = i


def dict_set_int(rounds):
    table = {}
    for i in range(rounds):
        table[i & 1023] = i


def concatenate(rounds):
    for i in range(rounds):
        "a" + str(i)


def join(rounds):
    pieces = []
    for i in range(rounds):
        pieces.append(str(i))
    "".join(pieces)


def list_get(rounds):
    items = [1, 2, 3]
    for _ in range(rounds):
        items[0]; items[1]; items[2]


def unpack(rounds):
    pair = (1, 2)
    for _ in range(rounds):
        a, b = pair


def call_super(rounds):
    derived = Derived(1)
    for i in range(rounds):
        derived.method(i)


def call_len(rounds):
    items = [1, 2]
    for _ in range(rounds):
        len(items)


def call_isinstance(rounds):
    base = Base(1)
    for _ in range(rounds):
        isinstance(base, Base)


def call_closure(rounds):
    k = 1

    def inner(x):
        return k

    for i in range(rounds):
        inner(i)


def call_keyword(rounds):
    for i in range(rounds):
        defaults(i, c=1)


def raise_and_catch(rounds):
    for _ in range(rounds):
        try:
            raise ValueError
        except ValueError:
            pass


def comprehend(rounds):
    for _ in range(rounds // 1000):
        [i for i in range(1000)]


def contains(rounds):
    numbers = {1, 2, 3}
    for i in range(rounds):
        i in numbers


# Those with a goal, twelve of them, then others.
OPERATIONS = [
    call, call_method, create_instance, iterate_generator, load_attribute, store_attribute, load_global,
    iterate_range, float_arithmetic, format_string, dict_get, dict_set,
    dict_set_int, concatenate, join, list_get, unpack, call_super, call_len, call_isinstance, call_closure,
    call_keyword, raise_and_catch, comprehend, contains,
]

wanted = sys.argv[1:]
for operation in OPERATIONS:
    name = operation.__name__
    if wanted and name not in wanted:
        continue
    operation(1000)
    begin = process_time()
    operation(ROUNDS)
    print(name, (process_time() - begin) / ROUNDS * 1e9)
