"""Queues that keep their items in ways of their own, and a look into the ones there are."""

import queue
import threading


class Stack(queue.Queue):
    def _init(self, maxsize):
        self.queue = []

    def _qsize(self):
        return len(self.queue)

    def _put(self, item):
        self.queue.append(item)

    def _get(self):
        return self.queue.pop()


class Unique(queue.Queue):
    def _init(self, maxsize):
        super()._init(maxsize)
        self.seen = set()

    def _put(self, item):
        if item not in self.seen:
            self.seen.add(item)
            super()._put(item)


class Urgent(queue.Queue):
    def _put(self, item):
        if item.startswith("!"):
            self.queue.appendleft(item)
        else:
            self.queue.append(item)


class Numbered(queue.PriorityQueue):
    number = 0

    def _put(self, item):
        self.number += 1
        super()._put((item % 10, self.number, item))

    def _get(self):
        return super()._get()[-1]


class Last(queue.LifoQueue):
    def _put(self, item):
        super()._put(item * 2)


class Picky(queue.Queue):
    def _put(self, item):
        if item is None:
            raise ValueError("nothing to put")
        super()._put(item)


def drained(q):
    items = []
    while not q.empty():
        items.append(q.get())
        q.task_done()
    return items


def main():
    for make, items in ((Stack, "abc"), (Unique, "abacab"), (Urgent, ["a", "!b", "c", "!d"]), (Numbered, [31, 22, 13, 41, 50]), (Last, [1, 2, 3])):
        q = make()
        for item in items:
            q.put(item)
        print(make.__name__, q.qsize(), q.full(), len(q.queue), drained(q), q.qsize(), q.unfinished_tasks >= 0)
    bounded = Stack(2)
    bounded.put(1), bounded.put(2)
    try:
        bounded.put_nowait(3)
    except queue.Full as error:
        print("full:", type(error).__name__, bounded.full(), bounded.queue)
    picky = Picky()
    try:
        picky.put(None)
    except ValueError as error:
        print(error, picky.qsize())
    picky.put(5)
    print(picky.get())
    plain, least, last = queue.Queue(), queue.PriorityQueue(), queue.LifoQueue()
    for q in (plain, least, last):
        for item in (3, 1, 2):
            q.put(item)
    print(plain.queue, least.queue[0], last.queue, 1 in plain.queue)
    plain.queue.clear()
    plain.put(9), least.put(0), last.put(7)
    print(drained(plain), drained(least), drained(last))

    work, results = Urgent(3), Stack()

    def worker():
        while (item := work.get()) != "stop":
            results.put(item.strip("!") * 2)
            work.task_done()
        work.task_done()

    threads = [threading.Thread(target=worker) for _ in range(3)]
    for thread in threads:
        thread.start()
    for n in range(60):
        work.put(f"{'!' * (n % 2)}{n}")
    for _ in threads:
        work.put("stop")
    work.join()
    for thread in threads:
        thread.join()
    print(results.qsize(), sorted(drained(results), key=int)[:5], work.unfinished_tasks)
    work.put("x")
    work.shutdown(immediate=True)
    print(work.qsize(), work.unfinished_tasks)
    try:
        work.get()
    except queue.ShutDown:
        print("shut down")


main()
