//! What a law says when it is broken.

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
        panic!(
            "law `{}` is broken: {found}\nwhat to do: {}",
            self.name, self.advice
        )
    }
}
