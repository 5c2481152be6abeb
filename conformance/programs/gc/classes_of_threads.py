"""Classes that threads make instances of: each dies by the first collection that finds neither it nor an instance in
use, and by none before."""

import gc
import threading
import weakref

THREADS = 4
ROUNDS = 6
CLASSES = 25

gc.collect()


def body(number):
    return {"number": number, "answer": lambda self: (type(self).number, self.__class__ is type(self))}


def use(classes, kept, faults):
    for number, cls in enumerate(classes):
        for turn in range(20):
            instance = cls()
            instance.itself = instance if turn % 3 == 0 else None
            if instance.answer() != (number, True):
                faults.append(number)
        # One instance of every second class outlives the thread.
        if number % 2:
            kept.append(instance)


def check(kept, faults):
    for instance in kept:
        if instance.answer() != (instance.number, True):
            faults.append(instance)


def in_threads(function, *args):
    threads = [threading.Thread(target=function, args=args) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def alive(watches):
    return sum(watch() is not None for watch in watches)


def round_of(derived):
    base = type("Base", (), body(-1))
    classes = [type(f"Made{n}", (base,) if derived else (), body(n)) for n in range(CLASSES)]
    watches = [weakref.ref(cls) for cls in classes]
    kept, faults = [], []
    in_threads(use, classes, kept, faults)
    classes.clear()
    gc.collect()
    # The instances, made by threads that are gone, keep their classes.
    seen = [alive(watches)]
    in_threads(check, kept, faults)
    # Some of each class go on as instances of another class. Threads came here in any order.
    kept.sort(key=lambda instance: instance.number)
    other = type("Other", (base,) if derived else (), body(99))
    watches.append(weakref.ref(other))
    for instance in kept[::2]:
        instance.__class__ = other
    del other, instance
    gc.collect()
    seen.append(alive(watches))
    in_threads(check, kept, faults)
    # A method of an instance, and an iterator over nothing else, keep them as well.
    answers = [instance.answer for instance in kept]
    kept.clear()
    gc.collect()
    seen.append(alive(watches))
    faults.extend(answer for answer in answers if not answer()[1])
    dropper = threading.Thread(target=answers.clear)
    dropper.start()
    dropper.join()
    gc.collect()
    seen.append(alive(watches))
    return seen, faults


def race():
    """Instances are made and dropped while collections run, and the last reference to the class goes away."""
    stop, faults, watches = threading.Event(), [], []
    places = [None] * 4

    def churn(seed):
        mine = None
        while not stop.is_set():
            seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
            cls = places[seed >> 8 & 3]
            if cls is not None:
                mine = cls()
                if mine.answer()[1] is not True:
                    faults.append(seed)
                cls = None
            elif mine is not None and mine.answer()[1] is not True:
                faults.append(seed)

    threads = [threading.Thread(target=churn, args=(n + 1,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for n in range(200):
        cls = type(f"Short{n}", (), body(n))
        watches.append(weakref.ref(cls))
        places[n & 3] = cls
        del cls
        if n % 10 == 0:
            gc.collect()
    places[:] = [None] * 4
    stop.set()
    for thread in threads:
        thread.join()
    gc.collect()
    return alive(watches), faults


def frozen():
    """An object that collections leave alone keeps the class it got meanwhile."""
    first, second = type("First", (), body(1)), type("Second", (), body(2))
    instance, watch = first(), weakref.ref(second)
    gc.freeze()
    instance.__class__ = second
    del second
    gc.collect()
    seen = [instance.answer()]
    gc.unfreeze()
    gc.collect()
    seen.append(instance.answer())
    del instance
    gc.collect()
    return seen, watch()


for n in range(ROUNDS):
    seen, faults = round_of(n % 2)
    print(seen, faults)
    print(race())
print(frozen())
print("done")
