"""The motion of the Sun and the four giant planets, by a leapfrog of pairs."""

import math

DAYS = 365.24
SOLAR_MASS = 4 * math.pi * math.pi


class Body:
    def __init__(self, name, position, velocity, mass):
        self.name = name
        self.x, self.y, self.z = position
        self.vx, self.vy, self.vz = (v * DAYS for v in velocity)
        self.mass = mass * SOLAR_MASS

    def __repr__(self):
        return f"{self.name:<8}({self.x:+.9f}, {self.y:+.9f}, {self.z:+.9f})"


def solar_system():
    return [
        Body("Sun", (0.0, 0.0, 0.0), (0.0, 0.0, 0.0), 1.0),
        Body(
            "Jupiter",
            (4.84143144246472090e00, -1.16032004402742839e00, -1.03622044471123109e-01),
            (1.66007664274403694e-03, 7.69901118419740425e-03, -6.90460016972063023e-05),
            9.54791938424326609e-04,
        ),
        Body(
            "Saturn",
            (8.34336671824457987e00, 4.12479856412430479e00, -4.03523417114321381e-01),
            (-2.76742510726411110e-03, 4.99852801234917238e-03, 2.30417297573763929e-05),
            2.85885980666130812e-04,
        ),
        Body(
            "Uranus",
            (1.28943695621391310e01, -1.51111514016986312e01, -2.23307578892655734e-01),
            (2.96460137564761618e-03, 2.37847173959480950e-03, -2.96589568540237556e-05),
            4.36624404335156298e-05,
        ),
        Body(
            "Neptune",
            (1.53796971148509165e01, -2.59193146099879641e01, 1.79258772950371181e-01),
            (2.68067772490389322e-03, 1.62824170038242295e-03, -9.51592254519715870e-05),
            5.15138902046611451e-05,
        ),
    ]


class System:
    def __init__(self, bodies):
        self.bodies = bodies
        self.pairs = [(a, b) for i, a in enumerate(bodies) for b in bodies[i + 1 :]]
        self.time = 0.0
        self.settle()

    def settle(self):
        """Give the first body the momentum that leaves the whole at rest."""
        px = sum(body.vx * body.mass for body in self.bodies)
        py = sum(body.vy * body.mass for body in self.bodies)
        pz = sum(body.vz * body.mass for body in self.bodies)
        sun = self.bodies[0]
        sun.vx = -px / sun.mass
        sun.vy = -py / sun.mass
        sun.vz = -pz / sun.mass

    def energy(self):
        total = 0.0
        for body in self.bodies:
            total += 0.5 * body.mass * (body.vx**2 + body.vy**2 + body.vz**2)
        for a, b in self.pairs:
            distance = math.sqrt((a.x - b.x) ** 2 + (a.y - b.y) ** 2 + (a.z - b.z) ** 2)
            total -= a.mass * b.mass / distance
        return total

    def step(self, dt):
        for a, b in self.pairs:
            dx = a.x - b.x
            dy = a.y - b.y
            dz = a.z - b.z
            square = dx * dx + dy * dy + dz * dz
            pull = dt / (square * math.sqrt(square))
            by_b = b.mass * pull
            by_a = a.mass * pull
            a.vx -= dx * by_b
            a.vy -= dy * by_b
            a.vz -= dz * by_b
            b.vx += dx * by_a
            b.vy += dy * by_a
            b.vz += dz * by_a
        for body in self.bodies:
            body.x += dt * body.vx
            body.y += dt * body.vy
            body.z += dt * body.vz
        self.time += dt


def main():
    system = System(solar_system())
    print(f"{system.energy():.9f}")
    for report in range(4):
        for _ in range(1000):
            system.step(0.01)
        print(f"t = {system.time:.2f} years, energy {system.energy():.12f}")
    for body in system.bodies:
        print(body)
    jupiter = system.bodies[1]
    print(repr(jupiter.x), jupiter.x.hex(), math.hypot(jupiter.x, jupiter.y, jupiter.z))


main()
