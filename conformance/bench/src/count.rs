//! How many instructions a run executes, by callgrind: the same on every machine, busy or not.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

/// Counts the instructions of a run. Callgrind is some fifty times slower than the processor.
///
/// # Errors
/// There is no valgrind, or the run fails.
pub fn instructions(
    program: &Path,
    arguments: &[OsString],
    limit: Duration,
) -> Result<u64, String> {
    let mut all: Vec<OsString> = vec![
        "--tool=callgrind".into(),
        "--callgrind-out-file=/dev/null".into(),
        program.into(),
    ];
    all.extend(arguments.iter().cloned());
    let sample = crate::clock::run(Path::new("valgrind"), &all, limit * 60)?;
    collected(&sample.errors).ok_or_else(|| "callgrind gave no count".to_owned())
}

/// The number in callgrind's line `==1== Collected : 123`.
fn collected(text: &str) -> Option<u64> {
    let line = text.lines().find(|line| line.contains("Collected :"))?;
    line.split_whitespace().next_back()?.parse().ok()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_count_is_the_last_word_of_its_line() {
        let text = "==7== \n==7== Events    : Ir\n==7== Collected : 1234567\n==7== \n";
        assert_eq!(super::collected(text), Some(1_234_567));
        assert_eq!(super::collected("==7== no"), None);
    }
}
