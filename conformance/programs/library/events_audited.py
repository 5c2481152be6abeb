# What audit hooks are told of (PEP 578), with which arguments, and that what they refuse does not happen.
import _thread
import array
import ast
import collections
import encodings.idna
import gc
import io
import marshal
import os
import pickle
import re
import shutil
import socket
import sys
import tempfile
import threading
import time
import types

told = False


def shown(x):
    if isinstance(x, types.CodeType):
        return f"<code {x.co_name}>"
    if isinstance(x, types.FrameType):
        return f"<frame {x.f_code.co_name}>"
    if isinstance(x, list) and len(x) > 1:
        return "[...]"
    return re.sub("0x[0-9a-f]+|[0-9]{6,}", "N", repr(x))[:60]


def hook(event, args):
    global told
    if told:
        told = False
        print("  ", event, [shown(x) for x in args])
        told = True


def do(name, action):
    global told
    print(name)
    told = True
    try:
        action()
    except BaseException as error:
        told = False
        print("   !", type(error).__name__, error)
    finally:
        told = False


sys.addaudithook(hook)
folder = tempfile.mkdtemp()
os.chdir(folder)
with open("text", "w") as file:
    file.write("x = 1\n")


class A:
    pass


class B:
    pass


class C(A):
    pass


def f(a=1, *, b=2):
    return a


def nothing(*args):
    pass


def run_thread():
    thread = threading.Thread(target=nothing)
    thread.start()
    thread.join()


code = compile("1", "<given>", "eval")
do("open", lambda: open("text").close())
do("open to write", lambda: open("text", "w").close())
do("FileIO", lambda: io.FileIO("text", "r+").close())
do("open nothing", lambda: open("nothing"))
do("import again", lambda: __import__("os"))
do("compile", lambda: compile("1", "<f>", "eval"))
do("compile bytes", lambda: compile(b"1", "<f>", "eval"))
tree = ast.parse("1")
do("compile tree", lambda: compile(tree, "<f>", "exec"))
do("exec text", lambda: exec("1"))
do("eval text", lambda: eval("1"))
do("exec code", lambda: exec(code))
do("eval code", lambda: eval(code))
do("id", lambda: id(A))
do("frame", lambda: sys._getframe())
do("frame's module", lambda: sys._getframemodulename())
do("frames", lambda: sys._current_frames())
do("exceptions", lambda: sys._current_exceptions())
do("trace", lambda: sys.settrace(None))
do("profile", lambda: sys.setprofile(None))
do("hooks", lambda: sys.set_asyncgen_hooks(None, None))
do("objects", lambda: (gc.get_objects(), gc.get_objects(generation=0)))
do("references", lambda: (gc.get_referrers(code), gc.get_referents(code, 1)))
do("sleep", lambda: time.sleep(0))
do("sleep backwards", lambda: time.sleep(-1))
do("loads", lambda: marshal.loads(b"N"))
do("dumps", lambda: marshal.dumps(5))
do("load", lambda: marshal.load(io.BytesIO(b"N")))
data = pickle.dumps(collections.Counter)
do("pickle", lambda: pickle.loads(data))
do("class", lambda: setattr(B(), "__class__", A))
do("name", lambda: setattr(A, "__name__", "AA"))
do("qualname", lambda: setattr(A, "__qualname__", "AA"))
do("bases", lambda: setattr(C, "__bases__", (B,)))
do("module", lambda: setattr(C, "__module__", "other"))
do("doc", lambda: setattr(C, "__doc__", "text"))
do("another attribute", lambda: setattr(C, "x", 1))
do("defaults", lambda: setattr(f, "__defaults__", ()))
do("kwdefaults", lambda: setattr(f, "__kwdefaults__", {}))
do("no defaults", lambda: delattr(f, "__defaults__"))
do("thread", run_thread)
do("array", lambda: array.array("i", [1]))
do("callback", lambda: sys.monitoring.register_callback(1, 1, None))
do("hook", lambda: sys.addaudithook(nothing))
do("own", lambda: sys.audit("mine", 1, 2))
do("socket", lambda: socket.socket().close())
do("host", lambda: socket.gethostname())
do("address", lambda: socket.getaddrinfo("127.0.0.1", 80))

refused = ""


def refuse(event, args):
    if event == refused:
        raise RuntimeError(f"no {event}")


sys.addaudithook(refuse)
for refused, action in [
    ("open", lambda: open("made", "w")),
    ("import", lambda: __import__("nowhere")),
    ("compile", lambda: compile("1", "", "eval")),
    ("exec", lambda: exec("print(1)")),
    ("time.sleep", lambda: time.sleep(0)),
    ("object.__setattr__", lambda: setattr(A, "__name__", "other")),
    ("sys._getframe", lambda: sys._getframe()),
    ("pickle.find_class", lambda: pickle.loads(data)),
    ("_thread.start_joinable_thread", lambda: threading.Thread(target=nothing).start()),
    ("builtins.id", lambda: id(A)),
    ("sys.addaudithook", lambda: sys.addaudithook(nothing)),
    ("socket.__new__", lambda: socket.socket()),
    ("marshal.loads", lambda: marshal.loads(b"N")),
    ("gc.get_objects", gc.get_objects),
]:
    told = False
    try:
        action()
        print("done", refused)
    except RuntimeError as error:
        print(error)
refused = ""
print(os.listdir(), A.__name__)
os.chdir("/")
shutil.rmtree(folder)
