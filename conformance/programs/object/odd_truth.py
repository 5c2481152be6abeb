"""Values with an opinion on being asked: NotImplemented in a condition, classes as items."""


def attempt(action):
    try:
        print(action())
    except TypeError as error:
        print(error)


attempt(lambda: bool(NotImplemented))
attempt(lambda: not NotImplemented)
attempt(lambda: 1 if NotImplemented else 2)
attempt(lambda: NotImplemented and 1)
attempt(lambda: type[int])
attempt(lambda: int[str])
attempt(lambda: sum([1e100, 1, -1e100]))
attempt(lambda: sum([0.1] * 10 + [True]))
