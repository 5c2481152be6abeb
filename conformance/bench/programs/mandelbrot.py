"""Float arithmetic in a tight loop, on as many threads as asked for."""

import sys
import threading

WIDTH, HEIGHT, LIMIT = 640, 480, 120


def work(results):
    total = 0
    for row in range(HEIGHT):
        ci = 2.4 * row / HEIGHT - 1.2
        for column in range(WIDTH):
            cr = 3.2 * column / WIDTH - 2.2
            x = y = 0.0
            steps = 0
            while steps < LIMIT:
                xx, yy = x * x, y * y
                if xx + yy > 4.0:
                    break
                y = 2.0 * x * y + ci
                x = xx - yy + cr
                steps += 1
            total += steps * (row ^ column)
    results.append(total)


def main(threads):
    results = []
    workers = [threading.Thread(target=work, args=(results,)) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print("mandelbrot", results[0], len(set(results)) == 1)


main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
