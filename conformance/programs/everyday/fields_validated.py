"""Descriptors and metaclasses: a model with validated fields, computed ones, inheritance, conversion and a query builder."""
import datetime
import decimal
import enum
import operator
import re
import types
import typing
from typing import Any, get_args, get_origin, get_type_hints


class Missing(enum.Enum):
    MISSING = enum.auto()

    def __bool__(self):
        return False


MISSING = Missing.MISSING


class FieldError(ValueError):
    def __init__(self, field, message):
        super().__init__(message)
        self.field = field

    def __str__(self):
        return f'{self.field.owner.__name__}.{self.field.name}: {super().__str__()}'


class Condition:
    def __init__(self, test, text):
        self.test, self.text = test, text

    def __and__(self, other):
        return Condition(lambda one: self.test(one) and other.test(one), f'({self.text} and {other.text})')

    def __or__(self, other):
        return Condition(lambda one: self.test(one) or other.test(one), f'({self.text} or {other.text})')

    def __invert__(self):
        return Condition(lambda one: not self.test(one), f'not {self.text}')

    def __call__(self, one):
        return self.test(one)

    def __bool__(self):
        raise TypeError('use &, | and ~')


class Field:
    counter = 0

    def __init__(self, default=MISSING, *, check=None, convert=None, doc=None):
        self.default, self.checks, self.convert = default, [check] if check else [], convert
        self.__doc__ = doc
        Field.counter += 1
        self.order = Field.counter

    def __set_name__(self, owner, name):
        self.owner, self.name, self.slot = owner, name, f'_{name}'

    def __get__(self, instance, owner):
        if instance is None:
            return self
        try:
            return getattr(instance, self.slot)
        except AttributeError:
            if self.default is MISSING:
                raise AttributeError(f'{self.name} is not set', name=self.name, obj=instance) from None
            return self.default() if callable(self.default) else self.default

    def __set__(self, instance, value):
        if self.convert and not isinstance(value, self.kind):
            try:
                value = self.convert(value)
            except (ValueError, TypeError, decimal.InvalidOperation) as error:
                raise FieldError(self, f'cannot convert {value!r}') from error
        if not matches(value, self.hint):
            raise FieldError(self, f'{value!r} is no {getattr(self.hint, "__name__", self.hint)}')
        for check in self.checks:
            if not check(value):
                raise FieldError(self, f'{value!r} is refused')
        setattr(instance, self.slot, value)

    def __delete__(self, instance):
        delattr(instance, self.slot)

    def validator(self, function):
        self.checks.append(function)
        return function

    @property
    def kind(self):
        return get_origin(self.hint) or (self.hint if isinstance(self.hint, type) else object)


def comparing(name, symbol):
    compare = getattr(operator, name.strip('_'))

    def method(self, other):
        return Condition(lambda one: compare(getattr(one, self.name), other), f'{self.name} {symbol} {other!r}')
    method.__name__, method.__qualname__ = name, f'Field.{name}'
    setattr(Field, name, method)


for name, symbol in {'__eq__': '==', '__ne__': '!=', '__lt__': '<', '__gt__': '>', '__le__': '<=', '__ge__': '>='}.items():
    comparing(name, symbol)
Field.__hash__ = object.__hash__


def matches(value, hint):
    match get_origin(hint), get_args(hint):
        case _ if hint is Any:
            return True
        case (typing.Union | types.UnionType), options:
            return any(matches(value, option) for option in options)
        case typing.Literal, options:
            return value in options
        case None, ():
            return value is None if hint is type(None) or hint is None else isinstance(value, hint)
        case kind, (key, item) if issubclass(kind, dict):
            return isinstance(value, dict) and all(matches(k, key) and matches(v, item) for k, v in value.items())
        case kind, (item,):
            return isinstance(value, kind) and all(matches(one, item) for one in value)
    return False


