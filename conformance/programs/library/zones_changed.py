"""time: local time in the zones that TZ says, one after the other."""
import os
import time

summer, winter, far = 1_690_000_000, 1_700_000_000, 4_000_000_000
for zone in ("EST+05EDT,M4.1.0,M10.5.0", "UTC+0", "AEST-10AEDT-11,M10.5.0,M3.5.0", "<+0330>-3:30", "CET-1CEST,M3.5.0,M10.5.0/3"):
    os.environ["TZ"] = zone
    time.tzset()
    print(zone, time.tzname, time.timezone, time.altzone, time.daylight)
    for moment in (summer, winter, far):
        local = time.localtime(moment)
        print(tuple(local), local.tm_zone, local.tm_gmtoff, time.mktime(local) == moment, time.strftime("%Z %z %H", local), time.ctime(moment))
# What does not exist, and what exists twice, as the field says.
os.environ["TZ"] = "CET-1CEST,M3.5.0,M10.5.0/3"
time.tzset()
for fields in ((2023, 3, 26, 2, 30, 0, 0, 0, -1), (2023, 10, 29, 2, 30, 0, 0, 0, 0), (2023, 10, 29, 2, 30, 0, 0, 0, 1), (2023, 14, 35, 25, 61, 61, 0, 0, -1)):
    print(fields, time.mktime(fields))
for call in (lambda: time.mktime((2**31, 1, 1, 0, 0, 0, 0, 0, 0)), lambda: time.tzset(1), lambda: time.mktime((1,)), lambda: time.mktime(1)):
    try:
        print(call())
    except Exception as error:
        print(type(error).__name__, error)
