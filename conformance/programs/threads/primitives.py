"""Conditions, events, semaphores, barriers, timers and thread-local data."""

import threading
import time


class Turnstile:
    """A condition that lets the threads through in a fixed order."""

    def __init__(self):
        self.condition = threading.Condition()
        self.turn = 0

    def run(self, number, total, rounds, out):
        for round_ in range(rounds):
            with self.condition:
                if not self.condition.wait_for(lambda: self.turn == number + round_ * total, timeout=60):
                    raise TimeoutError(number)
                out.append(f"{number}.{round_}")
                self.turn += 1
                self.condition.notify_all()


class Buffer:
    def __init__(self, size):
        self.items, self.size = [], size
        lock = threading.Lock()
        self.not_full, self.not_empty = threading.Condition(lock), threading.Condition(lock)
        self.most = 0

    def put(self, item):
        with self.not_full:
            while len(self.items) >= self.size:
                self.not_full.wait()
            self.items.append(item)
            self.most = max(self.most, len(self.items))
            self.not_empty.notify()

    def get(self):
        with self.not_empty:
            while not self.items:
                self.not_empty.wait()
            item = self.items.pop(0)
            self.not_full.notify()
            return item


def start(functions):
    threads = [threading.Thread(target=function, args=args) for function, *args in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return threads


def turns():
    turnstile, out = Turnstile(), []
    start([(turnstile.run, n, 4, 5, out) for n in (2, 0, 3, 1)])
    print(" ".join(out))


def buffered():
    buffer, sums = Buffer(3), []

    def take():
        sums.append(sum(buffer.get() for _ in range(200)))

    start([(lambda: [buffer.put(n) for n in range(200)],)] * 3 + [(take,)] * 3)
    print(sum(sums), len(sums), 1 <= buffer.most <= 3, buffer.items)


def limited():
    semaphore, lock = threading.BoundedSemaphore(3), threading.Lock()
    inside = most = entered = 0

    def enter():
        nonlocal inside, most, entered
        for _ in range(30):
            with semaphore:
                with lock:
                    inside += 1
                    entered += 1
                    most = max(most, inside)
                time.sleep(0)
                with lock:
                    inside -= 1

    start([(enter,)] * 8)
    print(entered, inside, 1 <= most <= 3)
    try:
        semaphore.release()
    except ValueError as error:
        print(error)
    free = threading.Semaphore(0)
    free.release(2)
    print(free.acquire(blocking=False), free.acquire(timeout=1), free.acquire(timeout=0.01))


def barriers():
    cells = list(range(16))
    actions = []
    barrier = threading.Barrier(4, action=lambda: actions.append(sum(cells)))
    following = [0] * 16
    leaders = []

    def life(part):
        for _ in range(6):
            for i in part:
                following[i] = (cells[i - 1] + cells[(i + 1) % 16]) % 17
            barrier.wait()
            for i in part:
                cells[i] = following[i]
            if barrier.wait() == 0:
                leaders.append(part)

    start([(life, range(n, n + 4)) for n in range(0, 16, 4)])
    print(cells, actions, len(leaders))
    broken = threading.Barrier(2)
    outcomes = []

    def wait():
        try:
            broken.wait(timeout=0.05)
        except threading.BrokenBarrierError:
            outcomes.append("broken")

    start([(wait,)])
    print(outcomes, broken.broken, broken.parties, broken.n_waiting, broken.reset(), broken.broken)


def events():
    ready, go, seen = threading.Event(), threading.Event(), []

    def wait(number):
        ready.set()
        seen.append((number, go.wait(60)))

    threads = [threading.Thread(target=wait, args=(n,)) for n in range(5)]
    for thread in threads:
        thread.start()
    ready.wait()
    print(seen, go.is_set(), go.wait(0.001))
    go.set()
    for thread in threads:
        thread.join()
    print(sorted(seen), go.is_set(), go.clear(), go.is_set())
    fired = []
    timer = threading.Timer(0.01, fired.append, args=["timer"])
    cancelled = threading.Timer(30, fired.append, args=["cancelled"])
    timer.start(), cancelled.start()
    cancelled.cancel()
    timer.join(), cancelled.join()
    print(fired)


class Counter(threading.local):
    def __init__(self, first):
        self.value = first


def locals_():
    data, counter, out = threading.local(), Counter(10), []
    data.name = "main"

    def work(n):
        had = hasattr(data, "name")
        data.name = n
        for _ in range(n * 100):
            counter.value += 1
        out.append((n, had, data.name, counter.value))

    start([(work, n) for n in range(4)])
    print(sorted(out), data.name, counter.value)


def threads():
    def fail():
        raise ValueError("in a thread")

    hooked = []
    before, threading.excepthook = threading.excepthook, lambda args: hooked.append((args.exc_type.__name__, str(args.exc_value), args.thread.name))
    thread = threading.Thread(target=fail, name="failing")
    print(thread.name, thread.is_alive(), thread.daemon, thread.ident)
    thread.start()
    thread.join()
    threading.excepthook = before
    print(hooked, thread.is_alive(), threading.current_thread().name, threading.current_thread() is threading.main_thread(), threading.active_count())
    for attempt in (thread.start, threading.Thread(target=print).join, threading.current_thread().join, threading.Lock().release, threading.Condition().notify, lambda: threading.Semaphore(-1), lambda: threading.Lock().acquire(False, 1)):
        try:
            attempt()
        except (RuntimeError, ValueError) as error:
            print(type(error).__name__, error)
    once = []
    lock = threading.Lock()

    def initialise():
        with lock:
            if not once:
                once.append(threading.current_thread() is not threading.main_thread())

    start([(initialise,)] * 10)
    print(once, lock.locked(), lock.acquire(), lock.acquire(timeout=0.01), lock.locked(), lock.release())


for part in (turns, buffered, limited, barriers, events, locals_, threads):
    print(f"- {part.__name__.rstrip('_')}")
    part()
