//! What the measurements were made on.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

/// What a reader must know to judge the numbers.
pub struct Machine {
    /// The processor, as it names itself.
    pub processor: String,
    /// How many threads it runs at a time.
    pub cores: usize,
    /// The operating system and the architecture.
    pub system: String,
    /// The CPython that was compared with.
    pub cpython: Option<String>,
    /// The commit of this repository.
    pub commit: String,
    /// The day, UTC.
    pub date: String,
}

impl Machine {
    /// Looks, also at the CPython that was compared with.
    pub fn look(cpython: Option<&Path>) -> Machine {
        let processor = fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| {
            let line = text.lines().find(|line| line.starts_with("model name"))?;
            Some(line.split_once(':')?.1.trim().to_owned())
        });
        let version = "import sys; print(sys.version.split('[')[0])";
        let commit = Command::new("git")
            .args([
                "-C",
                env!("CARGO_MANIFEST_DIR"),
                "describe",
                "--always",
                "--dirty",
            ])
            .output();
        Machine {
            processor: processor.unwrap_or_else(|| "unknown processor".to_owned()),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            cpython: cpython.map(|path| {
                first_line(path, &["-c", version]).unwrap_or_else(|| "unknown version".to_owned())
            }),
            commit: commit
                .ok()
                .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
                .filter(|text| !text.is_empty())
                .unwrap_or_else(|| "unknown".to_owned()),
            date: SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or_else(|_| String::new(), |since| date(since.as_secs() / 86_400)),
        }
    }

    /// All of it in a line.
    pub fn line(&self) -> String {
        format!(
            "{}, commit {}. {}, {} threads at a time, {}; CPython {}.",
            self.date,
            self.commit,
            self.processor,
            self.cores,
            self.system,
            self.cpython.as_deref().unwrap_or("none")
        )
    }
}

fn first_line(program: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    Some(text.lines().next()?.trim().to_owned())
}

/// The date `days` after 1 January 1970, in the Gregorian calendar.
fn date(days: u64) -> String {
    // Years that begin in March end with the leap day; 719,468 days from 0000-03-01.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + u64::from(month <= 2);
    format!("{year}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn days_are_dates() {
        assert_eq!(super::date(0), "1970-01-01");
        assert_eq!(super::date(11_016), "2000-02-29");
        assert_eq!(super::date(11_017), "2000-03-01");
        assert_eq!(super::date(20_453), "2025-12-31");
        assert_eq!(super::date(20_454), "2026-01-01");
    }
}
