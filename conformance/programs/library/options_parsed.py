"""getopt, optparse, cmd: short and long options, abbreviations, errors; a command interpreter driven by lines."""
import cmd
import contextlib
import getopt
import io
import optparse


def attempt(action):
    try:
        print(action())
    except BaseException as error:
        print(type(error).__name__, error)


for args, short, long in ((["-a", "1", "-bc", "rest", "-d"], "a:bc", []), (["--name=v", "--flag", "x"], "", ["name=", "flag"]), (["--na", "v"], "", ["name=", "other"]), (["-a"], "a:", []), (["-z"], "a", []), (["--n"], "", ["name", "next"]), (["--flag=x"], "", ["flag"]), (["--", "-a"], "a", []), (["-"], "a", []), (["--opt"], "", ["opt=?"]), (["--name"], "", ["name="]), (["-ab"], "a::b", [])):
    attempt(lambda: getopt.getopt(args, short, long))
    attempt(lambda: getopt.gnu_getopt(args, short, long))
attempt(lambda: getopt.gnu_getopt(["x", "-a", "y"], "-a"))
try:
    getopt.getopt(["-q"], "")
except getopt.GetoptError as error:
    print(error.msg, error.opt, error.args)

parser = optparse.OptionParser(usage="%prog [options] arg", prog="tool", version="%prog 1.5", description="Describes it.")
parser.add_option("-f", "--file", dest="filename", metavar="FILE", help="write to FILE", default="out")
parser.add_option("-q", action="store_false", dest="verbose", default=True)
parser.add_option("-n", "--num", type="int", help="a number [default: %default]", default=3)
parser.add_option("-v", action="count", default=0)
parser.add_option("--add", action="append")
parser.add_option("--pick", choices=["a", "b"], type="choice")
group = optparse.OptionGroup(parser, "Group", "more")
group.add_option("--const", action="store_const", const=42)
parser.add_option_group(group)
for args in (["-f", "x", "-q", "arg"], ["--num=5", "-vvv", "--add", "1", "--add=2"], ["--fi", "y", "--", "-q"], ["--const", "--pick", "a"]):
    options, rest = parser.parse_args(args)
    print(options, rest)
for args in (["-n", "x"], ["--nope"], ["-z"], ["--pick", "c"], ["-f"], ["--version"], ["--help"], ["--num"], ["-q=1"]):
    with contextlib.redirect_stderr(io.StringIO()) as err, contextlib.redirect_stdout(io.StringIO()) as out:
        try:
            parser.parse_args(args)
        except SystemExit as stop:
            code = stop.code
    print(args, code, err.getvalue(), out.getvalue())
attempt(lambda: parser.add_option("-f"))
attempt(lambda: parser.add_option("nodash"))
attempt(lambda: parser.add_option("-1x"))
attempt(lambda: parser.add_option("-j", type="nope"))
print(parser.get_usage(), parser.get_default_values(), parser.has_option("-q"), parser.remove_option("-q"), parser.has_option("-q"))


class Shell(cmd.Cmd):
    prompt = "> "
    intro = "welcome"

    def do_add(self, line):
        """add numbers"""
        print(sum(map(int, line.split())), file=self.stdout)

    def do_quit(self, line):
        return True

    def help_quit(self):
        print("leaves", file=self.stdout)

    def complete_add(self, text, line, begin, end):
        return ["1", "2"]

    def emptyline(self):
        print("nothing", file=self.stdout)

    def precmd(self, line):
        return line.lower()


out = io.StringIO()
shell = Shell(stdin=io.StringIO("add 1 2\nhelp\nhelp add\nhelp quit\nhelp zz\nunknown x\n\n? add\n! ls\nADD 5 5\nquit\nnever\n"), stdout=out)
shell.use_rawinput = False
shell.cmdloop()
print(out.getvalue())
print(shell.parseline("a b  c"), shell.parseline("?x"), shell.parseline("!y"), shell.parseline(""), shell.completenames("a"), shell.get_names().count("do_add"), shell.lastcmd)
