"""Writes expected.txt next to this script: what a reference Python says about each case.

Run it with the interpreter to compare with: python3.14 generate.py
"""

import pathlib
import sys
import warnings

warnings.simplefilter("ignore")


def cases(text):
    """Yields (mode, source) for each case."""
    for part in text.split("\n=== ")[1:]:
        mode, _, source = part.partition("\n")
        yield mode, source.encode().decode("unicode_escape") if mode.endswith("!") else source


def verdict(mode, source):
    try:
        compile(source, "case.py", mode.rstrip("!"))
    except SyntaxError as error:
        place = (error.lineno, error.offset, error.end_lineno, error.end_offset)
        return " ".join([type(error).__name__, *map(str, place), ascii(error.msg)[1:-1]])
    except (ValueError, MemoryError, OverflowError) as error:
        return f"{type(error).__name__} {error}"
    return "ok"


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__)
    folder = folder if folder.is_dir() else folder.parent
    text = (folder / "cases.txt").read_text()
    lines = [verdict(mode, source) for mode, source in cases(text)]
    (folder / "expected.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
