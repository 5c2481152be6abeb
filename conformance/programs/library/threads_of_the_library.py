"""`threading` over `_thread`: classes to derive from, handles, what is told of errors, queues that shut down."""

import _thread
import contextvars
import queue
import re
import threading


def attempt(call, *args, **keywords):
    try:
        print(call(*args, **keywords))
    except Exception as error:
        print(type(error).__name__, error)


def plain(text):
    """Without numbers that differ."""
    return re.sub(r"\d{4,}", "N", str(text))


class Counted(threading.Thread):
    started = 0

    def run(self):
        Counted.started += 1
        self.result = (threading.current_thread() is self, self.daemon, self.name)


thread = Counted(name="counted", daemon=True)
print(plain(thread), thread.is_alive(), thread.ident, thread.native_id)
attempt(thread.join)
thread.start()
thread.join()
print(thread.result, Counted.started, plain(thread), thread.is_alive(), thread.ident is not None)
attempt(thread.start)
attempt(setattr, thread, "daemon", False)
print(threading.main_thread().name, threading.active_count(), [t.name for t in threading.enumerate()])
attempt(threading.current_thread().join)
attempt(threading.Thread, 5)
attempt(threading.Thread, target=5)

# Handles.
handle = _thread._ThreadHandle()
print(handle.ident, handle.is_done(), type(handle).__name__)
attempt(handle.join)
attempt(_thread.start_joinable_thread, 5)
attempt(_thread.start_joinable_thread, print, handle=5)
_thread.start_joinable_thread(lambda: None, handle=handle, daemon=False)
handle.join()
print(handle.is_done(), handle.ident != 0)
attempt(_thread.start_joinable_thread, print, handle=handle)
attempt(_thread.start_new_thread, 5, ())
attempt(_thread.start_new_thread, print, [])
attempt(_thread.start_new_thread, print, (), 5)
print(_thread._get_main_thread_ident() == threading.get_ident(), _thread.daemon_threads_allowed())

# Errors that end a thread.
told = []
threading.excepthook = lambda args: told.append((args.exc_type.__name__, str(args.exc_value), args.thread.name))


def fail(error):
    raise error


for error in ValueError("no"), SystemExit(3), KeyboardInterrupt():
    thread = threading.Thread(target=fail, args=(error,), name="failing")
    thread.start()
    thread.join()
print(told)
threading.excepthook = threading.__excepthook__
attempt(threading.excepthook, 5)
attempt(threading.ExceptHookArgs, (1, 2))
print(threading.ExceptHookArgs((1, 2, 3, 4)))

# Values of the thread that starts another.
variable = contextvars.ContextVar("variable", default="nothing")
variable.set("set")
got = []
for context in contextvars.copy_context(), contextvars.Context():
    thread = threading.Thread(target=lambda: got.append(variable.get()), context=context)
    thread.start()
    thread.join()
print(got)

# Locks and what is made of them.
lock, recursive = threading.Lock(), threading.RLock()
attempt(lock.release)
attempt(recursive.release)
attempt(lock.acquire, False, 1)
attempt(lock.acquire, True, -2)
with recursive, recursive:
    print(recursive._recursion_count(), recursive._is_owned(), recursive.locked(), lock.locked())
condition = threading.Condition()
attempt(condition.wait)
attempt(condition.notify)
with condition:
    print(condition.wait(0), condition.wait_for(lambda: 7))
semaphore = threading.BoundedSemaphore(2)
print(semaphore.acquire(), semaphore.acquire(), semaphore.acquire(False), semaphore.release(2))
attempt(semaphore.release)
attempt(semaphore.release, 0)
event = threading.Event()
print(event.wait(0), event.set(), event.wait(), event.is_set())
barrier = threading.Barrier(2, action=lambda: told.append("both"))
other = threading.Thread(target=barrier.wait)
other.start()
print(barrier.wait() in (0, 1), barrier.parties, told[-1])
other.join()
barrier.abort()
attempt(barrier.wait)
timer = threading.Timer(1000, print)
timer.start()
timer.cancel()
timer.join()
print(timer.finished.is_set())

# Queues.
simple = queue.SimpleQueue()
waiting = [threading.Thread(target=lambda: got.append(simple.get())) for _ in range(3)]
for thread in waiting:
    thread.start()
for number in range(5):
    simple.put(number, False, -1)
for thread in waiting:
    thread.join()
print(sorted(got[2:]), simple.qsize(), simple.get(timeout=1), simple.get_nowait(), simple.empty())
attempt(simple.get, False)
attempt(simple.get, True, 0)
attempt(simple.get, timeout=-1)
attempt(simple.put)
print(queue.SimpleQueue[int], queue.Empty.__module__, queue.Full.__module__)
bounded = queue.PriorityQueue(2)
bounded.put(3)
bounded.put(1)
attempt(bounded.put, 2, False)
print(bounded.get(), bounded.full(), bounded.queue)
bounded.shutdown()
print(bounded.get())
attempt(bounded.get)
attempt(bounded.put, 1)
bounded.task_done()
bounded.task_done()
attempt(bounded.task_done)
bounded.join()
event.clear()
threading._register_atexit(lambda: print("before the threads are joined") or event.set())
threading.Thread(target=lambda: print("joined at the end" if event.wait() else "")).start()
