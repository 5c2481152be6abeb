"""A template engine: text to a tree, the tree to Python source, the source to a function; filters, loops, inheritance."""
import ast
import functools
import html
import inspect
import itertools
import linecache
import re
import textwrap
import traceback


class TemplateError(SyntaxError):
    pass


def escape(value):
    return value if isinstance(value, Safe) else Safe(html.escape(str(value)))


class Safe(str):
    __slots__ = ()

    def __add__(self, other):
        return Safe(super().__add__(escape(other)))

    def __html__(self):
        return self


FILTERS = {'upper': str.upper, 'length': len, 'safe': Safe, 'join': lambda items, by=', ': Safe(by).join(map(escape, items)), 'default': lambda value, other: value or other, 'fixed': lambda value, places=2: f'{value:.{places}f}'}


class Compiler:
    TOKEN = re.compile(r'(\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\})', re.DOTALL)

    def __init__(self, source, name, loader):
        self.source, self.name, self.loader = source, name, loader
        self.lines, self.depth, self.open, self.blocks, self.parent = [], 1, [], {}, None
        self.numbers = itertools.count()

    def emit(self, text):
        self.lines.append('    ' * self.depth + text)

    def expression(self, text, line):
        first, *filters = re.split(r'(?<!\|)\|(?!\|)', text)
        result = first.strip()
        for one in filters:
            name, _, arguments = one.strip().partition(':')
            if name not in FILTERS:
                raise TemplateError(f'no filter {name!r}', (self.name, line, None, one))
            result = f'FILTERS[{name!r}]({result}{", " + arguments if arguments else ""})'
        try:
            ast.parse(result, mode='eval')
        except SyntaxError as error:
            raise TemplateError(error.msg, (self.name, line, error.offset, text)) from None
        return result

    def compile(self):
        line = 1
        for token in self.TOKEN.split(self.source):
            if token.startswith('{{'):
                self.emit(f'out(escape({self.expression(token[2:-2], line)}))')
            elif token.startswith('{%'):
                self.statement(token[2:-2].strip(), line)
            elif token and not token.startswith('{#'):
                self.emit(f'out({token!r})')
            line += token.count('\n')
        if self.open:
            word, since = self.open[-1]
            raise TemplateError(f'{word!r} is never ended', (self.name, since, None, None))
        self.lines.append('    return')
        text = f'def render(out, context, blocks):\n' + '\n'.join(self.lines) + '\n'
        filename = f'<template {self.name}>'
        linecache.cache[filename] = len(text), None, text.splitlines(True), filename
        namespace = {'FILTERS': FILTERS, 'escape': escape}
        tree = Names().visit(ast.parse(text, filename))
        exec(compile(ast.fix_missing_locations(tree), filename, 'exec'), namespace)
        return namespace['render']

    def statement(self, text, line):
        word, _, rest = text.partition(' ')
        match word:
            case 'if' | 'while' | 'elif':
                if word == 'elif':
                    self.depth -= 1
                else:
                    self.open.append((word, line))
                self.emit(f'{word} {self.expression(rest, line)}:')
                self.depth += 1
            case 'else':
                self.depth -= 1
                self.emit('else:')
                self.depth += 1
            case 'for':
                target, _, items = rest.partition(' in ')
                self.open.append((word, line))
                self.emit(f'for {target} in {self.expression(items, line)}:')
                self.depth += 1
            case 'set':
                name, _, value = rest.partition('=')
                self.emit(f'{name.strip()} = {self.expression(value, line)}')
            case 'block':
                self.open.append((word, line))
                self.emit(f'def block_{rest}(out=out):')
                self.depth += 1
                self.emit('pass')
                self.blocks[rest] = f'block_{rest}'
            case 'extends':
                self.parent = rest.strip('\'"')
            case 'end':
                if not self.open:
                    raise TemplateError('nothing to end', (self.name, line, None, text))
                self.emit('pass')
                self.depth -= 1
                word, _ = self.open.pop()
                if word == 'block':
                    name = self.lines[max(n for n, one in enumerate(self.lines) if one.startswith('    ' * self.depth + 'def '))].split('_', 1)[1].split('(')[0]
                    self.emit(f'blocks.setdefault({name!r}, block_{name})')
                    if not self.parent:
                        self.emit(f'blocks[{name!r}](out=out)')
            case _:
                raise TemplateError(f'what is {word!r}?', (self.name, line, None, text))


class Names(ast.NodeTransformer):
    """Names that the template does not bind are looked up in the context."""
    OWN = {'out', 'context', 'blocks', 'FILTERS', 'escape', 'range', 'len', 'enumerate', 'sorted', 'zip', 'render'}

    def visit_FunctionDef(self, node):
        self.bound = getattr(self, 'bound', self.OWN) | {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)} | {one.name for one in ast.walk(node) if isinstance(one, ast.FunctionDef)}
        return self.generic_visit(node)

    def visit_Name(self, node):
        if node.id in self.bound or isinstance(node.ctx, ast.Store):
            return node
        return ast.copy_location(ast.parse(f'context[{node.id!r}]', mode='eval').body, node)


class Environment:
    def __init__(self, **sources):
        self.sources = sources

    @functools.lru_cache
    def template(self, name):
        compiler = Compiler(textwrap.dedent(self.sources[name]), name, self)
        return compiler.compile(), compiler.parent

    def render(self, name, /, **context):
        parts, blocks = [], {}
        while name:
            function, parent = self.template(name)
            function([].append if parent else parts.append, context, blocks)
            name = parent
        return ''.join(parts)


env = Environment(
    base='<title>{% block title %}none{% end %}</title>\n{% block body %}{% end %}\n',
    page='''
        {% extends 'base' %}
        {% block title %}{{ title|upper }}{% end %}
        {% block body %}{% for n, item in enumerate(items) %}
          {% if item.price > 100 %}<b>{{ item.name }}</b>{% elif not item.price %}free: {{ item.name }}{% else %}{{ item.name }} {{ item.price|fixed:1 }}{% end %}{% end %}
        {{ items|length }} things{# a comment #}{% end %}
    ''',
    plain="{{ who|default:'nobody' }}{% set total = sum(numbers) %}: {{ numbers|join:'+' }} = {{ total }} {{ mark|safe }} {{ mark }}",
    failing='line one\n{% for x in numbers %}{{ 10 // x }} {% end %}',
    **{f'bad{n}': text for n, text in enumerate(('{% if x %}', '{{ x + }}', '\n\n{{ x|nope }}', '{% end %}', '{% fly %}', '{{ (1 }}'))},
)


class Item:
    def __init__(self, name, price):
        self.name, self.price = name, price


print(env.render('page', title='Things & more', items=[Item('pen', 1.25), Item('<car>', 9000), Item('air', 0)]))
print(env.render('plain', who='', numbers=[1, 2, 3], sum=sum, mark='<i>'))
print(env.render('plain', who='me', numbers=[], sum=sum, mark=Safe('&amp;') + '<'))
for n in range(6):
    try:
        env.render(f'bad{n}')
    except TemplateError as error:
        print(f'{error.filename}:{error.lineno}: {error.msg}', repr(error.text))
for numbers in ([1, 2, 0], None):
    try:
        env.render('failing', **{'numbers': numbers} if numbers else {})
    except (ZeroDivisionError, KeyError) as error:
        frames = traceback.extract_tb(error.__traceback__)
        print(repr(error), frames[-1].name, frames[-1].filename, frames[-1].lineno, frames[-1].line)
print(env.template.cache_info().misses, inspect.getsource(env.template('plain')[0]).count('out('), inspect.signature(env.template('plain')[0]))
