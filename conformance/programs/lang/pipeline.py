"""A log analysed by a pipeline of generators: each stage pulls from the one before."""

LOG = """\
10:00:01 web GET /index 200 512
10:00:02 web GET /missing 404 90
10:00:02 db SLOW 310
garbage line
10:00:03 web POST /form 201 77
10:00:05 web GET /index 200 512
10:00:06 db SLOW 95
10:00:07 web GET /big 200 90210
10:00:07 web GET /missing 404 90
10:00:09 web POST /form 500 12
10:00:11 db SLOW 1204
10:00:12 web GET /index 304 0
"""


def trace(log):
    """A coroutine that collects what it is sent."""
    try:
        while True:
            log.append((yield len(log)))
    finally:
        log.append("closed")


def lines(text):
    for number, line in enumerate(text.splitlines(), start=1):
        yield number, line


def parse(numbered, errors):
    for number, line in numbered:
        match line.split():
            case [time, "web", ("GET" | "POST") as method, path, status, size]:
                yield {"time": time, "kind": method, "path": path,
                       "status": int(status), "size": int(size)}
            case [time, "db", "SLOW", millis]:
                yield {"time": time, "kind": "SLOW", "millis": int(millis)}
            case words:
                errors.append(f"line {number}: {len(words)} words not understood")


def where(records, **conditions):
    for record in records:
        if all(record.get(name) == value for name, value in conditions.items()):
            yield record


def tee_to(records, sink):
    next(sink)
    try:
        for record in records:
            sink.send(record["time"])
            yield record
    finally:
        sink.close()


def running_total(records, name):
    total = 0
    for record in records:
        total += record[name]
        yield record | {"total": total}


def batched(records, size):
    batch = []
    for record in records:
        batch.append(record)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def averager():
    """Sends back the average so far; returns the summary when told None."""
    total = count = 0
    average = None
    while (value := (yield average)) is not None:
        total += value
        count += 1
        average = total / count
    return {"count": count, "average": average}


def summarise(results, key):
    results[key] = yield from averager()
    return f"done with {key}"


def flatten(tree):
    for item in tree:
        if isinstance(item, (list, tuple)):
            yield from flatten(item)
        else:
            yield item


def resilient(values):
    for value in values:
        try:
            yield value
        except ValueError as error:
            yield f"handled {error}"


def main():
    errors, seen = [], []
    web = where(parse(lines(LOG), errors), kind="GET")
    for record in running_total(tee_to(web, trace(seen)), "size"):
        print("{time} {path:<10}{status} {size:>6} {total:>6}".format(**record))
    print(errors)
    print(seen)

    for number, batch in enumerate(batched(parse(lines(LOG), []), 4)):
        print(number, [record["kind"] for record in batch])

    results = {}
    for kind, field in ("SLOW", "millis"), ("POST", "size"):
        stage = summarise(results, kind)
        next(stage)
        for record in where(parse(lines(LOG), []), kind=kind):
            print(f"{kind} {record[field]} -> {stage.send(record[field])}")
        try:
            stage.send(None)
        except StopIteration as stop:
            print(stop.value)
    print(results)

    print(list(flatten([1, [2, (3, [4, []], 5)], [[6]]])))
    squares = (n * n for n in range(10) if n % 2)
    print(next(squares), list(squares), next(squares, "empty"))

    stage = resilient("abc")
    print(next(stage), stage.throw(ValueError("problem")), next(stage))
    try:
        stage.throw(KeyError("not handled"))
    except KeyError as error:
        print("came back:", repr(error))
    print(list(stage))

    def closing():
        try:
            yield 1
        except GeneratorExit:
            print("told to stop")
            raise

    generator = closing()
    next(generator)
    print(generator.gi_frame is not None, generator.close(), generator.gi_frame)
    try:
        (x for x in 5)
    except TypeError as error:
        print(error)

    def bad():
        yield 1
        raise StopIteration("too early")

    try:
        list(bad())
    except RuntimeError as error:
        print(error, "<-", repr(error.__cause__))


main()
