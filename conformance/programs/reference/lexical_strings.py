"""String and bytes literals: prefixes, quotes, escapes, concatenation, and what is refused."""
import warnings


def said(text):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            value = eval(text)
            print(text.encode("unicode_escape").decode(), "->", ascii(value), type(value).__name__)
        except (SyntaxError, UnicodeError) as error:
            print(text.encode("unicode_escape").decode(), "->", error.msg, error.offset)
    for warning in caught:
        print("   ", warning.category.__name__, warning.message)


print("prefixes")
for prefix in ("", "r", "R", "u", "U", "b", "B", "br", "Rb", "rB", "f", "F", "fr", "RF", "ur", "bu", "bf", "uf", "fb", "bb", "rr", "x"):
    said(f"{prefix}'a\\tb'")

print("quotes")
for text in ("'it''s'", '"it\'s"', "'''a'b''c'''", '"""a""b"""', "'a' \"b\" '''c'''", "'a' b'b'", "b'a' b'b'", "'a' f'{1}' r'\\n'", "''''''", "'\"'", "u'a' 'b'", "'a'\n'b'", "('a'\n'b')"):
    said(text)

print("escapes")
for text in (r"'\a\b\f\n\r\t\v\\\'\"'", r"'\0\00\000\0000'", r"'\7\77\377'", r"'\400'", r"'\777'", r"'\8'", r"'\x41\x4a'", r"'\x4'", r"'\x'", r"'\xg1'",
             r"'\u0041\u00e9'", r"'\u004'", r"'\U0001F600'", r"'\U00110000'", r"'\U0001F60'", r"'\N{BULLET}\N{bullet}'", r"'\N{LATIN SMALL LETTER E WITH ACUTE}'",
             r"'\N{nothing}'", r"'\N'", r"'\N{DIGIT ONE'", r"'\d\ \('", r"'\ud800'", r"'\
x'", r"'\N{LATIN CAPITAL LETTER A WITH MACRON AND GRAVE}'", r"'\N{CJK UNIFIED IDEOGRAPH-4E00}'", r"'\N{HANGUL SYLLABLE GAG}'"):
    said(text)

print("bytes")
for text in (r"b'\x41\101\n'", r"b'\u0041'", r"b'\N{BULLET}'", r"b'\xff\377'", r"b'\400'", r"b'\x4'", "b'é'", r"rb'\x41\'", r"rb'\x41\''", r"br'''\n'''", r"b'\d'"):
    said(text)

print("raw")
for text in (r"r'\n'", r"r'\''", r"r'\\'", "r'\\'", r"r'a\
b'", r"r'\u0041'", r"R'\N{x}'"):
    said(text)

print("unfinished")
for text in ("'abc", "'abc\n'", "'''abc", "'''abc''", '"""', "b'abc", "'\\'", "r'\\'", "f'abc", "'a' 'b"):
    said(text)

print("docstrings")


def documented():
    "one " "two"
    return 1


def computed():
    "a" + "b"


def formatted():
    f"no doc"


def bytes_are_none():
    b"no doc"


class Doc:
    """  first

        indented
      less
    """


print(repr(documented.__doc__), computed.__doc__, formatted.__doc__, bytes_are_none.__doc__, repr(Doc.__doc__))
