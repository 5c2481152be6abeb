"""Processes: pipelines, input and output, limits of time, environments, signals, and exit statuses."""
import contextlib
import io
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap


def shell(command, **options):
    return subprocess.run(['/bin/sh', '-c', command], capture_output=True, text=True, **options)


class Pipeline:
    """Commands joined by `|`, as a shell does it."""

    def __init__(self, *commands):
        self.commands = commands

    def __or__(self, command):
        return Pipeline(*self.commands, command)

    def run(self, text=''):
        with contextlib.ExitStack() as stack:
            processes, source = [], subprocess.PIPE
            for command in self.commands:
                process = stack.enter_context(subprocess.Popen(command, stdin=source, stdout=subprocess.PIPE, text=True, env={**os.environ, 'LC_ALL': 'C'}))
                if processes:
                    source.close()
                source = process.stdout
                processes.append(process)
            first, last = processes[0], processes[-1]
            if first is last:
                return last.communicate(text)[0], [last.returncode]
            first.stdin.write(text)
            first.stdin.close()
            result = last.stdout.read()
            return result, [process.wait() for process in processes]


print(Pipeline(['cat']).run('one line\n'))
pipe = Pipeline(['tr', 'a-z', 'A-Z']) | ['sort', '-r'] | ['head', '-n', '2']
print(pipe.run('pear\napple\nzebra\n'))
print((Pipeline(['sh', '-c', 'exit 3']) | ['cat']).run())
done = shell('echo out; echo err >&2; exit 5')
print(done.returncode, repr(done.stdout), repr(done.stderr))
try:
    done.check_returncode()
except subprocess.CalledProcessError as error:
    print(error, error.output == error.stdout)
for status in ('kill -TERM $$', 'kill -9 $$', 'exit 255', 'nosuchcommand'):
    print(status, shell(status).returncode)
try:
    subprocess.run(['sleep', '20'], timeout=0.05)
except subprocess.TimeoutExpired as error:
    print(error)
for bad in (['/no/such/program'], [''], ['/etc'], [str(pathlib.Path(__file__).resolve())]):
    try:
        subprocess.run(bad)
    except OSError as error:
        print(type(error).__name__, error.errno, os.path.basename(str(error.filename)))
try:
    subprocess.run(['true'], cwd='/no/such/folder')
except FileNotFoundError as error:
    print(error)
print(subprocess.check_output(['printenv', 'WHO', 'HOW'], env={'WHO': 'ann', 'HOW': 'so', 'PATH': os.environ['PATH']}))
print(subprocess.getstatusoutput('echo text; exit 4'), subprocess.getoutput('printf "%s" abc'))
print(subprocess.run('read a b; echo "$b-$a"', shell=True, input='x y\n', text=True, stdout=subprocess.PIPE).stdout)
both = subprocess.run(['sh', '-c', 'echo 1; echo 2 >&2; echo 3'], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
print(both.stdout, both.stderr, both.args[0])
print(subprocess.call('exit 7', shell=True), subprocess.run(['cat'], stdin=subprocess.DEVNULL, capture_output=True).stdout)

with tempfile.TemporaryDirectory() as folder:
    script = pathlib.Path(folder, 'talk.sh')
    script.write_text(textwrap.dedent('''\
        #!/bin/sh
        trap 'echo stopped; exit 9' TERM
        echo ready
        while read line; do
            echo "got $line"
            test "$line" = end && break
        done
        echo "$# $1"
    '''))
    script.chmod(0o755)
    with subprocess.Popen([script, 'arg one', 'two'], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as talk:
        print(talk.stdout.readline().strip(), talk.poll())
        for word in ('hello', 'end'):
            print(word, file=talk.stdin)
            print(talk.stdout.readline().strip())
        print(talk.stdout.read(), end='')
    print(talk.returncode, talk.poll(), talk.args[1:])
    with subprocess.Popen([script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as talk:
        print(talk.stdout.readline(), end='')
        talk.terminate()
        talk.stdin.close()
        print(talk.stdout.readline(), end='')
    print(talk.wait(timeout=20))
    with open(pathlib.Path(folder, 'out'), 'w+') as out:
        subprocess.run(['echo', 'to a file'], stdout=out)
        out.seek(0)
        print(out.read(), end='')
    read, write = os.pipe()
    child = subprocess.Popen(['sh', '-c', f'echo passed >&{write}'], pass_fds=[write])
    os.close(write)
    with open(read) as file:
        print(file.read().strip(), child.wait())
    print(shutil.which('sh') is not None, shutil.which('no-such-command'), shutil.which('talk.sh', path=folder) == str(script))
sleeper = subprocess.Popen(['sleep', '30'], start_new_session=True)
os.killpg(sleeper.pid, signal.SIGTERM)
print(sleeper.wait(), signal.Signals(-sleeper.returncode).name, os.getpgid(0) == sleeper.pid)
sys.stdout.flush()
if (pid := os.fork()) == 0:
    os.write(1, b'from the child\n')
    os._exit(3)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
with os.popen('cat >/dev/null; exit 2', 'w') as stream:
    stream.write('x')
print(io.StringIO(shell('printf "a\\nb"').stdout).readlines(), subprocess.list2cmdline(['a b', 'c"d']))
