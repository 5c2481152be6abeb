//! How many instructions a run executes, by callgrind: the same on every machine, busy or not.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

/// What a run executed.
pub struct Work {
    /// Instructions.
    pub instructions: u64,
    /// Instructions that read memory.
    pub reads: u64,
    /// Instructions that write memory.
    pub writes: u64,
}

/// Counts the instructions of a run. Callgrind is some fifty times slower than the processor.
///
/// # Errors
/// There is no valgrind, or the run fails.
pub fn instructions(
    program: &Path,
    arguments: &[OsString],
    limit: Duration,
) -> Result<u64, String> {
    let counts = callgrind(program, arguments, limit, "--cache-sim=no")?;
    counts.first().copied().ok_or_else(no_count)
}

/// Counts also what a run reads and writes, at twice the price.
///
/// # Errors
/// As [`instructions`].
pub fn work(program: &Path, arguments: &[OsString], limit: Duration) -> Result<Work, String> {
    let counts = callgrind(program, arguments, limit, "--cache-sim=yes")?;
    match counts[..] {
        [instructions, reads, writes, ..] => Ok(Work {
            instructions,
            reads,
            writes,
        }),
        _ => Err(no_count()),
    }
}

fn no_count() -> String {
    "callgrind gave no count".to_owned()
}

fn callgrind(
    program: &Path,
    arguments: &[OsString],
    limit: Duration,
    option: &str,
) -> Result<Vec<u64>, String> {
    let mut all: Vec<OsString> = vec![
        "--tool=callgrind".into(),
        "--callgrind-out-file=/dev/null".into(),
        option.into(),
        program.into(),
    ];
    all.extend(arguments.iter().cloned());
    let sample = crate::clock::run(Path::new("valgrind"), &all, limit * 60)?;
    Ok(collected(&sample.errors))
}

/// The numbers in callgrind's line `==1== Collected : 123 45 67`.
fn collected(text: &str) -> Vec<u64> {
    let line = text.lines().find_map(|line| line.split_once("Collected :"));
    let numbers = line
        .into_iter()
        .flat_map(|(_, numbers)| numbers.split_whitespace());
    numbers.map_while(|number| number.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_counts_follow_their_word() {
        let text = "==7== \n==7== Events    : Ir Dr Dw\n==7== Collected : 1234567 89 10\n==7== \n";
        assert_eq!(super::collected(text), [1_234_567, 89, 10]);
        assert!(super::collected("==7== no").is_empty());
    }
}
