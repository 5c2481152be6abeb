"""What code consists of: instructions of this interpreter, in columns as other Pythons list theirs.

Instructions are of units of four bytes; the first four are where code is entered. An instruction's operands are registers, constants, names and numbers, so `arg` is their
text; `r5` is a temporary. `opname` and `opmap` name all operations.
"""

import collections
import re
import sys
from _kit import instructions as _instructions
from opcode import *
from opcode import __all__ as _of_opcode

__all__ = [
    "code_info", "dis", "disassemble", "distb", "disco", "findlabels", "findlinestarts", "get_instructions", "show_code",
    "Bytecode", "COMPILER_FLAG_NAMES", "Instruction", "Positions", *_of_opcode,
]

Positions = collections.namedtuple(
    "Positions", ["lineno", "end_lineno", "col_offset", "end_col_offset"], defaults=[None] * 4
)

COMPILER_FLAG_NAMES = {
    1: "OPTIMIZED",
    2: "NEWLOCALS",
    4: "VARARGS",
    8: "VARKEYWORDS",
    16: "NESTED",
    32: "GENERATOR",
    64: "NOFREE",
    128: "COROUTINE",
    256: "ITERABLE_COROUTINE",
    512: "ASYNC_GENERATOR",
}

_OPNAME_WIDTH = 20


class Instruction:
    """One instruction."""

    __slots__ = (
        "opname", "opcode", "argrepr", "offset", "end_offset", "line_number", "starts_line", "jump_target", "label",
        "target_label", "weight", "positions",
    )

    @property
    def arg(self):
        return self.argrepr or None

    @property
    def argval(self):
        """The name, if the last operand is one; else the text of all operands."""
        name = self.argrepr.rpartition(" ")[2]
        return name[1:-1] if len(name) > 2 and name[0] == name[-1] == "'" else self.arg

    @property
    def start_offset(self):
        return self.offset

    @property
    def baseopname(self):
        return self.opname

    @property
    def baseopcode(self):
        return self.opcode

    @property
    def oparg(self):
        return self.arg

    @property
    def is_jump_target(self):
        return self.label is not None

    def __repr__(self):
        fields = ("opname", "opcode", "argrepr", "offset", "line_number", "starts_line", "jump_target", "is_jump_target")
        return f"Instruction({', '.join(f'{name}={getattr(self, name)!r}' for name in fields)})"

    def _text(self):
        argument = self.argrepr
        if self.target_label is not None:
            argument = f"{argument} (to L{self.target_label})".lstrip()
        return f"{self.opname:<{_OPNAME_WIDTH}} {argument}".rstrip()


def _code_of(x):
    for name in ("__func__", "__code__", "gi_code", "cr_code", "ag_code"):
        x = getattr(x, name, x)
    if isinstance(x, str):
        try:
            x = compile(x, "<disassembly>", "eval")
        except SyntaxError:
            x = compile(x, "<disassembly>", "exec")
    if hasattr(x, "co_code") or hasattr(x, "co_consts"):
        return x
    raise TypeError(f"don't know how to disassemble {type(x).__name__} objects")


