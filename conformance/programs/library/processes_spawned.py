"""os: programs spawned with their files, groups and signals; waiting for children and what they used; terminals of their own; descriptors of processes."""
import os
import resource
import signal
import sys
import time


def attempt(action):
    try:
        print(action())
    except BaseException as error:
        print(type(error).__name__, error)


def code(pid):
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


shell = "/bin/sh"
print(code(os.posix_spawn(shell, ["sh", "-c", "exit 7"], {})), code(os.posix_spawnp("sh", ("sh", "-c", "exit $CODE"), {"CODE": "9", "PATH": "/bin"})))
os.environ["KIT_WORD"] = "from here"
print(code(os.posix_spawn(shell, ["sh", "-c", 'test "$KIT_WORD" = "from here"'], None)))
# Files of the new process.
reading, writing = os.pipe()
actions = [
    (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0), (os.POSIX_SPAWN_DUP2, writing, 1), (os.POSIX_SPAWN_CLOSE, reading), (os.POSIX_SPAWN_CLOSEFROM, 3),
]
print(code(os.posix_spawn(shell, ["sh", "-c", "cat; echo spoken; kill -TERM $$"], os.environ, file_actions=actions)))
os.close(writing)
print(os.read(reading, 99))
os.close(reading)
# What it is like.
print(code(os.posix_spawn(shell, ["sh", "-c", "kill -USR1 $$; exit 3"], {}, setsigmask=[signal.SIGUSR1], setsigdef={signal.SIGPIPE})))
print(code(os.posix_spawn(shell, ["sh", "-c", "exit 0"], {}, setpgroup=0, resetids=True, scheduler=(os.SCHED_OTHER, os.sched_param(0)), file_actions=None)))
print(code(os.posix_spawn(shell, ["sh", "-c", "exit 0"], {}, setsid=True)))
usual = (shell, ["sh", "-c", "exit 0"], {})
for call in (
    lambda: os.posix_spawn("/no/such", ["x"], None), lambda: os.posix_spawnp("no such program", ["x"], None), lambda: os.posix_spawn(shell, 1, None),
    lambda: os.posix_spawn(shell, [], None), lambda: os.posix_spawn(shell, [""], None), lambda: os.posix_spawn(shell, ["a", 1], None),
    lambda: os.posix_spawn(shell, ["a"], 1), lambda: os.posix_spawn(shell, ["a"], {"a=": "b"}), lambda: os.posix_spawn(shell, ["a\0"], {}),
    lambda: os.posix_spawn(shell), lambda: os.posix_spawn(*usual, ()), lambda: os.posix_spawn(*usual, file_actions=1),
    lambda: os.posix_spawn(*usual, file_actions=[1]), lambda: os.posix_spawn(*usual, file_actions=[()]),
    lambda: os.posix_spawn(*usual, file_actions=[(9,)]), lambda: os.posix_spawn(*usual, file_actions=[(os.POSIX_SPAWN_OPEN, 1)]),
    lambda: os.posix_spawn(*usual, file_actions=[(os.POSIX_SPAWN_DUP2, 1)]), lambda: os.posix_spawn(*usual, file_actions=[(os.POSIX_SPAWN_CLOSE, "x")]),
    lambda: os.posix_spawn(*usual, scheduler=1), lambda: os.posix_spawn(*usual, scheduler=(1,)), lambda: os.posix_spawn(*usual, scheduler=(None, 3)),
    lambda: os.posix_spawn(*usual, setsigmask=[0]), lambda: os.posix_spawn(*usual, setsigdef=5), lambda: os.posix_spawn(*usual, setpgroup="x"),
):
    attempt(call)

