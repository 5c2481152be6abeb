"""Forking: from the main thread and others, while threads run; what the child finds."""

import gc
import os
import sys
import threading
import warnings
import weakref

warnings.simplefilter("ignore", DeprecationWarning)


def child(body, *args):
    """Runs `body` in a new process; what it prints, and its exit status."""
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        status = 99
        try:
            status = body(*args) or 0
            sys.stdout.flush()
        finally:
            os._exit(status)
    found, status = os.waitpid(pid, 0)
    assert found == pid
    return os.waitstatus_to_exitcode(status)


# The processes differ, and hashes do not.
parent = os.getpid()
text = hash("the seed is the same")


def differs():
    print(os.getpid() != parent, os.getppid() == parent, hash("the seed is the same") == text)
    return 7


print(child(differs))


# Threads stay behind.
class Node:
    def __init__(self):
        self.me = self


over = threading.Event()
shared = {}


def churn(number):
    while not over.is_set():
        for index in range(100):
            shared[number, index % 10] = [Node(), {}, str(index)]
        shared.pop((number - 1, 3), None)


def sleep():
    over.wait()


local = threading.local()
local.value = "mine"
threads = [threading.Thread(target=churn, args=(n,)) for n in range(3)]
threads += [threading.Thread(target=sleep) for _ in range(3)]
for thread in threads:
    thread.start()


def look_around(expected):
    me = threading.current_thread()
    print(
        me.name,
        threading.enumerate() == [me],
        threading.main_thread() is me,
        threading.active_count(),
        any(thread.is_alive() for thread in threads),
        getattr(local, "value", None),
    )
    for thread in threads:
        thread.join()
    # Cycles, weak references and new threads work as ever.
    node = Node()
    died = []
    reference = weakref.ref(node, lambda _: died.append(True))
    del node
    gc.collect()
    results = []
    others = [threading.Thread(target=lambda n=n: results.append(n * n)) for n in range(4)]
    for other in others:
        other.start()
    for other in others:
        other.join()
    print(reference() is None, died, sorted(results), len(threading.enumerate()))
    for index in range(1000):
        shared[index] = [Node()]
    shared.clear()
    gc.collect()
    # Nested.
    return child(lambda: 4) + expected


print(child(look_around, 1))
for _ in range(20):
    assert child(gc.collect) is not None


def from_thread(results):
    local.value = "the forker's"
    results.append(child(look_around, 2))


results = []
forker = threading.Thread(target=from_thread, args=(results,), name="forker")
forker.start()
forker.join()
print(results, local.value)

# Several at once.
results = []


def many():
    for number in range(5):
        pid = os.fork()
        if pid == 0:
            gc.collect()
            os._exit(number)
        results.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


forkers = [threading.Thread(target=many) for _ in range(3)]
for forker in forkers:
    forker.start()
for forker in forkers:
    forker.join()
print(sorted(results))
over.set()
for thread in threads:
    thread.join()

# A lock that the parent's other thread holds stays locked in the child.
lock = threading.Lock()
held, release = threading.Event(), threading.Event()


def hold():
    with lock:
        held.set()
        release.wait()


holder = threading.Thread(target=hold)
holder.start()
held.wait()
print(child(lambda: int(lock.acquire(timeout=0.01))))
release.set()
holder.join()
print(child(lambda: int(lock.acquire(timeout=0.01))))
