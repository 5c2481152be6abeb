"""A small language: a Pratt parser, closures and recursion, a tree walker and a stack machine that agree, an optimiser."""
from __future__ import annotations

import dataclasses
import enum
import functools
import operator
import re
import typing
from dataclasses import dataclass


class Kind(enum.Enum):
    NUMBER = r'\d+(?:\.\d+)?'
    TEXT = r'"[^"\n]*"'
    NAME = r'[A-Za-z_]\w*'
    OPERATOR = r'=>|[-+*/%^<>=!]=?|&&|\|\||[(){},;?:]'
    SPACE = r'\s+|#.*'
    WRONG = r'.'


SCANNER = re.compile('|'.join(f'(?P<{kind.name}>{kind.value})' for kind in Kind))


class LanguageError(Exception):
    def __init__(self, message, at=None):
        super().__init__(message)
        self.at = at


@dataclass(frozen=True)
class Node:
    pass


@dataclass(frozen=True)
class Constant(Node):
    value: object


@dataclass(frozen=True)
class Variable(Node):
    name: str


@dataclass(frozen=True)
class Binary(Node):
    op: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Unary(Node):
    op: str
    operand: Node


@dataclass(frozen=True)
class Choice(Node):
    test: Node
    yes: Node
    no: Node


@dataclass(frozen=True)
class Function(Node):
    parameters: tuple[str, ...]
    body: Node
    name: str | None = None


@dataclass(frozen=True)
class Call(Node):
    function: Node
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Let(Node):
    name: str
    value: Node
    rest: Node


POWERS = {'?': 1, '||': 2, '&&': 3, '==': 4, '!=': 4, '<': 5, '>': 5, '<=': 5, '>=': 5, '+': 6, '-': 6, '*': 7, '/': 7, '%': 7, '^': 9, '(': 10}
DO = {'+': operator.add, '-': operator.sub, '*': operator.mul, '/': operator.truediv, '%': operator.mod, '^': operator.pow,
      '<': operator.lt, '>': operator.gt, '<=': operator.le, '>=': operator.ge, '==': operator.eq, '!=': operator.ne}


class Parser:
    def __init__(self, text):
        self.tokens = [(Kind[m.lastgroup], m.group(), m.start()) for m in SCANNER.finditer(text) if m.lastgroup != 'SPACE']
        self.tokens.append((None, 'end', len(text)))
        self.at = 0

    @property
    def text(self):
        return self.tokens[self.at][1]

    def take(self, expected=None):
        kind, text, place = self.tokens[self.at]
        if expected and text != expected:
            raise LanguageError(f'expected {expected!r}, not {text!r}', place)
        self.at += 1
        return kind, text

    def program(self):
        match self.text:
            case 'let':
                self.take()
                _, name = self.take()
                self.take('=')
                value = self.expression()
                self.take(';')
                if isinstance(value, Function):
                    value = dataclasses.replace(value, name=name)
                return Let(name, value, self.program())
        return self.expression()

    def expression(self, power=0) -> Node:
        left = self.prefix()
        while POWERS.get(self.text, 0) > power:
            _, op = self.take()
            match op:
                case '(':
                    left = Call(left, tuple(self.listed(self.expression)))
                case '?':
                    yes = self.expression()
                    self.take(':')
                    left = Choice(left, yes, self.expression())
                case '^':
                    left = Binary(op, left, self.expression(POWERS[op] - 1))
                case _:
                    left = Binary(op, left, self.expression(POWERS[op]))
        return left

    def listed(self, one):
        items = []
        while self.text != ')':
            items.append(one())
            if self.text != ')':
                self.take(',')
        self.take(')')
        return items

    def prefix(self):
        place = self.tokens[self.at][2]
        match self.take():
            case Kind.NUMBER, text:
                return Constant(float(text) if '.' in text else int(text))
            case Kind.TEXT, text:
                return Constant(text[1:-1])
            case Kind.NAME, 'fn':
                self.take('(')
                names = tuple(self.listed(lambda: self.take()[1]))
                self.take('=>')
                return Function(names, self.expression())
            case Kind.NAME, ('true' | 'false') as word:
                return Constant(word == 'true')
            case Kind.NAME, name:
                return Variable(name)
            case _, ('-' | '!') as op:
                return Unary(op, self.expression(8))
            case _, '(':
                inner = self.program()
                self.take(')')
                return inner
            case _, '{':
                inner = self.program()
                self.take('}')
                return inner
            case _, text:
                raise LanguageError(f'unexpected {text!r}', place)


@functools.singledispatch
def folded(node: Node) -> Node:
    return node


@folded.register
def _(node: Binary):
    match folded(node.left), folded(node.right):
        case Constant(a), Constant(b) if node.op in DO and not (node.op == '/' and b == 0) and node.op != '^':
            try:
                return Constant(DO[node.op](a, b))
            except TypeError:
                pass
        case (left, Constant(0)) | (Constant(0), left) if node.op == '+':
            return left
    return Binary(node.op, folded(node.left), folded(node.right))


@folded.register(Choice)
def _(node):
    match folded(node.test):
        case Constant(value):
            return folded(node.yes if value else node.no)
        case test:
            return Choice(test, folded(node.yes), folded(node.no))


@folded.register(Function | Let | Call | Unary)
def _(node):
    changes = {}
    for field in dataclasses.fields(node):
        match getattr(node, field.name):
            case Node() as child:
                changes[field.name] = folded(child)
            case tuple() as children if children and isinstance(children[0], Node):
                changes[field.name] = tuple(map(folded, children))
    return dataclasses.replace(node, **changes)