# Waiting.
child = os.posix_spawn(shell, ["sh", "-c", "exit 5"], {})
found = os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
print(found.si_pid == child, found.si_uid == os.getuid(), found.si_signo == signal.SIGCHLD, found.si_status, found.si_code == os.CLD_EXITED, len(found))
pid, status, usage = os.wait4(child, 0)
print(pid == child, os.WEXITSTATUS(status), type(usage) is resource.struct_rusage, usage.ru_maxrss > 0)
child = os.posix_spawn(shell, ["sh", "-c", "kill -KILL $$"], {})
pid, status, usage = os.wait3(0)
print(pid == child, os.WIFSIGNALED(status), os.WTERMSIG(status), os.WCOREDUMP(status), os.WIFCONTINUED(status), usage.ru_utime >= 0)
child = os.posix_spawn(shell, ["sh", "-c", "kill -STOP $$; exit 4"], {})
print(os.waitid(os.P_PID, child, os.WSTOPPED).si_code == os.CLD_STOPPED, os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG))
os.kill(child, signal.SIGCONT)
print(os.waitid(os.P_PID, child, os.WCONTINUED).si_code == os.CLD_CONTINUED, os.waitid(os.P_PID, child, os.WEXITED).si_status)
print(os.WIFCONTINUED(0xFFFF), os.WCOREDUMP(0x80), os.waitid_result((1, 2, 3, 4, 5)))
for call in (
    lambda: os.wait3(0), lambda: os.wait3(), lambda: os.wait4(-1, 0), lambda: os.wait4(1), lambda: os.waitid(os.P_ALL, 0, os.WEXITED),
    lambda: os.waitid(1, 2), lambda: os.waitid("x", 0, 0), lambda: os.waitid(99, 0, 0), lambda: os.WCOREDUMP("x"), lambda: os.WIFCONTINUED(),
):
    attempt(call)

# A descriptor of a process becomes readable when it ends.
child = os.posix_spawn(shell, ["sh", "-c", "sleep 60"], {})
process = os.pidfd_open(child)
print(os.get_inheritable(process), signal.pidfd_send_signal(process, 0), signal.pidfd_send_signal(process, signal.SIGTERM))
found = os.waitid(os.P_PIDFD, process, os.WEXITED)
print(found.si_status == signal.SIGTERM, found.si_code == os.CLD_KILLED)
for call in (
    lambda: signal.pidfd_send_signal(process, 0), lambda: signal.pidfd_send_signal(process, 0, 1), lambda: signal.pidfd_send_signal(-1, 0),
    lambda: signal.pidfd_send_signal(), lambda: os.pidfd_open(-1), lambda: os.pidfd_open(), lambda: os.pidfd_open("x"),
):
    attempt(call)
os.close(process)

# A terminal of its own.
sys.stdout.flush()
child, terminal = os.forkpty()
if child == 0:
    os.write(1, b"%d %d %d" % (os.isatty(0), os.getsid(0) == os.getpid(), terminal))
    os._exit(6)
print(os.read(terminal, 99), code(child), os.get_inheritable(terminal))
os.close(terminal)

# Limits, processors, groups.
now = resource.getrlimit(resource.RLIMIT_NOFILE)
print(resource.prlimit(0, resource.RLIMIT_NOFILE) == now, resource.prlimit(os.getpid(), resource.RLIMIT_NOFILE, now) == now)
processors = os.sched_getaffinity(0)
print(os.sched_setaffinity(0, processors), os.sched_getaffinity(0) == processors, 7 in os.getgrouplist("no such user", 7))
for call in (
    lambda: resource.prlimit(0), lambda: resource.prlimit(0, 99), lambda: resource.prlimit(0, 7, (1,)), lambda: resource.prlimit(0, 7, (5, 4)),
    lambda: resource.prlimit(0, 7, 5), lambda: os.sched_setaffinity(0, []), lambda: os.sched_setaffinity(0, ["x"]),
    lambda: os.sched_setaffinity(0, [-1]), lambda: os.sched_setaffinity(0, [2**40]), lambda: os.sched_setaffinity(0, [2**20]), lambda: os.sched_setaffinity(0, 1),
    lambda: os.getgrouplist("x"), lambda: os.getgrouplist(1, 0), lambda: os.getgrouplist("x", "y"), lambda: os.getgrouplist("a\0", 1),
    lambda: os.initgroups(1, 0), lambda: os.initgroups("x"), lambda: os.initgroups("x", "y"), lambda: os.setns(-1), lambda: os.setns(),
    lambda: os.unshare("x"), lambda: os.unshare(-1), lambda: os.unshare(0),
):
    attempt(call)

# The time that a thread has been running.
clock = time.pthread_getcpuclockid(__import__("threading").get_ident())
print(time.clock_gettime(clock) > 0, time.clock_gettime(clock) <= time.process_time())
attempt(lambda: time.pthread_getcpuclockid("x"))
attempt(time.pthread_getcpuclockid)
