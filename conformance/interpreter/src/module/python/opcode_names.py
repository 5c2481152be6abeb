"""The interpreter's operations; they are its own, see `dis`."""

import _kit

# What programs ask of these are details of another interpreter.
ENABLE_SPECIALIZATION = False
ENABLE_SPECIALIZATION_FT = False

_NAMES = _kit.operations()
_TRAITS = _kit.traits()


def is_valid(opcode, /):
    """Whether there is such an operation."""
    return 0 <= opcode < len(_NAMES)


def _has(trait):
    def has(opcode, /):
        return is_valid(opcode) and trait in _TRAITS[opcode]

    has.__name__ = has.__qualname__ = "has_" + trait
    return has


has_arg = _has("arg")
has_const = _has("const")
has_name = _has("name")
has_jump = _has("jump")
has_free = _has("free")
has_local = _has("local")
has_exc = _has("exc")


def stack_effect(opcode, oparg=None, /, *, jump=None):
    """0: operands are in registers, and there is no stack that instructions change."""
    if jump not in (None, True, False):
        raise ValueError("stack_effect: jump must be False, True or None")
    if not is_valid(opcode):
        raise ValueError("invalid opcode or oparg")
    return 0


def get_specialization_stats():
    """None: there are no such statistics."""
    return None


def get_executor(*, code, offset):
    """None: code is not compiled further."""
    return None


def get_intrinsic1_descs():
    """None have names."""
    return []


get_intrinsic2_descs = get_special_method_names = get_nb_ops = get_intrinsic1_descs
