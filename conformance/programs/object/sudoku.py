"""Sudoku as exact cover, solved with dancing links."""


class Node:
    __slots__ = ("left", "right", "up", "down", "column", "row")

    def __init__(self, column, row=None):
        self.left = self.right = self.up = self.down = self
        self.column = column
        self.row = row


class Column(Node):
    __slots__ = ("name", "size")

    def __init__(self, name):
        super().__init__(self)
        self.name = name
        self.size = 0


class ExactCover:
    """Choose rows so that every column is covered exactly once."""

    def __init__(self, names):
        self.root = Column("root")
        self.columns = {}
        self.covers = 0
        for name in names:
            column = Column(name)
            self.columns[name] = column
            self.link_right(self.root.left, column)

    @staticmethod
    def link_right(node, new):
        new.left, new.right = node, node.right
        node.right.left = new
        node.right = new

    def add_row(self, row, names):
        first = None
        for name in names:
            column = self.columns[name]
            node = Node(column, row)
            node.up, node.down = column.up, column
            column.up.down = node
            column.up = node
            column.size += 1
            if first is None:
                first = node
            else:
                self.link_right(first.left, node)
        return first

    def cover(self, column):
        self.covers += 1
        column.right.left = column.left
        column.left.right = column.right
        row = column.down
        while row is not column:
            node = row.right
            while node is not row:
                node.down.up = node.up
                node.up.down = node.down
                node.column.size -= 1
                node = node.right
            row = row.down

    def uncover(self, column):
        row = column.up
        while row is not column:
            node = row.left
            while node is not row:
                node.column.size += 1
                node.down.up = node
                node.up.down = node
                node = node.left
            row = row.up
        column.right.left = column
        column.left.right = column

    def smallest(self):
        best = column = self.root.right
        while column is not self.root:
            if column.size < best.size:
                best = column
            column = column.right
        return best

    def solutions(self, chosen=()):
        if self.root.right is self.root:
            yield chosen
            return
        column = self.smallest()
        self.cover(column)
        row = column.down
        while row is not column:
            node = row.right
            while node is not row:
                self.cover(node.column)
                node = node.right
            yield from self.solutions((*chosen, row.row))
            node = row.left
            while node is not row:
                self.uncover(node.column)
                node = node.left
            row = row.down
        self.uncover(column)


def conditions(row, column, digit):
    box = row // 3 * 3 + column // 3
    return ("cell", row, column), ("row", row, digit), ("column", column, digit), ("box", box, digit)


def solve(puzzle, limit=2):
    names = [(kind, a, b) for kind in ("cell", "row", "column", "box") for a in range(9)
             for b in range(9)]
    # The digit conditions are numbered from one, the cells from zero.
    names = [(kind, a, b if kind == "cell" else b + 1) for kind, a, b in names]
    problem = ExactCover(names)
    for row in range(9):
        for column in range(9):
            given = puzzle[row * 9 + column]
            for digit in range(1, 10) if given in ".0" else (int(given),):
                problem.add_row((row, column, digit), conditions(row, column, digit))
    found = []
    for solution in problem.solutions():
        grid = ["?"] * 81
        for row, column, digit in solution:
            grid[row * 9 + column] = str(digit)
        found.append("".join(grid))
        if len(found) == limit:
            break
    return found, problem.covers


def show(grid):
    for row in range(9):
        if row in (3, 6):
            print("------+-------+------")
        cells = grid[row * 9 : row * 9 + 9]
        print(" | ".join(" ".join(cells[i : i + 3]) for i in (0, 3, 6)))


PUZZLES = {
    "easy": "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79",
    "seventeen": "000000010400000000020000000000050407008000300001090000300400200050100000000806000",
    "two ways": "534..8912672195348198342567859..1423426853791713924856961537284287419635345286179",
    "impossible": "55..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79",
}


def main():
    for name, puzzle in PUZZLES.items():
        found, covers = solve(puzzle)
        print(f"{name}: {len(found)} solution(s), {covers} columns covered")
        for grid in found:
            show(grid)
            digits = set("123456789")
            good = all(set(grid[r * 9 : r * 9 + 9]) == digits for r in range(9))
            good = good and all(set(grid[c::9]) == digits for c in range(9))
            print("checked" if good else "WRONG")

    tiny = ExactCover("ABCDEFG")
    for name, columns in {"one": "CEF", "two": "ADG", "three": "BCF", "four": "AD",
                          "five": "BG", "six": "DEG"}.items():
        tiny.add_row(name, columns)
    print("cover of seven:", [sorted(chosen) for chosen in tiny.solutions()])


main()
