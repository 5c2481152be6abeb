"""Strings and dictionaries: the words of a text, on as many threads as asked for."""

import sys
import threading


def work(text, results):
    counts = {}
    for _ in range(4):
        for line in text.splitlines():
            for word in line.lower().split():
                word = word.strip(".,;:!?()[]'")
                if word:
                    counts[word] = counts.get(word, 0) + 1
    value = 0
    for word, count in sorted(counts.items()):
        value = (value * 31 + len(word) * count) % 1_000_003
    results.append((len(counts), value))


def main(path, threads):
    with open(path, encoding="utf-8") as source:
        text = source.read()
    results = []
    workers = [threading.Thread(target=work, args=(text, results)) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print("wordcount", *results[0], len(set(results)) == 1)


main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1)
