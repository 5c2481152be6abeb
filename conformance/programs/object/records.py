"""Records from descriptors, properties, slots and a small metaclass."""


class Field:
    """A typed attribute; knows its own name and the order of its making."""

    made = 0

    def __init__(self, kind, default=None, check=None):
        self.kind, self.default, self.check = kind, default, check
        self.order = Field.made
        Field.made += 1

    def __set_name__(self, owner, name):
        self.name = name
        self.slot = "_" + name

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        return getattr(instance, self.slot, self.default)

    def __set__(self, instance, value):
        if not isinstance(value, self.kind):
            raise TypeError(f"{self.name} must be {self.kind.__name__}, not {type(value).__name__}")
        if self.check and not self.check(value):
            raise ValueError(f"{value!r} is no {self.name}")
        setattr(instance, self.slot, value)

    def __delete__(self, instance):
        raise AttributeError(f"{self.name} cannot be deleted")


class RecordType(type):
    registry = []

    def __new__(mcls, name, bases, namespace, *, ordered=False, **kwargs):
        cls = super().__new__(mcls, name, bases, namespace, **kwargs)
        fields = {}
        for base in reversed(cls.__mro__):
            fields.update((k, v) for k, v in vars(base).items() if isinstance(v, Field))
        cls.fields = tuple(sorted(fields, key=lambda key: fields[key].order))
        if ordered:
            cls.__lt__ = lambda self, other: self.astuple() < other.astuple()
        mcls.registry.append(name)
        return cls

    def __init__(cls, name, bases, namespace, **kwargs):
        super().__init__(name, bases, namespace)

    def __len__(cls):
        return len(cls.fields)

    def __iter__(cls):
        return iter(cls.fields)

    def __contains__(cls, name):
        return name in cls.fields


class Record(metaclass=RecordType):
    def __init__(self, *args, **kwargs):
        if len(args) > len(type(self)):
            raise TypeError(f"{type(self).__name__} takes {len(type(self))} values")
        for name, value in {**dict(zip(self.fields, args)), **kwargs}.items():
            if name not in type(self):
                raise TypeError(f"{type(self).__name__} has no field {name!r}")
            setattr(self, name, value)

    def __init_subclass__(cls, /, tag=None, **kwargs):
        super().__init_subclass__(**kwargs)
        cls.tag = tag or cls.__name__.lower()

    def astuple(self):
        return tuple(getattr(self, name) for name in self.fields)

    def replace(self, **changes):
        return type(self)(**{**dict(zip(self.fields, self.astuple())), **changes})

    def __eq__(self, other):
        return self.astuple() == other.astuple() if type(self) is type(other) else NotImplemented

    def __hash__(self):
        return hash(self.astuple())

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(f'{n}={getattr(self, n)!r}' for n in self.fields)})"


class Person(Record, ordered=True):
    name = Field(str, "nobody")
    age = Field(int, 0, check=lambda age: 0 <= age < 150)


class Employee(Person, tag="staff"):
    salary = Field(int, 1000)

    @property
    def yearly(self):
        """Twelve salaries."""
        return 12 * self.salary

    @yearly.setter
    def yearly(self, value):
        self.salary = value // 12

    @classmethod
    def parse(cls, line):
        name, age, salary = line.split(",")
        return cls(name, int(age), int(salary))


class Celsius:
    __slots__ = ("degrees", "__weakref__")
    __match_args__ = ("degrees",)

    def __init__(self, degrees):
        self.degrees = degrees

    fahrenheit = property(lambda self: self.degrees * 9 / 5 + 32, doc="in Fahrenheit")

    def __format__(self, spec):
        return format(self.degrees, spec or ".1f") + "°C"

    def __bool__(self):
        return self.degrees > 0


class Lazy:
    """A non-data descriptor: the value replaces it at first use."""

    def __init__(self, function):
        self.function = function

    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        value = instance.__dict__[self.name] = self.function(instance)
        return value


class Circle:
    def __init__(self, radius):
        self.radius = radius

    @Lazy
    def area(self):
        print("computing")
        return 3 * self.radius**2


def refused(function):
    try:
        function()
    except (TypeError, ValueError, AttributeError) as error:
        print(f"{type(error).__name__}: {error}")


def main():
    ada = Employee("Ada", 36, salary=5000)
    bob = Employee.parse("Bob,41,4000")
    print(ada, bob, Employee(), sep="\n")
    print(RecordType.registry, Employee.fields, len(Employee), "age" in Employee, Employee.tag, Person.tag)
    bob.yearly = 60_000
    print(bob.salary, bob.yearly, Employee.yearly.__doc__)
    print(ada.replace(age=37), ada == ada.replace(), ada == Person("Ada", 36), ada != bob)
    print(sorted([bob, ada, Person("Ada", 3)], key=Person.astuple)[0], min(bob, ada), ada < bob)
    print(len({ada, ada.replace(), bob}), Person.age.order < Employee.salary.order, vars(bob))
    refused(lambda: setattr(ada, "age", "old"))
    refused(lambda: setattr(ada, "age", 200))
    refused(lambda: delattr(ada, "age"))
    refused(lambda: Employee(nme="x"))
    refused(lambda: Employee(1, 2, 3, 4))
    refused(lambda: ada > 3)

    mild = Celsius(21)
    print(f"{mild} {mild:.3f}", mild.fahrenheit, bool(Celsius(-3)))
    refused(lambda: setattr(mild, "fahrenheit", 3))
    refused(lambda: setattr(mild, "kelvin", 3))
    refused(lambda: vars(mild))
    refused(lambda: mild.colour)
    match mild:
        case Celsius(degrees) if degrees < 20:
            print("cold")
        case Celsius(21 | 22):
            print("just right")

    circle = Circle(2)
    print(circle.area, circle.area, vars(circle))
    print([cls.__name__ for cls in Employee.__mro__], type(Employee).__name__, isinstance(ada, Person))
    Dynamic = RecordType("Dynamic", (Record,), {"size": Field(int, 1)})
    print(Dynamic(), Dynamic(4).astuple(), Dynamic.__bases__, issubclass(Dynamic, Record))


main()
