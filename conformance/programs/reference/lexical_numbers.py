"""Numeric literals, operators and delimiters."""
import warnings


def said(text):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            value = eval(text)
            print(text, "->", repr(value), type(value).__name__)
        except SyntaxError as error:
            print(text, "->", error.msg, error.offset, error.end_offset)
        except Exception as error:
            print(text, "->", type(error).__name__, str(error)[:70])
    for warning in caught:
        print("   ", warning.category.__name__, warning.message)


print("integers")
for text in "0 00 0_0 7 1_000 1__0 1_ _1 0b101 0B1_1 0b 0b2 0b_1 0b1_ 0o17 0O_7 0o8 0o 0xDEAD_beef 0XfF 0x 0xg 0x_f 01 007 08 0_7 00_0 1_2_3 123456789012345678901234567890".split():
    said(text)
print("floats")
for text in "1. .5 1.5 1e5 1E-3 1e+3 1_0.0_1 1e1_0 1._5 1_.5 1e 1e+ 1e_5 .e5 . 1.5.5 0e0 00.5 01.5 09.5 09 1e400 1e-400 5e-324 0x1.8p3 3.14_15_93".split():
    said(text)
print("imaginary")
for text in "1j 1.5J .5j 1e5j 0j 00j 01j 1_0j 1jj 1j2 3.j 1ej 0x1j".split():
    said(text)
print("what follows a number")
for text in ("1if 1else 2", "1or 2", "0xfor x", "1and 2", "1in [1]", "0b1and 1", "1.if 1 else 2", "1jif 1 else 2", "1is 1", "1not in [1]", "1_a", "1a", "1.5a", "0b12", "0o9x", "1.e", "1.real", "1 .real", "1..real", "(1).real", "1_000.real", "1e5.real", "[1for x in [1]]", "1lambda"):
    said(text)
print("too long")
said("1" * 4300 + " > 0")
said("1" * 4301)
said("0x" + "f" * 5000 + " > 0")
said("1e" + "9" * 50)
said("0." + "0" * 400 + "1")

print("operators")
for text in ("1 + - + 2", "1 - -1", "- - 1", "~-1", "not not 1", "2 ** -1", "-2 ** 2", "2 ** 3 ** 2", "7 // 2", "-7 // 2", "-7 % 3", "7 % -3", "1 << 2 + 1", "1 | 2 ^ 3 & 4", "1 < 2 < 3", "1 < 3 < 2",
             "1 == 1 != 2", "1 <> 2", "1 === 1", "1 =< 2", "1 => 2", "1 ! 2", "a := 1", "(a := 1) + 1", "1 ++ 2", "1 +++ 2", "x++", "++x", "1 && 2", "1 || 2", "!1", "not", "1 is not 2", "1 not 2", "not in 1", "[] in", "1 if 2", "*1", "**1", "1 @ 2", "1 -> 2", "...", ". ..", "1 .. 2", "1,", ",", "(,)", "[,]", "{,}", "()", "1,2,", "1,,2", "a.1", "a.'b'", "f(,)", "a[]", "a[1:2:3:4]", "a[:,]"):
    said(text)
