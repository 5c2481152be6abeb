"""bytes and bytearray: methods, and what they refuse."""

CASES = r'''
bytes(), bytes(3), bytes([1, 2]), bytes(b'x'), bytes('é', 'utf-8'), bytes(range(3)), bytes(bytearray(b'q')), bytes(memoryview(b'mv'))
bytes('x')
bytes(-1)
bytes([256])
bytes(['a'])
bytes(1.5)
bytes([1], 'utf-8')
bytes('x', 'utf-8', 'strict', 1)
bytes(2**70)
bytes(type('B', (), {'__bytes__': lambda s: b'own'})()), bytes(type('I', (), {'__index__': lambda s: 2})())
bytes(type('B', (), {'__bytes__': lambda s: 'text'})())
b'abc'[0], b'abc'[-1:], b'abc'[::2], b'a' + b'b', b'ab' * 2, b'a' in b'abc', 97 in b'abc', b'' in b'', b'abc' < b'abd', b'a' == 'a'
300 in b'abc'
'a' in b'abc'
b'abc'['a']
b'hello world'.capitalize(), b'Hi'.swapcase(), b'a b'.title(), b'ABC'.lower(), b'abc'.upper(), b'\xe9'.upper()
b'ab'.center(6, b'*'), b'ab'.ljust(4), b'ab'.rjust(4), b'-5'.zfill(4), b'a\tb'.expandtabs(4)
b'ab'.center(6, '*')
b'ababab'.count(b'ab'), b'ababab'.count(97), b'abc'.find(b'c'), b'abc'.find(99), b'abc'.rfind(b''), b'abc'.startswith((b'x', b'a')), b'abc'.endswith(b'c')
b'abc'.find('c')
b'abc'.find(256)
b'abc'.index(b'x')
b'abc'.startswith('a')
b','.join([b'a', bytearray(b'b'), memoryview(b'c')])
b','.join(['a'])
b' a b '.split(), b'a,b,c'.split(b',', 1), b'a,b,c'.rsplit(b',', 1), b'a\nb\r\nc'.splitlines(), b'abc'.partition(b'b'), b'abc'.rpartition(b'x')
b'abc'.split(',')
b'abc'.split(b'')
b' ab '.strip(), b'xxabxx'.strip(b'x'), b'abc'.lstrip(b'a'), b'abc'.removeprefix(b'a'), b'abc'.removesuffix(b'c')
b'abc'.replace(b'b', b'xx'), b'aaa'.replace(b'a', b'', 2), b'abc'.replace(b'', b'-')
b'abc'.translate(bytes(range(256)), b'b'), b'abc'.translate(None, b'a'), bytes.maketrans(b'a', b'b')[97], b'abc'.translate(None)
b'abc'.translate(b'short')
bytes.maketrans(b'a', b'bc')
b'abc'.isalpha(), b'1'.isdigit(), b'a1'.isalnum(), b' '.isspace(), b'A'.isupper(), b'a'.islower(), b'Ab'.istitle(), b'\x80'.isascii(), b''.isascii()
b'\xff\x00'.hex(), b'\x01\x02\x03\x04\x05'.hex('-'), b'\x01\x02\x03\x04\x05'.hex(':', 2), b'\x01\x02\x03\x04\x05'.hex(':', -2), bytes.fromhex(' 01 ff\n'), bytes.fromhex('')
b'ab'.hex('--')
b'ab'.hex('é')
bytes.fromhex('1')
bytes.fromhex('zz')
bytes.fromhex(5)
bytes.fromhex(b'0102')
b'abc'.decode(), b'\xe9'.decode('latin-1'), b'\xff\xfea\x00'.decode('utf-16'), b'a\xffb'.decode('utf-8', 'ignore'), b'a\xffb'.decode('utf-8', 'replace'), b'a\xffb'.decode('utf-8', 'backslashreplace'), b'a\xffb'.decode('utf-8', 'surrogateescape')
b'\xff'.decode()
b'\xe2\x82'.decode()
b'\xed\xa0\x80'.decode()
b'\xf0\x90\x80'.decode('utf-8')
b'ab\xc0\xaf'.decode('utf-8')
b'\x80'.decode('ascii')
b'abc'.decode('nope')
b'\x00\xd8'.decode('utf-16-le')
b'abc'.decode('utf-32')
repr(b'\x00\t\n\r\\\'"\x7f\x80'), repr(b"'"), str(b'x'), ascii(b'\xff')
b'%s %d %x %c %a %%' % (b'a', 5, 255, 65, 'é'), b'%5s|%-5s|%05d' % (b'a', b'b', 3), b'%(k)s' % {b'k': b'v'}, b'%b' % b'z', b'%r' % 1.5
b'%s' % 'text'
b'%d' % 'x'
b'%c' % 256
b'%c' % b'ab'
b'%s %s' % (b'a',)
b'%y' % 1
bytearray(b'abc').append(100), bytearray(b'abc') + b'd', b'a' + bytearray(b'b'), bytearray(b'ab') == b'ab', bytearray(3), bytearray('é', 'utf-8')
bytearray(b'abc').append(256)
bytearray(b'abc').append('a')
bytearray(b'abc').pop(5)
bytearray().pop()
bytearray(b'abc').remove(120)
bytearray(b'abc').extend('x')
bytearray(b'abc').extend([300])
bytearray(b'abc').insert(1, 'x')
hash(bytearray(b'x'))
hash(b'abc') == hash(bytes([97, 98, 99]))
(lambda b: (b.extend(b'xy'), b.insert(0, 1), b.reverse(), b.pop(), b.pop(0), b.remove(120), b.clear(), b))(bytearray(b'abc'))
(lambda b: (b.__setitem__(slice(1, 2), b'XYZ'), b.__setitem__(0, 65), b.__delitem__(slice(None, None, 2)), b))(bytearray(b'abcdef'))
(lambda b: (b.__setitem__(slice(None, None, 2), b'12'), b))(bytearray(b'abcd'))
(lambda b: (b.__setitem__(slice(None, None, 2), b'1'), b))(bytearray(b'abcd'))
(lambda b: (b.__iadd__(b'x'), b.__imul__(2), b))(bytearray(b'ab'))
(lambda b: (b.copy() is b, b.copy() == b, b.count(b'a'), b.find(b'b')))(bytearray(b'ab'))
(lambda b: (b.resize(5), b, b.resize(1), b))(bytearray(b'ab'))
bytearray(b'ab').resize(-1)
(lambda b, m: b.append(1))(*(lambda b: (b, memoryview(b)))(bytearray(b'ab')))
(lambda b, m: (m.__setitem__(0, 120), b))(*(lambda b: (b, memoryview(b)))(bytearray(b'ab')))
list(b'ab'), sorted(b'ba'), max(b'ab'), sum(b'ab'), tuple(reversed(b'ab')), [*bytearray(b'z')], {*b'aa'}
'''

for case in CASES.strip().splitlines():
    try:
        print(case, "->", repr(eval(case)))
    except Exception as error:
        print(case, "!!", type(error).__name__, error)
