# Weak references made by finalizers, objects that finalizers show around, objects that die as their thread leaves.
import weakref,threading
class A:
    def __init__(s,n): s.n=n
    def __del__(s):
        global r
        r=weakref.ref(s,lambda r: out.append(1))
out=[]
class B(A): pass
for i in range(1000):
    a=A(i); del a
    b=B(i)
    assert r() is None, r()
L=[]
class C:
    def __del__(s):
        L.append(s); L.pop()
def f():
    for i in range(1000):
        c=C(); w=weakref.ref(c,lambda r: out.append(2)); del c
        x=C()
        assert w() is None, w()
t=threading.Thread(target=f); t.start(); t.join()
def g(): pass
t=threading.Thread(target=g); t.start()
f()
t.join()
print(out.count(1),out.count(2))
print("ok")

import gc

made = []
freed = []
class Node:
    def __init__(self, i):
        self.i = i
    def __del__(self):
        freed.append(self.i)

def make():
    for i in range(500):
        made.append((Node(i), None))

def take():
    while len(freed) < 1500:
        try:
            made.pop()
        except IndexError:
            pass
        if done.is_set() and not made:
            break

done = threading.Event()
makers = [threading.Thread(target=make) for _ in range(3)]
takers = [threading.Thread(target=take) for _ in range(2)]
for t in makers + takers:
    t.start()
for t in makers:
    t.join()
done.set()
for t in takers:
    t.join()
gc.collect()
print(len(freed), sorted(freed) == sorted(list(range(500)) * 3))
