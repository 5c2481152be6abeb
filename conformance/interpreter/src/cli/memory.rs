//! `-X heap`, `-X max-memory` and `-X tlbc-limit`: where objects lie, and how much memory they may have.
//!
//! | value                | meaning                                            |
//! |----------------------|----------------------------------------------------|
//! | `heap=paged`         | the paged heap, on pages of the operating system   |
//! | `heap=arena:64M`     | the paged heap, on one array of that size          |
//! | `heap=system`        | one call per object to the system's allocator      |
//! | `heap=failing`       | the same; `_kit.fail_after` makes requests fail    |
//! | `max-memory=32M`     | blocks and pages of the heap may have that much    |
//! | `tlbc-limit=8M`      | copies of code may have that much                  |

use crate::vm::failing;
use kit_alloc::source::arena::{Arena, GRANULE};
use kit_core::backend::page::SEGMENT;
use kit_core::platform::pages::PageSource;
use kit_std::platform::pages::OsPages;
use kit_std::runtime::HeapChoice;
use std::mem::MaybeUninit;
use std::slice;

/// Which heap the command line asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Heap {
    /// `paged`.
    #[default]
    Paged,
    /// `arena:SIZE`.
    Arena(usize),
    /// `system`.
    System,
    /// `failing`.
    Failing,
}

/// Less than this, and not even the interpreter's own classes have room.
pub const LEAST: usize = 4 << 20;

impl Heap {
    /// Reads the value of `-X heap`; the error says what is wrong.
    pub fn parse(value: &str) -> Result<Heap, String> {
        match value.split_once(':') {
            None if value == "paged" => Ok(Heap::Paged),
            None if value == "system" => Ok(Heap::System),
            None if value == "failing" => Ok(Heap::Failing),
            Some(("arena", text)) => size(text)
                .map(Heap::Arena)
                .map_err(|problem| format!("-X heap=arena: {problem}")),
            _ => Err(format!(
                "-X heap: expected paged, arena:SIZE or system, not '{value}'"
            )),
        }
    }

    /// The most bytes that objects can have in it: an arena keeps two segments, or one if it is small, for the collector's
    /// tables. With one, threads that fill segments at the same time leave none for the collection that would empty them.
    pub fn room(self) -> usize {
        match self {
            Heap::Paged | Heap::System | Heap::Failing => usize::MAX,
            Heap::Arena(bytes) => bytes - (bytes / 4).clamp(SEGMENT, 2 * SEGMENT),
        }
    }

    /// The heap itself; an arena is made here, for ever. `None` without memory for it.
    pub fn choose(self) -> Option<HeapChoice> {
        match self {
            Heap::Paged => Some(HeapChoice::Paged),
            Heap::System => Some(HeapChoice::Delegating(&std::alloc::System)),
            Heap::Failing => Some(HeapChoice::Delegating(&failing::FAILING)),
            Heap::Arena(bytes) => {
                // The arena's own records come on top.
                let bytes = bytes.next_multiple_of(GRANULE).checked_add(GRANULE)?;
                let span = OsPages.reserve(bytes, SEGMENT)?;
                // SAFETY: a fresh span of that size, which is never released.
                let bytes = unsafe {
                    slice::from_raw_parts_mut(span.cast::<MaybeUninit<u8>>().as_ptr(), bytes)
                };
                let arena: &'static Arena = Box::leak(Box::new(Arena::new(bytes)?));
                Some(HeapChoice::PagedOn(arena))
            }
        }
    }
}

/// Reads the value of `-X max-memory`; the error says what is wrong.
pub fn limit(value: &str) -> Result<usize, String> {
    size(value).map_err(|problem| format!("-X max-memory: {problem}"))
}

/// Reads the value of `-X tlbc-limit`; the error says what is wrong.
pub fn code_limit(value: &str) -> Result<usize, String> {
    bytes(value).map_err(|problem| format!("-X tlbc-limit: {problem}"))
}

/// A number of bytes that is enough to start with.
fn size(text: &str) -> Result<usize, String> {
    let bytes = bytes(text)?;
    if bytes < LEAST {
        return Err(format!("{text} is too little: at least {}M", LEAST >> 20));
    }
    Ok(bytes)
}

/// A number of bytes, with K, M or G behind it if those are meant.
fn bytes(text: &str) -> Result<usize, String> {
    let (digits, shift) = match text.as_bytes().last() {
        Some(b'k' | b'K') => (&text[..text.len() - 1], 10),
        Some(b'm' | b'M') => (&text[..text.len() - 1], 20),
        Some(b'g' | b'G') => (&text[..text.len() - 1], 30),
        _ => (text, 0),
    };
    let is_number = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    if !is_number {
        return Err(format!(
            "'{text}' is no size: a number is, with K, M or G behind it"
        ));
    }
    digits
        .parse::<usize>()
        .ok()
        .and_then(|number| number.checked_mul(1 << shift))
        .filter(|&bytes| bytes <= isize::MAX as usize / 2)
        .ok_or_else(|| format!("{text} is more than there can be"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_suffixes_and_bounds() {
        assert_eq!(limit("32M"), Ok(32 << 20));
        assert_eq!(limit("65536k"), Ok(64 << 20));
        assert_eq!(limit("1G"), Ok(1 << 30));
        assert_eq!(limit("33554432"), Ok(32 << 20));
        for bad in ["", "M", "12Q", "-1M", "1.5G", "0x10M", "3 M", "١M"] {
            let problem = limit(bad).expect_err("no size");
            assert!(problem.contains("no size"), "{problem}");
        }
        for bad in ["0", "3M", "1K"] {
            assert!(limit(bad).is_err_and(|problem| problem.contains("too little")));
        }
        for bad in ["99999999999999999999", "9999999999G"] {
            assert!(limit(bad).is_err_and(|problem| problem.contains("more than")));
        }
    }

    #[test]
    fn heaps_are_known_by_name() {
        assert_eq!(Heap::parse("paged"), Ok(Heap::Paged));
        assert_eq!(Heap::parse("arena:64M"), Ok(Heap::Arena(64 << 20)));
        for bad in ["", "arena", "arena:", "arena:x", "paged:1M", "Paged"] {
            assert!(Heap::parse(bad).is_err(), "{bad}");
        }
    }
}
