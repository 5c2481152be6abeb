# Generators that are awaited, and coroutines that generators drive.
import sys
import types


def run(coroutine, *sent):
    out, sent = [], [None, *sent]
    try:
        while True:
            out.append(coroutine.send(sent.pop(0) if sent else None))
    except StopIteration as stop:
        return out, stop.value


@types.coroutine
def pause(x):
    got = yield x
    return got, x


def plain(x):
    yield x


async def main():
    return await pause(1), await pause(2)


print(run(main(), "a", "b"))
print(bool(pause.__code__.co_flags & 0x100), bool(plain.__code__.co_flags & 0x100), types.coroutine(pause) is pause)
print(list(pause(3)), type(pause(3)) is types.GeneratorType)


async def wrong():
    return await plain(1)


try:
    run(wrong())
except TypeError as error:
    print(error)


async def spam():
    return "spam"


def refused():
    yield from inner


inner = spam()
try:
    list(refused())
except TypeError as error:
    print(error)
inner.close()


@types.coroutine
def allowed():
    return (yield from spam())


print(run(allowed()))


# A function that returns something that behaves as a generator.
class Like:
    def __init__(self):
        self.left = [1, 2]

    def __iter__(self):
        return self

    def __next__(self):
        return self.send(None)

    def send(self, value):
        if not self.left:
            raise StopIteration("like")
        return self.left.pop()

    def throw(self, *exception):
        raise StopIteration(exception[0])

    def close(self):
        print("closed")


@types.coroutine
def like():
    return Like()


async def use():
    return await like()


print(run(use()))
c = use()
c.send(None)
try:
    c.throw(ValueError("thrown"))
except StopIteration as stop:
    print(repr(stop.value))
c = use()
c.send(None)
c.close()
made = types.coroutine(spam)()
print(type(made) is types.CoroutineType, run(made))
for value in 3, None:
    try:
        types.coroutine(value)
    except TypeError as error:
        print(error)

# The delegate, from outside.


async def outer():
    seen.append(me.cr_await)
    await pause("x")
    seen.append(me.cr_await)


seen, me = [], outer()
print(me.cr_suspended, me.cr_running, me.cr_await, me.cr_frame.f_lineno - me.cr_code.co_firstlineno)
me.send(None)
print(me.cr_suspended, me.cr_await.gi_code is pause.__code__, me.cr_await.gi_suspended, me.cr_frame.f_lineno - me.cr_code.co_firstlineno)
run(me)
print(me.cr_suspended, me.cr_await, me.cr_frame, seen)

names = "Function Lambda Code MappingProxy Cell Generator Coroutine AsyncGenerator Method BuiltinFunction"
names += " BuiltinMethod WrapperDescriptor MethodWrapper MethodDescriptor ClassMethodDescriptor Module Traceback Frame"
names += " GetSetDescriptor MemberDescriptor Union Ellipsis None NotImplemented"
print([getattr(types, name + "Type").__name__ for name in names.split()], types.GenericAlias.__name__, types.SimpleNamespace.__name__)
renamed = plain.__code__.replace(co_name="other")
print(renamed.co_name, renamed.co_qualname, renamed == plain.__code__)
