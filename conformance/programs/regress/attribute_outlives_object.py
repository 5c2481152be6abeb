"""What an attribute holds lives on when reading it was the last use of the object, whatever the finalizer does."""

import gc
import weakref

classes = []


class Holder:
    def __init__(self, number):
        class Local:
            tag = "alive"

        self.local = Local
        classes.append(weakref.ref(Local))

    def __del__(self):
        del self.local
        gc.collect()


def from_instance(number):
    return Holder(number).local


def overwritten():
    x = Holder(0)
    x = x.local
    return x


def argument(number):
    return len([Holder(number).local, Holder(number).local])


for number in range(4):
    found = from_instance(number)
    print(number, classes[-1]() is found, found.tag)

for _ in range(3):
    found = overwritten()
    print(classes[-1]() is found, found.tag)
    print(argument(0), all(c() is not None for c in classes[-2:]))

del found
gc.collect()
print(sum(c() is not None for c in classes))
