"""Annotations under `from __future__ import annotations` are text, written anew from the tree."""
from __future__ import annotations


def kinds(*args: *names, first: ((int)), second: "text" = 'x', third: (a, b) = 1, **rest: {1: 2, **x}) -> [int, (str)]:
    pass


class Places:
    mangled: __private
    item: a [ 1:2, : ,*rest ]
    if kinds:
        inside: not(a)


TEXTS = r"""
a+b*c  (a+b)*c  (a*b)+c  -a**-b  (-a)**b  -(-a)  a**b**c  (a**b)**c  a-(b-c)  a|(b|c)  ~a  not(not a)  (not a)==b  a<(b<c)  a<b<=c!=d
a@b//c%d<<e>>f&g^h|i  a-in_  a in b not in c is d is not e  (a and b)and c  a or(b and c)  (a or b)and c  a if b else(c if d else e)
(a if b else c)if d else e  lambda:1  lambda:(lambda:1)  lambda*,a:1  lambda*a:a  lambda**k:k  lambda a,b=(1,2),/,c=lambda:2,*d,e,f=3,**g:(a,b)
lambda:(yield)  lambda:(yield(a,b))  lambda:(yield from a)  lambda:(x:=1)  lambda:(a[x:=1],f((x:=1)),[(x:=1)])  ()  (a,)  (a,b)[0]  ((a,b),c)
[]  {}  {1}  {*a,1}  {a:b,**c}  {**(a or b)}  [a for b in c if d if e]  {a:b for a,b in(c)}  (a for b,in c)  f(a for b in c)
f((a for b in c),1)  f(*(a or b),k=1,**c)  f(a)(b)[c].d  1 .real  (1).real  1.0.real  1j.real  'a'.b  (a+b).c  (-a).b  (lambda:1)()
a[()]  a[b,]  a[(b,c)]  a[*b]  a[*b,c]  a[::]  a[::2]  a[1:]  1_000  0xff  .5  1e400  -1e400  1e400j  1_0j  1e-7  1e16
'it\'s'  "\"it's\""  b'\''  b"\x00\xff"  "\u00e9\x7f\ud800"  u'a'  U'a'  'a' "b"  ...  None  True  f'a'  f''  f'{a}{b!r:>{w}}'  f'{a=}'  f'{a = !s:x}'
f"{a,}"  f"{a if b else c}"  f"{ {1:2} }"  f"{{{a}}}"  f"{a:}"  f'{a:{{}}}'  f"'{a}\""  f"{'\n'}"  'x' f'{a}' "y{}"  f"{f'{a}'}"  t'{ a+b }{c!r}'
t"{a=:>{w+1}}"  await_.b  (await_)
"""


def show(mapping):
    for name, text in mapping.items():
        print(f"{name}: {ascii(text)}")


show(kinds.__annotations__)
show(Places.__annotations__)
for text in TEXTS.replace("\n", "  ").split("  "):
    if text:
        space = {}
        exec(f"from __future__ import annotations\nname: {text}\ndef f(p: {text}): pass", space)
        assert space["__annotations__"]["name"] == space["f"].__annotations__["p"]
        print(text, "=>", ascii(space["__annotations__"]["name"]))
lines: (a +
        b,
        # what is said in between
        c)
print(__annotations__["lines"])

for text in ["(x := 1)", "await x", "(yield)", "[x for y in (yield)]"]:
    try:
        exec(f"from __future__ import annotations\nname: {text}", {})
    except SyntaxError as error:
        print(text, "=>", error.msg)
