"""Where in the source the instructions of a code object come from: ranges of lines, and positions for tracebacks."""

import itertools
import sys


def sample(a, b=1, *rest, c, **others):
    total = a
    for item in rest:
        total += item
    return (total,
            b / c)


code = sample.__code__
lines = list(code.co_lines())
print(lines[0][0] == 0, lines[-1][1] == len(code.co_code))
print(all(before[1] == after[0] for before, after in itertools.pairwise(lines)))
print(sorted({line - code.co_firstlineno for _, _, line in lines if line is not None} - {0}))

positions = list(code.co_positions())
print(len(positions) * 2 == len(code.co_code), code.co_stacksize > 0, type(code.co_code).__name__)
spans = {(line - code.co_firstlineno, end - code.co_firstlineno, column, after)
         for line, end, column, after in positions if line is not None and line != code.co_firstlineno}
for span in ((1, 1, 12, 13), (2, 2, 16, 20), (3, 3, 8, 21), (4, 5, 11, 18), (5, 5, 12, 17)):
    print(span, span in spans)


def place(traceback):
    code, index = traceback.tb_frame.f_code, traceback.tb_lasti
    return next(itertools.islice(code.co_positions(), index // 2, None))


try:
    sample(1, c=0)
except ZeroDivisionError as e:
    line, end, column, after = place(e.__traceback__.tb_next)
    print(line - code.co_firstlineno, end - code.co_firstlineno, column, after)

for start, end, line in code.co_lines():
    if start <= sys._getframe().f_lasti < end:
        break
named = code.__replace__(co_name="named")
print(named.co_name, list(named.co_lines()) == lines, named.co_code == code.co_code)
