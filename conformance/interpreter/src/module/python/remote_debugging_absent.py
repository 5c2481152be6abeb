"""The native half of looking into other processes: this interpreter's cannot be, and who asks for it is told so."""

from collections import namedtuple

FrameInfo = namedtuple("FrameInfo", "filename lineno funcname")


class RemoteUnwinder:
    """Refuses any process."""

    def __init__(self, pid, **options):
        raise RuntimeError("this interpreter does not look into other processes")
