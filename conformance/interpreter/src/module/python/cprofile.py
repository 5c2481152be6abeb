"""Measures programs: how often functions are called, and how long they take.

    python -m cProfile [-o FILE] [-s SORT] [-m MODULE | FILE] [ARGUMENT] ...
"""

__all__ = ["run", "runctx", "Profile"]

import _lsprof
import marshal
import profile as _plain


def run(statement, filename=None, sort=-1):
    """Executes a statement in __main__ and prints what it did, or writes that to a file."""
    return _plain._Utils(Profile).run(statement, filename, sort)


def runctx(statement, globals, locals, filename=None, sort=-1):
    """The same with namespaces."""
    return _plain._Utils(Profile).runctx(statement, globals, locals, filename, sort)


class Profile(_lsprof.Profiler):
    """Profile(timer=None, timeunit=None, subcalls=True, builtins=True)

    Measures between enable() and disable(), or in a with statement."""

    def print_stats(self, sort=-1):
        """Prints what was measured, in this order."""
        import pstats

        keys = sort if isinstance(sort, tuple) else (sort,)
        pstats.Stats(self).strip_dirs().sort_stats(*keys).print_stats()

    def dump_stats(self, file):
        """Writes what was measured to a file that pstats reads."""
        self.create_stats()
        with open(file, "wb") as out:
            marshal.dump(self.stats, out)

    def create_stats(self):
        """Ends measuring and puts together what was measured."""
        self.disable()
        self.snapshot_stats()

    def snapshot_stats(self):
        """Puts together what was measured up to now, as `stats`: for each function the calls, the time and the callers."""
        entries = self.getstats()
        callers = {id(entry.code): {} for entry in entries}
        self.stats = {}
        for entry in entries:
            first, all = entry.callcount - entry.reccallcount, entry.callcount
            self.stats[label(entry.code)] = first, all, entry.inlinetime, entry.totaltime, callers[id(entry.code)]
        for entry in entries:
            caller = label(entry.code)
            for part in entry.calls or ():
                known = callers.get(id(part.code))
                if known is None:
                    continue
                row = part.callcount, part.callcount - part.reccallcount, part.inlinetime, part.totaltime
                known[caller] = tuple(map(sum, zip(known[caller], row))) if caller in known else row

    def run(self, cmd):
        """Executes a statement in __main__."""
        import __main__

        return self.runctx(cmd, __main__.__dict__, __main__.__dict__)

    def runctx(self, cmd, globals, locals):
        """Executes a statement in these namespaces."""
        self.enable()
        try:
            exec(cmd, globals, locals)
        finally:
            self.disable()
        return self

    def runcall(self, func, /, *args, **kw):
        """Calls a function."""
        self.enable()
        try:
            return func(*args, **kw)
        finally:
            self.disable()

    def __enter__(self):
        self.enable()
        return self

    def __exit__(self, *raised):
        self.disable()


def label(code):
    """File, line and name of what is shown for a code object, or for the text of a native function."""
    if isinstance(code, str):
        return "~", 0, code
    return code.co_filename, code.co_firstlineno, code.co_name


def main():
    """Measures the file or module that the command line names."""
    import importlib.machinery
    import io
    import optparse
    import os
    import pstats
    import runpy
    import sys

    parser = optparse.OptionParser(
        usage="cProfile.py [-o output_file_path] [-s sort] [-m module | scriptfile] [arg] ..."
    )
    parser.allow_interspersed_args = False
    parser.add_option("-o", "--outfile", dest="outfile", help="Save stats to <outfile>", default=None)
    parser.add_option(
        "-s",
        "--sort",
        dest="sort",
        help="Sort order when printing to stdout, based on pstats.Stats class",
        default=2,
        choices=sorted(pstats.Stats.sort_arg_dict_default),
    )
    parser.add_option("-m", dest="module", action="store_true", help="Profile a library module", default=False)
    if not sys.argv[1:]:
        parser.print_usage()
        sys.exit(2)
    options, args = parser.parse_args()
    if options.outfile is not None:
        options.outfile = os.path.abspath(options.outfile)
    if not args:
        parser.print_usage()
        return parser
    sys.argv[:] = args
    if options.module:
        code = "run_module(modname, run_name='__main__')"
        space = {"run_module": runpy.run_module, "modname": args[0]}
    else:
        name = args[0]
        sys.path.insert(0, os.path.dirname(name))
        with io.open_code(name) as file:
            code = compile(file.read(), name, "exec")
        spec = importlib.machinery.ModuleSpec(name="__main__", loader=None, origin=name)
        main_module = type(sys)("__main__")
        main_module.__dict__.update(
            __spec__=spec, __file__=name, __name__="__main__", __package__=None, __cached__=None
        )
        sys.modules["__main__"] = main_module
        space = main_module.__dict__
    try:
        runctx(code, space, None, options.outfile, options.sort)
    except BrokenPipeError as error:
        # Nobody reads what is written.
        sys.stdout = None
        sys.exit(error.errno)
    return parser


if __name__ == "__main__":
    main()