def _list(code):
    rows = _instructions(code)
    targets = {target for *_, target, _ in rows if target is not None}
    labels = {offset: number for number, offset in enumerate(sorted(targets), 1)}
    places = [Positions(*place) for place in code.co_positions()]
    result = []
    last = None
    for offset, end, opcode, argrepr, line, target, weight in rows:
        this = Instruction()
        this.opname, this.opcode, this.argrepr = opname[opcode], opcode, argrepr
        this.offset, this.end_offset, this.line_number = offset, end, line
        this.starts_line = line is not None and line != last
        this.jump_target, this.label, this.target_label = target, labels.get(offset), labels.get(target)
        this.weight = weight
        this.positions = places[offset // 2]
        last = line
        result.append(this)
    return result


def get_instructions(x, *, first_line=None, show_caches=None, adaptive=False):
    """Iterates over the instructions of a function, method, generator, code object or text."""
    code = _code_of(x)
    shift = 0 if first_line is None else first_line - code.co_firstlineno
    for this in _list(code):
        if this.line_number is not None:
            this.line_number += shift
        yield this


def findlabels(code):
    """The offsets that jumps lead to."""
    return [this.offset for this in _list(_code_of(code)) if this.is_jump_target]


def findlinestarts(code):
    """Pairs of an offset and the line that begins there."""
    last = False
    for start, _, line in code.co_lines():
        if line is not last:
            last = line
            yield start, line


def _lines(instructions, lasti=-1):
    instructions = list(instructions)
    numbers = [this.line_number for this in instructions if this.line_number is not None]
    labels = sum(this.is_jump_target for this in instructions)
    width = max(3, len(str(max(numbers, default=0))))
    label_width = 2 + len(str(labels))
    lines = []
    for this in instructions:
        if this.starts_line and lines:
            lines.append("")
        number = this.line_number if this.starts_line else ""
        label = f"L{this.label}:" if this.is_jump_target else ""
        mark = "-->" if this.offset <= lasti < this.end_offset else "   "
        lines.append(f"{number:>{width}}   {label:<{label_width}} {mark} {this._text()}")
    return lines


def disassemble(code, lasti=-1, *, file=None, **_):
    """Lists a code object."""
    print(*_lines(_list(code), lasti), sep="\n", file=file)


disco = disassemble


def _nested(code):
    return [constant for constant in code.co_consts if hasattr(constant, "co_consts")]


def _disassemble_all(code, file, depth):
    disassemble(code, file=file)
    if depth is None or depth > 0:
        for inner in _nested(code):
            print(f"\nDisassembly of {inner!r}:", file=file)
            _disassemble_all(inner, file, None if depth is None else depth - 1)


def distb(tb=None, *, file=None, **_):
    """Lists the code where a traceback ended: the last one, if none is given."""
    if tb is None:
        last = getattr(sys, "last_exc", None)
        tb = getattr(sys, "last_traceback", None) if last is None else last.__traceback__
        if tb is None:
            raise RuntimeError("no last traceback to disassemble")
    while tb.tb_next:
        tb = tb.tb_next
    disassemble(tb.tb_frame.f_code, tb.tb_lasti, file=file)


def dis(x=None, *, file=None, depth=None, **_):
    """Lists a function, method, generator, code object or text; a class's or module's functions; or where the last traceback ended."""
    if x is None:
        distb(file=file)
        return
    has_code = any(hasattr(x, name) for name in ("__func__", "__code__", "gi_code", "cr_code", "ag_code"))
    if not has_code and hasattr(x, "__dict__"):
        for name, value in sorted(vars(x).items()):
            if hasattr(value, "__func__") or hasattr(value, "__code__"):
                print(f"Disassembly of {name}:", file=file)
                dis(value, file=file, depth=depth)
                print(file=file)
        return
    _disassemble_all(_code_of(x), file, depth)


def _find_imports(code):
    """Level, names and module of each import; whoever looks for what a program needs asks for them."""
    names = None
    for instruction in get_instructions(code):
        if instruction.opname == "LOAD_CONST":
            names = instruction.argrepr
        elif instruction.opname == "LOAD_SPECIAL":
            names = None
        elif instruction.opname == "IMPORT_NAME":
            text, level = instruction.argrepr.rsplit(", ", 1)
            wanted = None if names is None else tuple(re.findall(r'"([^"]*)"', names))
            yield text.rpartition(" ")[2][1:-1], int(level), wanted


def _find_store_names(code):
    """The names that a module or class gives values to, each once."""
    seen = set()
    for instruction in get_instructions(code):
        if instruction.opname in ("STORE_NAME", "STORE_GLOBAL") and instruction.argval not in seen:
            seen.add(instruction.argval)
            yield instruction.argval


def pretty_flags(flags):
    """The names of the flags of code."""
    names = [COMPILER_FLAG_NAMES.get(1 << bit, hex(1 << bit)) for bit in range(flags.bit_length()) if flags >> bit & 1]
    return ", ".join(names) or "0x0"


def code_info(x):
    """What is known of code beside its instructions."""
    code = _code_of(x)
    lines = [
        f"{'Name:':<19}{code.co_name}",
        f"{'Filename:':<19}{code.co_filename}",
        f"{'Argument count:':<19}{code.co_argcount}",
        f"Positional-only arguments: {code.co_posonlyargcount}",
        f"Kw-only arguments: {code.co_kwonlyargcount}",
        f"{'Number of locals:':<19}{code.co_nlocals}",
        f"{'Flags:':<19}{pretty_flags(code.co_flags)}",
    ]
    for title, values in (
        ("Constants", [repr(value) for value in code.co_consts]), ("Names", code.co_names),
        ("Variable names", code.co_varnames), ("Free variables", code.co_freevars), ("Cell variables", code.co_cellvars),
    ):
        if values:
            lines.append(title + ":")
            lines.extend(f"{number:4}: {value}" for number, value in enumerate(values))
    return "\n".join(lines)


def show_code(co, *, file=None):
    """Prints `code_info`."""
    print(code_info(co), file=file)


class Bytecode:
    """The instructions of a function, method, generator, code object or text."""

    def __init__(self, x, *, first_line=None, current_offset=None, **_):
        self.codeobj = _code_of(x)
        self.first_line = self.codeobj.co_firstlineno if first_line is None else first_line
        self.current_offset = current_offset
        self._original_object = x

    def __iter__(self):
        return get_instructions(self.codeobj, first_line=self.first_line)

    def __repr__(self):
        return f"{type(self).__name__}({self._original_object!r})"

    @classmethod
    def from_traceback(cls, tb):
        """Of where a traceback ends."""
        while tb.tb_next:
            tb = tb.tb_next
        return cls(tb.tb_frame.f_code, current_offset=tb.tb_lasti)

    def info(self):
        """`code_info` of it."""
        return code_info(self.codeobj)

    def dis(self):
        """The listing, as a string."""
        lasti = -1 if self.current_offset is None else self.current_offset
        return "\n".join(_lines(self, lasti)) + "\n"


def main(args=None):
    """Lists a file, or standard input."""
    import argparse

    parser = argparse.ArgumentParser(prog="dis")
    for short, name in ("C", "show-caches"), ("O", "show-offsets"), ("P", "show-positions"), ("S", "specialized"):
        parser.add_argument(f"-{short}", f"--{name}", action="store_true", help="accepted, without effect")
    parser.add_argument("infile", nargs="?", default="-")
    infile = parser.parse_args(args).infile
    if infile == "-":
        name, source = "<stdin>", sys.stdin.buffer.read()
    else:
        name = infile
        with open(infile, "rb") as file:
            source = file.read()
    dis(compile(source, name, "exec"))


if __name__ == "__main__":
    main()
