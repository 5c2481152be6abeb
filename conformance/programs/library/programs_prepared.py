# What a new process does before it becomes a program: `preexec_fn`.
import functools
import os
import resource
import subprocess
import sys
import tempfile
import threading
import warnings

warnings.simplefilter('ignore', DeprecationWarning)
# What is still to be written would be written by both processes.
print = functools.partial(print, flush=True)


def limited():
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))


done = subprocess.run(['sh', '-c', 'echo out; echo err >&2; ulimit -n'], preexec_fn=limited, capture_output=True, text=True)
print(done.returncode, done.stdout.split(), done.stderr.split())
print(resource.getrlimit(resource.RLIMIT_NOFILE)[0] != 100)

for hook in lambda: 1 / 0, lambda: sys.exit(3), 'no function':
    try:
        subprocess.run(['true'], preexec_fn=hook)
    except subprocess.SubprocessError as error:
        print(repr(error))

print(subprocess.run(['sh', '-c', 'exit 3'], preexec_fn=os.setsid).returncode)
print(subprocess.run(['sh', '-c', 'true'], preexec_fn=lambda: os._exit(7)).returncode)
for program in '/no/such/program', 'no such program':
    try:
        subprocess.run([program], preexec_fn=limited)
    except OSError as error:
        print(repr(error), error.filename)
try:
    subprocess.run(['true'], preexec_fn=limited, cwd='/no/such/folder')
except OSError as error:
    print(repr(error), error.filename)

# It prints to where the program would, in its folder, behind what was asked for, and may use all of the language.
with tempfile.TemporaryDirectory() as folder:
    def prepare():
        values.append(3)
        os.environ['PREPARED'] = 'yes'
        print('preparing', values, os.path.samefile(os.getcwd(), folder), os.getpid() != parent)

    values, parent = [1, 2], os.getpid()
    done = subprocess.run(['sh', '-c', 'echo "$PREPARED"'], preexec_fn=prepare, cwd=folder, stdout=subprocess.PIPE, text=True)
    print(repr(done.stdout), values, 'PREPARED' in os.environ)

told = []
os.register_at_fork(before=lambda: told.append('before'), after_in_parent=lambda: told.append('parent'),
                    after_in_child=lambda: told.append('child'))
done = subprocess.run(['true'], preexec_fn=lambda: print(told))
print(told, done.returncode)
subprocess.run(['true'])
print(told)

# Other threads go on in the parent, and are not there in the child.
stop = threading.Event()
waiting = [threading.Thread(target=stop.wait) for _ in range(3)]
for thread in waiting:
    thread.start()
done = subprocess.run(['true'], preexec_fn=lambda: print(threading.active_count()))
print(threading.active_count(), done.returncode)
stop.set()
for thread in waiting:
    thread.join()
