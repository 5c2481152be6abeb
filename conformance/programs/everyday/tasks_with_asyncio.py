"""asyncio without a network: producers and consumers, limits, cancellation, timeouts, groups, context, streams of events."""
import asyncio
import contextlib
import contextvars
import functools
import itertools
import time
from collections import Counter, deque

who = contextvars.ContextVar('who', default='nobody')
log = []


def logged(function):
    @functools.wraps(function)
    async def wrapper(*args, **options):
        log.append(f'{function.__name__} begins for {who.get()}')
        try:
            return await function(*args, **options)
        except asyncio.CancelledError:
            log.append(f'{function.__name__} is cancelled')
            raise
        finally:
            log.append(f'{function.__name__} ends')
    return wrapper


class Limiter:
    """At most so many at a time; who waits comes in order."""

    def __init__(self, most):
        self.most, self.inside, self.peak, self.waiting = most, 0, 0, deque()

    async def __aenter__(self):
        while self.inside >= self.most:
            future = asyncio.get_running_loop().create_future()
            self.waiting.append(future)
            await future
        self.inside += 1
        self.peak = max(self.peak, self.inside)
        return self

    async def __aexit__(self, *error):
        self.inside -= 1
        while self.waiting:
            future = self.waiting.popleft()
            if not future.done():
                future.set_result(None)
                break


class Events:
    def __init__(self):
        self.queues = set()

    def publish(self, event):
        for queue in self.queues:
            queue.put_nowait(event)

    @contextlib.asynccontextmanager
    async def subscribe(self):
        queue = asyncio.Queue()
        self.queues.add(queue)
        try:
            yield self.read(queue)
        finally:
            self.queues.remove(queue)

    async def read(self, queue):
        while (event := await queue.get()) is not None:
            yield event


async def producer(queue, name, count):
    for number in range(count):
        await queue.put((name, number))
        await asyncio.sleep(0)


async def consumer(queue, taken):
    while True:
        name, _ = await queue.get()
        taken[name] += 1
        queue.task_done()


async def pipeline():
    queue, taken = asyncio.Queue(maxsize=2), Counter()
    consumers = [asyncio.create_task(consumer(queue, taken)) for _ in range(3)]
    await asyncio.gather(*(producer(queue, name, count) for name, count in (('a', 5), ('b', 3), ('c', 8))))
    await queue.join()
    for task in consumers:
        task.cancel()
    ends = await asyncio.gather(*consumers, return_exceptions=True)
    return sorted(taken.items()), [type(end).__name__ for end in ends]


@logged
async def job(name, limiter, steps):
    who.set(name)
    async with limiter:
        for _ in range(steps):
            await asyncio.sleep(0)
    return name, who.get()


@logged
async def fails(after, error):
    for _ in range(after):
        await asyncio.sleep(0)
    raise error


@logged
async def forever():
    await asyncio.Event().wait()


async def listen(events, keep):
    async with events.subscribe() as stream:
        return [event async for event in stream if keep(event)]


async def countdown(n):
    try:
        while n:
            yield n
            n -= 1
            await asyncio.sleep(0)
    finally:
        log.append('countdown closed')


async def main():
    print(await pipeline())
    limiter = Limiter(2)
    async with asyncio.TaskGroup() as group:
        jobs = [group.create_task(job(f'job{n}', limiter, n % 3), name=f'task{n}') for n in range(5)]
    print([task.result() for task in jobs], limiter.peak, who.get(), [task.get_name() for task in jobs[:2]])
    log.clear()
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(forever())
            group.create_task(fails(2, ValueError('two')))
            group.create_task(fails(1, KeyError('one')))
    except* (KeyError, ValueError) as problems:
        print('caught', sorted(map(repr, problems.exceptions)))
    print(*sorted(log), sep='\n')
    log.clear()
    task = asyncio.create_task(forever())
    await asyncio.sleep(0)
    print(task.cancel('enough'), task.cancelling(), task.done())
    try:
        await task
    except asyncio.CancelledError as error:
        print(error.args, task.cancelled())
    shielded = asyncio.create_task(asyncio.sleep(0.01, 'survived'))
    try:
        await asyncio.wait_for(asyncio.shield(shielded), 0.001)
    except TimeoutError:
        print('timeout', await shielded)
    events = Events()
    listeners = [asyncio.create_task(listen(events, keep)) for keep in (str.isupper, str.islower, bool)]
    await asyncio.sleep(0)
    for event in ('a', 'B', 'c', 'D', None):
        events.publish(event)
    print(await asyncio.gather(*listeners), len(events.queues))
    done, pending = await asyncio.wait([asyncio.ensure_future(asyncio.sleep(delay, delay)) for delay in (0, 30)], return_when=asyncio.FIRST_COMPLETED)
    print([task.result() for task in done], [task.cancel() for task in pending])
    print([await one for one in asyncio.as_completed([asyncio.sleep(0.02, 'late'), asyncio.sleep(0, 'soon')])])
    async with contextlib.aclosing(countdown(5)) as numbers:
        async for number in numbers:
            if number == 3:
                break
    print(log[-1], [n async for n in countdown(3)], {n: n * n async for n in countdown(2)})
    loop = asyncio.get_running_loop()
    order = []
    loop.call_later(0.02, order.append, 'later')
    loop.call_soon(order.append, 'soon')
    handle = loop.call_later(0.001, order.append, 'never')
    handle.cancel()
    print(await loop.run_in_executor(None, sum, range(10)))
    await asyncio.sleep(0.05)
    print(order, handle.cancelled(), len(asyncio.all_tasks()))
    lock, condition, seen = asyncio.Lock(), asyncio.Condition(), []

    async def waits(number):
        async with condition:
            await condition.wait_for(lambda: len(seen) >= number)
            seen.append(number)
            condition.notify_all()
    await asyncio.gather(*(waits(number) for number in (3, 1, 2, 0)))
    async with lock:
        print(seen, lock.locked())
    try:
        async with asyncio.timeout(None) as scope:
            scope.reschedule(loop.time() - 1)
            await asyncio.sleep(10)
    except TimeoutError:
        print('rescheduled', scope.expired())
    failed = loop.create_future()
    failed.set_exception(OSError('no'))
    print(await asyncio.gather(failed, asyncio.sleep(0, 1), return_exceptions=True))


with asyncio.Runner(debug=False) as runner:
    runner.run(main())
    print(runner.run(asyncio.sleep(0, 'again')), runner.get_loop().is_closed())
try:
    asyncio.run(fails(0, RuntimeError('at the end')))
except RuntimeError as error:
    print(error)
print(list(itertools.islice(iter(log), 1)), time.monotonic() > 0)
