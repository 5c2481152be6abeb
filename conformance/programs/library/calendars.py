"""calendar and time: months as text, weekdays, leap years, struct_time, strftime and strptime, errors."""
import calendar
import time


def attempt(action):
    try:
        print(action())
    except BaseException as error:
        print(type(error).__name__, error)


c = calendar.TextCalendar(firstweekday=6)
print(c.formatmonth(2024, 2), c.formatyear(2023, m=6, w=2).splitlines()[4], calendar.month(2021, 5), sep="\n")
print(calendar.isleap(1900), calendar.isleap(2000), calendar.leapdays(1990, 2024), calendar.weekday(2024, 2, 29), calendar.monthrange(2023, 2), calendar.timegm((2024, 1, 1, 0, 0, 0)))
print(calendar.monthcalendar(2024, 9), [d.isoformat() for d in calendar.Calendar().itermonthdates(2024, 2)][:3], list(calendar.Calendar(2).itermonthdays2(2024, 3))[:4], list(calendar.Calendar().iterweekdays()))
print(list(calendar.day_name), calendar.month_abbr[1:4], calendar.Day.MONDAY, calendar.Month.MAY.value, calendar.HTMLCalendar().formatday(3, 0), len(calendar.HTMLCalendar().formatmonth(2024, 1)))
for call in (lambda: calendar.monthrange(2024, 13), lambda: calendar.setfirstweekday(9), lambda: calendar.weekday(2024, 2, 30), lambda: calendar.Calendar(8).firstweekday, lambda: calendar.month(2024, 0)):
    attempt(call)
t = time.gmtime(1_700_000_000)
print(t, t.tm_year, t[:3], tuple(t) == t, time.asctime(t), time.strftime("%Y-%m-%d %H:%M:%S %j %U %w %a %A %b %B %% %y %I %p", t), time.struct_time(range(9)))
for text, form in (("2024-02-29", "%Y-%m-%d"), ("Mon Jan 01 12:30:59 2001", "%a %b %d %H:%M:%S %Y"), ("12PM", "%I%p"), ("99 001", "%y %j"), ("x", "%Y"), ("2023-02-29", "%Y-%m-%d"), ("2024", "%Y-"), ("1 2", "%d"), ("5", "%Q")):
    attempt(lambda: tuple(time.strptime(text, form)))
for call in (lambda: time.sleep(-1), lambda: time.sleep("x"), lambda: time.gmtime("x"), lambda: time.asctime((1, 2)), lambda: time.mktime((1,)), lambda: time.strftime(5), lambda: time.strftime("%Y", (2024, 13, 1, 0, 0, 0, 0, 1, 0)), lambda: time.gmtime(1e20), lambda: time.struct_time([1]), lambda: time.localtime(None).tm_year > 2000, lambda: time.get_clock_info("nope")):
    attempt(call)
print(time.monotonic() <= time.monotonic(), time.perf_counter_ns() > 0, time.time_ns() > 0, time.process_time() >= 0, time.thread_time() >= 0, time.get_clock_info("monotonic").monotonic, isinstance(time.timezone, int), len(time.tzname))
