"""What tools are told of exceptions that pass through handlers, one in another: where they are handled, and each time that they are raised again."""

import sys

events = sys.monitoring.events
TOLD = ["PY_UNWIND", "RAISE", "RERAISE", "EXCEPTION_HANDLED"]
log = []


def line_at(code, offset):
    for start, end, line in code.co_lines():
        if start <= offset < end:
            return line and line - code.co_firstlineno
    return None


def watch(name):
    def tell(code, offset, exception):
        if code.co_filename == __file__ and code.co_name not in ("run", "traced"):
            # Where a frame is left, its own line is asked for.
            place = line_at(code, offset)
            log.append((name, code.co_name, place, type(exception).__name__))

    return tell


def run(function):
    log.clear()
    monitoring = sys.monitoring
    monitoring.use_tool_id(3, "handlers")
    for name in TOLD:
        monitoring.register_callback(3, getattr(events, name), watch(name))
    monitoring.set_events(3, sum(getattr(events, name) for name in TOLD))
    try:
        function()
    except Exception as error:
        ended = type(error).__name__
    else:
        ended = "returned"
    finally:
        monitoring.set_events(3, 0)
        monitoring.free_tool_id(3)
    print(function.__name__, ended)
    for entry in log:
        if entry[0] != "PY_UNWIND":
            print("  ", *entry)


def traced(function):
    lines = []

    def trace(frame, event, argument):
        if frame.f_code is not function.__code__:
            return None
        lines.append((event, frame.f_lineno - function.__code__.co_firstlineno))
        return trace

    sys.settrace(trace)
    try:
        function()
    except Exception:
        pass
    finally:
        sys.settrace(None)
    print("  ", *(f"{event}:{line}" for event, line in lines))


def simple():
    try:
        1 / 0
    except ZeroDivisionError:
        pass


def passed_on():
    try:
        try:
            1 / 0
        finally:
            cleaned = 1
    except ZeroDivisionError:
        cleaned = 2


def not_caught():
    try:
        try:
            1 / 0
        except ValueError:
            pass
    finally:
        cleaned = 1


def three_deep():
    try:
        try:
            try:
                1 / 0
            finally:
                first = 1
        finally:
            second = 2
    finally:
        third = 3


class Manager:
    def __init__(self, answer):
        self.answer = answer

    def __enter__(self):
        return self

    def __exit__(self, *about):
        return self.answer


def suppressed():
    with Manager(True):
        1 / 0
    return 1


def not_suppressed():
    try:
        with Manager(False):
            raise KeyError
    except KeyError as error:
        result = error


def raised_again():
    try:
        1 / 0
    except ZeroDivisionError:
        try:
            raise
        except ZeroDivisionError:
            pass


def returned_in_handler():
    try:
        1 / 0
    except ZeroDivisionError:
        return 5
    finally:
        pass


def in_a_loop():
    for turn in range(2):
        try:
            raise ValueError
        except KeyError:
            break
        except ValueError:
            continue
        finally:
            last = turn


for function in (simple, passed_on, not_caught, three_deep, suppressed, not_suppressed, raised_again, returned_in_handler, in_a_loop):
    run(function)
    traced(function)
