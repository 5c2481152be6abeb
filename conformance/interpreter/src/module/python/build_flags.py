"""What sysconfig asks of the interpreter's build."""


def config_vars():
    """The values that depend on how the interpreter was built."""
    return {"Py_GIL_DISABLED": 1, "Py_DEBUG": 0}
