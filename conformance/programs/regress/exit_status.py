"""A checker of files' checksums that reports the number of failures as its status."""

import sys

FILES = {"a.txt": (b"hello", 532), "b.txt": (b"world", 552), "c.bin": (bytes(range(10)), 44),
         "d.txt": (b"", 0), "e.bin": (b"\xff\x00\xff", 511), "f.txt": (b"zz", 1)}


class Stop(SystemExit):
    pass


class Output:
    """Writes to standard output and remembers how much."""

    def __init__(self):
        self.lines = 0

    def __call__(self, text):
        self.lines += 1
        sys.stdout.write(text + "\n")

    def __enter__(self):
        return self

    def __exit__(self, kind, value, traceback):
        print(f"leaving after {self.lines} lines with", kind and kind.__name__)
        return False


def verify(files, output):
    failures = 0
    for name, (content, expected) in files.items():
        actual = sum(content)
        if actual == expected:
            output(f"{name}: good")
        else:
            failures += 1
            output(f"{name}: {actual}, expected {expected}")
    return failures


def probe(value):
    try:
        sys.exit(value)
    except SystemExit as stop:
        return stop.code


def main():
    print([probe(value) for value in (None, 0, 7, "text", [1, 2])])
    try:
        raise Stop("own kind")
    except SystemExit as stop:
        print(type(stop).__name__, stop.code, isinstance(stop, Exception))
    with Output() as output:
        try:
            failures = verify(FILES, output)
            print("failures:", failures, file=sys.stderr)
            sys.exit(failures)
        except Exception:
            print("SystemExit is no Exception, so this is not reached")
        finally:
            print("finally")
    print("not reached")


main()
