"""The interpreter's operations; they are its own, see `dis`."""

import _kit

# What programs ask of these are details of another interpreter.
ENABLE_SPECIALIZATION = False
ENABLE_SPECIALIZATION_FT = False

_NAMES = _kit.operations()


def is_valid(opcode, /):
    """Whether there is such an operation."""
    return 0 <= opcode < len(_NAMES)


def get_specialization_stats():
    """None: there are no such statistics."""
    return None
