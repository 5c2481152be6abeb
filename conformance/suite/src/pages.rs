//! What [`PageSource`] promises.

use kit_core::platform::pages::PageSource;

const SPAN: usize = 4 << 20;

/// Checks a source of pages: spans are aligned, zeroed, writable and apart from each other, stay what
/// they are until they are purged, and can be given back and reserved again.
///
/// # Panics
/// When the source breaks a promise, or has no room for a few spans of 4 MiB.
pub fn suite(source: &dyn PageSource) {
    let page = source.page_size();
    assert!(
        page.is_power_of_two(),
        "the page size {page} is not a power of two"
    );
    assert_eq!(page, source.page_size(), "the page size changes");
    for _ in 0..3 {
        let spans: Vec<_> = (0..2)
            .map(|_| source.reserve(SPAN, SPAN).expect("room for a span"))
            .collect();
        for (number, span) in spans.iter().enumerate() {
            assert_eq!(span.as_ptr().addr() % SPAN, 0, "a span is not aligned");
            for at in (0..SPAN).step_by(page) {
                // SAFETY: the span is ours until it is released below, and `at` lies inside it.
                unsafe {
                    assert_eq!(span.add(at).read(), 0, "a fresh span is not zero");
                    span.add(at).write(number as u8 + 1);
                }
            }
        }
        for (number, span) in spans.iter().enumerate() {
            // SAFETY: as above; each span is purged in part and released once.
            unsafe {
                assert_eq!(span.read(), number as u8 + 1, "spans overlap");
                source.purge(*span, page);
                assert!(
                    [0, number as u8 + 1].contains(&span.read()),
                    "a purged page is neither zero nor as it was"
                );
                assert_eq!(
                    span.add(page).read(),
                    number as u8 + 1,
                    "purging touched the next page"
                );
                source.release(*span, SPAN, SPAN);
            }
        }
    }
}
