# Patterns that follow each other without a comma between them are no sequence.
patterns = """[a b]|['a' b]|['a'/'b' c]|[1/2 c]|('a'/'b' c)|('a' b)|{'a': b c}|C(a b)|C(x=1 y)|['a', 'b' c]|[a, b c]|[*a b]|['a' as b c]|[a.b c]|[(a) b]
[(a), b]|[((a)), (b)]|[{} b]|[C() b]|[-1 b]|[1 2]|[None x]|['a' 'b' x]|['a' 'b', x]|['a' 1]|[f'a' x]|['a' if b]|['a' / x y]|['a' (b)]|['a'.b]|['a'[0]]
[1 + 2j x]|[1 + 2j, x]|'a' b|'a' / 'b' c|'a' as b c|'a', 'b' c|1 x|C() x|(a) x|[a] x|{} x|_ x|{'a' b: c}|{**a b}|[a; b]|[a: b]|[a = b]|[[a b], c]|[c, [a b]]
C([a b])|{'k': [a b]}|[a, [b c] as d]|[a b] / [c d]|[a]|[a,]|[*a, b]|[*a]|[(a, b) c]|[(a b), c]"""
for pattern in patterns.replace("\n", "|").split("|"):
    pattern = pattern.replace("/", "|")
    try:
        compile(f"match x:\n  case {pattern}:\n    pass\n", "<text>", "exec")
        print(pattern, "compiles")
    except SyntaxError as error:
        print(pattern, error.args)
