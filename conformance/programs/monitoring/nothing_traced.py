# A text without statements is one line, in front of its first: who follows it stops there.
import pdb
import io
import sys


def traced(frame, event, argument):
    if frame.f_code.co_filename == '<nothing>':
        print(frame.f_lineno, event, argument)
        return traced


for source in '', '\n\n', '# a comment\n', '"""What it is."""', 'pass':
    code = compile(source, '<nothing>', 'exec')
    print(repr(source), {line for *_, line in code.co_lines()})
    sys.settrace(traced)
    exec(code)
    sys.settrace(None)

code = compile('', '<nothing>', 'exec')
print(code.replace(co_linetable=code.co_linetable) == code)
debugger = pdb.Pdb(stdin=io.StringIO('p 1 + 1\ncontinue\n'), stdout=sys.stdout, nosigint=True, readrc=False)
debugger.run(code)
