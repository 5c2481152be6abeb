"""Underscores in the text of numbers: between two digits they are nothing, elsewhere they are refused, by complex in words of its own."""


def show(kind, text):
    try:
        print(kind.__name__, ascii(text), kind(text))
    except ValueError as error:
        print(kind.__name__, ascii(text), ascii(str(error)))


for text in (
    "1_1", "1_0j", "1_000+2_0j", "(1_0)", "\u0661_\u0662", "1_0e1_0", "0_0", "1_0.0_1",
    "_", "_1", "1_", "1__2", "_x1", "x_1", "x1_0", "1_j", "1j_", "1_0jj", "1_0x", "1+_1j", "1 _1", " _", "1._5", "1_.5", "1e_5", "1_e5", "1e5_",
    "(1_", "(1_0", "()_", "_\u20ac", "1_0\u20ac", "a\u0661", "1\0", "1_\0", "1_0\0", "nan_", "in_f", "1__1j", "\ud800", "1_\ud800", "1_0\ud800", "+_1", "1_0+", "",
):
    for kind in (int, float, complex):
        show(kind, text)
    for kind in (int, float):
        try:
            data = text.encode("latin-1")
        except UnicodeEncodeError:
            continue
        show(kind, data)
