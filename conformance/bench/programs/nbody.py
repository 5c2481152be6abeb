"""Floats in lists: planets pulled by each other."""

import math
import sys
import threading


def system():
    """Five bodies: position, velocity, mass."""
    sun = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 39.478]
    bodies = [sun]
    for n in range(1, 5):
        angle, radius = 1.3 * n, 4.0 * n + 1.0
        speed = math.sqrt(39.478 / radius)
        bodies.append([radius * math.cos(angle), radius * math.sin(angle), 0.1 * n,
                       -speed * math.sin(angle), speed * math.cos(angle), 0.0, 0.03 / n])
    return bodies


def advance(bodies, dt, steps):
    pairs = [(a, b) for i, a in enumerate(bodies) for b in bodies[i + 1 :]]
    for _ in range(steps):
        for a, b in pairs:
            dx, dy, dz = a[0] - b[0], a[1] - b[1], a[2] - b[2]
            pull = dt * (dx * dx + dy * dy + dz * dz) ** -1.5
            ma, mb = a[6] * pull, b[6] * pull
            a[3] -= dx * mb
            a[4] -= dy * mb
            a[5] -= dz * mb
            b[3] += dx * ma
            b[4] += dy * ma
            b[5] += dz * ma
        for body in bodies:
            body[0] += dt * body[3]
            body[1] += dt * body[4]
            body[2] += dt * body[5]


def work(results):
    bodies = system()
    advance(bodies, 0.001, 200_000)
    results.append(sum(sum(body[:3]) for body in bodies))


def main(threads):
    results = []
    workers = [threading.Thread(target=work, args=(results,)) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print(f"nbody {results[0]:.9f}", len(set(results)) == 1)


main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
