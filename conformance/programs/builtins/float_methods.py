"""float: text both ways, rounding, hexadecimal, special values."""

CASES = r'''
float(), float('1.5'), float(' 1e5\n'), float('inf'), float('-Infinity'), float('nan'), float('1_0.5_0'), float('.5'), float('5.'), float(b'2.5'), float(True), float('١.٥'), float('+1')
float('')
float('1e')
float('1__0')
float('0x1')
float('1.5.2')
float('é')
float(None)
float('1', 2)
float([])
1e16, 1e15, 123456789012345680.0, 1e-4, 1e-5, 0.1 + 0.2, 1e22, 1e23, 5e-324, 1.7976931348623157e308, 2.5e-320, 1.0, -0.0, 1e100, 100000.0, 0.00001234, 123e-7
1.5 // 1, -1.5 // 1, 1.5 % -1, -1.5 % 1, divmod(-1.5, 1), divmod(5.5, -2), 2.0**0.5, (-8.0)**2, 1e300 * 1e10, -1e300 * 1e10, 5.0 % 3, -5.0 % 3, 1e20 % 3, 0.0 % 1, -0.0 % 1
1.0 / 0
1.0 // 0
1.0 % 0
divmod(1.0, 0.0)
0.0 ** -1
10.0 ** 400
(-8.0) ** 0.5, (-8) ** (1 / 3)
round(0.5), round(1.5), round(2.5), round(-0.5), round(2.675, 2), round(1e22), round(1.5, None), round(1234.5678, -2), round(0.1, 20), round(1e300, -300), round(5e-324, 400), round(1.25, 1), round(1.35, 1), round(-2.5), round(1e16 + 1, 0)
round(float('nan'))
round(float('inf'))
round(float('nan'), 2), round(float('inf'), -5)
round(1.7e308, -308)
round(1.5, 'a')
(0.5).as_integer_ratio(), (0.1).as_integer_ratio(), (-3.0).as_integer_ratio(), (5e-324).as_integer_ratio() == (1, 2**1074), (2.0).is_integer(), (2.5).is_integer(), float('inf').is_integer()
float('inf').as_integer_ratio()
float('nan').as_integer_ratio()
(1.0).hex(), (0.1).hex(), (-0.0).hex(), (5e-324).hex(), (1.7976931348623157e308).hex(), float('inf').hex(), float('nan').hex(), (3.75).hex(), (1e-310).hex()
float.fromhex('0x1.8p1'), float.fromhex('1.8'), float.fromhex('-0X.8P+2'), float.fromhex(' inf '), float.fromhex('0x1p-1074'), float.fromhex('0x1p-1076'), float.fromhex('0x0.8p0'), float.fromhex('1p5'), float.fromhex('0x1.fffffffffffff8p0')
float.fromhex('0x1p1024')
float.fromhex('zz')
float.fromhex('')
float.fromhex('0x')
float.fromnumber(3), float.fromnumber(2.5)
float.fromnumber('x')
f'{1.5}', f'{1.5:f}', f'{1.5:.0f}', f'{2.5:.0f}', f'{1e10:.3e}', f'{0.0001:g}', f'{0.00001:g}', f'{1e6:g}', f'{123456789.0:g}', f'{1.5:%}', f'{0.256:.1%}', f'{1234567.891:,.2f}', f'{1234567.891:_.2f}', f'{-1.5:+}', f'{1.5: }', f'{1.5:010.2f}', f'{1.5:<10}|', f'{1.5:^10}|', f'{-1.5:=10}', f'{1.5:#.0f}', f'{100.0:#g}', f'{1.0:.3}', f'{1e16:n}', f'{-0.001:z.1f}', f'{-0.0:z}', f'{1.5:E}', f'{float("inf"):F}', f'{float("nan"):08.2f}', f'{1e300:.2f}'[:5], f'{0.1:.30f}', f'{1e-7}', f'{12345.678:.3g}', f'{1.0:.0e}', f'{5e-324:.5g}'
f'{1.5:d}'
f'{1.5:x}'
f'{1.5:s}'
f'{1.5:.5,f}'
f'{1234.5678:.6_f}', f'{1234.5678:,.6f}'
f'{1.5:.-1f}'
f'{1.5:99999999999999999999f}'
'%f %e %g %.3f %10.2f|%-10.2f|%+.1f %05.1f % f %r %s' % (1.5, 1.5, 1.5, 2.0005, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5), '%g' % 1e100, '%#.3g' % 1, '%i' % 3.99, '%x' % 255, '%.0f' % 0.5, '%5.1f%%' % 12.34
'%d' % 1.5, '%d' % -0.5
'%x' % 1.5
'%d' % float('nan')
'%c' % 1.5
float('nan') == float('nan'), float('inf') == float('inf'), float('nan') != 1, 0.0 == -0.0, float('nan') < 1, 1 < float('inf'), float('inf') > 10**400, 0.1 + 0.2 == 0.3, hash(float('inf')), hash(1.5), hash(-0.0), hash(0.1), hash(2.0**70) == hash(2**70), hash(float('-inf'))
(lambda n: (n in [n], n == n, [n] == [n], n is n, {n: 1}[n], (n,) == (n,)))(float('nan'))
1.5 < 'a'
1.5 == 'a', 1.5 + True, 1.5 - 10**20, 1.5 * -1, 3.0 == 3, 1e308 + 10**300 > 0
1.5 + 10**400
1.5 + 'a'
abs(-1.5), -(-1.5), +1.5, (1.5).real, (1.5).imag, (1.5).conjugate(), (1.5).__trunc__(), (1.5).__floor__(), (1.5).__ceil__(), (-1.5).__floor__(), int(1e20), bool(0.0), bool(float('nan')), float.__getformat__('double')
sum([0.1] * 10), sum([1e100, 1.0, -1e100]), sum([1, 2.5, True]), max(1.5, 2), min(float('nan'), 1), min(1, float('nan')), sum([0.1] * 3, 0.0), sum([1e308, 1e308, -1e308])
complex('1+2j'), complex(1, 2), complex('j'), complex(' (1-2J) '), 1j * 1j, (1 + 2j) / (3 - 4j), abs(3 + 4j), (1 + 2j).conjugate(), (1 + 2j) ** 2, 1j ** 1j, complex('nan+infj'), -0j, complex(-0.0, -0.0), (1 + 2j) == (1 + 2j), 1j == 1, hash(1 + 0j) == hash(1), complex('1e5'), 2 ** 1j, (0j) ** 0
complex('1 + 2j')
complex('1+2')
complex(1, 'a')
complex('1', 2)
complex([])
1j < 2j
1j // 1
1j % 2
0j ** -1
int(1j)
1j / 0
f'{1+2j}', f'{1.5+2j:.2f}', f'{1+2j:>10}', f'{1+2j:+.1e}', f'{3j:g}', f'{1+2j:,}', str(1 - 0j), repr(complex(float('inf'), float('nan')))
f'{1j:d}'
f'{1j:=5}'
f'{1j:05}'
'''

for case in CASES.strip().splitlines():
    try:
        print(case, "->", repr(eval(case)))
    except Exception as error:
        print(case, "!!", type(error).__name__, error)
