"""Producers and consumers over queues: every order is made exactly once."""

import queue
import threading
from collections import Counter

PRODUCERS, CONSUMERS, ORDERS = 3, 4, 150
STOP = object()


class Order:
    __slots__ = ("producer", "number")

    def __init__(self, producer, number):
        self.producer = producer
        self.number = number

    @property
    def price(self):
        return (self.producer + 1) * 1000 + self.number * 7 % 101


class Shop:
    def __init__(self, size):
        self.orders = queue.Queue(maxsize=size)
        self.bills = queue.SimpleQueue()
        self.served = Counter()
        self.lock = threading.Lock()

    def produce(self, producer):
        for number in range(ORDERS):
            self.orders.put(Order(producer, number))

    def consume(self):
        made = Counter()
        while (order := self.orders.get()) is not STOP:
            self.bills.put((order.producer, order.number, order.price))
            made[order.producer] += 1
            self.orders.task_done()
        self.orders.task_done()
        with self.lock:
            self.served.update(made)

    def open(self):
        consumers = [threading.Thread(target=self.consume) for _ in range(CONSUMERS)]
        producers = [threading.Thread(target=self.produce, args=(n,)) for n in range(PRODUCERS)]
        for thread in consumers + producers:
            thread.start()
        for thread in producers:
            thread.join()
        self.orders.join()
        for _ in consumers:
            self.orders.put(STOP)
        for thread in consumers:
            thread.join()

    def close(self):
        while True:
            try:
                yield self.bills.get_nowait()
            except queue.Empty:
                return


def ranked():
    """A priority queue filled by threads is emptied in order."""
    tasks = queue.PriorityQueue()

    def fill(start):
        for n in range(start, 60, 3):
            tasks.put((n * 17 % 60, f"task {n}"))

    threads = [threading.Thread(target=fill, args=(start,)) for start in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [tasks.get() for _ in range(tasks.qsize())]


def ping_pong(rounds):
    there, back = queue.Queue(1), queue.Queue(1)
    seen = []

    def answer():
        while (ball := there.get()) is not None:
            seen.append(ball)
            back.put(ball * 2)

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    ball = 1
    for _ in range(rounds):
        there.put(ball)
        ball = back.get(timeout=30) % 1009
    there.put(None)
    thread.join()
    return ball, len(seen), thread.is_alive()


def edges():
    small = queue.Queue(maxsize=2)
    small.put("a")
    small.put_nowait("b")
    print(small.full(), small.empty(), small.qsize())
    for call in (
        lambda: small.put_nowait("c"),
        lambda: small.put("c", timeout=0.01),
        lambda: queue.LifoQueue().get(block=False),
        lambda: queue.Queue().get(timeout=0.01),
        lambda: small.get(timeout=-1),
        lambda: queue.Queue().task_done(),
    ):
        try:
            call()
        except (queue.Full, queue.Empty, ValueError) as error:
            print(type(error).__name__, error)
    stack = queue.LifoQueue()
    for n in range(4):
        stack.put(n)
    print([stack.get() for _ in range(4)])


def main():
    shop = Shop(size=5)
    shop.open()
    bills = sorted(shop.close())
    print(len(bills), "bills,", len(set(bills)), "different")
    print("served:", sorted(shop.served.items()))
    print("sum:", sum(price for _, _, price in bills))
    print("first and last:", bills[0], bills[-1])
    tasks = ranked()
    print(tasks[:3], tasks[-1], tasks == sorted(tasks))
    print("ping pong:", ping_pong(300))
    edges()


main()
