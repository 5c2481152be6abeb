# Classes that lend their data, and give them back.
class Lender:
    def __init__(self, data):
        self.data, self.lent = bytearray(data), 0

    def __buffer__(self, flags):
        self.lent += 1
        return memoryview(self.data)

    def __release_buffer__(self, view):
        self.lent -= 1
        view.release()


lender = Lender(b"hello")
with memoryview(lender) as view:
    print(view.tobytes(), view.readonly, lender.lent, view[1])
    view[0] = ord("H")
print(lender.data, lender.lent)
print(bytes(lender), bytearray(lender), lender.lent, b"-".join([b"a", b"b"]))
lender.data.append(33)
view = memoryview(lender)
try:
    lender.data.append(33)
except BufferError as error:
    print(error)
view.release()
view.release()
print(lender.data, lender.lent)


def attempt(what, *args):
    try:
        print(what(*args))
    except Exception as error:
        print(type(error).__name__, error)


attempt(memoryview, 5)
attempt(memoryview, type("Wrong", (), {"__buffer__": lambda self, flags: 5})())
array = bytearray(b"abc")
view = array.__buffer__(0)
print(view.tobytes(), type(view).__name__)
array.__release_buffer__(view)
attempt(view.tobytes)
attempt(array.__release_buffer__, memoryview(b"other"))
attempt(b"abc".__buffer__, 1)
attempt(array.__buffer__, 1 << 40)
print(isinstance(array, __import__("collections.abc").abc.Buffer), isinstance(lender, __import__("collections.abc").abc.Buffer))


view = memoryview(b"abc")
print(hash(view) == hash(b"abc"))
view.release()
print(hash(view) == hash(b"abc"))


class Releasing:
    def __index__(self):
        view.release()
        return 2


view = memoryview(b"abcd")
print(bytes(view[: Releasing()]))
view = memoryview(b"abcd")
attempt(view.__getitem__, Releasing())
