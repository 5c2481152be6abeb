//! Differential fuzzer: programs run on CPython and on kit-python, and what they do is compared.
//!
//! | file       | what                                              |
//! |------------|---------------------------------------------------|
//! | `grammar`  | programs made by a grammar, which are run         |
//! | `rules`    | programs of many small pieces, made by `rules.txt` |
//! | `mutate`   | mutants of the suite's programs, which are compiled |
//! | `batch`    | running many programs in few processes            |
//! | `known`    | differences that are known                        |
//! | `minimise` | making a program smaller that shows a difference  |
//!
//! Each program is made of a number, its seed: the same number makes the same program, on any machine.

mod batch;
mod grammar;
mod known;
mod minimise;
mod mutate;
mod options;
mod random;
mod rules;

use batch::{Kind, Place, Program};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use options::{HELP, Kinds, Options};
use random::Random;
use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(message) => {
            eprintln!("fuzz: {message}\nTry --help.");
            return ExitCode::from(2);
        }
    };
    match fuzz(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("fuzz: {message}");
            ExitCode::from(2)
        }
    }
}

/// So many programs are made smaller; the rest may be the same mistakes.
const SMALLER: usize = 40;

/// What programs are made of.
struct Sources {
    corpus: mutate::Corpus,
    rules: rules::Rules,
}

impl Sources {
    /// The program of a seed.
    fn make(&self, seed: u64, kinds: Kinds) -> Program {
        let run = match kinds {
            Kinds::Both => seed.is_multiple_of(2),
            Kinds::Mutants => false,
            Kinds::Generated => true,
        };
        let mut random = Random::new(seed);
        let text = match run {
            true if random.chance(50) => grammar::program(&mut random),
            true => self.rules.program(&mut random),
            false => self.corpus.mutant(&mut random),
        };
        let kind = match run {
            true => Kind::Run,
            // Looking at all of it takes ten times as long.
            false if random.chance(25) => Kind::Parse,
            false => Kind::Compile,
        };
        Program { seed, text, kind }
    }
}

/// Programs whose outcomes differ alike.
struct Difference {
    program: Program,
    oracle: String,
    ours: String,
    /// The seeds of all of them.
    seeds: Vec<u64>,
}

/// What makes differences alike: the lines that differ, without numbers and without what escapes their quotes.
fn shape(oracle: &str, ours: &str) -> String {
    let mut out = String::new();
    for line in [oracle, " / ", ours] {
        for c in line.chars().take(300) {
            match c {
                '0'..='9' if out.ends_with('0') => {}
                '0'..='9' => out.push('0'),
                '\\' => {}
                c => out.push(c),
            }
        }
    }
    out
}

/// The lines of the first difference that nothing is known about. Those that are known go to `reasons`.
///
/// Outcomes are as `repr` shows them, so ends of lines are a backslash and a letter.
fn differing<'a>(
    oracle: &'a str,
    ours: &'a str,
    known: &'a [known::Known],
    mut reasons: impl FnMut(&'a str),
) -> Option<(&'a str, &'a str)> {
    if oracle == ours {
        return None;
    }
    let lines = |text: &'a str| text.split("\\n").collect::<Vec<_>>();
    let (left, right) = (lines(oracle), lines(ours));
    let mut pairs = left.iter().zip(&right).filter(|(a, b)| a != b);
    // Behind a line that only one of them has, all lines would differ.
    let same_length = left.len() == right.len();
    for (a, b) in &mut pairs {
        match known::reason(known, a, b) {
            Some(reason) => reasons(reason),
            None => return Some((a, b)),
        }
        if !same_length {
            return None;
        }
    }
    (!same_length).then(|| {
        let at = left.len().min(right.len());
        (
            left.get(at).copied().unwrap_or(""),
            right.get(at).copied().unwrap_or(""),
        )
    })
}

