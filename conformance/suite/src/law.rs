//! What a law says when it is broken, and how it chooses what to try.

use proptest::test_runner::{RngAlgorithm, TestRng};

/// The source of what is arbitrary in a law: the same in each run, so that what was found once is found again.
pub(crate) fn always_the_same() -> TestRng {
    TestRng::deterministic_rng(RngAlgorithm::ChaCha)
}

use std::panic::Location;

/// A law: its name, and what whoever broke it should look at.
pub(crate) struct Law {
    pub(crate) name: &'static str,
    pub(crate) advice: &'static str,
}

impl Law {
    /// Panics unless the law holds; `found` says what was found instead.
    #[track_caller]
    pub(crate) fn demand(&self, holds: bool, found: impl FnOnce() -> String) {
        if !holds {
            self.broken(&found());
        }
    }

    /// Panics: the law does not hold.
    #[track_caller]
    pub(crate) fn broken(&self, found: &str) -> ! {
        let contract = contract(Location::caller().file());
        panic!(
            "law `{name}` is broken: {found}\nwhat to do: {advice}\nwhere to read: `kit_suite::{contract}::{name}`, and \
             docs/book/src/{chapter}.md",
            name = self.name,
            advice = self.advice,
            chapter = chapter(contract),
        )
    }
}

/// Which module's laws are in a file of this crate.
fn contract(file: &str) -> &str {
    let path = file.rsplit_once("src/").map_or(file, |(_, path)| path);
    path.split(['/', '.']).next().unwrap_or(path)
}

/// The chapter of the book about a contract.
fn chapter(contract: &str) -> &'static str {
    match contract {
        "heap" | "pages" => "porting-memory",
        "platform" | "threads" => "porting-platform",
        _ => "pieces",
    }
}
