"""Dates: calendars, recurring events, time zones with offsets, ISO weeks, durations, parsing and formatting."""
import bisect
import calendar
import datetime as dt
import functools
import heapq
import itertools
import operator
import re
from dataclasses import dataclass, field


@functools.total_ordering
class Duration:
    PATTERN = re.compile(r'P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?')

    def __init__(self, text):
        found = self.PATTERN.fullmatch(text)
        if not found or not any(found.groups()):
            raise ValueError(f'no duration: {text!r}')
        weeks, days, hours, minutes, seconds = (float(group or 0) for group in found.groups())
        self.delta = dt.timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)

    def __eq__(self, other):
        return self.delta == other.delta

    def __lt__(self, other):
        return self.delta < other.delta


@dataclass(order=True)
class Event:
    start: dt.datetime
    name: str = field(compare=False)
    every: dt.timedelta | str = field(default=dt.timedelta(1), compare=False)
    count: int = field(default=3, compare=False)

    def __iter__(self):
        when = self.start
        for number in range(self.count):
            yield when, self.name
            match self.every:
                case dt.timedelta() as step:
                    when = self.start + step * (number + 1)
                case 'monthly':
                    months = self.start.month + number
                    year, month = self.start.year + months // 12, months % 12 + 1
                    day = min(self.start.day, calendar.monthrange(year, month)[1])
                    when = self.start.replace(year=year, month=month, day=day)
                case 'workdays':
                    when += dt.timedelta(days=max(1, 7 - when.weekday()) if when.weekday() > 3 else 1)


def easter(year):
    a, b, c = year % 19, year // 100, year % 100
    d = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    e = (32 + 2 * (b % 4) + 2 * (c // 4) - d - c % 4) % 7
    f = d + e - 7 * ((a + 11 * d + 22 * e) // 451) + 114
    return dt.date(year, f // 31, f % 31 + 1)


class Zone(dt.tzinfo):
    """An hour more from the last Sunday of March to the last one of October, at one o'clock UTC."""

    def __init__(self, hours):
        self.base = dt.timedelta(hours=hours)

    @staticmethod
    @functools.cache
    def changes(year):
        last = lambda month: max(day for day in calendar.Calendar().itermonthdates(year, month) if day.month == month and day.weekday() == 6)
        return tuple(dt.datetime.combine(last(month), dt.time(1)) for month in (3, 10))

    def dst(self, when):
        plain = when.replace(tzinfo=None) - self.base
        start, end = self.changes(when.year)
        summer = start <= plain < end - dt.timedelta(hours=1) if not when.fold else start <= plain < end - dt.timedelta(hours=1)
        if end - dt.timedelta(hours=1) <= plain < end:
            summer = not when.fold
        return dt.timedelta(hours=summer)

    def utcoffset(self, when):
        return self.base + self.dst(when)

    def tzname(self, when):
        return 'summer' if self.dst(when) else 'winter'

    def fromutc(self, when):
        plain = when.replace(tzinfo=None)
        start, end = self.changes(plain.year)
        summer = start <= plain < end
        fold = end <= plain < end + dt.timedelta(hours=1)
        return (when + self.base + dt.timedelta(hours=summer)).replace(fold=int(fold))


events = [
    Event(dt.datetime(2024, 1, 31, 9, 30), 'rent', 'monthly', 5),
    Event(dt.datetime(2024, 2, 27, 8), 'stand-up', 'workdays', 6),
    Event(dt.datetime(2024, 2, 28, 23, 15), 'backup', dt.timedelta(hours=20), 4),
]
for when, name in heapq.merge(*events):
    print(f'{when:%a %Y-%m-%d %H:%M} w{when.isocalendar().week:02} d{when:%j} {name}')
print(min(events).name, [event.name for event in sorted(events, reverse=True)])
print(*(easter(year).strftime('%d %b %Y') for year in (1999, 2000, 2024, 2025)))
zone = Zone(1)
utc = dt.datetime(2024, 3, 31, 0, 30, tzinfo=dt.UTC)
for step in range(3):
    local = (utc + dt.timedelta(hours=step)).astimezone(zone)
    print(local.isoformat(), local.tzname(), local.utcoffset(), local.astimezone(dt.UTC).time())
for step in range(4):
    local = (dt.datetime(2024, 10, 26, 23, 30, tzinfo=dt.UTC) + dt.timedelta(hours=step)).astimezone(zone)
    print(local, local.tzname(), local.fold, local.timestamp())
print(dt.datetime(2024, 7, 1, tzinfo=zone) - dt.datetime(2024, 1, 1, tzinfo=zone), dt.datetime(2024, 7, 1, 12, tzinfo=zone) == dt.datetime(2024, 7, 1, 10, tzinfo=dt.UTC))
for text in ('P1W', 'P2DT3H', 'PT90M', 'PT1.5S', 'P', '1D', 'PT'):
    try:
        print(text, Duration(text).delta, Duration(text) > Duration('PT2H'))
    except ValueError as error:
        print(error)
for text in ('2024-02-29', '2023-02-29', '20240301', '2024-W09-4', '2024-03-01T10:20:30.5+01:30', '2024-03-01 10', 'now'):
    try:
        print(text, repr(dt.datetime.fromisoformat(text)))
    except ValueError as error:
        print(text, 'is wrong:', type(error).__name__)
print(dt.datetime.strptime('3 Mar 2021, 4:05 PM +0200', '%d %b %Y, %I:%M %p %z').isoformat())
leap = [year for year in range(1890, 2110) if calendar.isleap(year)]
print(len(leap), leap[bisect.bisect(leap, 1900)], calendar.leapdays(1890, 2110))
print(calendar.month(2024, 2), end='')
print(calendar.TextCalendar(calendar.SUNDAY).formatweek([(day, day % 7) for day in range(1, 8)], 3))
print(dt.timedelta(days=-1, seconds=1), dt.timedelta(1.5) // dt.timedelta(hours=7), divmod(dt.timedelta(10), dt.timedelta(3)), abs(dt.timedelta(-3)), dt.timedelta(microseconds=1.5), dt.timedelta(5) / 2)
print(dt.date.max - dt.date.min, dt.date.fromordinal(738000), tuple(dt.date(2024, 12, 30).isocalendar()), dt.date.fromisocalendar(2025, 1, 1))
for bad in (lambda: dt.date(2024, 13, 1), lambda: dt.date.max + dt.timedelta(1), lambda: dt.datetime.now() - dt.datetime.now(dt.UTC), lambda: dt.date(2024, 1, 1) < dt.datetime(2024, 1, 1), lambda: dt.timedelta(10**10)):
    try:
        print(bad())
    except (ValueError, OverflowError, TypeError) as error:
        print(type(error).__name__)
days = [dt.date(2024, 1, 1) + dt.timedelta(n) for n in (0, 1, 2, 5, 6, 9)]
runs = [list(map(operator.itemgetter(1), group)) for _, group in itertools.groupby(enumerate(days), lambda pair: pair[1].toordinal() - pair[0])]
print([f'{run[0]:%d}-{run[-1]:%d}' for run in runs])
