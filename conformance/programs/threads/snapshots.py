# What operations on whole containers see while other threads change them: everything that is always there.
import threading
# keys that are always there must be seen by whole-dict operations
D={('k',i):i for i in range(50)}
stop=False
def churn(b):
    i=0
    while not stop:
        i+=1
        D[(b,i%37)]=i
        D.pop((b,(i*5)%37),None)
bad=[]
S=set(range(50)); 
def churns(b):
    i=0
    while not stop:
        i+=1
        S.add(1000*b+i%37); S.discard(1000*b+(i*5)%37)
L=list(range(50))
def churnl():
    while not stop:
        L.append(99); L.pop(); L.insert(50,7); L.pop(50) if len(L)>50 else 0
def chk(name,x,keys):
    x=set(x)
    m=[k for k in keys if k not in x]
    if m: bad.append((name,m[:3],len(m)))
DK=[('k',i) for i in range(50)]; SK=list(range(50))
def read():
    for _ in range(40):
        chk('list(D)',list(D),DK); chk('dict(D)',dict(D),DK); chk('copy',D.copy(),DK); chk('{**D}',{**D},DK)
        e={}; e.update(D); chk('update',e,DK); e={1:2}; e|=D; chk('|=',e,DK); chk('|',{}|D,DK)
        chk('keys',list(D.keys()),DK); chk('items',[k for k,v in list(D.items())],DK); chk('set(D)',set(D),DK); chk('sorted',sorted(D,key=str),DK)
        v=list(D.values()); 
        chk('values',v,range(50)) if 0 else 0
        chk('list(S)',list(S),SK); chk('set(S)',set(S),SK); chk('S.copy',S.copy(),SK); chk('S|',S|{1},SK); e=set(); e|=S; chk('S|=',e,SK); e=set(); e.update(S); chk('S.update',e,SK); chk('frozenset',frozenset(S),SK); chk('sorted(S)',sorted(S),SK)
        if not S>=set(SK): bad.append('S>=')
        if set(SK)-S: bad.append('-S')
        if len(set(SK)&S)!=50: bad.append('&S')
        for k in DK[::7]:
            if k not in D: bad.append(('in D',k))
            if D.get(k) is None: bad.append(('get',k))
        for k in SK[::7]:
            if k not in S: bad.append(('in S',k))
        chk('list(L)',list(L),SK); chk('L[:]',L[:],SK); chk('L+',L+[],SK); chk('copy',L.copy(),SK); chk('tuple',tuple(L),SK); chk('*',[*L],SK); e=[]; e+=L; chk('L+=',e,SK); e=[]; e.extend(L); chk('ext',e,SK); chk('set(L)',set(L),SK); chk('sorted',sorted(L),SK)
        if L[5]!=5 or L[49]!=49: bad.append(('L[]',L[5],L[49]))
        f='x'.join(map(str,L)); 
ts=[threading.Thread(target=churn,args=(b,)) for b in range(2)]+[threading.Thread(target=churns,args=(b,)) for b in (1,2)]+[threading.Thread(target=churnl)]
rs=[threading.Thread(target=read) for _ in range(2)]
def wrap(): pass
[t.start() for t in ts+rs]; [t.join() for t in rs]
stop=True
[t.join() for t in ts]
from collections import Counter
if bad: print(Counter(str(b[0]) for b in bad).most_common(30)); print(bad[:3])
else: print("ok")
