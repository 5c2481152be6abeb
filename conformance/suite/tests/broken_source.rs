//! Each law of page sources is broken by one source, and says so.

mod failure;

use failure::failure;
use std::{
    ptr::NonNull,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use kit_core::platform::pages::{NoPages, PageSource};
use kit_std::platform::pages::OsPages;
use kit_suite::{Lab, pages};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    /// The page size grows.
    Granularity,
    /// Spans begin a page too late.
    Alignment,
    /// A fresh span is not clear.
    Zeroing,
    /// The same span, for two.
    Distinctness,
    /// Purging one page too many.
    Purging,
    /// A released span is given out as it was.
    Reuse,
    /// Less than was asked for.
    Refusal,
    /// Two threads that get the same, as both looked at once.
    Threads,
}

struct Broken {
    fault: Fault,
    calls: AtomicUsize,
    kept: Mutex<Vec<(usize, usize, usize)>>,
}

impl Broken {
    fn new(fault: Fault) -> Self {
        Self {
            fault,
            calls: AtomicUsize::new(0),
            kept: Mutex::default(),
        }
    }
}

// SAFETY: it is not: that is the point. Whatever it hands out is memory of the process, never taken back.
unsafe impl PageSource for Broken {
    fn reserve(&self, size: usize, align: usize) -> Option<NonNull<u8>> {
        let page = OsPages.page_size();
        let call = self.calls.fetch_add(1, SeqCst);
        match self.fault {
            Fault::Alignment => {
                // SAFETY: there is more than is asked for.
                Some(unsafe { OsPages.reserve(size + align, align)?.add(page / 2) })
            }
            Fault::Zeroing => {
                let span = OsPages.reserve(size, align)?;
                // SAFETY: just reserved.
                unsafe { span.add(size - 1).write(1) };
                Some(span)
            }
            Fault::Distinctness | Fault::Threads => {
                let mut kept = self.kept.lock().unwrap();
                let alike = kept
                    .iter()
                    .position(|kept| (kept.1, kept.2) == (size, align));
                let wrong = self.fault == Fault::Distinctness || call % 2 == 1;
                match alike {
                    Some(at) if wrong => NonNull::new(std::ptr::with_exposed_provenance_mut(
                        kept.swap_remove(at).0,
                    )),
                    _ => {
                        let span = OsPages.reserve(size, align)?;
                        kept.push((span.as_ptr().expose_provenance(), size, align));
                        Some(span)
                    }
                }
            }
            Fault::Reuse => {
                let mut kept = self.kept.lock().unwrap();
                match kept
                    .iter()
                    .position(|kept| (kept.1, kept.2) == (size, align))
                {
                    Some(at) => NonNull::new(std::ptr::with_exposed_provenance_mut(
                        kept.swap_remove(at).0,
                    )),
                    None => OsPages.reserve(size, align),
                }
            }
            // More than an address space is rounded down.
            Fault::Refusal => OsPages.reserve(size.min(1 << 30), align),
            Fault::Granularity | Fault::Purging => OsPages.reserve(size, align),
        }
    }

    unsafe fn release(&self, span: NonNull<u8>, size: usize, align: usize) {
        if self.fault == Fault::Reuse {
            self.kept
                .lock()
                .unwrap()
                .push((span.as_ptr().expose_provenance(), size, align));
        }
    }

    unsafe fn purge(&self, part: NonNull<u8>, size: usize) {
        if self.fault == Fault::Purging {
            // SAFETY: the law's span goes on behind the part.
            unsafe { part.write_bytes(0, size + self.page_size()) };
        }
    }

    fn page_size(&self) -> usize {
        let grown = self.fault == Fault::Granularity && self.calls.fetch_add(1, SeqCst) > 0;
        OsPages.page_size() << u32::from(grown)
    }
}

macro_rules! broken {
    ($($law:ident $fault:ident)*) => {
        $(
            #[test]
            fn $law() {
                let message = failure(|| pages::$law(|_: &Lab| Broken::new(Fault::$fault)));
                let expected = concat!("law `", stringify!($law), "` is broken: ");
                assert!(message.starts_with(expected) && message.contains("\nwhat to do: ") && message.contains("\nwhere to read: "), "{message}");
            }
        )*

        #[test]
        fn a_source_without_pages_is_refused() {
            $(
                if stringify!($law) != "granularity" {
                    let message = failure(|| pages::$law(|_: &Lab| NoPages));
                    assert!(message.contains("there is no span of "), "{message}");
                }
            )*
        }
    };
}

broken! {
    granularity Granularity
    alignment Alignment
    zeroing Zeroing
    distinctness Distinctness
    purging Purging
    reuse Reuse
    refusal Refusal
    threads Threads
}
