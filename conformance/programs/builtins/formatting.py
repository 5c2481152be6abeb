"""Format strings, %-formatting and f-strings: specifications and their errors."""

CASES = r'''
f'{1}{2}', f'{"a":>3}|{"b":<3}|{"c":^3}', f'{1!r}{"a"!s}{"é"!a}', f'{1=}', f'{1 + 1 = }', f'{"x"=!s}', f'{3.14159:.{2}f}', f'{"a":{"*"}>{5}}', f'{{}}', f'{ {1: 2}[1] }', f'{(lambda: 5)()}', f'{[x for x in range(3)]}'
f'{"a" "b"}', f"{'nested ' + f'{1 + 1}'}", f'{1:{">"}{10}}', f'{None}', f'{...}', f'{True:>6}', f'{True:d}', f'{"abc":.2}', f'{"abc":5.1}|', f'{b"x"}', f'{[1]!r:>6}'
f'{"\n"}', f'{'a' 'b'}', f'{"\N{BULLET}"}', f'\N{BULLET}', rf'\d{1}', f'{"{"}', f'{1:}', f'{1!r:}', f'{"a":s}', f"{'a':\x3e3}"
f'{5:{3}{4}}', f'{10:#{"x"}}', f'{1_000:,}', f'{1:0>{3}}', f'{-1:0=5}', f'{1.0:{"."}1f}'
f'{1:s}'
f'{"a":d}'
f'{"a":=5}'
f'{"a":+}'
f'{"a": }'
f'{"a":,}'
f'{"a":#}'
f'{"a":05}', f'{"a":<05}', f'{1:<05}', f'{"ab":0^6}'
f'{[]:5}'
f'{None:5}'
f'{object:5}'
f'{1:.}'
f'{1:5.}'
f'{1:zz}'
f'{"a":\x00}'
f'{undefined}'
f'{1/0}'
format(5), format(5, ''), format('a', '3'), format(None), format([1]), format(1.5, '.3'), format(10, 'b'), format(type, '')
format(5, 3)
format(None, 'x')
'{:5}|{:<5}|{:>5}|{:^5}|{:05}'.format(1, 2, 3, 4, 5), '{0}{0}'.format('ab'), '{:,}'.format(10**9), '{:.3}'.format('abcdef'), '{:+}'.format(5), '{!s:>5}'.format(None), '{:{}}'.format('a', 5), '{a.b}'.format(a=type('A', (), {'b': 7})), '{0[0]}{0[1]}'.format('xy'), '{:%}'.format(0.5), '{[a]}'.format({'a': 1})
'%s %s' % ('a', 1), '%d' % 5, '%5d|%-5d|%05d|%+d|% d' % (1, 2, 3, 4, 5), '%x %X %o %#x %#o' % (255, 255, 8, 255, 8), '%c%c' % (65, 'b'), '%r %a' % ('é', 'é'), '%.2s' % 'abc', '%*d|%-*d|%.*f' % (5, 1, 5, 2, 2, 1.5), '%(a)s %(b)5.1f' % {'a': 1, 'b': 2.55}, '%%' % (), '%s' % None, '%s' % ((1, 2),), '%5s|%-5s|' % ('a', 'b'), '%i %u' % (1, 2), '%s' % [1], '%ld %hd' % (1, 2)
'%d' % 'a'
'%d' % None
'%s %s' % 'a'
'%s' % (1, 2)
'%' % 1
'%z' % 1
'%c' % 'ab'
'%c' % -1
'%c' % 1.5
'%(a)s' % 5
'%(a)s' % {}
'%(a' % {'a': 1}
'%*d' % ('a', 1)
'a' % 5
'a' % ()
'a' % {}
'%s' % {}, '%d' % True, '%d' % 3.7, '%s' % b'x', '%.3d' % 5, '%+.3d' % 5, '%#5x' % 10, '%-#6x|' % 10, '%06.2f' % 1.5, '%e' % 12345.678, '%G' % 1e-10, '%.0e' % 15, '%5%|' % ()
'%x' % 'a'
'%f' % 'a'
'%o' % 1.5
'%s' % type('S', (), {'__str__': lambda s: 'own'})(), '%r' % type('R', (), {'__repr__': lambda s: 'own'})(), '%d' % type('I', (), {'__int__': lambda s: 4, '__index__': lambda s: 5})(), '%s' % type('S', (str,), {})('x')
'%s' % type('S', (), {'__str__': lambda s: 5})()
f"{type('F', (), {'__format__': lambda s, spec: 'spec=' + spec})():a{1}b}", f"{type('F', (), {'__format__': lambda s, spec: 'spec=' + spec})()!s:}"[:20]
f"{type('F', (), {'__format__': lambda s, spec: 5})()}"
'{0:{1}}'.format(5, 'x'), '{:>{w}.{p}f}'.format(3.14159, w=8, p=2), '{:{f}{a}{w}}'.format('x', f='*', a='^', w=5)
'{:{:}}'.format(1, 5), '{:d}'.format(True), '{:s}'.format('x'), '{0!r:<5}|'.format('x')
'{:c}'.format(65), '{:n}'.format(1000), '{:_}'.format(10**6), '{:#b}'.format(5), '{:e}'.format(10), '{:g}'.format(10**10), '{:.1%}'.format(1)
'{:c}'.format('a')
'{:c}'.format(0x110000)
'{:.2d}'.format(5)
'{:,s}'.format('a')
'{:999999999999999999999}'.format(1)
'{0.real.imag}'.format(5), '{0.__class__.__name__}'.format(5), '{0[-1]}'.format({'-1': 'text key'})
'{0[-1]}'.format([1])
'{-1}'.format(1)
'{ 0}'.format(1)
'{0 }'.format(1)
'{a b}'.format(**{'a b': 1})
'{:}'.format(1), '{!r}'.format('a'), '{0:}{0!s}'.format(1)
'{'
'{0[}'.format(1)
'{0.}'.format(1)
'{0[0}'.format([1])
'}{'.format(1)
'{{{0}}}'.format(1), '{{'.format(), '}}'.format(), '{0}}}'.format(1), '{{0}}'.format(1)
'''

for case in CASES.strip().splitlines():
    try:
        print(case, "->", repr(eval(case)))
    except Exception as error:
        print(case, "!!", type(error).__name__, error)
