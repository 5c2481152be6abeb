"""subprocess: output, input, status, signals, environment, pipes between two, time limits, errors."""
import os
import signal
import subprocess
from subprocess import DEVNULL, PIPE, STDOUT, Popen, run


def attempt(action):
    try:
        print(action())
    except BaseException as error:
        print(type(error).__name__, error)


print(run(["echo", "hello"], capture_output=True, text=True))
print(run("echo a; echo b >&2; exit 3", shell=True, stdout=PIPE, stderr=STDOUT).stdout, run(["false"]).returncode, run(["cat"], input=b"in\n", stdout=PIPE).stdout, run(["cat"], input="é\r\n", stdout=PIPE, encoding="utf-8").stdout)
print(subprocess.check_output(["sh", "-c", "echo $X"], env={"X": "value", "PATH": os.environ["PATH"]}, text=True), subprocess.getoutput("echo x; echo y"), subprocess.getstatusoutput("exit 2"), subprocess.call(["sh", "-c", "exit 4"]), run(["pwd"], cwd="/", capture_output=True).stdout)
for call in (lambda: run(["false"], check=True), lambda: subprocess.check_output("echo out; exit 5", shell=True), lambda: run(["surely-no-such-command"]), lambda: run(["sleep", "30"], timeout=0.01), lambda: run([]), lambda: run(["/"]), lambda: run(["echo"], cwd="/nothing"), lambda: run(["cat"], input=b"x", stdin=PIPE), lambda: run("x", capture_output=True, stdout=PIPE), lambda: run([5]), lambda: Popen(["echo", "a\0b"]), lambda: run(["kill"], check=5, nope=1)):
    attempt(call)
try:
    subprocess.check_output("echo out; exit 5", shell=True)
except subprocess.CalledProcessError as error:
    print(error.returncode, error.cmd, error.output, error.stderr)
with Popen(["sort"], stdin=PIPE, stdout=PIPE, text=True) as p:
    for word in ("pear\n", "apple\n"):
        p.stdin.write(word)
    p.stdin.close()
    print(p.stdout.read().split(), p.poll() in (None, 0))
print(p.returncode, p.args, p.poll(), p.wait())
one = Popen(["echo", "b\na"], stdout=PIPE)
two = Popen(["sort"], stdin=one.stdout, stdout=PIPE)
one.stdout.close()
print(two.communicate()[0], one.wait())
p = Popen(["sleep", "60"])
print(p.poll())
p.terminate()
print(p.wait() == -signal.SIGTERM, p.returncode, p.terminate())
p = Popen(["cat"], stdin=PIPE, stdout=DEVNULL)
p.kill()
print(p.wait())
p.stdin.close()
p = Popen("cat; echo err >&2", shell=True, stdin=PIPE, stdout=PIPE, stderr=PIPE)
print(p.communicate(b"x" * 100_000, timeout=20)[0] == b"x" * 100_000, p.returncode)
print(subprocess.list2cmdline(["a b", 'c"d', "e"]), run(["sh", "-c", "kill -9 $$"]).returncode, os.system("exit 3") >> 8, os.popen("echo popen").read(), os.waitstatus_to_exitcode(os.system("exit 7")))
