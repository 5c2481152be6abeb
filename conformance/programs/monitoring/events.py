"""What programs come to, in order: events of tools, of settrace."""

import sys
src = r'''
class NC:
    def __init__(s, v): s.v = v
    def __enter__(s): return s.v
    def __exit__(s, *a): return a[0] is ValueError
def dec(f):
    def inner(*a):
        return f(*a)
    return inner
@dec
def decorated(
    a,
    b=2,
):
    """doc"""
    return a
@dec
@dec
class K:
    """doc"""
    y: int = 3
    def m(self): return self
    @property
    def p(self):
        return 1
def match_(x):
    match x:
        case 1:
            r = "one"
        case [a, b] if a:
            r = "two"
        case {"k": v}:
            r = v
        case str() | bytes():
            r = "s"
        case _:
            r = None
    return r
def loops(n):
    for i in range(n):
        if i == 1:
            continue
        elif i == 3:
            break
        else:
            pass
    else:
        n = 0
    while n:
        n -= 1
        if n == 2:
            break
    else:
        n = 9
    for a in (1, 2):
        for b in (1,):
            if a == b:
                n += 1
    return n
def nested(x):
    try:
        try:
            x()
        except TypeError:
            raise KeyError from None
        else:
            x = 1
        finally:
            x = 2
    except KeyError as e:
        x = 3
    try:
        pass
    finally:
        x = 4
    try:
        return x
    finally:
        x = 5
def multi(a, b, c):
    x = (a +
         b *
         c)
    y = [
        a,
        b,
        c + 1,
    ]
    z = {
        "a": a,
        "b": b,
    }
    f = dict(
        a=a,
        b=(b
           if a
           else c),
    )
    if (a and
        b and
        c):
        x = 1
    if (a > 5 or
        b > 5):
        x = 2
    s = f"{a}" \
        f"{b}"
    t = (a < b
         < c)
    return (x,
            y)
def comp(n):
    a = [i for i in range(n)
         if i]
    b = {
        k: v
        for k, v in zip(a, a)
    }
    g = sum(i
            for i in a)
    return [x for x in a if x > 1], g
async def co():
    return 1
def lam():
    f = lambda x: (
        x + 1
    )
    g = lambda: None
    return f(1), g()
def ctx():
    with NC(1) as a, \
         NC(2) as b:
        x = a
    with NC(3):
        raise ValueError
    return x
def ret_if(x):
    if x:
        x = 1
def ret_for(x):
    for i in x:
        pass
def ret_while(x):
    while x:
        x -= 1
def ret_try(x):
    try:
        x()
    except Exception:
        pass
def tern(x):
    return 1 if x else 2
def walrus(x):
    while (y := x) > 0:
        x -= 1
    print_ = (y
              or x)
    del y
    assert not x, "m"
def gen2():
    x = yield 1
    while True:
        try:
            x = yield x
        except ValueError:
            break
    yield from (1, 2)
def star(*a, **k):
    return star2(*a,
                 **k)
def star2(*a, **k):
    global G
    G = a
    return None
def docs():
    "only doc"
def empty(): ...
def imp():
    import os.path as p, \
        sys as s
    from os import (path,
        sep)
    return p
def excgroup():
    try:
        raise ExceptionGroup("g", [ValueError(1), KeyError(2)])
    except* ValueError as e:
        x = 1
    except* KeyError:
        x = 2
decorated(1); K().p; K().m()
for v in (1, [1, 2], {"k": 1}, "x", 3.5): match_(v)
loops(5); loops(1); nested(1); nested(len); nested(dict); multi(1, 2, 3); comp(4); lam(); ctx()
ret_if(0); ret_if(1); ret_for([]); ret_for([1]); ret_while(2); ret_try(1); ret_try(dict); tern(0); tern(1); walrus(2)
g = gen2(); next(g); g.send(3)
try:
    g.throw(ValueError)
except StopIteration:
    pass
list(g); star(1, b=2); docs(); empty()
try:
    nested(K)
    1 / 0
except ZeroDivisionError:
    pass
if __name__ == "p": x = 1
for q in "ab": x = q
'''
code = compile(src, 'p', 'exec')
out=[]
def tr(f, e, a):
    if f.f_code.co_filename=='p':
        out.append((f.f_code.co_name, e, f.f_lineno))
        return tr
sys.settrace(tr); exec(code, {'__name__':'q'}); sys.settrace(None)
print("TRACE"); [print(*o) for o in out]
m=sys.monitoring
def run(names):
    global out
    out=[]
    m.use_tool_id(0,'t')
    ev=0
    for n in names.split():
        e=getattr(m.events,n); ev|=e
        def cb(code,*a,n=n):
            if code.co_filename!='p': return
            if n=='LINE': d=a[0]
            elif n in('CALL','C_RETURN','C_RAISE'): d=(getattr(a[1],'__qualname__',a[1]), 'MISSING' if a[2] is m.MISSING else type(a[2]).__name__)
            elif n in('JUMP',)or n.startswith('BRANCH'): d=''
            elif n in('PY_START','PY_RESUME'): d=sys._getframe(1).f_lineno
            elif n in ('PY_RETURN','PY_YIELD'): d=(sys._getframe(1).f_lineno)
            else: d=(type(a[1]).__name__,sys._getframe(1).f_lineno)
            out.append((n,code.co_name,d))
        m.register_callback(0,e,cb)
    m.set_events(0,ev)
    exec(code, {'__name__':'q'})
    m.set_events(0,0)
    for n in names.split(): m.register_callback(0,getattr(m.events,n),None)
    m.free_tool_id(0)
    print(names); [print(*o) for o in out]
run('LINE'); run('PY_START PY_RESUME PY_RETURN PY_YIELD PY_THROW PY_UNWIND RAISE STOP_ITERATION')
run('CALL C_RETURN C_RAISE')
