"""An operating system kernel in miniature: tasks, packets, queues, priorities.

Devices, workers and handlers pass packets to each other; the kernel always
runs the ready task with the highest priority. The counts at the end tell
whether everything was delivered.
"""

IDLE, WORKER, DEVICE, HANDLER = "idle", "worker", "device", "handler"


class Packet:
    __slots__ = ("kind", "owner", "payload", "hops")
    made = 0

    def __init__(self, kind, owner, payload=()):
        self.kind = kind
        self.owner = owner
        self.payload = list(payload)
        self.hops = 0
        Packet.made += 1

    def __repr__(self):
        return f"<{self.kind} of {self.owner}: {self.payload}>"


class Task:
    """Something the kernel can run. A task with nothing to do is waiting."""

    def __init__(self, kernel, name, priority):
        self.kernel = kernel
        self.name = name
        self.priority = priority
        self.inbox = []
        self.held = False
        self.runs = 0
        kernel.add(self)

    @property
    def ready(self):
        return not self.held and bool(self.inbox)

    def receive(self, packet):
        packet.hops += 1
        self.inbox.append(packet)

    def run(self):
        self.runs += 1
        return self.handle(self.inbox.pop(0))

    def handle(self, packet):
        raise NotImplementedError

    def __str__(self):
        return f"{type(self).__name__}({self.name})"


class IdleTask(Task):
    """Runs when nobody else can; releases one device or the other by chance."""

    def __init__(self, kernel, name, turns):
        super().__init__(kernel, name, priority=0)
        self.turns = turns
        self.seed = 1

    @property
    def ready(self):
        return self.turns > 0

    def run(self):
        self.runs += 1
        self.turns -= 1
        if self.seed & 1:
            self.seed = (self.seed >> 1) ^ 0xD008
            self.kernel.release("disk")
        else:
            self.seed >>= 1
            self.kernel.release("net")


class DeviceTask(Task):
    """Answers a packet after it was held and released once."""

    def __init__(self, kernel, name, priority):
        super().__init__(kernel, name, priority)
        self.served = 0

    def receive(self, packet):
        super().receive(packet)
        self.held = True

    def handle(self, packet):
        self.served += 1
        packet.payload.append(f"{self.name}{self.served}")
        self.kernel.send(packet.owner, packet)
        if self.inbox:
            self.held = True


class HandlerTask(Task):
    def __init__(self, kernel, name, priority, device):
        super().__init__(kernel, name, priority)
        self.device = device
        self.completed = []

    def handle(self, packet):
        if packet.kind == "work":
            for item in packet.payload:
                self.kernel.send(self.device, Packet("request", self.name, [item]))
            packet.payload.clear()
            self.kernel.send(packet.owner, packet)
        else:
            self.completed.append(tuple(packet.payload))


class WorkerTask(Task):
    letters = "abcdefghijklmnopqrstuvwxyz"

    def __init__(self, kernel, name, priority, handlers, rounds):
        super().__init__(kernel, name, priority)
        self.handlers = handlers
        self.rounds = rounds
        self.position = 0

    def handle(self, packet):
        if self.rounds == 0:
            return
        self.rounds -= 1
        self.handlers.append(target := self.handlers.pop(0))
        for _ in range(3):
            packet.payload.append(self.letters[self.position])
            self.position = (self.position + 1) % len(self.letters)
        self.kernel.send(target, packet)


class Kernel:
    def __init__(self, trace=0):
        self.tasks = {}
        self.order = []
        self.sent = self.released = 0
        self.trace = trace

    def add(self, task):
        self.tasks[task.name] = task
        self.order.append(task)
        self.order.sort(key=lambda t: -t.priority)

    def send(self, name, packet):
        self.sent += 1
        self.tasks[name].receive(packet)

    def release(self, name):
        task = self.tasks[name]
        if task.held:
            task.held = False
            self.released += 1

    def schedule(self):
        while (task := next((t for t in self.order if t.ready), None)) is not None:
            if self.trace:
                self.trace -= 1
                print(f"  run {task} with {task.inbox[:1]}")
            task.run()


def main():
    kernel = Kernel(trace=14)
    IdleTask(kernel, IDLE, turns=4000)
    DeviceTask(kernel, "disk", 500)
    DeviceTask(kernel, "net", 510)
    disk = HandlerTask(kernel, "files", 200, "disk")
    net = HandlerTask(kernel, "socket", 300, "net")
    worker = WorkerTask(kernel, WORKER, 100, ["files", "socket"], rounds=600)
    for _ in range(2):
        kernel.send(WORKER, Packet("work", WORKER))
    kernel.schedule()

    print(f"packets made {Packet.made}, sent {kernel.sent}, released {kernel.released}")
    for task in kernel.order:
        print(f"{task!s:<22} priority {task.priority:>3}, ran {task.runs:>5}, left {len(task.inbox)}")
    for handler in (disk, net):
        print(handler, len(handler.completed), handler.completed[0], handler.completed[-1])
    print("worker stopped at", worker.letters[worker.position], "rounds left", worker.rounds)

    try:
        Task(kernel, "nobody", 999).receive(Packet("work", WORKER))
        kernel.schedule()
    except NotImplementedError as error:
        print("abstract task:", type(error).__name__, error.args)
    try:
        Packet("work", WORKER).colour = "red"
    except AttributeError as error:
        print("slots:", error)


main()
