# Where the error of an escape sequence is shown: at what was read last, which is behind the string where a rule for mistakes looked ahead.
texts = """'\\é\\x'|'é\\\\x'|f'\\é\\x'|'a\\é\\é\\u12'|1 S|a S|a S b|a S S|a.b S|(a) S|a+b S|(a+b S)|print S|a b S|if a S: pass|import S|a = b S|x=("a" b S)|(1 S)|a S;  b|a S # c|a.b(S c)
a[b S]|S a|[a, b S, c]|match S|match a S|a S = 1|a = S b|lambda: a S|for a S in b: pass|def f(a S): pass|a if b S else c|not a S|-a S|*a S|a; b S
a,b S|True S|None S c|a S 1 2|a 's' S b|a 's' S|a ('s' S)|a b'é' c|S S S|f S g|f 'a' g S|print 'a' S|print a S|b'é' c|1 b'é' c|a S 1 2 3 ; b
a S + 1 2 3|a S b c d e|a S 's' c d|a S b 's' c|a S b S c|a S .b c|a S)|(a S) c|(a S + b * c) d|a S if b else c d|a S, c d|a S = b = c d
a S += c d|a S: c d|a S not in c d|a S f'x' c|a S b'x' c|a S in b c|(a S for b in c)|a S(b c)|x.y + a S b|f(S)|f'{S}' b|g f'{S}' c"""
for text in texts.replace("\n", "|").split("|"):
    for string in ('"\\x4"', "b'\\x4'", "'\\N{foo}'", "'''\n\\u12'''"):
        if "'{" in text:
            string = string.replace("'", '"')
        source = text.replace("S", string)
        try:
            compile(source, "<text>", "exec")
            print(ascii(source), "compiles")
        except SyntaxError as error:
            print(ascii(source), "|", ascii(error.msg), error.args[1][1:3], error.args[1][4:])
