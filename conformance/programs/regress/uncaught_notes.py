"""An import of measurements that ends in an exception with notes."""

import functools


class MeasurementError(ValueError):
    """A reading that cannot be right."""


class OutOfRange(MeasurementError):
    def __init__(self, value, low, high):
        super().__init__(f"{value} is not between {low} and {high}")
        self.value = value


ROWS = [
    ("north", "12.5 13.0 12.75"),
    ("south", "19.25 18.5"),
    ("east", "7.5 x8 9.0"),
    ("west", "15.0 140.5 16.0"),
]


def annotated(function):
    """Adds a note with the station to whatever goes wrong."""

    @functools.wraps(function)
    def wrapper(station, *args):
        try:
            return function(station, *args)
        except ValueError as error:
            error.add_note(f"station: {station}")
            error.add_note("in " + function.__name__)
            raise

    return wrapper


def check(value, low=-40.0, high=60.0):
    if not low <= value <= high:
        raise OutOfRange(value, low, high)
    return value


def values(text):
    for word in text.split():
        yield check(float(word))


@annotated
def mean(station, text):
    numbers = list(values(text))
    return sum(numbers) / len(numbers)


def main():
    means = {}
    for station, text in ROWS[:3]:
        try:
            means[station] = mean(station, text)
        except MeasurementError as error:
            print("measurement:", error)
        except ValueError as error:
            print("value:", error, error.__notes__)
    print({station: round(value, 3) for station, value in means.items()})
    print(mean.__name__, OutOfRange.__mro__[1].__name__, OutOfRange(1, 2, 3).value)
    table = {station: (mean(station, text) if text else None) for station, text in ROWS if station != "east"}
    print(table)


main()
