"""Structs, arrays, binascii and memoryviews of any format."""
import _struct as struct, binascii
def t(f,*a):
    try: print(f.__name__,a,'->',repr(f(*a)))
    except BaseException as e: print(f.__name__,a,type(e).__module__,type(e).__name__,e)
from _struct import *
for c in 'bBhHiIlLqQnN': 
    t(pack,c,1<<70); t(pack,'<'+c if c not in 'nN' else c,-1<<70); t(pack,c,'a')
t(pack,'<h',40000);t(pack,'<B',-1);t(pack,'<q',1<<64); t(pack,'<Q',-1)
t(pack,'e',1e9);t(pack,'<f',1e300);t(pack,'f','a');t(pack,'c',b'ab');t(pack,'s',1);t(pack,'p','x');t(pack,'?',[])
t(pack,'P',-1);t(pack,'P',1<<65);t(pack,'2h',1);t(pack,'j');t(pack,'<P',1);t(pack,'3');t(pack,'F',1);t(pack,'D',2j);t(pack,'<F',1+2j)
t(unpack,'h',b'a');t(unpack_from,'h',b'a');t(unpack_from,'h',b'abc',2);t(unpack_from,'h',b'abc',-1);t(unpack_from,'h',b'abc',-5)
t(pack_into,'h',bytearray(1),0,1);t(pack_into,'h',bytearray(1));t(pack_into,'h',bytearray(4),-1,3);t(pack_into,'h',bytearray(4),-9,3);t(pack_into,'h',b'1234',0,3)
t(pack_into,'h',bytearray(4),3,3)
t(iter_unpack,'h',b'abc');t(iter_unpack,'0s',b'');t(calcsize,'99999999999999999999q');t(calcsize,'9999999999999999999s');t(Struct,1);t(Struct,'\u1234');t(calcsize,b'hi');t(calcsize,'hq'); t(pack, 1)
t(pack);t(unpack,'h',1);t(pack,'h',1.5);t(pack,'5s',bytearray(b'abc'))
from binascii import *
t(a2b_base64,'ab');t(a2b_base64,'a');t(a2b_base64,'ab=');t(a2b_base64,b'abc=d');t(a2b_base64,'é');t(a2b_base64,1)
def st(x): return a2b_base64(x,strict_mode=True)
for x in ['=','ab=c','ab==c','a\n','ab==\n','=ab','a===','abcd=','ab=','abcde','abc','abcd====','ab==ab']: t(st,x)
t(unhexlify,'abc');t(unhexlify,'zz');t(a2b_uu,'!!');t(a2b_uu,b'a!');t(b2a_uu,b'x'*46);t(a2b_uu,b'#');t(a2b_uu,b'#86)C`   x')
t(hexlify,b'abc',':');t(hexlify,b'abcde',b'-',-2);t(hexlify,b'abc','xx');t(b2a_qp,b' a\tb \n=\r\n x ',True,True,True);t(a2b_qp,b'=41_=\nx',True);t(crc_hqx,b'123',7);t(crc32,b'123',5)
t(b2a_base64,'x')
from array import array
def t(f,*a):
    try: print(getattr(f,'__name__',f),a,'->',repr(f(*a)))
    except BaseException as e: print(getattr(f,'__name__',f),a,type(e).__module__,type(e).__name__,e)
