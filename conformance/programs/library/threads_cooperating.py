"""threading and concurrent.futures: locks of all kinds, conditions, events, barriers, timers, locals, pools; results without order."""
import concurrent.futures as futures
import queue
import threading


def attempt(action):
    try:
        print(action())
    except Exception as error:
        print(type(error).__name__, error)


lock, rlock = threading.Lock(), threading.RLock()
print(lock.acquire(), lock.acquire(False), lock.locked(), lock.acquire(timeout=0.001), lock.release(), lock.locked())
with rlock, rlock:
    print(rlock.acquire(), rlock.release())
attempt(lambda: lock.release())
attempt(lambda: rlock.release())
attempt(lambda: lock.acquire(False, 1))
attempt(lambda: lock.acquire(timeout=-5))
attempt(lambda: threading.Condition().wait())
attempt(lambda: threading.Condition().notify())
attempt(lambda: threading.Semaphore(-1))
attempt(lambda: threading.BoundedSemaphore(1).release())
attempt(lambda: threading.Barrier(0))
attempt(lambda: threading.Thread(5))
attempt(lambda: threading.Thread().join())
attempt(lambda: threading.current_thread().join())

items, condition, seen = [], threading.Condition(), []


def consumer():
    for _ in range(3):
        with condition:
            condition.wait_for(lambda: items)
            seen.append(items.pop(0))
            condition.notify_all()


thread = threading.Thread(target=consumer, name="consumer")
thread.start()
for i in range(3):
    with condition:
        items.append(i)
        condition.notify_all()
        condition.wait_for(lambda: not items)
thread.join()
print(seen, thread.name, thread.is_alive(), thread.daemon)
attempt(lambda: thread.start())

event, box = threading.Event(), []
waiters = [threading.Thread(target=lambda: box.append(event.wait())) for _ in range(3)]
for w in waiters:
    w.start()
event.set()
for w in waiters:
    w.join()
print(box, event.is_set(), event.wait(0), event.clear(), event.wait(0.001))
barrier = threading.Barrier(3, action=lambda: box.append("action"))
ranks = []
together = [threading.Thread(target=lambda: ranks.append(barrier.wait())) for _ in range(3)]
for t in together:
    t.start()
for t in together:
    t.join()
print(sorted(ranks), box, barrier.parties, barrier.n_waiting, barrier.broken)
barrier.abort()
attempt(lambda: barrier.wait())
local = threading.local()
local.x = "main"
inside = []


def look():
    inside.append(getattr(local, "x", "none"))
    local.x = "thread"


t = threading.Thread(target=look)
t.start()
t.join()
print(inside, local.x, threading.main_thread() is threading.current_thread(), threading.active_count(), [t.name for t in threading.enumerate()])
hooked = []
threading.excepthook = lambda args: hooked.append((args.exc_type.__name__, str(args.exc_value), args.thread.name))
t = threading.Thread(target=lambda: 1 / 0, name="failing")
t.start()
t.join()
threading.excepthook = threading.__excepthook__
print(hooked)
fired = threading.Event()
timer = threading.Timer(0.001, fired.set)
timer.start()
print(fired.wait(5), threading.Timer(99, fired.set).cancel())

q = queue.PriorityQueue()
for x in (3, 1, 2):
    q.put(x)
print([q.get() for _ in range(3)], q.empty(), q.qsize())
small = queue.Queue(1)
small.put(1)
attempt(lambda: small.put(2, block=False))
attempt(lambda: small.put(2, timeout=0.001))
print(small.get(), small.full())
attempt(lambda: small.get_nowait())
small.task_done()
attempt(lambda: small.task_done())
small.join()
small.shutdown()
attempt(lambda: small.put(1))
attempt(lambda: queue.Queue().get(timeout=-1))
stack = queue.LifoQueue()
stack.put("a"), stack.put("b")
print(stack.get(), stack.get(), queue.SimpleQueue().empty())

with futures.ThreadPoolExecutor(3, thread_name_prefix="pool") as pool:
    print(list(pool.map(lambda x: x * x, range(5))), pool.submit(pow, 2, 5).result(), pool.submit(lambda: threading.current_thread().name.split("_")[0]).result())
    failing = pool.submit(lambda: {}["missing"])
    print(type(failing.exception()).__name__, failing.done(), failing.cancelled(), failing.cancel())
    attempt(lambda: failing.result())
    done, waiting = futures.wait([pool.submit(str, i) for i in range(4)])
    print(sorted(f.result() for f in done), len(waiting))
    print(sorted(f.result() for f in futures.as_completed([pool.submit(abs, -i) for i in range(4)])))
    called = []
    pool.submit(int, "7").add_done_callback(lambda f: called.append(f.result()))
attempt(lambda: pool.submit(print))
print(called)
f = futures.Future()
print(f.running(), f.set_running_or_notify_cancel(), f.running(), f.set_result(1), f.result())
attempt(lambda: futures.Future().result(timeout=0.001))
attempt(lambda: futures.ThreadPoolExecutor(0))
c = futures.Future()
print(c.cancel(), c.cancelled())
attempt(lambda: c.result())
