"""Workers with a queue, results in order, failures retried, a supervisor that counts and stops."""
import collections
import concurrent.futures
import functools
import queue
import threading
import time
import traceback


class Stop:
    """Tells a worker to leave."""


class Pool:
    def __init__(self, size):
        self.jobs = queue.PriorityQueue()
        self.results = {}
        self.failed = collections.Counter()
        self.changed = threading.Condition()
        self.sequence = 0
        self.workers = [threading.Thread(target=self.work, name=f'worker-{n}') for n in range(size)]

    def __enter__(self):
        for worker in self.workers:
            worker.start()
        return self

    def __exit__(self, *error):
        for _ in self.workers:
            self.jobs.put((99, 0, Stop, None, 0))
        for worker in self.workers:
            worker.join()

    def submit(self, function, *args, priority=5, retries=0):
        with self.changed:
            self.sequence += 1
            number = self.sequence
        self.jobs.put((priority, number, functools.partial(function, *args), None, retries))
        return number

    def work(self):
        while True:
            priority, number, job, _, retries = self.jobs.get()
            if job is Stop:
                return
            try:
                result = job()
            except Exception as error:
                with self.changed:
                    self.failed[type(error).__name__] += 1
                if retries:
                    self.jobs.put((priority, number, job, None, retries - 1))
                    continue
                result = error
            with self.changed:
                self.results[number] = result
                self.changed.notify_all()

    def wait(self, numbers, timeout=30):
        with self.changed:
            if not self.changed.wait_for(lambda: all(number in self.results for number in numbers), timeout):
                raise TimeoutError
            return [self.results.pop(number) for number in numbers]


def collatz(n):
    steps = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return steps


class Flaky:
    def __init__(self, failures):
        self.left = failures
        self.lock = threading.Lock()

    def __call__(self):
        with self.lock:
            self.left -= 1
            if self.left >= 0:
                raise ConnectionError('try again')
        return 'made it'


with Pool(4) as pool:
    numbers = [pool.submit(collatz, n, priority=n % 3) for n in range(1, 200)]
    steps = pool.wait(numbers)
    print(max(steps), steps.index(max(steps)) + 1, sum(steps))
    flaky = [pool.submit(Flaky(2), retries=3), pool.submit(Flaky(9), retries=2), pool.submit(int, 'x')]
    for result in pool.wait(flaky):
        print(repr(result))
    print(sorted(pool.failed.items()))
print([worker.is_alive() for worker in pool.workers], pool.jobs.empty())

with concurrent.futures.ThreadPoolExecutor(3, thread_name_prefix='pool') as executor:
    print(list(executor.map(collatz, range(1, 10))))
    futures = {executor.submit(pow, 2, n): n for n in range(5)}
    futures[executor.submit(divmod, 1, 0)] = 'bad'
    done, waiting = concurrent.futures.wait(futures)
    print(len(done), len(waiting))
    for future in sorted(done, key=lambda future: str(futures[future])):
        error = future.exception()
        print(futures[future], future.result() if error is None else traceback.format_exception_only(error)[-1].strip())
    print(all(name.startswith('pool') for name in executor.map(lambda _: threading.current_thread().name, range(9))))

barrier = threading.Barrier(3, action=lambda: phases.append('together'))
phases, guard = [], threading.RLock()


def step(label):
    for phase in range(3):
        with guard, guard:
            phases.append(phase)
        barrier.wait(timeout=30)


threads = [threading.Thread(target=step, args=(label,)) for label in 'abc']
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(phases)
timer = threading.Timer(0.01, phases.clear)
timer.start()
timer.join()
local = threading.local()
local.x = 1
seen = []
thread = threading.Thread(target=lambda: seen.append(hasattr(local, 'x')))
thread.start()
thread.join()
print(phases, seen, local.x, threading.active_count(), time.monotonic() > 0)
