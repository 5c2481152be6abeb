"""Threads share a weak cache and a weak set, whose members die on whichever thread drops them last."""

import threading
import weakref


class Page:
    made = 0

    def __init__(self, number):
        self.number = number
        self.text = str(number) * 3


cache = weakref.WeakValueDictionary()
open_pages = weakref.WeakSet()
told = []
problems = []


def page(number):
    found = cache.get(number)
    if found is None:
        found = Page(number)
        cache[number] = found
    return found


def work(seed):
    kept = []
    for step in range(600):
        number = (seed * 7 + step * step) % 23
        this = page(number)
        if this.text != str(number) * 3:
            problems.append(this.text)
        open_pages.add(this)
        watch = weakref.ref(this, told.append)
        kept.append((this, watch))
        if len(kept) > 5:
            _, watch = kept.pop(0)
            again = watch()
            if again is not None and not again.text:
                problems.append("dead")
        if step % 50 == 0:
            for other in list(open_pages):
                if other.number > 23:
                    problems.append(other.number)
            for key, value in cache.items():
                if key != value.number:
                    problems.append(key)


threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(problems, len(cache), len(open_pages), list(cache), len(cache.data), len(open_pages.data))
print(all(watch() is None for watch in told))
