"""Float attributes and operators of a class: vectors that are bent, scaled and compared."""

import math


class Vector:
    __slots__ = ("x", "y", "z")

    def __init__(self, x, y, z):
        self.x = x
        self.y = y
        self.z = z

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y, self.z + other.z)

    def __mul__(self, factor):
        return Vector(self.x * factor, self.y * factor, self.z * factor)

    def dot(self, other):
        return self.x * other.x + self.y * other.y + self.z * other.z

    @property
    def length(self):
        return math.sqrt(self.dot(self))

    def normal(self):
        return self * (1.0 / self.length)


class Particle:
    def __init__(self, n):
        self.place = Vector(math.sin(n), math.cos(n), n * 0.01)
        self.speed = Vector(0.01, -0.01 * (n % 3), 0.02)
        self.bounces = 0

    def move(self, step):
        self.place = self.place + self.speed * step
        if self.place.length > 5.0:
            self.speed = self.place.normal() * -self.speed.length
            self.bounces += 1


particles = [Particle(n) for n in range(200)]
for _ in range(6000):
    for particle in particles:
        particle.move(1.0)
total = sum(particle.place.length for particle in particles)
print(f"attributes {total:.6f} {sum(particle.bounces for particle in particles)}")
