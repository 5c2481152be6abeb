"""A small database: tables of records in a file of pickles, with indexes, transactions and a query language."""
import bisect
import contextlib
import io
import itertools
import operator
import os
import pickle
import shlex
import tempfile


class Table:
    def __init__(self, *columns, unique=()):
        self.columns = columns
        self.unique = frozenset(unique)
        self.rows = {}
        self.numbers = itertools.count(1)
        self.indexes = {}

    def __getstate__(self):
        state = self.__dict__.copy()
        del state['indexes']
        state['numbers'] = max(self.rows, default=0) + 1
        return state

    def __setstate__(self, state):
        state['numbers'] = itertools.count(state['numbers'])
        self.__dict__.update(state, indexes={})

    def insert(self, **values):
        if unknown := values.keys() - set(self.columns):
            raise KeyError(f'unknown columns: {", ".join(sorted(unknown))}')
        for column in self.unique:
            if any(row[column] == values.get(column) for row in self.rows.values()):
                raise ValueError(f'{column} {values.get(column)!r} is taken')
        number = next(self.numbers)
        self.rows[number] = {column: values.get(column) for column in self.columns}
        self.indexes.clear()
        return number

    def index(self, column):
        if column not in self.indexes:
            self.indexes[column] = sorted((row[column], number) for number, row in self.rows.items())
        return self.indexes[column]

    def between(self, column, low, high):
        index = self.index(column)
        start = bisect.bisect_left(index, low, key=operator.itemgetter(0))
        end = bisect.bisect_right(index, high, key=operator.itemgetter(0))
        return [self.rows[number] for _, number in index[start:end]]


class Database:
    OPERATORS = {'=': operator.eq, '!=': operator.ne, '<': operator.lt, '>': operator.gt, '~': operator.contains}

    def __init__(self, path):
        self.path = path
        self.tables = {}
        if os.path.exists(path):
            with open(path, 'rb') as file:
                self.tables = pickle.load(file)

    def save(self):
        temporary = self.path + '.new'
        with open(temporary, 'wb') as file:
            pickle.dump(self.tables, file, protocol=5)
        os.replace(temporary, self.path)

    @contextlib.contextmanager
    def transaction(self):
        before = pickle.dumps(self.tables)
        try:
            yield self
        except BaseException:
            self.tables = pickle.loads(before)
            raise
        else:
            self.save()

    def query(self, text):
        """`TABLE [where COLUMN OP VALUE [and ...]] [order COLUMN [desc]] [show COLUMN,...]`"""
        words = shlex.split(text)
        table = self.tables[words.pop(0)]
        rows, shown = list(table.rows.values()), table.columns
        while words:
            match words:
                case ['where' | 'and', column, op, value, *words] if op in self.OPERATORS:
                    kind = type(next((row[column] for row in rows if row[column] is not None), ''))
                    test = self.OPERATORS[op]
                    rows = [row for row in rows if row[column] is not None and test(row[column], kind(value))]
                case ['order', column, 'desc', *words]:
                    rows.sort(key=operator.itemgetter(column), reverse=True)
                case ['order', column, *words]:
                    rows.sort(key=operator.itemgetter(column))
                case ['show', names, *words]:
                    shown = names.split(',')
                case [word, *_]:
                    raise SyntaxError(f'what is {word!r}?')
        return [tuple(row[column] for column in shown) for row in rows]


with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, 'store')
    db = Database(path)
    with db.transaction():
        planets = db.tables['planets'] = Table('name', 'moons', 'radius', unique=['name'])
        for line in io.StringIO('Mercury 0 2440\nVenus 0 6052\nEarth 1 6371\nMars 2 3390\nJupiter 95 69911\nSaturn 146 58232\n'):
            name, moons, radius = line.split()
            planets.insert(name=name, moons=int(moons), radius=float(radius))
    for attempt in (dict(name='Mars'), dict(nam='Pluto', size=3)):
        try:
            with db.transaction():
                db.tables['planets'].insert(name='Vulcan', moons=0, radius=1.0)
                db.tables['planets'].insert(**attempt)
        except (ValueError, KeyError) as error:
            print(type(error).__name__, error, len(db.tables['planets'].rows))
    again = Database(path)
    for query in (
        'planets where moons > 0 order radius desc show name,moons',
        'planets where name ~ ar order name',
        'planets where moons = 0 and radius > 3000 show name',
        "planets where name != 'Earth' and moons < 3 order moons show moons,name",
    ):
        print(query, *again.query(query), sep='\n  ')
    print([row['name'] for row in again.tables['planets'].between('radius', 3000, 6371)])
    print(again.tables['planets'].insert(name='Uranus', moons=28, radius=25362.0), len(os.listdir(folder)))
    for bad in ('stars', 'planets sort name', 'planets where colour = red', "planets where name = 'open"):
        try:
            again.query(bad)
        except Exception as error:
            print(f'{type(error).__name__}: {error}')
