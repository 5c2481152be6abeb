//! Dates: days and seconds to fields and back, in the proleptic Gregorian calendar.
//!
//! The conversion between days and dates is Hinnant's, counting years from March.

/// A date and time, fields as `struct_time` has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fields {
    /// Year.
    pub year: i64,
    /// Month, from 1.
    pub month: i64,
    /// Day of the month, from 1.
    pub day: i64,
    /// Hour.
    pub hour: i64,
    /// Minute.
    pub minute: i64,
    /// Second.
    pub second: i64,
    /// Day of the week, Monday is 0.
    pub weekday: i64,
    /// Day of the year, from 1.
    pub yearday: i64,
    /// Daylight saving time: 0, 1, or −1 for unknown.
    pub dst: i64,
}

/// Days from 1970-01-01 to a date.
pub fn days_from(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The fields of a moment, given as seconds since 1970 on the clock they are to show.
pub fn fields(seconds: i64, dst: i64) -> Fields {
    let days = seconds.div_euclid(86_400);
    let rest = seconds.rem_euclid(86_400);
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = year + era * 400 + i64::from(month <= 2);
    Fields {
        year,
        month,
        day,
        hour: rest / 3600,
        minute: rest / 60 % 60,
        second: rest % 60,
        weekday: (days + 3).rem_euclid(7),
        yearday: days - days_from(year, 1, 1) + 1,
        dst,
    }
}

/// Seconds since 1970 that a clock showing these fields would count; fields may be out of range.
pub fn seconds(f: &Fields) -> i64 {
    let months = f.month - 1;
    let (year, month) = (f.year + months.div_euclid(12), months.rem_euclid(12) + 1);
    let days = days_from(year, month, 1) + f.day - 1;
    ((days * 24 + f.hour) * 60 + f.minute) * 60 + f.second
}

/// Names of the days, from Monday.
pub const DAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

/// Names of the months.
pub const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Year and week of ISO 8601.
pub fn iso_week(f: &Fields) -> (i64, i64) {
    let week = (f.yearday - 1 - f.weekday + 10) / 7;
    if week < 1 {
        let last = days_from(f.year, 1, 1) - days_from(f.year - 1, 1, 1);
        return (f.year - 1, (f.yearday + last - 1 - f.weekday + 10) / 7);
    }
    let length = days_from(f.year + 1, 1, 1) - days_from(f.year, 1, 1);
    if week == 53 && length - f.yearday < 3 - f.weekday {
        return (f.year + 1, 1);
    }
    (f.year, week)
}

/// `strftime` in the C locale. `zone` is the name and the offset of the zone, in seconds.
pub fn format(text: &str, f: &Fields, zone: (&str, i64)) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some(code) => format_one(&mut out, code, f, zone),
            None => out.push('%'),
        }
    }
    out
}

fn format_one(out: &mut String, code: char, f: &Fields, zone: (&str, i64)) {
    let day = DAYS[f.weekday.rem_euclid(7) as usize];
    let month = MONTHS[(f.month - 1).rem_euclid(12) as usize];
    let twelve = (f.hour + 11).rem_euclid(12) + 1;
    let part = |text: &str| format(text, f, zone);
    let sunday = (f.weekday + 1) % 7;
    out.push_str(&match code {
        'a' => day[..3].to_owned(),
        'A' => day.to_owned(),
        'b' | 'h' => month[..3].to_owned(),
        'B' => month.to_owned(),
        'c' => part("%a %b %e %H:%M:%S %Y"),
        'C' => format!("{:02}", f.year.div_euclid(100)),
        'd' => format!("{:02}", f.day),
        'D' | 'x' => part("%m/%d/%y"),
        'e' => format!("{:2}", f.day),
        'F' => part("%Y-%m-%d"),
        'g' => format!("{:02}", iso_week(f).0.rem_euclid(100)),
        'G' => iso_week(f).0.to_string(),
        'H' => format!("{:02}", f.hour),
        'I' => format!("{twelve:02}"),
        'j' => format!("{:03}", f.yearday),
        'k' => format!("{:2}", f.hour),
        'l' => format!("{twelve:2}"),
        'm' => format!("{:02}", f.month),
        'M' => format!("{:02}", f.minute),
        'n' => "\n".to_owned(),
        'p' => if f.hour < 12 { "AM" } else { "PM" }.to_owned(),
        'r' => part("%I:%M:%S %p"),
        'R' => part("%H:%M"),
        's' => (seconds(f) - zone.1).to_string(),
        'S' => format!("{:02}", f.second),
        't' => "\t".to_owned(),
        'T' | 'X' => part("%H:%M:%S"),
        'u' => (f.weekday + 1).to_string(),
        'U' => format!("{:02}", (f.yearday + 6 - sunday) / 7),
        'V' => format!("{:02}", iso_week(f).1),
        'w' => sunday.to_string(),
        'W' => format!("{:02}", (f.yearday + 6 - f.weekday) / 7),
        'y' => format!("{:02}", f.year.rem_euclid(100)),
        'Y' => f.year.to_string(),
        'z' => {
            let sign = if zone.1 < 0 { '-' } else { '+' };
            let minutes = zone.1.abs() / 60;
            format!("{sign}{:02}{:02}", minutes / 60, minutes % 60)
        }
        'Z' => zone.0.to_owned(),
        '%' => "%".to_owned(),
        other => format!("%{other}"),
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_days_agree() {
        for seconds_ in [
            -62_135_596_800,
            -1,
            0,
            951_782_400,
            1_709_164_800,
            4_102_444_799,
        ] {
            let f = fields(seconds_, 0);
            assert_eq!(seconds(&f), seconds_, "{f:?}");
        }
        let f = fields(951_825_600, 0);
        assert_eq!(
            (f.year, f.month, f.day, f.weekday, f.yearday),
            (2000, 2, 29, 1, 60)
        );
    }

    #[test]
    fn formats_are_those_of_c() {
        let f = fields(0, 0);
        let text = format("%a %d %b %Y %I%p %j %U %W %G-%V %q", &f, ("UTC", 0));
        assert_eq!(text, "Thu 01 Jan 1970 12AM 001 00 00 1970-01 %q");
        let f = fields(1_609_459_200, 0);
        assert_eq!(
            format("%G-%V %c %z", &f, ("X", -5400)),
            "2020-53 Fri Jan  1 00:00:00 2021 -0130"
        );
    }
}
