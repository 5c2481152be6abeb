"""Says where the threads are: when asked, after a time, at a signal, and when the program crashes."""

import _faulthandler
import _signal
import _thread
import posix
import sys

_DEEPEST = 100
_LONGEST = 500
_watchdog = None
_registered = {}
_enabled = None


def _descriptor(file):
    if file is None:
        file = sys.stderr
        if file is None:
            raise RuntimeError("sys.stderr is None")
    if isinstance(file, int):
        if file < 0:
            raise ValueError("file is not a valid file descriptor")
        return file
    descriptor = file.fileno()
    if not isinstance(descriptor, int) or descriptor < 0:
        raise RuntimeError("file.fileno() is not a valid file descriptor")
    try:
        file.flush()
    except Exception:
        pass
    return descriptor


def _write(descriptor, text):
    data = text.encode("ascii", "backslashreplace")
    try:
        while data:
            data = data[posix.write(descriptor, data) :]
    except OSError:
        pass


def _short(text):
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "..."


def _lines(frame):
    for _ in range(_DEEPEST):
        if frame is None:
            return
        code = frame.f_code
        yield f'  File "{_short(code.co_filename)}", line {frame.f_lineno} in {_short(code.co_name)}\n'
        frame = frame.f_back
    yield "  ...\n"


def _dump(descriptor, frame, all_threads, skipped=None):
    """Writes where `frame`, of the calling thread, is, and the other threads."""
    if not all_threads:
        _write(descriptor, "Stack (most recent call first):\n" + "".join(_lines(frame)))
        return
    me = _thread.get_ident()
    parts = []
    for ident, top in reversed(sorted(sys._current_frames().items())):
        if ident == me or ident == skipped:
            continue
        parts.append(f"Thread 0x{ident:016x} (most recent call first):\n" + "".join(_lines(top)))
    if frame is not None:
        parts.append(f"Current thread 0x{me:016x} (most recent call first):\n" + "".join(_lines(frame)))
    _write(descriptor, "\n".join(parts))


def dump_traceback(file=None, all_threads=True):
    """Writes where the calling thread is, or all threads are."""
    _dump(_descriptor(file), sys._getframe(1), all_threads)


def dump_c_stack(file=None):
    """Says that the native stack cannot be shown."""
    _write(
        _descriptor(file),
        "Current thread's C stack trace (most recent call first):\n  <cannot get C stack on this system>\n",
    )


def enable(file=None, all_threads=True, c_stack=True):
    """From now on a crash says first where its thread is."""
    global _enabled
    descriptor = _descriptor(file)
    _enabled = sys.stderr if file is None else file
    _faulthandler.install(descriptor)


def disable():
    """The opposite of `enable`; whether that had been called."""
    global _enabled
    before = _enabled is not None
    _enabled = None
    _faulthandler.remove()
    return before


def is_enabled():
    """Whether a crash says where its thread is."""
    return _enabled is not None


def _clock(seconds):
    microseconds = round(seconds * 1_000_000)
    seconds, microseconds = divmod(microseconds, 1_000_000)
    text = f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{text}.{microseconds:06}" if microseconds else text


def _watch(cancelled, timeout, repeat, descriptor, exit):
    while not cancelled.acquire(True, timeout):
        _write(descriptor, f"Timeout ({_clock(timeout)})!\n")
        _dump(descriptor, None, True)
        if exit:
            posix._exit(1)
        if not repeat:
            break


def dump_traceback_later(timeout, repeat=False, file=None, exit=False):
    """Writes where all threads are when the time is over, unless that is cancelled before."""
    global _watchdog
    timeout = float(timeout)
    if timeout <= 0:
        raise ValueError("timeout must be greater than 0")
    if timeout > _thread.TIMEOUT_MAX:
        raise OverflowError("timeout value is too large")
    descriptor = _descriptor(file)
    cancel_dump_traceback_later()
    cancelled = _thread.allocate_lock()
    cancelled.acquire()
    handle = _thread.start_joinable_thread(
        lambda: _watch(cancelled, timeout, repeat, descriptor, exit), daemon=True
    )
    _watchdog = cancelled, handle, file


def cancel_dump_traceback_later():
    """What `dump_traceback_later` was to do is not done."""
    global _watchdog
    watchdog, _watchdog = _watchdog, None
    if watchdog is not None:
        cancelled, handle, _ = watchdog
        cancelled.release()
        handle.join()


def _check(signum):
    if signum in (_signal.SIGSEGV, _signal.SIGABRT, _signal.SIGFPE, _signal.SIGBUS, _signal.SIGILL):
        raise RuntimeError(f"signal {signum} cannot be registered, use enable() instead")
    if not 1 <= signum < _signal.NSIG:
        raise ValueError("signal number out of range")


def register(signum, file=None, all_threads=True, chain=False):
    """Writes where the threads are when the signal arrives; `chain` does then what was done before."""
    signum = int(signum)
    _check(signum)
    descriptor = _descriptor(file)
    before = _registered[signum][0] if signum in _registered else _signal.getsignal(signum)

    def handle(signum, frame):
        _dump(descriptor, frame, all_threads)
        if not chain:
            return
        if callable(before):
            before(signum, frame)
        elif before == _signal.SIG_DFL:
            _signal.signal(signum, _signal.SIG_DFL)
            _signal.raise_signal(signum)
            _signal.signal(signum, handle)

    _signal.signal(signum, handle)
    _registered[signum] = before, file


def unregister(signum):
    """The opposite of `register`; whether that had been called."""
    signum = int(signum)
    _check(signum)
    if signum not in _registered:
        return False
    before, _ = _registered.pop(signum)
    _signal.signal(signum, _signal.SIG_DFL if before is None else before)
    return True


def _sigsegv(release_gil=False):
    _faulthandler.crash(_signal.SIGSEGV)


def _read_null():
    _faulthandler.crash(_signal.SIGSEGV)


def _stack_overflow():
    _faulthandler.crash(_signal.SIGSEGV)


def _sigabrt():
    _faulthandler.crash(_signal.SIGABRT)


def _sigfpe():
    _faulthandler.crash(_signal.SIGFPE)
