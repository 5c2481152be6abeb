# What a trace function hears where an iterator ends: the StopIteration of a `__next__`, and what a generator returns.
import sys


class Raises:
    def __iter__(self):
        return self

    def __next__(self):
        raise StopIteration('ended')


def generator(count, value=None):
    for i in range(count):
        yield i
    return value


def loops():
    for x in Raises():
        pass
    for x in generator(2):
        pass
    for x in generator(2, 'value'):
        pass
    for x in iter([1]):
        pass
    [x for x in Raises()]
    return 'done'


async def one_line(): pass


def traced(frame, event, argument):
    if frame.f_code.co_name in ('loops', 'one_line'):
        if event == 'exception':
            argument = argument[0].__name__, argument[1].args
        print(frame.f_code.co_name, frame.f_lineno - frame.f_code.co_firstlineno, event, argument)
        return traced


coroutine = one_line()
sys.settrace(traced)
loops()
try:
    coroutine.send(None)
except StopIteration:
    pass
sys.settrace(None)
