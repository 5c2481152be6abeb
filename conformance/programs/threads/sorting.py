# Lists are sorted while other threads append and pop: nothing is lost, nobody is told of it.
import threading
L=list(range(200)); errs=[]; n=1000
def srt():
    for _ in range(200):
        try: L.sort(key=None, reverse=_%2==0)
        except ValueError as e: errs.append(str(e))
def app(b):
    for i in range(n): L.append(b*10**6+i)
ts=[threading.Thread(target=srt)]+[threading.Thread(target=app,args=(b,)) for b in (1,2,3)]
[t.start() for t in ts];[t.join() for t in ts]
miss=(200+3*n)-len(set(L))
M=list(range(100)); cnt=[0,0]
def srt2():
    for _ in range(2000):
        try: M.sort()
        except ValueError as e: errs.append(str(e))
def pops():
    for i in range(3000):
        try: x=M.pop(); M.append(x)
        except IndexError: errs.append('pop')
        try: M.remove(M[0]) if 0 else None
        except ValueError: pass
ts=[threading.Thread(target=srt2)]+[threading.Thread(target=pops) for b in (1,2,3)]
[t.start() for t in ts];[t.join() for t in ts]
print("ok" if not errs and not miss and sorted(M)==list(range(100)) else (miss,len(errs),errs[:2],len(M)))
