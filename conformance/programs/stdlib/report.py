"""A sales report: format strings in all their variety."""

import math

SALES = [("Anvil", 12, 199.99, 0.05), ("Rope (10 m)", 240, 4.5, 0.0), ("Żarówka", 1000, 0.333, 0.125),
         ("ロケット", 1, 1234567.891, 1 / 3), ("Nothing", 0, 0.0, -0.0)]


class Money:
    def __init__(self, amount):
        self.amount = amount

    def __format__(self, spec):
        symbol, _, rest = spec.partition("|")
        return symbol + format(self.amount, rest or ",.2f")

    def __repr__(self):
        return f"Money({self.amount!r})"

    def __str__(self):
        return f"{self:€|}"


def table():
    print(f"{'item':<14}{'count':>7}{'price':>16}{'off':>8}{'sum':^18}")
    print(f"{'':=<63}")
    total = 0
    for name, count, price, off in SALES:
        amount = count * price * (1 - off)
        total += amount
        print(f"{name:.<14.11}{count:>7,}{Money(price)!s:>16}{off:>8.1%}{amount:^+18,.2f}".rstrip())
    width, precision = 20, 3
    print(f"{'total':<14}{total:>{width}.{precision}f}|{total:{'*'}^{width + 4}.{precision}e}|")


def numbers():
    for value in (0, 7, -42, 255, 123456789, 2**70):
        print(f"{value:d} {value:+d} {value: d} {value:x} {value:#X} {value:#o} {value:b} {value:_} {value:,}"
              if abs(value) < 10**6 else f"{value:_d} {value:e} {value:#_x} {value:,d}")
    for value in (0.0, -0.0, 1.5, 1 / 3, 1e16, 1e-5, 123456.789, 6.02214076e23, math.inf, -math.inf, math.nan):
        print(f"{value!r:>22} {value:g} {value:.3g} {value:.0f} {value:e} {value:#.4g} {value:010.2f} {value:+.1%} {value:,.1f} {value:n}")
    print(f"{3:c<5d}|{3:05d}|{-3:05d}|{-3:=+6d}|{3.14159:>+10.2f}|{True:d}|{True}|{65:c}|{1j:.2f}|{2 - 3.5j:>12}")
    print([round(x, 1) for x in (0.25, 0.35, 2.675, -0.05)], round(2.5), round(-3.5), round(1234, -2), f"{0.5:.0f} {1.5:.0f} {2.5:.0f}")


def strings():
    name, items = "Ada", {"a": 1, "list": [1, "two", None]}
    print(f"{name!r} {name!s:>5} {name!a} {'é☃'!a} {items['list'][1]} {items!r:.12} {{braces}} {name=} {len(name) * 2 = :>4} {name = !s}")
    print("{0} {1} {0!r:>6} {key[list][1]} {obj.amount:.1f} {}".replace("{}", "{2}").format("x", 2.5, "z", key=items, obj=Money(9)))
    print("%s %r %d %5.2f %-6s| %06d %x %o %e %g %c %% %+d %(" .replace("%(", "") % ("s", "r", 42, 3.14159, "left", 42, 255, 8, 12345.678, 0.0001, "c", 5))
    print("%(name)s is %(age)d, %(name)r" % {"name": "Bo", "age": 7}, "%*d|%-*d|" % (5, 42, 5, 42), "%.3s" % "abcdef")
    print("centred".center(15, "*"), "left".ljust(8, "-"), "7".rjust(4), "-42".zfill(6), "tab\tbed".expandtabs(6))
    print("one two  three".split(), "a,b,,c".split(","), "a,b,c".rsplit(",", 1), "x=y=z".partition("="), "x=y=z".rpartition("="), "a\nb\r\nc".splitlines(True))
    print("Hello World".swapcase(), "hello world".title(), "HELLO".capitalize(), "ß".upper(), "ǅ".lower(), "Straße".casefold(), "İ".lower() == "i̇")
    print("mississippi".count("ss"), "mississippi".find("ssi", 3), "mississippi".rfind("ss"), "mississippi".replace("ss", "SS", 1), "xxabcxx".strip("x"), "prefix-body".removeprefix("prefix-"), "body.py".removesuffix(".py"))
    print("abc".translate(str.maketrans("ab", "xy", "c")), "abc".translate({97: "[a]", 98: None}), "-".join("abc"), "é".encode(), b"caf\xc3\xa9".decode(), "naïve".encode("ascii", "replace"), "x".encode("utf-16-le"))
    print("12".isdigit(), "½".isnumeric(), "a1".isalnum(), "A b".istitle(), " \t".isspace(), "é".isascii(), "_x1".isidentifier(), "abc" < "abd" <= "abd", "a" * 3, "bc" in "abcd")
    print(repr("it's"), repr('say "hi"'), repr("both ' and \""), repr("\x00\x1f\x7f\xa0\u200b\ud800\U0001f600\\\n"), ascii("é\U0001f600"))


def errors():
    for attempt in (lambda: f"{3:s}", lambda: f"{'x':d}", lambda: f"{3.5:d}", lambda: "{} {}".format(1), lambda: "{a}".format(b=1), lambda: "%d" % "x", lambda: "%s %s" % (1,), lambda: "%s" % (1, 2),
                    lambda: f"{3:,_}", lambda: f"{'x':=5}", lambda: f"{[]:>4}", lambda: "{".format(), lambda: "%q" % 1, lambda: "{0} {}".format(1, 2), lambda: "a".join([1])):
        try:
            print(attempt())
        except Exception as error:
            print(f"{type(error).__name__}: {error}")


table()
numbers()
strings()
errors()
