# A program can make a ring of contexts. Raising while one of it is handled must not go round it for ever.
import sys


def ring(*errors):
    for error, next in zip(errors, errors[1:] + errors[:1]):
        error.__context__ = next
    return errors


def raised_while(handled, new):
    try:
        try:
            raise handled
        except Exception:
            raise new
    except Exception as error:
        return error


# An exception from outside.
for size in range(2, 6):
    errors = ring(*(ValueError(n) for n in range(size)))
    error = raised_while(errors[0], KeyError("outside"))
    print(size, repr(error), repr(error.__context__), repr(error.__context__.__context__))

# One of the ring itself: it is cut out.
a, b, c = ring(ValueError("a"), ValueError("b"), ValueError("c"))
error = raised_while(a, b)
print(error is b, b.__context__ is a, a.__context__)

# A ring that begins behind the one that is handled.
a, b = ring(ValueError("a"), ValueError("b"))
first = TypeError("first")
first.__context__ = a
error = raised_while(first, KeyError("outside"))
print(repr(error.__context__), repr(error.__context__.__context__))

# Rings of causes, too: nobody follows them.
a, b = ValueError("a"), ValueError("b")
a.__cause__, b.__cause__ = b, a
print(repr(raised_while(a, KeyError("outside")).__context__))
sys.exit(0)
