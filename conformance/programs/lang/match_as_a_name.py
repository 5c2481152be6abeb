# `match` is a name wherever no match statement can begin: behind a semicolon, too.
def told(*items):
    print(items)
    return items


match = told
x = 1; match('behind', x); match('twice')
if x: x = 2; match('in a suite', x); match(-1)
for x in range(2): match(x); match (x), 3
match = {1: 2}; match[1] = 3; match[2]: int = 4; print(match)
match: list = [1]; match += [2]; match *= 2; print(match)
case = type = 5; match = case; case = 6; print(match, case, type)
match match:
    case 5: match = 'a subject'; print(match)

for source in [
    'x; match a: pass',
    'x; match a:\n case 1: pass',
    'if x: a; match (1):\n case 1: pass',
    'x; match (1) y',
    'x; match (1)\n match (2)',
    'x; if a: pass',
]:
    try:
        compile(source, 'source', 'exec')
    except SyntaxError as error:
        print(error.__class__.__name__, error.args)
