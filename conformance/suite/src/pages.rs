//! The laws of a [`PageSource`].

use std::{hint::black_box, panic::resume_unwind, ptr::NonNull, thread};

use kit_core::platform::pages::PageSource;

use crate::{lab::Lab, law::Law};

/// What the laws reserve: as large and as aligned as what a heap asks for, and smaller and larger.
fn shapes(source: &impl PageSource) -> [(usize, usize); 4] {
    let page = source.page_size();
    [
        (page, page),
        (SPAN, SPAN),
        (SPAN / 2, SPAN),
        (SPAN + page, page),
    ]
}

fn reserve(law: &Law, source: &impl PageSource, size: usize, align: usize) -> Span {
    match source.reserve(size, align) {
        Some(start) => Span { start, size, align },
        None => law.broken(&format!(
            "there is no span of {size} bytes aligned to {align}; the suite needs a few spans of {SPAN} bytes at a time"
        )),
    }
}

#[derive(Clone, Copy)]
struct Span {
    start: NonNull<u8>,
    size: usize,
    align: usize,
}

impl Span {
    /// # Safety
    ///
    /// - The span is the caller's, of this source.
    unsafe fn release(self, source: &impl PageSource) {
        // SAFETY: reserved with this size and alignment.
        unsafe { source.release(self.start, self.size, self.align) }
    }

    /// Where the laws look: both ends of each page.
    fn places(self, page: usize) -> impl Iterator<Item = NonNull<u8>> {
        (0..self.size).step_by(page).flat_map(move |at| {
            // SAFETY: spans are whole pages, so both lie inside.
            unsafe { [self.start.add(at), self.start.add(at + page - 1)] }
        })
    }

    /// # Safety
    ///
    /// - The span is the caller's.
    unsafe fn paint(self, page: usize, color: u8) {
        for place in self.places(page) {
            // SAFETY: inside the caller's span.
            unsafe { place.write(color) }
        }
    }

    /// # Safety
    ///
    /// - The span is the caller's.
    unsafe fn is(self, page: usize, color: u8) -> bool {
        // SAFETY: inside the caller's span.
        self.places(page)
            .all(|place| unsafe { place.read() } == color)
    }
}

/// The page size is a power of two, and always the same.
pub fn granularity<S: PageSource>(make: impl Fn(&Lab) -> S) {
    let law = Law {
        name: "granularity",
        advice: "`page_size` returns one power of two: the smallest part of a span that can be purged",
    };
    let source = make(&Lab::new());
    let page = source.page_size();
    law.demand(page.is_power_of_two(), || {
        format!("the page size {page} is not a power of two")
    });
    for _ in 0..3 {
        let now = source.page_size();
        law.demand(now == page, || {
            format!("the page size changed from {page} to {now}")
        });
    }
}

/// A span is aligned as asked, also where that is more than a page.
pub fn alignment<S: PageSource>(make: impl Fn(&Lab) -> S) {
    let law = Law {
        name: "alignment",
        advice: "reserve `size + align` and give out, or keep, the aligned part",
    };
    let source = make(&Lab::new());
    for (size, align) in shapes(&source) {
        let spans: Vec<_> = (0..2)
            .map(|_| reserve(&law, &source, size, align))
            .collect();
        for span in &spans {
            let at = span.start.as_ptr().addr();
            law.demand(at.is_multiple_of(align), || {
                format!("a span of {size} bytes is at {at:#x}, which is not a multiple of {align}")
            });
        }
        for span in spans {
            // SAFETY: ours.
            unsafe { span.release(&source) };
        }
    }
}

/// A span that was never used reads as zeros.
pub fn zeroing<S: PageSource>(make: impl Fn(&Lab) -> S) {
    let law = Law {
        name: "zeroing",
        advice: "clear what `reserve` gives out, unless the host did: heaps rely on it, their records begin as zeros",
    };
    let source = make(&Lab::new());
    let page = source.page_size();
    for (size, align) in shapes(&source) {
        let span = reserve(&law, &source, size, align);
        // SAFETY: ours.
        unsafe {
            law.demand(span.is(page, 0), || {
                format!("a fresh span of {size} bytes is not all zeros")
            });
            span.release(&source);
        }
    }
}

