"""Encoders, decoders, error handlers and the registries of codecs."""
import _codecs as C
def t(f,*a):
    try: print(f.__name__,a,'->',ascii(f(*a)))
    except BaseException as e: print(f.__name__,a,type(e).__name__,ascii(str(e)))
for enc in ['utf_8','latin_1','ascii','utf_16','utf_16_le','utf_16_be','utf_32','utf_32_le','utf_32_be','utf_7','unicode_escape','raw_unicode_escape']:
    e=getattr(C,enc+'_encode');d=getattr(C,enc+'_decode')
    for s in ['abc','h\xe9llo+\n\\ \u20ac \U0001f600','a\ud800b\udcff\udc80','']:
        for err in ['strict','namereplace','surrogateescape','nope']:
            t(e,s,err)
    for b in [b'abc',b'a\xe2\x82',b'\xff\xfeabc\x00',b'+AGE-+IKw-x+AG',b'\\u20ac\\x4',b'\xed\xa0\x80z',b'']:
        for err in ['strict','replace','surrogatepass','nope']:
            t(d,b,err)
            if enc not in('latin_1','ascii'): t(d,b,err,True)
t(C.charmap_encode,'abc\u1234','strict',{97:65,98:b'xx',99:None});t(C.charmap_encode,'ab','strict',{97:65,98:b'xx'});t(C.charmap_encode,'ac','replace',{97:65,63:64})
t(C.charmap_decode,b'\0\1\2','strict','ab');t(C.charmap_decode,b'\0\1\2','replace','ab');t(C.charmap_decode,b'\0\1','strict',{0:'xyz',1:65});t(C.charmap_decode,b'\0','strict',{0:'\ufffe'})
t(C.escape_encode,b"a'\"\n\x80");t(C.escape_decode,b'\\x41\\n\\q\\101');t(C.escape_decode,b'\\x4');t(C.escape_decode,'\\x4','replace');t(C.escape_decode,b'\\')
def h(e): return ('<%d-%d>'%(e.start,e.end), e.end)
C.register_error('my',h)
t('a\u1234\u1234b'.encode,'ascii','my');t(b'a\xff\xffb'.decode,'ascii','my');t(b'a\xff\xffb'.decode,'utf-8','my')
C.register_error('bad',lambda e:5); t('\u1234'.encode,'ascii','bad'); t(b'\xff'.decode,'ascii','bad')
C.register_error('far',lambda e:('',9)); t('\u1234'.encode,'ascii','far')
C.register_error('b',lambda e:(b'!!',e.end)); t('\u1234'.encode,'ascii','b');t(b'\xff'.decode,'ascii','b')
t(C.lookup_error,'zz');t(C.register_error,'a',5);t(C._unregister_error,'strict');t(C._unregister_error,'my');t(C._unregister_error,'my')
for n in ['strict','ignore','replace','backslashreplace','xmlcharrefreplace','namereplace','surrogateescape','surrogatepass']:
    f=C.lookup_error(n)
    for e in [UnicodeEncodeError('utf-8','a\ud800\u1234',1,3,'r'),UnicodeDecodeError('utf-8',b'a\xed\xa0\x80',1,3,'r'),UnicodeTranslateError('a\u1234',1,2,'r'),ValueError(3),5]:
        t(f,e)
def s(name):
    if name=='foo': return (lambda s,e='strict':(b'<'+s.encode()+b'>',len(s)), lambda b,e='strict':('{'+bytes(b).decode()+'}',len(b)), None,None)
C.register(s)
