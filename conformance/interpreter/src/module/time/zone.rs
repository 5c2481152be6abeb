//! The local time zone, from the system's zone files (RFC 9636).

use std::sync::OnceLock;

/// A time zone: what clocks show when.
#[derive(Default)]
pub struct Zone {
    /// From these moments on (seconds since 1970), this kind of time.
    changes: Vec<(i64, usize)>,
    kinds: Vec<Kind>,
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

impl Zone {
    /// The kind of time at a moment.
    pub fn at(&self, moment: i64) -> Kind {
        let index = self.changes.partition_point(|(from, _)| *from <= moment);
        let kind = match index.checked_sub(1) {
            Some(index) => self.kinds.get(self.changes[index].1),
            None => self.kinds.iter().find(|kind| !kind.dst),
        };
        kind.cloned().unwrap_or(Kind {
            offset: 0,
            dst: false,
            name: "UTC".to_owned(),
        })
    }

    /// Standard time, and daylight saving time if there ever is any: the latest of each.
    pub fn usual(&self) -> (Kind, Option<Kind>) {
        let latest = |dst| {
            let changes = self.changes.iter().rev();
            let kind = changes
                .map(|(_, kind)| &self.kinds[*kind])
                .find(|kind| kind.dst == dst);
            kind.cloned()
        };
        (
            latest(false).unwrap_or_else(|| self.at(i64::MIN)),
            latest(true),
        )
    }

    /// Reads a zone file: the 64-bit part if there is one.
    fn parse(file: &[u8]) -> Option<Zone> {
        let (zone, length) = Self::parse_block(file, 4)?;
        if file.get(4).is_some_and(|version| *version >= b'2') {
            return Self::parse_block(file.get(length..)?, 8).map(|(zone, _)| zone);
        }
        Some(zone)
    }

    /// Reads a block whose moments have `width` bytes; returns its length as well.
    fn parse_block(block: &[u8], width: usize) -> Option<(Zone, usize)> {
        if block.get(..4)? != b"TZif" {
            return None;
        }
        let word = |at: usize| Some(u32::from_be_bytes(block.get(at..at + 4)?.try_into().ok()?));
        let count = |index: usize| word(20 + 4 * index).map(|n| n as usize);
        let (ut, standard, leaps) = (count(0)?, count(1)?, count(2)?);
        let (changes, kinds, letters) = (count(3)?, count(4)?, count(5)?);
        let moments_at = 44;
        let indexes_at = moments_at + changes * width;
        let kinds_at = indexes_at + changes;
        let letters_at = kinds_at + kinds * 6;
        let end = letters_at + letters + leaps * (width + 4) + standard + ut;
        let text = block.get(letters_at..letters_at + letters)?;
        let mut zone = Zone::default();
        for index in 0..kinds {
            let at = kinds_at + index * 6;
            let name = text.get(*block.get(at + 5)? as usize..)?;
            let name = name.split(|byte| *byte == 0).next()?;
            zone.kinds.push(Kind {
                offset: i64::from(word(at)? as i32),
                dst: *block.get(at + 4)? != 0,
                name: String::from_utf8_lossy(name).into_owned(),
            });
        }
        for index in 0..changes {
            let at = moments_at + index * width;
            let bytes = block.get(at..at + width)?;
            let moment = match width {
                8 => i64::from_be_bytes(bytes.try_into().ok()?),
                _ => i64::from(i32::from_be_bytes(bytes.try_into().ok()?)),
            };
            let kind = *block.get(indexes_at + index)? as usize;
            zone.kinds.get(kind)?;
            zone.changes.push((moment, kind));
        }
        Some((zone, end))
    }
}

/// The zone of `TZ`, or of the system; UTC without either.
pub fn local() -> &'static Zone {
    static LOCAL: OnceLock<Zone> = OnceLock::new();
    LOCAL.get_or_init(|| {
        let path = match std::env::var("TZ") {
            Ok(name) if name.starts_with('/') => name,
            Ok(name) if !name.is_empty() => {
                format!("/usr/share/zoneinfo/{}", name.trim_start_matches(':'))
            }
            Ok(_) => return Zone::default(),
            Err(_) => "/etc/localtime".to_owned(),
        };
        let file = std::fs::read(path).unwrap_or_default();
        Zone::parse(&file).unwrap_or_default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_file_is_read() {
        let mut file = b"TZif\0".to_vec();
        file.resize(20, 0);
        for count in [0u32, 0, 0, 1, 2, 8] {
            file.extend(count.to_be_bytes());
        }
        file.extend(100i32.to_be_bytes());
        file.push(1);
        file.extend(3600i32.to_be_bytes());
        file.extend([0, 0]);
        file.extend(7200i32.to_be_bytes());
        file.extend([1, 4]);
        file.extend(b"CET\0EST\0");
        let zone = Zone::parse(&file).expect("it is well-formed");
        assert_eq!(
            (zone.at(99).name, zone.at(100).offset),
            ("CET".to_owned(), 7200)
        );
        assert!(zone.usual().1.is_some_and(|kind| kind.dst));
        assert!(Zone::parse(&file[..50]).is_none());
        assert_eq!(Zone::default().at(0).name, "UTC");
    }
}
