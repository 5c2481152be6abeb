"""Writes unicode_data.txt: facts of the Unicode character database, asked of CPython's unicodedata point by point.

    python3.14 unicode_data.py > unicode_data.txt

Sections begin with a line `= NAME`. Numbers of code points are hexadecimal.

    kinds           CATEGORY BIDIRECTIONAL COMBINING WIDTH MIRRORED: what points have in common
    runs            START KIND: the kind of all points from here to the next start
    old             START KIND: the same of Unicode 3.2
    decompositions  POINT WHAT: as `decomposition` says; `!` before those that composing leaves alone. Hangul is left out.
    numbers         POINT DECIMAL DIGIT NUMERIC: `-` for what there is not
    old numbers     POINT DECIMAL - NUMERIC: where Unicode 3.2 differs
    sequences       NAME=POINTS: named sequences
"""

import itertools
import string
import unicodedata as new

old = new.ucd_3_2_0
POINTS = range(0x110000)
kinds = {}


def runs(database):
    last = None
    for point in POINTS:
        c = chr(point)
        kind = (
            database.category(c),
            database.bidirectional(c) or "-",
            database.combining(c),
            database.east_asian_width(c),
            database.mirrored(c),
        )
        index = kinds.setdefault(kind, len(kinds))
        if index != last:
            yield point, index
            last = index


def sequences():
    """Names that stand for more than one point, found by trying."""
    accents = """ACUTE GRAVE TILDE MACRON CARON OGONEK CIRCUMFLEX BREVE STROKE CEDILLA DIAERESIS,DOT ABOVE,DOT BELOW,RING ABOVE
    HOOK,LINE BELOW,VERTICAL LINE BELOW,COMMA BELOW,DOUBLE ACUTE,DOUBLE GRAVE,HORN,RING BELOW"""
    accents = [word.strip() for part in accents.split("\n") for group in part.split(",")
               for word in ([group] if len(group.split()) == 2 else group.split())]
    accents += ["DOT ABOVE", "DOT BELOW", "RING ABOVE", "LINE BELOW", "VERTICAL LINE BELOW", "RING BELOW", "COMMA BELOW"]
    letters = list(string.ascii_uppercase) + ["AE", "OPEN E", "OPEN O", "SCHWA", "TURNED V", "HOOKED SCHWA", "SCHWA WITH HOOK"]
    for case, letter in itertools.product(("CAPITAL", "SMALL"), letters):
        for one in accents:
            yield f"LATIN {case} LETTER {letter} WITH {one}"
            for two in accents:
                yield f"LATIN {case} LETTER {letter} WITH {one} AND {two}"
    for key in ["NUMBER SIGN", "ASTERISK"] + [f"DIGIT {d}" for d in "ZERO ONE TWO THREE FOUR FIVE SIX SEVEN EIGHT NINE".split()]:
        yield f"KEYCAP {key}"
    vowels = "A AA I II U UU E EE AI O OO AU".split()
    for consonant in "K NG C NY TT NN T N P M Y R L V LLL LL RR NNN J SS S H KSS SH".split():
        yield f"TAMIL CONSONANT {consonant}"
        for vowel in vowels:
            yield f"TAMIL SYLLABLE {consonant}{vowel}"
    yield "TAMIL SYLLABLE SHRII"
    for point in POINTS:
        name = new.name(chr(point), "")
        words = name.split()
        if name.startswith("KHMER LETTER "):
            yield f"KHMER CONSONANT SIGN COENG {words[-1]}"
        if name.startswith("KHMER INDEPENDENT VOWEL "):
            yield f"KHMER VOWEL SIGN COENG {words[-1]}"
            yield f"KHMER INDEPENDENT VOWEL SIGN COENG {words[-1]}"
        if name.startswith(("HIRAGANA LETTER ", "KATAKANA LETTER ")):
            kana = words[0]
            yield f"{kana} LETTER BIDAKUON N{words[-1].replace('K', 'G')}"
            yield f"{kana} LETTER AINU {words[-1]}"
            yield f"{kana} LETTER AINU {words[-1].replace('S', 'C')}"
        if name.startswith("ARABIC LETTER "):
            yield f"ARABIC SEQUENCE YEH WITH HAMZA ABOVE WITH {name[14:]}"
            yield f"ARABIC SEQUENCE NOON WITH {name[14:]}"
    for name in ["KATAKANA LETTER AINU TU", "KATAKANA LETTER AINU TO", "KATAKANA LETTER AINU P", "KATAKANA LETTER AINU CE",
                 "KHMER VOWEL SIGN OM", "KHMER VOWEL SIGN AAM", "BENGALI LETTER KHINYA", "GEORGIAN LETTER U-BRJGU",
                 "SINHALA CONSONANT SIGN YANSAYA", "SINHALA CONSONANT SIGN RAKAARAANSAYA", "SINHALA CONSONANT SIGN REPAYA",
                 "MODIFIER LETTER EXTRA-HIGH EXTRA-LOW CONTOUR TONE BAR", "MODIFIER LETTER EXTRA-LOW EXTRA-HIGH CONTOUR TONE BAR"]:
        yield name


def hexadecimal(text):
    return " ".join(f"{ord(c):X}" for c in text)


new_runs = list(runs(new))
old_runs = list(runs(old))
print("= kinds")
for kind in kinds:
    print(*kind)
for section, table in [("runs", new_runs), ("old", old_runs)]:
    print("=", section)
    for start, index in table:
        print(f"{start:X} {index}")
print("= decompositions")
for point in POINTS:
    c = chr(point)
    what = new.decomposition(c)
    if what and not 0xAC00 <= point < 0xAC00 + 11172:
        parts = [chr(int(part, 16)) for part in what.split() if part[0] != "<"]
        excluded = what[0] != "<" and new.normalize("NFC", "".join(parts)) != c
        print(f"{point:X} {'!' if excluded else ''}{what}")
print("= numbers")
for point in POINTS:
    c = chr(point)
    values = new.decimal(c, "-"), new.digit(c, "-"), new.numeric(c, "-")
    if values != ("-", "-", "-"):
        print(f"{point:X}", *values)
print("= old numbers")
for point in POINTS:
    c = chr(point)
    values = old.decimal(c, "-"), old.numeric(c, "-")
    if old.category(c) != "Cn" and values != (new.decimal(c, "-"), new.numeric(c, "-")):
        print(f"{point:X} {values[0]} - {values[1]}")
print("= sequences")
found = {}
for name in sequences():
    try:
        text = new.lookup(name)
    except KeyError:
        continue
    if len(text) > 1:
        found[name] = text
for name in sorted(found):
    print(f"{name}={hexadecimal(found[name])}")
