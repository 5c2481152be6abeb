# Everything that code can do, in small functions that are called in turn. It neither prints nor imports, and its loops and
# numbers are small: what is made of it by chance is run.


def gather(*functions):
    results = []
    for function in functions:
        try:
            results.append(function())
        except Exception as error:
            results.append(error)
    return results


def arithmetic(a=7, b=2.5, c=-3):
    a += b * c - a // 2
    b = (a / 3, a % 2, c ** 2, ~c & 6 | 1 ^ c, c << 2 >> 1, -c, +a, not b)
    a -= 1
    c *= 2
    return a < 3 <= c, a == b, a != c, a > c >= 1, c in b, 3 not in b, a is b, a is not None


def parameters(a, /, b=1, *rest, c, d=4, **more):
    return a, b, rest, c, d, more


def calls():
    pairs = {'c': 1, 'x': 2}
    return (
        parameters(1, c=2),
        parameters(1, 2, 3, 4, c=5, d=6, e=7),
        parameters(*[1, 2, 3], **pairs),
        parameters(*(1,), c=3, **{'y': 1}),
        str(3), len('abc'), 'a,b'.split(','), int('7', base=8), [3, 1].sort(key=lambda x: x),
    )


def containers(n=5):
    squares = [i * i for i in range(n) if i % 2]
    names = {str(i): i for i in range(n)}
    odd = {i % 3 for i in squares}
    lazy = (i + j for i in squares for j in odd)
    squares[1:2] = [4, 5, *odd]
    del squares[0]
    names['a'] = squares[-1]
    names |= {**names, 'b': 2}
    first, *middle, last = sorted(squares)
    (x, y), z = (1, 2), 3
    return list(lazy), names['a'], {*odd, 9}, first, middle, last, x, y, z, squares[::2]


def closures():
    count = 0
    kept = []

    def add(step):
        nonlocal count
        count += step
        kept.append(lambda: count)
        return [lambda: (i, step) for i in range(2)]

    made = add(2) + add(3)
    del step_of.unknown
    return count, [one() for one in made], [one() for one in kept]


def step_of(x=[y for y in (1, 2)]):
    try:
        return x[5]
    except (IndexError, KeyError) as error:
        try:
            raise ValueError('inner') from error
        except ValueError as inner:
            return inner.__cause__ is error
        finally:
            x = None
    else:
        return 1
    finally:
        del x


def unbound(flag=False):
    if flag:
        value = 1
    try:
        return value
    except UnboundLocalError:
        pass
    for value in ():
        pass
    while True:
        value = 3
        if value:
            break
    else:
        value = 4
    return value


class Manager:
    __slots__ = ('log',)

    def __init__(self, log):
        self.log = log

    def __enter__(self):
        self.log.append('in')
        return self

    def __exit__(self, kind, value, traceback):
        self.log.append(kind)
        return kind is KeyError

    async def __aenter__(self):
        return self.__enter__()

    async def __aexit__(self, *args):
        return self.__exit__(*args)


def managers():
    log = []
    with Manager(log) as one, Manager(log):
        one.log.append(1)
        raise KeyError(one)
    with Manager(log):
        for i in range(3):
            with Manager(log):
                if i == 1:
                    continue
                if i == 2:
                    break
    return log


def generate(n):
    got = []
    try:
        for i in range(n):
            got.append((yield i))
            yield from (i, i + 1)
    except ValueError as error:
        yield error
    finally:
        got.append('end')
    return got


def delegate():
    result = yield from generate(2)
    yield result
    yield from [x for x in result or ()]


def generators():
    one = generate(3)
    log = [next(one), one.send('a'), next(one)]
    log.append(one.throw(ValueError('thrown')))
    one.close()
    for x in delegate():
        log.append(x)
    log.extend(x * y for x, y in zip(generate(2), enumerate('ab')))
    return log, sum(x for x in generate(2) if x), one.gi_frame


async def ticks(n=2):
    for i in range(n):
        yield i
        await nap()


class Nap:
    def __await__(self):
        yield 'nap'
        return 1


async def nap():
    return await Nap()


async def main(log):
    async with Manager(log) as manager:
        async for tick in ticks():
            log.append(tick)
        manager.log.append([x async for x in ticks() if await nap()])
        {x: await nap() async for x in ticks()}
        raise KeyError


def drive():
    log = []
    task = main(log)
    for _ in range(9):
        try:
            log.append(task.send(None))
        except StopIteration:
            break
    task.close()
    return log


class Base:
    kind = 1
    shared: int = 2

    def __init__(self, x, *, scale=2):
        self.x = x * scale
        self.other = None

    def total(self):
        return self.x + self.kind

    @property
    def twice(self):
        return 2 * self.x

    @classmethod
    def make(cls, *args):
        return cls(*args)

    def __getitem__(self, key):
        return key, self.x

    def __len__(self):
        return 2

    __match_args__ = ('x', 'other')


class Derived(Base):
    def __init__(self, x):
        super().__init__(x, scale=3)
        self.y = [k for k in (1, __class__.kind)]

    def total(self):
        return super().total() + super(Derived, self).twice


def classes():
    one = Derived.make(2)
    one.x += 1
    one.x, one.z = one.total(), one[1:2]
    del one.z
    for _ in range(3):
        one.total(), one.twice, one[0], one.make(1).y, one.kind
    Derived.kind = 5
    return one.total(), isinstance(one, Base), one.missing


def match(value):
    match value:
        case 0 | 'zero':
            return 'zero'
        case [1, *rest] if rest:
            return rest
        case {'key': found, **others}:
            return found, others
        case Base(x, other=None) as whole:
            return x, whole
        case (int() | float()) as number:
            return number
        case None | True:
            return value
        case _:
            return ...


def patterns():
    return [match(x) for x in (0, [1, 2], {'key': 1, 'a': 2}, Base(3), 4.5, None, 'no')]


def texts(a=3, b='x', c=1.5):
    return f'{a}{b!r:>5}{c:.{a}f}' + f'{a=}' 'tail', t'{a}:{b!s:^7}', b'abc'[1], '%s %d' % (a, 2), ','.join(str(i) for i in 'ab')


def groups():
    log = []
    try:
        raise ExceptionGroup('g', [ValueError(1), KeyError(2), ExceptionGroup('h', [TypeError(3), OSError(4)])])
    except* ValueError as group:
        log.append(group.exceptions)
    except* (KeyError, TypeError):
        try:
            raise
        except* KeyError as inner:
            log.append(inner)
    except* OSError:
        log.append('os')
    assert log, 'nothing'
    assert not log


def generic[T: int, *Ts, **P](x: T, *args: *Ts) -> T:
    type Alias[U = int] = list[U]
    return Alias, x, args, generic.__type_params__


class Generic[T]:
    field: T
    lambda_ = lambda self, x=1: (self, x)


def scopes():
    global made
    made = [locals() for x in range(2)]
    del made
    return [[y for y in range(x)] for x in range(3)], (lambda *a, **k: (a, k))(1, b=2), print.__name__


def loops(n=30):
    total = 0
    i = n
    while i:
        i -= 1
        if i % 3 == 0:
            continue
        for j in range(3):
            for k, v in {'a': 1}.items():
                total += v if j < 2 else -v
            if j > 5:
                break
        else:
            total += 1
    return total


results = gather(
    arithmetic, calls, containers, closures, step_of, unbound, managers, generators, drive, classes, patterns, texts, groups,
    lambda: generic(1, 2), lambda: Generic.__annotations__, scopes, loops,
)
