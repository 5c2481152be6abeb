"""`os.register_at_fork`, statuses of children, and the errors of these functions."""

import os
import sys
import threading
import warnings

for name in "first", "second":
    os.register_at_fork(
        before=lambda name=name: print("before", name),
        after_in_parent=lambda name=name: print("parent", name),
        after_in_child=lambda name=name: print("child", name),
    )


def bad():
    return 1 / 0


sys.unraisablehook = lambda args: print("ignored", repr(args.exc_value))
os.register_at_fork(before=bad)
sys.stdout.flush()
pid = os.fork()
if pid == 0:
    sys.stdout.flush()
    os._exit(0)
os.waitpid(pid, 0)
sys.stdout.flush()

# What is buffered, both processes have.
print("twice?", end="")
pid = os.fork()
if pid == 0:
    print(" in the child")
    sys.exit(5)
print(" in the parent,", os.waitpid(pid, 0)[1])
sys.stdout.flush()

# A process with threads.
stop = threading.Event()
thread = threading.Thread(target=stop.wait)
thread.start()
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    pid = os.fork()
    if pid == 0:
        os._exit(len(caught))
    print(os.waitpid(pid, 0)[1])
    for warning in caught:
        message = str(warning.message).replace(str(os.getpid()), "PID")
        print(warning.category.__name__, message)
stop.set()
thread.join()


def error(call, *args, **kwargs):
    try:
        print(call(*args, **kwargs))
    except Exception as error:
        print(type(error).__name__, error)


error(os.register_at_fork)
error(os.register_at_fork, print)
error(os.register_at_fork, before=1)
error(os.register_at_fork, after_in_child=None)
error(os.register_at_fork, other=print)
error(os.fork, 1)
error(os._exit)
error(os._exit, "0")
error(os.waitpid, 1)
error(os.waitpid, -1, 0)
error(os.wait)
for status in 0, 768, 9, 139, 0x137F:
    error(os.waitstatus_to_exitcode, status)
    print(
        os.WIFEXITED(status),
        os.WIFSIGNALED(status),
        os.WIFSTOPPED(status),
        os.WEXITSTATUS(status),
        os.WTERMSIG(status),
        os.WSTOPSIG(status),
    )
error(os.waitstatus_to_exitcode, "0")
error(os.WIFEXITED)
