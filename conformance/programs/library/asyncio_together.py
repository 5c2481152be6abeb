"""asyncio: gather, tasks, groups, timeouts, cancellation, queues, locks, shielding, streams of results; order fixed by the loop."""
import asyncio


async def attempt(awaitable):
    try:
        print(await awaitable)
    except BaseException as error:
        print(type(error).__name__, error, getattr(error, "exceptions", ""))


async def work(name, steps=1, fail=None):
    for _ in range(steps):
        await asyncio.sleep(0)
    if fail:
        raise fail
    return name


async def basics():
    print(await asyncio.gather(work("a", 3), work("b"), work("c", 2)))
    print(await asyncio.gather(work("a"), work("b", fail=ValueError("b")), return_exceptions=True))
    await attempt(asyncio.gather(work("a", 5), work("b", fail=KeyError("k"))))
    done, pending = await asyncio.wait([asyncio.create_task(work(n, s)) for n, s in (("x", 1), ("y", 50))], return_when=asyncio.FIRST_COMPLETED)
    print([t.result() for t in done], len(pending))
    for t in pending:
        t.cancel()
    print([await f for f in asyncio.as_completed([work("slow", 9), work("fast", 1)])])
    await attempt(asyncio.wait_for(asyncio.sleep(30), 0.001))
    await attempt(asyncio.wait_for(work("in time"), 5))
    try:
        async with asyncio.timeout(0.001):
            await asyncio.sleep(30)
    except TimeoutError as error:
        print("timeout", repr(error))


async def groups():
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work(n)) for n in "pq"]
    print([t.result() for t in tasks])

    async def failing_group():
        async with asyncio.TaskGroup() as group:
            group.create_task(work("1", fail=ValueError("one")))
            group.create_task(work("2", fail=TypeError("two")))
            group.create_task(forever())
    await attempt(failing_group())


async def forever():
    try:
        await asyncio.sleep(1000)
    except asyncio.CancelledError:
        print("cancelled", end="; ")
        raise


async def cancellation():
    task = asyncio.create_task(forever(), name="named")
    await asyncio.sleep(0)
    print(task.get_name(), task.done(), task.cancel("why"), task.cancelling())
    await attempt(task)
    print(task.cancelled(), task.done(), task.cancel())
    inner = asyncio.create_task(work("shielded", 3))
    outer = asyncio.create_task(asyncio.wait_for(asyncio.shield(inner), 5))
    await asyncio.sleep(0)
    outer.cancel()
    await attempt(outer)
    print(await inner)

    async def stubborn():
        try:
            await asyncio.sleep(100)
        except asyncio.CancelledError:
            asyncio.current_task().uncancel()
            return "refused"
    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    task.cancel()
    print(await task, task.cancelled())
    future = asyncio.get_running_loop().create_future()
    future.add_done_callback(lambda f: print("callback", f.result(), end="; "))
    future.set_result(5)
    print(await future, future.done())
    for call in (lambda: asyncio.run(work("x")) , lambda: asyncio.create_task(5)):
        try:
            call()
        except (asyncio.InvalidStateError, RuntimeError, TypeError) as error:
            print(type(error).__name__, error)


async def tools():
    queue, got = asyncio.Queue(2), []

    async def produce():
        for i in range(4):
            await queue.put(i)
        queue.shutdown()

    async def consume():
        try:
            while True:
                got.append(await queue.get())
                queue.task_done()
        except asyncio.QueueShutDown:
            return "consumed"
    print(await asyncio.gather(produce(), consume()), got)
    for call in (lambda: asyncio.Queue().get_nowait(), lambda: queue.put_nowait(1), lambda: asyncio.Lock().release(), lambda: asyncio.BoundedSemaphore(1).release(), lambda: asyncio.Semaphore(-1)):
        try:
            call()
        except Exception as error:
            print(type(error).__name__, error)
    lock, order = asyncio.Lock(), []

    async def locked(name):
        async with lock:
            order.append(name + "+")
            await asyncio.sleep(0)
            order.append(name + "-")
    await asyncio.gather(*map(locked, "abc"))
    event, condition, barrier = asyncio.Event(), asyncio.Condition(), asyncio.Barrier(2)
    asyncio.get_running_loop().call_soon(event.set)
    print(order, await event.wait(), lock.locked())

    async def waits():
        async with condition:
            await condition.wait()
            return "notified"
    task = asyncio.create_task(waits())
    await asyncio.sleep(0)
    async with condition:
        condition.notify()
    print(await task, sorted(await asyncio.gather(barrier.wait(), barrier.wait())), await asyncio.to_thread(sum, [1, 2]))
    handles = []
    loop = asyncio.get_running_loop()
    loop.call_later(0.002, handles.append, "later")
    loop.call_later(0.001, handles.append, "sooner")
    loop.call_soon(handles.append, "soon").cancel()
    await asyncio.sleep(0.02)
    print(handles, loop.is_running(), len(asyncio.all_tasks()), asyncio.current_task().get_coro().__name__)


for main in (basics, groups, cancellation, tools):
    print(main.__name__)
    asyncio.run(main())
with asyncio.Runner() as runner:
    print(runner.run(work("runner")), runner.get_loop().is_running())
try:
    asyncio.get_running_loop()
except RuntimeError as error:
    print(error)
try:
    asyncio.run(5)
except (ValueError, TypeError) as error:
    print(error)
