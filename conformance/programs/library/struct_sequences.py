# Tuples with named fields, of native modules: what their classes have, how instances are made, kept, replaced, and not changed.
import time, os, sys, copy, pickle
def show(f, *a):
    try: print("ok", f(*a))
    except BaseException as e: print(type(e).__name__, e)
T = time.struct_time
print(type(T.tm_year), T.tm_year, T.__mro__, T.__match_args__, T.n_fields, T.n_sequence_fields, T.n_unnamed_fields)
print(sorted(k for k in T.__dict__ if not k.startswith('tm')))
t = T(range(9)); print(t)
print(T(range(11)), T(range(11)).tm_zone, T(range(9)).tm_zone, T(range(10)).tm_zone)
show(T, range(8)); show(T, range(12)); show(T); show(T, 5); show(T, range(9), {"tm_zone": 7}); show(lambda: T(range(9), {"tm_zone": 7}).tm_zone); show(T, range(9), 5); show(T, range(9), {"zz": 7}); show(T, range(10), {"tm_zone": 7});show(T, range(9), {"tm_year": 7})
show(lambda: T(sequence=range(9))); show(lambda: T(range(9), dict={}))
print(t.__reduce__()); print(pickle.loads(pickle.dumps(T(range(11)))).tm_gmtoff)
print(copy.copy(t) == t, copy.replace(t, tm_year=2000)); show(lambda: copy.replace(t, 5)); show(lambda: copy.replace(t, zz=5)); show(lambda: t.__replace__(tm_zone="x").tm_zone); show(lambda: t.__replace__(1))
show(lambda: type("X", (T,), {}))
print(os.stat_result.n_unnamed_fields, os.stat_result.__match_args__[:3]); show(lambda: copy.replace(os.stat("/"), st_mode=1))
print(hash(t) == hash(tuple(t)), t == tuple(t), t[:2], t + (1,), t * 1 == t, len(t), t < (1,))
print(T.__module__, T.__qualname__, T.__name__)
match t:
    case T(a, b): print(a, b)
show(lambda: t.__getnewargs__()); show(lambda: T.tm_year.__get__((1,2,3))); show(lambda: T.tm_year.__set__(t, 5)); show(lambda: T.__reduce__(5)); show(lambda: T.n_fields)
def f(): T.n_fields = 3
show(f)
def f(): T.tm_year = 3
show(f)
show(lambda: sys.flags.__class__()); show(lambda: sys.version_info.__class__((1,2,3,4,5))); show(lambda: sys.float_info.__class__(range(11)))
print(os.terminal_size((1, 2)), os.uname_result, os.times_result(range(5)))
show(os.terminal_size, (1,)); show(os.stat_result, range(10)); show(os.stat_result, range(30)); show(lambda: os.stat_result(range(10)).st_atime); show(lambda: os.stat_result(range(17)).st_atime_ns)
import pwd, grp, resource
print(type(pwd.getpwuid(0)), pwd.struct_passwd.__match_args__, resource.struct_rusage.n_fields, grp.struct_group)
print(T.__new__ is tuple.__new__, T.__reduce__, T.__replace__)
t = time.gmtime(0)
def s(o, n): setattr(o, n, 1)
def d(o, n): delattr(o, n)
for o, n in ((t, "tm_year"), (os.stat("/"), "st_mode"), (sys.version_info, "major"), (t, "n_fields"), (t, "zz"), (sys.flags, "debug"), (sys.float_info, "max"), (os.times(), "user"), (sys.hash_info, "width"), (sys.thread_info, "name")):
    show(s, o, n); show(d, o, n)