class Walker:
    def run(self, node, names):
        match node:
            case Constant(value):
                return value
            case Variable(name):
                if name not in names:
                    raise LanguageError(f'no {name}')
                return names[name]
            case Binary('&&', left, right):
                return self.run(left, names) and self.run(right, names)
            case Binary('||', left, right):
                return self.run(left, names) or self.run(right, names)
            case Binary(op, left, right):
                return DO[op](self.run(left, names), self.run(right, names))
            case Unary('-', operand):
                return -self.run(operand, names)
            case Unary('!', operand):
                return not self.run(operand, names)
            case Choice(test, yes, no):
                return self.run(yes if self.run(test, names) else no, names)
            case Let(name, value, rest):
                inner = dict(names)
                inner[name] = self.run(value, inner)
                return self.run(rest, inner)
            case Function(parameters, body):
                def function(*arguments):
                    if len(arguments) != len(parameters):
                        raise LanguageError(f'{node.name or "fn"} takes {len(parameters)}, not {len(arguments)}')
                    return self.run(body, {**names, **dict(zip(parameters, arguments))})
                return function
            case Call(function, arguments):
                return self.run(function, names)(*[self.run(one, names) for one in arguments])
        typing.assert_never(node)


def listing(node):
    """Instructions of a stack machine."""
    match node:
        case Constant(value):
            yield 'push', value
        case Variable(name):
            yield 'load', name
        case Binary(('&&' | '||') as op, left, right):
            more = list(listing(right))
            yield from listing(left)
            yield 'keep', (op == '||', len(more))
            yield from more
        case Binary(op, left, right):
            yield from listing(left)
            yield from listing(right)
            yield 'do', op
        case Unary(op, operand):
            yield from listing(operand)
            yield 'flip', op
        case Choice(test, yes, no):
            one, other = list(listing(yes)), list(listing(no))
            yield from listing(test)
            yield 'skip unless', len(one) + 1
            yield from one
            yield 'skip', len(other)
            yield from other
        case Let(name, value, rest):
            yield from listing(value)
            yield 'store', name
            yield from listing(rest)
        case Function(parameters, body):
            yield 'make', (parameters, tuple(listing(body)))
        case Call(function, arguments):
            yield from listing(function)
            for one in arguments:
                yield from listing(one)
            yield 'call', len(arguments)


def machine(code, names):
    stack, calls, at = [], [], 0
    while True:
        if at == len(code):
            if not calls:
                return stack.pop()
            code, at, names = calls.pop()
            continue
        op, value = code[at]
        at += 1
        match op:
            case 'push':
                stack.append(value)
            case 'load':
                stack.append(names[value])
            case 'do':
                right = stack.pop()
                stack.append(DO[value](stack.pop(), right))
            case 'flip':
                stack.append(-stack.pop() if value == '-' else not stack.pop())
            case 'keep':
                if bool(stack[-1]) == value[0]:
                    at += value[1]
                else:
                    stack.pop()
            case 'skip unless':
                at += 0 if stack.pop() else value
            case 'skip':
                at += value
            case 'store':
                names[value] = stack.pop()
            case 'make':
                stack.append((*value, names))
            case 'call':
                arguments = stack[len(stack) - value:]
                del stack[len(stack) - value:]
                function = stack.pop()
                if callable(function):
                    stack.append(function(*arguments))
                else:
                    parameters, body, closure = function
                    calls.append((code, at, names))
                    code, at, names = body, 0, {**closure, **dict(zip(parameters, arguments))}


PROGRAMS = [
    '1 + 2 * 3 ^ 2 ^ 1 - -4', '(1 + 2) * 3 == 9 && !false', '"ab" + "cd" * 2', '7 % 4 < 3 ? "yes" : "no"',
    'let square = fn(x) => x * x; square(square(3)) + 0',
    'let fact = fn(n) => n < 2 ? 1 : n * fact(n - 1); fact(25)',
    'let add = fn(a) => fn(b) => a + b; let five = add(5); five(1) * add(2)(3)',
    'let fib = fn(n) => n < 2 ? n : fib(n - 1) + fib(n - 2); fib(15)',
    'let compose = fn(f, g) => fn(x) => f(g(x)); compose(fn(x) => x + 1, fn(x) => x * 10)(4)',
    'max(3, 4, 1) + (2 > 1 ? 10 * 10 : 1 / 0) # folded',
    'false && 1 / 0 || "last"',
]
for source in PROGRAMS:
    tree = Parser(source).program()
    small = folded(tree)
    walked = Walker().run(small, {'max': max})
    code = list(listing(small))
    ran = machine(code, {'max': max})
    print(f'{source[:44]:<44} {walked!r} {walked == ran == Walker().run(tree, {"max": max})} {len(list(listing(tree)))}>{len(code)}')
print(folded(Parser('1 + 2 * x + 0').program()))
print(*listing(Parser('a ? b : -c || d').program()), sep='\n')
for source in ('1 +', '(1', 'let x 5; x', '$', 'y', 'fn(a) => a', '1 / 0', '"a" - 1', '(fn(a) => a)()', '1 2'):
    try:
        parser = Parser(source)
        value = Walker().run(parser.program(), {})
        if parser.text != 'end':
            raise LanguageError(f'{parser.text!r} is left', parser.tokens[parser.at][2])
        print(source, '=', getattr(value, '__name__', value))
    except LanguageError as error:
        print(source, '|', error, error.at)
    except (TypeError, ZeroDivisionError) as error:
        print(source, '|', type(error).__name__, error)
