"""Runs the programs of a batch one after another, and writes what each did. Read by both interpreters.

    driver.py BATCH OUTCOMES FIRST

BATCH has, for each program, a line `kind length` and then as many bytes. A line of OUTCOMES is `start N`, or `done N` and what
happened, as repr. Programs of the kind `run` are run; those of `compile` and `parse` are compiled, and of the latter it is also told
what their trees, names, tokens and code are."""

import ast
import gc
import inspect
import io
import linecache
import symtable
import sys
import tokenize
import traceback
import types
import warnings
import zlib

warnings.simplefilter("ignore")


class Printed:
    def __init__(self):
        self.parts = []
        self.length = 0

    def write(self, text):
        self.length += len(text)
        if self.length < 100_000:
            self.parts.append(text)
        return len(text)

    def flush(self):
        pass


def raised(error):
    if isinstance(error, SyntaxError):
        return (
            type(error).__name__,
            error.msg,
            error.lineno,
            error.offset,
            error.end_lineno,
            error.end_offset,
            error.text,
        )
    return type(error).__name__, str(error)


def compiled(source):
    try:
        return compile(source, "<fuzz>", "exec"), None
    except BaseException as error:
        return None, raised(error)


def warned(source):
    """The error of compiling, and what was warned of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        code, error = compiled(source)
    found = [(w.category.__name__, str(w.message), w.lineno) for w in caught]
    return code, error if not found else (error, found)


def names(table, depth=0):
    yield f"{'  ' * depth}{table.get_type()} {table.get_name()} {table.get_lineno()}"
    for symbol in sorted(table.get_symbols(), key=lambda symbol: symbol.get_name()):
        asked = "referenced imported parameter global nonlocal declared_global local annotated free assigned namespace"
        flags = [what for what in asked.split() if getattr(symbol, "is_" + what)()]
        yield f"{'  ' * depth}- {symbol.get_name()}: {' '.join(flags)}"
    for child in table.get_children():
        yield from names(child, depth + 1)


def codes(code):
    # What a class or a module keeps of the comprehensions and functions in it, and what evaluates type parameters, is each compiler's own affair.
    if code.co_flags & inspect.CO_NEWLOCALS and not code.co_name.startswith("<generic"):
        yield (
            code.co_name if code.co_name == "__annotate__" else code.co_qualname,
            code.co_firstlineno,
            (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags),
            (sorted(code.co_varnames), sorted(code.co_cellvars), sorted(code.co_freevars)),
            sorted({line for *_, line in code.co_lines() if line}),
        )
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from codes(constant)


def told(what):
    """What a function tells, a line each; or its error."""
    out = []
    try:
        for line in what():
            out.append(str(line))
    except Exception as error:
        out.append(str(raised(error)))
    return "\n".join(out)


def parsed(source):
    code, error = warned(source)
    trees = lambda: (
        (type(statement).__name__, statement.lineno, zlib.crc32(ast.dump(statement, include_attributes=True).encode("utf-8", "replace")))
        for statement in ast.parse(source, "<fuzz>").body
    )
    tokens = lambda: (tuple(token) for token in tokenize.tokenize(io.BytesIO(source).readline))
    if code is None:
        return error
    return error, told(trees), told(lambda: names(symtable.symtable(source, "<fuzz>", "exec"))), told(tokens), told(lambda: codes(code))


def pieces(source):
    """The parts of a program that are compiled on their own: those that a line `# piece` begins, and what is before the first."""
    text = b""
    for number, line in enumerate(source.splitlines(True)):
        if line == b"# piece\n":
            yield text
            text = b"\n" * number
        text += line
    yield text


def shown(error):
    try:
        # The first frame is this file's.
        error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
        return "".join(traceback.format_exception(error))[:10_000]
    except BaseException as second:
        return type(second).__name__, str(second)


def run(source):
    try:
        lines = source.decode().splitlines(True)
    except UnicodeDecodeError:
        lines = []
    linecache.cache["<fuzz>"] = len(source), None, lines, "<fuzz>"
    space = {"__name__": "__main__"}
    out, before, errors = Printed(), sys.stdout, []
    sys.stdout = out
    try:
        for piece in pieces(source):
            code, error = compiled(piece)
            if code:
                try:
                    exec(code, space)
                except BaseException as problem:
                    error = raised(problem), shown(problem)
            if error:
                errors.append(error)
                print("=== piece raised")
        return "".join(out.parts), errors
    finally:
        # What this program leaves in cycles says its last words here, and not while another one runs.
        del space
        gc.collect()
        sys.stdout = before


def main():
    gc.disable()
    batch, outcomes, first = sys.argv[1:]
    with open(batch, "rb") as file:
        data = file.read()
    file = open(outcomes, "a", encoding="ascii")
    at = index = 0
    while at < len(data):
        end = data.index(b"\n", at)
        kind, length = data[at:end].split()
        source = data[end + 1 : end + 1 + int(length)]
        at = end + 1 + int(length)
        if index >= int(first):
            file.write(f"start {index}\n")
            file.flush()
            if kind == b"run":
                outcome = run(source)
            elif kind == b"parse":
                outcome = parsed(source)
            else:
                outcome = warned(source)[1]
            file.write(f"done {index} {ascii(outcome)}\n")
            file.flush()
        index += 1


main()
