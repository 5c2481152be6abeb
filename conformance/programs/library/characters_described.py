"""unicodedata: names, properties and normal forms of characters."""
import hashlib
import unicodedata

SOME = "A\u01c5\xe9\u0663\xbd\u4e03\u2160\u0301\u05d0\u2126\ufb01\uac01\u00a0\u2028\ud800\ue000\u0378\U0001f600\U0010ffff\uf900\U00017000\x07"


def show(what, call):
    try:
        print(what, "->", ascii(call()))
    except Exception as error:
        print(what, "!!", type(error).__name__, error)


for database in (unicodedata, unicodedata.ucd_3_2_0):
    print(database.unidata_version)
    for c in SOME:
        print(f"{ord(c):X}", database.name(c, None), database.category(c), database.bidirectional(c), database.combining(c), database.east_asian_width(c),
              database.mirrored(c), database.decomposition(c), database.decimal(c, None), database.digit(c, None), database.numeric(c, None))
    # A sample of all, as a number.
    digest = hashlib.md5()
    for point in range(0, 0x110000, 1009):
        c = chr(point)
        digest.update(repr((database.name(c, ""), database.category(c), database.decomposition(c), database.normalize("NFKC", c))).encode())
    print(digest.hexdigest())

for form in ("NFC", "NFD", "NFKC", "NFKD"):
    for text in ("e\u0301\u0323", "\xe9", "\u1e69", "\u2126", "\ufb01", "\uac01", "\u1100\u1161\u11a8", "\u0958", "a\u0315\u0300\u05ae\u0300b", "\u00bd\u2460\uff21", "\ufdfa"):
        print(form, ascii(text), ascii(unicodedata.normalize(form, text)), unicodedata.is_normalized(form, text))

for name in ("SPACE", "latin small letter a", "BACKSPACE", "LATIN SMALL LETTER GHA", "CJK UNIFIED IDEOGRAPH-4E00", "HANGUL SYLLABLE GAG", "TAMIL SYLLABLE MOO", "KEYCAP DIGIT ONE", "no such"):
    show(name, lambda: unicodedata.lookup(name))
print(ascii("\N{LATIN SMALL LETTER E WITH ACUTE}\N{GRINNING FACE}\N{nbsp}"))
show("name", lambda: unicodedata.name("\x00"))
show("name", lambda: unicodedata.name("ab"))
show("decimal", lambda: unicodedata.decimal("\xbd"))
show("digit", lambda: unicodedata.digit("a"))
show("numeric", lambda: unicodedata.numeric("a"))
show("form", lambda: unicodedata.normalize("NFX", "a"))
show("category", lambda: unicodedata.category(5))
