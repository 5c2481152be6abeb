"""A JSON parser and writer, applied to a real file of almost a megabyte.

The reader is a recursive descent over the text with an index; it gives the
usual Python values and reports errors with a line and a column.
"""

import sys


class JSONError(ValueError):
    def __init__(self, message, text, index):
        self.line = text.count("\n", 0, index) + 1
        self.column = index - text.rfind("\n", 0, index)
        super().__init__(f"{message} at line {self.line}, column {self.column}")


ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
SPACES = " \t\r\n"
NUMBER_CHARS = frozenset("+-0123456789.eE")


class Parser:
    def __init__(self, text):
        self.text = text
        self.index = 0
        self.depth = 0
        self.deepest = 0

    def fail(self, message):
        raise JSONError(message, self.text, self.index)

    def skip_spaces(self):
        text, index, end = self.text, self.index, len(self.text)
        while index < end and text[index] in SPACES:
            index += 1
        self.index = index

    def parse(self):
        value = self.value()
        self.skip_spaces()
        if self.index != len(self.text):
            self.fail("text after the value")
        return value

    def value(self):
        self.skip_spaces()
        if self.index >= len(self.text):
            self.fail("a value is missing")
        match self.text[self.index]:
            case "{":
                return self.object()
            case "[":
                return self.array()
            case '"':
                return self.string()
            case "t":
                return self.literal("true", True)
            case "f":
                return self.literal("false", False)
            case "n":
                return self.literal("null", None)
            case char if char == "-" or char.isdigit():
                return self.number()
            case char:
                self.fail(f"unexpected {char!r}")

    def literal(self, name, value):
        if not self.text.startswith(name, self.index):
            self.fail(f"expected {name}")
        self.index += len(name)
        return value

    def number(self):
        start = self.index
        text, index, end = self.text, start, len(self.text)
        while index < end and text[index] in NUMBER_CHARS:
            index += 1
        self.index = index
        digits = text[start:index]
        try:
            return int(digits)
        except ValueError:
            pass
        try:
            return float(digits)
        except ValueError:
            self.index = start
            self.fail(f"bad number {digits!r}")

    def string(self):
        self.index += 1
        parts = []
        text = self.text
        while True:
            start = index = self.index
            try:
                while (char := text[index]) != '"' and char != "\\":
                    index += 1
            except IndexError:
                self.fail("a string has no end")
            parts.append(text[start:index])
            self.index = index + 1
            if char == '"':
                return "".join(parts)
            parts.append(self.escape())

    def escape(self):
        char = self.text[self.index : self.index + 1]
        self.index += 1
        if char in ESCAPES and char:
            return ESCAPES[char]
        if char == "u":
            digits = self.text[self.index : self.index + 4]
            self.index += 4
            try:
                return chr(int(digits, 16))
            except ValueError:
                pass
        self.fail("bad escape")

    def enter(self):
        self.index += 1
        self.depth += 1
        self.deepest = max(self.deepest, self.depth)
        self.skip_spaces()

    def leave(self):
        self.index += 1
        self.depth -= 1

    def array(self):
        self.enter()
        items = []
        if self.text[self.index : self.index + 1] == "]":
            self.leave()
            return items
        while True:
            items.append(self.value())
            if self.separator("]"):
                return items

    def object(self):
        self.enter()
        members = {}
        if self.text[self.index : self.index + 1] == "}":
            self.leave()
            return members
        while True:
            self.skip_spaces()
            if self.text[self.index : self.index + 1] != '"':
                self.fail("expected a key")
            key = self.string()
            self.skip_spaces()
            if self.text[self.index : self.index + 1] != ":":
                self.fail("expected ':'")
            self.index += 1
            members[key] = self.value()
            if self.separator("}"):
                return members

    def separator(self, closing):
        """Step over a comma (False) or the closing bracket (True)."""
        self.skip_spaces()
        char = self.text[self.index : self.index + 1]
        if char == closing:
            self.leave()
            return True
        if char != ",":
            self.fail(f"expected ',' or {closing!r}")
        self.index += 1
        return False


def quoted(text):
    out = ['"']
    for char in text:
        if char in '"\\':
            out.append("\\" + char)
        elif char < " ":
            out.append(f"\\u{ord(char):04x}")
        else:
            out.append(char)
    out.append('"')
    return "".join(out)


def pieces(value):
    """The text of a value, piece by piece, without spaces."""
    if value is None:
        yield "null"
    elif value is True or value is False:
        yield str(value).lower()
    elif isinstance(value, (int, float)):
        yield repr(value)
    elif isinstance(value, str):
        yield quoted(value)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield "[" if index == 0 else ","
            yield from pieces(item)
        yield "]" if value else "[]"
    else:
        for index, (key, item) in enumerate(value.items()):
            yield "{" if index == 0 else ","
            yield quoted(key) + ":"
            yield from pieces(item)
        yield "}" if value else "{}"


def checksum(text):
    a, b = 1, 0
    for byte in text.encode("utf-8"):
        a = (a + byte) % 65521
        b = (b + a) % 65521
    return b << 16 | a


def census(value, counts):
    counts[type(value).__name__] = counts.get(type(value).__name__, 0) + 1
    if isinstance(value, list):
        for item in value:
            census(item, counts)
    elif isinstance(value, dict):
        for item in value.values():
            census(item, counts)
    return counts


def rings(geometry):
    shapes = geometry["coordinates"]
    if geometry["type"] == "Polygon":
        shapes = [shapes]
    for polygon in shapes:
        yield from polygon


def main():
    with open(sys.argv[1], encoding="utf-8") as source:
        text = source.read()
    parser = Parser(text)
    document = parser.parse()
    print(f"{len(text)} characters, {text.count(chr(10))} lines, depth {parser.deepest}")
    for name, count in sorted(census(document, {}).items()):
        print(f"  {name:<6}{count:>7}")

    print("keys:", ", ".join(document))
    features = document["features"]
    print(len(features), document["type"])
    shapes = {}
    for feature in features:
        points = sum(len(ring) for ring in rings(feature["geometry"]))
        shapes[feature["properties"]["name"]] = points
    for name, points in sorted(shapes.items(), key=lambda item: (-item[1], item[0]))[:10]:
        print(f"  {name:<20}{points:>5} points")
    xs = [x for f in features for ring in rings(f["geometry"]) for x, y in ring]
    ys = [y for f in features for ring in rings(f["geometry"]) for x, y in ring]
    print(f"west {min(xs)} east {max(xs)} south {min(ys)} north {max(ys)}")
    print(f"mean {sum(xs) / len(xs):.9f} {sum(ys) / len(ys):.9f}")

    compact = "".join(pieces(document))
    print(f"re-serialised: {len(compact)} characters, checksum {checksum(compact):08x}")
    again = Parser(compact).parse()
    print("reads back the same:", again == document)

    for sample in ('{"a": [1, 2.5e3, "x\\u00e9\\n"], "b": {}}', "[]", " -0.0 ", '"\\/"'):
        print(sample.strip(), "->", Parser(sample).parse())
    for sample in ("", "[1, 2", '{"a" 1}', "[1,]", "nul", '"abc', '{"a": 1}\n x', "-", '"\\x"'):
        try:
            Parser(sample).parse()
        except JSONError as error:
            print(f"{sample!r}: {error}")


if __name__ == "__main__":
    main()
