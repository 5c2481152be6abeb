# An event loop by hand: tasks, sleeping, queues, locks and cancelling, all of it in one thread and then in several at once.
import sys
import threading
from collections import deque


class Suspend:
    """Awaiting it hands a request to the loop, and results in its answer."""

    def __init__(self, *request):
        self.request = request

    def __await__(self):
        return (yield self.request)


def sleep(ticks):
    return Suspend("sleep", ticks)


class Cancelled(BaseException):
    pass


class Task:
    def __init__(self, coroutine, name):
        self.coroutine = coroutine
        self.name = name
        self.waiters = []
        self.done = False
        self.result = self.error = None

    def __await__(self):
        if not self.done:
            yield "join", self
        if self.error is not None:
            raise self.error
        return self.result


class Loop:
    def __init__(self):
        self.now = 0
        self.order = 0
        self.ready = deque()
        self.sleepers = []
        self.log = []

    def spawn(self, coroutine, name):
        task = Task(coroutine, name)
        self.ready.append((task, None, None))
        return task

    def cancel(self, task):
        self.sleepers = [entry for entry in self.sleepers if entry[2] is not task]
        self.ready.append((task, None, Cancelled()))

    def run(self, coroutine):
        main = self.spawn(coroutine, "main")
        while not main.done:
            if not self.ready:
                self.sleepers.sort(key=lambda entry: entry[:2])
                self.now, _, task = self.sleepers.pop(0)
                self.ready.append((task, None, None))
            self.step(*self.ready.popleft())
        if main.error is not None:
            raise main.error
        return main.result

    def close_later(self, generator):
        self.spawn(generator.aclose(), "close")

    def step(self, task, value, error):
        if task.done:
            return
        # Of the thread that runs the task: an async generator that is abandoned is closed by a task of its own.
        sys.set_asyncgen_hooks(finalizer=self.close_later)
        try:
            if error is not None:
                request = task.coroutine.throw(error)
            else:
                request = task.coroutine.send(value)
        except StopIteration as stop:
            self.finish(task, stop.value, None)
        except (Exception, Cancelled) as failure:
            self.finish(task, None, failure)
        else:
            self.serve(task, *request)

    def serve(self, task, kind, *arguments):
        if kind == "sleep":
            self.order += 1
            self.sleepers.append((self.now + arguments[0], self.order, task))
        elif kind == "join":
            arguments[0].waiters.append(task)
        elif kind == "loop":
            self.ready.append((task, self, None))
        elif kind == "park":
            arguments[0].append(task)
        elif kind == "wake":
            self.ready.append((arguments[0], None, None))
            self.ready.append((task, None, None))

    def finish(self, task, result, error):
        task.done, task.result, task.error = True, result, error
        self.ready.extend((waiter, None, None) for waiter in task.waiters)


class Queue:
    def __init__(self, limit):
        self.items, self.limit = deque(), limit
        self.getters, self.putters = deque(), deque()

    async def put(self, item):
        while len(self.items) >= self.limit:
            await Suspend("park", self.putters)
        self.items.append(item)
        if self.getters:
            await Suspend("wake", self.getters.popleft())

    async def get(self):
        while not self.items:
            await Suspend("park", self.getters)
        item = self.items.popleft()
        if self.putters:
            await Suspend("wake", self.putters.popleft())
        return item


class Lock:
    def __init__(self):
        self.held, self.waiting = False, deque()

    async def __aenter__(self):
        while self.held:
            await Suspend("park", self.waiting)
        self.held = True
        return self

    async def __aexit__(self, kind, error, traceback):
        self.held = False
        if self.waiting:
            await Suspend("wake", self.waiting.popleft())
        return kind is KeyError


async def ticker(ticks, step):
    """An async generator that sleeps, and says when it is closed."""
    loop = await Suspend("loop")
    try:
        for n in range(ticks):
            await sleep(step)
            yield n, loop.now
    finally:
        await sleep(1)
        loop.log.append(("ticker closed", loop.now))


async def produce(queue, name, count):
    for n in range(count):
        await sleep(n % 3)
        await queue.put((name, n))
    await queue.put(None)


async def consume(queue, ends):
    got = []
    while ends:
        item = await queue.get()
        if item is None:
            ends -= 1
        else:
            got.append(item)
    return got


async def careful(lock, log, name, fail):
    async with lock as held:
        assert held is lock
        log.append((name, "in"))
        await sleep(2)
        if fail:
            raise fail
        log.append((name, "out"))
    return name


async def gather(loop, *coroutines):
    tasks = [loop.spawn(coroutine, n) for n, coroutine in enumerate(coroutines)]
    return [await task for task in tasks]


async def forever(log):
    try:
        while True:
            await sleep(3)
            log.append("tick")
    except Cancelled:
        log.append("cancelled")
        await sleep(1)
        log.append("cleaned up")
        raise
    finally:
        log.append("left")


async def fails(error):
    await sleep(1)
    raise error


async def main(abandon):
    loop = await Suspend("loop")
    results = []
    queue = Queue(2)
    consumer = loop.spawn(consume(queue, 2), "consumer")
    await gather(loop, produce(queue, "a", 5), produce(queue, "b", 4))
    results.append(sorted(await consumer))

    lock, log = Lock(), []
    results.append(await gather(loop, *(careful(lock, log, name, None) for name in "xyz")))
    results.append(await careful(lock, log, "w", KeyError("swallowed")))
    try:
        await careful(lock, log, "v", ValueError("not swallowed"))
    except ValueError as error:
        results.append(str(error))
    results.append(log)

    results.append([item async for item in ticker(3, 2)])
    async for n, _ in ticker(10, 1) if abandon else ticker(2, 1):
        if abandon and n == 1:
            break
    else:
        results.append("not reached")
    results.append({n: when async for n, when in ticker(4, 1) if n % 2})
    results.append([await gather_one async for gather_one in (sleepy(n) async for n, _ in ticker(2, 1))])
    results.append([x + y for x in [await value(1), await value(2)] for y in [await value(x)]])
    generator = ticker(9, 1)
    results.append(await anext(generator))
    await generator.aclose()
    results.append(await anext(generator, "closed"))

    log = []
    task = loop.spawn(forever(log), "forever")
    await sleep(7)
    loop.cancel(task)
    try:
        await task
    except Cancelled:
        results.append(log)
    try:
        await gather(loop, value(1), fails(OSError("third")), value(3))
    except OSError as error:
        results.append(repr(error))
    results.append(loop.log)
    results.append(loop.now)
    return results


async def value(x):
    await sleep(1)
    return x


def sleepy(n):
    return value(n * 10)


def execute():
    return Loop().run(main(True))


wanted = execute()
for result in wanted:
    print(result)

# Each thread with a loop of its own.
found = []
threads = [threading.Thread(target=lambda: found.append(execute())) for _ in range(6)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(found), all(result == wanted for result in found))


# One loop whose tasks move from thread to thread.
class Roaming(Loop):
    def step(self, *args):
        self.steps = getattr(self, "steps", 0) + 1
        if self.steps % 10:
            return super().step(*args)
        thread = threading.Thread(target=super().step, args=args)
        thread.start()
        thread.join()


print(Roaming().run(main(False)) == Loop().run(main(False)))
