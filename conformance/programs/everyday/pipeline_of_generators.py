"""Log lines through a pipeline of generators: parse, filter, group, summarise; closing and errors on the way."""
import collections
import contextlib
import functools
import itertools
import re
import statistics
from datetime import datetime, timedelta

LINE = re.compile(r'''
    (?P<when>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d) \s+
    (?P<level>[A-Z]+) \s+ \[(?P<part>[\w.]+)\] \s+
    (?P<text>.*?) (?:\s+ took=(?P<took>\d+(?:\.\d+)?)(?P<unit>ms|s))? $
''', re.VERBOSE)
Entry = collections.namedtuple('Entry', 'when level part text took', defaults=[None])
opened = []


def source(count):
    """Lines of an imagined service."""
    opened.append('source')
    try:
        start = datetime(2024, 2, 28, 23, 59, 30)
        parts = itertools.cycle(['web.api', 'web.page', 'db', 'queue'])
        levels = itertools.cycle(['INFO', 'INFO', 'DEBUG', 'WARNING', 'ERROR'])
        for number, part, level in zip(range(count), parts, levels):
            when = start + timedelta(seconds=number * 7)
            took = f' took={number * 13 % 97}ms' if number % 3 else f' took={number % 5}.5s' if number % 2 else ''
            yield f'{when.isoformat()} {level} [{part}] request {number}{took}\n'
            if number % 11 == 10:
                yield '  a line that continues\n'
    finally:
        opened.remove('source')


def parse(lines):
    for line in lines:
        if found := LINE.match(line.rstrip('\n')):
            took = found['took'] and float(found['took']) * (1000 if found['unit'] == 's' else 1)
            yield Entry(datetime.fromisoformat(found['when']), *found.group('level', 'part', 'text'), took)
        else:
            yield line.strip()


def joined(entries):
    """Lines that continue belong to the entry in front."""
    last = None
    for entry in entries:
        if isinstance(entry, str):
            last = last._replace(text=last.text + ' / ' + entry)
            continue
        if last:
            yield last
        last = entry
    if last:
        yield last


def stage(function):
    @functools.wraps(function)
    def primed(*args):
        generator = function(*args)
        next(generator)
        return generator
    return primed


@stage
def averager():
    values = []
    average = None
    while True:
        try:
            value = yield average
        except KeyError:
            values.clear()
            average = None
        else:
            if value is not None:
                values.append(value)
                average = statistics.fmean(values)


@stage
def fan_out(*targets):
    try:
        while True:
            item = yield
            for target in targets:
                target.send(item)
    finally:
        for target in targets:
            target.close()


@stage
def collect(name, into):
    try:
        while True:
            into[name].append((yield))
    except GeneratorExit:
        into[name].append('end')


entries = list(joined(parse(source(60))))
print(len(entries), entries[10].text, opened)
for part, group in itertools.groupby(sorted(entries, key=lambda entry: entry.part), key=lambda entry: entry.part):
    times = [entry.took for entry in group if entry.took is not None]
    low, middle, high = statistics.quantiles(times, n=4)
    print(f'{part:<9}{len(times):>3}{statistics.mean(times):>9.2f}{statistics.stdev(times):>9.2f}  {low:.1f} {middle:.1f} {high:.1f}')
print(collections.Counter(entry.level for entry in entries).most_common())
minutes = collections.Counter(entry.when.replace(second=0) for entry in entries)
print(*(f'{minute:%a %d %b %H:%M} {"#" * count}' for minute, count in minutes.items()), sep='\n')

first = list(itertools.islice(parse(lines := source(10**9)), 3))
print(first[-1].when, opened)
lines.close()
print(opened)
average = averager()
print([average.send(value) for value in (10, 20, 60)], average.throw(KeyError), average.send(5))
into = collections.defaultdict(list)
with contextlib.closing(fan_out(collect('a', into), collect('b', into))) as out:
    for entry in entries[:3]:
        out.send(entry.level)
print(dict(into))
windows = (tuple(window) for window in itertools.batched((entry.took or 0 for entry in entries), 20))
print([round(max(window), 1) for window in windows])
slow = (entry for entry in entries if entry.took and entry.took > 1000)
print(next(slow).text, sum(1 for _ in slow), next(slow, 'none left'))
print([level for level, _ in itertools.pairwise(entry.level for entry in entries[:6])])
