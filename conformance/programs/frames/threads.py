"""Frames of other threads, looked at and changed while these run."""

import gc
import sys
import threading
import time


def find(ident, name):
    frame = sys._current_frames().get(ident)
    while frame and frame.f_code.co_name != name:
        frame = frame.f_back
    return frame


class Worker(threading.Thread):
    def __init__(self):
        super().__init__()
        self.ready, self.stop = threading.Event(), threading.Event()

    def run(self):
        self.work("argument")

    def work(self, given):
        count = 0
        values = []
        self.ready.set()
        while not self.stop.is_set():
            count += 1
            values = [count, given]
        self.seen = count > 0, given, values[1:]


def look(worker, rounds):
    kinds = set()
    for number in range(rounds):
        frame = find(worker.ident, "work")
        if frame is None:
            continue
        local = frame.f_locals
        kinds.add(type(local["count"]).__name__)
        kinds.add(type(local["values"]).__name__)
        assert local["self"] is worker and "given" in local
        assert frame.f_code is Worker.work.__code__ and frame.f_globals is globals()
        assert 0 <= frame.f_lineno - frame.f_code.co_firstlineno < 9, frame.f_lineno
        assert frame.f_back.f_code.co_name == "run" and frame.f_lasti >= 0
        assert "work" in repr(frame) and len(dict(local)) >= 4
        try:
            frame.clear()
        except RuntimeError as error:
            kinds.add(str(error))
        if number % 10 == 0:
            local["given"] = "changed"
            local["extra"] = [number]
        if number % 50 == 0:
            gc.collect()
    return kinds


workers = [Worker() for _ in range(2)]
for worker in workers:
    worker.start()
    worker.ready.wait()
print(sorted(look(workers[0], 100) | look(workers[1], 100)))
# However busy the machine is: each has seen its change before it is told to stop.
for worker in workers:
    while find(worker.ident, "work").f_locals["values"][1:] != ["changed"]:
        time.sleep(0.001)
frames = [find(worker.ident, "work") for worker in workers]
for worker in workers:
    worker.stop.set()
    worker.join()
for worker, frame in zip(workers, frames):
    print(worker.seen, frame.f_locals["given"], type(frame.f_locals["extra"]).__name__, frame.f_back.f_code.co_name)
    print(worker.ident in sys._current_frames())
    frame.clear()
    print(dict(frame.f_locals))

# A generator that another thread runs.

started, stop = threading.Event(), threading.Event()


def generator():
    number = 0
    started.set()
    while not stop.is_set():
        number += 1
        if number % 1000 == 0:
            yield number
    yield "end"


g = generator()


def drain():
    for value in g:
        pass


thread = threading.Thread(target=drain)
thread.start()
started.wait()
frame = g.gi_frame
for _ in range(200):
    assert g.gi_frame is frame
    assert frame.f_generator is g
    assert isinstance(frame.f_locals.get("number", 0), int)
    back = frame.f_back
    assert back is None or back.f_code.co_name in ("drain", "generator")
    try:
        frame.clear()
    except RuntimeError as error:
        assert str(error) in ("cannot clear an executing frame", "cannot clear a suspended frame"), error
stop.set()
thread.join()
print(g.gi_frame, frame.f_locals["number"] > 0, frame.f_generator)

# What the threads handle.

waiting, go = threading.Event(), threading.Event()


def handles():
    try:
        raise KeyError("handled there")
    except KeyError:
        waiting.set()
        go.wait()


thread = threading.Thread(target=handles)
thread.start()
waiting.wait()
print(repr(sys._current_exceptions()[thread.ident]))
go.set()
thread.join()

# Many threads look at and write to the locals of one frame that was left.


def left():
    shared = 0
    other = None
    return sys._getframe()


frame = left()


def write(number):
    local = frame.f_locals
    for step in range(300):
        local["shared"] = (number, step)
        local["other"] = [step]
        local[f"name{number}"] = step
        assert isinstance(local["shared"], tuple)
        if step % 100 == 0:
            frame.f_locals["other"]


threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(frame.f_locals["shared"][1], sorted(frame.f_locals))