t(array);t(array,'z');t(array,1);t(array,'ii');t(array,'i',1);t(array,'i','abc');t(array,'u','abc');t(array,'i',[1<<40]);t(array,'b',[200]);t(array,'B',[-1]);t(array,'i',[1.5]);t(array,'f',['a'])
t(array,'I',[1<<40]);t(array,'Q',[1<<70]);t(array,'q',[1<<70]);t(array,'H',[1<<17]);t(array,'L',[-1]);t(array,'l',[1<<70]);t(array,'I',[-1]);t(array,'h',[1<<20]);t(array,'i',b'abc');t(array,'i',b'abcd');t(array,'w','abc');t(array,'w',['ab']);t(array,'i',array('w','a'))
a=array('i',[1,2,3])
t(a.append,'x');t(a.pop,9);t(a.remove,9);t(a.index,9);t(a.index,3,0,2);t(a.extend,array('h',[1]));t(a.extend,5);t(a.frombytes,b'abc');t(a.fromlist,(1,));t(a.fromlist,[1,'a']);print(a);t(a.insert,100,5);t(a.tounicode);t(a.fromunicode,'a')
def setit(k,v): a[k]=v
def delit(k): del a[k]
t(setit,slice(0,2),[1]);t(setit,slice(0,2),array('h',[1]));t(setit,slice(0,4,2),array('i',[1]));t(setit,'a',1);t(a.__getitem__,'a');t(a.__getitem__,99);t(setit,99,1);t(delit,99)
t(a.__add__,[1]);t(a.__mul__,'a');t(lambda: a+[1]);t(lambda: a*'a'); t(array('i').pop)
m=memoryview(a);t(a.append,1);t(a.__iadd__,a);m.release()
import sys
x=iter(a);print(x.__reduce__())
print(array('f',[1e300]) if 0 else '');t(array,'f',[1e300])
m = memoryview(array('i', range(12)))
print(m.format, m.itemsize, m.shape, m.strides, m.nbytes, m[3], m[-1], m[2:9:3].tolist(), m[::-1].tolist())
n = m.cast('B').cast('i', [3, 4])
print(n.shape, n.strides, n.ndim, n[1, 2], n[-1, -1], n.tolist(), n.tobytes('F')[:8], n == n, len(n))
n[2, 3] = 99
print(m[11], n.cast('B').nbytes, m.cast('B')[44], n.c_contiguous, n.f_contiguous, n.contiguous)
z = memoryview(bytearray(8)).cast('d', shape=[])
print(z.shape, z.ndim, z[()], z.tolist(), z.nbytes)
z[()] = 2.5
print(z[()], z.obj)
def view(f, *a):
    try: r = f(*a)
    except Exception as error: r = (type(error).__name__, str(error))
    print(f.__name__, a[1:], type(r).__name__ if isinstance(r, memoryview) else r)
def get(view, key): return view[key]
def put(view, key, value): view[key] = value
for key in [(0,), (1, 2, 3), (5, 0), slice(0, 1), 0, 'x', (slice(1), slice(2)), ('a', 1)]:
    view(get, n, key)
for code in 'bBhHiIlLqQnNfde?c':
    v = memoryview(bytearray(16)).cast(code)
    for value in [1, -1, 300, 1 << 70 if code not in 'ef' else 2, 1.5, b'x', 'x', None]:
        try:
            v[0] = value
            print(code, value, v[0], v.tolist()[:2])
        except Exception as error:
            print(code, value, type(error).__name__, error)
w = memoryview(bytearray(b'abcdefgh'))
w[2:4] = b'XY'; w[::4] = memoryview(b'12'); print(bytes(w), w.tolist(), w.hex('-'), w.index(98), w.count(98))
view(put, w, slice(0, 2), b'abc'); view(put, w, slice(0, 4), array('i', [1])); view(put, w, 0, 256); view(put, w.toreadonly(), 0, 1)
for f, *s in [('h',), ('i', [1, 1]), ('x',), ('q', (2,)), ('B', [2, 4]), ('B', [0]), ('B', ['a']), ('B', 3), ('b', [2, 2, 2])]:
    try: print(f, s, w.cast(f, *s).tolist())
    except Exception as error: print(f, s, type(error).__name__, error)
view(w[::2].cast, 'h')
print(memoryview(array('d', [1, 2])) == array('i', [1, 2]), memoryview(b'ab') == b'ab', w == 5, memoryview(b'a') != b'b')
class Shows:
    def __init__(self, data): self.data = data
    def __buffer__(self, flags): return memoryview(self.data)
print(bytes(memoryview(Shows(b'xyz'))), binascii.hexlify(Shows(b'xyz')))
w.release(); view(get, w, 0); view(len, w); print(w == w)
b = bytearray(b'abcd'); u = memoryview(b); t(b.append, 1); u.release(); b.append(1); print(b)
print(list(iter_unpack('<hb', bytearray(range(9)))), hash(memoryview(b'abc')) == hash(b'abc'))
