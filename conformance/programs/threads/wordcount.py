"""Count the words of a real text on one, two and four threads and compare.

The text is cut at line ends into as many pieces as there are threads; every
thread counts its own piece and the partial counts are merged at the end.
"""

import sys
import threading
from collections import Counter

LIMIT = 600_000
LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz'")


def read_text(path):
    with open(path, "r", encoding="utf-8") as source:
        text = source.read(LIMIT)
    return text[: text.rindex("\n") + 1]


def pieces(text, count):
    """Cut text into count pieces of about the same size, each ending a line."""
    start = 0
    for index in range(count):
        if index == count - 1:
            end = len(text)
        else:
            end = text.index("\n", len(text) * (index + 1) // count) + 1
        yield text[start:end]
        start = end


def words(line):
    word = []
    for char in line.lower():
        if char in LETTERS:
            word.append(char)
        elif word:
            yield "".join(word)
            word.clear()
    if word:
        yield "".join(word)


class CountingThread(threading.Thread):
    def __init__(self, number, text):
        super().__init__(name=f"counter-{number}")
        self.text = text
        self.counts = Counter()
        self.lines = 0
        self.longest = ""

    def run(self):
        for line in self.text.splitlines():
            self.lines += 1
            for word in words(line):
                self.counts[word] += 1
                if (len(word), word) > (len(self.longest), self.longest):
                    self.longest = word


def count_words(text, thread_count):
    threads = [CountingThread(n, piece) for n, piece in enumerate(pieces(text, thread_count))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    total = Counter()
    lines = 0
    longest = ""
    for thread in threads:
        total.update(thread.counts)
        lines += thread.lines
        longest = max(longest, thread.longest, key=lambda w: (len(w), w))
    return total, lines, longest


def checksum(counts):
    value = 0
    for word in sorted(counts):
        for char in word:
            value = (value * 31 + ord(char)) % 1_000_000_007
        value = (value * 31 + counts[word]) % 1_000_000_007
    return value


def report(counts, lines, longest):
    print(f"  {lines} lines, {counts.total()} words, {len(counts)} different")
    print(f"  longest: {longest}")
    print(f"  checksum: {checksum(counts):010d}")
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    for word, count in ranked[:12]:
        print(f"    {word:<8}{count:>7}  {100 * count / counts.total():6.3f}%")


def main():
    text = read_text(sys.argv[1])
    print(f"{len(text)} characters")
    results = []
    for thread_count in (1, 2, 4):
        print(f"{thread_count} thread{'s' if thread_count > 1 else ''}:")
        result = count_words(text, thread_count)
        report(*result)
        results.append(result)
    print("all the same:", all(result == results[0] for result in results))

    once = sum(1 for count in results[0][0].values() if count == 1)
    by_length = Counter()
    for word, count in results[0][0].items():
        by_length[len(word)] += count
    print(f"{once} words occur once")
    for length in sorted(by_length):
        bar = "#" * (60 * by_length[length] // max(by_length.values()))
        print(f"{length:>3} {by_length[length]:>6} {bar}".rstrip())


if __name__ == "__main__":
    main()
