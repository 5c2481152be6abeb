"""The native half of tracemalloc: nothing is traced, and who asks for it is told so."""


def is_tracing():
    return False


def start(nframe=1):
    raise RuntimeError("this interpreter does not trace allocations; -X heap-stats and -X gc-report show memory")


def stop():
    pass


def clear_traces():
    pass


def reset_peak():
    pass


def get_traceback_limit():
    return 1


def get_traced_memory():
    return 0, 0


def get_tracemalloc_memory():
    return 0


def _get_traces():
    return []


def _get_object_traceback(obj, /):
    return None
