"""argparse: options, positionals, subcommands, groups, help and errors."""
import argparse
import contextlib
import io


def run(parser, *args):
    out, err = io.StringIO(), io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            result = parser.parse_args(args)
        print(args, "->", result)
    except SystemExit as error:
        print(args, "exits", error.code)
    for text in (out.getvalue(), err.getvalue()):
        if text:
            print("  " + text.rstrip().replace("\n", "\n  "))


p = argparse.ArgumentParser(prog="copy", description="Copies files.", epilog="That is all.", color=False)
p.add_argument("source", nargs="+", help="what to copy")
p.add_argument("target")
p.add_argument("-n", "--count", type=int, default=1, metavar="N", help="how often (default: %(default)s)")
p.add_argument("-v", "--verbose", action="count", default=0)
p.add_argument("--mode", choices=["fast", "safe"], help="how")
p.add_argument("-x", dest="exclude", action="append", help=argparse.SUPPRESS)
p.add_argument("--flag", action=argparse.BooleanOptionalAction)
p.add_argument("--version", action="version", version="%(prog)s 1.0")
p.add_argument("--const", nargs="?", const="given", default="absent")
for args in (["a", "b"], ["a", "b", "c", "-vv", "-n", "3"], ["-n3", "a", "b"], ["--count=4", "a", "b"], ["--cou", "5", "a", "b"], ["a"], [], ["a", "b", "-n", "x"], ["a", "b", "--mode", "slow"], ["a", "b", "--mo", "fast"], ["a", "b", "-x", "1", "-x", "2"],
             ["a", "b", "--flag"], ["a", "b", "--no-flag"], ["--version"], ["a", "b", "--const"], ["a", "b", "--const", "v"], ["a", "b", "--unknown"], ["--", "-a", "-b"], ["a", "b", "-n"], ["a", "b", "--v"], ["-h"], ["a", "b", "-vn2"]):
    run(p, *args)

s = argparse.ArgumentParser(prog="tool", color=False)
s.add_argument("--dry", action="store_true")
subs = s.add_subparsers(dest="command", required=True, title="commands")
add = subs.add_parser("add", help="add things", aliases=["a"])
add.add_argument("names", nargs="*")
add.set_defaults(func="adding")
rm = subs.add_parser("remove")
group = rm.add_mutually_exclusive_group(required=True)
group.add_argument("--all", action="store_true")
group.add_argument("--one", type=float)
for args in (["add", "x", "y"], ["a"], ["--dry", "remove", "--all"], ["remove", "--one", "1.5"], ["remove"], ["remove", "--all", "--one", "2"], [], ["nope"], ["-h"], ["add", "-h"]):
    run(s, *args)

q = argparse.ArgumentParser(prog="q", exit_on_error=False, allow_abbrev=False, fromfile_prefix_chars=None, color=False)
q.add_argument("--num", type=int)
try:
    q.parse_args(["--num", "x"])
except argparse.ArgumentError as error:
    print("error:", error, error.argument_name)
print(q.parse_known_args(["--num", "1", "extra", "--more"]), q.format_usage().strip(), q.parse_args([], argparse.Namespace(num=9)), argparse.Namespace(a=1) == argparse.Namespace(a=1), "a" in argparse.Namespace(a=1))


def positive(text):
    value = int(text)
    if value <= 0:
        raise argparse.ArgumentTypeError(f"{value} is not positive")
    return value


class Upper(argparse.Action):
    def __call__(self, parser, namespace, values, option_string=None):
        setattr(namespace, self.dest, values.upper())


r = argparse.ArgumentParser(prog="r", formatter_class=argparse.ArgumentDefaultsHelpFormatter, color=False)
g = r.add_argument_group("numbers", "about numbers")
g.add_argument("--pos", type=positive, default=5, help="a number")
r.add_argument("--up", action=Upper)
r.add_argument("pair", nargs=2, type=int)
r.add_argument("rest", nargs=argparse.REMAINDER)
for args in (["1", "2"], ["1", "2", "--pos", "3"], ["--pos", "-1", "1", "2"], ["--up", "abc", "1", "2", "x", "-y"], ["1"], ["-h"]):
    run(r, *args)
for wrong in (lambda: p.add_argument("-n"), lambda: p.add_argument("a b", "c"), lambda: p.add_argument("--z", action="nope"), lambda: p.add_argument("--z", type=5), lambda: p.add_argument("--z", nargs=0), lambda: p.add_argument("pos", required=True)):
    try:
        wrong()
        print("fine")
    except Exception as error:
        print(type(error).__name__, error)
