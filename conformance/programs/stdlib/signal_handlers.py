"""Handlers of signals: set, called in the main thread, replaced, raising."""
import _signal as signal
import posix
import _thread

seen = []

def note(number, frame):
    seen.append((number, type(frame).__name__))

# A shell has what it starts in the background ignore Ctrl-C.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN: signal.signal(signal.SIGINT, signal.default_int_handler)
print(signal.getsignal(signal.SIGINT).__name__, signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGPIPE))
print(signal.signal(signal.SIGUSR1, note), signal.getsignal(signal.SIGUSR1) is note)
posix.kill(posix.getpid(), signal.SIGUSR1); print(seen)
signal.raise_signal(signal.SIGUSR1); print(seen)
signal.signal(signal.SIGUSR1, signal.SIG_IGN); signal.raise_signal(signal.SIGUSR1); print(len(seen), signal.getsignal(signal.SIGUSR1))
def fail(number, frame): raise ValueError(number)
signal.signal(signal.SIGUSR2, fail)
try: signal.raise_signal(signal.SIGUSR2)
except ValueError as error: print("raised", error)
try: signal.raise_signal(signal.SIGINT)
except KeyboardInterrupt as error: print("interrupted", error.args)
signal.signal(signal.SIGALRM, note)
print(signal.alarm(100), signal.alarm(0) in (99, 100), signal.setitimer(signal.ITIMER_REAL, 0.01, 0), signal.getitimer(signal.ITIMER_REAL)[1])
while len(seen) < 3: pass
print(seen[-1])
r, w = posix.pipe(); posix.set_blocking(w, False)
print(signal.set_wakeup_fd(w)); signal.raise_signal(signal.SIGALRM); print(posix.read(r, 9), signal.set_wakeup_fd(-1) == w)
old = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
signal.raise_signal(signal.SIGALRM); print(signal.sigpending() == {signal.SIGALRM}, len(seen), signal.SIGALRM in old)
print(signal.sigwait([signal.SIGALRM]) == signal.SIGALRM, signal.sigpending(), signal.sigtimedwait([signal.SIGALRM], 0))
signal.raise_signal(signal.SIGALRM); info = signal.sigwaitinfo([signal.SIGALRM]); print(info.si_signo == signal.SIGALRM, info.si_pid == posix.getpid())
signal.raise_signal(signal.SIGALRM); signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGALRM]); print(len(seen))
signal.pthread_kill(_thread.get_ident(), signal.SIGALRM); print(len(seen))
def attempt(function, *args):
    try: print(function.__name__, function(*args))
    except Exception as error: print(function.__name__, type(error).__name__, error)
attempt(signal.signal, 0, note); attempt(signal.signal, signal.SIGKILL, note); attempt(signal.signal, signal.SIGALRM, "x"); attempt(signal.signal, 99, note); attempt(signal.getsignal, -1)
attempt(signal.setitimer, 9, 1); attempt(signal.pthread_sigmask, signal.SIG_BLOCK, [0]); attempt(signal.pthread_sigmask, 77, []); attempt(signal.set_wakeup_fd, r); attempt(signal.set_wakeup_fd, "x"); attempt(signal.strsignal, 11)
attempt(signal.siginterrupt, signal.SIGALRM, False); attempt(signal.strsignal, 0); attempt(signal.sigtimedwait, [], -1); attempt(signal.pthread_kill, _thread.get_ident(), 999)
done = _thread.allocate_lock(); done.acquire()
def other():
    attempt(signal.signal, signal.SIGALRM, note); signal.raise_signal(signal.SIGALRM); done.release()
_thread.start_new_thread(other, ()); done.acquire()
while len(seen) < 6: pass
print(seen[-1], len(signal.valid_signals()) > 50, signal.struct_siginfo.__name__)