class ModelType(type):
    @classmethod
    def __prepare__(mcs, name, bases, **options):
        return {'Field': Field}

    def __new__(mcs, name, bases, namespace, table=None, **options):
        namespace.pop('Field', None)
        cls = super().__new__(mcs, name, bases, namespace, **options)
        fields = {n: v for base in reversed(cls.__mro__) for n, v in vars(base).items() if isinstance(v, Field)}
        cls._fields = dict(sorted(fields.items(), key=lambda pair: pair[1].order))
        cls.table = table or name.lower() + 's'
        for field, hint in get_type_hints(cls).items():
            if field in cls._fields:
                cls._fields[field].hint = hint
        return cls

    def __call__(cls, *args, **values):
        if len(args) > len(cls._fields):
            raise TypeError(f'{cls.__name__} has {len(cls._fields)} fields')
        return super().__call__(**dict(zip(cls._fields, args)), **values)

    def __contains__(cls, name):
        return name in cls._fields


class Model(metaclass=ModelType):
    def __init__(self, **values):
        problems = []
        for name, field in self._fields.items():
            try:
                if name in values:
                    setattr(self, name, values.pop(name))
                elif field.default is MISSING:
                    raise FieldError(field, 'is missing')
            except FieldError as error:
                problems.append(error)
        if values:
            problems.append(TypeError(f'unknown: {", ".join(values)}'))
        if problems:
            raise ExceptionGroup(type(self).__name__, problems)

    def __repr__(self):
        return f'{type(self).__name__}({", ".join(f"{n}={getattr(self, n)!r}" for n in self._fields)})'

    def __eq__(self, other):
        return type(self) is type(other) and all(getattr(self, n) == getattr(other, n) for n in self._fields)

    def __init_subclass__(cls, frozen=False, **options):
        super().__init_subclass__(**options)
        if frozen:
            def refuse(self, name, value):
                if name.startswith('_') and hasattr(self, name):
                    raise AttributeError(f'{cls.__name__} is frozen')
                object.__setattr__(self, name, value)
            cls.__setattr__ = refuse


class Person(Model, table='people'):
    name: str = Field(check=str.isalpha, doc='How one is called.')
    born: datetime.date = Field(convert=datetime.date.fromisoformat)
    mail: str | None = Field(None)
    tags: list[str] = Field(list)

    @mail.validator
    def has_at(value):
        return value is None or re.fullmatch(r'\S+@\S+', value)


class Employee(Person, frozen=True):
    pay: decimal.Decimal = Field(convert=decimal.Decimal, check=lambda pay: pay > 0)
    level: typing.Literal['junior', 'senior'] = Field('junior')
    scores: dict[str, int] = Field(dict)


ann = Employee('Ann', '1990-05-17', pay='5000.50', scores={'speed': 3})
print(ann, Employee.table, Person.table, list(Employee._fields), 'pay' in Employee, 'pay' in Person)
for make in (
    lambda: Person('Bob1', '1990-13-01', mail='nowhere', tags=['a', 5]),
    lambda: Employee('Eve', datetime.date(2000, 1, 1), pay=0, level='chief', scores={'a': 'b'}, shoe=44),
    lambda: Person(),
):
    try:
        print(make())
    except* FieldError as group:
        for error in group.exceptions:
            print(' ', error, '|', type(error.__cause__).__name__)
    except* TypeError as group:
        print(' ', *group.exceptions)
for act in (lambda: setattr(ann, 'name', 'Anna'), lambda: Person('Al', '2001-01-01').nme, lambda: Person(*range(9)), lambda: bool(Person.name == 'x')):
    try:
        act()
    except (AttributeError, TypeError) as error:
        print(type(error).__name__, error)
people = [Employee(name, f'19{year}-01-0{day}', pay=pay) for name, year, day, pay in (('Ann', 90, 1, 10), ('Bob', 85, 2, 20), ('Cyd', 85, 3, 30))]
question = (Employee.born < datetime.date(1990, 1, 1)) & ~(Employee.pay == 30) | (Employee.name == 'Zoe')
print(question.text, [one.name for one in filter(question, people)])
bob = Person('Bob', '1985-02-03', mail='b@c')
del bob.mail
print(bob.mail, Person.name.__doc__, Person.name.owner.__name__, bob == Person('Bob', '1985-02-03'), bob.tags is bob.tags)
