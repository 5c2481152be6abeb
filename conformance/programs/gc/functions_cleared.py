# What hangs on a function is let go with it: whatever attribute leads there.
import gc
import weakref

gc.disable()


class Late:
    __slots__ = ("ref",)

    def __del__(self):
        global seen
        seen = self.ref()
        print("late")


class Cyclic(tuple):
    __slots__ = ()

    def __del__(self):
        # Made when its target is garbage already: it is cleared before anything is taken apart.
        self[1].ref = weakref.ref(self[0])
        global late
        del late
        print("finalized")


for place in ["__module__", "__doc__", "__defaults__", "__annotations__", "attribute"]:
    seen = "nothing"
    late = Late()

    def function():
        pass

    cycle = tuple.__new__(Cyclic, (function, late))
    if place == "__annotations__":
        function.__annotations__ = {"x": cycle}
    elif place == "__defaults__":
        function.__defaults__ = (cycle,)
    else:
        setattr(function, place, cycle)
    del function, cycle
    gc.collect()
    print(place, seen)
