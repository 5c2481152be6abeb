"""The interpreter's operations by number and by what they have; they are its own, see `dis`."""

import _kit
import _opcode
from _opcode import stack_effect

__all__ = [
    "cmp_op", "stack_effect", "hascompare", "opname", "opmap", "HAVE_ARGUMENT", "EXTENDED_ARG", "hasarg", "hasconst", "hasname",
    "hasjump", "hasjrel", "hasjabs", "hasfree", "haslocal", "hasexc",
]

opname = _kit.operations()
opmap = {name: number for number, name in enumerate(opname)}
cmp_op = ("<", "<=", "==", "!=", ">", ">=")

EXTENDED_ARG = opmap["WIDE"]
HAVE_ARGUMENT = 0


def _those(has):
    return [number for number in opmap.values() if has(number)]


hasarg = _those(_opcode.has_arg)
hasconst = _those(_opcode.has_const)
hasname = _those(_opcode.has_name)
hasjump = _those(_opcode.has_jump)
hasjrel = hasjump
hasjabs = []
hasfree = _those(_opcode.has_free)
haslocal = _those(_opcode.has_local)
hasexc = _those(_opcode.has_exc)
hascompare = [opmap[name] for name in ("LT", "LE", "EQ", "NE", "GT", "GE")]
