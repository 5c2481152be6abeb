"""struct: formats, alignment, packing, unpacking, errors."""
import struct

CASES = r"""
struct.calcsize('i'), struct.calcsize('ci'), struct.calcsize('<ci'), struct.calcsize('@cid'), struct.calcsize('3s'), struct.calcsize('0i'), struct.calcsize('=qP' if 0 else '=q'), struct.calcsize('x5x'), struct.calcsize('n'), struct.calcsize('!HhIilLqQ')
struct.pack('<bBhHiIqQ', -1, 255, -2, 65535, -3, 4294967295, -4, 2**64 - 1), struct.pack('>h', 1), struct.pack('<f', 1.5), struct.pack('>d', -0.0), struct.pack('<e', 0.1), struct.pack('?', []), struct.pack('5s', b'ab'), struct.pack('2s', b'abc'), struct.pack('4p', b'ab'), struct.pack('c', b'x'), struct.pack('3x')
struct.unpack('<bB', b'\xff\xff'), struct.unpack('>HH', b'\x00\x01\x01\x00'), struct.unpack('<3s', b'abc'), struct.unpack('4p', b'\x02abc'), struct.unpack('<e', b'f.'), struct.unpack('??', b'\x00\x05'), struct.unpack('<2h', b'\x01\x00\x02\x00'), struct.unpack('', b''), struct.unpack('<d', struct.pack('<d', float('inf')))
struct.unpack_from('<h', b'xx\x01\x00', 2), list(struct.iter_unpack('<h', b'\x01\x00\x02\x00')), struct.Struct('<hb').size, struct.Struct('<h').format, struct.Struct('<hb').pack(1, 2), struct.Struct('<h').unpack(b'\x05\x00'), repr(struct.Struct('<h'))
(lambda b: (struct.pack_into('<h', b, 1, 258), b))(bytearray(4)), (lambda b: (struct.pack_into('<h', b, -2, 1), b))(bytearray(4))
struct.pack('h', 40000)
struct.pack('B', -1)
struct.pack('b', 1.5)
struct.pack('i', 'a')
struct.pack('2i', 1)
struct.pack('i')
struct.pack('c', 'x')
struct.pack('c', b'xy')
struct.pack('s', 'x')
struct.pack('f', 1e300)
struct.pack('e', 70000.0)
struct.pack('f', 'x')
struct.pack('z')
struct.pack('5')
struct.pack('<n', 1)
struct.pack('Q', 2**64)
struct.pack('?', type('B', (), {'__bool__': lambda s: 1 / 0})())
struct.unpack('h', b'\x00')
struct.unpack('<h', b'\x00\x00\x00')
struct.unpack_from('<i', b'\x00\x00', 0)
struct.unpack_from('<h', b'\x00\x00', -3)
struct.unpack_from('<h', b'\x00\x00', 5)
list(struct.iter_unpack('<h', b'\x00'))
list(struct.iter_unpack('', b''))
struct.pack_into('<h', b'xx', 0, 1)
struct.pack_into('<h', bytearray(1), 0, 1)
struct.calcsize('99999999999999999999i')
struct.pack('i', type('I', (), {'__index__': lambda s: 7})())[:1], struct.pack(b'<h', 1), struct.pack('<h b', 1, 2), struct.error.__name__, struct.pack('<F', 1j) if hasattr(struct, 'nope') else 'no complex'
"""

for case in CASES.strip().splitlines():
    try:
        print(case, "->", repr(eval(case)))
    except Exception as error:
        print(case, "!!", type(error).__name__, error)
