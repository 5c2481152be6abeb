"""sys: limits, flags, hooks, recursion, interning, exits, references to what runs, refused settings."""
import sys
import types


def attempt(action):
    try:
        print(action())
    except BaseException as error:
        print(type(error).__name__, error)


print(sys.version_info[:2], sys.version_info.major, sys.hexversion >> 16 == 0x030E, sys.maxsize, sys.byteorder, sys.maxunicode, sys.float_info.max, sys.float_info.dig, sys.float_info.epsilon, sys.int_info.bits_per_digit > 0, sys.int_info.default_max_str_digits, sys.hash_info.modulus == 2**61 - 1, sys.hash_info.inf, sys.hash_info.width, sys.platform, sys.getdefaultencoding(), sys.getfilesystemencoding(), sys.getfilesystemencodeerrors(), sys.float_repr_style, sys.platlibdir, sys.pycache_prefix)
print(sys.flags.optimize, sys.flags.utf8_mode, sys.flags.safe_path, sys.flags.no_site, sys.flags.dev_mode, len(sys.argv), sys.path[0] != "", isinstance(sys.modules, dict), sys.builtin_module_names.count("sys"), "json" in sys.stdlib_module_names, sys.stdin.name, sys.stdout.name, sys.__stderr__.errors, sys.implementation.cache_tag is not None, sys.copyright != "")
limit = sys.getrecursionlimit()
sys.setrecursionlimit(120)
def deep(n=0): return deep(n + 1)
attempt(deep)
sys.setrecursionlimit(limit)
for call in (lambda: sys.setrecursionlimit(0), lambda: sys.setrecursionlimit("x"), lambda: sys.setrecursionlimit(1), lambda: sys.set_int_max_str_digits(5), lambda: sys.intern(5), lambda: sys._getframe(500), lambda: sys._getframe("x"), lambda: sys.displayhook(), lambda: sys.setprofile(), lambda: sys.getrefcount(), lambda: sys.set_asyncgen_hooks(firstiter=5), lambda: sys.set_coroutine_origin_tracking_depth(-1), lambda: sys.exit(1, 2), lambda: sys._getframemodulename(0), lambda: sys.addaudithook(5) if False else ""):
    attempt(call)
sys.setrecursionlimit(limit)
before = sys.get_int_max_str_digits()
sys.set_int_max_str_digits(640)
attempt(lambda: str(10**700))
attempt(lambda: int("1" * 700))
attempt(lambda: len(hex(10**700)))
sys.set_int_max_str_digits(before)
print(sys.intern("a b") is sys.intern("a" + " b"), sys.getswitchinterval() > 0, sys.getsizeof([]) > 0, sys.getsizeof(object(), 5) > 0, sys.exception(), sys.exc_info(), sys.gettrace(), sys.getprofile(), sys.is_finalizing(), sys._is_gil_enabled() in (True, False), sys._getframe().f_code.co_name, sys.get_asyncgen_hooks(), sys.get_coroutine_origin_tracking_depth())
def who(): return sys._getframe(1).f_code.co_name, sys._getframemodulename(1)
def asks(): return who()
print(asks(), sys.displayhook(None), sys.displayhook(5), __builtins__._)
for code in (0, 3, "text", 2.5, (1, 2), True, -1):
    attempt(lambda: sys.exit(code))
shown = []
sys.excepthook, hook = lambda *args: shown.append(args[0].__name__), sys.excepthook
sys.excepthook(ValueError, ValueError(1), None)
sys.excepthook = hook
hooked = []
sys.unraisablehook, old = lambda u: hooked.append((u.exc_type.__name__, u.object is not None)), sys.unraisablehook
class Loud:
    def __del__(self): raise ValueError("in del")
Loud()
sys.unraisablehook = old
events = []
sys.settrace(lambda frame, event, arg: events.append((event, frame.f_code.co_name)))
asks()
sys.settrace(None)
print(shown, hooked, events[:2])
print(isinstance(sys.implementation, types.SimpleNamespace), sorted(vars(sys.thread_info) if hasattr(sys.thread_info, "__dict__") else sys.thread_info._fields if hasattr(sys.thread_info, "_fields") else [])[:0], sys.version_info > (3, 13), sys.version_info[:3] >= (3, 14, 0), sys.flags[0] == sys.flags.debug)
