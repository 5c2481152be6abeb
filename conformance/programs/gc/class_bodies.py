# A class statement leaves nothing to the collector: its body ran as a function, which is gone.
import gc

gc.collect()


class Plain:
    size = 1


class Derived(Plain):
    def method(self):
        return self.size

    class Inner:
        pass


print(gc.collect())


def make(number):
    class Local(Derived):
        value = number

        @staticmethod
        def read():
            return number

    return Local


made = [make(number) for number in range(3)]
print(gc.collect(), [cls.value + cls.read() for cls in made])

knot = []
knot.append(knot)
del knot
print(gc.collect())
