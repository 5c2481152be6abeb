# One attribute access, objects of several classes, one thread for each: nobody sees another's attributes.
import threading
class A:
    def __init__(s): s.a=1; s.b=2; s.c=[3]
    def m(s): return 'A'
    k='kA'
class B:
    __slots__=('c','x')
    def __init__(s): s.c=(4,); s.x=0
    def m(s): return 'B'
    k='kB'
class C(A):
    def __init__(s): s.z=0; s.y=1; s.c={5}; s.a=3; s.b=4
    def m(s): return 'C'
    k='kC'
class D:
    c='D'; k='kD'
    def m(s): return 'D'
exp={A:([3],'A','kA'),B:((4,),'B','kB'),C:({5},'C','kC'),D:('D','D','kD')}
def get(o): return (o.c,o.m(),o.k)
def run(cls):
    for i in range(5000):
        o=cls()
        r=get(o)
        assert r==exp[cls],(cls,r)
ts=[threading.Thread(target=run,args=(c,)) for c in (A,B,C,D)*2]
errs=[]
threading.excepthook=lambda a: errs.append(a.exc_value)
[t.start() for t in ts];[t.join() for t in ts]
print("ok" if not errs else errs[:3])
