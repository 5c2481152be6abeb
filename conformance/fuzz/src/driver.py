"""Runs the programs of a batch one after another, and writes what each did. Read by both interpreters.

    driver.py BATCH OUTCOMES FIRST

BATCH has, for each program, a line `kind length` and then as many bytes. A line of OUTCOMES is `start N`, or `done N` and what
happened, as repr."""

import linecache
import sys
import traceback
import warnings

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
        )
    return type(error).__name__, str(error)


def compiled(source):
    try:
        return compile(source, "<fuzz>", "exec"), None
    except BaseException as error:
        return None, raised(error)


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
    finally:
        sys.stdout = before
    return "".join(out.parts), errors


def main():
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
            outcome = run(source) if kind == b"run" else compiled(source)[1]
            file.write(f"done {index} {ascii(outcome)}\n")
            file.flush()
        index += 1


main()
