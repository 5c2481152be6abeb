"""graphlib, sched, colorsys: orders of graphs with cycles found, events at their times, colours converted."""
import colorsys
import graphlib
import sched


def attempt(action):
    try:
        print(action())
    except BaseException as error:
        print(type(error).__name__, error)


g = graphlib.TopologicalSorter({"d": {"b", "c"}, "b": {"a"}, "c": {"a"}})
print(list(g.static_order())[0], list(graphlib.TopologicalSorter({3: [2], 2: [1]}).static_order()))
g = graphlib.TopologicalSorter()
g.add("cook", "shop", "clean")
g.add("eat", "cook")
g.prepare()
while g.is_active():
    ready = sorted(g.get_ready())
    print(ready, end=" ")
    g.done(*ready)
print()
try:
    graphlib.TopologicalSorter({"a": ["b"], "b": ["c"], "c": ["a"]}).prepare()
except graphlib.CycleError as error:
    print(error.args[0], len(error.args[1]), isinstance(error, ValueError))
h = graphlib.TopologicalSorter({1: [2]})
for call in (lambda: h.get_ready(), lambda: h.is_active(), lambda: h.prepare(), lambda: h.add(5, 6), lambda: h.done(1), lambda: h.get_ready(), lambda: h.done(2), lambda: h.done(2), lambda: h.done(99), lambda: h.get_ready(), lambda: h.add([])):
    attempt(call)
clock = [0]
events = []
s = sched.scheduler(lambda: clock[0], lambda n: clock.__setitem__(0, clock[0] + n))
s.enter(5, 1, events.append, ("five",))
first = s.enter(1, 2, events.append, ("one, low",))
s.enter(1, 1, events.append, ("one, high",))
s.enterabs(3, 1, lambda **k: events.append(k), kwargs={"k": 3})
cancelled = s.enter(2, 1, events.append, ("never",))
s.cancel(cancelled)
print([e.time for e in s.queue], s.empty(), first.priority, first < cancelled)
print(s.run(blocking=False), events, clock)
s.run()
print(events, clock, s.empty())
attempt(lambda: s.cancel(cancelled))
s.enter(0, 1, lambda: 1 / 0)
attempt(lambda: s.run())
print(s.empty())
for rgb in ((1, 0, 0), (0.2, 0.4, 0.6), (0, 0, 0), (1, 1, 1)):
    print(*(tuple(round(x, 6) for x in f(*rgb)) for f in (colorsys.rgb_to_hsv, colorsys.rgb_to_hls, colorsys.rgb_to_yiq)), tuple(round(x, 6) for x in colorsys.hsv_to_rgb(*colorsys.rgb_to_hsv(*rgb))), tuple(round(x, 6) for x in colorsys.hls_to_rgb(*colorsys.rgb_to_hls(*rgb))))
