"""How the interpreter was built, as far as that means anything here: there is no C in it."""

build_time_vars = {
    "ABIFLAGS": "t",
    "EXT_SUFFIX": "",
    "LDVERSION": "3.14t",
    "Py_DEBUG": 0,
    "Py_GIL_DISABLED": 1,
    "VERSION": "3.14",
    "WITH_DOC_STRINGS": 1,
}