/// Spans share nothing, and keep what was written to them while others come and go.
pub fn distinctness<S: PageSource>(make: impl Fn(&Lab) -> S) {
    let law = Law {
        name: "distinctness",
        advice: "a span is its owner's alone from `reserve` to `release`: look for sizes that are rounded, and for two threads that take the same one",
    };
    let source = make(&Lab::new());
    let page = source.page_size();
    let mut spans: Vec<(Span, u8)> = Vec::new();
    let mut color = 1;
    for _ in 0..2 {
        for (size, align) in shapes(&source) {
            let span = reserve(&law, &source, size, align);
            for (other, _) in &spans {
                let (a, b) = (span.start.as_ptr().addr(), other.start.as_ptr().addr());
                law.demand(a + span.size <= b || b + other.size <= a, || {
                    format!("the span at {a:#x} overlaps the one at {b:#x}")
                });
            }
            // SAFETY: ours.
            unsafe { span.paint(page, color) };
            spans.push((span, color));
            color += 1;
        }
        let (gone, _) = spans.swap_remove(0);
        // SAFETY: ours.
        unsafe { gone.release(&source) };
    }
    for (span, color) in spans {
        // SAFETY: ours.
        unsafe {
            law.demand(span.is(page, color), || {
                format!(
                    "a span of {} bytes changed while others were reserved and released",
                    span.size
                )
            });
            span.release(&source);
        }
    }
}

/// What was purged is zero or as it was, can be written again, and nothing else is touched.
pub fn purging<S: PageSource>(make: impl Fn(&Lab) -> S) {
    let law = Law {
        name: "purging",
        advice: "`purge` only ever touches the given bytes; doing nothing is allowed",
    };
    let source = make(&Lab::new());
    let page = source.page_size();
    let span = reserve(&law, &source, SPAN, SPAN);
    // SAFETY: ours throughout; the parts lie inside.
    unsafe {
        span.paint(page, 7);
        let part = Span {
            start: span.start.add(page),
            size: 2 * page,
            align: page,
        };
        source.purge(part.start, part.size);
        for place in part.places(page) {
            let found = place.read();
            law.demand(found == 0 || found == 7, || {
                format!("a purged byte is {found}, neither zero nor as it was")
            });
        }
        let before = Span { size: page, ..span };
        let after = Span {
            start: span.start.add(3 * page),
            size: SPAN - 3 * page,
            ..span
        };
        law.demand(before.is(page, 7) && after.is(page, 7), || {
            "purging touched a page next to those it was given".into()
        });
        part.paint(page, 8);
        law.demand(part.is(page, 8), || {
            "a purged page does not keep what is written to it".into()
        });
        span.release(&source);
    }
}

/// A released span, reserved again, is as good as a fresh one.
pub fn reuse<S: PageSource>(make: impl Fn(&Lab) -> S) {
    let law = Law {
        name: "reuse",
        advice: "clear a span when it is given out again; a source that cannot take spans back keeps them",
    };
    let source = make(&Lab::new());
    let page = source.page_size();
    for _ in 0..3 {
        for (size, align) in shapes(&source) {
            let span = reserve(&law, &source, size, align);
            // SAFETY: ours.
            unsafe {
                law.demand(span.is(page, 0), || {
                    format!("a span of {size} bytes still holds what its last owner wrote")
                });
                span.paint(page, 9);
                span.release(&source);
            }
        }
    }
}

/// What cannot be had is refused: no panic, no abort, and afterwards all is as before.
pub fn refusal<S: PageSource>(make: impl Fn(&Lab) -> S) {
    let law = Law {
        name: "refusal",
        advice: "`reserve` returns `None` when it has no room: check sums for overflow, and what the host answers",
    };
    let source = make(&Lab::new());
    let page = source.page_size();
    for (size, align) in [
        (isize::MAX as usize & !(page - 1), page),
        (usize::MAX & !(page - 1), page),
        (usize::MAX & !(SPAN - 1), SPAN),
    ] {
        // Opaque: a compiler may assume that memory nobody looks at was had.
        let span = black_box(source.reserve(size, align));
        law.demand(span.is_none(), || {
            format!("the source claims to have {size:#x} bytes")
        });
    }
    let span = reserve(&law, &source, SPAN, SPAN);
    // SAFETY: ours.
    unsafe { span.release(&source) };
}

/// Threads reserve and release at once.
pub fn threads<S: PageSource>(make: impl Fn(&Lab) -> S) {
    let law = Law {
        name: "threads",
        advice: "every function may be called by several threads at once: guard what they share",
    };
    let source = make(&Lab::new());
    let page = source.page_size();
    thread::scope(|scope| {
        let workers: Vec<_> = (1..=3)
            .map(|color| {
                let (law, source) = (&law, &source);
                scope.spawn(move || {
                    for _ in 0..20 {
                        let span = reserve(law, source, SPAN, SPAN);
                        // SAFETY: ours.
                        unsafe {
                            law.demand(span.is(page, 0), || {
                                "a span is not zeros, or two threads got the same".into()
                            });
                            span.paint(page, color);
                            thread::yield_now();
                            law.demand(span.is(page, color), || {
                                "two threads got the same span".into()
                            });
                            span.release(source);
                        }
                    }
                })
            })
            .collect();
        for worker in workers {
            worker.join().unwrap_or_else(|panic| resume_unwind(panic));
        }
    });
}

const SPAN: usize = 4 << 20;
