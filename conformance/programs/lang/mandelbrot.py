"""The Mandelbrot set as a grey picture (binary PGM) on standard output.

The picture goes out as bytes; its checksum and a small text preview go to
standard error, so that both streams carry something to look at.
"""

import sys

WIDTH, HEIGHT = 120, 90
LIMIT = 48


def escape_time(c, limit):
    """How many steps z -> z*z + c stays within radius 2, up to limit."""
    z = 0j
    for step in range(limit):
        if z.real * z.real + z.imag * z.imag > 4.0:
            return step
        z = z * z + c
    return limit


def rows(width, height, limit):
    for y in range(height):
        row = bytearray(width)
        imaginary = 2.4 * y / (height - 1) - 1.2
        for x in range(width):
            real = 3.2 * x / (width - 1) - 2.2
            steps = escape_time(complex(real, imaginary), limit)
            row[x] = 0 if steps == limit else 255 - 255 * steps // limit
        yield bytes(row)


def fletcher(data):
    a = b = 0
    for byte in data:
        a = (a + byte) % 65535
        b = (b + a) % 65535
    return b * 65536 + a


def preview(picture, columns=60, lines=22):
    shades = "#%*+=-:. "
    for line in range(lines):
        row = picture[line * len(picture) // lines]
        text = ""
        for column in range(columns):
            level = row[column * len(row) // columns]
            text += shades[level * (len(shades) - 1) // 255]
        yield text.rstrip()


def main():
    picture = list(rows(WIDTH, HEIGHT, LIMIT))
    out = sys.stdout.buffer
    header = b"P5\n%d %d\n255\n" % (WIDTH, HEIGHT)
    out.write(header)
    written = sum(out.write(row) for row in picture)
    out.flush()

    body = b"".join(picture)
    inside = body.count(0)
    print(f"{len(header)} + {written} bytes", file=sys.stderr)
    print(f"inside {inside} of {len(body)}, checksum {fletcher(body):08x}", file=sys.stderr)
    levels = sorted(set(body))
    print(f"{len(levels)} levels, from {levels[0]} to {levels[-1]}", file=sys.stderr)
    symmetric = sum(1 for a, b in zip(picture, reversed(picture)) if a == b)
    print(f"{symmetric} rows equal their mirror rows", file=sys.stderr)
    for line in preview(picture):
        print(line, file=sys.stderr)


main()
