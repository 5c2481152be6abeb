"""asyncio: tasks, groups, timeouts, queues, locks, cancellation, exceptions."""
import asyncio
import contextvars


async def work(name, n, fail=False):
    for i in range(n):
        print(name, i)
        await asyncio.sleep(0)
    if fail:
        raise ValueError(name)
    return name * 2


async def show(what, awaitable):
    try:
        print(what, "->", await awaitable)
    except BaseException as error:
        print(what, "!!", type(error).__name__, error if not isinstance(error, BaseExceptionGroup) else [repr(e) for e in error.exceptions])


async def group(*fails):
    async with asyncio.TaskGroup() as tg:
        tasks = [tg.create_task(work(c, i + 1, c in fails), name=c) for i, c in enumerate("abc")]
    return [t.result() for t in tasks]


async def forever():
    try:
        await asyncio.Event().wait()
    finally:
        print("cleaned up")


async def cancels():
    task = asyncio.create_task(forever())
    await asyncio.sleep(0)
    print(task.cancel("why"), task.cancelling(), task.cancelled())
    try:
        await task
    except asyncio.CancelledError as error:
        print("cancelled", error.args)
    print(task.cancelled(), task.done())


async def shielded():
    inner = asyncio.create_task(work("shield", 2))
    outer = asyncio.shield(inner)
    await asyncio.sleep(0)
    outer.cancel()
    try:
        await outer
    except asyncio.CancelledError:
        print("outer cancelled")
    return await inner


async def waits():
    tasks = {asyncio.create_task(work(str(n), n, n == 2), name=str(n)) for n in (1, 2, 3)}
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    print(sorted(t.get_name() for t in done), sorted(t.get_name() for t in pending))
    for t in pending:
        t.cancel()
    print(sorted(map(repr, await asyncio.gather(*tasks, return_exceptions=True))))
    out = []
    for earliest in asyncio.as_completed([work("x", 1), work("y", 3)]):
        out.append(await earliest)
    return out


async def queues():
    queue = asyncio.Queue(2)

    async def produce():
        for i in range(5):
            await queue.put(i)
        queue.shutdown()

    async def consume():
        got = []
        try:
            while True:
                got.append(await queue.get())
                queue.task_done()
        except asyncio.QueueShutDown:
            return got

    _, got = await asyncio.gather(produce(), consume())
    await queue.join()
    pq = asyncio.PriorityQueue()
    for n in (3, 1, 2):
        pq.put_nowait(n)
    try:
        asyncio.Queue().get_nowait()
    except asyncio.QueueEmpty as error:
        print(repr(error))
    return got, [pq.get_nowait() for _ in range(3)], queue.qsize()


async def locks():
    lock, semaphore, condition, barrier = asyncio.Lock(), asyncio.Semaphore(2), asyncio.Condition(), asyncio.Barrier(3)
    log = []

    async def locked(n):
        async with lock, semaphore:
            log.append(f"in {n}")
            await asyncio.sleep(0)
            log.append(f"out {n}")
        log.append(("barrier", await barrier.wait() >= 0))

    await asyncio.gather(*(locked(n) for n in range(3)))

    async def waiter():
        async with condition:
            await condition.wait_for(lambda: len(log) > 9)
            return "notified"

    task = asyncio.create_task(waiter())
    await asyncio.sleep(0)
    async with condition:
        log.append("more")
        condition.notify_all()
    return log, await task, lock.locked()


async def timeouts():
    try:
        async with asyncio.timeout(0.001):
            await forever()
    except TimeoutError as error:
        print("timeout", repr(error))
    await show("wait_for", asyncio.wait_for(forever(), 0.001))
    print(await asyncio.wait_for(work("quick", 1), 5))
    async with asyncio.timeout(None) as t:
        print(t.expired(), t.when())


var = contextvars.ContextVar("var", default="default")


async def contexts():
    async def sets(value):
        var.set(value)
        await asyncio.sleep(0)
        return var.get()

    return await asyncio.gather(sets(1), sets(2)), var.get()


async def futures():
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    future.add_done_callback(lambda f: print("callback", f.result()))
    loop.call_soon(future.set_result, 5)
    loop.call_later(0.001, print, "later")
    print(await future, future.done())
    try:
        future.set_result(6)
    except asyncio.InvalidStateError as error:
        print(repr(error))
    await asyncio.sleep(0.002)
    return await asyncio.to_thread(sum, [1, 2, 3]), await loop.run_in_executor(None, max, 1, 2)


async def numbers(n):
    try:
        for i in range(n):
            await asyncio.sleep(0)
            yield i
    finally:
        print("generator closed")


async def iterates():
    out = [i async for i in numbers(3) if i]
    async for i in numbers(5):
        if i == 1:
            break
    return out, {i: j async for i in numbers(2) for j in [i * i]}, sum([i async for i in numbers(4)])


async def streams():
    async def serve(reader, writer):
        line = await reader.readline()
        writer.write(line.upper())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"hello\n")
    data = await reader.read()
    writer.close()
    await writer.wait_closed()
    server.close()
    await server.wait_closed()
    return data


async def main():
    await show("sequence", work("one", 2))
    await show("gather", asyncio.gather(work("p", 2), work("q", 1)))
    await show("gather fails", asyncio.gather(work("p", 2), work("q", 1, True)))
    await show("gather keeps", asyncio.gather(work("p", 1), work("q", 1, True), return_exceptions=True))
    await show("group", group())
    await show("group fails", group("a"))
    await show("cancels", cancels())
    await show("shielded", shielded())
    await show("waits", waits())
    await show("queues", queues())
    await show("locks", locks())
    await show("timeouts", timeouts())
    await show("contexts", contexts())
    await show("futures", futures())
    await show("iterates", iterates())
    await show("streams", streams())
    task = asyncio.current_task()
    print(task.get_coro().__name__, task is asyncio.current_task(), len(asyncio.all_tasks()))
    return "end"


print(asyncio.run(main()))
for wrong in (lambda: asyncio.run(5), lambda: asyncio.get_running_loop(), lambda: asyncio.Queue().get_nowait()):
    try:
        wrong()
    except Exception as error:
        print(type(error).__name__, error)
with asyncio.Runner() as runner:
    print(runner.run(asyncio.sleep(0, "slept")), runner.run(work("runner", 1)))
