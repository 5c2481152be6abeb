"""datetime and calendar: arithmetic, text both ways, zones, what is refused."""
import calendar
from datetime import UTC, date, datetime, time, timedelta, timezone

CASES = r"""
date(2024, 2, 29), date(2024, 2, 29) + timedelta(365), date(2024, 3, 1) - date(2023, 3, 1), date.fromordinal(738000), date(2024, 1, 1).toordinal(), date(2024, 12, 30).isocalendar(), date(2024, 5, 17).weekday(), date(2024, 5, 17).isoweekday(), date.fromisocalendar(2024, 1, 1), date(2024, 5, 17).replace(month=1), date.min, date.max, date.resolution, str(date(1, 1, 1)), repr(date(2024, 5, 1)), date(2024, 5, 17).timetuple()[:8], date(2024, 5, 17).ctime()
date(2024, 2, 30)
date(0, 1, 1)
date(2024, 13, 1)
date('2024', 1, 1)
date.max + timedelta(1)
date(2024, 1, 1) < datetime(2024, 1, 1)
date(2024, 1, 1) + 1
date(2024, 1, 2) > date(2024, 1, 1), date(2024, 1, 1) == datetime(2024, 1, 1), hash(date(2024, 1, 1)) == hash(date(2024, 1, 1)), date(2024, 1, 1) in {date(2024, 1, 1)}
date.fromisoformat('2024-05-17'), date.fromisoformat('20240517'), date.fromisoformat('2024-W20-5'), datetime.fromisoformat('2024-05-17T12:30:45.123456+02:00'), datetime.fromisoformat('2024-05-17 12:30'), datetime.fromisoformat('20240517T123045Z'), time.fromisoformat('12:30:45.5'), time.fromisoformat('T1230')
date.fromisoformat('2024-5-17')
date.fromisoformat('nope')
datetime.fromisoformat('2024-05-17T25:00')
time.fromisoformat('12:60')
time(12, 30, 45, 123), time(24) if 0 else time(23, 59), time(12, tzinfo=UTC), time(1, 2) < time(1, 3), time(12, 30).isoformat('minutes'), time(1, 2, 3, 4000).isoformat(timespec='milliseconds'), time(12).replace(minute=5), bool(time(0)), repr(time(1, 2, 3)), time.max, time(5, fold=1)
time(24)
time(12) + timedelta(1)
time(12) < time(12, tzinfo=UTC)
timedelta(days=1, hours=25, minutes=-5), timedelta(weeks=1).days, timedelta(milliseconds=1500), timedelta(1.5), timedelta(seconds=-1), repr(timedelta(seconds=-1)), timedelta(1) * 2.5, timedelta(5) / timedelta(2), timedelta(5) // 2, timedelta(5) % timedelta(2), divmod(timedelta(5), timedelta(2)), timedelta(hours=36).total_seconds(), -timedelta(1), abs(timedelta(-1)), timedelta(1) > timedelta(0), bool(timedelta(0)), str(timedelta(days=-1, seconds=5, microseconds=7)), timedelta.max, timedelta(microseconds=0.5), timedelta(1) / 3
timedelta(10**10)
timedelta(1) / 0
timedelta(1) + 1
timedelta('1')
datetime(2024, 5, 17, 12, 30) + timedelta(hours=20), datetime(2024, 1, 1) - datetime(2023, 12, 31, 12), datetime(2024, 5, 17, 12, 30, tzinfo=timezone(timedelta(hours=2))).astimezone(UTC), datetime(2024, 5, 17, tzinfo=UTC).utcoffset(), datetime.fromtimestamp(0, UTC), datetime(1970, 1, 2, tzinfo=UTC).timestamp(), datetime.combine(date(2024, 1, 1), time(5)), datetime(2024, 5, 17, 12).isoformat(' '), datetime(2024, 5, 17).date(), datetime(2024, 5, 17, 3).time(), datetime(2024, 5, 17, 3).replace(tzinfo=UTC).timetz(), repr(datetime(2024, 5, 17, 1, 2, 3, 4, UTC)), datetime(2024, 5, 17).isoformat(timespec='hours'), datetime.min, datetime(2024, 5, 17, 10).utctimetuple()[:6]
datetime(2024, 1, 1) - datetime(2024, 1, 1, tzinfo=UTC)
datetime(2024, 1, 1) < datetime(2024, 1, 1, tzinfo=UTC)
datetime(2024, 1, 1) == datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC) == datetime(2024, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))
datetime(2024, 1, 1, tzinfo=5)
datetime(2024, 5, 17, 12, 5, 9, 42).strftime('%Y-%m-%d %H:%M:%S.%f %j %U %w %a %A %b %B %y %I %p %% %G-W%V-%u %F %T'), date(2024, 5, 17).strftime('%d/%m/%y'), f'{date(2024, 5, 17):%d %b}', f'{datetime(2024, 5, 17, tzinfo=UTC):%z %Z %:z}', time(5, 6).strftime('%H.%M')
datetime.strptime('17 May 2024 12:30', '%d %B %Y %H:%M'), datetime.strptime('2024-138', '%Y-%j'), datetime.strptime('05/17/24 01:02:03 PM', '%m/%d/%y %I:%M:%S %p'), datetime.strptime('+0230', '%z').tzinfo, datetime.strptime('12.5', '%S.%f'), datetime.strptime('Fri', '%a').year, date.strptime('2024-01-02', '%Y-%m-%d') if hasattr(date, 'strptime') else ''
datetime.strptime('2024', '%Y-%m')
datetime.strptime('2024-01-01 x', '%Y-%m-%d')
datetime.strptime('1', '%q')
timezone(timedelta(hours=5, minutes=30)), timezone(timedelta(0)), timezone(timedelta(hours=-1), 'X'), str(timezone(timedelta(hours=-3, minutes=-30))), UTC, timezone.utc is UTC, timezone(timedelta(hours=1)) == timezone(timedelta(hours=1), 'n'), timezone.max, timezone(timedelta(seconds=30)).tzname(None)
timezone(timedelta(hours=24))
timezone(5)
calendar.monthrange(2024, 2), calendar.isleap(1900), calendar.leapdays(2000, 2025), calendar.weekday(2024, 5, 17), calendar.monthcalendar(2024, 2), calendar.month(2024, 2), calendar.day_name[0], calendar.month_abbr[5], calendar.timegm((1970, 1, 2, 0, 0, 0)), calendar.TextCalendar(6).formatmonth(2023, 2), calendar.HTMLCalendar().formatmonth(2023, 2)[:60], list(calendar.Calendar().itermonthdays(2023, 2))[:5]
calendar.monthrange(2024, 13)
"""

for case in CASES.strip().splitlines():
    try:
        print(case, "->", repr(eval(case)))
    except Exception as error:
        print(case, "!!", type(error).__name__, error)
