"""A JSON parser and writer by recursive descent, checked against the library's."""
import json
import sys
from typing import Any, NamedTuple


class Token(NamedTuple):
    kind: str
    text: str
    line: int
    column: int


class ParseError(ValueError):
    def __init__(self, message: str, token: Token):
        super().__init__(f"{message} at {token.line}:{token.column}")
        self.token = token


ESCAPES = {'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}


def tokens(text):
    line, start, position = 1, 0, 0
    while position < len(text):
        char = text[position]
        column = position - start + 1
        if char == '\n':
            line, start = line + 1, position + 1
            position += 1
        elif char.isspace():
            position += 1
        elif char in '{}[],:':
            yield Token(char, char, line, column)
            position += 1
        elif char == '"':
            end = position + 1
            while end < len(text) and text[end] != '"':
                end += 2 if text[end] == '\\' else 1
            yield Token('string', text[position + 1:end], line, column)
            position = end + 1
        elif char == '-' or char.isdigit():
            end = position + 1
            while end < len(text) and text[end] in '0123456789.eE+-':
                end += 1
            yield Token('number', text[position:end], line, column)
            position = end
        elif char.isalpha():
            end = position
            while end < len(text) and text[end].isalpha():
                end += 1
            yield Token('word', text[position:end], line, column)
            position = end
        else:
            raise ParseError(f"unexpected {char!r}", Token('?', char, line, column))
    yield Token('end', '', line, len(text) - start + 1)


class Parser:
    WORDS = {'true': True, 'false': False, 'null': None}

    def __init__(self, text):
        self.stream = tokens(text)
        self.token = next(self.stream)

    def advance(self):
        token, self.token = self.token, next(self.stream, None)
        return token

    def expect(self, kind):
        if self.token.kind != kind:
            raise ParseError(f"expected {kind}, not {self.token.text or 'the end'}", self.token)
        return self.advance()

    def value(self) -> Any:
        match self.token:
            case Token('{'):
                self.advance()
                return dict(self.members('}', self.pair))
            case Token('['):
                self.advance()
                return list(self.members(']', self.value))
            case Token('string', text):
                self.advance()
                return self.unescape(text)
            case Token('number', text):
                token = self.advance()
                try:
                    return float(text) if set(text) & set('.eE') else int(text)
                except ValueError as error:
                    raise ParseError("bad number", token) from error
            case Token('word', text) if text in self.WORDS:
                self.advance()
                return self.WORDS[text]
        raise ParseError(f"unexpected {self.token.text or 'end'}", self.token)

    def pair(self):
        key = self.unescape(self.expect('string').text)
        self.expect(':')
        return key, self.value()

    def members(self, closing, one):
        if self.token.kind != closing:
            yield one()
            while self.token.kind == ',':
                self.advance()
                yield one()
        self.expect(closing)

    @staticmethod
    def unescape(text):
        out, position = [], 0
        while position < len(text):
            if text[position] != '\\':
                out.append(text[position])
                position += 1
            elif text[position + 1] == 'u':
                out.append(chr(int(text[position + 2:position + 6], 16)))
                position += 6
            else:
                out.append(ESCAPES[text[position + 1]])
                position += 2
        return ''.join(out)

    @classmethod
    def parse(cls, text):
        parser = cls(text)
        value = parser.value()
        parser.expect('end')
        return value


def dump(value, depth=0):
    pad = '  ' * (depth + 1)
    match value:
        case dict() if value:
            inner = (f'{pad}{json.dumps(key)}: {dump(item, depth + 1)}' for key, item in value.items())
            return '{\n' + ',\n'.join(inner) + '\n' + '  ' * depth + '}'
        case [_, *_]:
            return '[\n' + ',\n'.join(pad + dump(item, depth + 1) for item in value) + '\n' + '  ' * depth + ']'
        case _:
            return json.dumps(value)


SAMPLE = r'''
{"name": "caf\u00e9 \"x\"\n", "sizes": [1, -2.5e3, 0, 1E2], "nested": {"empty": {}, "none": null, "list": []},
 "flags": [true, false], "path": "a\/b\\c"}
'''
ours = Parser.parse(SAMPLE)
assert ours == json.loads(SAMPLE), ours
assert dump(ours) == json.dumps(ours, indent=2), dump(ours)
print(dump(ours))
for bad in ('', '{', '{"a" 1}', '[1, 2', '[1,, 2]', '{"a": 1,}', 'nope', '1 2', '-', '{"a":\n  [1,\n   }', '@'):
    try:
        print(Parser.parse(bad))
    except ParseError as error:
        cause = type(error.__cause__).__name__ if error.__cause__ else '-'
        print(f'{bad!r:>22} {error} {error.token.kind!r} {cause}')
deep = '[' * 200 + ']' * 200
print(dump(Parser.parse(deep)).count('\n'), sys.getsizeof([]) > 0)
