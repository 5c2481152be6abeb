"""Methods and attributes: a scheduler that passes messages between tasks."""

import sys
import threading


class Message:
    def __init__(self, target, kind, value):
        self.target = target
        self.kind = kind
        self.value = value


class Task:
    def __init__(self, kernel, number, priority):
        self.kernel = kernel
        self.number = number
        self.priority = priority
        self.inbox = []
        self.count = 0

    def ready(self):
        return len(self.inbox) > 0

    def step(self):
        self.count += 1
        self.handle(self.inbox.pop())

    def handle(self, message):
        raise NotImplementedError


class Relay(Task):
    def handle(self, message):
        message.value = (message.value * 3 + self.number) % 10007
        message.target = (self.number + 1 + message.value % 3) % len(self.kernel.tasks)
        self.kernel.post(message)


class Filter(Relay):
    def handle(self, message):
        if message.value % 5 == 0:
            message.kind = "odd" if message.kind == "even" else "even"
        super().handle(message)


class Kernel:
    def __init__(self, size):
        self.tasks = []
        for number in range(size):
            kind = Filter if number % 3 == 0 else Relay
            self.tasks.append(kind(self, number, number * 7 % size))
        self.posted = 0

    def post(self, message):
        self.posted += 1
        self.tasks[message.target].inbox.append(message)

    def choose(self):
        best = None
        for task in self.tasks:
            if task.ready() and (best is None or task.priority > best.priority):
                best = task
        return best

    def run(self, steps):
        for _ in range(steps):
            self.choose().step()
        return sum((task.number + 1) * task.count for task in self.tasks) * 100 + self.posted % 100


def work(results):
    kernel = Kernel(10)
    for n in range(6):
        kernel.post(Message(n, "even", n))
    results.append(kernel.run(900_000))


def main(threads):
    results = []
    workers = [threading.Thread(target=work, args=(results,)) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print("richards", results[0], len(set(results)) == 1)


main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
