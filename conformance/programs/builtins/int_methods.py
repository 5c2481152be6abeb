"""int: text both ways, arithmetic at the edges, methods."""

CASES = r'''
int(), int('12'), int(' -12\n'), int('1_000'), int('0x1f', 16), int('1f', 16), int('0b101', 0), int('0o17', 0), int('z', 36), int('٣٤'), int(b'12'), int(bytearray(b'7')), int(3.9), int(-3.9), int(True)
int('')
int('1__0')
int('_1')
int('0x')
int('12', 2)
int('012', 0)
int('1', 1)
int('1', 37)
int('1', -5)
int(5, 10)
int('é')
int('1\x00')
int(b'\xff')
int(1j)
int(None)
int(float('nan'))
int(float('inf'))
int('9' * 5000)
str(10**5000)
int('0x' + 'f' * 5000, 16) > 0, int('1' * 4300) > 0
7 // 2, -7 // 2, 7 // -2, 7 % -2, -7 % 2, divmod(-7, 2), divmod(7, -2), 2**10, 2**-1, (-2)**3, 0**0, (-8) ** (1/3), 10**20 // 3, -(10**20) // 3, 10**20 % -7
1 // 0
1 % 0
1 / 0
divmod(1, 0)
0 ** -1
1 << -1
1 >> -1
1 << 70, -1 >> 100, 5 >> 1, -5 >> 1, 1 << 0, 0 << 10**20, (10**30) >> 60, -(10**30) >> 60
1 << 10**20
5 & 3, 5 | 3, 5 ^ 3, ~5, -5 & 0xff, -1 | 10**20, -(10**20) ^ 7, (10**20) & -(10**19), True & 1, True | False, True ^ 1
1.5 & 1
10**20 / 10**19, 2**1000 / 2**999, 1 / 3, 10**400 / 10**399, -1 / 10**400
10**400 / 3
float(10**400)
2**1024 * 1.0
(10**25).bit_length(), (-255).bit_length(), (0).bit_length(), (255).bit_count(), (-255).bit_count(), (10**30).bit_count()
(1024).to_bytes(2), (1024).to_bytes(4, 'little'), (-1).to_bytes(2, signed=True), (0).to_bytes(0), (10**20).to_bytes(9), (5).to_bytes()
(256).to_bytes(1)
(-1).to_bytes(1)
(128).to_bytes(1, signed=True)
(1).to_bytes(-1)
(1).to_bytes(1, 'middle')
int.from_bytes(b'\x04\x00'), int.from_bytes(b'\xff', signed=True), int.from_bytes([1, 2], 'little'), int.from_bytes(b''), int.from_bytes(b'\xff' * 9), int.from_bytes(bytearray(b'\x80'), 'big', signed=True)
int.from_bytes('x')
int.from_bytes(b'x', 'y')
(7).as_integer_ratio(), (7).conjugate(), (7).real, (7).imag, (7).numerator, (7).denominator, (7).is_integer(), (7).__index__(), (7).__ceil__(), (7).__round__(-1), (7).__trunc__()
round(15, -1), round(25, -1), round(-15, -1), round(1234, -2), round(5, 3), round(10**20 + 5, -1), round(1, -5), round(150, -2), round(250, -2)
round(5, 1.5)
bin(10), oct(-8), hex(255), bin(-1), hex(10**20), bin(0), oct(0)
f'{1234567:,}', f'{1234567:_}', f'{255:#x}', f'{255:#010b}', f'{-5:+d}', f'{5: d}', f'{5:+}', f'{5:<5}|', f'{5:^5}|', f'{-5:=5}', f'{5:05}', f'{65:c}', f'{255:_x}', f'{2**20:_b}', f'{1:e}', f'{10**20:g}', f'{5:.2f}', f'{5:%}', f'{12345:n}'
f'{5:.2}'
f'{5:,x}'
f'{5:_,}'
f'{5:s}'
f'{5:+c}'
f'{-1:c}'
f'{5:z}'
f'{5:q}'
f'{5:5d5}'
f'{10**400:f}'
1 == 1.0, 2**53 == float(2**53), 2**53 + 1 == float(2**53), 10**400 > 1e308, -(10**400) < float('-inf'), 1 < 1.5, 10**20 == 1e20, 2**63 > 9.3e18, hash(2**61 - 1), hash(10**20), hash(-(10**20)), hash(2**61)
1 < 'a'
1 < 1j
1 == 'a', 1 != None, True == 1, True is 1 if False else None, isinstance(True, int), True + True, -True, ~0, str(True), repr(False), bool('False'), int.__repr__(True)
~True
True // 0
-0, abs(-5), abs(-10**20), +True, -(-(2**63)), (2**62) + (2**62), (2**62) * 2, -(2**62) - (2**62), 3037000500**2, (-(2**63)) // -1, (2**31) * (2**31) * (2**31)
pow(2, 100, 7), pow(-2, 3, 5), pow(2, 3, -5), pow(3, -2, 11), pow(0, 0, 1), pow(10**20, 10**5, 997), pow(5, 0), pow(2, 0.5), pow(-1, 0.5)
pow(2, -1, 0)
pow(6, -1, 9)
int.__add__(1, 'a'), int.__lt__(1, 1.0), (5).__add__(1), int.__pow__(2, 3, None), (5).__rsub__(7), (5).__divmod__(2), (2).__rpow__(3)
int.__add__('a', 1)
min(3, 1, 2), max([3, 9, 1]), max('a', 'b', key=ord), min([], default=7), sum([1, 2], 10), sum([[1], [2]], []), sum(x for x in (1.5, 2)), max(1, 1.0), min(0.0, -0.0)
max([])
max(1, 'a')
sum(['a'], '')
sum(['a'])
int.__new__(bool, 1)
type('I', (int,), {'__repr__': lambda s: 'own'})(5), type('I', (int,), {})(5) + 1, int(type('I', (int,), {'__int__': lambda s: 9})(5)), str(type('I', (int,), {})(5))
'''

for case in CASES.strip().splitlines():
    try:
        print(case, "->", repr(eval(case)))
    except Exception as error:
        print(case, "!!", type(error).__name__, error)