fn fuzz(options: &Options) -> Result<bool, String> {
    let corpus = mutate::Corpus::read(&options.corpus);
    let rules = rules::Rules::read()?;
    if corpus.is_empty() && options.kinds != Kinds::Generated {
        return Err("no programs to mutate".into());
    }
    let sources = Sources { corpus, rules };
    if let Some(seed) = options.show {
        let program = sources.make(seed, options.kinds);
        let shown = std::io::stdout().write_all(&program.text);
        return shown.map(|()| true).map_err(|error| error.to_string());
    }
    for python in [&options.oracle, &options.python] {
        if !python.is_file() {
            return Err(format!("no such file: {}", python.display()));
        }
    }
    let known = known::read(&options.known)?;
    let place = Place::new(
        options.out.join(format!("batches-{}", std::process::id())),
        options.limit,
    )
    .map_err(|error| error.to_string())?;
    let bar = ProgressBar::with_draw_target(Some(options.programs), ProgressDrawTarget::stderr());
    if std::io::stderr().is_terminal()
        && let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} {msg} {eta}")
    {
        bar.set_style(style);
    } else {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    let next = AtomicU64::new(options.seed);
    let end = options.seed.saturating_add(options.programs);
    let found: Mutex<BTreeMap<String, Difference>> = Mutex::new(BTreeMap::new());
    let reasons: Mutex<BTreeMap<String, u64>> = Mutex::new(BTreeMap::new());
    let failed: Mutex<Option<String>> = Mutex::new(None);
    let lock = |error: std::io::Error| {
        if let Ok(mut failed) = failed.lock() {
            failed.get_or_insert(error.to_string());
        }
    };
    std::thread::scope(|scope| {
        for job in 0..options.jobs {
            let (next, place, sources, known) = (&next, &place, &sources, &known);
            let (found, reasons, bar, lock) = (&found, &reasons, &bar, &lock);
            scope.spawn(move || {
                loop {
                    // The number alone is shared.
                    let first = next.fetch_add(options.batch as u64, Relaxed);
                    if first >= end {
                        return;
                    }
                    let last = end.min(first + options.batch as u64);
                    let programs: Vec<Program> = (first..last)
                        .map(|seed| sources.make(seed, options.kinds))
                        .collect();
                    let on = |python, name: &str| {
                        place.outcomes(python, &format!("{name}{job}"), &programs)
                    };
                    let both = on(&options.oracle, "oracle")
                        .and_then(|a| Ok((a, on(&options.python, "ours")?)));
                    let (oracle, ours) = match both {
                        Ok(both) => both,
                        Err(error) => return lock(error),
                    };
                    for (program, (oracle, ours)) in
                        programs.iter().zip(oracle.into_iter().zip(ours))
                    {
                        let noted = |reason: &str| {
                            if let Ok(mut reasons) = reasons.lock() {
                                *reasons.entry(reason.to_owned()).or_default() += 1;
                            }
                        };
                        let Some((a, b)) = differing(&oracle, &ours, known, noted) else {
                            continue;
                        };
                        if let Ok(mut found) = found.lock() {
                            let (oracle, ours) = (a.to_owned(), b.to_owned());
                            let entry = found.entry(shape(&oracle, &ours)).or_insert(Difference {
                                program: program.clone(),
                                oracle,
                                ours,
                                seeds: Vec::new(),
                            });
                            entry.seeds.push(program.seed);
                            bar.set_message(format!("{} kinds of difference", found.len()));
                        }
                    }
                    bar.inc(programs.len() as u64);
                }
            });
        }
    });
    bar.finish_and_clear();
    if let Ok(Some(error)) = failed.into_inner() {
        return Err(error);
    }
    let found = found.into_inner().map_err(|error| error.to_string())?;
    let differing: usize = found
        .values()
        .map(|difference| difference.seeds.len())
        .sum();
    let shapes = found.len();
    for (index, mut difference) in found.into_values().enumerate() {
        if options.minimise && index < SMALLER {
            smaller(options, &place, &known, &mut difference);
        }
        report(options, index, &difference).map_err(|error| error.to_string())?;
    }
    place.remove().map_err(|error| error.to_string())?;
    let reasons = reasons.into_inner().map_err(|error| error.to_string())?;
    for (reason, count) in &reasons {
        println!("known: {count} × {reason}");
    }
    println!(
        "{} programs from seed {}: {differing} differ, in {shapes} ways",
        options.programs, options.seed
    );
    Ok(shapes == 0)
}

/// Makes the program smaller, as long as its first difference is like this one.
fn smaller(options: &Options, place: &Place, known: &[known::Known], difference: &mut Difference) {
    let wanted = shape(&difference.oracle, &difference.ours);
    let both = |text: &[u8]| {
        let program = [Program {
            text: text.to_vec(),
            ..difference.program.clone()
        }];
        let outcome = |python, name| place.outcomes(python, name, &program).ok()?.pop();
        let oracle = outcome(&options.oracle, "small-oracle")?;
        let ours = outcome(&options.python, "small-ours")?;
        let (a, b) = differing(&oracle, &ours, known, |_| ())?;
        Some((a.to_owned(), b.to_owned()))
    };
    let differs = |text: &[u8]| both(text).is_some_and(|(a, b)| shape(&a, &b) == wanted);
    let text = minimise::minimise(&difference.program.text, differs, 150);
    if let Some((oracle, ours)) = both(&text) {
        (difference.oracle, difference.ours) = (oracle, ours);
        difference.program.text = text;
    }
}

/// Prints a difference and keeps its program.
fn report(options: &Options, index: usize, difference: &Difference) -> std::io::Result<()> {
    let Difference {
        program,
        oracle,
        ours,
        seeds,
    } = difference;
    let kind = if program.kind == Kind::Run {
        "generated"
    } else {
        "mutant"
    };
    let file = options.out.join(format!("{kind}-{}.py", program.seed));
    std::fs::write(&file, &program.text)?;
    let short = |text: &str| text.chars().take(400).collect::<String>();
    println!(
        "{}. {kind} {}, {} alike: {}",
        index + 1,
        program.seed,
        seeds.len(),
        file.display()
    );
    let seeds: Vec<String> = seeds.iter().map(u64::to_string).collect();
    println!(
        "  oracle: {}\n  ours:   {}\n  seeds:  {}",
        short(oracle),
        short(ours),
        seeds.join(" ")
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_hides_nothing_else() {
        let known = [known::Known {
            reason: "why".into(),
            oracle: "A".into(),
            ours: "B".into(),
        }];
        let find = |a, b| differing(a, b, &known, |reason| assert_eq!(reason, "why"));
        assert_eq!(find("x", "x"), None);
        assert_eq!(find("A\\nx", "B\\nx"), None);
        assert_eq!(find("A\\nx", "B\\ny"), Some(("x", "y")));
        assert_eq!(find("x", "x\\ny"), Some(("", "y")));
    }
}
