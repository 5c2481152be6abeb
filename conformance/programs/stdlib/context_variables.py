# Variables that belong to a context; copies of it, in this thread and in others.
import contextvars
import threading

colour = contextvars.ContextVar("colour", default="none")
size = contextvars.ContextVar("size")
print(colour.get(), size.get(3), colour.name)
token = colour.set("red")
print(colour.get(), token.old_value is contextvars.Token.MISSING, token.var is colour)
inner = contextvars.copy_context()
again = colour.set("green")
print(again.old_value, inner[colour], colour in inner, size in inner, len(inner))


def change(value):
    colour.set(value)
    size.set(len(value))
    return colour.get(), size.get()


print(inner.run(change, "blue"), colour.get(), inner[colour], inner.get(size), inner.get(size, 0))
colour.reset(again)
print(colour.get())
for wrong in [lambda: colour.reset(again), lambda: size.reset(token), lambda: inner.run(colour.reset, token), lambda: size.get(),
              lambda: inner["colour"], lambda: inner.run(inner.run, print), lambda: contextvars.Token(), lambda: hash(inner)]:
    try:
        wrong()
    except (RuntimeError, ValueError, LookupError, TypeError) as error:
        print(type(error).__name__, str(error).split(" at ")[0].split("<")[0])
colour.reset(token)
print(colour.get(), sorted(var.name for var in inner), inner == inner.copy(), inner == contextvars.Context())
with colour.set("grey") as kept:
    print(colour.get(), kept.var.name)
print(colour.get())

colour.set("seen by threads")
results = []


def work(number):
    first = colour.get()
    colour.set(number)
    results.append((number, first, colour.get()))


threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted((number, now) for number, _, now in results), colour.get())
