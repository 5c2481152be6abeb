# More threads at once than code keeps copies for close at hand.
import threading
def f(n): return n if n<2 else f(n-1)+f(n-2)
def g():
    for i in range(20): yield i
b=threading.Barrier(40)
out=[]
def w(k):
    b.wait()
    try:
        assert f(12)==144
        out.append(sum(g()))
        if k%5==0: raise ValueError(k)
    except ValueError as e:
        out.append(e.__traceback__.tb_lineno)
for r in range(4):
    ts=[threading.Thread(target=w,args=(k,)) for k in range(40)]
    [t.start() for t in ts];[t.join() for t in ts]
assert sorted(set(out))==[13,190],set(out)
print("ok")
