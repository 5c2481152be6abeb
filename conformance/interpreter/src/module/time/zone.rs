//! The local time zone: as the system's library knows it, from `TZ` and the system's zone files.
//!
//! The library gives names of zones away that live only until it reads `TZ` again: whoever asks has the environment's lock until they
//! are copied.

use std::ffi::CStr;
use std::mem::MaybeUninit;

use super::civil::Fields;
use crate::module::posix::environment;

unsafe extern "C" {
    fn tzset();
}

/// A kind of local time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Seconds east of Greenwich.
    pub offset: i64,
    /// Daylight saving time.
    pub dst: bool,
    /// Its abbreviation.
    pub name: String,
}

/// The kind of time at a moment.
pub fn at(moment: i64) -> Kind {
    let _environment = environment::lock();
    let mut fields = MaybeUninit::<libc::tm>::zeroed();
    // SAFETY: fills in the fields, which may be all zeros; the name is null or a text that nobody frees by now.
    unsafe {
        libc::localtime_r(&moment, fields.as_mut_ptr());
        let fields = fields.assume_init();
        let name = match fields.tm_zone.is_null() {
            true => "UTC".to_owned(),
            false => CStr::from_ptr(fields.tm_zone)
                .to_string_lossy()
                .into_owned(),
        };
        Kind {
            offset: fields.tm_gmtoff,
            dst: fields.tm_isdst > 0,
            name,
        }
    }
}

/// The moment at which local clocks show these fields; `None` if that is none.
pub fn moment_of(f: &Fields) -> Option<i64> {
    let _environment = environment::lock();
    let mut fields = MaybeUninit::<libc::tm>::zeroed();
    // SAFETY: zeros are fields.
    let mut fields = unsafe { *fields.assume_init_mut() };
    let small = |value: i64| i32::try_from(value).ok();
    fields.tm_year = small(f.year - 1900)?;
    fields.tm_mon = small(f.month - 1)?;
    fields.tm_mday = small(f.day)?;
    fields.tm_hour = small(f.hour)?;
    fields.tm_min = small(f.minute)?;
    fields.tm_sec = small(f.second)?;
    fields.tm_isdst = small(f.dst)?;
    // It stays as it is if there is no such moment.
    fields.tm_wday = -1;
    // SAFETY: changes the fields only.
    let moment = unsafe { libc::mktime(&mut fields) };
    (moment != -1 || fields.tm_wday != -1).then_some(moment)
}

/// Reads `TZ` again.
pub fn read_again() {
    let _environment = environment::lock();
    // SAFETY: nobody has a name of a zone.
    unsafe { tzset() };
}

/// Standard time, and what there is half a year later or earlier, as they are in the year of a moment.
pub fn usual(now: i64) -> (Kind, Kind) {
    const YEAR: i64 = (365 * 24 + 6) * 3600;
    let begin = now.div_euclid(YEAR) * YEAR;
    let (winter, summer) = (at(begin), at(begin + YEAR / 2));
    // In the south it is the other way round.
    match winter.offset > summer.offset {
        true => (summer, winter),
        false => (winter, summer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::module::time::civil;

    #[test]
    fn local_fields_say_their_moment() {
        let kind = at(1_700_000_000);
        let fields = civil::fields(1_700_000_000 + kind.offset, kind.dst.into());
        assert_eq!(moment_of(&fields), Some(1_700_000_000));
        let (standard, other) = usual(1_700_000_000);
        assert!(standard.offset <= other.offset);
    }
}
