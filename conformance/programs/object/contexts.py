"""Context managers written as classes: a journal of what is entered and left, and how."""


class Journal(list):
    def note(self, *words):
        self.append(" ".join(map(str, words)))

    def show(self, title):
        print(f"{title}:")
        for line in self:
            print("  " + line)
        self.clear()


journal = Journal()


class Resource:
    def __init__(self, name, *, swallow=(), fail_enter=None, fail_exit=None):
        self.name, self.swallow = name, swallow
        self.fail_enter, self.fail_exit = fail_enter, fail_exit

    def __enter__(self):
        if self.fail_enter:
            raise self.fail_enter
        journal.note("enter", self.name)
        return self.name.upper()

    def __exit__(self, kind, error, traceback):
        journal.note("leave", self.name, kind.__name__ if kind else "quietly", repr(error) if error else "")
        if self.fail_exit:
            raise self.fail_exit
        return bool(kind and issubclass(kind, self.swallow))


class Transaction:
    """Changes to a dictionary that are undone when the block fails. Can be nested."""

    def __init__(self, data):
        self.data = data
        self.saved = []

    def __enter__(self):
        self.saved.append(dict(self.data))
        return self.data

    def __exit__(self, kind, error, traceback):
        before = self.saved.pop()
        if kind is not None:
            self.data.clear()
            self.data.update(before)
            journal.note("rolled back to", before)
        return kind is ValueError


class Stack:
    """Leaves what was pushed in reverse order, passing on what each exit does to the error."""

    def __init__(self):
        self.exits = []

    def push(self, manager):
        value = type(manager).__enter__(manager)
        self.exits.append(manager)
        return value

    def call(self, function, *args):
        class Callback:
            def __enter__(self): ...
            def __exit__(self, *_):
                function(*args)

        self.push(Callback())

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        while self.exits:
            manager = self.exits.pop()
            try:
                if type(manager).__exit__(manager, type(error) if error else None, error, traceback):
                    error = None
            except Exception as new:
                error = new
        if error is not None and error.__traceback__ is not traceback:
            raise error
        return error is None


class Managed:
    """A generator function turned into a context manager."""

    def __init__(self, function):
        self.function = function

    def __call__(self, *args):
        made = Managed(self.function)
        made.generator = self.function(*args)
        return made

    def __enter__(self):
        return next(self.generator)

    def __exit__(self, kind, error, traceback):
        try:
            if error is None:
                next(self.generator)
            else:
                self.generator.throw(error)
        except StopIteration:
            return True
        except BaseException as other:
            if other is error:
                return False
            raise
        raise RuntimeError("the generator did not stop")


@Managed
def indented(level):
    journal.note("indent", level)
    try:
        yield " " * level
    except KeyError as error:
        journal.note("absorbed", error)
    finally:
        journal.note("dedent", level)


def early(values):
    for value in values:
        with Resource(f"loop{value}"):
            if value == 1:
                continue
            if value == 3:
                return f"returned {value}"
    return "end"


def attempt(title, function):
    try:
        print("->", function())
    except Exception as error:
        print("->", type(error).__name__, error, "| context:", repr(error.__context__))
    journal.show(title)


def nested():
    with Resource("outer") as a, Resource("middle", swallow=(KeyError,)) as b, Resource("inner"):
        journal.note(a, b)
        raise KeyError("lost")
    return "after"


def replaced():
    with (
        Resource("outer"),
        Resource("inner", fail_exit=OSError("exit failed")),
    ):
        raise ValueError("first")


def half_entered():
    with Resource("good"), Resource("bad", fail_enter=RuntimeError("cannot enter")), Resource("never"):
        return "not reached"


def stacked(fail):
    with Stack() as stack:
        names = [stack.push(Resource(f"s{n}", swallow=(ZeroDivisionError,) if n == 1 else ())) for n in range(3)]
        stack.call(journal.note, "callback", names[-1])
        if fail:
            1 / 0
    return names


def main():
    attempt("nested", nested)
    attempt("replaced", replaced)
    attempt("half entered", half_entered)
    attempt("loop", lambda: early(range(5)))
    attempt("stack", lambda: stacked(False))
    attempt("stack with an error", lambda: stacked(True))

    data = {"a": 1}
    transaction = Transaction(data)
    with transaction as d:
        d["b"] = 2
        with transaction:
            d.clear()
            raise ValueError("swallowed")
        d["c"] = 3
    journal.show("transaction")
    print(data)

    with indented(4) as space:
        journal.note(repr(space))
        raise KeyError("k")
    attempt("other error", lambda: [0 for _ in [1] if indented(2).__enter__().nothing])
    with indented(1):
        pass
    journal.show("indented")
    for bad in (object(), 3):
        try:
            with bad:
                pass
        except TypeError as error:
            print(error)


main()
