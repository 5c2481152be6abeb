"""Games by abstract classes: noughts and crosses, Nim and Connect Four, played by search with pruning and by chance."""
import functools
import itertools
import math
import random
from abc import ABC, abstractmethod
from collections import Counter
from typing import Iterator, NamedTuple, Protocol, Self, runtime_checkable


class Game(ABC):
    player: int

    @abstractmethod
    def moves(self) -> Iterator: ...

    @abstractmethod
    def after(self, move) -> Self: ...

    @property
    @abstractmethod
    def winner(self) -> int | None:
        """1, -1, 0 for a draw, None while it goes on."""

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        GAMES[cls.__name__] = cls


GAMES: dict[str, type[Game]] = {}


class Noughts(Game, NamedTuple('Noughts', [('cells', tuple), ('player', int)])):
    LINES = [range(n, n + 3) for n in (0, 3, 6)] + [range(n, 9, 3) for n in range(3)] + [range(0, 9, 4), range(2, 7, 2)]

    @classmethod
    def new(cls):
        return cls((0,) * 9, 1)

    def moves(self):
        return (n for n in (4, 0, 2, 6, 8, 1, 3, 5, 7) if not self.cells[n])

    def after(self, move):
        return type(self)(self.cells[:move] + (self.player,) + self.cells[move + 1:], -self.player)

    @property
    def winner(self):
        for line in self.LINES:
            if abs(total := sum(self.cells[n] for n in line)) == 3:
                return total // 3
        return None if 0 in self.cells else 0

    def __str__(self):
        return '/'.join(''.join('.XO'[cell] for cell in row) for row in itertools.batched(self.cells, 3))


class Nim(Game, NamedTuple('Nim', [('heaps', tuple), ('player', int)])):
    @classmethod
    def new(cls, *heaps):
        return cls(tuple(sorted(heaps or (3, 4, 5))), 1)

    def moves(self):
        return ((n, take) for n, heap in enumerate(self.heaps) if n == 0 or heap != self.heaps[n - 1] for take in range(1, heap + 1))

    def after(self, move):
        n, take = move
        heaps = list(self.heaps)
        heaps[n] -= take
        return type(self)(tuple(sorted(heaps)), -self.player)

    @property
    def winner(self):
        return None if any(self.heaps) else -self.player

    def __str__(self):
        return '+'.join(map(str, self.heaps))


class Four(Game):
    WIDTH, HEIGHT = 5, 4
    __slots__ = 'columns', 'player', '_winner'

    def __init__(self, columns=('',) * WIDTH, player=1, last=None):
        self.columns, self.player = columns, player
        self._winner = self._judge(last) if last is not None else None

    new = classmethod(lambda cls: cls())

    def moves(self):
        return (n for n in sorted(range(self.WIDTH), key=lambda n: abs(n - self.WIDTH // 2)) if len(self.columns[n]) < self.HEIGHT)

    def after(self, move):
        columns = list(self.columns)
        columns[move] += 'XO'[self.player < 0]
        return type(self)(tuple(columns), -self.player, move)

    def _judge(self, x):
        y, mark = len(self.columns[x]) - 1, self.columns[x][-1]

        def run(dx, dy):
            for n in itertools.count(1):
                if not (0 <= (i := x + n * dx) < self.WIDTH and 0 <= (j := y + n * dy) and self.columns[i][j:j + 1] == mark):
                    return n - 1
        if any(run(dx, dy) + run(-dx, -dy) >= 3 for dx, dy in ((1, 0), (0, 1), (1, 1), (1, -1))):
            return -self.player
        return None if any(len(column) < self.HEIGHT for column in self.columns) else 0

    winner = property(lambda self: self._winner)

    def __hash__(self):
        return hash(self.columns)

    def __eq__(self, other):
        return isinstance(other, Four) and self.columns == other.columns

    def __str__(self):
        return '|'.join(column.ljust(self.HEIGHT, '.') for column in self.columns)


@runtime_checkable
class Player(Protocol):
    def choose(self, game: Game): ...


class Chance:
    def __init__(self, seed):
        self.rng = random.Random(seed)

    def choose(self, game):
        return self.rng.choice(list(game.moves()))


class Search:
    def __init__(self, depth=math.inf):
        self.depth, self.known, self.looked = depth, {}, 0

    def value(self, game, low, high, depth):
        if (winner := game.winner) is not None:
            return winner * game.player * 100
        if depth <= 0:
            return 0
        key = game, depth if depth < math.inf else 0
        begun = low
        if key in self.known:
            kind, value = self.known[key]
            match kind:
                case 'exact':
                    return value
                case 'least':
                    low = max(low, value)
                case 'most':
                    high = min(high, value)
            if low >= high:
                return value
        self.looked += 1
        best = -math.inf
        for move in game.moves():
            best = max(best, -self.value(game.after(move), -high, -low, depth - 1))
            low = max(low, best)
            if low >= high:
                break
        self.known[key] = 'most' if best <= begun else 'least' if best >= high else 'exact', best
        return best

    def choose(self, game):
        return max(game.moves(), key=lambda move: -self.value(game.after(move), -math.inf, math.inf, self.depth - 1))


def play(game, *players):
    history = []
    for player in itertools.cycle(players):
        if game.winner is not None:
            return game, history
        history.append(move := player.choose(game))
        game = game.after(move)


@functools.cache
def grundy(heaps):
    return functools.reduce(lambda a, b: a ^ b, heaps)


perfect = Search()
game, moves = play(Noughts.new(), perfect, perfect)
print(game, moves, game.winner, perfect.looked < 5478)
print(Counter(play(Noughts.new(), *pair)[0].winner for seed in range(20) for pair in [(perfect, Chance(seed))]))
print(Counter(play(Noughts.new(), Chance(seed), perfect)[0].winner for seed in range(20)).keys() <= {-1, 0})
print(all((Search().value(Nim.new(*heaps), -math.inf, math.inf, math.inf) > 0) == bool(grundy(heaps)) for heaps in itertools.combinations_with_replacement(range(1, 5), 3)))
game, moves = play(Nim.new(3, 4, 5), Search(), Search())
print(game, moves, game.winner)
for depth in (1, 3, 5):
    results = Counter(play(Four.new(), Search(depth), Chance(seed))[0].winner for seed in range(8))
    print(depth, sorted(results.items()))
game, moves = play(Four.new(), Search(6), Search(2))
print(game, moves, game.winner)
print(sorted(GAMES), isinstance(perfect, Player), isinstance(3, Player), Game.__abstractmethods__ == {'moves', 'after', 'winner'}, [cls.__name__ for cls in Noughts.__mro__][:4])
try:
    Game()
except TypeError as error:
    print(error)
try:
    class Half(Game):
        def moves(self): return iter(())
    Half()
except TypeError as error:
    print(error)
