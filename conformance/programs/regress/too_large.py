"""Results that no memory holds are refused; the program goes on."""

TEXTS = [
    "[0] * 10**12", "'a' * 10**15", "b'a' * 10**15", "(0,) * 10**14", "[0] * 10**18", "'a' * 10**19",
    "bytearray(10**15)", "'x'.ljust(10**15)", "'x'.zfill(10**15)", "'x'.center(10**15)",
    "'%1000000000000000d' % 1", "'%*d' % (10**15, 1)", "'%*d' % (10**20, 1)", "'%.*f' % (10**10, 1.5)",
    "'%.10000000000f' % 1.5", "b'%*d' % (10**15, 1)", "b'%.*f' % (10**10, 1.5)", "'%.*s' % (10**13, 1)",
    "format(1, '1000000000000000')", "format(1.5, '>1000000000000000')", "format('x', '1000000000000000')",
    "format(1j, '1000000000000000')", "format(1, '0>1000000000000000,d')", "'{:>{}}'.format(1, 10**15)",
    "f'{1:.{10**12}f}'", "f'{1.5:.{10**10}f}'", "f'{1:99999999999999999999}'", "1 << 10**15",
    "'ab'.replace('b', 'b' * 10**5) * 10**12", "(1).to_bytes(10**15)", "len(range(10**30))", "chr(10**10)",
    "10**400 / 3", "int(float('inf'))", "str(10**5000)", "int('9' * 5000)", "[1, 2][10**40]",
]
for text in TEXTS:
    try:
        print(text, "->", len(str(eval(text))))
    except Exception as error:
        print(text, "->", type(error).__name__, error)

for text in ["9" * 5000, "x = (" + "1" * 4301 + ")", "1" * 4300, "0x" + "f" * 5000]:
    try:
        compile(text, "text", "exec")
        print("compiled", len(text))
    except SyntaxError as error:
        print(error.msg)
